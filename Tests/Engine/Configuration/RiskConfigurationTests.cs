using System;
using System.IO;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>Account, rulebook, correlation matrix and the breakers' day: what arrives, and what is refused by name.</summary>
public sealed class RiskConfigurationTests : IDisposable
{
    private static readonly int[] Dates = [2017_09_04, 2017_09_05, 2024_05_27, 2024_05_28, 2030_01_01];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_shipped_rulebook_holds_the_rules_with_their_dates()
    {
        AccountSettings account = Examples.Valid(Examples.Accounted).Risk.Account!;
        Assert.Equal((AccountKind.Cash, false), (account.Kind, account.UsesUnsettled));
        Rulebook rules = account.Rules;
        Assert.Equal(
            "3 2 2 1 1",
            string.Join(' ', Dates.Select(date => rules.TryAt(date, out SettlementRule rule) ? rule.Days : -1)));
        Assert.True(rules.TryAt(2026_06_03, out MarginRule legacy));
        Assert.Equal(new MarginRule(2001_09_28, 500_000, 250_000, 200_000_000_000, 3, 5, 2_500_000_000_000), legacy);
        Assert.True(rules.TryAt(2026_06_04, out MarginRule intraday));
        Assert.Equal(new MarginRule(2026_06_04, 500_000, 250_000, 200_000_000_000, 0, 0, 0), intraday);
        Assert.False(rules.TryAt(2001_09_27, out MarginRule _));
        Assert.True(rules.TryAt(2024_01_01, out GoodFaithRule faith));
        Assert.Equal(new GoodFaithRule(1995_06_07, 3, 365, 90), faith);
    }

    [Fact]
    public void Rules_and_matrix_stand_in_the_manifest_by_name_and_hash()
    {
        Manifest manifest = Manifest.Of("test", Examples.Valid(Examples.Accounted), null, TimeSpan.Zero);
        ManifestFile rules = Assert.Single(manifest.Files, file => file.Use == "account rules");
        ManifestFile matrix = Assert.Single(manifest.Files, file => file.Use == "correlation matrix");
        Assert.Equal(("rules/us-equities.json", "models/correlation.json"), (rules.File, matrix.File));
        Assert.Equal((64, 64), (rules.Sha256.Length, matrix.Sha256.Length));
    }

    [Fact]
    public void The_matrix_and_its_limit_arrive()
    {
        CorrelationLimit limit = Examples.Valid(Examples.Accounted).Risk.Correlation!;
        Assert.Equal([1_000_000, 850_000, 850_000, 1_000_000], limit.Ppm);
        Assert.Equal(50_000_000_000, limit.Limit);
        Assert.Equal((1, -1), (limit.RowOf(Symbol24.Of("ETHUSDT")), limit.RowOf(Symbol24.Of("XRPUSDT"))));
    }

    [Theory]
    [InlineData("[[1000000, 850000], [840000, 1000000]]", "not symmetric: B with A is 840000, A with B is 850000")]
    [InlineData("[[1000000, 850000], [850000, 999999]]", "B with itself: 999999: must be 1000000")]
    [InlineData("[[1000000, 1000001], [1000001, 1000000]]", "must be 2 whole numbers from -1000000 to 1000000")]
    [InlineData("[[1000000, 0.5], [0.5, 1000000]]", "must be 2 whole numbers")]
    [InlineData("[[1000000, 850000]]", "2 instruments and 1 rows")]
    [InlineData("[[1000000], [850000, 1000000]]", "row A: 1000000: must be 2 whole numbers")]
    [InlineData("7", "it must have the lists instruments and ppm")]
    public void A_matrix_that_is_none_is_refused_with_the_reason(string ppm, string said) =>
        Assert.Contains(said, Matrix("[\"A\", \"B\"]", ppm).Problem, StringComparison.Ordinal);

    // The determinant of three correlations a, b, c is 1 + 2abc - a^2 - b^2 - c^2.
    [Theory]
    [InlineData(900_000, 900_000, 620_000, true)]
    [InlineData(900_000, 900_000, 619_999, false)]
    [InlineData(1_000_000, 1_000_000, 1_000_000, true)]
    [InlineData(1_000_000, 1_000_000, 999_999, false)]
    [InlineData(-500_000, -500_000, -500_000, true)]
    [InlineData(-500_001, -500_000, -500_000, false)]
    [InlineData(0, 0, -1_000_000, true)]
    public void A_matrix_must_be_positive_semidefinite_to_the_last_millionth(int ab, int ac, int bc, bool may)
    {
        string problem = Matrix("[\"A\", \"B\", \"C\"]", FormattableString.Invariant(
            $"[[1000000, {ab}, {ac}], [{ab}, 1000000, {bc}], [{ac}, {bc}, 1000000]]")).Problem;
        Assert.Equal(may, problem.Length == 0);
        Assert.True(may || problem.Contains("not positive semidefinite: ", StringComparison.Ordinal), problem);
    }

