using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Signals;

/// <summary>Which calls a strategy gets, in which order, and from when on its wishes count.</summary>
public sealed class StrategyCallsTests
{
    private const long Second = Rig.Second;
    private const long Start = 1_000 * Second;
    private static readonly InstrumentId X = new(1);
    private static readonly InstrumentId Y = new(2);
    private static readonly TimeframeRole Fast = new("fast", Second, 3);
    private static readonly TimeframeRole Slow = new("slow", 2 * Second, 2);

    [Fact]
    public void Every_call_comes_at_its_event_strategy_by_strategy_and_bars_come_first()
    {
        Stage stage = new(new Diary("a"), new Diary("b"));
        stage.See(Make.Epoch(Start));
        stage.See(Make.Definition(1, Start));
        stage.See(Make.Trade(1, Start, 100));
        stage.See(Make.Quote(1, Start, 99, 1, 101, 1));
        stage.See(Make.Levels(1, Start, EventFlags.First | EventFlags.Snapshot, 1, 0, (Side.Buy, 99, 1)));
        stage.See(Make.Levels(1, Start, EventFlags.Last | EventFlags.Snapshot, 1, 0, (Side.Sell, 101, 1)));
        stage.Filled = 5;
        stage.See(Make.Of(1, Start, new Execution { Price = 100, Quantity = 5, Side = Side.Buy }));
        stage.Filled = 0;
        stage.See(Make.Of(1, Start, new Execution { Price = 100, Quantity = 5, Side = Side.Buy }));

        // The bars of one and of two seconds end together; the tick that closes them comes after them.
        stage.See(Make.Tick(Start + (2 * Second)));
        stage.See(Make.Of(0, Start + (2 * Second), new EpochEnded { Reason = EndReason.EndOfData }));
        Assert.Equal(
            [
                "a start", "b start",
                "a trade 100", "b trade 100",
                "a quote 99", "b quote 99",
                "a book", "b book",
                "a fill 5 at 100", "b fill 5 at 100",
                "a bar 1", "a bar 2", "a tick", "b bar 1", "b bar 2", "b tick",
                "a stop", "b stop",
            ],
            stage.Lines);
    }

    [Fact]
    public void An_instrument_that_is_not_the_strategys_is_not_told()
    {
        Stage stage = new(new Diary("a"));
        stage.See(Make.Definition(3, Start));
        stage.See(Make.Trade(3, Start, 100));
        stage.See(Make.Tick(Start + (9 * Second)));
        Assert.Equal(["a tick"], stage.Lines);
        Assert.False(stage.Context(1).IsSubscribed(new InstrumentId(3)));
    }

    [Fact]
    public void Wishes_count_once_every_role_has_seen_its_bars_of_that_instrument()
    {
        Stage stage = new(new Eager());
        stage.See(Make.Definition(1, Start));
        stage.See(Make.Definition(2, Start));
        StrategyContext context = stage.Context(1);
        for (int i = 1; i <= 4; i++)
        {
            long end = Start + (i * Second);

            // The fast role asks for 3 bars of a second, the slow one for 2 of two seconds: after four seconds both have them.
            bool due = i == 4;
            Bar(stage, 1, end, Second);
            if (i % 2 == 0)
            {
                int before = stage.Signals.Count;
                Bar(stage, 1, end, 2 * Second);
                Assert.Equal(before + (due ? 1 : 0), stage.Signals.Count);
            }

            Assert.Equal((3 - i > 0 ? 3 - i : 0, 2 - (i / 2)), (context.MissingBars(X, Fast), context.MissingBars(X, Slow)));
            Assert.Equal(due, context.IsReady(X));
        }

        Assert.False(context.IsReady(Y));
        Assert.Equal((3, 2), (context.MissingBars(Y, Fast), context.MissingBars(Y, Slow)));

        // Six bars were told, each asked for a position, and the last one was heard.
        Assert.Equal((6L, 5L), (context.Calls(X), context.Refused(X)));
        Assert.Equal(SignalKind.Target, context.Stated(X).Kind);
        Assert.Equal(2, context.Bars(X, Slow).Count);
    }

    [Fact]
    public void Being_flat_is_taken_before_the_warm_up_while_a_position_is_held()
    {
        Stage stage = new(new Eager { Flat = true });
        stage.See(Make.Definition(1, Start));
        stage.See(Make.Bar(1, Start + Second, Start, Second, 100));
        Assert.Empty(stage.Signals);
        stage.Position = 7;
        stage.See(Make.Bar(1, Start + (2 * Second), Start + Second, Second, 100));
        Assert.Equal(SignalKind.Flat, Assert.Single(stage.Signals).Kind);
    }

    [Fact]
    public void Nothing_can_be_stated_while_a_run_begins_or_ends()
    {
        Stage stage = new(new Talker());
        stage.See(Make.Definition(1, Start));
        stage.See(Make.Epoch(Start));
        stage.See(Make.Of(0, Start, new EpochEnded { Reason = EndReason.Requested }));
        Assert.Empty(stage.Signals);
        Assert.Equal(2, stage.Context(1).Refused(X));
        stage.See(Make.Tick(Start));
        Assert.Single(stage.Signals);
    }

