using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>Market streams of Alpaca, for shares and for pairs, in JSON or MessagePack: prints, quotes, minute bars, statuses.</summary>
internal sealed class AlpacaDataFeed(Exchange exchange) : ISessionHandler, IMarketWatcher
{
    private const long AuthPatience = 10_000_000_000;

    private static readonly string[] Lists =
    [
        "trades", "quotes", "bars", "updatedBars", "dailyBars", "statuses", "lulds", "imbalances", "corrections", "cancelErrors",
    ];

    private readonly HashSet<Session> _sessions = [];
    private readonly Dictionary<InstrumentId, (long, long, long, long)> _quoted = [];

    public void OnOpened(Session session)
    {
        Reader reader = new(session.Path.StartsWith("/v1beta3/", StringComparison.Ordinal), exchange.Now);
        session.State = reader;
        _ = _sessions.Add(session);
        Send(session, [Item("success", ("msg", "connected"))]);
        if (session.Key is not null)
        {
            Authenticate(session, reader, session.Key, session.Secret);
        }
    }

    public void OnClosed(Session session) => _sessions.Remove(session);

    public void OnMessage(Session session, ReadOnlyMemory<byte> message, bool isBinary)
    {
        Reader reader = (Reader)session.State!;
        if (!MessagePackJson.TryRead(message, out JsonElement root))
        {
            Fail(session, 400, "invalid syntax");
            return;
        }

        switch (Json.Text(root, "action"))
        {
            case "auth" when reader.IsKnown:
                Fail(session, 403, "already authenticated");
                break;
            case "auth":
                Authenticate(session, reader, Json.Text(root, "key"), Json.Text(root, "secret"));
                break;
            case "subscribe" or "unsubscribe" when !reader.IsKnown:
                Fail(session, 401, "not authenticated");
                break;
            case "subscribe":
                Change(session, reader, root, add: true);
                break;
            case "unsubscribe":
                Change(session, reader, root, add: false);
                break;
            default:
                Fail(session, 400, "invalid syntax");
                break;
        }
    }

    public void OnMarket(ListedInstrument instrument, EventKind kind)
    {
        if (!instrument.IsAlpaca)
        {
            return;
        }

        switch (kind)
        {
            case EventKind.Trade:
                Print newest = default;
                foreach (Print print in instrument.Prints)
                {
                    newest = print;
                }

                Tell("trades", instrument, PrintItem(instrument, newest));
                break;
            case EventKind.BookLevels or EventKind.Quote when instrument.IsReady:
                Core.Market.Book book = instrument.Book;
                (long, long, long, long) best = (book.BestBidPrice, book.BestBidQuantity, book.BestAskPrice, book.BestAskQuantity);
                if (!_quoted.TryGetValue(instrument.Id, out (long, long, long, long) told) || told != best)
                {
                    _quoted[instrument.Id] = best;
                    Tell("quotes", instrument, QuoteItem(instrument));
                }

                break;
            case EventKind.TradingStatus when instrument.Kind == InstrumentKind.Equity:
                Tell("statuses", instrument, StatusItem(instrument));
                break;
        }
    }

    public void OnCandle(ListedInstrument instrument, CandleSeries series, Candle candle)
    {
        if (instrument.IsAlpaca && series.Name == "1" && candle.Trades != 0)
        {
            Tell("bars", instrument, BarItem(instrument, candle));
        }
    }

    public void OnTime(long now)
    {
        foreach (Session session in _sessions)
        {
            Reader reader = (Reader)session.State!;
            if (!reader.IsKnown && !reader.IsLate && now - reader.OpenedAt > AuthPatience)
            {
                reader.IsLate = true;
                Fail(session, 404, "auth timeout");
                session.Close();
            }
        }
    }

    private static Field[] Item(string kind, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        // The kind is always the first: clients look for it there.
        Field[] item = new Field[fields.Length + 1];
        item[0] = new Field("T", kind);
        for (int i = 0; i < fields.Length; i++)
        {
            item[i + 1] = new Field(fields[i].Name, fields[i].Value);
        }

        return item;
    }

