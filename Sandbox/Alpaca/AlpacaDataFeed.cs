using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Events;
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
        Send(session, [DataItems.Of("success", ("msg", "connected"))]);
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

                Tell("trades", instrument, DataItems.Print(instrument, newest));
                break;
            case EventKind.BookLevels or EventKind.Quote when instrument.IsReady:
                Core.Market.Book book = instrument.Book;
                (long, long, long, long) best = (book.BestBidPrice, book.BestBidQuantity, book.BestAskPrice, book.BestAskQuantity);
                if (!_quoted.TryGetValue(instrument.Id, out (long, long, long, long) told) || told != best)
                {
                    _quoted[instrument.Id] = best;
                    Tell("quotes", instrument, DataItems.Quote(instrument, exchange.Now));
                }

                break;
            case EventKind.TradingStatus when instrument.Kind == InstrumentKind.Equity:
                Tell("statuses", instrument, DataItems.Status(instrument, exchange.Now));
                break;
        }
    }

    public void OnCandle(ListedInstrument instrument, CandleSeries series, Candle candle)
    {
        if (instrument.IsAlpaca && series.Name == "1" && candle.Trades != 0)
        {
            Tell("bars", instrument, DataItems.Bar(instrument, candle));
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

    private void Authenticate(Session session, Reader reader, string? key, string? secret)
    {
        reader.IsKnown = key is not null && exchange.Alpaca.TryGetValue(key, out TradingAccount? account) && account.Owner.Secret == secret;
        if (reader.IsKnown)
        {
            Send(session, [DataItems.Of("success", ("msg", "authenticated"))]);
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

        Send(session, [DataItems.Of("subscription", all)]);
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
        Send(session, [DataItems.Of("error", ("code", (long)code), ("msg", message))]);

    private void Tell(string list, ListedInstrument instrument, DataField[] item)
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

    private void Send(Session session, DataField[][] items)
    {
        if (session.WantsMessagePack)
        {
            session.Send(DataItems.Packed(items), exchange.Now, isBinary: true);
        }
        else
        {
            session.Send(DataItems.Text(items), exchange.Now);
        }
    }

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
