using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace LowLatency.Core.Ring;

/// <summary>
/// A position in the order of events, alone on its cache lines: 128 bytes of padding on both sides, because processors
/// fetch lines in pairs. A sequence has one writer, except the cursor of a ring with several producers.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = (2 * Padding) + 8)]
public sealed class Sequence
{
    /// <summary>The value before the first event.</summary>
    public const long InitialCursorValue = -1;

    /// <summary>Bytes kept free on each side.</summary>
    public const int Padding = 128;

    [FieldOffset(Padding)]
    private long _value;

    /// <summary>Creates a sequence.</summary>
    /// <param name="initialValue">The last position that counts as done; -1 when nothing is.</param>
    public Sequence(long initialValue = InitialCursorValue)
    {
        _value = initialValue;
    }

    /// <summary>The position, read with acquire semantics: what was written before it was set is visible.</summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _value);
    }

    /// <summary>Sets the position with release semantics: what was written before is visible to who reads it.</summary>
    /// <param name="value">The new position.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetValue(long value) => Volatile.Write(ref _value, value);

    /// <summary>Moves the position if nobody else did.</summary>
    /// <param name="expected">What it must be.</param>
    /// <param name="value">What it becomes.</param>
    /// <returns>False when it was not <paramref name="expected"/>.</returns>
    public bool CompareAndSet(long expected, long value) =>
        Interlocked.CompareExchange(ref _value, value, expected) == expected;

    /// <summary>The smallest of some positions.</summary>
    /// <param name="sequences">The positions.</param>
    /// <param name="minimum">The result is never above this; it is the result when there are none.</param>
    /// <returns>The smallest.</returns>
    internal static long Minimum(Sequence[] sequences, long minimum)
    {
        foreach (Sequence sequence in sequences)
        {
            long value = sequence.Value;
            if (value < minimum)
            {
                minimum = value;
            }
        }

        return minimum;
    }
}
