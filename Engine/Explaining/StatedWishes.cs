using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Explaining;

/// <summary>What a strategy stated of an instrument, and what arbitration said of it at once.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="At">Its ReceivedAt.</param>
/// <param name="Signal">The wish.</param>
/// <param name="Suppression">Why it did not (or not yet) shape the portfolio; reason None when it did.</param>
internal sealed record StatedWish(long Sequence, long At, Signal Signal, Suppression Suppression);

/// <summary>The last wish of every strategy and instrument, as the audit log has them.</summary>
internal sealed class StatedWishes
{
    private readonly Dictionary<(ushort Strategy, ushort Instrument), StatedWish> _last = [];

    /// <summary>Looks at a decision.</summary>
    internal void See(in Event e, in Decision decision)
    {
        for (int i = 0; i < decision.SignalCount; i++)
        {
            Signal signal = decision.Signals[i];
            Suppression found = default;
            for (int s = 0; s < decision.SuppressionCount; s++)
            {
                Suppression suppression = decision.Suppressions[s];
                if (suppression.Reason != SuppressionReason.Crossed
                    && suppression.Strategy == signal.Strategy
                    && suppression.Instrument == signal.Instrument)
                {
                    found = suppression;
                }
            }

            _last[(signal.Strategy.Value, signal.Instrument.Value)] = new StatedWish(e.Sequence, e.ReceivedAt, signal, found);
        }
    }

    /// <summary>What a strategy last stated; null when it never did.</summary>
    internal StatedWish? Of(StrategyId strategy, InstrumentId instrument) =>
        _last.GetValueOrDefault((strategy.Value, instrument.Value));
}
