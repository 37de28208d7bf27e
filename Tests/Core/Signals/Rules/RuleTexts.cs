using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using LowLatency.Core.Signals.Rules;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>Programs around one expression, with the declarations that it names and no others.</summary>
internal static class RuleTexts
{
    /// <summary>Column of the first character of the expression in its line.</summary>
    internal const int ExpressionColumn = 6;

    private static readonly (string Name, string Declaration)[] Known =
    [
        ("a", """{ "type": "sma", "period": 2 }"""),
        ("b", """{ "type": "ema", "period": 2, "timeframe": "slow" }"""),
        ("m", """{ "type": "macd", "fast": 2, "slow": 3, "signal": 2 }"""),
        ("s", """{ "type": "swing", "left": 1, "right": 1 }"""),
        ("z", """{ "type": "squeeze", "period": 2 }"""),
        ("w", """{ "type": "book-imbalance", "depth": 1 }"""),
    ];

    /// <summary>A program whose expression x stands on line 5.</summary>
    internal static string Of(string expression, string rest = "", string let = "")
    {
        string all = expression + " " + rest + " " + let;
        List<string> indicators = [];
        foreach ((string name, string declaration) in Known)
        {
            if (Regex.IsMatch(all, $@"(?<![\w']|[^.]\.){name}(?![\w'])"))
            {
                indicators.Add($"\"{name}\": {declaration}");
            }
        }

        bool slow = Regex.IsMatch(all, @"(?<![\w'])slow\.") || indicators.Any(text => text.Contains("\"timeframe\": \"slow\"", StringComparison.Ordinal));
        return "{ \"timeframeMs\": 60000,\n"
            + (slow ? "\"timeframes\": { \"slow\": 180000 },\n" : "\n")
            + (indicators.Count > 0 ? "\"indicators\": { " + string.Join(", ", indicators) + " },\n" : "\n")
            + "\"let\": {" + (let.Length > 0 ? $" {let}," : string.Empty) + "\n"
            + "\"x\":\"" + expression + "\"},\n"
            + "\"long\": { \"enter\": \"" + (rest.Length > 0 ? rest : "x == x") + "\", \"size\": \"1\", \"exit\": \"false\" } }";
    }

    /// <summary>A program that enters on a condition, with an expression named y where there is one.</summary>
    internal static string With(string enter, string? y) => Of(enter, "x", y is null ? string.Empty : $"\"y\": \"{y}\"");

    internal static RuleProgram Valid(string json)
    {
        RuleReading reading = RuleProgram.Read(json);
        Assert.True(reading.Program is not null, string.Join("\n", (object[])reading.Problems) + "\n" + json);
        return reading.Program;
    }

    /// <summary>Lines "left => right" of a table; empty lines and lines that begin with # are for people.</summary>
    internal static TheoryData<string, string> Table(string text)
    {
        TheoryData<string, string> rows = [];
        foreach (string line in text.Split('\n'))
        {
            string[] sides = line.Split("=>", 2, StringSplitOptions.TrimEntries);
            if (sides.Length == 2 && !line.StartsWith('#'))
            {
                rows.Add(sides[0], sides[1]);
            }
        }

        return rows;
    }
}
