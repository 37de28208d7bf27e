using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Properties;

/// <summary>
/// One random run, a function of its seed: three strategies that want anything on two instruments, a venue that loses,
/// repeats, refuses and delays, operators, exits and a breaker; after every event an auditor who sees only events and
/// commands holds the limits against them, and in the end the money is counted.
/// </summary>
internal sealed class RiskRun
{
    private const int Events = 700;

    private readonly RandomMarket _market;
    private readonly HandPipeline _pipeline;
    private readonly RiskAuditor _auditor;
    private Decision _decision;
    private long _sequence;

    private readonly RiskProfile _profile;

    private RiskRun(int seed, RiskProfile profile, Plant plant, RiskSettings planted)
    {
        _profile = profile;
        _market = new RandomMarket((ulong)seed, 2) { Honest = true, Kind = profile.Kind, Cash = profile.Cash, Odd = profile.Odd };
        ArbitrationPolicy policy = (ArbitrationPolicy)(1 + (seed % 3));
        _pipeline = new HandPipeline(Pipelines.Settings(2, policy, planted, wanderers: true), plant);
        _auditor = new RiskAuditor(profile.Limits);
    }

    /// <summary>The limits of the plainest profile.</summary>
    internal static RiskSettings Limits => RigSettings.Wide() with
    {
        Default = RigSettings.Wide().Default with
        {
            MaxOrderQuantityE9 = 30 * Rig.Piece,
            MaxOrderNotional = 29 * 10_000 * Rig.MoneyPerCent,
            MaxPositionE9 = 50 * Rig.Piece,
        },
        MaxWorkingOrders = 6,
        MaxOrdersPerWindow = 12,
        OrderWindow = Rig.Second / 2,
        RetryInterval = 100_000_000,
        RejectBackoff = 150_000_000,
        Exits = [new ExitRule { StopLossBps = 10, TakeProfitBps = 30 }, new ExitRule { TrailingBps = 20, MaxHolding = Rig.Second }],
        Breakers = [new BreakerRule(BreakerKind.Rejects, 3, BreakerAction.Reduce, Rig.Second)],
    };

    /// <summary>Intents that were ruled on.</summary>
    internal long Intents { get; private set; }

    /// <summary>Commands that were judged.</summary>
    internal int Commands => _auditor.Adding;

    /// <summary>Intents of protective exits.</summary>
    internal long Exits { get; private set; }

    /// <summary>Intents that were refused or cut, by the first reason.</summary>
    internal long[] Reasons { get; } = new long[Enum.GetValues<RiskReason>().Length];

    /// <summary>What does not hold, or null.</summary>
    internal string? Complaint { get; private set; }

    /// <summary>Runs.</summary>
    /// <param name="seed">Says everything.</param>
    /// <param name="plant">A wire that is cut.</param>
    /// <param name="planted">Other settings than those that the auditor knows.</param>
    /// <param name="profile">Limits, account and market.</param>
    internal static RiskRun Of(
        int seed, Plant plant = Plant.None, Func<RiskSettings, RiskSettings>? planted = null, RiskProfile? profile = null)
    {
        profile ??= RiskProfile.Plain;
        RiskRun run = new(seed, profile, plant, planted is null ? profile.Limits : planted(profile.Limits));
        run.Run();
        run.Complaint = run._auditor.Complaint ?? run.CountMoney();
        run.Complaint = run.Complaint is null ? null : $"seed {seed}: {run.Complaint} at event {run._sequence - 1}";
        return run;
    }

    private void Run()
    {
        foreach (Event e in _market.Opening())
        {
            Step(e);
        }

        for (int i = 0; i < Events && _auditor.Complaint is null; i++)
        {
            Event e = _market.Next();
            bool reset = i % 90 == 89 && e.EndsGroup;
            Step(e);
            Continue();
            if (e.Kind == EventKind.Operator && e.Operator.Verb == OperatorVerb.Kill)
            {
                _auditor.AfterKill();
            }

            if (reset)
            {
                Step(_market.Say(OperatorVerb.ResetBreakers));
                Continue();
            }
        }
    }

    private void Continue()
    {
        while (_decision.Waiting != 0)
        {
            Step(_market.Continue(_decision.Waiting));
        }
    }

    private void Step(Event e)
    {
        e.Sequence = _sequence++;
        _pipeline.OnEvent(e, ref _decision);
        Intents += _decision.IntentCount;
        for (int i = 0; i < _decision.IntentCount; i++)
        {
            Exits += _decision.Intents[i].Cause >= IntentCause.StopLoss ? 1 : 0;
            Reasons[(int)_decision.Verdicts[i].Reason]++;
        }

        _auditor.See(e, _decision);
        _market.Take(_decision);
    }

    /// <summary>Positions are the sum of distinct executions, the strategies' parts sum to them, and no unit of money is lost.</summary>
    private string? CountMoney()
    {
        long realised = 0;
        long fees = 0;
        for (ushort i = 1; i <= 2; i++)
        {
            InstrumentId id = new(i);
            Position position = _pipeline.Portfolio.Position(id);
            long parts = 0;
            long flow = 0;
            for (ushort s = 0; s <= 3; s++)
            {
                VirtualPosition part = _pipeline.Portfolio.Part(new StrategyId(s), id);
                parts += part.Quantity;
                flow += part.CashFlow;
            }

            (long quantity, long paid, long fee) = _auditor.Books(i);
            if (position.Quantity != quantity || parts != quantity)
            {
                return $"position {position.Quantity} and its parts {parts} are not the {quantity} of the executions";
            }

            if (position.Realised - position.Cost != -paid || position.Fees != fee || flow != -(paid + fee))
            {
                return $"the money of instrument {i} does not add up";
            }

            realised += position.Realised;
            fees += position.Fees;
        }

        long traded = _profile.Kind == InstrumentKind.Linear ? realised : -_auditor.Books(1).Paid - _auditor.Books(2).Paid;
        return _pipeline.Portfolio.Cash(0) == _auditor.Deposits + traded - fees
            ? null
            : "cash is not deposits and what was realised less fees";
    }
}
