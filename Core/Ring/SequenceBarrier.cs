using System.Threading;

namespace LowLatency.Core.Ring;

/// <summary>
/// What a consumer waits for: the ring's cursor, or the consumers that must have seen an event before it does.
/// </summary>
public sealed class SequenceBarrier
{
    private readonly Sequencer _sequencer;
    private readonly Sequence _cursor;
    private readonly Sequence[] _dependents;
    private int _alerted;

    internal SequenceBarrier(Sequencer sequencer, Sequence[] dependents)
    {
        _sequencer = sequencer;
        _cursor = sequencer.Cursor;
        _dependents = dependents;
    }

    /// <summary>True between <see cref="Alert"/> and <see cref="ClearAlert"/>: whoever waits here returns at once.</summary>
    public bool IsAlerted => Volatile.Read(ref _alerted) != 0;

    /// <summary>The highest position that may be read now. Never blocks.</summary>
    /// <param name="next">The position that the caller reads next.</param>
    /// <returns>Below <paramref name="next"/> when there is nothing to read.</returns>
    public long Available(long next)
    {
        if (_dependents.Length != 0)
        {
            // The consumers ahead read published positions only, so the minimum of theirs is published too.
            return Sequence.Minimum(_dependents, long.MaxValue);
        }

        long claimed = _cursor.Value;
        return claimed < next ? claimed : _sequencer.HighestPublished(next, claimed);
    }

    /// <summary>Waits by the ring's wait strategy.</summary>
    /// <param name="sequence">The position that is wanted.</param>
    /// <returns>The highest available position; below <paramref name="sequence"/> when alerted or after a bounded time.</returns>
    public long WaitFor(long sequence) =>
        IsAlerted ? Available(sequence) : _sequencer.WaitStrategy.WaitFor(sequence, this);

    /// <summary>Makes whoever waits here return.</summary>
    public void Alert()
    {
        Volatile.Write(ref _alerted, 1);
        _sequencer.WaitStrategy.SignalAllWhenBlocking();
    }

    /// <summary>Ends the alert.</summary>
    public void ClearAlert() => Volatile.Write(ref _alerted, 0);
}
