using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Gateways.Sim;
using Xunit;
using OrderTable = LowLatency.Core.Orders.OrderTable;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// Simulated orders live the whole life of real ones: over a handful of paper runs with late answers, lost ones, refusals, outages,
/// restarts and stops, every state of the machine is met by every input that a venue can cause there. What an observer of events and
/// commands sees is laid over the table.
/// </summary>
public sealed class SimulatedOrderStatesTests
{
    private const long Interval = 100_000_000;
    private const long StartMs = 1_767_225_600_000;

    [Fact]
    public void Every_state_meets_every_input_that_a_venue_can_cause_there()
    {
        HashSet<(OrderState, OrderInput)> met = [];
        for (int i = 0; i < 16; i++)
        {
            Watch(Rough(i), met, isRough: true);
        }

        Assert.True(Lacking(met).Count == 0, string.Join(", ", Lacking(met)));

        Assert.Equal(
            Enum.GetValues<OrderState>().Where(s => s is not OrderState.None),
            met.Select(m => m.Item1).Concat(met.Select(m => Next(m.Item1, m.Item2))).Distinct().Order());

        // What is said to be out of reach is: a list that says too much would hide what is not simulated.
        Assert.Empty(OutOfReach.Where(cell => met.Contains((cell.State, cell.Input))).Select(cell => $"{cell.State} {cell.Input}"));
    }

    [Fact]
    public void A_venue_at_which_nothing_goes_wrong_is_found_not_to_be_enough()
    {
        HashSet<(OrderState State, OrderInput)> met = [];
        Watch(GeneratedRuns.Configuration(8_000), met, isRough: false);
        Assert.True(Lacking(met).Count > 20);
        Assert.DoesNotContain(met, m => m.State == OrderState.Unknown);
    }

    // The machine has rules for these all the same, for venues that do not keep the order of their words.
    private static readonly (OrderState State, OrderInput Input)[] OutOfReach =
    [
        // What became of a command is told before the venue's word on it, and an acceptance before anything else.
        (OrderState.PendingNew, OrderInput.Cancelled),
        (OrderState.PendingNew, OrderInput.Fill),
        (OrderState.PendingNew, OrderInput.FillAll),
        (OrderState.Working, OrderInput.Sent),
        (OrderState.Working, OrderInput.OutcomeUnknown),
        (OrderState.Working, OrderInput.Amended),

        // What it has accepted it never rejects.
        (OrderState.Working, OrderInput.Rejected),
        (OrderState.PendingAmend, OrderInput.Rejected),

        // How an order ended is told before a refusal to change or cancel it because it is not known any more.
        (OrderState.Working, OrderInput.GoneAtVenue),
        (OrderState.Working, OrderInput.GoneUnamended),
        (OrderState.PendingAmend, OrderInput.GoneAtVenue),
        (OrderState.PendingAmend, OrderInput.GoneUnamended),
        (OrderState.PendingCancel, OrderInput.GoneAtVenue),
        (OrderState.PendingCancel, OrderInput.GoneUnamended),
        (OrderState.Unknown, OrderInput.GoneAtVenue),
        (OrderState.Unknown, OrderInput.GoneUnamended),

        // It ends an order after it has accepted it, and the engine asks once for a cancel.
        (OrderState.PendingNew, OrderInput.Expired),
        (OrderState.PendingCancel, OrderInput.AskCancel),
    ];

    // A crash in the one nanosecond in which a command is answered, an item of a reading between a question and its answer, a part of
    // a fill between a crash and its reading: these runs may meet them or not.
    private static readonly (OrderState State, OrderInput Input)[] Seldom =
    [
        (OrderState.PendingAmend, OrderInput.Accepted),
        (OrderState.Unknown, OrderInput.AmendNotSent),
        (OrderState.Unknown, OrderInput.CancelNotSent),
        (OrderState.Unknown, OrderInput.Fill),
    ];

    private static List<string> Lacking(HashSet<(OrderState, OrderInput)> met)
    {
        List<string> lacking = [];
        foreach (OrderState state in Enum.GetValues<OrderState>())
        {
            foreach (OrderInput input in Enum.GetValues<OrderInput>())
            {
                if (Moves(state, input) && !met.Contains((state, input)) && !OutOfReach.Contains((state, input))
                    && !Seldom.Contains((state, input)))
                {
                    lacking.Add($"{state} {input}");
                }
            }
        }

        return lacking;
    }

    /// <summary>Cells that are news in a state: those that the table ignores or halts at say nothing of a life.</summary>
    private static bool Moves(OrderState state, OrderInput input)
    {
        if (state == OrderState.None || OrderStateMachine.IsTerminal(state)
            || (input == OrderInput.AskAmend && state != OrderState.Working))
        {
            return false;
        }

        return OrderStateMachine.TryNext(state, input, out _);
    }

