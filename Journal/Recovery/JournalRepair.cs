using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using LowLatency.Core.Events;
using LowLatency.Journal.Blobs;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;
using LowLatency.Journal.Writing;

namespace LowLatency.Journal.Recovery;

/// <summary>What a repair would keep and drop.</summary>
public sealed class RepairPlan
{
    private readonly Salvage _journal;
    private readonly Salvage _audit;

    internal RepairPlan(Salvage journal, Salvage audit, Companions beside, RecoveryFinding? refusal, long known)
    {
        _journal = journal;
        _audit = audit;
        Beside = beside;
        Refusal = refusal;
        KnownSequence = Math.Max(Math.Max(known, beside.KnownSequence), journal.Next - 1);
    }

    /// <summary>Why recovery refuses; null when it does not.</summary>
    public RecoveryFinding? Refusal { get; }

    /// <summary>Why no repair is possible, or null.</summary>
    public string? Impossible => _journal.Impossible
        ?? (_journal.Kept.Count == 0 ? "not one event of the journal can be kept; restore it from a backup" : null)
        ?? _audit.Impossible;

    /// <summary>The event that the repaired journal goes on with.</summary>
    public long NextSequence => _journal.Next;

    /// <summary>Audit records that are kept.</summary>
    public long NextAuditRecord => _audit.Next;

    /// <summary>The highest sequence that is known to have existed.</summary>
    public long KnownSequence { get; private set; }

    /// <summary>What is dropped of the journal.</summary>
    public IReadOnlyList<DroppedPart> JournalParts => _journal.Dropped;

    /// <summary>What is dropped of the audit log.</summary>
    public IReadOnlyList<DroppedPart> AuditParts => _audit.Dropped;

    /// <summary>What is left behind, or lost, of the files beside the streams: run number and snapshots.</summary>
    public IReadOnlyList<DroppedPart> BesideParts => Beside.Dropped;

    /// <summary>True when recovery takes the directory as it is and nothing known is missing.</summary>
    public bool IsSound => Refusal is null
        && _journal.Dropped.Count == 0
        && _audit.Dropped.Count == 0
        && Beside.Dropped.Count == 0
        && KnownSequence < _journal.Next
        && Impossible is null;

    internal Salvage Journal => _journal;

    internal Salvage Audit => _audit;

    internal Companions Beside { get; }
}

/// <summary>
/// Makes a new journal of what is valid of a damaged one. The damaged directory is only read: not a byte of it is lost.
/// The new one says in its next events what was dropped and why that was accepted, and then holds trading until an operator accepts.
/// </summary>
public static class JournalRepair
{
    private const int CopyBytes = 1 << 20;

    /// <summary>Says what a repair would do. Nothing is changed.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The damaged directory.</param>
    /// <param name="known">A sequence that is known to have been written, from a watermark; -1 for none.</param>
    /// <param name="key">The key that the journal is signed by, or null.</param>
    /// <returns>The plan.</returns>
    public static RepairPlan Plan(IStorage storage, string directory, long known = -1, JournalKey? key = null)
    {
        Examination task = new(null, 0, Hashes: true, key);
        RecoveryFinding? refusal = StreamExaminer.Run(storage, directory, StreamKind.Journal, task).Report.Refusal
            ?? StreamExaminer.Run(storage, directory, StreamKind.Audit, task).Report.Refusal;
        Salvage journal = Salvage.Of(storage, directory, StreamKind.Journal, key);
        Salvage audit = Salvage.Of(storage, directory, StreamKind.Audit, key);
        long audited = LastAudited(storage, directory, audit);
        audit.CutAuditAt(journal.Next);
        long dropped = journal.Next - 1;
        foreach (DroppedPart part in journal.Dropped)
        {
            dropped += Math.Max(0, part.Records);
        }

        Companions beside = Companions.Of(storage, directory, journal, audit);
        return new RepairPlan(journal, audit, beside, refusal, Math.Max(Math.Max(known, audited), dropped));
    }

    /// <summary>Carries a plan out.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The damaged directory.</param>
    /// <param name="target">The new directory; it does not exist yet.</param>
    /// <param name="plan">What <see cref="Plan"/> said of the directory.</param>
    /// <param name="reason">Why the loss is accepted.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="key">The journal's key, or null.</param>
    /// <returns>Null, or why it was not done; the target does not exist then.</returns>
    public static string? Run(
        IStorage storage,
        string directory,
        string target,
        RepairPlan plan,
        string reason,
        long now,
        JournalKey? key = null)
    {
        if (plan.Impossible is { } impossible)
        {
            return impossible;
        }

        // Under another name until everything is in it: a half-made journal would look like a whole, shorter one.
        string part = target + ".part";
        string parent = Path.GetDirectoryName(target)!;
        return Make(storage, directory, part, plan, reason, now, key)
            ?? (storage.Rename(part, target) ?? storage.SyncDirectory(parent))?.ToString();
    }

