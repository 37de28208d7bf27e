using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Results;

/// <summary>How well fills can be believed, by the finest data that the venue matched against.</summary>
internal enum Fidelity
{
    /// <summary>No market data at all.</summary>
    None,

    /// <summary>Bars only.</summary>
    Bars,

    /// <summary>Prints only.</summary>
    Trades,

    /// <summary>Best prices and prints.</summary>
    Quotes,

    /// <summary>Full books with queue positions.</summary>
    Books,
}

/// <summary>One strategy's part of the result, in one currency.</summary>
internal sealed record StrategyResult(string Name, string Currency, long ProfitUnits, long FeeUnits, long Fills);

/// <summary>One instrument's part of the result.</summary>
internal sealed record InstrumentResult(
    string Symbol,
    string Currency,
    string Position,
    long RealisedUnits,
    long? UnrealisedUnits,
    long FeeUnits,
    long Executions,
    string LastPrice);

/// <summary>One currency's part of the result.</summary>
internal sealed record CurrencyResult(string Currency, long StartUnits, long CashUnits, long? EquityUnits);

/// <summary>All currencies in the base currency. Money is in units of 10^-8 of it.</summary>
/// <param name="Currency">The base currency.</param>
/// <param name="EquityUnits">Cash and positions of all currencies; null when one has no price or no rate.</param>
/// <param name="Missing">The currency that has none, and the instrument that would convert it; empty when none is missing.</param>
internal sealed record BaseResult(string Currency, long? EquityUnits, string Missing);

/// <summary>What a run came to. Money is in units of 10^-8 of its currency.</summary>
internal sealed record RunResult
{
    internal required RunCounts Counts { get; init; }

    internal required IReadOnlyList<CurrencyResult> Currencies { get; init; }

    /// <summary>All currencies in one; null when no base currency is declared.</summary>
    internal BaseResult? Base { get; init; }

    internal required IReadOnlyList<InstrumentResult> Instruments { get; init; }

    internal required IReadOnlyList<StrategyResult> Strategies { get; init; }

    internal required ArbitrationResult Arbitration { get; init; }

    internal required TradingState FinalState { get; init; }

    internal required long UnresolvedOrders { get; init; }

    internal required long NewOrders { get; init; }

    internal required long Amendments { get; init; }

    internal required long Cancels { get; init; }

    internal required long DelayedSignals { get; init; }

    /// <summary>Prints too far ahead of the receive clock, or after their bar closed: they shaped no bar.</summary>
    internal required long TradesWithoutBar { get; init; }

    internal required RiskResult Risk { get; init; }

    /// <summary>Events at the end that the follower did not get to compare with their repetition; 0 when it did.</summary>
    internal long NotCompared { get; init; }

    internal required Digest DecisionDigest { get; init; }

    internal required Digest StateDigest { get; init; }

    internal Fidelity Fidelity =>
        Counts.Events[(int)EventKind.BookLevels] != 0 ? Fidelity.Books
        : Counts.Events[(int)EventKind.Quote] != 0 ? Fidelity.Quotes
        : Counts.Events[(int)EventKind.Trade] != 0 ? Fidelity.Trades
        : Counts.Events[(int)EventKind.Bar] != 0 ? Fidelity.Bars
        : Fidelity.None;

    /// <summary>Reads the result off a pipeline that has settled.</summary>
    internal static RunResult Of(
        DecisionPipeline pipeline,
        RunCounts counts,
        Digest decisionDigest,
        IReadOnlyList<string> strategyNames,
        IReadOnlyList<long> timeframes)
    {
        DigestVisitor visitor = new();
        pipeline.Visit(visitor);
        return new RunResult
        {
            Counts = counts,
            Currencies = CurrenciesOf(pipeline.Portfolio, counts),
            Base = BaseOf(pipeline),
            Instruments = InstrumentsOf(pipeline),
            Strategies = StrategiesOf(pipeline, strategyNames),
            Arbitration = ArbitrationResult.Of(pipeline, strategyNames),
            Risk = RiskResult.Of(pipeline, strategyNames),
            FinalState = pipeline.Risk.State,
            UnresolvedOrders = pipeline.Orders.LiveOrders,
            NewOrders = pipeline.OrderStage.NewOrders,
            Amendments = pipeline.OrderStage.Amendments,
            Cancels = pipeline.OrderStage.Cancels,
            DelayedSignals = pipeline.DelayedSignals,
            TradesWithoutBar = TradesWithoutBarOf(pipeline, timeframes),
            DecisionDigest = decisionDigest,
            StateDigest = visitor.Finish(),
        };
    }

