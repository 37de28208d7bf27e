using System;
using System.Collections.Immutable;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>
/// The accounts of a run as one venue: a command goes to the account of its instrument, and what is asked of all of them is
/// answered by the worst.
/// </summary>
/// <remarks>Used by the hot thread alone.</remarks>
internal sealed class LiveAccounts : IVenue
{
    private readonly int[] _of = new int[Limits.Instruments + 1];
    private readonly Turns _turns;

    /// <summary>Takes the accounts.</summary>
    /// <param name="all">Each venue once.</param>
    /// <param name="instruments">How many instruments each of them has; the first of all has number 1.</param>
    internal LiveAccounts(ImmutableArray<LiveVenue> all, ReadOnlySpan<int> instruments)
    {
        Ensure.That(all.Length >= 1 && all.Length == instruments.Length, "a live run has an account at each of its venues");
        All = all;
        _turns = new Turns(all.Length);
        Array.Fill(_of, -1);
        int next = 1;
        for (int i = 0; i < all.Length; i++)
        {
            for (int k = 0; k < instruments[i]; k++)
            {
                _of[next++] = i;
            }
        }
    }

    /// <summary>Each of them.</summary>
    internal ImmutableArray<LiveVenue> All { get; }

    /// <inheritdoc/>
    public long NextDue
    {
        get
        {
            long due = long.MaxValue;
            foreach (LiveVenue account in All)
            {
                due = Math.Min(due, account.NextDue);
            }

            return due;
        }
    }

    /// <summary>True when orders are let out everywhere.</summary>
    internal bool IsReady => Gate == ReportReason.None;

    /// <summary>Why orders are not let out somewhere; none when they are everywhere.</summary>
    internal ReportReason Gate
    {
        get
        {
            foreach (LiveVenue account in All)
            {
                if (!account.IsReady)
                {
                    return account.Gate;
                }
            }

            return ReportReason.None;
        }
    }

    /// <summary>Commands of whose outcome nothing is proven yet.</summary>
    internal int Unresolved => (int)Sum(account => account.Unresolved);

    /// <summary>Orders that appeared after they had been proven absent.</summary>
    internal long LateAcceptances => Sum(account => account.LateAcceptances);

    /// <summary>Messages about an account that were not understood.</summary>
    internal long Quarantined => Sum(account => account.Quarantined);

    /// <summary>Complete readings.</summary>
    internal long ReadBackPasses => Sum(account => account.ReadBackPasses);

    /// <summary>Failed readings.</summary>
    internal long ReadBackFailures => Sum(account => account.ReadBackFailures);

    /// <summary>All accounts were read completely, beginning not before this; <see cref="long.MinValue"/> when one was not.</summary>
    internal long ReadSince
    {
        get
        {
            long since = long.MaxValue;
            foreach (LiveVenue account in All)
            {
                since = Math.Min(since, account.ReadSince);
            }

            return since;
        }
    }

    /// <summary>True when a venue's clock and ours are too far apart.</summary>
    internal bool IsClockOff => Any(account => account.Clock is { Samples: >= ClockGuard.Needed, IsGood: false });

    /// <summary>True while a venue takes no requests of ours.</summary>
    internal bool IsBanned(long now)
    {
        foreach (LiveVenue account in All)
        {
            if (account.Breaker.IsBanned(now))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The account of an instrument.</summary>
    /// <param name="instrument">One that is traded here.</param>
    internal LiveVenue Of(InstrumentId instrument)
    {
        int place = instrument.Value <= Limits.Instruments ? _of[instrument.Value] : -1;
        Ensure.That(place >= 0, "an instrument has an account that it is traded on");
        return All[place];
    }

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report)
    {
        for (int i = 0; i < All.Length; i++)
        {
            int place = _turns.At(i);
            if (place >= 0 && All[place].Poll(now, ref report))
            {
                _turns.Took(place, report.EndsGroup);
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void OnEvent(in Event published)
    {
        foreach (LiveVenue account in All)
        {
            account.OnEvent(published);
        }
    }

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now) => Of(command.Instrument).Submit(command, sequence, now);

    private long Sum(Func<LiveVenue, long> figure)
    {
        long sum = 0;
        foreach (LiveVenue account in All)
        {
            sum += figure(account);
        }

        return sum;
    }

    private bool Any(Func<LiveVenue, bool> isSo)
    {
        foreach (LiveVenue account in All)
        {
            if (isSo(account))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The markets of a run as one feed.</summary>
/// <param name="all">One for each venue.</param>
/// <remarks>Used by the hot thread alone.</remarks>
internal sealed class LiveMarkets(ImmutableArray<IMarketFeed> all) : IMarketFeed
{
    private readonly Turns _turns = new(all.Length);

    /// <inheritdoc/>
    public bool IsLive
    {
        get
        {
            foreach (IMarketFeed market in all)
            {
                if (!market.IsLive)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public bool Poll(long now, ref Event e)
    {
        for (int i = 0; i < all.Length; i++)
        {
            int place = _turns.At(i);
            if (place >= 0 && all[place].Poll(now, ref e))
            {
                _turns.Took(place, e.EndsGroup);
                return true;
            }
        }

        return false;
    }
}

/// <summary>Whose turn it is: in a circle, and a message that has begun is taken to its end.</summary>
internal sealed class Turns(int count)
{
    private int _first;
    private bool _isOpen;

    /// <summary>Who is asked.</summary>
    /// <param name="turn">From 0.</param>
    /// <returns>-1 for nobody: another one's message has begun.</returns>
    internal int At(int turn) => turn > 0 && _isOpen ? -1 : (_first + turn) % count;

    /// <summary>An event was taken.</summary>
    /// <param name="place">Whose it was.</param>
    /// <param name="ends">Whether it ends its message.</param>
    internal void Took(int place, bool ends)
    {
        _isOpen = !ends;
        _first = ends ? (place + 1) % count : place;
    }
}
