using System;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// The fields of one object of a message, JSON or MessagePack. A name that comes twice counts as it comes last, as the
/// framework's document does it. What is asked for and is of another kind is refused, never a default value.
/// </summary>
internal ref struct WireFields
{
    // By token: nothing, {, }, [, ], name, text, number, true, false, null.
    private static ReadOnlySpan<WireKind> Kinds =>
    [
        WireKind.Null, WireKind.Object, WireKind.Null, WireKind.Array, WireKind.Null, WireKind.Null, WireKind.Text,
        WireKind.Number, WireKind.True, WireKind.False, WireKind.Null,
    ];

    private readonly ReadOnlySpan<byte> _message;
    private readonly bool _isMessagePack;
    private WireValues _values;

    /// <summary>Fields that are not captured yet.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isMessagePack">Its format.</param>
    internal WireFields(ReadOnlySpan<byte> message, bool isMessagePack = false)
    {
        _message = message;
        _isMessagePack = isMessagePack;
    }

    /// <summary>Names that were in neither list.</summary>
    internal int NewNames { get; private set; }

    /// <summary>Captures the object on whose first token the cursor stands.</summary>
    /// <param name="cursor">Afterwards on the object's end.</param>
    /// <param name="names">What to look for.</param>
    /// <returns>False at a fault, or when there is no object.</returns>
    internal bool Capture(ref JsonCursor cursor, FieldNames names)
    {
        ((Span<WireValue>)_values)[..names.Count].Clear();
        if (cursor.Token != JsonToken.StartObject)
        {
            return false;
        }

        int place = 0;
        while (names.Next(ref cursor, ref place, out int field))
        {
            NewNames += field < 0 ? 1 : 0;
            if (field < 0 || field >= names.Count)
            {
                if (!cursor.Skip())
                {
                    return false;
                }

                continue;
            }

            ref WireValue value = ref _values[field];
            value.Start = cursor.Start;
            value.Length = cursor.Length;
            value.Kind = Kinds[(int)cursor.Token];
            value.IsEscaped = value.Kind == WireKind.Text && cursor.IsEscaped;
            if (value.Kind is WireKind.Object or WireKind.Array)
            {
                if (!cursor.Skip())
                {
                    return false;
                }

                value.Length = cursor.Position - value.Start;
            }
        }

        return !cursor.IsFault && cursor.Token == JsonToken.EndObject;
    }

    /// <summary>Captures the map that comes next.</summary>
    /// <param name="reader">Afterwards behind the map.</param>
    /// <param name="names">What to look for.</param>
    /// <returns>False when it is damaged, or no map.</returns>
    internal bool Capture(ref MessagePackReader reader, FieldNames names)
    {
        _values = default;
        if (!reader.TryReadMapHeader(out int pairs))
        {
            return false;
        }

        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadText(out ReadOnlySpan<byte> name))
            {
                return false;
            }

            int field = names.Find(name);
            NewNames += field < 0 ? 1 : 0;
            if (field < 0 || field >= names.Count)
            {
                if (!reader.TrySkip())
                {
                    return false;
                }
            }
            else if (!Value(ref reader, ref _values[field]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Captures an object that is a field of this one.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="names">What to look for in it.</param>
    /// <param name="inner">Its fields, not captured yet.</param>
    /// <returns>False when it is no object, or damaged.</returns>
    internal readonly bool Open(int field, FieldNames names, ref WireFields inner)
    {
        ref readonly WireValue value = ref _values[field];
        if (value.Kind != WireKind.Object)
        {
            return false;
        }

        if (_isMessagePack)
        {
            MessagePackReader reader = new(_message[..(value.Start + value.Length)], value.Start);
            return inner.Capture(ref reader, names);
        }

        JsonCursor cursor = new(_message, value.Start);
        return cursor.Read() && inner.Capture(ref cursor, names);
    }

    /// <summary>A cursor before the first token of a field's array.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="cursor">Standing on the bracket that opens.</param>
    /// <returns>False when it is no array.</returns>
    internal readonly bool OpenArray(int field, out JsonCursor cursor)
    {
        ref readonly WireValue value = ref _values[field];
        bool isArray = value.Kind == WireKind.Array && !_isMessagePack;
        cursor = new JsonCursor(_message, value.Start);
        return isArray && cursor.Read();
    }

    /// <summary>The value of a field as it was captured.</summary>
    /// <param name="field">Its number.</param>
    /// <returns>A copy.</returns>
    internal readonly WireValue this[int field] => _values[field];

    /// <summary>True when the field is missing, null or empty text: the venue says nothing.</summary>
    /// <param name="field">Its number.</param>
    /// <returns>Whether there is nothing.</returns>
    internal readonly bool IsAbsent(int field) =>
        _values[field].Kind is WireKind.Missing or WireKind.Null
        || (_values[field].Kind == WireKind.Text && _values[field].Length == 0);

    /// <summary>A field's text; empty when it is absent, of another kind, or has escapes.</summary>
    /// <param name="field">Its number.</param>
    /// <returns>Its bytes.</returns>
    internal readonly ReadOnlySpan<byte> Text(int field)
    {
        ref readonly WireValue value = ref _values[field];
        return value.Kind == WireKind.Text && !value.IsEscaped ? _message.Slice(value.Start, value.Length) : default;
    }

    /// <summary>True when the field is text and says exactly this.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="text">What it should say.</param>
    /// <returns>Whether it does.</returns>
    internal readonly bool Says(int field, ReadOnlySpan<byte> text) => Text(field).SequenceEqual(text);

    /// <summary>A number as units, exact.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="exponent">Decimal places of the unit.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is absent, no number, or does not fit.</returns>
    internal readonly bool TryUnits(int field, int exponent, out long units)
    {
        ref readonly WireValue value = ref _values[field];
        units = 0;
        return value.Kind switch
        {
            WireKind.Text or WireKind.Number =>
                WireNumber.TryParse(_message, value.Start, value.Length, exponent, out units),
            WireKind.Whole => WireNumber.TryFromWhole(value.Bits, exponent, out units),
            WireKind.Float => WireNumber.TryFromFloat(BitConverter.Int64BitsToDouble(value.Bits), exponent, out units),
            _ => false,
        };
    }

    /// <summary>A number as units, exact, or 0 when it is absent.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="exponent">Decimal places of the unit.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is no number, or does not fit.</returns>
    internal readonly bool TryUnitsOrNothing(int field, int exponent, out long units)
    {
        units = 0;
        return IsAbsent(field) || TryUnits(field, exponent, out units);
    }

    /// <summary>A number as units, further decimals cut off, or 0 when it is absent.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="exponent">Decimal places of the unit.</param>
    /// <param name="units">The number of units.</param>
    /// <returns>False when it is no number or too large.</returns>
    internal readonly bool TryCutUnits(int field, int exponent, out long units)
    {
        ref readonly WireValue value = ref _values[field];
        units = 0;
        return IsAbsent(field)
            || (value.Kind is WireKind.Text or WireKind.Number
                ? WireNumber.TryParseCut(_message.Slice(value.Start, value.Length), exponent, out units)
                : TryUnits(field, exponent, out units));
    }

    /// <summary>A whole number.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="value">The number.</param>
    /// <returns>False when it is absent or no whole number.</returns>
    internal readonly bool TryWhole(int field, out long value) => TryUnits(field, 0, out value);

    /// <summary>Milliseconds since 1970 as a time; absent is 0.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="time">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when it is no time.</returns>
    internal readonly bool TryMilliseconds(int field, out long time)
    {
        time = 0;
        return IsAbsent(field) || (TryWhole(field, out long value) && WireTime.TryFromMilliseconds(value, out time));
    }

    /// <summary>A time in RFC 3339, or MessagePack's; absent is 0.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="time">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when it is no time.</returns>
    internal readonly bool TryTime(int field, out long time)
    {
        ref readonly WireValue value = ref _values[field];
        time = value.Kind == WireKind.Time ? value.Bits : 0;
        return IsAbsent(field)
            || (value.Kind == WireKind.Time ? value.Bits >= 0 : WireTime.TryParse(Text(field), out time));
    }

    /// <summary>An id that must be there.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="id">The id.</param>
    /// <returns>False when it is absent, no text, or cannot be named in 128 bits.</returns>
    internal readonly bool TryId(int field, out VenueId id)
    {
        ReadOnlySpan<byte> text = Text(field);
        id = VenueId.None;
        return !text.IsEmpty && WireId.TryParse(text, out id);
    }

    /// <summary>A side.</summary>
    /// <param name="field">Its number.</param>
    /// <param name="side">Buy or sell, in any capitals; none when absent.</param>
    /// <returns>False when it says something else.</returns>
    internal readonly bool TrySide(int field, out Side side)
    {
        ReadOnlySpan<byte> text = Text(field);
        side = text.Length == 3 && (text[0] | 0x20) == (byte)'b' && text[1..].SequenceEqual("uy"u8) ? Side.Buy
            : text.Length == 4 && (text[0] | 0x20) == (byte)'s' && text[1..].SequenceEqual("ell"u8) ? Side.Sell
            : Side.None;
        return side != Side.None || IsAbsent(field);
    }

    private static bool Value(ref MessagePackReader reader, ref WireValue value)
    {
        value = default;
        switch (reader.Next)
        {
            case MessagePackKind.Nil:
                value.Kind = WireKind.Null;
                return reader.TryReadNil();
            case MessagePackKind.Boolean:
                bool isBoolean = reader.TryReadBoolean(out bool truth);
                value.Kind = truth ? WireKind.True : WireKind.False;
                return isBoolean;
            case MessagePackKind.WholeNumber:
                value.Kind = WireKind.Whole;
                return reader.TryReadInteger(out value.Bits);
            case MessagePackKind.FloatingPoint:
                value.Kind = WireKind.Float;
                bool isFloat = reader.TryReadFloat(out double number);
                value.Bits = BitConverter.DoubleToInt64Bits(number);
                return isFloat;
            case MessagePackKind.Extension:
                value.Kind = WireKind.Time;
                return reader.TryReadTimestamp(out value.Bits);
            case MessagePackKind.Text:
                value.Kind = WireKind.Text;
                bool isText = reader.TryReadText(out ReadOnlySpan<byte> text);
                value.Length = text.Length;
                value.Start = reader.Position - text.Length;
                return isText;
            case MessagePackKind.Map or MessagePackKind.Array:
                value.Kind = reader.Next == MessagePackKind.Map ? WireKind.Object : WireKind.Array;
                value.Start = reader.Position;
                bool isWhole = reader.TrySkip();
                value.Length = reader.Position - value.Start;
                return isWhole;
            default:
                return reader.TrySkip();
        }
    }
}
