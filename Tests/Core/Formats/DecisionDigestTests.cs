using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using Xunit;

namespace LowLatency.Tests.Core.Formats;

public sealed class DecisionDigestTests
{
    [Fact]
    public void An_empty_decision_adds_nothing_whatever_garbage_lies_behind_its_counts()
    {
        Digest128 digest = default;
        digest.Add(1UL);
        Digest before = digest.Finish();
        Decision d = Garbage(1);
        d.Clear();
        DecisionDigest.Add(ref digest, new Event { Sequence = 5 }, in d);
        Assert.Equal(before, digest.Finish());
    }

    [Fact]
    public void Only_entries_below_their_counts_are_read()
    {
        Decision one = Garbage(1);
        Decision two = Garbage(2);
        foreach (ref Decision d in new Span<Decision>(ref two))
        {
            d.Signals[0] = one.Signals[0];
            d.Commands[0] = one.Commands[0];
            d.Commands[1] = one.Commands[1];
        }

        SetCounts(ref one, 1, 0, 0, 0, 2, 0);
        SetCounts(ref two, 1, 0, 0, 0, 2, 0);
        Assert.Equal(Of(5, one), Of(5, two));

        SetCounts(ref two, 1, 0, 0, 0, 3, 0);
        Assert.NotEqual(Of(5, one), Of(5, two));
    }

    [Fact]
    public void Every_counted_bit_the_sequence_and_the_waiting_lanes_count()
    {
        Decision d = Garbage(1);
        SetCounts(ref d, 2, 2, 2, 2, 2, 1);
        HashSet<Digest> seen = [Of(5, d), Of(6, d)];
        int counted = 0;
        foreach ((int offset, int bytes) in (ReadOnlySpan<(int, int)>)[
            (OffsetOf(ref d, ref Unsafe.As<Signal, byte>(ref d.Signals[0])), 2 * Unsafe.SizeOf<Signal>()),
            (OffsetOf(ref d, ref Unsafe.As<Suppression, byte>(ref d.Suppressions[0])),
                2 * Unsafe.SizeOf<Suppression>()),
            (OffsetOf(ref d, ref Unsafe.As<Intent, byte>(ref d.Intents[0])), 2 * Unsafe.SizeOf<Intent>()),
            (OffsetOf(ref d, ref Unsafe.As<Verdict, byte>(ref d.Verdicts[0])), 2 * Unsafe.SizeOf<Verdict>()),
            (OffsetOf(ref d, ref Unsafe.As<Command, byte>(ref d.Commands[0])), 2 * Unsafe.SizeOf<Command>())])
        {
            for (int bit = offset * 8; bit < (offset + bytes) * 8; bit++)
            {
                Flip(ref d, bit);
                Assert.True(seen.Add(Of(5, d)), $"bit {bit} of the decision does not count");
                Flip(ref d, bit);
                counted++;
            }
        }

        Assert.Equal(2 * 8 * (88 + 24 + 72 + 56 + 72), counted);
        d.Waiting = 2;
        Assert.True(seen.Add(Of(5, d)));
    }

