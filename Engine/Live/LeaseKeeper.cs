using System;
using System.IO;
using System.Threading;
using Microsoft.Win32.SafeHandles;

namespace LowLatency.Engine.Live;

/// <summary>
/// Shows a watchdog that a run lives, for as long as its hot thread gives signs of life: a process whose hot thread hangs is as good
/// as dead. A thread of its own.
/// </summary>
internal sealed class LeaseKeeper : IDisposable
{
    private const int BeatMilliseconds = 100;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly LiveLease _lease;
    private readonly AlertSender _alerts;
    private readonly SafeFileHandle _file;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly Lock _turn = new();
    private readonly Thread _thread;
    private LeaseReading _last;
    private bool _isStuck;
    private bool _isLost;

    /// <summary>Begins to show signs of life once the hot thread gives one.</summary>
    /// <param name="directory">The run's directory; the caller holds its lock.</param>
    /// <param name="epoch">The run.</param>
    /// <param name="lease">The hot thread's sign of life.</param>
    /// <param name="alerts">Told when there is none, or when it cannot be shown.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    internal LeaseKeeper(string directory, int epoch, LiveLease lease, AlertSender alerts)
    {
        _lease = lease;
        _alerts = alerts;
        _last = new LeaseReading(epoch, Environment.ProcessId, 0, LeaseState.Running);
        _file = File.OpenHandle(
            Path.Combine(directory, LeaseFile.Name), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read | FileShare.Delete);
        _thread = new Thread(Run) { Name = "lease", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The run has ended: nobody needs to take its orders away, unless it could not prove that.</summary>
    /// <param name="state">How it ended.</param>
    internal void End(LeaseState state)
    {
        lock (_turn)
        {
            if (_last.State == LeaseState.Running)
            {
                Show(state);
            }
        }
    }

    /// <summary>Shows nothing any more. Where no end was said, a watchdog will take that for a death.</summary>
    public void Dispose()
    {
        _stop.Set();
        _ = _thread.Join(_patience);
        _file.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(BeatMilliseconds))
        {
            lock (_turn)
            {
                if (_last.State != LeaseState.Running)
                {
                    return;
                }

                bool isStuck = _lease.IsLapsed;
                if (!isStuck)
                {
                    Show(LeaseState.Running);
                }
                else if (!_isStuck && _last.Beat > 0)
                {
                    _alerts.Tell(LiveAlarm.Stuck, $"for {_lease.Since.TotalSeconds:F1} s");
                }

                _isStuck = isStuck;
            }
        }
    }

    private void Show(LeaseState state)
    {
        _last = _last with { Beat = _last.Beat + 1, State = state };
        try
        {
            LeaseFile.Write(_file, _last);
            _isLost = false;
        }
        catch (IOException failure)
        {
            if (!_isLost)
            {
                _isLost = true;
                _alerts.Tell(LiveAlarm.Engine, "the lease cannot be written, a watchdog will take the run for dead: " + failure.Message);
            }
        }
    }
}
