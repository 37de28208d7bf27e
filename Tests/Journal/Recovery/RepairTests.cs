using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Archive;
using LowLatency.Journal.Blobs;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Recovery;

/// <summary>What recovery refuses, letter by letter: what a repair keeps of it, or why it keeps nothing.</summary>
public sealed class RepairTests : IDisposable
{
    private const int Capacity = 32;
    private readonly TemporaryFolder _folder = new();
    private readonly PosixStorage _posix = new();

    public static TheoryData<char, long> Repairable => new()
    {
        { 'K', 37 },
        { 'L', 34 },
        { 'M', 5 },
        { 'N', 32 },
        { 'O', 32 },
        { 'P', 80 },
        { 'Q', 32 },
        { 'R', 32 },
        { 'S', 80 },
    };

    [Theory]
    [MemberData(nameof(Repairable))]
    public void A_repair_keeps_the_valid_beginning_notes_what_it_dropped_and_holds(char letter, long kept)
    {
        string damaged = OnDisk(Damaged(letter));
        Dictionary<string, string> before = Hashes(damaged);
        RecoveryReport refused = JournalRecovery.Examine(_posix, damaged, StreamKind.Journal);
        Assert.Equal(letter, refused.Refusal?.Letter);

        RepairPlan plan = JournalRepair.Plan(_posix, damaged);
        Assert.False(plan.IsSound);
        Assert.Null(plan.Impossible);
        Assert.Equal(letter, plan.Refusal?.Letter);
        Assert.Equal(kept, plan.NextSequence);
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, damaged, repaired, plan, "tested", 123));

        Assert.Equal(before, Hashes(damaged));
        VerificationResult verified = JournalVerifier.Verify(_posix, repaired);
        Assert.True(verified.IsSound && verified.IsSealed, verified.Damage?.ToString());
        Assert.Equal(kept, JournalFixture.ReadAll(_posix, repaired, new ReadOptions { To = kept - 1 }));
        AssertNote(repaired, damaged, kept, letter is not ('P' or 'S'));
        Assert.False(Directory.Exists(repaired + ".part"));

        // It goes on like any other journal, with a run number that was never used.
        RecoveryReport resumed = JournalWriter.Resume(
            _posix, repaired, JournalFixture.Options(Durability.Flushed, epoch: 100), out JournalWriter? writer);
        Assert.False(resumed.IsRefused, resumed.Refusal?.ToString());
        writer!.Dispose();
        Assert.Null(EpochFile.Read(_posix, repaired, 7, out int epoch));
        Assert.True(epoch > refused.Epoch);
    }

    [Fact]
    public void A_format_of_another_version_is_left_to_its_build()
    {
        FaultyStorage storage = Killed(45);
        byte[] bytes = storage.Content(JournalFixture.Segment(32));
        bytes[8] = 99;
        BitConverter.TryWriteBytes(
            bytes.AsSpan(SegmentLayout.PageCrcOffset),
            LowLatency.Core.Formats.Crc32C.Append(0, bytes.AsSpan(0, SegmentLayout.PageCrcOffset)));
        AssertImpossible(storage, "use the build that wrote it");
    }

    [Fact]
    public void A_journal_without_its_beginning_is_left_to_a_backup()
    {
        FaultyStorage storage = Killed(80);
        storage.Remove(JournalFixture.Segment(0));
        AssertImpossible(storage, "restore them from a backup");
    }

    [Fact]
    public void A_damaged_base_is_left_to_a_backup()
    {
        FaultyStorage storage = Killed(80);
        storage.Put(Path.Combine(JournalFixture.Folder, "base-journal"), new byte[128]);
        AssertImpossible(storage, "restore this file from a backup");
    }

    [Fact]
    public void A_failing_disk_is_left_to_a_copy_of_it()
    {
        FaultyStorage storage = Killed(80);
        storage.FailOnly = "pread";
        storage.FailsForever = true;
        storage.FailAt = 9;
        RepairPlan plan = JournalRepair.Plan(storage, JournalFixture.Folder);
        Assert.Contains("copy the directory to a sound disk", plan.Impossible, StringComparison.Ordinal);
        storage.FailAt = 0;
        Assert.NotNull(JournalRepair.Run(storage, JournalFixture.Folder, "/r", plan, "tested", 1));
        Assert.DoesNotContain(storage.Paths, path => path.StartsWith("/r", StringComparison.Ordinal));
    }

    [Fact]
    public void A_journal_behind_its_watermark_says_how_much_is_missing()
    {
        string directory = OnDisk(JournalFixture.Closed(40));
        RepairPlan plan = JournalRepair.Plan(_posix, directory, known: 55);
        Assert.False(plan.IsSound);
        Assert.Equal((40L, 55L), (plan.NextSequence, plan.KnownSequence));
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, directory, repaired, plan, "the tail is gone", 5));
        RepairNote note = NoteOf(repaired);
        Assert.Equal((40L, 55L, "the tail is gone", 5L), (note.NextSequence, note.KnownSequence, note.Reason, note.RepairedAt));
    }

    [Fact]
    public void A_rotten_footer_over_sound_records_loses_nothing()
    {
        FaultyStorage storage = JournalFixture.Closed(100);
        storage.Content(JournalFixture.Segment(32))[(int)SegmentLayout.FooterOffset(Capacity) + 40] ^= 1;
        string damaged = OnDisk(storage);
        Assert.True(JournalRecovery.Examine(_posix, damaged, StreamKind.Journal).IsRefused);
        RepairPlan plan = JournalRepair.Plan(_posix, damaged);
        Assert.Equal((100L, 99L), (plan.NextSequence, plan.KnownSequence));
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, damaged, repaired, plan, "tested", 1));
        Assert.Equal(100, JournalFixture.ReadAll(_posix, repaired, new ReadOptions { To = 99 }));
        Assert.True(JournalVerifier.Verify(_posix, repaired).IsSound);
    }

    [Fact]
    public void A_damaged_archive_is_cut_where_it_cannot_be_unpacked()
    {
        FaultyStorage storage = JournalFixture.Closed(150);
        Assert.Null(JournalArchiver.Run(storage, JournalFixture.Folder, StreamKind.Journal).Problem);
        string archive = Path.Combine(JournalFixture.Folder, SegmentLayout.ArchiveName(StreamKind.Journal, 64));
        storage.Content(archive)[SegmentLayout.PageSize + 20] ^= 1;
        string damaged = OnDisk(storage);
        RepairPlan plan = JournalRepair.Plan(_posix, damaged);
        Assert.Equal(64, plan.NextSequence);
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, damaged, repaired, plan, "tested", 1));
        Assert.Equal(64, JournalFixture.ReadAll(_posix, repaired, new ReadOptions { To = 63 }));
        Assert.True(JournalVerifier.Verify(_posix, repaired).IsSound);
    }

    [Fact]
    public void A_sound_journal_needs_no_repair()
    {
        string directory = OnDisk(JournalFixture.Closed(40));
        Assert.True(JournalRepair.Plan(_posix, directory).IsSound);
        Assert.True(JournalRepair.Plan(_posix, directory, known: 39).IsSound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_its_run_number_a_journal_of_runs_is_not_sound_and_goes_on_above_any_that_can_have_been(bool damaged)
    {
        string directory = OnDisk(RunOf(40, epoch: 5));
        Assert.Null(EpochFile.Advance(_posix, directory, 7, 4, out _));
        Assert.True(JournalRepair.Plan(_posix, directory).IsSound);
        string file = Path.Combine(directory, EpochFile.FileName);
        if (damaged)
        {
            File.WriteAllBytes(file, new byte[EpochFile.Size]);
        }
        else
        {
            File.Delete(file);
        }

        RepairPlan plan = JournalRepair.Plan(_posix, directory);
        Assert.False(plan.IsSound);
        Assert.Contains(damaged ? "damaged" : "missing", Assert.Single(plan.BesideParts).Reason, StringComparison.Ordinal);
        Assert.Equal((40L, 39L), (plan.NextSequence, plan.KnownSequence));
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, directory, repaired, plan, "tested", 1));
        Assert.Null(EpochFile.Read(_posix, repaired, 7, out int epoch));
        Assert.Equal(5 + Companions.EpochsLeftOut + 1, epoch);
        Assert.True(JournalRepair.Plan(_posix, repaired).IsSound);
    }

    [Fact]
    public void A_journal_is_repaired_by_the_key_that_signed_it_and_by_no_other()
    {
        string file = Path.Combine(_folder.Path, "key");
        string other = Path.Combine(_folder.Path, "other");
        using JournalKey mine = KeyOf(file, 1);
        using JournalKey theirs = KeyOf(other, 2);
        FaultyStorage storage = new();
        Assert.Null(JournalWriter.Create(
            storage,
            JournalFixture.Folder,
            JournalFixture.Options(Durability.Flushed) with { Key = mine },
            out JournalWriter? writer));
        writer!.Append(80);
        Assert.Null(writer!.Close());
        string damaged = OnDisk(Flip(storage, 32, SegmentLayout.RecordOffset(2) + 40));
        Assert.Contains("--key is needed", JournalRepair.Plan(_posix, damaged).Impossible, StringComparison.Ordinal);
        Assert.Contains(
            "not signed by this key", JournalRepair.Plan(_posix, damaged, key: theirs).Impossible, StringComparison.Ordinal);
        RepairPlan plan = JournalRepair.Plan(_posix, damaged, key: mine);
        Assert.Null(plan.Impossible);
        string repaired = Path.Combine(_folder.Path, "repaired");
        Assert.Null(JournalRepair.Run(_posix, damaged, repaired, plan, "tested", 1, mine));
        Assert.True(JournalVerifier.Verify(_posix, repaired, key: mine).IsSound);
        Assert.Equal('U', JournalVerifier.Verify(_posix, repaired, key: theirs).Damage?.Letter);

        string unsigned = Path.Combine(_folder.Path, "unsigned");
        CopyTo(JournalFixture.Closed(80), unsigned);
        Assert.Contains("not signed, and --key", JournalRepair.Plan(_posix, unsigned, key: mine).Impossible, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_cut_off_repair_left_behind_is_not_taken_for_a_journal()
    {
        string damaged = OnDisk(Damaged('K'));
        string repaired = Path.Combine(_folder.Path, "repaired");
        _ = Directory.CreateDirectory(repaired + ".part");
        File.WriteAllText(Path.Combine(repaired + ".part", "half"), "x");
        string? problem = JournalRepair.Run(_posix, damaged, repaired, JournalRepair.Plan(_posix, damaged), "tested", 1);
        Assert.Contains("remove it first", problem, StringComparison.Ordinal);
        Assert.False(Directory.Exists(repaired));
    }

    [Fact]
    public void A_note_survives_its_bytes_and_other_bytes_are_no_note()
    {
        RepairNote note = new("why", "/d", 7, 8, 9, [new NotedPart(new DroppedPart("f", 1, -1, "r"), "ab")]);
        byte[] bytes = note.Write();
        Assert.True(RepairNote.TryRead(bytes, out RepairNote? read));
        Assert.Equal(note with { Parts = [] }, read! with { Parts = [] });
        Assert.Equal(note.Parts, read.Parts);
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.False(RepairNote.TryRead(bytes.AsSpan(0, i), out _));
        }

        Assert.False(RepairNote.TryRead([.. bytes, 0], out _));
    }

    public void Dispose() => _folder.Dispose();

    private static FaultyStorage Damaged(char letter)
    {
        switch (letter)
        {
            case 'K':
                return Flip(Killed(45, Durability.Written), 32, SegmentLayout.RecordOffset(5) + 40);
            case 'L':
                return Flip(Killed(45), 32, SegmentLayout.RecordOffset(2) + 40);
            case 'M':
                return Flip(Killed(45), 0, SegmentLayout.RecordOffset(5) + 40);
            case 'N':
                return Flip(Killed(45), 32, 24);
            case 'O':
                FaultyStorage missing = Killed(80);
                missing.Remove(JournalFixture.Segment(32));
                return missing;
            case 'P':
                FaultyStorage copied = Killed(80);
                copied.Put(JournalFixture.Segment(0) + ".bak", copied.Content(JournalFixture.Segment(0)));
                return copied;
            case 'Q':
                FaultyStorage newer = new();
                Assert.Null(JournalWriter.Create(
                    newer,
                    JournalFixture.Folder,
                    JournalFixture.Options(Durability.Flushed, epoch: 5),
                    out JournalWriter? writer));
                writer!.Append(32);
                Assert.Null(writer!.Close());
                newer.Put(JournalFixture.Segment(32), Killed(40).Content(JournalFixture.Segment(32)));
                return newer;
            case 'R':
                FaultyStorage one = Killed(80);
                one.Put(JournalFixture.Segment(32), Killed(80, Durability.Written).Content(JournalFixture.Segment(32)));
                return one;
            default:
                FaultyStorage open = Killed(80);
                Array.Clear(
                    open.Content(JournalFixture.Segment(0)),
                    (int)SegmentLayout.FooterOffset(Capacity),
                    SegmentLayout.PageSize);
                return open;
        }
    }

    private static FaultyStorage Flip(FaultyStorage storage, long segment, long offset)
    {
        storage.Content(JournalFixture.Segment(segment))[offset] ^= 1;
        return storage;
    }

    private static FaultyStorage Killed(long count, Durability durability = Durability.Flushed)
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

    private static void AssertImpossible(FaultyStorage storage, string said)
    {
        Assert.True(JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal).IsRefused);
        RepairPlan plan = JournalRepair.Plan(storage, JournalFixture.Folder);
        Assert.Contains(said, plan.Impossible, StringComparison.Ordinal);
        Assert.Equal(plan.Impossible, JournalRepair.Run(storage, JournalFixture.Folder, "/r", plan, "tested", 1));
        Assert.DoesNotContain(storage.Paths, path => path.StartsWith("/r", StringComparison.Ordinal));
    }

    private JournalKey KeyOf(string path, byte fill)
    {
        byte[] bytes = new byte[JournalKey.BytesMin];
        Array.Fill(bytes, fill);
        File.WriteAllBytes(path, bytes);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
        }

        Assert.Null(JournalKey.Load(_posix, path, out JournalKey? key));
        return key!;
    }

    /// <summary>A closed journal that begins as an engine's does.</summary>
    private static FaultyStorage RunOf(long count, int epoch)
    {
        FaultyStorage storage = new();
        Assert.Null(JournalWriter.Create(
            storage, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: epoch), out JournalWriter? writer));
        Event started = default;
        started.Source = EventSource.Engine;
        started.Flags = EventFlags.Whole;
        started.Set(new EpochStarted { Epoch = epoch });
        writer!.Append(in started);
        writer!.Append(count - 1);
        Assert.Null(writer!.Close());
        return storage;
    }

    private string OnDisk(FaultyStorage storage)
    {
        string directory = Path.Combine(_folder.Path, "damaged");
        CopyTo(storage, directory);
        return directory;
    }

    private static void CopyTo(FaultyStorage storage, string directory)
    {
        _ = Directory.CreateDirectory(directory);
        foreach (string path in storage.Paths)
        {
            File.WriteAllBytes(Path.Combine(directory, Path.GetFileName(path)), storage.Content(path));
        }
    }

    private static Dictionary<string, string> Hashes(string directory) => Directory.GetFiles(directory).ToDictionary(
        path => path, path => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));

    private static void AssertNote(string repaired, string damaged, long next, bool loses)
    {
        RepairNote note = NoteOf(repaired);
        Assert.Equal(("tested", damaged, 123L, next), (note.Reason, note.Directory, note.RepairedAt, note.NextSequence));
        Assert.Equal(loses, note.Parts.Any(part => part.Part.Records != 0));
        foreach (NotedPart part in note.Parts)
        {
            Assert.Equal(
                Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(damaged, part.Part.File)))),
                part.FileHash);
        }
    }

    /// <summary>The note and the hold after it, which is the last event.</summary>
    private static RepairNote NoteOf(string repaired)
    {
        using JournalReader reader = new(new PosixStorage(), repaired);
        BlobCollector blobs = new();
        RepairNote? note = null;
        Event e = default;
        long time = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            Assert.True(e.ReceivedAt >= time);
            time = e.ReceivedAt;
            if (blobs.TryComplete(e, out BlobPurpose purpose, out ReadOnlyMemory<byte> content))
            {
                Assert.Equal(BlobPurpose.Repair, purpose);
                Assert.True(RepairNote.TryRead(content.Span, out note));
            }
        }

        Assert.Equal(EventKind.Operator, e.Kind);
        Assert.Equal(OperatorVerb.Hold, e.Operator.Verb);
        Assert.NotNull(note);
        return note;
    }
}
