using System;
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats.Histogram;

public sealed class HistogramEncodingTests
{
    // Header and numbers by hand: ZigZag of n >= 0 is 2n, of -n is 2n - 1; seven bits a byte, lowest first.
    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        HdrHistogram histogram = new(1000, 1);
        histogram.RecordValue(1, 3);
        histogram.RecordValue(3, 100);
        histogram.RecordValue(10, 1);
        const string Expected =
            "1C849313" + "00000007" + "00000000" + "00000001" + "0000000000000001" + "00000000000003E8"
            + "3FF0000000000000"
            + "00" // 0: none, a lone zero
            + "06" // 1: three
            + "00" // 2: none
            + "C801" // 3: one hundred, 200 = 0b1_1001000
            + "0B" // 4 to 9: six zeros, -6 is 11
            + "02"; // 10: one
        Assert.Equal(Expected, Convert.ToHexString(Encode(histogram)));
    }

    [Fact]
    public void What_is_encoded_is_decoded() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<ulong[], PositiveInt>>(),
            input =>
            {
                (ulong[] values, PositiveInt digits) = input;
                HdrHistogram histogram = new(1L << 50, 1 + (digits.Get % 4), 1 + ((long)digits.Get * 37 % 5_000));
                foreach (ulong value in values)
                {
                    ulong mixed = value * 0x9E3779B97F4A7C15;
                    histogram.RecordValue((long)(mixed >> (14 + (int)(mixed % 50))), (long)(mixed >> 20));
                }

                HistogramFault fault = HistogramEncoding.Decode(Encode(histogram), out HdrHistogram? decoded);
                Assert.Equal(HistogramFault.None, fault);
                Assert.Equal(histogram.LowestDiscernible, decoded!.LowestDiscernible);
                HdrHistogramTests.AssertEqual(histogram, decoded);

                return true;
            },
            runs: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData((1L << 55) - 1)]
    [InlineData(1L << 55)]
    [InlineData(1L << 62)]
    [InlineData(long.MaxValue)]
    public void A_count_of_any_size_survives(long count)
    {
        HdrHistogram histogram = new(1000, 2);
        histogram.RecordValue(700, count);
        byte[] encoded = Encode(histogram);
        Assert.Equal(HistogramFault.None, HistogramEncoding.Decode(encoded, out HdrHistogram? decoded));
        Assert.Equal(count, decoded!.CountAtValue(700));
        Assert.Equal(count, decoded.TotalCount);
    }

    [Fact]
    public void Runs_of_one_zero_written_as_minus_one_are_read_too()
    {
        byte[] theirs = Damage(4, [0, 0, 0, 2], [1, 2]);
        Assert.Equal(HistogramFault.None, HistogramEncoding.Decode(theirs, out HdrHistogram? decoded));
        Assert.Equal(1, decoded!.CountAtValue(1));
        Assert.Equal(1, decoded.TotalCount);
    }

    [Fact]
    public void Everything_else_is_refused_with_its_reason()
    {
        Assert.Equal(HistogramFault.TooShort, Fault(new byte[39]));
        Assert.Equal(HistogramFault.UnknownCookie, Fault(Damage(3, [0x01])));
        Assert.Equal(HistogramFault.UnknownCookie, Fault(Damage(0, [0x1D])));
        Assert.Equal(HistogramFault.Digits, Fault(Damage(15, [0])));
        Assert.Equal(HistogramFault.Digits, Fault(Damage(15, [6])));
        Assert.Equal(HistogramFault.Digits, Fault(Damage(12, [0xFF])));
        Assert.Equal(HistogramFault.None, Fault(Damage(23, [2])));
        Assert.Equal(HistogramFault.LowestValue, Fault(Damage(23, [0])));
        Assert.Equal(HistogramFault.LowestValue, Fault(Damage(16, [0xFF])));
        Assert.Equal(HistogramFault.LowestValue, Fault(Damage(16, [0x40])));
        Assert.Equal(HistogramFault.HighestValue, Fault(Damage(22, [2])));
        Assert.Equal(HistogramFault.HighestValue, Fault(Damage(24, [0, 0, 0, 0, 0, 0, 0, 1])));
        Assert.Equal(HistogramFault.HighestValue, Fault(Damage(24, [0xFF])));
        Assert.Equal(HistogramFault.PayloadLength, Fault(Damage(7, [9])));
        Assert.Equal(HistogramFault.PayloadLength, Fault(Damage(4, [0xFF])));
        Assert.Equal(HistogramFault.Truncated, Fault(Damage(4, [0, 0, 0, 1], [0x80])));

        // 1000 with one digit takes 6 buckets, so (6 + 1) x 16 = 112 counts: a run of 112 zeros fits, 113 do not.
        Assert.Equal(112, new HdrHistogram(1000, 1).Counts.Length);
        Assert.Equal(HistogramFault.None, Fault(Damage(4, [0, 0, 0, 2], [0xDF, 0x01])));
        Assert.Equal(HistogramFault.BeyondTable, Fault(Damage(4, [0, 0, 0, 2], [0xE1, 0x01])));
        Assert.Equal(HistogramFault.BeyondTable, Fault(Damage(4, [0, 0, 0, 3], [0xDF, 0x01, 0x02])));
        byte[] smallest = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Equal(HistogramFault.BeyondTable, Fault(Damage(4, [0, 0, 0, 9], smallest)));
        byte[] largest = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        Assert.Equal(HistogramFault.None, Fault(Damage(4, [0, 0, 0, 9], largest)));
        Assert.Equal(HistogramFault.TooMany, Fault(Damage(4, [0, 0, 0, 10], [.. largest, 2])));
    }

    [Fact]
    public void No_bytes_make_it_throw()
    {
        const ulong Seed = 99;
        Xoshiro256 dice = new(Seed);
        HdrHistogram histogram = new(100_000, 2);
        for (int i = 0; i < 50; i++)
        {
            histogram.RecordValue(dice.NextBelow(100_001), 1 + dice.NextBelow(1 << 20));
        }

        byte[] sound = Encode(histogram);
        int decoded = 0;
        for (int round = 0; round < 20_000; round++)
        {
            // Header fields stay small or sound, so that most rounds reach the payload; cuts keep its length honest.
            byte[] bytes = sound[..(HistogramEncoding.HeaderBytes + (int)dice.NextBelow(sound.Length - 39))];
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - HistogramEncoding.HeaderBytes);
            for (long changes = dice.NextBelow(4); changes > 0; changes--)
            {
                int payload = bytes.Length - HistogramEncoding.HeaderBytes;
                int at = HistogramEncoding.HeaderBytes + (int)dice.NextBelow(payload + 1);
                bytes[Math.Min(at, bytes.Length - 1)] = (byte)dice.NextBelow(256);
            }

            HistogramFault fault = HistogramEncoding.Decode(bytes, out HdrHistogram? result);
            Assert.Equal(fault == HistogramFault.None, result is not null);
            decoded += result is null ? 0 : 1;
        }

        Assert.True(decoded is > 1000 and < 19_000, $"seed {Seed}: {decoded} decoded, so one side was hardly tried");
    }

    private static byte[] Encode(HdrHistogram histogram)
    {
        byte[] room = new byte[HistogramEncoding.MaximumBytes(histogram)];
        return room[..HistogramEncoding.Encode(histogram, room)];
    }

    private static HistogramFault Fault(byte[] bytes)
    {
        HistogramFault fault = HistogramEncoding.Decode(bytes, out HdrHistogram? histogram);
        Assert.Equal(fault == HistogramFault.None, histogram is not null);
        return fault;
    }

    // An empty histogram for 0 to 1000 with one digit, some header bytes replaced, the payload too when one is given.
    private static byte[] Damage(int offset, byte[] header, byte[]? payload = null)
    {
        byte[] bytes = Encode(new HdrHistogram(1000, 1));
        header.CopyTo(bytes, offset);
        return payload is null ? bytes : [.. bytes[..HistogramEncoding.HeaderBytes], .. payload];
    }
}
