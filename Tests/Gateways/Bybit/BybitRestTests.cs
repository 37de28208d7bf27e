using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Wire;
using Xunit;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>REST pages, instruments, and what an answer to an order request means.</summary>
public sealed class BybitRestTests
{
    private const long Received = 1_786_000_000_000_000_000;

    private const string Instruments = """
        {"retCode":0,"retMsg":"SUCCESS","result":{"category":"linear","list":[
        {"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","settleCoin":"USDT","priceScale":"2",
         "priceFilter":{"minPrice":"0.10","maxPrice":"199999.80","tickSize":"0.10"},
         "lotSizeFilter":{"maxOrderQty":"100.000","minOrderQty":"0.001","qtyStep":"0.001","minNotionalValue":"5"}},
        {"symbol":"NOTWANTED","contractType":"?","status":"Trading"},
        {"symbol":"ETHUSDT","contractType":"LinearPerpetual","status":"Delivering","quoteCoin":"USDT","settleCoin":"USDC","priceScale":"1",
         "priceFilter":{"tickSize":"0.00001"},
         "lotSizeFilter":{"maxOrderQty":"71.73956243","qtyStep":"1"}}],
        "nextPageCursor":"first%3DNEXT%26last%3D"},"retExtInfo":{},"time":1786000000123}
        """;

    [Fact]
    public void Instruments_become_definitions_and_statuses_page_by_page()
    {
        BybitRestDecoder decoder = Decoder();
        decoder.Definitions.Want(new InstrumentId(1), "BTCUSDT", InstrumentKind.Linear, 0);
        decoder.Definitions.Want(new InstrumentId(2), "ETHUSDT", InstrumentKind.Linear, 4);
        decoder.Definitions.Want(new InstrumentId(5), "BTCUSDT", InstrumentKind.Spot, 0);
        Assert.Equal(WireOutcome.Events, decoder.Decode(BybitRead.Instruments, Bytes(Instruments), Received));
        Assert.Equal(
            [
                "#1 at 1786000000123000000 by Bybit: Defined BTCUSDT Linear in USDT 1e-2 1e-3 tick=10 lot=1 min=1 max=100000 notional=500000000 x1 v1",
                "#1 at 1786000000123000000 by Bybit: Status Open",
                "#2 at 1786000000123000000 by Bybit: Defined ETHUSDT Linear in USDC 1e-5 1e-0 tick=1 lot=1 min=1 max=71 notional=0 x1 v5",
                "#2 at 1786000000123000000 by Bybit: Status Halted",
            ],
            WireShow.Lines(decoder.Batch.Events));
        Assert.Equal("first%3DNEXT%26last%3D", Encoding.ASCII.GetString(decoder.NextCursor));
        Assert.Equal(3, decoder.Items);
    }

    [Theory]
    [InlineData("\"tickSize\":\"0.10\"", "\"tickSize\":\"0\"", WireFault.Number)]
    [InlineData("\"tickSize\":\"0.10\"", "\"tickSize\":\"0.1000000000\"", WireFault.Number)]
    [InlineData("\"qtyStep\":\"0.001\"", "\"qtyStep\":\"\"", WireFault.Number)]
    [InlineData("\"maxOrderQty\":\"100.000\"", "\"maxOrderQty\":\"0\"", WireFault.Contradiction)]
    [InlineData("\"contractType\":\"LinearPerpetual\"", "\"contractType\":\"InversePerpetual\"", WireFault.Word)]
    [InlineData("\"settleCoin\":\"USDT\"", "\"settleCoin\":\"\"", WireFault.Word)]
    [InlineData("\"priceFilter\":{\"minPrice\"", "\"priceFilter2\":{\"minPrice\"", WireFault.Missing)]
    [InlineData("\"retCode\":0", "\"retCode\":\"x\"", WireFault.Missing)]
    [InlineData("\"result\":{", "\"result\":[{},{", WireFault.Malformed)]
    public void Rules_that_are_none_refuse_the_page(string right, string wrong, WireFault fault)
    {
        BybitRestDecoder decoder = Decoder();
        decoder.Definitions.Want(new InstrumentId(1), "BTCUSDT", InstrumentKind.Linear, 0);
        string body = Instruments.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(Instruments, body);
        Assert.Equal(WireOutcome.Refused(fault), decoder.Decode(BybitRead.Instruments, Bytes(body), Received));
        Assert.True(decoder.Batch.Events.IsEmpty && decoder.NextCursor.IsEmpty);
    }

