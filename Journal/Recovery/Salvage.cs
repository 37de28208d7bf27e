using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Recovery;

/// <summary>A segment, or its front, that a repair keeps.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Header">Its header.</param>
/// <param name="Records">Records kept.</param>
/// <param name="LastCrc">CRC of the last of them.</param>
/// <param name="Hash">SHA-256 of what is kept.</param>
/// <param name="PreviousHash">SHA-256 of the segment before.</param>
/// <param name="IsWhole">True when the file is kept byte for byte, footer included.</param>
/// <param name="IsArchived">True when it is kept as an archive.</param>
internal readonly record struct KeptSegment(
    string Name,
    SegmentHeader Header,
    long Records,
    uint LastCrc,
    Hash32 Hash,
    Hash32 PreviousHash,
    bool IsWhole,
    bool IsArchived);

/// <summary>What a repair leaves behind of a file.</summary>
/// <param name="File">The file, with all its bytes still in the damaged directory.</param>
/// <param name="Offset">From where on it is left behind.</param>
/// <param name="Records">Records that are lost with it as far as is known; -1 when nothing is.</param>
/// <param name="Reason">Why.</param>
public sealed record DroppedPart(string File, long Offset, long Records, string Reason);

/// <summary>
/// The longest beginning of a stream whose records are all valid and continue each other. It judges by the records: a
/// rotten footer over valid records loses nothing, for it can be computed again, and what follows then still fits.
/// </summary>
internal sealed class Salvage
{
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly StreamKind _kind;
    private readonly JournalKey? _key;
    private readonly List<KeptSegment> _kept = [];
    private readonly List<DroppedPart> _dropped = [];
    private ushort? _instance;
    private int _epoch;

    private Salvage(IStorage storage, string directory, StreamKind kind, JournalKey? key)
    {
        _storage = storage;
        _directory = directory;
        _kind = kind;
        _key = key;
    }

    /// <summary>What is kept, in order.</summary>
    public IReadOnlyList<KeptSegment> Kept => _kept;

    /// <summary>What is left behind.</summary>
    public IReadOnlyList<DroppedPart> Dropped => _dropped;

    /// <summary>Where the stream begins when front segments were retired; null when with its origin.</summary>
    public StreamBase? Base { get; private set; }

    /// <summary>Why nothing can be kept, or null.</summary>
    public string? Impossible { get; private set; }

    /// <summary>Number after the last kept record.</summary>
    public long Next { get; private set; }

    private uint LastCrc => _kept.Count > 0 ? _kept[^1].LastCrc : Base?.LastCrc ?? 0;

    private Hash32 LastHash => _kept.Count > 0 ? _kept[^1].Hash : Base?.LastHash ?? default;

    /// <summary>Reads a stream and says what of it can be kept. Nothing is changed.</summary>
    public static Salvage Of(IStorage storage, string directory, StreamKind kind, JournalKey? key)
    {
        Salvage salvage = new(storage, directory, kind, key);
        salvage.Run();
        return salvage;
    }

    /// <summary>Leaves behind every audit record of an event at or after a sequence.</summary>
    public void CutAuditAt(long sequence)
    {
        for (int i = 0; i < _kept.Count; i++)
        {
            KeptSegment segment = _kept[i];
            if (!Find(segment, sequence, out long keep, out uint lastCrc) || keep == segment.Records)
            {
                continue;
            }

            long lost = segment.Records - keep;
            _dropped.Add(new DroppedPart(
                segment.Name, SegmentLayout.RecordOffset(keep), lost, "decisions on events that the journal does not hold"));
            for (int later = i + 1; later < _kept.Count; later++)
            {
                _dropped.Add(new DroppedPart(
                    _kept[later].Name, 0, _kept[later].Records, "decisions on events that the journal does not hold"));
            }

            _kept.RemoveRange(i, _kept.Count - i);
            Next = segment.Header.First + keep;
            if (keep > 0)
            {
                _kept.Add(segment with { Records = keep, LastCrc = lastCrc, Hash = default, IsWhole = false });
            }

            return;
        }
    }

