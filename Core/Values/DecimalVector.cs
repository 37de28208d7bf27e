using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LowLatency.Core.Values;

/// <summary>
/// Decimal text of up to sixteen characters at once: digits and at most one point among them. What is of another form it
/// leaves to <see cref="DecimalText"/>, which says the same of everything that both can read.
/// </summary>
public static class DecimalVector
{
    /// <summary>Bytes that are loaded, whatever the text's length.</summary>
    public const int Width = 16;

    /// <summary>True where the processor has the instructions.</summary>
    public static bool IsSupported => Ssse3.IsSupported && Sse41.IsSupported;

    // Picks of a shuffle that moves bytes up by s places: sixteen from offset Width - s. Beyond the start comes zero.
    private static ReadOnlySpan<byte> Up =>
    [
        0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    ];

    // Ones in the last n bytes: sixteen from offset n.
    private static ReadOnlySpan<byte> Last =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    private static ReadOnlySpan<ulong> Powers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary>Parses a text.</summary>
    /// <param name="text">
    /// Its first byte: <see cref="Width"/> bytes from there must be readable, whatever the text's length.
    /// </param>
    /// <param name="length">Characters of the text; beyond 1 to <see cref="Width"/> it is undecided.</param>
    /// <param name="exponent">Decimal places of the unit, 0 to <see cref="DecimalText.ExponentMax"/>.</param>
    /// <param name="units">The number of units when the result is true.</param>
    /// <returns>False when it is not of this form, or does not fit: undecided.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ref readonly byte text, int length, int exponent, out long units)
    {
        units = 0;
        if (length is < 1 or > Width)
        {
            return false;
        }

        // Bits of masks, places of bytes, and digits whose ranges are known: nothing of it can overflow.
        unchecked
        {
            Vector128<byte> digits = Vector128.LoadUnsafe(in text) - Vector128.Create((byte)'0');
            uint others = Vector128.GreaterThan(digits, Vector128.Create((byte)9)).ExtractMostSignificantBits() & ((1u << length) - 1);
            int power = exponent;
            Vector128<byte> aligned = Vector128.ShuffleNative(digits, Shift(length + 1));
            if (others != 0)
            {
                int point = BitOperations.TrailingZeroCount(others);
                int decimals = length - point - 1;
                power -= decimals;
                if ((others & (others - 1)) != 0 || Unsafe.Add(ref Unsafe.AsRef(in text), point) != (byte)'.'
                    || point == 0 || decimals == 0 || power < 0)
                {
                    return false;
                }

                // Digits before the point go one place further up, over it.
                Vector128<byte> whole = Vector128.ShuffleNative(digits, Shift(length));
                Vector128<byte> last = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Last), (nuint)(uint)decimals);
                aligned = Vector128.ConditionalSelect(last, aligned, whole);
            }

            // Sixteen digits become eight numbers of two, four of four, two of eight.
            Vector128<short> pairs = Ssse3.MultiplyAddAdjacent(aligned, Vector128.Create((short)0x010A).AsSByte());
            Vector128<int> fours = Sse2.MultiplyAddAdjacent(pairs, Vector128.Create(0x0001_0064).AsInt16());
            Vector128<ushort> packed = Sse41.PackUnsignedSaturate(fours, fours);
            ulong halves = Sse2.MultiplyAddAdjacent(packed.AsInt16(), Vector128.Create(0x0001_2710).AsInt16()).AsUInt64().ToScalar();
            ulong number = ((halves & uint.MaxValue) * 100_000_000) + (halves >> 32);
            ulong beyond = Math.BigMul(number, Powers[power], out ulong magnitude);
            units = (long)magnitude;
            return beyond == 0 && units >= 0;
        }
    }

    // Moves bytes up by 17 - offset places.
    private static Vector128<byte> Shift(int offset) =>
        Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(Up), (nuint)(uint)offset);
}
