using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>No window of a venue's limit ever has more requests than it allows, and cancels keep their share.</summary>
public sealed class RateBudgetTests
{
    private const long Window = 1_000;

    [Fact]
    public void No_window_has_more_than_its_limit_wherever_it_begins()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            Xoshiro256 dice = new(seed);
            int limit = 1 + (int)dice.NextBelow(12);
            int forOrders = (int)dice.NextBelow(limit);
            int forCancels = (int)dice.NextBelow(limit - forOrders);
            RateBudget budget = new(limit, Window, forOrders, forCancels);
            List<(long At, Urgency Urgency)> taken = [];
            long now = 0;
            for (int i = 0; i < 400; i++)
            {
                now += dice.NextBelow(dice.NextBelow(20) == 0 ? 3 * Window : 120);
                Urgency urgency = (Urgency)dice.NextBelow(3);
                if (budget.Allows(now, urgency))
                {
                    budget.Take(now);
                    taken.Add((now, urgency));
                }
            }

            foreach ((long at, Urgency urgency) in taken)
            {
                int inWindow = taken.Count(other => other.At <= at && other.At > at - Window);
                Assert.True(inWindow <= limit, $"seed {seed}: {inWindow} of {limit}");
                int kept = urgency == Urgency.Read ? forOrders + forCancels : urgency == Urgency.Order ? forCancels : 0;
                Assert.True(
                    taken.Count(other => other.At < at && other.At > at - Window) < limit - kept + taken.Count(other => other.At == at),
                    $"seed {seed}: a {urgency} used what was kept");
            }

