using System;
using System.IO;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

/// <summary>Segments made ahead, the self-test of the file system, and what an append allocates.</summary>
public sealed class SpareSegmentTests
{
    [Theory]
    [InlineData(Durability.Written, 1)]
    [InlineData(Durability.Written, 3)]
    [InlineData(Durability.Flushed, 2)]
    [InlineData(Durability.Flushed, 16)]
    public void As_many_segments_stand_ready_as_asked_for_and_a_clean_stop_removes_them(Durability durability, int spares)
    {
        FaultyStorage storage = new();
        JournalOptions options = JournalFixture.Options(durability) with { Spares = spares };
        Assert.Null(JournalWriter.Create(storage, JournalFixture.Folder, options, out JournalWriter? writer));
        writer!.PumpAll();
        Assert.Equal(1 + spares, JournalFixture.Segments(storage).Count);
        FaultyStorage killed = storage.AfterKill();
        writer!.Append(5);
        Assert.Null(writer!.Close());
        _ = Assert.Single(JournalFixture.Segments(storage));

        // Left by a kill they are recognised, all of them.
        RecoveryReport report = JournalRecovery.Examine(killed, JournalFixture.Folder, StreamKind.Journal);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        Assert.Equal(spares, report.Findings.Count);
        Assert.Equal(0, JournalFixture.ReadAll(killed));
    }

    [Fact]
    public void Ready_segments_are_filled_without_a_single_call_of_the_appending_thread()
    {
        FaultyStorage storage = new();
        JournalOptions options = JournalFixture.Options(Durability.Written) with { Spares = 3 };
        Assert.Null(JournalWriter.Create(storage, JournalFixture.Folder, options, out JournalWriter? writer));
        writer!.PumpAll();
        int calls = storage.Calls;
        writer!.Append(4 * 32);
        Assert.Equal(calls, storage.Calls);
        Assert.Null(writer!.Close());
        Assert.Equal(4 * 32, JournalFixture.ReadAll(storage));
    }

    [Fact]
    public void A_gap_among_the_spares_is_a_lost_segment()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(10);
        writer.PumpAll();
        FaultyStorage disk = storage.AfterKill();
        disk.Remove(JournalFixture.Segment(32));
        RecoveryReport report = JournalRecovery.Examine(disk, JournalFixture.Folder, StreamKind.Journal);
        Assert.Equal('O', report.Refusal?.Letter);
        _ = Assert.Throws<JournalDamagedException>(() => JournalFixture.ReadAll(disk));
        Assert.Null(writer.Close());
    }

    [Theory]
    [InlineData("fdatasync", Errno.EINVAL)]
    [InlineData("fdatasync", Errno.EOPNOTSUPP)]
    [InlineData("fdatasync", Errno.EIO)]
    [InlineData("fsync", Errno.EINVAL)]
    [InlineData("open", Errno.EROFS)]
    [InlineData("unlink", Errno.EPERM)]
    public void A_file_system_that_does_not_answer_sync_calls_is_found_out_by_name(string call, int errno)
    {
        FaultyStorage storage = new() { FailOnly = call, FailAt = 1, FailWith = errno };
        StorageError? error = StorageSelfTest.Run(storage, JournalFixture.Folder);
        Assert.Equal((call, errno), (error?.Call, error?.Errno));
        Assert.StartsWith(JournalFixture.Folder, error!.Path, StringComparison.Ordinal);
        storage.FailAt = 0;
        Assert.Null(StorageSelfTest.Run(storage, JournalFixture.Folder));
        Assert.DoesNotContain(Path.Combine(JournalFixture.Folder, StorageSelfTest.FileName), storage.Paths);
    }

    [Fact]
    public void The_file_system_under_the_tests_passes()
    {
        using TemporaryFolder folder = new();
        Assert.Null(StorageSelfTest.Run(new PosixStorage(), folder.Path));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData(Durability.Written, false)]
    [InlineData(Durability.Flushed, false)]
    [InlineData(Durability.Written, true)]
    public void Appending_over_recycled_segments_allocates_nothing_and_the_gate_sees_a_single_box(
        Durability durability, bool planted)
    {
        using TemporaryFolder folder = new();
        JournalOptions options = JournalFixture.Options(durability, 4096) with { StagingCapacity = 1 << 12, BatchMax = 1 << 10 };
        Assert.Null(JournalWriter.Create(
            new PosixStorage(), Path.Combine(folder.Path, "j"), options, out JournalWriter? writer));
        long allocated = 0;
        using (SyncThread sync = new(writer!))
        {
            Thread hot = new(() =>
            {
                Event e = JournalFixture.At(0);
                object? box = null;
                Append(writer!, ref e, 20, false, ref box);
                long before = GC.GetAllocatedBytesForCurrentThread();
                Append(writer!, ref e, 40, planted, ref box);
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                GC.KeepAlive(box);
            });
            hot.Start();
            hot.Join();
        }

        Assert.Null(writer!.Close());
        Assert.Equal(planted, allocated != 0);
    }

    private static void Append(JournalWriter writer, ref Event e, int segments, bool planted, ref object? box)
    {
        for (int i = 0; i < segments; i++)
        {
            for (int record = 0; record < 4096; record++)
            {
                e.Sequence = writer.NextSequence;
                writer.Append(in e);
            }

            writer.RetireBefore(writer.NextSequence - 8192);
            if (planted && i == 7)
            {
                box = e.Sequence;
            }
        }
    }
}
