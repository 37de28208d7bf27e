using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Live;

/// <summary>
/// When the next attempt to connect may be made: after a pause that doubles with each failure and is drawn from a seeded dice,
/// so that many engines do not come back in one instant, and never more attempts than the venue allows.
/// </summary>
internal sealed class ConnectPace
{
    /// <summary>Nanoseconds of the first pause.</summary>
    internal const long PauseMin = 200_000_000;

    /// <summary>Nanoseconds of the longest pause.</summary>
    internal const long PauseMax = 30_000_000_000;

    private readonly RateBudget _attempts;
    private Xoshiro256 _dice;
    private long _notBefore = long.MinValue;

    /// <summary>Creates the pace of one connection.</summary>
    /// <param name="attempts">What the venue allows, shared by the connections to it.</param>
    /// <param name="seed">Seed of the dice.</param>
    internal ConnectPace(RateBudget attempts, ulong seed)
    {
        _attempts = attempts;
        _dice = new Xoshiro256(seed);
    }

    /// <summary>Failures since a connection was last in use for a while.</summary>
    internal int Failures { get; private set; }

    /// <summary>Takes an attempt, if one may be made.</summary>
    /// <param name="now">Nanoseconds.</param>
    /// <returns>Whether to connect now.</returns>
    internal bool TryTake(long now)
    {
        if (now < _notBefore || !_attempts.Allows(now, Urgency.Cancel))
        {
            return false;
        }

        _attempts.Take(now);
        return true;
    }

    /// <summary>A connection has been in use for a while.</summary>
    internal void OnSteady() => Failures = 0;

    /// <summary>A connection was lost, or could not be made.</summary>
    /// <param name="now">Nanoseconds.</param>
    /// <param name="atLeast">Nanoseconds to wait in any case: longer where the venue has refused us.</param>
    internal void OnLost(long now, long atLeast = 0)
    {
        // The first attempt after a connection that was in use is made at once, but not in the same instant by everyone.
        long pause = Failures == 0 ? PauseMin : Math.Min(PauseMax, PauseMin << Math.Min(Failures, 10));
        Failures++;
        _notBefore = now + Math.Max(atLeast, (pause / 2) + _dice.NextBelow((pause / 2) + 1));
    }
}
