using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Strategies;

/// <summary>Stands where a strategy stood and says nothing.</summary>
internal sealed class SilentStrategy : Strategy
{
    internal static ParameterSchema Schema { get; } = new("recorded", "Says nothing.", []);

    public override void Visit(StateVisitor visitor)
    {
    }
}
