using System;
using System.IO;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Recovery;

/// <summary>The table of cases, one test for each letter. The letters are those of docs/journal.md.</summary>
public sealed class JournalRecoveryTests
{
    private const int Capacity = 32;

    [Fact]
    public void A_an_empty_directory_begins_a_journal()
    {
        FaultyStorage storage = new();
        Assert.Null(storage.CreateDirectory(JournalFixture.Folder));
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Empty(report.Findings);
        Assert.Equal(RecoveryCase.Empty, report.End);
        Assert.Equal(0, writer!.NextSequence);
    }

    [Fact]
    public void B_a_sealed_journal_is_continued_in_a_new_segment()
    {
        FaultyStorage storage = JournalFixture.Closed(40);
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Empty(report.Findings);
        Assert.Equal(RecoveryCase.Sealed, report.End);
        Assert.Equal((0L, 40L, 2, 1), (report.First, report.Next, report.Segments, report.Epoch));
        AssertContinues(storage, writer, 40);
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void C_an_unsealed_tail_is_accepted_up_to_its_last_record(Durability durability)
    {
        FaultyStorage storage = Killed(45, durability);
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Equal(RecoveryCase.Unsealed, report.End);
        Assert.Equal(0, report.Cut);
        AssertContinues(storage, writer, 45);
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void D_a_torn_last_record_is_cut(Durability durability)
    {
        for (int kept = 0; kept < SegmentLayout.RecordSize; kept++)
        {
            FaultyStorage storage = Killed(45, durability);
            byte[] bytes = storage.Content(JournalFixture.Segment(32));
            Array.Clear(bytes, (int)SegmentLayout.RecordOffset(12) + kept, SegmentLayout.RecordSize - kept);
            RecoveryReport report = Resume(storage, out JournalWriter? writer);
            Assert.Equal(kept == 0 ? 'C' : 'D', (char)('A' + (int)report.End));
            Assert.Equal(kept == 0 ? 0 : 1, report.Cut);
            AssertContinues(storage, writer, 44);
        }
    }

    [Fact]
    public void E_a_batch_of_which_the_disk_kept_the_later_sectors_is_cut()
    {
        // Eight records in one batch after 36 durable ones; their first sector never reached the disk.
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(12);
        writer.PumpAll();
        writer.Append(8);
        writer.PumpAll();
        FaultyStorage disk = storage.AfterKill();
        byte[] bytes = disk.Content(JournalFixture.Segment(0));
        Array.Clear(bytes, (int)SegmentLayout.RecordOffset(12), FaultyStorage.Sector);
        RecoveryReport report = Resume(disk, out JournalWriter? resumed);
        Assert.Equal(RecoveryCase.TornBatch, report.End);
        Assert.Equal(8, report.Cut);
        AssertContinues(disk, resumed, 12);
    }

    [Fact]
    public void F_every_length_of_a_shortened_last_segment_keeps_a_prefix_or_refuses()
    {
        FaultyStorage whole = Killed(45, Durability.Flushed);
        byte[] bytes = whole.Content(JournalFixture.Segment(32));
        for (int length = 0; length < bytes.Length; length++)
        {
            FaultyStorage storage = whole.AfterKill();
            storage.Put(JournalFixture.Segment(32), bytes[..length]);
            RecoveryReport report = JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal);
            long records = Math.Clamp((length - SegmentLayout.PageSize) / SegmentLayout.RecordSize, 0, 13);
            if (length is > 0 and < SegmentLayout.PageSize)
            {
                Assert.Equal('N', report.Refusal?.Letter);
            }
            else if (length == 0)
            {
                // The segment made ahead of time behind it gives the missing one away.
                Assert.Equal('O', report.Refusal?.Letter);
            }
            else
            {
                Assert.False(report.IsRefused, report.Refusal?.ToString());
                Assert.Equal(RecoveryCase.Shortened, report.End);
                Assert.Equal(32 + records, report.Next);
            }

            if (length % 97 == 0 && !report.IsRefused)
            {
                _ = Resume(storage, out JournalWriter? writer);
                AssertContinues(storage, writer, 32 + records);
            }
        }
    }

    [Fact]
    public void G_a_segment_made_ahead_of_time_is_removed()
    {
        FaultyStorage storage = Killed(10, Durability.Flushed);
        Assert.Equal(3, JournalFixture.Segments(storage).Count);
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Equal(2, report.Findings.Count);
        Assert.All(report.Findings, finding => Assert.Equal('G', finding.Letter));
        AssertContinues(storage, writer, 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4096)]
    [InlineData(12288)]
    public void H_a_segment_whose_making_was_cut_off_is_removed(int length)
    {
        FaultyStorage storage = Killed(10, Durability.Flushed);
        byte[] half = new byte[length];
        if (length > 4096)
        {
            // The header page was torn as it was written over a file of full length.
            storage.Content(JournalFixture.Segment(32)).AsSpan(0, 20).CopyTo(half);
        }

        storage.Put(JournalFixture.Segment(32), half);
        storage.Remove(JournalFixture.Segment(64));
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Equal('H', Assert.Single(report.Findings).Letter);
        AssertContinues(storage, writer, 10);
    }

    [Fact]
    public void I_a_full_segment_that_was_not_sealed_in_time_is_sealed()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(70);
        FaultyStorage disk = storage.AfterKill();
        RecoveryReport report = Resume(disk, out JournalWriter? resumed);
        Assert.Equal(2, report.Findings.Count);
        Assert.All(report.Findings, finding => Assert.Equal('I', finding.Letter));
        AssertContinues(disk, resumed, 70);
    }

