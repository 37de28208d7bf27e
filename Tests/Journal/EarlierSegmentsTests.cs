using System;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

public sealed class EarlierSegmentsTests
{
    [Fact]
    public void Every_flipped_byte_of_the_records_and_footer_of_an_earlier_segment_is_found()
    {
        FaultyStorage storage = JournalFixture.Closed(80);
        byte[] bytes = storage.Content(JournalFixture.Segment(0));
        int end = (int)SegmentLayout.FooterOffset(32);
        for (int at = SegmentLayout.PageSize; at < bytes.Length; at++)
        {
            // What follows the fields of a footer is covered by its CRC like the rest of the page.
            bytes[at] ^= (byte)(1 << (at % 8));
            JournalDamage? damage = Check(storage, 64, out _);
            bytes[at] ^= (byte)(1 << (at % 8));
            Assert.True(damage is not null, "a flipped byte at " + at + " was not seen");
            Assert.Equal(SegmentLayout.Name(StreamKind.Journal, 0), damage.Segment);
            Assert.Equal(at < end ? at / 128 * 128 : end, damage.Offset);
        }

        Assert.Null(Check(storage, 64, out long records));
        Assert.Equal(64, records);
    }

    [Fact]
    public void Only_segments_entirely_before_the_point_are_read_and_a_stopped_check_says_nothing()
    {
        FaultyStorage storage = JournalFixture.Closed(80);
        storage.Content(JournalFixture.Segment(32))[(int)SegmentLayout.RecordOffset(3) + 8] ^= 1;
        Assert.NotNull(Check(storage, 64, out _));
        Assert.Null(Check(storage, 63, out long records));
        Assert.Equal(32, records);
        Assert.Null(EarlierSegments.Check(storage, JournalFixture.Folder, StreamKind.Journal, 64, () => false, out records));
        Assert.Equal(0, records);
    }

    [Fact]
    public void A_segment_that_is_retired_at_any_moment_of_the_reading_is_no_damage()
    {
        int calls = 0;
        for (int at = 0; at <= calls; at++)
        {
            FaultyStorage storage = new();
            JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
            writer.Append(110);
            writer.PumpAll();
            BusyStorage busy = new(storage, open =>
            {
                if (open == at)
                {
                    writer.RetireBefore(96);
                    writer.PumpAll();
                    writer.Append(70);
                    writer.PumpAll();
                }
            });
            Assert.Null(EarlierSegments.Check(busy, JournalFixture.Folder, StreamKind.Journal, 96, () => true, out _));
            calls = Math.Max(calls, busy.Opens);
        }

        Assert.InRange(calls, 3, 100);
    }

    private static JournalDamage? Check(FaultyStorage storage, long before, out long records) =>
        EarlierSegments.Check(storage, JournalFixture.Folder, StreamKind.Journal, before, () => true, out records);
}
