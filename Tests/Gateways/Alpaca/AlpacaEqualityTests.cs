using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Alpaca;

/// <summary>The decoders make of every message what the slow parser makes of it, and of MessagePack what they make of JSON.</summary>
public sealed class AlpacaEqualityTests
{
    private const long Received = 1_786_000_000_000_000_000;

    [Fact]
    public void Every_data_message_is_read_as_by_the_slow_parser()
    {
        AlpacaDataDecoder decoder = new(AlpacaCorpus.Table());
        SlowAlpaca slow = new(AlpacaCorpus.Instruments);
        List<string> lines = [];
        foreach (string message in AlpacaCorpus.Data)
        {
            ReadOnlyMemory<byte> bytes = AlpacaCorpus.Bytes(message);
            WireOutcome outcome = decoder.Decode(bytes.Span, Received);
            string? difference = WireCompare.Difference(outcome, decoder.Batch, () => slow.Data(bytes));
            Assert.True(difference is null, difference + "\nin " + message);
            lines.AddRange(WireShow.Lines(decoder.Batch.Events));
        }

        Assert.Equal(
            [
                "#1 at 1786028505340193123 by Alpaca: Trade 126550000 x 1000000000 None id=96921 marks=0 cond=256 ex=68",
                "#2 at 1786028505345000000 by Alpaca: Quote 876600 x 100 / 876800 x 400 u=0",
                "#2 at 1786028505000000000 by Alpaca: Quote 0 x 0 / 876800 x 4 u=0",
                "#3 at 1786028505100000000 by Alpaca: Trade 65000123456789 x 1 None id=293648598 marks=0 cond=0 ex=0",
                "#1 at 1786028520000000000 by Alpaca: Bar 1786028460000000000+60000000000 126500000 126750000 126500000 126600000 v=1200000000000 t=0 n=17",
                "#1 at 1786028520000000000 by Alpaca: Status Halted",
                "#1 at 1786028580000000000 by Alpaca: Status Open",
                "#2 at 1786028580000000000 by Alpaca: Status Unknown",
                "#2 at 1786028520500000000 by Alpaca: Band 802500..905000",
                "#2 at 1786028521000000000 by Alpaca: Corrected 11017 875000 x 100 -> 876000 x 50",
                "#2 at 1786028522000000000 by Alpaca: Corrected 11019 877000 x 10 -> 0 x 0",
                "#1 at 1786028505000000000 by Alpaca: Trade 126500000 x 500000000 None id=2 marks=0 cond=71303168 ex=86",
            ],
            lines);
        Assert.Equal(1, decoder.Counters.Refused(WireFault.Number));
    }

    [Fact]
    public void Every_order_update_is_read_as_by_the_slow_parser()
    {
        AlpacaTradeDecoder decoder = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        SlowAlpaca slow = new(AlpacaCorpus.Instruments);
        List<string> lines = [];
        foreach (string message in AlpacaCorpus.Trade)
        {
            ReadOnlyMemory<byte> bytes = AlpacaCorpus.Bytes(message);
            WireOutcome outcome = decoder.Decode(bytes.Span, Received);
            string? difference = WireCompare.Difference(outcome, decoder.Batch, () => slow.Trade(bytes, AlpacaCorpus.Instance));
            Assert.True(difference is null, difference + "\nin " + message);
            lines.AddRange(WireShow.Lines(decoder.Batch.Events));
        }

        string order = FormattableString.Invariant($"{AlpacaCorpus.Order.Packed}");
        const string venue = "venue=61e6901585494bfd.b9c301e75843f47d";
        Assert.Equal(
            [
                $"#1 at 1786028505123456789 by Alpaca: Order {order} {venue} Accepted None 126550000 x 1000000000 cum=0 code=0",
                $"#1 at 1786028506000000000 by Alpaca: Fill {order} id=61e6901585494bfd.b9c301e74f94707d Buy 126551200 x 400000000 fee=0 cum=400000000 Unknown",
                $"#1 at 1786028507000000000 by Alpaca: Fill {order} id=61e6901585494bfd.b9c301e763d93e7d Buy 126550000 x 600000000 fee=0 cum=1000000000 Unknown",
                $"#1 at 1786028507000000000 by Alpaca: Fill {order} id=61e6901585494bfd.b9c301e763d93e7d Buy 126550000 x 600000000 fee=0 cum=1000000000 Unknown",
                $"#1 at 1786028508000000000 by Alpaca: Order {order} {venue} Accepted None 126550000 x 2000000000 cum=0 code=0",
                $"#1 at 1786028508000000000 by Alpaca: Order {order} {venue} Amended None 126550000 x 2000000000 cum=0 code=0",
                $"#1 at 1786028509000000000 by Alpaca: Order {order} {venue} AmendRejected UnknownOrder 126550000 x 1000000000 cum=1000000000 code=0",
                $"#1 at 1786028509000000000 by Alpaca: Order {order} {venue} CancelRejected VenueDecision 126550000 x 1000000000 cum=0 code=0",
                $"#1 at 1786028510000000000 by Alpaca: Order {order} {venue} Cancelled None 126550000 x 1000000000 cum=400000000 code=0",
                $"#1 at 1786028510000000000 by Alpaca: Order 0 {venue} Rejected None 126550000 x 1000000000 cum=0 code=0",
                $"#1 at 1786028505200000000 by Alpaca: Order 0 {venue} Expired None 126550000 x 1000000000 cum=0 code=0",
                $"#1 at 1786046400000000000 by Alpaca: Order {order} {venue} Accepted None 126550000 x 1000000000 cum=0 code=0",
            ],
            lines);

        // A fill that is told twice has the same id both times: order and filled quantity make it, here the order's id with 400,000,000
        // and 1,000,000,000 in its last digits. A fill that was taken back cannot be counted at all.
        Assert.Equal(2, decoder.Counters.Refused(WireFault.Word));
    }

