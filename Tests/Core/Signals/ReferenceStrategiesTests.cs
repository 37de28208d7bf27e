using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Signals;

/// <summary>Each strategy beside a second one, written from its description over whole lists.</summary>
public sealed class ReferenceStrategiesTests
{
    private const long Second = Rig.Second;
    private static readonly InstrumentId X = new(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void Ema_equals_the_recursion_over_the_whole_list(int length)
    {
        Xoshiro256 dice = new(5);
        Ema ema = new(length);
        List<double> values = [];
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(i >= length, ema.TryGet(out _));
            values.Add(dice.NextBelow(2_001) - 1_000);
            ema.Add(values[^1]);
            ema.TryGet(out double value);
            Assert.Equal(NaiveEma(values, length), value);
        }
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(1, 12)]
    public void Ema_cross_is_long_above_and_short_or_flat_below(int direction, ulong seed)
    {
        StrategyParameters parameters = StrategyParameters.Defaults(EmaCross.Schema)
            .With("fastBars", 3).With("slowBars", 7).With("timeframeMs", 1_000).With("quantity", 12 * Rig.Piece)
            .With("direction", direction);
        Single single = new(new EmaCross(parameters), Second);
        Xoshiro256 dice = new(seed);
        List<double> closes = [];
        long? stated = null;
        int signals = 0;
        for (int i = 1; i <= 300; i++)
        {
            long close = 10_000 + dice.NextBelow(61) - 30;
            closes.Add(close);
            single.Now = 1_000 * Second + (i * Second);
            Signal? signal = single.See(Make.Bar(1, single.Now, single.Now - Second, Second, close));
            long? wanted = closes.Count < 7 ? stated
                : NaiveEma(closes, 3) > NaiveEma(closes, 7) ? 12
                : direction == 0 ? -12 : 0;
            Assert.Equal(wanted == stated ? null : wanted, signal?.Target);
            signals += signal is null ? 0 : 1;
            stated = wanted;
        }

        Assert.True(signals > 20);
    }

    [Fact]
    public void Imbalance_fades_the_heavy_side_and_leaves_when_balanced_or_late()
    {
        StrategyParameters parameters = StrategyParameters.Defaults(Imbalance.Schema)
            .With("depth", 2).With("enterPpm", 400_000).With("exitPpm", 100_000).With("quantity", 12 * Rig.Piece)
            .With("horizonMs", 2_000);
        Single single = new(new Imbalance(parameters));
        Xoshiro256 dice = new(77);
        int stance = 0;
        long until = 0;
        int signals = 0;
        for (int i = 0; i < 600; i++)
        {
            single.Now += dice.NextBelow(Second);
            (long Price, long Quantity)[] bids = [(9_999, 1 + dice.NextBelow(50)), (9_998, 1 + dice.NextBelow(50)), (9_990, 900)];
            (long Price, long Quantity)[] asks = [(10_001, 1 + dice.NextBelow(50)), (10_002, 1 + dice.NextBelow(50)), (10_010, 900)];
            Signal? signal = single.See(Book(single.Now, bids, asks));

            long b = bids[0].Quantity + bids[1].Quantity;
            long a = asks[0].Quantity + asks[1].Quantity;
            long imbalance = (b - a) * 1_000_000 / (b + a);
            stance = single.Now >= until ? 0 : stance;
            int wanted = imbalance >= 400_000 ? -1 : imbalance <= -400_000 ? 1 : Math.Abs(imbalance) <= 100_000 ? 0 : stance;
            if (wanted == stance)
            {
                Assert.Null(signal);
                continue;
            }

            signals++;
            stance = wanted;
            until = single.Now + (2 * Second);
            Assert.NotNull(signal);
            Assert.Equal(12 * wanted, signal.Value.Target);
            Assert.Equal(wanted == 0 ? SignalKind.Flat : SignalKind.TargetWithLimit, signal.Value.Kind);
            Assert.Equal(wanted == 0 ? 0 : wanted > 0 ? 10_001 : 9_999, signal.Value.LimitPrice);
            Assert.Equal(wanted == 0 ? 0 : 2 * Second, signal.Value.Horizon);
            Assert.Equal(wanted == 0 ? 1_000_000 : (int)Math.Abs(imbalance), signal.Value.Confidence);
        }

        Assert.True(signals > 100);
    }

