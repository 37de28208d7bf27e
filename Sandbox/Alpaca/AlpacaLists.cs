using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>What an account may read in lists: orders, positions, activities, assets, clock, calendar, configuration.</summary>
internal sealed class AlpacaLists(Exchange exchange, AlpacaJson json)
{
    private const int OrdersMax = 500;
    private const int ActivitiesMax = 100;
    private const int DaysMax = 512;

    // The sandbox has New York's winter time all the year.
    private static readonly TimeSpan NewYork = TimeSpan.FromHours(-5);

    /// <summary>Answers; null for a path that is not here.</summary>
    internal RestReply? Handle(RestRequest request, TradingAccount account)
    {
        const string assets = "/v2/assets/";
        const string activities = "/v2/account/activities";
        if (request.Path.StartsWith(assets, StringComparison.Ordinal) && request.Method == "GET")
        {
            string name = Uri.UnescapeDataString(request.Path[assets.Length..]);
            ListedInstrument? found = exchange.Listing.FindAlpaca(name);
            foreach (ListedInstrument instrument in exchange.Listing.All)
            {
                found ??= instrument.IsAlpaca && json.AssetId(instrument) == name ? instrument : null;
            }

            return found is null
                ? AlpacaError.NotFound("asset not found for " + name).Reply()
                : Json.Reply(200, writer => json.Asset(writer, found));
        }

        if (request.Path.StartsWith(activities, StringComparison.Ordinal) && request.Method == "GET")
        {
            return Activities(request, account, request.Path[activities.Length..].TrimStart('/'));
        }

        return (request.Method, request.Path) switch
        {
            ("GET", "/v2/assets") => Assets(request),
            ("GET", "/v2/clock") => Clock(),
            ("GET", "/v2/calendar") => Calendar(request),
            ("GET" or "PATCH", "/v2/account/configurations") => Json.Reply(200, WriteConfiguration),
            _ => null,
        };
    }

    internal RestReply Orders(RestRequest request, TradingAccount account)
    {
        string status = request.Parameter("status") ?? "open";
        if (status is not ("open" or "closed" or "all"))
        {
            return AlpacaError.Invalid("invalid status").Reply();
        }

        int limit = 50;
        if (request.Parameter("limit") is { } limitText
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > OrdersMax))
        {
            return AlpacaError.Invalid("limit must be 1 to 500").Reply();
        }

        if (!TryTime(request.Parameter("after"), long.MinValue, out long after) || !TryTime(request.Parameter("until"), long.MaxValue, out long until))
        {
            return AlpacaError.Invalid("after and until are RFC 3339 times").Reply();
        }

        string[]? symbols = request.Parameter("symbols")?.Split(',');
        string? side = request.Parameter("side");
        bool ascending = request.Parameter("direction") == "asc";
        List<SandboxOrder> chosen = [];
        for (LinkedListNode<SandboxOrder>? node = ascending ? account.Orders.First : account.Orders.Last;
            node is not null && chosen.Count < limit;
            node = ascending ? node.Next : node.Previous)
        {
            SandboxOrder order = node.Value;
            if ((status == "all" || (status == "open") == order.IsOpen)
                && order.CreatedAt > after && order.CreatedAt < until
                && (symbols is null || Array.IndexOf(symbols, order.Instrument.Symbol) >= 0)
                && (side is null || side == (order.Side == Core.Values.Side.Buy ? "buy" : "sell")))
            {
                chosen.Add(order);
            }
        }

