using System.Threading;
using LowLatency.Core.Ring;

namespace LowLatency.Bench.Alternatives;

/// <summary>
/// The loser: asks for the consumer's position at every claim instead of remembering what it last saw. Each claim then
/// pulls the consumer's cache line over, which the consumer writes at the same time.
/// </summary>
internal sealed class UncachedGatingRing(int capacity, Sequence gating)
{
    private readonly long[] _slots = new long[capacity];
    private readonly Sequence _cursor = new();
    private long _claimed = Sequence.InitialCursorValue;

    internal Sequence Cursor => _cursor;

    internal ref long this[long sequence] => ref _slots[sequence & (_slots.Length - 1)];

    internal long Next()
    {
        long next = _claimed + 1;
        while (next - _slots.Length > gating.Value)
        {
            Thread.Yield();
        }

        _claimed = next;
        return next;
    }

    internal void Publish(long sequence) => _cursor.SetValue(sequence);
}
