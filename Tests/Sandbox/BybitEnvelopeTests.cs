using System;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Sandbox;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>Refusals of Bybit: each comes in the venue's envelope with its code, and says nothing of success.</summary>
public sealed class BybitEnvelopeTests
{
    private const string Create = "/v5/order/create";

    public static TheoryData<string, int, ReportReason> Refusals => new()
    {
        { """{"category":"linear","symbol":"XRPUSDT","side":"Buy","orderType":"Market","qty":"1"}""", 10001, ReportReason.Unsupported },
        { """{"category":"option","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"1"}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Up","orderType":"Market","qty":"1"}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.0001"}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"59000.05"}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"90000"}""", 110003, ReportReason.PriceOutOfBand },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","qty":"0.001","price":"30000"}""", 110003, ReportReason.PriceOutOfBand },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"900","price":"59000"}""", 110007, ReportReason.InsufficientFunds },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Market","qty":"0.001","reduceOnly":true}""", 110017, ReportReason.ReduceOnlyWouldAdd },
        { """{"category":"linear","symbol":"ETHUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"2900","takeProfit":"3500"}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001","positionIdx":1}""", 10001, ReportReason.Unsupported },
        { """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001","orderLinkId":"a b"}""", 10001, ReportReason.Unsupported },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"59000.05"}""", 170134, ReportReason.PriceOffTick },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.0000001","price":"59000"}""", 170137, ReportReason.QuantityOffLot },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.000001","price":"59000"}""", 170136, ReportReason.TooSmall },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"50","price":"59000"}""", 170131, ReportReason.InsufficientFunds },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.01","price":"90000"}""", 170193, ReportReason.PriceOutOfBand },
        { """{"category":"spot","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","qty":"0.01","price":"20000"}""", 170194, ReportReason.PriceOutOfBand },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task An_order_that_cannot_be_is_refused_with_its_code_and_was_never_one(string body, int code, ReportReason reason)
    {
        await using SandboxClient client = await StartAsync();
        Reply reply = await client.PostAsync(Create, body);
        Assert.Equal(200, reply.Status);
        Assert.Equal(code, reply.Code);
        Assert.Empty(reply.Result.EnumerateObject());
        Assert.True(reply.Json.GetProperty("retMsg").GetString()!.Length > 0);
        Assert.Equal(reason, BybitCodes.Of(code).Reason);
        Assert.Equal(AnswerMeaning.Refused, BybitCodes.Of(code).Meaning);
        Assert.Equal(0, (await client.GetAsync("/v5/order/history", "category=linear")).Result.GetProperty("list").GetArrayLength());
    }

    [Fact]
    public async Task Signatures_keys_and_times_are_checked_as_the_venue_does()
    {
        await using SandboxClient client = await StartAsync();
        const string path = "/v5/account/info";
        Assert.Equal(0, (await client.GetAsync(path, string.Empty)).Code);

        // The window is five seconds back and one ahead, however large it is asked for.
        Assert.Equal(10002, (await client.BybitAsync(HttpMethod.Get, path, string.Empty, NowMs - 5_500)).Code);
        Assert.Equal(10002, (await client.BybitAsync(HttpMethod.Get, path, string.Empty, NowMs + 1_500)).Code);
        Assert.Equal(0, (await client.BybitAsync(HttpMethod.Get, path, string.Empty, NowMs - 3_000)).Code);

        long now = NowMs;
        Assert.Equal(10004, (await SignedAsync(client, "/v5/account/wallet-balance?accountType=UNIFIED", now, client.Sign(now, "accountType=OTHER"))).Code);
        Assert.Equal(10003, (await SignedAsync(client, path, now, client.Sign(now, string.Empty), "nobody")).Code);
        Assert.Equal(10001, (await client.SendAsync(HttpMethod.Get, path)).Code);

        // What was signed is what was sent, percent signs and all.
        string query = "category=linear&symbol=BTCUSDT&cursor=5%253A0%252C5";
        Assert.Equal(0, (await client.GetAsync("/v5/order/realtime", query)).Code);
    }

    [Fact]
    public async Task A_get_with_a_body_is_stopped_by_the_network_before_the_venue()
    {
        await using SandboxClient client = await StartAsync();
        Assert.Equal(403, (await client.SendAsync(HttpMethod.Get, "/v5/market/time", "{}")).Status);
        Assert.Equal(404, (await client.SendAsync(HttpMethod.Get, "/v5/nothing")).Status);
        Assert.Equal(404, (await client.SendAsync(HttpMethod.Get, "/elsewhere")).Status);
    }

    [Fact]
    public async Task Beyond_the_budget_requests_are_refused_and_headers_say_when_to_go_on()
    {
        await using SandboxClient client = await StartAsync(new SandboxOptions());
        const string body = """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"none"}""";
        int refused = 0;
        for (int i = 0; i < 30; i++)
        {
            Reply reply = await client.PostAsync("/v5/order/cancel", body);
            Assert.Equal("10", reply.Headers["X-Bapi-Limit"]);
            bool limited = reply.Code == 10006;
            refused += limited ? 1 : 0;
            Assert.Equal(limited ? 10006 : 110001, reply.Code);
            if (limited)
            {
                Assert.Equal("0", reply.Headers["X-Bapi-Limit-Status"]);
                Assert.True(long.Parse(reply.Headers["X-Bapi-Limit-Reset-Timestamp"], System.Globalization.CultureInfo.InvariantCulture) > 0);
            }
        }

        Assert.True(refused > 0, "thirty requests within a budget of ten a second were all taken");
    }

    [Fact]
    public async Task A_key_says_what_it_may_and_is_refused_what_it_may_not()
    {
        SandboxAccount first = new() { Key = Key, Secret = Secret, IsReadOnly = true, MayWithdraw = true, BoundTo = ["127.0.0.1", "10.0.0.1"] };
        SandboxAccount late = new() { Key = "late", Secret = "s", ExpiresAt = 1 };
        SandboxAccount far = new() { Key = "far", Secret = "s", BoundTo = ["10.0.0.1"] };
        await using SandboxClient client = await StartAsync(new SandboxOptions { Accounts = [first, late, far] });
        JsonElement key = (await client.GetAsync("/v5/user/query-api", string.Empty)).Result;
        Assert.Equal(1, key.GetProperty("readOnly").GetInt32());
        Assert.Contains("Withdraw", key.GetProperty("permissions").GetProperty("Wallet").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("""["127.0.0.1","10.0.0.1"]""", key.GetProperty("ips").GetRawText());
        Assert.Equal(10005, (await client.PostAsync(Create, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001"}""")).Code);
        Assert.Equal(33004, (await SignedAsync(client, "/v5/account/info", NowMs, "x", "late")).Code);
        Assert.Equal(10010, (await SignedAsync(client, "/v5/account/info", NowMs, "x", "far")).Code);
    }

    [Fact]
    public async Task Settings_that_are_as_they_were_are_said_to_be()
    {
        await using SandboxClient client = await StartAsync();
        const string path = "/v5/position/set-leverage";
        const string five = """{"category":"linear","symbol":"BTCUSDT","buyLeverage":"5","sellLeverage":"5"}""";
        Assert.Equal(0, (await client.PostAsync(path, five)).Code);
        Assert.Equal(110043, (await client.PostAsync(path, five)).Code);
        Assert.Equal(10001, (await client.PostAsync(path, """{"category":"linear","symbol":"BTCUSDT","buyLeverage":"5","sellLeverage":"6"}""")).Code);
        Assert.Equal(110025, (await client.PostAsync("/v5/position/switch-mode", """{"category":"linear","symbol":"BTCUSDT","mode":0}""")).Code);
        Assert.Equal(10005, (await client.PostAsync("/v5/order/disconnected-cancel-all", """{"timeWindow":10}""")).Code);
        Assert.Equal("5", (await client.GetAsync("/v5/position/list", "category=linear&symbol=BTCUSDT")).Result.GetProperty("list")[0].GetProperty("leverage").GetString());
    }

    [Fact]
    public async Task Our_own_decoder_reads_every_list()
    {
        await using SandboxClient client = await StartAsync();
        Assert.Equal(0, (await client.PostAsync(Create, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.010","orderLinkId":"LL1-1-4-0"}""")).Code);
        Assert.Equal(0, (await client.PostAsync(Create, """{"category":"linear","symbol":"ETHUSDT","side":"Buy","orderType":"Limit","qty":"1","price":"2800","orderLinkId":"LL1-1-5-0"}""")).Code);
        BybitRestDecoder decoder = new(BybitTradingTests.Instruments(), 1);
        decoder.Definitions.Want(new LowLatency.Core.Values.InstrumentId(1), "BTCUSDT", LowLatency.Core.Values.InstrumentKind.Linear, 0);
        (BybitRead Read, string Path, string Query)[] lists =
        [
            (BybitRead.Instruments, "/v5/market/instruments-info", "category=linear"),
            (BybitRead.Orders, "/v5/order/realtime", "category=linear&settleCoin=USDT"),
            (BybitRead.Orders, "/v5/order/history", "category=linear"),
            (BybitRead.Executions, "/v5/execution/list", "category=linear"),
            (BybitRead.Positions, "/v5/position/list", "category=linear&settleCoin=USDT"),
            (BybitRead.Wallet, "/v5/account/wallet-balance", "accountType=UNIFIED"),
            (BybitRead.Fees, "/v5/account/fee-rate", "category=linear"),
        ];
        foreach ((BybitRead read, string path, string query) in lists)
        {
            Reply reply = path.StartsWith("/v5/market", StringComparison.Ordinal)
                ? await client.SendAsync(HttpMethod.Get, path + "?" + query)
                : await client.GetAsync(path, query);
            WireOutcome outcome = decoder.Decode(read, reply.Body, 1);
            Assert.True(outcome.Result == (read == BybitRead.Fees ? WireResult.Nothing : WireResult.Events), path + " " + outcome);
            Assert.True(decoder.Items > 0, path);
        }

        Assert.Equal(WireResult.Nothing, decoder.Decode(BybitRead.ServerTime, (await client.SendAsync(HttpMethod.Get, "/v5/market/time")).Body, 1).Result);
        Assert.Equal(0, decoder.Counters.NewNames);
        Assert.Equal(0, decoder.Counters.NewWords);
    }

    private static Task<Reply> SignedAsync(SandboxClient client, string path, long at, string sign, string key = Key) =>
        client.SendAsync(HttpMethod.Get, path, null, request =>
        {
            request.Headers.Add("X-BAPI-API-KEY", key);
            request.Headers.Add("X-BAPI-TIMESTAMP", at.ToString(System.Globalization.CultureInfo.InvariantCulture));
            request.Headers.Add("X-BAPI-RECV-WINDOW", "5000");
            request.Headers.Add("X-BAPI-SIGN", sign);
        });
}
