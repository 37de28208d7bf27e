using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>Orders at Bybit over REST and WebSocket, and what streams and lists say of them.</summary>
public sealed class BybitTradingTests
{
    [Fact]
    public async Task An_order_is_placed_amended_and_cancelled_over_rest()
    {
        await using SandboxClient client = await StartAsync();
        (decimal bid, _) = await client.BestAsync("linear", "BTCUSDT");
        string price = Text(bid - 100);
        Reply placed = await client.PostAsync(
            "/v5/order/create",
            $$"""{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.010","price":"{{price}}","timeInForce":"PostOnly","orderLinkId":"LL1-1-1-0"}""");
        Assert.Equal(0, placed.Code);
        string id = placed.Result.GetProperty("orderId").GetString()!;
        Assert.Equal("LL1-1-1-0", placed.Result.GetProperty("orderLinkId").GetString());

        JsonElement open = await OneAsync(client, "LL1-1-1-0");
        Assert.Equal("New", open.GetProperty("orderStatus").GetString());
        Assert.Equal(id, open.GetProperty("orderId").GetString());

        string lower = Text(bid - 101);
        Assert.Equal(0, (await client.PostAsync("/v5/order/amend", $$"""{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-1-1-0","price":"{{lower}}","qty":"0.020"}""")).Code);
        JsonElement amended = await OneAsync(client, "LL1-1-1-0");
        Assert.Equal(bid - 101, Number(amended.GetProperty("price")));
        Assert.Equal("0.020", amended.GetProperty("qty").GetString());

        Assert.Equal(10001, (await client.PostAsync("/v5/order/amend", $$"""{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-1-1-0","price":"{{lower}}"}""")).Code);
        Assert.Equal(0, (await client.PostAsync("/v5/order/cancel", $$"""{"category":"linear","symbol":"BTCUSDT","orderId":"{{id}}"}""")).Code);
        Assert.Equal("Cancelled", (await OneAsync(client, "LL1-1-1-0")).GetProperty("orderStatus").GetString());
        Assert.Equal(110001, (await client.PostAsync("/v5/order/cancel", $$"""{"category":"linear","symbol":"BTCUSDT","orderId":"{{id}}"}""")).Code);
    }

    [Fact]
    public async Task A_market_order_fills_and_every_stream_tells_it()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync("""{"req_id":"2","op":"subscribe","args":["order","execution","position","wallet"]}""");
        _ = await stream.UntilAsync(text => text.Contains("\"success\":true", StringComparison.Ordinal));
        Reply placed = await client.PostAsync(
            "/v5/order/create",
            """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.010","orderLinkId":"LL1-1-2-0"}""");
        Assert.Equal(0, placed.Code);

        SortedSet<string> topics = new(StringComparer.Ordinal);
        BybitPrivateDecoder decoder = new(Instruments(), 1);
        Execution fill = default;
        while (topics.Count < 4 || fill.Quantity == 0)
        {
            byte[] message = (await stream.NextAsync())!;
            WireOutcome outcome = decoder.Decode(message, 1);
            Assert.True(outcome.Result is WireResult.Events or WireResult.Nothing, outcome + Encoding.UTF8.GetString(message));
            using JsonDocument document = JsonDocument.Parse(message);
            topics.Add(document.RootElement.GetProperty("topic").GetString()!);
            foreach (ref readonly Event e in decoder.Batch.Events)
            {
                fill = e.Kind == EventKind.Execution ? e.Execution : fill;
            }
        }

        Assert.Equal(OrderId.Of(1, 2, 0), fill.Order);
        Assert.Equal(0, decoder.Counters.NewNames);
        Assert.Equal(0, decoder.Counters.NewWords);
        Assert.True(fill.Fee > 0);

