using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Alpaca;
using LowLatency.Tests.Gateways.Bybit;
using Xunit;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>From bytes to events and from commands to signed bytes nothing is allocated, and messages have bounds.</summary>
public sealed class WireAllocationTests
{
    private const long Received = 1_786_000_000_000_000_000;

    [Fact]
    public void Decoding_allocates_nothing()
    {
        BybitPublicDecoder publics = new(BybitCorpus.Table(), InstrumentKind.Linear);
        BybitPrivateDecoder privates = new(BybitCorpus.Table(), BybitCorpus.Instance);
        AlpacaDataDecoder data = new(AlpacaCorpus.Table());
        AlpacaTradeDecoder trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        byte[][] bybitPublic = Bytes(BybitCorpus.Public);
        byte[][] bybitPrivate = Bytes(BybitCorpus.Private);
        byte[][] alpacaData = Bytes(AlpacaCorpus.Data);
        byte[][] alpacaTrade = Bytes(AlpacaCorpus.Trade);
        byte[][] packed = [.. AlpacaCorpus.Trade.Select(text => AlpacaCorpus.Pack(text, name => name is "timestamp" or "updated_at"))];
        byte[] deep = Deep(1000);
        Assert.Equal(0, Second(() =>
        {
            foreach (byte[] message in bybitPublic)
            {
                publics.Decode(message, Received);
            }

            publics.Reconnect();
            publics.Decode(deep, Received);
            publics.Reconnect();
            foreach (byte[] message in bybitPrivate)
            {
                privates.Decode(message, Received);
            }

            foreach (byte[] message in alpacaData)
            {
                data.Decode(message, Received);
            }

            foreach (byte[] message in alpacaTrade)
            {
                trade.Decode(message, Received);
            }

            foreach (byte[] message in packed)
            {
                trade.Decode(message, Received);
            }
        }));
        Assert.True(publics.Counters.Events > 500 && privates.Counters.Events > 20);
    }

    [Fact]
    public void Writing_and_signing_allocate_nothing()
    {
        BybitRequests bybit = new(BybitCorpus.Table(), BybitCorpus.Instance);
        AlpacaRequests alpaca = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        BybitSigner signer = new("testkey", "testsecret");
        byte[] buffer = new byte[BybitSigner.PayloadMax];
        byte[] signature = new byte[BybitSigner.SignatureLength];
        Command command = new()
        {
            Order = BybitCorpus.Order,
            Price = 65_000_000_000,
            Quantity = 5,
            Instrument = new InstrumentId(1),
            Verb = CommandVerb.New,
            Side = Side.Sell,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
        };
        Command[] batch = [.. Enumerable.Repeat(command, 20)];
        bool written = true;
        Assert.Equal(0, Second(() =>
        {
            written &= bybit.Write(BybitChannel.WebSocket, command, 7, 1_786_000_000_000, 2_000, buffer) > 0;
            int length = bybit.WriteBatch(BybitChannel.Rest, batch, 7, 1_786_000_000_000, 2_000, buffer);
            written &= length > 0 && signer.TrySign(1_786_000_000_000, 2_000, buffer.AsSpan(0, length), signature);
            written &= signer.WriteAuthentication(1_786_000_000_000, 8, buffer) > 0;
            written &= alpaca.Write(command, 1_000, buffer) > 0;
        }));
        Assert.True(written);
    }

    [Fact]
    public void An_allocation_would_be_seen() => Assert.NotEqual(0, Second(() => GC.KeepAlive(new byte[8])));

    [Fact]
    public void The_deepest_book_fits_and_a_deeper_one_is_refused()
    {
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), InstrumentKind.Linear);
        Assert.Equal(WireOutcome.Events, decoder.Decode(Deep(1000), Received));
        int levels = 0;
        foreach (ref readonly Event e in decoder.Batch.Events)
        {
            levels += e.BookLevels.Count;
        }

        Assert.Equal(2000, levels);
        Assert.Equal(WireOutcome.Refused(WireFault.TooMany), decoder.Decode(Deep(1001), Received));
        Assert.True(decoder.Batch.Events.IsEmpty);
    }

    [Fact]
    public void A_message_beyond_its_bound_is_refused_unread()
    {
        byte[] blanks = new byte[BybitPublicDecoder.MessageBytesMax + 1];
        Array.Fill(blanks, (byte)' ');
        Assert.Equal(
            WireOutcome.Refused(WireFault.TooLong),
            new BybitPublicDecoder(BybitCorpus.Table(), InstrumentKind.Linear).Decode(blanks, Received));
        Assert.Equal(WireOutcome.Refused(WireFault.Malformed), new BybitPublicDecoder(
            BybitCorpus.Table(), InstrumentKind.Linear).Decode(blanks.AsSpan(1), Received));
        AlpacaTradeDecoder trade = new(AlpacaCorpus.Table(), AlpacaCorpus.Instance);
        Assert.Equal(WireOutcome.Refused(WireFault.TooLong), trade.Decode(blanks, Received));
        Assert.Equal(1, trade.Counters.Refused(WireFault.TooLong));
    }

    [Fact]
    public void A_message_of_more_prints_than_the_venue_sends_is_refused()
    {
        const string print = """{"T":1786000000199,"s":"BTCUSDT","S":"Buy","v":"1","p":"1","i":"1","BT":false}""";
        BybitPublicDecoder decoder = new(BybitCorpus.Table(), InstrumentKind.Linear);
        WireOutcome Of(int count) => decoder.Decode(
            BybitCorpus.Bytes($$"""{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1,"data":[{{string.Join(',', Enumerable.Repeat(print, count))}}]}""").Span, Received);
        Assert.Equal(WireOutcome.Events, Of(1024));
        Assert.Equal(1024, decoder.Batch.Events.Length);
        Assert.Equal(WireOutcome.Refused(WireFault.TooMany), Of(1025));
    }

    // The first time makes what is made once; the second is what a day costs.
    private static long Second(Action work)
    {
        work();
        work();
        long before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[][] Bytes(string[] messages) => [.. messages.Select(text => BybitCorpus.Bytes(text).ToArray())];

    private static byte[] Deep(int levels)
    {
        string Side(int from, int step) => string.Join(',', Enumerable.Range(0, levels)
            .Select(i => $"[\"{from + (i * step)}.{i % 100:00}\",\"{i + 1}.5\"]"));
        return BybitCorpus.Bytes(
            $$"""{"topic":"orderbook.1000.BTCUSDT","type":"snapshot","ts":1,"data":{"s":"BTCUSDT","b":[{{Side(60000, -5)}}],"a":[{{Side(60010, 5)}}],"u":7,"seq":1},"cts":1}""").ToArray();
    }
}
