using System;
using System.Runtime.CompilerServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Journal.Writing;

namespace LowLatency.Journal;

/// <summary>
/// Writes what the stages decided, event by event, before the gate opens: one record for each section entry. Threads,
/// durability and failure as with <see cref="JournalWriter"/>.
/// </summary>
public sealed class AuditWriter : IDisposable
{
    private long _lastSequence = -1;
    private long _writtenSequence = -1;
    private int _skip;

    private AuditWriter(RecordLog log) => Log = log;

    /// <summary>Number of the next audit record.</summary>
    public long NextRecord => Log.Next;

    /// <summary>Number of the last record that counts as written, as the durability defines it. Any thread.</summary>
    public long WrittenRecord => Log.Acknowledged;

    /// <summary>Number of the last record behind an fdatasync. Any thread.</summary>
    public long DurableRecord => Log.Durable;

    /// <summary>The first storage error, or null. Final: never retried. Any thread.</summary>
    public StorageError? Failure => Log.Failure;

    /// <summary>What is wrong while appends still succeed, or null: as with the journal. Any thread.</summary>
    public StorageError? Warning => Log.Warning ?? Log.UpkeepFailure;

    /// <summary>Records that can be appended without waiting for the disk.</summary>
    public int Room => Log.Room;

    /// <summary>Number of the first record that is kept. Any thread.</summary>
    public long FirstRecord => Log.FirstKept;

    internal RecordLog Log { get; }

    /// <summary>Begins an audit stream in a directory that holds none.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory; made when it does not exist.</param>
    /// <param name="options">How to write.</param>
    /// <param name="writer">The writer on success.</param>
    /// <returns>Null, or the storage error.</returns>
    public static StorageError? Create(
        IStorage storage, string directory, JournalOptions options, out AuditWriter? writer)
    {
        StorageError? error = LogFactory.Create(storage, directory, StreamKind.Audit, options, 0, out RecordLog? log);
        writer = log is null ? null : new AuditWriter(log);
        return error;
    }

    /// <summary>Recovers the audit stream of a directory and continues it.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory; it exists.</param>
    /// <param name="options">How to write; the epoch is higher than any that is there.</param>
    /// <param name="writer">The writer, unless the report refuses.</param>
    /// <param name="from">Sealed segments before this record are checked by header and footer only.</param>
    /// <returns>What was found and decided.</returns>
    public static RecoveryReport Resume(
        IStorage storage, string directory, JournalOptions options, out AuditWriter? writer, long from = 0)
    {
        RecoveryReport report = LogFactory.Resume(
            storage, directory, StreamKind.Audit, options, from, out RecordLog? log);
        writer = log is null ? null : new AuditWriter(log);
        return report;
    }

    /// <summary>
    /// From now on no decision becomes durable before its event: a power cut that took the event alone would leave a
    /// decision about nothing, which recovery must take for a loss. Without effect unless the durability is flushed.
    /// </summary>
    /// <param name="journal">The events' journal.</param>
    public void StayBehind(JournalWriter journal) => Log.Behind = journal.Log;

    /// <summary>Audit records that a decision takes.</summary>
    /// <param name="decision">The decision.</param>
    /// <returns>0 when it is empty.</returns>
    public static int RecordsOf(ref readonly Decision decision) => decision.IsEmpty
        ? 0
        : Math.Max(1, decision.SignalCount + decision.SuppressionCount + decision.IntentCount + decision.VerdictCount
            + decision.CommandCount);

    /// <summary>Appends the sections of an event; nothing when they are empty.</summary>
    /// <param name="e">The event; sequences never go back.</param>
    /// <param name="decision">What the stages made of it.</param>
    public void Append(ref readonly Event e, ref readonly Decision decision) => Complete(in e, in decision, 0);

