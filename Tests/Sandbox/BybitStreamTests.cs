using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>Market streams of Bybit: the rules of books and numbers, read by our own decoder and by hand.</summary>
public sealed class BybitStreamTests
{
    [Theory]
    [InlineData(50)]
    [InlineData(200)]
    [InlineData(1000)]
    public async Task A_book_is_a_snapshot_and_differences_without_a_hole_and_never_deeper_than_it_says(int depth)
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await stream.SendAsync($$"""{"req_id":"1","op":"subscribe","args":["orderbook.{{depth}}.BTCUSDT"]}""");
        BybitPublicDecoder decoder = new(BybitTradingTests.Instruments(), InstrumentKind.Linear);
        Book book = new(2_048);
        SortedDictionary<decimal, decimal>[] sides = [new(), new()];
        long last = 0;
        int deltas = 0;
        while (deltas < 20)
        {
            byte[] message = (await stream.NextAsync())!;
            WireOutcome outcome = decoder.Decode(message, 1);
            Assert.True(outcome.Result is WireResult.Events or WireResult.Answer, outcome + Encoding.UTF8.GetString(message));
            foreach (ref readonly Event e in decoder.Batch.Events)
            {
                book.Apply(e);
            }

            using JsonDocument document = JsonDocument.Parse(message);
            if (!document.RootElement.TryGetProperty("type", out JsonElement type))
            {
                continue;
            }

            JsonElement data = document.RootElement.GetProperty("data");
            long update = data.GetProperty("u").GetInt64();
            bool snapshot = type.GetString() == "snapshot";
            Assert.True(snapshot ? last == 0 : update == last + 1, "a hole in the numbers");
            last = update;
            deltas += snapshot ? 0 : 1;
            ByHand(sides[0], data.GetProperty("b"));
            ByHand(sides[1], data.GetProperty("a"));
            Assert.All(sides, side => Assert.InRange(side.Count, 1, depth));
            Assert.True(sides[0].Keys.Max() < sides[1].Keys.Min(), "crossed");
        }

