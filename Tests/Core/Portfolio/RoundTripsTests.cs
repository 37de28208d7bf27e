using System;
using FsCheck.Fluent;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

public sealed class RoundTripsTests
{
    private static readonly InstrumentId Instrument = new(3);

    // A unit at a price of p is worth p.
    private static readonly Instrument Rules = new()
    {
        Id = Instrument,
        Kind = InstrumentKind.Linear,
        PriceExponent = 8,
        QuantityExponent = 0,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000,
        MinNotional = 0,
        Multiplier = 1,
    };
    private static readonly StrategyId Strategy = new(2);

    [Fact]
    public void A_fill_that_turns_the_position_ends_one_trade_and_opens_the_next()
    {
        RoundTrips trips = new();
        trips.Fold(Strategy, Rules, 10, 1_000, 3, 100, now: 5, sequence: 10 * 5);
        Assert.Equal(1u << 2, trips.Open(Instrument));
        trips.Fold(Strategy, Rules, -15, -1_350, 3, 90, now: 9, sequence: 10 * 9);
        RoundTrip trip = trips.Of(Strategy, Instrument);

        // 10 of 15 closed it: 900 received, 2 of the fee; 1000 + 3 were paid. The rest opened a short of 5.
        Assert.Equal((1L, 1L), (trips.Closed, trips.LosingRun));
        Assert.Equal((-5L, -450L, 449L, 9L, 90L, 2L),
            (trip.Quantity, trip.Cost, trip.Flow, trip.OpenedAt, trip.OpenedPrice, trip.Number));
        trips.Fold(Strategy, Rules, 5, 450, 0, 90, now: 10, sequence: 10 * 10);
        Assert.Equal((2L, 2L, 0u), (trips.Closed, trips.LosingRun, trips.Open(Instrument)));
        Assert.Equal(default, trips.Of(Strategy, Instrument));
        trips.Fold(Strategy, Rules, 5, 450, 0, 90, now: 11, sequence: 10 * 11);
        trips.Fold(Strategy, Rules, -5, -450, 0, 90, now: 12, sequence: 10 * 12);
        Assert.Equal((3L, 0L), (trips.Closed, trips.LosingRun));
    }

    [Fact]
    public void A_price_counts_again_after_anything_of_its_trades_changed()
    {
        // What is marked twice at one price is what is marked once; a fill, cash, or other rules make it a new price.
        RoundTrips trips = new();
        trips.Fold(Strategy, Rules, 10, 1_000, 0, 100, now: 5, sequence: 1);
        trips.Mark(Rules, 104);
        trips.Mark(Rules, 104);
        Assert.Equal((40L, 0L), (trips.Of(Strategy, Instrument).Best, trips.Of(Strategy, Instrument).Worst));
        trips.Fold(Strategy, Rules, 10, 1_000, 0, 100, now: 6, sequence: 2);
        trips.Mark(Rules, 104);
        Assert.Equal(80, trips.Of(Strategy, Instrument).Best);
        trips.Book(Strategy, Instrument, 5);
        trips.Mark(Rules, 104);
        Assert.Equal(85, trips.Of(Strategy, Instrument).Best);
        Instrument twice = new()
        {
            Id = Instrument,
            Kind = InstrumentKind.Linear,
            PriceExponent = 8,
            QuantityExponent = 0,
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000,
            MinNotional = 0,
            Multiplier = 2,
        };
        trips.Define(Instrument);
        trips.Mark(twice, 104);
        Assert.Equal((104 * 20 * 2) - 2_000 + 5, trips.Of(Strategy, Instrument).Best);
    }

    [Fact]
    public void A_trade_keeps_the_event_of_its_entry_and_how_far_it_went()
    {
        RoundTrips trips = new();
        trips.Fold(Strategy, Rules, 10, 1_000, 3, 100, now: 5, sequence: 77);
        trips.Mark(Rules, 104);
        trips.Mark(Rules, 96);
        trips.Fold(Strategy, Rules, 5, 500, 0, 100, now: 6, sequence: 90);
        trips.Mark(Rules, 101);

        // 10 at 104 less 1003; 10 at 96 less 1003. The later fill is of the same trade.
        RoundTrip trip = trips.Of(Strategy, Instrument);
        Assert.Equal((77L, 5L, 37L, -43L), (trip.OpenedSequence, trip.OpenedAt, trip.Best, trip.Worst));

        // A price from before the entry says nothing of the trade.
        trips.Mark(Rules, 500, since: 4);
        Assert.Equal(37L, trips.Of(Strategy, Instrument).Best);
        trips.Fold(Strategy, Rules, -15, -1_500, 0, 100, now: 7, sequence: 99);
        Assert.Equal((1L, -3L), trips.Record(Strategy));
        trips.Fold(Strategy, Rules, -1, -100, 0, 100, now: 8, sequence: 120);
        Assert.Equal((120L, 0L, 0L), (trips.Of(Strategy, Instrument).OpenedSequence, trips.Of(Strategy, Instrument).Best, trips.Of(Strategy, Instrument).Worst));
    }

    [Fact]
    public void No_money_is_made_or_lost_by_how_a_trade_is_cut() =>
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), Conserves, runs: 300);

    /// <summary>The flows of all trades are all that was received and paid; the cost of what is open is a share of it.</summary>
    private static bool Conserves(int seed)
    {
        Random dice = new(seed);
        RoundTrips trips = new();
        long paid = 0;
        long quantity = 0;
        long ended = 0;
        for (int i = 0; i < 200; i++)
        {
            long change = (1 + dice.Next(9)) * (dice.Next(2) == 0 ? 1 : -1);
            long price = 90 + dice.Next(20);
            long fee = dice.Next(5) - 1;
            long before = trips.Of(Strategy, Instrument).Flow;
            long closed = trips.Closed;
            trips.Fold(Strategy, Rules, change, change * price, fee, price, i, i);
            paid += (change * price) + fee;
            quantity += change;

            // What a trade that ended had is what went in, less what the next one took over.
            ended += trips.Closed != closed ? before - (change * price) - fee - trips.Of(Strategy, Instrument).Flow : 0;
            ref readonly RoundTrip open = ref trips.Of(Strategy, Instrument);
            if (open.Quantity != quantity || ended + open.Flow != -paid || (quantity == 0) != (open.Cost == 0)
                || Math.Sign(open.Cost) != Math.Sign(quantity) || (trips.Open(Instrument) != 0) != (quantity != 0))
            {
                return false;
            }
        }

        return true;
    }
}
