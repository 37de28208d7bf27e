using System.Collections.Generic;

namespace LowLatency.Engine.Results;

/// <summary>A figure of a result.</summary>
/// <param name="Name">Its name, with its unit at the end.</param>
/// <param name="Meaning">How it is computed.</param>
/// <param name="Label">Its name for people.</param>
internal readonly record struct FigureKind(string Name, string Label, string Meaning);

/// <summary>
/// Every figure of a result, in the order in which it is shown. The last words of a name say the unit: money is decimal text
/// in the currency of its section, ppm parts per million, ns nanoseconds.
/// </summary>
internal static class FigureCatalogue
{
    /// <summary>The units that a name may end with.</summary>
    internal static IReadOnlyList<string> Units { get; } =
        ["money", "ppm", "count", "ns", "ratio", "annualised_365d"];

    /// <summary>Figures of one currency.</summary>
    internal static IReadOnlyList<FigureKind> OfCurrency { get; } =
    [
        new("paid_in_money", "Paid in", "cash paid in minus cash taken out"),
        new("equity_end_money", "Equity at the end", "cash plus what open positions are worth at their reference prices"),
        new("profit_money", "Profit", "equity_end_money - paid_in_money; after fees and funding"),
        new("return_ppm", "Return", "profit_money / paid_in_money"),
        new("realised_money", "Realised", "won by closing positions, fees not counted"),
        new("unrealised_money", "Unrealised", "open positions at reference prices minus what they cost"),
        new("fees_money", "Fees", "fees of all fills; a rebate is negative"),
        new("funding_and_carry_money", "Funding and carry", "cash that neither fills nor payments explain: funding, borrow fees, dividends; positive is received"),
        new("turnover_money", "Turnover", "sum of the absolute values of all fills"),
        new("turnover_of_paid_in_ppm", "Turnover / paid in", "turnover_money / paid_in_money"),
        new("slippage_money", "Slippage", "fills worse than the reference price when their order was decided; better is negative"),
        new("slippage_arrival_money", "Slippage from arrival", "fills worse than the reference price when the parent of their order began; without a style an order is its own parent"),
        new("slippage_vwap_money", "Slippage from VWAP", "fills of parents in a style worse than the volume-weighted price of what was printed since the parent began"),
        new("fills_vwap_count", "Fills held against VWAP", "fills of parents in a style after which something was printed: the fills of slippage_vwap_money"),
        new("half_spread_money", "Half spread paid", "fills worse than the reference price when they were reported; earned is negative"),
        new("fills_not_measured_count", "Fills not measured", "fills for which one of the two reference prices was not known"),
        new("max_drawdown_money", "Deepest drawdown", "deepest fall of the profit below its highest so far, over every mark"),
        new("max_drawdown_ppm", "Deepest drawdown", "deepest fall / equity at the peak, over every mark"),
        new("longest_drawdown_ns", "Longest drawdown", "longest time from a peak until it was reached again or the run ended"),
        new("sharpe_annualised_365d", "Sharpe", "mean daily return / sample standard deviation x sqrt(365); UTC days, risk-free rate 0"),
        new("sortino_annualised_365d", "Sortino", "mean daily return / sqrt(mean of squared losses over all days) x sqrt(365)"),
        new("calmar_annualised_365d", "Calmar", "mean daily return x 365 / deepest drawdown as a part of the peak"),
        new("volatility_annualised_365d", "Volatility", "sample standard deviation of daily returns x sqrt(365)"),
        new("days_count", "Days", "UTC days that the run touched"),
        new("exposure_gross_mean_money", "Mean gross exposure", "sum of absolute position values, mean over time"),
        new("exposure_gross_max_money", "Largest gross exposure", "largest sum of absolute position values"),
        new("exposure_net_mean_money", "Mean net exposure", "sum of signed position values, mean over time"),
        new("leverage_gross_max_ppm", "Largest leverage", "largest gross exposure / equity of the same moment"),
        new("time_in_market_ppm", "Time in market", "time with a position / time of the run"),
        new("trades_closed_count", "Trades", "trades from flat to flat of one strategy in one instrument"),
        new("hit_rate_ppm", "Hit rate", "trades with a profit after fees / closed trades"),
        new("profit_factor_ratio", "Profit factor", "sum of winning trades / sum of losing trades"),
        new("trade_mean_money", "Mean trade", "mean profit of closed trades after fees"),
        new("trade_sharpe_ratio", "Sharpe per trade", "mean profit of closed trades / sample standard deviation; not annualised"),
        new("trade_win_mean_money", "Mean win", "mean profit of the trades that won"),
        new("trade_loss_mean_money", "Mean loss", "mean loss of the trades that lost, negative"),
        new("trade_win_max_money", "Largest win", "largest profit of a trade"),
        new("trade_loss_max_money", "Largest loss", "largest loss of a trade, negative"),
        new("trade_mae_mean_money", "Mean MAE", "mean of each closed trade's lowest profit after fees at any mark, at most 0"),
        new("trade_mae_worst_money", "Worst MAE", "lowest of them"),
        new("trade_mfe_mean_money", "Mean MFE", "mean of each closed trade's highest profit after fees at any mark, at least 0"),
        new("trade_holding_mean_ns", "Mean holding time", "mean time from a trade's first fill to its last"),
        new("losing_run_longest_count", "Longest losing run", "most trades in a row that lost"),
        new("fills_count", "Fills", "executions that moved a position"),
        new("fills_maker_ppm", "Maker fills", "fills that gave liquidity / fills"),
        new("fill_value_ppm", "Filled value", "value filled / value ordered, at the orders' prices, of orders that ended"),
    ];

    /// <summary>Figures of the whole run.</summary>
    internal static IReadOnlyList<FigureKind> OfRun { get; } =
    [
        new("orders_new_count", "New orders", "new orders decided"),
        new("orders_whole_count", "Filled whole", "orders that ended with all of their quantity filled"),
        new("orders_part_count", "Filled in part", "orders that ended with a part filled"),
        new("orders_unfilled_count", "Not filled", "orders that ended without a fill, rejected ones not counted"),
        new("orders_rejected_count", "Rejected", "orders that the venue refused"),
        new("orders_not_sent_count", "Not sent", "orders that never left"),
        new("orders_open_count", "Open at the end", "orders that had not ended when the run did"),
        new("orders_filled_ppm", "Orders filled", "orders filled whole or in part / orders that ended"),
        new("latency_ack_p50_ns", "Accepted, median", "decision of a new order to its acceptance, market's clock"),
        new("latency_ack_p99_ns", "Accepted, p99", "the same, 99th percentile"),
        new("latency_ack_max_ns", "Accepted, longest", "the same, longest; at most an hour is told apart"),
        new("latency_cancel_p50_ns", "Cancelled, median", "decision of a cancel to its confirmation, market's clock"),
        new("latency_cancel_p99_ns", "Cancelled, p99", "the same, 99th percentile"),
        new("latency_first_fill_p50_ns", "First fill, median", "decision of a new order to its first fill, market's clock"),
        new("latency_first_fill_p99_ns", "First fill, p99", "the same, 99th percentile"),
        new("fill_market_age_max_ns", "Oldest market at a fill", "longest time between an instrument's last market event and a fill of it"),
        new("fills_ambiguous_count", "Ambiguous fills", "fills within a bar that came to orders on both sides: the declared path said which one first"),
        new("trades_open_count", "Trades open at the end", "trades that had not closed when the run ended"),
        new("marks_unpriced_count", "Moments without equity", "marks at which an open position had no price"),
    ];
}