    private static string? Make(
        IStorage storage, string directory, string part, RepairPlan plan, string reason, long now, JournalKey? key)
    {
        if (storage.CreateDirectory(part) is { } notMade)
        {
            return notMade.ToString();
        }

        if (storage.List(part, out string[] there) is { } notListed)
        {
            return notListed.ToString();
        }

        if (there.Length > 0)
        {
            return $"{part}: a repair that was cut off left it behind; remove it first";
        }

        StorageError? error = Copy(storage, directory, part, StreamKind.Journal, plan.Journal, key)
            ?? Copy(storage, directory, part, StreamKind.Audit, plan.Audit, key)
            ?? CopySnapshots(storage, directory, part, plan)
            ?? storage.SyncDirectory(part);
        return error is not null ? error.ToString() : Note(storage, directory, part, plan, reason, now, key);
    }

    /// <summary>What was dropped, and a hold, as the next events of the new journal.</summary>
    private static string? Note(
        IStorage storage, string directory, string part, RepairPlan plan, string reason, long now, JournalKey? key)
    {
        KeptSegment last = plan.Journal.Kept[^1];
        ushort instance = last.Header.Instance;

        if (EpochFile.Advance(storage, part, instance, plan.Beside.Epoch, out int epoch) is { } noEpoch)
        {
            return noEpoch;
        }

        List<NotedPart> parts = [];
        foreach (IReadOnlyList<DroppedPart> dropped in (IReadOnlyList<DroppedPart>[])[plan.JournalParts, plan.AuditParts, plan.BesideParts])
        {
            foreach (DroppedPart each in dropped)
            {
                parts.Add(new NotedPart(each, FileHash(storage, Path.Combine(directory, each.File))));
            }
        }

        byte[] note = new RepairNote(reason, directory, now, plan.NextSequence, plan.KnownSequence, parts).Write();
        JournalOptions options = new()
        {
            Instance = instance,
            Epoch = epoch,
            ConfigurationHash = last.Header.ConfigurationHash,
            Durability = last.Header.Durability,
            SegmentCapacity = last.Header.Capacity,
            Key = key,
        };
        RecoveryReport report = JournalWriter.Resume(storage, part, options, out JournalWriter? writer);
        if (report.Refusal is { } refusal)
        {
            return "what was kept is refused: " + refusal;
        }

        using (writer!)
        {
            long receivedAt = LastTime(storage, part, plan.NextSequence);
            foreach (Event each in BlobWriter.Parts(BlobPurpose.Repair, note, receivedAt))
            {
                Append(writer!, each);
            }

            // Only a person's acceptance lets this go: no command of a strategy's day does.
            Event hold = default;
            hold.ReceivedAt = receivedAt;
            hold.Source = EventSource.Operator;
            hold.Flags = EventFlags.Whole;
            hold.Set(new OperatorCommand { Verb = OperatorVerb.Hold });
            Append(writer!, hold);
            return writer!.Close()?.ToString();
        }
    }

    private static void Append(JournalWriter writer, Event e)
    {
        e.Sequence = writer.NextSequence;
        while (writer.Room == 0 && writer.Failure is null)
        {
            _ = writer.Pump();
        }

        writer.Append(in e);
        _ = writer.Pump();
    }

    /// <summary>Time stands still while a journal is repaired: its clock may be a virtual one.</summary>
    private static long LastTime(IStorage storage, string directory, long next)
    {
        using JournalReader reader = new(storage, directory, new ReadOptions { From = next - 1, Follow = true });
        Event e = default;
        _ = reader.Read(ref e);
        return e.ReceivedAt;
    }

    private static StorageError? Copy(
        IStorage storage, string from, string to, StreamKind kind, Salvage salvage, JournalKey? key)
    {
        Hash32 previous = salvage.Base?.LastHash ?? default;
        StorageError? error = salvage.Base is null
            ? null
            : CopyFile(storage, Path.Combine(from, StreamBase.FileName(kind)), Path.Combine(to, StreamBase.FileName(kind)));
        foreach (KeptSegment segment in salvage.Kept)
        {
            if (error is not null)
            {
                return error;
            }

            string name = segment.IsWhole && segment.IsArchived
                ? SegmentLayout.ArchiveName(kind, segment.Header.First)
                : segment.Name;
            error = segment.IsWhole
                ? CopyFile(storage, Path.Combine(from, name), Path.Combine(to, name))
                : CopyFront(storage, from, to, segment, previous, key);
            previous = segment.Hash;
        }

        return error;
    }

