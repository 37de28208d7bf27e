using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals.Strategies;

/// <summary>
/// Trend following on bars: long while the fast average of closes is above the slow one, short (or flat) while it is
/// below. States a target on each cross.
/// </summary>
public sealed class EmaCross : Strategy
{
    private readonly long _quantityE9;
    private readonly bool _short;
    private readonly Ema[] _fast = new Ema[Limits.Instruments + 1];
    private readonly Ema[] _slow = new Ema[Limits.Instruments + 1];

    /// <summary>Creates the strategy.</summary>
    /// <param name="parameters">Values of <see cref="Schema"/>.</param>
    public EmaCross(StrategyParameters parameters)
        : base(new TimeframeRole(
            "trend", parameters.Integer("timeframeMs") * 1_000_000, (int)parameters.Integer("slowBars")))
    {
        _quantityE9 = parameters.Fixed9("quantity");
        _short = parameters.Choice("direction") == 0;
        for (int i = 0; i < _fast.Length; i++)
        {
            _fast[i] = new Ema((int)parameters.Integer("fastBars"));
            _slow[i] = new Ema((int)parameters.Integer("slowBars"));
        }
    }

    /// <summary>Its parameters.</summary>
    public static ParameterSchema Schema { get; } = new(
        "ema-cross",
        "Long while the fast average of bar closes is above the slow one, short or flat while it is below.",
        [
            new("fastBars", ParameterKind.Integer, 1, 1_000, 8, "bars of the fast average"),
            new("slowBars", ParameterKind.Integer, 2, 5_000, 21, "bars of the slow average"),
            new("timeframeMs", ParameterKind.Integer, 100, 86_400_000, 60_000, "length of a bar, milliseconds"),
            new("quantity", ParameterKind.Fixed9, 1, 1_000_000_000_000_000, 1_000_000_000, "size of the position"),
            ParameterDefinition.Choice(
                "direction", ["long-short", "long-only"], 0, "whether it goes short or flat below the slow average"),
        ],
        new ParameterOrder("fastBars", "slowBars"));

    /// <inheritdoc/>
    public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
    {
        ushort id = instrument.Definition.Id.Value;
        _fast[id].Add(bar.Close);
        _slow[id].Add(bar.Close);
        if (!_fast[id].TryGet(out double fast) || !_slow[id].TryGet(out double slow))
        {
            return;
        }

        long size = instrument.Definition.FromE9(_quantityE9);
        context.SetTarget(instrument.Definition.Id, fast > slow ? size : _short ? -size : 0);
    }

    /// <inheritdoc/>
    public override void OnCorporateAction(
        StrategyContext context, InstrumentMarket instrument, in CorporateAction action)
    {
        if (action.Splits)
        {
            _fast[instrument.Definition.Id.Value].Visit(ClearingVisitor.Instance);
            _slow[instrument.Definition.Id.Value].Visit(ClearingVisitor.Instance);
        }
    }

    /// <inheritdoc/>
    public override void Visit(StateVisitor visitor)
    {
        for (int i = 0; i < _fast.Length; i++)
        {
            _fast[i].Visit(visitor);
            _slow[i].Visit(visitor);
        }
    }
}
