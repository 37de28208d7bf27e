using System.Linq;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>The account and the market data of Bybit over real sockets, against the local exchange.</summary>
[Collection("LiveSockets")]
public sealed class BybitSandboxTests
{
    [Fact]
    public async Task Orders_go_out_and_everything_comes_back_over_real_sockets()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        using LiveRig<BybitVenue> rig = LiveRig.Bybit(sandbox);
        rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);
        Assert.Equal(LinkState.Live, rig.Account.TradeState);

        // A resting order: placed, amended, cancelled.
        OrderId rests = rig.New(Side.Buy, OrderType.Limit, rig.BestBid * 98 / 100 / rig.Tick * rig.Tick, 10);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working);
        rig.Amend(rests, rig.BestBid * 97 / 100 / rig.Tick * rig.Tick, 20);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working && rig.Orders[rests].Quantity == 20);
        rig.Cancel(rests);
        rig.Until(() => rig.Orders[rests].State == OrderState.Cancelled);

        // A market order: filled.
        OrderId takes = rig.New(Side.Buy, OrderType.Market, 0, 10, TimeInForce.ImmediateOrCancel);
        rig.Until(() => rig.Orders[takes].HasEnded);
        Assert.Equal(10, rig.Orders[takes].Filled);
        rig.Until(() => rig.Position == 10);

        // Each command was answered once, and the next read-back agrees.
        Assert.All(rig.Answers, answer => Assert.Equal(Outcome.Sent, answer.Outcome));
        Assert.Equal(rig.Commands, rig.Answers.Count);
        rig.AskReadBack();
        rig.Until(() => rig.Events.Exists(e => e.Kind == EventKind.PositionReport && (e.Flags & EventFlags.ReadBack) != 0
            && e.PositionReport.Quantity == 10));
        rig.Until(() => rig.Events.Exists(e => e.Kind == EventKind.Trade));
        rig.Until(() => rig.Events.Exists(e => e.Kind == EventKind.DerivativePrices));
        Assert.Equal(0, rig.Account.Quarantined);
    }

    [Theory]
    [InlineData(FaultKind.AcceptThenTimeout, SandboxChannel.BybitTrade, "order.create", OrderState.Working)]
    [InlineData(FaultKind.LoseRequest, SandboxChannel.BybitTrade, "order.create", OrderState.Cancelled)]
    [InlineData(FaultKind.Cut, SandboxChannel.BybitTrade, "order.create", OrderState.Working)]
    [InlineData(FaultKind.Error, SandboxChannel.BybitTrade, "order.create", OrderState.Cancelled)]
    [InlineData(FaultKind.Drop, SandboxChannel.BybitPrivate, "\"topic\":\"order", OrderState.Working)]
    [InlineData(FaultKind.Cut, SandboxChannel.BybitPrivate, "\"topic\":\"order", OrderState.Working)]
    [InlineData(FaultKind.Garble, SandboxChannel.BybitPrivate, "\"topic\":\"order", OrderState.Working)]
    public async Task An_order_through_a_fault_ends_in_what_the_exchange_has(
        FaultKind kind, SandboxChannel channel, string match, OrderState end)
    {
        FaultRule fault = new() { Kind = kind, Channel = channel, Match = match };
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10, Faults = [fault] });
        using LiveRig<BybitVenue> rig = LiveRig.Bybit(sandbox);
        rig.Until(() => rig.Account.IsReady && rig.Account.TradeState == LinkState.Live && rig.BestBid > 0);
        OrderId order = rig.New(Side.Buy, OrderType.Limit, rig.BestBid * 98 / 100 / rig.Tick * rig.Tick, 10);
        rig.Until(() => rig.Orders[order].State == end && rig.Account.Unresolved == 0);
        rig.Until(() => rig.Account.IsReady);
        Assert.Single(rig.Answers);
        if (end == OrderState.Working)
        {
            // What works can be cancelled, and the account trades on.
            rig.Cancel(order);
            rig.Until(() => rig.Orders[order].State == OrderState.Cancelled);
        }
        else
        {
            Assert.Equal(
                ReportReason.ProvenAbsent,
                rig.Events.Last(e => e.Kind == EventKind.OrderReport && e.OrderReport.Order == order).OrderReport.Reason);
        }
    }

    [Fact]
    public async Task A_wrong_secret_never_becomes_ready()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions());
        using LiveRig<BybitVenue> rig = LiveRig.Bybit(sandbox, "wrong");
        rig.Run(2);
        Assert.False(rig.Account.IsReady);
        Assert.NotEqual(LinkState.Live, rig.Account.AccountState);
        Assert.Null(rig.Account.Key);
    }
}
