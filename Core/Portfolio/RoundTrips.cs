using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>What a strategy holds of an instrument since it was last flat (72 bytes).</summary>
public struct RoundTrip
{
    /// <summary>Quantity units, signed.</summary>
    public long Quantity;

    /// <summary>Money units paid for what is open (negative for a short: received).</summary>
    public long Cost;

    /// <summary>Money units received minus paid since it was opened, fees included.</summary>
    public long Flow;

    /// <summary>ReceivedAt of the fill that opened it.</summary>
    public long OpenedAt;

    /// <summary>Price of the fill that opened it, price units.</summary>
    public long OpenedPrice;

    /// <summary>Counts the trades of all strategies, from 1.</summary>
    public long Number;

    /// <summary>Sequence of the event that opened it.</summary>
    public long OpenedSequence;

    /// <summary>Highest profit after fees at any mark, money units, at least 0.</summary>
    public long Best;

    /// <summary>Lowest profit after fees at any mark, money units, at most 0.</summary>
    public long Worst;

    /// <summary>What is open has a price.</summary>
    /// <param name="value">Money units that the open part is worth.</param>
    public void Mark(long value)
    {
        Best = Math.Max(Best, Flow + value);
        Worst = Math.Min(Worst, Flow + value);
    }
}

/// <summary>
/// The trades of the strategies, from flat to flat: what each open one cost, and how the closed ones ended. A fill that
/// turns a position round ends one trade and opens the next.
/// </summary>
public sealed class RoundTrips : IStateful
{
    private const int Owners = Limits.Strategies + 1;
    private const long Unmarked = long.MinValue;

    private readonly RoundTrip[] _trips = new RoundTrip[(Limits.Instruments + 1) * Owners];

    // Bit s of _open[i]: strategy s holds instrument i.
    private readonly uint[] _open = new uint[Limits.Instruments + 1];

    // Trades that ended and their profits, by strategy.
    private readonly (long Closed, long Profit)[] _records = new (long, long)[Owners];
    // The last price at which the open trades of an instrument were marked, unless one changed since: to mark them at it again
    // changes nothing, so it is no state.
    private readonly long[] _markedAt = new long[Limits.Instruments + 1];
    private ulong _held;
    private long _opened;
    private long _closed;
    private long _losing;

    /// <summary>Creates the trades of nobody.</summary>
    public RoundTrips() => Array.Fill(_markedAt, Unmarked);

    /// <summary>Trades that ended, of all strategies.</summary>
    public long Closed => _closed;

    /// <summary>Trades in a row that ended with a loss after fees, up to the last one that ended.</summary>
    public long LosingRun => _losing;

    /// <summary>Bit i - 1: some strategy holds instrument i, even where the account holds none because others hold the opposite.</summary>
    public ulong Held => _held;

    /// <summary>Which strategies hold an instrument.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Bit s for strategy s; the house is not among them.</returns>
    public uint Open(InstrumentId instrument) => _open[instrument.Value];

    /// <summary>A strategy's open trade.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>All zero when it is flat.</returns>
    public ref readonly RoundTrip Of(StrategyId strategy, InstrumentId instrument) =>
        ref _trips[(instrument.Value * Owners) + strategy.Value];

    /// <summary>What the closed trades of a strategy came to.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <returns>How many there were, and the sum of their profits after fees.</returns>
    public (long Closed, long Profit) Record(StrategyId strategy) => _records[strategy.Value];

    /// <summary>An instrument has a price: its open trades are worth something.</summary>
    /// <param name="instrument">Its rules.</param>
    /// <param name="price">Price units.</param>
    /// <param name="since">Trades that were opened later are not marked: the price may be older than they are.</param>
    public void Mark(in Instrument instrument, long price, long since = long.MaxValue)
    {
        ref long marked = ref _markedAt[instrument.Id.Value];
        if (marked == price)
        {
            return;
        }

        marked = since == long.MaxValue ? price : marked;
        for (uint open = _open[instrument.Id.Value]; open != 0; open &= open - 1)
        {
            ref RoundTrip trip = ref _trips[(instrument.Id.Value * Owners) + BitOperations.TrailingZeroCount(open)];
            if (trip.OpenedAt <= since)
            {
                trip.Mark(instrument.Value(price, trip.Quantity));
            }
        }
    }

