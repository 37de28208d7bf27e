using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>
/// Retracement and extension levels of the leg between the last confirmed swing high and low. The leg runs from the
/// earlier extremum to the later one; a retracement goes back from its end, an extension goes on from its start.
/// O(1) for each bar.
/// </summary>
/// <remarks>
/// There is no leg, and nothing is ready, while a side has no swing, where both extrema are of one bar, or where the
/// high is not above the low. The levels are as new as the swing: they are updated after it, on the same bar.
/// </remarks>
public sealed class Fibonacci : BarIndicator
{
    private static readonly double[] Retracements = [0.236, 0.382, 0.5, 0.618, 0.786];
    private static readonly double[] Extensions = [1.272, 1.618, 2.618];

    private readonly Swing _swing;
    private long _version;

    /// <summary>Creates the levels.</summary>
    /// <param name="swing">Where the legs come from; updated before this, with the same bars.</param>
    public Fibonacci(Swing swing)
        : base(Declared, Warmth(swing))
    {
        _swing = swing;
    }

    /// <summary>What the type declares.</summary>
    public static IndicatorSchema Declared { get; } = new(
        "fibonacci",
        "Retracement and extension levels of the leg between the last swing high and low.",
        [],
        [
            new("retrace_236", OutputType.Price, "23.6 % back from the end of the leg"),
            new("retrace_382", OutputType.Price, "38.2 % back"),
            new("retrace_500", OutputType.Price, "half back"),
            new("retrace_618", OutputType.Price, "61.8 % back"),
            new("retrace_786", OutputType.Price, "78.6 % back"),
            new("extend_1272", OutputType.Price, "127.2 % of the leg from its start"),
            new("extend_1618", OutputType.Price, "161.8 % of the leg from its start"),
            new("extend_2618", OutputType.Price, "261.8 % of the leg from its start"),
            new("start", OutputType.Price, "the earlier extremum"),
            new("end", OutputType.Price, "the later extremum"),
            OutputDefinition.Word("direction", ["up", "down"], "whether the leg rises or falls"),
            new("version", OutputType.Number, "version of the swing that ended the leg's making"),
        ])
    {
        Source = "swing",
    };

    /// <summary>Version of the newest swing of the leg; 0 without a leg.</summary>
    public long Version => IsReady ? _version : 0;

    /// <summary>True when the leg rises.</summary>
    public bool IsUp => Output(10) == 0.0;

    /// <summary>A level of the leg: 0 is its end, 1 its start, above 1 beyond the start; negative beyond the end.</summary>
    /// <param name="retracement">Share of the leg that is gone back.</param>
    /// <returns>Price units.</returns>
    public double LevelAt(double retracement)
    {
        double start = Output(8);
        double end = Output(9);
        return end - (retracement * (end - start));
    }

    /// <inheritdoc/>
    protected override void Add(in Bar bar)
    {
        if (!_swing.HighConfirmed && !_swing.LowConfirmed)
        {
            return;
        }

        ref readonly SwingPoint high = ref _swing.High;
        ref readonly SwingPoint low = ref _swing.Low;
        if (!high.Exists || !low.Exists || high.Time == low.Time || high.Price <= low.Price)
        {
            for (int i = 0; i < Declared.Outputs.Length; i++)
            {
                Unset(i);
            }

            return;
        }

        bool up = low.Time < high.Time;
        _version = Math.Max(high.Version, low.Version);
        Set(8, up ? low.Price : high.Price);
        Set(9, up ? high.Price : low.Price);
        Set(10, up ? 0.0 : 1.0);
        Set(11, _version);
        for (int i = 0; i < Retracements.Length; i++)
        {
            Set(i, LevelAt(Retracements[i]));
        }

        for (int i = 0; i < Extensions.Length; i++)
        {
            Set(Retracements.Length + i, LevelAt(1.0 - Extensions[i]));
        }
    }

    /// <inheritdoc/>
    protected override void VisitState(StateVisitor visitor)
    {
        base.VisitState(visitor);
        visitor.Visit(ref _version);
    }

    private static int[] Warmth(Swing swing)
    {
        int[] warmUps = new int[Declared.Outputs.Length];
        warmUps.AsSpan().Fill(swing.WarmUp);
        return warmUps;
    }
}
