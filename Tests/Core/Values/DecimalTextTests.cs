using System;
using System.Numerics;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Values;

public sealed class DecimalTextTests
{
    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("61659.70", 2, 6165970)]
    [InlineData("61659.7", 2, 6165970)]
    [InlineData("61659", 2, 6165900)]
    [InlineData("61659.70000000", 2, 6165970)]
    [InlineData("1.486", 3, 1486)]
    [InlineData("-0.01", 2, -1)]
    [InlineData("-0", 2, 0)]
    [InlineData("007.5", 1, 75)]
    [InlineData("0.000000001", 9, 1)]
    [InlineData("9223372036854775807", 0, long.MaxValue)]
    [InlineData("-9223372036854775808", 0, long.MinValue)]
    [InlineData("9.223372036854775807", 18, long.MaxValue)]
    [InlineData("92233720368.547758070000", 8, long.MaxValue)]
    public void Exact_text_becomes_whole_units(string text, int exponent, long units)
    {
        Assert.True(DecimalText.TryParse(text, exponent, out long parsed));
        Assert.Equal(units, parsed);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("-", 2)]
    [InlineData("+1", 2)]
    [InlineData(" 1", 2)]
    [InlineData("1 ", 2)]
    [InlineData(".5", 2)]
    [InlineData("5.", 2)]
    [InlineData(".", 2)]
    [InlineData("1.2.3", 2)]
    [InlineData("--1", 2)]
    [InlineData("1-", 2)]
    [InlineData("1e3", 2)]
    [InlineData("1E-5", 9)]
    [InlineData("1,000", 2)]
    [InlineData("0x10", 2)]
    [InlineData("NaN", 2)]
    [InlineData("\u0661", 2)]
    [InlineData("1.005", 2)]
    [InlineData("1.5", 0)]
    [InlineData("1.001", 2)]
    [InlineData("9223372036854775808", 0)]
    [InlineData("-9223372036854775809", 0)]
    [InlineData("92233720368547758.08", 2)]
    [InlineData("18446744073709551616", 0)]
    [InlineData("100000000000000000000000000", 0)]
    [InlineData("10000000000", 9)]
    public void Anything_else_is_refused_and_leaves_zero(string text, int exponent)
    {
        Assert.False(DecimalText.TryParse(text, exponent, out long parsed));
        Assert.Equal(0, parsed);
        Assert.False(DecimalText.TryParse(Encoding.UTF8.GetBytes(text), exponent, out _));
    }

    [Theory]
    [InlineData(6165970, 2, "61659.70")]
    [InlineData(0, 0, "0")]
    [InlineData(0, 3, "0.000")]
    [InlineData(-1, 2, "-0.01")]
    [InlineData(5, 0, "5")]
    [InlineData(-12345, 4, "-1.2345")]
    [InlineData(long.MinValue, 0, "-9223372036854775808")]
    [InlineData(long.MinValue, 18, "-9.223372036854775808")]
    [InlineData(long.MaxValue, 9, "9223372036.854775807")]
    public void Units_are_written_with_all_decimals(long units, int exponent, string text) =>
        Assert.Equal(text, DecimalText.ToText(units, exponent));

    [Fact]
    public void Text_and_units_agree_with_big_integers_for_random_values()
    {
        Xoshiro256 dice = new(20240808);
        Span<byte> buffer = stackalloc byte[DecimalText.LengthMax];
        for (int i = 0; i < 20_000; i++)
        {
            long units = (long)dice.Next() >> (int)dice.NextBelow(64);
            int exponent = (int)dice.NextBelow(DecimalText.ExponentMax + 1);
            int length = DecimalText.Format(units, exponent, buffer);
            string text = Encoding.ASCII.GetString(buffer[..length]);

            // The reference takes the text apart as a person would.
            int point = text.IndexOf('.', StringComparison.Ordinal);
            Assert.Equal(exponent, point < 0 ? 0 : text.Length - point - 1);
            Assert.Equal(units, (long)BigInteger.Parse(text.Replace(".", string.Empty, StringComparison.Ordinal)));
            Assert.True(DecimalText.TryParse(buffer[..length], exponent, out long parsed));
            Assert.Equal(units, parsed);

            // One decimal less must refuse exactly when that decimal is not zero.
            if (exponent > 0)
            {
                Assert.Equal(units % 10 == 0, DecimalText.TryParse(buffer[..length], exponent - 1, out long coarser));
                Assert.Equal(units % 10 == 0 ? units / 10 : 0, coarser);
            }
        }
    }
}
