using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>
/// Support and resistance: a confirmed swing low makes a support, a high a resistance, as wide to each side as a share
/// of the average true range at that moment. A swing of the same kind whose price lies in an active zone makes none.
/// A zone is broken by a close beyond its far side. At most <see cref="ZonesMax"/> are kept, so a bar costs at most so
/// many steps.
/// </summary>
/// <remarks>
/// Without a width there is no zone: while the average range is not ready or 0, a swing makes none. When there is no
/// room, the earliest broken zone gives way, else the earliest.
/// </remarks>
public sealed class Zones : BarIndicator
{
    /// <summary>Zones that are kept.</summary>
    public const int ZonesMax = 16;

    private readonly Swing _swing;
    private readonly double _width;
    private readonly ZoneBox[] _zones = new ZoneBox[ZonesMax];
    private TrueRange _range;
    private Ema _average;
    private int _count;
    private long _version;

    /// <summary>Creates the detector.</summary>
    /// <param name="swing">Where the zones come from; updated before this, with the same bars.</param>
    /// <param name="atrPeriod">True ranges of the first mean.</param>
    /// <param name="width">Average true ranges to each side of the swing, above 0, at most 100.</param>
    public Zones(Swing swing, int atrPeriod, double width)
        : base(Declared, Warmth(swing, Checked(atrPeriod)))
    {
        Ensure.That(width is > 0.0 and <= 100.0, "width of a zone out of range");
        _swing = swing;
        _width = width;
        _average = Ema.Wilder(atrPeriod);
    }

    internal Zones(Swing swing, StrategyParameters parameters)
        : this(swing, (int)parameters.Integer("atrPeriod"), parameters.Fixed9("width") / 1e9)
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "zone",
        "Support and resistance made by swings, with touches and breaks.",
        [
            new("atrPeriod", ParameterKind.Integer, 1, PeriodMax, 14, "true ranges of the first mean"),
            new("width", ParameterKind.Fixed9, 1_000_000, 100_000_000_000, 500_000_000,
                "average true ranges to each side of the swing"),
        ],
        [
            new("support_upper", OutputType.Price, "upper edge of the highest active support"),
            new("support_lower", OutputType.Price, "its lower edge"),
            new("support_touches", OutputType.Number, "times that the market came back to it"),
            new("resistance_upper", OutputType.Price, "upper edge of the lowest active resistance"),
            new("resistance_lower", OutputType.Price, "its lower edge"),
            new("resistance_touches", OutputType.Number, "times that the market came back to it"),
            new("support_broken", OutputType.Flag, "whether this bar closed below a support"),
            new("resistance_broken", OutputType.Flag, "whether this bar closed above a resistance"),
            new("active", OutputType.Number, "zones that are not broken"),
            new("version", OutputType.Number, "source version of the newest zone; 0 before the first"),
        ])
    {
        Source = "swing",
    };

    /// <summary>The zones that are kept, earliest first.</summary>
    public ReadOnlySpan<ZoneBox> Kept => _zones.AsSpan(0, _count);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        if (_range.TryNext(bar, out long range))
        {
            _average.Add(range);
        }

        bool supportBroken = false;
        bool resistanceBroken = false;
        foreach (ref ZoneBox zone in _zones.AsSpan(0, _count))
        {
            if (zone.State == ZoneState.Active && zone.OnBar(bar))
            {
                supportBroken |= zone.Direction > 0;
                resistanceBroken |= zone.Direction < 0;
            }
        }

        if (_swing.HighConfirmed)
        {
            Offer(_swing.High, -1, bar);
        }

        if (_swing.LowConfirmed)
        {
            Offer(_swing.Low, 1, bar);
        }

        Tell(bar.Close);
        Set(6, supportBroken);
        Set(7, resistanceBroken);
        Set(9, _version);
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        _range.Visit(visitor);
        _average.Visit(visitor);
        visitor.Visit(ref _count);
        visitor.Visit(ref _version);
        visitor.Visit<ZoneBox>(_zones);
    }

    private static int[] Warmth(Swing swing, int atrPeriod)
    {
        int least = Math.Max(swing.WarmUp, atrPeriod + 1);
        return [least, least, least, least, least, least, 1, 1, 1, 1];
    }

    private void Offer(in SwingPoint swing, int direction, in Bar bar)
    {
        if (!_average.TryGet(out double range) || range <= 0.0)
        {
            return;
        }

        foreach (ref readonly ZoneBox zone in _zones.AsSpan(0, _count))
        {
            if (zone.State == ZoneState.Active && zone.Direction == direction && zone.Contains(swing.Price))
            {
                return;
            }
        }

        ZoneBox made = new()
        {
            SourceVersion = swing.Version,
            Lower = swing.Price - (_width * range),
            Upper = swing.Price + (_width * range),
            ConfirmedAt = swing.ConfirmedAt,
            Direction = direction,
        };
        Ensure.That(made.Upper > made.Lower, "a zone without width");

        // While the swing was being confirmed the market may have closed beyond the zone already.
        if (direction > 0 ? bar.Close < made.Lower : bar.Close > made.Upper)
        {
            return;
        }

        made.Inside = bar.Low <= made.Upper && bar.High >= made.Lower ? 1 : 0;
        _version = made.SourceVersion;
        if (_count == ZonesMax)
        {
            GiveWay();
        }

        _zones[_count++] = made;
    }

    private void GiveWay()
    {
        int gone = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_zones[i].State == ZoneState.Broken)
            {
                gone = i;
                break;
            }
        }

        _zones.AsSpan(gone + 1, _count - gone - 1).CopyTo(_zones.AsSpan(gone));
        _zones[--_count] = default;
    }

    private void Tell(long close)
    {
        int support = -1;
        int resistance = -1;
        int active = 0;
        for (int i = 0; i < _count; i++)
        {
            ref readonly ZoneBox zone = ref _zones[i];
            if (zone.State != ZoneState.Active)
            {
                continue;
            }

            active++;
            if (zone.Direction > 0)
            {
                support = support < 0 || zone.Upper > _zones[support].Upper ? i : support;
            }
            else
            {
                resistance = resistance < 0 || zone.Lower < _zones[resistance].Lower ? i : resistance;
            }
        }

        Ensure.That(
            (support < 0 || _zones[support].Lower <= close) && (resistance < 0 || _zones[resistance].Upper >= close),
            "an active zone lies on the wrong side of the close");
        Tell(0, support);
        Tell(3, resistance);
        Set(8, active);
    }

    private void Tell(int output, int zone)
    {
        if (zone < 0)
        {
            Unset(output);
            Unset(output + 1);
            Unset(output + 2);
            return;
        }

        Set(output, _zones[zone].Upper);
        Set(output + 1, _zones[zone].Lower);
        Set(output + 2, _zones[zone].Touches);
    }
}
