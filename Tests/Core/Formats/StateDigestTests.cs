using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats;
using Xunit;

namespace LowLatency.Tests.Core.Formats;

public sealed class StateDigestTests
{
    [Fact]
    public void What_was_saved_is_restored_and_the_digests_agree()
    {
        Component original = Component.Filled(3);
        StateWriter writer = new(initialBytes: 1);
        original.Visit(writer);
        Component restored = Component.Filled(4);
        Assert.NotEqual(DigestOf(original), DigestOf(restored));

        StateReader reader = new(writer.Written.ToArray());
        Assert.False(reader.AtEnd);
        restored.Visit(reader);
        Assert.True(reader.AtEnd);
        Assert.Equal(DigestOf(original), DigestOf(restored));
        Assert.Equal(original.Describe(), restored.Describe());
    }

    [Fact]
    public void Each_field_counts_in_the_digest()
    {
        Digest sound = DigestOf(Component.Filled(3));
        for (int field = 0; field < Component.Fields; field++)
        {
            Component changed = Component.Filled(3);
            changed.Change(field);
            Assert.NotEqual(sound, DigestOf(changed));
        }
    }

    [Fact]
    public void A_field_moved_between_neighbours_counts()
    {
        DigestVisitor visitor = new();
        long one = 1;
        long zero = 0;
        visitor.Visit(ref one);
        visitor.Visit(ref zero);
        Digest first = visitor.Finish();
        visitor.Reset();
        visitor.Visit(ref zero);
        visitor.Visit(ref one);
        Assert.NotEqual(first, visitor.Finish());
    }

    [Fact]
    public void Too_few_saved_bytes_stop_the_engine_and_too_many_are_seen()
    {
        StateWriter writer = new();
        Component.Filled(3).Visit(writer);
        byte[] saved = writer.Written.ToArray();
        for (int length = 0; length < saved.Length; length++)
        {
            StateReader reader = new(saved.AsMemory(0, length));
            Assert.Throws<BrokenInvariantException>(() => Component.Filled(4).Visit(reader));
        }

        StateReader longer = new((byte[])[.. saved, 0]);
        Component.Filled(4).Visit(longer);
        Assert.False(longer.AtEnd);
    }

    [Fact]
    public void A_reset_writer_starts_over()
    {
        StateWriter writer = new(initialBytes: 3);
        Component.Filled(3).Visit(writer);
        byte[] first = writer.Written.ToArray();
        writer.Reset();
        Assert.True(writer.Written.IsEmpty);
        Component.Filled(3).Visit(writer);
        Assert.Equal(first, writer.Written);
    }

    [Fact]
    public void NaN_neither_leaves_nor_enters_a_state()
    {
        double value = double.NaN;
        Assert.Throws<BrokenInvariantException>(() => new StateWriter().Visit(ref value));
        byte[] saved = BitConverter.GetBytes(double.NaN);
        double restored = 1;
        Assert.Throws<BrokenInvariantException>(() => new StateReader(saved).Visit(ref restored));
    }

    private static Digest DigestOf(Component component)
    {
        DigestVisitor visitor = new();
        component.Visit(visitor);
        return visitor.Finish();
    }

    private sealed class Component : IStateful
    {
        public const int Fields = 6;

        private readonly long[] _table = new long[16];
        private long _number;
        private ulong _bits;
        private int _count;
        private bool _flag;
        private double _weight;

        public static Component Filled(ulong seed)
        {
            Xoshiro256 dice = new(seed);
            Component component = new()
            {
                _number = -(long)(dice.Next() >> 1),
                _bits = dice.Next(),
                _count = (int)dice.NextBelow(1000),
                _flag = (seed & 1) != 0,
                _weight = dice.NextDouble(),
            };
            foreach (ref long entry in component._table.AsSpan())
            {
                entry = (long)(dice.Next() >> 1);
            }

            return component;
        }

        public void Change(int field)
        {
            switch (field)
            {
                case 0: _number++; break;
                case 1: _bits ^= 1UL << 63; break;
                case 2: _count++; break;
                case 3: _flag = !_flag; break;
                case 4: _weight = -_weight; break;
                default: _table[^1]++; break;
            }
        }

        public string Describe() => $"{_number} {_bits} {_count} {_flag} {_weight:R} {string.Join(',', _table)}";

        public void Visit(StateVisitor visitor)
        {
            visitor.Visit(ref _number);
            visitor.Visit(ref _bits);
            visitor.Visit(ref _count);
            visitor.Visit(ref _flag);
            visitor.Visit(ref _weight);
            visitor.Visit(_table.AsSpan());
        }
    }
}
