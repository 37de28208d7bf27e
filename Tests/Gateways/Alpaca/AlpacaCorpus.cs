using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Tests.Gateways.Alpaca;

/// <summary>Messages of Alpaca, written from the venue's rules.</summary>
internal static class AlpacaCorpus
{
    internal const ushort Instance = 1;

    internal static readonly OrderId Order = OrderId.Of(3, 1_000, 2);

    internal static readonly (InstrumentId Id, InstrumentDefined Rules)[] Instruments =
    [
        (new InstrumentId(1), Rules("AAPL", InstrumentKind.Equity, 6, 9)),
        (new InstrumentId(2), Rules("TSLA", InstrumentKind.Equity, 4, 0)),
        (new InstrumentId(3), Rules("BTC/USD", InstrumentKind.Spot, 9, 9)),
    ];

    internal static readonly string[] Data =
    [
        """[{"T":"t","S":"AAPL","i":96921,"x":"D","p":126.55,"s":1,"t":"2026-08-06T15:01:45.340193123Z","c":["@","I"],"z":"C"},{"T":"q","S":"TSLA","bx":"U","bp":87.66,"bs":100,"ax":"X","ap":87.68,"as":400,"t":"2026-08-06T10:01:45.345-05:00","c":["R"],"z":"A"},{"T":"t","S":"ZZZZ","i":1,"x":"D","p":"?","s":1,"t":"no"}]""",
        """[{"T":"q","S":"TSLA","bx":"U","bp":0,"bs":0,"ax":"X","ap":87.68,"as":4,"t":"2026-08-06T15:01:45Z"},{"T":"t","S":"BTC/USD","p":65000.123456789,"s":1e-09,"t":"2026-08-06T15:01:45.1Z","i":293648598,"tks":"B"}]""",
        """[{"T":"b","S":"AAPL","o":126.5,"h":126.75,"l":126.5,"c":126.6,"v":1200,"t":"2026-08-06T15:01:00Z","n":17,"vw":126.583333},{"T":"u","S":"AAPL","o":1,"h":1,"l":1,"c":1,"v":1,"t":"2026-08-06T15:01:00Z"},{"T":"d","S":"AAPL","o":1,"h":1,"l":1,"c":1,"v":1,"t":"2026-08-06T04:00:00Z"}]""",
        """[{"T":"s","S":"AAPL","sc":"H","sm":"Trading Halt","rc":"T12","rm":"x","t":"2026-08-06T15:02:00Z","z":"C"},{"T":"s","S":"AAPL","sc":"T","t":"2026-08-06T15:03:00Z","z":"C"},{"T":"s","S":"TSLA","sc":"?","t":"2026-08-06T15:03:00Z","z":"C"}]""",
        """[{"T":"l","S":"TSLA","u":90.5,"d":80.25,"i":"B","t":"2026-08-06T15:02:00.5Z","z":"C"}]""",
        """[{"T":"c","S":"TSLA","x":"V","oi":11017,"op":87.5,"os":100,"oc":["@"],"ci":11018,"cp":87.6,"cs":50,"cc":["@"],"t":"2026-08-06T15:02:01Z","z":"C"},{"T":"x","S":"TSLA","i":11019,"x":"V","p":87.7,"s":10,"a":"C","t":"2026-08-06T15:02:02Z","z":"C"}]""",
        """[{"T":"t","S":"TSLA","i":1,"x":"D","p":87.12345,"s":1,"t":"2026-08-06T15:01:45Z","c":[]}]""",
        """[{"T":"t","S":"AAPL","i":2,"x":"V","p":"126.5","s":"0.5","t":"2026-08-06T15:01:45Z","c":["4","W"],"z":"C"}]""",
    ];

    internal static readonly string[] Answers =
    [
        """[{"T":"success","msg":"connected"}]""",
        """[{"T":"success","msg":"authenticated"}]""",
        """[{"T":"subscription","trades":["AAPL"],"quotes":[],"bars":[],"corrections":["AAPL"],"cancelErrors":["AAPL"]}]""",
        """[{"T":"error","code":406,"msg":"connection limit exceeded"}]""",
    ];

    internal static readonly string[] Trade =
    [
        Update("new", """ "timestamp":"2026-08-06T15:01:45.123456789Z" """, "LL1-3-rs-2", "new", "1", "0"),
        Update("partial_fill", """ "timestamp":"2026-08-06T11:01:46-04:00","execution_id":"7e2ae69c-4edf-4800-a352-893d52b446aa","price":"126.5512","qty":"0.4","position_qty":"0.4" """, "LL1-3-rs-2", "partially_filled", "1", "0.4"),
        Update("fill", """ "timestamp":"2026-08-06T15:01:47Z","execution_id":"7e2ae69c-4edf-4800-a352-893d52b446ab","price":126.55,"qty":0.6 """, "LL1-3-rs-2", "filled", "1", "1"),
        Update("fill", """ "timestamp":"2026-08-06T15:01:47Z","price":"126.55","qty":"0.6" """, "LL1-3-rs-2", "filled", "1", "1"),
        Update("pending_replace", """ "timestamp":"2026-08-06T15:01:47Z" """, "LL1-3-rs-2", "pending_replace", "1", "0"),
        Update("replaced", """ "timestamp":"2026-08-06T15:01:47Z" """, "LL1-3-rs-2", "replaced", "1", "0"),
        Update("new", """ "timestamp":"2026-08-06T15:01:48Z" """, "LL1-3-rs-2.1007", "new", "2", "0"),
        Update("order_replace_rejected", """ "timestamp":"2026-08-06T15:01:49Z" """, "LL1-3-rs-2", "filled", "1", "1"),
        Update("order_cancel_rejected", """ "timestamp":"2026-08-06T15:01:49Z" """, "LL1-3-rs-2", "new", "1", "0"),
        Update("canceled", """ "timestamp":"2026-08-06T15:01:50Z" """, "LL1-3-rs-2", "canceled", "1", "0.4"),
        Update("rejected", """ "timestamp":"2026-08-06T15:01:50Z" """, "LL9-3-rs-2", "rejected", "1", "0"),
        Update("expired", """ "timestamp":null """, "somebody", "expired", "1", "0"),
        Update("done_for_day", """ "timestamp":"2026-08-06T20:00:00Z" """, "LL1-3-rs-2", "done_for_day", "1", "0"),
        Update("trade_bust", """ "timestamp":"2026-08-06T20:00:00Z" """, "LL1-3-rs-2", "filled", "1", "1"),
        Update("brand_new_event", """ "timestamp":"2026-08-06T20:00:00Z" """, "LL1-3-rs-2", "new", "1", "1"),
    ];

