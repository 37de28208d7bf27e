using System;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>An instrument row of our own format.</summary>
internal sealed class CsvInstrument
{
    private CsvInstrument(byte[] symbol, in InstrumentDefined definition)
    {
        Symbol = symbol;
        Definition = definition;
        PriceExponent = definition.PriceExponent;
        QuantityExponent = definition.QuantityExponent;
    }

    internal byte[] Symbol { get; }

    internal InstrumentDefined Definition { get; }

    internal int PriceExponent { get; }

    internal int QuantityExponent { get; }

    /// <summary>Its number in the import; known once all files have been looked at.</summary>
    internal InstrumentId Id { get; set; }

    internal static CsvInstrument Parse(ref CommaFields fields)
    {
        byte[] symbol = Code("symbol", fields.Next("symbol"), 24);
        ReadOnlySpan<byte> kindText = fields.Next("kind");
        InstrumentKind kind = kindText.SequenceEqual("equity"u8) ? InstrumentKind.Equity
            : kindText.SequenceEqual("spot"u8) ? InstrumentKind.Spot
            : kindText.SequenceEqual("linear"u8) ? InstrumentKind.Linear
            : kindText.SequenceEqual("inverse"u8) ? InstrumentKind.Inverse
            : throw new FieldException("kind", kindText, "equity, spot, linear, inverse");
        byte[] currency = Code("currency", fields.Next("currency"), 8);
        int priceExponent = Exponent("price_exponent", fields.Next("price_exponent"));
        int quantityExponent = Exponent("quantity_exponent", fields.Next("quantity_exponent"));
        InstrumentDefined definition = new()
        {
            Symbol = Symbol24.Of(Encoding.ASCII.GetString(symbol)),
            Currency = Currency8.Of(Encoding.ASCII.GetString(currency)),
            InstrumentKind = kind,
            PriceExponent = (byte)priceExponent,
            QuantityExponent = (byte)quantityExponent,
            Tick = Fields.PositiveAmount("tick", fields.Next("tick"), priceExponent),
            Lot = Fields.PositiveAmount("lot", fields.Next("lot"), quantityExponent),
            MinQuantity = Fields.PositiveAmount("min_quantity", fields.Next("min_quantity"), quantityExponent),
            MaxQuantity = Fields.PositiveAmount("max_quantity", fields.Next("max_quantity"), quantityExponent),
            MinNotional = Fields.Amount("min_notional", fields.Next("min_notional"), Money.Exponent),
            Multiplier = Multiplier(fields.Next("multiplier")),
            DefinitionVersion = 1,
        };
        fields.End();
        if (definition.MinQuantity < definition.Lot)
        {
            throw new FieldException("min_quantity", "less", "at least the lot");
        }

        if (definition.MaxQuantity < definition.MinQuantity)
        {
            throw new FieldException("max_quantity", "less", "at least min_quantity");
        }

        return new CsvInstrument(symbol, definition);
    }

    private static byte[] Code(string field, ReadOnlySpan<byte> text, int lengthMax)
    {
        if (text.Length < 1 || text.Length > lengthMax || text.IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0)
        {
            throw new FieldException(field, text, $"1 to {lengthMax} printable ASCII characters");
        }

        return text.ToArray();
    }

    private static int Exponent(string field, ReadOnlySpan<byte> text)
    {
        long value = Fields.Whole(field, text);
        return value <= Instrument.ExponentMax
            ? (int)value
            : throw new FieldException(field, text, $"0 to {Instrument.ExponentMax}");
    }

    private static int Multiplier(ReadOnlySpan<byte> text)
    {
        long value = Fields.Whole("multiplier", text);
        return value is >= 1 and <= int.MaxValue
            ? (int)value
            : throw new FieldException("multiplier", text, "1 to 2147483647");
    }
}
