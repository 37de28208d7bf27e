using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Gateways.Bybit;

/// <summary>Requests to Bybit byte by byte, and signatures equal to those of other people's clients.</summary>
public sealed class BybitRequestsTests
{
    private static readonly BybitSigner Signer = new("testkey", "testsecret");

    [Theory]
    [InlineData(1795242406106, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.001","price":"65000","timeInForce":"PostOnly","orderLinkId":"ours-1","positionIdx":0}""", "43e98f6d0d8c7727d21a69651df9ca3b44846b67487a704d9762c1f8b32868bb")]
    [InlineData(1795242406115, """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"ours-1"}""", "7babd136c15473613fe020704fb705cb3f11f54a990958fabd19fb39a1b4971a")]
    [InlineData(1795242406118, "accountType=UNIFIED", "d6eef280d78843c52133b5ddf0c5a4d7fe7582fa2da94ca6c08ae53a970d18e1")]
    public void A_request_is_signed_as_by_another_client(long timestamp, string payload, string signature) =>
        Assert.Equal(signature, Sign(timestamp, 5000, payload));

    [Fact]
    public void An_authentication_is_signed_as_by_another_client()
    {
        Span<byte> message = stackalloc byte[512];
        int length = Signer.WriteAuthentication(1795242411130, 7, message);
        Assert.Equal(
            """{"req_id":"7","op":"auth","args":["testkey",1795242411130,"b3de0c053160a0d73d46dc60c152f6d5a6e1bd61228e6a1d5ffdd1665cad640f"]}""",
            Encoding.ASCII.GetString(message[..length]));
        Assert.Equal(0, Signer.WriteAuthentication(1795242411130, 7, message[..50]));
    }

    [Fact]
    public void Every_recorded_signature_is_ours_too()
    {
        string path = Repository.RecordedData("wire/client-captures/bybit-api-4.7.7.jsonl");
        int requests = 0;
        int authentications = 0;
        foreach (string line in File.ReadAllLines(path))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement record = document.RootElement;
            if (record.GetProperty("kind").GetString() == "http")
            {
                List<string> headers = [.. record.GetProperty("rawHeaders").EnumerateArray().Select(h => h.GetString()!)];
                string Header(string name) => headers[headers.IndexOf(name) + 1];
                if (headers.Contains("X-BAPI-SIGN"))
                {
                    string[] url = record.GetProperty("url").GetString()!.Split('?', 2);
                    string payload = record.GetProperty("method").GetString() == "GET"
                        ? url.ElementAtOrDefault(1) ?? string.Empty
                        : record.GetProperty("body").GetString()!;
                    Assert.Equal(Header("X-BAPI-SIGN"), Sign(
                        long.Parse(Header("X-BAPI-TIMESTAMP"), System.Globalization.CultureInfo.InvariantCulture),
                        int.Parse(Header("X-BAPI-RECV-WINDOW"), System.Globalization.CultureInfo.InvariantCulture),
                        payload));
                    requests++;
                }
            }
            else if (record.TryGetProperty("msg", out JsonElement message) && message.GetProperty("op").GetString() == "auth")
            {
                JsonElement[] args = [.. message.GetProperty("args").EnumerateArray()];
                byte[] buffer = new byte[512];
                int length = Signer.WriteAuthentication(args[1].GetInt64(), 1, buffer);
                Assert.Contains(args[2].GetString()!, Encoding.ASCII.GetString(buffer, 0, length), StringComparison.Ordinal);
                authentications++;
            }
        }

