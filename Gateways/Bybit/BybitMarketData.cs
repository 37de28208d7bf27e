using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Bybit's market data: a connection for each category, books, prints, tickers and liquidations of every instrument. A gap in a
/// book, and silence of an instrument, is answered by subscribing anew: the venue begins with a snapshot.
/// </summary>
public sealed class BybitMarketData : IMarketFeed
{
    /// <summary>Nanoseconds of silence of one instrument after which its book is asked for anew.</summary>
    public const long SilenceMax = 30_000_000_000;

    /// <summary>Nanoseconds after that in which it must come; otherwise the whole connection is made anew.</summary>
    public const long SilenceWait = 5_000_000_000;

    private readonly EventOutbox _outbox = new();
    private readonly List<BybitPublicLink> _links = [];

    /// <summary>Creates the feed; it connects with the first duty cycle.</summary>
    /// <param name="settings">Addresses and instruments.</param>
    /// <param name="instruments">The rules of the instruments, as they are published.</param>
    /// <param name="transport">Connections.</param>
    public BybitMarketData(BybitSettings settings, InstrumentTable instruments, ITransport transport)
    {
        Ensure.That(settings.BookDepth is 1 or 50 or 200 or 1000, "the depth of a book is 1, 50, 200 or 1000");
        RateBudget connects = new(BybitLink.ConnectsMax, BybitLink.ConnectsWindow);
        ulong seed = settings.Seed + 2;
        foreach (InstrumentKind kind in (ReadOnlySpan<InstrumentKind>)[InstrumentKind.Linear, InstrumentKind.Spot])
        {
            List<BybitInstrument> own = [];
            foreach (BybitInstrument instrument in settings.Instruments)
            {
                if (instrument.Kind == kind)
                {
                    own.Add(instrument);
                }
            }

            if (own.Count > 0)
            {
                string url = settings.Hosts.Public + (kind == InstrumentKind.Spot ? "/spot" : "/linear");
                _links.Add(new BybitPublicLink(
                    transport.Connection(url), new ConnectPace(connects, seed++), own, settings.BookDepth, instruments, _outbox));
            }
        }
    }

    /// <inheritdoc/>
    public bool IsLive => !_links.Exists(link => !link.IsLive);

    /// <summary>Times that a connection was lost.</summary>
    public long Losses
    {
        get
        {
            long losses = 0;
            foreach (BybitPublicLink link in _links)
            {
                losses += link.Losses;
            }

            return losses;
        }
    }

    /// <inheritdoc/>
    public bool Poll(long now, ref Event e)
    {
        if (_outbox.TryTake(now, ref e))
        {
            return true;
        }

        foreach (BybitPublicLink link in _links)
        {
            link.Poll(now, _outbox);
            link.Watch(now);
        }

        return _outbox.TryTake(now, ref e);
    }
}

/// <summary>The public connection of one category.</summary>
internal sealed class BybitPublicLink : BybitLink
{
    private readonly BybitPublicDecoder _decoder;
    private readonly EventOutbox _outbox;
    private readonly List<BybitInstrument> _instruments;
    private readonly StreamWatch _streams;
    private readonly string[] _books;

    internal BybitPublicLink(
        IConnection connection,
        ConnectPace pace,
        List<BybitInstrument> instruments,
        int depth,
        InstrumentTable table,
        EventOutbox outbox)
        : base(connection, pace, LinkTimes.Market, null, TopicsOf(instruments, depth))
    {
        _decoder = new BybitPublicDecoder(table, instruments[0].Kind);
        _outbox = outbox;
        _instruments = instruments;
        _streams = new StreamWatch(outbox, EventSource.Bybit, [.. instruments.ConvertAll(instrument => instrument.Id)]);
        _books = [.. instruments.ConvertAll(instrument => BookOf(instrument, depth))];
    }

    /// <summary>Looks for instruments that are silent.</summary>
    internal void Watch(long now)
    {
        for (int i = 0; IsLive && i < _books.Length; i++)
        {
            if (_streams.IsLost(i, now, BybitMarketData.SilenceWait)
                || (_streams.IsSilent(i, now, BybitMarketData.SilenceMax) && !TryResubscribe(_books[i])))
            {
                Drop(now);
            }
        }
    }

    protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        switch (_decoder.Decode(frame, receivedAt).Result)
        {
            case WireResult.Events:
                return Publish(receivedAt);
            case WireResult.Answer:
                return Greeting(step, _decoder.Answer);
            case WireResult.Refused:
                // What is missing of which instrument is not known: nothing of this connection is believed any more.
                return LinkAnswer.Broken;
            default:
                return LinkAnswer.Other;
        }
    }

    protected override void OnLive(long now) => _streams.OnLive(now);

    protected override void OnLost(long now)
    {
        _decoder.Reconnect();
        _streams.OnLost(now);
    }

    private static string[] TopicsOf(List<BybitInstrument> instruments, int depth)
    {
        List<string> topics = [];
        foreach (BybitInstrument instrument in instruments)
        {
            topics.Add(BookOf(instrument, depth));
            topics.Add("publicTrade." + instrument.Symbol);
            if (instrument.Kind == InstrumentKind.Linear)
            {
                topics.Add("tickers." + instrument.Symbol);
                topics.Add("allLiquidation." + instrument.Symbol);
                topics.Add("priceLimit." + instrument.Symbol);
            }
        }

        return [.. topics];
    }

    private static string BookOf(BybitInstrument instrument, int depth) =>
        "orderbook." + depth.ToString(CultureInfo.InvariantCulture) + "." + instrument.Symbol;

    private LinkAnswer Publish(long receivedAt)
    {
        bool broken = false;
        foreach (ref readonly Event e in _decoder.Batch.Events)
        {
            if (e.Kind == EventKind.StreamState)
            {
                _streams.Miss(e.Instrument);
                broken |= !Resubscribe(e.Instrument);
            }
            else if (e.Kind is EventKind.BookLevels or EventKind.Quote && (e.Flags & EventFlags.First) != 0)
            {
                // Books alone vouch for an instrument: prints and tickers have connections' lives of their own.
                _streams.Hear(e.Instrument, receivedAt);
            }

            _outbox.Add(e);
        }

        return broken ? LinkAnswer.Broken : LinkAnswer.Other;
    }

    private bool Resubscribe(InstrumentId instrument)
    {
        for (int i = 0; i < _books.Length; i++)
        {
            if (_instruments[i].Id == instrument)
            {
                return TryResubscribe(_books[i]);
            }
        }

        return true;
    }
}
