using System;
using System.Collections.Generic;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats.MessagePack;

public sealed class MessagePackReaderTests
{
    private delegate bool Read(ref MessagePackReader reader);

    // Every width of the specification, also where a shorter one would do.
    [Theory]
    [InlineData("05", 5)]
    [InlineData("FB", -5)]
    [InlineData("CC05", 5)]
    [InlineData("CCFF", 255)]
    [InlineData("CD0005", 5)]
    [InlineData("CDFFFF", 65535)]
    [InlineData("CE00000005", 5)]
    [InlineData("CEFFFFFFFF", 4294967295)]
    [InlineData("CF0000000000000005", 5)]
    [InlineData("CF7FFFFFFFFFFFFFFF", long.MaxValue)]
    [InlineData("D005", 5)]
    [InlineData("D0FB", -5)]
    [InlineData("D1FFFB", -5)]
    [InlineData("D2FFFFFFFB", -5)]
    [InlineData("D3FFFFFFFFFFFFFFFB", -5)]
    [InlineData("D38000000000000000", long.MinValue)]
    public void An_integer_is_read_from_every_width(string hex, long expected)
    {
        MessagePackReader reader = new(Convert.FromHexString(hex));
        Assert.True(reader.TryReadInteger(out long value));
        Assert.Equal(expected, value);
        Assert.True(reader.AtEnd);

        MessagePackReader unsigned = new(Convert.FromHexString(hex));
        Assert.Equal(expected >= 0, unsigned.TryReadUnsigned(out ulong other));
        Assert.Equal(expected >= 0 ? (ulong)expected : 0, other);
        Assert.Equal(expected >= 0 ? MessagePackFault.None : MessagePackFault.OutOfRange, unsigned.Error.Fault);
    }

    [Fact]
    public void An_integer_above_the_range_is_refused_and_can_then_be_read_as_what_it_is()
    {
        MessagePackReader reader = new(Convert.FromHexString("00CFFFFFFFFFFFFFFFFF"));
        Assert.True(reader.TryReadInteger(out _));
        Assert.False(reader.TryReadInteger(out long value));
        Assert.Equal(0, value);
        Assert.Equal(new MessagePackError(MessagePackFault.OutOfRange, 1), reader.Error);
        Assert.True(reader.TryReadUnsigned(out ulong large));
        Assert.Equal(ulong.MaxValue, large);
    }

    [Fact]
    public void Floats_of_both_widths_are_read_by_their_bits()
    {
        MessagePackReader reader = new(Convert.FromHexString("CA3FC00000CB3FF8000000000000CB7FF8000000000001"));
        Assert.True(reader.TryReadFloat(out double narrow));
        Assert.True(reader.TryReadFloat(out double wide));
        Assert.True(reader.TryReadFloat(out double nan));
        Assert.Equal(1.5, narrow);
        Assert.Equal(1.5, wide);
        Assert.Equal(0x7FF8000000000001UL, BitConverter.DoubleToUInt64Bits(nan));
    }

    // Each first byte there is: its kind by the specification's table, written out here a second time as ranges.
    [Fact]
    public void Every_first_byte_has_the_kind_of_the_specification_and_is_read_skipped_or_refused()
    {
        for (int code = 0; code <= 255; code++)
        {
            byte[] bytes = new byte[40];
            bytes[0] = (byte)code;
            MessagePackKind expected = code switch
            {
                <= 0x7F => MessagePackKind.WholeNumber,
                <= 0x8F => MessagePackKind.Map,
                <= 0x9F => MessagePackKind.Array,
                <= 0xBF => MessagePackKind.Text,
                0xC0 => MessagePackKind.Nil,
                0xC1 => MessagePackKind.Invalid,
                <= 0xC3 => MessagePackKind.Boolean,
                <= 0xC6 => MessagePackKind.Binary,
                <= 0xC9 => MessagePackKind.Extension,
                <= 0xCB => MessagePackKind.FloatingPoint,
                <= 0xD3 => MessagePackKind.WholeNumber,
                <= 0xD8 => MessagePackKind.Extension,
                <= 0xDB => MessagePackKind.Text,
                <= 0xDD => MessagePackKind.Array,
                <= 0xDF => MessagePackKind.Map,
                _ => MessagePackKind.WholeNumber,
            };
            MessagePackReader reader = new(bytes);
            Assert.Equal(expected, reader.Next);
            Assert.Equal(code != 0xC1, reader.TrySkip());
            Assert.Equal(
                code == 0xC1 ? MessagePackFault.NeverUsedByte : MessagePackFault.None, reader.Error.Fault);
        }
    }

