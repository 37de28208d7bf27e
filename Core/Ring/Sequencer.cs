using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>How many threads may publish.</summary>
public enum ProducerType
{
    /// <summary>One thread: no interlocked operation on the path.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The reference's word.")]
    Single,

    /// <summary>Any number of threads.</summary>
    Multi,
}

/// <summary>
/// Hands out positions to producers and never lets one overtake the slowest gating consumer by more than the capacity.
/// </summary>
internal abstract class Sequencer
{
    private readonly IWaitStrategy? _blocking;
    private Sequence[] _gating = [];
    private int _halted;

    protected Sequencer(int capacity, IWaitStrategy waitStrategy, long firstSequence)
    {
        Capacity = capacity;
        WaitStrategy = waitStrategy;
        _blocking = waitStrategy.IsBlocking ? waitStrategy : null;
        FirstSequence = firstSequence;
        Cursor = new Sequence(firstSequence - 1);
    }

    internal int Capacity { get; }

    internal long FirstSequence { get; }

    internal IWaitStrategy WaitStrategy { get; }

    /// <summary>Gets the highest published position (one producer) or the highest claimed one (several).</summary>
    internal Sequence Cursor { get; }

    internal bool IsHalted => Volatile.Read(ref _halted) != 0;

    protected Sequence[] Gating => Volatile.Read(ref _gating);

    internal abstract long Next(int count);

    internal abstract bool TryNext(int count, out long sequence);

    internal abstract void Publish(long low, long high);

    /// <summary>The end of the unbroken published run in [lower, claimed]; lower - 1 when lower is not published.</summary>
    internal abstract long HighestPublished(long lower, long claimed);

    internal abstract long GetRemainingCapacity();

    internal void AddGatingSequences(ReadOnlySpan<Sequence> sequences) => Volatile.Write(ref _gating, [.. Gating, .. sequences]);

    internal void RemoveGatingSequence(Sequence sequence)
    {
        Sequence[] before = Gating;
        int index = Array.IndexOf(before, sequence);
        if (index >= 0)
        {
            Volatile.Write(ref _gating, [.. before[..index], .. before[(index + 1)..]]);
        }
    }

    /// <summary>A consumer stopped for good: who waits for room would wait for ever, so it stops too.</summary>
    internal void Halt()
    {
        Volatile.Write(ref _halted, 1);
        WaitStrategy.SignalAllWhenBlocking();
    }

    internal void Signal() => _blocking?.SignalAllWhenBlocking();

    /// <summary>One turn of waiting for room.</summary>
    protected void WaitForRoom(ref SpinWait spin)
    {
        Ensure.That(!IsHalted, "the ring is halted: a consumer stopped, so there will be no room");
        spin.SpinOnce(sleep1Threshold: -1);
    }

    protected void CheckCount(int count) =>
        Ensure.That(count >= 1 && count <= Capacity, "claim of a ring must be 1 to its capacity");
}