    [Fact]
    public void A_cursor_that_cannot_be_kept_refuses_the_page()
    {
        string body = Instruments.Replace("first%3DNEXT%26last%3D", new string('x', BybitRestDecoder.CursorMax + 1), StringComparison.Ordinal);
        Assert.Equal(WireResult.Refused, Decoder().Decode(BybitRead.Instruments, Bytes(body), Received).Result);
    }

    [Fact]
    public void A_refused_page_is_an_answer_and_not_an_empty_list()
    {
        BybitRestDecoder decoder = Decoder();
        WireOutcome outcome = decoder.Decode(
            BybitRead.Orders, Bytes("""{"retCode":10006,"retMsg":"Too many visits!","result":{},"retExtInfo":{},"time":1786000000123}"""), Received);
        Assert.Equal((WireOutcome.Answer, 10006), (outcome, decoder.Code));
        outcome = decoder.Decode(
            BybitRead.Orders, Bytes("""{"retCode":0,"retMsg":"","result":{"list":[],"category":"linear"},"time":1786000000123}"""), Received);
        Assert.Equal((WireOutcome.Nothing, 0, 0), (outcome, decoder.Code, decoder.Items));
        Assert.Equal(WireResult.Refused, decoder.Decode(BybitRead.Orders, Bytes("<html>503</html>"), Received).Result);
        Assert.Equal(WireResult.Refused, decoder.Decode(BybitRead.Orders, Bytes("""{"retCode":0,"result":{}}"""), Received).Result);
    }

    [Theory]
    [InlineData("1785999999", "1785999999123456789", 1785999999123456789)]
    [InlineData("1785999998", "1785999999123456789", 0)]
    [InlineData("", "", 0)]
    public void The_time_of_the_server_must_agree_with_itself(string second, string nano, long time)
    {
        BybitRestDecoder decoder = Decoder();
        string body = $$"""{"retCode":0,"result":{"timeSecond":"{{second}}","timeNano":"{{nano}}"},"time":1785999999123}""";
        WireOutcome outcome = decoder.Decode(BybitRead.ServerTime, Bytes(body), Received);
        Assert.Equal(time != 0 ? WireResult.Nothing : WireResult.Refused, outcome.Result);
        Assert.True(time == 0 || decoder.VenueTime == time);
    }

    [Fact]
    public void Fees_belong_to_the_category_that_was_asked_for()
    {
        BybitRestDecoder decoder = Decoder();
        byte[] body = Bytes("""{"retCode":0,"result":{"list":[{"symbol":"BTCUSDT","takerFeeRate":"0.0006","makerFeeRate":"-0.0001"},{"symbol":"XX","takerFeeRate":"","makerFeeRate":""}]},"time":1}""");
        decoder.Category = InstrumentKind.Spot;
        decoder.Decode(BybitRead.Fees, body, Received);
        Assert.Equal([new FeeRate(new InstrumentId(5), -100_000_000, 600_000_000)], decoder.Fees.ToArray());
        decoder.Category = InstrumentKind.Linear;
        decoder.Decode(BybitRead.Fees, body, Received);
        Assert.Equal(new InstrumentId(1), decoder.Fees[0].Instrument);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(10001, "Rejected Unsupported")]
    [InlineData(10002, "Rejected ClockOff")]
    [InlineData(10003, "Rejected NotAuthorised")]
    [InlineData(10006, "Rejected RateLimited")]
    [InlineData(110007, "Rejected InsufficientFunds")]
    [InlineData(110017, "Rejected ReduceOnlyWouldAdd")]
    [InlineData(10000, "Unknown None")]
    [InlineData(10016, "Unknown None")]
    [InlineData(10019, "Unknown None")]
    [InlineData(20006, "Unknown None")]
    [InlineData(170146, "Unknown None")]
    [InlineData(110072, "Unknown DuplicateOrderId")]
    [InlineData(170141, "Unknown DuplicateOrderId")]
    [InlineData(110001, "Unknown UnknownOrder")]
    [InlineData(987654, "Unknown Unlisted")]
    [InlineData(-1, "Unknown Unlisted")]
    public void A_code_of_a_new_order_is_a_rejection_only_where_that_is_sure(int code, string expected) =>
        Assert.Equal(expected, Word(code, CommandVerb.New));

