using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// No number in a file is held against the program unless it is known where it came from: each file beside the tests is an input,
/// or names who made it and the test that makes it again, or makes the same by other means.
/// </summary>
public sealed class GoldenOriginTests
{
    /// <summary>What people wrote to be read: specifications, projects, and cases made up for a test.</summary>
    private static readonly string[] Written =
    [
        ".scenario", ".csproj", "packages.lock.json", "package.json", "package-lock.json", ".js", ".py", ".md",
        "Resources/other-correlation.json", "Resources/other-latencies.csv", "Resources/other-models.json", "Resources/other-rules.json",
        "Resources/short-calendar.json",
    ];

    /// <summary>What was made: by whom, and the tests that hold it against a second source.</summary>
    private static readonly Dictionary<string, (string Maker, string[] Tests)> Made = new()
    {
        ["Tests/Golden/0.1.0/"] = (
            "the released version 0.1.0",
            ["GoldenJournalTests.Positions_and_fees_are_those_of_a_fold_over_the_raw_bytes"]),
        ["Tests/Golden/snapshot-1/"] = (
            "the build that wrote the first format of snapshots",
            ["GoldenSnapshotTests.The_portable_section_is_read_and_says_what_the_raw_bytes_of_the_journal_say"]),
        ["Tests/npm/fixtures/histograms."] = (
            "hdr-histogram-js, by Tests/npm/histogram.js",
            ["HistogramLogTests.The_fixture_is_what_theirs_says_today", "HistogramLogTests.A_log_of_theirs_is_read_and_holds_what_we_record"]),
        ["Tests/npm/fixtures/msgpack."] = (
            "@msgpack/msgpack, by Tests/npm/msgpack.js",
            ["MessagePackInteropTests.The_fixture_is_what_theirs_writes_today", "MessagePackInteropTests.Every_value_that_theirs_wrote_is_read"]),
        ["Tests/Engine/Configuration/Pinned.json"] = (
            "a person; its hash is that of its bytes by SHA-256",
            ["EngineConfigurationTests.The_resolved_form_and_hash_of_a_pinned_file_do_not_change", "EngineConfigurationTests.The_decision_hash_is_the_sha256_of_the_resolved_form_without_the_session"]),
    };

    [Fact]
    public void Every_file_beside_the_tests_is_an_input_or_has_an_origin_and_a_second_source()
    {
        string[] files = Files();
        Assert.True(files.Length > 50);
        Assert.Empty(Unknown(files));
        Assert.All(Made.Keys, made => Assert.Contains(files, file => file.StartsWith(made, StringComparison.Ordinal)));
        HashSet<string> tests = [.. typeof(GoldenOriginTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any(fact => fact.Skip is null)).Select(method => type.Name + "." + method.Name))];
        Assert.All(Made.Values.SelectMany(made => made.Tests), test => Assert.Contains(test, tests));
    }

    [Fact]
    public void A_golden_without_an_origin_is_found()
    {
        Assert.Equal(["Tests/Golden/expected.json"], Unknown(["Tests/Golden/expected.json", "Tests/Scenarios/x.scenario"]));
        Assert.Equal(["Tests/Core/Ring/values.txt"], Unknown(["Tests/Core/Ring/values.txt"]));
    }

    private static IEnumerable<string> Unknown(IEnumerable<string> files) => files.Where(file =>
        !Written.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)) && !Made.Keys.Any(made => file.StartsWith(made, StringComparison.Ordinal)));

    private static string[] Files() => [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "Tests"), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
        .Where(file => !file.EndsWith(".cs", StringComparison.Ordinal)
            && file.Split('/') is var parts && parts[1] is not ("bin" or "obj") && !parts.Contains("node_modules"))];
}
