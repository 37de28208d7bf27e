using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// Levels of a book as machines write them: <c>["65000.15","0.123"],["65000.20","4"]</c>, nothing but that. An item is looked at
/// all at once; at the first one that is written in any other way it stops, and the cursor reads on token by token.
/// </summary>
internal static class PairScan
{
    /// <summary>Bytes of an item, and the room behind the last number that a load of it may touch.</summary>
    private const int Reach = 32 + DecimalVector.Width;

    /// <summary>Reads items as long as they are written like that.</summary>
    /// <param name="json">The message.</param>
    /// <param name="at">Offset of the bracket that opens the first item; afterwards behind the bracket that closes the last.</param>
    /// <param name="firstExponent">Decimal places of the first number's unit.</param>
    /// <param name="secondExponent">Decimal places of the second number's unit.</param>
    /// <param name="numbers">Room for the numbers, two of each item.</param>
    /// <returns>Numbers that were read: twice the items.</returns>
    internal static int Read(ReadOnlySpan<byte> json, ref int at, int firstExponent, int secondExponent, Span<long> numbers)
    {
        if (!DecimalVector.IsSupported)
        {
            return 0;
        }

        // Bits of masks, and offsets that the length of the message bounds: nothing here can overflow.
        unchecked
        {
            ref byte start = ref MemoryMarshal.GetReference(json);
            int last = json.Length - Reach;
            int item = at;
            int count = 0;
            while (item <= last && count + 1 < numbers.Length)
            {
                ref byte bytes = ref Unsafe.Add(ref start, item);
                uint quotes = Vector256.Equals(
                    Vector256.LoadUnsafe(ref bytes), Vector256.Create((byte)'"')).ExtractMostSignificantBits();
                uint later = quotes & (quotes - 1);
                int firstEnd = BitOperations.TrailingZeroCount(later);
                later &= later - 1;
                int secondStart = BitOperations.TrailingZeroCount(later) + 1;
                later &= later - 1;
                int secondEnd = BitOperations.TrailingZeroCount(later);

                // Four quotes within 32 bytes, so that the closing bracket is at most the 33rd and every load is inside.
                if ((quotes & 0b11) != 0b10 || later == 0 || secondStart != firstEnd + 3
                    || Unsafe.As<byte, ushort>(ref bytes) != ('[' | ('"' << 8))
                    || Unsafe.Add(ref bytes, firstEnd + 1) != (byte)','
                    || Unsafe.Add(ref bytes, secondEnd + 1) != (byte)']'
                    || !DecimalVector.TryParse(ref Unsafe.Add(ref bytes, 2), firstEnd - 2, firstExponent, out numbers[count])
                    || !DecimalVector.TryParse(
                        ref Unsafe.Add(ref bytes, secondStart), secondEnd - secondStart, secondExponent, out numbers[count + 1]))
                {
                    break;
                }

                at = item + secondEnd + 2;
                count += 2;
                if (Unsafe.Add(ref start, at) != (byte)',')
                {
                    break;
                }

                item = at + 1;
            }

            return count;
        }
    }
}
