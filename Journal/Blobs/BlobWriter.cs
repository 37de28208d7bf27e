using System;
using System.Security.Cryptography;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Blobs;

/// <summary>Cuts a rare variable-length fact into consecutive blob events: SHA-256 of the content, then the content.</summary>
public static class BlobWriter
{
    private const int HashBytes = 32;

    /// <summary>Makes the parts.</summary>
    /// <param name="purpose">What the blob holds.</param>
    /// <param name="content">At most <see cref="Limits.BlobBytes"/> bytes.</param>
    /// <param name="receivedAt">ReceivedAt of every part.</param>
    /// <returns>The events, without sequence; one group.</returns>
    public static Event[] Parts(BlobPurpose purpose, ReadOnlySpan<byte> content, long receivedAt)
    {
        Ensure.That(content.Length <= Limits.BlobBytes, "a blob larger than the limit");
        byte[] whole = new byte[HashBytes + content.Length];
        SHA256.HashData(content, whole);
        content.CopyTo(whole.AsSpan(HashBytes));
        int count = (whole.Length + BlobPart.DataSize - 1) / BlobPart.DataSize;
        Event[] parts = new Event[count];
        for (int i = 0; i < count; i++)
        {
            BlobPart part = new()
            {
                Purpose = purpose,
                Part = (ushort)i,
                Parts = (ushort)count,
                ContentBytes = content.Length,
            };
            ReadOnlySpan<byte> rest = whole.AsSpan(i * BlobPart.DataSize);
            rest[..Math.Min(rest.Length, BlobPart.DataSize)].CopyTo(part.Data);
            parts[i].ReceivedAt = receivedAt;
            parts[i].Source = EventSource.Engine;
            parts[i].Flags = (i == 0 ? EventFlags.First : EventFlags.None)
                | (i == count - 1 ? EventFlags.Last : EventFlags.None);
            parts[i].Set(part);
        }

        return parts;
    }
}

/// <summary>Joins blob events again. An incomplete or damaged blob gives nothing and is counted.</summary>
public sealed class BlobCollector
{
    private const int HashBytes = 32;

    private byte[] _whole = [];
    private BlobPurpose _purpose;
    private int _next;
    private int _parts;
    private int _contentBytes;

    /// <summary>Blobs that were begun and not completed, or whose hash did not agree.</summary>
    public int Broken { get; private set; }

    /// <summary>Takes the next event; other kinds than blob parts break an unfinished blob.</summary>
    /// <param name="e">The event.</param>
    /// <param name="purpose">What the completed blob holds.</param>
    /// <param name="content">The completed blob.</param>
    /// <returns>True when this event completed a blob whose hash agrees.</returns>
    public bool TryComplete(in Event e, out BlobPurpose purpose, out ReadOnlyMemory<byte> content)
    {
        purpose = BlobPurpose.None;
        content = default;
        if (e.Kind != EventKind.BlobPart)
        {
            Abandon();
            return false;
        }

        BlobPart part = e.BlobPart;
        if (part.Part == 0)
        {
            Abandon();
            if (!Begin(part))
            {
                return false;
            }
        }

        if (_parts == 0
            || part.Part != _next
            || part.Parts != _parts
            || part.Purpose != _purpose
            || part.ContentBytes != _contentBytes)
        {
            Abandon();
            return false;
        }

        Span<byte> rest = _whole.AsSpan(_next * BlobPart.DataSize);
        ReadOnlySpan<byte> data = part.Data;
        data[..Math.Min(rest.Length, BlobPart.DataSize)].CopyTo(rest);
        if (++_next < _parts)
        {
            return false;
        }

        _parts = 0;
        ReadOnlyMemory<byte> candidate = _whole.AsMemory(HashBytes);
        if (!SHA256.HashData(candidate.Span).AsSpan().SequenceEqual(_whole.AsSpan(0, HashBytes)))
        {
            Broken++;
            return false;
        }

        purpose = _purpose;
        content = candidate;
        return true;
    }

    private bool Begin(in BlobPart part)
    {
        int whole = HashBytes + part.ContentBytes;
        bool sound = part.ContentBytes is >= 0 and <= Limits.BlobBytes
            && part.Parts == (whole + BlobPart.DataSize - 1) / BlobPart.DataSize;
        if (!sound)
        {
            Broken++;
            return false;
        }

        _whole = new byte[whole];
        _purpose = part.Purpose;
        _parts = part.Parts;
        _contentBytes = part.ContentBytes;
        _next = 0;
        return true;
    }

    private void Abandon()
    {
        if (_parts != 0)
        {
            Broken++;
            _parts = 0;
        }
    }
}
