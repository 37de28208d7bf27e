using System;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// The fields of one Binance message, whatever its type and whatever the order of its fields, in one pass. Texts are
/// ranges of the JSON; levels go straight into the packer.
/// </summary>
internal sealed class BinanceMessage(LevelPacker levels)
{
    /// <summary>What a message has.</summary>
    [Flags]
    internal enum Field : uint
    {
        None = 0,
        Type = 1 << 0,
        EventTime = 1 << 1,
        TransactionTime = 1 << 2,
        Symbol = 1 << 3,
        FirstUpdate = 1 << 4,
        LastUpdate = 1 << 5,
        PreviousUpdate = 1 << 6,
        Bids = 1 << 7,
        Asks = 1 << 8,
        BidPrice = 1 << 9,
        BidQuantity = 1 << 10,
        AskPrice = 1 << 11,
        AskQuantity = 1 << 12,
        TradeId = 1 << 13,
        Price = 1 << 14,
        Quantity = 1 << 15,
        BuyerIsMaker = 1 << 16,
        TradeType = 1 << 17,
        Stream = 1 << 18,
        Data = 1 << 19,
        LastUpdateId = 1 << 20,
        Response = 1 << 21,
        B = 1 << 22,
        A = 1 << 23,
    }

    internal Field Seen { get; private set; }

    internal long EventTime { get; private set; }

    internal long TransactionTime { get; private set; }

    internal long FirstUpdate { get; private set; }

    internal long LastUpdate { get; private set; }

    internal long PreviousUpdate { get; private set; }

    internal long LastUpdateId { get; private set; }

    internal long TradeId { get; private set; }

    internal bool BuyerIsMaker { get; private set; }

    internal Range Type { get; private set; }

    internal Range Symbol { get; private set; }

    internal Range Stream { get; private set; }

    internal Range TradeType { get; private set; }

    internal Range Price { get; private set; }

    internal Range Quantity { get; private set; }

    internal Range BidPrice { get; private set; }

    internal Range BidQuantity { get; private set; }

    internal Range AskPrice { get; private set; }

    internal Range AskQuantity { get; private set; }

    /// <summary>Decimal places of the units of levels.</summary>
    internal int PriceExponent { get; set; } = Instrument.ExponentMax;

    /// <summary>Decimal places of the units of levels.</summary>
    internal int QuantityExponent { get; set; } = Instrument.ExponentMax;

    /// <summary>When set, texts of levels are measured instead of converted.</summary>
    internal DecimalsProbe? Probe { get; set; }

    /// <summary>Nanoseconds of the venue's clock: the matching engine's time where there is one.</summary>
    internal long VenueTime =>
        Has(Field.TransactionTime) ? Fields.FromMilliseconds("T", TransactionTime)
        : Has(Field.EventTime) ? Fields.FromMilliseconds("E", EventTime)
        : 0;

    internal bool Has(Field fields) => (Seen & fields) == fields;

    /// <summary>Refuses a message that lacks one of the fields.</summary>
    internal void Require(Field fields)
    {
        Field missing = fields & ~Seen;
        if (missing != Field.None)
        {
            Field first = missing & (Field)(0u - (uint)missing);
            throw new FieldException(NameOf(first), "<missing>", "a message of this type has it");
        }
    }

