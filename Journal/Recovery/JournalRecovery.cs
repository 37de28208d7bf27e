using System;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Writing;

namespace LowLatency.Journal.Recovery;

/// <summary>Brings a stream that was left behind into a state that can be continued, or refuses.</summary>
public static class JournalRecovery
{
    /// <summary>Reads the stream and decides. Nothing is changed.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory; it exists.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="instance">The instance that the segments must belong to; null takes that of the first.</param>
    /// <param name="from">
    /// Sealed segments entirely before this record are checked by header and footer only: what a snapshot covers.
    /// </param>
    /// <param name="key">The key that footers must be signed by; null leaves that unchecked.</param>
    /// <returns>The decision.</returns>
    public static RecoveryReport Examine(
        IStorage storage,
        string directory,
        StreamKind kind,
        ushort? instance = null,
        long from = 0,
        JournalKey? key = null) =>
        StreamExaminer.Run(storage, directory, kind, new Examination(instance, from, Hashes: false, key)).Report;

    /// <summary>
    /// Examines, and unless that refuses: removes segments without records, cuts what is torn, and seals, so that every
    /// segment that is left is sealed. Cut off at any point, it can be run again.
    /// </summary>
    internal static RecoveryReport Repair(
        IStorage storage,
        string directory,
        StreamKind kind,
        JournalOptions options,
        long from,
        out StreamPosition position)
    {
        (RecoveryReport report, StreamExaminer plan) = StreamExaminer.Run(
            storage, directory, kind, new Examination(options.Instance, from, Hashes: false, options.Key));
        position = plan.Base is { } start
            ? new StreamPosition(start.First, start.LastCrc, start.LastHash, false, start.First)
            : StreamPosition.Origin(0);
        if (!report.IsRefused && kind == StreamKind.Journal && options.Watermark is { } mark)
        {
            CheckWatermark(storage, directory, mark, plan, report);
        }

        if (!report.IsRefused && Apply(storage, directory, kind, plan, options.Key, ref position) is { } error)
        {
            report.List.Add(new RecoveryFinding(
                RecoveryCase.StorageFailure, new JournalDamage(error.Path, 0, -1, error.ToString())));
        }

        return report;
    }

    private static StorageError? Apply(
        IStorage storage,
        string directory,
        StreamKind kind,
        StreamExaminer plan,
        JournalKey? key,
        ref StreamPosition position)
    {
        // From the last one back, each durably: a gap among the spares would look like a segment that was lost.
        StorageError? error = null;
        for (int i = plan.Removals.Count - 1; i >= 0; i--)
        {
            error ??= storage.Delete(Path.Combine(directory, plan.Removals[i])) ?? storage.SyncDirectory(directory);
        }

        foreach (ExaminedSegment segment in plan.Segments)
        {
            Hash32 hash = segment.Hash;
            if (!segment.IsSealed && segment.Count > 0)
            {
                error ??= CutAndSeal(storage, directory, segment, position.LastHash, key, out hash);
            }
            else if (segment.Count == 0)
            {
                // Only the last one can be empty. It would stand in the way of the next, which has the same number.
                error ??= storage.Delete(Path.Combine(directory, SegmentLayout.Name(kind, segment.Header.First)));
                position = position.IsOrigin ? StreamPosition.Origin(segment.Header.First) : position;
                continue;
            }

            position = new StreamPosition(segment.Header.First + segment.Count, segment.LastCrc, hash, false, plan.Segments[0].Header.First);
        }

        return error ?? storage.SyncDirectory(directory);
    }

    /// <summary>Before anything is changed: what is kept must hold the event that was known to be durable.</summary>
    private static void CheckWatermark(
        IStorage storage, string directory, Watermark mark, StreamExaminer plan, RecoveryReport report)
    {
        if (mark.Sequence >= report.Next)
        {
            Refuse(report, directory, mark, $"the journal ends with {report.Next - 1}");
            return;
        }

        long index = 0;
        string name = StreamBase.FileName(StreamKind.Journal);
        uint? crc = mark.Sequence == plan.Base?.First - 1 ? plan.Base?.LastCrc : null;
        foreach (ExaminedSegment segment in plan.Segments)
        {
            index = mark.Sequence - segment.Header.First;
            if (index >= 0 && index < segment.Count)
            {
                name = segment.Name;
                if (ReadCrc(storage, Path.Combine(directory, name), index, out uint stored) is { } error)
                {
                    report.List.Add(new RecoveryFinding(
                        RecoveryCase.StorageFailure, new JournalDamage(name, 0, mark.Sequence, error.ToString())));
                    return;
                }

                crc = stored;
                break;
            }
        }

        // What was retired since then cannot be compared, and need not: the journal went beyond it.
        if (crc is { } held && held != mark.Crc)
        {
            Refuse(report, name, mark, $"its record has CRC {held:x8}");
        }
    }

    private static void Refuse(RecoveryReport report, string where, Watermark mark, string found) =>
        report.List.Add(new RecoveryFinding(
            RecoveryCase.BelowWatermark,
            new JournalDamage(where, 0, mark.Sequence, $"the watermark knows {mark}, and {found}: rolled back or replaced")));

    private static StorageError? ReadCrc(IStorage storage, string path, long index, out uint crc)
    {
        crc = 0;
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return notOpened;
        }

        using (file!)
        {
            Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
            StorageError? error = file!.ReadFully(SegmentLayout.RecordOffset(index), record, out _);
            crc = Record.StoredCrc(record);
            return error;
        }
    }

    private static StorageError? CutAndSeal(
        IStorage storage,
        string directory,
        ExaminedSegment segment,
        in Hash32 previousHash,
        JournalKey? key,
        out Hash32 hash)
    {
        hash = default;
        SegmentHeader header = segment.Header;
        StorageError? error = storage.Open(
            Path.Combine(directory, segment.Name), OpenMode.ReadWrite, out IStorageFile? file);
        if (error is not null)
        {
            return error;
        }

        using (file!)
        {
            Ensure.That(segment.Count <= header.Capacity, "a segment holds at most its capacity");
            long length = SegmentLayout.FileLength(header.Capacity);
            error = segment.Length < length ? file!.Allocate(length) ?? file.Zero(segment.Length, length - segment.Length) : null;
            error ??= file!.Zero(
                SegmentLayout.RecordOffset(segment.Count),
                Math.Max(0, segment.NonZeroEnd - segment.Count) * SegmentLayout.RecordSize);
            error ??= SegmentSealer.Hash(file!, header, segment.Count, previousHash, out hash);
            return error
                ?? SegmentSealer.Seal(file!, header.Capacity, segment.Count, segment.LastCrc, hash, previousHash, key)
                ?? file!.Close();
        }
    }
}