            Assert.True(taken.Count > 10, "the case is too tame");
        }
    }

    [Fact]
    public void A_bucket_that_is_refilled_would_let_twice_as_many_into_a_window()
    {
        // Ten tokens that come back at ten a second: the planted bug of this test, and why a window is counted instead.
        List<long> taken = [];
        double tokens = 10;
        for (long now = 0; now <= Window; now += 10)
        {
            tokens = Math.Min(10, tokens + 0.1);
            while (tokens >= 1)
            {
                tokens--;
                taken.Add(now);
            }
        }

        Assert.True(taken.Count(at => at < Window) > 15);
    }

    [Fact]
    public void Cancels_get_out_when_orders_have_used_up_theirs()
    {
        RateBudget outer = new(10, Window, keptForOrders: 0, keptForCancels: 3);
        RateBudget inner = new(20, Window);
        int orders = 0;
        while (RateBudget.TryTake(inner, outer, 1, Urgency.Order))
        {
            orders++;
        }

        int cancels = 0;
        while (RateBudget.TryTake(inner, outer, 1, Urgency.Cancel))
        {
            cancels++;
        }

        Assert.Equal((7, 3), (orders, cancels));
        Assert.False(outer.Allows(Window, Urgency.Cancel));
        Assert.True(outer.Allows(Window + 1, Urgency.Order));
    }

    [Fact]
    public void Two_budgets_are_taken_from_together_or_not_at_all()
    {
        RateBudget outer = new(1, Window);
        RateBudget inner = new(5, Window);
        Assert.True(RateBudget.TryTake(inner, outer, 1, Urgency.Order));
        Assert.False(RateBudget.TryTake(inner, outer, 2, Urgency.Order));
        Assert.True(RateBudget.TryTake(inner, new RateBudget(9, Window), 3, Urgency.Order));
        int left = 0;
        for (; inner.Allows(4, Urgency.Order); left++)
        {
            inner.Take(4);
        }

        Assert.Equal(3, left);
    }

    [Fact]
    public void The_venues_word_counts_where_it_is_less_and_raises_the_limit_up_to_its_bound()
    {
        RateBudget budget = new(10, Window, limitMax: 40);
        budget.Observe(60, -1, 0, 0);
        Assert.Equal(40, budget.Limit);
        budget.Observe(20, 2, Window, 0);
        Assert.Equal(20, budget.Limit);
        budget.Take(1);
        budget.Take(1);
        Assert.False(budget.Allows(2, Urgency.Cancel));
        Assert.True(budget.Allows(Window, Urgency.Cancel));
        budget.Block(3 * Window);
        Assert.False(budget.Allows((3 * Window) - 1, Urgency.Cancel));
        Assert.True(budget.Allows(3 * Window, Urgency.Cancel));
    }

    [Fact]
    public void A_reset_far_ahead_does_not_stop_everything()
    {
        RateBudget budget = new(10, Window);
        budget.Observe(10, 0, long.MaxValue, 5);
        Assert.False(budget.Allows(6, Urgency.Cancel));
        Assert.True(budget.Allows(6 + Window, Urgency.Cancel));
    }

    [Fact]
    public void Orders_never_leave_faster_than_the_venue_allows_and_those_that_waited_too_long_do_not_leave()
    {
        LiveBench bench = new LiveBench().Ready();
        List<long> arrivals = [];
        bench.Venue.FaultOf = (verb, _) =>
        {
            arrivals.Add(bench.Clock.Now);
            return Fault.None;
        };
        for (int i = 0; i < 60; i++)
        {
            bench.New();
        }

        bench.Run(10 * VirtualClock.Second);
        Assert.InRange(arrivals.Count, 15, 30);
        foreach (long at in arrivals)
        {
            Assert.True(arrivals.Count(other => other <= at && other > at - VirtualClock.Second) <= 10);
        }

        Assert.Equal(60, bench.Answers.Values.Sum(answers => answers.Count));
        Assert.Equal(60 - arrivals.Count, bench.Answers.Values.Count(answers =>
            answers[0] is { Outcome: Outcome.NotSent, Reason: ReportReason.RateLimited }));
    }

    [Fact]
    public void Cancels_leave_while_orders_wait()
    {
        LiveBench bench = new LiveBench().Ready();
        List<OrderId> orders = [.. Enumerable.Range(0, 5).Select(_ => bench.New())];
        bench.Run(2 * VirtualClock.Second);
        for (int i = 0; i < 40; i++)
        {
            bench.New();
        }

        orders.ForEach(bench.Cancel);
        bench.Run(30 * VirtualClock.Millisecond);
        Assert.All(orders, order => Assert.Equal("Cancelled", bench.Venue.Orders[LiveBench.LinkOf(order)].Status));
    }

    [Fact]
    public void The_rate_follows_what_the_venue_says_of_its_limit()
    {
        LiveBench bench = new LiveBench(hasTradeStream: false);
        bench.Venue.Headers = "X-Bapi-Limit: 20\nX-Bapi-Limit-Status: 19\nX-Bapi-Limit-Reset-Timestamp: 0\n";
        bench.Ready();
        bench.New();
        bench.Run(2 * VirtualClock.Second);
        int before = bench.Venue.Arrivals.Count;
        for (int i = 0; i < 60; i++)
        {
            bench.New();
        }

        bench.Run(VirtualClock.Second);
        Assert.Equal(20, bench.Venue.Arrivals.Count - before);
    }

    [Fact]
    public void After_a_ban_nothing_is_asked_for_ten_minutes_and_orders_are_refused_here()
    {
        LiveBench bench = new LiveBench().Ready();
        bench.Venue.Override = path => path.Contains("time", StringComparison.Ordinal) ? (403, "access too frequent") : null;
        Assert.True(bench.RunUntil(() => !bench.Account.IsReady, 15 * VirtualClock.Second));
        Assert.Equal(ReportReason.RateLimited, bench.Account.Gate);
        bench.Venue.Override = _ => null;
        int asked = bench.Net.Client!.Sent.Count;
        OrderId refused = bench.New();
        bench.Run(590 * VirtualClock.Second, 100 * VirtualClock.Millisecond);
        Assert.Equal(asked, bench.Net.Client.Sent.Count);
        Assert.Equal(ReportReason.RateLimited, bench.Answers.Single(pair => pair.Key.Order == refused).Value.Single().Reason);
        Assert.True(bench.RunUntil(() => bench.Account.IsReady, 30 * VirtualClock.Second));
    }
}
