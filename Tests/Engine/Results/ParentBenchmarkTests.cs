using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

/// <summary>
/// A purchase in three orders, worked out by hand: the price is 101 when it begins, and rises. A piece at a price of p is worth
/// p x 10^8.
/// </summary>
public sealed class ParentBenchmarkTests
{
    private const long Unit = 100_000_000;
    private static readonly InstrumentId Id = new(1);

    private readonly MarketView _market = new([], 0);
    private readonly OrderFold _fold = new();
    private int _ordinal;
    private ulong _execution;

    public ParentBenchmarkTests()
    {
        Event e = Of(0);
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
        _market.Apply(e);
        Quote(1, 100, 102);
    }

    [Fact]
    public void Fills_are_held_against_the_price_at_the_parents_beginning_and_against_what_was_printed_since()
    {
        Fill(New(2, slice: 1), 3, 102, 10);
        Print(4, 104, 30);
        Print(5, 100, 10);
        Quote(6, 105, 107);
        Fill(New(7, slice: 2), 8, 107, 10);
        Fill(New(9, slice: 3), 10, 106, 5);
        FillTotals totals = _fold.Totals(0);

        // Against 101: 10 at +1, 10 at +6, 5 at +5. Against what each order met: 10 at +1, 10 at +1, 5 at 0.
        Assert.Equal((95 * Unit, 20 * Unit), (totals.Arrival, totals.Slippage));

        // Printed were 40 for 4,120: 103. The first fill came before any print. 10 at +4, 5 at +3.
        Assert.Equal((55 * Unit, 2L), (totals.Vwap, totals.VwapFills));
    }

    [Fact]
    public void A_new_parent_begins_anew_and_an_order_without_a_style_is_its_own()
    {
        Fill(New(2, slice: 1), 3, 102, 10);
        Print(4, 200, 10);
        Quote(5, 199, 201);
        Fill(New(6, slice: 1), 7, 201, 10);
        Fill(New(8, slice: 0), 9, 203, 10);

        // 10 at +1 from 101, 10 at +1 from 200, 10 at +3 from 200.
        Assert.Equal((50 * Unit, 0L), (_fold.Totals(0).Arrival, _fold.Totals(0).VwapFills));
    }

    [Fact]
    public void A_suspicious_print_is_no_benchmark()
    {
        OrderId order = New(2, slice: 1);
        Print(3, 900, 100, TradeMarks.Suspicious);
        Fill(order, 4, 102, 10);
        Assert.Equal(0, _fold.Totals(0).VwapFills);
    }

    private static Event Of(long at)
    {
        Event e = default;
        e.ReceivedAt = at;
        e.Instrument = Id;
        e.Flags = EventFlags.Whole;
        return e;
    }

    private void Quote(long at, long bid, long ask)
    {
        Event e = Of(at);
        e.Set(new Quote { BidPrice = bid, BidQuantity = 10, AskPrice = ask, AskQuantity = 10 });
        _market.Apply(e);
    }

    private void Print(long at, long price, long quantity, TradeMarks marks = TradeMarks.None)
    {
        Event e = Of(at);
        e.Set(new Trade { Price = price, Quantity = quantity, Marks = marks });
        _market.Apply(e);
        _fold.OnPrint(e);
    }

    private OrderId New(long at, ushort slice)
    {
        Decision decision = default;
        decision.IntentCount = decision.VerdictCount = decision.CommandCount = 1;
        decision.Intents[0] = new Intent { Instrument = Id, Kind = IntentKind.Target };
        decision.Verdicts[0] = new Verdict { Ruling = Ruling.Approved, Slice = slice };
        decision.Commands[0] = new Command
        {
            Order = OrderId.Of(1, 1, _ordinal++),
            Instrument = Id,
            Verb = CommandVerb.New,
            Side = Side.Buy,
            Price = 1_000,
            Quantity = 10,
        };
        _fold.OnCommands(Of(at), decision, _market);
        return decision.Commands[0].Order;
    }

    private void Fill(OrderId order, long at, long price, long quantity)
    {
        Event e = Of(at);
        e.Set(new Execution
        {
            Order = order,
            ExecutionId = new VenueId(1, ++_execution),
            Side = Side.Buy,
            Price = price,
            Quantity = quantity,
        });
        _fold.OnExecution(e, 0, _market[Id]);
    }
}
