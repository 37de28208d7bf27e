using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Recovery;

/// <summary>Reads a stream and decides, case by case. It changes nothing.</summary>
internal sealed partial class StreamExaminer
{
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly StreamKind _kind;
    private readonly Examination _task;
    private readonly RecoveryReport _report;
    private ushort? _instance;
    private ExaminedSegment? _previous;
    private ScanAhead? _ahead;
    private int _index;

    private StreamExaminer(IStorage storage, string directory, StreamKind kind, in Examination task)
    {
        _storage = storage;
        _directory = directory;
        _kind = kind;
        _task = task;
        _instance = task.Instance;
        _report = new RecoveryReport(kind) { IsAuthenticated = task.Key is not null };
    }

    /// <summary>What repair needs to know of each segment with records or of a current one, in order.</summary>
    public List<ExaminedSegment> Segments { get; } = [];

    /// <summary>Names of segments without records, or retired ones, that are to be removed.</summary>
    public List<string> Removals { get; } = [];

    /// <summary>Where the stream begins when its first segments were retired.</summary>
    public StreamBase? Base { get; private set; }

    public static (RecoveryReport Report, StreamExaminer Plan) Run(
        IStorage storage, string directory, StreamKind kind, in Examination task)
    {
        StreamExaminer examiner = new(storage, directory, kind, task);
        examiner.Run();
        return (examiner._report, examiner);
    }

    private void Run()
    {
        if (SegmentListing.Read(_storage, _directory, _kind, out List<SegmentEntry> entries, out string? strange)
            is { } error)
        {
            Refuse(error, _directory, 0);
            return;
        }

        if (strange is not null)
        {
            Refuse(RecoveryCase.Renamed, strange, 0, "not the name of a segment");
            return;
        }

        StorageError? noBase = StreamBase.Read(
            _storage, _directory, _kind, _task.Key, out StreamBase? start, out string? badBase);
        if ((noBase?.ToString() ?? badBase) is { } unknown)
        {
            RecoveryCase why = noBase is null ? RecoveryCase.BaseDamage : RecoveryCase.StorageFailure;
            Refuse(why, StreamBase.FileName(_kind), 0, unknown);
            return;
        }

        Base = start;
        _report.First = _report.Next = start?.First ?? 0;
        _report.LastCrc = start?.LastCrc ?? 0;
        List<string> names = [];
        foreach (SegmentEntry entry in entries)
        {
            if (entry.First < Base?.First)
            {
                Retired(entry);
                continue;
            }

            names.Add(entry.Name);
        }

        int count = names.Count;
        while (count > 0 && names.Count - count < TrailingMax && IsWithoutRecords(names[count - 1]))
        {
            count--;
        }

        if (_task.Threads > 1 && count > 1)
        {
            _ahead = new ScanAhead(_storage, _directory, names[..count], _task);
        }

        for (int i = 0; _task.Progress is not null && i < count; i++)
        {
            With(names[i], segment => _task.Progress.Expect(
                segment.HeaderProblem is null ? (long)segment.Header.Capacity * SegmentLayout.RecordSize : 0));
        }

        for (int i = 0; i < count && !_report.IsRefused; i++)
        {
            _index = i;
            With(names[i], segment => Take(segment, isLast: i == count - 1));
        }

        _ahead?.Stop();

        for (int i = count; i < names.Count && !_report.IsRefused; i++)
        {
            With(names[i], Remove);
        }
    }

    private void With(string name, Action<SegmentFile> examine)
    {
        if (SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? segment) is { } error)
        {
            Refuse(error, name, 0);
            return;
        }