    private static long TradesWithoutBarOf(DecisionPipeline pipeline, IReadOnlyList<long> timeframes)
    {
        long sum = 0;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (!pipeline.Market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                continue;
            }

            foreach (long timeframe in timeframes)
            {
                BarSeries? bars = market.Bars(timeframe);
                sum += bars is null ? 0 : bars.LateTrades + bars.FutureTrades;
            }
        }

        return sum;
    }

    private static List<CurrencyResult> CurrenciesOf(PortfolioLedger portfolio, RunCounts counts)
    {
        List<CurrencyResult> currencies = [];
        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            string code = portfolio.Currency(i).ToString();
            currencies.Add(new CurrencyResult(
                code,
                counts.CashMoved.GetValueOrDefault(code),
                portfolio.Cash(i),
                portfolio.TryEquity(i, out long equity) ? equity : null));
        }

        return currencies;
    }

    private static BaseResult? BaseOf(DecisionPipeline pipeline)
    {
        if (pipeline.Risk.Base is not { } values)
        {
            return null;
        }

        bool known = values.TryEquity(out long equity, out Currency8 missing);
        string symbol = known ? string.Empty : values.SymbolOf(pipeline.Portfolio.IndexOf(missing)).ToString();
        return new BaseResult(
            values.Currency.ToString(),
            known ? equity : null,
            known ? string.Empty : missing + (symbol.Length == 0 ? string.Empty : " by " + symbol));
    }

    private static List<InstrumentResult> InstrumentsOf(DecisionPipeline pipeline)
    {
        List<InstrumentResult> instruments = [];
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (!pipeline.Market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                continue;
            }

            Position position = pipeline.Portfolio.Position(new InstrumentId(i));
            bool priced = market.TryReferencePrice(out long price);
            instruments.Add(new InstrumentResult(
                market.Symbol.ToString(),
                market.Currency.ToString(),
                DecimalText.ToText(position.Quantity, market.Definition.QuantityExponent),
                position.Realised,
                priced ? position.Unrealised(market.Definition, price) : null,
                position.Fees,
                position.Executions,
                priced ? DecimalText.ToText(price, market.Definition.PriceExponent) : "none"));
        }

        return instruments;
    }

    private static List<StrategyResult> StrategiesOf(DecisionPipeline pipeline, IReadOnlyList<string> names)
    {
        List<StrategyResult> strategies = [];
        for (ushort s = 0; s <= names.Count; s++)
        {
            for (int c = 0; c < pipeline.Portfolio.CurrencyCount; c++)
            {
                StrategyResult? result = StrategyOf(
                    pipeline, new StrategyId(s), s == 0 ? "(house)" : names[s - 1], c);
                if (result is not null)
                {
                    strategies.Add(result);
                }
            }
        }

        return strategies;
    }

    private static StrategyResult? StrategyOf(DecisionPipeline pipeline, StrategyId strategy, string name, int currency)
    {
        long profit = 0;
        long fees = 0;
        long fills = 0;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            InstrumentId id = new(i);
            if (!pipeline.Market.TryGet(id, out InstrumentMarket? market) || pipeline.Portfolio.CurrencyOf(id) != currency)
            {
                continue;
            }

            VirtualPosition part = pipeline.Portfolio.Part(strategy, id);
            profit += part.CashFlow;
            fees += part.Fees;
            fills += part.Fills;
            if (part.Quantity != 0 && market.TryReferencePrice(out long price))
            {
                profit += market.Definition.Value(price, part.Quantity);
            }
        }

        return fills == 0 ? null : new StrategyResult(name, pipeline.Portfolio.Currency(currency).ToString(), profit, fees, fills);
    }
}
