using BenchmarkDotNet.Attributes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;

namespace LowLatency.Bench;

/// <summary>
/// What the simulated venue costs: a book update and a print with 0, 8 and 128 resting orders of ours, and an order from
/// submission to its last report.
/// </summary>
[MemoryDiagnoser]
public class MatchingBenchmarks
{
    private const int Levels = 50;

    private SimulatedVenue _venue = null!;
    private Event _level;
    private Event _trade;
    private Event _report;
    private long _now;
    private long _orders;

    /// <summary>Orders of ours that rest one tick below the best bid.</summary>
    [Params(0, 8, 128)]
    public int Resting { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _venue = new SimulatedVenue(new SimulatedVenueSettings { EntryLatency = 10, ResponseLatency = 10, Instruments = 1 });
        _now = 1_000_000;
        _orders = 0;
        Event define = New(new InstrumentDefined
        {
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            InstrumentKind = InstrumentKind.Spot,
            PriceExponent = 2,
            QuantityExponent = 3,
        });
        Show(ref define);
        for (int i = 0; i < Levels; i++)
        {
            BookLevels levels = new() { BasePrice = 10_000 };
            levels.TryAdd(Side.Buy, 9_999 - i, 1_000);
            levels.TryAdd(Side.Sell, 10_000 + i, 1_000);
            Event part = New(levels);
            part.Flags = EventFlags.Snapshot | (i == 0 ? EventFlags.First : 0) | (i == Levels - 1 ? EventFlags.Last : 0);
            Show(ref part);
        }

        for (int i = 0; i < Resting; i++)
        {
            Send(Side.Buy, 1, 9_998, TimeInForce.GoodTillCancel);
        }

        Drain();
        BookLevels change = new() { BasePrice = 10_000 };
        change.TryAdd(Side.Sell, 10_003, 1_000);
        _level = New(change);
        _trade = New(new Trade { Price = 9_999, Quantity = 1, Aggressor = Side.Sell });
    }

    [Benchmark]
    public void BookUpdate()
    {
        _now += 100;
        Show(ref _level);
    }

    [Benchmark]
    public void Print()
    {
        _now += 100;
        Show(ref _trade);
    }

    /// <summary>Submit, Sent, Accepted, Cancelled: 3 reports.</summary>
    [Benchmark]
    public int OrderThatFindsNothing()
    {
        _now += 100;
        Send(Side.Buy, 1, 9_000, TimeInForce.ImmediateOrCancel);
        return Drain();
    }

    private static Event New<T>(in T payload)
        where T : unmanaged, IPayload
    {
        Event e = new() { Instrument = new InstrumentId(1), Source = EventSource.Generator, Flags = EventFlags.Whole };
        e.Set(payload);
        return e;
    }

    private void Show(ref Event e)
    {
        e.ReceivedAt = _now;
        _venue.OnEvent(e);
    }

    private void Send(Side side, long quantity, long price, TimeInForce time) => _venue.Submit(new Command
    {
        Order = OrderId.Of(1, ++_orders, 0),
        Instrument = new InstrumentId(1),
        Verb = CommandVerb.New,
        Side = side,
        Type = OrderType.Limit,
        TimeInForce = time,
        Quantity = quantity,
        Price = price,
    }, _orders, _now);

    private int Drain()
    {
        int reports = 0;
        while (_venue.Poll(_now + 50, ref _report))
        {
            reports++;
        }

        return reports;
    }
}
