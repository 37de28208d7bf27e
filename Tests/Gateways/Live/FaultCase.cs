using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Values;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>A defect that a case must catch.</summary>
internal enum PlantedBug
{
    None,
    TimeoutMeansRejected,
    TimeoutMeansNotSent,
    AnsweredTwice,
    NeverAnswered,
    UnknownEndsByTime,
    FillsForgotten,
    DoubtForgotten,
    AmendBelieved,
    ResendOnTimeout,
}

/// <summary>
/// Orders, amendments and cancels while everything goes wrong that can; then the faults end, and what the engine believes is
/// compared with what the venue knows.
/// </summary>
internal static class FaultCase
{
    private static readonly Fault[] _faults = Enum.GetValues<Fault>();

    public static void Run(ulong seed, Tally tally, PlantedBug bug = PlantedBug.None)
    {
        Xoshiro256 dice = new(seed);
        bool hasStream = dice.NextBelow(4) != 0;
        LiveBench bench = new(seed, hasStream);
        Plant(bench, bug);
        bench.Ready();
        Xoshiro256 faultDice = new(seed + 1);
        int percent = (int)dice.NextBelow(100);
        bench.Venue.FaultOf = (verb, _) =>
        {
            Fault fault = faultDice.NextBelow(100) < percent ? _faults[faultDice.NextBelow(_faults.Length)] : Fault.None;
            tally.Add($"{verb} {fault}");
            return fault;
        };
        bench.Venue.ReadFails = path => !path.Contains("instruments", StringComparison.Ordinal) && faultDice.NextBelow(100) < percent / 3;
        bench.Venue.ReportDelay = dice.NextBelow(2) == 0 ? dice.NextBelow(40) * 10 * VirtualClock.Millisecond : 0;
        bench.Venue.Staleness = dice.NextBelow(3) == 0 ? dice.NextBelow(1_500) : 0;
        bench.OnEvent = e => Watch(bench, e);
        List<OrderId> orders = [];
        for (int step = 0; step < 8; step++)
        {
            Step(bench, orders, ref dice, hasStream, bug);
            bench.Run((1 + dice.NextBelow(150)) * 10 * VirtualClock.Millisecond);
        }

        bench.Venue.FaultOf = (_, _) => Fault.None;
        bench.Venue.ReadFails = _ => false;
        bench.Venue.Staleness = 0;
        bool settled = bench.RunUntil(
            () => bench.Account is { Unresolved: 0, IsReady: true }, 180 * VirtualClock.Second);
        Require(settled, $"{bench.Account.Unresolved} commands are not resolved, gate {bench.Account.Gate}");
        long passes = bench.Account.ReadBackPasses;
        Require(
            bench.RunUntil(() => bench.Account.ReadBackPasses >= passes + 2, 90 * VirtualClock.Second),
            "the account is not read back");
        Judge(bench, orders, tally);
    }

    private static void Step(LiveBench bench, List<OrderId> orders, ref Xoshiro256 dice, bool hasStream, PlantedBug bug)
    {
        OrderBelief? some = orders.Count == 0 ? null : bench.Orders[orders[(int)dice.NextBelow(orders.Count)]];
        long choice = dice.NextBelow(12);
        if (choice < 4 || some is null)
        {
            orders.Add(bench.New(6_500_000 + (10 * dice.NextBelow(50)), 100 + dice.NextBelow(400)));
        }
        else if (choice < 6 && some.State == OrderState.Working)
        {
            bench.Amend(some.Id, 6_400_000 + (10 * dice.NextBelow(50)), 600 + dice.NextBelow(400));
        }
        else if (choice < 9 && !some.HasEnded)
        {
            bench.Cancel(some.Id);
        }
        else if (choice < 11 && bench.Venue.Orders.TryGetValue(LiveBench.LinkOf(some.Id), out FakeOrder? order))
        {
            bench.Venue.Fill(order, 0.001m * (1 + dice.NextBelow(600)));
        }
        else if (hasStream)
        {
            VirtualConnection trade = bench.Net.Of("/trade");
            if (dice.NextBelow(2) == 0)
            {
                trade.Cut();
            }
            else
            {
                trade.IsMute = true;
            }
        }
    }

    /// <summary>What is said to be proven is asked of the venue at the instant at which it is said.</summary>
    private static void Watch(LiveBench bench, in Event e)
    {
        if (e.Kind == EventKind.CommandOutcome && e.CommandOutcome is { Outcome: Outcome.NotSent, Verb: CommandVerb.New })
        {
            Require(
                bench.Venue.ArrivalsOf("create", LiveBench.LinkOf(e.CommandOutcome.Order)) == 0,
                "an order that was answered as not sent has arrived");
        }

        if (e.Kind == EventKind.OrderReport
            && (e.OrderReport.Status == OrderStatus.Rejected || e.OrderReport.Reason == ReportReason.ProvenAbsent))
        {
            Require(
                !bench.Venue.Orders.ContainsKey(LiveBench.LinkOf(e.OrderReport.Order)),
                "an order was told not to exist that does");
        }
    }

