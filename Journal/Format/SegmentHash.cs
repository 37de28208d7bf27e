using System;
using System.Security.Cryptography;
using LowLatency.Core.Events;

namespace LowLatency.Journal.Format;

/// <summary>The SHA-256 of a segment, taken as its records are written or read: header, records, previous hash.</summary>
internal sealed class SegmentHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Starts a segment.</summary>
    /// <param name="header">Its header, as current.</param>
    public void Start(in SegmentHeader header)
    {
        Span<byte> page = stackalloc byte[SegmentLayout.PageSize];
        header.Write(page);
        Span<byte> dropped = stackalloc byte[32];
        _ = _hash.GetHashAndReset(dropped);
        _hash.AppendData(page[..SegmentLayout.PageCrcOffset]);
    }

    /// <summary>Adds records.</summary>
    /// <param name="records">Whole records.</param>
    public void Add(ReadOnlySpan<byte> records) => _hash.AppendData(records);

    /// <summary>Ends the segment.</summary>
    /// <param name="previous">The hash of the segment before.</param>
    /// <returns>The hash of this one.</returns>
    public Hash32 Finish(in Hash32 previous)
    {
        Hash32 result = default;
        _hash.AppendData((ReadOnlySpan<byte>)previous);
        _ = _hash.GetHashAndReset(result);
        return result;
    }

    public void Dispose() => _hash.Dispose();
}
