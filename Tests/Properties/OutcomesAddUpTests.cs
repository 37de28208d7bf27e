using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Nothing that was sent gets lost: over a whole random run, with lost answers, repeats and kills, every order that was
/// commanded is filled, cancelled, expired, rejected or never left, with an event and a reason of the journal for it, or it is
/// open or unknown; and every intent has its ruling. A clerk who sees events and commands alone keeps the account.
/// </summary>
public sealed class OutcomesAddUpTests
{
    private const int Events = 900;

    [Fact]
    public void Orders_that_were_commanded_are_outcomes_and_open_and_unknown()
    {
        Tally tally = new();
        PropertyCheck.Holds(Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Ledger.Honest, tally), runs: 120);
        Assert.All(
            (string[])["filled", "cancelled", "expired", "rejected", "not sent", "open", "unknown", "refused intents"],
            kind => Assert.True(tally.Of(kind) > 20, $"{kind}: only {tally.Of(kind)}"));
    }

    [Theory]
    [InlineData(nameof(Ledger.LosesExpiries))]
    [InlineData(nameof(Ledger.ForgetsNotSent))]
    [InlineData(nameof(Ledger.CountsRepeats))]
    [InlineData(nameof(Ledger.DropsAnOrder))]
    public void A_clerk_who_loses_one_kind_is_caught(string plant) => PropertyCheck.Finds(
        Gen.Choose(1, int.MaxValue).ToArbitrary(), seed => Holds(seed, Enum.Parse<Ledger>(plant), new Tally()), runs: 200);

    private static bool Holds(int seed, Ledger plant, Tally tally)
    {
        RandomMarket market = new((ulong)seed, 2) { Honest = true };
        DecisionPipeline pipeline = new(Pipelines.Settings(2, (ArbitrationPolicy)(1 + (seed % 3)), RiskRun.Limits, wanderers: true));
        Clerk clerk = new(plant);
        Decision decision = default;
        long sequence = 0;
        foreach (Event e in market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events; i++)
        {
            if (i % 20 == 0)
            {
                clerk.Close(pipeline.Orders, tally);
            }

            Step(market.Next());
            while (decision.Waiting != 0)
            {
                Step(market.Continue(decision.Waiting));
            }
        }

        return clerk.Close(pipeline.Orders, tally);

        void Step(Event e)
        {
            e.Sequence = sequence++;
            pipeline.OnEvent(e, ref decision);
            clerk.See(e, decision);
            market.Take(decision);
        }
    }

    private enum Ledger
    {
        Honest,
        LosesExpiries,
        ForgetsNotSent,
        CountsRepeats,
        DropsAnOrder,
    }

    private sealed class Tally
    {
        private readonly Dictionary<string, long> _counts = [];

        internal void Add(string kind, long count) => _counts[kind] = Of(kind) + count;

        internal long Of(string kind) => _counts.GetValueOrDefault(kind);
    }

    private sealed class Order(long quantity)
    {
        internal long Quantity { get; set; } = quantity;

        internal long Filled { get; set; }

        /// <summary>What an amendment asks for until it is answered.</summary>
        internal long Asked { get; set; }

        /// <summary>The verb of which nobody knows whether it arrived.</summary>
        internal CommandVerb Doubt { get; set; }

        internal bool IsFilled => Filled >= Math.Max(Quantity, Asked);
    }

    private sealed class Clerk(Ledger plant)
    {
        private readonly Dictionary<OrderId, Order> _open = [];
        private readonly HashSet<VenueId> _executions = [];
        private readonly Dictionary<string, long> _ended = [];
        private long _commanded;
        private long _intents;
        private long _rulings;
        private long _refused;

        internal void See(in Event e, in Decision decision)
        {
            switch (e.Kind)
            {
                case EventKind.CommandOutcome when _open.TryGetValue(e.CommandOutcome.Order, out Order? order):
                    Hear(e.CommandOutcome, order);
                    break;
                case EventKind.OrderReport when _open.TryGetValue(e.OrderReport.Order, out Order? order):
                    Hear(e.OrderReport, order);
                    break;
                case EventKind.Execution when (_executions.Add(e.Execution.ExecutionId) || plant == Ledger.CountsRepeats)
                    && _open.TryGetValue(e.Execution.Order, out Order? order):
                    order.Filled += e.Execution.Quantity;
                    order.Doubt = order.Doubt == CommandVerb.New ? CommandVerb.None : order.Doubt;
                    Settle(e.Execution.Order, order);
                    break;
            }

            _intents += decision.IntentCount;
            for (int i = 0; i < decision.VerdictCount; i++)
            {
                _rulings += decision.Verdicts[i].Ruling != Ruling.None ? 1 : 0;
                _refused += decision.Verdicts[i].Ruling == Ruling.Refused && decision.Verdicts[i].Reason != RiskReason.None ? 1 : 0;
            }

            for (int i = 0; i < decision.CommandCount; i++)
            {
                Command command = decision.Commands[i];
                if (command.Verb == CommandVerb.New)
                {
                    _commanded++;
                    if (plant != Ledger.DropsAnOrder || _commanded != 7)
                    {
                        _open.Add(command.Order, new Order(command.Quantity));
                    }
                }
                else if (command.Verb == CommandVerb.Amend && _open.TryGetValue(command.Order, out Order? amended))
                {
                    amended.Asked = command.Quantity;
                }
            }
        }

        internal bool Close(OrderTable orders, Tally tally)
        {
            long open = 0;
            long unknown = 0;
            for (int place = 0; place < OrderTable.Capacity; place++)
            {
                OrderState state = orders[place].State;
                unknown += state == OrderState.Unknown ? 1 : 0;
                open += state != OrderState.None && state != OrderState.Unknown && !OrderStateMachine.IsTerminal(state) ? 1 : 0;
            }

            foreach ((string kind, long count) in _ended)
            {
                tally.Add(kind, count);
            }

            tally.Add("open", open);
            tally.Add("unknown", unknown);
            tally.Add("refused intents", _refused);
            long ended = _ended.Values.Sum();
            Assert.True(
                _commanded == ended + open + unknown,
                $"{_commanded} orders commanded, {ended} ended, {open} open, {unknown} unknown");
            Assert.Equal(open + unknown, _open.Count);
            Assert.Equal(_intents, _rulings);
            return true;
        }

        private void Hear(in CommandOutcome outcome, Order order)
        {
            if (outcome.Outcome == Outcome.Unknown)
            {
                order.Doubt = outcome.Verb;
            }
            else if (outcome is { Outcome: Outcome.NotSent, Verb: CommandVerb.New })
            {
                End(outcome.Order, plant == Ledger.ForgetsNotSent ? null : "not sent", outcome.Reason);
            }
            else if (outcome is { Outcome: Outcome.NotSent, Verb: CommandVerb.Amend })
            {
                order.Asked = 0;
                Settle(outcome.Order, order);
            }
        }

        private void Hear(in OrderReport report, Order order)
        {
            switch (report.Status)
            {
                case OrderStatus.Rejected:
                    End(report.Order, "rejected", report.Reason);
                    return;
                case OrderStatus.Cancelled:
                    End(report.Order, "cancelled", report.Reason);
                    return;
                case OrderStatus.Expired:
                    End(report.Order, plant == Ledger.LosesExpiries ? null : "expired", report.Reason);
                    return;
                case OrderStatus.Accepted when order.Doubt != CommandVerb.None:
                case OrderStatus.Amended:
                    order.Quantity = report.Quantity;
                    order.Asked = 0;
                    order.Doubt = CommandVerb.None;
                    break;
                case OrderStatus.AmendRejected:
                    order.Asked = 0;
                    break;
            }

            Settle(report.Order, order);
        }

        private void Settle(OrderId id, Order order)
        {
            if (order.IsFilled)
            {
                End(id, "filled", ReportReason.None);
            }
        }

        private void End(OrderId id, string? kind, ReportReason reason)
        {
            if (_open.Remove(id) && kind is not null)
            {
                // What did not fill says why.
                Assert.True(kind == "filled" || reason != ReportReason.None, $"an order was {kind} without a reason");
                _ended[kind] = _ended.GetValueOrDefault(kind) + 1;
            }
        }
    }
}
