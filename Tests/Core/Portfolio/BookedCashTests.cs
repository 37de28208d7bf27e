using System.Linq;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

/// <summary>Cash without a fill: it counts once, and belongs to those who held the position.</summary>
public sealed class BookedCashTests
{
    private static readonly InstrumentId X = new(1);

    [Theory]
    // Three quarters and one quarter of what is held.
    [InlineData(3, 1, -100, 0, -75, -25)]
    // Who is short receives what the others pay beyond the whole: 3 of 2, and -1 of 2.
    [InlineData(3, -1, -100, 0, -150, 50)]
    // A third of 100 is 33; what is left of the whole goes to the last.
    [InlineData(1, 2, -100, 0, -33, -67)]
    // Nothing is held: the house's.
    [InlineData(0, 0, 70, 70, 0, 0)]
    // Two strategies that hold against each other: nothing is held in all.
    [InlineData(2, -2, 70, 70, 0, 0)]
    public void It_is_shared_by_what_is_held_and_adds_up(long first, long second, long amount, long house, long one, long two)
    {
        PortfolioLedger ledger = Ledger(first, second);
        Assert.True(ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 1), Amount = amount }));
        long[] parts = [.. Enumerable.Range(0, 3).Select(s => ledger.Part(new StrategyId((ushort)s), X).CashFlow)];
        Assert.Equal([house, one, two], parts);
        Assert.Equal((amount, amount, amount), (ledger.Cash(0), ledger.Booked(X), parts.Sum()));
    }

    [Fact]
    public void A_dividend_belongs_to_those_who_held_on_its_ex_date()
    {
        PortfolioLedger ledger = Ledger(30, 10);
        ledger.Entitle(X);

        // The first one has sold to the second since; funding and a dividend of another position go by what is held now.
        ledger.Adopt(new StrategyId(1), X, new VirtualPosition { Quantity = -30 });
        ledger.Adopt(new StrategyId(2), X, new VirtualPosition { Quantity = 30 });
        ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 1), Amount = 100, Position = 40, Reason = BookingReason.Dividend });
        Assert.Equal((75, 25), (Flow(1), Flow(2)));
        ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 2), Amount = 100, Position = 40, Reason = BookingReason.Funding });
        ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 3), Amount = 100, Position = 39, Reason = BookingReason.Dividend });
        ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 4), Amount = 100, Position = 0, Reason = BookingReason.Dividend });
        Assert.Equal((75, 325), (Flow(1), Flow(2)));
        long Flow(ushort strategy) => ledger.Part(new StrategyId(strategy), X).CashFlow;
    }

    [Fact]
    public void The_pipeline_remembers_who_held_when_a_dividend_went_into_force()
    {
        Rig rig = new Rig(new RigSettings { Rules = [new StrategyRule(1, 0, 0)] }).Begin();
        rig.Target(1, 30);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 30, 10_000, 1);
        rig.Publish(
            new CorporateAction { Action = CorporateActionKind.Dividend, Effect = CorporateActionEffect.InForce, CashPerShare = 1 }, 1);
        rig.Target(1, 0);
        rig.Fill(rig.Live(Side.Sell), Side.Sell, 30, 10_000, 2);
        long flow = rig.Pipeline.Portfolio.Part(new StrategyId(1), X).CashFlow;
        rig.Publish(
            new CashBooked { BookingId = new VenueId(7, 1), Amount = 500, Position = 30, Reason = BookingReason.Dividend }, 1);
        Assert.Equal(flow + 500, rig.Pipeline.Portfolio.Part(new StrategyId(1), X).CashFlow);
    }

    [Fact]
    public void The_same_booking_counts_once()
    {
        PortfolioLedger ledger = Ledger(3, 1);
        CashBooked booked = new() { BookingId = new VenueId(7, 1), Amount = -100 };
        Assert.True(ledger.Book(X, booked));
        Assert.False(ledger.Book(X, booked));
        Assert.True(ledger.Book(X, booked with { BookingId = new VenueId(7, 2) }));
        Assert.Equal((-200, 1), (ledger.Cash(0), ledger.Repeated));
    }

    [Fact]
    public void Random_bookings_never_make_or_lose_a_unit()
    {
        Xoshiro256 dice = new(11);
        for (int i = 0; i < 2_000; i++)
        {
            PortfolioLedger ledger = Ledger(dice.NextBelow(2_001) - 1_000, dice.NextBelow(2_001) - 1_000);
            long amount = dice.NextBelow(2_000_001) - 1_000_000;
            ledger.Book(X, new CashBooked { BookingId = new VenueId(7, 1), Amount = amount });
            Assert.Equal(amount, Enumerable.Range(0, 3).Sum(s => ledger.Part(new StrategyId((ushort)s), X).CashFlow));
        }
    }

    [Fact]
    public void The_pipeline_folds_it_and_the_open_trade_counts_it()
    {
        Rig rig = new Rig(new RigSettings { Rules = [new StrategyRule(1, 0, 0)] }).Begin();
        rig.Target(1, 30);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 30, 10_000, 1);
        PortfolioLedger ledger = rig.Pipeline.Portfolio;
        long cash = ledger.Cash(0);
        long flow = ledger.Trips.Of(new StrategyId(1), X).Flow;
        rig.Publish(new CashBooked { BookingId = new VenueId(7, 1), Amount = -500, Reason = BookingReason.Funding }, 1);
        Assert.Equal((cash - 500, flow - 500), (ledger.Cash(0), ledger.Trips.Of(new StrategyId(1), X).Flow));
    }

    private static PortfolioLedger Ledger(long first, long second)
    {
        MarketView market = new([], 0);
        market.Apply(Make.Definition(1, 1));
        PortfolioLedger ledger = new(market);
        ledger.Define(X, Make.Definition(1, 1).InstrumentDefined);
        ledger.Adopt(X, new Position { Quantity = first + second });
        ledger.Adopt(new StrategyId(1), X, new VirtualPosition { Quantity = first });
        ledger.Adopt(new StrategyId(2), X, new VirtualPosition { Quantity = second });
        return ledger;
    }
}
