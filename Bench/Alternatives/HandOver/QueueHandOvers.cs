using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using LowLatency.Core.Events;

namespace LowLatency.Bench.Alternatives.HandOver;

/// <summary>A bounded channel; both ends try and spin, which is faster than awaiting.</summary>
internal sealed class ChannelHandOver : ThreadHandOver
{
    private readonly Channel<Event> _channel = Channel.CreateBounded<Event>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = true });

    internal override void Send(in Event e)
    {
        while (!_channel.Writer.TryWrite(e))
        {
            Thread.SpinWait(1);
        }
    }

    protected override void Receive()
    {
        while (!IsOver)
        {
            if (_channel.Reader.TryRead(out Event e))
            {
                Take(e);
            }
        }
    }
}

/// <summary>A queue without a bound and without a lock, polled.</summary>
internal sealed class ConcurrentQueueHandOver : ThreadHandOver
{
    private readonly ConcurrentQueue<Event> _queue = new();

    internal override void Send(in Event e) => _queue.Enqueue(e);

    protected override void Receive()
    {
        while (!IsOver)
        {
            if (_queue.TryDequeue(out Event e))
            {
                Take(e);
            }
        }
    }
}

/// <summary>A bounded collection whose receiver sleeps until something comes.</summary>
internal sealed class BlockingCollectionHandOver : ThreadHandOver
{
    private readonly BlockingCollection<Event> _collection = new(Capacity);

    internal override void Send(in Event e) => _collection.Add(e);

    public override void Dispose()
    {
        base.Dispose();
        _collection.Dispose();
    }

    protected override void Receive()
    {
        foreach (Event e in _collection.GetConsumingEnumerable())
        {
            Take(e);
        }
    }

    protected override void Wake() => _collection.CompleteAdding();
}

/// <summary>A queue under a lock; both ends sleep when there is nothing to do.</summary>
internal sealed class LockHandOver : ThreadHandOver
{
    private readonly Queue<Event> _queue = new(Capacity);

    internal override void Send(in Event e)
    {
        lock (_queue)
        {
            while (_queue.Count == Capacity)
            {
                Monitor.Wait(_queue);
            }

            _queue.Enqueue(e);
            Monitor.Pulse(_queue);
        }
    }

    protected override void Receive()
    {
        while (true)
        {
            Event e;
            lock (_queue)
            {
                while (_queue.Count == 0)
                {
                    if (IsOver)
                    {
                        return;
                    }

                    Monitor.Wait(_queue);
                }

                e = _queue.Dequeue();
                Monitor.Pulse(_queue);
            }

            Take(e);
        }
    }

    protected override void Wake()
    {
        lock (_queue)
        {
            Monitor.Pulse(_queue);
        }
    }
}