    // Journals of versions without stops and targets hold digests over these 72 bytes of each signal, one after another.
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Signals_without_a_stop_and_a_target_digest_as_those_of_the_versions_that_had_none(int count)
    {
        Decision d = Garbage(1);
        SetCounts(ref d, (byte)count, 0, 0, 0, 0, 1);
        List<byte> plain = [];
        for (int i = 0; i < count; i++)
        {
            d.Signals[i].StopPrice = 0;
            d.Signals[i].TakePrice = 0;
            plain.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<Signal>(in d.Signals[i]))[..72]);
        }

        Digest128 expected = default;
        expected.Add(5UL);
        expected.Add((1UL << 32) | (uint)count);
        expected.Add(plain.ToArray());
        expected.Add((6UL << 32) | 1);
        Assert.Equal(expected.Finish(), Of(5, d));
        d.Signals[count - 1].TakePrice = 1;
        Assert.NotEqual(expected.Finish(), Of(5, d));
    }

    // Journals of versions without triggers hold digests over these 56 bytes of each command, one after another.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    public void Commands_without_a_trigger_digest_as_those_of_the_versions_that_had_none(int count)
    {
        Decision d = Garbage(1);
        SetCounts(ref d, 0, 0, 0, 0, (byte)count, 1);
        List<byte> plain = [];
        for (int i = 0; i < count; i++)
        {
            d.Commands[i].TriggerPrice = 0;
            d.Commands[i].TrailingOffset = 0;
            plain.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<Command>(in d.Commands[i]))[..56]);
        }

        Digest128 expected = default;
        expected.Add(5UL);
        if (count > 0)
        {
            expected.Add((5UL << 32) | (uint)count);
            expected.Add(plain.ToArray());
        }

        expected.Add((6UL << 32) | 1);
        Assert.Equal(expected.Finish(), Of(5, d));
        if (count > 0)
        {
            d.Commands[count - 1].TriggerPrice = 1;
            Assert.NotEqual(expected.Finish(), Of(5, d));
        }
    }

    [Fact]
    public void The_same_bytes_in_another_section_give_another_digest()
    {
        // A verdict and a command have one size; all-zero entries differ by nothing but the section's tag.
        Decision zero = default;
        HashSet<Digest> seen = [];
        foreach (int section in (ReadOnlySpan<int>)[0, 1, 2, 3, 4, 5])
        {
            Decision d = zero;
            Unsafe.Add(ref d.SignalCount, section) = 1;
            Assert.True(seen.Add(Of(5, d)), $"section {section} passes for another");
        }
    }

    [Fact]
    public void A_count_beyond_the_room_stops_the_engine()
    {
        Decision d = default;
        d.CommandCount = 255;
        Assert.Throws<BrokenInvariantException>(() => Of(5, d));
    }

    // The digest reads whole entries, so an entry with a hole in it would digest whatever lay there.
    [Theory]
    [InlineData(typeof(Signal))]
    [InlineData(typeof(Suppression))]
    [InlineData(typeof(Intent))]
    [InlineData(typeof(Verdict))]
    [InlineData(typeof(Command))]
    public void An_entry_has_no_hole(Type entry) => Assert.Equal(SizeOf(entry), SumOfFields(entry));

    [Fact]
    public void The_search_for_holes_finds_one() => Assert.NotEqual(SizeOf(typeof(Holed)), SumOfFields(typeof(Holed)));

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static int SumOfFields(Type type)
    {
        if (type.IsPrimitive || type.IsEnum)
        {
            return SizeOf(type);
        }

        int sum = 0;
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (FieldInfo field in type.GetFields(Any))
        {
            sum += SumOfFields(field.FieldType);
        }

        return type.GetCustomAttribute<InlineArrayAttribute>() is { } array ? sum * array.Length : sum;
    }

    private static Digest Of(long sequence, in Decision d)
    {
        Digest128 digest = default;
        DecisionDigest.Add(ref digest, new Event { Sequence = sequence }, in d);
        return digest.Finish();
    }

    private static Decision Garbage(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        Decision d = default;
        foreach (ref ulong word in MemoryMarshal.Cast<Decision, ulong>(new Span<Decision>(ref d)))
        {
            word = dice.Next();
        }

        d.Reserved = 0;
        return d;
    }

    private static void SetCounts(
        ref Decision d, byte signals, byte suppressions, byte intents, byte verdicts, byte commands, byte waiting)
    {
        d.SignalCount = signals;
        d.SuppressionCount = suppressions;
        d.IntentCount = intents;
        d.VerdictCount = verdicts;
        d.CommandCount = commands;
        d.Waiting = waiting;
    }

    private static int OffsetOf(ref Decision d, ref byte section) =>
        (int)Unsafe.ByteOffset(ref Unsafe.As<Decision, byte>(ref d), ref section);

    private static void Flip(ref Decision d, int bit) =>
        MemoryMarshal.AsBytes(new Span<Decision>(ref d))[bit / 8] ^= (byte)(1 << (bit % 8));

    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Holed
    {
        public byte Small;
        public long Large;
    }
}
