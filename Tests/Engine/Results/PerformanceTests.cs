using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class PerformanceTests(RecordedBacktest reference) : IClassFixture<RecordedBacktest>
{
    [Fact]
    public void A_backtest_and_the_report_of_its_journal_say_the_same_to_the_last_byte()
    {
        using TemporaryFolder folder = new();
        string journal = Path.Combine(folder.Path, "again");
        RunReport inline = BacktestCommand.Simulate(null, reference.Journal, journal);
        RunReport recorded = RunReport.OfJournal(journal, out string? warning);
        RunReport live = RunReport.OfJournal(reference.Journal, out _);
        Assert.Null(warning);
        GeneratedRuns.AssertEnoughHappened(inline.Result);
        Manifest manifest = Manifest.Of("test", inline.Configuration, null, TimeSpan.Zero);
        Dictionary<string, string> expected = Texts(inline, manifest);
        Assert.Equal(expected, Texts(recorded, manifest));
        Assert.Equal(expected, Texts(live, manifest));
        Assert.Equal(reference.Result.DecisionDigest, inline.Result.DecisionDigest);
        Assert.Equal(reference.Result.StateDigest, recorded.Result.StateDigest);
    }

    [Theory]
    [InlineData(TopologyMode.Inline)]
    [InlineData(TopologyMode.Staged)]
    [InlineData(TopologyMode.Lockstep)]
    public void Watching_changes_nothing_and_sees_the_same_on_any_threads(TopologyMode mode)
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(6_000);
        (RunResult unwatched, _) = Run(configuration, TopologyMode.Inline, watch: false);
        (RunResult result, RunReport? report) = Run(configuration, mode, watch: true);
        Assert.Equal(unwatched.DecisionDigest, result.DecisionDigest);
        Assert.Equal(unwatched.StateDigest, result.StateDigest);
        (_, RunReport? inline) = Run(configuration, TopologyMode.Inline, watch: true);
        Manifest manifest = Manifest.Of("test", configuration, null, TimeSpan.Zero);
        Assert.Equal(Texts(inline!, manifest), Texts(report!, manifest));
    }

    [Fact]
    public void What_strategies_and_instruments_won_sums_to_the_profit()
    {
        RunReport report = RunReport.OfJournal(reference.Journal, out _);
        CurrencyPerformance currency = Assert.Single(report.Figures.Currencies);
        long profit = currency.Curve.Profit;
        Assert.Equal(ResultTable.Amount(profit), currency.Figures["profit_money"].Text);
        ShareSample final = report.Performance.Final;
        Assert.Equal(profit, Enumerable.Range(0, report.StrategyNames.Count).Sum(s => final.OfStrategy(s, currency.Index)));
        Assert.Equal(profit, final.ByInstrument.Sum());
        Assert.Equal("0.00000000", currency.Figures["funding_and_carry_money"].Text);
        Assert.Equal(profit, currency.Curve.Days.Sum(day => day.Profit));

        // Marked often enough to be believed, and never below what the last mark says.
        Assert.True(currency.Curve.MaxDrawdown >= -Math.Min(0, profit), "the fall is less than the loss");
        long closed = report.Performance.Trades.Totals(currency.Index).Closed;
        Assert.True(closed > 50, $"only {closed} trades");
        Assert.Equal(
            report.Result.Counts.Events[(int)EventKind.Execution],
            report.Performance.Orders.Totals(currency.Index).Fills);
        Assert.Equal(report.Result.Instruments.Sum(i => i.FeeUnits), report.Performance.Orders.Totals(currency.Index).Fees);
    }

    [Fact]
    public void Excursions_of_trades_hold_their_ends()
    {
        RunReport report = RunReport.OfJournal(reference.Journal, out _);
        Assert.All(report.Performance.Trades.Listed.Kept, trade =>
        {
            Assert.InRange(trade.Profit, trade.AdverseExcursion, trade.FavourableExcursion);
            Assert.True(trade.OpenedAt <= trade.ClosedAt && trade.Fills >= 2 && trade.Quantity > 0, "a trade without sense");
        });
    }

    /// <summary>No event, no fill, one fill: every figure is a finite number or null with a reason.</summary>
    [Theory]
    [InlineData(1, "0")]
    [InlineData(40, "0")]
    [InlineData(3_000, "0")]
    [InlineData(3_000, "1")]
    public void Figures_without_meaning_are_null_with_a_reason_and_never_NaN(int events, string most)
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(
            events,
            root =>
            {
                root["risk"]!["initialState"] = most == "0" ? "halted" : "active";
            });
        (RunResult _, RunReport? report) = Run(configuration, TopologyMode.Inline, watch: true);
        Manifest manifest = Manifest.Of("test", configuration, null, TimeSpan.Zero);
        byte[] json = ResultJson.Write(report!.Result, manifest, report);
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement performance = document.RootElement.GetProperty("performance");
        List<JsonElement> sets = [performance.GetProperty("run"), .. performance.GetProperty("currencies").EnumerateArray()];
        Assert.Equal(2, sets.Count);
        foreach (JsonElement set in sets)
        {
            JsonElement why = set.GetProperty("whyNull");
            foreach (JsonProperty figure in set.GetProperty("figures").EnumerateObject())
            {
                Assert.Equal(figure.Value.ValueKind == JsonValueKind.Null, why.TryGetProperty(figure.Name, out JsonElement reason));
                Assert.True(figure.Value.ValueKind != JsonValueKind.Null || reason.GetString()!.Length > 0, figure.Name);
            }
        }

        Assert.Equal(most == "0", sets[1].GetProperty("whyNull").TryGetProperty("hit_rate_ppm", out _));
        foreach (string text in Texts(report, manifest).Values)
        {
            Assert.DoesNotContain("NaN", text.Replace("isNaN", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("∞", text, StringComparison.Ordinal);
        }
    }

    /// <summary>The data of a result is named by what was read, not by what somebody calls it: a copy is the same, another market is not.</summary>
    [Fact]
    public void The_data_of_a_manifest_is_that_which_was_read()
    {
        using TemporaryFolder folder = new();
        string copy = Path.Combine(folder.Path, "copy");
        GeneratedRuns.CopyFiles(reference.Journal, copy);
        string other = Path.Combine(folder.Path, "other");
        GeneratedRuns.Direct(GeneratedRuns.Configuration(1_000, root => root["seed"] = 7), other);
        Manifest Of(string journal) => Manifest.Of("backtest", reference.Configuration, journal, TimeSpan.Zero);
        Assert.Equal(Of(reference.Journal).DataHash, Of(copy).DataHash);
        Assert.NotEqual(Of(reference.Journal).DataHash, Of(other).DataHash);
        Assert.All((string[])[reference.Journal, copy, other], journal => Assert.Equal(Path.GetFullPath(journal), Of(journal).DataSource));
        Assert.Matches("^[0-9a-f]{64}$", Of(other).DataHash);
    }

    [Fact]
    public void The_feeds_of_a_result_come_from_its_events() =>
        Assert.Equal(["Generator"], RunReport.OfJournal(reference.Journal, out _).Performance.Feeds);

    /// <summary>Another configuration goes on with what the first one held: nothing is won or lost by that.</summary>
    [Fact]
    public void The_report_of_a_journal_that_was_taken_over_is_of_all_of_it()
    {
        using TemporaryFolder folder = new();
        RunResult first = GeneratedRuns.Direct(GeneratedRuns.Configuration(6_000), folder.Path);
        EngineConfiguration other = GeneratedRuns.Configuration(
            12_000, root => root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 5);
        RunResult second;
        using (JournalDirectory journal = JournalDirectory.Open(folder.Path, other, mayResume: true, adopt: true))
        {
            using Session session = new(new SessionPlan
            {
                Configuration = other,
                Inputs = new MarketGenerator(other.Generator!),
                Journal = journal,
                Accept = "looked at",
            });
            session.RunToEnd();
            second = session.Finish();
        }

        RunReport report = RunReport.OfJournal(folder.Path, out _);
        CurrencyPerformance currency = Assert.Single(report.Figures.Currencies);
        Assert.Equal(second.Currencies[0].EquityUnits - first.Currencies[0].StartUnits, currency.Curve.Profit);
        ShareSample final = report.Performance.Final;
        Assert.Equal(
            currency.Curve.Profit, Enumerable.Range(0, report.StrategyNames.Count).Sum(s => final.OfStrategy(s, currency.Index)));
        Assert.Equal("0.00000000", currency.Figures["funding_and_carry_money"].Text);
        long fills = report.Performance.Orders.Totals(currency.Index).Fills;
        Assert.Equal(report.Result.Counts.Events[(int)EventKind.Execution], fills);
        Assert.True(fills > first.Counts.Events[(int)EventKind.Execution], "the second run traded nothing");
    }

    [Fact]
    public void A_data_set_has_no_report()
    {
        using TemporaryFolder folder = new();
        Assert.Throws<InvalidDataException>(() => RunReport.OfJournal(folder.Path, out _));
    }

    private static Dictionary<string, string> Texts(RunReport report, Manifest manifest) =>
        ReportFiles.All(report, manifest).ToDictionary(
            file => file.Name, file => System.Text.Encoding.UTF8.GetString(file.Content.Span), StringComparer.Ordinal);

    private static (RunResult Result, RunReport? Report) Run(EngineConfiguration configuration, TopologyMode mode, bool watch)
    {
        Performance? performance = watch ? new Performance() : null;
        using Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Topology = GeneratedRuns.Shape(mode),
            Observer = performance,
        });
        session.RunToEnd();
        RunResult result = session.Finish();
        return (result, performance is null ? null : RunReport.Of(result, performance, session.Pipeline, configuration));
    }
}
