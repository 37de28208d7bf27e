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

    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);

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
        foreach (Topic topic in _topics.Values)
        {
            if (topic.Instrument != instrument)
            {
                continue;
            }

            topic.Book?.OnChanged();
            topic.IsStale = true;
            if (kind == EventKind.Trade && topic.Kind == TopicKind.Prints)
            {
                Tell(topic, PrintMessage(topic, Newest(instrument)));
            }
        }
    }

    public void OnCandle(ListedInstrument instrument, CandleSeries series, Candle candle)
    {
        foreach (Topic topic in _topics.Values)
        {
            if (topic.Series == series)
            {
                Tell(topic, CandleMessage(topic, candle, isClosed: true));
            }
        }
    }

    public void OnTime(long now)
    {
        foreach (Topic topic in _topics.Values)
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
                case TopicKind.Ticker:
                    topic.NextAt = now + TickerEvery;
                    TellTicker(topic, now);
                    break;
                case TopicKind.Candles when topic.Series!.Current.Start != 0:
                    topic.NextAt = now + CandleEvery;
                    Tell(topic, CandleMessage(topic, topic.Series.Current, isClosed: false));
                    break;
                case TopicKind.Limits:
                    topic.NextAt = now + LimitEvery;
                    Tell(topic, LimitMessage(topic));
                    break;
            }
        }
    }

    internal void OnRestart()
    {
        foreach (Topic topic in _topics.Values)
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
        List<Topic> found = [];
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
            if (problem.Length != 0 || !TryTopic(reader.Category, name, out Topic? topic))
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
        foreach (Topic topic in found)
        {
            _ = reader.Topics.Add(topic.Key);
            _ = topic.Sessions.Add(session);
            _topics[topic.Key] = topic;
            Begin(topic, session);
        }
    }

    private void Begin(Topic topic, Session session)
    {
        switch (topic.Kind)
        {
            case TopicKind.Book:
                topic.Book!.Add(session, exchange.Now);
                break;
            case TopicKind.Ticker:
                session.Send(TickerMessage(topic, "snapshot", BybitTickers.Fields(topic.Instrument, exchange.Now)), exchange.Now);
                break;
            case TopicKind.Prints:
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
        if (!reader.Topics.Remove(key) || !_topics.TryGetValue(key, out Topic? topic))
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

    private bool TryTopic(string category, string name, out Topic? topic)
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
                new Topic(TopicKind.Book, key, name, instrument) { Book = new BookPublisher(instrument, depth) },
            ("publicTrade", 2) => new Topic(TopicKind.Prints, key, name, instrument),
            ("tickers", 2) => new Topic(TopicKind.Ticker, key, name, instrument),
            ("priceLimit", 2) => new Topic(TopicKind.Limits, key, name, instrument),

            // Nobody is liquidated in a generated market: the topic is there and silent.
            ("allLiquidation", 2) when category == "linear" => new Topic(TopicKind.Silent, key, name, instrument),
            ("kline", 3) when SeriesOf(instrument, parts[1]) is { } series => new Topic(TopicKind.Candles, key, name, instrument) { Series = series },
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

    private void Tell(Topic topic, byte[] message)
    {
        foreach (Session session in topic.Sessions)
        {
            session.Send(message, exchange.Now);
        }
    }

    private void TellTicker(Topic topic, long now)
    {
        List<(string Name, string Text)> fields = BybitTickers.Fields(topic.Instrument, now);
        if (topic.Instrument.Kind == InstrumentKind.Spot)
        {
            Tell(topic, TickerMessage(topic, "snapshot", fields));
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
            Tell(topic, TickerMessage(topic, "delta", changed));
        }
    }

    private byte[] TickerMessage(Topic topic, string type, List<(string Name, string Text)> fields) => Json.Bytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteString("type", type);
        writer.WriteStartObject("data");
        foreach ((string name, string text) in fields)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
        writer.WriteNumber("cs", topic.Instrument.Changes);
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteEndObject();
    });

    private byte[] PrintMessage(Topic topic, Print print) => Json.Bytes(writer =>
    {
        ListedInstrument instrument = topic.Instrument;
        bool spot = instrument.Kind == InstrumentKind.Spot;
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteString("type", "snapshot");
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteStartArray("data");
        writer.WriteStartObject();
        writer.WriteNumber("T", print.At / Millisecond);
        writer.WriteString("s", instrument.Symbol);
        writer.WriteString("S", print.Aggressor == Side.Sell ? "Sell" : "Buy");
        writer.WriteString("v", instrument.QuantityText(print.Quantity));
        writer.WriteString("p", instrument.PriceText(print.Price));
        if (!spot)
        {
            writer.WriteString("L", print.Direction);
        }

        writer.WriteString("i", spot ? (2_290_000_000_000_000_000 + print.Number).ToString(CultureInfo.InvariantCulture) : exchange.Ids.Uuid());
        writer.WriteBoolean("BT", false);
        writer.WriteBoolean("RPI", false);
        writer.WriteNumber("seq", print.Sequence);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private byte[] CandleMessage(Topic topic, Candle candle, bool isClosed) => Json.Bytes(writer =>
    {
        ListedInstrument instrument = topic.Instrument;
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteStartArray("data");
        writer.WriteStartObject();
        writer.WriteNumber("start", candle.Start / Millisecond);
        writer.WriteNumber("end", ((candle.Start + topic.Series!.Length) / Millisecond) - 1);
        writer.WriteString("interval", topic.Series.Name);
        writer.WriteString("open", instrument.PriceText(candle.Open));
        writer.WriteString("close", instrument.PriceText(candle.Close));
        writer.WriteString("high", instrument.PriceText(candle.High));
        writer.WriteString("low", instrument.PriceText(candle.Low));
        writer.WriteString("volume", instrument.QuantityText(candle.Volume));
        writer.WriteString("turnover", Units.Money(candle.Turnover));
        writer.WriteBoolean("confirm", isClosed);
        writer.WriteNumber("timestamp", exchange.NowMs);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteString("type", "snapshot");
        writer.WriteEndObject();
    });

    private byte[] LimitMessage(Topic topic) => Json.Bytes(writer =>
    {
        (long buy, long sell) = BybitEntry.LimitsOf(topic.Instrument);
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteStartObject("data");
        writer.WriteString("symbol", topic.Instrument.Symbol);
        writer.WriteString("buyLmt", topic.Instrument.PriceText(buy));
        writer.WriteString("sellLmt", topic.Instrument.PriceText(sell));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private enum TopicKind
    {
        Book,
        Prints,
        Ticker,
        Candles,
        Limits,
        Silent,
    }

    private sealed class Topic(TopicKind kind, string key, string name, ListedInstrument instrument)
    {
        internal TopicKind Kind { get; } = kind;

        internal string Key { get; } = key;

        internal string Name { get; } = name;

        internal ListedInstrument Instrument { get; } = instrument;

        internal HashSet<Session> Sessions { get; } = [];

        internal BookPublisher? Book { get; init; }

        internal CandleSeries? Series { get; init; }

        internal List<(string Name, string Text)>? Ticker { get; set; }

        internal bool IsStale { get; set; } = true;

        internal long NextAt { get; set; }
    }

    private sealed class Reader(string category)
    {
        internal string Category { get; } = category;

        internal HashSet<string> Topics { get; } = new(StringComparer.Ordinal);

        internal int Characters { get; set; }
    }
}
