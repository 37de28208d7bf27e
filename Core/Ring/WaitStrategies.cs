using System.Threading;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>Never leaves the processor: the shortest reaction, one core spent for it.</summary>
public sealed class BusySpinWaitStrategy : IWaitStrategy
{
    /// <inheritdoc/>
    public bool IsBlocking => false;

    /// <inheritdoc/>
    public long WaitFor(long sequence, SequenceBarrier barrier)
    {
        long available;
        while ((available = barrier.Available(sequence)) < sequence && !barrier.IsAlerted)
        {
            Thread.SpinWait(1);
        }

        return available;
    }

    /// <inheritdoc/>
    public void SignalAllWhenBlocking()
    {
    }
}

/// <summary>Spins a little, then gives its time slice to whoever is ready: for machines with fewer cores than threads.</summary>
public sealed class YieldingWaitStrategy : IWaitStrategy
{
    private const int SpinTries = 100;

    /// <inheritdoc/>
    public bool IsBlocking => false;

    /// <inheritdoc/>
    public long WaitFor(long sequence, SequenceBarrier barrier)
    {
        int tries = SpinTries;
        long available;
        while ((available = barrier.Available(sequence)) < sequence && !barrier.IsAlerted)
        {
            if (tries > 0)
            {
                tries--;
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }

        return available;
    }

    /// <inheritdoc/>
    public void SignalAllWhenBlocking()
    {
    }
}

/// <summary>Spins, then sleeps in the kernel until signalled, at most for a bounded time: for what need not be quick.</summary>
public sealed class ParkingWaitStrategy : IWaitStrategy
{
    private const int SpinTries = 100;

    // A Monitor, because its wait releases the lock and sleeps as one step and takes a bound.
    private readonly object _gate = new();
    private readonly int _timeoutMilliseconds;
    private int _sleepers;

    /// <summary>Creates the strategy.</summary>
    /// <param name="timeoutMilliseconds">Longest sleep before the caller looks around, 1 to 60,000.</param>
    public ParkingWaitStrategy(int timeoutMilliseconds = 100)
    {
        Ensure.That(timeoutMilliseconds is >= 1 and <= 60_000, "timeout of a parking wait must be 1 to 60,000 ms");
        _timeoutMilliseconds = timeoutMilliseconds;
    }

    /// <inheritdoc/>
    public bool IsBlocking => true;

    /// <inheritdoc/>
    public long WaitFor(long sequence, SequenceBarrier barrier)
    {
        long available;
        for (int tries = 0; tries < SpinTries; tries++)
        {
            if ((available = barrier.Available(sequence)) >= sequence || barrier.IsAlerted)
            {
                return available;
            }

            Thread.SpinWait(1);
        }

        lock (_gate)
        {
            // A full fence between announcing the sleep and looking again; its pair is in SignalAllWhenBlocking. One of
            // the two sides sees the other's write: either this look finds the event or the signal finds the sleeper.
            Interlocked.Increment(ref _sleepers);
            if ((available = barrier.Available(sequence)) < sequence && !barrier.IsAlerted)
            {
                Monitor.Wait(_gate, _timeoutMilliseconds);
                available = barrier.Available(sequence);
            }

            Interlocked.Decrement(ref _sleepers);
        }

        return available;
    }

    /// <inheritdoc/>
    public void SignalAllWhenBlocking()
    {
        // Orders the publication before the look at the sleepers; its pair is the increment in WaitFor.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleepers) != 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }
}
