using System;
using System.Globalization;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Numbers, times and ids of venues against big integers, the framework's calendar and their own text.</summary>
public sealed class WireNumberTests
{
    [Theory]
    [InlineData("1e-7", 8, 10)]
    [InlineData("1.25E+3", 0, 1250)]
    [InlineData("-3.5e-2", 3, -35)]
    [InlineData("120e-1", 0, 12)]
    [InlineData("0e-99", 0, 0)]
    [InlineData("0.00e5", 2, 0)]
    [InlineData("9223372036854775807e0", 0, long.MaxValue)]
    public void A_number_with_an_exponent_is_exact(string text, int exponent, long units)
    {
        Assert.True(WireNumber.TryParse(Encoding.ASCII.GetBytes(text), exponent, out long parsed));
        Assert.Equal(units, parsed);
    }

    [Theory]
    [InlineData("1e-9", 8)]
    [InlineData("1e19", 0)]
    [InlineData("1e", 0)]
    [InlineData("e5", 0)]
    [InlineData("1e5.0", 0)]
    [InlineData("1e401", 0)]
    [InlineData("1.e5", 0)]
    [InlineData(".1e5", 0)]
    [InlineData("1e--5", 0)]
    [InlineData("0x10", 0)]
    [InlineData("", 0)]
    public void What_does_not_fit_is_refused(string text, int exponent) =>
        Assert.False(WireNumber.TryParse(Encoding.ASCII.GetBytes(text), exponent, out _));

    [Fact]
    public void Any_number_is_read_as_by_big_integers()
    {
        Xoshiro256 dice = new(7);
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string text = Draw(ref dice);
            int exponent = (int)dice.NextBelow(19);
            byte[] ascii = Encoding.ASCII.GetBytes(text);
            long? exact = SlowJson.Units(text, exponent);
            Assert.Equal(exact is not null, WireNumber.TryParse(ascii, exponent, out long units));
            Assert.Equal(exact ?? 0, units);
            long? cut = SlowJson.Units(text, exponent, cut: true);
            Assert.Equal(cut is not null, WireNumber.TryParseCut(ascii, exponent, out units));
            Assert.Equal(cut ?? 0, units);
            read += exact is null ? 0 : 1;
        }

