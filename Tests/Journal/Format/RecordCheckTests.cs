using System;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using Xunit;
using Record = LowLatency.Journal.Format.Record;

namespace LowLatency.Tests.Journal.Format;

public sealed class RecordCheckTests
{
    private const int Records = 13;

    [Fact]
    public void Every_flipped_bit_of_every_record_ends_the_valid_prefix_there_as_the_plain_check_says()
    {
        byte[] records = Content();
        Assert.Equal(Records, RecordCheck.ValidPrefix(records, 0, 0, StreamKind.Journal));
        for (int bit = 0; bit < records.Length * 8; bit++)
        {
            records[bit / 8] ^= (byte)(1 << (bit % 8));
            int found = RecordCheck.ValidPrefix(records, 0, 0, StreamKind.Journal);
            Assert.Equal(OneByOne(records, 0, 0), found);
            Assert.Equal(bit / 8 / SegmentLayout.RecordSize, found);
            records[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Any_count_any_start_and_any_seed_agree_with_the_plain_check()
    {
        byte[] records = Content();
        for (int from = 0; from < Records; from++)
        {
            for (int count = 0; from + count <= Records; count++)
            {
                ReadOnlySpan<byte> part = records.AsSpan(from * 128, count * 128);
                uint seed = from == 0 ? 0 : Record.StoredCrc(records.AsSpan((from - 1) * 128, 128));
                Assert.Equal(count, RecordCheck.ValidPrefix(part, seed, from, StreamKind.Journal));
                Assert.Equal(0, RecordCheck.ValidPrefix(part, seed ^ 1, from, StreamKind.Journal));
                Assert.Equal(0, RecordCheck.ValidPrefix(part, seed, from + 1, StreamKind.Journal));
            }
        }
    }

    [Fact]
    public void Records_in_another_order_are_no_prefix()
    {
        Xoshiro256 dice = new(5);
        for (int i = 0; i < 500; i++)
        {
            byte[] records = Content();
            int a = (int)dice.NextBelow(Records);
            int b = (int)dice.NextBelow(Records);
            byte[] kept = records[(a * 128)..((a + 1) * 128)];
            Array.Copy(records, b * 128, records, a * 128, 128);
            kept.CopyTo(records, b * 128);
            int expected = a == b ? Records : Math.Min(a, b);
            Assert.Equal(expected, RecordCheck.ValidPrefix(records, 0, 0, StreamKind.Journal));
        }
    }

    private static int OneByOne(ReadOnlySpan<byte> records, uint seed, long number)
    {
        int valid = 0;
        while (valid < records.Length / 128)
        {
            ReadOnlySpan<byte> record = records.Slice(valid * 128, 128);
            if (Record.Crc(record, seed) != Record.StoredCrc(record)
                || Record.Number(record, StreamKind.Journal) != number + valid)
            {
                return valid;
            }

            seed = Record.StoredCrc(record);
            valid++;
        }

        return valid;
    }

    private static byte[] Content() => JournalFixture.Closed(Records)
        .Content(JournalFixture.Segment(0)).AsSpan(SegmentLayout.PageSize, Records * 128).ToArray();
}
