using System;
using System.Runtime.InteropServices;
using System.Text;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value_of_the_catalogue_is_met() =>
        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));

    // RFC 3720, appendix B.4.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    [InlineData("1F1E1D1C1B1A191817161514131211100F0E0D0C0B0A09080706050403020100", 0x113FDB5Cu)]
    [InlineData(
        "01C00000000000000000000000000000140000000000040000000014000000182800000000000000"
        + "0200000000000000", 0xD9963A56u)]
    public void The_vectors_of_the_standard_are_met(string hex, uint expected) =>
        Assert.Equal(expected, Crc32C.Append(0, Convert.FromHexString(hex)));

    [Fact]
    public void Nothing_appended_changes_nothing()
    {
        Assert.Equal(0u, Crc32C.Append(0, []));
        Assert.Equal(0xE3069283u, Crc32C.Append(0xE3069283u, []));
    }

    [Fact]
    public void Any_cut_gives_the_checksum_of_the_whole_and_of_a_bitwise_second_implementation() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<byte[], uint>>(),
            input =>
            {
                (byte[] bytes, uint seed) = input;
                uint expected = Bitwise(seed, bytes);
                Assert.Equal(expected, Crc32C.Append(seed, bytes));
                for (int cut = 0; cut <= bytes.Length; cut++)
                {
                    Assert.Equal(expected, Crc32C.Append(Crc32C.Append(seed, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
                }

                return true;
            });

    [Fact]
    public void A_record_is_the_checksum_of_its_first_124_bytes()
    {
        Xoshiro256 dice = new(7);
        Event[] one = new Event[1];
        for (int round = 0; round < 200; round++)
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(one.AsSpan());
            foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            {
                word = dice.Next();
            }

            uint seed = (uint)dice.NextBelow(1L << 32);
            Assert.Equal(Bitwise(seed, bytes[..Event.CrcOffset]), Crc32C.AppendRecord(seed, in one[0]));
        }
    }

    [Fact]
    public void Every_bit_of_a_record_and_of_its_seed_counts_and_its_own_crc_field_does_not()
    {
        Event[] one = [new Event { Sequence = 5, ReceivedAt = 6 }];
        uint sound = Crc32C.AppendRecord(9, in one[0]);
        for (int bit = 0; bit < Event.CrcOffset * 8; bit++)
        {
            Flip(one, bit);
            Assert.NotEqual(sound, Crc32C.AppendRecord(9, in one[0]));
            Flip(one, bit);
        }

        for (int bit = 0; bit < 32; bit++)
        {
            Assert.NotEqual(sound, Crc32C.AppendRecord(9 ^ (1u << bit), in one[0]));
        }

        one[0].Crc = 0xFFFFFFFF;
        Assert.Equal(sound, Crc32C.AppendRecord(9, in one[0]));
    }

    [Fact]
    public void The_zip_checksum_is_another_one()
    {
        // A negative control: the vectors would not be met by the polynomial that most libraries mean by CRC-32.
        Assert.Equal(0xCBF43926u, Bitwise(0, Encoding.ASCII.GetBytes("123456789"), 0xEDB88320u));
        Assert.NotEqual(0xCBF43926u, Crc32C.Append(0, "123456789"u8));
    }

    private static void Flip(Event[] events, int bit) =>
        MemoryMarshal.AsBytes(events.AsSpan())[bit / 8] ^= (byte)(1 << (bit % 8));

    private static uint Bitwise(uint crc, ReadOnlySpan<byte> bytes, uint polynomial = 0x82F63B78u)
    {
        crc = ~crc;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
            }
        }

        return ~crc;
    }
}
