using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>One order on its way through the checks: what is left of it, and which check first asked for less.</summary>
internal struct RiskCheck
{
    internal RiskCheck(long wanted)
    {
        Left = wanted;
    }

    /// <summary>Quantity units that may still be worked.</summary>
    internal long Left { get; private set; }

    /// <summary>The first check that asked for less.</summary>
    internal RiskReason Reason { get; private set; }

    /// <summary>True when time or other events can lift one of the checks that asked for less.</summary>
    internal bool MayPass { get; private set; }

    /// <summary>What that check saw.</summary>
    internal long Observed { get; private set; }

    /// <summary>The bound that it was held against.</summary>
    internal long Limit { get; private set; }

    /// <summary>What refused is over by itself before long.</summary>
    internal void Lift() => MayPass = true;

    internal void Refuse(RiskReason reason, long observed, long limit)
    {
        if (Left != 0)
        {
            Note(reason, observed, limit);
            Left = 0;
        }
    }

    /// <summary>Where the condition fails, only <paramref name="reducing"/> units may pass.</summary>
    internal void KeepIf(bool condition, long reducing, RiskReason reason, long observed, long limit)
    {
        if (!condition && Left > reducing)
        {
            Note(reason, observed, limit);
            Left = reducing;
        }
    }

    /// <summary>At most <paramref name="most"/> units may pass, in whole lots.</summary>
    internal void Cap(long most, in Instrument instrument, RiskReason reason, long observed, long limit)
    {
        if (Left > most)
        {
            Note(reason, observed, limit);
            Left = instrument.RoundToLot(Math.Max(0, most));
        }
    }

    internal void RoundToLot(in Instrument instrument) => Left = instrument.RoundToLot(Left);

    private void Note(RiskReason reason, long observed, long limit)
    {
        MayPass |= RiskReasons.Lifts(reason);
        if (Reason == RiskReason.None)
        {
            Reason = reason;
            Observed = observed;
            Limit = limit;
        }
    }
}
