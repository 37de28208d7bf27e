using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Format;

/// <summary>Holds docs/journal.md against the bytes: each field is found where the document says, and nowhere else.</summary>
public sealed class JournalDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "journal.md"));

    [Fact]
    public void The_header_lies_as_documented()
    {
        SegmentHeader plain = Header();
        Hash32 hash = default;
        hash[0] = hash[31] = 0xAB;
        AssertMoves("### Header", "state", Page(plain), Page(plain with { State = SegmentState.Prepared }));
        AssertMoves("### Header", "stream", Page(plain), Page(plain with { Kind = StreamKind.Audit }));
        AssertMoves("### Header", "durability", Page(plain), Page(plain with { Durability = Durability.Written }));
        AssertMoves("### Header", "origin", Page(plain), Page(plain with { IsOrigin = true }));
        AssertMoves("### Header", "instance", Page(plain), Page(plain with { Instance = 0x0102 }));
        AssertMoves("### Header", "epoch", Page(plain), Page(plain with { Epoch = 0x01020304 }));
        AssertMoves("### Header", "first record", Page(plain), Page(plain with { First = 0x0102030405060708 }));
        AssertMoves("### Header", "capacity", Page(plain), Page(plain with { Capacity = 0x01020304 }));
        AssertMoves("### Header", "records in flight", Page(plain), Page(plain with { InFlightMax = 0x01020304 }));
        AssertMoves("### Header", "CRC of the last", Page(plain), Page(plain with { PreviousCrc = 0x01020304 }));
        AssertMoves("### Header", "configuration hash", Page(plain), Page(plain with { ConfigurationHash = hash }));
    }

    [Fact]
    public void The_footer_lies_as_documented()
    {
        SegmentFooter plain = new() { Count = 0, LastCrc = 0, Hash = default, PreviousHash = default };
        Hash32 hash = default;
        hash[0] = hash[31] = 0xAB;
        AssertMoves("### Footer", "records", Page(plain), Page(plain with { Count = 0x0102030405060708 }));
        AssertMoves("### Footer", "CRC of the last", Page(plain), Page(plain with { LastCrc = 0x01020304 }));
        AssertMoves("### Footer", "SHA-256 over", Page(plain), Page(plain with { Hash = hash }));
        AssertMoves("### Footer", "SHA-256 of", Page(plain), Page(plain with { PreviousHash = hash }));
    }

    [Fact]
    public void Magics_versions_and_records_of_a_real_file_lie_as_documented()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(3);
        writer.PumpAll();
        writer.Append(1);
        Assert.Null(writer.Close());
        byte[] bytes = storage.Content(JournalFixture.Segment(0));
        Assert.Equal("LLSEGMT1"u8, bytes.AsSpan(0, 8));
        Assert.Equal("LLFOOTR1"u8, bytes.AsSpan(4096 + (32 * 128), 8));
        Assert.Equal(4096 + (32 * 128) + 4096, bytes.Length);
        Assert.Equal(1, BitConverter.ToUInt16(bytes, Field("### Header", "format version").Offset));
        Assert.Equal(128, BitConverter.ToInt32(bytes, Field("### Header", "record size").Offset));
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(i, BitConverter.ToInt64(bytes, 4096 + (128 * i)));
        }

        // Three records before the first sync are 1, 2, 3 after nothing; the fourth came after the third was durable.
        int mark = Field("### Record", "sync mark").Offset;
        Assert.Equal(3, BitConverter.ToInt32(bytes, 4096 + (128 * 2) + mark));
        Assert.InRange(BitConverter.ToInt32(bytes, 4096 + (128 * 3) + mark), 1, 4);
        Assert.Equal(SegmentLayout.CrcOffset, Field("### Record", "CRC of bytes").Offset);
        Assert.Equal(EpochFile.Size, Field("## Epoch file", "CRC of").Offset + 4);
    }

    [Fact]
    public void Every_recovery_case_has_its_row_in_order()
    {
        List<string> letters = [];
        foreach (string line in Section("## Recovery"))
        {
            if (line.Length > 5 && line[0] == '|' && char.IsAsciiLetterUpper(line[2]) && line[3] == ' ')
            {
                letters.Add(line[2].ToString());
                RecoveryFinding finding = new((RecoveryCase)(line[2] - 'A'), new JournalDamage(string.Empty, 0, -1, string.Empty));
                Assert.Equal(finding.Refuses, line.Contains("refused", StringComparison.Ordinal));
            }
        }

        Assert.Equal(Enum.GetValues<RecoveryCase>().Length, letters.Count);
        Assert.Equal("ABCDEFGHIJKLMNOPQRSTUVWX", string.Concat(letters));
    }

    private static SegmentHeader Header() => new()
    {
        State = SegmentState.Current,
        Kind = StreamKind.Journal,
        Durability = Durability.Flushed,
        IsOrigin = false,
        Instance = 0,
        Epoch = 0,
        First = 0,
        Capacity = 0,
        InFlightMax = 0,
        PreviousCrc = 0,
        ConfigurationHash = default,
    };

    private static byte[] Page(SegmentHeader header)
    {
        byte[] page = new byte[SegmentLayout.PageSize];
        header.Write(page);
        return page;
    }

    private static byte[] Page(SegmentFooter footer)
    {
        byte[] page = new byte[SegmentLayout.PageSize];
        footer.Write(page);
        return page;
    }

    /// <summary>Only the documented bytes of the field differ, its first and its last among them, besides the CRC.</summary>
    private static void AssertMoves(string section, string field, byte[] before, byte[] after)
    {
        (int offset, int size) = Field(section, field);
        for (int i = 0; i < SegmentLayout.PageCrcOffset; i++)
        {
            bool inside = i >= offset && i < offset + size;
            Assert.True(before[i] == after[i] || inside, field + " also changes byte " + i);
        }

        Assert.NotEqual(before[offset], after[offset]);
        Assert.NotEqual(before[offset + size - 1], after[offset + size - 1]);
        Assert.False(before.AsSpan(SegmentLayout.PageCrcOffset).SequenceEqual(after.AsSpan(SegmentLayout.PageCrcOffset)));
    }

    private static (int Offset, int Size) Field(string section, string field)
    {
        foreach (string line in Section(section))
        {
            string[] cells = line.Split('|');
            if (cells.Length == 5 && cells[1].Trim().StartsWith(field, StringComparison.Ordinal))
            {
                return (int.Parse(cells[2], CultureInfo.InvariantCulture), int.Parse(cells[3], CultureInfo.InvariantCulture));
            }
        }

        throw new InvalidOperationException(section + " of docs/journal.md does not name " + field);
    }

    private static List<string> Section(string heading)
    {
        int at = Array.IndexOf(Lines, heading);
        Assert.True(at >= 0, heading);
        List<string> lines = [];
        for (int i = at + 1; i < Lines.Length && !Lines[i].StartsWith("##", StringComparison.Ordinal); i++)
        {
            lines.Add(Lines[i]);
        }

        return lines;
    }
}
