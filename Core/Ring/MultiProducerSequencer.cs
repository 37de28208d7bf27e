using System;
using System.Threading;

namespace LowLatency.Core.Ring;

/// <summary>
/// Positions for several publishing threads. The cursor is the highest claimed position; what is published is told by a
/// second array that holds, for each slot, the last position published there.
/// </summary>
internal sealed class MultiProducerSequencer : Sequencer
{
    private readonly long[] _published;
    private readonly int _mask;
    private readonly Sequence _cachedGating;

    internal MultiProducerSequencer(int capacity, IWaitStrategy waitStrategy, long firstSequence)
        : base(capacity, waitStrategy, firstSequence)
    {
        _published = new long[capacity];
        Array.Fill(_published, Sequence.InitialCursorValue);
        _mask = capacity - 1;
        _cachedGating = new Sequence(firstSequence - 1);
    }

    internal override long Next(int count)
    {
        CheckCount(count);
        SpinWait spin = default;
        while (true)
        {
            long current = Cursor.Value;
            if (!HasRoom(current, count))
            {
                WaitForRoom(ref spin);
            }
            else if (Cursor.CompareAndSet(current, current + count))
            {
                return current + count;
            }
        }
    }

    internal override bool TryNext(int count, out long sequence)
    {
        CheckCount(count);
        while (true)
        {
            long current = Cursor.Value;
            if (!HasRoom(current, count))
            {
                sequence = Sequence.InitialCursorValue;
                return false;
            }

            if (Cursor.CompareAndSet(current, current + count))
            {
                sequence = current + count;
                return true;
            }
        }
    }

    internal override void Publish(long low, long high)
    {
        for (long sequence = low; sequence <= high; sequence++)
        {
            Volatile.Write(ref _published[(int)(sequence & _mask)], sequence);
        }

        Signal();
    }

    internal override long HighestPublished(long lower, long claimed)
    {
        for (long sequence = lower; sequence <= claimed; sequence++)
        {
            if (Volatile.Read(ref _published[(int)(sequence & _mask)]) != sequence)
            {
                return sequence - 1;
            }
        }

        return claimed;
    }

    internal override long GetRemainingCapacity()
    {
        long cursor = Cursor.Value;
        return Capacity - (cursor - Sequence.Minimum(Gating, cursor));
    }

    private bool HasRoom(long current, int count)
    {
        long wrapPoint = current + count - Capacity;
        if (wrapPoint <= _cachedGating.Value)
        {
            return true;
        }

        long gating = Sequence.Minimum(Gating, current);
        _cachedGating.SetValue(gating);
        return wrapPoint <= gating;
    }
}
