using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Events;

namespace LowLatency.Engine.Results;

/// <summary>A result with its manifest as JSON. Money and quantities are decimal texts: no reader can round them.</summary>
internal static class ResultJson
{
    internal const int Version = 1;

    internal static byte[] Write(RunResult result, Manifest manifest, RunReport? report = null)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        WriteManifest(writer, result, manifest, report?.Performance.Feeds ?? []);
        WriteCounts(writer, result);
        WriteMoney(writer, result);
        result.Arbitration.Write(writer);
        result.Risk.Write(writer);
        if (report is not null)
        {
            PerformanceJson.Write(writer, report);
        }

        writer.WriteString("decisionDigest", result.DecisionDigest.ToString());
        writer.WriteString("stateDigest", result.StateDigest.ToString());
        writer.WriteEndObject();
        writer.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteManifest(
        Utf8JsonWriter writer, RunResult result, Manifest manifest, IReadOnlyList<string> feeds)
    {
        writer.WriteStartObject("manifest");
        writer.WriteString("command", manifest.Command);
        writer.WriteString("engineVersion", manifest.Version);
        writer.WriteString("buildHash", manifest.BuildHash);
        writer.WriteString("configuration", manifest.ConfigurationName);
        writer.WriteString("configurationHash", manifest.ConfigurationHash);
        writer.WriteNumber("seed", manifest.Seed);
        writer.WriteStartArray("files");
        foreach (ManifestFile file in manifest.Files)
        {
            writer.WriteStartObject();
            writer.WriteString("use", file.Use);
            writer.WriteString("file", file.File);
            writer.WriteString("sha256", file.Sha256);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("dataKind", result.Counts.IsSynthetic ? "synthetic" : "historical");
        writer.WriteString("dataSource", manifest.DataSource);
        writer.WriteString("dataHash", manifest.DataHash);
        if (feeds.Count != 0)
        {
            writer.WriteStartArray("feeds");
            foreach (string feed in feeds)
            {
                writer.WriteStringValue(feed);
            }

            writer.WriteEndArray();
        }

        writer.WriteString("fidelity", result.Fidelity.ToString());
        writer.WriteString("fillModel", manifest.FillModel);
        if (manifest.WithoutFunding.Count != 0)
        {
            writer.WriteStartArray("withoutFunding");
            foreach (string symbol in manifest.WithoutFunding)
            {
                writer.WriteStringValue(symbol);
            }

            writer.WriteEndArray();
        }

        writer.WriteString("durability", manifest.Durability);
        writer.WriteString("topology", manifest.Topology);
        writer.WriteStartArray("strategies");
        foreach (StrategyOrigin strategy in manifest.Strategies)
        {
            writer.WriteStartObject();
            writer.WriteString("name", strategy.Name);
            writer.WriteString("type", strategy.Type);
            writer.WriteString("code", strategy.Source);
            if (strategy.Sha256 is not null)
            {
                writer.WriteString("sha256", strategy.Sha256);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("firstReceivedAt", result.Counts.FirstAt);
        writer.WriteNumber("lastReceivedAt", result.Counts.LastAt);
        writer.WriteNumber("wallSeconds", Math.Round(manifest.Elapsed.TotalSeconds, 3));
        writer.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter writer, RunResult result)
    {
        writer.WriteStartObject("events");
        for (int kind = 0; kind < result.Counts.Events.Length; kind++)
        {
            if (result.Counts.Events[kind] != 0)
            {
                writer.WriteNumber(((EventKind)kind).ToString(), result.Counts.Events[kind]);
            }
        }

        writer.WriteEndObject();
        Named<SignalKind>(writer, "signals", result.Counts.Signals);
        Named<SuppressionReason>(writer, "suppressions", result.Counts.Suppressions);
        Named<Ruling>(writer, "verdicts", result.Counts.Rulings);
        Named<RiskReason>(writer, "riskReasons", result.Counts.RiskReasons);
        Named<CommandVerb>(writer, "commands", result.Counts.Commands);
        writer.WriteNumber("delayedSignals", result.DelayedSignals);
        writer.WriteNumber("tradesWithoutBar", result.TradesWithoutBar);
        writer.WriteNumber("openOrders", result.UnresolvedOrders);
        writer.WriteString("tradingState", result.FinalState.ToString());
        writer.WriteNumber("notCompared", result.NotCompared);
    }

    private static void WriteMoney(Utf8JsonWriter writer, RunResult result)
    {
        writer.WriteStartArray("currencies");
        foreach (CurrencyResult row in result.Currencies)
        {
            writer.WriteStartObject();
            writer.WriteString("currency", row.Currency);
            writer.WriteString("start", ResultTable.Amount(row.StartUnits));
            writer.WriteString("cash", ResultTable.Amount(row.CashUnits));
            Optional(writer, "equity", row.EquityUnits);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (result.Base is { } all)
        {
            writer.WriteStartObject("base");
            writer.WriteString("currency", all.Currency);
            Optional(writer, "equity", all.EquityUnits);
            writer.WriteString("missing", all.Missing);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("instruments");
        foreach (InstrumentResult row in result.Instruments)
        {
            writer.WriteStartObject();
            writer.WriteString("symbol", row.Symbol);
            writer.WriteString("currency", row.Currency);
            writer.WriteString("position", row.Position);
            writer.WriteString("lastPrice", row.LastPrice);
            writer.WriteString("realised", ResultTable.Amount(row.RealisedUnits));
            Optional(writer, "unrealised", row.UnrealisedUnits);
            writer.WriteString("fees", ResultTable.Amount(row.FeeUnits));
            writer.WriteNumber("executions", row.Executions);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("strategies");
        foreach (StrategyResult row in result.Strategies)
        {
            writer.WriteStartObject();
            writer.WriteString("name", row.Name);
            writer.WriteString("currency", row.Currency);
            writer.WriteString("profitAfterFees", ResultTable.Amount(row.ProfitUnits));
            writer.WriteString("fees", ResultTable.Amount(row.FeeUnits));
            writer.WriteNumber("fills", row.Fills);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter writer, string name, long? units)
    {
        if (units is { } value)
        {
            writer.WriteString(name, ResultTable.Amount(value));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Named<T>(Utf8JsonWriter writer, string name, long[] counts)
        where T : struct, Enum
    {
        writer.WriteStartObject(name);
        foreach (T member in Enum.GetValues<T>())
        {
            long count = counts[Convert.ToInt32(member, System.Globalization.CultureInfo.InvariantCulture)];
            if (count != 0)
            {
                writer.WriteNumber(member.ToString(), count);
            }
        }

        writer.WriteEndObject();
    }
}
