using System;
using System.Buffers.Binary;
using System.Buffers.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Wire;

/// <summary>
/// Ids of venues in 128 bits, each text its own number: a UUID by its bits, a decimal number by its value, other text of up to
/// 16 characters by its bytes. The three never meet: a number has an empty upper half, text has not, and of a UUID the upper
/// bits of the lower half are 10, which ASCII text never has.
/// </summary>
internal static class WireId
{
    private const int UuidLength = 36;

    /// <summary>Packs an id.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="id">The id; none for no text.</param>
    /// <returns>False when it does not fit: the order or execution cannot be named.</returns>
    internal static bool TryParse(ReadOnlySpan<byte> text, out VenueId id)
    {
        id = VenueId.None;
        if (text.Length == UuidLength)
        {
            return TryUuid(text, out id);
        }

        if (text.Length is > 0 and <= 19 && text[0] != (byte)'0' && DecimalText.TryParse(text, 0, out long number)
            && number > 0 && !text.Contains((byte)'.'))
        {
            id = new VenueId(0, (ulong)number);
            return true;
        }

        if (text.Length > 16 || text.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[16];
        text.CopyTo(padded);
        id = new VenueId(BinaryPrimitives.ReadUInt64BigEndian(padded), BinaryPrimitives.ReadUInt64BigEndian(padded[8..]));
        return true;
    }

    /// <summary>Writes an id as the venue writes it.</summary>
    /// <param name="id">An id.</param>
    /// <param name="destination">At least 36 bytes.</param>
    /// <returns>Bytes written; 0 for no id.</returns>
    internal static int Format(VenueId id, Span<byte> destination)
    {
        if (id.High == 0)
        {
            return id.Low == 0 ? 0 : DecimalText.Format((long)id.Low, 0, destination);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id.High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], id.Low);
        if (id.Low >> 62 == 2)
        {
            Utf8Formatter.TryFormat(new Guid(bytes, bigEndian: true), destination, out int written);
            return written;
        }

        int length = bytes.IndexOf((byte)0) < 0 ? bytes.Length : bytes.IndexOf((byte)0);
        bytes[..length].CopyTo(destination);
        return length;
    }

    private static bool TryUuid(ReadOnlySpan<byte> text, out VenueId id)
    {
        id = VenueId.None;
        Span<byte> bytes = stackalloc byte[16];
        if (!Utf8Parser.TryParse(text, out Guid uuid, out int used) || used != UuidLength
            || !uuid.TryWriteBytes(bytes, bigEndian: true, out _))
        {
            return false;
        }

        id = new VenueId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

        // Another variant than that of RFC 9562 could be taken for text, so it is not an id.
        return id.Low >> 62 == 2 && id.High != 0;
    }
}
