using System;
using System.Collections.Generic;
using LowLatency.Core.Events;

namespace LowLatency.Engine.Running;

/// <summary>
/// What a run did, counted as it goes; written by the audit consumer only, read when the run has settled. Arrays are
/// indexed by the enum's number.
/// </summary>
internal sealed class RunCounts
{
    internal long[] Events { get; } = new long[256];

    internal long[] Signals { get; } = new long[8];

    internal long[] Suppressions { get; } = new long[16];

    internal long[] Rulings { get; } = new long[4];

    internal long[] RiskReasons { get; } = new long[32];

    internal long[] Commands { get; } = new long[4];

    /// <summary>Money units paid in, by currency.</summary>
    internal Dictionary<string, long> CashMoved { get; } = new(StringComparer.Ordinal);

    internal long Total { get; private set; }

    internal long Intents { get; private set; }

    internal long FirstAt { get; private set; }

    internal long LastAt { get; private set; }

    /// <summary>True when any event came from the market generator: the result must say so.</summary>
    internal bool IsSynthetic { get; private set; }

    /// <summary>Groups that ended: messages as venues sent them, and single events.</summary>
    internal long Messages { get; private set; }

    internal void Add(in Event e, in Decision decision)
    {
        Events[(int)e.Kind]++;
        Total++;
        if (FirstAt == 0)
        {
            FirstAt = e.ReceivedAt;
        }

        LastAt = e.ReceivedAt;
        IsSynthetic |= (e.Flags & EventFlags.Synthetic) != 0;
        if (e.EndsGroup)
        {
            Messages++;
        }

        if (e.Kind == EventKind.CashMoved)
        {
            string currency = e.CashMoved.Currency.ToString();
            CashMoved[currency] = CashMoved.GetValueOrDefault(currency) + e.CashMoved.Amount;
        }

        if (decision.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < decision.SignalCount; i++)
        {
            Signals[(int)decision.Signals[i].Kind]++;
        }

        for (int i = 0; i < decision.SuppressionCount; i++)
        {
            Suppressions[(int)decision.Suppressions[i].Reason]++;
        }

        for (int i = 0; i < decision.VerdictCount; i++)
        {
            Intents++;
            Rulings[(int)decision.Verdicts[i].Ruling]++;
            RiskReasons[(int)decision.Verdicts[i].Reason]++;
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            Commands[(int)decision.Commands[i].Verb]++;
        }
    }
}
