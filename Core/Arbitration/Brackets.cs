using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// The stops and targets that standing wishes brought with them. A wish for a position replaces what was there; being flat
/// keeps it until the position is gone; a quote has none. Arbitration writes, risk watches.
/// </summary>
public sealed class Brackets : IStateful
{
    private readonly Entry[] _entries = new Entry[WishTable.Lanes];

    /// <summary>What a strategy's position in a direction is protected by.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="position">The position: a bracket that was meant for the other direction does not count.</param>
    /// <returns>All zero when there is none.</returns>
    public Bracket Of(StrategyId strategy, InstrumentId instrument, long position)
    {
        ref readonly Entry entry = ref _entries[WishTable.Index(strategy, instrument)];
        return entry.Direction == Math.Sign(position)
            ? new Bracket(entry.StopPrice, entry.TakePrice, (ushort)entry.StopBps, (ushort)entry.TakeBps)
            : default;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<Entry>(_entries);

    /// <summary>Takes over what protected a position elsewhere.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="direction">Sign of the position.</param>
    /// <param name="bracket">What protected it.</param>
    public void Adopt(StrategyId strategy, InstrumentId instrument, int direction, in Bracket bracket) =>
        _entries[WishTable.Index(strategy, instrument)] = new Entry
        {
            StopPrice = bracket.StopPrice,
            TakePrice = bracket.TakePrice,
            StopBps = bracket.StopBps,
            TakeBps = bracket.TakeBps,
            Direction = direction,
        };

    /// <summary>A wish counts from now on.</summary>
    /// <param name="wish">The wish.</param>
    public void Follow(in Signal wish)
    {
        ref Entry entry = ref _entries[WishTable.Index(wish.Strategy, wish.Instrument)];
        if (wish.Kind == SignalKind.Quotes)
        {
            entry = default;
        }
        else if (wish.Kind != SignalKind.Flat && wish.Target != 0)
        {
            entry = new Entry
            {
                StopPrice = wish.StopPrice,
                TakePrice = wish.TakePrice,
                StopBps = wish.StopBps,
                TakeBps = wish.TakeBps,
                Direction = Math.Sign(wish.Target),
            };
        }
    }

    /// <summary>Old shares became new ones: the prices at which a position is left are of new ones.</summary>
    internal void Split(StrategyId strategy, InstrumentId instrument, in ShareRatio ratio)
    {
        ref Entry entry = ref _entries[WishTable.Index(strategy, instrument)];
        entry.StopPrice = SplitWish.PriceOf(entry.StopPrice, ratio);
        entry.TakePrice = SplitWish.PriceOf(entry.TakePrice, ratio);
    }

    private struct Entry
    {
        public long StopPrice;
        public long TakePrice;
        public long Direction;
        public int StopBps;
        public int TakeBps;
    }
}
