using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Engine.Configuration;

namespace LowLatency.Engine.Results;

/// <summary>A reason to doubt a result.</summary>
/// <param name="Code">Its name for machines.</param>
/// <param name="Text">What was seen, with the numbers.</param>
internal sealed record SanityNote(string Code, string Text);

/// <summary>What the notes look at.</summary>
internal sealed record SanityInput
{
    /// <summary>The run's orders and fills.</summary>
    internal required OrderFold Orders { get; init; }

    /// <summary>By currency: its code and its closed trades.</summary>
    internal required IReadOnlyList<(string Currency, TradeTotals Trades)> Trades { get; init; }

    /// <summary>By currency: its code and what its fills cost.</summary>
    internal required IReadOnlyList<(string Currency, FillTotals Fills)> Fills { get; init; }

    /// <summary>By currency: its code and its curve.</summary>
    internal required IReadOnlyList<(string Currency, EquityCurve Curve)> Curves { get; init; }

    /// <summary>Numbers in the configuration that somebody may have chosen to fit: the strategies' parameters.</summary>
    internal required int Parameters { get; init; }

    /// <summary>True for a generated market.</summary>
    internal required bool IsSynthetic { get; init; }

    /// <summary>The finest data that fills were matched against.</summary>
    internal required Fidelity Fidelity { get; init; }

    /// <summary>Trades that are open at the end.</summary>
    internal required long OpenTrades { get; init; }

    /// <summary>Marks without a price.</summary>
    internal required long Unpriced { get; init; }

    /// <summary>Derivatives that were held when perpetuals usually pay, and of which neither data nor rules told what.</summary>
    internal required IReadOnlyList<string> Unfunded { get; init; }
}

/// <summary>
/// Reasons to doubt a result, found without being asked. Each has a rule and a number; a result without notes is not
/// proven, only not suspicious in these ways.
/// </summary>
internal static class SanityNotes
{
    /// <summary>Fewer closed trades than this say little about a mean.</summary>
    internal const int FewTrades = 30;

    /// <summary>Closed trades that each parameter needs.</summary>
    internal const int TradesPerParameter = 10;

    /// <summary>Parts per million of all gains that one trade may be.</summary>
    internal const long OneTradePpm = 500_000;

    /// <summary>Fewer days than this are no sample of a market.</summary>
    internal const int FewDays = 5;

    /// <summary>Numbers that the strategies of a configuration have.</summary>
    internal static int ParametersOf(EngineConfiguration configuration)
    {
        int count = 0;
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            count += strategy.Parameters.Schema.Parameters.Length;
        }

        return count;
    }

    /// <summary>Finds the notes of a result.</summary>
    internal static IReadOnlyList<SanityNote> Of(SanityInput input)
    {
        List<SanityNote> notes = [];
        OrderFold orders = input.Orders;
        void Add(bool applies, string code, FormattableString text)
        {
            if (applies)
            {
                notes.Add(new SanityNote(code, text.ToString(CultureInfo.InvariantCulture)));
            }
        }

        Add(
            input.IsSynthetic,
            "synthetic_market",
            $"the market was generated: profits on it say nothing about a real one");
        Add(
            orders.Stale != 0,
            "stale_fills",
            $"{orders.Stale} fills came more than {OrderFold.StaleAfter / 1_000_000_000} s after the last market event of their instrument");
        Add(
            orders.BeyondShown != 0,
            "fills_beyond_shown_size",
            $"{orders.BeyondShown} fills took more at the best price than was shown there, when decided and when filled");
        Add(
            orders.NothingShown != 0,
            "fills_without_shown_size",
            $"{orders.NothingShown} fills came when no size was shown (fidelity {input.Fidelity}): their impact on the price is not simulated");
        Add(
            orders.Ambiguous != 0,
            "ambiguous_fills",
            $"{orders.Ambiguous} fills are of bars that came to orders on both sides: which one was first is venue.matching.barPath, not data");
        long closed = 0;
        foreach ((_, TradeTotals trades) in input.Trades)
        {
            closed += trades.Closed;
        }

        Add(closed < FewTrades, "few_trades", $"{closed} closed trades; means of fewer than {FewTrades} say little");
        Add(
            closed >= FewTrades && closed < (long)input.Parameters * TradesPerParameter,
            "many_parameters",
            $"{closed} closed trades for {input.Parameters} parameters; fewer than {TradesPerParameter} for each can be fitted by chance");
        foreach ((string currency, FillTotals fills) in input.Fills)
        {
            Add(
                fills.TakerHalfSpread < 0,
                "takers_beat_the_market",
                $"{currency}: fills as a taker were {ResultTable.Amount(-fills.TakerHalfSpread)} better than the market when they were reported; who takes pays");
        }

        foreach ((string currency, TradeTotals trades) in input.Trades)
        {
            Add(
                trades.Closed >= FewTrades && trades.Profit > 0 && trades.LargestGain >= trades.Profit,
                "one_trade_is_the_profit",
                $"{currency}: without its best trade ({ResultTable.Amount(trades.LargestGain)}) the others lost money together");
            long best = trades.Gains > 0 ? Ratios.Ppm(trades.LargestGain, trades.Gains) : 0;
            Add(
                trades.Won >= 2 && best > OneTradePpm,
                "depends_on_one_trade",
                $"{currency}: the best trade is {best / 10_000} % of all gains");
        }

        foreach ((string currency, EquityCurve curve) in input.Curves)
        {
            Add(
                curve.Days.Count < FewDays,
                "few_days",
                $"{currency}: the run touched {curve.Days.Count} of the {FewDays} days below which annualised ratios are anecdotes");
            Add(
                curve.LowestEquity < 0,
                "negative_equity",
                $"{currency}: equity fell to {ResultTable.Amount(curve.LowestEquity)}: a venue would have closed the positions before");
        }

        Add(
            input.OpenTrades != 0,
            "open_at_the_end",
            $"trades that are open at the end: {input.OpenTrades}; they are in the equity, not in the trade figures");
        Add(
            input.Unpriced != 0,
            "moments_without_equity",
            $"{input.Unpriced} marks had an open position without a price: drawdown and exposure skip them");
        Add(
            input.Unfunded.Count != 0,
            "no_funding",
            $"{string.Join(", ", input.Unfunded)} were held when perpetuals usually pay funding (each 8 h UTC), and neither the data nor venue.money.rules tell any: what it costs to hold them is missing");
        Add(
            orders.NotFollowed != 0,
            "orders_not_followed",
            $"{orders.NotFollowed} orders began while {OrderFold.FollowedMax} were open and are in no order figure");
        return notes;
    }
}
