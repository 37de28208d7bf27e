using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LowLatency.Journal.Format;

/// <summary>
/// Checks many records at once. A record's CRC is seeded with the CRC that is <i>stored</i> in the record before it, not
/// with a computed one: so records can be checked side by side, and the processor, which takes three cycles for one step
/// of one chain but starts a step each cycle, is kept busy with four of them.
/// </summary>
internal static class RecordCheck
{
    private const int Words = SegmentLayout.RecordSize / sizeof(ulong);
    private const int Lanes = 4;

    /// <summary>How many records from the start are valid and in order.</summary>
    /// <param name="records">Whole records.</param>
    /// <param name="seed">CRC stored in the record before the first.</param>
    /// <param name="number">Number that the first must have.</param>
    /// <param name="kind">The stream.</param>
    /// <returns>Their count.</returns>
    public static int ValidPrefix(ReadOnlySpan<byte> records, uint seed, long number, StreamKind kind)
    {
        int count = records.Length / SegmentLayout.RecordSize;
        int numbered = SegmentLayout.NumberOffset(kind) / sizeof(ulong);
        ref ulong first = ref Unsafe.As<byte, ulong>(ref MemoryMarshal.GetReference(records));
        int done = 0;
        while (done + Lanes <= count)
        {
            ref ulong a = ref Unsafe.Add(ref first, done * Words);
            ref ulong b = ref Unsafe.Add(ref a, Words);
            ref ulong c = ref Unsafe.Add(ref b, Words);
            ref ulong d = ref Unsafe.Add(ref c, Words);
            uint afterA = Stored(ref a);
            uint afterB = Stored(ref b);
            uint afterC = Stored(ref c);
            uint crcA = ~seed;
            uint crcB = ~afterA;
            uint crcC = ~afterB;
            uint crcD = ~afterC;
            for (int i = 0; i < Words - 1; i++)
            {
                crcA = BitOperations.Crc32C(crcA, Unsafe.Add(ref a, i));
                crcB = BitOperations.Crc32C(crcB, Unsafe.Add(ref b, i));
                crcC = BitOperations.Crc32C(crcC, Unsafe.Add(ref c, i));
                crcD = BitOperations.Crc32C(crcD, Unsafe.Add(ref d, i));
            }

            uint wrong = (~BitOperations.Crc32C(crcA, Mark(ref a)) ^ afterA)
                | (~BitOperations.Crc32C(crcB, Mark(ref b)) ^ afterB)
                | (~BitOperations.Crc32C(crcC, Mark(ref c)) ^ afterC)
                | (~BitOperations.Crc32C(crcD, Mark(ref d)) ^ Stored(ref d));
            long next = number + done;
            long strange = ((long)Unsafe.Add(ref a, numbered) ^ next)
                | ((long)Unsafe.Add(ref b, numbered) ^ (next + 1))
                | ((long)Unsafe.Add(ref c, numbered) ^ (next + 2))
                | ((long)Unsafe.Add(ref d, numbered) ^ (next + 3));
            if (wrong != 0 || strange != 0)
            {
                break;
            }

            seed = Stored(ref d);
            done += Lanes;
        }

        // One by one: the last few, and those before a bad one.
        for (; done < count; done++)
        {
            ReadOnlySpan<byte> record = records.Slice(done * SegmentLayout.RecordSize, SegmentLayout.RecordSize);
            if (Record.Crc(record, seed) != Record.StoredCrc(record) || Record.Number(record, kind) != number + done)
            {
                break;
            }

            seed = Record.StoredCrc(record);
        }

        return done;
    }

    private static uint Stored(ref ulong record) => (uint)(Unsafe.Add(ref record, Words - 1) >> 32);

    private static uint Mark(ref ulong record) => (uint)Unsafe.Add(ref record, Words - 1);
}
