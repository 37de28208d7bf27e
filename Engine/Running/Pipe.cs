using System;
using System.Runtime.ExceptionServices;
using System.Threading;
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
    private ExceptionDispatchInfo? _failure;
    private volatile bool _ended;
    private volatile bool _closed;

    internal Pipe(int capacity, IWaitStrategy wait)
    {
        _ring = new RingBuffer<Event>(capacity, ProducerType.Single, wait);
        _ring.AddGatingSequences(_read);
        _barrier = _ring.NewBarrier();
    }

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

                // As it was thrown: damaged data and a broken invariant end the process with different codes.
                _failure?.Throw();
                return ReadResult.End;
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
            if (_closed)
            {
                return false;
            }

            wait.SpinOnce(sleep1Threshold: 20);
        }

        _ring[sequence] = e;
        _ring.Publish(sequence);
        return !_closed;
    }

    /// <summary>Producer: there will be nothing more.</summary>
    /// <param name="failure">Why the input broke, or null.</param>
    internal void End(Exception? failure)
    {
        _failure = failure is null ? null : ExceptionDispatchInfo.Capture(failure);
        _ended = true;
    }

    /// <summary>Consumer: no more reads.</summary>
    internal void Close() => _closed = true;

    public void Dispose() => _ring.Dispose();
}
