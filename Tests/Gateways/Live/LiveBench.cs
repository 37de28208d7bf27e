using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>A Bybit account in virtual time against the fake venue, and what the engine would make of its events.</summary>
internal sealed class LiveBench
{
    public const ushort Instance = 7;

    public static readonly InstrumentId Instrument = new(1);

    private readonly Dictionary<OrderId, OrderBelief> _orders = [];
    private long _sequence = 1_000;

    public LiveBench(
        ulong seed = 1,
        bool hasTradeStream = true,
        Func<IVirtualHost, VirtualClock, ITransport>? transport = null,
        int window = 2_000)
    {
        Venue = new FakeBybit(Clock);
        Net = new VirtualNet(Clock, Venue);
        BybitSettings settings = new()
        {
            Hosts = new BybitHosts("http://host", "ws://host/public", "ws://host/private", hasTradeStream ? "ws://host/trade" : null),
            Instance = Instance,
            Instruments = [new BybitInstrument(Instrument, "BTCUSDT", InstrumentKind.Linear)],
            Seed = seed,
            ReceiveWindow = window,
        };
        Account = new BybitVenue(
            settings, new Credentials("key"u8, "secret"u8), new InstrumentTable(), transport?.Invoke(Venue, Clock) ?? Net, Kill);
    }

    public VirtualClock Clock { get; } = new();

    public FakeBybit Venue { get; }

    public VirtualNet Net { get; }

    public KillLatch Kill { get; } = new();

    public BybitVenue Account { get; }

    public List<Event> Events { get; } = [];

    public IReadOnlyDictionary<OrderId, OrderBelief> Orders => _orders;

    /// <summary>Commands and their answers, by order, sequence and verb.</summary>
    public Dictionary<(OrderId Order, long Sequence, CommandVerb Verb), List<CommandOutcome>> Answers { get; } = [];

    /// <summary>Stands between the venue and the engine: a planted bug changes what is published.</summary>
    public Func<Event, IEnumerable<Event>>? Tamper { get; set; }

    /// <summary>Seen by each event as it is published.</summary>
    public Action<Event>? OnEvent { get; set; }

    public static string LinkOf(OrderId order)
    {
        byte[] text = new byte[36];
        return Encoding.ASCII.GetString(text, 0, order.Format(Instance, text));
    }

    /// <summary>Runs for a time, in steps.</summary>
    public void Run(long nanoseconds, long step = 10 * VirtualClock.Millisecond)
    {
        for (long end = Clock.Now + nanoseconds; Clock.Now < end;)
        {
            Clock.Advance(step);
            Drain();
        }
    }

    /// <summary>Runs until something is true.</summary>
    public bool RunUntil(Func<bool> condition, long longest, long step = 10 * VirtualClock.Millisecond)
    {
        for (long end = Clock.Now + longest; !condition();)
        {
            if (Clock.Now >= end)
            {
                return false;
            }

            Run(step, step);
        }

        return true;
    }

    public LiveBench Ready()
    {
        if (!RunUntil(() => Account.IsReady, 20 * VirtualClock.Second))
        {
            throw new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"the account did not become ready: {Account.Gate}, stream {Account.AccountState}, key {Account.Key}"));
        }

        return this;
    }

    public OrderId New(long price = 6_500_000, long quantity = 500, long age = 0)
    {
        OrderId order = OrderId.Of(3, ++_sequence, 0);
        _orders.Add(order, new OrderBelief(order, price, quantity));
        Submit(new Command
        {
            Order = order,
            Instrument = Instrument,
            Verb = CommandVerb.New,
            Side = Side.Buy,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Price = price,
            Quantity = quantity,
        }, age);
        return order;
    }

    public void Amend(OrderId order, long price, long quantity)
    {
        Command command = new()
        {
            Order = order,
            Instrument = Instrument,
            Verb = CommandVerb.Amend,
            Price = price,
            Quantity = quantity,
        };
        _orders[order].Ask(command);
        Submit(command);
    }

    public void Cancel(OrderId order)
    {
        Command command = new() { Order = order, Instrument = Instrument, Verb = CommandVerb.Cancel };
        _orders[order].Ask(command);
        Submit(command);
    }

    /// <summary>Cancels an order that has no id of ours.</summary>
    public void CancelForeign(VenueId order) =>
        Submit(new Command { VenueOrder = order, Instrument = Instrument, Verb = CommandVerb.Cancel });

    /// <summary>Takes what waits, as the engine would.</summary>
    public void Drain()
    {
        Event e = default;
        while (Account.Poll(Clock.Now, ref e))
        {
            if (Tamper is null)
            {
                Publish(e);
                continue;
            }

            foreach (Event changed in Tamper(e))
            {
                Publish(changed);
            }
        }
    }

    /// <summary>The commands of a bench, as they are handed to the account.</summary>
    private void Submit(in Command command, long age = 0)
    {
        _sequence++;
        Answers.Add((command.Order, _sequence, command.Verb), []);
        Account.Submit(command, _sequence, Clock.Now - age);
    }

    private void Publish(in Event e)
    {
        Events.Add(e);
        Account.OnEvent(e);
        OrderId order = e.Kind switch
        {
            EventKind.CommandOutcome => e.CommandOutcome.Order,
            EventKind.OrderReport => e.OrderReport.Order,
            EventKind.Execution => e.Execution.Order,
            _ => OrderId.None,
        };
        if (e.Kind == EventKind.CommandOutcome)
        {
            Answers[(order, e.CommandOutcome.CommandSequence, e.CommandOutcome.Verb)].Add(e.CommandOutcome);
        }

        if (_orders.TryGetValue(order, out OrderBelief? belief))
        {
            belief.Fold(e);
        }

        OnEvent?.Invoke(e);
    }
}
