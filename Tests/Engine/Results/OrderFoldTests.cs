using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

/// <summary>A market of one instrument and the orders in it, spoken to by hand.</summary>
internal sealed class OrderRig
{
    internal const long Unit = 100_000_000;
    private static readonly InstrumentId _id = new(1);
    private int _ordinal;
    private ulong _execution;

    internal OrderRig(bool defineOnly = false)
    {
        Event e = Made(0);
        e.Set(new InstrumentDefined
        {
            Symbol = Symbol24.Of("ACME"),
            Currency = Currency8.Of("USD"),
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            InstrumentKind = InstrumentKind.Linear,
        });
        Market.Apply(e);
        if (!defineOnly)
        {
            Quote(1, 100, 10, 102, 10);
        }
    }

    internal MarketView Market { get; } = new([], 0);

    internal OrderFold Fold { get; } = new();

    internal void Quote(long at, long bid, long bidSize, long ask, long askSize)
    {
        Event e = Made(at);
        e.Set(new Quote { BidPrice = bid, BidQuantity = bidSize, AskPrice = ask, AskQuantity = askSize });
        Market.Apply(e);
    }

    internal void Print(long at, long price)
    {
        Event e = Made(at);
        e.Set(new Trade { Price = price, Quantity = 1 });
        Market.Apply(e);
    }

    internal OrderId New(long at, Side side, long price, long quantity)
    {
        Command command = new()
        {
            Order = OrderId.Of(1, 1, _ordinal++ % 64),
            Instrument = _id,
            Verb = CommandVerb.New,
            Side = side,
            Price = price,
            Quantity = quantity,
        };
        Tell(at, command);
        return command.Order;
    }

    internal void Cancel(long at, OrderId order) =>
        Tell(at, new Command { Order = order, Instrument = _id, Verb = CommandVerb.Cancel });

    internal void Report(long at, OrderId order, OrderStatus status, long quantity = 0)
    {
        Event e = Made(at);
        e.Set(new OrderReport { Order = order, Status = status, Quantity = quantity });
        Fold.OnReport(e, 0, Market[_id].Definition);
    }

    internal void NotSent(long at, OrderId order)
    {
        Event e = Made(at);
        e.Set(new CommandOutcome { Order = order, Verb = CommandVerb.New, Outcome = Outcome.NotSent });
        Fold.OnOutcome(e);
    }

    internal void Fill(
        long at, OrderId order, Side side, long price, long quantity, long fee = 0, Liquidity liquidity = Liquidity.Taker,
        ExecutionMarks marks = ExecutionMarks.None)
    {
        Event e = Made(at);
        e.Set(new Execution
        {
            Order = order,
            ExecutionId = new VenueId(1, ++_execution),
            Side = side,
            Price = price,
            Quantity = quantity,
            Fee = fee * Unit,
            Liquidity = liquidity,
            Marks = marks,
        });
        Fold.OnExecution(e, 0, Market[_id]);
    }

    private void Tell(long at, in Command command)
    {
        Decision decision = default;
        decision.Commands[0] = command;
        decision.CommandCount = 1;
        Fold.OnCommands(Made(at), decision, Market);
    }

    private static Event Made(long at)
    {
        Event e = default;
        e.ReceivedAt = at;
        e.Source = EventSource.Csv;
        e.Flags = EventFlags.Whole;
        e.Instrument = _id;
        return e;
    }
}

public sealed class OrderFoldTests
{
    private const long Unit = OrderRig.Unit;

    [Fact]
    public void Orders_are_counted_by_how_they_ended()
    {
        OrderRig rig = new();
        OrderId whole = rig.New(10, Side.Buy, 102, 5);
        OrderId part = rig.New(11, Side.Buy, 101, 4);
        OrderId none = rig.New(12, Side.Sell, 110, 3);
        OrderId rejected = rig.New(13, Side.Sell, 110, 3);
        OrderId unsent = rig.New(14, Side.Sell, 110, 3);
        rig.New(15, Side.Sell, 110, 3);
        rig.Fill(20, whole, Side.Buy, 102, 5);
        rig.Fill(21, part, Side.Buy, 101, 1);
        rig.Report(22, part, OrderStatus.Expired);
        rig.Report(23, none, OrderStatus.Cancelled);
        rig.Report(24, rejected, OrderStatus.Rejected);
        rig.NotSent(25, unsent);
        OrderFold fold = rig.Fold;
        Assert.Equal((6L, 1L, 1L, 1L, 1L, 1L, 1L), (fold.New, fold.Whole, fold.Part, fold.Unfilled, fold.Rejected, fold.NotSent, fold.Open));

        // Ended with a chance to be filled: 5 x 102 + 4 x 101 + 3 x 110 = 1,244; filled of it 5 x 102 + 1 x 101 = 611.
        Assert.Equal((1_244 * Unit, 611 * Unit), (fold.Totals(0).Ordered, fold.Totals(0).Filled));
    }

