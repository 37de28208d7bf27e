using System;
using System.IO;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Gateways.Sim;
using LowLatency.Journal;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>What a recovery found.</summary>
/// <param name="Events">Events recovered.</param>
/// <param name="MarketEvents">Of these, events of the market input: the next run leaves so many out.</param>
/// <param name="Now">ReceivedAt of the last one.</param>
/// <param name="Completed">Decisions that had not reached the audit log and were written again.</param>
internal sealed record RecoveredState(long Events, long MarketEvents, long Now, long Completed);

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
    /// <exception cref="InvalidDataException">A decision or a report differs, or the audit log knows later events.</exception>
    internal RecoveredState Run()
    {
        PosixStorage storage = new();
        using JournalReader journal = new(
            storage, directory.Path, new ReadOptions { To = directory.NextSequence - 1 });
        using AuditReader audit = new(storage, directory.Path);
        AuditGroup group = new();
        bool hasGroup = Next(audit, group);
        Event e = default;
        Event again = default;
        long events = 0;
        long market = 0;
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
            }

            pipeline.OnEvent(e, ref _decision);
            counts.Add(e, _decision);
            if (hasGroup && group.Sequence == e.Sequence && group.IsComplete)
            {
                if (AuditComparer.FirstDifference(e.Sequence, ref group.Decision, ref _decision) is { } difference)
                {
                    throw new InvalidDataException("recovery decides otherwise than the audit log: " + difference);
                }

                recorder.Digest(e, _decision);
                hasGroup = Next(audit, group);
            }
            else if (hasGroup && group.Sequence <= e.Sequence)
            {
                throw new InvalidDataException($"the audit log has an incomplete decision of event {group.Sequence}");
            }
            else if (!_decision.IsEmpty)
            {
                if (hasGroup)
                {
                    throw new InvalidDataException($"the audit log has no decision of event {e.Sequence}");
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
            throw new InvalidDataException(
                $"the audit log has a decision of event {group.Sequence}, after the journal's end: events were lost");
        }

        return new RecoveredState(events, market, now, _completed);
    }

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
            throw new InvalidDataException(
                $"event {recorded.Sequence}: the simulated venue does not repeat its report");
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
