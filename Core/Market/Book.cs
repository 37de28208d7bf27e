using System;
using System.Runtime.CompilerServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Market;

/// <summary>One price level of a book.</summary>
/// <param name="Price">Price units.</param>
/// <param name="Quantity">Quantity units, positive.</param>
public readonly record struct BookLevel(long Price, long Quantity);

/// <summary>
/// The full-depth book of one instrument by price level: a fold of <see cref="EventKind.BookLevels"/> events. It is
/// ready only between groups, after a snapshot, and as long as nothing is known to be missing or contradictory.
/// A book that was found wrong is emptied at once: nobody can act on levels that are known to be false.
/// </summary>
/// <remarks>
/// <code>
///   group begins with            valid book                            invalid book
///   snapshot                     emptied, filled by the group          emptied, filled by the group; valid
///   difference that follows      applied                               ignored, counted
///   difference that does not     Gaps, invalid                         ignored, counted
///   a group still open           Cuts, invalid, then as above          Cuts, then as above
///   (no First at all)            Cuts, invalid                         ignored, counted
///   group ends with bid >= ask   Crossed, invalid
/// </code>
/// "Follows": PreviousUpdateId is 0 or the last applied update, and UpdateId is 0 or does not go back.
/// An empty side is allowed (<see cref="HasBothSides"/>). The levels (320 KiB) are allocated once, by
/// <see cref="Reserve"/> or at the first level.
/// </remarks>
public sealed class Book : IStateful
{
    private readonly BookSide _bids;
    private readonly BookSide _asks;

    // By the bit of the mask of asks, to take a side without a branch.
    private Sides _sides;
    private bool _reserved;
    private bool _valid;
    private bool _groupOpen;
    private bool _hasData;
    private long _groupUpdateId;
    private long _lastUpdateId;
    private long _gaps;
    private long _cuts;
    private long _crossed;
    private long _malformed;
    private long _dropped;
    private long _ignored;

    /// <summary>Creates an empty book that is not ready and has no memory yet.</summary>
    /// <param name="levels">Levels kept on each side; 1 to <see cref="Limits.BookLevels"/>.</param>
    public Book(int levels = Limits.BookLevels)
    {
        Ensure.That(levels <= Limits.BookLevels, "deeper than any book may be");
        _bids = new BookSide(levels);
        _asks = new BookSide(levels);
        _sides[0] = _bids;
        _sides[1] = _asks;
    }

    /// <summary>
    /// True when the levels are the venue's: a snapshot came, nothing is missing, and no group is open.
    /// </summary>
    public bool IsReady => _valid && !_groupOpen;

    /// <summary>True between the first and the last event of a group.</summary>
    public bool IsGroupOpen => _groupOpen;

    /// <summary>True once any book event came: the instrument has a book feed.</summary>
    public bool HasData => _hasData;

    /// <summary>False when a side is empty: there is no spread and no mid.</summary>
    public bool HasBothSides => !_bids.IsEmpty && !_asks.IsEmpty;

    /// <summary>Highest bid, price units; 0 when there is none.</summary>
    public long BestBidPrice => _bids.IsEmpty ? 0 : _bids.BestKey;

    /// <summary>Quantity at the highest bid, quantity units; 0 when there is none.</summary>
    public long BestBidQuantity => _bids.IsEmpty ? 0 : _bids.BestQuantity;

    /// <summary>Lowest ask, price units; 0 when there is none.</summary>
    public long BestAskPrice => _asks.IsEmpty ? 0 : -_asks.BestKey;

    /// <summary>Quantity at the lowest ask, quantity units; 0 when there is none.</summary>
    public long BestAskQuantity => _asks.IsEmpty ? 0 : _asks.BestQuantity;

    /// <summary>Both best levels at once; all zero when the result is false.</summary>
    /// <param name="bid">Highest bid.</param>
    /// <param name="ask">Lowest ask.</param>
    /// <returns>False when a side is empty.</returns>
    public bool TryBest(out BookLevel bid, out BookLevel ask)
    {
        bid = ask = default;
        if (!HasBothSides)
        {
            return false;
        }

        long highest = _bids.BestKey;
        long lowest = _asks.BestKey;
        bid = new BookLevel(highest, _bids.QuantityOf(highest));
        ask = new BookLevel(-lowest, _asks.QuantityOf(lowest));
        return true;
    }

    /// <summary>True when a side has no level.</summary>
    /// <param name="side">Buy for bids, sell for asks.</param>
    /// <returns>Whether it is empty.</returns>
    public bool IsEmpty(Side side) => SideOf(side).IsEmpty;

    /// <summary>Bid levels held.</summary>
    public int BidCount => _bids.Count;

