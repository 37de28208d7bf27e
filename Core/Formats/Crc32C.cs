using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Formats;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720): reflected polynomial 0x82F63B78, register inverted before and after. The inversions
/// cancel between two calls, so a checksum can be taken in pieces and one record's checksum can seed the next.
/// </summary>
public static class Crc32C
{
    /// <summary>Continues a checksum.</summary>
    /// <param name="crc">Checksum of all bytes before; 0 when there are none.</param>
    /// <param name="bytes">The bytes that follow.</param>
    /// <returns>Checksum of all bytes.</returns>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint register = ~crc;
        while (bytes.Length >= sizeof(ulong))
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
        {
            register = BitOperations.Crc32C(register, value);
        }

        return ~register;
    }

    /// <summary>
    /// The checksum of an event as a link of a chain: its bytes before the CRC field, seeded with the CRC stored in
    /// the record before it. The same as <see cref="Append"/> on those bytes, without its loop.
    /// </summary>
    /// <param name="seed">Stored CRC of the record before; for the first one, the chain's seed.</param>
    /// <param name="e">The event; its CRC field is not read.</param>
    /// <returns>The value of its CRC field.</returns>
    public static uint AppendRecord(uint seed, ref readonly Event e)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Ensure.Break("an event is little-endian bytes in memory and on disk");
        }

        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<Event, ulong>(new ReadOnlySpan<Event>(in e));
        uint register = ~seed;

        // Unrolled by hand: the length is part of the format, and the dependency chain leaves room for nothing else.
        register = BitOperations.Crc32C(register, words[0]);
        register = BitOperations.Crc32C(register, words[1]);
        register = BitOperations.Crc32C(register, words[2]);
        register = BitOperations.Crc32C(register, words[3]);
        register = BitOperations.Crc32C(register, words[4]);
        register = BitOperations.Crc32C(register, words[5]);
        register = BitOperations.Crc32C(register, words[6]);
        register = BitOperations.Crc32C(register, words[7]);
        register = BitOperations.Crc32C(register, words[8]);
        register = BitOperations.Crc32C(register, words[9]);
        register = BitOperations.Crc32C(register, words[10]);
        register = BitOperations.Crc32C(register, words[11]);
        register = BitOperations.Crc32C(register, words[12]);
        register = BitOperations.Crc32C(register, words[13]);
        register = BitOperations.Crc32C(register, words[14]);
        return ~BitOperations.Crc32C(register, e.Reserved);
    }
}
