using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Signals;

/// <summary>
/// After an interruption the window of a role may have a hole: its wishes wait until the next bar shows how much is missing, and
/// with too much of it the role sees all its bars anew. Bars of a second, three of them are asked for.
/// </summary>
public sealed class RewarmTests
{
    private const long Second = 1_000_000_000;
    private const long Broken = (5 * Second) + (6 * Second / 10);
    private static readonly InstrumentId Instrument = new(1);

    // The bar of second 4 is whole; the stream breaks in second 5 and is back after so many seconds.
    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, false)]
    [InlineData(9, 2, false)]
    [InlineData(9, 9, false)]
    [InlineData(8, 9, true)]
    [InlineData(500, 0, true)]
    public void So_many_missing_bars_are_a_hole(int missing, int rewarmAfter, bool goesOn)
    {
        Stage stage = new(rewarmAfter);
        stage.Prints(1, 5);
        Assert.True(stage.IsReady);
        stage.See(Make.Stream(1, Broken, StreamState.Gap));
        Assert.Equal(rewarmAfter == 0, stage.IsReady);
        stage.Prints(5 + missing, 5 + missing);

        // The first bar that is whole again says how many are missing.
        stage.See(Make.Tick((6 + missing) * Second));
        Assert.Equal(goesOn, stage.IsReady);
        Assert.Equal(goesOn ? 0 : 2, stage.Missing);
        stage.Prints(6 + missing, 8 + missing, isUp: true);
        stage.See(Make.Tick((9 + missing) * Second));
        Assert.True(stage.IsReady);
    }

    [Fact]
    public void A_new_run_is_an_interruption_and_one_instruments_is_not_anothers()
    {
        Stage stage = new(2);
        stage.Prints(1, 5);
        stage.See(Make.Stream(2, Broken, StreamState.Down));
        Assert.True(stage.IsReady);
        stage.See(Make.Of(0, Broken + 1, new EpochStarted { Epoch = 2, Instance = 1 }));
        Assert.False(stage.IsReady);
        stage.Prints(3_600, 3_603);
        stage.See(Make.Tick(3_604 * Second));
        Assert.True(stage.IsReady);
    }

    [Fact]
    public void Entries_wait_and_a_position_can_be_left_all_the_while()
    {
        Stage stage = new(2);
        stage.Prints(1, 5);
        stage.See(Make.Stream(1, Broken, StreamState.Gap));
        Assert.False(stage.Context.SetTarget(Instrument, 5));
        stage.Held = 3;
        Assert.True(stage.Context.SetFlat(Instrument));
        Assert.False(stage.Context.SetTarget(Instrument, 5));
    }

    [Fact]
    public void What_is_broken_is_state()
    {
        Stage stage = new(2);
        stage.Prints(1, 5);
        stage.See(Make.Stream(1, Broken, StreamState.Gap));
        Stage restored = stage.Restored();
        foreach (Stage each in (Stage[])[stage, restored])
        {
            each.Prints(9, 9);
            each.See(Make.Tick(10 * Second));
            Assert.Equal(2, each.Missing);
        }
    }

    private sealed class Patient() : Strategy(new TimeframeRole("x", Second, 3))
    {
        public override void Visit(StateVisitor visitor)
        {
        }
    }

    private sealed class Stage(int rewarmAfter) : IPositions
    {
        private readonly MarketView _market = new([Second], 0);
        private SignalStage? _stage;
        private int _defined;

        internal long Held { get; set; }

        internal bool IsReady => Context.IsReady(Instrument);

        internal int Missing => Context.MissingBars(Instrument, new TimeframeRole("x", Second, 3));

        internal StrategyContext Context => Signals.Context(new StrategyId(1));

        private SignalStage Signals => _stage ??= new SignalStage(
            _market,
            this,
            [new StrategyBinding(new StrategyId(1), [Symbol24.Of("SYM1"), Symbol24.Of("SYM2")], new Patient())],
            null,
            rewarmAfter);

        internal void See(Event e)
        {
            if (_defined++ == 0)
            {
                See(Make.Definition(1, 1));
                See(Make.Definition(2, 1));
            }

            Decision decision = default;
            _market.Apply(e);
            Signals.OnEvent(e, ref decision);
        }

        /// <summary>A print in the middle of each of these seconds; the bar of the last one is still forming.</summary>
        internal void Prints(int from, int to, bool isUp = false)
        {
            if (!isUp)
            {
                See(Make.Stream(1, (from * Second) - 1, StreamState.Up));
            }

            for (int second = from; second <= to; second++)
            {
                See(Make.Trade(1, (second * Second) + (Second / 2), 100));
            }
        }

        internal Stage Restored()
        {
            Stage restored = new(rewarmAfter) { _defined = 1 };
            RestoringVisitor.Restore(restored._market, SavingVisitor.Save(_market));
            RestoringVisitor.Restore(restored.Signals, SavingVisitor.Save(Signals));
            return restored;
        }

        public long VenuePosition(InstrumentId instrument) => Held;

        public long VirtualPosition(StrategyId strategy, InstrumentId instrument) => Held;

        public long VirtualCashFlow(StrategyId strategy, InstrumentId instrument) => 0;

        public long FilledNow(StrategyId strategy) => 0;

        public OpenTrade Trade(StrategyId strategy, InstrumentId instrument) => default;

        public (long Closed, long Profit) Record(StrategyId strategy) => default;

        public System.ReadOnlySpan<InternalTrade> Crossed => [];
    }
}