    [Fact]
    public void Slippage_is_against_the_decision_and_half_spread_against_the_fill()
    {
        OrderRig rig = new();

        // Mid 101 when decided, 104 when filled; bought 5 at 105 with a fee of 2.
        OrderId order = rig.New(10, Side.Buy, 110, 5);
        rig.Quote(15, 103, 1, 105, 9);
        rig.Fill(20, order, Side.Buy, 105, 5, fee: 2);
        Assert.Equal(20 * Unit, rig.Fold.Totals(0).Slippage);
        Assert.Equal(5 * Unit, rig.Fold.Totals(0).HalfSpread);
        Assert.Equal((525 * Unit, 2 * Unit), (rig.Fold.Totals(0).Turnover, rig.Fold.Totals(0).Fees));

        // A maker's sale above the mid earns it: 104 to 106 for 3.
        OrderId sale = rig.New(30, Side.Sell, 106, 3);
        rig.Fill(40, sale, Side.Sell, 106, 3, fee: -1, liquidity: Liquidity.Maker);
        Assert.Equal((20 - 6) * Unit, rig.Fold.Totals(0).Slippage);
        Assert.Equal((1L, 2L), (rig.Fold.Totals(0).Maker, rig.Fold.Totals(0).Fills));
        Assert.Equal(0, rig.Fold.Totals(0).NotMeasured);
    }

    [Fact]
    public void Times_run_from_the_decision_to_the_answer()
    {
        OrderRig rig = new();
        OrderId order = rig.New(1_000, Side.Buy, 100, 5);
        rig.Report(1_100, order, OrderStatus.Accepted);
        rig.Report(1_900, order, OrderStatus.Accepted);
        rig.Fill(1_250, order, Side.Buy, 100, 1);
        rig.Fill(1_800, order, Side.Buy, 100, 1);
        rig.Cancel(2_000, order);
        rig.Report(2_060, order, OrderStatus.Cancelled);
        Assert.Equal((1L, 100L), (rig.Fold.Acknowledged.TotalCount, rig.Fold.Acknowledged.ValueAtPercentile(50)));
        Assert.Equal(1, rig.Fold.FirstFill.TotalCount);
        Assert.InRange(rig.Fold.FirstFill.ValueAtPercentile(50), 250, 252);
        Assert.Equal((1L, 60L), (rig.Fold.CancelConfirmed.TotalCount, rig.Fold.CancelConfirmed.ValueAtPercentile(50)));
    }

    [Fact]
    public void A_fill_after_a_silent_market_is_stale_and_one_at_the_bound_is_not()
    {
        OrderRig rig = new();
        OrderId order = rig.New(10, Side.Buy, 110, 5);
        rig.Fill(1 + OrderFold.StaleAfter, order, Side.Buy, 102, 1);
        Assert.Equal(0, rig.Fold.Stale);
        rig.Fill(2 + OrderFold.StaleAfter, order, Side.Buy, 102, 1);
        Assert.Equal(1, rig.Fold.Stale);
        Assert.Equal(1 + OrderFold.StaleAfter, rig.Fold.OldestMarket);
    }

    [Fact]
    public void A_taker_that_gets_more_at_the_best_price_than_was_shown_is_counted()
    {
        OrderRig rig = new();
        OrderId modest = rig.New(10, Side.Buy, 110, 10);
        rig.Fill(11, modest, Side.Buy, 102, 10);
        Assert.Equal(0, rig.Fold.BeyondShown);

        // What walks up the book pays for it: nothing to doubt.
        OrderId walking = rig.New(12, Side.Buy, 110, 30);
        rig.Fill(13, walking, Side.Buy, 102, 10);
        rig.Fill(13, walking, Side.Buy, 103, 20);
        Assert.Equal(0, rig.Fold.BeyondShown);
        OrderId greedy = rig.New(14, Side.Buy, 110, 11);
        rig.Fill(15, greedy, Side.Buy, 102, 11);
        Assert.Equal(1, rig.Fold.BeyondShown);

        // A maker is filled by who comes: what is shown on the other side does not bound it.
        OrderId resting = rig.New(16, Side.Buy, 100, 500);
        rig.Fill(17, resting, Side.Buy, 100, 500, liquidity: Liquidity.Maker);
        Assert.Equal((1L, 0L), (rig.Fold.BeyondShown, rig.Fold.NothingShown));
    }

    [Fact]
    public void Fills_on_prints_alone_are_counted_as_fills_without_a_shown_size()
    {
        OrderRig rig = new(defineOnly: true);
        rig.Print(1, 100);
        OrderId order = rig.New(10, Side.Buy, 110, 1_000);
        rig.Fill(11, order, Side.Buy, 100, 1_000);
        Assert.Equal((0L, 1L), (rig.Fold.BeyondShown, rig.Fold.NothingShown));
    }

    [Fact]
    public void A_fill_of_an_order_that_nobody_knows_counts_as_foreign_and_still_costs()
    {
        OrderRig rig = new();
        rig.Fill(11, OrderId.Of(1, 99, 0), Side.Sell, 100, 2, fee: 3);
        Assert.Equal(1, rig.Fold.Foreign);
        Assert.Equal(3 * Unit, rig.Fold.Totals(0).Fees);
        Assert.Equal(1, rig.Fold.Totals(0).NotMeasured);
        Assert.Null(rig.Fold.Listed.Kept[0].Slippage);
    }
}
