using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Wire;

public sealed class PairScanTests
{
    private const string Behind = "],\"u\":177400507,\"seq\":66544703342,\"cts\":1785999999999}}";

    [Fact]
    public void All_levels_as_machines_write_them_are_read_at_once()
    {
        Assert.SkipUnless(DecimalVector.IsSupported, "this processor has no such instructions");
        Xoshiro256 dice = new(7);
        for (int round = 0; round < 2_000; round++)
        {
            List<long> expected = [];
            StringBuilder text = new("x[");
            int levels = 1 + (int)dice.NextBelow(40);
            for (int i = 0; i < levels; i++)
            {
                long price = 1 + dice.NextBelow(100_000_000);
                long quantity = dice.NextBelow(1_000_000);
                expected.Add(price);
                expected.Add(quantity);
                text.Append(i == 0 ? string.Empty : ",").Append(
                    CultureInfo.InvariantCulture, $"[\"{price / 100}.{price % 100:00}\",\"{quantity / 1000}.{quantity % 1000:000}\"]");
            }

            byte[] json = Encoding.ASCII.GetBytes(text + Behind);
            int at = 2;
            long[] numbers = new long[128];
            int count = PairScan.Read(json, ref at, 2, 3, numbers);
            Assert.Equal(expected, numbers[..count]);
            Assert.Equal((byte)']', json[at - 1]);
            Assert.Equal((byte)']', json[at]);
        }
    }

    [Theory]
    [InlineData("[ \"1.5\",\"2\"]")]
    [InlineData("[\"1.5\" ,\"2\"]")]
    [InlineData("[\"1.5\",\"2\",\"3\"]")]
    [InlineData("[\"1.5\",2]")]
    [InlineData("[\"1.5\",\"2\\\"\"]")]
    [InlineData("[\"-1.5\",\"2\"]")]
    [InlineData("[\"\",\"2\"]")]
    [InlineData("[\"1.005\",\"2\"]")]
    [InlineData("[\"1.5e1\",\"2\"]")]
    [InlineData("[\"10000000000000000.5\",\"2\"]")]
    [InlineData("[\"1.5\"]")]
    [InlineData("{\"1.5\",\"2\"}")]
    public void At_an_item_that_is_written_otherwise_it_stops_in_front_of_it(string item)
    {
        byte[] json = Encoding.ASCII.GetBytes("[\"7.25\",\"8\"]," + item + Behind);
        int at = 0;
        long[] numbers = new long[8];
        int expected = DecimalVector.IsSupported ? 2 : 0;
        Assert.Equal(expected, PairScan.Read(json, ref at, 2, 3, numbers));
        Assert.Equal(expected == 0 ? 0 : 12, at);
        Assert.Equal(expected == 0 ? [0, 0] : new long[] { 725, 8_000 }, numbers[..2]);
    }

    [Fact]
    public void Room_that_is_full_and_a_message_that_ends_stop_it_too()
    {
        byte[] json = Encoding.ASCII.GetBytes("[\"7.25\",\"8\"],[\"7.25\",\"8\"],[\"7.25\",\"8\"]" + Behind);
        int at = 0;
        Assert.Equal(DecimalVector.IsSupported ? 4 : 0, PairScan.Read(json, ref at, 2, 3, new long[5]));
        at = 0;
        Assert.Equal(0, PairScan.Read(json.AsSpan(0, 40), ref at, 2, 3, new long[8]));
    }
}
