using System;
using System.Buffers.Binary;
using System.Threading;
using LowLatency.Core.Determinism;

namespace LowLatency.Engine.Network;

/// <summary>
/// A bounded pipe of messages between two threads: one writes, one reads. A message lies in one piece. A full pipe refuses; it
/// never drops and never grows.
/// </summary>
/// <remarks>
/// <code>
///   0        4      5              13
///   +--------+------+--------------+---------- - -
///   | length | mark | stamp        | bytes          padded to 16
///   +--------+------+--------------+---------- - -
/// </code>
/// A length of -1 says that the next message begins at the start of the buffer.
/// </remarks>
internal sealed class FramePipe
{
    private const int HeadSize = 16;
    private const int Wrap = -1;

    private readonly byte[] _buffer;
    private long _written;
    private long _read;
    private int _taken;

    /// <summary>Creates the pipe.</summary>
    /// <param name="capacity">Bytes; a power of two. A message takes at most a half.</param>
    internal FramePipe(int capacity)
    {
        Ensure.That(capacity >= 64 && (capacity & (capacity - 1)) == 0, "the size of a pipe is a power of two");
        _buffer = GC.AllocateArray<byte>(capacity, pinned: true);
    }

    /// <summary>Bytes of the longest message.</summary>
    internal int MessageMax => (_buffer.Length / 2) - HeadSize;

    /// <summary>Writer: puts a message in.</summary>
    /// <param name="mark">What it is.</param>
    /// <param name="stamp">When it was read, or until when it is good.</param>
    /// <param name="message">Its bytes.</param>
    /// <returns>False when there is no room now.</returns>
    internal bool TryWrite(byte mark, long stamp, ReadOnlySpan<byte> message)
    {
        Ensure.That(message.Length <= MessageMax, "a message that no pipe of this size takes");
        int size = (HeadSize + message.Length + HeadSize - 1) & ~(HeadSize - 1);
        int at = (int)(_written & (_buffer.Length - 1));
        int skipped = size > _buffer.Length - at ? _buffer.Length - at : 0;
        if (_written + skipped + size - Volatile.Read(ref _read) > _buffer.Length)
        {
            return false;
        }

        if (skipped > 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(at), Wrap);
            at = 0;
        }

        Span<byte> head = _buffer.AsSpan(at, HeadSize);
        BinaryPrimitives.WriteInt32LittleEndian(head, message.Length);
        head[4] = mark;
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], stamp);
        message.CopyTo(_buffer.AsSpan(at + HeadSize));
        Volatile.Write(ref _written, _written + skipped + size);
        return true;
    }

    /// <summary>Reader: gives the last message back and takes the next one.</summary>
    /// <param name="mark">What it is.</param>
    /// <param name="stamp">Its stamp.</param>
    /// <param name="message">Its bytes, until the next call.</param>
    /// <returns>False when there is none.</returns>
    internal bool TryRead(out byte mark, out long stamp, out ReadOnlyMemory<byte> message)
    {
        if (_taken > 0)
        {
            Volatile.Write(ref _read, _read + _taken);
            _taken = 0;
        }

        mark = 0;
        stamp = 0;
        message = default;
        if (_read == Volatile.Read(ref _written))
        {
            return false;
        }

        int at = (int)(_read & (_buffer.Length - 1));
        int length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(at));
        if (length == Wrap)
        {
            Volatile.Write(ref _read, _read + _buffer.Length - at);
            at = 0;
            length = BinaryPrimitives.ReadInt32LittleEndian(_buffer);
        }

        mark = _buffer[at + 4];
        stamp = BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(at + 8));
        message = _buffer.AsMemory(at + HeadSize, length);
        _taken = (HeadSize + length + HeadSize - 1) & ~(HeadSize - 1);
        return true;
    }
}
