using System;
using System.Collections.Generic;
using System.IO;
using System.Numerics;
using System.Text;
using LowLatency.Core.Formats.MessagePack;
using Xunit;

namespace LowLatency.Tests.Core.Formats.MessagePack;

/// <summary>
/// Our MessagePack against @msgpack/msgpack, both ways. The values are those of <c>Tests/npm/msgpack.js</c>.
/// </summary>
public sealed class MessagePackInteropTests
{
    private static readonly double[] Floats =
        [0.5, -1.5, double.Epsilon, double.MaxValue, double.PositiveInfinity, double.NegativeInfinity];

    [Fact]
    public void Every_value_that_theirs_wrote_is_read()
    {
        byte[] theirs = File.ReadAllBytes(NodeInterop.Fixture("msgpack.bin"));
        MessagePackWriter ours = new();
        List<string> expected = WriteValues(ours);

        Assert.Equal(expected, Describe(theirs));
        Assert.Equal(theirs, ours.Written.ToArray());
    }

    [Fact]
    public void A_changed_byte_of_theirs_is_another_value_or_none()
    {
        // The negative control of the comparison above: no byte of the fixture is without a meaning.
        byte[] theirs = File.ReadAllBytes(NodeInterop.Fixture("msgpack.bin"));
        List<string> sound = Describe(theirs);
        for (int i = 0; i < theirs.Length; i++)
        {
            theirs[i] ^= 0x01;
            Assert.NotEqual(sound, Describe(theirs));
            theirs[i] ^= 0x01;
        }
    }

    [Fact]
    public void The_fixture_is_what_theirs_writes_today() =>
        Assert.Equal(File.ReadAllBytes(NodeInterop.Fixture("msgpack.bin")), NodeInterop.Run("msgpack.js", "write", []));

    [Fact]
    public void Theirs_reads_every_value_that_we_write_also_the_long_ones()
    {
        MessagePackWriter writer = new();
        List<string> expected = WriteValues(writer);
        foreach (int length in (ReadOnlySpan<int>)[65535, 65536])
        {
            writer.WriteText(new string('b', length));
            expected.Add("t:" + Convert.ToHexStringLower(Encoding.ASCII.GetBytes(new string('b', length))));
            writer.WriteBinary(new byte[length]);
            expected.Add("b:" + new string('0', 2 * length));
            writer.WriteArrayHeader(length);
            expected.Add($"a:{length}");
            for (int i = 0; i < length; i++)
            {
                writer.WriteNil();
                expected.Add("null");
            }

            writer.WriteMapHeader(length);
            expected.Add($"m:{length}");
            for (int i = 0; i < length; i++)
            {
                Text(writer, expected, $"k{i}");
                writer.WriteNil();
                expected.Add("null");
            }
        }

        byte[] output = NodeInterop.Run("msgpack.js", "read", writer.Written.ToArray());
        Assert.Equal(expected, Encoding.UTF8.GetString(output).TrimEnd('\n').Split('\n'));
        Assert.Equal(expected, Describe(writer.Written));
    }

