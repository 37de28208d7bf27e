using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Gateways.Sim;
using LowLatency.Journal;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>What a recovery found.</summary>
/// <param name="Events">Events recovered.</param>
/// <param name="MarketEvents">Of these, events of the market input: the next run leaves so many out.</param>
/// <param name="Market">What these were: the next run must leave out the same.</param>
/// <param name="CashMoved">Of the events, entries of the opening cash.</param>
/// <param name="Now">ReceivedAt of the last one.</param>
/// <param name="Waiting">Lanes that waited for a Continue event.</param>
/// <param name="Completed">Decisions that had not reached the audit log and were written again.</param>
internal sealed record RecoveredState(
    long Events, long MarketEvents, Digest Market, int CashMoved, long Now, byte Waiting, long Completed);

/// <summary>
/// Brings pipeline and simulated venue to where a journal ends, with the gateway muted: every decision is compared with
/// the audit log and every report with what the venue says again. Decisions after the end of the audit log were never
/// sent; they are made and recorded now.
/// </summary>
internal sealed class Recovery(
    JournalDirectory directory,
    DecisionPipeline pipeline,
    SimulatedVenue venue,
    Recorder recorder,
    RunCounts counts)
{
    private Decision _decision;
    private long _completed;

    /// <summary>Runs it.</summary>
    /// <exception cref="BrokenInvariantException">A decision or a report differs, or the audit log knows later events.</exception>
    internal RecoveredState Run()
    {
        PosixStorage storage = new();
        using JournalReader journal = new(
            storage, directory.Path, new ReadOptions { To = directory.NextSequence - 1 });

        // What is decided again is appended meanwhile: only what was there is read.
        using AuditReader audit = new(storage, directory.Path, toRecord: directory.Audit.NextRecord - 1);
        AuditGroup group = new();
        bool hasGroup = Next(audit, group);
        Digest128 taken = default;
        Event e = default;
        Event again = default;
        long events = 0;
        long market = 0;
        int cash = 0;
        long now = long.MinValue;
        while (journal.Read(ref e) == ReadResult.Event)
        {
            if (e.Source == EventSource.SimulatedVenue)
            {
                Expect(e, ref again);
            }
            else if (SessionInputs.IsMarket(e))
            {
                market++;
                MarketIdentity.Add(ref taken, e);
            }
            else if (e.Kind == EventKind.CashMoved)
            {
                cash++;
            }

            pipeline.OnEvent(e, ref _decision);
            counts.Add(e, _decision);
            if (hasGroup && group.Sequence == e.Sequence)
            {
                Compare(e, group);
                hasGroup = Next(audit, group);
            }
            else if (!_decision.IsEmpty)
            {
                if (hasGroup)
                {
                    throw Differs($"the audit log has no decision of event {e.Sequence}");
                }

                recorder.Audit(e, _decision);
                _completed++;
            }

            venue.OnEvent(e);
            for (int i = 0; i < _decision.CommandCount; i++)
            {
                venue.Submit(_decision.Commands[i], e.Sequence, e.ReceivedAt);
            }

            events++;
            now = e.ReceivedAt;
        }

        if (hasGroup)
        {
            throw Differs(
                $"the audit log has a decision of event {group.Sequence}, after the journal's end: events were lost");
        }

        return new RecoveredState(events, market, taken.Finish(), cash, now, _decision.Waiting, _completed);
    }

    /// <summary>What is in the audit log must be what is decided again; a group that a crash cut is completed.</summary>
    private void Compare(in Event e, AuditGroup group)
    {
        ref Decision recorded = ref group.Decision;
        Decision made = _decision;
        if (!group.IsComplete)
        {
            made.SignalCount = Math.Min(made.SignalCount, recorded.SignalCount);
            made.SuppressionCount = Math.Min(made.SuppressionCount, recorded.SuppressionCount);
            made.IntentCount = Math.Min(made.IntentCount, recorded.IntentCount);
            made.VerdictCount = Math.Min(made.VerdictCount, recorded.VerdictCount);
            made.CommandCount = Math.Min(made.CommandCount, recorded.CommandCount);
        }

        if (AuditComparer.FirstDifference(e.Sequence, ref recorded, ref made) is { } difference)
        {
            throw Differs("recovery decides otherwise than the audit log: " + difference);
        }

        if (group.IsComplete)
        {
            recorder.Digest(e, _decision);
        }
        else
        {
            int written = recorded.SignalCount + recorded.SuppressionCount + recorded.IntentCount
                + recorded.VerdictCount + recorded.CommandCount;
            recorder.CompleteAudit(e, _decision, written);
            _completed++;
        }
    }

    private static BrokenInvariantException Differs(string message) => new(message);

    /// <summary>The venue must say again what it said.</summary>
    private void Expect(in Event recorded, ref Event again)
    {
        bool said = false;
        while (!said && venue.NextDue <= recorded.ReceivedAt)
        {
            said = venue.Poll(venue.NextDue, ref again);
        }

        again.Sequence = recorded.Sequence;
        if (!said || !Bytes(again).SequenceEqual(Bytes(recorded)))
        {
            throw Differs($"event {recorded.Sequence}: the simulated venue does not repeat its report");
        }
    }

    private static ReadOnlySpan<byte> Bytes(in Event e) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e));

    /// <summary>The next decision; checkpoints vouch for nothing that the decisions do not.</summary>
    private static bool Next(AuditReader audit, AuditGroup group)
    {
        while (audit.Read(group) == ReadResult.Event)
        {
            if (!group.IsCheckpoint)
            {
                return true;
            }
        }

        return false;
    }
}
