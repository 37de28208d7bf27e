using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Takes commands, sends each of them at most once, and answers each exactly once: Sent, NotSent or Unknown. What the venue
/// says of the order follows after the answer. A command whose bytes may have left is never sent again.
/// </summary>
internal sealed class CommandDesk
{
    /// <summary>Nanoseconds to wait for the answer to a request.</summary>
    internal const long AnswerWait = 2_000_000_000;

    /// <summary>Nanoseconds to wait for the venue's report after it has taken a request.</summary>
    internal const long ReportWait = 3_000_000_000;

    private readonly IVenueWire _wire;
    private readonly EventOutbox _outbox;
    private readonly KillLatch _kill;
    private readonly CommandTable _table = new();
    private long _serial;

    /// <summary>Creates the desk.</summary>
    internal CommandDesk(IVenueWire wire, EventOutbox outbox, KillLatch kill)
    {
        _wire = wire;
        _outbox = outbox;
        _kill = kill;
        Doubts = new DoubtDesk(wire, outbox, this);
    }

    /// <summary>What became of commands in doubt.</summary>
    internal DoubtDesk Doubts { get; }

    /// <summary>The commands of which something is expected.</summary>
    internal CommandTable Table => _table;

    /// <summary>Why nothing that adds may be sent; none when it may.</summary>
    internal ReportReason Gate { get; set; } = ReportReason.NotConnected;

    /// <summary>Answers that belong to nothing that is expected: late, doubled, or of a stranger.</summary>
    internal long StrayAnswers { get; private set; }

    /// <summary>Numbers requests: they rise, and a new run begins above those of the last.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>The number.</returns>
    internal long NextNumber(long now)
    {
        // Milliseconds with room for a thousand requests in each: never a number of an earlier run.
        const long numbersOfNanosecond = 1_000;
        _serial = _serial == 0 ? now / numbersOfNanosecond : _serial + 1;
        return _serial;
    }

    /// <summary>Takes a command of the order stage.</summary>
    /// <param name="command">The command.</param>
    /// <param name="sequence">The event that caused it.</param>
    /// <param name="askedAt">ReceivedAt of that event: the command's age counts from there.</param>
    /// <param name="now">Nanoseconds since 1970 UTC, not earlier.</param>
    internal void Submit(in Command command, long sequence, long askedAt, long now) =>
        Take(command, sequence, askedAt, now, isOwn: false);

    /// <summary>Cancels an order that was believed never to have worked.</summary>
    /// <param name="order">The order.</param>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="venueOrder">The venue's id of it.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void CancelOwn(OrderId order, InstrumentId instrument, VenueId venueOrder, long now) =>
        Take(
            new Command { Order = order, Instrument = instrument, VenueOrder = venueOrder, Verb = CommandVerb.Cancel },
            order.Sequence,
            now,
            now,
            isOwn: true);

    /// <summary>Takes over an order that an earlier process may have sent; nobody waits for an answer to it any more.</summary>
    /// <param name="order">The order.</param>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="askedAt">The latest time that a request about it may carry.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when there is no room for it.</returns>
    internal bool TryTakeOver(OrderId order, InstrumentId instrument, long askedAt, long now)
    {
        if (!_table.TryAdd(out int index))
        {
            return false;
        }

        ref CommandSlot slot = ref _table[index];
        slot = new CommandSlot
        {
            Command = new Command { Order = order, Instrument = instrument, Verb = CommandVerb.New },
            Sequence = order.Sequence,
            Number = NextNumber(now),
            AskedAt = askedAt,
            IsAnswered = true,
        };
        Doubts.Enter(ref slot, now);
        return true;
    }

    /// <summary>One duty cycle: the kill switch, what waits, what has waited too long, what is in doubt.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Poll(long now)
    {
        _table.Compact();
        Dispatch(now, cancels: true);
        Dispatch(now, cancels: false);
        for (int i = 0; i < _table.Count; i++)
        {
            ref CommandSlot slot = ref _table[i];
            if (slot.Phase is CommandPhase.InFlight or CommandPhase.Taken && now >= slot.Deadline)
            {
                Answer(ref slot, Outcome.Unknown, ReportReason.None, now);
                Doubts.Enter(ref slot, now);
            }
            else if (slot.Phase == CommandPhase.Doubt)
            {
                Doubts.Poll(i, now);
            }
        }
    }

