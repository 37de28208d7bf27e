using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Web;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>What a client cannot make the sandbox do, accounts that do not see each other, and markets that end or break.</summary>
public sealed class BoundsTests
{
    [Fact]
    public async Task A_body_beyond_the_bound_is_refused_and_the_sandbox_goes_on()
    {
        await using SandboxClient client = await StartAsync();
        Assert.Equal(413, (await client.SendAsync(HttpMethod.Post, "/v5/order/create", new string(' ', SandboxServer.BodyMax + 1))).Status);
        Assert.Equal(10001, (await client.PostAsync("/v5/order/create", new string('[', 1_000))).Code);
        Assert.Equal(400, (await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", "[1]")).Status);
        Assert.Equal(200, (await client.SendAsync(HttpMethod.Get, "/v5/market/time")).Status);
    }

    [Fact]
    public async Task A_message_beyond_the_bound_ends_its_connection_and_nonsense_does_not()
    {
        await using SandboxClient client = await StartAsync();
        foreach (string path in new[] { "/v5/public/linear", "/v5/private", "/v5/trade", "/stream", "/v2/iex" })
        {
            using SandboxSocket stream = await client.OpenAsync(path);
            foreach (string nonsense in new[] { "x", "{}", "[]", "{\"op\":7}", "{\"op\":\"subscribe\",\"args\":{\"a\":1}}", "{\"op\":\"auth\",\"args\":[[],{},null]}", "{\"action\":\"listen\",\"data\":7}", new string('[', 5_000) })
            {
                await stream.SendAsync(nonsense);
            }

            await stream.SendAsync([0x81, 0xC1, 0xFF], WebSocketMessageType.Binary);
            await stream.SendAsync(path.StartsWith("/v5", StringComparison.Ordinal) ? "{\"op\":\"ping\"}" : "{\"action\":\"auth\"}");
            Assert.NotNull(await stream.NextAsync());
            await stream.SendAsync(new string(' ', Session.MessageMax + 1));
            while (await stream.NextAsync() is not null)
            {
            }
        }

        Assert.Equal(200, (await client.SendAsync(HttpMethod.Get, "/sandbox/status")).Status);
    }

    [Fact]
    public async Task Streams_beyond_the_bound_are_refused_and_freed_places_are_given_again()
    {
        await using SandboxClient client = await StartAsync();
        List<SandboxSocket> open = [];
        for (int i = 0; i < SandboxServer.SessionsMax; i++)
        {
            open.Add(await client.OpenAsync("/v5/public/linear"));
        }

        await Assert.ThrowsAsync<WebSocketException>(() => client.OpenAsync("/v5/public/linear"));
        foreach (SandboxSocket stream in open)
        {
            stream.Socket.Abort();
            stream.Dispose();
        }

        SandboxSocket? again = null;
        while (again is null)
        {
            try
            {
                again = await client.OpenAsync("/v5/public/linear");
            }
            catch (WebSocketException)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        again.Dispose();
    }

    [Fact]
    public async Task Who_does_not_read_is_cut_off_and_the_others_are_not_held_up()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket lazy = await client.OpenAsync("/v5/public/linear");
        for (int i = 0; i < 40_000; i++)
        {
            try
            {
                await lazy.SendAsync("{\"req_id\":\"" + new string('x', 2_000) + "\",\"op\":\"ping\"}");
            }
            catch (WebSocketException)
            {
                break;
            }

            Assert.True(i < 39_999, "forty thousand answers that nobody reads were kept");
        }

        Assert.Equal(200, (await client.SendAsync(HttpMethod.Get, "/sandbox/status")).Status);
    }

    [Fact]
    public async Task Accounts_do_not_see_each_other()
    {
        await using SandboxClient client = await StartAsync();
        Reply placed = await client.PostAsync("/v5/order/create", """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"58000","orderLinkId":"mine"}""");
        Assert.Equal(0, placed.Code);
        Assert.Equal(200, (await client.AlpacaAsync(HttpMethod.Post, "/v2/orders", """{"symbol":"AAPL","qty":"1","side":"buy","type":"limit","limit_price":"200","time_in_force":"day","client_order_id":"mine"}""")).Status);
        Assert.Equal(0, (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders", key: "sandbox-key-2", secret: "sandbox-secret-2")).Json.GetArrayLength());
        Assert.Equal(404, (await client.AlpacaAsync(HttpMethod.Get, "/v2/orders:by_client_order_id?client_order_id=mine", key: "sandbox-key-2", secret: "sandbox-secret-2")).Status);
        JsonElement accounts = (await client.SendAsync(HttpMethod.Get, "/sandbox/status")).Json.GetProperty("accounts");
        Assert.Equal((1, 0), (accounts[0].GetProperty("bybitOrders").GetInt32(), accounts[1].GetProperty("bybitOrders").GetInt32()));
    }

    [Fact]
    public async Task A_market_that_ends_leaves_a_venue_that_answers()
    {
        await using SandboxClient client = await StartAsync(new SandboxOptions { RateFactor = 0, Market = new TapeMarket() });
        Assert.True((await client.SendAsync(HttpMethod.Get, "/sandbox/status")).Json.GetProperty("marketOver").GetBoolean());
        Reply placed = await client.PostAsync("/v5/order/create", """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.5","orderLinkId":"end"}""");
        Assert.Equal(0, placed.Code);

        // The book has one unit at 100.1 and ten at 100.2.
        JsonElement rows = (await client.GetAsync("/v5/execution/list", "category=linear&orderLinkId=end")).Result.GetProperty("list");
        Assert.Equal(("100.1", "0.500"), (rows[0].GetProperty("execPrice").GetString(), rows[0].GetProperty("execQty").GetString()));
    }

    [Fact]
    public async Task A_market_that_breaks_ends_the_sandbox_with_its_reason()
    {
        await using SandboxServer server = await SandboxServer.StartAsync(new SandboxOptions { Market = new TapeMarket(breaks: true) });
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => server.Ended);
        Assert.Equal("the tape is torn", failure.Message);
    }
}
