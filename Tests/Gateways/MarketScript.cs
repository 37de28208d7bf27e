using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Gateways;

/// <summary>Market events of one instrument in one line each.</summary>
internal static class MarketScript
{
    internal static readonly InstrumentId Instrument = new(1);

    /// <summary>
    /// Price unit 0.01, quantity unit 0.001: price x quantity x 1,000 is money. Tick 5, lot 10, at least 0.5 in money.
    /// </summary>
    internal static Event Define(int id = 1, byte priceExponent = 2, InstrumentKind kind = InstrumentKind.Linear) => Of(new InstrumentDefined
    {
        Symbol = Symbol24.Of("TEST"),
        Currency = Currency8.Of("USD"),
        Tick = 5,
        Lot = 10,
        MinQuantity = 20,
        MaxQuantity = 100_000,
        MinNotional = 50_000_000,
        Multiplier = 1,
        DefinitionVersion = 1,
        InstrumentKind = kind,
        PriceExponent = priceExponent,
        QuantityExponent = 3,
    }, EventFlags.Whole, id);

    /// <summary>The book that most cases start from.</summary>
    internal static Event[] StandardBook() => Snapshot(
        [(10_000, 100), (9_995, 200), (9_990, 300)],
        [(10_005, 100), (10_010, 200), (10_015, 300)]);

    internal static Event[] Snapshot((long Price, long Quantity)[] bids, (long Price, long Quantity)[] asks)
    {
        Event[] parts = [Of(Wide(Side.Buy, bids), EventFlags.First | EventFlags.Snapshot),
            Of(Wide(Side.Sell, asks), EventFlags.Last | EventFlags.Snapshot)];
        return parts;
    }

    internal static Event Level(Side side, long price, long quantity, EventFlags flags = EventFlags.Whole) =>
        Of(Wide(side, (price, quantity)), flags);

    internal static Event Trade(long price, long quantity, Side aggressor, TradeMarks marks = TradeMarks.None) =>
        Of(new Trade { Price = price, Quantity = quantity, Aggressor = aggressor, Marks = marks });

    internal static Event Quote(long bid, long bidQuantity, long ask, long askQuantity) => Of(new Quote
    {
        BidPrice = bid,
        BidQuantity = bidQuantity,
        AskPrice = ask,
        AskQuantity = askQuantity,
    });

    internal static Event Bar(long start, long timeframe, long open, long high, long low, long close, long volume) =>
        Of(new Bar
        {
            StartTime = start,
            Timeframe = timeframe,
            Open = open,
            High = high,
            Low = low,
            Close = close,
            Volume = volume,
        });

    internal static Event Status(TradingStatus status) => Of(new TradingStatusChanged { Status = status });

    internal static Event Stream(StreamState state, int id = 1) =>
        Of(new StreamStateChanged { State = state }, EventFlags.Whole, id);

    private static Event Of<T>(T payload, EventFlags flags = EventFlags.Whole, int id = 1)
        where T : unmanaged, IPayload
    {
        Event e = new() { Instrument = new InstrumentId((ushort)id), Source = EventSource.Csv, Flags = flags };
        e.Set(payload);
        return e;
    }

    private static BookLevels Wide(Side side, params (long Price, long Quantity)[] levels)
    {
        BookLevels part = new() { Layout = 1 };
        foreach ((long price, long quantity) in levels)
        {
            if (!part.TryAdd(side, price, quantity))
            {
                throw new System.ArgumentException("at most three levels a side", nameof(levels));
            }
        }

        return part;
    }
}
