using System;
using LowLatency.Core.Events;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Format;

/// <summary>What reading all records of a segment found.</summary>
internal struct SegmentScan
{
    /// <summary>Bytes read at a time: whole records, also whole sectors.</summary>
    private const int ChunkRecords = 2048;

    /// <summary>Records from the start that are valid and in order.</summary>
    public long Valid;

    /// <summary>CRC of the last of them, or the segment's seed.</summary>
    public uint LastCrc;

    /// <summary>Why the record after them is bad; null when nothing but zeros follows.</summary>
    public string? BadReason;

    /// <summary>Index of the first non-zero byte's record at or after <see cref="Valid"/>; meaningful when bad.</summary>
    public long BadIndex;

    /// <summary>Records after the bad one that are valid by the CRC stored before them.</summary>
    public long ValidAfter;

    /// <summary>Highest record number that one of those says was durable when it was appended; -1 when none says so.</summary>
    public long DurableClaim;

    /// <summary>True when one of those says nothing of durability, or lies farther ahead than can be on its way.</summary>
    public bool Unexplained;

    /// <summary>One past the last record with a non-zero byte.</summary>
    public long NonZeroEnd;

    /// <summary>SHA-256 of the valid records by the header and the given previous hash, when asked for.</summary>
    public Hash32 Hash;

    /// <summary>Reads the segment. Bytes beyond the end of the file count as zero.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="previousHash">Footer hash of the segment before; null to leave the hash out.</param>
    /// <param name="scan">What was found.</param>
    /// <param name="progress">Told of every chunk; or null.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? Run(
        SegmentFile segment, Hash32? previousHash, out SegmentScan scan, ReadProgress? progress = null)
    {
        SegmentHeader header = segment.Header;
        scan = new SegmentScan { LastCrc = header.PreviousCrc, DurableClaim = -1 };
        using SegmentHash? hash = previousHash is null ? null : new SegmentHash();
        hash?.Start(header);
        byte[] buffer = new byte[Math.Min(ChunkRecords, header.Capacity) * SegmentLayout.RecordSize];
        uint storedBefore = header.PreviousCrc;
        for (long from = 0; from < header.Capacity; from += ChunkRecords)
        {
            int records = (int)Math.Min(ChunkRecords, header.Capacity - from);
            Span<byte> chunk = buffer.AsSpan(0, records * SegmentLayout.RecordSize);
            long offset = SegmentLayout.RecordOffset(from);
            int within = (int)Math.Clamp(segment.Length - offset, 0, chunk.Length);
            if (segment.File.ReadFully(offset, chunk[..within], out int read) is { } error)
            {
                return error;
            }

            chunk[read..].Clear();
            progress?.Add(chunk.Length);
            long validBefore = scan.Valid;
            int first = scan.TakeValid(header, from, chunk, ref storedBefore);
            if (first < records && Record.IsZero(chunk[(first * SegmentLayout.RecordSize)..]))
            {
                storedBefore = 0;
                first = records;
            }

            for (int i = first; i < records; i++)
            {
                ReadOnlySpan<byte> record = chunk.Slice(i * SegmentLayout.RecordSize, SegmentLayout.RecordSize);
                scan.Take(header, from + i, record, ref storedBefore);
            }

            hash?.Add(chunk[..(int)((scan.Valid - validBefore) * SegmentLayout.RecordSize)]);
        }

        if (hash is not null)
        {
            scan.Hash = hash.Finish(previousHash!.Value);
        }

        return null;
    }

    /// <summary>The rule by far: all records of the chunk are valid.</summary>
    private int TakeValid(in SegmentHeader header, long from, ReadOnlySpan<byte> chunk, ref uint storedBefore)
    {
        if (BadReason is not null || Valid != from)
        {
            return 0;
        }

        int valid = RecordCheck.ValidPrefix(chunk, storedBefore, header.First + from, header.Kind);
        if (valid > 0)
        {
            Valid += valid;
            NonZeroEnd = Valid;
            storedBefore = Record.StoredCrc(chunk.Slice((valid - 1) * SegmentLayout.RecordSize, SegmentLayout.RecordSize));
            LastCrc = storedBefore;
        }

        return valid;
    }

    private void Take(in SegmentHeader header, long index, ReadOnlySpan<byte> record, ref uint storedBefore)
    {
        bool zero = Record.IsZero(record);
        long number = header.First + index;
        bool chained = !zero && Record.Crc(record, storedBefore) == Record.StoredCrc(record);
        bool numbered = Record.Number(record, header.Kind) == number;
        storedBefore = Record.StoredCrc(record);
        if (!zero)
        {
            NonZeroEnd = index + 1;
        }

        if (BadReason is null && Valid == index && chained && numbered)
        {
            Valid++;
            LastCrc = storedBefore;
            return;
        }

        if (zero)
        {
            return;
        }

        if (BadReason is null)
        {
            BadIndex = Valid;
            BadReason = index > Valid ? "a zero record before data"
                : chained ? "record number is " + Record.Number(record, header.Kind) + ", expected " + number
                : "record CRC differs";
            if (index == Valid)
            {
                return;
            }
        }

        if (chained && numbered)
        {
            ValidAfter++;
            uint mark = Record.Mark(record);
            Unexplained |= mark == 0 || mark > header.InFlightMax;
            DurableClaim = mark == 0 ? DurableClaim : Math.Max(DurableClaim, number - mark);
        }
    }
}
