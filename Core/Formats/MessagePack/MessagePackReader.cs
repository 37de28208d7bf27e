using System;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace LowLatency.Core.Formats.MessagePack;

/// <summary>
/// Reads MessagePack from bytes that nobody vouches for. A read that does not succeed returns false, leaves the
/// position where it was and says why in <see cref="Error"/>; no input makes it throw or read beyond its buffer.
/// </summary>
/// <remarks>
/// Every encoding of a value is read, also one that is longer than needed. Of the extensions the timestamp is read, the
/// others are skipped. 0xC1 is refused.
/// </remarks>
public ref struct MessagePackReader
{
    /// <summary>Arrays and maps inside each other that <see cref="TrySkip"/> follows.</summary>
    public const int MaximumDepth = 32;

    private readonly ReadOnlySpan<byte> _buffer;
    private int _position;

    /// <summary>Creates a reader at the first byte.</summary>
    /// <param name="buffer">The bytes.</param>
    public MessagePackReader(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _position = 0;
        Error = default;
    }

    /// <summary>Creates a reader at a value within a buffer that was read before.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="position">Offset of the value.</param>
    public MessagePackReader(ReadOnlySpan<byte> buffer, int position)
        : this(buffer) => _position = position;

    /// <summary>Offset of the next byte.</summary>
    public readonly int Position => _position;

    /// <summary>True when every byte was read.</summary>
    public readonly bool AtEnd => _position == _buffer.Length;

    /// <summary>The last refusal; <see cref="MessagePackFault.None"/> when there was none.</summary>
    public MessagePackError Error { get; private set; }

    /// <summary>The kind of the next value; nothing is consumed.</summary>
    public readonly MessagePackKind Next => AtEnd ? MessagePackKind.End : KindOf(_buffer[_position]);

    /// <summary>Reads nil.</summary>
    /// <returns>False when something else is here.</returns>
    public bool TryReadNil()
    {
        if (!Expect(MessagePackKind.Nil))
        {
            return false;
        }

        _position++;
        return true;
    }

    /// <summary>Reads a boolean.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when something else is here.</returns>
    public bool TryReadBoolean(out bool value)
    {
        value = false;
        if (!Expect(MessagePackKind.Boolean))
        {
            return false;
        }

        value = _buffer[_position++] == MessagePackCode.True;
        return true;
    }

    /// <summary>Reads an integer of any width.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when something else is here, or an integer above the range.</returns>
    public bool TryReadInteger(out long value)
    {
        if (!TryInteger(out value, out bool beyondLong, out int next))
        {
            return false;
        }

        if (beyondLong)
        {
            value = 0;
            return Refuse(MessagePackFault.OutOfRange);
        }

        _position = next;
        return true;
    }

    /// <summary>Reads a non-negative integer of any width.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when something else is here, or a negative integer.</returns>
    public bool TryReadUnsigned(out ulong value)
    {
        value = 0;
        if (!TryInteger(out long bits, out bool beyondLong, out int next))
        {
            return false;
        }

        if (bits < 0 && !beyondLong)
        {
            return Refuse(MessagePackFault.OutOfRange);
        }

        value = unchecked((ulong)bits);
        _position = next;
        return true;
    }

    /// <summary>Reads a float; one of 32 bits is widened exactly. Integers are not floats.</summary>
    /// <param name="value">The value, NaN and infinities included.</param>
    /// <returns>False when something else is here.</returns>
    public bool TryReadFloat(out double value)
    {
        value = 0;
        if (!Expect(MessagePackKind.FloatingPoint))
        {
            return false;
        }

        bool wide = _buffer[_position] == MessagePackCode.Float64;
        int bytes = wide ? sizeof(double) : sizeof(float);
        ReadOnlySpan<byte> rest = _buffer[(_position + 1)..];
        if (rest.Length < bytes)
        {
            return Refuse(MessagePackFault.EndOfData);
        }

        value = wide ? BinaryPrimitives.ReadDoubleBigEndian(rest) : BinaryPrimitives.ReadSingleBigEndian(rest);
        _position += 1 + bytes;
        return true;
    }

    /// <summary>Reads text as it lies in the buffer.</summary>
    /// <param name="utf8">Valid UTF-8, without a copy.</param>
    /// <returns>False when something else is here, or the bytes are not UTF-8.</returns>
    public bool TryReadText(out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (!Expect(MessagePackKind.Text) || !TryBody(out ReadOnlySpan<byte> body, out int next))
        {
            return false;
        }

        if (!Utf8.IsValid(body))
        {
            return Refuse(MessagePackFault.InvalidText);
        }

        utf8 = body;
        _position = next;
        return true;
    }

    /// <summary>Reads text as a string.</summary>
    /// <param name="text">The text; empty when refused.</param>
    /// <returns>False when something else is here, or the bytes are not UTF-8.</returns>
    public bool TryReadString(out string text)
    {
        bool read = TryReadText(out ReadOnlySpan<byte> utf8);
        text = read ? Encoding.UTF8.GetString(utf8) : string.Empty;
        return read;
    }

    /// <summary>Reads raw bytes.</summary>
    /// <param name="bytes">The bytes, without a copy.</param>
    /// <returns>False when something else is here.</returns>
    public bool TryReadBinary(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!Expect(MessagePackKind.Binary) || !TryBody(out bytes, out int next))
        {
            return false;
        }

        _position = next;
        return true;
    }

    /// <summary>Reads a timestamp (extension -1) of any of its three widths.</summary>
    /// <param name="nanoseconds">Since 1970 UTC.</param>
    /// <returns>False when something else is here, or a time that 64 bits of nanoseconds cannot hold.</returns>
    public bool TryReadTimestamp(out long nanoseconds)
    {
        const int second = 1_000_000_000;
        nanoseconds = 0;
        if (!Expect(MessagePackKind.Extension) || !TryBody(out ReadOnlySpan<byte> body, out int next))
        {
            return false;
        }

        // The type is the last byte of the head, right before the body.
        if (unchecked((sbyte)_buffer[next - body.Length - 1]) != -1)
        {
            return Refuse(MessagePackFault.WrongKind);
        }

        long seconds;
        uint fraction = 0;
        switch (body.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(body);
                break;
            case 8:
                ulong both = BinaryPrimitives.ReadUInt64BigEndian(body);
                seconds = (long)(both & 0x3_FFFF_FFFF);
                fraction = (uint)(both >> 34);
                break;
            case 12:
                fraction = BinaryPrimitives.ReadUInt32BigEndian(body);
                seconds = BinaryPrimitives.ReadInt64BigEndian(body[4..]);
                break;
            default:
                return Refuse(MessagePackFault.WrongKind);
        }

        const long secondsMax = long.MaxValue / second;
        if (fraction >= second || seconds is < -secondsMax or >= secondsMax)
        {
            return Refuse(MessagePackFault.OutOfRange);
        }

        nanoseconds = (seconds * second) + fraction;
        _position = next;
        return true;
    }

    /// <summary>Reads the head of an array.</summary>
    /// <param name="count">Elements that follow; never more than there are bytes left.</param>
    /// <returns>False when something else is here.</returns>
    public bool TryReadArrayHeader(out int count) => TryContainer(MessagePackKind.Array, 1, out count);

    /// <summary>Reads the head of a map.</summary>
    /// <param name="count">Pairs of key and value that follow; never more than there are bytes left for.</param>
    /// <returns>False when something else is here.</returns>
    public bool TryReadMapHeader(out int count) => TryContainer(MessagePackKind.Map, 2, out count);

    /// <summary>Skips one value with all that is in it.</summary>
    /// <returns>False when it is damaged or deeper than <see cref="MaximumDepth"/>.</returns>
    public bool TrySkip()
    {
        int start = _position;
        Span<long> left = stackalloc long[MaximumDepth];
        int depth = 0;
        do
        {
            if (depth > 0)
            {
                left[depth - 1]--;
            }

            int here = _position;
            if (!TrySkipOne(out long inside))
            {
                _position = start;
                return false;
            }

            if (inside > 0)
            {
                if (depth == MaximumDepth)
                {
                    _position = start;
                    Error = new MessagePackError(MessagePackFault.TooDeep, here);
                    return false;
                }

                left[depth++] = inside;
            }

            while (depth > 0 && left[depth - 1] == 0)
            {
                depth--;
            }
        }
        while (depth > 0);

        return true;
    }

    private static MessagePackKind KindOf(byte code) => code switch
    {
        <= MessagePackCode.PositiveFixIntMaximum => MessagePackKind.WholeNumber,
        >= MessagePackCode.NegativeFixIntMinimum => MessagePackKind.WholeNumber,
        >= MessagePackCode.Unsigned8 and <= MessagePackCode.Signed64 => MessagePackKind.WholeNumber,
        < MessagePackCode.FixArray => MessagePackKind.Map,
        < MessagePackCode.FixText => MessagePackKind.Array,
        < MessagePackCode.Nil => MessagePackKind.Text,
        MessagePackCode.Nil => MessagePackKind.Nil,
        MessagePackCode.NeverUsed => MessagePackKind.Invalid,
        MessagePackCode.False or MessagePackCode.True => MessagePackKind.Boolean,
        <= MessagePackCode.Binary32 => MessagePackKind.Binary,
        <= MessagePackCode.Extension32 => MessagePackKind.Extension,
        MessagePackCode.Float32 or MessagePackCode.Float64 => MessagePackKind.FloatingPoint,
        <= MessagePackCode.FixExtension16 => MessagePackKind.Extension,
        <= MessagePackCode.Text32 => MessagePackKind.Text,
        <= MessagePackCode.Array32 => MessagePackKind.Array,
        <= MessagePackCode.Map32 => MessagePackKind.Map,
    };

    // Moves behind one value, or behind the head of a container, and says how many values lie inside.
    private bool TrySkipOne(out long inside)
    {
        inside = 0;
        switch (Next)
        {
            case MessagePackKind.Nil or MessagePackKind.Boolean:
                _position++;
                return true;
            case MessagePackKind.WholeNumber:
                bool whole = TryInteger(out _, out _, out int behindNumber);
                _position = behindNumber;
                return whole;
            case MessagePackKind.FloatingPoint:
                return TryReadFloat(out _);
            case MessagePackKind.Text or MessagePackKind.Binary or MessagePackKind.Extension:
                bool bytes = TryBody(out _, out int behindBytes);
                _position = behindBytes;
                return bytes;
            case MessagePackKind.Array:
                bool array = TryReadArrayHeader(out int elements);
                inside = elements;
                return array;
            case MessagePackKind.Map:
                bool map = TryReadMapHeader(out int pairs);
                inside = 2L * pairs;
                return map;
            default:
                return Refuse(AtEnd ? MessagePackFault.EndOfData : MessagePackFault.NeverUsedByte);
        }
    }

    private bool TryInteger(out long bits, out bool beyondLong, out int next)
    {
        bits = 0;
        beyondLong = false;
        next = _position;
        if (!Expect(MessagePackKind.WholeNumber))
        {
            return false;
        }

        byte code = _buffer[_position];
        ReadOnlySpan<byte> rest = _buffer[(_position + 1)..];
        if (code is <= MessagePackCode.PositiveFixIntMaximum or >= MessagePackCode.NegativeFixIntMinimum)
        {
            bits = unchecked((sbyte)code);
            next = _position + 1;
            return true;
        }

        // 0xCC to 0xCF and 0xD0 to 0xD3: the low two bits are the logarithm of the width.
        int width = 1 << (code & 3);
        if (rest.Length < width)
        {
            return Refuse(MessagePackFault.EndOfData);
        }

        bits = code switch
        {
            MessagePackCode.Unsigned8 => rest[0],
            MessagePackCode.Unsigned16 => BinaryPrimitives.ReadUInt16BigEndian(rest),
            MessagePackCode.Unsigned32 => BinaryPrimitives.ReadUInt32BigEndian(rest),
            MessagePackCode.Signed8 => unchecked((sbyte)rest[0]),
            MessagePackCode.Signed16 => BinaryPrimitives.ReadInt16BigEndian(rest),
            MessagePackCode.Signed32 => BinaryPrimitives.ReadInt32BigEndian(rest),
            _ => BinaryPrimitives.ReadInt64BigEndian(rest),
        };
        beyondLong = code == MessagePackCode.Unsigned64 && bits < 0;
        next = _position + 1 + width;
        return true;
    }

    // The bytes of a text, binary or extension and the offset behind them; the position stays before it.
    private bool TryBody(out ReadOnlySpan<byte> body, out int next)
    {
        body = default;
        next = _position;
        byte code = _buffer[_position];
        if (!TryLength(code, out uint length, out int head))
        {
            return false;
        }

        int left = _buffer.Length - _position - head;
        if (length > left)
        {
            return Refuse(MessagePackFault.LengthBeyondEnd);
        }

        body = _buffer.Slice(_position + head, (int)length);
        next = _position + head + body.Length;
        return true;
    }

    private bool TryContainer(MessagePackKind kind, int bytesPerEntry, out int count)
    {
        count = 0;
        if (!Expect(kind) || !TryLength(_buffer[_position], out uint entries, out int head))
        {
            return false;
        }

        // An entry takes at least a byte (a pair two): no one loops on a count that cannot be true.
        int left = _buffer.Length - _position - head;
        if (entries > left / bytesPerEntry)
        {
            return Refuse(MessagePackFault.LengthBeyondEnd);
        }

        count = (int)entries;
        _position += head;
        return true;
    }

    // The length in a head and the bytes of the head, an extension's type byte included.
    private bool TryLength(byte code, out uint length, out int head)
    {
        length = code switch
        {
            < MessagePackCode.FixText => (uint)code & 0x0F,
            < MessagePackCode.Nil => (uint)code & 0x1F,
            >= MessagePackCode.FixExtension1 and <= MessagePackCode.FixExtension16 =>
                1u << (code - MessagePackCode.FixExtension1),
            _ => 0,
        };
        int width = code switch
        {
            MessagePackCode.Binary8 or MessagePackCode.Text8 or MessagePackCode.Extension8 => 1,
            MessagePackCode.Binary16 or MessagePackCode.Text16 or MessagePackCode.Extension16
                or MessagePackCode.Array16 or MessagePackCode.Map16 => 2,
            MessagePackCode.Binary32 or MessagePackCode.Text32 or MessagePackCode.Extension32
                or MessagePackCode.Array32 or MessagePackCode.Map32 => 4,
            _ => 0,
        };
        head = 1 + width + (KindOf(code) == MessagePackKind.Extension ? 1 : 0);
        ReadOnlySpan<byte> rest = _buffer[_position..];
        if (rest.Length < head)
        {
            return Refuse(MessagePackFault.EndOfData);
        }

        length = width switch
        {
            1 => rest[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(rest[1..]),
            4 => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
            _ => length,
        };
        return true;
    }

    private bool Expect(MessagePackKind kind)
    {
        MessagePackKind next = Next;
        if (next == kind)
        {
            return true;
        }

        return Refuse(next switch
        {
            MessagePackKind.End => MessagePackFault.EndOfData,
            MessagePackKind.Invalid => MessagePackFault.NeverUsedByte,
            _ => MessagePackFault.WrongKind,
        });
    }

    private bool Refuse(MessagePackFault fault)
    {
        Error = new MessagePackError(fault, _position);
        return false;
    }
}