    private void Run()
    {
        if (_storage.List(_directory, out string[] names) is { } notListed)
        {
            Impossible = notListed.ToString();
            return;
        }

        foreach (string name in names)
        {
            if (SegmentLayout.IsSegment(_kind, name)
                && !SegmentLayout.TryParseName(_kind, name, out _)
                && !SegmentLayout.TryParseArchiveName(_kind, name, out _))
            {
                _dropped.Add(new DroppedPart(name, 0, 0, "not the name of a segment: a copy, or renamed"));
            }
        }

        StorageError? noBase = StreamBase.Read(_storage, _directory, _kind, _key, out StreamBase? start, out string? bad);
        if ((noBase?.ToString() ?? bad) is { } unknown)
        {
            Impossible = StreamBase.FileName(_kind) + ": " + unknown
                + ": where the stream begins is not known; restore this file from a backup";
            return;
        }

        Base = start;
        Next = start?.First ?? 0;
        if (SegmentListing.Read(_storage, _directory, _kind, out List<SegmentEntry> entries, out _) is { } error)
        {
            Impossible = error.ToString();
            return;
        }

        _ = entries.RemoveAll(entry => entry.First < start?.First);
        for (int i = 0; i < entries.Count && Impossible is null; i++)
        {
            if (Take(entries[i]) is { } reason)
            {
                for (int later = i; later < entries.Count && Impossible is null; later++)
                {
                    Leave(entries[later], later == i ? reason : "after the damage in " + entries[i].Name, later == i);
                }

                return;
            }
        }
    }

    /// <summary>Takes a segment. The answer is why neither the rest of it nor anything after it can be kept, or null.</summary>
    private string? Take(in SegmentEntry entry)
    {
        if (SegmentFile.Open(_storage, _directory, entry.Name, OpenMode.Read, out SegmentFile? file) is { } error)
        {
            return Unreadable(error);
        }

        using (file!)
        {
            return Unfit(file!, entry.First, out bool isEmpty) is { } reason ? reason
                : isEmpty ? null
                : TakeRecords(file!);
        }
    }

    private string? Unfit(SegmentFile file, long first, out bool isEmpty)
    {
        isEmpty = false;
        SegmentHeader header = file.Header;
        bool ahead = file.HeaderProblem is SegmentHeader.NoHeader or SegmentHeader.TornHeader
            || (file.HeaderProblem is null && header.State == SegmentState.Prepared);
        if (ahead)
        {
            // A recycled spare of durability written may still hold old records; nothing else ahead of time holds a byte.
            bool recycled = file.HeaderProblem is null && header.Durability == Durability.Written;
            if ((recycled ? file.HasRecords(out bool found) : file.HasData(out found)) is { } error)
            {
                return Unreadable(error);
            }

            isEmpty = !found;
            return found ? file.HeaderProblem ?? "data in a segment that was never made current" : null;
        }

        if (file.HeaderProblem is { } problem)
        {
            Impossible = problem.StartsWith("format version", StringComparison.Ordinal)
                ? $"{file.Name}: {problem}: use the build that wrote it"
                : Impossible;
            return problem;
        }

        if (header.First != first || header.Kind != _kind)
        {
            return $"its header says stream {header.Kind}, first record {header.First}: renamed or copied";
        }

        if (_kept.Count == 0 && Base is null && !header.IsOrigin)
        {
            Impossible = $"{file.Name}: the segments before it are missing, and the stream has no beginning to keep; "
                + "restore them from a backup";
            return "the segments before it are missing";
        }

        bool atOrigin = _kept.Count == 0 && Base is null;
        Next = atOrigin ? header.First : Next;
        _instance ??= header.Instance;
        return header.Instance != _instance ? $"it belongs to instance {header.Instance}, the segments before to {_instance}"
            : header.Epoch < _epoch ? $"it belongs to run {header.Epoch}, after run {_epoch}"
            : header.First != Next ? $"it starts at {header.First}, expected {Next}: a segment is missing, or two overlap"
            : !atOrigin && header.PreviousCrc != LastCrc ? "it does not continue the CRC of the segment before"
            : null;
    }

