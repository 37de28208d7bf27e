using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Rules;

/// <summary>What a rule program wants, bar by bar.</summary>
public sealed class RuleStrategyTests
{
    private const string Up = """ "long": { "enter": "close > close[1]", "exit": "close < close[1]", "size": "0.5" } """;

    [Fact]
    public void It_takes_a_position_when_its_condition_fires_and_leaves_it_by_its_exit()
    {
        RuleDesk desk = new(Program(Up));
        List<Signal?> signals = desk.Closes(1_000, 1_000, 1_010, 1_020, 1_020, 1_010, 1_000, 1_010);
        Assert.Equal(
            [null, null, 500L, null, null, 0L, null, 500L],
            signals.Select(signal => signal?.Target));
        Assert.Equal(SignalKind.Flat, signals[5]!.Value.Kind);
        Assert.Equal(SignalKind.Target, signals[2]!.Value.Kind);
    }

    [Fact]
    public void A_short_side_is_the_mirror_and_an_exit_may_turn_the_position_over()
    {
        RuleDesk desk = new(Program(Up
            + """ , "short": { "enter": "close < close[1]", "exit": "close > close[1]", "size": "0.2" } """));
        Assert.Equal(
            [null, 500L, -200L, null, 500L],
            desk.Closes(1_000, 1_010, 1_000, 990, 1_000).Select(signal => signal?.Target));
    }

    [Fact]
    public void When_both_sides_fire_neither_is_taken()
    {
        RuleDesk desk = new(Program(
            """
            "long": { "enter": "close > 10", "exit": "false", "size": "1" },
            "short": { "enter": "close > 11", "exit": "false", "size": "1" }
            """));
        Assert.Equal([null, null, 1_000L], desk.Closes(1_200, 1_300, 1_050).Select(signal => signal?.Target));
    }

    [Fact]
    public void A_condition_that_is_not_ready_never_fires_not_even_under_not()
    {
        foreach (string enter in (string[])
        [
            "close[2] > 0", "not close[2] < 0", "close > 0 or close[2] > 0", "not (close < 0 and close[2] < 0)",
            "not close / (close[2] - close[2]) > 1 or close[2] > 0",
        ])
        {
            RuleDesk desk = new(Program(
                $$""" "long": { "enter": "{{enter}}", "exit": "false", "size": "1" } """));
            long?[] wanted = [.. desk.Closes(1_000, 1_000, 1_000, 1_000).Select(signal => signal?.Target)];
            bool ever = !enter.Contains('/', StringComparison.Ordinal);
            Assert.Equal([null, null, ever ? 1_000L : null, null], wanted);
        }
    }

    [Fact]
    public void A_size_is_rounded_down_to_the_lot_and_one_that_is_too_small_or_not_ready_is_no_entry()
    {
        long? Wanted(string size, long lot)
        {
            RuleDesk desk = new(Program($$""" "long": { "enter": "true", "exit": "false", "size": "{{size}}" } """));
            desk.Define(lot: lot);
            return desk.Bar(1_000)?.Target;
        }

        Assert.Equal(1_234, Wanted("1.2349", 1));
        Assert.Equal(1_200, Wanted("1.2349", 100));
        Assert.Equal(100, Wanted("0.1", 100));
        Assert.Null(Wanted("0.0999", 100));
        Assert.Null(Wanted("close[1]", 1));
        Assert.Null(Wanted("bid", 1));
        Assert.Null(Wanted("1 - 3", 1));
        Assert.Null(Wanted("100000000", 1));
        Assert.Equal(300, Wanted("3 / close", 1));
    }

    [Fact]
    public void A_stop_is_fixed_at_the_entry_and_leaves_at_the_first_print_that_reaches_it()
    {
        RuleDesk desk = new(Program(
            """ "long": { "enter": "close > 9", "stop": "close - 0.5", "take": "close + 1", "size": "1" } """));
        Assert.Equal(1_000, desk.Bar(1_000)?.Target);
        Assert.Null(desk.Bar(1_050));
        Assert.Null(desk.Print(951));
        Assert.Equal(SignalKind.Flat, desk.Print(950)?.Kind);
        Assert.Null(desk.Print(940));
        Assert.Equal(1_000, desk.Bar(1_000)?.Target);
        Assert.Equal(SignalKind.Flat, desk.Print(1_100)?.Kind);
    }

