using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>
/// Alpaca's account as far as a reading of it goes: a list of working orders in pages by time, without a cursor, and one of fills
/// in pages by the last fill of the page before.
/// </summary>
internal sealed class FakeAlpaca(VirtualClock clock) : IVirtualHost
{
    /// <summary>Working orders, oldest first: when they were submitted, nanoseconds since 1970 UTC.</summary>
    public List<long> Submitted { get; } = [];

    /// <summary>Fills of the first order, a piece each.</summary>
    public int Fills { get; set; }

    /// <summary>The client id of the first order.</summary>
    public string Link { get; set; } = "by-hand";

    /// <summary>Whether pages of fills fail and go round, instead of those of orders.</summary>
    public bool IsAboutFills { get; set; }

    /// <summary>Pages of fills that were asked for.</summary>
    public int FillPages { get; private set; }

    /// <summary>The page that fails, and how often.</summary>
    public int FailsAt { get; set; } = -1;

    public int FailsTimes { get; set; } = int.MaxValue;

    /// <summary>Ignores where a page is to begin.</summary>
    public bool GoesRound { get; set; }

    /// <summary>Times of the pages that were asked for, oldest first.</summary>
    public List<long> Pages { get; } = [];

    public void OnOpen(VirtualConnection connection) => connection.Accept();

    public void OnMessage(VirtualConnection connection, string text) => connection.Push(
        text.Contains("\"listen\"", StringComparison.Ordinal)
            ? """{"stream":"listening","data":{"streams":["trade_updates"]}}"""
            : """{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}""");

    public void OnRequest(VirtualRest client, VirtualRequest request)
    {
        string route = request.Path.Split('?')[0];
        if (route == "/v2/orders")
        {
            Orders(client, request);
            return;
        }

        if (route == "/v2/account/activities/FILL")
        {
            FillPage(client, request);
            return;
        }

        client.Answer(request.Number, 200, route switch
        {
            "/v2/clock" => $$"""{"timestamp":"{{Time(clock.Now)}}","is_open":true,"next_open":"{{Time(clock.Now + (86_400 * VirtualClock.Second))}}","next_close":"{{Time(clock.Now + (3_600 * VirtualClock.Second))}}"}""",
            "/v2/account" => """{"id":"7e2ae69c-4edf-4800-a352-893d52b446ac","status":"ACTIVE","currency":"USD","cash":"1000","equity":"1000","buying_power":"2000","initial_margin":"0","maintenance_margin":"0","multiplier":"2","trading_blocked":false,"account_blocked":false,"trade_suspended_by_user":false,"shorting_enabled":true}""",
            "/v2/assets/AAPL" => """{"id":"7e2ae69c-4edf-4800-a352-893d52b446ad","class":"us_equity","symbol":"AAPL","status":"active","tradable":true,"fractionable":true}""",
            _ => "[]",
        });
    }

    private static string Time(long nanoseconds) =>
        DateTimeOffset.FromUnixTimeSeconds(nanoseconds / VirtualClock.Second).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)
        + "." + (nanoseconds % VirtualClock.Second).ToString("d9", CultureInfo.InvariantCulture) + "Z";

    private static long Nanoseconds(string text) =>
        (DateTimeOffset.Parse(text[..19] + "Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds() * VirtualClock.Second)
        + long.Parse(text[20..29], CultureInfo.InvariantCulture);

    private void FillPage(VirtualRest client, VirtualRequest request)
    {
        Dictionary<string, string> query = request.Path.Split('?')[1].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        int from = query.TryGetValue("page_token", out string? token) ? int.Parse(token[^6..], CultureInfo.InvariantCulture) : 0;
        FillPages = from == 0 ? 0 : FillPages;
        if (IsAboutFills && FillPages == FailsAt && FailsTimes-- > 0)
        {
            client.Answer(request.Number, 503, string.Empty);
            return;
        }

        FillPages++;
        int size = int.Parse(query["page_size"], CultureInfo.InvariantCulture);
        IEnumerable<string> page = Enumerable.Range(1, Fills)
            .Where(i => (GoesRound && IsAboutFills) || i > from)
            .Take(size)
            .Select(i => $$"""{"activity_type":"FILL","id":"20260806110141000::88b5f678-fef5-447b-af15-{{i:d12}}","cum_qty":"{{i}}","leaves_qty":"1","price":"100","qty":"1","side":"buy","symbol":"AAPL","transaction_time":"2026-08-06T15:01:41Z","order_id":"00000000-0000-4000-8000-{{1:x12}}","type":"partial_fill"}""");
        client.Answer(request.Number, 200, "[" + string.Join(',', page) + "]");
    }

    private void Orders(VirtualRest client, VirtualRequest request)
    {
        Dictionary<string, string> query = request.Path.Split('?')[1].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1]);
        long after = query.TryGetValue("after", out string? text) ? Nanoseconds(text) : 0;
        if (after == 0)
        {
            Pages.Clear();
        }

        if (!IsAboutFills && Pages.Count == FailsAt && FailsTimes-- > 0)
        {
            client.Answer(request.Number, 503, string.Empty);
            return;
        }

        Pages.Add(after);
        int limit = int.Parse(query["limit"], CultureInfo.InvariantCulture);
        IEnumerable<string> page = Enumerable.Range(0, Submitted.Count)
            .Where(i => (GoesRound && !IsAboutFills) || Submitted[i] > after)
            .Take(limit)
            .Select(i => $$"""{"id":"00000000-0000-4000-8000-{{i + 1:x12}}","client_order_id":"{{(i == 0 ? Link : "by-hand")}}","symbol":"AAPL","side":"buy","qty":"1","notional":null,"filled_qty":"0","limit_price":"100","status":"new","updated_at":"{{Time(Submitted[i])}}","submitted_at":"{{Time(Submitted[i])}}"}""");
        client.Answer(request.Number, 200, "[" + string.Join(',', page) + "]");
    }
}
