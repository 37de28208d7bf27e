using System;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

public sealed class JournalVerifierTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void Every_flipped_byte_of_a_sealed_segment_is_found_where_it_is(long first)
    {
        // The second segment ends early: the space that was never used is watched as well.
        FaultyStorage storage = JournalFixture.Closed(50);
        byte[] bytes = storage.Content(JournalFixture.Segment(first));
        long footer = SegmentLayout.FooterOffset(32);
        for (int at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= (byte)(1 << (at % 8));
            VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder);
            bytes[at] ^= (byte)(1 << (at % 8));
            long offset = at < SegmentLayout.PageSize ? 0 : at >= footer ? footer : at / 128 * 128;
            Assert.True(result.Damage is not null, "a flipped byte at " + at + " was not seen");
            Assert.Equal(SegmentLayout.Name(StreamKind.Journal, first), result.Damage.Damage.Segment);
            long blank = SegmentLayout.RecordOffset(50 - 32);
            Assert.Equal(first == 32 && offset > blank && offset < footer ? blank : offset, result.Damage.Damage.Offset);
        }

        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
    }

    [Fact]
    public void A_history_rewritten_with_fitting_checksums_is_found_by_the_hash_of_the_next_footer()
    {
        // Somebody replaces the first segment by another one of the same shape, CRC chain included.
        FaultyStorage storage = JournalFixture.Closed(60);
        FaultyStorage other = JournalFixture.Closed(60, Durability.Written);
        storage.Put(JournalFixture.Segment(0), other.Content(JournalFixture.Segment(0)));
        VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder);
        Assert.Equal('R', result.Damage?.Letter);
        Assert.Equal(SegmentLayout.Name(StreamKind.Journal, 32), result.Damage?.Damage.Segment);
    }

    [Fact]
    public void A_torn_tail_is_damage_here_though_recovery_would_cut_it()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(10);
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
        Assert.False(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSealed);
        storage.Content(JournalFixture.Segment(0))[(int)SegmentLayout.RecordOffset(9) + 50] ^= 1;
        VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder);
        Assert.Equal('D', result.Damage?.Letter);
        Assert.Equal(9, result.Damage?.Damage.Record);
        Assert.Equal(9, result.Records);
    }

    [Fact]
    public void The_record_that_a_running_engine_is_writing_is_no_damage_and_without_an_engine_it_is()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(10);
        storage.Content(JournalFixture.Segment(0))[(int)SegmentLayout.RecordOffset(9) + 50] ^= 1;
        Assert.Null(InstanceLock.TryAcquire(storage, JournalFixture.Folder, out InstanceLock? held));
        using (held!)
        {
            VerificationResult beside = JournalVerifier.Verify(storage, JournalFixture.Folder);
            Assert.True(beside.IsSound, beside.Damage?.ToString());
            Assert.Equal(9, beside.Records);
        }

        Assert.Equal('D', JournalVerifier.Verify(storage, JournalFixture.Folder).Damage?.Letter);
    }

    [Fact]
    public void A_writer_that_retires_and_goes_on_at_any_moment_of_the_reading_makes_no_damage()
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
                    writer.Append(70);
                    writer.PumpAll();
                    writer.RetireBefore(140);
                    writer.PumpAll();
                    writer.Append(5);
                }
            });
            VerificationResult result = JournalVerifier.Verify(busy, JournalFixture.Folder, hashes: true);
            Assert.True(result.IsSound, at + ": " + result.Damage);
            calls = Math.Max(calls, busy.Opens);
        }

        Assert.InRange(calls, 5, 1000);
    }

    [Fact]
    public void Damage_that_stays_is_damage_beside_a_running_engine_too()
    {
        FaultyStorage storage = JournalFixture.Closed(110);
        storage.Content(JournalFixture.Segment(32))[(int)SegmentLayout.RecordOffset(3) + 50] ^= 1;
        Assert.Null(InstanceLock.TryAcquire(storage, JournalFixture.Folder, out InstanceLock? held));
        using (held!)
        {
            Assert.Equal('M', JournalVerifier.Verify(storage, JournalFixture.Folder).Damage?.Letter);
        }
    }
}
