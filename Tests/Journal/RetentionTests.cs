using System;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

/// <summary>Segments leave at the front, their files come back at the end, and nothing in between is ever in doubt.</summary>
public sealed class RetentionTests
{
    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void A_retired_front_is_gone_and_the_rest_reads_verifies_and_goes_on(Durability durability)
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, durability);
        writer.Append(110);
        writer.PumpAll();
        writer.RetireBefore(70);
        writer.PumpAll();
        Assert.Equal(64, writer.FirstSequence);
        Assert.DoesNotContain(JournalFixture.Segment(0), storage.Paths);
        Assert.DoesNotContain(JournalFixture.Segment(32), storage.Paths);
        Assert.Equal(110 - 64, JournalFixture.ReadAll(storage));
        writer.Append(40);
        Assert.Null(writer.Close());
        AssertHolds(storage, 64, 150);
        RecoveryReport report = JournalWriter.Resume(
            storage, JournalFixture.Folder, JournalFixture.Options(durability, epoch: 2), out JournalWriter? next);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        Assert.Equal(64, report.First);
        next!.Append(10);
        next!.RetireBefore(150);
        next!.PumpAll();
        Assert.Equal(150, next!.FirstSequence);
        Assert.Null(next!.Close());
        AssertHolds(storage, 150, 160);
    }

    [Theory]
    [InlineData(Durability.Written, 32)]
    [InlineData(Durability.Flushed, 4)]
    public void Files_are_used_again_though_the_pump_is_never_idle(Durability durability, int records)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "j");
        JournalOptions options = JournalFixture.Options(durability) with { Spares = 2, RecycledMax = 3 };
        Assert.Null(JournalWriter.Create(new PosixStorage(), path, options, out JournalWriter? writer));
        int most = 0;
        for (int i = 0; i < 600; i++)
        {
            writer!.Append(records);
            Assert.NotEqual(0, writer!.Pump());
            writer!.RetireBefore(writer.NextSequence - 64);
            most = Math.Max(most, Directory.GetFiles(path, "*.seg").Length);
        }

        // Kept, waiting to be sealed, current, spares, one being made, recycled.
        Assert.InRange(most, 4, 3 + 4 + 1 + 2 + 1 + 3);
        Assert.Null(writer!.Close());
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void Whichever_directory_sync_fails_a_file_that_was_being_used_again_is_taken_away_by_the_name_that_it_has(
        Durability durability)
    {
        int warned = 0;
        for (int failAt = 1; failAt <= 20; failAt++)
        {
            FaultyStorage storage = new() { FailOnly = "fsync" };
            JournalWriter writer = JournalFixture.Create(storage, durability);
            writer.Append(110);
            writer.PumpAll();
            (storage.FailAt, storage.FailWith) = (storage.Calls + failAt, Errno.EIO);
            writer.RetireBefore(70);
            writer.PumpAll();
            writer.Append(20);
            writer.PumpAll();
            bool wasWarned = writer.Warning is not null;
            StorageError? closed = writer.Close();
            Assert.DoesNotContain("ENOENT", $"{writer.Warning} {writer.Failure} {closed}", StringComparison.Ordinal);
            if (wasWarned && closed is null)
            {
                warned++;
                string last = JournalFixture.Segments(storage).Max(StringComparer.Ordinal)!;
                Assert.Equal(SegmentLayout.Name(StreamKind.Journal, 128), Path.GetFileName(last));
            }
        }

        Assert.InRange(warned, 1, 20);
    }

    [Fact]
    public void A_range_that_begins_before_the_base_is_read_from_the_base()
    {
        FaultyStorage storage = Retired();
        Assert.Equal(150 - 64, JournalFixture.ReadAll(storage, options: new ReadOptions { From = 3 }));
        Assert.Equal(10, JournalFixture.ReadAll(storage, options: new ReadOptions { From = 100, To = 109 }));
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void Files_are_used_again_so_that_their_number_is_bounded(Durability durability)
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "j");
        JournalOptions options = JournalFixture.Options(durability) with { Spares = 2, RecycledMax = 3 };
        Assert.Null(JournalWriter.Create(new PosixStorage(), path, options, out JournalWriter? writer));
        int most = 0;
        for (int i = 0; i < 60; i++)
        {
            writer!.Append(32);
            writer!.PumpAll();
            writer!.RetireBefore(writer.NextSequence - 64);
            writer!.PumpAll();
            most = Math.Max(most, Directory.GetFiles(path, "*.seg").Length);
        }

        // Kept, current, spares, recycled.
        Assert.InRange(most, 4, 3 + 1 + 2 + 3);
        Assert.Null(writer!.Close());
        Assert.Equal(64, JournalFixture.ReadAll(new PosixStorage(), path));
        Assert.True(JournalVerifier.Verify(new PosixStorage(), path).IsSound);
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void Once_files_come_back_no_new_one_is_made(Durability durability)
    {
        int made = 0;
        FaultyStorage storage = new() { BeforeCall = call => made += call == "fallocate" ? 1 : 0 };
        JournalWriter writer = JournalFixture.Create(storage, durability);
        int first = 0;
        for (int i = 0; i < 40; i++)
        {
            writer.Append(32);
            writer.PumpAll();
            writer.RetireBefore(writer.NextSequence - 64);
            writer.PumpAll();
            first = i == 10 ? made : first;
        }

        Assert.True(first > 0);
        Assert.Equal(first, made);
        Assert.Null(writer.Close());
    }

    [Fact]
    public void Only_sealed_segments_entirely_before_the_record_go()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(40);
        writer.PumpAll();
        writer.RetireBefore(31);
        writer.PumpAll();
        Assert.Equal(0, writer.FirstSequence);
        writer.RetireBefore(long.MaxValue);
        writer.PumpAll();
        Assert.Equal(32, writer.FirstSequence);
        writer.RetireBefore(5);
        writer.PumpAll();
        Assert.Equal(32, writer.FirstSequence);
        Assert.Null(writer.Close());
        AssertHolds(storage, 32, 40);
    }

    [Fact]
    public void A_front_segment_that_is_missing_is_noticed_with_and_without_a_base()
    {
        FaultyStorage withBase = Retired();
        withBase.Remove(JournalFixture.Segment(64));
        Assert.Equal('O', Examine(withBase).Refusal?.Letter);
        FaultyStorage without = JournalFixture.Closed(100);
        without.Remove(JournalFixture.Segment(0));
        Assert.Equal('O', Examine(without).Refusal?.Letter);
        FaultyStorage lostBase = Retired();
        lostBase.Remove(BasePath);
        Assert.Equal('O', Examine(lostBase).Refusal?.Letter);
        _ = Assert.Throws<JournalDamagedException>(() => JournalFixture.ReadAll(lostBase));
    }

    [Fact]
    public void V_a_base_with_any_byte_changed_refuses()
    {
        FaultyStorage storage = Retired();
        byte[] bytes = storage.Content(BasePath);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = (byte[])bytes.Clone();
            changed[i] ^= 1;
            storage.Put(BasePath, changed);
            Assert.Equal('V', Examine(storage).Refusal?.Letter);
        }

        storage.Put(BasePath, bytes);
        Assert.False(Examine(storage).IsRefused);
    }

    [Fact]
    public void X_a_segment_before_the_base_is_removed()
    {
        FaultyStorage storage = Retired();
        storage.Put(JournalFixture.Segment(32), JournalFixture.Closed(64).Content(JournalFixture.Segment(32)));
        RecoveryFinding finding = Assert.Single(Examine(storage).Findings);
        Assert.Equal(('X', false), (finding.Letter, finding.Refuses));
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
        _ = JournalWriter.Resume(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out JournalWriter? writer);
        Assert.Null(writer!.Close());
        Assert.DoesNotContain(JournalFixture.Segment(32), storage.Paths);
    }

    [Theory]
    [InlineData(Durability.Written, false)]
    [InlineData(Durability.Flushed, false)]
    [InlineData(Durability.Written, true)]
    [InlineData(Durability.Flushed, true)]
    public void Cut_at_any_call_while_segments_are_retired_and_used_again_nothing_that_is_kept_is_lost(
        Durability durability, bool power)
    {
        Xoshiro256 dice = new(5);
        int cuts = 0;
        int halfway = 0;
        FaultyStorage storage = new();
        JournalWriter? writer = null;
        long floor = 0;
        storage.BeforeCall = _ =>
        {
            // What was asked to be kept, and what was acknowledged before this call.
            (long kept, long acknowledged) = (floor, power ? writer?.DurableSequence ?? -1 : writer?.WrittenSequence ?? -1);
            FaultyStorage disk = power ? storage.AfterPowerCut(ref dice) : storage.AfterKill();
            RecoveryReport report = JournalWriter.Resume(
                disk, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out JournalWriter? resumed);
            cuts++;
            if (report.IsRefused && power && durability == Durability.Written)
            {
                // A power cut may cost a written journal its tail, said aloud; never what was sealed.
                Assert.Contains(report.Refusal!.Letter, "KNS");
                return;
            }

            Assert.False(report.IsRefused, report.Refusal?.ToString());
            Assert.True(report.First <= kept, $"kept from {kept}, begins at {report.First}");
            Assert.True(report.Next > acknowledged, $"acknowledged {acknowledged}, ends before {report.Next}");
            halfway += report.Findings.Any(finding => finding.Case == RecoveryCase.Retired) ? 1 : 0;
            resumed!.Append(3);
            Assert.Null(resumed!.Close());
            AssertHolds(disk, report.First, report.Next + 3);
        };
        JournalOptions options = JournalFixture.Options(durability) with { RecycledMax = 1 };
        Assert.Null(JournalWriter.Create(storage, JournalFixture.Folder, options, out writer));
        for (int i = 0; i < 12; i++)
        {
            writer!.Append(16);
            writer!.PumpAll();
            floor = Math.Max(0, writer!.NextSequence - 70);
            writer!.RetireBefore(floor);
            writer!.PumpAll();
        }

        Assert.True(cuts > 150, $"only {cuts} cuts");
        Assert.True(halfway > 0, "no cut fell between the base and the last renaming");
        storage.BeforeCall = null;
        Assert.Null(writer!.Close());
        AssertHolds(storage, writer!.FirstSequence, 12 * 16);
    }

    [Fact]
    public void Old_records_of_a_recycled_file_that_a_power_cut_brings_back_are_not_taken_for_new_ones()
    {
        // A written journal whose recycled spare was zeroed in memory only: on the disk the retired records are still there.
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(96);
        writer.PumpAll();
        byte[] old = (byte[])storage.Content(JournalFixture.Segment(0)).Clone();
        writer.RetireBefore(64);
        writer.PumpAll();
        writer.Append(64);
        writer.PumpAll();
        writer.Append(5);
        FaultyStorage disk = storage.AfterKill();
        foreach ((long segment, int from) in ((long, int)[])[(160, 5), (192, 0)])
        {
            byte[] bytes = disk.Content(JournalFixture.Segment(segment));
            int at = (int)SegmentLayout.RecordOffset(from);
            old.AsSpan(at, (int)SegmentLayout.FooterOffset(32) - at).CopyTo(bytes.AsSpan(at));
        }

        RecoveryReport report = JournalWriter.Resume(
            disk, JournalFixture.Folder, JournalFixture.Options(Durability.Written, epoch: 2), out JournalWriter? resumed);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        Assert.Equal(165, report.Next);
        resumed!.Append(40);
        Assert.Null(resumed!.Close());
        AssertHolds(disk, 64, 205);
    }

    [Fact]
    public void A_failing_retirement_is_a_warning_and_appends_go_on()
    {
        for (int at = 1; at < 12; at++)
        {
            FaultyStorage storage = new();
            JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
            writer.Append(100);
            writer.PumpAll();
            storage.FailAt = storage.Calls + at;
            writer.RetireBefore(80);
            writer.PumpAll();
            storage.FailAt = 0;
            writer.Append(5);
            writer.PumpAll();
            Assert.Equal(104, writer.DurableSequence);
            StorageError? warned = writer.Warning;
            Assert.Equal(warned, writer.Close());
            Assert.False(Examine(storage).IsRefused, Examine(storage).Refusal?.ToString());
        }
    }

    private static string BasePath => Path.Combine(JournalFixture.Folder, "base-journal");

    private static RecoveryReport Examine(FaultyStorage storage) =>
        JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal);

    /// <summary>Closed: events 64 to 149.</summary>
    private static FaultyStorage Retired()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(110);
        writer.PumpAll();
        writer.RetireBefore(70);
        writer.PumpAll();
        writer.Append(40);
        Assert.Null(writer.Close());
        return storage;
    }

    private static void AssertHolds(FaultyStorage storage, long first, long next)
    {
        VerificationResult verified = JournalVerifier.Verify(storage, JournalFixture.Folder);
        Assert.True(verified.IsSound, verified.Damage?.ToString());
        Assert.Equal((first, next), (verified.First, verified.Next));
        Assert.Equal(next - first, JournalFixture.ReadAll(storage));
    }
}
