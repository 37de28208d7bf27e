using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Values;

public sealed class OrderIdTests
{
    private const string Allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    private static Arbitrary<Parts> AnyParts => Arb.ToArbitrary(
        from instance in Gen.Choose(0, ushort.MaxValue)
        from epoch in Edges(1, OrderId.EpochMax)
        from sequence in Edges(0, OrderId.SequenceMax)
        from ordinal in Edges(0, OrderId.OrdinalMax)
        select new Parts((ushort)instance, (int)epoch, sequence, (int)ordinal));

    [Fact]
    public void An_id_gives_back_what_it_was_made_of() => PropertyCheck.Holds(AnyParts, parts =>
    {
        OrderId id = OrderId.Of(parts.Epoch, parts.Sequence, parts.Ordinal);
        return !id.IsNone && id.Epoch == parts.Epoch && id.Sequence == parts.Sequence && id.Ordinal == parts.Ordinal;
    });

    [Fact]
    public void The_text_is_at_most_36_allowed_characters_and_reads_back() => PropertyCheck.Holds(AnyParts, parts =>
    {
        string text = TextOf(parts);
        return text.Length <= 36
            && text.All(character => Allowed.Contains(character, StringComparison.Ordinal))
            && text == NaiveText(parts)
            && OrderId.TryParse(Encoding.ASCII.GetBytes(text), out ushort instance, out OrderId id)
            && instance == parts.Instance
            && id == OrderId.Of(parts.Epoch, parts.Sequence, parts.Ordinal);
    });

    [Fact]
    public void Different_parts_have_different_texts_and_ids() => PropertyCheck.Holds(
        Arb.ToArbitrary(from first in AnyParts.Generator from second in AnyParts.Generator select (first, second)),
        pair => (pair.first == pair.second) == (TextOf(pair.first) == TextOf(pair.second))
            && (pair.first with { Instance = 0 } == pair.second with { Instance = 0 })
                == (Packed(pair.first) == Packed(pair.second)));

    [Fact]
    public void An_id_that_drops_bits_of_the_sequence_is_found() => PropertyCheck.Finds(
        AnyParts,
        parts => OrderId.Of(parts.Epoch, parts.Sequence & uint.MaxValue, parts.Ordinal).Sequence == parts.Sequence);

    [Fact]
    public void The_widest_id_has_the_length_that_arithmetic_says()
    {
        // 2 + 4 (65535 < 36^4) + 1 + 3 (2047 < 36^3) + 1 + 9 (2^46 < 36^9) + 1 + 2 (63 < 36^2).
        string text = TextOf(new Parts(ushort.MaxValue, OrderId.EpochMax, OrderId.SequenceMax, OrderId.OrdinalMax));
        Assert.Equal(23, text.Length);
    }

    [Fact]
    public void A_text_is_spelled_in_one_way_by_hand()
    {
        Span<byte> bytes = stackalloc byte[36];
        int length = OrderId.Of(1, 36, 35).Format(37, bytes);
        Assert.Equal("LL11-1-10-z", Encoding.ASCII.GetString(bytes[..length]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("LL")]
    [InlineData("LL11-1-10")]
    [InlineData("LL11-1-10-")]
    [InlineData("LL11-1-10-z-")]
    [InlineData("LL11-1-10-z-0")]
    [InlineData("LL11--10-z0")]
    [InlineData("LL11-01-10-z")]
    [InlineData("LL11-1-10-0z")]
    [InlineData("LL11-1-10-Z")]
    [InlineData("LL11-1-10-zz")]
    [InlineData("LL11-0-10-z")]
    [InlineData("LL11-1kw-10-z")]
    [InlineData("LL1ekg-1-10-z")]
    [InlineData("LL11-1-zzzzzzzzzzzzz-z")]
    [InlineData("ll11-1-10-z")]
    [InlineData("XL11-1-10-z")]
    [InlineData("LL11_1_10_z")]
    [InlineData(" LL11-1-10-z")]
    [InlineData("LL11-1-10-z ")]
    [InlineData("b7f3c1de-8a52-4e0e-9d52-0c8f7c1b7a11")]
    [InlineData("LL11-1-10-z00000000000000000000000000")]
    public void A_foreign_text_is_refused(string text)
    {
        Assert.False(OrderId.TryParse(Encoding.ASCII.GetBytes(text), out ushort instance, out OrderId id));
        Assert.Equal(0, instance);
        Assert.True(id.IsNone);
    }

    [Fact]
    public void Whatever_parses_is_spelled_as_we_spell_it() => PropertyCheck.Holds(
        Arb.ToArbitrary(
            from parts in AnyParts.Generator
            from position in Gen.Choose(0, 22)
            from replacement in Gen.Choose(32, 126)
            select (parts, position, replacement)),
        changed =>
        {
            byte[] text = Encoding.ASCII.GetBytes(TextOf(changed.parts));
            text[changed.position % text.Length] = (byte)changed.replacement;
            return !OrderId.TryParse(text, out ushort instance, out OrderId id)
                || NaiveText(new Parts(instance, id.Epoch, id.Sequence, id.Ordinal)) == Encoding.ASCII.GetString(text);
        },
        runs: 2_000);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(2048, 0, 0)]
    [InlineData(1, -1, 0)]
    [InlineData(1, 1L << 46, 0)]
    [InlineData(1, 0, -1)]
    [InlineData(1, 0, 64)]
    public void Parts_out_of_range_stop_the_engine(int epoch, long sequence, int ordinal) =>
        Assert.Throws<BrokenInvariantException>(() => OrderId.Of(epoch, sequence, ordinal));

    /// <summary>Numbers of all sizes up to a bound, the bounds often.</summary>
    private static Gen<long> Edges(long minimum, long maximum) => Gen.OneOf(
        Gen.Elements(minimum, maximum),
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        from shift in Gen.Choose(0, 61)
        select minimum + ((((long)high << 31) | (long)low) >> shift) % (maximum - minimum + 1));

    private static long Packed(Parts parts) => OrderId.Of(parts.Epoch, parts.Sequence, parts.Ordinal).Packed;

    private static string TextOf(Parts parts)
    {
        byte[] bytes = new byte[36];
        return Encoding.ASCII.GetString(
            bytes, 0, OrderId.Of(parts.Epoch, parts.Sequence, parts.Ordinal).Format(parts.Instance, bytes));
    }

    private static string NaiveText(Parts parts) =>
        "LL" + string.Join('-', new[] { parts.Instance, parts.Epoch, parts.Sequence, parts.Ordinal }.Select(NaiveBase36));

    private static string NaiveBase36(long value)
    {
        List<char> digits = [];
        for (; value > 0 || digits.Count == 0; value /= 36)
        {
            digits.Insert(0, "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(value % 36)]);
        }

        return string.Concat(digits);
    }

    private readonly record struct Parts(ushort Instance, int Epoch, long Sequence, int Ordinal);
}
