using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Values;

/// <summary>
/// The identity of an order: a function of (instance, epoch, sequence, ordinal), never hashed and never random, so that a
/// replay makes the same ids and a stranger can decode one found at the venue.
/// </summary>
/// <remarks>
/// Packed: bits 63..52 epoch (12), bits 51..6 sequence (46), bits 5..0 ordinal (6). The instance is the same for a whole
/// journal and is added in the text form only.
/// </remarks>
/// <param name="Packed">The packed id; 0 means none.</param>
public readonly record struct OrderId(long Packed)
{
    /// <summary>Epochs that one instance can use before its journal directory must be retired.</summary>
    public const int EpochMax = (1 << 11) - 1;

    /// <summary>Highest sequence that an id can carry (7 x 10^13).</summary>
    public const long SequenceMax = (1L << 46) - 1;

    /// <summary>Ordinals per event.</summary>
    public const int OrdinalMax = (1 << 6) - 1;

    /// <summary>No order.</summary>
    public static OrderId None => default;

    /// <summary>True when this is no order.</summary>
    public bool IsNone => Packed == 0;

    /// <summary>The epoch in which the order was made.</summary>
    public int Epoch => (int)(Packed >> 52);

    /// <summary>The event that caused the order.</summary>
    public long Sequence => (Packed >> 6) & SequenceMax;

    /// <summary>Which of the event's orders it is, from 0.</summary>
    public int Ordinal => (int)(Packed & OrdinalMax);

    /// <summary>Makes the id.</summary>
    /// <param name="epoch">1 to <see cref="EpochMax"/>.</param>
    /// <param name="sequence">0 to <see cref="SequenceMax"/>.</param>
    /// <param name="ordinal">0 to <see cref="OrdinalMax"/>.</param>
    /// <returns>The id; it is never <see cref="None"/> because the epoch is at least 1.</returns>
    public static OrderId Of(int epoch, long sequence, int ordinal)
    {
        Ensure.That(epoch is >= 1 and <= EpochMax, "epoch of an order id out of range");
        Ensure.That(sequence is >= 0 and <= SequenceMax, "sequence of an order id out of range");
        Ensure.That(ordinal is >= 0 and <= OrdinalMax, "ordinal of an order id out of range");
        return new OrderId(((long)epoch << 52) | (sequence << 6) | (long)ordinal);
    }

    /// <summary>
    /// Writes the venue's client order id: <c>LL</c>, instance, epoch, sequence, ordinal in lower-case base 36 joined by
    /// hyphens. At most 36 characters of [A-Za-z0-9_-], the strictest rule of the venues we speak to.
    /// </summary>
    /// <param name="instance">The instance number of the journal.</param>
    /// <param name="destination">At least 36 bytes.</param>
    /// <returns>Bytes written.</returns>
    public int Format(ushort instance, Span<byte> destination)
    {
        destination[0] = (byte)'L';
        destination[1] = (byte)'L';
        int length = 2 + Base36(instance, destination[2..]);
        destination[length++] = (byte)'-';
        length += Base36(Epoch, destination[length..]);
        destination[length++] = (byte)'-';
        length += Base36(Sequence, destination[length..]);
        destination[length++] = (byte)'-';
        length += Base36(Ordinal, destination[length..]);
        return length;
    }

    /// <summary>Decodes a client order id of ours.</summary>
    /// <param name="text">The venue's text.</param>
    /// <param name="instance">The instance that made it.</param>
    /// <param name="id">The id.</param>
    /// <returns>False when the text is not one of ours.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out ushort instance, out OrderId id)
    {
        instance = 0;
        id = None;
        if (text.Length is < 8 or > 36 || text[0] != (byte)'L' || text[1] != (byte)'L')
        {
            return false;
        }

        text = text[2..];
        if (!Field(ref text, ushort.MaxValue, last: false, out long parsedInstance)
            || !Field(ref text, EpochMax, last: false, out long epoch)
            || !Field(ref text, SequenceMax, last: false, out long sequence)
            || !Field(ref text, OrdinalMax, last: true, out long ordinal)
            || epoch == 0)
        {
            return false;
        }

        instance = (ushort)parsedInstance;
        id = Of((int)epoch, sequence, (int)ordinal);
        return true;
    }

    private static bool Field(ref ReadOnlySpan<byte> text, long max, bool last, out long value)
    {
        value = 0;
        int index = 0;
        while (index < text.Length && text[index] != (byte)'-')
        {
            int digit = text[index] switch
            {
                >= (byte)'0' and <= (byte)'9' => text[index] - (byte)'0',
                >= (byte)'a' and <= (byte)'z' => text[index] - (byte)'a' + 10,
                _ => -1,
            };
            if (digit < 0 || value > (max - digit) / 36)
            {
                return false;
            }

            value = (value * 36) + digit;
            index++;
        }

        // One spelling only: no empty field, no leading zero, a separator exactly where one belongs.
        if (index == 0 || (index > 1 && text[0] == (byte)'0') || last != (index == text.Length))
        {
            return false;
        }

        text = last ? default : text[(index + 1)..];
        return true;
    }

    private static int Base36(long value, Span<byte> destination)
    {
        Span<byte> reversed = stackalloc byte[13];
        int length = 0;
        do
        {
            int digit = (int)(value % 36);
            reversed[length++] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            value /= 36;
        }
        while (value != 0);

        for (int i = 0; i < length; i++)
        {
            destination[i] = reversed[length - 1 - i];
        }

        return length;
    }
}
