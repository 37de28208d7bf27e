using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>
/// Swing highs and lows: a high that is above the highs of so many bars before it and not below those of so many bars
/// after it (a low mirrored). It is told when the last of the bars after it has closed, never before; its own time and
/// the time of its confirmation are kept apart. O(1) for each bar on average, at most one step for each bar of the
/// window in one update.
/// </summary>
/// <remarks>
/// Of equal extrema the first is the swing. A bar may confirm a high and a low; the high has the lower version.
/// </remarks>
public sealed class Swing : BarIndicator
{
    /// <summary>Most bars to each side.</summary>
    public const int SideMax = 500;

    /// <summary>Confirmed swings that are remembered.</summary>
    public const int PointsMax = 16;

    private readonly int _right;
    private readonly ExtremumWindow _highs;
    private readonly ExtremumWindow _lows;
    private readonly long[] _times;
    private readonly SwingPoint[] _points = new SwingPoint[PointsMax];
    private long _bars;
    private long _version;
    private SwingPoint _high;
    private SwingPoint _low;
    private long _highBar;
    private long _lowBar;
    private bool _highNow;
    private bool _lowNow;

    /// <summary>Creates the detector.</summary>
    /// <param name="left">Bars before the extremum, 1 to <see cref="SideMax"/>.</param>
    /// <param name="right">Bars after it that confirm it, 1 to <see cref="SideMax"/>.</param>
    public Swing(int left, int right)
        : base(
            Declared,
            left + right + 1,
            left + right + 1,
            left + right + 1,
            left + right + 1,
            1,
            1,
            1,
            left + right + 1)
    {
        Ensure.That(left is >= 1 and <= SideMax && right is >= 1 and <= SideMax, "bars beside a swing out of range");
        _right = right;
        _highs = new ExtremumWindow(left + right + 1);
        _lows = new ExtremumWindow(left + right + 1);
        _times = new long[right + 1];
    }

    internal Swing(StrategyParameters parameters)
        : this((int)parameters.Integer("left"), (int)parameters.Integer("right"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "swing",
        "Swing highs and lows, told when the bars after them have closed.",
        [
            new("left", ParameterKind.Integer, 1, SideMax, 3, "bars before the extremum"),
            new("right", ParameterKind.Integer, 1, SideMax, 3, "bars after it that confirm it"),
        ],
        [
            new("high", OutputType.Price, "the last confirmed high"),
            new("high_age", OutputType.Number, "bars since that high"),
            new("low", OutputType.Price, "the last confirmed low"),
            new("low_age", OutputType.Number, "bars since that low"),
            new("high_confirmed", OutputType.Flag, "whether this bar confirmed a high"),
            new("low_confirmed", OutputType.Flag, "whether this bar confirmed a low"),
            new("version", OutputType.Number, "swings confirmed so far"),
            OutputDefinition.Word("last", ["high", "low"], "which was confirmed last"),
        ]);

    /// <summary>The last confirmed high; none before the first.</summary>
    public ref readonly SwingPoint High => ref _high;

    /// <summary>The last confirmed low; none before the first.</summary>
    public ref readonly SwingPoint Low => ref _low;

    /// <summary>Swings confirmed so far.</summary>
    public long Version => _version;

    /// <summary>True when the newest bar confirmed a high.</summary>
    public bool HighConfirmed => _highNow;

    /// <summary>True when the newest bar confirmed a low.</summary>
    public bool LowConfirmed => _lowNow;

    /// <summary>Bars between an extremum and the bar that confirms it.</summary>
    public int Right => _right;

    /// <summary>A confirmed swing by its version.</summary>
    /// <param name="version">1 to <see cref="Version"/>.</param>
    /// <param name="point">The swing when the result is true.</param>
    /// <returns>False when it does not exist or is no longer remembered.</returns>
    public bool TryPoint(long version, out SwingPoint point)
    {
        bool known = version >= 1 && version <= _version && version > _version - PointsMax;
        point = known ? _points[version % PointsMax] : default;
        return point.Exists;
    }

    /// <summary>Forgets all bars and swings, but not the count of versions: a name is never given twice.</summary>
    public override void Clear()
    {
        long version = _version;
        base.Clear();
        _version = version;
    }

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        _highs.Add(bar.High);
        _lows.Add(-bar.Low);
        _times[_bars % _times.Length] = bar.StartTime;
        _bars++;
        _highNow = _highs.IsFull && _highs.Ago == _right;
        _lowNow = _lows.IsFull && _lows.Ago == _right;
        long confirmedAt = bar.StartTime + bar.Timeframe;
        if (_highNow)
        {
            _high = Confirm(_highs.Largest, confirmedAt, SwingKind.High);
            _highBar = _bars - 1 - _right;
            Set(0, _high.Price);
            Set(7, 0.0);
        }

        if (_lowNow)
        {
            _low = Confirm(-_lows.Largest, confirmedAt, SwingKind.Low);
            _lowBar = _bars - 1 - _right;
            Set(2, _low.Price);
            Set(7, 1.0);
        }

        if (_high.Exists)
        {
            Set(1, _bars - 1 - _highBar);
        }

        if (_low.Exists)
        {
            Set(3, _bars - 1 - _lowBar);
        }

        Set(4, _highNow);
        Set(5, _lowNow);
        Set(6, _version);
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _highs.Visit(visitor);
        _lows.Visit(visitor);
        visitor.Visit<long>(_times);
        for (int i = 0; i < _points.Length; i++)
        {
            Visit(ref _points[i], visitor);
        }

        visitor.Visit(ref _bars);
        visitor.Visit(ref _version);
        Visit(ref _high, visitor);
        Visit(ref _low, visitor);
        visitor.Visit(ref _highBar);
        visitor.Visit(ref _lowBar);
        visitor.Visit(ref _highNow);
        visitor.Visit(ref _lowNow);
    }

    private static void Visit(ref SwingPoint point, StateVisitor visitor)
    {
        (long version, long price, long time, long confirmedAt, SwingKind kind) = point;
        long kindNumber = (long)kind;
        visitor.Visit(ref version);
        visitor.Visit(ref price);
        visitor.Visit(ref time);
        visitor.Visit(ref confirmedAt);
        visitor.Visit(ref kindNumber);
        point = new SwingPoint(version, price, time, confirmedAt, (SwingKind)kindNumber);
    }

    private SwingPoint Confirm(long price, long confirmedAt, SwingKind kind)
    {
        // The version counts first: whatever is derived from the swing carries the version that the swing has.
        _version++;
        long time = _times[(_bars - 1 - _right) % _times.Length];
        SwingPoint point = new(_version, price, time, confirmedAt, kind);
        _points[_version % PointsMax] = point;
        return point;
    }
}
