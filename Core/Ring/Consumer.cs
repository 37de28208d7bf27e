using System;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>A consumer, whatever it consumes: driven by a thread, by a test or by hand.</summary>
public abstract class Consumer
{
    private protected Consumer(Sequencer sequencer, SequenceBarrier barrier, string name)
    {
        Sequencer = sequencer;
        Barrier = barrier;
        Name = name;
        Sequence = new Sequence(sequencer.FirstSequence - 1);
    }

    /// <summary>Name for people: threads and halts carry it.</summary>
    public string Name { get; }

    /// <summary>The last position that is done. This consumer is its only writer.</summary>
    public Sequence Sequence { get; }

    /// <summary>What it waits for.</summary>
    public SequenceBarrier Barrier { get; private set; }

    /// <summary>What stopped it, if something did.</summary>
    public abstract Exception? Failure { get; }

    /// <summary>The event at which it stopped; -1 while it runs.</summary>
    public long FailedSequence { get; private protected set; } = -1;

    internal Sequencer Sequencer { get; }

    /// <summary>Handles what is available, bounded. Never blocks.</summary>
    /// <param name="limit">Most events to handle, at least 1.</param>
    /// <returns>Events handled.</returns>
    public abstract int Poll(int limit);

    internal void Follow(SequenceBarrier barrier) => Barrier = barrier;
}

/// <summary>Reads a ring in order and hands each event to its handler.</summary>
/// <typeparam name="T">The event.</typeparam>
/// <typeparam name="THandler">The handler; as a struct its code is compiled into the loop.</typeparam>
/// <remarks>
/// The position moves once per batch, after the handler has seen the end of the batch. When the handler throws, the
/// position stays where the batch began: a handler may put work off to the end of the batch (one sync for many records),
/// so events before the failing one are not known to be done, and a gate behind this consumer must stay closed.
/// </remarks>
public sealed class Consumer<T, THandler> : Consumer
    where T : unmanaged
    where THandler : IEventHandler<T>
{
    private readonly RingBuffer<T> _ring;

    // Not readonly: a readonly struct would be copied for every call.
    private THandler _handler;
    private long _next;
    private long _available;

    // The event that the handler has now: where it stopped, when it throws.
    private long _handling;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Creates a consumer. Producers wait for it only once its sequence is a gating one.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="barrier">What it waits for.</param>
    /// <param name="name">Name for people.</param>
    /// <param name="handler">What is done with each event.</param>
    public Consumer(RingBuffer<T> ring, SequenceBarrier barrier, string name, THandler handler)
        : base(ring.Sequencer, barrier, name)
    {
        _ring = ring;
        _handler = handler;
        _next = ring.FirstSequence;
        _available = _next - 1;
    }

    /// <inheritdoc/>
    public override Exception? Failure => _failure?.SourceException;

    /// <summary>The handler; for a struct, the one that runs and not a copy.</summary>
    public ref THandler Handler => ref _handler;

    /// <inheritdoc/>
    public override int Poll(int limit)
    {
        Ensure.That(limit >= 1, "limit of a poll must be at least 1");
        if (_failure is not null)
        {
            Rethrow();
        }

        // What was seen available before serves only a poll that it fills: the cursor's cache line stays with the producer.
        long next = _next;
        if (_available < next + limit - 1)
        {
            _available = Barrier.Available(next);
            if (_available < next)
            {
                return 0;
            }
        }

        long last = Math.Min(_available, next + limit - 1);
        int count = (int)(last - next + 1);
        try
        {
            Handle(next, last);
        }
        catch (Exception exception)
        {
            Fail(exception, _handling);
            throw;
        }

        _next = last + 1;
        Sequence.SetValue(last);
        Sequencer.Signal();
        return count;
    }

    // Apart from the try: code inside of one keeps its variables in memory.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Handle(long next, long last)
    {
        for (; next <= last; next++)
        {
            _handling = next;
            _handler.OnEvent(ref _ring[next], next, next == last);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Fail(Exception exception, long sequence)
    {
        FailedSequence = sequence;
        _failure = ExceptionDispatchInfo.Capture(exception);
        Barrier.Alert();
        _ring.Halt();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Rethrow() => _failure!.Throw();
}
