using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

public sealed class JournalReaderTests
{
    [Theory]
    [InlineData(0, 99, 100)]
    [InlineData(1, 1, 1)]
    [InlineData(31, 32, 2)]
    [InlineData(32, 1000, 68)]
    [InlineData(99, long.MaxValue, 1)]
    [InlineData(100, long.MaxValue, 0)]
    [InlineData(50, 40, 0)]
    public void A_range_is_found_by_its_offset_and_ends_where_it_should(long from, long to, long expected)
    {
        FaultyStorage storage = JournalFixture.Closed(100);
        Assert.Equal(
            expected, JournalFixture.ReadAll(storage, options: new ReadOptions { From = from, To = to }));
    }

    [Fact]
    public void A_range_beyond_the_end_and_an_empty_directory_are_not_silently_empty()
    {
        FaultyStorage storage = JournalFixture.Closed(40);
        Assert.Throws<JournalDamagedException>(() => Open(storage, 41));
        Assert.Throws<JournalDamagedException>(() => Open(new FaultyStorage(), 0));
    }

    [Fact]
    public void Damage_is_thrown_with_its_place_after_what_comes_before_it()
    {
        FaultyStorage storage = JournalFixture.Closed(100);
        storage.Content(JournalFixture.Segment(32))[(int)SegmentLayout.RecordOffset(8) + 33] ^= 4;
        using JournalReader reader = new(storage, JournalFixture.Folder);
        Event e = default;
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(ReadResult.Event, reader.Read(ref e));
        }

        JournalDamage? damage = Assert.Throws<JournalDamagedException>(() => reader.Read(ref e)).Damage;
        Assert.Equal((SegmentLayout.RecordOffset(8), 40L), (damage!.Offset, damage.Record));
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void A_missing_segment_is_damage_and_not_the_end(long missing)
    {
        FaultyStorage storage = JournalFixture.Closed(100);
        storage.Remove(JournalFixture.Segment(missing));
        Assert.Throws<JournalDamagedException>(() => JournalFixture.ReadAll(storage));
    }

    [Fact]
    public void An_unfinished_record_is_damage_to_a_plain_reader_and_idle_to_a_follower()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(10);
        byte[] live = storage.Content(JournalFixture.Segment(0));
        byte saved = live[(int)SegmentLayout.RecordOffset(9) + 8];
        live[(int)SegmentLayout.RecordOffset(9) + 8] ^= 0xFF;
        Assert.Throws<JournalDamagedException>(() => JournalFixture.ReadAll(storage));
        using JournalReader follower = new(storage, JournalFixture.Folder, new ReadOptions { Follow = true });
        Assert.Equal(9, Count(follower));
        live[(int)SegmentLayout.RecordOffset(9) + 8] = saved;
        Assert.Equal(1, Count(follower));
    }

    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void A_follower_keeps_up_over_rolls_a_clean_stop_and_the_next_run(Durability durability)
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, durability);
        using JournalReader follower = new(storage, JournalFixture.Folder, new ReadOptions { Follow = true });
        long seen = 0;
        for (int i = 0; i < 40; i++)
        {
            writer.Append(3);
            writer.PumpAll();
            seen += Count(follower);
            Assert.Equal(writer.WrittenSequence + 1, seen);
        }

        Assert.Null(writer.Close());
        Assert.Equal(0, Count(follower));
        _ = JournalWriter.Resume(
            storage, JournalFixture.Folder, JournalFixture.Options(durability, epoch: 2), out JournalWriter? next);
        next!.Append(50);
        next!.PumpAll();
        Assert.Equal(50, Count(follower));
        Assert.Equal(2, follower.Epoch);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(22)]
    [InlineData(60)]
    [InlineData(200)]
    public void A_writer_that_goes_on_meanwhile_is_no_damage_to_a_plain_reader(int more)
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(10);
        using JournalReader reader = new(storage, JournalFixture.Folder);
        Event e = default;
        Assert.Equal(ReadResult.Event, reader.Read(ref e));

        // The reader has the zeros behind the tenth record in its buffer.
        writer.Append(more);
        writer.PumpAll();
        Assert.Equal(9 + more, Count(reader));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_writer_that_begins_the_next_segment_under_the_eyes_of_a_reader_is_no_damage(bool follow)
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Written);
        writer.Append(32);
        writer.PumpAll();
        using JournalReader reader = new(storage, JournalFixture.Folder, new ReadOptions { Follow = follow });
        Event e = default;
        for (int i = 0; i < 32; i++)
        {
            Assert.Equal(ReadResult.Event, reader.Read(ref e));
        }

        // The header of the next segment was still that of a prepared one; its records are read after that.
        int reads = 0;
        storage.BeforeCall = call =>
        {
            if (call == "pread" && ++reads == 3)
            {
                storage.BeforeCall = null;
                writer.Append(4);
            }
        };
        Assert.Equal(4, Count(reader));
    }

    private static JournalReader Open(FaultyStorage storage, long from) =>
        new(storage, JournalFixture.Folder, new ReadOptions { From = from });

    private static long Count(JournalReader reader)
    {
        long count = 0;
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            count++;
        }

        return count;
    }
}