    [Theory]
    [InlineData(110001, CommandVerb.Cancel, "CancelRejected UnknownOrder")]
    [InlineData(170213, CommandVerb.Cancel, "CancelRejected UnknownOrder")]
    [InlineData(110010, CommandVerb.Amend, "AmendRejected UnknownOrder")]
    [InlineData(110064, CommandVerb.Amend, "AmendRejected AmendBelowFilled")]
    [InlineData(10000, CommandVerb.Cancel, "Unknown None")]
    public void A_code_of_an_amendment_or_cancel_tells_whether_the_order_is_gone(int code, CommandVerb verb, string expected) =>
        Assert.Equal(expected, Word(code, verb));

    [Fact]
    public void No_code_beyond_the_table_is_ever_taken_for_a_rejection()
    {
        int refused = 0;
        for (int code = -1_000; code < 400_000; code++)
        {
            AnswerRule rule = BybitCodes.Of(code);
            refused += rule.Meaning == AnswerMeaning.Refused ? 1 : 0;
            Assert.True(rule.Meaning != AnswerMeaning.Refused || rule.Reason is not (ReportReason.None or ReportReason.Unlisted));
        }

        // The table has 62 numbers with which a request is known to have done nothing.
        Assert.Equal(62, refused);
    }

    [Fact]
    public void No_error_is_ever_taken_for_an_acceptance()
    {
        for (int code = -1_000; code < 400_000; code++)
        {
            Assert.Equal(code == 0, BybitCodes.Of(code).Meaning == AnswerMeaning.Taken);
        }

        Assert.True(BybitCodes.Of(int.MaxValue).Meaning != AnswerMeaning.Taken && BybitCodes.Of(int.MinValue).Meaning != AnswerMeaning.Taken);
    }

    [Fact]
    public void A_batch_is_answered_order_by_order()
    {
        const string body = """{"retCode":0,"retMsg":"OK","result":{"list":[{"category":"linear","symbol":"BTCUSDT","orderId":"1666800494330512128","orderLinkId":"a"},{"category":"","symbol":"","orderId":"","orderLinkId":""},{"orderId":""}]},"retExtInfo":{"list":[{"code":0,"msg":"OK"},{"code":110007,"msg":"no"},{"code":10000}]},"time":1713434102753}""";
        Assert.Equal(["", "Rejected InsufficientFunds", "Unknown None"], Words(body, 3));

        // A list that is shorter, or without codes, tells nothing of anything.
        Assert.Equal(["Unknown None", "Unknown None", "Unknown None", "Unknown None"], Words(body, 4));
        Assert.Equal(["Unknown None", "Unknown None", "Unknown None"], Words(body.Replace("retExtInfo", "retExtra", StringComparison.Ordinal), 3));
        Assert.Equal(["Rejected RateLimited", "Rejected RateLimited"], Words("""{"retCode":10006,"result":{},"time":1}""", 2));
    }