    [Fact]
    public void A_stop_within_a_bar_leaves_at_its_close_and_the_next_entry_waits_for_the_next_bar()
    {
        RuleDesk desk = new(Program(
            """ "short": { "enter": "close > 9", "stop": "close + 0.5", "size": "1" } """));
        Assert.Equal(-1_000, desk.Bar(1_000, high: 1_060)?.Target);
        Assert.Null(desk.Bar(1_000, high: 1_049));
        Assert.Equal(SignalKind.Flat, desk.Bar(1_000, high: 1_050)?.Kind);
        Assert.Equal(-1_000, desk.Bar(1_000)?.Target);
    }

    [Theory]
    [InlineData("close + 0.1", "close + 1")]
    [InlineData("close", "close + 1")]
    [InlineData("close - 1", "close")]
    [InlineData("close - 1", "close - 2")]
    [InlineData("close[1] - 1", "close + 1")]
    [InlineData("close - 1", "close[1] + 1")]
    [InlineData("0 - close", "close + 1")]
    public void A_protective_price_that_is_not_ready_or_on_the_wrong_side_is_no_entry(string stop, string take)
    {
        RuleDesk desk = new(Program(
            $$""" "long": { "enter": "close > 9", "stop": "{{stop}}", "take": "{{take}}", "size": "1" } """));
        Assert.Null(desk.Bar(1_000));
    }

    [Fact]
    public void A_limit_is_rounded_to_the_tick_and_never_to_a_worse_price()
    {
        RuleDesk desk = new(Program(
            """
            "long": { "enter": "close > 9", "exit": "close < 9", "limit": "close - 0.033", "size": "1" },
            "short": { "enter": "close < 9", "exit": "close > 9", "limit": "close + 0.033", "size": "1" }
            """));
        desk.Define(tick: 5);
        Signal bought = desk.Bar(1_000)!.Value;
        Assert.Equal((SignalKind.TargetWithLimit, 1_000L, 995L), (bought.Kind, bought.Target, bought.LimitPrice));
        Signal sold = desk.Bar(800)!.Value;
        Assert.Equal((SignalKind.TargetWithLimit, -1_000L, 805L), (sold.Kind, sold.Target, sold.LimitPrice));
    }

    [Fact]
    public void It_knows_its_own_position_entry_stance_and_time()
    {
        RuleDesk desk = new(Program(
            """
            "long": { "enter": "stance == 'flat' and position == 0", "size": "1",
                      "exit": "position == 1 and close >= entry + 1 or bars_held >= 4 and stance == 'long'" }
            """));
        Assert.Equal(1_000, desk.Bar(1_000)?.Target);
        desk.Fill(400, 1_000);
        desk.Fill(600, 1_100);
        Assert.Null(desk.Bar(1_159));
        Assert.Equal(SignalKind.Flat, desk.Bar(1_160)?.Kind);
        desk.Fill(-1_000, 1_160);
        Assert.Equal(1_000, desk.Bar(1_000)?.Target);
        desk.Fill(1_000, 1_000);
        Assert.Equal([null, null, null], desk.Closes(1_000, 1_000, 1_000));
        Assert.Equal(SignalKind.Flat, desk.Bar(1_000)?.Kind);
    }

