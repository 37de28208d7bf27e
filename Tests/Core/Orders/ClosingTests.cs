using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

/// <summary>
/// A position that is to be closed is closed when its executions say so, and by nothing else: whatever becomes of an order that
/// closes it, the wish lasts and the next order is for what is left.
/// </summary>
public sealed class ClosingTests
{
    private static readonly InstrumentId Instrument = new(1);

    /// <summary>What may become of an order that closes 10, how much of it is filled by then, and what comes next.</summary>
    public static TheoryData<string, long> Endings => new()
    {
        { "not sent", 0 },
        { "rejected", 0 },
        { "cancelled by the venue", 0 },
        { "cancelled by the venue", 4 },
        { "expired", 0 },
        { "expired", 9 },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public void What_is_left_is_asked_for_again_and_flat_is_said_when_it_is_filled(string ending, long filled)
    {
        Rig rig = Closing(out OrderId order);
        if (filled != 0)
        {
            rig.Fill(order, Side.Sell, filled, 10_000, 2);
        }

        End(rig, order, ending, filled);
        AssertOpen(rig, 10 - filled);

        OrderId next = Again(rig, order);
        Assert.True(rig.Pipeline.Orders.TryFind(next, out int place));
        Assert.Equal(10 - filled, rig.Pipeline.Orders[place].Leaves);
        rig.Fill(next, Side.Sell, 10 - filled, 10_000, 3);
        AssertFlat(rig);
    }

    [Fact]
    public void An_acceptance_a_cancel_that_was_asked_for_and_an_unknown_outcome_close_nothing()
    {
        Rig rig = Closing(out OrderId order);
        rig.Outcome(order, CommandVerb.New, Outcome.Unknown);
        AssertOpen(rig, 10);
        for (int i = 0; i < 20; i++)
        {
            rig.Tick(Rig.Second);
            Assert.DoesNotContain(rig.Commands, command => command.Verb == CommandVerb.New);
        }

        rig.Report(order, OrderStatus.Accepted, 10, 10_000);
        AssertOpen(rig, 10);
        rig.Fill(order, Side.Sell, 10, 10_000, 2);
        AssertFlat(rig);
    }

    [Fact]
    public void A_report_that_counts_it_filled_closes_nothing_before_its_executions()
    {
        Rig rig = Closing(out OrderId order);
        rig.Report(order, OrderStatus.Accepted, 10, 10_000, filled: 10);
        AssertOpen(rig, 10);
        rig.Fill(order, Side.Sell, 10, 10_000, 2);
        AssertFlat(rig);
    }

    private static void End(Rig rig, OrderId order, string ending, long filled)
    {
        switch (ending)
        {
            case "not sent":
                rig.Outcome(order, CommandVerb.New, Outcome.NotSent, ReportReason.NotConnected);
                break;
            case "rejected":
                rig.Report(order, OrderStatus.Rejected);
                break;
            default:
                rig.Report(order, ending == "expired" ? OrderStatus.Expired : OrderStatus.Cancelled, filled: filled);
                break;
        }
    }

    private static OrderId Again(Rig rig, OrderId before)
    {
        for (int i = 0; i < 120; i++)
        {
            rig.Quote(1, 9_999, 10_001);
            rig.Tick(Rig.Second);
            OrderId next = rig.Live(Side.Sell);
            if (!next.IsNone && next != before)
            {
                return next;
            }
        }

        throw new InvalidOperationException("what was left of the position was not asked for again");
    }

    private static void AssertOpen(Rig rig, long quantity)
    {
        Assert.Equal((quantity, quantity), (rig.Position(), rig.Virtual(1)));
        Assert.Equal(quantity, rig.Pipeline.Portfolio.Trips.Of(new StrategyId(1), Instrument).Quantity);
        Assert.Equal(0, rig.Pipeline.Portfolio.Trips.Record(new StrategyId(1)).Closed);
    }

    private static void AssertFlat(Rig rig)
    {
        Assert.Equal((0L, 0L), (rig.Position(), rig.Virtual(1)));
        Assert.Equal(1, rig.Pipeline.Portfolio.Trips.Record(new StrategyId(1)).Closed);
    }

    /// <summary>10 are held, flat is wished, and an order for it is on its way.</summary>
    private static Rig Closing(out OrderId order)
    {
        Rig rig = new Rig().Begin();
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10);
        rig.Fill(rig.Live(Side.Buy), Side.Buy, 10, 10_000, 1);
        AssertOpen(rig, 10);
        rig.Say((1, context => context.SetFlat(Instrument)));
        Command command = Assert.Single(rig.Commands);
        Assert.Equal((CommandVerb.New, Side.Sell, 10L), (command.Verb, command.Side, command.Quantity));
        order = command.Order;
        return rig;
    }
}
