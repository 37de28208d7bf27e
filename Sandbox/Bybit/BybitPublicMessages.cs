using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What a topic tells.</summary>
internal enum BybitTopicKind
{
    Book,
    Prints,
    Ticker,
    Candles,
    Limits,
    Silent,
}

/// <summary>A topic that somebody reads.</summary>
internal sealed class BybitTopic(BybitTopicKind kind, string key, string name, ListedInstrument instrument)
{
    internal BybitTopicKind Kind { get; } = kind;

    internal string Key { get; } = key;

    internal string Name { get; } = name;

    internal ListedInstrument Instrument { get; } = instrument;

    internal HashSet<Session> Sessions { get; } = [];

    internal BookPublisher? Book { get; init; }

    internal CandleSeries? Series { get; init; }

    internal List<(string Name, string Text)>? Ticker { get; set; }

    internal bool IsStale { get; set; } = true;

    internal long NextAt { get; set; }
}

/// <summary>Writes messages of the market streams; books have their own publisher.</summary>
internal sealed class BybitPublicMessages(Exchange exchange)
{
    private const long Millisecond = 1_000_000;

    internal byte[] Ticker(BybitTopic topic, string type, List<(string Name, string Text)> fields) => Json.Bytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteString("type", type);
        writer.WriteStartObject("data");
        foreach ((string name, string text) in fields)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
        writer.WriteNumber("cs", topic.Instrument.Changes);
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteEndObject();
    });

    internal byte[] Print(BybitTopic topic, Print print) => Json.Bytes(writer =>
    {
        ListedInstrument instrument = topic.Instrument;
        bool spot = instrument.Kind == InstrumentKind.Spot;
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteString("type", "snapshot");
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteStartArray("data");
        writer.WriteStartObject();
        writer.WriteNumber("T", print.At / Millisecond);
        writer.WriteString("s", instrument.Symbol);
        writer.WriteString("S", print.Aggressor == Side.Sell ? "Sell" : "Buy");
        writer.WriteString("v", instrument.QuantityText(print.Quantity));
        writer.WriteString("p", instrument.PriceText(print.Price));
        if (!spot)
        {
            writer.WriteString("L", print.Direction);
        }

        writer.WriteString("i", spot ? (2_290_000_000_000_000_000 + print.Number).ToString(CultureInfo.InvariantCulture) : exchange.Ids.Uuid());
        writer.WriteBoolean("BT", false);
        writer.WriteBoolean("RPI", false);
        writer.WriteNumber("seq", print.Sequence);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    internal byte[] Candle(BybitTopic topic, Candle candle, bool isClosed) => Json.Bytes(writer =>
    {
        ListedInstrument instrument = topic.Instrument;
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteStartArray("data");
        writer.WriteStartObject();
        writer.WriteNumber("start", candle.Start / Millisecond);
        writer.WriteNumber("end", ((candle.Start + topic.Series!.Length) / Millisecond) - 1);
        writer.WriteString("interval", topic.Series.Name);
        writer.WriteString("open", instrument.PriceText(candle.Open));
        writer.WriteString("close", instrument.PriceText(candle.Close));
        writer.WriteString("high", instrument.PriceText(candle.High));
        writer.WriteString("low", instrument.PriceText(candle.Low));
        writer.WriteString("volume", instrument.QuantityText(candle.Volume));
        writer.WriteString("turnover", Units.Money(candle.Turnover));
        writer.WriteBoolean("confirm", isClosed);
        writer.WriteNumber("timestamp", exchange.NowMs);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteString("type", "snapshot");
        writer.WriteEndObject();
    });

    internal byte[] Limit(BybitTopic topic) => Json.Bytes(writer =>
    {
        (long buy, long sell) = BybitEntry.LimitsOf(topic.Instrument);
        writer.WriteStartObject();
        writer.WriteString("topic", topic.Name);
        writer.WriteNumber("ts", exchange.NowMs);
        writer.WriteStartObject("data");
        writer.WriteString("symbol", topic.Instrument.Symbol);
        writer.WriteString("buyLmt", topic.Instrument.PriceText(buy));
        writer.WriteString("sellLmt", topic.Instrument.PriceText(sell));
        writer.WriteEndObject();
        writer.WriteEndObject();
    });
}
