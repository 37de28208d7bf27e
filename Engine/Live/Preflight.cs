using System;
using System.Diagnostics;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Live;

/// <summary>What the venue says before anything is begun: whose key it is, and what it may do.</summary>
internal static class Preflight
{
    /// <summary>Longest time to wait for the venue.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks the venue, with the kill switch set: nothing can be ordered.</summary>
    /// <param name="configuration">The configuration, with a live section.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="stop">True when nobody wants to know any more.</param>
    /// <returns>What it says; null when it says nothing in time, or nothing of use.</returns>
    internal static BybitKey? Ask(EngineConfiguration configuration, Credentials credentials, LiveClock clock, Func<bool> stop)
    {
        KillLatch kill = new();
        kill.Set();
        using SocketTransport transport = new(clock, kill);
        BybitVenue account = LiveVenues.Of(configuration, credentials, transport, kill, clock.Now).Account;
        long start = Stopwatch.GetTimestamp();
        SpinWait wait = default;
        Event e = default;
        while (account.Key is null && !stop() && Stopwatch.GetElapsedTime(start) < Patience)
        {
            while (account.Poll(clock.Now, ref e))
            {
                // The run asks for all of it again.
            }

            wait.SpinOnce(sleep1Threshold: 10);
        }

        return account.Key;
    }
}
