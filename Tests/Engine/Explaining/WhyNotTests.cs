using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Explaining;
using LowLatency.Tests.CommandLine;
using Xunit;

namespace LowLatency.Tests.Engine.Explaining;

/// <summary>Why a strategy did not trade: exactly what was recorded, and nothing else.</summary>
public sealed class WhyNotTests(ExplainedRun run) : IClassFixture<ExplainedRun>
{
    private static readonly (string Strategy, string Symbol)[] Pairs =
        [("trend", "BTCUSDT"), ("trend", "ETHUSDT"), ("lean", "BTCUSDT"), ("maker", "ETHUSDT")];

    private static readonly string[] Names = ["house", "trend", "lean", "maker"];

    [Fact]
    public void Every_refused_and_every_suppressed_wish_has_exactly_its_recorded_reason()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        Dictionary<string, int> met = [];
        foreach ((string strategy, string symbol) in Pairs)
        {
            StrategyId id = new((ushort)Array.IndexOf(Names, strategy));
            SilenceStory story = new(id, symbol);
            StatedWishes wishes = new();
            using EchoReplay echo = new(run.Journal);
            while (echo.Next())
            {
                wishes.See(echo);
                story.See(echo, wishes);
                if (audit.TryGetValue(echo.Event.Sequence, out Decision recorded))
                {
                    Check(story.Findings(echo), id, story.Instrument, echo.Event.Sequence, recorded, met);
                }
            }
        }