    /// <summary>Writes the kept front of a segment as a sealed segment of its own.</summary>
    private static StorageError? CopyFront(
        IStorage storage, string from, string to, in KeptSegment segment, in Hash32 previous, JournalKey? key)
    {
        if (SegmentFile.Open(storage, from, segment.Name, OpenMode.Read, out SegmentFile? source) is { } notRead)
        {
            return notRead;
        }

        using (source!)
        {
            if (storage.Open(Path.Combine(to, segment.Name), OpenMode.CreateNew, out IStorageFile? file) is { } notMade)
            {
                return notMade;
            }

            using (file!)
            {
                long end = SegmentLayout.RecordOffset(segment.Records);
                long length = SegmentLayout.FileLength(segment.Header.Capacity);
                StorageError? error = file!.Allocate(length)
                    ?? CopyBytesOf(source!.File, file!, end)
                    ?? file!.Zero(end, length - end);
                return error
                    ?? SegmentSealer.Hash(file!, segment.Header, segment.Records, previous, out Hash32 hash)
                    ?? SegmentSealer.Seal(
                        file!, segment.Header.Capacity, segment.Records, segment.LastCrc, hash, previous, key)
                    ?? file!.Close();
            }
        }
    }

    private static StorageError? CopyFile(IStorage storage, string from, string to)
    {
        if (storage.Open(from, OpenMode.Read, out IStorageFile? source) is { } notRead)
        {
            return notRead;
        }

        using (source!)
        {
            if (source!.Length(out long length) is { } unknown)
            {
                return unknown;
            }

            if (storage.Open(to, OpenMode.CreateNew, out IStorageFile? file) is { } notMade)
            {
                return notMade;
            }

            using (file!)
            {
                return file!.Allocate(length) ?? CopyBytesOf(source, file!, length) ?? file!.Sync() ?? file!.Close();
            }
        }
    }

    private static StorageError? CopyBytesOf(IStorageFile from, IStorageFile to, long length)
    {
        byte[] buffer = new byte[CopyBytes];
        for (long offset = 0; offset < length; offset += buffer.Length)
        {
            Span<byte> chunk = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - offset));
            if (from.ReadFully(offset, chunk, out int read) is { } error)
            {
                return error;
            }

            if (to.WriteFully(offset, chunk[..read]) is { } notWritten)
            {
                return notWritten;
            }
        }

        return null;
    }

    /// <summary>A snapshot of a state that the kept events still lead to stays useful.</summary>
    private static StorageError? CopySnapshots(IStorage storage, string from, string to, RepairPlan plan)
    {
        StorageError? error = SnapshotStore.List(storage, from, out List<long> sequences);
        foreach (long sequence in sequences)
        {
            if (error is null
                && sequence < plan.NextSequence
                && SnapshotStore.Read(storage, from, sequence, out Snapshot? snapshot) is null
                && snapshot!.NextAuditRecord <= plan.NextAuditRecord)
            {
                string name = SnapshotStore.Name(sequence);
                error = CopyFile(storage, Path.Combine(from, name), Path.Combine(to, name));
            }
        }

        return error;
    }

    private static long LastAudited(IStorage storage, string directory, Salvage audit)
    {
        if (audit.Kept.Count == 0)
        {
            return -1;
        }

        KeptSegment last = audit.Kept[^1];
        if (SegmentFile.Open(storage, directory, last.Name, OpenMode.Read, out SegmentFile? file) is not null)
        {
            return -1;
        }

        using (file!)
        {
            Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
            long offset = SegmentLayout.RecordOffset(last.Records - 1);
            return file!.File.ReadFully(offset, record, out _) is null ? BitConverter.ToInt64(record) : -1;
        }
    }

    private static string FileHash(IStorage storage, string path)
    {
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is not null)
        {
            return string.Empty;
        }

        using (file!)
        using (IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            byte[] buffer = new byte[CopyBytes];
            for (long offset = 0; ; offset += buffer.Length)
            {
                if (file!.ReadFully(offset, buffer, out int read) is not null)
                {
                    return string.Empty;
                }

                hash.AppendData(buffer, 0, read);
                if (read < buffer.Length)
                {
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }
            }
        }
    }
}
