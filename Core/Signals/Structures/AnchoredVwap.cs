using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>At which swings an average is anchored.</summary>
public enum AnchorKind
{
    /// <summary>At highs.</summary>
    High = 0,

    /// <summary>At lows.</summary>
    Low = 1,

    /// <summary>At both.</summary>
    Either = 2,
}

/// <summary>
/// Volume-weighted average of typical prices since an anchor: the bar of the last swing of a kind, that bar included. It is
/// anchored anew when a swing is confirmed, and then counts from the extremum's bar, whose sums it has kept. O(1) for
/// each bar; the sums are exact.
/// </summary>
/// <remarks>
/// Not ready before the first swing and while nothing traded since the anchor. It waits for nothing but its swing.
/// </remarks>
public sealed class AnchoredVwap : BarIndicator
{
    private readonly Swing _swing;
    private readonly AnchorKind _at;

    // Sums over all bars before each of the last bars: the difference of two is the sum between them.
    private readonly VolumeSum[] _before;
    private VolumeSum _total;
    private VolumeSum _anchor;
    private bool _anchored;
    private long _bars;
    private long _anchorBar;

    /// <summary>Creates the average.</summary>
    /// <param name="swing">Where the anchors come from; updated before this, with the same bars.</param>
    /// <param name="at">Which swings anchor it.</param>
    public AnchoredVwap(Swing swing, AnchorKind at)
        : base(Declared, swing.WarmUp, swing.WarmUp)
    {
        _swing = swing;
        _at = at;
        _before = new VolumeSum[swing.Right + 1];
    }

    internal AnchoredVwap(Swing swing, StrategyParameters parameters)
        : this(swing, (AnchorKind)parameters.Choice("at"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "anchored-vwap",
        "Volume-weighted average price since the bar of the last swing.",
        [ParameterDefinition.Choice("at", ["high", "low", "either"], 2, "which swings anchor it")],
        [
            new("value", OutputType.Price, "the average"),
            new("age", OutputType.Number, "bars since the anchor's bar"),
        ])
    {
        Source = "swing",
    };

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _before[_bars % _before.Length] = _total;
        _total.Add(bar, VolumePrice.Typical);
        _bars++;
        if ((_swing.HighConfirmed && _at != AnchorKind.Low) || (_swing.LowConfirmed && _at != AnchorKind.High))
        {
            _anchorBar = _bars - 1 - _swing.Right;
            _anchor = _before[_anchorBar % _before.Length];
            _anchored = true;
        }

        if (!_anchored)
        {
            return;
        }

        Set(1, _bars - 1 - _anchorBar);
        if (_total.Since(_anchor).TryAverage(out double average))
        {
            Set(0, average);
        }
        else
        {
            Unset(0);
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        for (int i = 0; i < _before.Length; i++)
        {
            _before[i].Visit(visitor);
        }

        _total.Visit(visitor);
        _anchor.Visit(visitor);
        visitor.Visit(ref _anchored);
        visitor.Visit(ref _bars);
        visitor.Visit(ref _anchorBar);
    }
}
