using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>An order as the venue knows it.</summary>
internal sealed class FakeOrder
{
    public required string Link { get; init; }

    public required string Id { get; init; }

    public string Symbol { get; init; } = "BTCUSDT";

    public decimal Price { get; set; }

    public decimal Quantity { get; set; }

    public decimal Filled { get; set; }

    public string Side { get; set; } = "Buy";

    public string Status { get; set; } = "New";

    public string Reason { get; set; } = "EC_NoError";

    public long Created { get; set; }

    public long Updated { get; set; }

    public bool IsOpen => Status is "New" or "PartiallyFilled";
}

/// <summary>What a fault makes of one exchange with the venue.</summary>
public enum Fault
{
    None,
    CutBefore,
    CutAfter,
    RequestLost,
    RequestLate,
    RequestDoubled,
    AnswerLost,
    AnswerLate,
    AnswerDoubled,
    AnswerGarbled,
    ErrorActed,
    ErrorNotActed,
    UnlistedActed,
    UnlistedNotActed,
    Restarting,
    Refused,
    ReportLost,
    PrivateCut,
    RestNotSent,
    RestUnknownActed,
    RestUnknownNotActed,
    RestServerErrorActed,
    RestServerErrorNotActed,
    RestHtml,
}

/// <summary>
/// Bybit as its documents describe it, with a truth of its own: what is asserted at the end is asked of it. It takes a client
/// order id once, refuses requests whose stamp is outside of their window, and pushes what happens to the private stream.
/// </summary>
internal sealed class FakeBybit(VirtualClock clock) : IVirtualHost
{
    private readonly HashSet<VirtualConnection> _private = [];
    private long _ids;

    public Dictionary<string, FakeOrder> Orders { get; } = [];

    /// <summary>Executions: id, order, price, quantity, time.</summary>
    public List<(string Id, string Link, decimal Price, decimal Quantity, long At)> Fills { get; } = [];

    /// <summary>Requests that have arrived, by verb and client order id, those that were refused included.</summary>
    public Dictionary<(string Verb, string Link), int> Arrivals { get; } = [];

    /// <summary>Orders whose request the network doubled.</summary>
    public HashSet<string> Doubled { get; } = [];

    /// <summary>Nanoseconds by which the private stream lags.</summary>
    public long ReportDelay { get; set; }

    /// <summary>Asked for each order request.</summary>
    public Func<string, string, Fault> FaultOf { get; set; } = (_, _) => Fault.None;

    /// <summary>Asked for each read: true fails it.</summary>
    public Func<string, bool> ReadFails { get; set; } = _ => false;

    /// <summary>Milliseconds by which lists of orders are out of date.</summary>
    public long Staleness { get; set; }

    /// <summary>Venue's clock less ours, nanoseconds.</summary>
    public long ClockOffset { get; set; }

    /// <summary>Answers no pings on connections whose address ends so.</summary>
    public string? SilentOn { get; set; }

    /// <summary>The key's answer.</summary>
    public string Key { get; set; } =
        """{"readOnly":0,"permissions":{"ContractTrade":["Order","Position"],"Spot":["SpotTrade"],"Wallet":[]},"ips":["10.1.2.3"],"userID":24617703,"expiredAt":"2027-12-29T07:42:39Z"}""";

    /// <summary>Refuses every key.</summary>
    public bool RefusesKey { get; set; }

    /// <summary>The cursor after a page, by where it began and how many items it has.</summary>
    public Func<int, int, string> CursorOf { get; set; } = (from, count) => string.Create(CultureInfo.InvariantCulture, $"p%3A{from + count}");

    /// <summary>Headers of each answer to a request.</summary>
    public string Headers { get; set; } = "";

    /// <summary>Answers a read in place of the venue: null leaves it to the venue.</summary>
    public Func<string, (int Status, string Body)?> Override { get; set; } = _ => null;

    private long Ms => (clock.Now + ClockOffset) / VirtualClock.Millisecond;

    public void OnOpen(VirtualConnection connection) => connection.Accept();

