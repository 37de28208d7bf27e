using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>A host in trouble is asked less and less, then tried once, and nothing is let out that needed its answer.</summary>
public sealed class CircuitBreakerTests
{
    private const long Second = VirtualClock.Second;

    [Fact]
    public void It_opens_at_the_fifth_failure_in_a_row_and_lets_one_try_after_pauses_that_double_up_to_their_longest()
    {
        CircuitBreaker breaker = new();
        long now = 0;
        for (int i = 1; i < CircuitBreaker.FailuresMax; i++)
        {
            breaker.OnSent();
            breaker.OnFailure(now);
            Assert.True(breaker.Allows(now));
        }

        long pause = CircuitBreaker.PauseMin;
        for (int i = 1; i <= 10; i++)
        {
            breaker.OnSent();
            breaker.OnFailure(now);
            Assert.Equal(i, breaker.Trips);
            Assert.False(breaker.Allows(now + pause - 1));
            now += pause;
            Assert.True(breaker.Allows(now));

            // While one is on its way there is no second one.
            breaker.OnSent();
            Assert.False(breaker.Allows(now));
            pause = Math.Min(2 * pause, CircuitBreaker.PauseMax);
        }

        Assert.Equal(CircuitBreaker.PauseMax, pause);
        breaker.OnSuccess();
        Assert.True(breaker.Allows(now));
        for (int i = 1; i < CircuitBreaker.FailuresMax; i++)
        {
            breaker.OnFailure(now);
        }

        Assert.True(breaker.Allows(now));
        Assert.Equal(10, breaker.Trips);
    }

    [Fact]
    public void A_ban_is_kept_to_its_end_whatever_is_answered_meanwhile()
    {
        CircuitBreaker breaker = new();
        breaker.OnBan(100);
        breaker.OnBan(50);
        breaker.OnSuccess();
        Assert.True(breaker.IsBanned(99) && !breaker.Allows(99));
        Assert.True(!breaker.IsBanned(100) && breaker.Allows(100));
    }

    /// <summary>
    /// The host of requests fails for ten minutes while the streams live. It is asked with pauses that grow to half a minute, each
    /// failed reading is an event, orders are refused here, and when it answers again the account is read and they leave.
    /// </summary>
    [Fact]
    public void A_host_that_fails_is_asked_ever_more_rarely_and_lets_nothing_out_until_it_has_answered()
    {
        LiveBench bench = new LiveBench().Ready();
        List<long> asked = [];
        bench.Venue.Override = path =>
        {
            asked.Add(bench.Clock.Now);
            return (500, "");
        };
        bench.Venue.CutPrivate();
        long start = bench.Clock.Now;
        bench.Run(600 * Second, 20 * VirtualClock.Millisecond);
        Assert.True(bench.Account.Breaker.Trips > 5, "it never opened");
        Assert.InRange(asked.Count, 10, 60);
        long[] pauses = [.. asked.Zip(asked.Skip(1), (one, two) => two - one)];
        Assert.True(pauses.Max() >= CircuitBreaker.PauseMax, "the pauses do not grow");
        Assert.DoesNotContain(pauses[^5..], pause => pause < CircuitBreaker.PauseMax);
        Assert.Contains(bench.Events, e => e.ReceivedAt > start && e.Kind == EventKind.StreamState
            && e.StreamState is { Stream: StreamContent.Account, State: StreamState.Down });
        Assert.Contains(bench.Events, e => e.ReceivedAt > start && e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.Failed);
        Assert.DoesNotContain(bench.Events, e => e.ReceivedAt > start && e.Kind == EventKind.ReadBack && e.ReadBack.Stage == ReadBackStage.End);
        OrderId refused = bench.New();
        bench.Run(Second);
        Assert.Equal(OrderState.Rejected, bench.Orders[refused].State);
        Assert.Equal(0, bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(refused)));
        bench.Venue.Override = _ => null;
        Assert.True(bench.RunUntil(() => bench.Account.IsReady, 70 * Second));
        OrderId order = bench.New();
        bench.Run(Second);
        Assert.Equal(OrderState.Working, bench.Orders[order].State);
    }

    /// <summary>Pauses before a connection is tried again: they double, stay below their longest, and no two engines share them.</summary>
    [Fact]
    public void Pauses_before_another_attempt_double_with_chance_in_their_second_half()
    {
        HashSet<long> firsts = [];
        for (ulong seed = 1; seed <= 100; seed++)
        {
            ConnectPace pace = new(new RateBudget(1_000, Second), seed);
            long now = 0;
            for (int failures = 0; failures < 12; failures++)
            {
                pace.OnLost(now);
                long longest = Math.Min(ConnectPace.PauseMax, ConnectPace.PauseMin << failures);
                long pause = 0;
                while (!pace.TryTake(now + pause))
                {
                    pause += VirtualClock.Millisecond;
                }

                Assert.InRange(pause, longest / 2, longest + VirtualClock.Millisecond);
                firsts.Add(failures == 5 ? pause : -1);
                now += pause;
            }
        }

        Assert.True(firsts.Count > 50, "the pauses are the same everywhere");
    }
}
