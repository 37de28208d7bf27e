using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using LowLatency.Sandbox;
using LowLatency.Tests.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>Accounts at the local exchange.</summary>
internal static class LiveRig
{
    public static readonly InstrumentId Instrument = new(1);

    public static LiveRig<BybitVenue> Bybit(SandboxServer sandbox, string secret = "sandbox-secret-1")
    {
        LiveClock clock = new();
        SocketTransport transport = new(clock, new KillLatch());
        string stream = Text(sandbox.WebSocket);
        InstrumentTable instruments = new();
        BybitSettings settings = new()
        {
            Hosts = new BybitHosts(Text(sandbox.Http), stream + "/v5/public", stream + "/v5/private", stream + "/v5/trade"),
            Instance = 5,
            Instruments = [new BybitInstrument(Instrument, "BTCUSDT", InstrumentKind.Linear)],
        };
        return new LiveRig<BybitVenue>(
            new BybitVenue(settings, Credentials.Of("sandbox-key-1", secret), instruments, transport, new KillLatch()),
            new BybitMarketData(settings, instruments, transport),
            transport,
            clock);
    }

    public static LiveRig<AlpacaVenue> Alpaca(SandboxServer sandbox, string symbol, InstrumentKind kind, string secret = "sandbox-secret-1")
    {
        LiveClock clock = new();
        SocketTransport transport = new(clock, new KillLatch());
        string stream = Text(sandbox.WebSocket);
        InstrumentTable instruments = new();
        AlpacaSettings settings = new()
        {
            Hosts = new AlpacaHosts(Text(sandbox.Http), stream + "/stream", stream + "/v2/iex", stream + "/v1beta3/crypto/us"),
            Instance = 5,
            Instruments = [new AlpacaInstrument(Instrument, symbol, kind)],
        };
        Credentials credentials = Credentials.Of("sandbox-key-1", secret);
        return new LiveRig<AlpacaVenue>(
            new AlpacaVenue(settings, credentials, instruments, transport, new KillLatch()),
            new AlpacaMarketData(settings, credentials, instruments, transport),
            transport,
            clock);
    }

    private static string Text(Uri address) => address.ToString().TrimEnd('/');
}

/// <summary>An account and its market data on real sockets, driven by the test's thread.</summary>
internal sealed class LiveRig<TVenue> : IDisposable
    where TVenue : LiveVenue
{
    private const long Longest = 60;


    private readonly LiveClock _clock;
    private readonly SocketTransport _transport;
    private readonly Dictionary<OrderId, OrderBelief> _orders = [];
    private long _sequence = 100;

    public LiveRig(TVenue account, IMarketFeed market, SocketTransport transport, LiveClock clock)
    {
        Account = account;
        Market = market;
        _transport = transport;
        _clock = clock;
    }

    public TVenue Account { get; }

    public IMarketFeed Market { get; }

    public List<Event> Events { get; } = [];

    public List<CommandOutcome> Answers { get; } = [];

    public IReadOnlyDictionary<OrderId, OrderBelief> Orders => _orders;

    public int Commands { get; private set; }

    private string Last => Events.FindLast(e => e.Kind == EventKind.OrderReport) is { Kind: EventKind.OrderReport } e
        ? $"{e.OrderReport.Status} {e.OrderReport.Reason} {e.OrderReport.VenueCode} of {e.OrderReport.Quantity}@{e.OrderReport.Price}, tick {Tick}, lot {Lot}, bid {BestBid}"
        : "no report";

    public long BestBid { get; private set; }

    public long Tick { get; private set; }

    public long Lot { get; private set; }

    public long Position { get; private set; }

    public void Dispose() => _transport.Dispose();

    public OrderId New(Side side, OrderType type, long price, long quantity, TimeInForce force = TimeInForce.GoodTillCancel)
    {
        OrderId order = OrderId.Of(1, ++_sequence, 0);
        _orders.Add(order, new OrderBelief(order, price, quantity));
        Submit(new Command
        {
            Order = order,
            Instrument = LiveRig.Instrument,
            Verb = CommandVerb.New,
            Side = side,
            Type = type,
            TimeInForce = force,
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
            Instrument = LiveRig.Instrument,
            Verb = CommandVerb.Amend,
            Price = price,
            Quantity = quantity,
        };
        _orders[order].Ask(command);
        Submit(command);
    }

    public void Cancel(OrderId order)
    {
        Command command = new() { Order = order, Instrument = LiveRig.Instrument, Verb = CommandVerb.Cancel };
        _orders[order].Ask(command);
        Submit(command);
    }

    public void AskReadBack()
    {
        Event e = new() { ReceivedAt = _clock.Now, Source = EventSource.Engine, Flags = EventFlags.Whole };
        e.Set(new ReadBack { Subject = ReadBackSubject.All, Stage = ReadBackStage.Asked, Venue = Account is BybitVenue ? EventSource.Bybit : EventSource.Alpaca });
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
                $"gate {Account.Gate}, passes {Account.ReadBackPasses}, failed {Account.ReadBackFailures}, unresolved {Account.Unresolved}, {Last}, {string.Join(", ", _orders.Values.Select(order => order.State))}");
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
            // The exchange runs on the same few cores.
            Thread.Sleep(1);
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
                Lot = Math.Max(e.InstrumentDefined.Lot, e.InstrumentDefined.MinQuantity);
                break;
            case EventKind.Quote when e.Quote.BidPrice > 0:
                BestBid = BestBid == 0 ? e.Quote.BidPrice : BestBid;
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