    private static List<string> WriteValues(MessagePackWriter writer)
    {
        List<string> expected = ["null", "true", "false"];
        writer.WriteNil();
        writer.WriteBoolean(true);
        writer.WriteBoolean(false);
        foreach (int power in (ReadOnlySpan<int>)[0, 5, 7, 8, 15, 16, 31, 32, 52])
        {
            foreach (int sign in (ReadOnlySpan<int>)[1, -1])
            {
                for (int offset = -1; offset <= 1; offset++)
                {
                    Number(writer, expected, (sign * (1L << power)) + offset);
                }
            }
        }

        Number(writer, expected, long.MaxValue);
        writer.WriteUnsigned(1UL << 63);
        expected.Add("i:9223372036854775808");
        writer.WriteUnsigned(ulong.MaxValue);
        expected.Add("i:18446744073709551615");
        Number(writer, expected, long.MinValue);
        foreach (double value in Floats)
        {
            writer.WriteFloat(value);
            expected.Add(Bits(value));
        }

        // Their NaN is the quiet one without a sign; .NET's constant has the sign bit set.
        writer.WriteFloat(BitConverter.UInt64BitsToDouble(0x7FF8000000000000));
        expected.Add("x:7ff8000000000000");
        Text(writer, expected, "é€😀\0");
        foreach (int length in (ReadOnlySpan<int>)[0, 31, 32, 255, 256])
        {
            Text(writer, expected, new string('a', length));
            byte[] bytes = new byte[length];
            Array.Fill(bytes, (byte)length);
            writer.WriteBinary(bytes);
            expected.Add("b:" + Convert.ToHexStringLower(bytes));
        }

        foreach (int count in (ReadOnlySpan<int>)[0, 15, 16])
        {
            writer.WriteArrayHeader(count);
            expected.Add($"a:{count}");
            for (int i = 0; i < count; i++)
            {
                Number(writer, expected, i);
            }

            writer.WriteMapHeader(count);
            expected.Add($"m:{count}");
            for (int i = 0; i < count; i++)
            {
                Text(writer, expected, $"k{i}");
                Number(writer, expected, i);
            }
        }

        writer.WriteArrayHeader(2);
        writer.WriteArrayHeader(0);
        writer.WriteArrayHeader(1);
        writer.WriteMapHeader(1);
        expected.AddRange(["a:2", "a:0", "a:1", "m:1"]);
        Text(writer, expected, "a");
        writer.WriteArrayHeader(1);
        writer.WriteNil();
        expected.AddRange(["a:1", "null"]);
        return expected;
    }

    private static void Number(MessagePackWriter writer, List<string> expected, long value)
    {
        writer.WriteInteger(value);
        expected.Add(Whole(value));
    }

    private static void Text(MessagePackWriter writer, List<string> expected, string text)
    {
        writer.WriteText(text);
        expected.Add("t:" + Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)));
    }

    // Theirs reads what was written in 64 bits as a big integer and anything shorter as a float.
    private static string Whole(BigInteger value) =>
        value < int.MinValue || value > uint.MaxValue ? $"i:{value}" : Bits((double)value);

    private static string Bits(double value) => $"x:{BitConverter.DoubleToUInt64Bits(value):x16}";

    private static List<string> Describe(ReadOnlySpan<byte> bytes)
    {
        List<string> lines = [];
        MessagePackReader reader = new(bytes);
        while (!reader.AtEnd)
        {
            bool read = true;
            switch (reader.Next)
            {
                case MessagePackKind.Nil:
                    read = reader.TryReadNil();
                    lines.Add("null");
                    break;
                case MessagePackKind.Boolean:
                    read = reader.TryReadBoolean(out bool flag);
                    lines.Add(flag ? "true" : "false");
                    break;
                case MessagePackKind.WholeNumber:
                    if (reader.TryReadInteger(out long whole))
                    {
                        lines.Add(Whole(whole));
                    }
                    else
                    {
                        read = reader.TryReadUnsigned(out ulong large);
                        lines.Add(Whole(large));
                    }

                    break;
                case MessagePackKind.FloatingPoint:
                    read = reader.TryReadFloat(out double number);
                    lines.Add(Bits(number));
                    break;
                case MessagePackKind.Text:
                    read = reader.TryReadText(out ReadOnlySpan<byte> text);
                    lines.Add("t:" + Convert.ToHexStringLower(text));
                    break;
                case MessagePackKind.Binary:
                    read = reader.TryReadBinary(out ReadOnlySpan<byte> binary);
                    lines.Add("b:" + Convert.ToHexStringLower(binary));
                    break;
                case MessagePackKind.Array:
                    read = reader.TryReadArrayHeader(out int elements);
                    lines.Add($"a:{elements}");
                    break;
                case MessagePackKind.Map:
                    read = reader.TryReadMapHeader(out int pairs);
                    lines.Add($"m:{pairs}");
                    break;
                default:
                    read = reader.TrySkip();
                    lines.Add("other");
                    break;
            }

            if (!read)
            {
                lines.Add($"refused: {reader.Error}");
                return lines;
            }
        }

        return lines;
    }
}