    public void OnMessage(VirtualConnection connection, string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement message = document.RootElement;
        string op = message.GetProperty("op").GetString()!;
        bool isTrade = connection.Url.EndsWith("/trade", StringComparison.Ordinal);
        switch (op)
        {
            case "ping" when SilentOn is null || !connection.Url.EndsWith(SilentOn, StringComparison.Ordinal):
                connection.Push(isTrade
                    ? $$"""{"retCode":0,"retMsg":"OK","op":"pong","data":["{{Ms}}"],"connId":"c"}"""
                    : $$"""{"op":"pong","args":["{{Ms}}"],"conn_id":"c"}""");
                break;
            case "auth" when RefusesKey:
                connection.Push(isTrade
                    ? """{"retCode":10004,"retMsg":"x","op":"auth","connId":"c"}"""
                    : """{"success":false,"ret_msg":"x","op":"auth","conn_id":"c"}""");
                break;
            case "auth":
                connection.Push(isTrade
                    ? """{"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}"""
                    : """{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}""");
                break;
            case "subscribe":
                _private.Add(connection);
                connection.Push("""{"success":true,"ret_msg":"","op":"subscribe","conn_id":"c"}""");
                break;
            case "ping":
                break;
            default:
                OnOrder(connection, op, message);
                break;
        }
    }

    public void OnRequest(VirtualRest client, VirtualRequest request)
    {
        if (Override(request.Path) is { } answer)
        {
            client.Answer(request.Number, answer.Status, answer.Body, Headers);
        }
        else if (request.Path.StartsWith("/v5/order/create", StringComparison.Ordinal)
            || request.Path.StartsWith("/v5/order/amend", StringComparison.Ordinal)
            || request.Path.StartsWith("/v5/order/cancel", StringComparison.Ordinal))
        {
            OnOrder(client, request);
        }
        else if (ReadFails(request.Path))
        {
            client.Answer(request.Number, 502, "<html>bad gateway</html>");
        }
        else
        {
            client.Answer(request.Number, 200, Read(request.Path), Headers);
        }
    }

    /// <summary>Somebody trades with an order.</summary>
    public void Fill(FakeOrder order, decimal quantity)
    {
        quantity = Math.Min(quantity, order.Quantity - order.Filled);
        if (!order.IsOpen || quantity <= 0)
        {
            return;
        }

        order.Filled += quantity;
        order.Status = order.Filled == order.Quantity ? "Filled" : "PartiallyFilled";
        order.Updated = Ms;
        string id = Uuid();
        Fills.Add((id, order.Link, order.Price, quantity, Ms));
        Push("execution", Execution(Fills[^1], order));
        Push("order", Item(order));
    }

    /// <summary>An order is there that nobody has asked for in time.</summary>
    public void Appear(string link, decimal price, decimal quantity)
    {
        FakeOrder order = new()
        {
            Link = link,
            Id = Uuid(),
            Price = price,
            Quantity = quantity,
            Created = Ms,
            Updated = Ms,
        };
        Orders.Add(link, order);
        Push("order", Item(order));
    }

