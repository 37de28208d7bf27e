using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Journal.Format;

/// <summary>What both streams' records have in common: their number, the sync mark, the chained CRC.</summary>
internal static class Record
{
    /// <summary>The stored CRC.</summary>
    /// <param name="record">128 bytes.</param>
    /// <returns>The CRC.</returns>
    public static uint StoredCrc(ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[SegmentLayout.CrcOffset..]);

    /// <summary>The CRC that the record must have.</summary>
    /// <param name="record">128 bytes.</param>
    /// <param name="seed">Stored CRC of the record before.</param>
    /// <returns>The CRC.</returns>
    public static uint Crc(ReadOnlySpan<byte> record, uint seed) =>
        Crc32C.AppendRecord(seed, in Unsafe.As<byte, Event>(ref MemoryMarshal.GetReference(record[..Event.Size])));

    /// <summary>The record's own number.</summary>
    /// <param name="record">128 bytes.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>The number.</returns>
    public static long Number(ReadOnlySpan<byte> record, StreamKind kind) =>
        BinaryPrimitives.ReadInt64LittleEndian(record[SegmentLayout.NumberOffset(kind)..]);

    /// <summary>The sync mark: how far before this record the log was durable when it was appended; 0 says nothing.</summary>
    /// <param name="record">128 bytes.</param>
    /// <returns>The distance in records.</returns>
    public static uint Mark(ReadOnlySpan<byte> record) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[SegmentLayout.MarkOffset..]);

    /// <summary>True when every byte is zero: the end of what was written.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>Whether they are.</returns>
    public static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);
}
