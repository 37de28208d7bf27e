using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>Rule programs within a configuration: places, resolved form, hash, and a run.</summary>
public sealed class RuleConfigurationTests
{
    private const string Enter = "\"rising and close crosses_above fast and strength between 40..70 and weight > -0.5\"";

    private static string Example => Examples.Shipped("rules.json");

    [Fact]
    public void A_mistake_in_the_rules_is_told_with_line_and_column_of_the_file()
    {
        string[] lines = Example.Split('\n');
        int line = Array.FindIndex(lines, text => text.Contains(Enter, StringComparison.Ordinal));
        ConfigurationReading reading = Examples.Read(Example.Replace(Enter, "\"risin and true\"", StringComparison.Ordinal));

        Assert.False(reading.TryGet(out _));
        ConfigurationProblem problem = Assert.Single(reading.Problems);
        Assert.Equal("strategies[0].parameters.program", problem.Path);
        Assert.Equal($"line {line + 1}, column {lines[line].IndexOf(Enter, StringComparison.Ordinal) + 2}", problem.Value);
        Assert.Contains("did you mean \"rising\"?", problem.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_of_several_bytes_before_the_rules_do_not_move_the_place()
    {
        JsonNode root = JsonNode.Parse(Example)!;
        root["strategies"]![0]!["parameters"]!["program"] = 5;
        Assert.Contains(Examples.Read(root.ToJsonString()).Problems, problem => problem.Path.EndsWith(".program", StringComparison.Ordinal));
        const string text =
            "{ \"é\": \"€\", \"strategies\": [{ \"type\": \"rules\", \"parameters\": { \"program\": {} } }] }";
        string place = $"line 1, column {text.IndexOf("{}", StringComparison.Ordinal) + 1}";
        Assert.Contains(Examples.Read(text).Problems, problem => problem.Value == place);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"program\": \"close > 1\" }")]
    [InlineData("{ \"program\": null }")]
    public void A_strategy_of_rules_needs_a_program(string parameters)
    {
        JsonNode root = JsonNode.Parse(Example)!;
        root["strategies"]![0]!["parameters"] = JsonNode.Parse(parameters);
        ConfigurationProblem problem = Assert.Single(Examples.Read(root.ToJsonString()).Problems);
        Assert.Equal("strategies[0].parameters.program", problem.Path);
        Assert.Equal("must be an object that is a rule program", problem.Allowed);
    }

    [Fact]
    public void The_resolved_form_holds_the_rules_and_reads_the_same()
    {
        EngineConfiguration first = Examples.Valid(Example);
        EngineConfiguration again = Examples.Valid(Examples.Canonical(Example));
        Assert.Equal(first.ToCanonicalJson(), again.ToCanonicalJson());
        Assert.True(first.DecisionHash.AsSpan().SequenceEqual(again.DecisionHash.AsSpan()));
    }

    [Fact]
    public void A_changed_rule_changes_the_hash_and_a_blank_between_its_parts_does_not()
    {
        EngineConfiguration first = Examples.Valid(Example);
        EngineConfiguration changed = Examples.Valid(Example.Replace("40..70", "40..71", StringComparison.Ordinal));
        EngineConfiguration spaced = Examples.Valid(Example.Replace(
            "\"period\": 8", "\"period\":\n 8", StringComparison.Ordinal));
        Assert.False(first.DecisionHash.AsSpan().SequenceEqual(changed.DecisionHash.AsSpan()));
        Assert.True(first.DecisionHash.AsSpan().SequenceEqual(spaced.DecisionHash.AsSpan()));
    }

    [Fact]
    public void The_example_trades_on_the_generated_market_and_again_the_same()
    {
        JsonNode root = JsonNode.Parse(Example)!;
        root["generator"]!["events"] = 120_000;
        using TemporaryFolder folder = new();
        RunResult[] results =
        [
            .. Enumerable.Range(0, 2).Select(i =>
                GeneratedRuns.Direct(GeneratedRuns.Read(root), Path.Combine(folder.Path, $"run{i}"))),
        ];
        Assert.True(results[0].NewOrders > 5, $"{results[0].NewOrders} orders");
        Assert.Equal(results[0].DecisionDigest, results[1].DecisionDigest);
        Assert.Equal(results[0].StateDigest, results[1].StateDigest);
    }
}
