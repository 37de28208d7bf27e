using System.Buffers;
using System.Text.Json;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Reality;

/// <summary>A reality check as JSON. Money and prices are decimal text; differences are simulated minus journaled.</summary>
internal static class RealityJson
{
    internal static byte[] Write(RealityReport report)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("run", report.IsLive ? "live" : "paper");
        writer.WriteBoolean("synthetic", report.IsSynthetic);
        writer.WriteBoolean("equal", report.IsEqual);
        writer.WriteNumber("latency_measured_count", report.Latency.Measured);
        writer.WriteNumber("latency_clock_unusable_count", report.Latency.Halved);
        Summary(writer, report.Summary);
        writer.WriteStartArray("profits");
        foreach (RealityProfit profit in report.Profits)
        {
            writer.WriteStartObject();
            writer.WriteString("currency", profit.Currency);
            writer.WriteString("journaled_money", ResultTable.Amount(profit.Journaled));
            writer.WriteString("simulated_money", ResultTable.Amount(profit.Simulated));
            Gap(writer, profit.Gap);
            writer.WriteString("funding_money", ResultTable.Amount(profit.Gap.Funding));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("orders");
        foreach (RealityRow row in report.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("order", RealityTables.IdOf(row.Order.Id));
            writer.WriteString("instrument", row.Instrument.Symbol);
            writer.WriteString("side", row.Order.Side.ToString());
            writer.WriteString("quantity", DecimalText.ToText(row.Order.Quantity, row.Instrument.QuantityExponent));
            writer.WriteString("price", DecimalText.ToText(row.Order.Price, row.Instrument.PriceExponent));
            writer.WriteNumber("decided_ns", row.Order.DecidedAt);
            writer.WriteBoolean("alike", row.Order.IsAlike);
            Side(writer, "journaled", row.Order.Journaled, row.Instrument);
            Side(writer, "simulated", row.Order.Simulated, row.Instrument);
            Gap(writer, row.Gap);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Summary(Utf8JsonWriter writer, RealitySummary summary)
    {
        writer.WriteStartObject("summary");
        writer.WriteNumber("orders_count", summary.Orders);
        writer.WriteNumber("orders_alike_count", summary.Alike);
        writer.WriteNumber("orders_answered_alike_count", summary.AnsweredAlike);
        writer.WriteNumber("orders_filled_alike_count", summary.FilledAlike);
        writer.WriteNumber("orders_not_commanded_count", summary.Foreign);
        writer.WriteNumber("fills_matched_count", summary.FillsMatched);
        writer.WriteNumber("fills_at_another_price_count", summary.FillsAtAnotherPrice);
        writer.WriteNumber("fills_only_journaled_count", summary.FillsOnlyJournaled);
        writer.WriteNumber("fills_only_simulated_count", summary.FillsOnlySimulated);
        Spread(writer, "answer_later_ns", summary.AnswerLater);
        Spread(writer, "fill_later_ns", summary.FillLater);
        Spread(writer, "price_worse_ppm", summary.PriceWorse);
        writer.WriteEndObject();
    }

    private static void Spread(Utf8JsonWriter writer, string name, Spread spread)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("count", spread.Count);
        Number(writer, "lowest", spread.Low);
        Number(writer, "p05", spread.P05);
        Number(writer, "p50", spread.P50);
        Number(writer, "p95", spread.P95);
        Number(writer, "highest", spread.High);
        writer.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } known)
        {
            writer.WriteNumber(name, known);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Side(Utf8JsonWriter writer, string name, OrderWords words, RealityInstrument instrument)
    {
        writer.WriteStartObject(name);
        writer.WriteString("answer", words.Answer.ToString());
        writer.WriteString("reason", words.Reason.ToString());
        Number(writer, "answer_ns", words.AnsweredAt == 0 ? null : words.AnsweredAt);
        writer.WriteString("filled", DecimalText.ToText(words.Filled, instrument.QuantityExponent));
        writer.WriteString("mean_price", RealityTables.MeanPrice(words, instrument));
        writer.WriteString("fees_money", ResultTable.Amount(words.Fees));
        writer.WriteStartArray("fills");
        foreach (RealityFill fill in words.Fills)
        {
            writer.WriteStartObject();
            writer.WriteNumber("at_ns", fill.At);
            writer.WriteString("price", DecimalText.ToText(fill.Price, instrument.PriceExponent));
            writer.WriteString("quantity", DecimalText.ToText(fill.Quantity, instrument.QuantityExponent));
            writer.WriteString("fee_money", ResultTable.Amount(fill.Fee));
            writer.WriteString("liquidity", fill.Liquidity.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Gap(Utf8JsonWriter writer, in GapParts gap)
    {
        writer.WriteString("gap_money", ResultTable.Amount(gap.Whole));
        writer.WriteString("latency_money", ResultTable.Amount(gap.Latency));
        writer.WriteString("queue_money", ResultTable.Amount(gap.Queue));
        writer.WriteString("missed_data_money", ResultTable.Amount(gap.MissedData));
        writer.WriteString("fee_money", ResultTable.Amount(gap.Fee));
    }
}
