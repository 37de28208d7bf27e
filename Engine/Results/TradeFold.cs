using System;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Results;

/// <summary>A trade of one strategy in one instrument, from flat to flat. Money is in units of 10^-8.</summary>
internal sealed record ClosedTrade
{
    /// <summary>Counts all trades, from 1, in the order in which they were opened.</summary>
    internal required long Number { get; init; }

    internal required StrategyId Strategy { get; init; }

    internal required InstrumentId Instrument { get; init; }

    /// <summary>+1 for a long trade, -1 for a short one.</summary>
    internal required int Direction { get; init; }

    internal required long OpenedAt { get; init; }

    internal required long ClosedAt { get; init; }

    /// <summary>Price of the first fill and of the last.</summary>
    internal required long OpenedPrice { get; init; }

    internal required long ClosedPrice { get; init; }

    /// <summary>Largest position of the trade, positive.</summary>
    internal required long Quantity { get; init; }

    internal required long Fills { get; init; }

    /// <summary>After fees.</summary>
    internal required long Profit { get; init; }

    internal required long Fees { get; init; }

    /// <summary>Lowest profit after fees at any mark, at most 0.</summary>
    internal required long AdverseExcursion { get; init; }

    /// <summary>Highest profit after fees at any mark, at least 0.</summary>
    internal required long FavourableExcursion { get; init; }
}

/// <summary>What the closed trades of one currency came to. Money is in units of 10^-8.</summary>
internal sealed class TradeTotals
{
    private long _losingRun;
    private double _mean;

    internal long Closed { get; private set; }

    internal long Won { get; private set; }

    internal long Lost { get; private set; }

    /// <summary>Sum of the profits of those that won.</summary>
    internal long Gains { get; private set; }

    /// <summary>Sum of the losses of those that lost, positive.</summary>
    internal long Losses { get; private set; }

    internal long LargestGain { get; private set; }

    /// <summary>Positive.</summary>
    internal long LargestLoss { get; private set; }

    internal long LongestLosingRun { get; private set; }

    internal Int128 HoldingTime { get; private set; }

    internal Int128 Adverse { get; private set; }

    internal long WorstAdverse { get; private set; }

    internal Int128 Favourable { get; private set; }

    /// <summary>Sum of the squared distances from the mean: exactly 0 where all trades came to the same.</summary>
    internal double SquaredDistances { get; private set; }

    internal long Profit => Gains - Losses;

    internal void Add(ClosedTrade trade)
    {
        Closed++;
        if (trade.Profit > 0)
        {
            Won++;
            Gains += trade.Profit;
            LargestGain = Math.Max(LargestGain, trade.Profit);
        }
        else if (trade.Profit < 0)
        {
            Lost++;
            Losses -= trade.Profit;
            LargestLoss = Math.Max(LargestLoss, -trade.Profit);
        }

        _losingRun = trade.Profit < 0 ? _losingRun + 1 : 0;
        LongestLosingRun = Math.Max(LongestLosingRun, _losingRun);
        HoldingTime += trade.ClosedAt - trade.OpenedAt;
        Adverse += trade.AdverseExcursion;
        WorstAdverse = Math.Min(WorstAdverse, trade.AdverseExcursion);
        Favourable += trade.FavourableExcursion;
        double distance = trade.Profit - _mean;
        _mean += distance / Closed;
        SquaredDistances += distance * (trade.Profit - _mean);
    }
}

/// <summary>
/// The trades of all strategies, the house included: what of a fill was whose is read off the portfolio, so their sum is
/// its profit to the last unit.
/// </summary>
internal sealed class TradeFold
{
    /// <summary>Trades that are listed one by one; of more, one of two, of four and so on. The totals are of all.</summary>
    internal const int ListedMax = 20_000;

    private const int Owners = Limits.Strategies + 1;

    private readonly OpenTrade[] _open = new OpenTrade[(Limits.Instruments + 1) * Owners];
    private readonly VirtualPosition[] _seen = new VirtualPosition[(Limits.Instruments + 1) * Owners];
    private readonly uint[] _holders = new uint[Limits.Instruments + 1];
    private readonly TradeTotals[] _totals = new TradeTotals[PortfolioLedger.Currencies];
    private long _opened;

