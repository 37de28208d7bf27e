using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What an account may ask of itself: orders, executions, positions, wallet, fees, its key, its modes.</summary>
internal sealed class BybitAccountRest(Exchange exchange)
{
    private const long WeekMs = 7 * 86_400_000L;
    private const int ClosedMax = 500;

    private readonly Dictionary<(string Key, string Symbol), string> _leverage = [];
    private readonly BybitKeyView _key = new(exchange);

    // Orders that ended before are gone from the list of the present.
    private long _restartedAt;

    internal void OnRestart() => _restartedAt = exchange.Now;

    internal string LeverageOf(TradingAccount account, string symbol) =>
        _leverage.GetValueOrDefault((account.Owner.Key, symbol), "10");

    internal BybitError Handle(RestRequest request, TradingAccount account, JsonElement body, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        switch (request.Path)
        {
            case "/v5/order/realtime":
                return Realtime(request, account, out result);
            case "/v5/order/history":
                return History(request, account, out result);
            case "/v5/execution/list":
                return Executions(request, account, out result);
            case "/v5/position/list":
                return Positions(request, account, out result);
            case "/v5/position/closed-pnl":
                return ClosedProfit(request, account, out result);
            case "/v5/position/set-leverage":
                return SetLeverage(account, body);
            case "/v5/position/switch-mode":
                return !Json.TryWhole(body, "mode", out long mode) || mode is not (0 or 3) ? BybitError.Params("mode invalid")
                    : mode == 0 ? BybitError.PositionModeSame
                    : BybitError.Params("the sandbox does not simulate hedge mode");
            case "/v5/account/wallet-balance":
                return Wallet(request, account, out result);
            case "/v5/account/info":
                result = _key.WriteInfo;
                return BybitError.Ok;
            case "/v5/account/fee-rate":
                return Fees(request, out result);
            case "/v5/account/query-dcp-info":
                result = BybitKeyView.WriteDcp;
                return BybitError.Ok;
            case "/v5/user/query-api":
                result = writer => _key.WriteKey(writer, account);
                return BybitError.Ok;
            default:
                // Disconnect protection: only for institutions that the venue has enabled.
                return BybitError.NoPermission;
        }
    }

    private static bool IsCategory(RestRequest request, out string category)
    {
        category = request.Parameter("category") ?? string.Empty;
        return Array.IndexOf(BybitEntry.Categories, category) >= 0;
    }

    private static bool Chooses(RestRequest request, ListedInstrument instrument)
    {
        string? symbol = request.Parameter("symbol");
        string? coin = request.Parameter("baseCoin");
        string? settle = request.Parameter("settleCoin");
        return instrument.Category == request.Parameter("category")
            && (symbol is null || instrument.Symbol == symbol)
            && (coin is null || instrument.Base == coin)
            && (settle is null || instrument.Category == "spot" || instrument.Quote == settle);
    }

    private static bool IsChosen(RestRequest request, SandboxOrder order) =>
        Chooses(request, order.Instrument)
        && (request.Parameter("orderId") is not { } id || order.VenueId == id)
        && (request.Parameter("orderLinkId") is not { } link || order.ClientId == link);