    private static OrderState Next(OrderState state, OrderInput input) =>
        Moves(state, input) && OrderStateMachine.TryNext(state, input, out OrderState next) ? next : state;

    /// <summary>A paper run, decided and matched here, with kills, stops of strategies and crashes between its events.</summary>
    private static void Watch(EngineConfiguration configuration, HashSet<(OrderState, OrderInput)> met, bool isRough)
    {
        DecisionPipeline pipeline = PipelineFactory.Pipeline(configuration);
        SimulatedVenue venue = PipelineFactory.Venue(configuration);
        MarketGenerator market = new(configuration.Generator!);
        OrderTable orders = pipeline.Orders;
        HashSet<OrderId> alive = [];
        Decision decision = default;
        long sequence = 0;
        int epoch = 1;
        int groups = 0;
        int nextCrash = 50;
        int nextKill = 90;
        int letGo = 0;
        bool crashes = pipeline.Reconciler is not null;
        long tick = StartMs * 1_000_000;
        Event e = default;
        Say(StartMs * 1_000_000, new EpochStarted { Epoch = epoch, Instance = 1, Venue = VenueKind.Simulated });
        Say(StartMs * 1_000_000, new CashMoved { Currency = Currency8.Of("USDT"), Amount = 100_000_000_000_000 });
        while (market.Read(ref e) == ReadResult.Event)
        {
            for (; tick < e.ReceivedAt; tick += Interval)
            {
                Take(tick);
                Say(tick, new Tick { Number = tick / Interval, Interval = Interval });
            }

            Take(e.ReceivedAt);
            long now = e.ReceivedAt;
            bool ends = e.EndsGroup;
            Step(e);
            if (!isRough || !ends)
            {
                continue;
            }

            // The process dies and comes back, an operator kills and lets go again: most of all while something is on its way.
            groups++;
            bool isBusy = decision.CommandCount != 0;
            if (crashes && groups > nextCrash && isBusy)
            {
                nextCrash = groups + 60;
                Say(now, new EpochStarted { Epoch = ++epoch, Instance = 1, Venue = VenueKind.Simulated });
            }
            else if (groups > nextKill && isBusy)
            {
                nextKill = groups + 300;
                letGo = groups + 10;
                Say(now, new OperatorCommand { Verb = OperatorVerb.Kill });
            }
            else if (groups == letGo)
            {
                Say(now, new OperatorCommand { Verb = OperatorVerb.ReleaseKill });
                Say(now, new OperatorCommand { Verb = OperatorVerb.Activate });
            }
        }

        void Take(long until)
        {
            Event report = default;
            while (venue.NextDue < until)
            {
                if (venue.Poll(venue.NextDue, ref report))
                {
                    Step(report);
                }
            }
        }

        void Say<T>(long at, in T payload)
            where T : unmanaged, IPayload
        {
            Event said = new() { ReceivedAt = at, Source = EventSource.Engine, Flags = EventFlags.Whole };
            said.Set(payload);
            Step(said);
        }

        void Step(Event next)
        {
            next.Sequence = sequence++;
            See(next);
            venue.OnEvent(next);
            for (int i = 0; i < decision.CommandCount; i++)
            {
                venue.Submit(decision.Commands[i], next.Sequence, next.ReceivedAt);
            }

            if (decision.Waiting != 0)
            {
                Say(next.ReceivedAt, new Continue { Waiting = decision.Waiting });
            }

            // After a crash the account is read back: that is how what is unknown gets known.
            Event follow = default;
            while (next.EndsGroup && pipeline.TryNext(ref follow))
            {
                follow.ReceivedAt = next.ReceivedAt;
                follow.Source = EventSource.Engine;
                follow.Flags = EventFlags.Whole;
                Step(follow);
                follow = default;
            }
        }

        void See(in Event next)
        {
            // What the event says of which order, in the state that the order is in when it comes.
            OrderId[] meant = next.Kind switch
            {
                EventKind.EpochStarted => [.. alive],
                EventKind.CommandOutcome => [next.CommandOutcome.Order],
                EventKind.OrderReport => [next.OrderReport.Order],
                EventKind.Execution => [next.Execution.Order],
                _ => [],
            };
            Dictionary<OrderId, OrderState> told = [];
            foreach (OrderId id in meant)
            {
                OrderState state = StateOf(orders, id);
                if (state != OrderState.None)
                {
                    OrderInput input = Heard(next, orders, id);
                    met.Add((state, input));
                    told[id] = Next(state, input);
                }
            }

            // An order is asked for something after it was told of.
            Dictionary<OrderId, OrderState> before = alive.ToDictionary(id => id, id => StateOf(orders, id));
            pipeline.OnEvent(next, ref decision);
            for (int i = 0; i < decision.CommandCount; i++)
            {
                Command command = decision.Commands[i];
                if (command.Verb == CommandVerb.New)
                {
                    alive.Add(command.Order);
                }
                else
                {
                    OrderState state = told.TryGetValue(command.Order, out OrderState now) ? now : before[command.Order];
                    met.Add((state, command.Verb == CommandVerb.Amend ? OrderInput.AskAmend : OrderInput.AskCancel));
                }
            }

            alive.RemoveWhere(id => OrderStateMachine.IsTerminal(StateOf(orders, id)) || StateOf(orders, id) == OrderState.None);
        }
    }

