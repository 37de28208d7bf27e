using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
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

    /// <summary>What a strategy with a wish held after the last event of the instrument, quantity units.</summary>
    private readonly Dictionary<(ushort Strategy, ushort Instrument), long> _held = [];

    /// <summary>Looks at an event and what was decided on it.</summary>
    internal void See(EchoReplay echo)
    {
        ref readonly Event e = ref echo.Event;
        ref readonly Decision decision = ref echo.Decision;
        if (e.Kind == EventKind.CorporateAction && e.CorporateAction.Splits)
        {
            Split(echo);
        }

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

        for (ushort s = 1; s <= echo.Configuration.Strategies.Length && e.Instrument != InstrumentId.None; s++)
        {
            if (_last.ContainsKey((s, e.Instrument.Value)))
            {
                _held[(s, e.Instrument.Value)] = echo.Pipeline.Portfolio.VirtualPosition(new StrategyId(s), e.Instrument);
            }
        }
    }

    // What was stated of old shares stands in new ones from now on, as the engine goes on with it.
    private void Split(EchoReplay echo)
    {
        InstrumentId instrument = echo.Event.Instrument;
        ShareRatio ratio = new(echo.Event.CorporateAction.NewShares, echo.Event.CorporateAction.OldShares);
        for (ushort s = 1; s <= echo.Configuration.Strategies.Length; s++)
        {
            if (_last.TryGetValue((s, instrument.Value), out StatedWish? wish))
            {
                long after = echo.Pipeline.Portfolio.VirtualPosition(new StrategyId(s), instrument);
                _last[(s, instrument.Value)] = wish with
                {
                    Signal = SplitWish.Of(
                        wish.Signal,
                        ratio,
                        echo.Pipeline.Market[instrument].Definition,
                        _held.GetValueOrDefault((s, instrument.Value)),
                        after),
                };
            }
        }
    }

    /// <summary>What a strategy last stated; null when it never did.</summary>
    internal StatedWish? Of(StrategyId strategy, InstrumentId instrument) =>
        _last.GetValueOrDefault((strategy.Value, instrument.Value));
}
