using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>
/// Bands between retracements of the last leg, such as 0.5 to 0.618 and further ones of that width beyond: supports
/// under a leg that rose, resistances over one that fell. Each new leg makes new bands; earlier ones live on, up to
/// <see cref="KeptMax"/>, until a bar closes beyond them. Outputs speak of the newest leg's first band that is not
/// broken, of its last one when all are. At most so many steps for each bar.
/// </summary>
/// <remarks>
/// A band's name is (version of the leg, ordinal): the swing counts its version before the leg is made from it, so the
/// version changes exactly when the leg does.
/// </remarks>
public sealed class DerivedZone : BarIndicator
{
    /// <summary>Bands that are kept.</summary>
    public const int KeptMax = 16;

    /// <summary>Most bands of one leg.</summary>
    public const int BandsMax = 4;

    private readonly Fibonacci _leg;
    private readonly double _from;
    private readonly double _to;
    private readonly int _bands;
    private readonly ZoneBox[] _zones = new ZoneBox[KeptMax];
    private int _count;

    /// <summary>Creates the detector.</summary>
    /// <param name="leg">Where the bands come from; updated before this, with the same bars.</param>
    /// <param name="from">Retracement of the edge nearer to the leg's end; 0 or more.</param>
    /// <param name="to">Retracement of the farther edge; above <paramref name="from"/>, at most 10.</param>
    /// <param name="bands">Bands of a leg, each beyond the one before; 1 to <see cref="BandsMax"/>.</param>
    public DerivedZone(Fibonacci leg, double from, double to, int bands = 1)
        : base(Declared, Warmth(leg))
    {
        Ensure.That(from >= 0.0 && from < to && to <= 10.0, "retracements of a band out of range");
        Ensure.That(bands is >= 1 and <= BandsMax, "number of bands out of range");
        _leg = leg;
        _from = from;
        _to = to;
        _bands = bands;
    }

    internal DerivedZone(Fibonacci leg, StrategyParameters parameters)
        : this(leg, parameters.Fixed9("from") / 1e9, parameters.Fixed9("to") / 1e9, (int)parameters.Integer("bands"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "derived-zone",
        "Bands between retracements of the last leg; the outputs speak of the first that is not broken.",
        [
            new("from", ParameterKind.Fixed9, 0, 9_999_999_999, 500_000_000, "retracement of the nearer edge"),
            new("to", ParameterKind.Fixed9, 1, 10_000_000_000, 618_000_000, "retracement of the farther edge"),
            new("bands", ParameterKind.Integer, 1, BandsMax, 1, "bands of a leg, each beyond the one before"),
        ],
        [
            new("upper", OutputType.Price, "upper edge of the band"),
            new("lower", OutputType.Price, "its lower edge"),
            new("inside", OutputType.Flag, "whether the close lies in it"),
            new("touches", OutputType.Number, "times that the market came to it"),
            OutputDefinition.Word("state", ["active", "broken"], "whether a bar closed beyond it"),
            OutputDefinition.Word("kind", ["support", "resistance"], "what it is"),
            new("version", OutputType.Number, "version of its leg"),
            new("ordinal", OutputType.Number, "its number among the bands of that leg, from 0"),
            new("active", OutputType.Number, "bands that are not broken, earlier ones included"),
        ],
        new ParameterOrder("from", "to"))
    {
        Source = "fibonacci",
    };

    /// <summary>The bands that are kept, earliest first.</summary>
    public ReadOnlySpan<ZoneBox> Kept => _zones.AsSpan(0, _count);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        foreach (ref ZoneBox zone in _zones.AsSpan(0, _count))
        {
            if (zone.State == ZoneState.Active)
            {
                zone.OnBar(bar);
            }
        }

        if (_leg.IsReady && (_count == 0 || _zones[_count - 1].SourceVersion != _leg.Version))
        {
            for (int band = 0; band < _bands; band++)
            {
                Make(band, bar);
            }
        }

        int active = 0;
        foreach (ref readonly ZoneBox zone in _zones.AsSpan(0, _count))
        {
            active += zone.State == ZoneState.Active ? 1 : 0;
        }

        Set(8, active);
        if (_count == 0)
        {
            return;
        }

        ref readonly ZoneBox newest = ref _zones[FirstUnbroken()];
        Set(0, newest.Upper);
        Set(1, newest.Lower);
        Set(2, newest.Contains(bar.Close));
        Set(3, newest.Touches);
        Set(4, newest.State == ZoneState.Active ? 0.0 : 1.0);
        Set(5, newest.Direction > 0 ? 0.0 : 1.0);
        Set(6, newest.SourceVersion);
        Set(7, newest.Ordinal);
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        visitor.Visit(ref _count);
        visitor.Visit<ZoneBox>(_zones);
    }

    private static int[] Warmth(Fibonacci leg)
    {
        int[] warmUps = new int[Declared.Outputs.Length];
        warmUps.AsSpan().Fill(leg.WarmUp);
        warmUps[8] = 1;
        return warmUps;
    }

    /// <summary>Of the newest leg's bands the first that is not broken, else the last.</summary>
    private int FirstUnbroken()
    {
        int first = _count - 1;
        for (int i = _count - 2; i >= 0 && _zones[i].SourceVersion == _zones[_count - 1].SourceVersion; i--)
        {
            first = _zones[i].State == ZoneState.Active ? i : first;
        }

        return first;
    }

    private void Make(int ordinal, in Bar bar)
    {
        double near = _leg.LevelAt(_from + (ordinal * (_to - _from)));
        double far = _leg.LevelAt(_to + (ordinal * (_to - _from)));
        ZoneBox made = new()
        {
            SourceVersion = _leg.Version,
            Ordinal = ordinal,
            Lower = Math.Min(near, far),
            Upper = Math.Max(near, far),
            ConfirmedAt = bar.StartTime + bar.Timeframe,
            Direction = _leg.IsUp ? 1 : -1,
        };
        Ensure.That(made.Upper > made.Lower, "a band without width");

        // The market may have gone through it while the leg was being confirmed: then it is broken from the start.
        made.OnBar(bar);
        made.Touches = 0;
        if (_count == KeptMax)
        {
            _zones.AsSpan(1).CopyTo(_zones);
            _count--;
        }

        _zones[_count++] = made;
    }
}
