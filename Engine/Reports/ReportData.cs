using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Reports;

/// <summary>What the page of a run draws, as JSON. Points of charts are rounded to doubles; figures and tables are not.</summary>
internal static class ReportData
{
    /// <summary>Fills that are drawn for one instrument.</summary>
    internal const int FillsDrawn = 1500;

    /// <summary>Trades that are drawn.</summary>
    internal const int TradesDrawn = 1500;

    internal static byte[] Write(RunReport report, Manifest manifest)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        writer.WriteStartObject();
        writer.WriteString("kind", "run");
        writer.WriteString("title", manifest.ConfigurationName);
        writer.WriteString("command", manifest.Command);
        writer.WriteString("market", report.Result.Counts.IsSynthetic ? "SYNTHETIC market" : "recorded market");
        writer.WriteBoolean("synthetic", report.Result.Counts.IsSynthetic);
        writer.WriteString("fidelity", report.Result.Fidelity.ToString());
        writer.WriteNumber("from", Milliseconds(report.Result.Counts.FirstAt));
        writer.WriteNumber("to", Milliseconds(report.Result.Counts.LastAt));
        Manifest(writer, report, manifest);
        writer.WriteStartArray("notes");
        foreach (SanityNote note in report.Notes)
        {
            writer.WriteStringValue(note.Text);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("figures");
        Figures(writer, report.Figures.Run);
        writer.WriteEndArray();
        Currencies(writer, report);
        Instruments(writer, report);
        Latency(writer, report.Performance.Orders);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Nanoseconds to milliseconds: as much as a chart's axis needs.</summary>
    private static double Milliseconds(long nanoseconds) => nanoseconds / 1e6;

    private static double Money(long units) => units / 1e8;

    private static double Scaled(long units, int exponent) => (double)((decimal)units / Instrument.PowerOf10(exponent));

    private static void Manifest(Utf8JsonWriter writer, RunReport report, Manifest manifest)
    {
        writer.WriteStartArray("manifest");
        void Row(string name, string value)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(name);
            writer.WriteStringValue(value);
            writer.WriteEndArray();
        }

        Row("engine", manifest.Version);
        Row("build hash", manifest.BuildHash);
        Row("configuration", manifest.ConfigurationName);
        Row("configuration hash", manifest.ConfigurationHash);
        Row("data", manifest.DataSource);
        Row("data hash", manifest.DataHash);
        Row("data kind", report.Result.Counts.IsSynthetic ? "synthetic" : "historical");
        Row("fidelity", report.Result.Fidelity.ToString());
        Row("seed", manifest.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Row("decision digest", report.Result.DecisionDigest.ToString());
        Row("state digest", report.Result.StateDigest.ToString());
        foreach (StrategyOrigin strategy in manifest.Strategies)
        {
            Row("strategy " + strategy.Name, $"{strategy.Type}, {strategy.Source} {strategy.Sha256}".TrimEnd());
        }

        foreach (ManifestFile file in manifest.Files)
        {
            Row(file.Use, $"{file.File} {file.Sha256}");
        }

        writer.WriteEndArray();
    }

    private static void Figures(Utf8JsonWriter writer, FigureSet figures)
    {
        foreach (Figure figure in figures.All)
        {
            writer.WriteStartObject();
            writer.WriteString("name", figure.Kind.Name);
            writer.WriteString("label", figure.Kind.Label);
            writer.WriteString("value", figure.Text);
            writer.WriteString("why", figure.Reason);
            writer.WriteString("meaning", figure.Kind.Meaning);
            writer.WriteEndObject();
        }
    }

    private static void Currencies(Utf8JsonWriter writer, RunReport report)
    {
        writer.WriteStartArray("currencies");
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            writer.WriteStartObject();
            writer.WriteString("code", currency.Currency);
            writer.WriteStartArray("figures");
            Figures(writer, currency.Figures);
            writer.WriteEndArray();
            writer.WriteStartArray("equity");
            foreach (EquityPoint point in currency.Curve.Series.Points)
            {
                Row(writer, Milliseconds(point.At), Money(point.Equity), -Money(point.Drawdown), Money(point.Gross));
            }

            writer.WriteEndArray();
            writer.WriteStartArray("months");
            foreach (MonthResult month in MonthResult.Of(currency.Curve))
            {
                writer.WriteStartObject();
                writer.WriteNumber("year", month.Year);
                writer.WriteNumber("month", month.Month);
                writer.WriteNumber("profit", Money(month.Profit));
                if (month.Return is { } rate)
                {
                    writer.WriteNumber("return", rate);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Strategies(writer, report, currency.Index);
            Trades(writer, report, currency.Index);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Strategies(Utf8JsonWriter writer, RunReport report, int currency)
    {
        Performance performance = report.Performance;
        List<ShareSample> samples = [.. performance.Shares.Points];
        if (performance.Final.ByStrategy is not null)
        {
            samples.Add(performance.Final);
        }

        writer.WriteStartArray("strategies");
        for (int s = 0; s < report.StrategyNames.Count; s++)
        {
            bool silent = samples.TrueForAll(sample => sample.OfStrategy(s, currency) == 0);
            if (s == 0 && silent)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("name", report.StrategyNames[s]);
            writer.WriteNumber("profit", Money(performance.Final.OfStrategy(s, currency)));
            writer.WriteStartArray("curve");
            foreach (ShareSample sample in samples)
            {
                Row(writer, Milliseconds(sample.At), Money(sample.OfStrategy(s, currency)));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Trades(Utf8JsonWriter writer, RunReport report, int currency)
    {
        List<ClosedTrade> trades = [];
        foreach (ClosedTrade trade in report.Performance.Trades.Listed.Kept)
        {
            if (FactsOf(report, trade.Instrument) is { } facts && facts.Currency == currency)
            {
                trades.Add(trade);
            }
        }

        int stride = 1 + ((trades.Count - 1) / TradesDrawn);
        writer.WriteNumber("tradesStride", stride * report.Performance.Trades.Listed.Stride);
        writer.WriteStartArray("trades");
        for (int i = 0; i < trades.Count; i += stride)
        {
            ClosedTrade trade = trades[i];
            writer.WriteStartArray();
            writer.WriteStringValue(report.StrategyNames[Math.Min(trade.Strategy.Value, report.StrategyNames.Count - 1)]);
            writer.WriteStringValue(FactsOf(report, trade.Instrument)!.Symbol);
            writer.WriteNumberValue(trade.Direction);
            writer.WriteNumberValue(Milliseconds(trade.OpenedAt));
            writer.WriteNumberValue(Milliseconds(trade.ClosedAt));
            writer.WriteNumberValue(Money(trade.Profit));
            writer.WriteNumberValue(Money(trade.AdverseExcursion));
            writer.WriteNumberValue(Money(trade.FavourableExcursion));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void Instruments(Utf8JsonWriter writer, RunReport report)
    {
        writer.WriteStartArray("instruments");
        foreach (InstrumentFacts facts in report.Instruments)
        {
            if (report.Performance.Prices(facts.Id) is not { } prices)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("symbol", facts.Symbol);
            writer.WriteString("currency", CurrencyOf(report, facts));
            writer.WriteNumber("profit", Money(report.Performance.Final.ByInstrument[facts.Id.Value]));
            writer.WriteStartArray("prices");
            foreach (PricePoint point in prices.Points)
            {
                Row(
                    writer,
                    Milliseconds(point.At),
                    Scaled(point.Low, facts.PriceExponent),
                    Scaled(point.High, facts.PriceExponent),
                    Scaled(point.Last, facts.PriceExponent),
                    Scaled(point.Position, facts.QuantityExponent));
            }

            writer.WriteEndArray();
            Fills(writer, report, facts);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Fills(Utf8JsonWriter writer, RunReport report, InstrumentFacts facts)
    {
        List<FillRow> fills = [];
        foreach (FillRow fill in report.Performance.Orders.Listed.Kept)
        {
            if (fill.Instrument == facts.Id)
            {
                fills.Add(fill);
            }
        }

        int stride = 1 + ((fills.Count - 1) / FillsDrawn);
        writer.WriteNumber("fillsStride", stride * report.Performance.Orders.Listed.Stride);
        writer.WriteStartArray("fills");
        for (int i = 0; i < fills.Count; i += stride)
        {
            FillRow fill = fills[i];
            Row(
                writer,
                Milliseconds(fill.At),
                Scaled(fill.Price, facts.PriceExponent),
                fill.Side.Sign() * Scaled(fill.Quantity, facts.QuantityExponent),
                fill.Liquidity == Liquidity.Maker ? 1 : 0);
        }

        writer.WriteEndArray();
    }

    private static string CurrencyOf(RunReport report, InstrumentFacts facts)
    {
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            if (currency.Index == facts.Currency)
            {
                return currency.Currency;
            }
        }

        return string.Empty;
    }

    private static InstrumentFacts? FactsOf(RunReport report, InstrumentId id)
    {
        foreach (InstrumentFacts facts in report.Instruments)
        {
            if (facts.Id == id)
            {
                return facts;
            }
        }

        return null;
    }

    private static void Latency(Utf8JsonWriter writer, OrderFold orders)
    {
        writer.WriteStartArray("latency");
        Histogram(writer, "accepted", orders.Acknowledged);
        Histogram(writer, "cancelled", orders.CancelConfirmed);
        Histogram(writer, "first fill", orders.FirstFill);
        writer.WriteEndArray();
    }

    private static void Histogram(Utf8JsonWriter writer, string name, HdrHistogram histogram)
    {
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteNumber("count", histogram.TotalCount);
        writer.WriteStartArray("percentiles");
        foreach (double percentile in (ReadOnlySpan<double>)[50, 90, 99, 100])
        {
            writer.WriteNumberValue(histogram.TotalCount == 0 ? 0 : histogram.ValueAtPercentile(percentile));
        }

        writer.WriteEndArray();
        writer.WriteStartArray("bins");
        ReadOnlySpan<long> counts = histogram.Counts;
        for (int i = 0; i < counts.Length; i++)
        {
            if (counts[i] != 0)
            {
                Row(writer, histogram.ValueAt(i), counts[i]);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Row(Utf8JsonWriter writer, params ReadOnlySpan<double> values)
    {
        writer.WriteStartArray();
        foreach (double value in values)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }
}
