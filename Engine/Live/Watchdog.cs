using System.IO;

namespace LowLatency.Engine.Live;

/// <summary>
/// Takes the orders of a run away when its lease stops: sets the kill switch of the directory first, so that a run that only slept
/// finds it when it wakes and a new one does not trade before a person has looked; then cancels, and reads the venue until it shows
/// none. While the lease lives it does nothing.
/// </summary>
internal sealed class Watchdog
{
    /// <summary>Name of the file that says which lease was dealt with.</summary>
    internal const string DoneName = "watchdog.done";

    /// <summary>Nanoseconds from the first cancel to the alarm that nothing is proven.</summary>
    internal const long ProofMax = 30_000_000_000;

    private const long LookEvery = 100_000_000;

    private readonly string _directory;
    private readonly RunMemory _memory;
    private readonly AccountSweep _sweep;
    private readonly AlertSender _alerts;
    private readonly LeaseGuard _guard;
    private long _lookAt = long.MinValue;
    private long _trippedAt;
    private bool _isLate;
    private bool _isLatched;
    private bool _isToldUnlatched;

    /// <summary>Creates it.</summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="after">Nanoseconds without a sign of life after which the run is dead.</param>
    /// <param name="sweep">Takes orders away; nobody else uses it.</param>
    /// <param name="alerts">Tells.</param>
    internal Watchdog(string directory, long after, AccountSweep sweep, AlertSender alerts)
    {
        _directory = directory;
        _memory = new RunMemory(directory);
        _sweep = sweep;
        _alerts = alerts;
        _guard = new LeaseGuard(after, LeaseFile.Read(Path.Combine(directory, DoneName)));
    }

    /// <summary>What it makes of the lease.</summary>
    internal GuardState State => _guard.State;

    /// <summary>Runs whose orders were taken away.</summary>
    internal int Taken { get; private set; }

    /// <summary>One duty cycle.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC, by a monotonic clock.</param>
    internal void Poll(long now)
    {
        _sweep.Poll(now);
        if (now >= _lookAt)
        {
            _lookAt = now + LookEvery;
            GuardState before = _guard.State;
            _guard.Look(LeaseFile.Read(Path.Combine(_directory, LeaseFile.Name)), now);
            if (_guard.State != before)
            {
                Turn(before, now);
            }

            if (_guard.State == GuardState.Tripped && !_isLatched)
            {
                Latch();
            }
        }

        if (_guard.State != GuardState.Tripped)
        {
            return;
        }

        if (_sweep.IsProven)
        {
            // Begun with this trip: what was proven before it was taken back then.
            Settle();
        }
        else if (!_isLate && now - _trippedAt > ProofMax)
        {
            _isLate = true;
            _alerts.Tell(LiveAlarm.OrdersMayWork, Left);
        }
    }

    private string Left => _sweep.WasRead ? $"the last reading showed {_sweep.Left}" : "not every venue could be read";

    private void Turn(GuardState before, long now)
    {
        switch (_guard.State)
        {
            case GuardState.Tripped:
                _trippedAt = now;
                _isLate = false;
                _isLatched = false;
                _isToldUnlatched = false;
                Latch();
                _alerts.Tell(
                    LiveAlarm.LeaseStopped,
                    _guard.Last?.State == LeaseState.Unproven
                        ? "the run has ended without a proof"
                        : $"no sign of life for {_guard.Silence / 1_000_000} ms");
                _sweep.Begin(now);
                break;
            case GuardState.Guarding when before == GuardState.Waiting:
                _alerts.Tell(LiveAlarm.Guarding, $"epoch {_guard.Last?.Epoch}, process {_guard.Last?.Process}");
                break;
        }
    }

    private void Latch()
    {
        try
        {
            _memory.Kill("watchdog: the lease stopped");
            _isLatched = true;
        }
        catch (IOException failure)
        {
            // Taking away goes on; setting the switch is tried again with each look, and told once.
            if (!_isToldUnlatched)
            {
                _isToldUnlatched = true;
                _alerts.Tell(LiveAlarm.Engine, "the kill switch could not be set: " + failure.Message);
            }
        }
    }

    private void Settle()
    {
        Taken++;
        _alerts.Tell(LiveAlarm.OrdersTakenAway, $"{_sweep.Cancels} were cancelled");
        try
        {
            File.WriteAllText(Path.Combine(_directory, DoneName), _guard.Last!.Value.ToString());
        }
        catch (IOException failure)
        {
            _alerts.Tell(LiveAlarm.Engine, "what was dealt with could not be noted, a new watchdog will do it again: " + failure.Message);
        }

        _sweep.Rest();
        _guard.Settle();
    }
}
