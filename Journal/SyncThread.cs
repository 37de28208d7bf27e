using System;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Writing;

namespace LowLatency.Journal;

/// <summary>
/// The thread that blocks on the disk, for a journal and its audit stream. Without it their owner calls <c>Pump</c> by
/// hand, with identical results on the disk.
/// </summary>
public sealed class SyncThread : IDisposable
{
    private readonly RecordLog[] _logs;
    private readonly SyncSignal _signal = new();
    private readonly Thread _thread;
    private bool _stop;
    private Exception? _defect;

    /// <summary>Starts the thread.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="audit">Its audit stream, or null.</param>
    public SyncThread(JournalWriter journal, AuditWriter? audit = null)
    {
        _logs = audit is null ? [journal.Log] : [journal.Log, audit.Log];
        audit?.StayBehind(journal);
        foreach (RecordLog log in _logs)
        {
            Ensure.That(!log.HasPump, "a log is pumped by one thread");
            log.Signal = _signal;
            log.HasPump = true;
        }

        _thread = new Thread(Run) { Name = "journal sync", IsBackground = true };
        _thread.Start();
    }

    /// <summary>A broken invariant on the thread, or null. Its owner halts on it as on a storage failure.</summary>
    public Exception? Defect => Volatile.Read(ref _defect);

    /// <summary>Ends the thread after what it is doing; the logs can then be pumped by hand or closed.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _signal.Wake();
        _thread.Join();
        foreach (RecordLog log in _logs)
        {
            log.HasPump = false;
            log.Signal = null;
        }

        _signal.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!Volatile.Read(ref _stop))
            {
                if (PumpAll() == 0)
                {
                    _signal.Announce();
                    if (PumpAll() == 0 && !Volatile.Read(ref _stop))
                    {
                        _signal.Wait(DueIn());
                    }

                    _signal.Cancel();
                }
            }
        }
        catch (Exception defect)
        {
            // Kept for the owner: an exception that leaves a thread would end the process without a cancel.
            Volatile.Write(ref _defect, defect);
            foreach (RecordLog log in _logs)
            {
                log.FailByDefect();
            }
        }
    }

    private int DueIn()
    {
        int due = -1;
        foreach (RecordLog log in _logs)
        {
            int own = log.DueIn;
            due = own >= 0 && (due < 0 || own < due) ? own : due;
        }

        return due;
    }

    private int PumpAll()
    {
        int done = 0;
        foreach (RecordLog log in _logs)
        {
            done += log.Pump();
        }

        return done;
    }
}
