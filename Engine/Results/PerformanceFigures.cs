using System;
using System.Collections.Generic;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Results;

/// <summary>The figures of one currency, and the curve that they are of.</summary>
/// <param name="Index">Index of the currency in the portfolio.</param>
/// <param name="Currency">Its code.</param>
/// <param name="Figures">The figures.</param>
/// <param name="Curve">The curve.</param>
internal sealed record CurrencyPerformance(int Index, string Currency, FigureSet Figures, EquityCurve Curve);

/// <summary>A performance read off as named figures.</summary>
internal sealed class PerformanceFigures
{
    private const string NoTrades = "no trade was closed";
    private const string NoFills = "there was no fill";
    private const string NothingPaidIn = "nothing was paid in";

    private PerformanceFigures(FigureSet run, IReadOnlyList<CurrencyPerformance> currencies)
    {
        Run = run;
        Currencies = currencies;
    }

    /// <summary>Figures of the whole run.</summary>
    internal FigureSet Run { get; }

    /// <summary>Figures by currency; a currency without money and without fills has none.</summary>
    internal IReadOnlyList<CurrencyPerformance> Currencies { get; }

    /// <summary>Reads a performance off that is finished.</summary>
    internal static PerformanceFigures Of(Performance performance, DecisionPipeline pipeline)
    {
        List<CurrencyPerformance> currencies = [];
        for (int i = 0; i < pipeline.Portfolio.CurrencyCount; i++)
        {
            if (performance.Curve(i) is { } curve)
            {
                currencies.Add(new CurrencyPerformance(
                    i, pipeline.Portfolio.Currency(i).ToString(), OfCurrency(performance, pipeline, i, curve), curve));
            }
        }

        return new PerformanceFigures(OfRun(performance), currencies);
    }

    private static FigureSet OfCurrency(Performance performance, DecisionPipeline pipeline, int index, EquityCurve curve)
    {
        FigureSet set = new(FigureCatalogue.OfCurrency);
        FillTotals fills = performance.Orders.Totals(index);
        Money(set, performance, pipeline, index, curve);
        set.Money("fees_money", fills.Fees);
        set.Money("funding_and_carry_money", performance.Carry(index));
        set.Money("turnover_money", fills.Turnover);
        set.Ppm("turnover_of_paid_in_ppm", fills.Turnover, curve.PaidIn, NothingPaidIn);
        set.Money("slippage_money", fills.Slippage);
        set.Money("slippage_arrival_money", fills.Arrival);
        set.Money("slippage_vwap_money", fills.Vwap);
        set.Count("fills_vwap_count", fills.VwapFills);
        set.Money("half_spread_money", fills.HalfSpread);
        set.Count("fills_not_measured_count", fills.NotMeasured);
        set.Count("fills_count", fills.Fills);
        set.Ppm("fills_maker_ppm", fills.Maker, fills.Fills, NoFills);
        set.Ppm("fill_value_ppm", fills.Filled, fills.Ordered, "no order has ended");
        Risk(set, curve);
        Trades(set, performance.Trades.Totals(index));
        return set;
    }

    private static void Money(
        FigureSet set, Performance performance, DecisionPipeline pipeline, int index, EquityCurve curve)
    {
        const string NoPrice = "an open position has no price";
        long realised = 0;
        long unrealised = 0;
        bool known = pipeline.Portfolio.TryEquity(index, out long equity);
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (pipeline.Market.TryGet(id, out InstrumentMarket? market) && pipeline.Portfolio.CurrencyOf(id) == index)
            {
                Position position = pipeline.Portfolio.Position(id);
                realised += position.Realised;
                unrealised += position.Quantity != 0 && market.TryReferencePrice(out long price)
                    ? position.Unrealised(market.Definition, price)
                    : 0;
            }
        }