    /// <summary>Appends what is missing of an event's sections: a crash cut their group.</summary>
    /// <param name="e">The event; sequences never go back.</param>
    /// <param name="decision">What the stages made of it; equal to what is written of it already.</param>
    /// <param name="written">Records of the group that are written already.</param>
    public void Complete(ref readonly Event e, ref readonly Decision decision, int written)
    {
        if (decision.IsEmpty)
        {
            return;
        }

        _skip = written;

        Ensure.That(e.Sequence > _writtenSequence, "an event's sections are audited once, in the order of events");
        _writtenSequence = e.Sequence;
        AuditRecord record = Start(e.Sequence);
        record.Signals = decision.SignalCount;
        record.Suppressions = decision.SuppressionCount;
        record.Intents = decision.IntentCount;
        record.Verdicts = decision.VerdictCount;
        record.Commands = decision.CommandCount;
        record.Waiting = decision.Waiting;
        Section<Signal>(ref record, AuditKind.Signal, ((ReadOnlySpan<Signal>)decision.Signals)[..decision.SignalCount]);
        Section<Suppression>(
            ref record,
            AuditKind.Suppression,
            ((ReadOnlySpan<Suppression>)decision.Suppressions)[..decision.SuppressionCount]);
        Section<Intent>(ref record, AuditKind.Intent, ((ReadOnlySpan<Intent>)decision.Intents)[..decision.IntentCount]);
        Section<Verdict>(ref record, AuditKind.Verdict, ((ReadOnlySpan<Verdict>)decision.Verdicts)[..decision.VerdictCount]);
        Section<Command>(ref record, AuditKind.Command, ((ReadOnlySpan<Command>)decision.Commands)[..decision.CommandCount]);
        if (Entries(record) == 0)
        {
            Section<byte>(ref record, AuditKind.Counts, [0]);
        }
    }

    /// <summary>Appends the digests after an event.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="checkpoint">The digests.</param>
    public void AppendCheckpoint(long sequence, in AuditCheckpoint checkpoint)
    {
        AuditRecord record = Start(sequence);
        Section(ref record, AuditKind.Checkpoint, new ReadOnlySpan<AuditCheckpoint>(in checkpoint));
    }

    /// <summary>
    /// Asks for the sealed segments that lie entirely before a record to be taken away: no snapshot that is kept needs them. The
    /// sync thread does it, durably at every step, and uses the files again. Any thread.
    /// </summary>
    /// <param name="record">The first record that is still needed.</param>
    public void RetireBefore(long record) => Log.RetireBefore(record);

    /// <summary>Does a bounded portion of what may block.</summary>
    /// <returns>0 when there was nothing to do.</returns>
    public int Pump()
    {
        Ensure.That(!Log.HasPump, "the sync thread pumps");
        return Log.Pump();
    }

    /// <summary>Makes everything durable and seals the last segment. The sync thread has ended before.</summary>
    /// <returns>The first storage error of the writer's life, or null.</returns>
    public StorageError? Close() => Log.Close();

    /// <inheritdoc/>
    public void Dispose() => _ = Close();

    internal static int Entries(in AuditRecord record) =>
        record.Signals + record.Suppressions + record.Intents + record.Verdicts + record.Commands;

    private AuditRecord Start(long sequence)
    {
        Ensure.That(sequence >= _lastSequence && sequence >= 0, "audit records follow the order of events");
        _lastSequence = sequence;
        AuditRecord record = default;
        record.Sequence = sequence;
        return record;
    }

    private void Section<T>(ref AuditRecord record, AuditKind kind, ReadOnlySpan<T> entries)
        where T : unmanaged
    {
        record.Kind = kind;
        for (int i = 0; i < entries.Length; i++)
        {
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            record.Ordinal = (byte)i;
            record.Number = Log.Next;
            ref byte payload = ref Unsafe.AddByteOffset(
                ref Unsafe.As<AuditRecord, byte>(ref record), AuditRecord.PayloadOffset);
            Unsafe.InitBlockUnaligned(ref payload, 0, AuditRecord.PayloadSize);
            Unsafe.WriteUnaligned(ref payload, entries[i]);
            Log.Append(in Unsafe.As<AuditRecord, Event>(ref record));
        }
    }
}
