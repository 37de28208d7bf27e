using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Sandbox;
using LowLatency.Tests.Support;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>
/// The sandbox against what was recorded elsewhere: requests of other clients are accepted with the signatures that they have,
/// and answers have the fields of the venue's own, of the same types.
/// </summary>
public sealed class RecordedTrafficTests
{
    private static readonly SandboxAccount Recorded = new() { Key = "testkey", Secret = "testsecret" };

    // Recorded bodies, times and signatures of another client; recomputed with openssl.
    [Theory]
    [InlineData(
        1795242406106,
        "/v5/order/create",
        """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"65000","timeInForce":"PostOnly","orderLinkId":"ours-1","positionIdx":0}""",
        "43e98f6d0d8c7727d21a69651df9ca3b44846b67487a704d9762c1f8b32868bb")]
    [InlineData(
        1795242406115,
        "/v5/order/cancel",
        """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"ours-1"}""",
        "7babd136c15473613fe020704fb705cb3f11f54a990958fabd19fb39a1b4971a")]
    public async Task A_signature_that_another_client_has_made_is_accepted_and_its_neighbour_is_not(long stamp, string path, string body, string sign)
    {
        await using SandboxClient client = await StartAsync(At(stamp));
        Assert.NotEqual(10004, (await SignedAsync(client, path, body, stamp, sign)).Code);
        Assert.InRange((await SignedAsync(client, path, body, stamp, sign)).Code, 0, 200_000);
        string other = sign[..^1] + (sign[^1] == '0' ? '1' : '0');
        Assert.Equal(10004, (await SignedAsync(client, path, body, stamp, other)).Code);
        Assert.Equal(10004, (await SignedAsync(client, path, body.Replace("BTCUSDT", "BTCUSDC", StringComparison.Ordinal), stamp, sign)).Code);
    }