    [Fact]
    public void The_answer_to_cancel_all_may_list_more_than_a_batch_has()
    {
        string list = string.Join(',', Enumerable.Range(1, 500).Select(i => $$"""{"orderId":"{{i}}","orderLinkId":""}"""));
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Answer, decoder.Decode(Bytes($$"""{"retCode":0,"result":{"list":[{{list}}],"success":"1"},"time":1}"""), Received));
        Assert.Equal((true, 500, 20UL), (decoder.Answer.IsAccepted, decoder.Answer.Items, decoder.Answer.OrderAt(19).Low));
    }

    [Theory]
    [InlineData("""{"success":true,"ret_msg":"pong","conn_id":"x","req_id":"","op":"ping"}""", BybitOp.Pong, true, 0)]
    [InlineData("""{"req_id":"7","op":"pong","args":["1786000000000"],"conn_id":"x"}""", BybitOp.Pong, true, 7)]
    [InlineData("""{"args":["1786000000000"],"op":"pong"}""", BybitOp.Pong, true, 0)]
    [InlineData("""{"retCode":0,"retMsg":"OK","op":"pong","data":["1786000000000"],"connId":"x"}""", BybitOp.Pong, true, 0)]
    [InlineData("""{"success":true,"ret_msg":"","op":"auth","conn_id":"x","req_id":"12"}""", BybitOp.Auth, true, 12)]
    [InlineData("""{"success":false,"ret_msg":"error","op":"auth","conn_id":"x"}""", BybitOp.Auth, false, 0)]
    [InlineData("""{"reqId":"3","retCode":20001,"retMsg":"Repeat auth","op":"auth","connId":"x"}""", BybitOp.Auth, false, 3)]
    [InlineData("""{"success":true,"ret_msg":"","conn_id":"x","req_id":"4","op":"subscribe"}""", BybitOp.Subscribe, true, 4)]
    [InlineData("""{"success":true,"conn_id":"x","data":{"failTopics":[],"successTopics":["a"]},"type":"COMMAND_RESP"}""", BybitOp.Subscribe, true, 0)]
    [InlineData("""{"success":true,"ret_msg":"","conn_id":"x","req_id":"theirs","op":"unsubscribe"}""", BybitOp.Unsubscribe, true, 0)]
    public void Answers_have_another_shape_on_each_channel_and_say_the_same(string message, BybitOp op, bool accepted, long number)
    {
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Answer, decoder.Decode(Bytes(message), Received));
        Assert.Equal((op, accepted, number), (decoder.Answer.Operation, decoder.Answer.IsAccepted, decoder.Answer.RequestNumber));
        BybitPublicDecoder publics = new(BybitCorpus.Table(), InstrumentKind.Linear);
        Assert.Equal(WireOutcome.Answer, publics.Decode(Bytes(message), Received));
        Assert.Equal(op, publics.Answer.Operation);
    }

    [Fact]
    public void The_answer_to_an_order_tells_the_budget()
    {
        const string message = """{"reqId":"41","retCode":0,"retMsg":"OK","op":"order.create","data":{"orderId":"a4c1718e-fe53-4659-a118-1f6ecce04ad9","orderLinkId":"x"},"retExtInfo":{},"header":{"X-Bapi-Limit":"10","X-Bapi-Limit-Status":"9","X-Bapi-Limit-Reset-Timestamp":"1711001595208","Traceid":"38b7","Timenow":"1711001595209"},"connId":"c"}""";
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Answer, decoder.Decode(Bytes(message), Received));
        BybitAnswer answer = decoder.Answer;
        Assert.Equal((BybitOp.Order, 41, 9, 1_711_001_595_208_000_000), (answer.Operation, answer.RequestNumber, answer.LimitLeft, answer.LimitResetAt));
        Assert.Equal(1_711_001_595_209_000_000, answer.VenueTime);
        Assert.Equal((1, "a4c1718efe534659.a1181f6ecce04ad9"), (answer.Items, SlowJson.Show(answer.OrderAt(0))));
    }

    private static string Word(int code, CommandVerb verb) => Words(FormattableString.Invariant($$"""{"retCode":{{code}},"retMsg":"x","result":{},"retExtInfo":{},"time":1}"""), 1, verb)[0];

    private static List<string> Words(string body, int commands, CommandVerb verb = CommandVerb.New)
    {
        BybitPrivateDecoder decoder = new(BybitCorpus.Table(), BybitCorpus.Instance);
        Assert.Equal(WireOutcome.Answer, decoder.Decode(Bytes(body), Received));
        EventBatch batch = new();
        List<string> words = [];
        CommandKey[] keys = [.. Enumerable.Range(0, commands).Select(i => new CommandKey(OrderId.Of(1, 5, i), 5, verb, new InstrumentId(1)))];
        Assert.True(decoder.Answer.AddReports(keys, Received, batch));
        foreach (CommandKey key in keys)
        {
            string word = string.Empty;
            foreach (ref readonly Event e in batch.Events)
            {
                word = e.Kind == EventKind.OrderReport && e.OrderReport.Order == key.Order ? $"{e.OrderReport.Status} {e.OrderReport.Reason}"
                    : e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Order == key.Order ? $"{e.CommandOutcome.Outcome} {e.CommandOutcome.Reason}"
                    : word;
            }

            words.Add(word);
        }

        return words;
    }

    private static BybitRestDecoder Decoder() => new(BybitCorpus.Table(), BybitCorpus.Instance);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
