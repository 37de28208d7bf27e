using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;
using Xunit;

namespace LowLatency.Tests.Gateways.Generator;

public sealed class MarketGeneratorTests
{
    private const ulong Seed = 42;
    private const long Many = 300_000;

    private static readonly List<Event> Events = GeneratedMarkets.All(GeneratedMarkets.Options(Seed, Many));

    [Fact]
    public void The_same_options_give_the_same_bytes_and_another_seed_gives_others()
    {
        List<Event> again = GeneratedMarkets.All(GeneratedMarkets.Options(Seed, Many));
        List<Event> other = GeneratedMarkets.All(GeneratedMarkets.Options(Seed + 1, Many));

        Assert.True(GeneratedMarkets.Bytes(Events).SequenceEqual(GeneratedMarkets.Bytes(again)));
        Assert.False(GeneratedMarkets.Bytes(Events).SequenceEqual(GeneratedMarkets.Bytes(other)));
    }

    [Fact]
    public void Every_group_leaves_a_book_that_is_full_positive_and_not_crossed()
    {
        Assert.Null(FirstFault(Events));
    }

    [Fact]
    public void A_planted_crossing_and_a_planted_lost_event_are_found()
    {
        List<Event> crossed = [.. Events];
        int at = crossed.FindIndex(1000, e => e.Kind == EventKind.BookLevels && e.EndsGroup);
        Event bad = crossed[at];
        BookLevels levels = new()
        {
            BasePrice = 1,
            UpdateId = bad.BookLevels.UpdateId,
            PreviousUpdateId = bad.BookLevels.PreviousUpdateId,
        };
        Assert.True(levels.TryAdd(Side.Sell, 1, 5));
        bad.Set(levels);
        crossed[at] = bad;

        List<Event> holed = [.. Events];
        holed.RemoveAt(holed.FindIndex(1000, e => e.Kind == EventKind.BookLevels
            && (e.Flags & EventFlags.Whole) == EventFlags.Whole));

        Assert.Contains("crossed", FirstFault(crossed));
        Assert.Contains("does not follow", FirstFault(holed));
    }

    [Fact]
    public void Definitions_come_first_then_each_instrument_opens_connects_and_shows_a_snapshot()
    {
        Assert.Equal(EventKind.InstrumentDefined, Events[0].Kind);
        Assert.Equal(EventKind.InstrumentDefined, Events[1].Kind);
        Assert.Equal("BTCUSDT", Events[0].InstrumentDefined.Symbol.ToString());
        Assert.Equal("ETHUSDT", Events[1].InstrumentDefined.Symbol.ToString());
        Assert.Equal(GeneratedMarkets.Start, Events[0].ReceivedAt);
        for (ushort id = 1; id <= 2; id++)
        {
            List<Event> own = Events.FindAll(e => e.Instrument.Value == id);
            Assert.Equal(TradingStatus.Open, own[1].TradingStatus.Status);
            Assert.Equal(StreamState.Up, own[2].StreamState.State);
            Assert.Equal(EventKind.BookLevels, own[3].Kind);
            Assert.True((own[3].Flags & EventFlags.Snapshot) != 0);
        }
    }

    [Fact]
    public void Every_event_is_marked_timed_and_grouped_as_documented()
    {
        long now = 0;
        long[] venueTime = new long[3];
        int inGroup = 0;
        foreach (Event next in Events)
        {
            Assert.Equal(EventSource.Generator, next.Source);
            Assert.True((next.Flags & EventFlags.Synthetic) != 0);
            Assert.True(next.ReceivedAt >= now);
            Assert.True(next.VenueTime < next.ReceivedAt && next.VenueTime >= venueTime[next.Instrument.Value]);
            Assert.Equal(0u, next.Crc);
            Assert.Equal(inGroup == 0, (next.Flags & EventFlags.First) != 0);
            Assert.True(inGroup == 0 || (next.Instrument.Value == inGroup && next.ReceivedAt == now));
            inGroup = next.EndsGroup ? 0 : next.Instrument.Value;
            now = next.ReceivedAt;
            venueTime[next.Instrument.Value] = next.VenueTime;
        }

        Assert.Equal(0, inGroup);
        Assert.InRange(Events.Count, Many, Many + 200);
    }

