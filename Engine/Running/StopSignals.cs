using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace LowLatency.Engine.Running;

/// <summary>
/// SIGINT and SIGTERM ask a run to end cleanly: its reports are taken, the journal is sealed, the snapshot is written.
/// Asking again changes nothing: terminals, supervisors and <c>dotnet run</c> all tend to ask twice, and a stop that is
/// under way is what they ask for. What takes longer than the deadline ends as a failure. They are heard until the process
/// has ended: one that came after the journal is sealed would else replace the exit code by its own.
/// </summary>
internal sealed class StopSignals
{
    /// <summary>Longest time from the first signal, or from the end of the recovery that it met, to the last event.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private Action? _requestStop;
    private long _askedAt;

    internal StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);

        // Collected, the registrations would end themselves.
        _ = GCHandle.Alloc(this);
    }

    /// <summary>True once a signal came.</summary>
    internal bool WasAsked => Volatile.Read(ref _askedAt) != 0;

    /// <summary>True when a signal came longer ago than the deadline.</summary>
    internal bool IsOverdue => WasAsked && Stopwatch.GetElapsedTime(Volatile.Read(ref _askedAt)) > Deadline;

    /// <summary>Whom to ask from now on; asked at once when a signal came before.</summary>
    internal void Tell(Action requestStop)
    {
        Volatile.Write(ref _requestStop, requestStop);
        Interlocked.MemoryBarrier();
        if (WasAsked)
        {
            // A recovery is not cut short; the time to end counts from when there is something that can.
            Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
            requestStop();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        _ = Interlocked.CompareExchange(ref _askedAt, Stopwatch.GetTimestamp(), 0);
        Volatile.Read(ref _requestStop)?.Invoke();
    }
}