    /// <summary>What an event says, by the words of the venue alone.</summary>
    private static OrderInput Heard(in Event e, OrderTable orders, OrderId id)
    {
        switch (e.Kind)
        {
            case EventKind.EpochStarted:
                return OrderInput.EpochStarted;
            case EventKind.CommandOutcome:
                return (e.CommandOutcome.Outcome, e.CommandOutcome.Verb) switch
                {
                    (Outcome.Sent, _) => OrderInput.Sent,
                    (Outcome.Unknown, _) => OrderInput.OutcomeUnknown,
                    (_, CommandVerb.New) => OrderInput.NewNotSent,
                    (_, CommandVerb.Amend) => OrderInput.AmendNotSent,
                    _ => OrderInput.CancelNotSent,
                };
            case EventKind.Execution:
                orders.TryFind(id, out int place);
                long all = Math.Max(orders[place].Quantity, orders[place].PendingQuantity);
                return orders[place].Filled + e.Execution.Quantity >= all ? OrderInput.FillAll : OrderInput.Fill;
            default:
                bool gone = e.OrderReport.Reason == ReportReason.UnknownOrder;
                return e.OrderReport.Status switch
                {
                    OrderStatus.Accepted => OrderInput.Accepted,
                    OrderStatus.Rejected => OrderInput.Rejected,
                    OrderStatus.Amended => OrderInput.Amended,
                    OrderStatus.AmendRejected => gone ? OrderInput.GoneUnamended : OrderInput.AmendRejected,
                    OrderStatus.Cancelled => OrderInput.Cancelled,
                    OrderStatus.CancelRejected => gone ? OrderInput.GoneAtVenue : OrderInput.CancelRejected,
                    _ => OrderInput.Expired,
                };
        }
    }

    /// <summary>A venue at which everything goes wrong now and then, and wishes that change before they are answered.</summary>
    private static EngineConfiguration Rough(int number) => GeneratedRuns.Configuration(40_000, root =>
    {
        root["seed"] = 77 + number;
        JsonObject venue = [];
        root["venue"] = venue;
        venue["entryLatency"] = JsonNode.Parse(number % 2 == 0
            ? """{ "lognormal": { "medianUs": 20000, "sigmaThousandths": 900, "mostUs": 400000 } }"""
            : """{ "lognormal": { "medianUs": 300, "sigmaThousandths": 900, "mostUs": 20000 } }""");
        venue["responseLatency"] = JsonNode.Parse("""{ "uniform": { "spreadUs": 60000 } }""");
        venue["matching"] = JsonNode.Parse(
            """{ "queue": "power", "selfTrade": "cancel-maker", "amend": "always-queues-anew", "trigger": "touch" }""");
        venue["rateLimit"] = JsonNode.Parse("""{ "commands": 6, "windowMs": 400 }""");
        if (number % 2 == 1)
        {
            // Orders grow old while they are amended, cancelled, or in doubt.
            venue["hours"] = new JsonObject { ["goodTillCancelMs"] = 200 + (number * 50) };
        }

        JsonArray incidents = [];
        string[] kinds = ["reject", "disconnect", "delay", "disconnect", "unknown", "disconnect", "lost"];

        // The last ones lose the line again and again, for a moment each.
        bool flickers = number >= 12;
        for (int i = 0; i < 200; i++)
        {
            incidents.Add(new JsonObject
            {
                ["fromUnixMs"] = StartMs + 3_000 + (i * (flickers ? 400 : 1_000)) + (number * 100),
                ["forMs"] = flickers ? 150 : 700,
                ["kind"] = flickers ? "disconnect" : kinds[(i + number) % kinds.Length],
            });
        }

        venue["incidents"] = incidents;
        root["risk"]!["reconcile"] = number % 3 == 0 ? null : new JsonObject
        {
            ["venues"] = new JsonArray("simulated"),
            ["mode"] = "warn",
            ["intervalMs"] = 1_000,
            ["retryAfterMs"] = 500,
            ["requestLifeMs"] = 200,
            ["maxAdjustment"] = "1000000000",
        };
        if (number % 3 == 0)
        {
            root["risk"]!.AsObject().Remove("reconcile");
        }
    });

    private static OrderState StateOf(OrderTable orders, OrderId id) =>
        orders.TryFind(id, out int place) ? orders[place].State : OrderState.None;
}
