using System;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Ring;

namespace LowLatency.Engine.Running;

/// <summary>
/// A bounded pipe between the thread that reads a market and the hot thread: a ring with one producer and one consumer.
/// A full pipe makes the reader wait; nothing is dropped.
/// </summary>
internal sealed class Pipe : IEventSource, IDisposable
{
    private readonly RingBuffer<Event> _ring;
    private readonly Sequence _read = new();
    private readonly SequenceBarrier _barrier;
    private long _available = Sequence.InitialCursorValue;
    private long _next;
    private Exception? _failure;
    private volatile bool _ended;

    internal Pipe(int capacity, IWaitStrategy wait)
    {
        _ring = new RingBuffer<Event>(capacity, ProducerType.Single, wait);
        _ring.AddGatingSequences(_read);
        _barrier = _ring.NewBarrier();
    }

    /// <summary>True when the reader is to stop: the hot thread is gone.</summary>
    internal bool IsClosed { get; private set; }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (_next > _available)
        {
            // What is published before the end mark must be seen before the end is believed.
            bool ended = _ended;
            _available = _barrier.Available(_next);
            if (_next > _available)
            {
                if (!ended)
                {
                    return ReadResult.Idle;
                }

                return _failure is null
                    ? ReadResult.End
                    : throw new BrokenInvariantException("the market input failed: " + _failure.Message, _failure);
            }
        }

        next = _ring[_next];
        _read.SetValue(_next);
        _next++;
        return ReadResult.Event;
    }

    /// <summary>Producer: waits for room, unless the pipe is closed.</summary>
    /// <param name="e">The event.</param>
    /// <returns>False when the pipe is closed.</returns>
    internal bool Write(in Event e)
    {
        SpinWait wait = default;
        long sequence;
        while (!_ring.TryNext(out sequence))
        {
            if (IsClosed)
            {
                return false;
            }

            wait.SpinOnce(sleep1Threshold: 20);
        }

        _ring[sequence] = e;
        _ring.Publish(sequence);
        return !IsClosed;
    }

    /// <summary>Producer: there will be nothing more.</summary>
    /// <param name="failure">Why the input broke, or null.</param>
    internal void End(Exception? failure)
    {
        _failure = failure;
        _ended = true;
    }

    /// <summary>Consumer: no more reads.</summary>
    internal void Close() => IsClosed = true;

    public void Dispose() => _ring.Dispose();
}
