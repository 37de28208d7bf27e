using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>A ReceivedAt for each lane; 0 for never.</summary>
internal sealed class LaneTimes : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly long[] _at = new long[(Limits.Instruments + 1) * Owners];

    internal ref long this[InstrumentId instrument, StrategyId owner] =>
        ref _at[(instrument.Value * Owners) + owner.Value];

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<long>(_at);
}
