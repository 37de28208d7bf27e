using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// One message of a venue from its bytes to events, validation included, beside the framework's serializer filling classes
/// from the same bytes (text to decimal numbers included, events not). One command from its fields to signed bytes.
/// </summary>
internal sealed class WireWork
{
    private const long Received = 1_786_000_000_000_000_000;
    private const int LevelsOfSide = 34;
    private const int FewLevelsOfSide = 6;

    private readonly byte[][] _deltas = new byte[64][];
    private readonly byte[][] _shortDeltas = new byte[64][];
    private readonly byte[] _request = new byte[1024];
    private readonly byte[] _signature = new byte[BybitSigner.SignatureLength];
    private readonly BybitSigner _signer = new("key", "secret");
    private byte[] _snapshot = [];
    private byte[] _trade = [];
    private byte[] _execution = [];
    private byte[] _update = [];
    private byte[] _data = [];
    private BybitPublicDecoder _bybit = null!;
    private BybitPrivateDecoder _private = null!;
    private AlpacaTradeDecoder _alpaca = null!;
    private AlpacaDataDecoder _alpacaData = null!;
    private BybitRequests _requests = null!;
    private Command _command;
    private int _next;

    internal WireWork()
    {
        InstrumentTable table = new();
        table.Define(new InstrumentId(1), Rules("BTCUSDT", "USDT", InstrumentKind.Linear, 2, 3));
        table.Define(new InstrumentId(2), Rules("AAPL", "USD", InstrumentKind.Equity, 6, 9));
        _bybit = new BybitPublicDecoder(table, InstrumentKind.Linear);
        _private = new BybitPrivateDecoder(table, 1);
        _alpaca = new AlpacaTradeDecoder(table, 1);
        _alpacaData = new AlpacaDataDecoder(table);
        _requests = new BybitRequests(table, 1);
        Xoshiro256 dice = new(1);
        _snapshot = Book("snapshot", 1, LevelsOfSide, ref dice);
        for (int i = 0; i < _deltas.Length; i++)
        {
            _deltas[i] = Book("delta", i + 2, LevelsOfSide, ref dice);
            _shortDeltas[i] = Book("delta", i + 2, FewLevelsOfSide, ref dice);
        }

        _trade = """{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1786000000200,"data":[{"T":1786000000199,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"65000.15","L":"PlusTick","i":"20f43950-d8dd-5b31-9112-a178eb6023af","BT":false,"RPI":false,"seq":12}]}"""u8.ToArray();
        _execution = """{"id":"h","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"BTCUSDT","execFee":"0.005061","execId":"7e2ae69c-4edf-5800-a352-893d52b446aa","execPrice":"65000.10","execQty":"0.025","execType":"Trade","execValue":"8.435","isMaker":false,"feeRate":"0.0006","tradeIv":"","markIv":"","blockTradeId":"","markPrice":"0.3391","indexPrice":"","underlyingPrice":"","leavesQty":"0.075","orderId":"f6e324ff-99c2-4e89-9739-3086e47f9381","orderLinkId":"LL1-3-rs-2","orderPrice":"0.3207","orderQty":"0.100","orderType":"Limit","stopOrderType":"UNKNOWN","side":"Sell","execTime":"1786000001443","isLeverage":"0","closedSize":"","seq":4688002127}]}"""u8.ToArray();
        _update = """{"stream":"trade_updates","data":{"event":"partial_fill","timestamp":"2026-08-06T15:01:45.123456789Z","execution_id":"7e2ae69c-4edf-4800-a352-893d52b446aa","price":"126.5512","qty":"0.4","position_qty":"0.4","order":{"id":"61e69015-8549-4bfd-b9c3-01e75843f47d","client_order_id":"LL1-3-rs-2","created_at":"2026-08-06T15:01:45.1Z","updated_at":"2026-08-06T15:01:45.2Z","submitted_at":"2026-08-06T15:01:45.1Z","filled_at":null,"asset_id":"904837e3-3b76-47ec-b432-046db621571b","symbol":"AAPL","asset_class":"us_equity","notional":null,"qty":"1","filled_qty":"0.4","filled_avg_price":"126.5512","order_class":"","order_type":"limit","type":"limit","side":"buy","time_in_force":"day","limit_price":"126.55","stop_price":null,"status":"partially_filled","extended_hours":false,"legs":null}}}"""u8.ToArray();
        _data = """[{"T":"q","S":"AAPL","bx":"U","bp":126.54,"bs":100,"ax":"X","ap":126.55,"as":400,"t":"2026-08-06T15:01:45.345123456Z","c":["R"],"z":"C"},{"T":"t","S":"AAPL","i":96921,"x":"D","p":126.55,"s":1,"t":"2026-08-06T15:01:45.345193123Z","c":["@","I"],"z":"C"}]"""u8.ToArray();
        _command = new Command
        {
            Order = OrderId.Of(3, 1_000, 2),
            Price = 6_500_010,
            Quantity = 500,
            Instrument = new InstrumentId(1),
            Verb = CommandVerb.New,
            Side = Side.Buy,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Flags = OrderFlags.PostOnly,
        };
        _bybit.Decode(_snapshot, Received);
        Require(BybitDelta());
        Require(BybitTrade());
        Require(BybitExecution());
        Require(AlpacaUpdate());
        Require(AlpacaData());
    }