    /// <summary>Folds a strategy's part of a fill.</summary>
    /// <param name="strategy">The strategy; the house makes no trades.</param>
    /// <param name="instrument">The instrument's rules.</param>
    /// <param name="change">Quantity units, signed, not zero.</param>
    /// <param name="value">Money units of it, of the same sign.</param>
    /// <param name="fee">Money units.</param>
    /// <param name="price">Price units.</param>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="sequence">Sequence of the event.</param>
    public void Fold(
        StrategyId strategy,
        in Instrument instrument,
        long change,
        long value,
        long fee,
        long price,
        long now,
        long sequence)
    {
        int place = instrument.Id.Value;
        _markedAt[place] = Unmarked;
        ref RoundTrip trip = ref _trips[(place * Owners) + strategy.Value];
        long held = Math.Abs(trip.Quantity);
        long size = Math.Abs(change);
        long closing = Math.Sign(change) == -Math.Sign(trip.Quantity) ? Math.Min(size, held) : 0;
        if (closing != 0)
        {
            // The closed part takes its share of cost, value and fee, rounded towards zero; the rest takes what is left.
            long valuePart = closing == size ? value : Wide.MultiplyDivide(value, closing, size);
            long feePart = closing == size ? fee : Wide.MultiplyDivide(fee, closing, size);
            trip.Cost -= closing == held ? trip.Cost : Wide.MultiplyDivide(trip.Cost, closing, held);
            trip.Quantity += Math.Sign(change) * closing;
            trip.Flow -= valuePart + feePart;
            change -= Math.Sign(change) * closing;
            value -= valuePart;
            fee -= feePart;
            trip.Mark(instrument.Value(price, trip.Quantity));
            if (trip.Quantity == 0)
            {
                _records[strategy.Value].Closed++;
                _records[strategy.Value].Profit += trip.Flow;
                _closed++;
                _losing = trip.Flow < 0 ? _losing + 1 : 0;
                trip = default;
                _open[place] &= ~(1u << strategy.Value);
                Follow(place);
            }
        }

        if (change == 0)
        {
            return;
        }

        if (trip.Quantity == 0)
        {
            trip.OpenedAt = now;
            trip.OpenedPrice = price;
            trip.OpenedSequence = sequence;
            trip.Number = ++_opened;
            _open[place] |= 1u << strategy.Value;
            Follow(place);
        }

        trip.Cost += value;
        trip.Quantity += change;
        trip.Flow -= value + fee;
        trip.Mark(instrument.Value(price, trip.Quantity));
    }

    /// <summary>
    /// Old shares became new ones. A trade that is left without any ends uncounted: it was neither won nor lost by a fill.
    /// </summary>
    /// <param name="strategy">The strategy; the house makes no trades.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="quantity">What it holds from now on, quantity units.</param>
    /// <param name="ratio">New for old shares.</param>
    public void Split(StrategyId strategy, InstrumentId instrument, long quantity, in ShareRatio ratio)
    {
        _markedAt[instrument.Value] = Unmarked;
        ref RoundTrip trip = ref _trips[(instrument.Value * Owners) + strategy.Value];
        if (strategy == StrategyId.House || trip.Quantity == 0)
        {
            return;
        }

        trip.Quantity = quantity;
        trip.OpenedPrice = ratio.PriceDown(trip.OpenedPrice);
        if (quantity == 0)
        {
            trip = default;
            _open[instrument.Value] &= ~(1u << strategy.Value);
            Follow(instrument.Value);
        }
    }

    /// <summary>An instrument has other rules: the same price may be worth something else.</summary>
    /// <param name="instrument">The instrument.</param>
    public void Define(InstrumentId instrument) => _markedAt[instrument.Value] = Unmarked;

    /// <summary>Takes an open trade over from another ledger.</summary>
    /// <param name="strategy">The strategy; the house makes no trades.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="trip">It; its number is a new one.</param>
    public void Adopt(StrategyId strategy, InstrumentId instrument, in RoundTrip trip)
    {
        Ensure.That(strategy != StrategyId.House && trip.Quantity != 0, "a trade that is taken over is open and a strategy's");
        ref RoundTrip own = ref _trips[(instrument.Value * Owners) + strategy.Value];
        own = trip;
        own.Number = ++_opened;
        _open[instrument.Value] |= 1u << strategy.Value;
        _markedAt[instrument.Value] = Unmarked;
        Follow(instrument.Value);
    }

    /// <summary>Cash without a fill is part of the trade that is open.</summary>
    /// <param name="strategy">The strategy; the house makes no trades.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="amount">Money units; positive is received.</param>
    public void Book(StrategyId strategy, InstrumentId instrument, long amount)
    {
        _markedAt[instrument.Value] = Unmarked;
        ref RoundTrip trip = ref _trips[(instrument.Value * Owners) + strategy.Value];
        if (strategy != StrategyId.House && trip.Quantity != 0)
        {
            trip.Flow += amount;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<RoundTrip>(_trips);
        visitor.Visit<uint>(_open);
        visitor.Visit<(long, long)>(_records);
        visitor.Visit(ref _opened);
        visitor.Visit(ref _closed);
        visitor.Visit(ref _losing);
        Array.Fill(_markedAt, Unmarked);
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            Follow(i);
        }
    }

    private void Follow(int instrument)
    {
        ulong bit = 1UL << (instrument - 1);
        _held = _open[instrument] != 0 ? _held | bit : _held & ~bit;
    }
}
