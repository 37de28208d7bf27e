using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using LowLatency.Core.Formats;
using LowLatency.Journal.Format;

namespace LowLatency.Tests.Journal.Support;

/// <summary>A rule of the format that a naive reader checks. Leaving one out plants a bug.</summary>
[Flags]
internal enum NaiveRules
{
    None = 0,
    HeaderCrc = 1,
    RecordCrc = 2,
    RecordNumber = 4,
    FooterCrc = 8,
    FooterHash = 16,
    SegmentChain = 32,
    NameIsHeader = 64,
    ZeroTail = 128,
    NoGap = 256,
    Instance = 512,
    Origin = 1024,
    Length = 2048,
    All = (1 << 12) - 1,
}

/// <summary>
/// A second implementation of the format in docs/journal.md, written from its tables for reading only: slow, plain, and
/// without mercy.
/// </summary>
internal static class NaiveLog
{
    private const int Page = 4096;
    private const int Size = 128;

    /// <summary>Reads a stream.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="take">Gets each record with its number.</param>
    /// <param name="rules">What to check.</param>
    /// <param name="key">The secret of the footers; empty when they carry none.</param>
    /// <returns>What is wrong, or null.</returns>
    public static string? Read(
        FaultyStorage disk, StreamKind kind, RecordTaker take, NaiveRules rules = NaiveRules.All, ReadOnlySpan<byte> key = default)
    {
        string prefix = kind == StreamKind.Journal ? "journal-" : "audit-";
        List<string> names = [];
        foreach (string path in disk.Paths)
        {
            if (Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal))
            {
                names.Add(path);
            }
        }

        names.Sort(StringComparer.Ordinal);
        State state = new() { Rules = rules, Kind = kind, Take = take, Key = key.ToArray() };
        string start = "/j/base-" + prefix[..^1];
        if (disk.Paths.Contains(start) && state.Base(disk.Peek(start)) is { } badBase)
        {
            return "base: " + badBase;
        }

        for (int i = 0; i < names.Count; i++)
        {
            if (state.Segment(Path.GetFileName(names[i])[prefix.Length..], disk.Peek(names[i])) is { } wrong)
            {
                return Path.GetFileName(names[i]) + ": " + wrong;
            }
        }

