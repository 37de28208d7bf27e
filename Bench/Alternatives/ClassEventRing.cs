using LowLatency.Core.Ring;

namespace LowLatency.Bench.Alternatives;

/// <summary>An event as an object, as in a ring of references.</summary>
internal sealed class ClassEvent
{
    internal long Value;
}

/// <summary>
/// The loser: slots are references to objects made at the start. Every access follows a pointer, and the objects lie where
/// the heap put them, each with a header that no record on disk has.
/// </summary>
internal sealed class ClassEventRing
{
    private readonly ClassEvent[] _slots;
    private readonly Sequence _cursor = new();
    private readonly Sequence _gating;
    private long _claimed = Sequence.InitialCursorValue;
    private long _cachedGating = Sequence.InitialCursorValue;

    internal ClassEventRing(int capacity, Sequence gating)
    {
        _gating = gating;
        _slots = new ClassEvent[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _slots[i] = new ClassEvent();
        }
    }

    internal Sequence Cursor => _cursor;

    internal ClassEvent this[long sequence] => _slots[sequence & (_slots.Length - 1)];

    internal bool TryNext(out long sequence)
    {
        sequence = _claimed + 1;
        if (sequence - _slots.Length > _cachedGating)
        {
            _cachedGating = _gating.Value;
            if (sequence - _slots.Length > _cachedGating)
            {
                return false;
            }
        }

        _claimed = sequence;
        return true;
    }

    internal void Publish(long sequence) => _cursor.SetValue(sequence);
}
