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
        position = StreamPosition.Origin(0);
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
        StorageError? error = null;
        foreach (string name in plan.Removals)
        {
            error ??= storage.Delete(Path.Combine(directory, name));
        }

        foreach (StreamExaminer.Known segment in plan.Segments)
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

            position = new StreamPosition(segment.Header.First + segment.Count, segment.LastCrc, hash, false);
        }

        return error ?? storage.SyncDirectory(directory);
    }

    private static StorageError? CutAndSeal(
        IStorage storage,
        string directory,
        StreamExaminer.Known segment,
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
                System.Math.Max(0, segment.NonZeroEnd - segment.Count) * SegmentLayout.RecordSize);
            error ??= SegmentSealer.Hash(file!, header, segment.Count, previousHash, out hash);
            return error
                ?? SegmentSealer.Seal(file!, header.Capacity, segment.Count, segment.LastCrc, hash, previousHash, key)
                ?? file!.Close();
        }
    }
}