    [Fact]
    public void A_signal_that_found_no_room_is_stated_again_on_the_next_bar()
    {
        RuleDesk desk = new(Program(Up)) { Occupied = Limits.SignalsPerEvent };
        Assert.Equal([null, null], desk.Closes(1_000, 1_010));
        desk.Occupied = 0;
        Assert.Equal(500, desk.Bar(1_010)?.Target);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_bar_of_another_timeframe_that_closes_with_the_same_event_is_seen_whatever_their_order(bool turned)
    {
        RuleProgram program = Program(
            """
            "timeframes": { "slow": 5000 },
            "long": { "enter": "slow.close == close", "exit": "slow.close != close", "size": "1" }
            """);
        RuleDesk desk = turned
            ? new(program, 5 * RuleDesk.Second, RuleDesk.Second)
            : new(program, RuleDesk.Second, 5 * RuleDesk.Second);
        List<long> wanted = [];
        desk.See(Make.Stream(1, desk.Now, StreamState.Up));
        for (int i = 0; i <= 15; i++)
        {
            // One print a second at a new price: the last of five closes both bars at once.
            if (desk.See(Make.Trade(1, desk.Now, 1_000 + i)) is { } signal)
            {
                wanted.Add((i * 10) + (signal.Target == 0 ? 0 : 1));
            }

            desk.Now += RuleDesk.Second;
        }

        Assert.Equal([51, 60, 101, 110, 151], wanted);
    }

    [Fact]
    public void The_first_entry_comes_with_the_first_bar_on_which_every_timeframe_is_warm()
    {
        Xoshiro256 dice = new(9);
        for (int run = 0; run < 60; run++)
        {
            long[] lengths = [1_000, 1_000 * (2 + dice.NextBelow(3)), 1_000 * (5 + dice.NextBelow(4))];
            int[] periods = [(int)(1 + dice.NextBelow(9)), (int)(1 + dice.NextBelow(5)), (int)(1 + dice.NextBelow(4))];
            int role = (int)dice.NextBelow(3);
            long rules = lengths[role];
            (lengths[0], lengths[role]) = (lengths[role], lengths[0]);
            RuleProgram program = RuleTexts.Valid(
                $$"""
                { "timeframeMs": {{rules}}, "timeframes": { "p": {{lengths[1]}}, "q": {{lengths[2]}} },
                  "indicators": {
                    "i": { "type": "sma", "period": {{periods[0]}} }, "j": { "type": "ema", "period": {{periods[1]}}, "timeframe": "p" },
                    "k": { "type": "rsi", "period": {{periods[2]}}, "timeframe": "q" } },
                  "long": { "enter": "i > 0 and j > 0 and k >= 0", "exit": "false", "size": "1" } }
                """);
            Assert.Equal([periods[0], periods[1], periods[2] + 1], program.WarmUps.ToArray());
            RuleDesk desk = new(program);
            int[] bars = new int[3];
            desk.See(Make.Stream(1, desk.Now, StreamState.Up));
            for (int second = 0; second < 120; second++)
            {
                Signal? signal = desk.See(Make.Trade(1, desk.Now, 1_000 + dice.NextBelow(50)));
                bool evaluated = false;
                foreach (LowLatency.Core.Market.ClosedBar bar in desk.Market.ClosedBars)
                {
                    int timeframe = Array.IndexOf(lengths, bar.Timeframe / 1_000_000);
                    bars[timeframe]++;
                    evaluated |= timeframe == 0;
                }

                bool warm = evaluated && bars[0] >= periods[0] && bars[1] >= periods[1] && bars[2] >= periods[2] + 1;
                Assert.Equal(warm, signal is not null);
                if (warm)
                {
                    break;
                }

                desk.Now += RuleDesk.Second;
                Assert.True(second < 119, "it was never warm");
            }
        }
    }

    [Fact]
    public void Other_units_start_anew()
    {
        RuleDesk desk = new(Program(""" "long": { "enter": "close[2] > 1", "exit": "false", "size": "1" } """));
        desk.Closes(1_000, 1_000);
        desk.Define(priceExponent: 3);
        Assert.Equal([null, null, 1_000L], desk.Closes(10_000, 10_000, 10_000).Select(signal => signal?.Target));

        // What it wanted in the old units it wants no more.
        desk.Define(priceExponent: 2);
        List<Signal?> signals = desk.Closes(1_000, 1_000, 1_000);
        Assert.Equal([0L, null, 1_000L], signals.Select(signal => signal?.Target));
        Assert.Equal(SignalKind.Flat, signals[0]!.Value.Kind);
    }

    [Fact]
    public void After_a_declared_gap_everything_is_warmed_again()
    {
        RuleDesk Desk(string more) => new(Program(
            more + """ "long": { "enter": "close[1] > 1 and close < 20", "exit": "close > 20", "size": "1" } """));
        RuleDesk kept = Desk(string.Empty);
        RuleDesk cleared = Desk("\"clearAfterGapBars\": 3, ");
        foreach (RuleDesk desk in (RuleDesk[])[kept, cleared])
        {
            Assert.Equal([null, 1_000L], desk.Closes(1_000, 1_000).Select(signal => signal?.Target));
            desk.Now += 2 * RuleDesk.Second;
            Assert.Equal(0, desk.Bar(2_100)?.Target);
            Assert.Equal(1_000, desk.Bar(1_000)?.Target);
            Assert.Equal(0, desk.Bar(2_100)?.Target);
            desk.Now += 3 * RuleDesk.Second;
        }

        Assert.Equal(1_000, kept.Bar(1_000)?.Target);
        Assert.Null(cleared.Bar(1_000));
        Assert.Equal(1_000, cleared.Bar(1_000)?.Target);
    }

    [Fact]
    public void Indicators_of_the_book_follow_the_quote_and_are_not_ready_without_a_market()
    {
        RuleDesk desk = new(RuleTexts.Valid(
            """
            { "timeframeMs": 1000, "indicators": { "w": { "type": "book-imbalance", "depth": 1 }, "p": { "type": "microprice" } },
              "long": { "enter": "w > 0.5 and p > mid and spread == 0.04", "exit": "w < 0", "size": "1" } }
            """));
        Assert.Null(desk.Bar(1_000));
        desk.See(Make.Quote(1, desk.Now, 998, 90, 1_002, 10));
        Assert.Equal(1_000, desk.Bar(1_000)?.Target);
        desk.See(Make.Stream(1, desk.Now, StreamState.Down));
        Assert.Null(desk.Bar(1_000));
        desk.See(Make.Quote(1, desk.Now, 998, 10, 1_002, 90));
        Assert.Equal(SignalKind.Flat, desk.Bar(1_000)?.Kind);
    }

    [Fact]
    public void Restored_at_any_event_it_wants_the_same()
    {
        RuleProgram program = RuleTexts.Valid(Busy);
        for (int at = 0; at < 60; at += 7)
        {
            RuleDesk whole = new(program);
            Wants(whole, 0, at);
            RuleDesk restored = new(program);
            foreach ((IStateful from, IStateful to) in ((IStateful, IStateful)[])
                [(whole.Market, restored.Market), (whole.Stage, restored.Stage)])
            {
                RestoringVisitor.Restore(to, SavingVisitor.Save(from));
            }

            restored.Now = whole.Now;
            Assert.Equal(Wants(whole, at, 120), Wants(restored, at, 120));
            Assert.Equal(SavingVisitor.Save(whole.Stage), SavingVisitor.Save(restored.Stage));
        }
    }

    [Fact]
    public void In_steady_state_it_allocates_nothing()
    {
        RuleDesk desk = new(RuleTexts.Valid(Busy));
        Wants(desk, 0, 60);
        Event[] events = [.. Enumerable.Range(0, 2_000).Select(i => Print(desk, i))];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ref readonly Event e in events.AsSpan())
        {
            desk.See(e);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Rules_that_were_not_checked_stop_the_engine()
    {
        Assert.Throws<BrokenInvariantException>(
            () => new RuleStrategy(new StrategyParameters(RuleStrategy.Schema, [0], "{}")));
        Assert.Throws<BrokenInvariantException>(() => StrategyParameters.Defaults(RuleStrategy.Schema));
    }

    private const string Busy =
        """
        { "timeframeMs": 1000, "timeframes": { "slow": 3000 },
          "indicators": {
            "a": { "type": "sma", "period": 3 }, "k": { "type": "stochastic", "period": 4 }, "s": { "type": "swing", "left": 1, "right": 1 },
            "f": { "type": "fibonacci", "of": "s" }, "z": { "type": "zone", "of": "s", "atrPeriod": 2 },
            "v": { "type": "anchored-vwap", "of": "s" }, "b": { "type": "ema", "period": 2, "timeframe": "slow" } },
          "let": { "up": "close > a and not slow.close < b" },
          "long": { "enter": "up or k.k crosses_above 20 or z.version > 900", "exit": "not up for 2 bars or v.value > f.start * 2", "size": "1",
                    "stop": "close - 0.3" },
          "short": { "enter": "not up within 2 bars", "exit": "up", "size": "1" } }
        """;

    private static RuleProgram Program(string body) => RuleTexts.Valid("{ \"timeframeMs\": 1000, " + body.Trim() + " }");

    private static Event Print(RuleDesk desk, int index)
    {
        desk.Now += RuleDesk.Second / 2;
        return Make.Trade(1, desk.Now, 1_000 + ((index * 7919) % 101) - 50 + (index % 40));
    }

    private static List<Signal?> Wants(RuleDesk desk, int from, int to)
    {
        List<Signal?> signals = [];
        for (int i = from; i < to; i++)
        {
            signals.Add(desk.See(Print(desk, i)));
        }

        return signals;
    }
}