        // The taker's fee: 5.5 in 10,000 of the notional, rounded up to the money unit.
        Assert.Equal(Math.Ceiling(fill.Price * 10_000m * fill.Quantity * 550m / 1_000_000m), fill.Fee);
        JsonElement position = (await client.GetAsync("/v5/position/list", "category=linear&symbol=BTCUSDT")).Result.GetProperty("list")[0];
        Assert.Equal("Buy", position.GetProperty("side").GetString());
        Assert.Equal(0.010m, Number(position.GetProperty("size")));
    }

    [Fact]
    public async Task Orders_are_entered_over_the_trade_stream()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket trade = await client.OpenBybitAsync("/v5/trade");
        (decimal bid, _) = await client.BestAsync("linear", "ETHUSDT");
        await trade.SendAsync(Entry("7", "order.create", $$"""{"category":"linear","symbol":"ETHUSDT","side":"Buy","orderType":"Limit","qty":"0.10","price":"{{Text(bid - 50)}}","timeInForce":"GTC","orderLinkId":"LL1-1-3-0"}"""));
        BybitPrivateDecoder decoder = new(Instruments(), 1);
        byte[] answer = (await trade.NextAsync())!;
        Assert.Equal(WireResult.Answer, decoder.Decode(answer, 1).Result);
        Assert.True(decoder.Answer.IsAccepted, Encoding.UTF8.GetString(answer));
        Assert.Equal(7, decoder.Answer.RequestNumber);
        Assert.NotEqual(VenueId.None, decoder.Answer.OrderAt(0));

        // The same number of a request again, and one whose time has passed.
        await trade.SendAsync(Entry("7", "order.cancel", """{"category":"linear","symbol":"ETHUSDT","orderLinkId":"LL1-1-3-0"}"""));
        Assert.Equal(20006, await CodeAsync(trade));
        await trade.SendAsync(Entry("8", "order.cancel", """{"category":"linear","symbol":"ETHUSDT","orderLinkId":"LL1-1-3-0"}""", NowMs - 90_000));
        Assert.Equal(10002, await CodeAsync(trade));
        await trade.SendAsync(Entry("9", "order.cancel", """{"category":"linear","symbol":"ETHUSDT","orderLinkId":"LL1-1-3-0"}"""));
        Assert.Equal(0, await CodeAsync(trade));
        await trade.SendAsync(Entry("10", "order.fly", "{}"));
        Assert.Equal(10404, await CodeAsync(trade));
    }

    [Fact]
    public async Task A_batch_answers_by_position_and_succeeds_as_a_whole_even_where_orders_fail()
    {
        await using SandboxClient client = await StartAsync();
        (decimal bid, _) = await client.BestAsync("linear", "BTCUSDT");
        string good = $$"""{"symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"{{Text(bid - 10)}}","orderLinkId":"b-1"}""";
        string off = $$"""{"symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.0001","price":"{{Text(bid - 10)}}","orderLinkId":"b-2"}""";
        Reply reply = await client.PostAsync("/v5/order/create-batch", $$"""{"category":"linear","request":[{{good}},{{off}},{{good}}]}""");
        Assert.Equal(0, reply.Code);
        JsonElement codes = reply.Json.GetProperty("retExtInfo").GetProperty("list");
        Assert.Equal(0, codes[0].GetProperty("code").GetInt32());
        Assert.Equal(10001, codes[1].GetProperty("code").GetInt32());
        Assert.Equal(110072, codes[2].GetProperty("code").GetInt32());
        Assert.Equal(string.Empty, reply.Result.GetProperty("list")[1].GetProperty("orderId").GetString());

        Reply all = await client.PostAsync("/v5/order/cancel-all", """{"category":"linear","settleCoin":"USDT"}""");
        Assert.Equal(1, all.Result.GetProperty("list").GetArrayLength());
    }

    [Fact]
    public async Task Post_only_that_would_take_is_acknowledged_and_cancelled_on_the_stream()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync("""{"op":"subscribe","args":["order"]}""");
        (_, decimal ask) = await client.BestAsync("linear", "BTCUSDT");
        Reply placed = await client.PostAsync(
            "/v5/order/create",
            $$"""{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.010","price":"{{Text(ask + 200)}}","timeInForce":"PostOnly","orderLinkId":"p-1"}""");
        Assert.Equal(0, placed.Code);
        string told = await stream.UntilAsync(text => text.Contains("p-1", StringComparison.Ordinal));
        Assert.Contains("EC_PostOnlyWillTakeLiquidity", told, StringComparison.Ordinal);
        Assert.Contains("\"orderStatus\":\"Cancelled\"", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pair_pays_its_fee_in_what_was_bought_and_the_wallet_holds_the_rest()
    {
        await using SandboxClient client = await StartAsync();
        decimal before = await CoinAsync(client, "BTC");
        Reply placed = await client.PostAsync(
            "/v5/order/create",
            """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.01","marketUnit":"baseCoin","orderLinkId":"s-1"}""");
        Assert.Equal(0, placed.Code);
        decimal bought = 0;
        decimal fees = 0;
        foreach (JsonElement row in (await client.GetAsync("/v5/execution/list", "category=spot&orderLinkId=s-1")).Result.GetProperty("list").EnumerateArray())
        {
            Assert.Equal("BTC", row.GetProperty("feeCurrency").GetString());
            bought += Number(row.GetProperty("execQty"));
            fees += Number(row.GetProperty("execFee"));
        }

        Assert.Equal(0.01m, bought);
        Assert.InRange(fees, 0.00001m, 0.000010001m);
        Assert.Equal(decimal.Round(before + bought - fees, 8, MidpointRounding.ToZero), await CoinAsync(client, "BTC"));
    }

    [Fact]
    public async Task Pages_go_back_to_the_first_order_without_a_hole_or_a_repetition()
    {
        await using SandboxClient client = await StartAsync();
        (decimal bid, _) = await client.BestAsync("linear", "BTCUSDT");
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal(0, (await client.PostAsync("/v5/order/create", $$"""{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"{{Text(bid - 10)}}","orderLinkId":"page-{{i}}"}""")).Code);
        }

        List<string> seen = [];
        string cursor = string.Empty;
        do
        {
            JsonElement page = (await client.GetAsync("/v5/order/realtime", "category=linear&symbol=BTCUSDT&limit=3" + cursor)).Result;
            foreach (JsonElement order in page.GetProperty("list").EnumerateArray())
            {
                seen.Add(order.GetProperty("orderLinkId").GetString()!);
            }

            // As it came, percent signs and all.
            string next = page.GetProperty("nextPageCursor").GetString()!;
            cursor = next.Length == 0 ? string.Empty : "&cursor=" + next;
        }
        while (cursor.Length != 0);

        Assert.Equal(["page-6", "page-5", "page-4", "page-3", "page-2", "page-1", "page-0"], seen);
    }

    internal static InstrumentTable Instruments()
    {
        InstrumentTable table = new();
        InstrumentDefined btc = new()
        {
            Symbol = Symbol24.Of("BTCUSDT"),
            Currency = Currency8.Of("USDT"),
            InstrumentKind = InstrumentKind.Linear,
            PriceExponent = 1,
            QuantityExponent = 3,
            Tick = 1,
            Lot = 1,
            MinQuantity = 1,
            MaxQuantity = 1_000_000,
            Multiplier = 1,
            DefinitionVersion = 1,
        };
        table.Define(new InstrumentId(1), btc);
        btc.Symbol = Symbol24.Of("ETHUSDT");
        btc.PriceExponent = 2;
        btc.QuantityExponent = 2;
        table.Define(new InstrumentId(2), btc);
        return table;
    }

    internal static string Entry(string id, string op, string args, long? stamp = null) =>
        $$$"""{"reqId":"{{{id}}}","header":{"X-BAPI-TIMESTAMP":"{{{stamp ?? NowMs}}}","X-BAPI-RECV-WINDOW":"60000"},"op":"{{{op}}}","args":[{{{args}}}]}""";

    private static async Task<int> CodeAsync(SandboxSocket socket)
    {
        using JsonDocument answer = JsonDocument.Parse((await socket.NextAsync())!);
        return answer.RootElement.GetProperty("retCode").GetInt32();
    }

    private static async Task<JsonElement> OneAsync(SandboxClient client, string link)
    {
        JsonElement list = (await client.GetAsync("/v5/order/realtime", "category=linear&symbol=BTCUSDT&orderLinkId=" + link)).Result.GetProperty("list");
        Assert.Equal(1, list.GetArrayLength());
        return list[0];
    }

    private static async Task<decimal> CoinAsync(SandboxClient client, string coin)
    {
        JsonElement wallet = (await client.GetAsync("/v5/account/wallet-balance", "accountType=UNIFIED&coin=" + coin)).Result.GetProperty("list")[0];
        return Number(wallet.GetProperty("coin")[0].GetProperty("walletBalance"));
    }
}
