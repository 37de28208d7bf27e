using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// Who held a share when its last dividend went into force: the cash is theirs, whenever it is paid and whatever they hold then.
/// </summary>
internal sealed class EntitlementMemory : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    private readonly long[] _parts = new long[(Limits.Instruments + 1) * Owners];
    private readonly long[] _wholes = new long[Limits.Instruments + 1];

    /// <summary>What a strategy held of a share at its last dividend, quantity units.</summary>
    internal ref long Part(StrategyId strategy, InstrumentId instrument) =>
        ref _parts[(instrument.Value * Owners) + strategy.Value];

    /// <summary>What all of them held, quantity units; 0 when there was no dividend, or nobody held.</summary>
    internal ref long Whole(InstrumentId instrument) => ref _wholes[instrument.Value];

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_parts);
        visitor.Visit<long>(_wholes);
    }
}