    private void OnOrder(VirtualConnection connection, string op, JsonElement message)
    {
        string verb = op["order.".Length..];
        string request = message.GetProperty("reqId").GetString()!;
        JsonElement argument = message.GetProperty("args")[0].Clone();
        long stamp = long.Parse(message.GetProperty("header").GetProperty("X-BAPI-TIMESTAMP").GetString()!, CultureInfo.InvariantCulture);
        long window = long.Parse(message.GetProperty("header").GetProperty("X-BAPI-RECV-WINDOW").GetString()!, CultureInfo.InvariantCulture);
        string link = LinkOf(argument);
        void Reply(int code, string body = "{}", long extra = 0) => connection.Push(
            $$"""{"reqId":"{{request}}","retCode":{{code}},"retMsg":"x","op":"{{op}}","data":{{body}},"retExtInfo":{},"header":{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"9","X-Bapi-Limit-Reset-Timestamp":"{{Ms}}","Traceid":"t","Timenow":"{{Ms}}"},"connId":"c"}""",
            extra);
        (int Code, string Body) Act(bool isReported = true) => Work(verb, argument, stamp, window, isReported);
        switch (FaultOf(verb, link))
        {
            case Fault.CutBefore:
                connection.Cut();
                break;
            case Fault.CutAfter:
                Act();
                connection.Cut();
                break;
            case Fault.RequestLost or Fault.RestUnknownNotActed:
                break;
            case Fault.RequestLate:
                clock.After(6 * VirtualClock.Second, () => Act());
                break;
            case Fault.RequestDoubled:
                Doubled.Add(link);
                (int first, string firstBody) = Act();
                Reply(first, firstBody);
                (int second, string secondBody) = Act();
                Reply(second, secondBody);
                break;
            case Fault.AnswerLost or Fault.RestUnknownActed or Fault.RestServerErrorActed or Fault.RestHtml:
                Act();
                break;
            case Fault.AnswerLate:
                (int late, string lateBody) = Act();
                Reply(late, lateBody, 4 * VirtualClock.Second);
                break;
            case Fault.AnswerDoubled:
                (int twice, string twiceBody) = Act();
                Reply(twice, twiceBody);
                Reply(twice, twiceBody, VirtualClock.Millisecond);
                break;
            case Fault.AnswerGarbled:
                Act();
                connection.Push("{\"reqId\":\"" + request + "\",\"retCode\":0,\"op\":\"order.cre");
                break;
            case Fault.ErrorActed:
                Act();
                Reply(10016);
                break;
            case Fault.ErrorNotActed or Fault.RestServerErrorNotActed:
                Reply(10000);
                break;
            case Fault.UnlistedActed:
                Act();
                Reply(199_999);
                break;
            case Fault.UnlistedNotActed:
                Reply(199_998);
                break;
            case Fault.Restarting:
                Act();
                Reply(10019);
                break;
            case Fault.Refused:
                Count(verb, link);
                Reply(110007);
                break;
            case Fault.ReportLost:
                (int silent, string silentBody) = Act(isReported: false);
                Reply(silent, silentBody);
                break;
            case Fault.PrivateCut:
                CutPrivate();
                (int cut, string cutBody) = Act();
                Reply(cut, cutBody);
                break;
            default:
                (int code, string body) = Act();
                Reply(code, body);
                break;
        }
    }

    private void OnOrder(VirtualRest client, VirtualRequest request)
    {
        string verb = request.Path["/v5/order/".Length..];
        using JsonDocument document = JsonDocument.Parse(request.Body);
        JsonElement argument = document.RootElement.Clone();
        string link = LinkOf(argument);
        long stamp = HeaderOf(request, "X-BAPI-TIMESTAMP");
        long window = HeaderOf(request, "X-BAPI-RECV-WINDOW");
        void Reply((int Code, string Body) result, long extra = 0) => client.Answer(
            request.Number,
            200,
            $$"""{"retCode":{{result.Code}},"retMsg":"x","result":{{result.Body}},"retExtInfo":{},"time":{{Ms}}}""",
            Headers,
            extra);
        switch (FaultOf(verb, link))
        {
            case Fault.RestNotSent:
                client.End(request.Number, LowLatency.Gateways.Live.RestOutcome.NotSent);
                break;
            case Fault.CutBefore or Fault.RequestLost or Fault.RestUnknownNotActed:
                client.End(request.Number, LowLatency.Gateways.Live.RestOutcome.Unknown);
                break;
            case Fault.CutAfter or Fault.RestUnknownActed or Fault.AnswerLost:
                Work(verb, argument, stamp, window, isReported: true);
                client.End(request.Number, LowLatency.Gateways.Live.RestOutcome.Unknown);
                break;
            case Fault.RequestLate:
                clock.After(6 * VirtualClock.Second, () => Work(verb, argument, stamp, window, isReported: true));
                break;
            case Fault.RestServerErrorActed or Fault.ErrorActed or Fault.UnlistedActed or Fault.Restarting:
                Work(verb, argument, stamp, window, isReported: true);
                client.Answer(request.Number, 500, "");
                break;
            case Fault.RestServerErrorNotActed or Fault.ErrorNotActed or Fault.UnlistedNotActed:
                client.Answer(request.Number, 503, "");
                break;
            case Fault.RestHtml or Fault.AnswerGarbled:
                Work(verb, argument, stamp, window, isReported: true);
                client.Answer(request.Number, 200, "<html>maintenance</html>");
                break;
            case Fault.Refused:
                Count(verb, link);
                Reply((110007, "{}"));
                break;
            case Fault.ReportLost:
                Reply(Work(verb, argument, stamp, window, isReported: false));
                break;
            case Fault.PrivateCut:
                CutPrivate();
                Reply(Work(verb, argument, stamp, window, isReported: true));
                break;
            case Fault.AnswerLate:
                Reply(Work(verb, argument, stamp, window, isReported: true), 3 * VirtualClock.Second);
                break;
            default:
                Reply(Work(verb, argument, stamp, window, isReported: true));
                break;
        }
    }

