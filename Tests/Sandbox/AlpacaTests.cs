using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Wire;
using LowLatency.Sandbox;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>Alpaca: orders and their chains, lists, streams in both formats, refusals; read by our own decoders.</summary>
public sealed class AlpacaTests
{
    [Fact]
    public async Task An_order_is_placed_replaced_twice_and_cancelled_and_every_link_of_the_chain_can_be_read()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await ListenAsync(client);
        Reply placed = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", Limit("LL1-1-1-0", 10, "200.25"));
        Assert.Equal(200, placed.Status);
        string first = placed.Json.GetProperty("id").GetString()!;
        AlpacaTradeDecoder decoder = new(Instruments(), 1);
        await EventAsync(stream, decoder, "new", "LL1-1-1-0");
        Assert.Equal(WebSocketMessageType.Binary, stream.LastType);

        string second = await ReplaceAsync(client, stream, decoder, first, "LL1-1-1-0.7", """{"qty":"12","client_order_id":"LL1-1-1-0.7"}""");
        string third = await ReplaceAsync(client, stream, decoder, second, "LL1-1-1-0.8", """{"limit_price":"199.5","client_order_id":"LL1-1-1-0.8"}""");
        JsonElement last = (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders/" + third)).Json;
        Assert.Equal(second, last.GetProperty("replaces").GetString());
        Assert.Equal(("12", "199.5", "new"), (last.GetProperty("qty").GetString(), last.GetProperty("limit_price").GetString(), last.GetProperty("status").GetString()));
        JsonElement middle = (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders:by_client_order_id?client_order_id=LL1-1-1-0.7")).Json;
        Assert.Equal(("replaced", third, first), (middle.GetProperty("status").GetString(), middle.GetProperty("replaced_by").GetString(), middle.GetProperty("replaces").GetString()));

        // What was replaced cannot be touched any more.
        Assert.Equal(422, (await client.AlpacaAsync(HttpMethod.Delete, "/v2/orders/" + first)).Status);
        Assert.Equal(422, (await client.AlpacaAsync(HttpMethod.Patch, "/v2/orders/" + second, """{"qty":"1"}""")).Status);
        Assert.Equal(204, (await client.AlpacaAsync(HttpMethod.Delete, "/v2/orders/" + third)).Status);
        await EventAsync(stream, decoder, "canceled", "LL1-1-1-0.8");
        Assert.Equal(422, (await client.AlpacaAsync(HttpMethod.Delete, "/v2/orders/" + third)).Status);
        Assert.Equal(0, decoder.Counters.NewNames);
    }

    [Fact]
    public async Task A_fill_moves_cash_position_and_activities_by_the_same_numbers()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await ListenAsync(client);
        decimal cash = Number((await client.AlpacaAsync(HttpMethod.Get, "/v2/account")).Json.GetProperty("cash"));
        Reply placed = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", """{"symbol":"SPY","qty":"3","side":"buy","type":"market","time_in_force":"day","client_order_id":"LL1-1-2-0"}""");
        Assert.Equal(200, placed.Status);
        AlpacaTradeDecoder decoder = new(Instruments(), 1);
        JsonElement told = await EventAsync(stream, decoder, "fill", "LL1-1-2-0");
        Execution fill = decoder.Batch.Events[0].Execution;
        Assert.Equal(OrderId.Of(1, 2, 0), fill.Order);
        Assert.Equal("3", told.GetProperty("position_qty").GetString());

        decimal value = 0;
        List<string> ids = [];
        foreach (JsonElement activity in (await client.AlpacaAsync(HttpMethod.Get, "/v2/account/activities/FILL")).Json.EnumerateArray())
        {
            value += Number(activity.GetProperty("price")) * Number(activity.GetProperty("qty"));
            ids.Add(activity.GetProperty("id").GetString()!.Split("::")[1]);
        }

        Assert.Contains(told.GetProperty("execution_id").GetString()!, ids);
        Assert.Equal(cash - value, Number((await client.AlpacaAsync(HttpMethod.Get, "/v2/account")).Json.GetProperty("cash")));
        JsonElement position = (await client.AlpacaAsync(HttpMethod.Get, "/v2/positions/SPY")).Json;
        Assert.Equal("3", position.GetProperty("qty").GetString());
        Assert.Equal(value / 3, Number(position.GetProperty("avg_entry_price")), 6);

        // Half of it goes, then the rest; one page of activities after the other.
        Assert.Equal(200, (await client.AlpacaAsync(HttpMethod.Delete, "/v2/positions/SPY?qty=1")).Status);
        _ = await EventAsync(stream, decoder, "fill", null);
        Assert.Equal(207, (await client.AlpacaAsync(HttpMethod.Delete, "/v2/positions")).Status);
        _ = await EventAsync(stream, decoder, "fill", null);
        Assert.Equal(404, (await client.AlpacaAsync(HttpMethod.Get, "/v2/positions/SPY")).Status);
        JsonElement page = (await client.AlpacaAsync(HttpMethod.Get, "/v2/account/activities?activity_types=FILL&page_size=1")).Json;
        HashSet<string> seen = [];
        while (page.GetArrayLength() != 0)
        {
            string id = page[0].GetProperty("id").GetString()!;
            Assert.True(seen.Add(id));
            page = (await client.AlpacaAsync(HttpMethod.Get, "/v2/account/activities?activity_types=FILL&page_size=1&page_token=" + Uri.EscapeDataString(id))).Json;
        }

        Assert.True(seen.Count >= 3);
    }

    public static TheoryData<string, int, int> Refusals => new()
    {
        { """{"symbol":"NOPE","qty":"1","side":"buy","type":"market","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"1","side":"hold","type":"market","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"0","side":"buy","type":"market","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"1","notional":"10","side":"buy","type":"market","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"1","side":"buy","type":"limit","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"1","side":"buy","type":"limit","limit_price":"200.001","time_in_force":"day"}""", 422, 42210000 },
        { """{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day","order_class":"bracket"}""", 422, 42210000 },
        { """{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"opg"}""", 422, 42210000 },
        { """{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"day","extended_hours":true}""", 422, 42210000 },
        { """{"symbol":"BTC/USD","qty":"1","side":"buy","type":"limit","limit_price":"100","time_in_force":"day"}""", 422, 40010001 },
        { """{"symbol":"AAPL","qty":"100000","side":"buy","type":"market","time_in_force":"day"}""", 403, 40310000 },
        { """{"symbol":"BTC/USD","qty":"1","side":"sell","type":"market","time_in_force":"gtc"}""", 403, 40310000 },
        { """{"symbol":"AAPL","qty":"0.5","side":"sell","type":"market","time_in_force":"day"}""", 403, 40310000 },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_order_that_cannot_be_is_refused_with_status_and_code(string body, int status, int code)
    {
        await using SandboxClient client = await StartAsync();
        Reply reply = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", body);
        Assert.Equal(status, reply.Status);
        Assert.Equal(code, reply.Json.GetProperty("code").GetInt32());
        Assert.Equal(code, AlpacaRestDecoder.CodeOf(reply.Body));
        Assert.Equal(0, (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders?status=all")).Json.GetArrayLength());
    }

    [Fact]
    public async Task Keys_names_of_orders_and_trades_with_oneself_are_checked()
    {
        await using SandboxClient client = await StartAsync();
        Reply stranger = await client.AlpacaAsync(HttpMethod.Get, "/v2/account", secret: "wrong");
        Assert.Equal((401, 40110000), (stranger.Status, stranger.Json.GetProperty("code").GetInt32()));
        Assert.Equal(401, (await client.SendAsync(HttpMethod.Get, "/v2/account")).Status);
        Assert.Equal(200, (await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", Limit("one", 1, "200"))).Status);
        Reply again = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", Limit("one", 1, "200"));
        Assert.Equal(422, again.Status);
        Assert.Contains("unique", again.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Reply wash = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", """{"symbol":"AAPL","qty":"1","side":"sell","type":"limit","limit_price":"199","time_in_force":"day"}""");
        Assert.Equal(403, wash.Status);
        Assert.Equal((await client.AlpacaAsync(HttpMethod.Get, "/v2/orders")).Json[0].GetProperty("id").GetString(), wash.Json.GetProperty("existing_order_id").GetString());
        Assert.Equal(404, (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders:by_client_order_id?client_order_id=two")).Status);

        Reply all = await client.AlpacaAsync(HttpMethod.Delete, "/v2/orders");
        Assert.Equal((207, 1), (all.Status, all.Json.GetArrayLength()));
    }

    [Fact]
    public async Task Open_orders_hold_buying_power_and_requests_have_a_budget()
    {
        await using SandboxClient client = await StartAsync(new SandboxOptions());
        Reply account = await client.AlpacaAsync(HttpMethod.Get, "/v2/account");
        decimal before = Number(account.Json.GetProperty("buying_power"));
        Assert.Equal("200", account.Headers["X-RateLimit-Limit"]);
        Assert.True(account.Headers.ContainsKey("X-Request-ID"));
        _ = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", Limit("hold", 10, "200"));
        Reply held = await client.AlpacaAsync(HttpMethod.Get, "/v2/account");
        Assert.Equal(before - 2_000, Number(held.Json.GetProperty("buying_power")));
        Assert.True(int.Parse(held.Headers["X-RateLimit-Remaining"], System.Globalization.CultureInfo.InvariantCulture) <= 197);
        int refused = 0;
        for (int i = 0; i < 210 && refused == 0; i++)
        {
            refused = (await client.AlpacaAsync(HttpMethod.Get, "/v2/clock")).Status == 429 ? i : 0;
        }

        Assert.InRange(refused, 190, 199);
    }

    [Theory]
    [InlineData(AlpacaShape.Before, true)]
    [InlineData(AlpacaShape.After, false)]
    public async Task The_account_has_the_shape_of_its_time_and_our_decoder_reads_every_list(AlpacaShape shape, bool hasTrades)
    {
        await using SandboxClient client = await StartAsync(new SandboxOptions { RateFactor = 0, AlpacaShape = shape });
        _ = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", """{"symbol":"AAPL","qty":"2","side":"buy","type":"market","time_in_force":"day","client_order_id":"LL1-1-3-0"}""");
        while ((await client.AlpacaAsync(HttpMethod.Get, "/v2/positions")).Json.GetArrayLength() == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        AlpacaRestDecoder decoder = new(Instruments(), 1);
        decoder.Want(new InstrumentId(1), "AAPL", 0);
        foreach ((AlpacaRead read, string path) in new[]
        {
            (AlpacaRead.Account, "/v2/account"), (AlpacaRead.Positions, "/v2/positions"), (AlpacaRead.Orders, "/v2/orders?status=all"),
            (AlpacaRead.Activities, "/v2/account/activities/FILL"), (AlpacaRead.Assets, "/v2/assets"), (AlpacaRead.Clock, "/v2/clock"),
            (AlpacaRead.Calendar, "/v2/calendar"),
        })
        {
            WireOutcome outcome = decoder.Decode(read, (await client.AlpacaAsync(HttpMethod.Get, path)).Body, 1);
            Assert.True(outcome.Result == (read is AlpacaRead.Clock or AlpacaRead.Calendar ? WireResult.Nothing : WireResult.Events), path + " " + outcome);
            Assert.True(decoder.Items > 0);
        }

        Assert.Equal(hasTrades, decoder.Account.DayTrades.HasValue);
        Assert.Equal(hasTrades, decoder.Account.IsPatternDayTrader.HasValue);
        Assert.True(decoder.Clock.IsOpen && decoder.Clock.NextClose > decoder.Clock.Now);
        Assert.True(decoder.Days.Length > 15);
        Assert.Equal(0, decoder.Counters.NewNames);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Market_streams_speak_json_and_messagepack_and_say_the_same(bool isMessagePack)
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await (isMessagePack ? client.OpenPackedAsync("/v2/iex") : client.OpenAsync("/v2/iex"));
        AlpacaDataDecoder decoder = new(Instruments());
        Assert.Equal(AlpacaAnswer.Connected, await AnswerAsync(stream, decoder));
        await stream.SendAsync("""{"action":"subscribe","trades":["AAPL"]}""");
        Assert.Equal(AlpacaAnswer.Error, await AnswerAsync(stream, decoder));
        Assert.Equal(401, decoder.Code);
        await SayAsync(stream, isMessagePack, ("action", "auth"), ("key", Key), ("secret", "wrong"));
        Assert.Equal(AlpacaAnswer.Error, await AnswerAsync(stream, decoder));
        Assert.Equal(402, decoder.Code);
        await SayAsync(stream, isMessagePack, ("action", "auth"), ("key", Key), ("secret", Secret));
        Assert.Equal(AlpacaAnswer.Authorized, await AnswerAsync(stream, decoder));
        await stream.SendAsync("""{"action":"subscribe","trades":["AAPL"],"quotes":["AAPL"],"bars":["*"]}""");
        Assert.Equal(AlpacaAnswer.Subscribed, await AnswerAsync(stream, decoder));
        Assert.Equal(isMessagePack ? WebSocketMessageType.Binary : WebSocketMessageType.Text, stream.LastType);

        int trades = 0;
        int quotes = 0;
        while (trades < 2 || quotes < 5)
        {
            WireOutcome outcome = decoder.Decode((await stream.NextAsync())!, 1);
            Assert.Equal(WireResult.Events, outcome.Result);
            Event told = decoder.Batch.Events[0];
            trades += told.Kind == EventKind.Trade ? 1 : 0;
            quotes += told.Kind == EventKind.Quote ? 1 : 0;
            Assert.InRange(told.Kind == EventKind.Trade ? told.Trade.Price : told.Quote.BidPrice, 150_000_000, 300_000_000);
            Assert.InRange(told.VenueTime, (NowMs - 30_000) * 1_000_000, (NowMs + 1_000) * 1_000_000);
        }

        Assert.Equal(0, decoder.Counters.NewNames);
    }

    [Fact]
    public async Task A_pair_has_a_stream_of_its_own_and_a_key_in_the_handshake_is_enough()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v1beta3/crypto/us", options =>
        {
            options.SetRequestHeader("APCA-API-KEY-ID", Key);
            options.SetRequestHeader("APCA-API-SECRET-KEY", Secret);
        });
        AlpacaDataDecoder decoder = new(Instruments());
        Assert.Equal(AlpacaAnswer.Connected, await AnswerAsync(stream, decoder));
        Assert.Equal(AlpacaAnswer.Authorized, await AnswerAsync(stream, decoder));
        await stream.SendAsync("""{"action":"subscribe","trades":["BTC/USD"],"quotes":["AAPL"]}""");
        Assert.Equal(AlpacaAnswer.Subscribed, await AnswerAsync(stream, decoder));
        Assert.Equal(WireResult.Events, decoder.Decode((await stream.NextAsync())!, 1).Result);
        Assert.Equal(EventKind.Trade, decoder.Batch.Events[0].Kind);
        Assert.Equal(new InstrumentId(3), decoder.Batch.Events[0].Instrument);
    }

    [Fact]
    public async Task The_stream_of_orders_speaks_messagepack_to_who_asks_and_tells_nothing_to_strangers()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stranger = await client.OpenAsync("/stream");
        AlpacaTradeDecoder decoder = new(Instruments(), 1);
        await stranger.SendAsync("""{"action":"listen","data":{"streams":["trade_updates"]}}""");
        _ = decoder.Decode((await stranger.NextAsync())!, 1);
        Assert.Equal(AlpacaAnswer.Unauthorized, decoder.Answer);

        using SandboxSocket stream = await client.OpenPackedAsync("/stream");
        await stream.SendAsync($$$"""{"action":"authenticate","data":{"key_id":"{{{Key}}}","secret_key":"{{{Secret}}}"}}""");
        _ = decoder.Decode((await stream.NextAsync())!, 1);
        Assert.Equal(AlpacaAnswer.Authorized, decoder.Answer);
        await stream.SendAsync("""{"action":"listen","data":{"streams":["nonsense"]}}""");
        _ = decoder.Decode((await stream.NextAsync())!, 1);
        Assert.Equal(AlpacaAnswer.ListensToNothing, decoder.Answer);
        await stream.SendAsync("""{"action":"listen","data":{"streams":["trade_updates"]}}""");
        _ = decoder.Decode((await stream.NextAsync())!, 1);
        Assert.Equal(AlpacaAnswer.ListensToOrders, decoder.Answer);
        _ = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", Limit("LL1-1-8-0", 1, "200"));
        byte[] told = (await stream.NextAsync())!;
        Assert.True(told[0] >= 0x80, "that is no MessagePack");
        Assert.Equal(WireResult.Events, decoder.Decode(told, 1).Result);
        Assert.Equal(OrderStatus.Accepted, decoder.Batch.Events[0].OrderReport.Status);
    }

    private static InstrumentTable Instruments()
    {
        InstrumentTable table = new();
        for (ushort i = 1; i <= 3; i++)
        {
            table.Define(new InstrumentId(i), new InstrumentDefined
            {
                Symbol = Symbol24.Of(i switch { 1 => "AAPL", 2 => "SPY", _ => "BTC/USD" }),
                Currency = Currency8.Of("USD"),
                InstrumentKind = i == 3 ? InstrumentKind.Spot : InstrumentKind.Equity,
                PriceExponent = 6,
                QuantityExponent = 9,
                Tick = 10_000,
                Lot = 1,
                MinQuantity = 1,
                MaxQuantity = 1_000_000_000_000_000,
                Multiplier = 1,
                DefinitionVersion = 1,
            });
        }

        return table;
    }

    private static string Limit(string link, int quantity, string price) =>
        $$"""{"symbol":"AAPL","qty":"{{quantity}}","side":"buy","type":"limit","limit_price":"{{price}}","time_in_force":"day","client_order_id":"{{link}}"}""";

    private static async Task<SandboxSocket> ListenAsync(SandboxClient client)
    {
        SandboxSocket stream = await client.OpenAsync("/stream");
        await stream.SendAsync($$"""{"action":"auth","key":"{{Key}}","secret":"{{Secret}}"}""");
        Assert.Contains("\"authorized\"", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
        await stream.SendAsync("""{"action":"listen","data":{"streams":["trade_updates"]}}""");
        _ = await stream.NextAsync();
        return stream;
    }

    private static async Task<string> ReplaceAsync(SandboxClient client, SandboxSocket stream, AlpacaTradeDecoder decoder, string id, string link, string body)
    {
        Reply replaced = await client.AlpacaAsync(HttpMethod.Patch, "/v2/orders/" + id, body);
        Assert.Equal(200, replaced.Status);
        _ = await EventAsync(stream, decoder, "replaced", null);
        _ = await EventAsync(stream, decoder, "new", link);
        Assert.Equal(OrderStatus.Amended, decoder.Batch.Events[1].OrderReport.Status);
        return replaced.Json.GetProperty("id").GetString()!;
    }

    // The next event of a name; our decoder understands all on the way.
    private static async Task<JsonElement> EventAsync(SandboxSocket stream, AlpacaTradeDecoder decoder, string name, string? link)
    {
        while (true)
        {
            byte[] message = (await stream.NextAsync())!;
            WireOutcome outcome = decoder.Decode(message, 1);
            Assert.True(outcome.Result != WireResult.Refused, outcome + Encoding.UTF8.GetString(message));
            using JsonDocument document = JsonDocument.Parse(message);
            JsonElement data = document.RootElement.GetProperty("data").Clone();
            if (data.GetProperty("event").GetString() == name && (link is null || data.GetProperty("order").GetProperty("client_order_id").GetString() == link))
            {
                return data;
            }
        }
    }

    private static async Task<AlpacaAnswer> AnswerAsync(SandboxSocket stream, AlpacaDataDecoder decoder)
    {
        Assert.Equal(WireResult.Answer, decoder.Decode((await stream.NextAsync())!, 1).Result);
        return decoder.Answer;
    }

    private static Task SayAsync(SandboxSocket stream, bool isMessagePack, params (string Name, string Value)[] fields)
    {
        if (!isMessagePack)
        {
            return stream.SendAsync("{" + string.Join(',', fields.Select(field => $"\"{field.Name}\":\"{field.Value}\"")) + "}");
        }

        MessagePackWriter writer = new();
        writer.WriteMapHeader(fields.Length);
        foreach ((string name, string value) in fields)
        {
            writer.WriteText(name);
            writer.WriteText(value);
        }

        return stream.SendAsync(writer.Written.ToArray(), WebSocketMessageType.Binary);
    }
}