    [Fact]
    public void J_a_torn_footer_over_valid_records_is_written_again()
    {
        FaultyStorage storage = JournalFixture.Closed(40);
        byte[] bytes = storage.Content(JournalFixture.Segment(32));
        Array.Clear(bytes, (int)SegmentLayout.FooterOffset(Capacity) + 30, SegmentLayout.PageSize - 30);
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Equal('J', Assert.Single(report.Findings).Letter);
        AssertContinues(storage, writer, 40);
    }

    [Fact]
    public void K_a_valid_record_after_a_bad_one_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Written);
        Flip(storage, 32, SegmentLayout.RecordOffset(5) + 40);
        AssertRefused(storage, 'K', 32, SegmentLayout.RecordOffset(5), 37);
    }

    [Fact]
    public void L_damage_below_a_later_sync_mark_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        Flip(storage, 32, SegmentLayout.RecordOffset(2) + 40);
        AssertRefused(storage, 'L', 32, SegmentLayout.RecordOffset(2), 34);
    }

    [Theory]
    [InlineData(4096 + 40, 4096)]
    [InlineData(4096 + (31 * 128) + 127, 4096 + (31 * 128))]
    public void M_damage_in_a_sealed_segment_refuses(int at, int offset)
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        Flip(storage, 0, at);
        AssertRefused(storage, 'M', 0, offset, (offset - 4096) / 128);
    }

    [Fact]
    public void M_a_bad_record_under_a_torn_footer_refuses()
    {
        FaultyStorage storage = JournalFixture.Closed(40);
        Flip(storage, 32, SegmentLayout.FooterOffset(Capacity));
        Flip(storage, 32, SegmentLayout.RecordOffset(7));
        AssertRefused(storage, 'M', 32, SegmentLayout.RecordOffset(7), 39);
    }

    [Fact]
    public void M_a_sealed_segment_of_a_wrong_length_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        byte[] bytes = storage.Content(JournalFixture.Segment(0));
        storage.Put(JournalFixture.Segment(0), [.. bytes, 0]);
        AssertRefused(storage, 'M', 0, bytes.Length + 1, -1);
    }

    [Fact]
    public void N_a_damaged_header_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        Flip(storage, 32, 24);
        AssertRefused(storage, 'N', 32, 0, -1);
    }

    [Fact]
    public void N_a_format_of_another_version_refuses_even_without_records()
    {
        FaultyStorage storage = Killed(10, Durability.Flushed);
        byte[] bytes = storage.Content(JournalFixture.Segment(32));
        bytes[8] = 2;
        BitConverter.TryWriteBytes(
            bytes.AsSpan(SegmentLayout.PageCrcOffset),
            LowLatency.Core.Formats.Crc32C.Append(0, bytes.AsSpan(0, SegmentLayout.PageCrcOffset)));
        AssertRefused(storage, 'N', 32, 0, -1);
    }

    [Fact]
    public void N_records_in_a_segment_that_was_never_made_current_refuse()
    {
        FaultyStorage storage = Killed(10, Durability.Flushed);
        Flip(storage, 32, SegmentLayout.RecordOffset(0));
        AssertRefused(storage, 'N', 32, 0, -1);
    }

    [Theory]
    [InlineData(0, 32)]
    [InlineData(32, 64)]
    public void O_a_missing_segment_refuses(long missing, long named)
    {
        FaultyStorage storage = Killed(80, Durability.Flushed);
        storage.Remove(JournalFixture.Segment(missing));
        AssertRefused(storage, 'O', named, 0, -1);
    }

    [Fact]
    public void O_the_last_segment_missing_before_a_prepared_one_refuses()
    {
        FaultyStorage storage = Killed(40, Durability.Flushed);
        storage.Remove(JournalFixture.Segment(32));
        AssertRefused(storage, 'O', 64, 0, -1);
    }

    [Fact]
    public void P_a_renamed_or_copied_segment_refuses()
    {
        FaultyStorage renamed = Killed(80, Durability.Flushed);
        renamed.Put(JournalFixture.Segment(33), renamed.Content(JournalFixture.Segment(32)));
        AssertRefused(renamed, 'P', 33, 0, -1);

        FaultyStorage copied = Killed(45, Durability.Flushed);
        string copy = JournalFixture.Segment(0) + ".bak";
        copied.Put(copy, copied.Content(JournalFixture.Segment(0)));
        RecoveryReport report = Resume(copied, out _);
        Assert.Equal('P', report.Refusal?.Letter);
        Assert.Equal(Path.GetFileName(copy), report.Refusal?.Damage.Segment);
    }

    [Fact]
    public void Q_a_segment_of_another_instance_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        RecoveryReport report = JournalWriter.Resume(
            storage,
            JournalFixture.Folder,
            JournalFixture.Options(Durability.Flushed, epoch: 2) with { Instance = 8 },
            out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('Q', report.Refusal?.Letter);
    }

    [Fact]
    public void Q_an_older_run_after_a_newer_one_refuses()
    {
        FaultyStorage newer = new();
        Assert.Null(JournalWriter.Create(
            newer, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 5), out JournalWriter? writer));
        writer!.Append(32);
        Assert.Null(writer!.Close());
        FaultyStorage older = Killed(40, Durability.Flushed);
        newer.Put(JournalFixture.Segment(32), older.Content(JournalFixture.Segment(32)));
        AssertRefused(newer, 'Q', 32, 0, -1);
    }

    [Fact]
    public void R_a_segment_that_does_not_continue_the_chain_refuses()
    {
        // The same run written twice from different first records: every number fits, the contents do not.
        FaultyStorage one = Killed(80, Durability.Flushed);
        FaultyStorage two = Killed(80, Durability.Written);
        one.Put(JournalFixture.Segment(32), two.Content(JournalFixture.Segment(32)));
        AssertRefused(one, 'R', 32, 0, -1);
    }

    [Fact]
    public void S_an_open_segment_before_the_last_refuses()
    {
        FaultyStorage storage = Killed(80, Durability.Flushed);
        byte[] bytes = storage.Content(JournalFixture.Segment(0));
        Array.Clear(bytes, (int)SegmentLayout.FooterOffset(Capacity), SegmentLayout.PageSize);
        RecoveryReport report = Resume(storage, out _);
        Assert.Equal('S', report.Refusal?.Letter);
        Assert.Equal(SegmentLayout.Name(StreamKind.Journal, 0), report.Refusal?.Damage.Segment);
    }

    [Fact]
    public void T_a_segment_that_cannot_be_read_refuses()
    {
        FaultyStorage storage = Killed(45, Durability.Flushed);
        storage.FailOnly = "pread";
        storage.FailAt = 4;
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('T', report.Refusal?.Letter);
        Assert.Contains("pread", report.Refusal!.ToString(), StringComparison.Ordinal);
        Assert.Contains("EIO", report.Refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_snapshot_covers_is_checked_by_header_and_footer_only()
    {
        FaultyStorage storage = Killed(80, Durability.Flushed);
        Flip(storage, 0, SegmentLayout.RecordOffset(3));
        RecoveryReport report = JournalRecovery.Examine(
            storage, JournalFixture.Folder, StreamKind.Journal, instance: 7, from: 32);
        Assert.False(report.IsRefused);
        Assert.Equal(48, report.Checked);
        Assert.True(JournalRecovery.Examine(
            storage, JournalFixture.Folder, StreamKind.Journal, instance: 7, from: 31).IsRefused);
    }

    [Fact]
    public void A_run_number_that_was_used_before_breaks()
    {
        FaultyStorage storage = JournalFixture.Closed(5);
        Assert.ThrowsAny<Exception>(() => JournalWriter.Resume(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 1), out _));
    }

    private static FaultyStorage Killed(long count, Durability durability)
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, durability);
        for (long left = count; left > 0; left -= 4)
        {
            writer.Append(Math.Min(4, left));
            writer.PumpAll();
        }

        return storage.AfterKill();
    }

    private static RecoveryReport Resume(FaultyStorage storage, out JournalWriter? writer)
    {
        RecoveryReport report = JournalWriter.Resume(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out writer);
        Assert.True(report.IsRefused == (writer is null), report.Refusal?.ToString());
        return report;
    }

    private static void AssertContinues(FaultyStorage storage, JournalWriter? writer, long next)
    {
        Assert.Equal(next, writer!.NextSequence);
        writer.Append(50);
        Assert.Null(writer.Close());
        Assert.Equal(next + 50, JournalFixture.ReadAll(storage));
        Assert.Null(JournalVerifier.Verify(storage, JournalFixture.Folder).Damage);
    }

    private static void AssertRefused(FaultyStorage storage, char letter, long first, long offset, long record)
    {
        RecoveryReport report = Resume(storage, out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal(letter, report.Refusal?.Letter);
        JournalDamage damage = report.Refusal!.Damage;
        Assert.Equal(SegmentLayout.Name(StreamKind.Journal, first), damage.Segment);
        Assert.Equal((offset, record), (damage.Offset, damage.Record));
    }

    private static void Flip(FaultyStorage storage, long first, long offset) =>
        storage.Content(JournalFixture.Segment(first))[(int)offset] ^= 0x10;
}
