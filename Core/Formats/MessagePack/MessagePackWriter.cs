using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Formats.MessagePack;

/// <summary>
/// Writes MessagePack into a growing buffer, each value in its shortest encoding (non-negative integers in the unsigned
/// formats). The caller keeps the counts of arrays and maps; a wrong one is the caller's defect and shows when read.
/// </summary>
public sealed class MessagePackWriter
{
    /// <summary>A message larger than this is a defect: 1 GiB.</summary>
    public const int MaximumBytes = 1 << 30;

    private byte[] _buffer;
    private int _length;

    /// <summary>Creates a writer.</summary>
    /// <param name="initialBytes">Room before the first growth, 1 to <see cref="MaximumBytes"/>.</param>
    public MessagePackWriter(int initialBytes = 256)
    {
        Ensure.That(initialBytes is >= 1 and <= MaximumBytes, "initial bytes of a MessagePack writer out of range");
        _buffer = new byte[initialBytes];
    }

    /// <summary>All that was written since the last <see cref="Reset"/>; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Forgets what was written and keeps the room.</summary>
    public void Reset() => _length = 0;

    /// <summary>Writes nil.</summary>
    public void WriteNil() => Room(1)[0] = MessagePackCode.Nil;

    /// <summary>Writes a boolean.</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => Room(1)[0] = value ? MessagePackCode.True : MessagePackCode.False;

    /// <summary>Writes an integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteInteger(long value)
    {
        if (value >= 0)
        {
            WriteUnsigned((ulong)value);
        }
        else if (value >= -32)
        {
            Room(1)[0] = unchecked((byte)value);
        }
        else if (value >= sbyte.MinValue)
        {
            Span<byte> room = Head(MessagePackCode.Signed8, sizeof(sbyte));
            room[0] = unchecked((byte)value);
        }
        else if (value >= short.MinValue)
        {
            BinaryPrimitives.WriteInt16BigEndian(Head(MessagePackCode.Signed16, sizeof(short)), (short)value);
        }
        else if (value >= int.MinValue)
        {
            BinaryPrimitives.WriteInt32BigEndian(Head(MessagePackCode.Signed32, sizeof(int)), (int)value);
        }
        else
        {
            BinaryPrimitives.WriteInt64BigEndian(Head(MessagePackCode.Signed64, sizeof(long)), value);
        }
    }

    /// <summary>Writes an unsigned integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteUnsigned(ulong value)
    {
        if (value <= MessagePackCode.PositiveFixIntMaximum)
        {
            Room(1)[0] = (byte)value;
        }
        else if (value <= byte.MaxValue)
        {
            Head(MessagePackCode.Unsigned8, sizeof(byte))[0] = (byte)value;
        }
        else if (value <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Head(MessagePackCode.Unsigned16, sizeof(ushort)), (ushort)value);
        }
        else if (value <= uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt32BigEndian(Head(MessagePackCode.Unsigned32, sizeof(uint)), (uint)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(Head(MessagePackCode.Unsigned64, sizeof(ulong)), value);
        }
    }

    /// <summary>Writes a float of 64 bits, bit for bit; a float is never turned into an integer.</summary>
    /// <param name="value">The value.</param>
    public void WriteFloat(double value) =>
        BinaryPrimitives.WriteDoubleBigEndian(Head(MessagePackCode.Float64, sizeof(double)), value);

    /// <summary>Writes text. A lone surrogate is a broken invariant: it would come back as another text.</summary>
    /// <param name="text">Valid UTF-16.</param>
    public void WriteText(ReadOnlySpan<char> text)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        TextHead(bytes);
        Span<byte> room = Room(bytes);
        OperationStatus status = Utf8.FromUtf16(text, room, out _, out int written, replaceInvalidSequences: false);
        Ensure.That(status == OperationStatus.Done && written == bytes, "text for MessagePack is not valid UTF-16");
    }

    /// <summary>Writes text that is UTF-8 already. Anything else is a broken invariant.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    public void WriteText(ReadOnlySpan<byte> utf8)
    {
        Ensure.That(Utf8.IsValid(utf8), "text for MessagePack is not valid UTF-8");
        TextHead(utf8.Length);
        utf8.CopyTo(Room(utf8.Length));
    }

    /// <summary>Writes raw bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= byte.MaxValue)
        {
            Head(MessagePackCode.Binary8, sizeof(byte))[0] = (byte)bytes.Length;
        }
        else
        {
            WideHead(MessagePackCode.Binary16, MessagePackCode.Binary32, bytes.Length);
        }

        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>Writes a timestamp (extension -1) of 64 bits.</summary>
    /// <param name="nanoseconds">Since 1970 UTC, not negative.</param>
    public void WriteTimestamp(long nanoseconds)
    {
        const int second = 1_000_000_000;
        Ensure.That(nanoseconds >= 0, "a timestamp for MessagePack is before 1970");
        Span<byte> room = Room(2 + sizeof(ulong));
        room[0] = MessagePackCode.FixExtension8;
        room[1] = unchecked((byte)-1);
        BinaryPrimitives.WriteUInt64BigEndian(room[2..], ((ulong)(nanoseconds % second) << 34) | (ulong)(nanoseconds / second));
    }

    /// <summary>Writes the head of an array; its elements follow.</summary>
    /// <param name="count">Elements.</param>
    public void WriteArrayHeader(int count)
    {
        Ensure.That(count >= 0, "count of an array is negative");
        if (count <= 15)
        {
            Room(1)[0] = (byte)(MessagePackCode.FixArray | count);
        }
        else
        {
            WideHead(MessagePackCode.Array16, MessagePackCode.Array32, count);
        }
    }

    /// <summary>Writes the head of a map; its keys and values follow in turn.</summary>
    /// <param name="count">Pairs of key and value.</param>
    public void WriteMapHeader(int count)
    {
        Ensure.That(count >= 0, "count of a map is negative");
        if (count <= 15)
        {
            Room(1)[0] = (byte)(MessagePackCode.FixMap | count);
        }
        else
        {
            WideHead(MessagePackCode.Map16, MessagePackCode.Map32, count);
        }
    }

    private void TextHead(int bytes)
    {
        if (bytes <= 31)
        {
            Room(1)[0] = (byte)(MessagePackCode.FixText | bytes);
        }
        else if (bytes <= byte.MaxValue)
        {
            Head(MessagePackCode.Text8, sizeof(byte))[0] = (byte)bytes;
        }
        else
        {
            WideHead(MessagePackCode.Text16, MessagePackCode.Text32, bytes);
        }
    }

    private void WideHead(byte code16, byte code32, int length)
    {
        if (length <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Head(code16, sizeof(ushort)), (ushort)length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(Head(code32, sizeof(uint)), (uint)length);
        }
    }

    private Span<byte> Head(byte code, int bytes)
    {
        Span<byte> room = Room(bytes + 1);
        room[0] = code;
        return room[1..];
    }

    private Span<byte> Room(int bytes)
    {
        Ensure.That(bytes <= MaximumBytes - _length, "message is larger than a MessagePack writer holds");
        int needed = _length + bytes;
        if (needed > _buffer.Length)
        {
            int doubled = _buffer.Length > MaximumBytes / 2 ? MaximumBytes : _buffer.Length * 2;
            Array.Resize(ref _buffer, Math.Max(needed, doubled));
        }

        Span<byte> room = _buffer.AsSpan(_length, bytes);
        _length = needed;
        return room;
    }
}
