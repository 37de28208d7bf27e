using System;
using System.Text;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Live;

/// <summary>Reads the headers of an answer.</summary>
internal static class Headers
{
    /// <summary>A header that is a whole number.</summary>
    /// <param name="headers">All headers.</param>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>-1 when it is missing or no number.</returns>
    internal static long Number(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        while (!headers.IsEmpty)
        {
            int end = headers.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? headers : headers[..end];
            headers = end < 0 ? default : headers[(end + 1)..];
            int colon = line.IndexOf((byte)':');
            if (colon == name.Length && Ascii.EqualsIgnoreCase(line[..colon], name))
            {
                ReadOnlySpan<byte> value = line[(colon + 1)..].Trim((byte)' ').TrimEnd((byte)'\r');
                return DecimalText.TryParse(value, 0, out long number) && number >= 0 ? number : -1;
            }
        }

        return -1;
    }
}
