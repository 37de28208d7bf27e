using System;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Recovery;

/// <summary>Power cuts, kills and failing calls at every point of a small run, against a model of the disk.</summary>
public sealed class CrashTests
{
    private static readonly int[] Errnos =
        [Errno.EIO, Errno.ENOSPC, Errno.EINVAL, Errno.EROFS, Errno.EDQUOT, Errno.EINTR, 0];

    [Fact]
    public void After_any_power_cut_a_flushed_journal_holds_all_that_was_acknowledged_and_nothing_else()
    {
        ulong seed = Seed();
        Xoshiro256 dice = new(seed);
        int torn = 0;
        int batches = 0;
        for (int image = 0; image < 2500; image++)
        {
            ulong imageSeed = dice.Next();
            Xoshiro256 own = new(imageSeed);
            (FaultyStorage disk, long acknowledged, long appended) = Interrupted(ref own);
            try
            {
                RecoveryReport report = Recovered(disk, acknowledged, appended);
                torn += report.End == RecoveryCase.TornTail ? 1 : 0;
                batches += report.End == RecoveryCase.TornBatch ? 1 : 0;
            }
            catch (Exception failure)
            {
                Assert.Fail($"image seed {imageSeed} of seed {seed} (LOWLATENCY_SEED): {failure}");
            }
        }

        // The generator is wild enough only if the hard cases occur.
        Assert.True(torn > 20, $"only {torn} torn tails");
        Assert.True(batches > 20, $"only {batches} torn batches");
    }

    [Fact]
    public void The_power_cut_test_catches_a_log_that_acknowledges_before_the_sync()
    {
        // The planted bug: a sync that does nothing and says yes.
        Xoshiro256 dice = new(Seed());
        int caught = 0;
        for (int image = 0; image < 200; image++)
        {
            FaultyStorage storage = new();
            LyingStorage lying = new(storage);
            JournalWriter writer = JournalFixture.Create(lying, Durability.Flushed);
            lying.Lies = true;
            writer.Append(20);
            writer.PumpAll();
            FaultyStorage disk = storage.AfterPowerCut(ref dice);
            try
            {
                _ = Recovered(disk, writer.WrittenSequence, 19);
            }
            catch (Xunit.Sdk.XunitException)
            {
                caught++;
            }
        }

        Assert.True(caught > 100, $"caught only {caught} of 200");
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void After_a_kill_a_journal_holds_all_that_was_acknowledged(Durability durability)
    {
        Xoshiro256 dice = new(Seed());
        for (int image = 0; image < 100; image++)
        {
            FaultyStorage storage = new();
            JournalWriter writer = JournalFixture.Create(storage, durability);
            Run(writer, ref dice, steps: (int)dice.NextBelow(40));
            _ = Recovered(storage.AfterKill(), writer.WrittenSequence, writer.NextSequence - 1);
        }
    }

    [Theory]
    [InlineData(Durability.Written, false)]
    [InlineData(Durability.Written, true)]
    [InlineData(Durability.Flushed, false)]
    [InlineData(Durability.Flushed, true)]
    public void Whichever_call_fails_the_journal_halts_and_loses_nothing_acknowledged(Durability durability, bool forever)
    {
        foreach (int errno in Errnos)
        {
            int at = 1;
            while (Sweep(durability, at, errno, forever))
            {
                at++;
                Assert.True(at < 2000, "the sweep does not end");
            }

            Assert.True(at > 20, "the script makes too few calls to mean anything");
        }
    }

    [Fact]
    public void Whichever_call_fails_in_recovery_it_is_refused_and_can_be_repeated()
    {
        Xoshiro256 dice = new(5);
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(50);
        writer.PumpAll();
        writer.Append(6);
        long acknowledged = writer.WrittenSequence;
        for (int at = 1; ; at++)
        {
            FaultyStorage disk = storage.AfterKill();
            disk.FailAt = at;
            RecoveryReport report = JournalWriter.Resume(
                disk, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out JournalWriter? resumed);
            if (disk.Failed is null)
            {
                Assert.NotNull(resumed);
                Assert.True(at > 20, "recovery makes too few calls to mean anything");
                return;
            }

            // A failing close of a file that was only read loses nothing; every other failure refuses.
            Assert.True(report.IsRefused == (resumed is null));
            Assert.True(report.IsRefused || disk.Failed == "close", disk.Failed + " was swallowed");
            if (report.IsRefused)
            {
                Assert.Equal('T', report.Refusal!.Letter);
            }

            _ = Recovered(disk.AfterPowerCut(ref dice), acknowledged, acknowledged + 6);
        }
    }

    private static bool Sweep(Durability durability, int at, int errno, bool forever)
    {
        FaultyStorage storage = new() { FailAt = at, FailWith = errno, FailsForever = forever && errno != 0 };
        long acknowledged = -1;
        long appended = -1;
        bool reported = false;
        StorageError? notMade = JournalWriter.Create(
            storage, JournalFixture.Folder, JournalFixture.Options(durability), out JournalWriter? writer);
        if (notMade is null)
        {
            try
            {
                for (int i = 0; i < 10; i++)
                {
                    writer!.Append(8);
                    writer!.PumpAll();
                }
            }
            catch (BrokenInvariantException)
            {
                Assert.NotNull(writer!.Failure);
            }

            appended = writer!.NextSequence - 1;
            StorageError? closed = writer.Close();
            acknowledged = writer.WrittenSequence;
            reported = closed is not null || writer.Failure is not null || writer.Warning is not null;
            if (reported && writer.Failure is not null)
            {
                Assert.Throws<BrokenInvariantException>(() => writer.Append(1));
            }
        }

        if (storage.Failed is null)
        {
            Assert.False(reported);
            return false;
        }

        // An interrupted or a short call is repeated, and a mapping that cannot be ended holds nothing any more; every
        // other failure is seen by the owner.
        bool harmless = errno == 0 || (errno == Errno.EINTR && !forever) || storage.Failed == "munmap";
        Assert.True(notMade is not null || reported || harmless, $"call {at} ({storage.Failed}) failed unseen");
        storage.FailAt = 0;
        Xoshiro256 dice = new((ulong)at);
        bool begun = notMade is null;
        FaultyStorage disk = durability == Durability.Flushed ? storage.AfterPowerCut(ref dice) : storage.AfterKill();
        _ = Recovered(disk, begun ? acknowledged : -1, begun ? appended : -1);
        return true;
    }

    /// <summary>Runs until a random point inside a sync, and cuts the power there.</summary>
    private static (FaultyStorage Disk, long Acknowledged, long Appended) Interrupted(ref Xoshiro256 dice)
    {
        FaultyStorage storage = new() { FailAt = 14 + (int)dice.NextBelow(100), FailsForever = true };
        StorageError? notMade = JournalWriter.Create(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed), out JournalWriter? writer);
        if (notMade is null)
        {
            try
            {
                Run(writer!, ref dice, steps: 60);
                _ = writer!.Close();
            }
            catch (BrokenInvariantException)
            {
                Assert.NotNull(writer!.Failure);
            }
        }

        long acknowledged = writer?.WrittenSequence ?? -1;
        long appended = (writer?.NextSequence ?? 0) - 1;
        return (storage.AfterPowerCut(ref dice), acknowledged, appended);
    }

