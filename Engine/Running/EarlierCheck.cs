using System;
using System.Threading;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>
/// Reads what a start from a snapshot did not: the records of the segments before it, on a thread of low priority. What it
/// finds damaged is an alarm: the run goes on from a sound state, and a replay or a restart without snapshot would not.
/// </summary>
internal sealed class EarlierCheck : IDisposable
{
    private readonly string _path;
    private readonly long _events;
    private readonly long _decisions;
    private readonly Thread _thread;
    private volatile bool _abandoned;
    private volatile string? _damage;

    /// <summary>Starts to read.</summary>
    /// <param name="path">The journal directory.</param>
    /// <param name="events">Events before this sequence were not read by the start.</param>
    /// <param name="decisions">Audit records before this number were not.</param>
    internal EarlierCheck(string path, long events, long decisions)
    {
        _path = path;
        _events = events;
        _decisions = decisions;
        _thread = new Thread(Run) { Name = "earlier segments", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What is damaged, or null while nothing is known to be. Any thread.</summary>
    internal string? Damage => _damage;

    /// <summary>True when all of it was read. Any thread.</summary>
    internal bool HasEnded => !_thread.IsAlive;

    public void Dispose()
    {
        _abandoned = true;
        _thread.Join();
    }

    private void Run()
    {
        BackgroundThread.LowerPriority();
        try
        {
            PosixStorage storage = new();
            _damage = Check(storage, StreamKind.Journal, _events) ?? Check(storage, StreamKind.Audit, _decisions);
        }
#pragma warning disable CA1031 // Whatever ends this check is an alarm for the run, never the end of the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _damage = "the check of earlier segments stopped: " + failure.Message;
        }
    }

    private string? Check(PosixStorage storage, StreamKind kind, long before) =>
        EarlierSegments.Check(storage, _path, kind, before, () => !_abandoned, out _)?.ToString();
}
