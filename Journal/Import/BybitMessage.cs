using System;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>One order-book message of Bybit. Texts are ranges of the JSON, levels go into the packer.</summary>
internal sealed class BybitMessage(LevelPacker levels)
{
    [Flags]
    internal enum Field : uint
    {
        None = 0,
        Topic = 1 << 0,
        Type = 1 << 1,
        Time = 1 << 2,
        Data = 1 << 3,
        MatchTime = 1 << 4,
        Symbol = 1 << 5,
        Bids = 1 << 6,
        Asks = 1 << 7,
        Update = 1 << 8,
    }

    /// <summary>What an order-book message must have; the matching engine's time came later.</summary>
    internal const Field Needed =
        Field.Topic | Field.Type | Field.Time | Field.Data | Field.Symbol | Field.Bids | Field.Asks | Field.Update;

    internal Field Seen { get; private set; }

    internal Range Topic { get; private set; }

    internal Range Type { get; private set; }

    internal Range Symbol { get; private set; }

    internal long Time { get; private set; }

    internal long MatchTime { get; private set; }

    internal long Update { get; private set; }

    internal int PriceExponent { get; set; } = Instrument.ExponentMax;

    internal int QuantityExponent { get; set; } = Instrument.ExponentMax;

    /// <summary>When set, texts of levels are measured instead of converted.</summary>
    internal DecimalsProbe? Probe { get; set; }

    internal bool Has(Field fields) => (Seen & fields) == fields;

    internal void Require(Field fields)
    {
        Field missing = fields & ~Seen;
        if (missing != Field.None)
        {
            throw new FieldException(
                NameOf(missing & (Field)(0u - (uint)missing)), "<missing>", "an order-book message has it");
        }
    }

    internal void Parse(ReadOnlySpan<byte> json)
    {
        Seen = Field.None;
        Time = 0;
        levels.Clear();
        Utf8JsonReader reader = new(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FieldException("json", json, "an object");
        }

        Object(ref reader, outer: true);

        // A second value on the line makes the reader throw.
        reader.Read();
    }

    private void Object(ref Utf8JsonReader reader, bool outer)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            Field field = FieldOf(reader.ValueSpan, outer);
            reader.Read();
            if (Has(field) && field != Field.None)
            {
                throw new FieldException(NameOf(field), reader.ValueSpan, "once in a message");
            }

            Seen |= field;
            switch (field)
            {
                case Field.None:
                    reader.Skip();
                    break;
                case Field.Topic:
                    Topic = Text(ref reader, field);
                    break;
                case Field.Type:
                    Type = Text(ref reader, field);
                    break;
                case Field.Symbol:
                    Symbol = Text(ref reader, field);
                    break;
                case Field.Time:
                    Time = Whole(ref reader, field);
                    break;
                case Field.MatchTime:
                    MatchTime = Whole(ref reader, field);
                    break;
                case Field.Update:
                    Update = Whole(ref reader, field);
                    break;
                case Field.Bids:
                    Levels(ref reader, Side.Buy, field);
                    break;
                case Field.Asks:
                    Levels(ref reader, Side.Sell, field);
                    break;
                case Field.Data when reader.TokenType == JsonTokenType.StartObject:
                    Object(ref reader, outer: false);
                    break;
                default:
                    // Another topic's data may be an array; whether that is harmless is decided by the topic.
                    Seen &= ~field;
                    reader.Skip();
                    break;
            }
        }
    }

    private void Levels(ref Utf8JsonReader reader, Side side, Field field)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, ref reader, field, "an array of levels");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            long price = LevelAmount(ref reader, field, isPrice: true);
            long quantity = LevelAmount(ref reader, field, isPrice: false);
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.EndArray, ref reader, field, "levels of a price and a quantity");
            if (!levels.TryAdd(side, price, quantity))
            {
                throw new FieldException(
                    NameOf(field), "more levels", $"at most {ImportReader.LevelsMax} levels in a message");
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndArray, ref reader, field, "an array of levels");
    }

    private long LevelAmount(ref Utf8JsonReader reader, Field field, bool isPrice)
    {
        reader.Read();
        Expect(reader.TokenType == JsonTokenType.String, ref reader, field, "levels of two texts, price and quantity");
        Probe?.Measure(reader.ValueSpan, isPrice);
        return Probe is not null
            ? 0
            : Fields.Amount(NameOf(field), reader.ValueSpan, isPrice ? PriceExponent : QuantityExponent);
    }

    private static long Whole(ref Utf8JsonReader reader, Field field)
    {
        long value = 0;
        bool isWhole = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value) && value >= 0;
        Expect(isWhole, ref reader, field, "a whole number from 0 to 2^63 - 1");
        return value;
    }

    private static Range Text(ref Utf8JsonReader reader, Field field)
    {
        Expect(reader.TokenType == JsonTokenType.String, ref reader, field, "a text");
        int start = (int)reader.TokenStartIndex + 1;
        return new Range(start, start + reader.ValueSpan.Length);
    }

    private static void Expect(bool condition, ref Utf8JsonReader reader, Field field, string allowed)
    {
        if (!condition)
        {
            throw new FieldException(NameOf(field), reader.ValueSpan, allowed);
        }
    }

    private static Field FieldOf(ReadOnlySpan<byte> name, bool outer)
    {
        if (outer)
        {
            return name.SequenceEqual("topic"u8) ? Field.Topic
                : name.SequenceEqual("type"u8) ? Field.Type
                : name.SequenceEqual("ts"u8) ? Field.Time
                : name.SequenceEqual("cts"u8) ? Field.MatchTime
                : name.SequenceEqual("data"u8) ? Field.Data
                : Field.None;
        }

        return name.SequenceEqual("s"u8) ? Field.Symbol
            : name.SequenceEqual("b"u8) ? Field.Bids
            : name.SequenceEqual("a"u8) ? Field.Asks
            : name.SequenceEqual("u"u8) ? Field.Update
            : Field.None;
    }

    private static string NameOf(Field field) => field switch
    {
        Field.Topic => "topic",
        Field.Type => "type",
        Field.Time => "ts",
        Field.MatchTime => "cts",
        Field.Data => "data",
        Field.Symbol => "s",
        Field.Bids => "b",
        Field.Asks => "a",
        Field.Update => "u",
        _ => "json",
    };
}
