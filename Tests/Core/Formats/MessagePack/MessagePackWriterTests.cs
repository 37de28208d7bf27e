using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.MessagePack;
using Xunit;

namespace LowLatency.Tests.Core.Formats.MessagePack;

public sealed class MessagePackWriterTests
{
    // By hand from the specification's table of formats; each pair is the last of one format and the first of the next.
    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "CC80")]
    [InlineData(255, "CCFF")]
    [InlineData(256, "CD0100")]
    [InlineData(65535, "CDFFFF")]
    [InlineData(65536, "CE00010000")]
    [InlineData(4294967295, "CEFFFFFFFF")]
    [InlineData(4294967296, "CF0000000100000000")]
    [InlineData(long.MaxValue, "CF7FFFFFFFFFFFFFFF")]
    [InlineData(-1, "FF")]
    [InlineData(-32, "E0")]
    [InlineData(-33, "D0DF")]
    [InlineData(-128, "D080")]
    [InlineData(-129, "D1FF7F")]
    [InlineData(-32768, "D18000")]
    [InlineData(-32769, "D2FFFF7FFF")]
    [InlineData(-2147483648, "D280000000")]
    [InlineData(-2147483649, "D3FFFFFFFF7FFFFFFF")]
    [InlineData(long.MinValue, "D38000000000000000")]
    public void An_integer_takes_its_shortest_form(long value, string hex)
    {
        MessagePackWriter writer = new();
        writer.WriteInteger(value);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void The_other_values_take_the_forms_of_the_specification()
    {
        Expect("C0", w => w.WriteNil());
        Expect("C2", w => w.WriteBoolean(false));
        Expect("C3", w => w.WriteBoolean(true));
        Expect("CFFFFFFFFFFFFFFFFF", w => w.WriteUnsigned(ulong.MaxValue));
        Expect("CB3FF8000000000000", w => w.WriteFloat(1.5));
        Expect("CB8000000000000000", w => w.WriteFloat(-0.0));
        Expect("A0", w => w.WriteText(string.Empty));
        Expect("A3E282AC", w => w.WriteText("€"));
        Expect("A3E282AC", w => w.WriteText("€"u8));
        Expect("C400", w => w.WriteBinary([]));
        Expect("C403010203", w => w.WriteBinary([1, 2, 3]));
        Expect("D7FF0000000000000000", w => w.WriteTimestamp(0));
        Expect("D7FF0000000400000001", w => w.WriteTimestamp(1_000_000_001));
        Expect("D7FFEE6B27FC66B40000", w => w.WriteTimestamp((0x66B40000L * 1_000_000_000) + 999_999_999));
        Expect("90", w => w.WriteArrayHeader(0));
        Expect("9F", w => w.WriteArrayHeader(15));
        Expect("DC0010", w => w.WriteArrayHeader(16));
        Expect("DCFFFF", w => w.WriteArrayHeader(65535));
        Expect("DD00010000", w => w.WriteArrayHeader(65536));
        Expect("80", w => w.WriteMapHeader(0));
        Expect("8F", w => w.WriteMapHeader(15));
        Expect("DE0010", w => w.WriteMapHeader(16));
        Expect("DEFFFF", w => w.WriteMapHeader(65535));
        Expect("DF00010000", w => w.WriteMapHeader(65536));

        // The specification's own example.
        Expect("82A7636F6D70616374C3A6736368656D6100", w =>
        {
            w.WriteMapHeader(2);
            w.WriteText("compact");
            w.WriteBoolean(true);
            w.WriteText("schema");
            w.WriteInteger(0);
        });
    }

    [Theory]
    [InlineData(31, "BF")]
    [InlineData(32, "D920")]
    [InlineData(255, "D9FF")]
    [InlineData(256, "DA0100")]
    [InlineData(65535, "DAFFFF")]
    [InlineData(65536, "DB00010000")]
    public void Text_has_the_shortest_head_for_its_bytes(int length, string head)
    {
        MessagePackWriter writer = new(16);
        writer.WriteText(new string('x', length));
        Assert.Equal(head, Convert.ToHexString(writer.Written[..^length]));
        Assert.Equal(-1, writer.Written[^length..].IndexOfAnyExcept((byte)'x'));
    }

    [Theory]
    [InlineData(255, "C4FF")]
    [InlineData(256, "C50100")]
    [InlineData(65535, "C5FFFF")]
    [InlineData(65536, "C600010000")]
    public void Binary_has_the_shortest_head_for_its_bytes(int length, string head)
    {
        MessagePackWriter writer = new(16);
        writer.WriteBinary(new byte[length]);
        Assert.Equal(head, Convert.ToHexString(writer.Written[..^length]));
    }

    [Fact]
    public void Text_that_would_come_back_as_another_is_a_broken_invariant()
    {
        Assert.Throws<BrokenInvariantException>(() => new MessagePackWriter().WriteText("a\uD800b"));
        byte[] invalid = [0xC3, 0x28];
        Assert.Throws<BrokenInvariantException>(() => new MessagePackWriter().WriteText(invalid.AsSpan()));
    }

    [Fact]
    public void A_reset_writer_starts_over()
    {
        MessagePackWriter writer = new();
        writer.WriteInteger(5);
        writer.Reset();
        writer.WriteNil();
        Assert.Equal("C0", Convert.ToHexString(writer.Written));
    }

    private static void Expect(string hex, Action<MessagePackWriter> write)
    {
        MessagePackWriter writer = new();
        write(writer);
        Assert.Equal(hex, Convert.ToHexString(writer.Written));
    }
}
