using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Indicators;

/// <summary>What stands for the price of a bar in a volume-weighted average.</summary>
public enum VolumePrice
{
    /// <summary>(high + low + close) / 3, as it is published for bars.</summary>
    Typical = 0,

    /// <summary>The bar's own turnover: exact, where the source tells it.</summary>
    Turnover = 1,
}

/// <summary>
/// Volume-weighted average price since the start of the session, by exact sums. O(1) for each bar. Sessions have one
/// length and follow each other from a time of the day; the first bar of a session starts the average anew.
/// </summary>
/// <remarks>
/// Not ready until something traded in the session: without volume the quotient has no value. By turnover it is not
/// ready for the rest of a session in which a bar had volume but no turnover.
/// </remarks>
public sealed class Vwap : BarIndicator
{
    private const long Millisecond = 1_000_000;
    private const long Day = 86_400_000;

    private readonly long _length;
    private readonly long _start;
    private readonly VolumePrice _price;
    private VolumeSum _sum;
    private long _session;

    /// <summary>Creates the average.</summary>
    /// <param name="sessionMs">Length of a session, milliseconds.</param>
    /// <param name="startMs">Start of a session after midnight UTC, milliseconds.</param>
    /// <param name="price">What stands for the price of a bar.</param>
    public Vwap(long sessionMs = Day, long startMs = 0, VolumePrice price = VolumePrice.Typical)
        : base(Declared, 1)
    {
        Ensure.That(sessionMs >= 1 && startMs >= 0, "session of an average out of range");
        _length = sessionMs * Millisecond;
        _start = startMs * Millisecond;
        _price = price;
    }

    internal Vwap(StrategyParameters parameters)
        : this(
            parameters.Integer("sessionMs"), parameters.Integer("startMs"), (VolumePrice)parameters.Choice("price"))
    {
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "vwap",
        "Volume-weighted average price since the start of the session.",
        [
            new("sessionMs", ParameterKind.Integer, 1_000, 31 * Day, Day, "length of a session, milliseconds"),
            new("startMs", ParameterKind.Integer, 0, Day - 1, 0, "start of a session after midnight UTC, milliseconds"),
            ParameterDefinition.Choice("price", ["typical", "turnover"], 0, "what stands for the price of a bar"),
        ],
        [new("value", OutputType.Price, "the average")]);

    /// <summary>The average, price units.</summary>
    public double Value => Output(0);

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        // Numbered from 1 so that 0 is "none yet"; bars before 1970 do not exist.
        long session = ((bar.StartTime - _start + _length) / _length) + 1;
        if (session != _session)
        {
            _session = session;
            _sum = default;
        }

        _sum.Add(bar, _price);
        if (_sum.TryAverage(out double average))
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
        visitor.Visit(ref _session);
        _sum.Visit(visitor);
    }
}

/// <summary>Sums of price x volume and of volume; exact, and lost (not wrong) beyond 2^124.</summary>
internal struct VolumeSum
{
    private static readonly Int128 Largest = Int128.One << 124;

    private Int128 _value;
    private Int128 _volume;
    private bool _lost;

    internal void Add(in Bar bar, VolumePrice price)
    {
        if (price == VolumePrice.Typical)
        {
            _value += (Int128)(bar.High + bar.Low + bar.Close) * bar.Volume;
        }
        else
        {
            _value += 3 * (Int128)bar.Turnover;
            _lost |= bar.Volume > 0 && bar.Turnover <= 0;
        }

        _volume += bar.Volume;
        _lost |= _value > Largest || _volume > Largest;
        if (_lost)
        {
            _value = _volume = 0;
        }
    }

    internal readonly bool TryAverage(out double average)
    {
        bool known = !_lost && _volume > 0;
        average = known ? (double)_value / (double)_volume / 3.0 : 0.0;
        return known;
    }

    /// <summary>What came after <paramref name="before"/>.</summary>
    internal readonly VolumeSum Since(in VolumeSum before) =>
        new() { _value = _value - before._value, _volume = _volume - before._volume, _lost = _lost || before._lost };

    internal void Visit(StateVisitor visitor)
    {
        visitor.VisitStruct(ref _value);
        visitor.VisitStruct(ref _volume);
        visitor.Visit(ref _lost);
    }
}
