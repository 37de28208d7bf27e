using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Tests.Core.Orders.Reconciling;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>The table of checks in docs/decision-stages.md is the one in the code, and each check has its boundary test.</summary>
public sealed class CheckTableTests
{
    private static string Document => File.ReadAllText(Path.Combine(Repository.Root, "docs", "decision-stages.md"));

    [Fact]
    public void The_documented_checks_are_the_reasons_in_their_order() => Assert.Empty(Differences(Document));

    [Theory]
    [InlineData("| 14 | `Position` |", "| 15 | `Position` |")]
    [InlineData("| 25 | `SelfCross` |", "| 25 | `SelfTrade` |")]
    [InlineData("| 10 | `PriceCollar` | L |", "| 10 | `PriceCollar` |  |")]
    public void A_row_that_differs_is_found(string right, string wrong)
    {
        Assert.Contains(right, Document);
        Assert.NotEmpty(Differences(Document.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_check_has_a_test_of_its_boundary()
    {
        Type[] classes =
        [
            typeof(RiskChecksTests), typeof(TradeLossCheckTests), typeof(AccountChecksTests), typeof(CorrelationCheckTests),
            typeof(DepthCheckTests), typeof(StopRequiredTests), typeof(BaseCheckTests), typeof(TradingGateTests), typeof(VenueFiguresTests),
            typeof(VenueStopTests), typeof(CalendarGateTests),
        ];
        string[] tests = [.. classes.SelectMany(c => c.GetMethods()).Select(m => m.Name)];
        Assert.All(
            Enum.GetValues<RiskReason>().Where(r => r != RiskReason.None),
            reason => Assert.Contains(tests, name => Numbers(name).Contains((int)reason)));
    }

    [Fact]
    public void The_documented_breakers_are_those_of_the_code()
    {
        string section = Document[Document.IndexOf("### Breakers", StringComparison.Ordinal)..];
        Assert.Equal(
            Enum.GetValues<BreakerKind>().Where(k => k != BreakerKind.None).Select(k => $"{(int)k} {k}"),
            Regex.Matches(section, "^\\| (\\d) \\| `(\\w+)` \\|", RegexOptions.Multiline)
                .Select(m => $"{m.Groups[1].Value} {char.ToUpperInvariant(m.Groups[2].Value[0])}{m.Groups[2].Value[1..]}"));
    }

    private static IEnumerable<int> Numbers(string test) =>
        test.StartsWith("Check", StringComparison.Ordinal)
            ? Regex.Matches(test, "(?<=_)\\d\\d(?=_)").Select(m => int.Parse(m.Value, null))
            : [];

    private static List<string> Differences(string document)
    {
        int start = document.IndexOf("<!-- checks -->", StringComparison.Ordinal);
        int end = document.IndexOf("<!-- /checks -->", StringComparison.Ordinal);
        List<string> rows = [.. Regex.Matches(document[start..end], "^\\| (\\d+) \\| `(\\w+)` \\| ([KL ]*) \\|", RegexOptions.Multiline)
            .Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value} {(m.Groups[3].Value.Contains('L') ? "L" : string.Empty)}")];
        List<string> expected = [.. Enum.GetValues<RiskReason>()
            .Where(r => r != RiskReason.None)
            .Select(r => $"{(int)r} {r} {(RiskReasons.Lifts(r) ? "L" : string.Empty)}")];
        return [.. rows.Except(expected).Concat(expected.Except(rows)), .. rows.SequenceEqual(expected) ? [] : (string[])["order"]];
    }
}
