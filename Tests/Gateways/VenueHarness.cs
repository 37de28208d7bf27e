using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>
/// Drives a venue on a virtual clock by the rule of every driver: all inputs up to T, then the reports due at T, then
/// later inputs. It publishes what it polls and checks what must hold for every report of every venue.
/// </summary>
internal sealed class VenueHarness
{
    private readonly IVenue _venue;
    private readonly List<Event> _reports = [];
    private readonly List<long> _submitted = [];
    private long _sequence;
    private long _orders;

    internal VenueHarness(IVenue venue) => _venue = venue;

    internal long Now { get; private set; }

    internal IReadOnlyList<Event> Reports => _reports;

    internal IVenue Venue => _venue;

    internal void Show(long at, params Event[] inputs)
    {
        Advance(at);
        foreach (Event input in inputs)
        {
            Publish(input, at);
        }
    }

    internal void Send(long at, Command command)
    {
        Advance(at);
        Event cause = default;
        cause.Set(new Tick { Number = 1, Interval = 1 });
        cause.Source = EventSource.Clock;
        cause.Flags = EventFlags.Whole;
        Publish(cause, at);
        _submitted.Add(_sequence - 1);
        _venue.Submit(command, _sequence - 1, at);
    }

    internal OrderId Market(
        long at, Side side, long quantity, TimeInForce time = TimeInForce.ImmediateOrCancel,
        OrderFlags flags = OrderFlags.None)
    {
        Command command = NewOrder(side, quantity, 0, OrderType.Market, time, flags);
        Send(at, command);
        return command.Order;
    }

    internal OrderId Limit(
        long at, Side side, long quantity, long price, TimeInForce time = TimeInForce.GoodTillCancel,
        OrderFlags flags = OrderFlags.None)
    {
        Command command = NewOrder(side, quantity, price, OrderType.Limit, time, flags);
        Send(at, command);
        return command.Order;
    }

    /// <summary>An order that sleeps, or one for an auction.</summary>
    internal OrderId Sleeper(
        long at, Side side, long quantity, OrderType type, long trigger = 0, long price = 0, long trailing = 0,
        TimeInForce time = TimeInForce.GoodTillCancel, OrderFlags flags = OrderFlags.None)
    {
        Command command = NewOrder(side, quantity, price, type, time, flags);
        command.TriggerPrice = trigger;
        command.TrailingOffset = trailing;
        Send(at, command);
        return command.Order;
    }

    internal void Amend(long at, OrderId order, long quantity, long price, long trigger = 0) => Send(at, new Command
    {
        Order = order,
        Instrument = MarketScript.Instrument,
        Verb = CommandVerb.Amend,
        Quantity = quantity,
        Price = price,
        TriggerPrice = trigger,
    });

    internal void Cancel(long at, OrderId order) => Send(at, new Command
    {
        Order = order,
        Instrument = MarketScript.Instrument,
        Verb = CommandVerb.Cancel,
    });

    internal Command NewOrder(
        Side side, long quantity, long price, OrderType type, TimeInForce time, OrderFlags flags = OrderFlags.None) =>
        new()
        {
            Order = OrderId.Of(1, ++_orders, 0),
            Instrument = MarketScript.Instrument,
            Verb = CommandVerb.New,
            Side = side,
            Type = type,
            TimeInForce = time,
            Flags = flags,
            Quantity = quantity,
            Price = price,
        };

    /// <summary>Takes every report due before <paramref name="at"/>, then sets the clock.</summary>
    internal void Advance(long at)
    {
        Assert.True(at >= Now, "a case must not run backwards");
        Drain(at - 1);
        Now = at;
    }

    /// <summary>Takes every report due up to <paramref name="until"/>.</summary>
    internal void Run(long until)
    {
        Drain(until);
        Now = Math.Max(Now, until);
    }

    /// <summary>Takes all reports there are.</summary>
    internal void Finish()
    {
        Drain(long.MaxValue - 1);
    }

    /// <summary>What was said about an order, in order, the outcomes of its commands included.</summary>
    internal string[] Of(OrderId order)
    {
        List<string> lines = [];
        foreach (Event report in _reports)
        {
            if (OrderOf(report) == order)
            {
                lines.Add(Text(report));
            }
        }

        return [.. lines];
    }

    /// <summary>As <see cref="Of"/>, without the outcomes.</summary>
    internal string[] SaidOf(OrderId order) => Array.FindAll(Of(order), line => !line.StartsWith("Sent ", StringComparison.Ordinal));

    internal Event[] FillsOf(OrderId order) =>
        _reports.FindAll(r => r.Kind == EventKind.Execution && r.Execution.Order == order).ToArray();

    internal static OrderId OrderOf(in Event report) => report.Kind switch
    {
        EventKind.CommandOutcome => report.CommandOutcome.Order,
        EventKind.OrderReport => report.OrderReport.Order,
        EventKind.Execution => report.Execution.Order,
        _ => OrderId.None,
    };

    /// <summary>
    /// A report in a few words: <c>Sent New</c>, <c>Accepted</c>, <c>Amended 50 @ 9995</c>, <c>Rejected PriceOffTick</c>,
    /// <c>Taker 100 @ 10005 (100)</c>, <c>Cancelled Requested (100)</c>; in brackets the cumulative quantity.
    /// </summary>
    internal static string Text(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.CommandOutcome:
                CommandOutcome outcome = e.CommandOutcome;
                return $"{outcome.Outcome} {outcome.Verb}" + Reason(outcome.Reason);
            case EventKind.OrderReport:
                OrderReport word = e.OrderReport;
                return word.Status + (word.Status == OrderStatus.Amended ? $" {word.Quantity} @ {word.Price}" : "")
                    + Reason(word.Reason) + (word.CumulativeQuantity > 0 ? $" ({word.CumulativeQuantity})" : "");
            default:
                Execution fill = e.Execution;
                return $"{fill.Liquidity} {fill.Quantity} @ {fill.Price} ({fill.CumulativeQuantity})";
        }
    }

    private static string Reason(ReportReason reason) => reason == ReportReason.None ? "" : " " + reason;

    private void Drain(long until)
    {
        while (_venue.NextDue <= until)
        {
            long due = _venue.NextDue;
            Event report = default;
            Assert.False(_venue.Poll(due - 1, ref report), "a report came before it was due");
            Assert.True(_venue.Poll(due, ref report), "NextDue named a report that did not come");
            Assert.Equal(due, report.ReceivedAt);
            Assert.True(due >= Now, "a report was due before an input that was shown already");
            Assert.Equal(0, report.Sequence);
            Assert.Equal(EventFlags.Whole, report.Flags & ~EventFlags.ReadBack);
            Assert.True(report.Kind is EventKind.CommandOutcome or EventKind.OrderReport or EventKind.Execution
                or EventKind.CashBooked or EventKind.ReadBack
                || ((report.Flags & EventFlags.ReadBack) != 0
                    && report.Kind is EventKind.PositionReport or EventKind.BalanceReport));
            Now = due;
            _reports.Add(report);
            Publish(report, due);
        }

        Event none = default;
        Assert.False(_venue.Poll(until, ref none), "a report was due that NextDue did not name");
    }

    private void Publish(Event e, long at)
    {
        e.Sequence = _sequence++;
        e.ReceivedAt = at;
        _venue.OnEvent(e);
    }
}