        using (segment!)
        {
            examine(segment!);
        }
    }

    private bool BelongsHere(SegmentFile segment, long first)
    {
        SegmentHeader header = segment.Header;
        if (header.First != first)
        {
            return Refuse(RecoveryCase.Renamed, segment.Name, 0, "its header says first record " + header.First);
        }

        if (header.Kind != _kind)
        {
            return Refuse(RecoveryCase.Foreign, segment.Name, 0, "it is a segment of stream " + header.Kind);
        }

        _instance ??= header.Instance;
        return header.Instance == _instance
            || Refuse(RecoveryCase.Foreign, segment.Name, 0, "it belongs to instance " + header.Instance);
    }

    private void Take(SegmentFile segment, bool isLast)
    {
        _ = SegmentLayout.TryParseName(_kind, segment.Name, out long first);
        if (segment.HeaderProblem is not null)
        {
            Refuse(RecoveryCase.HeaderDamage, segment.Name, 0, segment.HeaderProblem);
            return;
        }

        if (!BelongsHere(segment, first) || !Follows(segment))
        {
            return;
        }

        ExaminedSegment known = new(segment.Name, segment.Header);
        bool kept = segment.IsSealed ? TakeSealed(segment, known) : TakeOpen(segment, known, isLast);
        if (!kept)
        {
            return;
        }

        Segments.Add(known);
        _previous = known;
        _report.First = _report.Segments == 0 ? known.Header.First : _report.First;
        _report.Segments++;
        _report.Next = known.Header.First + known.Count;
        _report.Epoch = Math.Max(_report.Epoch, known.Header.Epoch);
        _report.ConfigurationHash = known.Header.ConfigurationHash;
        _report.LastCrc = known.LastCrc;
    }

    private bool Follows(SegmentFile segment)
    {
        SegmentHeader header = segment.Header;
        if (header.State == SegmentState.Prepared)
        {
            return Refuse(RecoveryCase.HeaderDamage, segment.Name, 0, "data in a segment that was never made current");
        }

        if (_previous is not { } before)
        {
            return Base is { } start ? FollowsBase(segment, start)
                : header.IsOrigin
                    || Refuse(RecoveryCase.Missing, segment.Name, 0, "the segments before it are missing");
        }

        long expected = before.Header.First + before.Count;
        return header.IsOrigin ? Refuse(RecoveryCase.Foreign, segment.Name, 0, "it is the origin of another stream")
            : header.First != expected
                ? Refuse(RecoveryCase.Missing, segment.Name, 0, $"it starts at {header.First}, expected {expected}")
            : header.Epoch < before.Header.Epoch
                ? Refuse(RecoveryCase.Foreign, segment.Name, 0, $"run {header.Epoch} after run {before.Header.Epoch}")
            : header.PreviousCrc != before.LastCrc
                ? Refuse(RecoveryCase.BrokenChain, segment.Name, 0, "it does not continue the CRC of " + before.Name)
            : true;
    }

    private bool FollowsBase(SegmentFile segment, in StreamBase start) =>
        segment.Header.IsOrigin ? Refuse(RecoveryCase.Foreign, segment.Name, 0, "it is the origin of another stream")
        : segment.Header.First != start.First
            ? Refuse(RecoveryCase.Missing, segment.Name, 0, "the stream is kept from record " + start.First)
        : segment.Header.PreviousCrc != start.LastCrc
            ? Refuse(RecoveryCase.BrokenChain, segment.Name, 0, "it does not continue the CRC of the base")
        : true;

    private bool TakeSealed(SegmentFile segment, ExaminedSegment known)
    {
        SegmentFooter footer = segment.Footer;
        long footerOffset = SegmentLayout.FooterOffset(known.Header.Capacity);
        Hash32 previousHash = _previous?.Hash ?? Base?.LastHash ?? default;
        if (_previous is { IsSealed: false } open)
        {
            return Refuse(RecoveryCase.OpenInside, open.Name, 0, "not sealed, though a later segment is");
        }

        if (footer.PreviousHash != previousHash)
        {
            return Refuse(RecoveryCase.BrokenChain, segment.Name, footerOffset, "it does not continue the hash before it");
        }

        if (_task.Key is { } key && !footer.IsSignedBy(key))
        {
            string reason = footer.Mac == default
                ? "the footer carries no HMAC, and a key is in use"
                : "the footer's HMAC is not that of the key: changed, or another key";
            return Refuse(RecoveryCase.ForgedFooter, segment.Name, footerOffset, reason);
        }

        if (segment.Length != SegmentLayout.FileLength(known.Header.Capacity))
        {
            return Refuse(RecoveryCase.SealedDamage, segment.Name, segment.Length, "the file has a wrong length");
        }

        known.IsSealed = true;
        known.Count = footer.Count;
        known.LastCrc = footer.LastCrc;
        known.Hash = footer.Hash;
        if (known.Header.First + footer.Count <= _task.From)
        {
            return true;
        }

        if (!Scan(segment, previousHash, out SegmentScan scan))
        {
            return false;
        }

        if (scan.BadReason is not null || scan.Valid != footer.Count)
        {
            long index = Math.Min(scan.Valid, footer.Count);
            string reason = scan.Valid > footer.Count ? "more records than the footer says"
                : scan.BadReason ?? "fewer records than the footer says";
            return Refuse(RecoveryCase.SealedDamage, segment, index, reason);
        }

        bool hashed = !_task.Hashes || scan.Hash == footer.Hash;
        return scan.LastCrc == footer.LastCrc && hashed
            ? true
            : Refuse(RecoveryCase.SealedDamage, segment.Name, footerOffset, "the footer does not match the records");
    }

    private bool TakeOpen(SegmentFile segment, ExaminedSegment known, bool isLast)
    {
        if (!Scan(segment, null, out SegmentScan scan))
        {
            return false;
        }

        SegmentHeader header = known.Header;
        known.Count = scan.Valid;
        known.LastCrc = scan.LastCrc;
        known.NonZeroEnd = scan.NonZeroEnd;
        known.Length = segment.Length;
        if (segment.Length > SegmentLayout.FileLength(header.Capacity))
        {
            return Refuse(RecoveryCase.SealedDamage, segment.Name, segment.Length, "the file has a wrong length");
        }

        if (!isLast)
        {
            // Its records chain on into the next segment; a footer that a crash tore over them is only written again.
            bool full = scan.BadReason is null && scan.Valid == header.Capacity;
            return full && header.Durability == Durability.Written
                ? segment.FooterIsBlank
                    ? Note(RecoveryCase.FullUnsealed, At(segment, header.Capacity, "full, and not sealed"))
                    : Note(RecoveryCase.TornFooter, At(segment, header.Capacity, segment.FooterProblem!))
                : Refuse(
                    RecoveryCase.OpenInside, segment, scan.Valid, scan.BadReason ?? "not sealed, and not the last segment");
        }

        bool kept = scan.BadReason is null || TakeTorn(segment, scan);
        if (!kept)
        {
            return false;
        }

        if (segment.Length < SegmentLayout.FileLength(header.Capacity))
        {
            _ = Note(
                RecoveryCase.Shortened,
                new JournalDamage(segment.Name, segment.Length, -1, "the file ends before its header says"));
        }

        if (!segment.FooterIsBlank)
        {
            _ = Note(
                RecoveryCase.TornFooter,
                new JournalDamage(
                    segment.Name, SegmentLayout.FooterOffset(header.Capacity), -1, segment.FooterProblem!));
        }

        _report.End = _report.List.Count > 0 ? _report.List[^1].Case : RecoveryCase.Unsealed;
        _report.End = _report.End is RecoveryCase.FullUnsealed or RecoveryCase.Retired
            ? RecoveryCase.Unsealed
            : _report.End;
        return true;
    }

    private bool TakeTorn(SegmentFile segment, in SegmentScan scan)
    {
        (RecoveryCase found, string reason) = TailRule.Judge(segment.Header, segment.FooterIsBlank, scan);
        if (found is not (RecoveryCase.TornTail or RecoveryCase.TornBatch))
        {
            return Refuse(found, segment, scan.BadIndex, reason);
        }

        _report.Cut = scan.NonZeroEnd - scan.BadIndex;
        return Note(found, At(segment, scan.BadIndex, reason));
    }

    private bool Scan(SegmentFile segment, Hash32? previousHash, out SegmentScan scan)
    {
        StorageError? error = _ahead is null
            ? SegmentScan.Run(segment, _task.Hashes ? previousHash : null, out scan, _task.Progress)
            : _ahead.Take(_index, out scan);
        if (error is not null)
        {
            return Refuse(error, segment.Name, 0);
        }

        _report.Checked += scan.Valid;
        _report.End = RecoveryCase.Sealed;
        return true;
    }

    private static JournalDamage At(SegmentFile segment, long index, string reason) =>
        new(segment.Name, SegmentLayout.RecordOffset(index), segment.Header.First + index, reason);

    private bool Note(RecoveryCase found, JournalDamage damage)
    {
        _report.List.Add(new RecoveryFinding(found, damage));
        return true;
    }

    private bool Refuse(RecoveryCase why, SegmentFile segment, long index, string reason) =>
        !Note(why, At(segment, index, reason));

    /// <summary>An archive that cannot be unpacked is damage; any other failing call is the storage's.</summary>
    private bool Refuse(StorageError error, string name, long offset) => Refuse(
        error.Errno == Errno.EBADMSG ? RecoveryCase.SealedDamage : RecoveryCase.StorageFailure,
        name,
        offset,
        error.ToString());

    private bool Refuse(RecoveryCase why, string name, long offset, string reason) =>
        !Note(why, new JournalDamage(name, offset, -1, reason));
}
