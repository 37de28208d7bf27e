using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Results;

/// <summary>An interval of an instrument's price and of our position in it.</summary>
internal struct PricePoint : ISample<PricePoint>
{
    /// <summary>ReceivedAt of the last price of the interval.</summary>
    internal long At;

    /// <summary>Lowest reference price, price units.</summary>
    internal long Low;

    /// <summary>Highest reference price, price units.</summary>
    internal long High;

    /// <summary>Last reference price, price units.</summary>
    internal long Last;

    /// <summary>Position at the end, quantity units.</summary>
    internal long Position;

    /// <inheritdoc/>
    public void Merge(in PricePoint later)
    {
        long low = Math.Min(Low, later.Low);
        long high = Math.Max(High, later.High);
        this = later;
        Low = low;
        High = high;
    }
}

/// <summary>Profits of the strategies and of the instruments at the begin of an interval. Money is in units of 10^-8.</summary>
internal struct ShareSample : ISample<ShareSample>
{
    internal long At;

    /// <summary>By strategy and currency: strategy x currencies + currency.</summary>
    internal long[] ByStrategy;

    /// <summary>Profit of a strategy in a currency.</summary>
    internal readonly long OfStrategy(int strategy, int currency) =>
        ByStrategy[(strategy * PortfolioLedger.Currencies) + currency];

    /// <summary>By instrument number, from 1.</summary>
    internal long[] ByInstrument;

    /// <inheritdoc/>
    public readonly void Merge(in ShareSample later)
    {
        // The first of an interval stays: it is the value at its begin.
    }
}

/// <summary>
/// How a run performed: a fold over its events, decisions and states, after the last stage of each event. Backtest and
/// report see the same events, so they say the same. Its memory does not grow with the length of the run.
/// </summary>
internal sealed class Performance : IDecisionObserver
{
    /// <summary>Points that are kept of the price of an instrument and of the profits of strategies.</summary>
    internal const int Points = 1024;

    // Midnight, eight and sixteen o'clock UTC.
    private const long FundingInterval = 8 * 3_600_000_000_000;

    private readonly EquityCurve?[] _curves = new EquityCurve?[PortfolioLedger.Currencies];
    private readonly SampledSeries<PricePoint>?[] _prices = new SampledSeries<PricePoint>?[Limits.Instruments + 1];
    private readonly long[] _cash = new long[PortfolioLedger.Currencies];
    private readonly long[] _carry = new long[PortfolioLedger.Currencies];
    // At which price, and at which state of the portfolio, the trades of an instrument and the whole were valued last.
    private readonly (long Price, long Changes)[] _marked = new (long, long)[Limits.Instruments + 1];
    private readonly long[] _valuedAt = new long[Limits.Instruments + 1];
    private long _valued = -1;
    private long _cashChanges = -1;
    private long _nextShares = long.MinValue;
    private long _repeated;
    private ulong _feeds;

    // Bit i - 1: instrument i is held; was held when perpetuals usually pay; had funding in the data.
    private ulong _held;
    private ulong _overInstants;
    private ulong _fundingTold;
    private bool _mustAdopt;

    /// <summary>The trades of the strategies.</summary>
    internal TradeFold Trades { get; } = new();

    /// <summary>The orders.</summary>
    internal OrderFold Orders { get; } = new();

    /// <summary>Profits of strategies and instruments over time.</summary>
    internal SampledSeries<ShareSample> Shares { get; } = new(Points, EquityCurve.FirstWidth);

    /// <summary>The same at the end of the run.</summary>
    internal ShareSample Final { get; private set; }

    /// <summary>Marks that could not be made: an open position had no price.</summary>
    internal long Unpriced { get; private set; }

    /// <summary>ReceivedAt of the last event.</summary>
    internal long LastAt { get; private set; }

    /// <summary>Who published the market data, by the events themselves.</summary>
    internal IReadOnlyList<string> Feeds
    {
        get
        {
            List<string> feeds = [];
            foreach (EventSource source in Enum.GetValues<EventSource>())
            {
                if ((_feeds & (1UL << (int)source)) != 0)
                {
                    feeds.Add(source.ToString());
                }
            }

            return feeds;
        }
    }

    /// <summary>The equity of a currency; null when it was never marked.</summary>
    internal EquityCurve? Curve(int currency) => _curves[currency];

    /// <summary>The price of an instrument; null when it never had one.</summary>
    internal SampledSeries<PricePoint>? Prices(InstrumentId instrument) => _prices[instrument.Value];

    /// <summary>Cash that neither fills nor payments explain: funding, borrow fees, dividends, interest.</summary>
    internal long Carry(int currency) => _carry[currency];

