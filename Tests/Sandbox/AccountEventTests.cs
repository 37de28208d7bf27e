using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Sandbox;
using Xunit;
using static LowLatency.Tests.Sandbox.SandboxClient;

namespace LowLatency.Tests.Sandbox;

/// <summary>What happens to an account by itself: funding when its hour comes, liquidation when the market turns.</summary>
public sealed class AccountEventTests
{
    [Fact]
    public async Task Funding_is_an_execution_that_moves_cash_only()
    {
        Clock clock = new();
        await using SandboxClient client = await StartAsync(new SandboxOptions { RateFactor = 0, Market = new TapeMarket(), Time = clock });
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync("""{"op":"subscribe","args":["execution"]}""");
        await BuyAsync(client, "0.5");
        clock.Jump(TimeSpan.FromHours(8));
        BybitPrivateDecoder decoder = new(BybitTradingTests.Instruments(), 1);
        string told = await stream.UntilAsync(text => text.Contains("\"Funding\"", StringComparison.Ordinal));
        Assert.Equal(WireResult.Events, decoder.Decode(Encoding.UTF8.GetBytes(told), 1).Result);

        // 0.5 x 100.05, the middle of the book, at 0.01 %: a long position pays.
        CashBooked booked = decoder.Batch.Events[0].CashBooked;
        Assert.Equal((BookingReason.Funding, -500_250L, 500L), (booked.Reason, booked.Amount, booked.Position));
        Assert.Contains("\"orderType\":\"UNKNOWN\"", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_that_its_cash_cannot_carry_is_taken_over_and_its_orders_end()
    {
        TapeMarket tape = new(secondBid: 895);
        SandboxAccount poor = new() { Key = Key, Secret = Secret, Coins = new Dictionary<string, decimal> { ["USDT"] = 100m } };
        await using SandboxClient client = await StartAsync(new SandboxOptions { RateFactor = 0, Market = tape, Accounts = [poor] });
        using SandboxSocket stream = await client.OpenBybitAsync("/v5/private");
        await stream.SendAsync("""{"op":"subscribe","args":["order","execution"]}""");
        await BuyAsync(client, "9");
        Assert.Equal(0, (await client.PostAsync("/v5/order/create", """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","qty":"0.1","price":"105","orderLinkId":"rests"}""")).Code);
        tape.GoOn();
        string order = await stream.UntilAsync(text => text.Contains("\"rests\"", StringComparison.Ordinal) && text.Contains("\"Cancelled\"", StringComparison.Ordinal));
        Assert.Contains("CancelAllBeforeLiq", order, StringComparison.Ordinal);
        string told = await stream.UntilAsync(text => text.Contains("\"BustTrade\"", StringComparison.Ordinal));
        using JsonDocument row = JsonDocument.Parse(told);
        Assert.Equal(("Sell", "9.000"), (row.RootElement.GetProperty("data")[0].GetProperty("side").GetString(), row.RootElement.GetProperty("data")[0].GetProperty("execQty").GetString()));
        Assert.Equal("0.000", (await client.GetAsync("/v5/position/list", "category=linear&symbol=BTCUSDT")).Result.GetProperty("list")[0].GetProperty("size").GetString());

        // What backed it is gone, and no more: the price is that at which nothing is left, on the venue's side of a price unit.
        JsonElement wallet = (await client.GetAsync("/v5/account/wallet-balance", "accountType=UNIFIED")).Result.GetProperty("list")[0];
        Assert.InRange(Number(wallet.GetProperty("totalEquity")), 0m, 0.9m);
    }

    private static async Task BuyAsync(SandboxClient client, string quantity)
    {
        Reply placed = await client.PostAsync("/v5/order/create", $$"""{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"{{quantity}}"}""");
        Assert.Equal(0, placed.Code);
    }

    /// <summary>The real time, and what it was moved on by.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _jumped;

        internal void Jump(TimeSpan by) => Interlocked.Add(ref _jumped, (long)(by.TotalSeconds * Stopwatch.Frequency));

        public override long GetTimestamp() => Stopwatch.GetTimestamp() + Interlocked.Read(ref _jumped);
    }
}