    private static void Run(JournalWriter writer, ref Xoshiro256 dice, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            writer.Append(1 + dice.NextBelow(12));
            for (long pumps = dice.NextBelow(3); pumps > 0; pumps--)
            {
                _ = writer.Pump();
            }
        }
    }

    /// <summary>Recovers twice, goes on, and checks what is there.</summary>
    private static RecoveryReport Recovered(FaultyStorage disk, long acknowledged, long appended)
    {
        Assert.Null(disk.CreateDirectory(JournalFixture.Folder));
        RecoveryReport report = JournalWriter.Resume(
            disk, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 3), out JournalWriter? writer);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        long next = writer!.NextSequence;
        Assert.InRange(next, acknowledged + 1, appended + 1);
        writer.Append(40);
        Assert.Null(writer.Close());
        Assert.Equal(next + 40, JournalFixture.ReadAll(disk));
        VerificationResult verified = JournalVerifier.Verify(disk, JournalFixture.Folder);
        Assert.True(verified.IsSound, verified.Damage?.ToString());
        Assert.Equal(next + 40, verified.Records);
        return report;
    }

    private static ulong Seed() =>
        ulong.TryParse(Environment.GetEnvironmentVariable("LOWLATENCY_SEED"), out ulong seed) ? seed : 20260101;

    /// <summary>Syncs of files do nothing and succeed.</summary>
    private sealed class LyingStorage(IStorage honest) : IStorage
    {
        public bool Lies { get; set; }

        public StorageError? CreateDirectory(string path) => honest.CreateDirectory(path);

        public StorageError? Open(string path, OpenMode mode, out IStorageFile? file)
        {
            StorageError? error = honest.Open(path, mode, out IStorageFile? inner);
            file = inner is null ? null : new LyingFile(this, inner);
            return error;
        }

        public StorageError? List(string directory, out string[] names) => honest.List(directory, out names);

        public StorageError? Delete(string path) => honest.Delete(path);

        public StorageError? Rename(string from, string to) => honest.Rename(from, to);

        public StorageError? SyncDirectory(string directory) => honest.SyncDirectory(directory);
    }

    private sealed class LyingFile(LyingStorage owner, IStorageFile inner) : IStorageFile
    {
        public string Path => inner.Path;

        public StorageError? Length(out long length) => inner.Length(out length);

        public StorageError? Allocate(long length) => inner.Allocate(length);

        public StorageError? Read(long offset, Span<byte> destination, out int read) =>
            inner.Read(offset, destination, out read);

        public StorageError? Write(long offset, ReadOnlySpan<byte> source, out int written) =>
            inner.Write(offset, source, out written);

        public StorageError? Map(long length, out IStorageMapping? mapping) => inner.Map(length, out mapping);

        public StorageError? Sync() => owner.Lies ? null : inner.Sync();

        public StorageError? Lock() => inner.Lock();

        public StorageError? Close() => inner.Close();

        public void Dispose() => inner.Dispose();
    }
}
