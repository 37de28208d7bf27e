using System;
using System.Diagnostics.CodeAnalysis;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Journal.Writing;

namespace LowLatency.Journal;

/// <summary>
/// Writes events in their one order. One thread appends and allocates nothing; a <see cref="SyncThread"/>, or the owner
/// by hand, calls <see cref="Pump"/>. After the first storage error nothing is written any more: the owner sees
/// <see cref="Failure"/> and halts.
/// </summary>
public sealed class JournalWriter : IDisposable
{
    private JournalWriter(RecordLog log) => Log = log;

    /// <summary>Sequence that the next event must have.</summary>
    public long NextSequence => Log.Next;

    /// <summary>
    /// Sequence of the last event that counts as journaled, as the durability defines it: the gateway's gate. Any thread.
    /// </summary>
    public long WrittenSequence => Log.Acknowledged;

    /// <summary>Sequence of the last event behind an fdatasync. Any thread.</summary>
    public long DurableSequence => Log.Durable;

    /// <summary>The first storage error, or null. Final: never retried. Any thread.</summary>
    public StorageError? Failure => Log.Failure;

    /// <summary>
    /// What is wrong while appends still succeed, or null: no further segment could be prepared (a failure once this one is
    /// full), or the watermark or a retirement failed. Any thread.
    /// </summary>
    public StorageError? Warning => Log.Warning ?? Log.UpkeepFailure;

    /// <summary>Events that can be appended without waiting for the disk.</summary>
    public int Room => Log.Room;

    /// <summary>Sequence of the first event that is kept. Any thread.</summary>
    public long FirstSequence => Log.FirstKept;

    internal RecordLog Log { get; }

    /// <summary>Begins a journal in a directory that holds none.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory; made when it does not exist.</param>
    /// <param name="options">How to write.</param>
    /// <param name="writer">The writer on success.</param>
    /// <param name="firstSequence">Sequence of the first event.</param>
    /// <returns>Null, or the storage error.</returns>
    public static StorageError? Create(
        IStorage storage,
        string directory,
        JournalOptions options,
        out JournalWriter? writer,
        long firstSequence = 0)
    {
        StorageError? error = LogFactory.Create(
            storage, directory, StreamKind.Journal, options, firstSequence, out RecordLog? log);
        writer = log is null ? null : new JournalWriter(log);
        return error;
    }

    /// <summary>Recovers the journal of a directory and continues it with a new segment, chained to the last one.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory; it exists. An empty one begins a journal.</param>
    /// <param name="options">How to write; the epoch is higher than any that is there.</param>
    /// <param name="writer">The writer, unless the report refuses.</param>
    /// <param name="from">What a snapshot covers: earlier sealed segments are checked by header and footer only.</param>
    /// <returns>What was found and decided.</returns>
    public static RecoveryReport Resume(
        IStorage storage, string directory, JournalOptions options, out JournalWriter? writer, long from = 0)
    {
        RecoveryReport report = LogFactory.Resume(
            storage, directory, StreamKind.Journal, options, from, out RecordLog? log);
        writer = log is null ? null : new JournalWriter(log);
        return report;
    }

    /// <summary>Appends an event. Breaks when its sequence is not the next one, and after a failure or a close.</summary>
    /// <param name="e">The event as published; its reserved field and CRC are set in the journal's copy only.</param>
    public void Append(ref readonly Event e)
    {
        if (e.Sequence != Log.Next || e.Kind == EventKind.None)
        {
            BreakOrder();
        }

        Log.Append(in e);
    }

    /// <summary>
    /// Asks for the sealed segments that lie entirely before an event to be taken away: no snapshot that is kept needs them. The
    /// sync thread does it, durably at every step, and uses the files again. Any thread.
    /// </summary>
    /// <param name="sequence">The first event that is still needed.</param>
    public void RetireBefore(long sequence) => Log.RetireBefore(sequence);

    /// <summary>Does a bounded portion of what may block: sync a batch, seal, prepare the next segment.</summary>
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

    [DoesNotReturn]
    private static void BreakOrder() =>
        Ensure.Break("the journal takes the events in the order of their sequence, each with a kind");
}
