using System;
using System.IO;
using System.Runtime.Versioning;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

/// <summary>A directory that was rolled back or replaced as a whole is sound in itself; the watermark knows better.</summary>
public sealed class WatermarkTests
{
    private const string Mark = "/elsewhere/mark";

    [Fact]
    public void A_directory_rolled_back_as_a_whole_is_refused_naming_both_ends()
    {
        FaultyStorage storage = new();
        Run(storage, 1, 50);
        FaultyStorage old = storage.AfterKill();
        Run(storage, 2, 30);
        old.Put(Mark, storage.Content(Mark));
        Assert.Null(Admit(old, exists: true, out Watermark? mark));
        Assert.Equal((2, 79L), (mark!.Epoch, mark.Sequence));
        RecoveryReport report = Resume(old, 3, mark, out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('W', report.Refusal?.Letter);
        Assert.Contains("event 79", report.Refusal!.Damage.Reason, StringComparison.Ordinal);
        Assert.Contains("ends with 49", report.Refusal.Damage.Reason, StringComparison.Ordinal);

        // The negative control: without the watermark nobody notices.
        Assert.False(Resume(old, 3, null, out writer).IsRefused);
        Assert.Null(writer!.Close());
    }

    [Fact]
    public void Another_history_of_the_same_length_is_refused_by_the_records_checksum()
    {
        FaultyStorage storage = new();
        Run(storage, 1, 50);
        Assert.Null(Admit(storage, exists: true, out Watermark? mark));
        RecoveryReport report = Resume(storage, 2, mark! with { Crc = mark.Crc ^ 1 }, out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('W', report.Refusal?.Letter);
        Assert.Contains("CRC", report.Refusal!.Damage.Reason, StringComparison.Ordinal);
        Assert.False(Resume(storage, 2, mark, out writer).IsRefused);
        Assert.Null(writer!.Close());
    }

    [Fact]
    public void Nothing_is_changed_before_the_refusal()
    {
        FaultyStorage storage = new();
        JournalWriter writer = Open(storage, 1);
        writer.Append(20);
        writer.PumpAll();
        writer.Append(3);
        FaultyStorage killed = storage.AfterKill();
        byte[] before = (byte[])killed.Content(JournalFixture.Segment(0)).Clone();
        Assert.Equal('W', Resume(killed, 2, new Watermark(7, 1, 40, 0), out _).Refusal?.Letter);
        Assert.Equal(before, killed.Content(JournalFixture.Segment(0)));
        Assert.Null(writer.Close());
    }

    [Fact]
    public void After_a_retirement_the_watermark_at_the_base_is_still_compared_and_one_before_it_accepted()
    {
        FaultyStorage storage = new();
        JournalWriter writer = Open(storage, 1);
        writer.Append(100);
        writer.PumpAll();
        uint crc = BitConverter.ToUInt32(
            storage.Content(JournalFixture.Segment(32)), (int)SegmentLayout.RecordOffset(31) + SegmentLayout.CrcOffset);
        writer.RetireBefore(64);
        writer.PumpAll();
        Assert.Null(writer.Close());
        Assert.Equal('W', Resume(storage, 2, new Watermark(7, 1, 63, crc ^ 1), out _).Refusal?.Letter);
        Assert.False(Resume(storage, 2, new Watermark(7, 1, 63, crc), out JournalWriter? next).IsRefused);
        Assert.Null(next!.Close());
        Assert.False(Resume(storage, 3, new Watermark(7, 1, 5, 1), out next).IsRefused);
        Assert.Null(next!.Close());
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void The_mark_is_never_ahead_of_what_a_power_cut_leaves(Durability durability)
    {
        Xoshiro256 dice = new(3);
        FaultyStorage storage = new();
        JournalWriter? writer = null;
        int checkedMarks = 0;
        storage.BeforeCall = call =>
        {
            FaultyStorage disk = storage.AfterPowerCut(ref dice);
            Assert.Null(Watermark.Read(disk, Mark, 7, null, out Watermark? mark, out bool exists));
            if (!exists)
            {
                return;
            }

            RecoveryReport report = Resume(disk, 2, mark, out JournalWriter? resumed);
            Assert.NotEqual('W', report.Refusal?.Letter);
            checkedMarks += mark!.Sequence >= 0 ? 1 : 0;
            _ = resumed?.Close();
        };
        writer = Open(storage, 1, durability);
        writer.Append(100);
        writer.PumpAll();
        Assert.Null(writer.Close());
        storage.BeforeCall("power cut after the close");
        Assert.True(checkedMarks > 0);
        Assert.Null(Watermark.Read(storage, Mark, 7, null, out Watermark? last, out _));
        Assert.Equal(99, last!.Sequence);
    }

    [Fact]
    public void A_first_run_that_a_power_cut_ended_anywhere_can_be_started_again()
    {
        Xoshiro256 dice = new(5);
        FaultyStorage storage = new();
        int withoutJournal = 0;
        int withoutEvents = 0;
        storage.BeforeCall = _ =>
        {
            FaultyStorage disk = storage.AfterPowerCut(ref dice);
            bool exists = JournalFixture.Segments(disk).Count > 0;
            string? refused = Admit(disk, exists, out Watermark? mark);
            Assert.True(refused is null, refused);
            withoutJournal += mark is not null && !exists ? 1 : 0;
            withoutEvents += exists ? 1 : 0;
        };
        JournalWriter writer = Open(storage, 1);
        storage.BeforeCall = null;
        Assert.Null(writer.Close());
        Assert.True(withoutJournal > 0 && withoutEvents > 0, "both orders of the two files must have been met");

        // A mark that knows an event is another matter.
        Run(storage, 2, 1);
        Assert.Contains("lost or replaced", Admit(storage, exists: false, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_mark_refuses_an_existing_journal_and_an_empty_one_accepts_it()
    {
        FaultyStorage storage = new();
        Run(storage, 1, 10);
        storage.Remove(Mark);
        Assert.Contains("there is no watermark", Admit(storage, exists: true, out _), StringComparison.Ordinal);
        storage.Put(Mark, []);
        Assert.Null(Admit(storage, exists: true, out Watermark? mark));
        Assert.Null(mark);
        Run(storage, 2, 10);
        Assert.Null(Admit(storage, exists: true, out mark));
        Assert.Equal(19, mark!.Sequence);
        storage.Remove(Mark);
        Assert.Null(Admit(storage, exists: false, out mark));
        Assert.Null(mark);
    }

    [Fact]
    public void A_mark_without_its_journal_of_another_instance_damaged_or_inside_the_directory_refuses()
    {
        FaultyStorage storage = new();
        Run(storage, 1, 10);
        Assert.Contains("holds no journal", Admit(storage, exists: false, out _), StringComparison.Ordinal);
        Assert.Contains(
            "belongs to instance 7",
            Watermark.Admit(storage, Mark, JournalFixture.Folder, 8, null, true, out _),
            StringComparison.Ordinal);
        Assert.Contains(
            "outside the journal directory",
            Watermark.Admit(storage, JournalFixture.Folder + "/mark", JournalFixture.Folder, 7, null, true, out _),
            StringComparison.Ordinal);
        byte[] bytes = storage.Content(Mark);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = (byte[])bytes.Clone();
            changed[i] ^= 1;
            storage.Put(Mark, changed);
            Assert.Contains("damaged watermark", Admit(storage, exists: true, out _), StringComparison.Ordinal);
        }
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void With_a_key_a_forged_mark_is_refused()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "key");
        File.WriteAllBytes(file, new byte[32]);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        Assert.Null(JournalKey.Load(new PosixStorage(), file, out JournalKey? key));
        using (key)
        {
            FaultyStorage storage = new();
            Assert.Null(new Watermark(7, 1, 5, 9).Write(storage, Mark, null));
            Assert.Contains(
                "HMAC",
                Watermark.Admit(storage, Mark, JournalFixture.Folder, 7, key, true, out _),
                StringComparison.Ordinal);
            Assert.Null(new Watermark(7, 1, 5, 9).Write(storage, Mark, key));
            Assert.Null(Watermark.Admit(storage, Mark, JournalFixture.Folder, 7, key, true, out Watermark? mark));
            Assert.Equal(new Watermark(7, 1, 5, 9), mark);
        }
    }

    [Fact]
    public void A_mark_that_cannot_be_written_is_a_warning_and_the_close_says_so()
    {
        FaultyStorage storage = new();
        JournalWriter writer = Open(storage, 1);
        writer.Append(10);
        writer.PumpAll();
        Assert.Null(writer.Warning);
        storage.Failing = null;
        storage.FailOnly = "rename";
        storage.FailAt = 1;
        storage.FailsForever = true;
        StorageError? error = writer.Close();
        Assert.Equal("rename", error?.Call);
        Assert.Equal(error, writer.Warning);
        Assert.Null(writer.Failure);
    }

    private static string? Admit(FaultyStorage storage, bool exists, out Watermark? mark) =>
        Watermark.Admit(storage, Mark, JournalFixture.Folder, 7, null, exists, out mark);

    private static JournalOptions Options(Durability durability, int epoch) =>
        JournalFixture.Options(durability, epoch: epoch) with { WatermarkPath = Mark };

    private static JournalWriter Open(FaultyStorage storage, int epoch, Durability durability = Durability.Flushed)
    {
        Assert.Null(JournalWriter.Create(
            storage, JournalFixture.Folder, Options(durability, epoch), out JournalWriter? writer));
        return writer!;
    }

    private static RecoveryReport Resume(FaultyStorage storage, int epoch, Watermark? mark, out JournalWriter? writer) =>
        JournalWriter.Resume(
            storage, JournalFixture.Folder, Options(Durability.Flushed, epoch) with { Watermark = mark }, out writer);

    private static void Run(FaultyStorage storage, int epoch, int events)
    {
        JournalWriter? writer;
        if (epoch == 1)
        {
            writer = Open(storage, 1);
        }
        else
        {
            Assert.False(Resume(storage, epoch, null, out writer).IsRefused);
        }

        writer!.Append(events);
        Assert.Null(writer!.Close());
    }
}
