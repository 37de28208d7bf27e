using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Wire;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Gateways.Alpaca;

/// <summary>Alpaca's REST answers, recorded and our own, and what an HTTP status means for an order.</summary>
public sealed class AlpacaRestTests
{
    private const string After = """{"id":"e6fe16f3-64a4-4921-8928-cadf02f92f98","status":"ACTIVE","currency":"USD","cash":"-23140.2","equity":"103820.56","buying_power":"262113.632","initial_margin":"63480.38","maintenance_margin":"38088.228","multiplier":"4","trading_blocked":false,"account_blocked":false,"trade_suspended_by_user":false,"shorting_enabled":true}""";
    private const string AccountLine = "#0 at 0 by Alpaca: Balance 'USD' cash=-2314020000000 eq=10382056000000 av=26211363200000 debt=2314020000000 im=6348038000000 mm=3808822800000 open=0";

    /// <summary>Recorded bodies: file, what was asked, events.</summary>
    private static readonly (string File, AlpacaRead Read, string[] Lines)[] Recorded =
    [
        ("test_account_routes__test_get_account__0", AlpacaRead.Account, [AccountLine]),
        ("test_position_routes__test_get_all_positions__0", AlpacaRead.Positions,
            ["#1 at 0 by Alpaca: Position 5000000000 avg=100000000000 mark=120000000000 liq=0 open=10000000000 done=0 u=0 leg=0 ro=0"]),

        // The symbol of two of the recordings has a stray character: a stranger's instrument.
        ("test_order_routes__test_get_order_by_id__0", AlpacaRead.Orders, []),
        ("test_order_routes__test_market_order__0", AlpacaRead.Orders, []),
        ("test_order_routes__test_get_orders__0", AlpacaRead.Orders,
            ["#4 at 1566656122000000000 by Alpaca: Order 0 venue=b11f089722d4ced.9bebe2eeed3637dc Accepted None 0 x 1000000000 cum=0 code=0"]),
        ("test_asset_routes__test_get_asset__0", AlpacaRead.Assets,
            [
                "#1 at 0 by Alpaca: Defined AAPL Equity in USD 1e-6 1e-9 tick=10000 lot=1 min=1 max=1000000000000000 notional=0 x1 v1",
                "#1 at 0 by Alpaca: Status Open",
            ]),
    ];