    internal static InstrumentTable Table()
    {
        InstrumentTable table = new();
        foreach ((InstrumentId id, InstrumentDefined rules) in Instruments)
        {
            table.Define(id, rules);
        }

        return table;
    }

    internal static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>The same message in MessagePack, as the venue sends it: floats for numbers with decimals, its own times.</summary>
    internal static byte[] Pack(string json, Func<string, bool> isTime)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        using MemoryStream output = new();
        Pack(document.RootElement, string.Empty, output, isTime);
        return output.ToArray();
    }

    private static void Pack(JsonElement value, string name, MemoryStream output, Func<string, bool> isTime)
    {
        MessagePackWriter writer = new();
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                List<JsonProperty> pairs = [.. value.EnumerateObject()];
                writer.WriteMapHeader(pairs.Count);
                output.Write(writer.Written);
                foreach (JsonProperty pair in pairs)
                {
                    writer.Reset();
                    writer.WriteText(Encoding.UTF8.GetBytes(pair.Name));
                    output.Write(writer.Written);
                    Pack(pair.Value, pair.Name, output, isTime);
                }

                return;
            case JsonValueKind.Array:
                List<JsonElement> entries = [.. value.EnumerateArray()];
                writer.WriteArrayHeader(entries.Count);
                output.Write(writer.Written);
                foreach (JsonElement entry in entries)
                {
                    Pack(entry, string.Empty, output, isTime);
                }

                return;
            case JsonValueKind.String when isTime(name):
                long at = SlowTime(value);
                output.Write([0xC7, 12, 0xFF]);
                output.Write(BigEndian((ulong)(at % 1_000_000_000), 4));
                output.Write(BigEndian((ulong)(at / 1_000_000_000), 8));
                return;
            case JsonValueKind.String:
                writer.WriteText(Encoding.UTF8.GetBytes(value.GetString()!));
                break;
            case JsonValueKind.Number when value.TryGetInt64(out long whole):
                writer.WriteInteger(whole);
                break;
            case JsonValueKind.Number:
                writer.WriteFloat(double.Parse(value.GetRawText(), CultureInfo.InvariantCulture));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(value.GetBoolean());
                break;
            default:
                writer.WriteNil();
                break;
        }

        output.Write(writer.Written);
    }

    private static long SlowTime(JsonElement value)
    {
        using JsonDocument holder = JsonDocument.Parse("{\"t\":" + value.GetRawText() + "}");
        return LowLatency.Tests.Gateways.Wire.SlowJson.Rfc3339(holder.RootElement, "t");
    }

    private static byte[] BigEndian(ulong value, int width)
    {
        byte[] bytes = new byte[width];
        for (int i = width - 1; i >= 0; i--)
        {
            bytes[i] = (byte)value;
            value >>= 8;
        }

        return bytes;
    }

    private static string Update(string name, string rest, string clientId, string status, string quantity, string filled)
    {
        const string template = """{"stream":"trade_updates","data":{"event":"{name}",{rest},"order":{"id":"61e69015-8549-4bfd-b9c3-01e75843f47d","client_order_id":"{clientId}","created_at":"2026-08-06T15:01:45.1Z","updated_at":"2026-08-06T15:01:45.2Z","submitted_at":"2026-08-06T15:01:45.1Z","filled_at":null,"replaced_by":null,"asset_id":"904837e3-3b76-47ec-b432-046db621571b","symbol":"AAPL","asset_class":"us_equity","notional":null,"qty":"{quantity}","filled_qty":"{filled}","filled_avg_price":null,"order_class":"","order_type":"limit","type":"limit","side":"buy","time_in_force":"day","limit_price":"126.55","stop_price":null,"status":"{status}","extended_hours":false,"legs":null}}}""";
        return template.Replace("{name}", name, StringComparison.Ordinal).Replace("{rest}", rest.Trim(), StringComparison.Ordinal)
            .Replace("{clientId}", clientId, StringComparison.Ordinal).Replace("{status}", status, StringComparison.Ordinal)
            .Replace("{quantity}", quantity, StringComparison.Ordinal).Replace("{filled}", filled, StringComparison.Ordinal);
    }

    private static InstrumentDefined Rules(string symbol, InstrumentKind kind, byte price, byte quantity) => new()
    {
        Symbol = Symbol24.Of(symbol),
        Currency = Currency8.Of("USD"),
        InstrumentKind = kind,
        PriceExponent = price,
        QuantityExponent = quantity,
        Tick = 1,
        Lot = 1,
        MinQuantity = 1,
        MaxQuantity = 1_000_000_000_000,
        Multiplier = 1,
        DefinitionVersion = 1,
    };
}