    /// <summary>The venue has answered a request.</summary>
    /// <param name="number">The request's number.</param>
    /// <param name="rule">What the answer means.</param>
    /// <param name="code">The venue's number of it.</param>
    /// <param name="venueTime">The venue's time; 0 when it gave none.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnAnswer(long number, AnswerRule rule, int code, long venueTime, long now)
    {
        if (!_table.TryFind(number, out int index))
        {
            StrayAnswers++;
            return;
        }

        ref CommandSlot slot = ref _table[index];
        if (slot.Phase is CommandPhase.Waiting or CommandPhase.Taken)
        {
            StrayAnswers++;
            return;
        }

        AnswerMeaning meaning = rule.Meaning == AnswerMeaning.Gone && slot.Command.Verb == CommandVerb.New
            ? AnswerMeaning.Unclear
            : rule.Meaning;
        bool wasInFlight = slot.Phase == CommandPhase.InFlight;
        if (!wasInFlight && meaning is AnswerMeaning.Gone or AnswerMeaning.Unclear)
        {
            // Evidence is looked for already.
            StrayAnswers++;
            return;
        }

        switch (meaning)
        {
            case AnswerMeaning.Taken:
                Answer(ref slot, Outcome.Sent, ReportReason.None, now);
                if (wasInFlight)
                {
                    slot.Phase = CommandPhase.Taken;
                    slot.Deadline = now + ReportWait;
                }

                break;
            case AnswerMeaning.Unclear:
                Answer(ref slot, Outcome.Unknown, rule.Reason, now);
                Doubts.Enter(ref slot, now);
                break;
            default:
                Answer(ref slot, Outcome.Sent, ReportReason.None, now);
                Refuse(slot, rule.Reason, code, venueTime, now);
                if (meaning == AnswerMeaning.Refused)
                {
                    _table.Remove(index);
                }
                else
                {
                    // The order is not there as working: whether it was filled, ended or never came is looked up.
                    Doubts.Enter(ref slot, now);
                }

                break;
        }
    }

    /// <summary>The transport says that no byte of a request left: it may be sent while it is young, and while it is allowed.</summary>
    /// <param name="number">The request's number.</param>
    internal void OnNotSent(long number)
    {
        if (_table.TryFind(number, out int index) && _table[index].Phase == CommandPhase.InFlight)
        {
            Wait(ref _table[index], ReportReason.NotConnected);
        }
    }

    /// <summary>The transport does not know whether a request has arrived.</summary>
    /// <param name="number">The request's number.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnUnknown(long number, long now)
    {
        if (_table.TryFind(number, out int index) && _table[index].Phase == CommandPhase.InFlight)
        {
            Answer(ref _table[index], Outcome.Unknown, ReportReason.None, now);
            Doubts.Enter(ref _table[index], now);
        }
    }

    /// <summary>The order-entry connection is gone: what was sent on it and not answered may have arrived.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnStreamLost(long now)
    {
        for (int i = 0; i < _table.Count; i++)
        {
            ref CommandSlot slot = ref _table[i];
            if (slot.Phase == CommandPhase.InFlight && slot.Channel == CommandChannel.Stream)
            {
                Answer(ref slot, Outcome.Unknown, ReportReason.None, now);
                Doubts.Enter(ref slot, now);
            }
        }
    }

    /// <summary>
    /// Looks at what the venue's stream says of an order before it is published: what proves that a command has arrived answers
    /// it, and ends what was expected of it.
    /// </summary>
    /// <param name="e">An order report or an execution.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnReport(in Event e, long now)
    {
        OrderId order = e.Kind == EventKind.Execution ? e.Execution.Order : e.OrderReport.Order;
        VenueId venueOrder = e.Kind == EventKind.Execution ? VenueId.None : e.OrderReport.VenueOrder;

        for (int i = 0; i < _table.Count; i++)
        {
            ref CommandSlot slot = ref _table[i];
            if (slot.Phase is CommandPhase.InFlight or CommandPhase.Taken or CommandPhase.Doubt
                && slot.IsAbout(order, venueOrder) && Proves(e, slot.Command))
            {
                Answer(ref slot, Outcome.Sent, ReportReason.None, now);
                _table.Remove(i);
            }
        }

        Doubts.OnReport(e, now);
    }

    /// <summary>Answers a command, once.</summary>
    /// <param name="slot">The command.</param>
    /// <param name="outcome">What happened.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Answer(ref CommandSlot slot, Outcome outcome, ReportReason reason, long now)
    {
        if (slot.IsAnswered || slot.IsOwn)
        {
            return;
        }

        slot.IsAnswered = true;
        Event answer = Header(slot, now);
        answer.Set(new CommandOutcome
        {
            Order = slot.Command.Order,
            CommandSequence = slot.Sequence,
            Verb = slot.Command.Verb,
            Outcome = outcome,
            Reason = reason,
        });
        _outbox.Add(answer);
    }

    /// <summary>The head of an event about a command.</summary>
    internal Event Header(in CommandSlot slot, long now) => new()
    {
        ReceivedAt = now,
        Instrument = slot.Command.Instrument,
        Source = _wire.Source,
        Flags = EventFlags.Whole,
    };

    private static bool Proves(in Event e, in Command command)
    {
        if (command.Verb == CommandVerb.New)
        {
            return true;
        }

        if (e.Kind == EventKind.Execution)
        {
            return false;
        }

        ref readonly OrderReport report = ref e.OrderReport;
        return report.Status is OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired
            || (command.Verb == CommandVerb.Cancel && report.Status == OrderStatus.CancelRejected)
            || (command.Verb == CommandVerb.Amend && report.Status == OrderStatus.AmendRejected)
            || (command.Verb == CommandVerb.Amend && report.Status == OrderStatus.Amended
                && report.Price == command.Price && report.Quantity == command.Quantity);
    }

