using System;
using System.Collections.Generic;
using System.Numerics;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats;

public sealed class Digest128Tests
{
    [Fact]
    public void Equal_calls_give_equal_digests_and_the_split_of_the_calls_counts()
    {
        byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        Digest whole = Of(bytes);
        Assert.Equal(whole, Of(bytes));

        Digest128 split = default;
        split.Add(bytes.AsSpan(0, 8));
        split.Add(bytes.AsSpan(8));
        Assert.NotEqual(whole, split.Finish());
    }

    // 3,000 bits of input, each flipped alone: all digests differ, and about half of the output bits move.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Each_flipped_bit_changes_the_digest_and_about_half_of_its_bits(int fill)
    {
        byte[] bytes = new byte[375];
        if (fill == 1)
        {
            Fill(bytes, 11);
        }

        Digest sound = Of(bytes);
        HashSet<Digest> seen = [sound];
        long moved = 0;
        int least = 128;
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Digest flipped = Of(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(flipped), $"bit {bit} collides");
            int distance = Distance(sound, flipped);
            moved += distance;
            least = Math.Min(least, distance);
        }

        // Binomial(128, 1/2): mean 64; 3,000 draws average within 0.7 of it, and none falls below 25 by chance.
        Assert.InRange(moved / (double)(bytes.Length * 8), 62, 66);
        Assert.InRange(least, 25, 128);
    }

    [Fact]
    public void Blocks_of_zeros_of_every_length_differ_and_so_do_runs_of_zero_words()
    {
        HashSet<Digest> seen = [];
        byte[] zeros = new byte[4097];
        for (int length = 0; length <= zeros.Length; length++)
        {
            Assert.True(seen.Add(Of(zeros.AsSpan(0, length))), $"{length} zeros collide");
        }

        Digest128 words = default;
        seen.Clear();
        for (int count = 0; count < 10_000; count++)
        {
            Assert.True(seen.Add(words.Finish()), $"{count} zero words collide");
            words.Add(0UL);
        }
    }

    [Fact]
    public void Order_counts()
    {
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<ulong, ulong, ulong>>(),
            input =>
            {
                (ulong x, ulong y, ulong z) = input;
                return (x == y || Of(x, y, z) != Of(y, x, z)) && (y == z || Of(x, y, z) != Of(x, z, y));
            });
    }

    [Fact]
    public void Short_differing_inputs_never_collide()
    {
        // All pairs of words with at most two bits set: sparse inputs are where weak mixing shows first.
        HashSet<Digest> seen = [];
        List<ulong> sparse = [0];
        for (int i = 0; i < 64; i++)
        {
            sparse.Add(1UL << i);
            for (int j = 0; j < i; j += 5)
            {
                sparse.Add((1UL << i) | (1UL << j));
            }
        }

        foreach (ulong x in sparse)
        {
            foreach (ulong y in sparse)
            {
                Digest128 digest = default;
                digest.Add(x);
                digest.Add(y);
                Assert.True(seen.Add(digest.Finish()), $"{x:x} {y:x} collides");
            }
        }
    }

    [Fact]
    public void A_second_implementation_in_big_integers_agrees()
    {
        // The same steps in arithmetic without words: nothing overflows, rotates or has an endianness here.
        Xoshiro256 dice = new(3);
        for (int round = 0; round < 50; round++)
        {
            ulong[] words = new ulong[round];
            foreach (ref ulong word in words.AsSpan())
            {
                word = dice.Next();
            }

            Assert.Equal(Naive(words), Of(words));
        }
    }

    [Fact]
    public void Bytes_are_little_endian_words_behind_their_number()
    {
        Assert.Equal(
            Of(11UL, 0x0807060504030201UL, 0x0B0A09UL),
            Of((ReadOnlySpan<byte>)[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
    }

    [Fact]
    public void Text_goes_there_and_back_and_no_other_text_is_read()
    {
        Assert.Equal("00000000000000010000000000000abc", new Digest(1, 0xABC).ToString());
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<ulong, ulong>>(),
            input =>
            {
                (ulong high, ulong low) = input;
                Digest digest = new(high, low);
                return Digest.TryParse(digest.ToString(), out Digest back) && back == digest;
            });
        foreach (string wrong in (string[])[
            "", "0", new string('0', 31), new string('0', 33), new string('A', 32), "+" + new string('0', 31),
            " " + new string('0', 31), new string('0', 31) + "g"])
        {
            Assert.False(Digest.TryParse(wrong, out Digest none), wrong);
            Assert.Equal(default, none);
        }
    }

    [Fact]
    public void A_restored_digest_goes_on_where_it_was()
    {
        Digest128 original = default;
        original.Add(5UL);
        StateWriter writer = new();
        original.Visit(writer);
        Digest128 restored = default;
        restored.Add(77UL);
        restored.Visit(new StateReader(writer.Written.ToArray()));
        original.Add(6UL);
        restored.Add(6UL);
        Assert.Equal(original.Finish(), restored.Finish());
    }

    [Fact]
    public void The_tests_above_catch_a_weak_digest()
    {
        // A negative control: a sum of words is what this must not be, and the questions asked above show it.
        static ulong Sum(params ulong[] words)
        {
            ulong sum = 0;
            foreach (ulong word in words)
            {
                sum += word;
            }

            return sum;
        }

        Assert.Equal(Sum(1, 2), Sum(2, 1));
        Assert.Equal(Sum(0), Sum(0, 0));
        Assert.NotEqual(Of(1UL, 2UL), Of(2UL, 1UL));
        Assert.NotEqual(Of(0UL), Of(0UL, 0UL));
    }

    private static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Digest128 digest = default;
        digest.Add(bytes);
        return digest.Finish();
    }

    private static Digest Of(params ulong[] words)
    {
        Digest128 digest = default;
        foreach (ulong word in words)
        {
            digest.Add(word);
        }

        return digest.Finish();
    }

    private static Digest Naive(ulong[] words)
    {
        BigInteger a = 0;
        BigInteger b = 0;
        foreach (ulong word in words)
        {
            BigInteger mixed = Wrap(Rotate(Wrap(word * (BigInteger)0x87C37B91114253D5), 31) * 0x4CF5AD432745937F);
            BigInteger other = Wrap(Rotate(word, 32) * (BigInteger)0x9E3779B97F4A7C15);
            a = Wrap(Rotate(Wrap(a + mixed + 0x52DCE729DA3ED615), 27) * 5);
            b = Wrap(Rotate(b ^ Wrap(other + a), 31) * 9);
        }

        BigInteger high = a ^ words.Length;
        BigInteger low = b ^ Rotate(words.Length, 32);
        high = Wrap(high + low);
        low = Wrap(low + high);
        high = Mix(high);
        low = Mix(low);
        high = Wrap(high + low);
        low = Wrap(low + high);
        return new Digest((ulong)high, (ulong)low);
    }

    private static BigInteger Mix(BigInteger value)
    {
        value = Wrap((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD);
        value = Wrap((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53);
        return value ^ (value >> 33);
    }

    private static BigInteger Wrap(BigInteger value) => value % (BigInteger.One << 64);

    private static BigInteger Rotate(BigInteger value, int bits) => Wrap(value << bits) | (value >> (64 - bits));

    private static int Distance(Digest x, Digest y) =>
        BitOperations.PopCount(x.High ^ y.High) + BitOperations.PopCount(x.Low ^ y.Low);

    private static void Fill(Span<byte> bytes, ulong seed)
    {
        Xoshiro256 dice = new(seed);
        foreach (ref byte value in bytes)
        {
            value = (byte)dice.NextBelow(256);
        }
    }
}