    [Fact]
    public void Market_maker_quotes_around_the_middle_and_leans_against_its_inventory()
    {
        StrategyParameters parameters = StrategyParameters.Defaults(MarketMaker.Schema)
            .With("halfSpreadTicks", 3).With("skewTicks", 4).With("refreshTicks", 2).With("quantity", 7 * Rig.Piece)
            .With("maxInventory", 20 * Rig.Piece);
        Single single = new(new MarketMaker(parameters), tick: 5);
        Xoshiro256 dice = new(78);
        (long Bid, long BidQuantity, long Ask, long AskQuantity) quoted = default;
        int signals = 0;
        int withoutBid = 0;
        for (int i = 0; i < 800; i++)
        {
            single.Now += 1;
            long middle = 10_000 + (dice.NextBelow(9) * 5);
            long spread = 5 * (1 + dice.NextBelow(4));
            if (dice.NextBelow(4) == 0)
            {
                single.Hold(dice.NextBelow(15) - 7);
            }

            long bid = middle;
            long ask = middle + spread;
            Signal? signal = single.See(Book(single.Now, [(bid, 5)], [(ask, 5)]));

            // The middle, shifted by up to 4 ticks of 5 at 20 pieces; exact rationals, then rounded away from the middle.
            long position = single.Position;
            BigInteger lean2 = BigInteger.Divide(2 * 4 * 5 * position, 20);
            BigInteger middle2 = bid + ask - lean2;
            long buyAt = (long)BigInteger.Min(FloorTo5(middle2 - 30), ask - 5);
            long sellAt = (long)BigInteger.Max(-FloorTo5(-(middle2 + 30)), bid + 5);
            long buy = Math.Clamp(20 - position, 0, 7);
            long sell = Math.Clamp(20 + position, 0, 7);
            bool moved = Math.Abs(buyAt - quoted.Bid) >= 10 || Math.Abs(sellAt - quoted.Ask) >= 10
                || buy != quoted.BidQuantity || sell != quoted.AskQuantity;
            if (!moved)
            {
                Assert.Null(signal);
                continue;
            }

            signals++;
            withoutBid += buy == 0 ? 1 : 0;
            quoted = (buyAt, buy, sellAt, sell);
            Assert.NotNull(signal);
            Assert.Equal(
                quoted,
                (signal.Value.BidPrice, signal.Value.BidQuantity, signal.Value.AskPrice, signal.Value.AskQuantity));
        }

        Assert.True(signals > 200 && withoutBid > 0, $"{signals} signals, {withoutBid} without a bid");

        static BigInteger FloorTo5(BigInteger half)
        {
            // Half price units down to a multiple of 5 price units, that is of 10 half units.
            BigInteger rest = ((half % 10) + 10) % 10;
            return (half - rest) / 2;
        }
    }

    [Fact]
    public void Market_maker_takes_its_bid_away_when_there_is_no_price_below()
    {
        StrategyParameters parameters = StrategyParameters.Defaults(MarketMaker.Schema).With("halfSpreadTicks", 50);
        Single single = new(new MarketMaker(parameters));
        Assert.Equal(1, single.See(Book(single.Now, [(100, 5)], [(102, 5)]))!.Value.BidQuantity);
        Signal low = single.See(Book(single.Now, [(40, 5)], [(42, 5)]))!.Value;
        Assert.Equal((0, 0, 1, 91), (low.BidPrice, low.BidQuantity, low.AskQuantity, low.AskPrice));
    }

    private static double NaiveEma(List<double> values, int length)
    {
        double average = values[0];
        foreach (double value in values.Skip(1))
        {
            average += 2.0 / (length + 1.0) * (value - average);
        }

        return average;
    }

    private static Event Book(long at, (long Price, long Quantity)[] bids, (long Price, long Quantity)[] asks) => Make.Levels(
        1,
        at,
        EventFlags.Whole | EventFlags.Snapshot,
        0,
        0,
        [.. bids.Select(b => (Side.Buy, b.Price, b.Quantity)), .. asks.Select(a => (Side.Sell, a.Price, a.Quantity))]);

    /// <summary>One strategy on one instrument, and a position that a test sets.</summary>
    private sealed class Single : IPositions
    {
        private readonly MarketView _market;
        private readonly SignalStage _stage;

        internal Single(Strategy strategy, long timeframe = 0, long tick = 1)
        {
            _market = new MarketView(timeframe == 0 ? [] : [timeframe], 0);
            _stage = new SignalStage(
                _market, this, [new StrategyBinding(new StrategyId(1), [Symbol24.Of("SYM1")], strategy)]);
            Event defined = Make.Definition(1, Now, tick: tick);
            InstrumentDefined whole = defined.InstrumentDefined;
            whole.QuantityExponent = 0;
            defined.Set(whole);
            See(defined);
        }

        internal long Now { get; set; } = 1_000 * Second;

        internal long Position { get; private set; }

        internal void Hold(long change) => Position += change;

        internal Signal? See(Event e)
        {
            Decision decision = default;
            _market.Apply(e);
            _stage.OnEvent(e, ref decision);
            Assert.True(decision.SignalCount <= 1);
            return decision.SignalCount == 0 ? null : decision.Signals[0];
        }

        public long VenuePosition(InstrumentId instrument) => Position;

        public long VirtualPosition(StrategyId strategy, InstrumentId instrument) => Position;

        public long VirtualCashFlow(StrategyId strategy, InstrumentId instrument) => 0;

        public long FilledNow(StrategyId strategy) => 0;

        public OpenTrade Trade(StrategyId strategy, InstrumentId instrument) => default;

        public (long Closed, long Profit) Record(StrategyId strategy) => default;

        public ReadOnlySpan<InternalTrade> Crossed => [];
    }
}
