using System;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// Writes a request into a buffer of its caller. What does not fit leaves <see cref="IsFull"/> set and no half of a request
/// is ever sent: <see cref="Length"/> is then 0.
/// </summary>
internal ref struct BodyWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _length;

    /// <summary>True when something did not fit, or could not be written as JSON.</summary>
    internal bool IsFull { get; private set; }

    /// <summary>Bytes written; 0 when the buffer was too small.</summary>
    internal readonly int Length => IsFull ? 0 : _length;

    /// <summary>What was written.</summary>
    internal readonly ReadOnlySpan<byte> Written => _destination[..Length];

    /// <summary>Writes bytes as they are.</summary>
    internal void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (IsFull || bytes.Length > _destination.Length - _length)
        {
            IsFull = true;
            return;
        }

        bytes.CopyTo(_destination[_length..]);
        _length += bytes.Length;
    }

    /// <summary>Writes text in quotes. Text that would need an escape is refused: ids and symbols have none.</summary>
    internal void Text(scoped ReadOnlySpan<byte> text)
    {
        if (text.ContainsAnyExceptInRange((byte)' ', (byte)'~') || text.ContainsAny((byte)'"', (byte)'\\'))
        {
            IsFull = true;
            return;
        }

        Raw("\""u8);
        Raw(text);
        Raw("\""u8);
    }

    /// <summary>Writes a name, its colon, and the comma before it where one belongs.</summary>
    internal void Name(scoped ReadOnlySpan<byte> name)
    {
        if (_length > 0 && _destination[_length - 1] is not ((byte)'{' or (byte)'['))
        {
            Raw(","u8);
        }

        Text(name);
        Raw(":"u8);
    }

    /// <summary>Writes a pair of name and text.</summary>
    internal void Pair(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> text)
    {
        Name(name);
        Text(text);
    }

    /// <summary>Writes a pair of name and decimal number in quotes, without trailing zeros.</summary>
    internal void Pair(scoped ReadOnlySpan<byte> name, long units, int exponent)
    {
        Span<byte> text = stackalloc byte[DecimalText.LengthMax];
        ReadOnlySpan<byte> digits = text[..DecimalText.Format(units, exponent, text)];
        if (exponent > 0)
        {
            digits = digits.TrimEnd((byte)'0').TrimEnd((byte)'.');
        }

        Pair(name, digits);
    }

    /// <summary>Writes a whole number.</summary>
    internal void Number(long value)
    {
        Span<byte> text = stackalloc byte[DecimalText.LengthMax];
        Raw(text[..DecimalText.Format(value, 0, text)]);
    }

    /// <summary>Writes a pair of name and true.</summary>
    internal void Yes(scoped ReadOnlySpan<byte> name)
    {
        Name(name);
        Raw("true"u8);
    }

    /// <summary>Writes the client order id of an order in quotes.</summary>
    internal void Pair(scoped ReadOnlySpan<byte> name, OrderId order, ushort instance)
    {
        Span<byte> text = stackalloc byte[36];
        Pair(name, text[..order.Format(instance, text)]);
    }

    /// <summary>Ends the request: nothing of it counts.</summary>
    internal void Refuse() => IsFull = true;
}