    [Theory]
    [InlineData("D4FF00", 3)]
    [InlineData("D5010000", 4)]
    [InlineData("D6FF00000000", 6)]
    [InlineData("D7FF0000000000000000", 10)]
    [InlineData("D80100000000000000000000000000000000", 18)]
    [InlineData("C70301AABBCC", 6)]
    [InlineData("C8000201AABB", 6)]
    [InlineData("C90000000101AA", 7)]
    [InlineData("C70001", 3)]
    public void An_extension_is_skipped_whole_and_never_read(string hex, int bytes)
    {
        byte[] followed = [.. Convert.FromHexString(hex), 0xC0];
        MessagePackReader reader = new(followed);
        Assert.False(reader.TryReadBinary(out _));
        Assert.Equal(new MessagePackError(MessagePackFault.WrongKind, 0), reader.Error);
        Assert.True(reader.TrySkip());
        Assert.Equal(bytes, reader.Position);
        Assert.True(reader.TryReadNil());

        for (int length = 0; length < bytes; length++)
        {
            MessagePackReader cut = new(followed.AsSpan(0, length));
            Assert.False(cut.TrySkip());
            Assert.Equal(0, cut.Position);
        }
    }

    [Theory]
    [InlineData("A5616263", MessagePackFault.LengthBeyondEnd)]
    [InlineData("DBFFFFFFFF61", MessagePackFault.LengthBeyondEnd)]
    [InlineData("DB7FFFFFFF61", MessagePackFault.LengthBeyondEnd)]
    [InlineData("C6FFFFFFFF61", MessagePackFault.LengthBeyondEnd)]
    [InlineData("C9FFFFFFFF0161", MessagePackFault.LengthBeyondEnd)]
    [InlineData("DDFFFFFFFFC0C0C0", MessagePackFault.LengthBeyondEnd)]
    [InlineData("93C0C0", MessagePackFault.LengthBeyondEnd)]
    [InlineData("DFFFFFFFFFC0C0C0", MessagePackFault.LengthBeyondEnd)]
    [InlineData("82C0C0C0", MessagePackFault.LengthBeyondEnd)]
    [InlineData("DB0000", MessagePackFault.EndOfData)]
    [InlineData("D3000000", MessagePackFault.EndOfData)]
    [InlineData("CB000000", MessagePackFault.EndOfData)]
    [InlineData("", MessagePackFault.EndOfData)]
    [InlineData("C1", MessagePackFault.NeverUsedByte)]
    public void A_length_that_cannot_be_true_is_refused_at_its_head(string hex, MessagePackFault fault)
    {
        foreach (Read read in (Read[])[
            (ref MessagePackReader r) => r.TrySkip(),
            (ref MessagePackReader r) => r.Next switch
            {
                MessagePackKind.Text => r.TryReadString(out _),
                MessagePackKind.Binary => r.TryReadBinary(out _),
                MessagePackKind.Array => r.TryReadArrayHeader(out _),
                MessagePackKind.Map => r.TryReadMapHeader(out _),
                MessagePackKind.WholeNumber => r.TryReadInteger(out _),
                MessagePackKind.FloatingPoint => r.TryReadFloat(out _),
                MessagePackKind.Extension => r.TrySkip(),
                _ => r.TryReadBoolean(out _),
            }])
        {
            MessagePackReader reader = new(Convert.FromHexString(hex));
            Assert.False(read(ref reader));
            Assert.Equal(new MessagePackError(fault, 0), reader.Error);
            Assert.Equal(0, reader.Position);
        }
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_refused_and_can_still_be_skipped()
    {
        MessagePackReader reader = new(Convert.FromHexString("C0A2C328"));
        Assert.True(reader.TryReadNil());
        Assert.False(reader.TryReadString(out string text));
        Assert.Equal(string.Empty, text);
        Assert.Equal(new MessagePackError(MessagePackFault.InvalidText, 1), reader.Error);
        Assert.True(reader.TrySkip());
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(MessagePackReader.MaximumDepth, true)]
    [InlineData(MessagePackReader.MaximumDepth + 1, false)]
    [InlineData(100_000, false)]
    public void Skipping_follows_containers_down_to_its_limit(int depth, bool skipped)
    {
        byte[] nested = new byte[depth + 1];
        Array.Fill(nested, (byte)0x91);
        nested[depth] = 0x07;
        MessagePackReader reader = new(nested);
        Assert.Equal(skipped, reader.TrySkip());
        Assert.Equal(skipped ? depth + 1 : 0, reader.Position);
        if (!skipped)
        {
            Assert.Equal(new MessagePackError(MessagePackFault.TooDeep, MessagePackReader.MaximumDepth), reader.Error);
        }
    }

    [Fact]
    public void A_read_of_another_kind_leaves_everything_where_it_was()
    {
        foreach (Read read in (Read[])[
            (ref MessagePackReader r) => r.TryReadNil(),
            (ref MessagePackReader r) => r.TryReadBoolean(out _),
            (ref MessagePackReader r) => r.TryReadFloat(out _),
            (ref MessagePackReader r) => r.TryReadString(out _),
            (ref MessagePackReader r) => r.TryReadBinary(out _),
            (ref MessagePackReader r) => r.TryReadArrayHeader(out _),
            (ref MessagePackReader r) => r.TryReadMapHeader(out _)])
        {
            MessagePackReader reader = new([0xC0, 0x05]);
            reader.TryReadNil();
            Assert.False(read(ref reader));
            Assert.Equal(new MessagePackError(MessagePackFault.WrongKind, 1), reader.Error);
            Assert.Equal(1, reader.Position);
            Assert.True(reader.TryReadInteger(out long five));
            Assert.Equal(5, five);
        }
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<long, ulong, double>>(),
            input =>
            {
                (long whole, ulong unsigned, double number) = input;
                foreach (int shift in (int[])[0, 20, 40])
                {
                    MessagePackWriter writer = new();
                    writer.WriteArrayHeader(3);
                    writer.WriteInteger(whole >> shift);
                    writer.WriteUnsigned(unsigned << shift);
                    writer.WriteFloat(number);
                    MessagePackReader reader = new(writer.Written);
                    Assert.True(reader.TryReadArrayHeader(out int count) && count == 3);
                    Assert.True(reader.TryReadInteger(out long a) && a == whole >> shift);
                    Assert.True(reader.TryReadUnsigned(out ulong b) && b == unsigned << shift);
                    Assert.True(reader.TryReadFloat(out double c));
                    Assert.Equal(BitConverter.DoubleToUInt64Bits(number), BitConverter.DoubleToUInt64Bits(c));
                    Assert.True(reader.AtEnd);
                    AssertSkips(writer.Written);
                }

                return true;
            },
            runs: 500);

    [Fact]
    public void What_is_written_as_text_and_bytes_is_read_back() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<NonNull<string>, byte[]>>(),
            input =>
            {
                (NonNull<string> text, byte[] bytes) = input;
                // Lone surrogates are the writer's refusal, tested there.
                string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
                MessagePackWriter writer = new(16);
                writer.WriteMapHeader(1);
                writer.WriteText(valid);
                writer.WriteBinary(bytes);
                MessagePackReader reader = new(writer.Written);
                Assert.True(reader.TryReadMapHeader(out int count) && count == 1);
                Assert.True(reader.TryReadString(out string readText));
                Assert.Equal(valid, readText);
                Assert.True(reader.TryReadBinary(out ReadOnlySpan<byte> readBytes));
                Assert.Equal(bytes, readBytes.ToArray());
                Assert.True(reader.AtEnd);
                AssertSkips(writer.Written);

                return true;
            },
            runs: 500);

