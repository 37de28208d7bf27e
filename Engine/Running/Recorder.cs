using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Journal;
using LowLatency.Journal.Audit;

namespace LowLatency.Engine.Running;

/// <summary>
/// Keeps what a run must be able to prove: events to the journal, decisions to the audit log, and the rolling digest of
/// all decisions. Without writers it only digests.
/// </summary>
internal sealed class Recorder
{
    /// <summary>Events between two checkpoints of the rolling digest.</summary>
    internal const long CheckpointEvery = 1 << 16;

    private readonly JournalWriter? _journal;
    private readonly AuditWriter? _audit;
    private Digest128 _rolling;

    internal Recorder(JournalWriter? journal = null, AuditWriter? audit = null)
    {
        _journal = journal;
        _audit = audit;
    }

    /// <summary>Digest of every decision since the first event.</summary>
    internal Digest Rolling
    {
        get
        {
            Digest128 copy = _rolling;
            return copy.Finish();
        }
    }

    /// <summary>The running digest, for a snapshot at the end of a run.</summary>
    internal Digest128 Running => _rolling;

    /// <summary>Continues the digest of decisions that a snapshot has in it.</summary>
    internal void Resume(Digest128 rolling) => _rolling = rolling;

    internal void Append(in Event e) => _journal?.Append(in e);

    /// <summary>Continues the digest over decisions that are recorded already.</summary>
    internal void Digest(in Event e, in Decision decision) => DecisionDigest.Add(ref _rolling, e, decision);

    internal void Audit(in Event e, in Decision decision) => CompleteAudit(e, decision, 0);

    /// <summary>Records what is missing of a decision whose first audit records are written already.</summary>
    internal void CompleteAudit(in Event e, in Decision decision, int written)
    {
        DecisionDigest.Add(ref _rolling, e, decision);
        if (_audit is null)
        {
            return;
        }

        _audit.Complete(in e, in decision, written);
        if ((e.Sequence + 1) % CheckpointEvery == 0)
        {
            Checkpoint(e.Sequence, default);
        }
    }

    /// <summary>Writes a checkpoint; a zero state digest says that only the decisions are vouched for.</summary>
    internal void Checkpoint(long sequence, Digest state) =>
        _audit?.AppendCheckpoint(sequence, new AuditCheckpoint { Rolling = Rolling, State = state });

    /// <summary>True when an event and its decision are as safe as the durability mode asks: the gate may open.</summary>
    internal bool IsSafe(long sequence)
    {
        if (_journal is null)
        {
            return true;
        }

        if ((_journal.Failure ?? _audit?.Failure) is { } failure)
        {
            throw new IOException("the journal can no longer be written: " + failure);
        }

        return _journal.WrittenSequence >= sequence
            && (_audit is null || _audit.WrittenRecord >= _audit.NextRecord - 1);
    }
}