    [Theory]
    [InlineData("buy", Side.Buy)]
    [InlineData("sell", Side.Sell)]
    public void A_report_tells_the_side_of_its_order(string word, Side side)
    {
        AlpacaTradeDecoder decoder = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        string said = AlpacaCorpus.Trade[0].Replace("\"side\":\"buy\"", "\"side\":\"" + word + "\"", StringComparison.Ordinal);
        Assert.Equal(WireResult.Events, decoder.Decode(AlpacaCorpus.Bytes(said).Span, Received).Result);
        Assert.Equal(side, decoder.Batch.Events[0].OrderReport.Side);
    }

    [Fact]
    public void MessagePack_is_read_as_the_same_message_in_json()
    {
        AlpacaDataDecoder data = new(AlpacaCorpus.Table());
        AlpacaTradeDecoder trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        int compared = 0;
        foreach (string message in AlpacaCorpus.Data)
        {
            // The print of an unknown symbol has text where a time should be: no time to pack.
            string text = message.Replace("\"t\":\"no\"", "\"t\":\"2026-08-06T15:01:45Z\"", StringComparison.Ordinal);
            WireOutcome json = data.Decode(AlpacaCorpus.Bytes(text).Span, Received);
            List<string> lines = WireShow.Lines(data.Batch.Events);
            Assert.Equal(json, data.Decode(AlpacaCorpus.Pack(text, name => name == "t"), Received));
            Assert.Equal(lines, WireShow.Lines(data.Batch.Events));
            compared += lines.Count;
        }

        foreach (string message in AlpacaCorpus.Trade)
        {
            WireOutcome json = trade.Decode(AlpacaCorpus.Bytes(message).Span, Received);
            List<string> lines = WireShow.Lines(trade.Batch.Events);
            Assert.Equal(json, trade.Decode(AlpacaCorpus.Pack(message, name => name is "timestamp" or "updated_at"), Received));
            Assert.Equal(lines, WireShow.Lines(trade.Batch.Events));
            compared += lines.Count;
        }

        Assert.Equal(24, compared);
    }

    [Fact]
    public void Answers_of_the_data_stream_are_told_apart()
    {
        AlpacaDataDecoder decoder = new(AlpacaCorpus.Table());
        List<(AlpacaAnswer, int)> answers = [];
        foreach (string message in AlpacaCorpus.Answers)
        {
            foreach (byte[] bytes in new[] { AlpacaCorpus.Bytes(message).ToArray(), AlpacaCorpus.Pack(message, _ => false) })
            {
                Assert.Equal(WireResult.Answer, decoder.Decode(bytes, Received).Result);
                answers.Add((decoder.Answer, decoder.Code));
            }
        }

        Assert.Equal(
            [
                (AlpacaAnswer.Connected, 0), (AlpacaAnswer.Authorized, 0), (AlpacaAnswer.Subscribed, 0), (AlpacaAnswer.Error, 406),
            ],
            answers.Where((_, index) => index % 2 == 0));
        Assert.Equal(answers.Where((_, index) => index % 2 == 0), answers.Where((_, index) => index % 2 == 1));
    }

    [Theory]
    [InlineData("""{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}""", AlpacaAnswer.Authorized)]
    [InlineData("""{"stream":"authorization","data":{"status":"unauthorized","action":"listen"}}""", AlpacaAnswer.Unauthorized)]
    [InlineData("""{"stream":"listening","data":{"streams":["account_updates","trade_updates"]}}""", AlpacaAnswer.ListensToOrders)]
    [InlineData("""{"stream":"listening","data":{"streams":[]}}""", AlpacaAnswer.ListensToNothing)]
    public void Answers_of_the_order_stream_are_told_apart(string message, AlpacaAnswer answer)
    {
        AlpacaTradeDecoder decoder = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        Assert.Equal(WireResult.Answer, decoder.Decode(AlpacaCorpus.Bytes(message).Span, Received).Result);
        Assert.Equal(answer, decoder.Answer);
        Assert.Equal(WireResult.Answer, decoder.Decode(AlpacaCorpus.Pack(message, _ => false), Received).Result);
        Assert.Equal(answer, decoder.Answer);
    }
}
