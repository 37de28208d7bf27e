using BenchmarkDotNet.Attributes;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Bench;

/// <summary>Cost of one event of seven levels: near the top of a book, and spread over a deep one.</summary>
[MemoryDiagnoser]
public class BookBenchmarks
{
    private const int Events = 16_384;
    private const long Mid = 600_000;

    private readonly Event[] _differences = new Event[Events];
    private readonly Event[] _trades = new Event[Events];
    private Book _book = new();
    private MarketView _view = new([], 0);
    private long _now;

    /// <summary>Levels on each side over which the changes are spread.</summary>
    [Params(10, 1_000, 5_000)]
    public int Levels { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        Xoshiro256 dice = new(1);
        for (int i = 0; i < Events; i++)
        {
            BookLevels levels = new() { BasePrice = Mid };
            for (int j = 0; j < BookLevels.NarrowCapacity; j++)
            {
                // One level in eight is removed; most changes are near the top, as on real venues.
                double depth = dice.NextDouble();
                long distance = 1 + (long)(Levels * depth * depth * depth);
                long quantity = dice.NextBelow(8) == 0 ? 0 : 1 + dice.NextBelow(1_000);
                bool buy = (j & 1) == 0;
                levels.TryAdd(buy ? Side.Buy : Side.Sell, buy ? Mid - distance : Mid + distance, quantity);
            }

            _differences[i] = Market(i, levels);
            _trades[i] = Market(0, new Trade { Price = Mid, Quantity = 1 + dice.NextBelow(9) });
        }

        Event start = Market(0, new BookLevels { BasePrice = Mid });
        start.Flags = EventFlags.Whole | EventFlags.Snapshot;
        _book = new Book();
        _book.Apply(start);
        for (long i = 1; i <= Levels; i++)
        {
            _book.SetLevel(Side.Buy, Mid - i, i);
            _book.SetLevel(Side.Sell, Mid + i, i);
        }

        _view = new MarketView([1_000_000_000, 60_000_000_000], 0, 16);
        _view.Apply(Market(0, new InstrumentDefined
        {
            InstrumentKind = InstrumentKind.Linear,
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1,
            Multiplier = 1,
        }));
    }

    /// <summary>Seven levels of a difference into the book.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Difference()
    {
        for (int i = 0; i < Events; i++)
        {
            _book.Apply(_differences[i]);
        }

        return _book.BestBidPrice;
    }

    /// <summary>A print into the view: last price and forming bars of two timeframes, closing now and then.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Print()
    {
        for (int i = 0; i < Events; i++)
        {
            Event print = _trades[i];
            print.ReceivedAt = _now += 1_000_000;
            _view.Apply(print);
        }

        return _view.Now;
    }

    private static Event Market<T>(long at, in T payload)
        where T : unmanaged, IPayload
    {
        Event made = default;
        made.Instrument = new InstrumentId(1);
        made.ReceivedAt = at;
        made.Flags = EventFlags.Whole;
        made.Set(payload);
        return made;
    }
}