    private void Take(in Command command, long sequence, long askedAt, long now, bool isOwn)
    {
        bool isCancel = command.Verb == CommandVerb.Cancel;
        CommandSlot slot = new()
        {
            Command = command,
            Sequence = sequence,
            IsOwn = isOwn,

            // A late cancel does no harm; a late order does.
            AskedAt = isCancel ? now : askedAt,
            Phase = CommandPhase.Waiting,
            WaitsFor = ReportReason.NotConnected,
        };
        slot.Deadline = slot.AskedAt + _wire.TimeToLive;
        ReportReason closed = isCancel ? CancelWaiting(slot, now)
            : _kill.IsSet ? ReportReason.Killed
            : Gate != ReportReason.None ? Gate
            : now > slot.Deadline ? ReportReason.ClockOff
            : ReportReason.None;
        if (closed == ReportReason.None)
        {
            if (_table.TryAdd(out int index))
            {
                _table[index] = slot;
                if (!IsOvertaking(index))
                {
                    Send(index, now);
                }

                return;
            }

            closed = ReportReason.LimitReached;
        }

        Answer(ref slot, Outcome.NotSent, closed, now);
    }

    /// <summary>What an order still waits to have sent is not sent before its cancel.</summary>
    /// <returns>None when there is something to cancel.</returns>
    private ReportReason CancelWaiting(in CommandSlot cancel, long now)
    {
        ReportReason result = ReportReason.None;
        for (int i = 0; i < _table.Count; i++)
        {
            ref CommandSlot slot = ref _table[i];
            if (slot.Phase == CommandPhase.Waiting && slot.Command.Verb != CommandVerb.Cancel
                && cancel.IsAbout(slot.Command.Order, slot.Command.VenueOrder))
            {
                result = slot.Command.Verb == CommandVerb.New ? ReportReason.UnknownOrder : result;
                Answer(ref slot, Outcome.NotSent, ReportReason.Requested, now);
                _table.Remove(i);
            }
        }

        return result;
    }

    /// <summary>True when something of the same order waits before it.</summary>
    private bool IsOvertaking(int index)
    {
        for (int i = 0; i < index; i++)
        {
            if (_table[i].Phase == CommandPhase.Waiting
                && _table[index].IsAbout(_table[i].Command.Order, _table[i].Command.VenueOrder))
            {
                return true;
            }
        }

        return false;
    }

    private void Dispatch(long now, bool cancels)
    {
        for (int i = 0; i < _table.Count; i++)
        {
            ref CommandSlot slot = ref _table[i];
            if (slot.Phase != CommandPhase.Waiting || slot.Command.Verb == CommandVerb.Cancel != cancels)
            {
                continue;
            }

            ReportReason closed = cancels ? ReportReason.None : _kill.IsSet ? ReportReason.Killed : Gate;
            if (closed == ReportReason.None && now > slot.Deadline)
            {
                closed = slot.WaitsFor;
            }

            if (closed != ReportReason.None)
            {
                Answer(ref slot, Outcome.NotSent, closed, now);
                _table.Remove(i);
            }
            else if (!IsOvertaking(i))
            {
                Send(i, now);
            }
        }
    }

    private void Send(int index, long now)
    {
        ref CommandSlot slot = ref _table[index];
        slot.Number = NextNumber(now);
        switch (_wire.TrySend(ref slot, now))
        {
            case WireSend.InFlight:
                slot.Phase = CommandPhase.InFlight;
                slot.SentAt = now;
                slot.Deadline = now + AnswerWait;
                break;
            case WireSend.Unsupported:
                Answer(ref slot, Outcome.NotSent, ReportReason.Unsupported, now);
                _table.Remove(index);
                break;
            case WireSend.NoBudget:
                Wait(ref slot, ReportReason.RateLimited);
                break;
            default:
                Wait(ref slot, ReportReason.NotConnected);
                break;
        }
    }

    private void Wait(ref CommandSlot slot, ReportReason reason)
    {
        slot.Phase = CommandPhase.Waiting;
        slot.WaitsFor = reason;
        slot.Number = 0;
        slot.Deadline = slot.AskedAt + _wire.TimeToLive;
    }

    private void Refuse(in CommandSlot slot, ReportReason reason, int code, long venueTime, long now)
    {
        Event report = Header(slot, now);
        report.VenueTime = venueTime;
        report.Set(new OrderReport
        {
            Order = slot.Command.Order,
            VenueOrder = slot.Command.Order.IsNone ? slot.Command.VenueOrder : VenueId.None,
            Status = slot.Command.Verb switch
            {
                CommandVerb.New => OrderStatus.Rejected,
                CommandVerb.Amend => OrderStatus.AmendRejected,
                _ => OrderStatus.CancelRejected,
            },
            Reason = reason,
            VenueCode = code,
        });
        _outbox.Add(report);
    }
}