    /// <summary>An order-book difference of 68 levels, as many as they have on average.</summary>
    internal int BybitDelta() => Next(_deltas);

    /// <summary>The same by the serializer.</summary>
    internal decimal BybitDeltaBySerializer() => BySerializer(_deltas);

    /// <summary>An order-book difference of twelve levels.</summary>
    internal int BybitDeltaOfTwelve() => Next(_shortDeltas);

    /// <summary>The same by the serializer.</summary>
    internal decimal BybitDeltaOfTwelveBySerializer() => BySerializer(_shortDeltas);

    /// <summary>A message of one print.</summary>
    internal int BybitTrade()
    {
        _bybit.Decode(_trade, Received);
        return _bybit.Batch.Events.Length;
    }

    /// <summary>The same by the serializer.</summary>
    internal decimal BybitTradeBySerializer()
    {
        TradeItem item = JsonSerializer.Deserialize(_trade, WireClasses.Default.TradeMessage)!.Data[0];
        return decimal.Parse(item.Price, CultureInfo.InvariantCulture) + decimal.Parse(item.Quantity, CultureInfo.InvariantCulture);
    }

    /// <summary>A message of one execution.</summary>
    internal int BybitExecution()
    {
        _private.Decode(_execution, Received);
        return _private.Batch.Events.Length;
    }

    /// <summary>An order update with a fill.</summary>
    internal int AlpacaUpdate()
    {
        _alpaca.Decode(_update, Received);
        return _alpaca.Batch.Events.Length;
    }

    /// <summary>A message of a quote and a print.</summary>
    internal int AlpacaData()
    {
        _alpacaData.Decode(_data, Received);
        return _alpacaData.Batch.Events.Length;
    }

    /// <summary>A command as a message of the order-entry connection.</summary>
    internal int BybitOrder() => _requests.Write(BybitChannel.WebSocket, _command, 7, 1_786_000_000_000, 2_000, _request);

    /// <summary>A command as a signed REST request.</summary>
    internal bool BybitSignedOrder()
    {
        int length = _requests.Write(BybitChannel.Rest, _command, 7, 1_786_000_000_000, 2_000, _request);
        return _signer.TrySign(1_786_000_000_000, 2_000, _request.AsSpan(0, length), _signature);
    }

    private int Next(byte[][] deltas)
    {
        if (_next >= deltas.Length)
        {
            _next = 0;
            _bybit.Decode(_snapshot, Received);
        }

        _bybit.Decode(deltas[_next++], Received);
        return _bybit.Batch.Events.Length;
    }

