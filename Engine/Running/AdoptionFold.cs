using System.Collections.Generic;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// Folds positions, cash, orders and latches from what is on disk, without any code that decides: executions and reports
/// from the journal, wishes and commands from the audit log. A fill of the shared lane reduces the strategies that hold a part,
/// and adds to the strategy that alone asked for it; where several did, to the house: how they share it is known only to the code
/// that decided.
/// </summary>
internal static class AdoptionFold
{
    /// <summary>Runs it.</summary>
    /// <param name="directory">The journal, recovered.</param>
    /// <param name="origin">Where it begins.</param>
    /// <param name="risk">Settings of the run to come; its limits are not applied here.</param>
    internal static PortableState Run(JournalDirectory directory, AdoptionOrigin origin, RiskSettings risk)
    {
        DecisionPipeline pipeline = new(new PipelineSettings
        {
            Strategies = [],
            Arbitration = new ArbitrationSettings(ArbitrationPolicy.Net, [], normaliseWeights: false),
            Risk = risk with { InitialState = TradingState.Active },
            Timeframes = [],
            BarGrace = 0,
        });
        RunFacts facts = new();
        Decision none = default;
        if (origin.State is { } state)
        {
            Adoption.Apply(state, pipeline, origin.StrategyNames);
            facts.Take(state, 0);
            foreach (Event e in Adoption.Restated(state, state.Now, isLive: false))
            {
                pipeline.Fold(e, ref none);
            }

            foreach (OperatorVerb verb in Adoption.Latches(state, TradingState.Active, hold: false))
            {
                pipeline.Risk.Obey(verb);
            }

            foreach (StrategyId strategy in Adoption.Stopped(state, origin.StrategyNames))
            {
                pipeline.Risk.Obey(OperatorVerb.StopStrategy, strategy);
            }
        }

        if (directory.NextSequence > origin.From)
        {
            Fold(directory, origin, pipeline, facts);
        }

        return Adoption.Capture(pipeline, facts, origin.StrategyNames);
    }

    private static void Fold(JournalDirectory directory, AdoptionOrigin origin, DecisionPipeline pipeline, RunFacts facts)
    {
        PosixStorage storage = new();
        using JournalReader journal = new(
            storage, directory.Path, new ReadOptions { From = origin.From, To = directory.NextSequence - 1 });
        using AuditReader audit = new(
            storage, directory.Path, origin.FromRecord, toRecord: directory.Audit.NextRecord - 1);
        AuditGroup group = new();
        Decision none = default;
        Event e = default;
        bool hasGroup = audit.Read(group) == ReadResult.Event;
        while (journal.Read(ref e) == ReadResult.Event)
        {
            pipeline.Fold(e, ref none);
            facts.Add(e);
            while (hasGroup && group.Sequence <= e.Sequence)
            {
                // What a crash cut was never sent.
                if (group is { IsCheckpoint: false, IsComplete: true })
                {
                    Follow(pipeline.Arbitration, group.Decision);
                    Cross(pipeline.Portfolio, group.Decision);
                    Send(pipeline.Orders, group.Decision, e.ReceivedAt);
                }

                hasGroup = audit.Read(group) == ReadResult.Event;
            }
        }
    }

    /// <summary>What strategies handed to one another was decided by the other build; only its record says so.</summary>
    private static void Cross(PortfolioLedger portfolio, in Decision decision)
    {
        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            Suppression record = decision.Suppressions[i];
            if (record.Reason == SuppressionReason.Crossed)
            {
                portfolio.Cross(new InternalTrade(
                    record.Instrument, record.Strategy, record.Winner, record.Target, record.Detail));
            }
        }
    }

    /// <summary>What protects a position was said by its wish; who alone asked for an order is who gets its fills.</summary>
    private static void Follow(ArbitrationStage arbitration, in Decision decision)
    {
        for (int i = 0; i < decision.SignalCount; i++)
        {
            arbitration.Brackets.Follow(decision.Signals[i]);
        }

        for (int i = 0; i < decision.IntentCount; i++)
        {
            Intent intent = decision.Intents[i];
            uint asked = intent.Strategies;
            if (intent.Kind == IntentKind.Target && BitOperations.PopCount(asked) == 1)
            {
                arbitration.Shares.Ask(
                    new StrategyId((ushort)BitOperations.TrailingZeroCount(asked)),
                    intent.Instrument,
                    intent.Target - intent.LanePosition);
            }
        }
    }

    private static void Send(OrderTable orders, in Decision decision, long now)
    {
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Command command = decision.Commands[i];
            if (command.Verb == CommandVerb.New)
            {
                orders.Add(command, now);
            }
            else if (orders.TryFind(command.Order, out int place))
            {
                if (command.Verb == CommandVerb.Amend)
                {
                    orders.AskAmend(place, command.Price, command.Quantity);
                }
                else
                {
                    orders.Apply(place, OrderInput.AskCancel);
                }
            }
        }
    }
}

/// <summary>Where a fold begins.</summary>
/// <param name="From">First event to fold.</param>
/// <param name="FromRecord">First audit record to fold.</param>
/// <param name="State">What was before, or null for nothing.</param>
/// <param name="StrategyNames">Names by the strategy ids that the records hold.</param>
internal sealed record AdoptionOrigin(
    long From, long FromRecord, PortableState? State, IReadOnlyList<string> StrategyNames);
