using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// The last split of each instrument, as far as it is still to be thought of: fills of orders that were made before it are
/// of old shares, and the cash for what was left of a share belongs to those who lost it.
/// </summary>
internal sealed class SplitMemory : IStateful
{
    internal const int Owners = Limits.Strategies + 1;

    private readonly Entry[] _splits = new Entry[Limits.Instruments + 1];
    private readonly long[] _rests = new long[(Limits.Instruments + 1) * Owners];

    /// <summary>A split: what its instrument's position was, and when.</summary>
    internal void Remember(InstrumentId instrument, in ShareRatio ratio, long position, long sequence) =>
        _splits[instrument.Value] = new Entry
        {
            Sequence = sequence,
            New = ratio.New,
            Old = ratio.Old,
            Position = position,
        };

    /// <summary>What a lane lost of a share, in parts of which the ratio's old number are a whole one.</summary>
    internal ref long Rest(StrategyId strategy, InstrumentId instrument) =>
        ref _rests[(instrument.Value * Owners) + strategy.Value];

    /// <summary>True when an order was made before the last split of its instrument.</summary>
    internal bool IsOld(InstrumentId instrument, OrderId order) =>
        !order.IsNone && order.Sequence < _splits[instrument.Value].Sequence;

    /// <summary>
    /// What a fill of old shares changes in new ones: with it in the old position, the new one would have been so much larger.
    /// </summary>
    internal long Convert(InstrumentId instrument, long change)
    {
        ref Entry split = ref _splits[instrument.Value];
        ShareRatio ratio = new(split.New, split.Old);
        long before = ratio.Quantity(split.Position);
        split.Position += change;
        return ratio.Quantity(split.Position) - before;
    }

    /// <summary>A price of an old share in new ones, rounded down.</summary>
    internal long Price(InstrumentId instrument, long price) =>
        new ShareRatio(_splits[instrument.Value].New, _splits[instrument.Value].Old).PriceDown(price);

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<Entry>(_splits);
        visitor.Visit<long>(_rests);
    }

    private struct Entry
    {
        public long Sequence;
        public long New;
        public long Old;
        public long Position;
    }
}
