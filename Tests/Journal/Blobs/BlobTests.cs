using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Blobs;
using Xunit;

namespace LowLatency.Tests.Journal.Blobs;

public sealed class BlobTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(112)]
    [InlineData(113)]
    [InlineData(5_000)]
    [InlineData(Limits.BlobBytes)]
    public void What_was_cut_is_joined_again(int bytes)
    {
        byte[] content = Content(bytes);
        Event[] parts = BlobWriter.Parts(BlobPurpose.Configuration, content, 7);

        BlobCollector collector = new();
        for (int i = 0; i < parts.Length; i++)
        {
            bool complete = collector.TryComplete(parts[i], out BlobPurpose purpose, out ReadOnlyMemory<byte> joined);
            Assert.Equal(i == parts.Length - 1, complete);
            if (complete)
            {
                Assert.Equal(BlobPurpose.Configuration, purpose);
                Assert.Equal(content, joined.ToArray());
            }
        }

        Assert.Equal(0, collector.Broken);
        Assert.All(parts, part => Assert.Equal(7, part.ReceivedAt));
        Assert.Equal(EventFlags.First, parts[0].Flags & EventFlags.First);
        Assert.Single(parts, part => part.EndsGroup);
    }

    [Fact]
    public void A_missing_a_doubled_and_a_strange_part_give_nothing_and_are_counted()
    {
        Event[] parts = BlobWriter.Parts(BlobPurpose.Manifest, Content(500), 0);
        foreach (int hole in Enumerable.Range(0, parts.Length))
        {
            Assert.False(AnyComplete([.. parts.Where((_, i) => i != hole)], out _));
        }

        Assert.False(AnyComplete([.. parts[..3], parts[2], .. parts[3..]], out int doubled));
        Assert.Equal(1, doubled);

        Event stranger = default;
        stranger.Set(new Tick());
        Assert.False(AnyComplete([.. parts[..3], stranger, .. parts[3..]], out int interrupted));
        Assert.Equal(1, interrupted);
    }

    [Fact]
    public void Every_flipped_bit_of_the_bytes_is_found()
    {
        Event[] parts = BlobWriter.Parts(BlobPurpose.Manifest, Content(100), 0);
        for (int bit = 0; bit < 132 * 8; bit++)
        {
            Event[] broken = [.. parts];
            int index = bit / 8;
            broken[index / BlobPart.DataSize].BlobPart.Data[index % BlobPart.DataSize] ^= (byte)(1 << (bit % 8));
            Assert.False(AnyComplete(broken, out int count));
            Assert.Equal(1, count);
        }
    }

    [Fact]
    public void More_than_the_limit_is_refused() =>
        Assert.Throws<BrokenInvariantException>(
            () => BlobWriter.Parts(BlobPurpose.Manifest, new byte[Limits.BlobBytes + 1], 0));

    private static bool AnyComplete(Event[] events, out int broken)
    {
        BlobCollector collector = new();
        bool any = false;
        foreach (Event e in events)
        {
            any |= collector.TryComplete(e, out _, out _);
        }

        broken = collector.Broken;
        return any;
    }

    private static byte[] Content(int bytes) => [.. Enumerable.Range(0, bytes).Select(i => (byte)((i * 31) ^ (i >> 8)))];
}