        set.Money("paid_in_money", curve.PaidIn);
        set.MoneyMaybe("equity_end_money", known ? equity : null, NoPrice);
        set.MoneyMaybe("profit_money", known ? equity - curve.PaidIn : null, NoPrice);
        set.Money("realised_money", realised);
        set.MoneyMaybe("unrealised_money", known ? unrealised : null, NoPrice);
        if (known)
        {
            set.Ppm("return_ppm", equity - curve.PaidIn, curve.PaidIn, NothingPaidIn);
        }
        else
        {
            set.None("return_ppm", NoPrice);
        }
    }

    private static void Risk(FigureSet set, EquityCurve curve)
    {
        set.Money("max_drawdown_money", curve.MaxDrawdown);
        set.Maybe("max_drawdown_ppm", curve.MaxDrawdownPpm, "a peak had no positive equity");
        set.Count("longest_drawdown_ns", curve.LongestDrawdown);
        set.Money("exposure_gross_mean_money", curve.MeanGross);
        set.Money("exposure_gross_max_money", curve.MaxGross);
        set.Money("exposure_net_mean_money", curve.MeanNet);
        set.Maybe("leverage_gross_max_ppm", curve.MaxLeveragePpm, "there was exposure without positive equity");
        set.Ppm("time_in_market_ppm", curve.TimeInMarket, curve.Span, "the run took no time");
        set.Count("days_count", curve.Days.Count);
        double[] returns = Ratios.Returns(curve, out string reason);
        bool has = reason.Length == 0;
        set.Set("sharpe_annualised_365d", has ? Ratios.Sharpe(returns) : Ratio.None(reason));
        set.Set("sortino_annualised_365d", has ? Ratios.Sortino(returns) : Ratio.None(reason));
        set.Set("calmar_annualised_365d", has ? Ratios.Calmar(returns, curve.MaxDrawdownPpm) : Ratio.None(reason));
        set.Set("volatility_annualised_365d", has ? Ratios.Volatility(returns) : Ratio.None(reason));
    }

    private static void Trades(FigureSet set, TradeTotals trades)
    {
        set.Count("trades_closed_count", trades.Closed);
        set.Ppm("hit_rate_ppm", trades.Won, trades.Closed, NoTrades);
        set.Set("profit_factor_ratio", trades.Losses > 0
            ? Ratio.Of((double)trades.Gains / trades.Losses)
            : Ratio.None(trades.Closed == 0 ? NoTrades : "no trade lost money"));
        set.MoneyMaybe("trade_mean_money", Mean(trades.Profit, trades.Closed), NoTrades);
        set.Set("trade_sharpe_ratio", TradeSharpe(trades));
        set.MoneyMaybe("trade_win_mean_money", Mean(trades.Gains, trades.Won), "no trade won money");
        set.MoneyMaybe("trade_loss_mean_money", Mean(-trades.Losses, trades.Lost), "no trade lost money");
        set.MoneyMaybe("trade_win_max_money", trades.Won == 0 ? null : trades.LargestGain, "no trade won money");
        set.MoneyMaybe("trade_loss_max_money", trades.Lost == 0 ? null : -trades.LargestLoss, "no trade lost money");
        set.MoneyMaybe("trade_mae_mean_money", Mean(trades.Adverse, trades.Closed), NoTrades);
        set.MoneyMaybe("trade_mae_worst_money", trades.Closed == 0 ? null : trades.WorstAdverse, NoTrades);
        set.MoneyMaybe("trade_mfe_mean_money", Mean(trades.Favourable, trades.Closed), NoTrades);
        set.Maybe("trade_holding_mean_ns", Mean(trades.HoldingTime, trades.Closed), NoTrades);
        set.Count("losing_run_longest_count", trades.LongestLosingRun);
    }

    private static Ratio TradeSharpe(TradeTotals trades)
    {
        if (trades.Closed < 2)
        {
            return Ratio.None("fewer than 2 trades were closed");
        }

        double deviation = Math.Sqrt(trades.SquaredDistances / (trades.Closed - 1));
        return deviation == 0
            ? Ratio.None("the trades have no variance")
            : Ratio.Of((double)trades.Profit / trades.Closed / deviation);
    }

    /// <summary>Rounded towards zero; null of nothing.</summary>
    private static long? Mean(Int128 sum, long count) => count == 0 ? null : (long)(sum / count);

    private static FigureSet OfRun(Performance performance)
    {
        OrderFold orders = performance.Orders;
        FigureSet set = new(FigureCatalogue.OfRun);
        long ended = orders.Whole + orders.Part + orders.Unfilled + orders.Rejected;
        set.Count("orders_new_count", orders.New);
        set.Count("orders_whole_count", orders.Whole);
        set.Count("orders_part_count", orders.Part);
        set.Count("orders_unfilled_count", orders.Unfilled);
        set.Count("orders_rejected_count", orders.Rejected);
        set.Count("orders_not_sent_count", orders.NotSent);
        set.Count("orders_open_count", orders.Open);
        set.Ppm("orders_filled_ppm", orders.Whole + orders.Part, ended, "no order has ended");
        Percentile(set, "latency_ack_p50_ns", orders.Acknowledged, 50, "no order was accepted");
        Percentile(set, "latency_ack_p99_ns", orders.Acknowledged, 99, "no order was accepted");
        Percentile(set, "latency_ack_max_ns", orders.Acknowledged, 100, "no order was accepted");
        Percentile(set, "latency_cancel_p50_ns", orders.CancelConfirmed, 50, "no cancel was confirmed");
        Percentile(set, "latency_cancel_p99_ns", orders.CancelConfirmed, 99, "no cancel was confirmed");
        Percentile(set, "latency_first_fill_p50_ns", orders.FirstFill, 50, NoFills);
        Percentile(set, "latency_first_fill_p99_ns", orders.FirstFill, 99, NoFills);
        set.Count("fills_ambiguous_count", orders.Ambiguous);
        set.Maybe("fill_market_age_max_ns", orders.HasFills ? orders.OldestMarket : null, NoFills);
        set.Count("trades_open_count", performance.Trades.Open);
        set.Count("marks_unpriced_count", performance.Unpriced);
        return set;
    }

    private static void Percentile(FigureSet set, string name, HdrHistogram histogram, double percentile, string without) =>
        set.Maybe(name, histogram.TotalCount == 0 ? null : histogram.ValueAtPercentile(percentile), without);
}