        Assert.True(met.GetValueOrDefault("Cooldown") >= 10, Text(met));
        Assert.True(met.Keys.Count(key => Enum.TryParse<SuppressionReason>(key, out _)) >= 2, Text(met));
        Assert.True(met.Keys.Count(key => key.StartsWith("Refused", StringComparison.Ordinal)) >= 2, Text(met));
        Assert.True(met.GetValueOrDefault("Busy") >= 100, Text(met));
    }

    [Fact]
    public void Before_the_warm_up_it_says_which_bars_are_missing()
    {
        Event early = run.Events().First(e => e.Kind == EventKind.Tick);
        Finding finding = Assert.Single(WhyNot.Of(run.Journal, "trend", "BTCUSDT", null, early.Sequence).Findings);
        Assert.Equal(Silence.NotReady, finding.Kind);
        Assert.Contains("role trend has seen 0 of 8 bars", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_the_instrument_or_its_first_event_nothing_reached_it()
    {
        Finding finding = Assert.Single(WhyNot.Of(run.Journal, "trend", "BTCUSDT", null, 0).Findings);
        Assert.Equal(Silence.NoEvent, finding.Kind);
        Assert.Contains("was not defined by then", finding.Text, StringComparison.Ordinal);
        Event defined = run.Events().First(e => e.Kind == EventKind.InstrumentDefined && e.Instrument.Value == 1);
        finding = Assert.Single(WhyNot.Of(run.Journal, "trend", "BTCUSDT", null, defined.Sequence).Findings);
        Assert.Equal(Silence.NoEvent, finding.Kind);
        Assert.Contains("no trade, quote, book or bar", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quiet_strategy_is_told_from_one_that_is_not_ready()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        long first = audit.First(row => Signals(row.Value).Any(signal => signal.Strategy.Value == 2)).Key;
        Finding finding = Assert.Single(WhyNot.Of(run.Journal, "lean", "BTCUSDT", null, first - 1).Findings);
        Assert.Equal(Silence.NothingStated, finding.Kind);
        Assert.Contains("it stated nothing; it was called", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_working_order_and_one_whose_fate_is_unknown_are_told()
    {
        // The first run ended with quotes in the book: the second begins without knowing what became of them.
        List<Event> events = run.Events();
        long second = events.Last(e => e.Kind == EventKind.EpochStarted).Sequence;
        WhyNotAnswer before = WhyNot.Of(run.Journal, "maker", "ETHUSDT", null, second - 1);
        Assert.Contains(before.Findings, finding => finding.Kind == Silence.Working);
        WhyNotAnswer after = WhyNot.Of(run.Journal, "maker", "ETHUSDT", null, second);
        Assert.Contains(after.Findings, finding => finding.Kind == Silence.UnknownOutcome);
        Assert.DoesNotContain(after.Findings, finding => finding.Kind == Silence.Working);
    }

    [Fact]
    public void A_refusal_that_time_can_lift_names_the_retry()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        bool retried = false;
        StatedWishes wishes = new();
        SilenceStory story = new(new StrategyId(3), "ETHUSDT");
        using EchoReplay echo = new(run.Journal);
        while (!retried && echo.Next())
        {
            wishes.See(echo);
            story.See(echo, wishes);
            retried = audit.ContainsKey(echo.Event.Sequence)
                && story.Findings(echo).Select(finding => finding.Kind).Intersect([Silence.Refused, Silence.Retry]).Count() == 2;
        }

        Assert.True(retried);
    }

    [Fact]
    public void The_command_answers_as_text_and_as_json_and_refuses_what_is_not_in_the_run()
    {
        SortedDictionary<long, Decision> audit = run.Audit();
        (long sequence, Decision decision) = audit.First(row => row.Value.SuppressionCount != 0);
        Suppression suppression = decision.Suppressions[0];
        string strategy = Names[suppression.Strategy.Value];
        string symbol = suppression.Instrument.Value == 1 ? "BTCUSDT" : "ETHUSDT";
        List<Event> events = run.Events();
        long at = events[(int)sequence].ReceivedAt;
        Finished json = Run(strategy, symbol, "--event", sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), "--json");
        Assert.True(json.ExitCode == 0, json.Error);
        JsonNode answer = JsonNode.Parse(json.Output)!;
        Assert.Equal(at, (long)answer["receivedAt"]!);
        Assert.Contains(
            answer["reasons"]!.AsArray(), reason => (string?)reason!["suppression"] == suppression.Reason.ToString());
        Finished human = Run(strategy, symbol, "--at", LowLatency.Journal.Inspection.EventFormatter.Time(at));
        Assert.Contains("last wish: ", human.Output, StringComparison.Ordinal);

        Assert.Equal((3, true), Refusal(Run("nobody", symbol, "--event", "10"), "has trend, lean, maker"));
        Assert.Equal((3, true), Refusal(Run("lean", "ETHUSDT", "--event", "10"), "trades BTCUSDT"));
        Assert.Equal((3, true), Refusal(Run("trend", symbol, "--at", "1"), "covers"));
        Assert.Equal((3, true), Refusal(Run("trend", symbol, "--at", (events[^1].ReceivedAt + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)), "covers"));
        Assert.Equal((3, true), Refusal(Run("trend", symbol, "--event", "99999999"), "has events 0 to"));
        Assert.Equal((2, true), Refusal(Run("trend", symbol, "--at", "noon"), "write nanoseconds"));
        Assert.Equal((2, true), Refusal(Run("trend", symbol), "are needed"));
    }

    [Theory]
    [InlineData("1767225600000000001", 1_767_225_600_000_000_001)]
    [InlineData("2026-01-01T00:00:00Z", 1_767_225_600_000_000_000)]
    [InlineData("2026-01-01T00:00:00.5Z", 1_767_225_600_500_000_000)]
    [InlineData("2026-01-01T00:00:00.000000001Z", 1_767_225_600_000_000_001)]
    public void A_time_is_nanoseconds_or_utc(string text, long expected) => Assert.Equal(expected, WhyNotCommand.TimeOf(text));

    [Theory]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01T00:00:00.1234567890Z")]
    [InlineData("2026-01-01T00:00:00.-1Z")]
    [InlineData("-5")]
    [InlineData("2026-13-01T00:00:00Z")]
    public void Another_time_is_refused(string text) => Assert.Throws<CommandFailure>(() => WhyNotCommand.TimeOf(text));

    private static void Check(
        List<Finding> findings, StrategyId strategy, InstrumentId instrument, long sequence, in Decision recorded, Dictionary<string, int> met)
    {
        SuppressionReason suppressed = SuppressionReason.None;
        bool stated = false;
        for (int i = 0; i < recorded.SignalCount; i++)
        {
            stated |= recorded.Signals[i].Strategy == strategy && recorded.Signals[i].Instrument == instrument;
        }

        for (int i = 0; i < recorded.SuppressionCount; i++)
        {
            if (recorded.Suppressions[i].Strategy == strategy && recorded.Suppressions[i].Instrument == instrument)
            {
                suppressed = recorded.Suppressions[i].Reason;
            }
        }

        if (stated)
        {
            Finding[] named = [.. findings.Where(finding => finding.Kind == Silence.Suppressed)];
            Assert.Equal(
                suppressed == SuppressionReason.None ? [] : [suppressed], named.Select(finding => finding.Suppression));
            Count(met, suppressed.ToString());
        }

        bool quotes = false;
        for (int i = 0; i < recorded.IntentCount; i++)
        {
            Intent intent = recorded.Intents[i];
            Verdict verdict = recorded.Verdicts[i];
            quotes = intent.Owner == strategy;
            bool part = intent.Instrument == instrument
                && (quotes || (intent.Owner == StrategyId.House && ((intent.Strategies >> strategy.Value) & 1) == 1));
            if (!part || verdict.Ruling is not (Ruling.Refused or Ruling.Reduced))
            {
                continue;
            }

            Finding finding = Assert.Single(findings, found => found.Kind is Silence.Refused or Silence.Reduced);
            Assert.Equal(
                (verdict.Ruling.ToString(), verdict.Reason, verdict.Observed, verdict.Limit, sequence),
                (finding.Kind.ToString(), finding.Check, finding.Observed, finding.Limit, finding.Sequence));
            Count(met, verdict.Ruling + " " + verdict.Reason);
        }

        for (int i = 0; i < recorded.CommandCount; i++)
        {
            Command command = recorded.Commands[i];
            if (command.Instrument == instrument && command.Owner == strategy)
            {
                // Just asked for, in this very event: the lane waits for the answer.
                Assert.Contains(findings, finding => finding.Kind == Silence.Busy && finding.Sequence == command.Order.Sequence);
                Count(met, "Busy");
            }
        }
    }

    private static IEnumerable<Signal> Signals(Decision decision) =>
        Enumerable.Range(0, decision.SignalCount).Select(i => decision.Signals[i]);

    private static void Count(Dictionary<string, int> met, string key) => met[key] = met.GetValueOrDefault(key) + 1;

    private static string Text(Dictionary<string, int> met) => string.Join(", ", met.Select(row => row.Key + " " + row.Value));

    private static (int Code, bool Says) Refusal(Finished finished, string says) =>
        (finished.ExitCode, finished.Error.Contains(says, StringComparison.Ordinal));

    private Finished Run(string strategy, string symbol, params string[] rest) => EngineProcess.Run(
        ["why-not", run.Journal, "--strategy", strategy, "--instrument", symbol, .. rest]);
}
