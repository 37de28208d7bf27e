using System;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Ring;

namespace LowLatency.Bench.Alternatives.HandOver;

/// <summary>
/// A way to give events from one thread to another: bounded where it can be, one that sends and one that receives. The
/// position that the receiver has reached is a padded sequence in all of them, so that only the way differs.
/// </summary>
internal abstract class HandOver : IDisposable
{
    /// <summary>Events that may be on their way, where the way has a bound.</summary>
    internal const int Capacity = 1 << 13;

    /// <summary>Number of the last event received.</summary>
    internal Sequence Received { get; } = new();

    /// <summary>A way by its name.</summary>
    internal static HandOver By(string name) => name switch
    {
        "ring" => new RingHandOver(),
        "channel" => new ChannelHandOver(),
        "concurrent-queue" => new ConcurrentQueueHandOver(),
        "blocking-collection" => new BlockingCollectionHandOver(),
        "lock" => new LockHandOver(),
        _ => throw new ArgumentException("no such way: " + name, nameof(name)),
    };

    /// <summary>Sends an event; waits while there is no room.</summary>
    internal abstract void Send(in Event e);

    /// <summary>Starts the receiver.</summary>
    internal abstract void Start();

    public abstract void Dispose();

    /// <summary>What is done with an event: its content is looked at, its number told.</summary>
    protected void Take(in Event e)
    {
        if (e.Trade.Price < 0)
        {
            throw new InvalidOperationException("an event came over damaged");
        }

        Received.SetValue(e.Sequence);
    }
}

/// <summary>A way whose receiver is a thread of ours.</summary>
internal abstract class ThreadHandOver : HandOver
{
    private readonly Thread _thread;
    private bool _isOver;

    protected ThreadHandOver()
    {
        _thread = new Thread(Receive) { IsBackground = true, Name = "receiver" };
    }

    /// <summary>True once nothing is sent any more.</summary>
    protected bool IsOver => Volatile.Read(ref _isOver);

    internal override void Start() => _thread.Start();

    public override void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        Wake();
        _thread.Join();
    }

    /// <summary>The receiver's loop, until <see cref="IsOver"/>.</summary>
    protected abstract void Receive();

    /// <summary>Ends a wait of the receiver.</summary>
    protected virtual void Wake()
    {
    }
}
