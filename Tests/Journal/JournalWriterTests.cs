using System;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

public sealed class JournalWriterTests
{
    [Theory]
    [InlineData(Durability.Written, 0)]
    [InlineData(Durability.Written, 1)]
    [InlineData(Durability.Written, 32)]
    [InlineData(Durability.Written, 33)]
    [InlineData(Durability.Written, 500)]
    [InlineData(Durability.Flushed, 0)]
    [InlineData(Durability.Flushed, 1)]
    [InlineData(Durability.Flushed, 32)]
    [InlineData(Durability.Flushed, 33)]
    [InlineData(Durability.Flushed, 500)]
    public void What_is_appended_is_read_back_byte_for_byte_over_segment_rolls(Durability durability, long count)
    {
        FaultyStorage storage = JournalFixture.Closed(count, durability);
        Assert.Equal(Math.Max(0, (count + 31) / 32), JournalFixture.Segments(storage).Count);
        VerificationResult verified = JournalVerifier.Verify(storage, JournalFixture.Folder);
        Assert.Null(verified.Damage);
        Assert.Equal(count, verified.Records);
        if (count > 0)
        {
            Assert.True(verified.IsSealed);
            Assert.Equal(count, JournalFixture.ReadAll(storage));
        }
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void Real_files_and_a_sync_thread_give_the_same_journal(Durability durability)
    {
        using TemporaryFolder folder = new();
        PosixStorage storage = new();
        JournalOptions options = JournalFixture.Options(durability, capacity: 1024) with { StagingCapacity = 256 };
        Assert.Null(JournalWriter.Create(storage, folder.Path, options, out JournalWriter? writer));
        using (SyncThread sync = new(writer!))
        {
            writer!.Append(5000);
            SpinWait.SpinUntil(() => writer!.WrittenSequence == 4999 || writer.Failure is not null);
            Assert.Null(writer!.Failure);
            Assert.Null(sync.Defect);
        }

        Assert.Null(writer.Close());
        Assert.Equal(4999, writer.DurableSequence);
        Assert.Equal(5000, JournalFixture.ReadAll(storage, folder.Path));
        VerificationResult verified = JournalVerifier.Verify(storage, folder.Path);
        Assert.Null(verified.Damage);
        Assert.Equal(5, verified.Segments);
    }

    [Fact]
    public void An_event_is_acknowledged_after_the_sync_and_not_before()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(5);
        Assert.Equal(-1, writer.WrittenSequence);
        writer.PumpAll();
        Assert.Equal(4, writer.WrittenSequence);
        Assert.Equal(4, writer.DurableSequence);

        FaultyStorage written = new();
        JournalWriter mapped = JournalFixture.Create(written, Durability.Written);
        mapped.Append(5);
        Assert.Equal(4, mapped.WrittenSequence);
        Assert.Equal(-1, mapped.DurableSequence);
    }

    [Fact]
    public void A_sequence_that_is_not_the_next_one_breaks()
    {
        JournalWriter writer = JournalFixture.Create(new FaultyStorage(), Durability.Written);
        writer.Append(3);
        foreach (long wrong in new long[] { 0, 2, 4, -1 })
        {
            Event e = JournalFixture.At(wrong);
            Assert.Throws<BrokenInvariantException>(() => writer.Append(in e));
        }

        Event empty = default;
        empty.Sequence = 3;
        Assert.Throws<BrokenInvariantException>(() => writer.Append(in empty));
        writer.Append(1);
    }

    [Fact]
    public void Nothing_is_appended_after_close()
    {
        JournalWriter writer = JournalFixture.Create(new FaultyStorage(), Durability.Flushed);
        writer.Append(1);
        Assert.Null(writer.Close());
        Assert.Throws<BrokenInvariantException>(() => writer.Append(1));
        Assert.Null(writer.Close());
    }

    [Fact]
    public void A_journal_is_not_begun_where_one_is()
    {
        FaultyStorage storage = JournalFixture.Closed(3);
        StorageError? error = JournalWriter.Create(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Written), out JournalWriter? writer);
        Assert.Equal(Errno.EEXIST, error?.Errno);
        Assert.Null(writer);
    }

    [Fact]
    public void Without_a_file_it_only_counts()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.None);
        writer.Append(100);
        Assert.Equal(99, writer.WrittenSequence);
        Assert.Null(writer.Close());
        Assert.Equal(0, storage.Calls);
    }

    [Fact]
    public void Equal_runs_give_equal_bytes_when_the_durability_is_written()
    {
        FaultyStorage one = JournalFixture.Closed(100, Durability.Written);
        FaultyStorage two = JournalFixture.Closed(100, Durability.Written);
        foreach (string path in one.Paths)
        {
            Assert.Equal(one.Content(path), two.Content(path));
        }
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    [InlineData(Durability.None)]
    public void Appending_allocates_nothing(Durability durability)
    {
        JournalWriter writer = JournalFixture.Create(new FaultyStorage(), durability, capacity: 8192);
        if (durability == Durability.Flushed)
        {
            writer.Close();
            JournalOptions options = JournalFixture.Options(durability, 8192) with { StagingCapacity = 8192 };
            Assert.Null(JournalWriter.Create(new FaultyStorage(), JournalFixture.Folder, options, out JournalWriter? roomy));
            writer = roomy!;
        }

        Assert.Equal(0, Allocated(writer, 4000, planted: false));
        Assert.NotEqual(0, Allocated(writer, 100, planted: true));
    }

    [Fact]
    public void Failing_to_prepare_a_segment_warns_first_and_fails_when_the_current_one_is_full()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        storage.FailOnly = "fallocate";
        storage.FailWith = Errno.ENOSPC;
        storage.FailAt = 1;
        storage.FailsForever = true;
        writer.PumpAll();
        Assert.Equal(Errno.ENOSPC, writer.Warning?.Errno);
        Assert.Null(writer.Failure);
        for (int i = 0; i < 4; i++)
        {
            writer.Append(8);
            writer.PumpAll();
        }

        Assert.Equal(31, writer.DurableSequence);
        Assert.Null(writer.Failure);
        writer.Append(1);
        writer.PumpAll();
        Assert.Equal("fallocate", writer.Failure?.Call);
        Assert.Throws<BrokenInvariantException>(() => writer.Append(1));
    }

    private static long Allocated(JournalWriter writer, int count, bool planted)
    {
        object? kept = null;
        Event e = JournalFixture.At(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i++)
        {
            e.Sequence = writer.NextSequence;
            writer.Append(in e);
            kept = planted ? new object() : kept;
        }

        long after = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(kept);
        return after - before;
    }
}