    internal TradeFold()
    {
        for (int i = 0; i < _totals.Length; i++)
        {
            _totals[i] = new TradeTotals();
        }
    }

    /// <summary>The closed trades, in the order in which they closed.</summary>
    internal ThinnedList<ClosedTrade> Listed { get; } = new(ListedMax);

    /// <summary>Trades that are open now.</summary>
    internal long Open
    {
        get
        {
            long count = 0;
            foreach (uint holders in _holders)
            {
                count += System.Numerics.BitOperations.PopCount(holders);
            }

            return count;
        }
    }

    /// <summary>What the closed trades of a currency came to.</summary>
    internal TradeTotals Totals(int currency) => _totals[currency];

    /// <summary>Folds what an execution gave to a strategy, if anything.</summary>
    /// <param name="strategy">The strategy or the house.</param>
    /// <param name="instrument">The instrument's rules.</param>
    /// <param name="part">Its part of the position after the execution.</param>
    /// <param name="currency">Index of the currency.</param>
    /// <param name="price">Price of the execution.</param>
    /// <param name="now">ReceivedAt.</param>
    internal void Fold(
        StrategyId strategy, in Instrument instrument, in VirtualPosition part, int currency, long price, long now)
    {
        int index = (instrument.Id.Value * Owners) + strategy.Value;
        VirtualPosition before = _seen[index];
        _seen[index] = part;
        long change = part.Quantity - before.Quantity;
        if (part.Fills == before.Fills || change == 0)
        {
            return;
        }

        long flow = part.CashFlow - before.CashFlow;
        long fee = part.Fees - before.Fees;
        ref OpenTrade trade = ref _open[index];
        if (trade.IsDissolved)
        {
            Close(strategy, instrument.Id, ref trade, currency, price, now);
        }

        if (Math.Sign(change) == -Math.Sign(trade.Quantity))
        {
            long size = Math.Abs(change);
            long closing = Math.Min(size, Math.Abs(trade.Quantity));

            // A fill that turns the position round ends one trade with its share and opens the next with the rest.
            long flowPart = closing == size ? flow : (long)((Int128)flow * closing / size);
            long feePart = closing == size ? fee : (long)((Int128)fee * closing / size);
            trade.Add(Math.Sign(change) * closing, flowPart, feePart);
            trade.Mark(trade.Flow + instrument.Value(price, trade.Quantity));
            if (trade.Quantity == 0)
            {
                Close(strategy, instrument.Id, ref trade, currency, price, now);
            }

            change -= Math.Sign(change) * closing;
            flow -= flowPart;
            fee -= feePart;
        }

        if (change != 0)
        {
            if (trade.Quantity == 0)
            {
                trade = new OpenTrade { Number = ++_opened, OpenedAt = now, OpenedPrice = price };
                _holders[instrument.Id.Value] |= 1u << strategy.Value;
            }

            trade.Add(change, flow, fee);
            trade.Mark(trade.Flow + instrument.Value(price, trade.Quantity));
        }
    }

    /// <summary>
    /// Old shares became new ones: a trade goes on with what its strategy holds now. One that is left without any ends when the
    /// cash for what it lost is booked.
    /// </summary>
    /// <param name="strategy">The strategy or the house.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="quantity">What it holds now, quantity units.</param>
    /// <param name="ratio">New for old shares.</param>
    internal void Split(StrategyId strategy, InstrumentId instrument, long quantity, in ShareRatio ratio)
    {
        int index = (instrument.Value * Owners) + strategy.Value;
        _seen[index].Quantity = quantity;
        ref OpenTrade trade = ref _open[index];
        trade.Quantity = trade.Quantity == 0 ? 0 : quantity;
        trade.Largest = Math.Max(ratio.Quantity(trade.Largest), Math.Abs(quantity));
        trade.OpenedPrice = ratio.PriceDown(trade.OpenedPrice);
    }

