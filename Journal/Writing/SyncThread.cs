using System;
using System.Threading;

namespace LowLatency.Journal.Writing;

/// <summary>Work that may block on the disk, in bounded portions.</summary>
internal interface ISyncWork
{
    /// <summary>Does a bounded portion.</summary>
    /// <returns>How much was done; 0 when there is nothing to do.</returns>
    int Pump();
}

/// <summary>Wakes the sync thread without costing the appending thread more than a fence while it is awake.</summary>
internal sealed class SyncSignal : IDisposable
{
    private readonly AutoResetEvent _event = new(false);
    private int _asleep;

    /// <summary>Says that there is work; cheap while the thread is awake.</summary>
    public void Notify()
    {
        // Orders the publication of the work before the look at the sleeper; the pair is in Wait.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _asleep) != 0)
        {
            Wake();
        }
    }

    /// <summary>Wakes the thread.</summary>
    public void Wake()
    {
        Volatile.Write(ref _asleep, 0);
        _ = _event.Set();
    }

    /// <summary>Announces sleep: the caller must look for work once more before <see cref="Wait"/>.</summary>
    public void Announce()
    {
        Volatile.Write(ref _asleep, 1);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Takes the announcement back.</summary>
    public void Cancel() => Volatile.Write(ref _asleep, 0);

    /// <summary>Sleeps until woken.</summary>
    /// <param name="milliseconds">At most so long; -1 for as long as it takes.</param>
    public void Wait(int milliseconds) => _ = _event.WaitOne(milliseconds);

    public void Dispose() => _event.Dispose();
}
