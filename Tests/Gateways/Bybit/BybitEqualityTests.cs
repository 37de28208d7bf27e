using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>The decoders make of every message what the slow parser makes of it.</summary>
public sealed class BybitEqualityTests
{
    private const long Received = 1_786_000_000_000_000_000;

    [Fact]
    public void Every_public_message_of_ours_is_read_as_by_the_slow_parser()
    {
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), InstrumentKind.Linear);
        SlowBybit slow = new(BybitCorpus.Instruments, InstrumentKind.Linear);
        int events = 0;
        foreach (string message in BybitCorpus.Public)
        {
            events += Same(decoder, slow, message).Count;
        }

        // Books, prints, prices, a bar, liquidations and a band: not a comparison of nothing with nothing.
        Assert.Equal(19, events);
        Assert.Equal((1, 1), (decoder.Counters.Gaps, decoder.Counters.Discarded - 1));
    }

    /// <summary>The venue spells a length in minutes or by a letter; from here on it is nanoseconds, whatever it was called.</summary>
    [Theory]
    [InlineData("1", 1)]
    [InlineData("3", 3)]
    [InlineData("5", 5)]
    [InlineData("15", 15)]
    [InlineData("30", 30)]
    [InlineData("60", 60)]
    [InlineData("120", 120)]
    [InlineData("240", 240)]
    [InlineData("360", 360)]
    [InlineData("720", 720)]
    [InlineData("D", 1_440)]
    [InlineData("W", 10_080)]
    [InlineData("15m", 0)]
    [InlineData("1h", 0)]
    [InlineData("7", 0)]
    [InlineData("d", 0)]
    [InlineData("", 0)]
    public void A_candle_has_a_length_in_time_and_no_name(string spelling, long minutes)
    {
        const long Minute = 60_000;
        long start = 1_786_000_000_000 / (10_080 * Minute) * (10_080 * Minute);
        long end = start + (Math.Max(minutes, 1) * Minute) - 1;
        string message = $$"""{"topic":"kline.{{spelling}}.BTCUSDT","data":[{"start":{{start}},"end":{{end}},"interval":"{{spelling}}","open":"1","close":"1","high":"1","low":"1","volume":"1","turnover":"1","confirm":true,"timestamp":{{end + 1}}}],"ts":{{end + 1}},"type":"snapshot"}""";
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), InstrumentKind.Linear);
        WireOutcome outcome = decoder.Decode(System.Text.Encoding.UTF8.GetBytes(message), 1_786_000_000_000_000_000);
        Assert.Equal(minutes == 0 ? WireResult.Refused : WireResult.Events, outcome.Result);
        Assert.Equal(minutes == 0 ? 0 : 1, decoder.Batch.Events.Length);
        Assert.True(minutes == 0 || decoder.Batch.Events[0].Bar.Timeframe == minutes * Minute * 1_000_000);
    }

    [Fact]
    public void The_words_of_the_public_messages_are_these()
    {
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), InstrumentKind.Linear);
        List<string> lines = [];
        foreach (string message in BybitCorpus.Public)
        {
            decoder.Decode(BybitCorpus.Bytes(message).Span, Received);
            lines.AddRange(WireShow.Lines(decoder.Batch.Events));
        }

        // By hand from the messages: prices in cents, quantities in thousandths, times in nanoseconds.
        Assert.Equal(
            "#1 at 1785999999999000000 by Bybit: Book u=100 after=0 snapshot=True Buy:6500010:1500 Buy:6500000:1 "
            + "Buy:6499990:20000 Sell:6500020:2250 Sell:6500100:4294967296 Sell:9999999999:9000000000000",
            lines[0]);
        Assert.Equal("#1 at 1786000000019000000 by Bybit: Book u=101 after=100 snapshot=False Buy:6500010:0 Buy:6499980:3000", lines[1]);
        Assert.Equal("#1 at 1786000000080000000 by Bybit: Stream Gap", lines[4]);
        Assert.Equal("#1 at 1786000000120000000 by Bybit: Book u=1 after=0 snapshot=True Buy:6500000:1000 Sell:6500100:1000", lines[5]);
        Assert.Equal("#1 at 1786000000199000000 by Bybit: Trade 6500015 x 1 Buy id=0 marks=0 cond=0 ex=0", lines[11]);
        Assert.Equal("#1 at 1786000000199000000 by Bybit: Trade 6499900 x 12000 Sell id=2100000000007764263 marks=1 cond=0 ex=0", lines[12]);
        Assert.Equal(
            "#1 at 1786000000600000000 by Bybit: Prices m=65003000000000 i=65002123456789 f=100000000 at 1786003200000000000 every 28800000000000 oi=68744761",
            lines[14]);
        Assert.Equal(
            "#1 at 1786000200000000000 by Bybit: Bar 1785999900000000000+300000000000 6500000 6501100 6499001 6501050 v=2081 t=13529012345 n=0",
            lines[15]);
        Assert.Equal("#2 at 1786000000699000000 by Bybit: Liquidation Sell 4499 x 2000000", lines[16]);
        Assert.Equal("#1 at 1786000000800000000 by Bybit: Band 5850000..7150000", lines[18]);
    }

    [Fact]
    public void Every_private_message_of_ours_is_read_as_by_the_slow_parser()
    {
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        SlowBybit slow = new(BybitCorpus.Instruments, InstrumentKind.Linear);
        List<string> lines = [.. BybitCorpus.Private.SelectMany(message => Same(decoder, slow, message))];
        string order = FormattableString.Invariant($"{BybitCorpus.Order.Packed}");
        Assert.Equal(
            $"#1 at 1786000000990000000 by Bybit: Order {order} venue=5cf9859839a7459e.97bf76ca765ee020 Accepted None 6500010 x 500 cum=0 code=0",
            lines[0]);
        Assert.Contains(lines, line => line.EndsWith("Amended None 6500020 x 500 cum=100 code=0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("CancelRejected UnknownOrder 6500020 x 500 cum=500 code=0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("Cancelled PostOnlyWouldTake 6500020 x 500 cum=0 code=0", StringComparison.Ordinal));
        Assert.Contains(
            $"#3 at 1786000001443000000 by Bybit: Fill {order} id=7e2ae69c4edf5800.a352893d52b446aa Sell 3374 x 25 fee=506100 cum=25 Taker",
            lines);

        // 0.0000005 BTC at 65000.01 is 0.032500005 USDT; the unit is 10^-8, rounded against us.
        Assert.Contains(lines, line => line.EndsWith("Buy 6500001 x 500 fee=3250001 cum=500 Maker", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("Sell 6500001 x 500 fee=-3250000 cum=0 Maker", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("-123456789 at 65000123450000 of -500 rate=100000000 Funding", StringComparison.Ordinal));
        Assert.Equal((1, 1), (decoder.Counters.NewWords - 1, decoder.Counters.ConvertedFees));
        Assert.True(decoder.Counters.ForeignOrders > 0 && decoder.Counters.NewNames > 0);
    }

    [Theory]
    [InlineData("Linear", InstrumentKind.Linear)]
    [InlineData("Option", InstrumentKind.Linear)]
    [InlineData("Spot", InstrumentKind.Spot)]
    public void Every_recorded_public_push_is_read_as_by_the_slow_parser(string folder, InstrumentKind kind)
    {
        LowLatency.Tests.Support.Repository.RecordedData("wire/bybit.net/Bybit.UnitTests/Subscriptions/V5/" + folder);
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), kind);
        SlowBybit slow = new(BybitCorpus.Instruments, kind);
        List<string> recorded = BybitCorpus.Recorded(folder);
        Assert.True(recorded.Count >= 3);
        foreach (string message in recorded)
        {
            Same(decoder, slow, message);
        }
    }

    [Fact]
    public void Every_recorded_private_push_is_read_as_by_the_slow_parser()
    {
        LowLatency.Tests.Support.Repository.RecordedData("wire/bybit.net/Bybit.UnitTests/Subscriptions/V5/Private");
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        SlowBybit slow = new(BybitCorpus.Instruments, InstrumentKind.Linear);
        List<string> recorded = BybitCorpus.Recorded("Private");
        Assert.True(recorded.Count >= 7);
        foreach (string message in recorded)
        {
            Same(decoder, slow, message);
        }
    }

    [Theory]
    [InlineData("Buy", Side.Buy)]
    [InlineData("Sell", Side.Sell)]
    [InlineData("Both", Side.None)]
    public void A_report_tells_the_side_of_its_order(string word, Side side)
    {
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        string message = BybitCorpus.Private.First(text => text.Contains("\"topic\":\"order\"", StringComparison.Ordinal));
        string said = message.Replace("\"side\":\"Buy\"", "\"side\":\"" + word + "\"", StringComparison.Ordinal);
        Assert.Equal(WireResult.Events, decoder.Decode(BybitCorpus.Bytes(said).Span, Received).Result);
        Assert.Equal(side, decoder.Batch.Events[0].OrderReport.Side);
    }

    private static List<string> Same(BybitPublicDecoder decoder, SlowBybit slow, string message)
    {
        ReadOnlyMemory<byte> bytes = BybitCorpus.Bytes(message);
        WireOutcome outcome = decoder.Decode(bytes.Span, Received);
        return Compare(outcome, decoder.Batch, () => slow.Public(bytes), message);
    }

    private static List<string> Same(BybitPrivateDecoder decoder, SlowBybit slow, string message)
    {
        ReadOnlyMemory<byte> bytes = BybitCorpus.Bytes(message);
        WireOutcome outcome = decoder.Decode(bytes.Span, Received);
        return Compare(outcome, decoder.Batch, () => slow.Private(bytes, BybitCorpus.Instance), message);
    }

    private static List<string> Compare(WireOutcome outcome, EventBatch batch, Func<List<string>> slow, string message)
    {
        string? difference = WireCompare.Difference(outcome, batch, slow);
        Assert.True(difference is null, difference + "\nin " + message);
        return WireShow.Lines(batch.Events);
    }
}
