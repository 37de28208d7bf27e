using System;
using System.Threading;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Takes sealed segments from the front of a stream. The base file is durable before the first of them loses its name:
/// whatever cuts this off, the stream begins at the old front or at the new one, never in between.
/// </summary>
internal sealed class Retention(
    IStorage storage, string directory, StreamKind kind, JournalOptions options, SpareFiles spares, long first)
{
    /// <summary>Segments that one step retires at most.</summary>
    private const int StepSegments = 32;

    private long _first = first;
    private long _before;
    private long _settled;

    /// <summary>Number of the first record that is kept. Any thread.</summary>
    public long First => Volatile.Read(ref _first);

    /// <summary>Asks for segments entirely before a record to be retired. Any thread; a lower number changes nothing.</summary>
    /// <param name="record">The first record that is needed.</param>
    public void Request(long record)
    {
        long present = Volatile.Read(ref _before);
        while (record > present)
        {
            long seen = Interlocked.CompareExchange(ref _before, record, present);
            if (seen == present)
            {
                return;
            }

            present = seen;
        }
    }

    /// <summary>Retires some of what was asked for. Pumping thread.</summary>
    /// <param name="sealedBefore">Number after the last record of the last sealed segment.</param>
    /// <param name="error">The error, or null.</param>
    /// <returns>True when something was done.</returns>
    public bool Step(long sealedBefore, out StorageError? error)
    {
        error = null;
        long limit = Math.Min(Volatile.Read(ref _before), sealedBefore);
        if (limit <= _settled)
        {
            return false;
        }

        Span<long> firsts = stackalloc long[StepSegments];
        int count = 0;
        StreamBase kept = default;
        long next = _first;
        while (count < StepSegments)
        {
            error = Look(next, out SegmentFooter footer, out bool isSealed);
            if (error is not null)
            {
                return true;
            }

            if (!isSealed || footer.Count <= 0 || next + footer.Count > limit)
            {
                _settled = limit;
                break;
            }

            firsts[count++] = next;
            next += footer.Count;
            kept = new StreamBase(next, footer.LastCrc, footer.Hash);
        }

        if (count == 0)
        {
            return false;
        }

        error = kept.Write(storage, directory, kind, options.Instance, options.Key);
        for (int i = 0; i < count && error is null; i++)
        {
            error = spares.Retire(firsts[i]);
        }

        error ??= storage.SyncDirectory(directory);
        Volatile.Write(ref _first, next);
        return true;
    }

    private StorageError? Look(long segmentFirst, out SegmentFooter footer, out bool isSealed)
    {
        footer = default;
        isSealed = false;
        StorageError? error = SegmentFile.Open(
            storage, directory, SegmentLayout.Name(kind, segmentFirst), OpenMode.Read, out SegmentFile? segment);
        if (error is not null)
        {
            return error;
        }

        using (segment!)
        {
            footer = segment!.Footer;
            isSealed = segment.IsSealed;
            return null;
        }
    }
}
