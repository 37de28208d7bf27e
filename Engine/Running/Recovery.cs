using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>What a recovery found.</summary>
/// <param name="Facts">What the next run must know.</param>
/// <param name="From">The first event that was replayed: 0, or one after a snapshot.</param>
/// <param name="Completed">Decisions that had not reached the audit log and were written again.</param>
internal sealed record RecoveredState(RunFacts Facts, long From, long Completed);

/// <summary>
/// Brings a run from a snapshot, or from nothing, to where a journal ends, with the gateway muted: every decision is
/// compared with the audit log and every report with what the venue says again. Decisions after the end of the audit log
/// were never sent; they are made and recorded now.
/// </summary>
internal sealed class Recovery(
    JournalDirectory directory, EngineConfiguration configuration, MutedRun run, Recorder recorder)
{
    private long _completed;

    /// <summary>Runs it.</summary>
    /// <exception cref="BrokenInvariantException">A decision or a report differs, or the audit log knows later events.</exception>
    internal RecoveredState Run()
    {
        JournalStanding standing = directory.Standing;
        if (standing.Snapshot is { } snapshot)
        {
            recorder.Resume(RunSnapshot.Restore(snapshot, run));
        }
        else if (standing.Lineage?.State is { } state)
        {
            Adoption.Apply(state, run, RunSnapshot.Names(configuration), configuration.Cash.Length);
        }

        long from = standing.From;
        long fromRecord = standing.FromRecord;

        PosixStorage storage = new();
        using JournalReader journal = new(
            storage, directory.Path, new ReadOptions { From = from, To = directory.NextSequence - 1 });
        Ensure.That(journal.NextSequence == from, "the journal begins after its start and no snapshot reaches it");

        // What is decided again is appended meanwhile: only what was there is read.
        using AuditReader audit = new(
            storage, directory.Path, fromRecord, toRecord: directory.Audit.NextRecord - 1);
        AuditGroup group = new();
        bool hasGroup = Next(audit, group);
        Event e = default;
        while (journal.Read(ref e) == ReadResult.Event)
        {
            run.Step(e);
            if (hasGroup && group.Sequence == e.Sequence)
            {
                Compare(e, group);
                hasGroup = Next(audit, group);
            }
            else if (!run.Last.IsEmpty)
            {
                if (hasGroup)
                {
                    throw Differs($"the audit log has no decision of event {e.Sequence}");
                }

                recorder.Audit(e, run.Last);
                _completed++;
            }
        }

        if (hasGroup)
        {
            throw Differs(
                $"the audit log has a decision of event {group.Sequence}, after the journal's end: events were lost");
        }

        return new RecoveredState(run.Facts, from, _completed);
    }

    /// <summary>What is in the audit log must be what is decided again; a group that a crash cut is completed.</summary>
    private void Compare(in Event e, AuditGroup group)
    {
        ref Decision recorded = ref group.Decision;
        Decision made = run.Last;
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
            recorder.Digest(e, run.Last);
        }
        else
        {
            int written = recorded.SignalCount + recorded.SuppressionCount + recorded.IntentCount
                + recorded.VerdictCount + recorded.CommandCount;
            recorder.CompleteAudit(e, run.Last, written);
            _completed++;
        }
    }

    private static BrokenInvariantException Differs(string message) => new(message);

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
