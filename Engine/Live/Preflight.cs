using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>What the venues say before anything is begun: whose keys these are, and what they may do.</summary>
internal static class Preflight
{
    /// <summary>Longest time to wait for the venues.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks the venues, with the kill switch set: nothing can be ordered.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">A key for each of its places.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">True when nobody wants to know any more.</param>
    /// <returns>What each of them says, in their order; null where one says nothing in time, or nothing of use.</returns>
    internal static ImmutableArray<AccountIdentity?> Ask(
        EngineConfiguration configuration, IReadOnlyList<Credentials> credentials, LiveClock clock, Func<bool> stop)
    {
        KillLatch kill = new();
        kill.Set();
        using SocketTransport transport = new(clock, kill);
        LiveAccounts accounts = LiveVenues.Of(configuration, credentials, transport, kill, clock.Now).Accounts;
        long start = Stopwatch.GetTimestamp();
        SpinWait wait = default;
        Event e = default;
        while (IsSilent(accounts) && !stop() && Stopwatch.GetElapsedTime(start) < Patience)
        {
            while (accounts.Poll(clock.Now, ref e))
            {
                // The run asks for all of it again.
            }

            wait.SpinOnce(sleep1Threshold: 10);
        }

        AccountIdentity?[] all = new AccountIdentity?[accounts.All.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = accounts.All[i].Identity;
        }

        return [.. all];
    }

    private static bool IsSilent(LiveAccounts accounts)
    {
        foreach (LiveVenue account in accounts.All)
        {
            if (account.Identity is null)
            {
                return true;
            }
        }

        return false;
    }
}