    public static TheoryData<string> Files => [.. Recorded.Select(known => known.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_recorded_body_becomes_these_events(string file)
    {
        string path = Repository.RecordedData($"wire/alpaca-py/{file}.json");
        (_, AlpacaRead read, string[] lines) = Recorded.Single(known => known.File == file);
        AlpacaRestDecoder decoder = Decoder();
        WireOutcome outcome = decoder.Decode(read, File.ReadAllBytes(path), 1);
        Assert.Equal(lines.Length == 0 ? WireOutcome.Nothing : WireOutcome.Events, outcome);
        Assert.Equal(lines, WireShow.Lines(decoder.Batch.Events));
    }

    [Fact]
    public void The_list_of_all_recorded_assets_holds_the_one_that_is_wanted()
    {
        byte[] body = File.ReadAllBytes(Repository.RecordedData("wire/alpaca-py/test_asset_routes__test_get_all_assets__0.json"));
        AlpacaRestDecoder decoder = Decoder();
        Assert.NotEqual(WireResult.Refused, decoder.Decode(AlpacaRead.Assets, body, 1).Result);
        Assert.True(decoder.Items >= 1);
    }

    [Fact]
    public void An_account_is_read_in_its_shape_before_and_after_the_day_trade_fields_went()
    {
        AlpacaRestDecoder decoder = Decoder();
        Assert.Equal(WireOutcome.Events, decoder.Decode(AlpacaRead.Account, Bytes(After), 1));
        Assert.Equal([AccountLine], WireShow.Lines(decoder.Batch.Events));
        AlpacaAccount account = decoder.Account;
        Assert.Equal((true, false, true, 4, null, null), (account.IsActive, account.IsBlocked, account.MayShort, account.Multiplier, account.DayTrades, account.IsPatternDayTrader));
        string before = After.Replace("\"shorting_enabled\":true", "\"shorting_enabled\":false,\"daytrade_count\":3,\"pattern_day_trader\":true,\"daytrading_buying_power\":\"1\"", StringComparison.Ordinal);
        Assert.Equal(WireOutcome.Events, decoder.Decode(AlpacaRead.Account, Bytes(before), 1));
        Assert.Equal([AccountLine], WireShow.Lines(decoder.Batch.Events));
        Assert.Equal((3, true, false), (decoder.Account.DayTrades, decoder.Account.IsPatternDayTrader, decoder.Account.MayShort));
        Assert.Equal(0, decoder.Counters.NewNames);
    }

    [Theory]
    [InlineData("\"trading_blocked\":false,", "")]
    [InlineData("\"cash\":\"-23140.2\"", "\"cash\":null")]
    [InlineData("\"multiplier\":\"4\"", "\"multiplier\":\"0\"")]
    [InlineData("\"id\":\"e6fe16f3", "\"id\":\"x6fe16f3")]
    [InlineData("\"status\":\"ACTIVE\",", "")]
    [InlineData("\"equity\":\"103820.56\"", "\"equity\":\"1e5x\"")]
    public void An_account_without_what_matters_is_refused(string right, string wrong)
    {
        string body = After.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEqual(After, body);
        Assert.Equal(WireResult.Refused, Decoder().Decode(AlpacaRead.Account, Bytes(body), 1).Result);
    }

    [Fact]
    public void Positions_carry_their_sign_and_a_pair_is_found_without_its_slash()
    {
        AlpacaRestDecoder decoder = Decoder();
        const string body = """[{"symbol":"BTCUSD","qty":"0.5","side":"long","avg_entry_price":"65000.123456789123"},{"symbol":"TSLA","qty":"-3","side":"short","current_price":"87.5","unrealized_pl":"-1.25"}]""";
        Assert.Equal(WireOutcome.Events, decoder.Decode(AlpacaRead.Positions, Bytes(body), 1));
        Assert.Equal(
            [
                "#3 at 0 by Alpaca: Position 500000000 avg=65000123456789 mark=0 liq=0 open=0 done=0 u=0 leg=0 ro=0",
                "#2 at 0 by Alpaca: Position -3 avg=0 mark=87500000000 liq=0 open=-125000000 done=0 u=0 leg=0 ro=0",
            ],
            WireShow.Lines(decoder.Batch.Events));
        Assert.Equal(WireOutcome.Refused(WireFault.Contradiction), decoder.Decode(
            AlpacaRead.Positions, Bytes(body.Replace("\"short\"", "\"long\"", StringComparison.Ordinal)), 1));
        Assert.Equal(WireOutcome.Nothing, decoder.Decode(AlpacaRead.Positions, Bytes("[]"), 1));
        Assert.Equal(WireResult.Refused, decoder.Decode(AlpacaRead.Positions, Bytes("{}"), 1).Result);
        Assert.Equal(WireResult.Refused, decoder.Decode(AlpacaRead.Positions, Bytes("[] []"), 1).Result);
    }

    [Fact]
    public void Activities_become_fills_and_bookings_and_what_changes_more_is_counted()
    {
        AlpacaRestDecoder decoder = Decoder();
        const string body = """[{"activity_type":"FILL","id":"20260806110141000::88b5f678-fef5-447b-af15-f21e367e6d8c","cum_qty":"2","leaves_qty":"0","price":"87.5","qty":"1","side":"sell_short","symbol":"TSLA","transaction_time":"2026-08-06T15:01:41Z","order_id":"fe060a1b-5b45-4eba-ba46-c3a3345d8255","type":"fill","order_status":"filled"},{"activity_type":"DIV","id":"20260806000000000::5f596936-6f23-4cef-bdf1-3806aae57dbf","date":"2026-08-06","net_amount":"1.02","symbol":"TSLA","qty":"2","per_share_amount":"0.51"},{"activity_type":"FEE","id":"20260806000000000::5f596936-6f23-4cef-bdf1-3806aae57dbe","date":"2026-08-06","net_amount":"-0.02"},{"activity_type":"SPLIT","id":"20260806000000000::5f596936-6f23-4cef-bdf1-3806aae57dba","net_amount":"0"}]""";
        Assert.Equal(WireOutcome.Events, decoder.Decode(AlpacaRead.Activities, Bytes(body), 1));
        Assert.Equal(
            [
                "#2 at 1786028501000000000 by Alpaca: Fill 0 id=fe060a1b5b454eba.ba46c3a3345d8257 Sell 875000 x 1 fee=0 cum=2 Unknown",
                "#2 at 0 by Alpaca: Booked id=5f5969366f234cef.bdf13806aae57dbf 102000000 at 0 of 0 rate=0 Dividend",
                "#0 at 0 by Alpaca: Booked id=5f5969366f234cef.bdf13806aae57dbe -2000000 at 0 of 0 rate=0 Fee",
            ],
            WireShow.Lines(decoder.Batch.Events));
        Assert.Equal((4, 1), (decoder.Items, decoder.Counters.NewWords));
    }

    [Fact]
    public void The_clock_and_the_calendar_are_read_in_their_three_formats()
    {
        AlpacaRestDecoder decoder = Decoder();
        decoder.Decode(AlpacaRead.Clock, Bytes("""{"timestamp":"2026-11-27T09:30:00.5-05:00","is_open":true,"next_open":"2026-11-30T09:30:00-05:00","next_close":"2026-11-27T13:00:00-05:00"}"""), 1);
        Assert.Equal(new AlpacaClock(1_795_789_800_500_000_000, true, 1_796_049_000_000_000_000, 1_795_802_400_000_000_000), decoder.Clock);
        Assert.Equal(WireOutcome.Nothing, decoder.Decode(AlpacaRead.Calendar, Bytes("""[{"date":"2026-11-25","open":"09:30","close":"16:00","session_open":"0400","session_close":"2000","settlement_date":"2026-11-27"},{"date":"2026-11-27","open":"09:30","close":"13:00"}]"""), 1));
        Assert.Equal([new AlpacaDay(20782, 570, 960, 240, 1200), new AlpacaDay(20784, 570, 780, 570, 780)], decoder.Days.ToArray());
        foreach (string wrong in new[] { "\"16:60\"", "\"24:00\"", "\"0900\"", "\"9:30\"", "\"\"", "null" })
        {
            string day = """[{"date":"2026-11-25","open":"09:30","close":{close}}]""".Replace("{close}", wrong, StringComparison.Ordinal);
            Assert.Equal(WireResult.Refused, decoder.Decode(AlpacaRead.Calendar, Bytes(day), 1).Result);
        }

        Assert.Equal(WireResult.Refused, decoder.Decode(AlpacaRead.Calendar, Bytes("""[{"date":"2026-02-29","open":"09:30","close":"16:00"}]"""), 1).Result);
    }

    [Theory]
    [InlineData(CommandVerb.New)]
    [InlineData(CommandVerb.Amend)]
    [InlineData(CommandVerb.Cancel)]
    public void No_error_is_ever_taken_for_an_acceptance(CommandVerb verb)
    {
        EventBatch batch = new();
        CommandKey key = new(OrderId.Of(1, 5, 1), 5, verb, new InstrumentId(1));
        for (int status = 0; status < 1_000; status++)
        {
            foreach (string body in (ReadOnlySpan<string>)["", "<html>", "{}", """{"code":0}""", """{"code":40310000,"message":"no"}"""])
            {
                batch.Clear();
                Assert.True(AlpacaRestDecoder.AddReport(key, status, Bytes(body), 1, batch));

                // What the venue has taken is told by its streams: the answer itself says nothing more.
                Assert.Equal(status is 200 or 201 or 204 or 207, batch.Events.IsEmpty);
            }
        }
    }

    [Theory]
    [InlineData(CommandVerb.New, 200, "")]
    [InlineData(CommandVerb.Cancel, 204, "")]
    [InlineData(CommandVerb.New, 400, "Rejected Unsupported")]
    [InlineData(CommandVerb.New, 401, "Rejected NotAuthorised")]
    [InlineData(CommandVerb.New, 403, "Rejected InsufficientFunds")]
    [InlineData(CommandVerb.New, 422, "Unknown DuplicateOrderId")]
    [InlineData(CommandVerb.Cancel, 422, "CancelRejected UnknownOrder")]
    [InlineData(CommandVerb.Amend, 404, "AmendRejected UnknownOrder")]
    [InlineData(CommandVerb.New, 404, "Unknown UnknownOrder")]
    [InlineData(CommandVerb.New, 429, "Rejected RateLimited")]
    [InlineData(CommandVerb.New, 500, "Unknown Unlisted")]
    [InlineData(CommandVerb.New, 504, "Unknown Unlisted")]
    [InlineData(CommandVerb.New, 0, "Unknown Unlisted")]
    [InlineData(CommandVerb.New, 302, "Unknown Unlisted")]
    public void A_status_is_a_rejection_only_where_that_is_sure(CommandVerb verb, int status, string expected)
    {
        EventBatch batch = new();
        CommandKey key = new(OrderId.Of(1, 5, 1), 5, verb, new InstrumentId(1));
        byte[] body = Bytes("""{"code":40310000,"message":"insufficient buying power","existing_order_id":"x"}""");
        Assert.True(AlpacaRestDecoder.AddReport(key, status, status == 500 ? Bytes("<html>") : body, 1, batch));
        List<string> words = [];
        foreach (ref readonly Event e in batch.Events)
        {
            words.Add(e.Kind == EventKind.OrderReport ? $"{e.OrderReport.Status} {e.OrderReport.Reason}" : $"{e.CommandOutcome.Outcome} {e.CommandOutcome.Reason}");
        }

        Assert.Equal(expected.Length == 0 ? [] : [expected], words);
    }

    [Theory]
    [InlineData(OrderType.Limit, TimeInForce.Day, OrderFlags.None, """{"symbol":"AAPL","qty":"1","side":"buy","type":"limit","time_in_force":"day","limit_price":"150.25","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.Limit, TimeInForce.Day, OrderFlags.ExtendedHours, """{"symbol":"AAPL","qty":"1","side":"buy","type":"limit","time_in_force":"day","limit_price":"150.25","extended_hours":true,"client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.Market, TimeInForce.Day, OrderFlags.Notional, """{"symbol":"AAPL","notional":"10","side":"buy","type":"market","time_in_force":"day","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.StopLimit, TimeInForce.GoodTillCancel, OrderFlags.ReduceOnly, """{"symbol":"AAPL","qty":"1","side":"buy","type":"stop_limit","time_in_force":"gtc","limit_price":"150.25","stop_price":"149.5","position_intent":"buy_to_close","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.TrailingStop, TimeInForce.Day, OrderFlags.None, """{"symbol":"AAPL","qty":"1","side":"buy","type":"trailing_stop","time_in_force":"day","trail_price":"2.5","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.MarketOnClose, TimeInForce.None, OrderFlags.None, """{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"cls","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.MarketOnOpen, TimeInForce.Day, OrderFlags.None, """{"symbol":"AAPL","qty":"1","side":"buy","type":"market","time_in_force":"opg","client_order_id":"LL1-3-rs-2"}""")]
    [InlineData(OrderType.Limit, TimeInForce.Day, OrderFlags.PostOnly, "")]
    [InlineData(OrderType.Limit, TimeInForce.ImmediateOrCancel, OrderFlags.ExtendedHours, "")]
    [InlineData(OrderType.Market, TimeInForce.Day, OrderFlags.ExtendedHours, "")]
    [InlineData(OrderType.Limit, TimeInForce.Day, OrderFlags.Notional, "")]
    [InlineData(OrderType.MarketIfTouched, TimeInForce.Day, OrderFlags.None, "")]
    [InlineData(OrderType.Limit, TimeInForce.None, OrderFlags.None, "")]
    public void A_new_order_is_written_or_refused(OrderType type, TimeInForce force, OrderFlags flags, string expected)
    {
        Command command = New();
        command.Type = type;
        command.TimeInForce = force;
        command.Flags = flags;
        Assert.Equal(expected, Write(command));
    }

    [Theory]
    [InlineData(150_250_000, true)]
    [InlineData(150_255_000, false)]
    [InlineData(999_900, true)]
    [InlineData(999_950, false)]
    [InlineData(1_000_000, true)]
    [InlineData(1_000_100, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void A_price_has_two_decimals_from_a_dollar_on_and_four_below(long price, bool written)
    {
        Command command = New();
        command.Price = price;
        Assert.Equal(written, Write(command).Length > 0);
        command.Verb = CommandVerb.Amend;
        Assert.Equal(written, Write(command).Length > 0);
    }

    [Theory]
    [InlineData(OrderType.Stop, """{"symbol":"AAPL","qty":"1","side":"sell","type":"stop","time_in_force":"gtc","stop_price":"149.5","position_intent":"sell_to_close","client_order_id":"LL1-3-rs-2"}""", """{"qty":"1","stop_price":"149.5","client_order_id":"LL1-3-rs-2.1007"}""")]
    [InlineData(OrderType.StopLimit, """{"symbol":"AAPL","qty":"1","side":"sell","type":"stop_limit","time_in_force":"gtc","limit_price":"148.25","stop_price":"149.5","position_intent":"sell_to_close","client_order_id":"LL1-3-rs-2"}""", """{"qty":"1","limit_price":"148.25","stop_price":"149.5","client_order_id":"LL1-3-rs-2.1007"}""")]
    public void The_stop_of_a_position_is_sent_and_replaced_with_its_trigger(OrderType type, string sent, string replaced)
    {
        Command command = New() with
        {
            Side = Side.Sell,
            Type = type,
            Price = type == OrderType.Stop ? 0 : 148_250_000,
            TimeInForce = TimeInForce.GoodTillCancel,
            Flags = OrderFlags.ReduceOnly | OrderFlags.Protective,
        };
        Assert.Equal(sent, Write(command));
        command.Verb = CommandVerb.Amend;
        Assert.Equal(replaced, Write(command));
        command.TriggerPrice = 149_555_000;
        Assert.Empty(Write(command));
    }

    [Fact]
    public void A_replacement_has_an_id_of_its_own_that_leads_back_to_its_order()
    {
        Command command = New();
        command.Verb = CommandVerb.Amend;
        Assert.Equal("""{"qty":"1","limit_price":"150.25","client_order_id":"LL1-3-rs-2.1007"}""", Write(command));
        byte[] path = new byte[128];
        command.VenueOrder = new VenueId(0x61e6901585494bfd, 0xb9c301e75843f47d);
        Assert.Equal("/v2/orders/61e69015-8549-4bfd-b9c3-01e75843f47d", Encoding.ASCII.GetString(path, 0, AlpacaRequests.WritePath(command, path)));
        command.VenueOrder = VenueId.None;
        Assert.Equal(0, AlpacaRequests.WritePath(command, path));
        AlpacaRequests requests = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        Assert.Equal(
            "/v2/orders:by_client_order_id?client_order_id=LL1-3-rs-2",
            Encoding.ASCII.GetString(path, 0, requests.WriteLookup(AlpacaCorpus.Order, path)));
        command.Verb = CommandVerb.New;
        Assert.Equal("/v2/orders", Encoding.ASCII.GetString(path, 0, AlpacaRequests.WritePath(command, path)));
    }

    [Fact]
    public void Subscriptions_and_authentication_are_as_other_clients_send_them()
    {
        byte[] buffer = new byte[512];
        AlpacaRequests requests = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        string Text(int length) => Encoding.ASCII.GetString(buffer, 0, length);
        Assert.Equal("""{"action":"listen","data":{"streams":["trade_updates"]}}""", Text(AlpacaRequests.WriteListen(buffer)));
        Assert.Equal("""{"action":"auth","key":"k","secret":"s"}""", Text(AlpacaRequests.WriteAuthentication("k"u8, "s"u8, buffer)));
        Assert.Equal(
            """{"action":"subscribe","trades":["AAPL","TSLA"],"quotes":["AAPL","TSLA"],"bars":["AAPL","TSLA"],"statuses":["AAPL","TSLA"],"lulds":["AAPL","TSLA"]}""",
            Text(requests.WriteSubscription([new InstrumentId(1), new InstrumentId(2)], buffer)));
        Assert.Equal(
            """{"action":"subscribe","trades":["BTC/USD"],"quotes":["BTC/USD"],"bars":["BTC/USD"]}""",
            Text(requests.WriteSubscription([new InstrumentId(3)], buffer)));
        Assert.Equal(0, requests.WriteSubscription([new InstrumentId(9)], buffer));
    }

    private static Command New() => new()
    {
        Order = AlpacaCorpus.Order,
        Price = 150_250_000,
        Quantity = 1_000_000_000,
        TriggerPrice = 149_500_000,
        TrailingOffset = 2_500_000,
        Instrument = new InstrumentId(1),
        Verb = CommandVerb.New,
        Side = Side.Buy,
        Type = OrderType.Limit,
        TimeInForce = TimeInForce.Day,
    };

    private static string Write(in Command command)
    {
        byte[] buffer = new byte[512];
        int length = new AlpacaRequests(AlpacaCorpus.Table(), AlpacaCorpus.Instance).Write(command, 1_007, buffer);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static AlpacaRestDecoder Decoder()
    {
        InstrumentTable table = AlpacaCorpus.Table();
        InstrumentDefined spy = AlpacaCorpus.Instruments[0].Rules;
        spy.Symbol = Symbol24.Of("SPY");
        table.Define(new InstrumentId(4), spy);
        AlpacaRestDecoder decoder = new(table, AlpacaCorpus.Instance);
        decoder.Want(new InstrumentId(1), "AAPL", 0);
        return decoder;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