    public void CutPrivate()
    {
        foreach (VirtualConnection connection in _private)
        {
            connection.Cut();
        }

        _private.Clear();
    }

    /// <summary>Requests that arrived for an order, of one verb.</summary>
    public int ArrivalsOf(string verb, string link) => Arrivals.GetValueOrDefault((verb, link));

    // The venue's id names an order as well as ours does.
    private string LinkOf(JsonElement argument) => argument.TryGetProperty("orderLinkId", out JsonElement link)
        ? link.GetString()!
        : Orders.Values.FirstOrDefault(order => order.Id == argument.GetProperty("orderId").GetString())?.Link ?? "nobody";

    private void Count(string verb, string link) => Arrivals[(verb, link)] = Arrivals.GetValueOrDefault((verb, link)) + 1;

    private (int Code, string Body) Work(string verb, JsonElement argument, long stamp, long window, bool isReported)
    {
        string link = LinkOf(argument);
        Count(verb, link);
        if (stamp < Ms - window || stamp >= Ms + 1000)
        {
            return (10002, "{}");
        }

        FakeOrder? order = Orders.GetValueOrDefault(link);
        switch (verb)
        {
            case "create" when order is not null:
                return (110072, "{}");
            case "create":
                order = new FakeOrder
                {
                    Link = link,
                    Id = Uuid(),
                    Price = Number(argument, "price"),
                    Quantity = Number(argument, "qty"),
                    Side = argument.GetProperty("side").GetString()!,
                    Created = Ms,
                    Updated = Ms,
                };
                Orders.Add(link, order);
                break;
            case "amend" when order is not { IsOpen: true }:
                return (110001, "{}");
            case "amend" when Number(argument, "qty") <= order.Filled:
                return (110064, "{}");
            case "amend":
                order.Price = Number(argument, "price");
                order.Quantity = Number(argument, "qty");
                order.Updated = Math.Max(Ms, order.Created + 1);
                break;
            case "cancel" when order is not { IsOpen: true }:
                return (110001, "{}");
            default:
                order!.Status = "Cancelled";
                order.Updated = Ms;
                break;
        }

        if (isReported)
        {
            Push("order", Item(order));
        }

        return (0, $$"""{"orderId":"{{order.Id}}","orderLinkId":"{{link}}"}""");
    }

    private void Push(string topic, string item)
    {
        foreach (VirtualConnection connection in _private)
        {
            connection.Push($$"""{"id":"m","topic":"{{topic}}","creationTime":{{Ms}},"data":[{{item}}]}""", ReportDelay);
        }
    }

