using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Market;

/// <summary>Short ways to write market events.</summary>
internal static class Make
{
    internal static Event Of<T>(
        int instrument, long at, in T payload, long venueTime = 0, EventFlags flags = EventFlags.Whole)
        where T : unmanaged, IPayload
    {
        Event made = default;
        made.ReceivedAt = at;
        made.VenueTime = venueTime;
        made.Instrument = new InstrumentId((ushort)instrument);
        made.Source = EventSource.Generator;
        made.Flags = flags;
        made.Set(payload);
        return made;
    }

    internal static Event Definition(
        int instrument, long at, byte priceExponent = 2, long tick = 1, string currency = "USD") =>
        Of(instrument, at, new InstrumentDefined
        {
            Symbol = Symbol24.Of("SYM" + instrument),
            Currency = Currency8.Of(currency),
            Tick = tick,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            DefinitionVersion = 1,
            InstrumentKind = InstrumentKind.Linear,
            PriceExponent = priceExponent,
            QuantityExponent = 3,
        });

    internal static Event Trade(
        int instrument,
        long at,
        long price,
        long quantity = 1,
        long venueTime = 0,
        TradeMarks marks = TradeMarks.None)
    {
        Trade trade = new() { Price = price, Quantity = quantity, Aggressor = Side.Buy, Marks = marks };
        return Of(instrument, at, trade, venueTime);
    }

    internal static Event Quote(int instrument, long at, long bid, long bidQuantity, long ask, long askQuantity) =>
        Of(instrument, at, new Quote
        {
            BidPrice = bid,
            BidQuantity = bidQuantity,
            AskPrice = ask,
            AskQuantity = askQuantity,
        });

    internal static Event Bar(int instrument, long at, long start, long timeframe, long close) =>
        Of(instrument, at, new Bar
        {
            StartTime = start,
            Timeframe = timeframe,
            Open = close,
            High = close,
            Low = close,
            Close = close,
            Volume = 1,
        });

    internal static Event Stream(int instrument, long at, StreamState state) =>
        Of(instrument, at, new StreamStateChanged { State = state });

    internal static Event Status(int instrument, long at, TradingStatus status) =>
        Of(instrument, at, new TradingStatusChanged { Status = status });

    internal static Event Tick(long at) => Of(0, at, new Tick { Number = at, Interval = 1 });

    internal static Event Epoch(long at) =>
        Of(0, at, new EpochStarted { Epoch = 1, Instance = 1, Venue = VenueKind.Simulated });

    /// <summary>Book levels: positive quantities of bids and asks written as (side, price, quantity).</summary>
    internal static Event Levels(
        int instrument,
        long at,
        EventFlags flags,
        long updateId,
        long previous,
        params ReadOnlySpan<(Side Side, long Price, long Quantity)> levels)
    {
        BookLevels payload = new() { BasePrice = 100, UpdateId = updateId, PreviousUpdateId = previous };
        foreach ((Side side, long price, long quantity) in levels)
        {
            if (quantity < 0)
            {
                payload.Layout = 1;
            }
        }

        foreach ((Side side, long price, long quantity) in levels)
        {
            if (!payload.TryAdd(side, price, quantity))
            {
                throw new ArgumentException("too many levels for one event");
            }
        }

        return Of(instrument, at, payload, flags: flags);
    }
}
