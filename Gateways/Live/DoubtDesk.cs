using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Finds out what became of commands in doubt, by evidence alone: an order that is found, or two reads of every place where it
/// could be, apart in time, both after the request can have had any effect, while the stream that would tell of the order was
/// in use and was heard. Time alone proves nothing.
/// </summary>
internal sealed class DoubtDesk
{
    /// <summary>Nanoseconds that the stream has to tell by itself before anything is asked.</summary>
    internal const long Patience = 150_000_000;

    /// <summary>Nanoseconds between rounds that prove nothing yet.</summary>
    internal const long RoundWait = 400_000_000;

    /// <summary>Nanoseconds of the longest pause after look-ups that failed.</summary>
    internal const long FailureWaitMax = 8_000_000_000;

    /// <summary>Orders that were proven absent and are watched for a late acceptance.</summary>
    internal const int WatchMax = 256;

    /// <summary>Pages of one look-up; a longer one has failed.</summary>
    internal const int PagesMax = 64;

    private readonly IVenueWire _wire;
    private readonly EventOutbox _outbox;
    private readonly CommandDesk _desk;
    private readonly OrderId[] _watched = new OrderId[WatchMax];
    private long _watchCount;

    internal DoubtDesk(IVenueWire wire, EventOutbox outbox, CommandDesk desk)
    {
        _wire = wire;
        _outbox = outbox;
        _desk = desk;
    }

    /// <summary>Commands that came into doubt.</summary>
    internal long Entered { get; private set; }

    /// <summary>Orders that were proven absent.</summary>
    internal long ProvenAbsent { get; private set; }

    /// <summary>Orders that appeared after they had been proven absent: cancelled, and to be alarmed.</summary>
    internal long LateAcceptances { get; private set; }

    /// <summary>A command comes into doubt.</summary>
    internal void Enter(ref CommandSlot slot, long now)
    {
        Entered++;
        slot.Phase = CommandPhase.Doubt;
        slot.ProofFrom = slot.AskedAt + _wire.ProofDelay;
        slot.AskNext = now + Patience;
        slot.Deadline = now + _wire.AbsenceHold;
        slot.Step = 0;
        slot.AbsentSince = 0;
        slot.AbsentAt = 0;
        slot.Found = default;
        slot.IsFound = false;
        slot.Trail = default;
        slot.HasFills = false;
        slot.IsAsking = false;
    }

    /// <summary>Asks on, when its time has come.</summary>
    /// <param name="index">The command.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Poll(int index, long now)
    {
        ref CommandSlot slot = ref _desk.Table[index];
        if (slot.IsAsking || now < slot.AskNext)
        {
            return;
        }

        slot.IsAsking = _wire.TryLookup(slot, default, now);
        if (!slot.IsAsking)
        {
            slot.AskNext = now + RoundWait;
        }
    }

    /// <summary>A look-up gave no answer that can be believed: it proves nothing, and the round begins anew.</summary>
    /// <param name="number">The number of the command's request.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnFailed(long number, long now)
    {
        if (!TryFind(number, out int index))
        {
            return;
        }

        Fail(ref _desk.Table[index], now);
    }

    /// <summary>A page of a look-up came.</summary>
    /// <param name="number">The number of the command's request.</param>
    /// <param name="batch">The reports of the page; executions among them are published by the caller before.</param>
    /// <param name="nextCursor">Where it goes on; empty after the last page.</param>
    /// <param name="venueTime">The venue's time of the answer.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnAnswer(long number, EventBatch batch, ReadOnlySpan<byte> nextCursor, long venueTime, long now)
    {
        if (!TryFind(number, out int index))
        {
            return;
        }

        ref CommandSlot slot = ref _desk.Table[index];
        if (slot.Step == 0 && slot.Trail.Pages == 0)
        {
            // The earliest time of a round is what it proves.
            slot.AbsentAt = venueTime;
        }

        foreach (ref readonly Event e in batch.Events)
        {
            if (e.Kind == EventKind.OrderReport && !slot.IsFound && slot.IsAbout(e.OrderReport.Order, e.OrderReport.VenueOrder))
            {
                slot.IsFound = true;
                slot.Found = e.OrderReport;
                slot.FoundAt = e.VenueTime;
            }

            slot.HasFills |= e.Kind == EventKind.Execution && !e.Execution.Order.IsNone && e.Execution.Order == slot.Command.Order;
        }

        int last = _wire.LookupSteps(slot.Command.Verb) - 1;
        if (!nextCursor.IsEmpty && (!slot.IsFound || slot.Step == last))
        {
            // There is one order of an id, and any number of executions.
            slot.IsAsking = slot.Trail.TryFollow(nextCursor, PagesMax) && _wire.TryLookup(slot, nextCursor, now);
            if (!slot.IsAsking)
            {
                Fail(ref slot, now);
            }

            return;
        }

        slot.Failures = 0;
        slot.Trail = default;
        if (slot.Step < last && (!slot.IsFound || slot.Found.CumulativeQuantity > 0))
        {
            // Executions come before the state that counts them.
            slot.Step = slot.IsFound ? last : slot.Step + 1;
            slot.AskNext = now;
        }
        else if (slot.IsFound)
        {
            Conclude(index, now);
        }
        else if (slot.HasFills)
        {
            // It has worked, whatever the lists of orders say: its state will be there soon.
            NextRound(ref slot, now);
            slot.AbsentSince = 0;
        }
        else if (IsProof(ref slot, now) && now >= slot.Deadline)
        {
            Absent(index, now);
        }
        else
        {
            NextRound(ref slot, now);
        }
    }