    [Fact]
    public void Trades_hit_the_touch_and_the_book_is_reduced_by_them()
    {
        NaiveBook[] books = [new(), new(), new()];
        (Trade Trade, long Left)?[] pending = new (Trade, long)?[3];
        int trades = 0;
        foreach (Event next in Events)
        {
            int id = next.Instrument.Value;
            if (next.Kind == EventKind.Trade)
            {
                (long price, long quantity) = next.Trade.Aggressor == Side.Buy ? books[id].BestAsk : books[id].BestBid;
                Assert.Equal(price, next.Trade.Price);
                Assert.InRange(next.Trade.Quantity, 1, quantity);
                Assert.Equal(0, next.Trade.Quantity % (id == 1 ? 1 : 10));
                pending[id] = (next.Trade, quantity - next.Trade.Quantity);
                trades++;
            }
            else if (next.Kind == EventKind.BookLevels)
            {
                Assert.Null(books[id].Apply(next));
                if (pending[id] is { } hit)
                {
                    Assert.Equal(1, next.BookLevels.Count);
                    Assert.Equal(hit.Trade.Price, next.BookLevels.PriceAt(0));
                    Assert.Equal(hit.Left, next.BookLevels.QuantityAt(0));
                    Assert.Equal(hit.Trade.Aggressor.Opposite(), next.BookLevels.SideAt(0));
                    pending[id] = null;
                }
            }
        }

        Assert.True(trades > 1000, $"only {trades} trades");
    }

    [Fact]
    public void Holes_are_announced_and_followed_by_a_snapshot_and_halts_are_silent_until_reopened()
    {
        int gaps = 0;
        int halts = 0;
        for (ushort id = 1; id <= 2; id++)
        {
            List<Event> own = Events.FindAll(e => e.Instrument.Value == id);
            long updateId = 0;
            for (int i = 3; i < own.Count - 1; i++)
            {
                if (own[i].Kind == EventKind.BookLevels)
                {
                    updateId = own[i].BookLevels.UpdateId;
                }
                else if (own[i].Kind == EventKind.StreamState)
                {
                    gaps++;
                    Assert.Equal(StreamState.Gap, own[i].StreamState.State);
                    Assert.Equal(EventKind.BookLevels, own[i + 1].Kind);
                    Assert.True((own[i + 1].Flags & EventFlags.Snapshot) != 0);
                    Assert.True(own[i + 1].BookLevels.UpdateId > updateId + 1);
                }
                else if (own[i].Kind == EventKind.TradingStatus && own[i].TradingStatus.Status == TradingStatus.Halted)
                {
                    halts++;
                    Assert.Equal(EventKind.TradingStatus, own[i + 1].Kind);
                    Assert.Equal(TradingStatus.Open, own[i + 1].TradingStatus.Status);
                    Assert.InRange(own[i + 1].ReceivedAt - own[i].ReceivedAt, 1_000_000_000, 30_000_000_000);
                }
            }
        }

        Assert.True(gaps >= 1 && halts >= 1, $"{gaps} gaps, {halts} halts");
    }

    [Fact]
    public void Without_rare_events_there_are_none()
    {
        MarketGeneratorOptions calm = GeneratedMarkets.Options(Seed, 50_000) with
        {
            GapsPerMillion = 0,
            HaltsPerMillion = 0,
            JumpsPerMillion = 0,
            BurstsPerMillion = 0,
        };
        List<Event> events = GeneratedMarkets.All(calm);

        Assert.Equal(2, events.FindAll(e => e.Kind == EventKind.TradingStatus).Count);
        Assert.Equal(2, events.FindAll(e => e.Kind == EventKind.StreamState).Count);
    }

    [Fact]
    public void Adding_an_instrument_leaves_the_market_of_the_first_as_it_was()
    {
        MarketGeneratorOptions two = GeneratedMarkets.Options(Seed, 0) with { MaxDuration = 60_000_000_000 };
        MarketGeneratorOptions one = two with { Instruments = [two.Instruments[0]] };
        List<Event> own = GeneratedMarkets.All(two).FindAll(e => e.Instrument.Value == 1);
        List<Event> alone = GeneratedMarkets.All(one);

        Assert.True(GeneratedMarkets.Bytes(own).SequenceEqual(GeneratedMarkets.Bytes(alone)));
    }