    /// <summary>True for a derivative that was held when perpetuals usually pay, and of which the data told no funding.</summary>
    /// <param name="instrument">A valid instrument.</param>
    internal bool IsUnfunded(InstrumentId instrument) => ((_overInstants & ~_fundingTold) & (1UL << (instrument.Value - 1))) != 0;

    /// <inheritdoc/>
    public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
    {
        FollowFunding(e, pipeline);
        LastAt = e.ReceivedAt;
        if (SessionInputs.IsMarket(e) && (int)e.Source < 64)
        {
            _feeds |= 1UL << (int)e.Source;
        }

        PortfolioLedger portfolio = pipeline.Portfolio;
        if (_mustAdopt && e.EndsGroup)
        {
            TryAdopt(pipeline);
        }

        foreach (ref readonly InternalTrade trade in portfolio.Crossed)
        {
            FoldCrossing(trade, pipeline);
        }

        bool marked = _cashChanges != portfolio.Changes && FoldCash(e, portfolio);
        if (pipeline.Market.TryGet(e.Instrument, out InstrumentMarket? market))
        {
            marked |= FoldInstrument(e, market, portfolio);
        }

        if (e.Kind == EventKind.CommandOutcome)
        {
            Orders.OnOutcome(e);
        }

        if (e.Kind == EventKind.Trade && pipeline.Market.IsBelieved && pipeline.Market.TryGet(e.Instrument, out _))
        {
            Orders.OnPrint(e);
        }

        if (decision.CommandCount != 0)
        {
            Orders.OnCommands(e, decision, pipeline.Market);
        }

        if (marked)
        {
            Mark(pipeline);
        }

        if (e.ReceivedAt >= _nextShares && e.EndsGroup && portfolio.CurrencyCount != 0)
        {
            Shares.Add(LastAt, SharesOf(pipeline));
            _nextShares = Shares.NextInterval(e.ReceivedAt);
        }
    }

    /// <summary>Another pipeline goes on, with a state that was taken over: what it holds was not won here.</summary>
    internal void Adopt() => _mustAdopt = true;

    /// <summary>The run is over.</summary>
    /// <param name="pipeline">Its last state.</param>
    internal void Finish(DecisionPipeline pipeline)
    {
        Final = SharesOf(pipeline);
        foreach (EquityCurve? curve in _curves)
        {
            curve?.Finish(LastAt);
        }
    }

    /// <summary>Profit of a strategy in a currency: what it received minus what it paid, and what it holds.</summary>
    internal static long ProfitOf(DecisionPipeline pipeline, StrategyId strategy, int currency)
    {
        long profit = 0;
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (!pipeline.Market.TryGet(id, out InstrumentMarket? market) || pipeline.Portfolio.CurrencyOf(id) != currency)
            {
                continue;
            }

            VirtualPosition part = pipeline.Portfolio.Part(strategy, id);
            profit += part.CashFlow;
            if (part.Quantity != 0 && market.TryReferencePrice(out long price))
            {
                profit += market.Definition.Value(price, part.Quantity);
            }
        }

