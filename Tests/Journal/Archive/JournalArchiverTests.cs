using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Archive;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Archive;

public sealed class JournalArchiverTests
{
    private const int Events = 150;

    [Fact]
    public void An_archived_journal_reads_seeks_and_verifies_as_the_segments_did()
    {
        FaultyStorage storage = Archived();
        Assert.Equal(
            [".arc", ".arc", ".arc", ".arc", ".seg"], JournalFixture.Segments(storage).Select(Path.GetExtension));
        Assert.Equal(Events, JournalFixture.ReadAll(storage));
        for (long from = 0; from < Events; from++)
        {
            Assert.Equal(Events - from, JournalFixture.ReadAll(storage, options: new ReadOptions { From = from }));
            Assert.Equal(from, RecordSearch.EventAt(storage, JournalFixture.Folder, 1_000_000 * from));
        }

        foreach (int threads in (ReadOnlySpan<int>)[1, 4])
        {
            VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder, threads: threads);
            Assert.True(result.IsSound && result.IsSealed, result.Damage?.ToString());
            Assert.Equal((5, (long)Events), (result.Segments, result.Records));
        }
    }

    [Fact]
    public void A_run_whose_older_segments_are_archived_goes_on()
    {
        FaultyStorage storage = Archived();
        RecoveryReport report = JournalWriter.Resume(
            storage,
            JournalFixture.Folder,
            JournalFixture.Options(Durability.Flushed, epoch: 2),
            out JournalWriter? writer);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        writer!.Append(70);
        Assert.Null(writer!.Close());
        Assert.Equal(Events + 70, JournalFixture.ReadAll(storage));

        // And what it has sealed since is archived next.
        ArchiveReport again = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Null(again.Problem);
        Assert.True(again.Before == 4 && again.Archived.Count > 0);
        Assert.Equal(Events + 70, JournalFixture.ReadAll(storage));
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
    }

    [Fact]
    public void Archiving_again_changes_nothing()
    {
        FaultyStorage storage = Archived();
        List<string> before = JournalFixture.Segments(storage);
        ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Null(report.Problem);
        Assert.Equal((0, 4, 1), (report.Archived.Count, report.Before, report.Left));
        Assert.Equal(before, JournalFixture.Segments(storage));
    }

    [Theory]
    [InlineData(Errno.EIO, false)]
    [InlineData(Errno.EIO, true)]
    [InlineData(Errno.ENOSPC, true)]
    [InlineData(0, false)]
    public void Whichever_call_fails_the_journal_stays_sound_and_the_next_archiving_completes_it(int errno, bool forEver)
    {
        FaultyStorage counting = JournalFixture.Closed(Events);
        int before = counting.Calls;
        _ = JournalArchiver.Run(counting, JournalFixture.Folder, StreamKind.Journal);
        int calls = counting.Calls - before;
        Assert.True(calls > 60, "only " + calls + " calls");
        for (int at = 1; at <= calls; at++)
        {
            FaultyStorage storage = JournalFixture.Closed(Events);
            storage.FailWith = errno;
            storage.FailsForever = forEver;
            storage.FailAt = storage.Calls + at;
            ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);

            // Nothing hangs on the closing of what was only read.
            bool mattered = errno != 0 && forEver && storage.Failed != "close";
            Assert.True(!mattered || report.Problem is not null, $"call {at}, {storage.Failed}, failed unseen");
            storage.FailAt = 0;
            AssertWhole(storage, at);
            ArchiveReport completed = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
            Assert.Null(completed.Problem);
            AssertWhole(storage, at);
            Assert.DoesNotContain(storage.Paths, path => path.EndsWith(JournalArchiver.PartName, StringComparison.Ordinal));
            Assert.Single(JournalFixture.Segments(storage), name => name.EndsWith(".seg", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Whenever_the_power_goes_the_journal_is_whole()
    {
        FaultyStorage counting = JournalFixture.Closed(Events);
        int before = counting.Calls;
        _ = JournalArchiver.Run(counting, JournalFixture.Folder, StreamKind.Journal);
        int calls = counting.Calls - before;
        Xoshiro256 dice = new(11);
        for (int at = 1; at <= calls; at++)
        {
            FaultyStorage storage = JournalFixture.Closed(Events);
            storage.FailsForever = true;
            storage.FailAt = storage.Calls + at;
            _ = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
            for (int image = 0; image < 20; image++)
            {
                AssertWhole(storage.AfterPowerCut(ref dice), at);
            }
        }
    }

    [Fact]
    public void Every_changed_byte_of_an_archive_is_found_and_no_wrong_event_is_read()
    {
        FaultyStorage storage = Archived();
        string path = Path.Combine(JournalFixture.Folder, SegmentLayout.ArchiveName(StreamKind.Journal, 32));
        byte[] bytes = storage.Content(path);
        int length = bytes.Length;

        // Each byte of the header's fields and of the index; of blocks and of the header's zeros one in so many.
        const int Stride = 101;
        int index = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(32));
        Assert.InRange(index, SegmentLayout.PageSize, length - 1);
        for (int at = 0; at < length; at++)
        {
            if (at >= 80 && at < index && at / 4 != (SegmentLayout.PageSize / 4) - 1 && at % Stride != 0)
            {
                continue;
            }

            bytes[at] ^= (byte)(1 << (at % 8));
            VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder);
            Assert.True(result.Damage is not null, "a changed byte at " + at + " was not seen");
            Assert.Equal('M', result.Damage.Letter);
            Assert.Throws<JournalDamagedException>(() => JournalFixture.ReadAll(storage));
            bytes[at] ^= (byte)(1 << (at % 8));
        }

        for (int cut = 0; cut < length; cut += 7)
        {
            storage.Put(path, bytes[..cut]);
            Assert.NotNull(JournalVerifier.Verify(storage, JournalFixture.Folder).Damage);
        }
    }

    [Fact]
    public void A_damaged_segment_is_not_archived()
    {
        FaultyStorage storage = JournalFixture.Closed(Events);
        storage.Content(JournalFixture.Segment(64))[(int)SegmentLayout.RecordOffset(3) + 40] ^= 1;
        ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Contains("is damaged and stays as it is", report.Problem, StringComparison.Ordinal);
        Assert.Equal(2, report.Archived.Count);
        Assert.Contains(SegmentLayout.Name(StreamKind.Journal, 64), JournalFixture.Segments(storage));
    }

    [Fact]
    public void An_open_segment_and_the_last_one_stay_as_they_are()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(40);
        writer.PumpAll();
        ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Null(report.Problem);
        Assert.Single(report.Archived);

        // The writer goes on meanwhile, across the seam.
        writer.Append(60);
        Assert.Null(writer.Close());
        Assert.Equal(100, JournalFixture.ReadAll(storage));
        ArchiveReport keeping = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal, keep: 3);
        Assert.Empty(keeping.Archived);
    }

    [Fact]
    public void Two_archivings_at_a_time_are_refused()
    {
        FaultyStorage storage = JournalFixture.Closed(Events);
        Assert.Null(storage.Open(
            Path.Combine(JournalFixture.Folder, JournalArchiver.LockName), OpenMode.OpenOrCreate, out IStorageFile? held));
        Assert.Null(held!.Lock());
        ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Contains("being archived by another", report.Problem, StringComparison.Ordinal);
        Assert.Empty(report.Archived);
        held.Dispose();
    }

    [Fact]
    public void Retention_takes_archives_as_it_takes_segments()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(140);
        writer.PumpAll();
        Assert.Null(JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal).Problem);
        writer.RetireBefore(70);
        writer.PumpAll();
        Assert.Null(writer.Close());
        Assert.Null(writer.Failure);
        Assert.Equal(64, RecordSearch.EventAt(storage, JournalFixture.Folder, 0));
        using JournalReader reader = new(storage, JournalFixture.Folder);
        Assert.Equal(64, reader.NextSequence);
        Assert.True(JournalVerifier.Verify(storage, JournalFixture.Folder).IsSound);
        Assert.DoesNotContain(storage.Paths, path => path.EndsWith("00000.arc", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StreamKind.Journal)]
    [InlineData(StreamKind.Audit)]
    public void Any_block_packs_and_unpacks_to_itself(StreamKind kind)
    {
        Xoshiro256 dice = new(3);
        using ArchiveCodec codec = new(kind);
        for (int round = 0; round < 60; round++)
        {
            int rows = round == 0 ? ArchiveHeader.BlockBytes / 128 : 1 + (int)dice.NextBelow(700);
            byte[] block = new byte[rows * 128];
            int noise = round % 3;
            for (int i = 0; i < block.Length && noise > 0; i++)
            {
                block[i] = (byte)dice.NextBelow(noise == 1 ? 256 : 3);
            }

            byte[] packed = codec.Pack(block).ToArray();
            byte[] again = new byte[block.Length];
            Assert.True(codec.TryUnpack(packed, again));
            Assert.True(block.AsSpan().SequenceEqual(again));

            // Neither a shorter nor a longer block comes out of it.
            Assert.False(block.Length < ArchiveHeader.BlockBytes && codec.TryUnpack(packed, new byte[block.Length + 128]));
            Assert.False(rows > 1 && codec.TryUnpack(packed, new byte[block.Length - 128]));
            Assert.False(codec.TryUnpack(packed.AsSpan(0, packed.Length / 2), again));
        }
    }

    private static FaultyStorage Archived()
    {
        FaultyStorage storage = JournalFixture.Closed(Events);
        ArchiveReport report = JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Null(report.Problem);
        Assert.Equal(4, report.Archived.Count);
        return storage;
    }

    private static void AssertWhole(FaultyStorage storage, int at)
    {
        Assert.True(JournalFixture.ReadAll(storage) == Events, "events are missing after call " + at);
        VerificationResult result = JournalVerifier.Verify(storage, JournalFixture.Folder);
        Assert.True(result.IsSound && result.IsSealed && result.Records == Events, at + ": " + result.Damage);
    }
}
