using System;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Stops asking a host that fails, and asks again once after a pause that grows: a host in trouble is not helped by more
/// requests. A ban by the venue stops everything for its length.
/// </summary>
public sealed class CircuitBreaker
{
    /// <summary>Failures in a row that open it.</summary>
    public const int FailuresMax = 5;

    /// <summary>Nanoseconds of the first pause.</summary>
    public const long PauseMin = 1_000_000_000;

    /// <summary>Nanoseconds of the longest pause.</summary>
    public const long PauseMax = 32_000_000_000;

    /// <summary>Nanoseconds that a ban by address lasts at least at Bybit.</summary>
    public const long BanLength = 600_000_000_000;

    private int _failures;
    private long _pause = PauseMin;
    private long _closedUntil = long.MinValue;
    private long _bannedUntil = long.MinValue;
    private bool _isTrying;

    /// <summary>Times that it has opened.</summary>
    public long Trips { get; private set; }

    /// <summary>True while the venue has banned us.</summary>
    /// <param name="now">Nanoseconds.</param>
    /// <returns>Whether nothing at all may be asked.</returns>
    public bool IsBanned(long now) => now < _bannedUntil;

    /// <summary>True when a request may be made.</summary>
    /// <param name="now">Nanoseconds.</param>
    /// <returns>Whether the host may be asked.</returns>
    public bool Allows(long now) => now >= _bannedUntil && now >= _closedUntil && !_isTrying;

    /// <summary>A request was made.</summary>
    public void OnSent() => _isTrying = _failures >= FailuresMax;

    /// <summary>The host answered sensibly.</summary>
    public void OnSuccess()
    {
        _failures = 0;
        _pause = PauseMin;
        _isTrying = false;
    }

    /// <summary>The host did not answer, or answered with an error of its own.</summary>
    /// <param name="now">Nanoseconds.</param>
    public void OnFailure(long now)
    {
        _isTrying = false;
        if (++_failures < FailuresMax)
        {
            return;
        }

        _failures = FailuresMax;
        _closedUntil = now + _pause;
        _pause = Math.Min(PauseMax, _pause * 2);
        Trips++;
    }

    /// <summary>The venue has banned us.</summary>
    /// <param name="until">Nanoseconds.</param>
    public void OnBan(long until)
    {
        _bannedUntil = Math.Max(_bannedUntil, until);
        _isTrying = false;
    }
}
