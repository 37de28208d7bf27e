using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;

namespace LowLatency.Tests.Gateways.Generator;

/// <summary>Generated markets for tests, and the naive book that checks them.</summary>
internal static class GeneratedMarkets
{
    internal const long Start = 1_767_225_600_000_000_000;

    internal static GeneratedInstrument Bitcoin => new(
        new InstrumentDefined
        {
            Symbol = Symbol24.Of("BTCUSDT"),
            Currency = Currency8.Of("USDT"),
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            MinNotional = 500_000_000,
            Multiplier = 1,
            DefinitionVersion = 1,
            InstrumentKind = InstrumentKind.Linear,
            PriceExponent = 1,
            QuantityExponent = 3,
        },
        StartPrice: 600_000,
        Depth: 100,
        SpreadTicks: 2,
        TypicalQuantity: 1_000,
        VolatilityPpm: 90,
        MessagesPerSecond: 100,
        TradesPpm: 300_000);

    internal static GeneratedInstrument Ether => Bitcoin with
    {
        Rules = Bitcoin.Rules with { Symbol = Symbol24.Of("ETHUSDT"), PriceExponent = 2, Lot = 10, MinQuantity = 10 },
        StartPrice = 300_000,
        Depth = 50,
        MessagesPerSecond = 60,
    };

    internal static MarketGeneratorOptions Options(ulong seed, long events) => new(
        seed,
        Start,
        MaxEvents: events,
        MaxDuration: 0,
        JumpsPerMillion: 10,
        GapsPerMillion: 20,
        HaltsPerMillion: 10,
        BurstsPerMillion: 200,
        [Bitcoin, Ether]);

    internal static List<Event> All(MarketGeneratorOptions options)
    {
        List<Event> events = [];
        MarketGenerator generator = new(options);
        Event next = default;
        while (generator.Read(ref next) == ReadResult.Event)
        {
            events.Add(next);
        }

        return events;
    }

    internal static ReadOnlySpan<byte> Bytes(List<Event> events) =>
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(events));
}

/// <summary>A slow, obvious book: two sorted maps.</summary>
internal sealed class NaiveBook
{
    private readonly SortedDictionary<long, long> _bids = new(Comparer<long>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<long, long> _asks = [];

    internal bool Ready { get; private set; }

    internal long UpdateId { get; private set; }

    internal int Levels => _bids.Count + _asks.Count;

    internal (long Price, long Quantity) BestBid => Best(_bids);

    internal (long Price, long Quantity) BestAsk => Best(_asks);

    internal void Gap() => Ready = false;

    /// <summary>Applies one event; says what is wrong with it, or null.</summary>
    internal string? Apply(in Event next)
    {
        ref readonly BookLevels levels = ref next.BookLevels;
        bool first = (next.Flags & EventFlags.First) != 0;
        if ((next.Flags & EventFlags.Snapshot) != 0)
        {
            if (first)
            {
                _bids.Clear();
                _asks.Clear();
            }

            Ready = true;
        }
        else if (!Ready)
        {
            return "difference without a snapshot";
        }
        else if (first && levels.PreviousUpdateId != UpdateId)
        {
            return "difference does not follow the update before it";
        }

        for (int i = 0; i < levels.Count; i++)
        {
            SortedDictionary<long, long> side = levels.SideAt(i) == Side.Buy ? _bids : _asks;
            if (levels.PriceAt(i) <= 0 || levels.QuantityAt(i) < 0)
            {
                return "level not positive";
            }

            if (levels.QuantityAt(i) > 0)
            {
                side[levels.PriceAt(i)] = levels.QuantityAt(i);
            }
            else if (!side.Remove(levels.PriceAt(i)))
            {
                return "removal of a level that is not there";
            }
        }

        if (next.EndsGroup)
        {
            UpdateId = levels.UpdateId;
            if (_bids.Count == 0 || _asks.Count == 0)
            {
                return "a side is empty";
            }

            if (BestBid.Price >= BestAsk.Price)
            {
                return "crossed";
            }
        }

        return null;
    }

    private static (long Price, long Quantity) Best(SortedDictionary<long, long> side)
    {
        foreach (KeyValuePair<long, long> level in side)
        {
            return (level.Key, level.Value);
        }

        return (0, 0);
    }
}