        return null;
    }

    private sealed class State
    {
        private bool _any;
        private bool _open;
        private bool _waits;
        private long _next;
        private long? _ahead;
        private bool _halfMade;
        private long _start;
        private uint _crc;
        private ushort _instance;
        private byte[] _hash = new byte[32];

        public required NaiveRules Rules { get; init; }

        public required StreamKind Kind { get; init; }

        public required RecordTaker Take { get; init; }

        public required byte[] Key { get; init; }

        /// <summary>What the first kept segment continues.</summary>
        public string? Base(ReadOnlySpan<byte> bytes)
        {
            bool sound = bytes.Length == 128
                && bytes.StartsWith("LLBASE01"u8)
                && BitConverter.ToUInt32(bytes[124..]) == Crc32C.Append(0, bytes[..124])
                && BitConverter.ToUInt16(bytes[8..]) == 1
                && bytes[10] == (byte)Kind
                && bytes.Slice(64, 32).SequenceEqual(Signed(bytes[..64]));
            if (!sound)
            {
                return "not a base";
            }

            _any = true;
            _instance = BitConverter.ToUInt16(bytes[12..]);
            _start = _next = BitConverter.ToInt64(bytes[16..]);
            _crc = BitConverter.ToUInt32(bytes[24..]);
            _hash = bytes.Slice(32, 32).ToArray();
            return null;
        }

        private byte[] Signed(ReadOnlySpan<byte> content) => Key.Length == 0 ? new byte[32] : HMACSHA256.HashData(Key, content);

        public string? Segment(string rest, ReadOnlySpan<byte> bytes)
        {
            // A leftover of a retirement that was cut off.
            if (long.TryParse(rest.AsSpan(0, Math.Min(20, rest.Length)), out long named) && named < _start)
            {
                return null;
            }

            if (_halfMade)
            {
                return "a segment behind one that was being made";
            }

            if (!bytes.ContainsAnyExcept((byte)0))
            {
                // Begun, and not yet marked: there can be one, and it is the last.
                _halfMade = true;
                return null;
            }

            if (bytes.Length < Page || !bytes.StartsWith("LLSEGMT1"u8))
            {
                return "no header";
            }

            bool Broken(NaiveRules rule, bool condition) => condition && Rules.HasFlag(rule);
            ReadOnlySpan<byte> header = bytes[..Page];
            if (Broken(NaiveRules.HeaderCrc, BitConverter.ToUInt32(header[4092..]) != Crc32C.Append(0, header[..4092])))
            {
                return "header CRC";
            }

            long first = BitConverter.ToInt64(header[24..]);
            int capacity = BitConverter.ToInt32(header[32..]);
            ushort instance = BitConverter.ToUInt16(header[14..]);
            if (BitConverter.ToUInt16(header[8..]) != 1 || header[10] != (byte)Kind || capacity <= 0 || capacity > 1 << 23)
            {
                return "header fields";
            }

            if (Broken(NaiveRules.NameIsHeader, rest != first.ToString("D20", System.Globalization.CultureInfo.InvariantCulture) + ".seg"))
            {
                return "name";
            }

            int length = (2 * Page) + (capacity * Size);
            if (Broken(NaiveRules.Length, bytes.Length != length))
            {
                return "length";
            }

            if (bytes.Length < length)
            {
                byte[] padded = new byte[length];
                bytes.CopyTo(padded);
                bytes = padded;
            }

            ReadOnlySpan<byte> records = bytes.Slice(Page, capacity * Size);
            ReadOnlySpan<byte> footer = bytes.Slice(Page + (capacity * Size), Page);
            if (header[11] == 1)
            {
                // Each stands a whole segment behind the one before it.
                bool follows = _ahead is null || first == _ahead;
                _ahead = first + capacity;
                bool data = footer.ContainsAnyExcept((byte)0) || (header[12] == 1
                    ? HasNumbered(records, first)
                    : records.ContainsAnyExcept((byte)0));
                return Broken(NaiveRules.ZeroTail, data) ? "data in a prepared segment"
                    : Broken(NaiveRules.NoGap, !follows) ? "gap"
                    : Broken(NaiveRules.Instance, _any && instance != _instance) ? "instance"
                    : null;
            }

            if (_ahead is not null)
            {
                return "a segment in use behind a prepared one";
            }

            if (Broken(NaiveRules.Origin, header[13] != (_any ? 0 : 1)) || header[11] != 2)
            {
                return "origin or state";
            }

            // Of durability written, a full segment may wait for its footer while the next one takes records.
            if (_any && ((_open && !_waits) || Broken(NaiveRules.NoGap, first != _next)))
            {
                return "gap";
            }

            if (Broken(NaiveRules.Instance, _any && instance != _instance))
            {
                return "instance";
            }

            uint seed = BitConverter.ToUInt32(header[40..]);
            if (Broken(NaiveRules.SegmentChain, seed != _crc))
            {
                return "CRC of the segment before";
            }

            _any = true;
            _instance = instance;
            long count = 0;
            while (count < capacity && records.Slice((int)count * Size, Size).ContainsAnyExcept((byte)0))
            {
                ReadOnlySpan<byte> record = records.Slice((int)count * Size, Size);
                uint stored = BitConverter.ToUInt32(record[124..]);
                if (Broken(NaiveRules.RecordCrc, stored != Crc32C.Append(seed, record[..124])))
                {
                    return "record CRC " + (first + count);
                }

                if (Broken(NaiveRules.RecordNumber, BitConverter.ToInt64(record[(Kind == StreamKind.Audit ? 16 : 0)..]) != first + count))
                {
                    return "record number " + (first + count);
                }

                Take(first + count, record);
                seed = stored;
                count++;
            }

            if (Broken(NaiveRules.ZeroTail, records[((int)count * Size)..].ContainsAnyExcept((byte)0)))
            {
                return "data after the end";
            }

            _next = first + count;
            _crc = seed;
            if (_open && footer.ContainsAnyExcept((byte)0))
            {
                return "sealed behind one that is not";
            }

            _open = !footer.ContainsAnyExcept((byte)0);
            _waits = header[12] == 1 && count == capacity;
            return _open ? null : Footer(header, records[..((int)count * Size)], footer, count);
        }

        /// <summary>Of durability written, a retired file may show its old records again: their numbers are others.</summary>
        private bool HasNumbered(ReadOnlySpan<byte> records, long first)
        {
            int offset = Kind == StreamKind.Audit ? 16 : 0;
            for (int i = 0; i < records.Length / Size; i++)
            {
                ReadOnlySpan<byte> record = records.Slice(i * Size, Size);
                if (record.ContainsAnyExcept((byte)0) && BitConverter.ToInt64(record[offset..]) == first + i)
                {
                    return true;
                }
            }

            return false;
        }

        private string? Footer(
            ReadOnlySpan<byte> header, ReadOnlySpan<byte> records, ReadOnlySpan<byte> footer, long count)
        {
            if (!footer.StartsWith("LLFOOTR1"u8)
                || (Rules.HasFlag(NaiveRules.FooterCrc)
                    && BitConverter.ToUInt32(footer[4092..]) != Crc32C.Append(0, footer[..4092])))
            {
                return "footer";
            }

            byte[] hashed = SHA256.HashData([.. header[..4092], .. records, .. _hash]);
            bool same = footer.Slice(24, 32).SequenceEqual(hashed)
                && footer.Slice(56, 32).SequenceEqual(_hash)
                && footer.Slice(88, 32).SequenceEqual(Signed(footer[..88]))
                && BitConverter.ToUInt32(footer[16..]) == _crc
                && BitConverter.ToInt64(footer[8..]) == count;
            _hash = footer.Slice(24, 32).ToArray();
            return same || !Rules.HasFlag(NaiveRules.FooterHash) ? null : "footer hash";
        }
    }
}

/// <summary>Gets a record.</summary>
internal delegate void RecordTaker(long number, ReadOnlySpan<byte> record);