    private static Field[] PrintItem(ListedInstrument instrument, Print print) => instrument.Kind == InstrumentKind.Equity
        ? Item(
            "t",
            ("S", instrument.Symbol),
            ("i", print.Number),
            ("x", "V"),
            ("p", instrument.Price(print.Price)),
            ("s", instrument.Quantity(print.Quantity)),
            ("c", new[] { "@" }),
            ("z", "C"),
            ("t", new Moment(print.At)))
        : Item(
            "t",
            ("S", instrument.Symbol),
            ("p", instrument.Price(print.Price)),
            ("s", instrument.Quantity(print.Quantity)),
            ("t", new Moment(print.At)),
            ("i", print.Number),
            ("tks", print.Aggressor == Side.Sell ? "S" : "B"));

    private Field[] QuoteItem(ListedInstrument instrument)
    {
        Core.Market.Book book = instrument.Book;
        return instrument.Kind == InstrumentKind.Equity
            ? Item(
                "q",
                ("S", instrument.Symbol),
                ("bx", "V"),
                ("bp", instrument.Price(book.BestBidPrice)),
                ("bs", instrument.Quantity(book.BestBidQuantity)),
                ("ax", "V"),
                ("ap", instrument.Price(book.BestAskPrice)),
                ("as", instrument.Quantity(book.BestAskQuantity)),
                ("c", new[] { "R" }),
                ("z", "C"),
                ("t", new Moment(exchange.Now)))
            : Item(
                "q",
                ("S", instrument.Symbol),
                ("bp", instrument.Price(book.BestBidPrice)),
                ("bs", instrument.Quantity(book.BestBidQuantity)),
                ("ap", instrument.Price(book.BestAskPrice)),
                ("as", instrument.Quantity(book.BestAskQuantity)),
                ("t", new Moment(exchange.Now)));
    }

    private Field[] StatusItem(ListedInstrument instrument)
    {
        bool open = instrument.Status == TradingStatus.Open;
        return Item(
            "s",
            ("S", instrument.Symbol),
            ("sc", open ? "T" : "H"),
            ("sm", open ? "Trading Resumption" : "Trading Halt"),
            ("rc", string.Empty),
            ("rm", string.Empty),
            ("t", new Moment(exchange.Now)),
            ("z", "C"));
    }

    private static Field[] BarItem(ListedInstrument instrument, Candle candle) => Item(
        "b",
        ("S", instrument.Symbol),
        ("o", instrument.Price(candle.Open)),
        ("h", instrument.Price(candle.High)),
        ("l", instrument.Price(candle.Low)),
        ("c", instrument.Price(candle.Close)),
        ("v", instrument.Quantity(candle.Volume)),
        ("n", candle.Trades),
        ("vw", decimal.Round(candle.Turnover / instrument.Quantity(candle.Volume), 6)),
        ("t", new Moment(candle.Start)));

    private void Authenticate(Session session, Reader reader, string? key, string? secret)
    {
        reader.IsKnown = key is not null && exchange.Alpaca.TryGetValue(key, out TradingAccount? account) && account.Owner.Secret == secret;
        if (reader.IsKnown)
        {
            Send(session, [Item("success", ("msg", "authenticated"))]);
        }
        else
        {
            Fail(session, 402, "auth failed");
        }
    }

