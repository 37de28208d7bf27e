using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace Breakout;

/// <summary>
/// Buys when a bar closes above every high of the look-back, as long as the trend of the slower bars points up; leaves
/// when a bar closes below the lows of half the look-back, or too far below what it paid.
/// </summary>
public sealed class BreakoutStrategy : Strategy
{
    private const long Millisecond = 1_000_000;

    private readonly TimeframeRole _entry;
    private readonly TimeframeRole _trend;
    private readonly int _lookBack;
    private readonly int _trendBars;
    private readonly long _stopTicks;
    private readonly long _quantityE9;

    // All that changes after construction, by instrument: what was paid for what is held.
    private readonly long[] _paid = new long[Limits.Instruments + 1];
    private readonly long[] _held = new long[Limits.Instruments + 1];

    public BreakoutStrategy(StrategyParameters parameters)
        : this(
            parameters,
            new TimeframeRole(
                "entry", parameters.Integer("entryMs") * Millisecond, (int)parameters.Integer("lookBack") + 1),
            new TimeframeRole(
                "trend", parameters.Integer("trendMs") * Millisecond, (int)parameters.Integer("trendBars")))
    {
    }

    private BreakoutStrategy(StrategyParameters parameters, TimeframeRole entry, TimeframeRole trend)
        : base(entry, trend)
    {
        _entry = entry;
        _trend = trend;
        _lookBack = (int)parameters.Integer("lookBack");
        _trendBars = (int)parameters.Integer("trendBars");
        _stopTicks = parameters.Integer("stopTicks");
        _quantityE9 = parameters.Fixed9("quantity");
    }

    /// <summary>Its parameters: name, range, default and meaning of each.</summary>
    public static ParameterSchema Schema { get; } = new(
        "breakout",
        "Long above the highs of the look-back while the slower trend points up; out below the lows, or at the stop.",
        [
            new("entryMs", ParameterKind.Integer, 100, 86_400_000, 1_000, "length of an entry bar, milliseconds"),
            new("trendMs", ParameterKind.Integer, 100, 86_400_000, 5_000, "length of a trend bar, milliseconds"),
            new("lookBack", ParameterKind.Integer, 2, 500, 10, "entry bars whose highs must be broken"),
            new("trendBars", ParameterKind.Integer, 1, 500, 5, "trend bars whose average close must lie below"),
            new("stopTicks", ParameterKind.Integer, 1, 1_000_000, 50, "loss at which it leaves, ticks"),
            new("quantity", ParameterKind.Fixed9, 1, 1_000_000_000_000_000, 1_000_000_000, "size of the position"),
        ],
        new ParameterOrder("entryMs", "trendMs"));

    public override void OnBar(StrategyContext context, InstrumentMarket instrument, in Bar bar)
    {
        InstrumentId id = instrument.Definition.Id;
        if (bar.Timeframe != _entry.Timeframe || !context.IsReady(id))
        {
            return;
        }

        BarSeries bars = context.Bars(id, _entry);
        if (_held[id.Value] > 0)
        {
            bool stopped = bar.Close <= _paid[id.Value] - (_stopTicks * instrument.Definition.Tick);
            if (stopped || bar.Close < Lowest(bars, _lookBack / 2))
            {
                context.SetFlat(id);
            }
        }
        else if (bar.Close > Highest(bars, _lookBack) && bar.Close > Average(context.Bars(id, _trend)))
        {
            context.SetTarget(id, instrument.Definition.RoundToLot(instrument.Definition.FromE9(_quantityE9)));
        }
    }

    public override void OnFill(StrategyContext context, InstrumentMarket instrument, long quantity, long price)
    {
        ushort id = instrument.Definition.Id.Value;
        if (quantity > 0)
        {
            _paid[id] = price;
        }

        _held[id] = context.Position(instrument.Definition.Id);
    }

    public override void OnCorporateAction(
        StrategyContext context, InstrumentMarket instrument, in CorporateAction action)
    {
        if (action.Splits)
        {
            ushort id = instrument.Definition.Id.Value;
            _paid[id] = new ShareRatio(action.NewShares, action.OldShares).PriceDown(_paid[id]);
            _held[id] = context.Position(instrument.Definition.Id);
        }
    }

    public override void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_paid);
        visitor.Visit<long>(_held);
    }

    /// <summary>The highest high of the bars before the newest one.</summary>
    private static long Highest(BarSeries bars, int count)
    {
        long highest = long.MinValue;
        for (int i = 1; i <= count && bars.TryBar(i, out Bar bar); i++)
        {
            highest = Math.Max(highest, bar.High);
        }

        return highest;
    }

    /// <summary>The lowest low of the bars before the newest one.</summary>
    private static long Lowest(BarSeries bars, int count)
    {
        long lowest = long.MaxValue;
        for (int i = 1; i <= count && bars.TryBar(i, out Bar bar); i++)
        {
            lowest = Math.Min(lowest, bar.Low);
        }

        return lowest;
    }

    private double Average(BarSeries bars)
    {
        double sum = 0;
        for (int i = 0; i < _trendBars && bars.TryBar(i, out Bar bar); i++)
        {
            sum += bar.Close;
        }

        return sum / _trendBars;
    }
}
