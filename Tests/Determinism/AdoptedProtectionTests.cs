using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// A position that another build or configuration left behind is protected from the first event on: by the exits of its strategy,
/// from its own entry and the best price seen before, and by a stop at the venue.
/// </summary>
public sealed class AdoptedProtectionTests
{
    private static readonly string[] Names = ["one", "two"];

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void The_first_quote_through_the_stop_takes_an_adopted_position_out(int direction)
    {
        PortableState state = Left(direction);
        foreach (bool isOld in (ReadOnlySpan<bool>)[false, true])
        {
            if (isOld)
            {
                // A layout without trades: entry and cost are those of the position.
                state.Trades.Clear();
            }

            Rig rig = Adopted(state, new ExitRule { StopLossBps = 100 });
            rig.Quote(1, 10_000 - (direction * 90) - 1, 10_000 - (direction * 90) + 1);
            Assert.Empty(rig.Intents);
            rig.Quote(1, 10_000 - (direction * 101) - 1, 10_000 - (direction * 101) + 1);
            Assert.Equal(IntentCause.StopLoss, rig.Intents.Single().Cause);
            Assert.Equal((direction > 0 ? Side.Sell : Side.Buy, 10L), (rig.Commands.Single().Side, rig.Commands.Single().Quantity));
        }
    }

    [Fact]
    public void A_trailing_stop_goes_on_from_the_best_price_that_was_seen_before()
    {
        Rig rig = Adopted(Left(1, best: 10_050), new ExitRule { TrailingBps = 100 });
        rig.Quote(1, 9_949, 9_951);
        Assert.Empty(rig.Sent);
        rig.Quote(1, 9_948, 9_950);
        Assert.Equal(IntentCause.TrailingStop, rig.Intents.Single().Cause);

        // Without it the level begins at the entry, and the same price is inside.
        Rig forgot = Adopted(Left(1), new ExitRule { TrailingBps = 100 });
        forgot.Quote(1, 9_948, 9_950);
        Assert.Empty(forgot.Sent);
    }

    [Fact]
    public void The_stop_of_the_wish_is_taken_over_with_the_position()
    {
        PortableState state = Left(1);
        state.Trades[0].StopPrice = 9_950;
        Rig rig = Adopted(state, null);
        rig.Quote(1, 9_949, 9_951);
        Assert.Equal(IntentCause.StopLoss, rig.Intents.Single().Cause);

        Rig bare = Adopted(Left(1), null);
        bare.Quote(1, 9_949, 9_951);
        Assert.Empty(bare.Intents);
    }

    [Fact]
    public void A_stop_at_the_venue_is_sent_with_the_first_event_that_has_a_price()
    {
        Rig rig = Adopted(Left(1), new ExitRule { StopLossBps = 100 }, venueStop: true);
        rig.Tick();
        Command stop = rig.Sent.Single();
        Assert.Equal(
            (OrderType.StopLimit, 10L, 9_850L, OrderFlags.ReduceOnly | OrderFlags.Protective),
            (stop.Type, stop.Quantity, stop.TriggerPrice, stop.Flags));
    }

    [Fact]
    public void A_stop_that_rests_is_taken_over_unknown_and_made_anew_only_where_the_venue_has_it_or_not()
    {
        PortableState state = Left(1);
        OrderId left = OrderId.Of(1, 77, 0);
        state.Orders.Add(new PortableOrder
        {
            Id = left.Packed,
            Price = 9_600,
            Quantity = 10,
            Instrument = 1,
            Owner = string.Empty,
            Side = (long)Side.Sell,
            TimeInForce = (long)TimeInForce.GoodTillCancel,
            Flags = (long)(OrderFlags.ReduceOnly | OrderFlags.Protective),
        });
        Rig found = Adopted(state, new ExitRule { StopLossBps = 100 }, venueStop: true);
        found.Tick();
        Assert.Empty(found.Sent);
        found.Report(left, OrderStatus.Accepted, 10, 9_600);
        Command amend = found.Commands.Single(IsStop);
        Assert.Equal((CommandVerb.Amend, left, 9_850L), (amend.Verb, amend.Order, amend.TriggerPrice));

        Rig gone = Adopted(state, new ExitRule { StopLossBps = 100 }, venueStop: true);
        gone.Report(left, OrderStatus.Cancelled, 10, 9_600, ReportReason.ProvenAbsent);
        gone.Tick(Rig.Second);
        Assert.Equal(CommandVerb.New, gone.Sent.Single(IsStop).Verb);

        // Nobody asks for stops at the venue any more: it is cancelled.
        Rig without = Adopted(state, new ExitRule { StopLossBps = 100 });
        without.Report(left, OrderStatus.Accepted, 10, 9_600);
        Assert.Equal((CommandVerb.Cancel, left), (without.Commands.Single(IsStop).Verb, without.Commands.Single(IsStop).Order));
    }

    private static bool IsStop(Command command) => (command.Flags & OrderFlags.Protective) != 0;

    private static PortableState Left(int direction, long best = 0)
    {
        long quantity = direction * 10;
        long cost = quantity * 10_000 * Rig.MoneyPerCent;
        PortableState state = new() { State = (long)TradingState.Active, Now = Rig.Start };
        state.Market.AddRange([0, 0, 0]);
        state.Positions.Add(new PortablePosition { Instrument = 1, Quantity = quantity, Cost = cost, Executions = 1 });
        state.Parts.Add(new PortablePart { Strategy = "one", Instrument = 1, Quantity = quantity, CashFlow = -cost, Fills = 1 });
        state.Trades.Add(new PortableTrade
        {
            Strategy = "one",
            Instrument = 1,
            Quantity = quantity,
            Cost = cost,
            Flow = -cost,
            OpenedAt = Rig.Start,
            OpenedPrice = 10_000,
            Best = best,
        });
        state.Instruments.Add(new PortableInstrument
        {
            Instrument = 1,
            Symbol = "SYM1",
            Currency = "USD",
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            DefinitionVersion = 1,
            Kind = (long)InstrumentKind.Linear,
            PriceExponent = 2,
            Status = 1,
        });
        return state;
    }

    /// <summary>A pipeline that took the state over, as it is read back from its bytes, and begins in a market at 100.</summary>
    private static Rig Adopted(PortableState state, ExitRule? rule, bool venueStop = false)
    {
        Assert.Null(PortableState.Read(state.Write(), out PortableState? read));
        RiskSettings risk = RigSettings.Wide() with
        {
            Exits = [rule],
            VenueStop = venueStop
                ? new VenueStopRule { BeyondBps = 50, SlippageBps = 200, StepBps = 5, AlarmAfter = Rig.Second }
                : null,
        };
        Rig rig = new(new RigSettings { Risk = risk });
        Adoption.Apply(read!, rig.Pipeline, Names);
        return rig.Begin();
    }
}
