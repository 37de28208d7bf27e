using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net.Http;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>What a client sees of each fault, what the venue has done meanwhile, and that it happens where it was scripted only.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    [Fact]
    public async Task A_lost_request_was_never_carried_out_and_a_dropped_answer_was()
    {
        await using SandboxClient client = await StartAsync();
        await ArmAsync(client, """{"kind":"lose-request","channel":"bybit.rest","match":"order/create"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => PlaceAsync(client, "f-1"));
        Assert.Equal(0, await CountAsync(client, "f-1"));

        await ArmAsync(client, """{"kind":"drop","channel":"bybit.rest","match":"order/create"}""");
        await Assert.ThrowsAsync<HttpRequestException>(() => PlaceAsync(client, "f-2"));
        Assert.Equal(1, await CountAsync(client, "f-2"));

        // Once means once: the next goes through.
        Assert.Equal(0, (await PlaceAsync(client, "f-3")).Code);
    }

    [Fact]
    public async Task Accept_then_timeout_carries_out_and_says_nothing()
    {
        await using SandboxClient client = await StartAsync();
        await ArmAsync(client, """{"kind":"accept-then-timeout","channel":"bybit.rest","match":"order/create"}""");
        using CancellationTokenSource patience = new(Silence);
        using HttpRequestMessage request = await SignedAsync(client, "t-1");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Http.SendAsync(request, patience.Token));
        Assert.Equal(1, await CountAsync(client, "t-1"));

        await ArmAsync(client, """{"kind":"half-open","channel":"bybit.rest","match":"order/create"}""");
        using CancellationTokenSource again = new(Silence);
        using HttpRequestMessage second = await SignedAsync(client, "t-2");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Http.SendAsync(second, again.Token));
        Assert.Equal(0, await CountAsync(client, "t-2"));
    }

    [Fact]
    public async Task Rate_limits_and_errors_are_refusals_that_did_nothing()
    {
        await using SandboxClient client = await StartAsync();
        await ArmAsync(client, """[{"kind":"rate-limit","channel":"bybit.rest","match":"order/create"},{"kind":"error","channel":"bybit.rest","match":"order/create","nth":2,"status":502}]""");
        Reply limited = await PlaceAsync(client, "e-1");
        Assert.Equal((200, 10006), (limited.Status, limited.Code));
        Assert.Equal("0", limited.Headers["X-Bapi-Limit-Status"]);
        Assert.Equal(502, (await PlaceAsync(client, "e-2")).Status);
        Assert.Equal(0, (await PlaceAsync(client, "e-3")).Code);
        Assert.Equal(0, await CountAsync(client, "e-1") + await CountAsync(client, "e-2"));

        await ArmAsync(client, """[{"kind":"rate-limit","channel":"alpaca.rest"},{"kind":"error","channel":"alpaca.rest","nth":2,"status":503}]""");
        Assert.Equal(429, (await client.AlpacaAsync(HttpMethod.Get, "/v2/account")).Status);
        Assert.Equal(503, (await client.AlpacaAsync(HttpMethod.Get, "/v2/account")).Status);
        Assert.Equal(200, (await client.AlpacaAsync(HttpMethod.Get, "/v2/account")).Status);
    }

    [Fact]
    public async Task The_trade_stream_has_the_faults_of_requests_too()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket trade = await client.OpenBybitAsync("/v5/trade");
        await ArmAsync(client, """
            [{"kind":"lose-request","channel":"bybit.trade","match":"w-1"},{"kind":"accept-then-timeout","channel":"bybit.trade","match":"w-2"},
             {"kind":"rate-limit","channel":"bybit.trade","match":"w-3"},{"kind":"error","channel":"bybit.trade","match":"w-4"}]
            """);
        for (int i = 1; i <= 5; i++)
        {
            await trade.SendAsync(BybitTradingTests.Entry("r" + i, "order.create", Order("w-" + i)));
        }

        List<(string Id, int Code)> answers = [];
        while (answers.Count < 3)
        {
            using JsonDocument answer = JsonDocument.Parse((await trade.NextAsync())!);
            answers.Add((answer.RootElement.GetProperty("reqId").GetString()!, answer.RootElement.GetProperty("retCode").GetInt32()));
        }

        Assert.Equal([("r3", 10006), ("r4", 10016), ("r5", 0)], answers.Order());
        int[] there = [await CountAsync(client, "w-1"), await CountAsync(client, "w-2"), await CountAsync(client, "w-3"), await CountAsync(client, "w-4"), await CountAsync(client, "w-5")];
        Assert.Equal([0, 1, 0, 0, 1], there);
    }

    [Fact]
    public async Task A_garbled_answer_has_its_length_and_other_bytes_and_a_cut_one_ends_early()
    {
        await using SandboxClient client = await StartAsync();
        Reply whole = await client.SendAsync(HttpMethod.Get, "/v5/market/instruments-info?category=linear");
        await ArmAsync(client, """{"kind":"garble","channel":"bybit.rest"}""");
        Reply garbled = await BytesAsync(client, "/v5/market/instruments-info?category=linear");
        Assert.Equal(whole.Body.Length, garbled.Body.Length);
        Assert.InRange(whole.Body.Zip(garbled.Body).Count(pair => pair.First != pair.Second), 1, 3 + 13);

        await ArmAsync(client, """{"kind":"cut","channel":"bybit.rest","bytes":25}""");
        using HttpResponseMessage response = await client.Http.GetAsync(new Uri("/v5/market/time", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.True(response.Content.Headers.ContentLength > 25);
        using System.IO.Stream body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        byte[] buffer = new byte[1024];
        int read = 0;
        Exception? end = await Record.ExceptionAsync(async () =>
        {
            while (true)
            {
                int more = await body.ReadAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
                Assert.NotEqual(0, more);
                read += more;
            }
        });
        Assert.IsAssignableFrom<System.IO.IOException>(end);
        Assert.InRange(read, 0, 25);
    }

    [Fact]
    public async Task Messages_of_a_stream_are_dropped_doubled_and_swapped_by_their_number()
    {
        await using SandboxClient client = await StartAsync();
        Assert.Equal([1, 2, 3, 4, 5, 6], await UpdatesAsync(client, null));
        Assert.Equal([1, 2, 4, 5, 6, 7], await UpdatesAsync(client, """{"kind":"drop","channel":"bybit.public","match":"\"data\"","nth":3}"""));
        Assert.Equal([1, 2, 3, 3, 4, 5], await UpdatesAsync(client, """{"kind":"duplicate","channel":"bybit.public","match":"\"data\"","nth":3}"""));
        Assert.Equal([1, 2, 4, 3, 5, 6], await UpdatesAsync(client, """{"kind":"reorder","channel":"bybit.public","match":"\"data\"","nth":3}"""));
        Assert.Equal([1, 3, 5, 7, 9, 11], await UpdatesAsync(client, """{"kind":"drop","channel":"bybit.public","match":"\"data\"","nth":2,"every":2,"count":0}"""));
    }

    [Fact]
    public async Task A_delayed_message_comes_late_and_those_behind_it_too()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await ArmAsync(client, """{"kind":"delay","channel":"bybit.public","match":"pong","ms":300}""");
        long asked = Stopwatch.GetTimestamp();
        await stream.SendAsync("""{"req_id":"late","op":"ping"}""");
        await stream.SendAsync("""{"req_id":"behind","op":"ping"}""");
        Assert.Contains("late", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(asked) >= TimeSpan.FromMilliseconds(290));
        Assert.Contains("behind", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_half_open_stream_is_silent_both_ways_and_stays_open()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await stream.SendAsync("""{"req_id":"1","op":"ping"}""");
        Assert.NotNull(await stream.NextAsync());
        await ArmAsync(client, """{"kind":"half-open","channel":"bybit.public"}""");
        await stream.SendAsync("""{"op":"subscribe","args":["publicTrade.BTCUSDT"]}""");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.NextAsync(Silence));

        // It is this connection only that is dead.
        using SandboxSocket other = await client.OpenAsync("/v5/public/linear");
        await other.SendAsync("""{"req_id":"2","op":"ping"}""");
        Assert.NotNull(await other.NextAsync());
        Assert.Contains("\"sessions\":[{", Encoding.UTF8.GetString((await client.SendAsync(HttpMethod.Get, "/sandbox/status")).Body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_message_ends_the_connection_before_it_is_whole()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await ArmAsync(client, """{"kind":"cut","channel":"bybit.public","match":"pong","bytes":10}""");
        await stream.SendAsync("""{"req_id":"1","op":"ping"}""");
        byte[] buffer = new byte[256];
        int read = 0;
        Exception? end = await Record.ExceptionAsync(async () =>
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await stream.Socket.ReceiveAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken);
                Assert.False(part.EndOfMessage);
                read += part.Count;
            }
        });
        Assert.IsType<WebSocketException>(end);
        Assert.InRange(read, 0, 10);
    }

    [Fact]
    public async Task A_garbled_message_of_a_stream_differs_from_what_was_meant()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await ArmAsync(client, """{"kind":"garble","channel":"bybit.public"}""");
        await stream.SendAsync("""{"req_id":"same","op":"ping"}""");
        await stream.SendAsync("""{"req_id":"same","op":"ping"}""");
        byte[] garbled = (await stream.NextAsync())!;
        byte[] right = (await stream.NextAsync())!;
        Assert.Equal(right.Length, garbled.Length);
        Assert.InRange(right.Zip(garbled).Count(pair => pair.First != pair.Second), 1, 3);
    }

    [Fact]
    public async Task A_restart_ends_every_connection_of_the_venue_keeps_orders_and_comes_back()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket bybit = await client.OpenBybitAsync("/v5/private");
        using SandboxSocket alpaca = await client.OpenAsync("/stream");
        Assert.Equal(0, (await PlaceAsync(client, "x-1")).Code);
        Assert.Equal(0, (await PlaceAsync(client, "x-2")).Code);
        Assert.Equal(0, (await client.PostAsync("/v5/order/cancel", """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"x-2"}""")).Code);
        Assert.Equal(1, await CountAsync(client, "x-2"));
        Assert.Equal(200, (await client.SendAsync(HttpMethod.Post, "/sandbox/restart?venue=bybit&ms=300")).Status);
        Assert.Null(await bybit.NextAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(HttpMethod.Get, "/v5/market/time"));

        // The other venue goes on.
        await alpaca.SendAsync($$"""{"action":"auth","key":"{{Key}}","secret":"{{Secret}}"}""");
        Assert.NotNull(await alpaca.NextAsync());

        while (await Record.ExceptionAsync(() => client.SendAsync(HttpMethod.Get, "/v5/market/time")) is not null)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // What works is there; of what had ended only the history knows.
        Assert.Equal(1, await CountAsync(client, "x-1"));
        Assert.Equal(0, await CountAsync(client, "x-2"));
        Assert.Equal(1, (await client.GetAsync("/v5/order/history", "category=linear&orderLinkId=x-2")).Result.GetProperty("list").GetArrayLength());
    }

    [Fact]
    public async Task A_restart_can_be_scripted_by_a_message()
    {
        await using SandboxClient client = await StartAsync(new SandboxOptions
        {
            RateFactor = 0,
            Faults = [new FaultRule { Kind = FaultKind.Restart, Channel = SandboxChannel.BybitPublic, Match = "pong", Ms = 50 }],
        });
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await stream.SendAsync("""{"op":"ping"}""");
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task What_is_armed_can_be_seen_and_forgotten_and_nonsense_is_refused()
    {
        await using SandboxClient client = await StartAsync();
        Assert.Equal(201, (await client.ArmAsync("""{"kind":"drop","channel":"bybit.rest","match":"nothing"}""")).Status);
        Assert.Equal(1, (await client.SendAsync(HttpMethod.Get, "/sandbox/faults")).Json.GetProperty("faults").GetArrayLength());
        Assert.Equal(0, (await client.SendAsync(HttpMethod.Delete, "/sandbox/faults")).Json.GetProperty("faults").GetArrayLength());
        foreach (string wrong in new[] { "{", """{"kind":"drip","channel":"bybit.rest"}""", """{"kind":"drop"}""", """{"kind":"duplicate","channel":"bybit.rest"}""", """{"kind":"drop","channel":"bybit.rest","sometimes":1}""" })
        {
            Reply refused = await client.ArmAsync(wrong);
            Assert.Equal(400, refused.Status);
            Assert.True(refused.Json.GetProperty("error").GetString()!.Length > 10);
        }

        Assert.Equal(0, (await client.SendAsync(HttpMethod.Get, "/sandbox/faults")).Json.GetProperty("faults").GetArrayLength());
        Assert.Equal(404, (await client.SendAsync(HttpMethod.Get, "/sandbox/nothing")).Status);
        Assert.Equal(400, (await client.SendAsync(HttpMethod.Post, "/sandbox/restart?venue=kraken")).Status);
        Assert.Equal(400, (await client.SendAsync(HttpMethod.Post, "/sandbox/disconnect?channel=all")).Status);
    }

    [Fact]
    public void The_same_seed_makes_the_same_faults_of_the_same_messages()
    {
        FaultRule rule = new() { Kind = FaultKind.Garble, Channel = SandboxChannel.BybitPublic, ChancePpm = 300_000, Count = 0 };
        List<string> Run(ulong seed)
        {
            FaultPlan plan = new(seed);
            Assert.True(plan.TryArm(rule, 0));
            List<string> said = [];
            for (int i = 0; i < 200; i++)
            {
                byte[] message = Encoding.ASCII.GetBytes("message number " + i);
                said.Add(plan.OfMessage(SandboxChannel.BybitPublic, message, i) is null ? "-" : Encoding.ASCII.GetString(plan.Garbled(message)));
            }

            return said;
        }

        List<string> first = Run(7);
        Assert.Equal(first, Run(7));
        Assert.NotEqual(first, Run(8));
        Assert.InRange(first.Count(said => said != "-"), 30, 90);
    }

    [Fact]
    public void A_rule_counts_what_it_matches_in_its_time_only()
    {
        const long ms = 1_000_000;
        FaultPlan plan = new(1);
        _ = plan.TryArm(new FaultRule { Kind = FaultKind.Drop, Channel = SandboxChannel.BybitPublic, Match = "a", Nth = 2, Every = 3, Count = 2, AfterMs = 10, UntilMs = 1_000 }, 0);
        List<int> hits = [];
        for (int i = 0; i < 30; i++)
        {
            if (plan.OfMessage(SandboxChannel.BybitPublic, "xay"u8, i * 2 * ms) is not null)
            {
                hits.Add(i);
            }

            Assert.Null(plan.OfMessage(SandboxChannel.BybitPublic, "xyz"u8, i * 2 * ms));
            Assert.Null(plan.OfMessage(SandboxChannel.BybitPrivate, "a"u8, i * 2 * ms));
            Assert.Null(plan.OfRequest(SandboxChannel.BybitTrade, "a"u8, i * 2 * ms));
        }

        // From 10 ms on the fifth is the first that counts: the second and the fifth of them.
        Assert.Equal([6, 9], hits);
        _ = plan.TryArm(new FaultRule { Kind = FaultKind.Drop, Channel = SandboxChannel.BybitPublic, UntilMs = 5, Count = 0 }, 0);
        Assert.Null(plan.OfMessage(SandboxChannel.BybitPublic, "b"u8, 6 * ms));
        Assert.NotNull(plan.OfMessage(SandboxChannel.BybitPublic, "b"u8, 4 * ms));
    }

    private static async Task ArmAsync(SandboxClient client, string fault) => Assert.Equal(201, (await client.ArmAsync(fault)).Status);

    private static string Order(string link) =>
        $$"""{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"58000.0","orderLinkId":"{{link}}"}""";

    private static Task<Reply> PlaceAsync(SandboxClient client, string link) => client.PostAsync("/v5/order/create", Order(link));

    private static async Task<int> CountAsync(SandboxClient client, string link) =>
        (await client.GetAsync("/v5/order/realtime", "category=linear&symbol=BTCUSDT&orderLinkId=" + link)).Result.GetProperty("list").GetArrayLength();

    private static Task<HttpRequestMessage> SignedAsync(SandboxClient client, string link)
    {
        string body = Order(link);
        long now = NowMs;
        HttpRequestMessage request = new(HttpMethod.Post, "/v5/order/create") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-BAPI-API-KEY", Key);
        request.Headers.Add("X-BAPI-TIMESTAMP", now.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.Add("X-BAPI-RECV-WINDOW", "5000");
        request.Headers.Add("X-BAPI-SIGN", client.Sign(now, body));
        return Task.FromResult(request);
    }

    // A reply whose body need not be JSON.
    private static async Task<Reply> BytesAsync(SandboxClient client, string path)
    {
        using HttpResponseMessage response = await client.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Reply((int)response.StatusCode, [], []) with { Body = body };
    }

    // The first six numbers of a book that begins anew.
    private static async Task<List<long>> UpdatesAsync(SandboxClient client, string? fault)
    {
        _ = await client.SendAsync(HttpMethod.Delete, "/sandbox/faults");
        if (fault is not null)
        {
            await ArmAsync(client, fault);
        }

        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await stream.SendAsync("""{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}""");
        List<long> updates = [];
        while (updates.Count < 6)
        {
            using JsonDocument message = JsonDocument.Parse((await stream.NextAsync())!);
            if (message.RootElement.TryGetProperty("data", out JsonElement data))
            {
                updates.Add(data.GetProperty("u").GetInt64());
            }
        }

        await stream.SendAsync("""{"op":"unsubscribe","args":["orderbook.50.BTCUSDT"]}""");
        while ((await stream.NextAsync())!.AsSpan().IndexOf("unsubscribe"u8) < 0)
        {
        }

        return updates;
    }
}
