using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Market streams of Bybit: books of four depths, prints, tickers, candles, price limits.</summary>
internal sealed class BybitPublicFeed(Exchange exchange) : ISessionHandler, IMarketWatcher
{
    /// <summary>Characters of all topics of a connection.</summary>
    internal const int TopicCharactersMax = 21_000;

    private const int SpotArgumentsMax = 10;
    private const long Millisecond = 1_000_000;
    private const long TickerEvery = 100 * Millisecond;
    private const long CandleEvery = 1_000 * Millisecond;
    private const long LimitEvery = 300 * Millisecond;

    private readonly BybitPublicMessages _messages = new(exchange);
    private readonly Dictionary<string, BybitTopic> _topics = new(StringComparer.Ordinal);

    public void OnOpened(Session session)
    {
        // /v5/public/{category}
        string category = session.Path["/v5/public/".Length..].Split('?')[0];
        session.State = new Reader(category);
        if (category is not ("linear" or "spot" or "inverse"))
        {
            session.Abort();
        }
    }

    public void OnMessage(Session session, ReadOnlyMemory<byte> message, bool isBinary)
    {
        if (!BybitStream.TryRead(message, out BybitStream.Request request))
        {
            BybitStream.Acknowledge(session, new BybitStream.Request(string.Empty, null, default, default), "Request format error", exchange.Now);
            return;
        }

        switch (request.Op)
        {
            case "ping":
                BybitStream.Request pinged = request;
                session.Send(
                    Json.Bytes(writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteBoolean("success", true);
                        writer.WriteString("ret_msg", "pong");
                        writer.WriteString("conn_id", session.Name);
                        writer.WriteString("req_id", pinged.Id ?? string.Empty);
                        writer.WriteString("op", "ping");
                        writer.WriteEndObject();
                    }),
                    exchange.Now);
                break;
            case "subscribe":
                Subscribe(session, request);
                break;
            case "unsubscribe":
                foreach (string name in BybitStream.Topics(request.Args))
                {
                    Leave(session, ((Reader)session.State!).Category + " " + name);
                }

                BybitStream.Acknowledge(session, request, string.Empty, exchange.Now);
                break;
            default:
                BybitStream.Acknowledge(session, request, "error:unknown operation", exchange.Now);
                break;
        }
    }

    public void OnClosed(Session session)
    {
        foreach (string name in new List<string>(((Reader)session.State!).Topics))
        {
            Leave(session, name);
        }
    }

    public void OnMarket(ListedInstrument instrument, EventKind kind)
    {
        foreach (BybitTopic topic in _topics.Values)
        {
            if (topic.Instrument != instrument)
            {
                continue;
            }

            topic.Book?.OnChanged();
            topic.IsStale = true;
            if (kind == EventKind.Trade && topic.Kind == BybitTopicKind.Prints)
            {
                Tell(topic, _messages.Print(topic, Newest(instrument)));
            }
        }
    }

    public void OnCandle(ListedInstrument instrument, CandleSeries series, Candle candle)
    {
        foreach (BybitTopic topic in _topics.Values)
        {
            if (topic.Series == series)
            {
                Tell(topic, _messages.Candle(topic, candle, isClosed: true));
            }
        }
    }

    public void OnTime(long now)
    {
        foreach (BybitTopic topic in _topics.Values)
        {
            if (topic.Book is { } book)
            {
                book.OnTime(now);
                continue;
            }

            if (now < topic.NextAt || !topic.IsStale)
            {
                continue;
            }

            topic.IsStale = false;
            switch (topic.Kind)
            {
                case BybitTopicKind.Ticker:
                    topic.NextAt = now + TickerEvery;
                    TellTicker(topic, now);
                    break;
                case BybitTopicKind.Candles when topic.Series!.Current.Start != 0:
                    topic.NextAt = now + CandleEvery;
                    Tell(topic, _messages.Candle(topic, topic.Series.Current, isClosed: false));
                    break;
                case BybitTopicKind.Limits:
                    topic.NextAt = now + LimitEvery;
                    Tell(topic, _messages.Limit(topic));
                    break;
            }
        }
    }

    internal void OnRestart()
    {
        foreach (BybitTopic topic in _topics.Values)
        {
            topic.Book?.OnRestart();
        }
    }

    private static Print Newest(ListedInstrument instrument)
    {
        Print newest = default;
        foreach (Print print in instrument.Prints)
        {
            newest = print;
        }

        return newest;
    }

    private void Subscribe(Session session, BybitStream.Request request)
    {
        Reader reader = (Reader)session.State!;
        List<string> names = BybitStream.Topics(request.Args);
        int characters = reader.Characters;
        List<BybitTopic> found = [];
        string problem = names.Count == 0 ? "error:args is empty"
            : reader.Category == "spot" && names.Count > SpotArgumentsMax ? "args size >10"
            : string.Empty;
        foreach (string name in names)
        {
            characters += name.Length;
            problem = problem.Length != 0 ? problem
                : characters > TopicCharactersMax ? "error:args exceed 21000 characters"
                : reader.Topics.Contains(reader.Category + " " + name) ? "error:already subscribed,topic:" + name
                : string.Empty;
            if (problem.Length != 0 || !TryTopic(reader.Category, name, out BybitTopic? topic))
            {
                problem = problem.Length != 0 ? problem : "error:handler not found,topic:" + name;
                break;
            }

            found.Add(topic!);
        }

        BybitStream.Acknowledge(session, request, problem, exchange.Now);
        if (problem.Length != 0)
        {
            return;
        }

        reader.Characters = characters;
        foreach (BybitTopic topic in found)
        {
            _ = reader.Topics.Add(topic.Key);
            _ = topic.Sessions.Add(session);
            _topics[topic.Key] = topic;
            Begin(topic, session);
        }
    }

    private void Begin(BybitTopic topic, Session session)
    {
        switch (topic.Kind)
        {
            case BybitTopicKind.Book:
                topic.Book!.Add(session, exchange.Now);
                break;
            case BybitTopicKind.Ticker:
                session.Send(_messages.Ticker(topic, "snapshot", BybitTickers.Fields(topic.Instrument, exchange.Now)), exchange.Now);
                break;
            case BybitTopicKind.Prints:
                break;
            default:
                topic.IsStale = true;
                topic.NextAt = 0;
                break;
        }
    }

    private void Leave(Session session, string key)
    {
        Reader reader = (Reader)session.State!;
        if (!reader.Topics.Remove(key) || !_topics.TryGetValue(key, out BybitTopic? topic))
        {
            return;
        }

        reader.Characters -= key.Length - reader.Category.Length - 1;
        _ = topic.Sessions.Remove(session);
        topic.Book?.Remove(session);
        if (topic.Sessions.Count == 0)
        {
            _ = _topics.Remove(key);
        }
    }

    private bool TryTopic(string category, string name, out BybitTopic? topic)
    {
        string key = category + " " + name;
        if (_topics.TryGetValue(key, out topic))
        {
            return true;
        }

        string[] parts = name.Split('.');
        if (parts.Length < 2 || exchange.Listing.Find(category, parts[^1]) is not { } instrument)
        {
            return false;
        }

        topic = (parts[0], parts.Length) switch
        {
            ("orderbook", 3) when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int depth) && depth is 1 or 50 or 200 or 1_000 =>
                new BybitTopic(BybitTopicKind.Book, key, name, instrument) { Book = new BookPublisher(instrument, depth) },
            ("publicTrade", 2) => new BybitTopic(BybitTopicKind.Prints, key, name, instrument),
            ("tickers", 2) => new BybitTopic(BybitTopicKind.Ticker, key, name, instrument),
            ("priceLimit", 2) => new BybitTopic(BybitTopicKind.Limits, key, name, instrument),

            // Nobody is liquidated in a generated market: the topic is there and silent.
            ("allLiquidation", 2) when category == "linear" => new BybitTopic(BybitTopicKind.Silent, key, name, instrument),
            ("kline", 3) when SeriesOf(instrument, parts[1]) is { } series => new BybitTopic(BybitTopicKind.Candles, key, name, instrument) { Series = series },
            _ => null,
        };
        return topic is not null;
    }

    private static CandleSeries? SeriesOf(ListedInstrument instrument, string name)
    {
        foreach (CandleSeries series in instrument.Candles)
        {
            if (series.Name == name)
            {
                return series;
            }
        }

        return null;
    }

    private void Tell(BybitTopic topic, byte[] message)
    {
        foreach (Session session in topic.Sessions)
        {
            session.Send(message, exchange.Now);
        }
    }

    private void TellTicker(BybitTopic topic, long now)
    {
        List<(string Name, string Text)> fields = BybitTickers.Fields(topic.Instrument, now);
        if (topic.Instrument.Kind == InstrumentKind.Spot)
        {
            Tell(topic, _messages.Ticker(topic, "snapshot", fields));
            return;
        }

        // Of a perpetual only what has changed, and always its name.
        List<(string, string)> changed = [fields[0]];
        for (int i = 1; i < fields.Count; i++)
        {
            if (topic.Ticker is null || topic.Ticker[i] != fields[i])
            {
                changed.Add(fields[i]);
            }
        }

        topic.Ticker = fields;
        if (changed.Count > 1)
        {
            Tell(topic, _messages.Ticker(topic, "delta", changed));
        }
    }

    private sealed class Reader(string category)
    {
        internal string Category { get; } = category;

        internal HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

        internal int Characters { get; set; }
    }
}