    [Fact]
    public async Task The_authentication_of_a_stream_that_another_client_has_signed_is_accepted()
    {
        await using SandboxClient client = await StartAsync(At(1795242406200));
        using SandboxSocket stream = await client.OpenAsync("/v5/private");
        await stream.SendAsync("""{"op":"auth","args":["testkey",1795242411130,"b3de0c053160a0d73d46dc60c152f6d5a6e1bd61228e6a1d5ffdd1665cad640f"]}""");
        Assert.Contains("\"success\":true", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);

        // A time that was signed is not another time.
        await stream.SendAsync("""{"op":"auth","args":["testkey",1795242411131,"b3de0c053160a0d73d46dc60c152f6d5a6e1bd61228e6a1d5ffdd1665cad640f"]}""");
        Assert.Contains("\"success\":false", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_recorded_request_of_a_public_client_passes_the_check_of_its_signature()
    {
        string path = Repository.RecordedData("wire/client-captures/bybit-api-4.7.7.jsonl");
        await using SandboxClient client = await StartAsync(At(1795242406110));
        int signed = 0;
        foreach (string line in File.ReadLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement record = document.RootElement;
            if (record.GetProperty("kind").GetString() != "http")
            {
                continue;
            }

            string body = record.GetProperty("body").GetString()!;
            string?[] headers = [.. record.GetProperty("rawHeaders").EnumerateArray().Select(item => item.GetString())];
            Reply reply = await client.SendAsync(
                new HttpMethod(record.GetProperty("method").GetString()!),
                record.GetProperty("url").GetString()!,
                body.Length == 0 ? null : body,
                request =>
                {
                    for (int i = 0; i < headers.Length; i += 2)
                    {
                        if (headers[i]!.StartsWith("X-BAPI", StringComparison.Ordinal))
                        {
                            request.Headers.Add(headers[i]!, headers[i + 1]);
                        }
                    }
                });
            Assert.Equal(200, reply.Status);
            Assert.True(reply.Code is not (10002 or 10003 or 10004), line);
            signed += headers.Contains("X-BAPI-SIGN") ? 1 : 0;
        }

        Assert.True(signed >= 7, "the recording has fewer signed requests than it had");
    }

    // The venue's answers have fields that mean nothing here; each is named, so that a new one is noticed.
    public static TheoryData<string, string, string, string> Lists => new()
    {
        { "Trading/GetOrders", "/v5/order/realtime", "category=linear&settleCoin=USDT", "" },
        { "Trading/GetUserTrades", "/v5/execution/list", "category=linear", "" },
        { "Trading/GetPositions", "/v5/position/list", "category=linear&symbol=BTCUSDT", "mmrSysUpdateTime" },
        { "Trading/GetClosedProfitLoss", "/v5/position/closed-pnl", "category=linear", "" },
        { "Account/GetBalances", "/v5/account/wallet-balance", "accountType=UNIFIED", "" },
        { "Account/GetFeeRate", "/v5/account/fee-rate", "category=linear", "" },
        { "ExchangeData/GetLinearInverseSymbols", "/v5/market/instruments-info", "category=linear", "" },
        { "ExchangeData/GetSpotSymbols", "/v5/market/instruments-info", "category=spot", "" },
        { "ExchangeData/GetSpotTickers", "/v5/market/tickers", "category=spot", "" },
        { "ExchangeData/GetLinearInverseTickers", "/v5/market/tickers", "category=linear", "predictedDeliveryPrice basisRate deliveryFeeRate deliveryTime basis" },
        { "ExchangeData/GetTradeHistory", "/v5/market/recent-trade", "category=linear&symbol=BTCUSDT", "" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task An_answer_has_every_field_of_the_recorded_one_with_its_type(string recorded, string path, string query, string without)
    {
        string file = Repository.RecordedData($"wire/bybit.net/Bybit.UnitTests/Endpoints/V5Api/{recorded}.txt");
        string text = File.ReadAllText(file);
        using JsonDocument document = JsonDocument.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..]);
        await using SandboxClient client = await StartAsync();
        await FillAsync(client);
        Reply reply = await client.GetAsync(path, query);
        Assert.Equal(0, reply.Code);
        Assert.Empty(Missing(Item(document.RootElement.GetProperty("result")), Item(reply.Result)).Except(without.Split(' ')));
    }

    [Theory]
    [InlineData("Order", "order")]
    [InlineData("UserTrades", "execution")]
    [InlineData("MinimalUserTrades", "execution.fast")]
    [InlineData("Position", "position")]
    [InlineData("Balance", "wallet")]
    public async Task A_message_of_an_account_has_every_field_of_the_recorded_one_with_its_type(string recorded, string topic)
    {
        string file = Repository.RecordedData($"wire/bybit.net/Bybit.UnitTests/Subscriptions/V5/Private/{recorded}.txt");
        string text = File.ReadAllText(file);
        using JsonDocument document = JsonDocument.Parse(text[(text.LastIndexOf("\n=", StringComparison.Ordinal) + 2)..]);
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync($$"""{"op":"subscribe","args":["{{topic}}"]}""");
        _ = await stream.NextAsync();
        await FillAsync(client);
        using JsonDocument told = JsonDocument.Parse(await stream.UntilAsync(message => message.Contains($"\"topic\":\"{topic}\"", StringComparison.Ordinal)));
        Assert.Empty(Missing(document.RootElement, told.RootElement));
        Assert.Empty(Missing(document.RootElement.GetProperty("data")[0], told.RootElement.GetProperty("data")[0]));
    }

    [Theory]
    [InlineData("test_account_routes__test_get_account__0", "/v2/account", "accrued_fees daytrade_count daytrading_buying_power pattern_day_trader options_approved_level options_trading_level")]
    [InlineData("test_order_routes__test_get_order_by_id__0", "/v2/orders?status=all", "commission qty")]
    [InlineData("test_position_routes__test_get_all_positions__0", "/v2/positions", "usd")]
    [InlineData("test_asset_routes__test_get_asset__0", "/v2/assets", "last_close_pct_change last_price")]
    public async Task An_answer_of_alpaca_has_every_field_of_the_recorded_one_with_its_type(string recorded, string path, string without)
    {
        string file = Repository.RecordedData($"wire/alpaca-py/{recorded}.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        await using SandboxClient client = await StartAsync();
        await FillAsync(client);
        Reply reply = await client.AlpacaAsync(HttpMethod.Get, path);
        Assert.Empty(Missing(Item(document.RootElement), Item(reply.Json)).Except(without.Split(' ')));
    }

    [Fact]
    public void A_field_that_is_missing_or_of_another_type_would_be_found()
    {
        using JsonDocument one = JsonDocument.Parse("""{"a":"1","b":2,"c":true,"d":null}""");
        using JsonDocument other = JsonDocument.Parse("""{"a":"x","b":"2","d":"y"}""");
        Assert.Equal(["b", "c"], Missing(one.RootElement, other.RootElement));
    }

    private static SandboxOptions At(long ms) => new() { RateFactor = 0, Accounts = [Recorded], Time = new Clock(ms) };

    // A fill that opens, one that closes, an order that rests, a print of the market, and a position at the other venue.
    private static async Task FillAsync(SandboxClient client)
    {
        foreach (string side in new[] { "Buy", "Sell" })
        {
            string quantity = side == "Buy" ? "0.003" : "0.001";
            Assert.Equal(0, (await client.PostAsync("/v5/order/create", $$"""{"category":"linear","symbol":"BTCUSDT","side":"{{side}}","orderType":"Market","qty":"{{quantity}}"}""")).Code);
        }

        Assert.Equal(0, (await client.PostAsync("/v5/order/create", """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"58000"}""")).Code);
        while ((await client.SendAsync(HttpMethod.Get, "/v5/market/recent-trade?category=linear&symbol=BTCUSDT")).Result.GetProperty("list").GetArrayLength() == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        _ = await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", """{"symbol":"AAPL","qty":"5","side":"buy","type":"market","time_in_force":"day"}""");
        while ((await client.AlpacaAsync(HttpMethod.Get, "/v2/positions")).Json.GetArrayLength() == 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static Task<Reply> SignedAsync(SandboxClient client, string path, string body, long stamp, string sign) =>
        client.SendAsync(HttpMethod.Post, path, body, request =>
        {
            request.Headers.Add("X-BAPI-API-KEY", "testkey");
            request.Headers.Add("X-BAPI-TIMESTAMP", stamp.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("X-BAPI-RECV-WINDOW", "5000");
            request.Headers.Add("X-BAPI-SIGN-TYPE", "2");
            request.Headers.Add("X-BAPI-SIGN", sign);
        });

    private static JsonElement Item(JsonElement result) =>
        result.ValueKind == JsonValueKind.Array ? result[0]
        : result.TryGetProperty("list", out JsonElement list) ? list[0]
        : result;

    // Names that are not there, or are something else; null stands for anything.
    private static List<string> Missing(JsonElement recorded, JsonElement ours) =>
        [.. recorded.EnumerateObject().Where(field => !ours.TryGetProperty(field.Name, out JsonElement value) || !IsSame(field.Value.ValueKind, value.ValueKind))
            .Select(field => field.Name)];

    private static bool IsSame(JsonValueKind one, JsonValueKind other) =>
        one == other || one == JsonValueKind.Null || other == JsonValueKind.Null
        || (one is JsonValueKind.True or JsonValueKind.False && other is JsonValueKind.True or JsonValueKind.False);

    private sealed class Clock(long ms) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(ms);
    }
}