    // 100,000 hostile buffers: half random, half sound messages with some bytes changed and cut anywhere.
    [Fact]
    public void No_buffer_makes_it_throw_loop_or_read_too_far()
    {
        const ulong Seed = 20260101;
        Xoshiro256 dice = new(Seed);
        byte[] sound = SoundMessage();
        int accepted = 0;
        Dictionary<MessagePackFault, int> refused = [];
        for (int round = 0; round < 100_000; round++)
        {
            int length = (int)dice.NextBelow(sound.Length + 1);
            byte[] bytes = new byte[length];
            if (round % 2 == 0)
            {
                foreach (ref byte value in bytes.AsSpan())
                {
                    value = (byte)dice.NextBelow(256);
                }
            }
            else
            {
                sound.AsSpan(0, length).CopyTo(bytes);
                for (long changes = length == 0 ? 0 : dice.NextBelow(4); changes > 0; changes--)
                {
                    bytes[dice.NextBelow(length)] = (byte)dice.NextBelow(256);
                }
            }

            try
            {
                MessagePackError error = ReadAll(bytes);
                refused[error.Fault] = refused.GetValueOrDefault(error.Fault) + 1;
                accepted += error.Fault == MessagePackFault.None ? 1 : 0;
                Assert.InRange(error.Offset, 0, length);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {Seed}, round {round}: {Convert.ToHexString(bytes)} threw {e}");
            }
        }

        // The hunt was worth something only if it met every fault (depth has its own test) and sound messages too.
        Assert.InRange(accepted, 100, 99_900);
        foreach (MessagePackFault fault in (MessagePackFault[])[
            MessagePackFault.EndOfData, MessagePackFault.NeverUsedByte, MessagePackFault.LengthBeyondEnd,
            MessagePackFault.InvalidText])
        {
            int met = refused.GetValueOrDefault(fault);
            Assert.True(met > 100, $"{fault} was met {met} times");
        }
    }