    private static void Judge(LiveBench bench, List<OrderId> orders, Tally tally)
    {
        foreach (((OrderId order, long sequence, CommandVerb verb), List<CommandOutcome> answers) in bench.Answers)
        {
            Require(
                answers.Count == 1,
                string.Create(CultureInfo.InvariantCulture, $"{verb} of {LiveBench.LinkOf(order)} by {sequence} was answered {answers.Count} times"));
            tally.Add("answered " + answers[0].Outcome);
        }

        HashSet<VenueId> fills = [];
        foreach (Event e in bench.Events.Where(e => e.Kind == EventKind.Execution))
        {
            fills.Add(e.Execution.ExecutionId);
        }

        Require(fills.Count == bench.Venue.Fills.Count, $"{fills.Count} executions were told of {bench.Venue.Fills.Count}");
        foreach (OrderId id in orders)
        {
            OrderBelief belief = bench.Orders[id];
            string link = LiveBench.LinkOf(id);
            FakeOrder? truth = bench.Venue.Orders.GetValueOrDefault(link);
            string what = $"{link} is believed {belief.State} {belief.Filled}/{belief.Quantity}@{belief.Price}; the venue has "
                + (truth is null ? "no such order" : $"{truth.Status} {truth.Filled}/{truth.Quantity}@{truth.Price}");
            int most = bench.Venue.Doubled.Contains(link) ? 2 : 1;
            Require(bench.Venue.ArrivalsOf("create", link) <= most, "sent twice: " + what);
            Require(belief.HasEnded ? truth is not { IsOpen: true } : truth is { IsOpen: true }, what);
            Require(truth is null || (long)(truth.Filled * 1_000) == belief.Filled, what);
            if (truth is { IsOpen: true })
            {
                Require(belief.State == OrderState.Working, what);
                Require((long)(truth.Price * 100) == belief.Price && (long)(truth.Quantity * 1_000) == belief.Quantity, what);
            }

            tally.Add("ended as " + belief.State);
        }
    }

    private static void Plant(LiveBench bench, PlantedBug bug)
    {
        HashSet<OrderId> doubted = [];
        IEnumerable<Event> Change(Event e)
        {
            bool isUnknown = e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Outcome == Outcome.Unknown;
            switch (bug)
            {
                case PlantedBug.TimeoutMeansRejected when isUnknown && e.CommandOutcome.Verb == CommandVerb.New:
                    yield return e;
                    Event rejected = e;
                    rejected.Set(new OrderReport { Order = e.CommandOutcome.Order, Status = OrderStatus.Rejected });
                    yield return rejected;
                    break;
                case PlantedBug.TimeoutMeansNotSent when isUnknown:
                    Event notSent = e;
                    notSent.CommandOutcome.Outcome = Outcome.NotSent;
                    yield return notSent;
                    break;
                case PlantedBug.AnsweredTwice when isUnknown:
                    yield return e;
                    yield return e;
                    break;
                case PlantedBug.NeverAnswered when isUnknown:
                    break;
                case PlantedBug.FillsForgotten when e.Kind == EventKind.Execution:
                    break;
                case PlantedBug.DoubtForgotten when isUnknown && e.CommandOutcome.Verb == CommandVerb.New:
                    doubted.Add(e.CommandOutcome.Order);
                    yield return e;
                    break;
                case PlantedBug.DoubtForgotten when e.Kind == EventKind.OrderReport && doubted.Contains(e.OrderReport.Order):
                    break;
                case PlantedBug.UnknownEndsByTime when isUnknown && e.CommandOutcome.Verb == CommandVerb.Cancel:
                    yield return e;
                    Event cancelled = e;
                    cancelled.Set(new OrderReport { Order = e.CommandOutcome.Order, Status = OrderStatus.Cancelled });
                    yield return cancelled;
                    break;
                case PlantedBug.AmendBelieved when e.Kind == EventKind.OrderReport && e.OrderReport.Status == OrderStatus.Amended:
                    break;
                default:
                    yield return e;
                    break;
            }
        }

        if (bug is not (PlantedBug.None or PlantedBug.ResendOnTimeout))
        {
            bench.Tamper = Change;
        }

        if (bug == PlantedBug.ResendOnTimeout)
        {
            // What a client library with retries would do: the last order once more under a number of its own.
            bench.Tamper = e =>
            {
                if (e.Kind == EventKind.CommandOutcome && e.CommandOutcome.Outcome == Outcome.Unknown
                    && bench.Net.Connections.Find(c => c.Url.EndsWith("/trade", StringComparison.Ordinal)) is { IsOpen: true } trade
                    && trade.Sent.FindLast(sent => sent.Contains(LiveBench.LinkOf(e.CommandOutcome.Order), StringComparison.Ordinal)) is { } last)
                {
                    trade.TrySend(System.Text.Encoding.UTF8.GetBytes(last));
                }

                return [e];
            };
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
