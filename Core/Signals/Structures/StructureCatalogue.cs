using LowLatency.Core.Determinism;
using LowLatency.Core.Signals.Indicators;

namespace LowLatency.Core.Signals.Structures;

/// <summary>The structure types by name: each declared by its own class, listed here once.</summary>
public static class StructureCatalogue
{
    private static readonly IndicatorSchema[] Schemas =
        [Swing.Declared, Fibonacci.Declared, Zones.Declared, DerivedZone.Declared, AnchoredVwap.Declared];

    /// <summary>Number of types.</summary>
    public static int Count => Schemas.Length;

    /// <summary>A type's declaration.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1, each after the type that it reads.</param>
    /// <returns>The declaration.</returns>
    public static IndicatorSchema SchemaAt(int index) => Schemas[index];

    /// <summary>Makes a structure; a schema that is not in the catalogue, or a wrong source, stops the engine.</summary>
    /// <param name="parameters">Values of the type's parameters.</param>
    /// <param name="source">What it reads; null for a type that reads bars alone.</param>
    /// <returns>A new structure.</returns>
    public static BarIndicator Create(StrategyParameters parameters, Indicator? source)
    {
        switch (parameters.Schema.Type)
        {
            case "swing" when source is null:
                return new Swing(parameters);
            case "fibonacci" when source is Swing swing:
                return new Fibonacci(swing);
            case "zone" when source is Swing swing:
                return new Zones(swing, parameters);
            case "derived-zone" when source is Fibonacci leg:
                return new DerivedZone(leg, parameters);
            case "anchored-vwap" when source is Swing swing:
                return new AnchoredVwap(swing, parameters);
            default:
                Ensure.Break("a structure type that is not in the catalogue, or not with this source");
                return null;
        }
    }
}