    [Fact]
    public void A_bounded_duration_ends_the_market_before_it()
    {
        const long minute = 60_000_000_000;
        List<Event> events = GeneratedMarkets.All(GeneratedMarkets.Options(Seed, 0) with { MaxDuration = minute });

        Assert.InRange(events[^1].ReceivedAt, GeneratedMarkets.Start + (minute / 2),
            GeneratedMarkets.Start + minute - 1);
        Assert.True(events[^1].EndsGroup);
    }

    [Fact]
    public void Large_quantities_go_into_wide_levels()
    {
        GeneratedInstrument heavy = GeneratedMarkets.Bitcoin with { TypicalQuantity = 1L << 36 };
        MarketGeneratorOptions options = GeneratedMarkets.Options(Seed, 20_000) with { Instruments = [heavy] };
        List<Event> events = GeneratedMarkets.All(options);

        Assert.Contains(events, e => e.Kind == EventKind.BookLevels && e.BookLevels.Layout == 1);
        Assert.Null(FirstFault(events));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        MarketGeneratorOptions good = GeneratedMarkets.Options(1, 1);
        GeneratedInstrument instrument = GeneratedMarkets.Bitcoin;
        MarketGeneratorOptions[] bad =
        [
            good with { StartTime = 0 },
            good with { MaxEvents = -1 },
            good with { MaxDuration = long.MaxValue },
            good with { JumpsPerMillion = -1 },
            good with { GapsPerMillion = 100_001 },
            good with { Instruments = [] },
            good with { Instruments = new GeneratedInstrument[Limits.Instruments + 1] },
            good with { Instruments = [instrument with { Depth = 9 }] },
            good with { Instruments = [instrument with { SpreadTicks = 0 }] },
            good with { Instruments = [instrument with { VolatilityPpm = 5001 }] },
            good with { Instruments = [instrument with { MessagesPerSecond = 0 }] },
            good with { Instruments = [instrument with { TradesPpm = 900_001 }] },
            good with { Instruments = [instrument with { TypicalQuantity = 0 }] },
            good with { Instruments = [instrument with { StartPrice = 400 }] },
            good with { Instruments = [instrument with { StartPrice = 1L << 52 }] },
            good with { Instruments = [instrument with { Rules = instrument.Rules with { Tick = 7 } }] },
            good with { Instruments = [instrument with { Rules = instrument.Rules with { Lot = 0 } }] },
        ];

        Assert.NotNull(new MarketGenerator(good));
        foreach (MarketGeneratorOptions options in bad)
        {
            Assert.Throws<BrokenInvariantException>(() => new MarketGenerator(options));
        }
    }

    [Fact]
    public void Nothing_is_allocated_after_construction()
    {
        MarketGenerator generator = new(GeneratedMarkets.Options(Seed, 0));
        Event next = default;
        Read(generator, 20_000, ref next);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(generator, 200_000, ref next);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        long control = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new MarketGenerator(GeneratedMarkets.Options(Seed, 0)));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - control > 0);
        Assert.Equal(0, allocated);
    }

    private static void Read(MarketGenerator generator, int count, ref Event next)
    {
        for (int i = 0; i < count; i++)
        {
            if (generator.Read(ref next) != ReadResult.Event)
            {
                throw new InvalidOperationException("an endless market ended");
            }
        }
    }

    private static string? FirstFault(List<Event> events)
    {
        NaiveBook[] books = [new(), new(), new()];
        for (int i = 0; i < events.Count; i++)
        {
            Event next = events[i];
            NaiveBook book = books[next.Instrument.Value];
            if (next.Kind == EventKind.StreamState && next.StreamState.State == StreamState.Gap)
            {
                book.Gap();
            }
            else if (next.Kind == EventKind.BookLevels && book.Apply(next) is { } fault)
            {
                return $"event {i}: {fault}";
            }
        }

        return null;
    }
}