    private decimal BySerializer(byte[][] deltas)
    {
        BookMessage message = JsonSerializer.Deserialize(deltas[_next++ % deltas.Length], WireClasses.Default.BookMessage)!;
        decimal sum = 0;
        foreach (List<string[]> side in new[] { message.Data.Bids, message.Data.Asks })
        {
            foreach (string[] level in side)
            {
                sum += decimal.Parse(level[0], CultureInfo.InvariantCulture) + decimal.Parse(level[1], CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }

    private static void Require(int events)
    {
        if (events == 0)
        {
            throw new InvalidOperationException("a message of the benchmark has no event: nothing is measured");
        }
    }

    private static byte[] Book(string type, int update, int levelsOfSide, ref Xoshiro256 dice)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{{\"topic\":\"orderbook.200.BTCUSDT\",\"type\":\"{type}\",\"ts\":1786000000000,\"data\":{{\"s\":\"BTCUSDT\",\"b\":[");
        Levels(text, 64_000, levelsOfSide, ref dice);
        text.Append("],\"a\":[");
        Levels(text, 65_000, levelsOfSide, ref dice);
        text.Append(CultureInfo.InvariantCulture, $"],\"u\":{update},\"seq\":7961638724}},\"cts\":1785999999999}}");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Levels(StringBuilder text, int from, int count, ref Xoshiro256 dice)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append(i == 0 ? string.Empty : ",").Append(
                CultureInfo.InvariantCulture, $"[\"{from + (i * 10)}.{dice.NextBelow(100):00}\",\"{dice.NextBelow(50)}.{dice.NextBelow(1000):000}\"]");
        }
    }

    private static InstrumentDefined Rules(string symbol, string currency, InstrumentKind kind, byte price, byte quantity) => new()
    {
        Symbol = Symbol24.Of(symbol),
        Currency = Currency8.Of(currency),
        InstrumentKind = kind,
        PriceExponent = price,
        QuantityExponent = quantity,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000_000_000,
        Multiplier = 1,
        DefinitionVersion = 1,
    };
}

/// <summary>An order-book message as the serializer fills it.</summary>
internal sealed class BookMessage
{
    [JsonPropertyName("topic")]
    public string Topic { get; set; } = string.Empty;

    [JsonPropertyName("type")]
    public string Type { get; set; } = string.Empty;

    [JsonPropertyName("ts")]
    public long Time { get; set; }

    [JsonPropertyName("data")]
    public BookData Data { get; set; } = new();
}

/// <summary>The data of an order-book message.</summary>
internal sealed class BookData
{
    [JsonPropertyName("s")]
    public string Symbol { get; set; } = string.Empty;

    [JsonPropertyName("b")]
    public List<string[]> Bids { get; set; } = [];

    [JsonPropertyName("a")]
    public List<string[]> Asks { get; set; } = [];

    [JsonPropertyName("u")]
    public long Update { get; set; }
}

/// <summary>A message of prints as the serializer fills it.</summary>
internal sealed class TradeMessage
{
    [JsonPropertyName("topic")]
    public string Topic { get; set; } = string.Empty;

    [JsonPropertyName("data")]
    public List<TradeItem> Data { get; set; } = [];
}

/// <summary>A print.</summary>
internal sealed class TradeItem
{
    [JsonPropertyName("T")]
    public long Time { get; set; }

    [JsonPropertyName("s")]
    public string Symbol { get; set; } = string.Empty;

    [JsonPropertyName("S")]
    public string Side { get; set; } = string.Empty;

    [JsonPropertyName("v")]
    public string Quantity { get; set; } = string.Empty;

    [JsonPropertyName("p")]
    public string Price { get; set; } = string.Empty;

    [JsonPropertyName("i")]
    public string Id { get; set; } = string.Empty;
}

/// <summary>The serializer's own code for the classes above: its fastest form.</summary>
[JsonSerializable(typeof(BookMessage))]
[JsonSerializable(typeof(TradeMessage))]
internal sealed partial class WireClasses : JsonSerializerContext;
