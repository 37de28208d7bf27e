using System;
using System.Collections.Generic;
using System.Text.Json;

namespace LowLatency.Engine.Results;

/// <summary>The performance part of a result as JSON: figures, notes, days and months.</summary>
internal static class PerformanceJson
{
    /// <summary>Writes it as a member of the open object.</summary>
    internal static void Write(Utf8JsonWriter writer, RunReport report)
    {
        writer.WriteStartObject("performance");
        writer.WriteStartArray("notes");
        foreach (SanityNote note in report.Notes)
        {
            writer.WriteStartObject();
            writer.WriteString("code", note.Code);
            writer.WriteString("text", note.Text);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("run");
        report.Figures.Run.Write(writer);
        writer.WriteEndObject();
        writer.WriteStartArray("currencies");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            writer.WriteStartObject();
            writer.WriteString("currency", currency.Currency);
            currency.Figures.Write(writer);
            Months(writer, currency.Curve);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        Shares(writer, report);
        writer.WriteEndObject();
    }

    private static void Months(Utf8JsonWriter writer, EquityCurve curve)
    {
        writer.WriteStartArray("months");
        foreach (MonthResult month in MonthResult.Of(curve))
        {
            writer.WriteStartObject();
            writer.WriteString("month", month.Name);
            writer.WriteString("profit_money", ResultTable.Amount(month.Profit));
            if (month.Return is { } rate)
            {
                writer.WriteNumber("return_ppm", (long)Math.Round(Math.Clamp(rate * 1e6, -1e18, 1e18)));
            }
            else
            {
                writer.WriteNull("return_ppm");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Who won what: by strategy and by instrument. Both sum to the profit that is no carry.</summary>
    private static void Shares(Utf8JsonWriter writer, RunReport report)
    {
        ShareSample final = report.Performance.Final;
        writer.WriteStartArray("byStrategy");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            for (int s = 0; s < report.StrategyNames.Count; s++)
            {
                writer.WriteStartObject();
                writer.WriteString("strategy", report.StrategyNames[s]);
                writer.WriteString("currency", currency.Currency);
                writer.WriteString("profit_money", ResultTable.Amount(final.OfStrategy(s, currency.Index)));
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
        writer.WriteStartArray("byInstrument");
        foreach (InstrumentFacts instrument in report.Instruments)
        {
            writer.WriteStartObject();
            writer.WriteString("instrument", instrument.Symbol);
            writer.WriteString("profit_money", ResultTable.Amount(final.ByInstrument[instrument.Id.Value]));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}

/// <summary>A UTC month of a run, in one currency.</summary>
/// <param name="Year">Of the Gregorian calendar.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Profit">Sum of its days.</param>
/// <param name="Return">Compounded return of its days; null when one began without positive equity.</param>
internal sealed record MonthResult(int Year, int Month, long Profit, double? Return)
{
    /// <summary>As in 2026-01.</summary>
    internal string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Year:D4}-{Month:D2}");

    /// <summary>The months of a curve in order.</summary>
    internal static IReadOnlyList<MonthResult> Of(EquityCurve curve)
    {
        List<MonthResult> months = [];
        List<DayResult> days = [];
        DateTime last = default;
        foreach (DayResult day in curve.Days)
        {
            DateTime date = DateTime.UnixEpoch.AddDays(day.Number);
            if (days.Count != 0 && (date.Year != last.Year || date.Month != last.Month))
            {
                months.Add(Sum(last, days));
                days.Clear();
            }

            days.Add(day);
            last = date;
        }

        if (days.Count != 0)
        {
            months.Add(Sum(last, days));
        }

        return months;
    }

    private static MonthResult Sum(DateTime date, List<DayResult> days)
    {
        long profit = 0;
        foreach (DayResult day in days)
        {
            profit += day.Profit;
        }

        return new MonthResult(date.Year, date.Month, profit, Ratios.Compounded(days));
    }
}