    /// <summary>Ask levels held.</summary>
    public int AskCount => _asks.Count;

    /// <summary>The venue's number of the last update that was applied whole; 0 when none or not numbered.</summary>
    public long LastUpdateId => _lastUpdateId;

    /// <summary>Differences that did not follow the last applied update.</summary>
    public long Gaps => _gaps;

    /// <summary>Groups without their beginning or their end.</summary>
    public long Cuts => _cuts;

    /// <summary>Groups that left the book crossed or locked.</summary>
    public long Crossed => _crossed;

    /// <summary>Levels with a negative quantity; each made the book not ready.</summary>
    public long Malformed => _malformed;

    /// <summary>Levels that found no room: the deepest ones.</summary>
    public long Dropped => _dropped;

    /// <summary>Events of differences that came while the book waited for a snapshot.</summary>
    public long Ignored => _ignored;

    /// <summary>Allocates the levels of both sides now, so that no later event does.</summary>
    public void Reserve()
    {
        _bids.Reserve();
        _asks.Reserve();
        _reserved = true;
    }

    /// <summary>Applies a <see cref="EventKind.BookLevels"/> event.</summary>
    /// <param name="e">The event; its kind is an invariant.</param>
    public void Apply(in Event e)
    {
        Ensure.That(e.Kind == EventKind.BookLevels, "a book takes book levels only");
        ref readonly BookLevels levels = ref e.BookLevels;
        if (!_reserved)
        {
            Reserve();
        }

        _hasData = true;
        if ((e.Flags & EventFlags.First) != 0)
        {
            Begin(levels, (e.Flags & EventFlags.Snapshot) != 0);
        }
        else if (!Continues(levels) && _valid)
        {
            _cuts++;
            Invalidate();
        }

        if (_valid)
        {
            SetLevels(levels);
        }
        else
        {
            _ignored++;
        }

        if ((e.Flags & EventFlags.Last) != 0)
        {
            End(levels.UpdateId);
        }
    }

    /// <summary>Sets, changes or removes one level, outside any feed. Readiness does not change.</summary>
    /// <param name="side">Buy for a bid, sell for an ask.</param>
    /// <param name="price">Price units; above <see cref="long.MinValue"/>.</param>
    /// <param name="quantity">Quantity units, not negative; 0 removes the level.</param>
    public void SetLevel(Side side, long price, long quantity)
    {
        Ensure.That(side is Side.Buy or Side.Sell, "a level has a side");
        Ensure.That(quantity >= 0, "a level's quantity is never negative");
        if (!_reserved)
        {
            Reserve();
        }

        _dropped += Set(side == Side.Buy ? 0 : 1, price, quantity) ? 1 : 0;
        Settle();
    }

    /// <summary>Removes all levels. Readiness and counters stay.</summary>
    public void Clear()
    {
        _bids.Clear();
        _asks.Clear();
    }

    /// <summary>Empties the book; it is not ready until the next snapshot. An open group stays open.</summary>
    public void Invalidate()
    {
        Clear();
        _valid = false;
        _lastUpdateId = 0;
    }

    /// <summary>Ends an open group without its last event: the book is not ready until the next snapshot.</summary>
    public void CutOpenGroup()
    {
        if (_groupOpen)
        {
            _cuts++;
            _groupOpen = false;
            Invalidate();
        }
    }

    /// <summary>Forgets everything, counters included, as if no event had come. Memory stays.</summary>
    public void Reset()
    {
        Invalidate();
        _groupOpen = _hasData = false;
        _groupUpdateId = 0;
        _gaps = _cuts = _crossed = _malformed = _dropped = _ignored = 0;
    }

    /// <summary>A level by its depth.</summary>
    /// <param name="side">Buy for bids, sell for asks.</param>
    /// <param name="depth">0 is the best; below the side's count.</param>
    /// <returns>The level.</returns>
    public BookLevel LevelAt(Side side, int depth)
    {
        BookSide levels = SideOf(side);
        Ensure.That(depth >= 0 && depth < levels.Count, "no level that deep");
        long key = levels.KeyAt(depth);
        return new BookLevel(side == Side.Buy ? key : -key, levels.QuantityAt(depth));
    }

    /// <summary>Quantity at a price.</summary>
    /// <param name="side">Buy for bids, sell for asks.</param>
    /// <param name="price">Price units.</param>
    /// <returns>Quantity units; 0 when there is no such level.</returns>
    public long QuantityAt(Side side, long price) => SideOf(side).QuantityOf(side == Side.Buy ? price : -price);

