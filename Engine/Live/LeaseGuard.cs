namespace LowLatency.Engine.Live;

/// <summary>What a watchdog makes of a lease.</summary>
internal enum GuardState
{
    /// <summary>Nobody runs that it would have to watch.</summary>
    Waiting,

    /// <summary>A run lives.</summary>
    Guarding,

    /// <summary>A run is dead, or has ended without a proof: its orders are to be taken away.</summary>
    Tripped,
}

/// <summary>
/// Judges whether the run behind a lease lives: its lease changed within a time that the watchdog itself has been awake for. Time is
/// the watchdog's own, by a clock that no step moves; a watchdog that slept begins to count anew.
/// </summary>
/// <param name="after">Time without a change after which a run is dead, nanoseconds.</param>
/// <param name="done">The lease whose run was dealt with before; null for none.</param>
internal sealed class LeaseGuard(long after, LeaseReading? done)
{
    private LeaseReading? _last;
    private LeaseReading? _done = done;
    private long _changedAt;
    private long _lookedAt = long.MinValue;

    /// <summary>What it makes of it.</summary>
    internal GuardState State { get; private set; }

    /// <summary>The lease as it was last seen.</summary>
    internal LeaseReading? Last => _last;

    /// <summary>Nanoseconds since it changed, as of the last look.</summary>
    internal long Silence => _lookedAt - _changedAt;

    /// <summary>Looks. What has tripped stays so.</summary>
    /// <param name="lease">The lease; null when it cannot be read, which is no sign of life.</param>
    /// <param name="now">Nanoseconds of a monotonic clock.</param>
    internal void Look(LeaseReading? lease, long now)
    {
        bool slept = _lookedAt == long.MinValue || now - _lookedAt > after / 2;
        _lookedAt = now;
        bool changed = lease is not null && lease != _last;
        if (slept || changed)
        {
            _changedAt = now;
        }

        _last = lease ?? _last;
        if (State == GuardState.Tripped)
        {
            return;
        }

        State = _last is not { } known || known == _done || known.State == LeaseState.Ended ? GuardState.Waiting
            : known.State == LeaseState.Unproven || now - _changedAt > after ? GuardState.Tripped
            : GuardState.Guarding;
    }

    /// <summary>What tripped it was dealt with: this lease trips it never again; one that changes does.</summary>
    internal void Settle()
    {
        _done = _last;
        State = GuardState.Waiting;
    }
}