    internal void Parse(ReadOnlySpan<byte> json)
    {
        Seen = Field.None;
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
            if (field == Field.None)
            {
                reader.Skip();
                continue;
            }

            if (Has(field))
            {
                throw new FieldException(NameOf(field), reader.ValueSpan, "once in a message");
            }

            Seen |= field;
            Value(ref reader, field);
        }
    }

    private void Value(ref Utf8JsonReader reader, Field field)
    {
        switch (field)
        {
            case Field.EventTime:
                EventTime = Whole(ref reader, "E");
                break;
            case Field.TransactionTime:
                TransactionTime = Whole(ref reader, "T");
                break;
            case Field.FirstUpdate:
                FirstUpdate = Whole(ref reader, "U");
                break;
            case Field.LastUpdate:
                LastUpdate = Whole(ref reader, "u");
                break;
            case Field.PreviousUpdate:
                PreviousUpdate = Whole(ref reader, "pu");
                break;
            case Field.LastUpdateId:
                LastUpdateId = Whole(ref reader, "lastUpdateId");
                break;
            case Field.TradeId:
                TradeId = Whole(ref reader, "t");
                break;
            case Field.BuyerIsMaker:
                BuyerIsMaker = Truth(ref reader);
                break;
            case Field.Type:
                Type = Text(ref reader, "e");
                break;
            case Field.Symbol:
                Symbol = Text(ref reader, "s");
                break;
            case Field.Stream:
                Stream = Text(ref reader, "stream");
                break;
            case Field.TradeType:
                TradeType = Text(ref reader, "X");
                break;
            case Field.Price:
                Price = Text(ref reader, "p");
                break;
            case Field.Quantity:
                Quantity = Text(ref reader, "q");
                break;
            case Field.BidQuantity:
                BidQuantity = Text(ref reader, "B");
                break;
            case Field.AskQuantity:
                AskQuantity = Text(ref reader, "A");
                break;
            case Field.B:
                BidPrice = LevelsOrPrice(ref reader, Side.Buy, "b", Field.Bids, Field.BidPrice) ?? BidPrice;
                break;
            case Field.A:
                AskPrice = LevelsOrPrice(ref reader, Side.Sell, "a", Field.Asks, Field.AskPrice) ?? AskPrice;
                break;
            case Field.Bids:
                Levels(ref reader, Side.Buy, "bids");
                break;
            case Field.Asks:
                Levels(ref reader, Side.Sell, "asks");
                break;
            case Field.Data:
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    throw new FieldException("data", reader.ValueSpan, "an object");
                }

                Object(ref reader, outer: false);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary><c>b</c> and <c>a</c> are levels, a price, or (in old trades) the number of an order.</summary>
    private Range? LevelsOrPrice(ref Utf8JsonReader reader, Side side, string name, Field asLevels, Field asPrice)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            Seen |= asLevels;
            Levels(ref reader, side, name);
            return null;
        }

        if (reader.TokenType == JsonTokenType.Number)
        {
            return null;
        }

        Seen |= asPrice;
        return Text(ref reader, name);
    }

    private void Levels(ref Utf8JsonReader reader, Side side, string name)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, ref reader, name, "an array of levels");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            long price = LevelAmount(ref reader, name, isPrice: true);
            long quantity = LevelAmount(ref reader, name, isPrice: false);
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.EndArray, ref reader, name, "levels of a price and a quantity");
            if (!levels.TryAdd(side, price, quantity))
            {
                throw new FieldException(name, "more levels", $"at most {ImportReader.LevelsMax} levels in a message");
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndArray, ref reader, name, "an array of levels");
    }

    private long LevelAmount(ref Utf8JsonReader reader, string name, bool isPrice)
    {
        reader.Read();
        Expect(reader.TokenType == JsonTokenType.String, ref reader, name, "levels of a price and a quantity, as text");
        Probe?.Measure(reader.ValueSpan, isPrice);
        return Probe is null ? Fields.Amount(name, reader.ValueSpan, isPrice ? PriceExponent : QuantityExponent) : 0;
    }

    private static long Whole(ref Utf8JsonReader reader, string name)
    {
        long value = 0;
        bool isWhole = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value) && value >= 0;
        Expect(isWhole, ref reader, name, "a whole number from 0 to 2^63 - 1");
        return value;
    }

    private static bool Truth(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType is JsonTokenType.True or JsonTokenType.False, ref reader, "m", "true or false");
        return reader.TokenType == JsonTokenType.True;
    }

    private static Range Text(ref Utf8JsonReader reader, string name)
    {
        Expect(reader.TokenType == JsonTokenType.String, ref reader, name, "a text");
        int start = (int)reader.TokenStartIndex + 1;
        return new Range(start, start + reader.ValueSpan.Length);
    }

    private static void Expect(bool condition, ref Utf8JsonReader reader, string name, string allowed)
    {
        if (!condition)
        {
            throw new FieldException(name, reader.ValueSpan, allowed);
        }
    }

    private static Field FieldOf(ReadOnlySpan<byte> name, bool outer)
    {
        if (name.Length == 1)
        {
            return name[0] switch
            {
                (byte)'e' => Field.Type,
                (byte)'E' => Field.EventTime,
                (byte)'T' => Field.TransactionTime,
                (byte)'s' => Field.Symbol,
                (byte)'U' => Field.FirstUpdate,
                (byte)'u' => Field.LastUpdate,
                (byte)'b' => Field.B,
                (byte)'a' => Field.A,
                (byte)'B' => Field.BidQuantity,
                (byte)'A' => Field.AskQuantity,
                (byte)'t' => Field.TradeId,
                (byte)'p' => Field.Price,
                (byte)'q' => Field.Quantity,
                (byte)'m' => Field.BuyerIsMaker,
                (byte)'X' => Field.TradeType,
                _ => Field.None,
            };
        }

        if (name.SequenceEqual("pu"u8))
        {
            return Field.PreviousUpdate;
        }

        return !outer ? Field.None
            : name.SequenceEqual("stream"u8) ? Field.Stream
            : name.SequenceEqual("data"u8) ? Field.Data
            : name.SequenceEqual("lastUpdateId"u8) ? Field.LastUpdateId
            : name.SequenceEqual("bids"u8) ? Field.Bids
            : name.SequenceEqual("asks"u8) ? Field.Asks
            : name.SequenceEqual("result"u8) ? Field.Response
            : Field.None;
    }

    private static string NameOf(Field field) => field switch
    {
        Field.Type => "e",
        Field.EventTime => "E",
        Field.TransactionTime => "T",
        Field.Symbol => "s",
        Field.FirstUpdate => "U",
        Field.LastUpdate => "u",
        Field.PreviousUpdate => "pu",
        Field.BidPrice or Field.B => "b",
        Field.AskPrice or Field.A => "a",
        Field.BidQuantity => "B",
        Field.AskQuantity => "A",
        Field.TradeId => "t",
        Field.Price => "p",
        Field.Quantity => "q",
        Field.BuyerIsMaker => "m",
        Field.TradeType => "X",
        Field.Bids => "bids",
        Field.Asks => "asks",
        Field.LastUpdateId => "lastUpdateId",
        _ => field.ToString().ToLowerInvariant(),
    };
}

/// <summary>The most decimals seen.</summary>
internal sealed class DecimalsProbe
{
    internal int Price { get; private set; }

    internal int Quantity { get; private set; }

    internal void Measure(ReadOnlySpan<byte> text, bool isPrice)
    {
        int decimals = DecimalText.Decimals(text);
        if (isPrice)
        {
            Price = Math.Max(Price, decimals);
        }
        else
        {
            Quantity = Math.Max(Quantity, decimals);
        }
    }
}
