using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// When the pegs of each instrument were moved. It outlives parents: a wish that is stated again has no new budget.
/// </summary>
internal sealed class RepegHistory : IStateful
{
    private const int Kept = ExecutionStyle.RepegsMax;

    private readonly long[] _times = new long[(Limits.Instruments + 1) * Kept];
    private readonly long[] _count = new long[Limits.Instruments + 1];

    /// <summary>A peg was moved.</summary>
    internal void Add(InstrumentId instrument, long now)
    {
        ref long count = ref _count[instrument.Value];
        _times[(instrument.Value * Kept) + (int)(count % Kept)] = now;
        count++;
    }

    /// <summary>When a peg may be moved again; long ago when it may now.</summary>
    internal long FreeAt(InstrumentId instrument, ExecutionStyle style)
    {
        long count = _count[instrument.Value];
        return count < style.Repegs
            ? 0
            : _times[(instrument.Value * Kept) + (int)((count - style.Repegs) % Kept)] + style.RepegWindow;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_times);
        visitor.Visit<long>(_count);
    }
}
