using System;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Connections are believed dead in time, come back by themselves inside the venue's limits, and vouch for nobody else.</summary>
public sealed class LinkTests
{
    [Theory]
    [InlineData("/trade", 2_100)]
    [InlineData("/private", 10_100)]
    public void A_half_open_connection_is_found_in_time_though_the_other_lives(string end, long milliseconds)
    {
        LiveBench bench = new LiveBench().Ready();
        VirtualConnection connection = bench.Net.Of(end);
        int attempts = connection.Attempts.Count;
        connection.IsMute = true;
        long since = bench.Clock.Now;
        Assert.True(bench.RunUntil(() => !IsLive(bench, end), 30 * VirtualClock.Second));
        Assert.InRange(bench.Clock.Now - since, 1, milliseconds * VirtualClock.Millisecond);
        Assert.Equal(attempts, connection.Attempts.Count);
        Assert.True(bench.RunUntil(() => IsLive(bench, end) && bench.Account.IsReady, 3 * VirtualClock.Second));
        Assert.Equal(attempts + 1, connection.Attempts.Count);
    }

    [Fact]
    public void A_connection_that_answers_probes_is_not_dropped_however_quiet_it_is()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Run(600 * VirtualClock.Second, 50 * VirtualClock.Millisecond);
        Assert.Equal(0, bench.Account.AccountLosses);
        Assert.All(bench.Net.Connections, connection => Assert.Single(connection.Attempts));
    }

    [Fact]
    public void A_thousand_drops_are_each_followed_by_greeting_and_read_back_before_any_order()
    {
        LiveBench bench = new LiveBench().Ready();
        Xoshiro256 dice = new(5);
        int drops = 0;
        int refused = 0;
        bench.OnEvent = e =>
        {
            if (e.Kind == EventKind.CommandOutcome)
            {
                refused += e.CommandOutcome.Outcome == Outcome.NotSent ? 1 : 0;
            }
        };
        for (int i = 0; i < 1_000; i++)
        {
            long passes = bench.Account.ReadBackPasses;
            bench.Venue.CutPrivate();
            drops++;
            bench.Run(10 * VirtualClock.Millisecond);
            OrderId early = bench.New();
            Assert.Equal(0, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(early)));

            // At the limit of connections the wait is long; it is never given up.
            Assert.True(bench.RunUntil(() => bench.Account.IsReady, 320 * VirtualClock.Second));
            Assert.True(bench.Account.ReadBackPasses > passes);
            bench.Run(dice.NextBelow(100) * 10 * VirtualClock.Millisecond);
        }

        Assert.Equal(drops, refused);
        WithinLimits(bench);
    }

    /// <summary>However it is lost: found and read anew within the budget, at every one of many drops.</summary>
    [Theory]
    [InlineData(false, 2_000)]
    [InlineData(true, 10_000)]
    public void Each_of_two_hundred_drops_is_found_and_read_anew_within_its_budget(bool isMute, long findWithin)
    {
        LiveBench bench = new LiveBench().Ready();
        for (int i = 0; i < 200; i++)
        {
            long passes = bench.Account.ReadBackPasses;
            VirtualConnection connection = bench.Net.Of("/private");
            long since = bench.Clock.Now;
            if (isMute)
            {
                connection.IsMute = true;
                connection.IsDeaf = true;
            }
            else
            {
                bench.Venue.CutPrivate();
            }

            Assert.True(bench.RunUntil(() => !bench.Account.IsReady, 20 * VirtualClock.Second));
            long lostAt = bench.Clock.Now;
            Assert.InRange(lostAt - since, 0, findWithin * VirtualClock.Millisecond);
            connection.IsMute = false;
            connection.IsDeaf = false;
            Assert.True(bench.RunUntil(() => bench.Account.IsReady, 20 * VirtualClock.Second));
            Assert.InRange(bench.Clock.Now - lostAt, 1, 3 * VirtualClock.Second);
            Assert.True(bench.Account.ReadBackPasses > passes, "nothing was read");

            // Long enough apart that the venue's limit of connections does not bind.
            bench.Run((6 + (i % 5)) * VirtualClock.Second, 50 * VirtualClock.Millisecond);
        }
    }

    [Fact]
    public void A_flat_account_hears_of_everything_that_the_configuration_names()
    {
        LiveBench bench = new LiveBench().Ready();
        Assert.Empty(bench.Venue.Orders);
        string asked = string.Join(' ', bench.Net.Of("/private").Sent.Where(text => text.Contains("\"subscribe\"", StringComparison.Ordinal)));
        foreach (string topic in (ReadOnlySpan<string>)["order", "execution", "position", "wallet"])
        {
            Assert.Contains(topic, asked, StringComparison.Ordinal);
        }

        // And it does hear: the first order of the account and its fill come by the stream, before any list is read again.
        long passes = bench.Account.ReadBackPasses;
        OrderId order = bench.New();
        bench.Run(100 * VirtualClock.Millisecond);
        bench.Venue.Fill(bench.Venue.Orders[LiveBench.LinkOf(order)], 0.2m);
        bench.Run(100 * VirtualClock.Millisecond);
        Assert.Equal(200, bench.Orders[order].Filled);
        Assert.Equal(passes, bench.Account.ReadBackPasses);
    }

    [Fact]
    public void A_storm_of_refused_connections_stays_inside_the_venues_limit()
    {
        LiveBench bench = new();
        for (int i = 0; i < 3_000; i++)
        {
            bench.Run(200 * VirtualClock.Millisecond, 20 * VirtualClock.Millisecond);
            bench.Net.Connections.ForEach(connection => connection.Cut());
        }

        WithinLimits(bench);

        // Pauses grow to their longest and differ: not everybody comes back at once.
        long[] attempts = [.. bench.Net.Of("/private").Attempts];
        long[] pauses = [.. attempts.Zip(attempts.Skip(1), (one, two) => two - one)];
        Assert.Contains(pauses, pause => pause > 14 * VirtualClock.Second);
        Assert.All(pauses, pause => Assert.True(pause < 61 * VirtualClock.Second));
        Assert.True(bench.RunUntil(() => bench.Account.IsReady, 61 * VirtualClock.Second));
    }

    [Fact]
    public void The_pauses_are_those_of_the_seed()
    {
        static long[] Attempts(ulong seed)
        {
            LiveBench bench = new(seed);
            for (int i = 0; i < 100; i++)
            {
                bench.Run(300 * VirtualClock.Millisecond);
                bench.Net.Connections.ForEach(connection => connection.Cut());
            }

            return [.. bench.Net.Connections.SelectMany(connection => connection.Attempts)];
        }

        Assert.Equal(Attempts(1), Attempts(1));
        Assert.NotEqual(Attempts(1), Attempts(2));
    }

    [Fact]
    public void A_refused_key_is_not_tried_in_a_loop()
    {
        LiveBench bench = new();
        bench.Venue.RefusesKey = true;
        bench.Run(300 * VirtualClock.Second, 50 * VirtualClock.Millisecond);
        Assert.All(bench.Net.Connections, connection => Assert.InRange(connection.Attempts.Count, 2, 6));
        bench.Venue.RefusesKey = false;
        Assert.True(bench.RunUntil(() => bench.Account.IsReady, 120 * VirtualClock.Second));
    }

    [Fact]
    public void After_a_sleep_nothing_that_stood_in_a_buffer_is_trusted()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Clock.Advance(60 * VirtualClock.Second);
        OrderId stale = bench.New(age: 59 * VirtualClock.Second);
        bench.Run(20 * VirtualClock.Millisecond);
        Assert.False(bench.Account.IsReady);
        Assert.Equal(1, bench.Account.AccountLosses);
        bench.Ready();
        bench.Run(10 * VirtualClock.Second);
        Assert.True(bench.Orders[stale].HasEnded);
        Assert.Empty(bench.Venue.Orders);
    }

    private static bool IsLive(LiveBench bench, string end) =>
        (end == "/trade" ? bench.Account.TradeState : bench.Account.AccountState) == LinkState.Live;

    private static void WithinLimits(LiveBench bench)
    {
        long[] all = [.. bench.Net.Connections.SelectMany(connection => connection.Attempts).Order()];
        for (int i = 500; i < all.Length; i++)
        {
            Assert.True(all[i] - all[i - 500] >= 300 * VirtualClock.Second, "more than 500 connections in five minutes");
        }
    }
}
