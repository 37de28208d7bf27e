using System;
using System.Globalization;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Reports;

/// <summary>The tables of a report as comma separated text. Units are in the names of the columns.</summary>
internal static class CsvTables
{
    /// <summary>Every figure with its value, or why it has none.</summary>
    internal static byte[] Figures(RunReport report)
    {
        StringBuilder text = new("section,figure,value,why_none\n");
        Figures(text, "run", report.Figures.Run);
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            Figures(text, currency.Currency, currency.Figures);
        }

        return Bytes(text);
    }

    /// <summary>The equity curves as they are drawn.</summary>
    internal static byte[] Equity(RunReport report)
    {
        StringBuilder text = new("currency,at_ns,equity_money,profit_money,drawdown_money,exposure_gross_money\n");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            foreach (EquityPoint point in currency.Curve.Series.Points)
            {
                Line(
                    text,
                    currency.Currency,
                    Number(point.At),
                    Money(point.Equity),
                    Money(point.Profit),
                    Money(point.Drawdown),
                    Money(point.Gross));
            }
        }

        return Bytes(text);
    }

    /// <summary>The days.</summary>
    internal static byte[] Days(RunReport report)
    {
        StringBuilder text = new("currency,day,start_equity_money,profit_money,return_ppm\n");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            foreach (DayResult day in currency.Curve.Days)
            {
                Line(
                    text,
                    currency.Currency,
                    DateTime.UnixEpoch.AddDays(day.Number).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    Money(day.Base),
                    Money(day.Profit),
                    day.Base > 0 ? Number(Ratios.Ppm(day.Profit, day.Base)) : string.Empty);
            }
        }

        return Bytes(text);
    }

    /// <summary>The closed trades that are kept.</summary>
    internal static byte[] Trades(RunReport report)
    {
        StringBuilder text = new(
            "number,strategy,instrument,direction,opened_ns,closed_ns,opened_price,closed_price,quantity_max,fills_count,"
            + "profit_money,fees_money,mae_money,mfe_money\n");
        foreach (ClosedTrade trade in report.Performance.Trades.Listed.Kept)
        {
            InstrumentFacts facts = FactsOf(report, trade.Instrument);
            Line(
                text,
                Number(trade.Number),
                Quoted(StrategyOf(report, trade.Strategy)),
                Quoted(facts.Symbol),
                trade.Direction > 0 ? "long" : "short",
                Number(trade.OpenedAt),
                Number(trade.ClosedAt),
                DecimalText.ToText(trade.OpenedPrice, facts.PriceExponent),
                DecimalText.ToText(trade.ClosedPrice, facts.PriceExponent),
                DecimalText.ToText(trade.Quantity, facts.QuantityExponent),
                Number(trade.Fills),
                Money(trade.Profit),
                Money(trade.Fees),
                Money(trade.AdverseExcursion),
                Money(trade.FavourableExcursion));
        }

        return Bytes(text);
    }

    /// <summary>The fills that are kept.</summary>
    internal static byte[] Fills(RunReport report)
    {
        StringBuilder text = new(
            "sequence,at_ns,instrument,order,side,price,quantity,fee_money,liquidity,slippage_money,market_age_ns,marks\n");
        foreach (FillRow fill in report.Performance.Orders.Listed.Kept)
        {
            InstrumentFacts facts = FactsOf(report, fill.Instrument);
            Line(
                text,
                Number(fill.Sequence),
                Number(fill.At),
                Quoted(facts.Symbol),
                string.Create(
                    CultureInfo.InvariantCulture, $"{fill.Order.Epoch}/{fill.Order.Sequence}/{fill.Order.Ordinal}"),
                fill.Side.ToString(),
                DecimalText.ToText(fill.Price, facts.PriceExponent),
                DecimalText.ToText(fill.Quantity, facts.QuantityExponent),
                Money(fill.Fee),
                fill.Liquidity.ToString(),
                fill.Slippage is { } slippage ? Money(slippage) : string.Empty,
                fill.MarketAge is { } age ? Number(age) : string.Empty,
                (fill.Marks & ExecutionMarks.Ambiguous) != 0 ? "ambiguous" : string.Empty);
        }

        return Bytes(text);
    }

    /// <summary>A text that may hold anything.</summary>
    internal static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    internal static void Line(StringBuilder text, params ReadOnlySpan<string> cells) =>
        text.AppendJoin(',', cells).Append('\n');

    private static void Figures(StringBuilder text, string section, FigureSet figures)
    {
        foreach (Figure figure in figures.All)
        {
            Line(text, section, figure.Kind.Name, figure.Text ?? string.Empty, Quoted(figure.Reason));
        }
    }

    private static InstrumentFacts FactsOf(RunReport report, InstrumentId id)
    {
        foreach (InstrumentFacts facts in report.Instruments)
        {
            if (facts.Id == id)
            {
                return facts;
            }
        }

        return new InstrumentFacts(id, "instrument " + id.Value.ToString(CultureInfo.InvariantCulture), 0, 0, 0);
    }

    private static string StrategyOf(RunReport report, StrategyId strategy) =>
        strategy.Value < report.StrategyNames.Count
            ? report.StrategyNames[strategy.Value]
            : "strategy " + strategy.Value.ToString(CultureInfo.InvariantCulture);

    private static string Money(long units) => ResultTable.Amount(units);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static byte[] Bytes(StringBuilder text) => Encoding.UTF8.GetBytes(text.ToString());
}
