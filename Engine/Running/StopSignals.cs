using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace LowLatency.Engine.Running;

/// <summary>
/// SIGINT and SIGTERM ask a run to end cleanly: its reports are taken, the journal is sealed. A second one ends the
/// process at once; the journal then recovers like after a crash.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly Action _requestStop;
    private int _asked;

    internal StopSignals(Action requestStop)
    {
        _requestStop = requestStop;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    internal bool WasAsked => Volatile.Read(ref _asked) != 0;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _asked) == 1)
        {
            context.Cancel = true;
            _requestStop();
        }
    }
}
