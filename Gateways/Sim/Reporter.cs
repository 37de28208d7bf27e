using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim;

/// <summary>Writes the venue's reports: ids, and the moment at which each is due.</summary>
internal sealed class Reporter
{
    /// <summary>Upper half of the venue's ids: "SIM" in ASCII.</summary>
    internal const ulong VenueTag = 0x53494D;

    /// <summary>Executions that a read-back repeats: the latest ones.</summary>
    internal const int RecentMax = 256;

    private readonly ReportQueue _queue = new();
    private readonly Event[] _recent = new Event[RecentMax];
    private long _told;
    private readonly LatencyModel _response;
    private readonly Incidents _incidents;
    private ulong _orders;
    private ulong _executions;
    private long _happened;
    private long _lastAt = -1;
    private long _lastDue = -1;

    internal Reporter(SimulatedVenueSettings settings, Incidents incidents)
    {
        _incidents = incidents;
        _response = new LatencyModel(settings.ResponseLatency, settings.ResponseAddition, settings.Seed, 2);
    }

    internal int Free => _queue.Free;

    internal long NextDue => _queue.NextDue;

    internal bool TryTake(long now, ref Event report) => _queue.TryTake(now, ref report);

    /// <summary>
    /// When a report is due of what happens at an instant, which is not before the last one that was told of. Reports never
    /// overtake each other, and those of one instant come at one instant.
    /// </summary>
    internal long DueOf(long at) =>
        at == _lastAt ? _lastDue : Math.Max(_incidents.LineUp(at + _response.At(at)), _lastDue + 1);

    internal ulong NextVenueNumber() => ++_orders;

    internal void Succeed(ulong orders, ulong executions)
    {
        _orders = orders;
        _executions = executions;
    }

    /// <summary>What became of a command at the gateway; due 1 ns after it was handed over.</summary>
    internal void Outcome(in Command command, long sequence, long now, long number, Outcome outcome, ReportReason reason)
    {
        Event report = Header(command.Instrument, now + 1, 0);
        report.Set(new CommandOutcome
        {
            Order = command.Order,
            CommandSequence = sequence,
            Verb = command.Verb,
            Outcome = outcome,
            Reason = reason,
        });
        _queue.Add(report.ReceivedAt, number, 0, report);
    }

    /// <summary>The venue's word on a live order.</summary>
    internal void Order(
        in VenueOrder order, long at, OrderStatus status, ReportReason reason, long command, int venueCode = 0) =>
        Order(order.Instrument, at, command, new OrderReport
        {
            Order = order.Id,
            VenueOrder = new VenueId(VenueTag, order.VenueNumber),
            Price = order.Price,
            Quantity = order.Quantity,
            CumulativeQuantity = order.Filled,
            Status = status,
            Reason = reason,
            VenueCode = venueCode,
        });

    /// <summary>The venue's word on an order.</summary>
    internal void Order(InstrumentId instrument, long at, long command, in OrderReport word)
    {
        Event report = Header(instrument, Due(at), at);
        report.Set(word);
        _queue.Add(report.ReceivedAt, command, ++_happened, report);
    }

    /// <summary>A fill that the order already counts.</summary>
    internal void Execution(
        in VenueOrder order, long at, long price, long quantity, Liquidity liquidity, long fee, ExecutionMarks marks)
    {
        Event report = Header(order.Instrument, Due(at), at);
        report.Set(new Execution
        {
            Order = order.Id,
            ExecutionId = new VenueId(VenueTag, ++_executions),
            Price = price,
            Quantity = quantity,
            Fee = fee,
            CumulativeQuantity = order.Filled,
            Side = order.Side,
            Liquidity = liquidity,
            Marks = marks,
        });
        _recent[(int)(_told++ % RecentMax)] = report;
        _queue.Add(report.ReceivedAt, order.Command, ++_happened, report);
    }

    /// <summary>A position that the venue took over or ended: an execution of no order of ours.</summary>
    internal void Unasked(InstrumentId instrument, long at, Side side, long price, long quantity)
    {
        Event report = Header(instrument, Due(at), at);
        report.Set(new Execution
        {
            ExecutionId = new VenueId(VenueTag, ++_executions),
            Price = price,
            Quantity = quantity,
            CumulativeQuantity = quantity,
            Side = side,
            Liquidity = Liquidity.Taker,
        });
        _recent[(int)(_told++ % RecentMax)] = report;
        _queue.Add(report.ReceivedAt, long.MaxValue, ++_happened, report);
    }

    /// <summary>Cash that moved without a fill; before anything that an order caused at the same instant.</summary>
    internal void Booked(InstrumentId instrument, long at, in CashBooked booked)
    {
        Event report = Header(instrument, Due(at), at);
        report.Set(booked);
        _queue.Add(report.ReceivedAt, 0, ++_happened, report);
    }

    /// <summary>A read-back begins or fails at the gateway; due 1 ns after it was asked for.</summary>
    internal void ReadBack(long now, ReadBackSubject subject, ReadBackStage stage)
    {
        Event report = Header(InstrumentId.None, now + 1, 0);
        report.Set(new ReadBack { Subject = subject, Stage = stage });
        _queue.Add(report.ReceivedAt, long.MaxValue, (long)subject, report);
    }

    /// <summary>A part of the answer to a read-back.</summary>
    internal void ReadBackItem<T>(InstrumentId instrument, long at, in T part, bool isItem)
        where T : unmanaged, IPayload
    {
        Event report = Header(instrument, Due(at), at);
        report.Flags |= isItem ? EventFlags.ReadBack : EventFlags.None;
        report.Set(part);
        _queue.Add(report.ReceivedAt, long.MaxValue, ++_happened, report);
    }

    /// <summary>Repeats the latest executions as items of a read-back.</summary>
    /// <returns>How many there are.</returns>
    internal int ReadExecutions(long at)
    {
        long first = Math.Max(0, _told - RecentMax);
        for (long i = first; i < _told; i++)
        {
            Event report = _recent[(int)(i % RecentMax)];
            report.ReceivedAt = Due(at);
            report.Flags |= EventFlags.ReadBack;
            _queue.Add(report.ReceivedAt, long.MaxValue, ++_happened, report);
        }

        return (int)(_told - first);
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit<Event>(_recent);
        visitor.Visit(ref _told);
        visitor.Visit(ref _orders);
        visitor.Visit(ref _executions);
        visitor.Visit(ref _happened);
        visitor.Visit(ref _lastAt);
        visitor.Visit(ref _lastDue);
        _queue.Visit(visitor);
    }

    private long Due(long at)
    {
        Ensure.That(at >= _lastAt, "what is reported must not run backwards");
        long due = DueOf(at);
        _lastAt = at;
        _lastDue = due;
        return due;
    }

    private static Event Header(InstrumentId instrument, long receivedAt, long venueTime) => new()
    {
        ReceivedAt = receivedAt,
        VenueTime = venueTime,
        Instrument = instrument,
        Source = EventSource.SimulatedVenue,
        Flags = EventFlags.Whole,
    };
}