    private string? TakeRecords(SegmentFile file)
    {
        SegmentHeader header = file.Header;
        Hash32 previous = LastHash;
        if (SegmentScan.Run(file, previous, out SegmentScan scan) is { } error)
        {
            return Unreadable(error);
        }

        if (file.IsSealed && scan.BadReason is null && file.Footer.PreviousHash != previous)
        {
            return "its seal continues another history than the segment before it";
        }

        bool whole = file.IsSealed
            && scan.BadReason is null
            && scan.Valid == file.Footer.Count
            && scan.LastCrc == file.Footer.LastCrc
            && scan.Hash == file.Footer.Hash
            && file.Length == SegmentLayout.FileLength(header.Capacity);
        if (whole && WrongSignature(file.Footer) is { } unsigned)
        {
            Impossible = file.Name + ": " + unsigned;
            return unsigned;
        }

        if (scan.Valid > 0)
        {
            _kept.Add(new KeptSegment(
                file.Name, header, scan.Valid, scan.LastCrc, scan.Hash, previous, whole, file.IsArchived));
        }

        Next = header.First + scan.Valid;
        _epoch = header.Epoch;
        if (scan.BadReason is null)
        {
            return file.IsSealed && scan.Valid < file.Footer.Count
                ? $"{file.Footer.Count} records by its footer, {scan.Valid} are there"
                : null;
        }

        return scan.BadReason;
    }

    /// <summary>What is written anew is signed as the rest is: a journal is signed as a whole or not at all.</summary>
    private string? WrongSignature(in SegmentFooter footer)
    {
        bool signed = footer.Mac != default;
        return _key is null
            ? signed ? "its footer is signed: --key is needed, with the file of the journal's key" : null
            : footer.IsSignedBy(_key) ? null
            : signed ? "its footer is not signed by this key: it was changed, or the key is another"
            : "its footer is not signed, and --key is given: a journal is signed as a whole or not at all";
    }

    private string? Unreadable(StorageError error)
    {
        // An archive's own check failed: damage like any other. A failing disk is not: what it holds is not known.
        if (error.Errno != Errno.EBADMSG)
        {
            Impossible = $"{error}: the storage fails; copy the directory to a sound disk and repair the copy";
        }

        return error.ToString();
    }

    private void Leave(in SegmentEntry entry, string reason, bool isFirst)
    {
        string name = entry.HasPlain ? entry.Name : SegmentLayout.ArchiveName(_kind, entry.First);
        long kept = isFirst && _kept.Count > 0 && _kept[^1].Name == entry.Name ? _kept[^1].Records : 0;
        long records = -1;
        if (SegmentFile.Open(_storage, _directory, entry.Name, OpenMode.Read, out SegmentFile? file) is null)
        {
            using (file!)
            {
                if (file!.HeaderProblem is null && file.Header.State == SegmentState.Prepared)
                {
                    return;
                }

                records = file.IsSealed ? file.Footer.Count - kept : CountAfter(file, kept);
            }
        }

        long offset = kept > 0 ? SegmentLayout.RecordOffset(kept) : 0;
        _dropped.Add(new DroppedPart(name, offset, records, reason));
    }

    /// <summary>Records' worth of space in use beyond what is kept.</summary>
    private static long CountAfter(SegmentFile file, long kept) =>
        file.HeaderProblem is null && SegmentScan.Run(file, null, out SegmentScan scan) is null
            ? Math.Max(0, scan.NonZeroEnd - kept)
            : -1;

    private bool Find(in KeptSegment segment, long sequence, out long keep, out uint lastCrc)
    {
        keep = segment.Records;
        lastCrc = segment.LastCrc;
        if (SegmentFile.Open(_storage, _directory, segment.Name, OpenMode.Read, out SegmentFile? file) is not null)
        {
            return false;
        }

        using (file!)
        {
            long low = 0;
            long high = segment.Records;
            Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
            while (low < high)
            {
                long middle = (low + high) / 2;
                if (file!.File.ReadFully(SegmentLayout.RecordOffset(middle), record, out _) is not null)
                {
                    return false;
                }

                if (BitConverter.ToInt64(record) >= sequence)
                {
                    high = middle;
                }
                else
                {
                    low = middle + 1;
                }
            }

            keep = low;
            if (low > 0 && low < segment.Records)
            {
                if (file!.File.ReadFully(SegmentLayout.RecordOffset(low - 1), record, out _) is not null)
                {
                    return false;
                }

                lastCrc = Record.StoredCrc(record);
            }
        }

        return true;
    }
}
