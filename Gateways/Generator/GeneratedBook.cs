using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Generator;

/// <summary>
/// The generator's own full book of one instrument, in ticks. Bids cover [BidLow, Bid], asks [Ask, AskHigh], always
/// with Bid &lt; Ask; the best tick of each side has a quantity, ticks behind it may be empty. Every change is handed
/// to the packer, so a reader that applies the groups holds the same book.
/// </summary>
internal sealed class GeneratedBook
{
    /// <summary>Largest spread that is asked for, as a multiple of the usual one.</summary>
    internal const int SpreadRange = 4;

    /// <summary>Levels that one message disturbs at most.</summary>
    internal const int DisturbMax = 12;

    private const int EmptyTickPpm = 100_000;
    private const int RemovalPpm = 150_000;

    // A level is drawn around half the typical quantity x u / (1 - 0.98 u): usually near it, up to 25 times as much.
    private const double TailWeight = 0.98;

    private readonly long[] _quantities;
    private readonly long _mask;
    private readonly int _depth;
    private readonly long _tick;
    private readonly long _lot;
    private readonly double _halfTypicalLots;
    private readonly LevelPacker _packer;

    internal GeneratedBook(GeneratedInstrument instrument, LevelPacker packer)
    {
        int span = (2 * instrument.Depth) + (SpreadRange * instrument.SpreadTicks) + 2;
        _quantities = new long[BitOperations.RoundUpToPowerOf2((uint)span)];
        _mask = _quantities.Length - 1;
        _depth = instrument.Depth;
        _tick = instrument.Rules.Tick;
        _lot = instrument.Rules.Lot;
        _halfTypicalLots = 0.5 * instrument.TypicalQuantity / instrument.Rules.Lot;
        _packer = packer;
        Bid = -1;
    }

    internal long Bid { get; private set; }

    internal long Ask { get; private set; }

    private long BidLow { get; set; }

    private long AskHigh { get; set; }

    /// <summary>Levels that one message can have.</summary>
    internal static int LevelsMax(int depth) => (4 * depth) + DisturbMax + 1;

    /// <summary>Quantity at the touch.</summary>
    internal long TouchQuantity(Side side) => Slot(side == Side.Buy ? Bid : Ask);

    /// <summary>Forgets the old book and makes a new one; every level goes to the packer.</summary>
    internal void Rebuild(long bid, long ask, ref Dice dice)
    {
        Array.Clear(_quantities);
        Bid = bid;
        BidLow = bid + 1;
        Ask = ask;
        AskHigh = ask - 1;
        Fill(Side.Buy, bid - _depth + 1, bid, bid, ref dice);
        Fill(Side.Sell, ask, ask + _depth - 1, ask, ref dice);
        BidLow = bid - _depth + 1;
        AskHigh = ask + _depth - 1;
    }

    /// <summary>
    /// Moves the touch: levels that fall outside are removed first, so that the book is never crossed.
    /// </summary>
    internal void MoveTo(long bid, long ask, ref Dice dice)
    {
        Ensure.That(bid < ask, "a generated book must not cross");
        long bidLow = bid - _depth + 1;
        long askHigh = ask + _depth - 1;
        Clear(Side.Buy, Math.Max(BidLow, bid + 1), Bid);
        Clear(Side.Buy, BidLow, Math.Min(Bid, bidLow - 1));
        Clear(Side.Sell, Ask, Math.Min(AskHigh, ask - 1));
        Clear(Side.Sell, Math.Max(Ask, askHigh + 1), AskHigh);

        Fill(Side.Buy, Math.Max(bidLow, Bid + 1), bid, bid, ref dice);
        Fill(Side.Buy, bidLow, Math.Min(bid, BidLow - 1), bid, ref dice);
        Fill(Side.Sell, ask, Math.Min(askHigh, Ask - 1), ask, ref dice);
        Fill(Side.Sell, Math.Max(ask, AskHigh + 1), askHigh, ask, ref dice);

        // The new touch may lie on an empty tick of the part that stayed.
        Fill(Side.Buy, bid, bid, bid, ref dice);
        Fill(Side.Sell, ask, ask, ask, ref dice);
        Bid = bid;
        BidLow = bidLow;
        Ask = ask;
        AskHigh = askHigh;
    }

    /// <summary>Changes, adds or removes one level, most often near the touch.</summary>
    internal void Disturb(ref Dice dice)
    {
        double u = dice.Uniform();
        long offset = (long)(u * u * u * _depth);
        Side side = dice.Below(2) == 0 ? Side.Buy : Side.Sell;
        long at = side == Side.Buy ? Bid - offset : Ask + offset;
        if (at < BidLow || at > AskHigh)
        {
            return;
        }

        bool remove = offset > 0 && Slot(at) > 0 && dice.Chance(RemovalPpm);
        Put(side, at, remove ? 0 : Draw(ref dice));
    }

    /// <summary>True when the touch may be consumed whole: another level stands behind it.</summary>
    internal bool HasSecondLevel(Side side) => side == Side.Buy ? NextBid() >= BidLow : NextAsk() <= AskHigh;

    /// <summary>Takes a quantity away from the touch.</summary>
    internal void Reduce(Side side, long quantity)
    {
        long at = side == Side.Buy ? Bid : Ask;
        long left = Slot(at) - quantity;
        Ensure.That(left >= 0, "a generated trade took more than was there");
        long next = side == Side.Buy ? NextBid() : NextAsk();
        Put(side, at, left);
        if (left > 0)
        {
            return;
        }

        Ensure.That(next >= BidLow && next <= AskHigh, "a generated trade emptied its side");
        if (side == Side.Buy)
        {
            Bid = next;
        }
        else
        {
            Ask = next;
        }
    }

    /// <summary>A quantity with a heavy tail, a multiple of the lot.</summary>
    internal long Draw(ref Dice dice)
    {
        double u = dice.Uniform();
        return ((long)(_halfTypicalLots * (u / (1.0 - (TailWeight * u)))) + 1) * _lot;
    }

    private ref long Slot(long at) => ref _quantities[at & _mask];

    private long NextBid()
    {
        long at = Bid - 1;
        while (at >= BidLow && Slot(at) == 0)
        {
            at--;
        }

        return at;
    }

    private long NextAsk()
    {
        long at = Ask + 1;
        while (at <= AskHigh && Slot(at) == 0)
        {
            at++;
        }

        return at;
    }

    private void Clear(Side side, long from, long to)
    {
        for (long at = from; at <= to; at++)
        {
            if (Slot(at) > 0)
            {
                Put(side, at, 0);
            }
        }
    }

    private void Fill(Side side, long from, long to, long best, ref Dice dice)
    {
        for (long at = from; at <= to; at++)
        {
            if (Slot(at) == 0 && (at == best || !dice.Chance(EmptyTickPpm)))
            {
                Put(side, at, Draw(ref dice));
            }
        }
    }

    private void Put(Side side, long at, long quantity)
    {
        Slot(at) = quantity;
        Ensure.That(_packer.TryAdd(side, at * _tick, quantity), "a generated message has more levels than planned");
    }
}