    // Pages go from the newest to the oldest; the cursor is the number of the last item of a page. Every page that has items has
    // one, the last one too: only what comes after it is empty.
    private static BybitError Page<T>(
        RestRequest request,
        LinkedList<T> all,
        int most,
        Func<T, bool> isChosen,
        Func<T, long> numberOf,
        Action<Utf8JsonWriter, T> write,
        out Action<Utf8JsonWriter>? result)
    {
        result = null;
        int limit = 20;
        if (request.Parameter("limit") is { } limitText
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return BybitError.Params("limit invalid");
        }

        limit = Math.Min(limit == 20 && request.Parameter("limit") is null && most > 50 ? 50 : limit, most);
        long before = long.MaxValue;
        if (request.Parameter("cursor") is { } cursor)
        {
            int end = cursor.AsSpan().IndexOfAnyExceptInRange('0', '9');
            if (!long.TryParse(end < 0 ? cursor : cursor[..end], NumberStyles.None, CultureInfo.InvariantCulture, out before))
            {
                return BybitError.Params("cursor invalid");
            }
        }

        List<T> page = [];
        for (LinkedListNode<T>? node = all.Last; node is not null; node = node.Previous)
        {
            if (numberOf(node.Value) >= before || !isChosen(node.Value))
            {
                continue;
            }

            if (page.Count == limit)
            {
                break;
            }

            page.Add(node.Value);
        }

        string next = page.Count > 0 ? numberOf(page[^1]).ToString(CultureInfo.InvariantCulture) : string.Empty;
        result = writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("nextPageCursor", next.Length == 0 ? string.Empty : $"{next}%3A0%2C{next}%3A0");
            writer.WriteString("category", request.Parameter("category"));
            writer.WriteStartArray("list");
            foreach (T item in page)
            {
                write(writer, item);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }

    private BybitError Realtime(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (!IsCategory(request, out string category))
        {
            return BybitError.Params("Illegal category");
        }

        if (category == "linear" && request.Parameter("symbol") is null && request.Parameter("baseCoin") is null && request.Parameter("settleCoin") is null)
        {
            return BybitError.Params("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin");
        }

        bool named = request.Parameter("orderId") is not null || request.Parameter("orderLinkId") is not null;
        bool closed = named || request.Parameter("openOnly") is "1" or "2";
        bool onlyClosed = request.Parameter("openOnly") is "1" or "2" && !named;
        int left = ClosedMax;
        return Page(
            request,
            account.Orders,
            50,
            order => IsChosen(request, order) && order.WasAccepted
                && (order.IsOpen ? !onlyClosed : closed && order.UpdatedAt > _restartedAt && left-- > 0),
            order => order.Number,
            (writer, order) => BybitJson.Order(writer, order),
            out result);
    }

    private static BybitError History(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        BybitError window = Window(request, out long from, out long to);
        result = null;
        return !IsCategory(request, out _) ? BybitError.Params("Illegal category")
            : !window.IsOk ? window
            : Page(
                request,
                account.Orders,
                50,
                order => !order.IsOpen && IsChosen(request, order) && order.CreatedAt / 1_000_000 >= from && order.CreatedAt / 1_000_000 <= to,
                order => order.Number,
                (writer, order) => BybitJson.Order(writer, order),
                out result);
    }

    private static BybitError Executions(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        BybitError window = Window(request, out long from, out long to);
        result = null;
        return !IsCategory(request, out _) ? BybitError.Params("Illegal category")
            : !window.IsOk ? window
            : Page(
                request,
                account.Ledger.Fills,
                100,
                fill => Chooses(request, fill.Instrument)
                    && (request.Parameter("orderId") is not { } id || fill.Order?.VenueId == id)
                    && (request.Parameter("orderLinkId") is not { } link || fill.Order?.ClientId == link)
                    && (request.Parameter("execType") is not { } type || (type == "Trade") == (fill.Kind == FillKind.Trade))
                    && fill.At / 1_000_000 >= from && fill.At / 1_000_000 <= to,
                fill => fill.Number,
                BybitJson.Execution,
                out result);
    }

    // Each end of a position by one of its fills; of rows of one order the venue shows the sum.
    private static BybitError ClosedProfit(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        return !IsCategory(request, out string category) || category != "linear" ? BybitError.Params("Illegal category") : Page(
            request,
            account.Ledger.Fills,
            100,
            fill => fill.Closed != 0 && Chooses(request, fill.Instrument),
            fill => fill.Number,
            WriteClosed,
            out result);
    }

    private static void WriteClosed(Utf8JsonWriter writer, Fill fill)
    {
        ListedInstrument instrument = fill.Instrument;
        decimal exit = instrument.Notional(fill.Price, fill.Closed);
        decimal entry = fill.Side == Side.Sell ? exit - fill.Profit : exit + fill.Profit;
        writer.WriteStartObject();
        writer.WriteString("symbol", instrument.Symbol);
        writer.WriteString("orderId", fill.Order?.VenueId ?? string.Empty);
        writer.WriteString("side", fill.Side == Side.Buy ? "Buy" : "Sell");
        writer.WriteString("qty", instrument.QuantityText(fill.Quantity));
        writer.WriteString("orderPrice", instrument.PriceText(fill.Order?.Price ?? 0));
        writer.WriteString("orderType", ((BybitTerms?)fill.Order?.Terms)?.OrderType ?? "UNKNOWN");
        writer.WriteString("execType", fill.Kind == FillKind.Trade ? "Trade" : "BustTrade");
        writer.WriteString("closedSize", instrument.QuantityText(fill.Closed));
        writer.WriteString("cumEntryValue", Units.Money(entry));
        writer.WriteString("avgEntryPrice", Units.Money(entry / instrument.Quantity(fill.Closed)));
        writer.WriteString("cumExitValue", Units.Money(exit));
        writer.WriteString("avgExitPrice", instrument.PriceText(fill.Price));
        writer.WriteString("closedPnl", Units.Money(fill.Profit - fill.Fee));
        writer.WriteString("fillCount", "1");
        writer.WriteString("leverage", "10");
        writer.WriteString("createdTime", BybitJson.Ms(fill.At));
        writer.WriteString("updatedTime", BybitJson.Ms(fill.At));
        writer.WriteEndObject();
    }

    // At most seven days; one end alone says the other.
    private static BybitError Window(RestRequest request, out long from, out long to)
    {
        from = 0;
        to = long.MaxValue;
        string? start = request.Parameter("startTime");
        string? end = request.Parameter("endTime");
        if ((start is not null && !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out from))
            || (end is not null && !long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out to)))
        {
            return BybitError.Params("startTime or endTime invalid");
        }