        return profit;
    }

    /// <summary>Profit in an instrument after fees.</summary>
    internal static long ProfitOf(DecisionPipeline pipeline, InstrumentMarket market)
    {
        Position position = pipeline.Portfolio.Position(market.Definition.Id);
        long unrealised = position.Quantity != 0 && market.TryReferencePrice(out long price)
            ? position.Unrealised(market.Definition, price)
            : 0;
        return position.Realised + unrealised - position.Fees + pipeline.Portfolio.Booked(market.Definition.Id);
    }

    private void FollowFunding(in Event e, DecisionPipeline pipeline)
    {
        if (LastAt != 0 && e.ReceivedAt / FundingInterval != LastAt / FundingInterval)
        {
            for (ulong held = _held; held != 0; held &= held - 1)
            {
                InstrumentId id = new((ushort)(System.Numerics.BitOperations.TrailingZeroCount(held) + 1));
                _overInstants |= pipeline.Market[id].Definition.SettlesInCash ? 0 : 1UL << (id.Value - 1);
            }
        }

        if (e.Kind == EventKind.DerivativePrices && e.DerivativePrices.NextFunding != 0
            && e.Instrument.Value is >= 1 and <= Limits.Instruments)
        {
            _fundingTold |= 1UL << (e.Instrument.Value - 1);
        }

        _held = pipeline.Portfolio.Held;
    }

    /// <returns>True when cash has changed.</returns>
    private bool FoldCash(in Event e, PortfolioLedger portfolio)
    {
        _cashChanges = portfolio.Changes;
        bool changed = false;
        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            long change = portfolio.Cash(i) - _cash[i];
            if (change == 0)
            {
                continue;
            }

            changed = true;
            _cash[i] += change;
            if (e.Kind == EventKind.CashMoved)
            {
                (_curves[i] ??= new EquityCurve()).Pay(e.ReceivedAt, change);
            }
            else if (e.Kind != EventKind.Execution)
            {
                if (_mustAdopt)
                {
                    (_curves[i] ??= new EquityCurve()).Pay(e.ReceivedAt, change);
                }
                else
                {
                    _carry[i] += change;
                }
            }
        }

        return changed;
    }

    /// <returns>True when a position or its price may have changed.</returns>
    private bool FoldInstrument(in Event e, InstrumentMarket market, PortfolioLedger portfolio)
    {
        InstrumentId id = e.Instrument;
        switch (e.Kind)
        {
            case EventKind.OrderReport:
                Orders.OnReport(e, portfolio.CurrencyOf(id), market.Definition);
                return false;
            case EventKind.Execution:
                FoldExecution(e, market, portfolio);
                return true;
            case EventKind.CorporateAction:
                FoldAction(e, market, portfolio);
                return portfolio.IsHeld(id);
            case EventKind.CashBooked when e.CashBooked.Reason == BookingReason.CashInLieu && !_mustAdopt:
                market.TryReferencePrice(out long last);
                for (ushort s = 0; s <= Limits.Strategies; s++)
                {
                    Trades.Dissolve(
                        new StrategyId(s), id, portfolio.Part(new StrategyId(s), id), portfolio.CurrencyOf(id), last, e.ReceivedAt);
                }

                break;
        }

        if (!e.EndsGroup || !market.TryReferencePrice(out long price))
        {
            return portfolio.IsHeld(id) && e.EndsGroup;
        }

        long held = portfolio.VenuePosition(id);
        (_prices[id.Value] ??= new SampledSeries<PricePoint>(Points, EquityCurve.FirstWidth)).Add(
            e.ReceivedAt,
            new PricePoint { At = e.ReceivedAt, Low = price, High = price, Last = price, Position = held });
        if (e.Kind == EventKind.Bar)
        {
            // What a bar's extremes did to a trade is known only for one that was open before the bar began.
            Trades.Mark(market.Definition, e.Bar.High, e.Bar.StartTime);
            Trades.Mark(market.Definition, e.Bar.Low, e.Bar.StartTime);
        }

        if (_marked[id.Value] != (price, portfolio.Changes))
        {
            Trades.Mark(market.Definition, price);
            _marked[id.Value] = (price, portfolio.Changes);
        }

        return held != 0;
    }

    /// <summary>What changed hands inside the account ends and begins trades of strategies; no order had a part in it.</summary>
    private void FoldCrossing(in InternalTrade trade, DecisionPipeline pipeline)
    {
        int currency = pipeline.Portfolio.CurrencyOf(trade.Instrument);
        Instrument rules = pipeline.Market[trade.Instrument].Definition;
        foreach (StrategyId strategy in (ReadOnlySpan<StrategyId>)[trade.Buyer, trade.Seller])
        {
            if (!_mustAdopt)
            {
                Trades.Fold(
                    strategy, rules, pipeline.Portfolio.Part(strategy, trade.Instrument), currency, trade.Price, LastAt);
            }
        }
    }

    private void FoldAction(in Event e, InstrumentMarket market, PortfolioLedger portfolio)
    {
        market.TryReferencePrice(out long price);
        for (ushort s = 0; s <= Limits.Strategies && !_mustAdopt; s++)
        {
            StrategyId strategy = new(s);
            VirtualPosition part = portfolio.Part(strategy, e.Instrument);
            if (e.CorporateAction.Splits)
            {
                ShareRatio ratio = new(e.CorporateAction.NewShares, e.CorporateAction.OldShares);
                Trades.Split(strategy, e.Instrument, part.Quantity, ratio);
            }
            else
            {
                // A delisting of what only strategies hold, against each other, is settled among them.
                Trades.Fold(strategy, market.Definition, part, portfolio.CurrencyOf(e.Instrument), price, e.ReceivedAt);
            }
        }
    }

    private void FoldExecution(in Event e, InstrumentMarket market, PortfolioLedger portfolio)
    {
        // An execution that came again moved nothing.
        if (portfolio.Repeated != _repeated)
        {
            _repeated = portfolio.Repeated;
            return;
        }

        int currency = portfolio.CurrencyOf(e.Instrument);
        Orders.OnExecution(e, currency, market);
        for (ushort s = 0; s <= Limits.Strategies && !_mustAdopt; s++)
        {
            StrategyId strategy = new(s);
            Trades.Fold(
                strategy, market.Definition, portfolio.Part(strategy, e.Instrument), currency, e.Execution.Price, e.ReceivedAt);
        }
    }

    private void Mark(DecisionPipeline pipeline)
    {
        if (IsValued(pipeline) && MarkAgain(pipeline.Portfolio))
        {
            return;
        }

        Value(pipeline);
    }

    /// <summary>True when everything that is held has the price that it was valued at last, and is what it was then.</summary>
    private bool IsValued(DecisionPipeline pipeline)
    {
        bool same = _valued == pipeline.Portfolio.Changes;
        for (ulong held = pipeline.Portfolio.Held; held != 0 && same; held &= held - 1)
        {
            InstrumentId id = new((ushort)(System.Numerics.BitOperations.TrailingZeroCount(held) + 1));
            same = pipeline.Market[id].TryReferencePrice(out long price) && price == _valuedAt[id.Value];
        }

        return same;
    }

    private bool MarkAgain(PortfolioLedger portfolio)
    {
        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            if (_curves[i] is not { } curve || !curve.CanRepeat(LastAt))
            {
                return false;
            }
        }

        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            _curves[i]!.Repeat(LastAt);
        }

        return true;
    }

    private void Value(DecisionPipeline pipeline)
    {
        PortfolioLedger portfolio = pipeline.Portfolio;
        _valued = portfolio.Changes;
        Span<long> gross = stackalloc long[PortfolioLedger.Currencies];
        Span<long> net = stackalloc long[PortfolioLedger.Currencies];
        gross.Clear();
        net.Clear();
        for (ulong held = portfolio.Held; held != 0; held &= held - 1)
        {
            InstrumentId id = new((ushort)(System.Numerics.BitOperations.TrailingZeroCount(held) + 1));
            if (pipeline.Market.TryGet(id, out InstrumentMarket? market) && market.TryReferencePrice(out long price))
            {
                _valuedAt[id.Value] = price;
                long value = market.Definition.Notional(price, portfolio.VenuePosition(id));
                gross[portfolio.CurrencyOf(id)] += Math.Abs(value);
                net[portfolio.CurrencyOf(id)] += value;
            }
        }

        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            if (portfolio.TryEquity(i, out long equity))
            {
                (_curves[i] ??= new EquityCurve()).Mark(LastAt, equity, gross[i], net[i]);
            }
            else
            {
                _valued = -1;
                Unpriced++;
            }
        }
    }

    private ShareSample SharesOf(DecisionPipeline pipeline)
    {
        int currencies = pipeline.Portfolio.CurrencyCount;
        long[] byStrategy = new long[(Limits.Strategies + 1) * PortfolioLedger.Currencies];
        for (ushort s = 0; s <= Limits.Strategies; s++)
        {
            for (int c = 0; c < currencies; c++)
            {
                byStrategy[(s * PortfolioLedger.Currencies) + c] = ProfitOf(pipeline, new StrategyId(s), c);
            }
        }

        long[] byInstrument = new long[pipeline.Market.Highest + 1];
        for (ushort i = 1; i < byInstrument.Length; i++)
        {
            byInstrument[i] = pipeline.Market.TryGet(new InstrumentId(i), out InstrumentMarket? market)
                ? ProfitOf(pipeline, market)
                : 0;
        }

        return new ShareSample { At = LastAt, ByStrategy = byStrategy, ByInstrument = byInstrument };
    }

    /// <summary>What was taken over counts as paid in once its instruments are defined.</summary>
    private void TryAdopt(DecisionPipeline pipeline)
    {
        PortfolioLedger portfolio = pipeline.Portfolio;
        for (ulong held = portfolio.Held; held != 0; held &= held - 1)
        {
            InstrumentId id = new((ushort)(System.Numerics.BitOperations.TrailingZeroCount(held) + 1));
            if (!pipeline.Market.TryGet(id, out InstrumentMarket? market) || !market.TryReferencePrice(out _))
            {
                return;
            }
        }

        _mustAdopt = false;
        Array.Clear(_marked);
        _valued = -1;
        _repeated = portfolio.Repeated;
        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            // Where nothing is known of what was before, what is there is what one began with.
            if (_curves[c] is { IsMarked: false } fresh && portfolio.TryEquity(c, out long equity))
            {
                fresh.Pay(LastAt, equity - fresh.Equity);
            }
        }

        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            for (ushort s = 0; s <= Limits.Strategies; s++)
            {
                if (pipeline.Market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
                {
                    market.TryReferencePrice(out long price);
                    StrategyId strategy = new(s);
                    Trades.Adopt(strategy, market.Definition, portfolio.Part(strategy, market.Definition.Id), price, LastAt);
                }
            }
        }
    }
}
