using System.Collections.Generic;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Core.Signals.Structures;

namespace LowLatency.Tests.Core.Signals.Structures;

/// <summary>A swing and all that is derived from it, fed in their order.</summary>
internal sealed class StructureRig : IStateful
{
    internal StructureRig(int left, int right)
        : this(new Swing(left, right))
    {
    }

    private StructureRig(Swing swing)
    {
        Swing = swing;
        Leg = new Fibonacci(swing);
        Zones = new Zones(swing, 4, 0.5);
        Bands = new DerivedZone(Leg, 0.5, 0.618, 2);
        Average = new AnchoredVwap(swing, AnchorKind.Either);
        All = [swing, Leg, Zones, Bands, Average];
    }

    internal Swing Swing { get; }

    internal Fibonacci Leg { get; }

    internal Zones Zones { get; }

    internal DerivedZone Bands { get; }

    internal AnchoredVwap Average { get; }

    internal BarIndicator[] All { get; }

    public void Visit(StateVisitor visitor)
    {
        foreach (BarIndicator structure in All)
        {
            structure.Visit(visitor);
        }
    }

    internal void Update(in Bar bar)
    {
        foreach (BarIndicator structure in All)
        {
            structure.Update(bar);
        }
    }

    /// <summary>Everything that it reports now.</summary>
    internal string Report()
    {
        StringBuilder text = new();
        foreach (BarIndicator structure in All)
        {
            for (int i = 0; i < structure.Schema.Outputs.Length; i++)
            {
                text.Append(structure.IsOutputReady(i) ? structure.Output(i).ToString("R", null) : "-").Append(' ');
            }
        }

        return text.Append(Swing.High).Append(Swing.Low).ToString();
    }

    internal List<string> Reports(Bar[] bars)
    {
        List<string> reports = [];
        foreach (Bar bar in bars)
        {
            Update(bar);
            reports.Add(Report());
        }

        return reports;
    }
}