    private string Read(string path)
    {
        string route = path.Split('?')[0];
        Dictionary<string, string> query = path.Contains('?', StringComparison.Ordinal)
            ? path.Split('?')[1].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => part[1])
            : [];
        string? link = query.GetValueOrDefault("orderLinkId");
        string? id = query.GetValueOrDefault("orderId");
        IEnumerable<FakeOrder> known = Orders.Values.Where(order =>
            (link is null || order.Link == link) && (id is null || order.Id == id) && order.Created <= Ms - Staleness);
        string result = route switch
        {
            "/v5/market/time" => $$"""{"timeSecond":"{{Ms / 1000}}","timeNano":"{{Ms}}000000"}""",
            "/v5/user/query-api" => Key,
            "/v5/market/instruments-info" =>
                """{"category":"linear","list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","quoteCoin":"USDT","settleCoin":"USDT","priceScale":"2","priceFilter":{"tickSize":"0.10"},"lotSizeFilter":{"qtyStep":"0.001","minOrderQty":"0.001","maxOrderQty":"100","minNotionalValue":"5"}}],"nextPageCursor":""}""",
            "/v5/order/realtime" => List(query, known.Where(order => order.IsOpen).Select(Item)),
            "/v5/order/history" => List(query, known.Where(order => !order.IsOpen).Select(Item)),
            "/v5/execution/list" => List(query, Fills
                .Where(fill => id is not null ? Orders[fill.Link].Id == id : link is null ? fill.At >= long.Parse(query["startTime"], CultureInfo.InvariantCulture) : fill.Link == link)
                .Select(fill => Execution(fill, Orders[fill.Link]))),
            "/v5/account/wallet-balance" =>
                """{"list":[{"accountType":"UNIFIED","totalEquity":"1000","totalWalletBalance":"1000","totalAvailableBalance":"1000","totalPerpUPL":"0","totalInitialMargin":"0","totalMaintenanceMargin":"0","coin":[]}]}""",
            _ => List(query, []),
        };
        return $$"""{"retCode":0,"retMsg":"OK","result":{{result}},"retExtInfo":{},"time":{{Ms}}}""";
    }

    // Every page that has items has a cursor, the last one too.
    private string List(Dictionary<string, string> query, IEnumerable<string> items)
    {
        int from = query.TryGetValue("cursor", out string? cursor) ? int.Parse(cursor[4..], CultureInfo.InvariantCulture) : 0;
        int limit = int.Parse(query["limit"], CultureInfo.InvariantCulture);
        string[] page = [.. items.Skip(from).Take(limit)];
        string next = page.Length == 0 ? "" : CursorOf(from, page.Length);
        return $$"""{"category":"linear","list":[{{string.Join(',', page)}}],"nextPageCursor":"{{next}}"}""";
    }

    private static string Item(FakeOrder order) =>
        $$"""{"category":"linear","symbol":"{{order.Symbol}}","orderId":"{{order.Id}}","orderLinkId":"{{order.Link}}","price":"{{Text(order.Price)}}","qty":"{{Text(order.Quantity)}}","side":"{{order.Side}}","orderStatus":"{{order.Status}}","cumExecQty":"{{Text(order.Filled)}}","createdTime":"{{order.Created}}","updatedTime":"{{order.Updated}}","cancelType":"UNKNOWN","rejectReason":"{{order.Reason}}"}""";

    private static string Execution((string Id, string Link, decimal Price, decimal Quantity, long At) fill, FakeOrder order) =>
        $$"""{"category":"linear","symbol":"{{order.Symbol}}","execFee":"0.01","execId":"{{fill.Id}}","execPrice":"{{Text(fill.Price)}}","execQty":"{{Text(fill.Quantity)}}","execType":"Trade","isMaker":true,"leavesQty":"","orderQty":"","orderId":"{{order.Id}}","orderLinkId":"{{order.Link}}","side":"{{order.Side}}","execTime":"{{fill.At}}"}""";

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static decimal Number(JsonElement argument, string name) =>
        decimal.Parse(argument.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static long HeaderOf(VirtualRequest request, string name) => long.Parse(
        request.Headers.Split('\n').Single(line => line.StartsWith(name + ":", StringComparison.Ordinal))[(name.Length + 1)..],
        CultureInfo.InvariantCulture);

    private string Uuid() => $"00000000-0000-4000-8000-{++_ids:x12}".Replace("00000000-", "5cf98598-", StringComparison.Ordinal);
}
