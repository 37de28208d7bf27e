using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>Positions for one publishing thread: plain arithmetic, one release store, no interlocked operation.</summary>
internal sealed class SingleProducerSequencer : Sequencer
{
    private readonly bool _checkThread;
    private ProducerState _state;
    private Thread? _producer;

    internal SingleProducerSequencer(int capacity, IWaitStrategy waitStrategy, long firstSequence, bool checkThread)
        : base(capacity, waitStrategy, firstSequence)
    {
        _checkThread = checkThread;
        _state.Claimed = firstSequence - 1;
        _state.Published = firstSequence - 1;
        _state.CachedGating = firstSequence - 1;
    }

    internal override long Next(int count)
    {
        CheckCount(count);
        CheckThread();
        long next = _state.Claimed + count;
        if (next - Capacity > _state.CachedGating)
        {
            WaitUntilNotBehind(next - Capacity);
        }

        _state.Claimed = next;
        return next;
    }

    internal override bool TryNext(int count, out long sequence)
    {
        CheckCount(count);
        CheckThread();
        long next = _state.Claimed + count;
        if (next - Capacity > _state.CachedGating && !RefreshGating(next - Capacity))
        {
            sequence = Sequence.InitialCursorValue;
            return false;
        }

        _state.Claimed = next;
        sequence = next;
        return true;
    }

    internal override void Publish(long low, long high)
    {
        CheckThread();
        Ensure.That(
            low == _state.Published + 1 && high >= low && high <= _state.Claimed,
            "positions are published in the order in which they were claimed");
        _state.Published = high;
        Cursor.SetValue(high);
        Signal();
    }

    internal override long HighestPublished(long lower, long claimed) => claimed;

    internal override long GetRemainingCapacity() =>
        Capacity - (Cursor.Value - Sequence.Minimum(Gating, Cursor.Value));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitUntilNotBehind(long wrapPoint)
    {
        SpinWait spin = default;
        while (!RefreshGating(wrapPoint))
        {
            WaitForRoom(ref spin);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool RefreshGating(long wrapPoint)
    {
        _state.CachedGating = Sequence.Minimum(Gating, _state.Claimed);
        return wrapPoint <= _state.CachedGating;
    }

    private void CheckThread()
    {
        if (_checkThread)
        {
            AssertSameThread();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AssertSameThread()
    {
        Thread first = Interlocked.CompareExchange(ref _producer, Thread.CurrentThread, null) ?? Thread.CurrentThread;
        Ensure.That(ReferenceEquals(first, Thread.CurrentThread), "two threads published on a single-producer ring");
    }

    // The producer writes these for every event; the fields of the class around them are read by everybody.
    [StructLayout(LayoutKind.Explicit, Size = (2 * Sequence.Padding) + 24)]
    private struct ProducerState
    {
        [FieldOffset(Sequence.Padding)]
        public long Claimed;

        [FieldOffset(Sequence.Padding + 8)]
        public long Published;

        [FieldOffset(Sequence.Padding + 16)]
        public long CachedGating;
    }
}
