using System;
using System.Buffers.Binary;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Formats.Histogram;

/// <summary>Why bytes are not a histogram.</summary>
public enum HistogramFault
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>Shorter than the header.</summary>
    TooShort,

    /// <summary>Not encoding version 2.</summary>
    UnknownCookie,

    /// <summary>Significant digits out of range.</summary>
    Digits,

    /// <summary>The lowest discernible value is below 1, or so high that the digits leave no room above it.</summary>
    LowestValue,

    /// <summary>The highest trackable value is below twice the lowest.</summary>
    HighestValue,

    /// <summary>The payload's length is not the number of bytes that follow the header.</summary>
    PayloadLength,

    /// <summary>The payload ends inside a number.</summary>
    Truncated,

    /// <summary>A run of zeros or a count lies beyond the table.</summary>
    BeyondTable,

    /// <summary>The counts together do not fit 64 bits.</summary>
    TooMany,
}

/// <summary>
/// The binary encoding of histograms, version 2, uncompressed: a header of 40 bytes, big-endian, then the counts as
/// ZigZag LEB128 numbers of at most 9 bytes, a negative one for a run of zeros.
/// </summary>
/// <remarks>
/// <code>
///   0       4              8                        12      16                 24                32               40
///   +-------+--------------+------------------------+-------+------------------+-----------------+----------------+---
///   |cookie |payload bytes |normalizing offset = 0  |digits |lowest value      |highest value    |ratio = 1.0     |...
///   +-------+--------------+------------------------+-------+------------------+-----------------+----------------+---
/// </code>
/// Offset and ratio mean nothing for histograms of integers; writers disagree on them, and they are not read.
/// </remarks>
public static class HistogramEncoding
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 40;

    /// <summary>First word of the encoding: version 2, numbers of variable length.</summary>
    public const uint Cookie = 0x1C849303 | 0x10;

    /// <summary>First word of the compressed form, which wraps this one in zlib.</summary>
    public const uint CompressedCookie = 0x1C849304 | 0x10;

    /// <summary>Most bytes of a number.</summary>
    public const int NumberBytes = 9;

    // Older versions kept the size of a count here; version 2 writes 1 and its readers look past it.
    private const uint WordSizeBits = 0xF0;

    /// <summary>Most bytes that an encoded histogram takes.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <returns>Room for <see cref="Encode"/>.</returns>
    public static int MaximumBytes(HdrHistogram histogram) =>
        HeaderBytes + (NumberBytes * (histogram.IndexOf(histogram.Maximum) + 1));

    /// <summary>Encodes a histogram.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="destination">At least <see cref="MaximumBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Encode(HdrHistogram histogram, Span<byte> destination)
    {
        Ensure.That(destination.Length >= MaximumBytes(histogram), "no room for an encoded histogram");
        ReadOnlySpan<long> counts = histogram.Counts[..(histogram.IndexOf(histogram.Maximum) + 1)];
        int position = HeaderBytes;
        for (int i = 0; i < counts.Length;)
        {
            int zeros = 0;
            while (i + zeros < counts.Length && counts[i + zeros] == 0)
            {
                zeros++;
            }

            // A lone zero is written as the count 0, as the reference does; readers take -1 as well.
            long number = zeros > 1 ? -zeros : counts[i];
            i += Math.Max(zeros, 1);
            position += WriteNumber(destination[position..], number);
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, Cookie);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], position - HeaderBytes);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], 0);
        BinaryPrimitives.WriteInt32BigEndian(destination[12..], histogram.SignificantDigits);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], histogram.LowestDiscernible);
        BinaryPrimitives.WriteInt64BigEndian(destination[24..], histogram.HighestTrackable);
        BinaryPrimitives.WriteDoubleBigEndian(destination[32..], 1.0);
        return position;
    }

    /// <summary>Decodes a histogram. Its smallest and largest values are known only up to their equivalents.</summary>
    /// <param name="bytes">The whole encoding; nothing may follow it.</param>
    /// <param name="histogram">The histogram, when the result is <see cref="HistogramFault.None"/>.</param>
    /// <returns>Why the bytes are not a histogram.</returns>
    public static HistogramFault Decode(ReadOnlySpan<byte> bytes, out HdrHistogram? histogram)
    {
        histogram = null;
        if (bytes.Length < HeaderBytes)
        {
            return HistogramFault.TooShort;
        }

        if ((BinaryPrimitives.ReadUInt32BigEndian(bytes) & ~WordSizeBits) != (Cookie & ~WordSizeBits))
        {
            return HistogramFault.UnknownCookie;
        }

        int payloadBytes = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
        int digits = BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
        long lowest = BinaryPrimitives.ReadInt64BigEndian(bytes[16..]);
        long highest = BinaryPrimitives.ReadInt64BigEndian(bytes[24..]);
        if (digits is < 1 or > HdrHistogram.MaximumDigits)
        {
            return HistogramFault.Digits;
        }

        if (lowest < 1 || !HdrHistogram.FitsLayout(lowest, digits))
        {
            return HistogramFault.LowestValue;
        }

        if (highest / 2 < lowest)
        {
            return HistogramFault.HighestValue;
        }

        if (payloadBytes != bytes.Length - HeaderBytes)
        {
            return HistogramFault.PayloadLength;
        }

        HdrHistogram decoded = new(highest, digits, lowest);
        HistogramFault fault = DecodeCounts(bytes[HeaderBytes..], decoded);
        histogram = fault == HistogramFault.None ? decoded : null;
        return fault;
    }

    private static HistogramFault DecodeCounts(ReadOnlySpan<byte> payload, HdrHistogram decoded)
    {
        long index = 0;
        while (!payload.IsEmpty)
        {
            int read = ReadNumber(payload, out long number);
            if (read == 0)
            {
                return HistogramFault.Truncated;
            }

            payload = payload[read..];
            int room = decoded.Counts.Length - (int)index;
            if (number < 0)
            {
                if (number < -room)
                {
                    return HistogramFault.BeyondTable;
                }

                index -= number;
            }
            else if (room == 0)
            {
                return HistogramFault.BeyondTable;
            }
            else if (!decoded.TrySetCount((int)index++, number))
            {
                return HistogramFault.TooMany;
            }
        }

        return HistogramFault.None;
    }

    private static int WriteNumber(Span<byte> destination, long number)
    {
        ulong bits = unchecked(((ulong)number << 1) ^ (ulong)(number >> 63));
        int length = 0;
        while (bits > 0x7F && length < NumberBytes - 1)
        {
            destination[length++] = (byte)(bits & 0x7F | 0x80);
            bits >>= 7;
        }

        // The ninth byte has no continuation bit: its eight bits complete the sixty-four.
        destination[length++] = (byte)bits;
        return length;
    }

    private static int ReadNumber(ReadOnlySpan<byte> source, out long number)
    {
        ulong bits = 0;
        for (int i = 0; i < source.Length && i < NumberBytes; i++)
        {
            bool last = i == NumberBytes - 1 || source[i] <= 0x7F;
            ulong part = i == NumberBytes - 1 ? source[i] : source[i] & 0x7FUL;
            bits |= part << (7 * i);
            if (last)
            {
                number = unchecked((long)(bits >> 1) ^ -(long)(bits & 1));
                return i + 1;
            }
        }

        number = 0;
        return 0;
    }
}