        return Json.Reply(200, writer => List(writer, chosen, json.Order));
    }

    internal RestReply Positions(TradingAccount account)
    {
        List<ListedInstrument> held = [];
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.IsAlpaca && decimal.Round(AlpacaFunds.QuantityOf(account, instrument), 9, MidpointRounding.ToZero) != 0)
            {
                held.Add(instrument);
            }
        }

        return Json.Reply(200, writer => List(writer, held, (to, instrument) => json.Position(to, account, instrument)));
    }

    private static void List<T>(Utf8JsonWriter writer, List<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray();
        foreach (T item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    }

    private static bool TryTime(string? text, long usual, out long nanoseconds)
    {
        nanoseconds = usual;
        if (text is null)
        {
            return true;
        }

        bool known = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at);
        nanoseconds = known ? (at.UtcTicks - DateTime.UnixEpoch.Ticks) * 100 : usual;
        return known;
    }

    private static RestReply Activities(RestRequest request, TradingAccount account, string type)
    {
        string types = type.Length != 0 ? type : request.Parameter("activity_types") ?? "FILL";
        int size = ActivitiesMax;
        if (request.Parameter("page_size") is { } sizeText
            && (!int.TryParse(sizeText, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > ActivitiesMax))
        {
            return AlpacaError.Invalid("page_size must be 1 to 100").Reply();
        }

        if (!TryTime(request.Parameter("after"), long.MinValue, out long after) || !TryTime(request.Parameter("until"), long.MaxValue, out long until))
        {
            return AlpacaError.Invalid("after and until are RFC 3339 times").Reply();
        }

        // A page goes on behind the activity that the token names.
        string? token = request.Parameter("page_token");
        bool ascending = request.Parameter("direction") == "asc";
        bool isBehind = token is null;
        List<Fill> chosen = [];
        for (LinkedListNode<Fill>? node = ascending ? account.Ledger.Fills.First : account.Ledger.Fills.Last;
            node is not null && chosen.Count < size;
            node = ascending ? node.Next : node.Previous)
        {
            Fill fill = node.Value;
            if (isBehind && fill.Kind == FillKind.Trade && fill.At > after && fill.At < until && types.Contains("FILL", StringComparison.Ordinal))
            {
                chosen.Add(fill);
            }

            isBehind |= AlpacaJson.ActivityId(fill) == token;
        }

        return Json.Reply(200, writer => List(writer, chosen, AlpacaJson.Activity));
    }

    private RestReply Assets(RestRequest request)
    {
        string? category = request.Parameter("asset_class");
        List<ListedInstrument> chosen = [];
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.IsAlpaca && (category is null || instrument.Category == category))
            {
                chosen.Add(instrument);
            }
        }

        return Json.Reply(200, writer => List(writer, chosen, json.Asset));
    }

    private DateTimeOffset Local() => DateTimeOffset.FromUnixTimeMilliseconds(exchange.NowMs).ToOffset(NewYork);

    // The sandbox trades round the clock: it is open, and says of open and close what the calendar of weekdays says.
    private RestReply Clock()
    {
        DateTimeOffset now = Local();
        DateTimeOffset midnight = new(now.Date, NewYork);
        DateTimeOffset open = NextWeekday(midnight.AddHours(9.5), now);
        DateTimeOffset close = NextWeekday(midnight.AddHours(16), now);
        return Json.Reply(200, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("timestamp", now.ToString("yyyy-MM-ddTHH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture));
            writer.WriteBoolean("is_open", true);
            writer.WriteString("next_open", open.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
            writer.WriteString("next_close", close.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        });
    }

    private static DateTimeOffset NextWeekday(DateTimeOffset at, DateTimeOffset after)
    {
        while (at <= after || at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
        {
            at = at.AddDays(1);
        }

        return at;
    }

    private RestReply Calendar(RestRequest request)
    {
        DateOnly today = DateOnly.FromDateTime(Local().Date);
        if (!TryDay(request.Parameter("start"), today, out DateOnly from) || !TryDay(request.Parameter("end"), today.AddDays(30), out DateOnly to))
        {
            return AlpacaError.Invalid("start and end are dates").Reply();
        }

        return Json.Reply(200, writer =>
        {
            int days = 0;
            writer.WriteStartArray();
            for (DateOnly day = from; day <= to && days < DaysMax; day = day.AddDays(1))
            {
                if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday)
                {
                    continue;
                }

                days++;
                writer.WriteStartObject();
                writer.WriteString("date", Day(day));
                writer.WriteString("open", "09:30");
                writer.WriteString("close", "16:00");
                writer.WriteString("session_open", "0400");
                writer.WriteString("session_close", "2000");
                writer.WriteString("settlement_date", Day(day.AddDays(day.DayOfWeek == DayOfWeek.Friday ? 3 : 1)));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static bool TryDay(string? text, DateOnly usual, out DateOnly day)
    {
        day = usual;
        return text is null || (text.Length >= 10
            && DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day));
    }

    private static void WriteConfiguration(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("trade_confirm_email", "none");
        writer.WriteBoolean("suspend_trade", false);
        writer.WriteBoolean("no_shorting", false);
        writer.WriteBoolean("fractional_trading", true);
        writer.WriteString("max_margin_multiplier", AlpacaFunds.Multiplier.ToString(CultureInfo.InvariantCulture));
        writer.WriteBoolean("ptp_no_exception_entry", false);
        writer.WriteEndObject();
    }
}