        if (start is not null && end is not null && (to < from || to - from > WeekMs))
        {
            return BybitError.Params("The time range between startTime and endTime cannot exceed 7 days");
        }

        to = start is not null && end is null ? from + WeekMs : to;
        from = start is null && end is not null ? to - WeekMs : from;
        return BybitError.Ok;
    }

    private BybitError Positions(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (!IsCategory(request, out string category) || category != "linear")
        {
            return BybitError.Params("Illegal category");
        }

        string? symbol = request.Parameter("symbol");
        if (symbol is null && request.Parameter("settleCoin") is null)
        {
            return BybitError.Params("Missing some parameters that must be filled in, symbol or settleCoin");
        }

        // A symbol by its name is shown flat too.
        LinkedList<(long Number, ListedInstrument Instrument)> chosen = new();
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (Chooses(request, instrument) && (symbol is not null || account.Ledger.PositionOf(instrument).Quantity != 0))
            {
                chosen.AddFirst((-chosen.Count, instrument));
            }
        }

        return Page(
            request,
            chosen,
            200,
            _ => true,
            position => position.Number + chosen.Count,
            (writer, position) => BybitJson.Position(
                writer, account, position.Instrument, LeverageOf(account, position.Instrument.Symbol), exchange.StartedAt, isStream: false),
            out result);
    }

    private BybitError SetLeverage(TradingAccount account, JsonElement body)
    {
        string symbol = Json.Text(body, "symbol") ?? string.Empty;
        if (Json.Text(body, "category") != "linear" || exchange.Listing.Find("linear", symbol) is null)
        {
            return BybitError.Params("params error: symbol invalid");
        }

        if (!Units.TryParse(Json.Text(body, "buyLeverage"), out decimal buy) || !Units.TryParse(Json.Text(body, "sellLeverage"), out decimal sell)
            || buy != sell || buy is < 1 or > 10)
        {
            return BybitError.Params("buy leverage invalid: equal on both sides, 1 to 10");
        }

        string leverage = Units.Text(buy);
        if (leverage == LeverageOf(account, symbol))
        {
            return BybitError.LeverageSame;
        }

        _leverage[(account.Owner.Key, symbol)] = leverage;
        return BybitError.Ok;
    }

    private BybitError Wallet(RestRequest request, TradingAccount account, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (request.Parameter("accountType") != "UNIFIED")
        {
            return BybitError.Params("accountType only support UNIFIED.");
        }

        string? coin = request.Parameter("coin");
        result = writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("list");
            BybitWalletView.Write(writer, exchange, account, coin);
            writer.WriteEndArray();
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }

    private BybitError Fees(RestRequest request, out Action<Utf8JsonWriter>? result)
    {
        result = null;
        if (!IsCategory(request, out string category))
        {
            return BybitError.Params("Illegal category");
        }

        (string maker, string taker) = category == "spot" ? ("0.001", "0.001") : ("0.0002", "0.00055");
        result = writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("list");
            foreach (ListedInstrument instrument in exchange.Listing.All)
            {
                if (Chooses(request, instrument))
                {
                    writer.WriteStartObject();
                    writer.WriteString("symbol", instrument.Symbol);
                    writer.WriteString("baseCoin", string.Empty);
                    writer.WriteString("takerFeeRate", taker);
                    writer.WriteString("makerFeeRate", maker);
                    writer.WriteEndObject();
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        };
        return BybitError.Ok;
    }
}