    private void Change(Session session, Reader reader, JsonElement root, bool add)
    {
        foreach (string list in Lists)
        {
            if (!root.TryGetProperty(list, out JsonElement symbols) || symbols.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            foreach (JsonElement symbol in symbols.EnumerateArray())
            {
                string name = symbol.ValueKind == JsonValueKind.String ? symbol.GetString()! : string.Empty;
                if (name.Length is 0 or > 24 || (add && reader.Of(list).Count >= 1_000))
                {
                    Fail(session, name.Length is 0 or > 24 ? 400 : 405, name.Length is 0 or > 24 ? "invalid syntax" : "symbol limit exceeded");
                    return;
                }

                Set(reader, list, name, add);

                // Who reads prints is told when one was wrong.
                if (list == "trades")
                {
                    Set(reader, "corrections", name, add);
                    Set(reader, "cancelErrors", name, add);
                }
            }
        }

        // The whole list, not what was asked now.
        (string, object)[] all = new (string, object)[Lists.Length];
        for (int i = 0; i < Lists.Length; i++)
        {
            string[] names = [.. reader.Of(Lists[i])];
            all[i] = (Lists[i], names);
        }

        Send(session, [Item("subscription", all)]);
    }

    private static void Set(Reader reader, string list, string name, bool add)
    {
        if (add)
        {
            _ = reader.Of(list).Add(name);
        }
        else
        {
            _ = reader.Of(list).Remove(name);
        }
    }

    private void Fail(Session session, int code, string message) =>
        Send(session, [Item("error", ("code", (long)code), ("msg", message))]);

    private void Tell(string list, ListedInstrument instrument, Field[] item)
    {
        bool isPair = instrument.Kind == InstrumentKind.Spot;
        foreach (Session session in _sessions)
        {
            Reader reader = (Reader)session.State!;
            if (reader.IsCrypto == isPair && reader.IsKnown && (reader.Of(list).Contains(instrument.Symbol) || reader.Of(list).Contains("*")))
            {
                Send(session, [item]);
            }
        }
    }

    private void Send(Session session, Field[][] items)
    {
        if (session.WantsMessagePack)
        {
            session.Send(Packed(items), exchange.Now, isBinary: true);
        }
        else
        {
            session.Send(Text(items), exchange.Now);
        }
    }

    private static byte[] Text(Field[][] items) => Json.Bytes(writer =>
    {
        writer.WriteStartArray();
        foreach (Field[] item in items)
        {
            writer.WriteStartObject();
            foreach (Field field in item)
            {
                writer.WritePropertyName(field.Name);
                switch (field.Value)
                {
                    case string text:
                        writer.WriteStringValue(text);
                        break;
                    case decimal number:
                        writer.WriteRawValue(Units.Text(number));
                        break;
                    case Moment at:
                        writer.WriteStringValue(AlpacaJson.Time(at.Nanoseconds));
                        break;
                    case string[] texts:
                        writer.WriteStartArray();
                        foreach (string one in texts)
                        {
                            writer.WriteStringValue(one);
                        }

                        writer.WriteEndArray();
                        break;
                    default:
                        writer.WriteNumberValue((long)field.Value);
                        break;
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    private static byte[] Packed(Field[][] items)
    {
        MessagePackWriter writer = new();
        writer.WriteArrayHeader(items.Length);
        foreach (Field[] item in items)
        {
            writer.WriteMapHeader(item.Length);
            foreach (Field field in item)
            {
                writer.WriteText(field.Name);
                switch (field.Value)
                {
                    case string text:
                        writer.WriteText(text);
                        break;
                    case decimal number when decimal.Truncate(number) == number:
                        writer.WriteInteger((long)number);
                        break;
                    case decimal number:
                        writer.WriteFloat(double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
                        break;
                    case Moment at:
                        writer.WriteTimestamp(at.Nanoseconds);
                        break;
                    case string[] texts:
                        writer.WriteArrayHeader(texts.Length);
                        foreach (string one in texts)
                        {
                            writer.WriteText(one);
                        }

                        break;
                    default:
                        writer.WriteInteger((long)field.Value);
                        break;
                }
            }
        }

        return writer.Written.ToArray();
    }

    /// <summary>A field: text, a decimal, a whole number, a time, a list of texts.</summary>
    private readonly record struct Field(string Name, object Value);

    private readonly record struct Moment(long Nanoseconds);

    private sealed class Reader(bool isCrypto, long openedAt)
    {
        private readonly Dictionary<string, SortedSet<string>> _lists = new(StringComparer.Ordinal);

        internal bool IsCrypto { get; } = isCrypto;

        internal long OpenedAt { get; } = openedAt;

        internal bool IsKnown { get; set; }

        internal bool IsLate { get; set; }

        internal SortedSet<string> Of(string list)
        {
            if (!_lists.TryGetValue(list, out SortedSet<string>? symbols))
            {
                symbols = _lists[list] = new SortedSet<string>(StringComparer.Ordinal);
            }

            return symbols;
        }
    }
}