        Assert.Equal((7, 3), (requests, authentications));
    }

    [Fact]
    public void Another_secret_stamp_window_or_payload_gives_another_signature()
    {
        string right = Sign(1795242406118, 5000, "accountType=UNIFIED");
        Assert.NotEqual(right, Sign(1795242406119, 5000, "accountType=UNIFIED"));
        Assert.NotEqual(right, Sign(1795242406118, 5001, "accountType=UNIFIED"));
        Assert.NotEqual(right, Sign(1795242406118, 5000, "accountType=UNIFIED&"));
        byte[] signature = new byte[BybitSigner.SignatureLength];
        Assert.True(new BybitSigner("testkey", "testsecreT").TrySign(1795242406118, 5000, "accountType=UNIFIED"u8, signature));
        Assert.NotEqual(right, Encoding.ASCII.GetString(signature));
        Assert.Equal("testkey", Encoding.ASCII.GetString(Signer.Key));
        Assert.False(Signer.TrySign(1, 5000, new byte[BybitSigner.PayloadMax + 1], signature));
    }

    [Theory]
    [InlineData(1, OrderType.Limit, TimeInForce.GoodTillCancel, OrderFlags.PostOnly, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.5","price":"65000.1","timeInForce":"PostOnly","orderLinkId":"LL1-3-rs-2","positionIdx":0}""")]
    [InlineData(1, OrderType.Limit, TimeInForce.ImmediateOrCancel, OrderFlags.ReduceOnly, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.5","price":"65000.1","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","reduceOnly":true,"positionIdx":0}""")]
    [InlineData(1, OrderType.Limit, TimeInForce.FillOrKill, OrderFlags.None, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.5","price":"65000.1","timeInForce":"FOK","orderLinkId":"LL1-3-rs-2","positionIdx":0}""")]
    [InlineData(1, OrderType.Market, TimeInForce.ImmediateOrCancel, OrderFlags.None, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.5","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","positionIdx":0}""")]
    [InlineData(1, OrderType.StopLimit, TimeInForce.GoodTillCancel, OrderFlags.None, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.5","price":"65000.1","timeInForce":"GTC","orderLinkId":"LL1-3-rs-2","triggerPrice":"64000","triggerDirection":1,"triggerBy":"LastPrice","positionIdx":0}""")]
    [InlineData(1, OrderType.MarketIfTouched, TimeInForce.GoodTillCancel, OrderFlags.None, """{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.5","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","triggerPrice":"64000","triggerDirection":2,"triggerBy":"LastPrice","positionIdx":0}""")]
    [InlineData(5, OrderType.Market, TimeInForce.ImmediateOrCancel, OrderFlags.None, """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.0005","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","marketUnit":"baseCoin"}""")]
    [InlineData(5, OrderType.Market, TimeInForce.ImmediateOrCancel, OrderFlags.Notional, """{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.000005","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","marketUnit":"quoteCoin"}""")]
    [InlineData(1, OrderType.TrailingStop, TimeInForce.GoodTillCancel, OrderFlags.None, "")]
    [InlineData(1, OrderType.MarketOnOpen, TimeInForce.GoodTillCancel, OrderFlags.None, "")]
    [InlineData(1, OrderType.Limit, TimeInForce.Day, OrderFlags.None, "")]
    [InlineData(1, OrderType.Limit, TimeInForce.GoodTillCancel, OrderFlags.ExtendedHours, "")]
    [InlineData(1, OrderType.Market, TimeInForce.ImmediateOrCancel, OrderFlags.Notional, "")]
    [InlineData(1, OrderType.Limit, TimeInForce.ImmediateOrCancel, OrderFlags.PostOnly, "")]
    [InlineData(5, OrderType.Limit, TimeInForce.GoodTillCancel, OrderFlags.ReduceOnly, "")]
    [InlineData(5, OrderType.Stop, TimeInForce.GoodTillCancel, OrderFlags.None, "")]
    [InlineData(9, OrderType.Limit, TimeInForce.GoodTillCancel, OrderFlags.None, "")]
    public void A_new_order_is_written_or_refused(ushort instrument, OrderType type, TimeInForce force, OrderFlags flags, string expected)
    {
        Command command = New(instrument);
        command.Type = type;
        command.TimeInForce = force;
        command.Flags = flags;
        Assert.Equal(expected, Write(BybitChannel.Rest, command));
    }

    [Theory]
    [InlineData(OrderType.Stop, 0, """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Market","qty":"0.5","timeInForce":"IOC","orderLinkId":"LL1-3-rs-2","triggerPrice":"64000","triggerDirection":2,"triggerBy":"LastPrice","reduceOnly":true,"positionIdx":0}""", """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2","qty":"0.5","triggerPrice":"64000"}""")]
    [InlineData(OrderType.StopLimit, 6_300_010, """{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","qty":"0.5","price":"63000.1","timeInForce":"GTC","orderLinkId":"LL1-3-rs-2","triggerPrice":"64000","triggerDirection":2,"triggerBy":"LastPrice","reduceOnly":true,"positionIdx":0}""", """{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2","qty":"0.5","price":"63000.1","triggerPrice":"64000"}""")]
    public void The_stop_of_a_position_sleeps_until_the_last_price_falls_to_it_and_only_reduces(
        OrderType type, long price, string sent, string changed)
    {
        Command command = New(1) with
        {
            Side = Side.Sell,
            Type = type,
            Price = price,
            Flags = OrderFlags.ReduceOnly | OrderFlags.Protective,
        };
        Assert.Equal(sent, Write(BybitChannel.Rest, command));
        command.Verb = CommandVerb.Amend;
        Assert.Equal(changed, Write(BybitChannel.Rest, command));

        // A limit order that lost its price is no stop at any price.
        command.Type = OrderType.StopLimit;
        command.Price = 0;
        Assert.Empty(Write(BybitChannel.Rest, command));
    }

    [Fact]
    public void An_amendment_and_a_cancel_go_by_the_client_order_id()
    {
        Command command = New(1);
        command.Verb = CommandVerb.Amend;
        command.TriggerPrice = 0;
        Assert.Equal("""{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2","qty":"0.5","price":"65000.1"}""", Write(BybitChannel.Rest, command));
        command.Verb = CommandVerb.Cancel;
        Assert.Equal("""{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2"}""", Write(BybitChannel.Rest, command));
        Assert.Equal(
            """{"reqId":"12","header":{"X-BAPI-TIMESTAMP":"1795242406132","X-BAPI-RECV-WINDOW":"2000"},"op":"order.cancel","args":[{"category":"linear","symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2"}]}""",
            Write(BybitChannel.WebSocket, command));
    }

    /// <summary>Whatever a command says besides its order: the request names category and symbol of the order's own instrument.</summary>
    [Fact]
    public void Every_cancel_names_category_symbol_and_order_of_its_own_instrument()
    {
        HashSet<string> written = [];
        foreach ((InstrumentId id, InstrumentDefined rules) in BybitCorpus.Instruments)
        {
            foreach (BybitChannel channel in (ReadOnlySpan<BybitChannel>)[BybitChannel.Rest, BybitChannel.WebSocket])
            {
                Command command = new() { Order = OrderId.Of(3, 5_000 + id.Value, 1), Instrument = id, Verb = CommandVerb.Cancel };
                using JsonDocument request = JsonDocument.Parse(Write(channel, command));
                JsonElement cancel = channel == BybitChannel.Rest ? request.RootElement : request.RootElement.GetProperty("args")[0];
                byte[] link = new byte[36];
                Assert.Equal(rules.InstrumentKind == InstrumentKind.Spot ? "spot" : "linear", cancel.GetProperty("category").GetString());
                Assert.Equal(rules.Symbol.ToString(), cancel.GetProperty("symbol").GetString());
                Assert.Equal(
                    Encoding.ASCII.GetString(link, 0, command.Order.Format(BybitCorpus.Instance, link)), cancel.GetProperty("orderLinkId").GetString());
                Assert.Equal(3, cancel.EnumerateObject().Count());
                written.Add(cancel.ToString());
            }
        }

        // The same symbol stands in two categories, and no two requests are the same.
        Assert.Equal(BybitCorpus.Instruments.Length, written.Count);
        Assert.Equal(string.Empty, Write(BybitChannel.Rest, new Command { Instrument = new InstrumentId(9), Verb = CommandVerb.Cancel }));
    }

    [Fact]
    public void A_batch_has_one_verb_and_one_category_and_a_bound()
    {
        BybitRequests requests = new(BybitCorpus.Table(), BybitCorpus.Instance);
        byte[] buffer = new byte[8192];
        string Batch(params Command[] commands) => Encoding.ASCII.GetString(
            buffer, 0, requests.WriteBatch(BybitChannel.Rest, commands, 1, 0, 0, buffer));
        Command cancel = New(1);
        cancel.Verb = CommandVerb.Cancel;
        Command other = cancel;
        other.Instrument = new InstrumentId(3);
        Assert.Equal(
            """{"category":"linear","request":[{"symbol":"BTCUSDT","orderLinkId":"LL1-3-rs-2"},{"symbol":"XRPUSDT","orderLinkId":"LL1-3-rs-2"}]}""",
            Batch(cancel, other));
        Assert.Empty(Batch(cancel, New(1)));
        Assert.Empty(Batch(cancel, New(5)));
        Assert.Empty(Batch());
        Assert.NotEmpty(Batch([.. Enumerable.Repeat(New(1), 20)]));
        Assert.Empty(Batch([.. Enumerable.Repeat(New(1), 21)]));
        Assert.Empty(Batch([.. Enumerable.Repeat(New(5), 11)]));
        Command socket = New(1);
        int length = requests.WriteBatch(BybitChannel.WebSocket, [socket], 3, 5, 2000, buffer);
        Assert.StartsWith("""{"reqId":"3","header":{"X-BAPI-TIMESTAMP":"5","X-BAPI-RECV-WINDOW":"2000"},"op":"order.create-batch","args":[{"category":"linear","request":[{""", Encoding.ASCII.GetString(buffer, 0, length), StringComparison.Ordinal);
        JsonDocument.Parse(buffer.AsMemory(0, length)).Dispose();
    }

    [Fact]
    public void No_half_of_a_request_is_ever_sent()
    {
        BybitRequests requests = new(BybitCorpus.Table(), BybitCorpus.Instance);
        byte[] buffer = new byte[512];
        int whole = requests.Write(BybitChannel.WebSocket, New(1), 1, 2, 3, buffer);
        for (int size = 0; size < whole; size++)
        {
            Assert.Equal(0, requests.Write(BybitChannel.WebSocket, New(1), 1, 2, 3, buffer.AsSpan(0, size)));
        }

        Assert.Equal(whole, requests.Write(BybitChannel.WebSocket, New(1), 1, 2, 3, buffer.AsSpan(0, whole)));
    }

    [Fact]
    public void Pings_and_subscriptions_are_as_other_clients_send_them()
    {
        byte[] buffer = new byte[256];
        Assert.Equal("""{"req_id":"1","op":"ping"}""", Encoding.ASCII.GetString(buffer, 0, BybitRequests.WritePing(1, buffer)));
        Assert.Equal(
            """{"req_id":"2","op":"subscribe","args":["orderbook.50.BTCUSDT","publicTrade.BTCUSDT"]}""",
            Encoding.ASCII.GetString(buffer, 0, BybitRequests.WriteSubscription(["orderbook.50.BTCUSDT", "publicTrade.BTCUSDT"], 2, true, buffer)));
        Assert.Equal(0, BybitRequests.WriteSubscription(["a\"b"], 2, true, buffer));
        Assert.Equal(0, BybitRequests.WriteSubscription([new string('x', 65)], 2, true, buffer));
    }

    private static Command New(ushort instrument) => new()
    {
        Order = BybitCorpus.Order,
        Price = 6_500_010,
        Quantity = 500,
        TriggerPrice = 6_400_000,
        Instrument = new InstrumentId(instrument),
        Verb = CommandVerb.New,
        Side = Side.Buy,
        Type = OrderType.Limit,
        TimeInForce = TimeInForce.GoodTillCancel,
    };

    private static string Write(BybitChannel channel, in Command command)
    {
        byte[] buffer = new byte[1024];
        int length = new BybitRequests(BybitCorpus.Table(), BybitCorpus.Instance)
            .Write(channel, command, 12, 1795242406132, 2000, buffer);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static string Sign(long timestamp, int window, string payload)
    {
        byte[] signature = new byte[BybitSigner.SignatureLength];
        Assert.True(Signer.TrySign(timestamp, window, Encoding.UTF8.GetBytes(payload), signature));
        return Encoding.ASCII.GetString(signature);
    }
}