    /// <summary>Cash in lieu was booked: the trades that waited for it end.</summary>
    /// <param name="strategy">The strategy or the house.</param>
    /// <param name="instrument">The instrument.</param>
    /// <param name="part">Its part of the position after the booking.</param>
    /// <param name="currency">Index of the currency.</param>
    /// <param name="price">Last price known.</param>
    /// <param name="now">ReceivedAt.</param>
    internal void Dissolve(
        StrategyId strategy, InstrumentId instrument, in VirtualPosition part, int currency, long price, long now)
    {
        int index = (instrument.Value * Owners) + strategy.Value;
        ref OpenTrade trade = ref _open[index];
        if (trade.IsDissolved)
        {
            trade.Flow += part.CashFlow - _seen[index].CashFlow;
            _seen[index] = part;
            Close(strategy, instrument, ref trade, currency, price, now);
        }
    }

    /// <summary>Takes a part as it is: what is held and was not known was opened here, at a price.</summary>
    internal void Adopt(
        StrategyId strategy, in Instrument instrument, in VirtualPosition part, long price, long now)
    {
        int index = (instrument.Id.Value * Owners) + strategy.Value;
        _seen[index] = part;
        if (_open[index].Quantity == part.Quantity)
        {
            return;
        }

        _open[index] = default;
        _holders[instrument.Id.Value] &= ~(1u << strategy.Value);
        if (part.Quantity != 0)
        {
            _open[index] = new OpenTrade { Number = ++_opened, OpenedAt = now, OpenedPrice = price };
            _open[index].Add(part.Quantity, -instrument.Value(price, part.Quantity), 0);
            _holders[instrument.Id.Value] |= 1u << strategy.Value;
        }
    }

    /// <summary>The instrument has a price: open trades are worth something.</summary>
    /// <param name="instrument">Its rules.</param>
    /// <param name="price">Price units.</param>
    /// <param name="since">Trades that were opened later are not marked: the price may be older than they are.</param>
    internal void Mark(in Instrument instrument, long price, long since = long.MaxValue)
    {
        for (uint left = _holders[instrument.Id.Value]; left != 0; left &= left - 1)
        {
            int owner = System.Numerics.BitOperations.TrailingZeroCount(left);
            ref OpenTrade trade = ref _open[(instrument.Id.Value * Owners) + owner];
            if (trade.OpenedAt <= since)
            {
                trade.Mark(trade.Flow + instrument.Value(price, trade.Quantity));
            }
        }
    }

    private void Close(
        StrategyId strategy, InstrumentId instrument, ref OpenTrade trade, int currency, long price, long now)
    {
        ClosedTrade closed = new()
        {
            Number = trade.Number,
            Strategy = strategy,
            Instrument = instrument,
            Direction = trade.Direction,
            OpenedAt = trade.OpenedAt,
            ClosedAt = now,
            OpenedPrice = trade.OpenedPrice,
            ClosedPrice = price,
            Quantity = trade.Largest,
            Fills = trade.Fills,
            Profit = trade.Flow,
            Fees = trade.Fees,
            AdverseExcursion = trade.Worst,
            FavourableExcursion = trade.Best,
        };
        _totals[currency].Add(closed);
        Listed.Add(closed);

        trade = default;
        _holders[instrument.Value] &= ~(1u << strategy.Value);
    }

    private struct OpenTrade
    {
        internal long Number;
        internal long OpenedAt;
        internal long OpenedPrice;
        internal long Quantity;
        internal long Largest;
        internal int Direction;
        internal long Flow;
        internal long Fees;
        internal long Fills;
        internal long Worst;
        internal long Best;

        internal readonly bool IsDissolved => Number != 0 && Quantity == 0;

        internal void Add(long change, long flow, long fee)
        {
            Quantity += change;
            Flow += flow;
            Fees += fee;
            Fills++;
            Largest = Math.Max(Largest, Math.Abs(Quantity));
            Direction = Direction == 0 ? Math.Sign(change) : Direction;
        }

        internal void Mark(long profit)
        {
            Worst = Math.Min(Worst, profit);
            Best = Math.Max(Best, profit);
        }
    }
}