        Assert.InRange(read, 2_000, 18_000);
    }

    [Fact]
    public void A_float_is_its_shortest_decimal_spelling()
    {
        Xoshiro256 dice = new(8);
        int read = 0;
        for (int i = 0; i < 50_000; i++)
        {
            int exponent = (int)dice.NextBelow(12);
            double value = dice.NextBelow(3) switch
            {
                0 => (double)dice.NextBelow(1_000_000_000) / Math.Pow(10, dice.NextBelow(10)),
                1 => BitConverter.Int64BitsToDouble((long)dice.Next()),
                _ => -((double)dice.NextBelow(uint.MaxValue) * dice.NextBelow(uint.MaxValue) / 1000),
            };
            long? expected = double.IsFinite(value) ? SlowJson.Units(value.ToString("R", CultureInfo.InvariantCulture), exponent) : null;
            Assert.True(expected is not null == WireNumber.TryFromFloat(value, exponent, out long units), $"{value:R} {exponent}");
            Assert.Equal(expected ?? 0, units);
            read += expected is null ? 0 : 1;
        }

        Assert.InRange(read, 5_000, 45_000);
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("2022-03-18T14:02:09.722539521Z", 1_647_612_129_722_539_521)]
    [InlineData("2022-03-18t14:02:09.7-04:00", 1_647_626_529_700_000_000)]
    [InlineData("2024-02-29T23:59:60Z", 1_709_251_200_000_000_000)]
    [InlineData("2022-03-18T14:02:09+05:30", 1_647_592_329_000_000_000)]
    [InlineData("2262-04-11T23:47:15.999999999Z", 9_223_372_035_999_999_999)]
    public void Times_are_read_to_the_nanosecond(string text, long time)
    {
        Assert.True(WireTime.TryParse(Encoding.ASCII.GetBytes(text), out long parsed));
        Assert.Equal(time, parsed);
    }

    [Theory]
    [InlineData("2022-03-18 14:02:09Z")]
    [InlineData("2022-02-29T14:02:09Z")]
    [InlineData("2022-13-01T14:02:09Z")]
    [InlineData("2022-03-18T24:02:09Z")]
    [InlineData("2022-03-18T14:02:09")]
    [InlineData("2022-03-18T14:02:09.Z")]
    [InlineData("2022-03-18T14:02:09.1234567890Z")]
    [InlineData("2022-03-18T14:02:09+0530")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("2263-01-01T00:00:00Z")]
    [InlineData("0022-03-18T14:02:09Z")]
    [InlineData("")]
    public void What_is_no_time_is_refused(string text) => Assert.False(WireTime.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("5cf98598-39a7-459e-97bf-76ca765ee020")]
    [InlineData("1666800494330512128")]
    [InlineData("9223372036854775807")]
    [InlineData("1")]
    [InlineData("a")]
    [InlineData("0123456789abcdef")]
    [InlineData("007")]
    [InlineData("0")]
    public void An_id_comes_back_as_it_went(string text)
    {
        Assert.True(WireId.TryParse(Encoding.ASCII.GetBytes(text), out VenueId id));
        Span<byte> back = stackalloc byte[36];
        Assert.Equal(text, Encoding.ASCII.GetString(back[..WireId.Format(id, back)]));
        Assert.NotEqual(VenueId.None, id);
    }

    [Theory]
    [InlineData("0123456789abcdefg")]
    [InlineData("20220202135509981::2d7be4ff")]
    [InlineData("5cf98598-39a7-459e-17bf-76ca765ee020")]
    [InlineData("5cf98598x39a7-459e-97bf-76ca765ee020")]
    [InlineData("a b")]
    public void An_id_that_does_not_fit_is_refused(string text) =>
        Assert.False(WireId.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(new byte[] { 0xD6, 0xFF, 0, 0, 0, 5 }, 5_000_000_000)]
    [InlineData(new byte[] { 0xD7, 0xFF, 0, 0, 0, 4, 0, 0, 0, 5 }, 5_000_000_001)]
    [InlineData(new byte[] { 0xC7, 12, 0xFF, 0, 0, 0, 9, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, -999_999_991)]
    public void A_MessagePack_time_is_read_in_its_three_widths(byte[] bytes, long nanoseconds)
    {
        MessagePackReader reader = new(bytes);
        Assert.True(reader.TryReadTimestamp(out long time) && reader.AtEnd);
        Assert.Equal(nanoseconds, time);
    }

    [Theory]
    [InlineData(new byte[] { 0xD6, 0x01, 0, 0, 0, 5 }, MessagePackFault.WrongKind)]
    [InlineData(new byte[] { 0xD5, 0xFF, 0, 5 }, MessagePackFault.WrongKind)]
    [InlineData(new byte[] { 0xD6, 0xFF, 0, 0, 0 }, MessagePackFault.LengthBeyondEnd)]
    [InlineData(new byte[] { 0xC7, 12, 0xFF, 0x3B, 0x9A, 0xCA, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, MessagePackFault.OutOfRange)]
    [InlineData(new byte[] { 0xC7, 12, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, MessagePackFault.OutOfRange)]
    [InlineData(new byte[] { 0x05 }, MessagePackFault.WrongKind)]
    public void A_MessagePack_time_that_is_none_is_refused(byte[] bytes, MessagePackFault fault)
    {
        MessagePackReader reader = new(bytes);
        Assert.False(reader.TryReadTimestamp(out _));
        Assert.Equal((fault, 0), (reader.Error.Fault, reader.Position));
    }

    private static string Draw(ref Xoshiro256 dice)
    {
        StringBuilder text = new();
        text.Append(dice.NextBelow(3) == 0 ? "-" : string.Empty);
        for (long left = dice.NextBelow(21); left >= 0; left--)
        {
            text.Append((char)('0' + dice.NextBelow(dice.NextBelow(2) == 0 ? 1 : 10)));
        }

        if (dice.NextBelow(2) == 0)
        {
            text.Append('.');
            for (long left = dice.NextBelow(12); left > 0; left--)
            {
                text.Append((char)('0' + dice.NextBelow(dice.NextBelow(2) == 0 ? 1 : 10)));
            }
        }

        if (dice.NextBelow(3) == 0)
        {
            text.Append('e').Append(dice.NextBelow(2) == 0 ? "-" : string.Empty).Append(dice.NextBelow(25));
        }

        return text.ToString();
    }
}
