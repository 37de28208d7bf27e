using System.Threading;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Engine.Latency;

/// <summary>
/// A histogram that one thread fills and another empties, interval by interval, without a lock, an allocation or a fence on
/// the filling side. The reader asks; the writer hands over with its next value, which already belongs to the next interval.
/// </summary>
/// <remarks>
/// Until a writer that has nothing to record answers, its interval stays open: it gets longer, and nothing is lost.
/// </remarks>
internal sealed class IntervalRecorder
{
    /// <summary>Longest time that is recorded, nanoseconds; longer ones are counted as refused.</summary>
    internal const long Highest = 60_000_000_000;

    private const int Digits = 3;

    private const int WritersBoth = 0;
    private const int Asked = 1;
    private const int HandedOver = 2;

    // The writer's, except that the spare is the reader's while it is handed over.
    private HdrHistogram _active = new(Highest, Digits);
    private HdrHistogram _spare = new(Highest, Digits);
    private int _turn = WritersBoth;

    /// <summary>Writer: a value.</summary>
    /// <param name="nanoseconds">The time that something took.</param>
    internal void Record(long nanoseconds)
    {
        if (Volatile.Read(ref _turn) == Asked)
        {
            (_active, _spare) = (_spare, _active);
            Volatile.Write(ref _turn, HandedOver);
        }

        _active.RecordValue(nanoseconds);
    }

    /// <summary>Reader: asks for what was recorded so far.</summary>
    internal void Ask()
    {
        if (Volatile.Read(ref _turn) == WritersBoth)
        {
            Volatile.Write(ref _turn, Asked);
        }
    }

    /// <summary>Reader: gets what was asked for, once the writer has handed it over.</summary>
    /// <param name="interval">The reader's until <see cref="GiveBack"/>.</param>
    /// <returns>False while the writer has not.</returns>
    internal bool TryTake(out HdrHistogram interval)
    {
        // Whose turn it is comes first: a spare that was looked at before the writer's swap is the one that it fills now.
        bool isHandedOver = Volatile.Read(ref _turn) == HandedOver;
        interval = _spare;
        return isHandedOver;
    }

    /// <summary>Reader: has no more use for what it took.</summary>
    internal void GiveBack()
    {
        _spare.Reset();
        Volatile.Write(ref _turn, WritersBoth);
    }

    /// <summary>Reader, when the writer has ended for good: the values since the last interval that was handed over.</summary>
    internal HdrHistogram Rest => _active;
}