        // Two ways to read the same bytes.
        Assert.Equal(sides[0].Count, book.BidCount);
        Assert.Equal(sides[1].Count, book.AskCount);
        Assert.Equal(sides[0].Keys.Max(), book.BestBidPrice / 10m);
        Assert.Equal(sides[1].First().Value, book.BestAskQuantity / 1000m);
        Assert.Equal(0, book.Gaps);
        Assert.Equal(0, decoder.Counters.NewNames);
    }

    [Fact]
    public async Task After_a_restart_the_numbers_begin_with_one_and_the_book_is_whole()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket before = await client.OpenAsync("/v5/public/linear");
        await before.SendAsync("""{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}""");
        _ = await before.UntilAsync(text => text.Contains("\"delta\"", StringComparison.Ordinal));
        Assert.Equal(200, (await client.SendAsync(System.Net.Http.HttpMethod.Post, "/sandbox/restart?venue=bybit&ms=1")).Status);
        while (await before.NextAsync() is not null)
        {
        }

        using SandboxSocket after = await client.OpenAsync("/v5/public/linear");
        await after.SendAsync("""{"op":"subscribe","args":["orderbook.50.BTCUSDT"]}""");
        string first = await after.UntilAsync(text => text.Contains("orderbook", StringComparison.Ordinal) && text.Contains("\"data\"", StringComparison.Ordinal));
        Assert.Contains("\"type\":\"snapshot\"", first, StringComparison.Ordinal);
        Assert.Contains("\"u\":1,", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_other_topic_is_understood_by_our_decoder()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/linear");
        await stream.SendAsync("""{"req_id":"1","op":"subscribe","args":["orderbook.1.ETHUSDT","publicTrade.BTCUSDT","tickers.BTCUSDT","kline.1.BTCUSDT","priceLimit.BTCUSDT","allLiquidation.BTCUSDT"]}""");
        BybitPublicDecoder decoder = new(BybitTradingTests.Instruments(), InstrumentKind.Linear);
        HashSet<string> topics = [];
        int tickers = 0;
        while (topics.Count < 5 || tickers < 3)
        {
            byte[] message = (await stream.NextAsync())!;
            WireOutcome outcome = decoder.Decode(message, 1);
            Assert.True(outcome.Result != WireResult.Refused, outcome + Encoding.UTF8.GetString(message));
            using JsonDocument document = JsonDocument.Parse(message);
            if (document.RootElement.TryGetProperty("topic", out JsonElement topic))
            {
                topics.Add(topic.GetString()!);
                tickers += topic.GetString() == "tickers.BTCUSDT" ? 1 : 0;
            }
        }

        Assert.Equal(0, decoder.Counters.NewNames);
        Assert.Equal(0, decoder.Counters.NewWords);
    }

    [Fact]
    public async Task A_subscription_that_cannot_be_is_refused_as_a_whole()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenAsync("/v5/public/spot");
        (string Args, bool IsTaken)[] cases =
        [
            ("\"publicTrade.BTCUSDT\"", true),
            ("\"publicTrade.BTCUSDT\"", false),
            ("\"publicTrade.NOPE\"", false),
            ("\"orderbook.7.BTCUSDT\"", false),
            ("\"nothing\"", false),
            (string.Join(',', Enumerable.Range(0, 11).Select(i => "\"tickers.BTCUSDT\"")), false),
        ];
        foreach ((string args, bool isTaken) in cases)
        {
            await stream.SendAsync($$"""{"req_id":"x","op":"subscribe","args":[{{args}}]}""");
            string answer = await stream.UntilAsync(text => text.Contains("\"op\":\"subscribe\"", StringComparison.Ordinal));
            Assert.Contains(isTaken ? "\"success\":true" : "\"success\":false", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pongs_differ_by_stream_and_strangers_get_nothing()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket open = await client.OpenAsync("/v5/public/linear");
        await open.SendAsync("""{"req_id":"1","op":"ping"}""");
        Assert.Matches("\"success\":true,\"ret_msg\":\"pong\".*\"op\":\"ping\"", Encoding.UTF8.GetString((await open.NextAsync())!));

        using SandboxSocket account = await client.OpenAsync("/v5/private");
        await account.SendAsync("""{"op":"ping"}""");
        Assert.Matches("^{\"op\":\"pong\",\"args\":\\[\"\\d+\"\\]", Encoding.UTF8.GetString((await account.NextAsync())!));
        await account.SendAsync("""{"op":"subscribe","args":["order"]}""");
        Assert.Contains("\"success\":false", Encoding.UTF8.GetString((await account.NextAsync())!), StringComparison.Ordinal);
        await account.SendAsync($$"""{"op":"auth","args":["{{Key}}",{{NowMs + 5_000}},"{{new string('0', 64)}}"]}""");
        Assert.Contains("\"success\":false", Encoding.UTF8.GetString((await account.NextAsync())!), StringComparison.Ordinal);

        using SandboxSocket trade = await client.OpenAsync("/v5/trade");
        await trade.SendAsync("""{"reqId":"1","op":"ping"}""");
        Assert.Matches("\"retCode\":0.*\"op\":\"pong\",\"data\":\\[\"\\d+\"\\]", Encoding.UTF8.GetString((await trade.NextAsync())!));
        await trade.SendAsync(BybitTradingTests.Entry("2", "order.cancel", """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"x"}"""));
        Assert.Contains("\"retCode\":10003", Encoding.UTF8.GetString((await trade.NextAsync())!), StringComparison.Ordinal);

        // Twice is said to be twice, and the connection stays.
        using SandboxSocket twice = await client.OpenBybitAsync("/v5/trade");
        await twice.SendAsync($$"""{"reqId":"2","op":"auth","args":["{{Key}}","{{NowMs + 5_000}}","x"]}""");
        Assert.Contains("\"retCode\":20001", Encoding.UTF8.GetString((await twice.NextAsync())!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_two_ways_to_name_topics_of_an_account_are_not_mixed()
    {
        await using SandboxClient client = await StartAsync();
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync("""{"op":"subscribe","args":["order","execution.linear"]}""");
        Assert.Contains("\"success\":false", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
        await stream.SendAsync("""{"op":"subscribe","args":["order.linear","execution.linear"]}""");
        Assert.Contains("\"success\":true", Encoding.UTF8.GetString((await stream.NextAsync())!), StringComparison.Ordinal);
        _ = await client.PostAsync("/v5/order/create", """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Market","qty":"0.002","orderLinkId":"LL1-1-9-0"}""");
        string told = await stream.UntilAsync(text => text.Contains("LL1-1-9-0", StringComparison.Ordinal));
        Assert.Contains("\"topic\":\"order.linear\"", told, StringComparison.Ordinal);
    }

    private static void ByHand(SortedDictionary<decimal, decimal> side, JsonElement levels)
    {
        foreach (JsonElement level in levels.EnumerateArray())
        {
            decimal quantity = Number(level[1]);
            if (quantity == 0)
            {
                Assert.True(side.Remove(Number(level[0])), "a level was deleted that was not there");
            }
            else
            {
                side[Number(level[0])] = quantity;
            }
        }
    }
}
