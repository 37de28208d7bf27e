using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Live;

/// <summary>What a request is for: the more urgent, the more of a budget it may use.</summary>
public enum Urgency : byte
{
    /// <summary>A read.</summary>
    Read = 0,

    /// <summary>A new or changed order, or a look-up that proves what became of one.</summary>
    Order,

    /// <summary>A cancel.</summary>
    Cancel,
}

/// <summary>
/// Mirrors a limit of a venue: so many requests in any window of that length, wherever the window begins. A part is kept for
/// orders and a part for cancels. What the venue says of its own count corrects it. It answers yes or no and never waits.
/// </summary>
public sealed class RateBudget
{
    private readonly long[] _taken;
    private readonly long _window;
    private readonly int _keptForOrders;
    private readonly int _keptForCancels;
    private int _limit;
    private long _count;
    private long _blockedUntil = long.MinValue;
    private long _spareUntil = long.MinValue;
    private long _spare;

    /// <summary>Creates the budget.</summary>
    /// <param name="limit">Requests of a window.</param>
    /// <param name="window">Nanoseconds.</param>
    /// <param name="keptForOrders">Requests of a window that reads may not use.</param>
    /// <param name="keptForCancels">Requests of a window that neither reads nor orders may use.</param>
    /// <param name="limitMax">The highest limit that the venue's word can raise it to; 0 for <paramref name="limit"/>.</param>
    public RateBudget(int limit, long window, int keptForOrders = 0, int keptForCancels = 0, int limitMax = 0)
    {
        Ensure.That(limit >= 1 && window >= 1, "a rate budget has at least one request and a window");
        Ensure.That(
            keptForOrders >= 0 && keptForCancels >= 0 && keptForOrders + keptForCancels <= limit,
            "a rate budget keeps no more than it has");
        _taken = new long[Math.Max(limit, limitMax)];
        _window = window;
        _keptForOrders = keptForOrders;
        _keptForCancels = keptForCancels;
        _limit = limit;
    }

    /// <summary>Requests of a window, as last told.</summary>
    public int Limit => _limit;

    /// <summary>True when a request may be made.</summary>
    /// <param name="now">Nanoseconds.</param>
    /// <param name="urgency">What it is for.</param>
    /// <returns>Whether <see cref="Take"/> may follow.</returns>
    public bool Allows(long now, Urgency urgency)
    {
        int kept = urgency switch
        {
            Urgency.Read => _keptForOrders + _keptForCancels,
            Urgency.Order => _keptForCancels,
            _ => 0,
        };
        int allowed = _limit - Math.Min(kept, _limit);
        if (allowed == 0 || now < _blockedUntil || (now < _spareUntil && _spare <= Math.Min(kept, _limit)))
        {
            return false;
        }

        return _count < allowed || now - _taken[(_count - allowed) % _taken.Length] >= _window;
    }

    /// <summary>Counts a request.</summary>
    /// <param name="now">Nanoseconds.</param>
    public void Take(long now)
    {
        _taken[_count++ % _taken.Length] = now;
        _spare--;
    }

    /// <summary>Takes from two budgets, one of which lies in the other, or from none.</summary>
    /// <param name="inner">The narrower one.</param>
    /// <param name="outer">The wider one.</param>
    /// <param name="now">Nanoseconds.</param>
    /// <param name="urgency">What it is for.</param>
    /// <returns>False when one of them has nothing left.</returns>
    public static bool TryTake(RateBudget inner, RateBudget outer, long now, Urgency urgency)
    {
        if (!inner.Allows(now, urgency) || !outer.Allows(now, urgency))
        {
            return false;
        }

        inner.Take(now);
        outer.Take(now);
        return true;
    }

    /// <summary>The venue said how its own count stands. Others may use the account too, so its word counts where it is less.</summary>
    /// <param name="limit">Requests of a window; 0 when it does not say.</param>
    /// <param name="left">Requests left; -1 when it does not say.</param>
    /// <param name="resetAt">When its window ends, nanoseconds; 0 when it does not say.</param>
    /// <param name="now">Nanoseconds.</param>
    public void Observe(long limit, long left, long resetAt, long now)
    {
        if (limit > 0)
        {
            _limit = (int)Math.Min(limit, _taken.Length);
        }

        // A reset that lies too far ahead is no reset of this window.
        if (left >= 0)
        {
            long until = resetAt > now ? Math.Min(resetAt, now + _window) : now;
            _spare = until == _spareUntil ? Math.Min(_spare, left) : left;
            _spareUntil = until;
        }
    }

    /// <summary>The venue refused a request for this limit: nothing more until then.</summary>
    /// <param name="until">Nanoseconds.</param>
    public void Block(long until) => _blockedUntil = Math.Max(_blockedUntil, until);
}
