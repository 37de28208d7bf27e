using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using LowLatency.Sandbox;
using LowLatency.Sandbox.Faults;
using LowLatency.Tests.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>The account and the market data of Bybit over real sockets, against the local exchange.</summary>
public sealed class BybitSandboxTests
{
    [Fact]
    public async Task Orders_go_out_and_everything_comes_back_over_real_sockets()
    {
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        using BybitRig rig = new(sandbox);
        rig.Until(() => rig.Account.IsReady && rig.Market.IsLive && rig.BestBid > 0);
        Assert.Equal(LinkState.Live, rig.Account.TradeState);

        // A resting order: placed, amended, cancelled.
        OrderId rests = rig.New(Side.Buy, OrderType.Limit, rig.BestBid - (100 * rig.Tick), 10);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working);
        rig.Amend(rests, rig.BestBid - (200 * rig.Tick), 20);
        rig.Until(() => rig.Orders[rests].State == OrderState.Working && rig.Orders[rests].Quantity == 20);
        rig.Cancel(rests);
        rig.Until(() => rig.Orders[rests].State == OrderState.Cancelled);

        // A market order: filled.
        OrderId takes = rig.New(Side.Buy, OrderType.Market, 0, 10);
        rig.Until(() => rig.Orders[takes].HasEnded);
        Assert.Equal(10, rig.Orders[takes].Filled);
        rig.Until(() => rig.Position == 10);

        // Each command was answered once, and the next read-back agrees.
        Assert.All(rig.Answers, answer => Assert.Equal(Outcome.Sent, answer.Outcome));
        Assert.Equal(rig.Commands, rig.Answers.Count);
        rig.AskReadBack();
        long passes = rig.Account.ReadBackPasses;
        rig.Until(() => rig.Account.ReadBackPasses > passes && rig.Account.NextDue == long.MaxValue);
        Assert.Contains(rig.Events, e => e.Kind == EventKind.PositionReport && (e.Flags & EventFlags.ReadBack) != 0
            && e.PositionReport.Quantity == 10);
        Assert.Contains(rig.Events, e => e.Kind == EventKind.Trade);
        Assert.Contains(rig.Events, e => e.Kind == EventKind.DerivativePrices);
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
        using BybitRig rig = new(sandbox);
        rig.Until(() => rig.Account.IsReady && rig.Account.TradeState == LinkState.Live && rig.BestBid > 0);
        OrderId order = rig.New(Side.Buy, OrderType.Limit, rig.BestBid - (100 * rig.Tick), 10);
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
        using BybitRig rig = new(sandbox, "wrong");
        rig.Run(2);
        Assert.False(rig.Account.IsReady);
        Assert.NotEqual(LinkState.Live, rig.Account.AccountState);
        Assert.Null(rig.Account.Key);
    }
}

/// <summary>An account and its market data on real sockets, driven by the test's thread.</summary>
internal sealed class BybitRig : IDisposable
{
    private const long Longest = 20;

    private static readonly InstrumentId _instrument = new(1);

    private readonly LiveClock _clock = new();
    private readonly SocketTransport _transport;
    private readonly Dictionary<OrderId, OrderBelief> _orders = [];
    private long _sequence = 100;

    public BybitRig(SandboxServer sandbox, string? secret = null)
    {
        _transport = new SocketTransport(_clock);
        string stream = sandbox.WebSocket.ToString().TrimEnd('/');
        InstrumentTable instruments = new();
        BybitSettings settings = new()
        {
            Hosts = new BybitHosts(sandbox.Http.ToString().TrimEnd('/'), stream + "/v5/public", stream + "/v5/private", stream + "/v5/trade"),
            Instance = 5,
            Instruments = [new BybitInstrument(_instrument, "BTCUSDT", InstrumentKind.Linear)],
        };
        Account = new BybitVenue(
            settings, Credentials.Of("sandbox-key-1", secret ?? "sandbox-secret-1"), instruments, _transport, new KillLatch());
        Market = new BybitMarketData(settings, instruments, _transport);
    }

    public BybitVenue Account { get; }

    public BybitMarketData Market { get; }

    public List<Event> Events { get; } = [];

    public List<CommandOutcome> Answers { get; } = [];

    public IReadOnlyDictionary<OrderId, OrderBelief> Orders => _orders;

    public int Commands { get; private set; }

    public long BestBid { get; private set; }

    public long Tick { get; private set; }

    public long Position { get; private set; }

    public void Dispose() => _transport.Dispose();

    public OrderId New(Side side, OrderType type, long price, long quantity)
    {
        OrderId order = OrderId.Of(1, ++_sequence, 0);
        _orders.Add(order, new OrderBelief(order, price, quantity));
        Submit(new Command
        {
            Order = order,
            Instrument = _instrument,
            Verb = CommandVerb.New,
            Side = side,
            Type = type,
            TimeInForce = type == OrderType.Market ? TimeInForce.ImmediateOrCancel : TimeInForce.GoodTillCancel,
            Price = price,
            Quantity = quantity,
        });
        return order;
    }

    public void Amend(OrderId order, long price, long quantity)
    {
        Command command = new()
        {
            Order = order,
            Instrument = _instrument,
            Verb = CommandVerb.Amend,
            Price = price,
            Quantity = quantity,
        };
        _orders[order].Ask(command);
        Submit(command);
    }

    public void Cancel(OrderId order)
    {
        Command command = new() { Order = order, Instrument = _instrument, Verb = CommandVerb.Cancel };
        _orders[order].Ask(command);
        Submit(command);
    }

    public void AskReadBack()
    {
        Event e = new() { ReceivedAt = _clock.Now, Source = EventSource.Engine, Flags = EventFlags.Whole };
        e.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = EventSource.Bybit });
        Account.OnEvent(e);
    }

    public void Run(double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            Cycle();
        }
    }

    public void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Cycle();
            Assert.True(
                Stopwatch.GetElapsedTime(start).TotalSeconds < Longest,
                $"gate {Account.Gate}, stream {Account.AccountState}, orders {Account.TradeState}, key {Account.Key}, passes {Account.ReadBackPasses}, failed {Account.ReadBackFailures}, unresolved {Account.Unresolved}, {string.Join(", ", _orders.Values.Select(order => order.State))}");
        }
    }

    private void Cycle()
    {
        Event e = default;
        long now = _clock.Now;
        bool any = false;
        while (Account.Poll(now, ref e) || Market.Poll(now, ref e))
        {
            Take(e);
            any = true;
        }

        if (!any)
        {
            Thread.Yield();
        }
    }

    private void Submit(in Command command)
    {
        Commands++;
        Account.Submit(command, ++_sequence, _clock.Now);
    }

    private void Take(in Event e)
    {
        Account.OnEvent(e);
        Events.Add(e);
        OrderId order = OrderId.None;
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                Tick = e.InstrumentDefined.Tick;
                break;
            case EventKind.BookLevels when e.BookLevels.Count > 0 && (e.Flags & EventFlags.First) != 0:
                BestBid = BestBid == 0 ? e.BookLevels.BasePrice : BestBid;
                break;
            case EventKind.CommandOutcome:
                order = e.CommandOutcome.Order;
                Answers.Add(e.CommandOutcome);
                break;
            case EventKind.OrderReport:
                order = e.OrderReport.Order;
                break;
            case EventKind.PositionReport:
                Position = e.PositionReport.Quantity;
                break;
            case EventKind.Execution:
                order = e.Execution.Order;
                break;
        }

        if (_orders.TryGetValue(order, out OrderBelief? belief))
        {
            belief.Fold(e);
        }
    }
}