    [Fact]
    public void The_warm_up_and_what_waits_go_on_after_a_restart()
    {
        Stage stage = new(new Eager());
        stage.See(Make.Definition(1, Start));
        for (int i = 1; i <= 3; i++)
        {
            Bar(stage, 1, Start + (i * Second), Second);
        }

        Bar(stage, 1, Start + (3 * Second), 2 * Second);
        Stage restored = stage.Restored(new Eager());
        Assert.False(restored.Context(1).IsReady(X));
        Assert.Equal(1, restored.Context(1).MissingBars(X, Slow));
        Bar(restored, 1, Start + (5 * Second), 2 * Second);
        Assert.Single(restored.Signals);
    }

    [Fact]
    public void A_role_names_a_positive_timeframe_and_a_warm_up_that_is_not_negative()
    {
        Assert.Throws<BrokenInvariantException>(() => new TimeframeRole("x", 0, 1));
        Assert.Throws<BrokenInvariantException>(() => new TimeframeRole("x", 1, -1));
        Assert.Equal(6 * Second, new TimeframeRole("x", 2 * Second, 3).WarmUp);
    }

    private static void Bar(Stage stage, int instrument, long end, long timeframe) =>
        stage.See(Make.Bar(instrument, end, end - timeframe, timeframe, 100));

    /// <summary>A market and a signal stage; positions and fills are what a test says.</summary>
    private sealed class Stage : IPositions
    {
        private readonly MarketView _market = new([Second, 2 * Second], 0);
        private readonly SignalStage _stage;

        public long VirtualCashFlow(StrategyId strategy, InstrumentId instrument) => 0;

        internal Stage(params Strategy[] strategies)
        {
            StrategyBinding[] bindings = new StrategyBinding[strategies.Length];
            for (int i = 0; i < bindings.Length; i++)
            {
                if (strategies[i] is Diary diary)
                {
                    diary.Lines = Lines;
                }

                bindings[i] = new StrategyBinding(
                    new StrategyId((ushort)(i + 1)), [Symbol24.Of("SYM1"), Symbol24.Of("SYM2")], strategies[i]);
            }

            _stage = new SignalStage(_market, this, bindings);
        }

        internal List<string> Lines { get; } = [];

        internal List<Signal> Signals { get; } = [];

        internal long Filled { get; set; }

        internal long Position { get; set; }

        internal StrategyContext Context(ushort strategy) => _stage.Context(new StrategyId(strategy));

        internal void See(Event e)
        {
            Decision decision = default;
            _market.Apply(e);
            _stage.OnEvent(e, ref decision);
            for (int i = 0; i < decision.SignalCount; i++)
            {
                Signals.Add(decision.Signals[i]);
            }
        }

        internal Stage Restored(params Strategy[] strategies)
        {
            StateWriter writer = new();
            _market.Visit(writer);
            _stage.Visit(writer);
            Stage restored = new(strategies);
            StateReader reader = new(writer.Written.ToArray());
            restored._market.Visit(reader);
            restored._stage.Visit(reader);
            Assert.True(reader.AtEnd);
            return restored;
        }

        public long VenuePosition(InstrumentId instrument) => Position;

        public long VirtualPosition(StrategyId strategy, InstrumentId instrument) => Position;

        public long FilledNow(StrategyId strategy) => Filled;

        public OpenTrade Trade(StrategyId strategy, InstrumentId instrument) => default;

        public (long Closed, long Profit) Record(StrategyId strategy) => default;

        public ReadOnlySpan<InternalTrade> Crossed => [];
    }

    /// <summary>Writes down each call.</summary>
    private sealed class Diary(string name) : Strategy(Second, 2 * Second)
    {
        internal List<string> Lines { get; set; } = [];

        public override void OnStart(StrategyContext context) => Note("start");

        public override void OnStop(StrategyContext context) => Note("stop");

        public override void OnTrade(StrategyContext context, InstrumentMarket instrument, in Trade trade) =>
            Note("trade " + Text(trade.Price));

        public override void OnQuote(StrategyContext context, InstrumentMarket instrument, in Quote quote) =>
            Note("quote " + Text(quote.BidPrice));

        public override void OnBook(StrategyContext context, InstrumentMarket instrument) => Note("book");

        public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar) =>
            Note("bar " + Text(bar.Timeframe / Second));

        public override void OnTick(StrategyContext context) => Note("tick");

        public override void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price) =>
            Note("fill " + Text(quantity) + " at " + Text(price));

        public override void Visit(StateVisitor visitor)
        {
        }

        private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

        private void Note(string line) => Lines.Add(name + " " + line);
    }

    /// <summary>Wants something at every bar, whether it may or not.</summary>
    private sealed class Eager : Strategy
    {
        private long _wanted;

        internal Eager()
            : base(Fast, Slow)
        {
        }

        internal bool Flat { get; init; }

        public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
        {
            bool taken = Flat
                ? context.SetFlat(instrument.Definition.Id)
                : context.SetTarget(instrument.Definition.Id, ++_wanted);
            Assert.Equal(taken, context.IsReady(instrument.Definition.Id) || (Flat && context.Position(X) != 0));
        }

        public override void Visit(StateVisitor visitor) => visitor.Visit(ref _wanted);
    }

    /// <summary>Speaks when nobody listens.</summary>
    private sealed class Talker : Strategy
    {
        public override void OnStart(StrategyContext context) => Assert.False(context.SetTarget(X, 1));

        public override void OnStop(StrategyContext context) => Assert.False(context.SetTarget(X, 1));

        public override void OnTick(StrategyContext context) => Assert.True(context.SetTarget(X, 1));

        public override void Visit(StateVisitor visitor)
        {
        }
    }
}