    /// <summary>An order that was proven absent and works after all is cancelled at once.</summary>
    internal void OnReport(in Event e, long now)
    {
        if (e.Kind != EventKind.OrderReport || e.OrderReport.Status != OrderStatus.Accepted || e.OrderReport.Order.IsNone)
        {
            return;
        }

        long kept = Math.Min(_watchCount, WatchMax);
        for (int i = 0; i < kept; i++)
        {
            if (_watched[i] == e.OrderReport.Order)
            {
                _watched[i] = OrderId.None;
                LateAcceptances++;
                _desk.CancelOwn(e.OrderReport.Order, e.Instrument, e.OrderReport.VenueOrder, now);
                return;
            }
        }
    }

    private static void Fail(ref CommandSlot slot, long now)
    {
        slot.Step = 0;
        slot.Found = default;
        slot.IsFound = false;
        slot.Trail = default;
        slot.HasFills = false;
        slot.Failures++;
        slot.AskNext = now + Math.Min(FailureWaitMax, RoundWait << Math.Min(slot.Failures, 6));
    }

    private bool TryFind(long number, out int index)
    {
        bool found = _desk.Table.TryFind(number, out index) && _desk.Table[index].Phase == CommandPhase.Doubt;
        if (found)
        {
            _desk.Table[index].IsAsking = false;
        }

        return found;
    }

    private void NextRound(ref CommandSlot slot, long now)
    {
        slot.Step = 0;
        slot.Found = default;
        slot.IsFound = false;
        slot.HasFills = false;
        slot.AskNext = Math.Max(now + RoundWait, slot.AbsentSince == 0 ? 0 : slot.AbsentSince + _wire.ReadsApart);
    }

    /// <summary>
    /// True when this round and an earlier one prove that the request has had no effect and can have none. A round counts only
    /// when its answers are younger than the request can be good for.
    /// </summary>
    private bool IsProof(ref CommandSlot slot, long now)
    {
        if (slot.AbsentAt <= slot.ProofFrom || _wire.AccountLiveSince > now)
        {
            slot.AbsentSince = 0;
            return false;
        }

        if (slot.AbsentSince == 0 || _wire.AccountLiveSince > slot.AbsentSince)
        {
            // The stream is asked, so that by the second round it has been heard.
            slot.AbsentSince = now;
            _wire.ProbeAccount(now);
            return false;
        }

        return now - slot.AbsentSince >= _wire.ReadsApart && _wire.AccountHeardAt > slot.AbsentSince;
    }

    private void Conclude(int index, long now)
    {
        ref CommandSlot slot = ref _desk.Table[index];
        ref readonly Command asked = ref slot.Command;
        OrderReport found = slot.Found;
        bool hasEnded = found.Status is OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired
            || (found.Quantity > 0 && found.CumulativeQuantity >= found.Quantity);
        bool isAsAsked = asked.Verb switch
        {
            CommandVerb.New => true,
            CommandVerb.Amend => found.Price == asked.Price && found.Quantity == asked.Quantity,
            _ => false,
        };
        if (!hasEnded && !isAsAsked && !IsProof(ref slot, now))
        {
            // A change that is not seen yet may still be on its way.
            NextRound(ref slot, now);
            return;
        }

        Publish(slot, found, now);
        if (!hasEnded && asked.Verb != CommandVerb.New)
        {
            found.Status = isAsAsked ? OrderStatus.Amended
                : asked.Verb == CommandVerb.Amend ? OrderStatus.AmendRejected
                : OrderStatus.CancelRejected;
            found.Reason = isAsAsked ? ReportReason.None : ReportReason.VenueDecision;
            Publish(slot, found, now);
        }

        if (slot.IsOwn && !hasEnded && !isAsAsked)
        {
            // What must not work is cancelled until it does not.
            OrderId order = asked.Order;
            InstrumentId instrument = asked.Instrument;
            _desk.Table.Remove(index);
            _desk.CancelOwn(order, instrument, found.VenueOrder, now);
            return;
        }

        _desk.Table.Remove(index);
    }

    private void Absent(int index, long now)
    {
        ref CommandSlot slot = ref _desk.Table[index];
        ProvenAbsent++;
        Publish(
            slot,
            new OrderReport
            {
                Order = slot.Command.Order,
                VenueOrder = slot.Command.Order.IsNone ? slot.Command.VenueOrder : VenueId.None,
                Status = OrderStatus.Cancelled,
                Reason = ReportReason.ProvenAbsent,
            },
            now);
        if (!slot.Command.Order.IsNone)
        {
            _watched[_watchCount++ % WatchMax] = slot.Command.Order;
        }

        _desk.Table.Remove(index);
    }

    private void Publish(in CommandSlot slot, in OrderReport report, long now)
    {
        Event e = _desk.Header(slot, now);
        e.VenueTime = slot.FoundAt;
        e.Set(report);
        _outbox.Add(e);
    }
}