    // Reads value by value with the typed reads; skips must agree with them on where the next value begins.
    private static MessagePackError ReadAll(ReadOnlySpan<byte> bytes)
    {
        MessagePackReader reader = new(bytes);
        while (!reader.AtEnd)
        {
            int before = reader.Position;
            MessagePackReader skipping = new(bytes[before..]);
            bool skipped = skipping.TrySkip();
            bool container = reader.Next is MessagePackKind.Array or MessagePackKind.Map;
            bool read = reader.Next switch
            {
                MessagePackKind.Nil => reader.TryReadNil(),
                MessagePackKind.Boolean => reader.TryReadBoolean(out _),
                MessagePackKind.WholeNumber => reader.TryReadInteger(out _) || reader.TryReadUnsigned(out _),
                MessagePackKind.FloatingPoint => reader.TryReadFloat(out _),
                MessagePackKind.Text => reader.TryReadString(out _),
                MessagePackKind.Binary => reader.TryReadBinary(out _),
                MessagePackKind.Array => reader.TryReadArrayHeader(out _),
                MessagePackKind.Map => reader.TryReadMapHeader(out _),
                _ => reader.TrySkip(),
            };
            if (!read)
            {
                Assert.Equal(before, reader.Position);
                return reader.Error;
            }

            Assert.True(reader.Position > before && reader.Position <= bytes.Length);
            Assert.True(container || (skipped && skipping.Position == reader.Position - before));
        }

        return default;
    }

    private static void AssertSkips(ReadOnlySpan<byte> message)
    {
        MessagePackReader reader = new(message);
        Assert.True(reader.TrySkip());
        Assert.True(reader.AtEnd);
        for (int length = 0; length < message.Length; length++)
        {
            MessagePackReader cut = new(message[..length]);
            Assert.False(cut.TrySkip());
        }
    }

    private static byte[] SoundMessage()
    {
        MessagePackWriter writer = new();
        writer.WriteMapHeader(4);
        writer.WriteText("limits");
        writer.WriteArrayHeader(3);
        writer.WriteInteger(-70_000);
        writer.WriteUnsigned(ulong.MaxValue);
        writer.WriteFloat(0.25);
        writer.WriteText("name");
        writer.WriteText("é€😀");
        writer.WriteText("hash");
        writer.WriteBinary([1, 2, 3, 4, 5, 6, 7, 8]);
        writer.WriteText("on");
        writer.WriteBoolean(true);
        return writer.Written.ToArray();
    }
}