    [Theory]
    [InlineData("[\"A\", \"A\"]", "instruments: A: must be a symbol")]
    [InlineData("[\"a\", \"B\"]", "instruments: a: must be a symbol")]
    [InlineData("[\"A\"]", "1 instruments and 2 rows")]
    public void Its_instruments_are_symbols_that_are_named_once(string names, string said) =>
        Assert.Contains(said, Matrix(names, "[[1000000, 0], [0, 1000000]]").Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"2024-05-28\"", "\"2024-13-28\"", "must be a date such as 2024-05-28")]
    [InlineData("\"2024-05-28\"", "\"2016-05-28\"", "settlement 20160528 1): must be in range, after the one before")]
    [InlineData("\"days\": 1", "\"days\": 6", "a whole number from 0 to 5")]
    [InlineData("\"dayTradeWindow\": 5", "\"dayTradeWindow\": 0", "dayTrades exactly where it has dayTradeWindow")]
    [InlineData("\"goodFaith\"", "\"goodfaith\"", "unknown key")]
    public void A_rulebook_with_a_mistake_is_refused_by_name(string right, string wrong, string said)
    {
        string text = Examples.Shipped("rules/us-equities.json");
        Assert.Contains(right, text);
        string path = Path.Combine(_folder.Path, "rules.json");
        File.WriteAllText(path, text.Replace(right, wrong, StringComparison.Ordinal));
        RulebookFile kind = new();
        ResourceReading reading = kind.Load(path);
        string problem = reading.Content is null ? reading.Problem : kind.Problem(reading.Content) ?? string.Empty;
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("risk.account.calendar", "\"nyse\"", "must be the name of a calendar; known here: exchange, short")]
    [InlineData("calendars[1].source", "\"calendars/always-open.json\"", "must be a calendar with sessions")]
    [InlineData("risk.breakers.dayCalendar", "\"nyse\"", "must be the name of a calendar")]
    [InlineData("strategies[1].instruments", "[\"BTCUSDT\", \"SOLUSDT\"]", "must have a row for SOLUSDT")]
    [InlineData("risk.account.rules", "\"rules/none.json\"", "there is no file")]
    public void Files_and_names_that_do_not_fit_are_refused(string key, string raw, string said) =>
        Assert.Contains(said, Refused(BrokenConfigurationTests.Set(Examples.Accounted, key, raw)), StringComparison.Ordinal);

    [Fact]
    public void What_nothing_would_use_is_refused()
    {
        string margin = BrokenConfigurationTests.Set(Examples.Accounted, "risk.account.kind", "\"margin\"");
        Assert.Contains(
            "must be \"never\" unless risk.account.kind is cash",
            Refused(BrokenConfigurationTests.Set(margin, "risk.account.unsettledFunds", "\"allow\"")),
            StringComparison.Ordinal);
        string byCalendar = BrokenConfigurationTests.Set(Examples.Accounted, "risk.breakers", "{ \"dayCalendar\": \"exchange\", \"dayStartsAtMinute\": 5 }");
        Assert.Contains("must be 0 or left out", Refused(byCalendar), StringComparison.Ordinal);
    }

    [Fact]
    public void The_day_of_the_breakers_is_that_of_the_named_calendar()
    {
        TradingDay day = Examples.Valid(BrokenConfigurationTests.Set(Examples.Accounted, "risk.breakers", "{ \"dayCalendar\": \"exchange\" }")).Risk.Day;
        long open = new DateTimeOffset(2026, 7, 2, 13, 30, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1_000_000;
        Assert.Equal((-7, 2026_07_02), (day.Of(open - 1, -7), day.Of(open, -7)));
    }

    // Strategy a asks for bars of 1,000 ms by default; eight more are one too many.
    [Theory]
    [InlineData("[1000, 2000, 3000, 4000, 5000, 6000, 7000]", true)]
    [InlineData("[2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]", false)]
    public void More_lengths_of_bars_than_are_kept_are_refused_by_name(string lengths, bool may)
    {
        string json = BrokenConfigurationTests.Set(Examples.Accounted, "bars", "{ \"timeframesMs\": " + lengths + " }");
        if (may)
        {
            Examples.Valid(json);
            return;
        }

        string refused = Refused(json);
        Assert.Contains("bars.timeframesMs", refused, StringComparison.Ordinal);
        Assert.Contains("at most 8 different lengths", refused, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Refused(string json)
    {
        ConfigurationReading reading = Examples.Read(json);
        Assert.False(reading.TryGet(out _));
        return string.Join('\n', reading.Problems);
    }

    private ResourceReading Matrix(string names, string ppm)
    {
        string path = Path.Combine(_folder.Path, "matrix.json");
        File.WriteAllText(path, $"{{ \"instruments\": {names}, \"ppm\": {ppm} }}");
        CorrelationFile kind = new();
        ResourceReading reading = kind.Load(path);
        return reading.Content is null ? reading : new ResourceReading(reading.Content, kind.Problem(reading.Content) ?? string.Empty);
    }
}