    /// <summary>What can be traded against this side without going past a price.</summary>
    /// <param name="side">Buy for bids, sell for asks.</param>
    /// <param name="price">Price units; the worst price, included.</param>
    /// <returns>Quantity units from the best level to the price; overflow of 64 bits stops the engine.</returns>
    public long QuantityUpTo(Side side, long price) => SideOf(side).QuantityUpTo(side == Side.Buy ? price : -price);

    /// <summary>What the best levels of a side offer together.</summary>
    /// <param name="side">Buy for bids, sell for asks.</param>
    /// <param name="levels">So many levels, not negative; fewer where the side has no more.</param>
    /// <returns>Quantity units.</returns>
    public Int128 QuantityOfBest(Side side, int levels) => SideOf(side).QuantityOfBest(levels);

    /// <summary>The deepest price of a side.</summary>
    /// <param name="side">Buy for bids, sell for asks; it must have a level.</param>
    /// <returns>Price units.</returns>
    public long WorstPrice(Side side)
    {
        BookSide levels = SideOf(side);
        Ensure.That(!levels.IsEmpty, "no level that deep");
        return side == Side.Buy ? levels.WorstKey : -levels.WorstKey;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _bids.Visit(visitor);
        _asks.Visit(visitor);
        visitor.Visit(ref _valid);
        visitor.Visit(ref _groupOpen);
        visitor.Visit(ref _hasData);
        visitor.Visit(ref _groupUpdateId);
        visitor.Visit(ref _lastUpdateId);
        visitor.Visit(ref _gaps);
        visitor.Visit(ref _cuts);
        visitor.Visit(ref _crossed);
        visitor.Visit(ref _malformed);
        visitor.Visit(ref _dropped);
        visitor.Visit(ref _ignored);
    }

    private BookSide SideOf(Side side)
    {
        Ensure.That(side is Side.Buy or Side.Sell, "a level has a side");
        return side == Side.Buy ? _bids : _asks;
    }

    private void Begin(in BookLevels levels, bool snapshot)
    {
        CutOpenGroup();
        _groupOpen = true;
        _groupUpdateId = levels.UpdateId;
        if (snapshot)
        {
            Invalidate();
            _valid = true;
        }
        else if (_valid && !Follows(levels))
        {
            _gaps++;
            Invalidate();
        }
    }

    private bool Follows(in BookLevels levels) =>
        (levels.PreviousUpdateId == 0 || levels.PreviousUpdateId == _lastUpdateId)
        && (levels.UpdateId == 0 || levels.UpdateId >= _lastUpdateId);

    // A part of another update proves that the end of one group and the beginning of the next are missing.
    private bool Continues(in BookLevels levels) =>
        _groupOpen && (levels.UpdateId == _groupUpdateId || levels.UpdateId == 0);

    private void SetLevels(in BookLevels levels)
    {
        Ensure.That(levels.Layout <= 1, "layout of book levels is narrow or wide");
        if (levels.Layout == 0)
        {
            SetNarrow(levels);
        }
        else
        {
            SetWide(levels);
        }
    }

    // Quantities of the narrow layout have no sign.
    private void SetNarrow(in BookLevels levels)
    {
        ReadOnlySpan<NarrowLevel> narrow = levels.Narrow;
        int asks = levels.AskMask;
        long dropped = 0;
        for (int i = 0; i < narrow.Length; i++, asks >>= 1)
        {
            dropped += Set(asks & 1, levels.BasePrice + narrow[i].Offset, narrow[i].Quantity) ? 1 : 0;
        }

        _dropped += dropped;
        Settle();
    }

    private void SetWide(in BookLevels levels)
    {
        for (int i = 0; i < levels.Count; i++)
        {
            long quantity = levels.QuantityAt(i);
            if (quantity < 0)
            {
                _malformed++;
                Invalidate();
                return;
            }

            _dropped += Set((levels.AskMask >> i) & 1, levels.PriceAt(i), quantity) ? 1 : 0;
        }

        Settle();
    }

    private void Settle()
    {
        _bids.Settle();
        _asks.Settle();
    }

    // The price or, for asks, its negation without a branch: sides alternate as they like.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Set(int isAsk, long price, long quantity) => _sides[isAsk].Set((price ^ -isAsk) + isAsk, quantity);

    private void End(long updateId)
    {
        _groupOpen = false;
        if (!_valid)
        {
            return;
        }

        _lastUpdateId = updateId != 0 ? updateId : _groupUpdateId;
        if (HasBothSides && BestBidPrice >= BestAskPrice)
        {
            _crossed++;
            Invalidate();
        }
    }

    [InlineArray(2)]
    private struct Sides
    {
        private BookSide _first;
    }
}
