using System;
using System.Diagnostics;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

/// <summary>What happens before the first event: the lock and the run number.</summary>
public sealed class StartTests
{
    [Fact]
    public void A_second_start_is_told_that_one_is_running_and_may_start_when_the_first_has_ended()
    {
        using TemporaryFolder folder = new();
        PosixStorage storage = new();
        Assert.Null(InstanceLock.TryAcquire(storage, folder.Path, out InstanceLock? first));
        string? refused = InstanceLock.TryAcquire(storage, folder.Path, out InstanceLock? second);
        Assert.StartsWith("already running", refused, StringComparison.Ordinal);
        Assert.Null(second);
        first!.Dispose();
        Assert.Null(InstanceLock.TryAcquire(storage, folder.Path, out second));
        second!.Dispose();
    }

    [Fact]
    public void The_lock_of_another_process_holds_until_that_process_has_died()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, InstanceLock.FileName);
        using Process owner = Process.Start(new ProcessStartInfo("flock", [path, "sh", "-c", "echo held; read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", owner.StandardOutput.ReadLine());
        string? refused = InstanceLock.TryAcquire(new PosixStorage(), folder.Path, out _);
        Assert.StartsWith("already running", refused, StringComparison.Ordinal);
        owner.StandardInput.Close();
        owner.WaitForExit();
        Assert.Null(InstanceLock.TryAcquire(new PosixStorage(), folder.Path, out InstanceLock? held));
        held!.Dispose();
    }

    [Fact]
    public void A_lock_is_held_however_old_its_file_is()
    {
        using TemporaryFolder folder = new();
        PosixStorage storage = new();
        Assert.Null(InstanceLock.TryAcquire(storage, folder.Path, out InstanceLock? first));
        string path = Path.Combine(folder.Path, InstanceLock.FileName);
        File.SetLastWriteTimeUtc(path, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.StartsWith(
            "already running", InstanceLock.TryAcquire(storage, folder.Path, out _), StringComparison.Ordinal);
        first!.Dispose();

        // And a file that was left behind locks nobody out.
        Assert.True(File.Exists(path));
        Assert.Null(InstanceLock.TryAcquire(storage, folder.Path, out InstanceLock? second));
        second!.Dispose();
    }

    [Theory]
    [InlineData("mkdir")]
    [InlineData("open")]
    [InlineData("flock")]
    public void Every_error_on_the_way_to_the_lock_refuses(string call)
    {
        foreach (int errno in new[] { Errno.EACCES, Errno.EIO, Errno.EOPNOTSUPP, Errno.ENOSPC })
        {
            FaultyStorage storage = new() { FailOnly = call, FailAt = 1, FailWith = errno };
            string? refused = InstanceLock.TryAcquire(storage, JournalFixture.Folder, out InstanceLock? held);
            Assert.Null(held);
            Assert.Contains(call, refused, StringComparison.Ordinal);
            Assert.Contains(Errno.Name(errno), refused, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_numbers_grow_and_pass_what_the_journal_knows()
    {
        FaultyStorage storage = new();
        Assert.Null(EpochFile.Advance(storage, JournalFixture.Folder, 7, above: 0, out int first));
        Assert.Null(EpochFile.Advance(storage, JournalFixture.Folder, 7, above: 0, out int second));
        Assert.Null(EpochFile.Advance(storage, JournalFixture.Folder, 7, above: 9, out int third));
        Assert.Equal((1, 2, 10), (first, second, third));
        Assert.Null(EpochFile.Read(storage, JournalFixture.Folder, 7, out int read));
        Assert.Equal(10, read);
    }

    [Fact]
    public void A_run_number_is_never_given_twice_whatever_call_fails_and_whatever_the_power_cut_leaves()
    {
        Xoshiro256 dice = new(11);
        for (int at = 1; at < 200; at++)
        {
            FaultyStorage storage = new();
            Assert.Null(EpochFile.Advance(storage, JournalFixture.Folder, 7, 0, out int given));
            storage.FailAt = storage.Calls + 1 + (at % 12);
            storage.FailsForever = true;
            if (EpochFile.Advance(storage, JournalFixture.Folder, 7, 0, out int second) is null)
            {
                given = second;
            }

            FaultyStorage disk = storage.AfterPowerCut(ref dice);
            Assert.Null(EpochFile.Advance(disk, JournalFixture.Folder, 7, 0, out int next));
            Assert.True(next > given);
        }
    }

    [Fact]
    public void A_damaged_epoch_file_is_not_taken_for_a_first_start()
    {
        FaultyStorage storage = new();
        Assert.Null(EpochFile.Advance(storage, JournalFixture.Folder, 7, 0, out _));
        byte[] bytes = storage.Content(Path.Combine(JournalFixture.Folder, EpochFile.FileName));
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Contains("damaged", EpochFile.Advance(storage, JournalFixture.Folder, 7, 0, out _), StringComparison.Ordinal);
            bytes[i] ^= 1;
        }

        Assert.Contains("instance 7", EpochFile.Read(storage, JournalFixture.Folder, 8, out _), StringComparison.Ordinal);
        Assert.Contains(
            "retire", EpochFile.Advance(storage, JournalFixture.Folder, 7, OrderId.EpochMax, out _), StringComparison.Ordinal);
    }
}
