using System;
using System.Buffers;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Results;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Counts what a journal holds.</summary>
internal static class JournalStatCommand
{
    internal static Command Build()
    {
        Argument<DirectoryInfo> folder = JournalArguments.Folder();
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new("stat", "Count what a journal holds: kinds, instruments, runs, times, groups, segments.")
        {
            folder, json,
        };
        command.SetAction(parsed => CommandFailure.Guard(() => Run(parsed.GetValue(folder)!, parsed.GetValue(json))));
        return command;
    }

    private static int Run(DirectoryInfo folder, bool json)
    {
        string journal = JournalArguments.Existing(folder);
        PosixStorage storage = new();
        JournalStatistics statistics = JournalStatistics.Of(storage, journal);
        IReadOnlyList<SegmentSummary> segments = SegmentSummary.Of(storage, journal, StreamKind.Journal);
        IReadOnlyList<SegmentSummary> audit = SegmentSummary.Of(storage, journal, StreamKind.Audit);
        string identity = statistics.Events == 0 ? string.Empty : JournalIdentity.Of(journal);
        if (json)
        {
            Console.WriteLine(Json(statistics, segments, audit, identity));
        }
        else
        {
            Print(statistics, segments, audit, identity);
        }

        return ExitCode.Success;
    }

    private static void Print(
        JournalStatistics statistics,
        IReadOnlyList<SegmentSummary> segments,
        IReadOnlyList<SegmentSummary> audit,
        string identity)
    {
        if (statistics.Events == 0)
        {
            Console.WriteLine("no event yet");
        }
        else
        {
            Line($"{statistics.Events:N0} events, {statistics.Groups:N0} groups, sequences {statistics.First} to {statistics.Last}, runs {statistics.Epochs.Count}");
            double seconds = Seconds(statistics.Start, statistics.End);
            string rate = seconds > 0
                ? string.Create(CultureInfo.InvariantCulture, $", {statistics.Events / seconds:N0} events/s of market time")
                : string.Empty;
            Line($"{EventFormatter.Time(statistics.Start)} to {EventFormatter.Time(statistics.End)}, {seconds:N1} s{rate}{(statistics.IsSynthetic ? ", SYNTHETIC" : string.Empty)}");
            Line($"kinds");
            foreach ((EventKind kind, long count) in statistics.Kinds())
            {
                Line($"  {kind,-20} {count,14:N0}");
            }

            PrintInstruments(statistics);
            PrintEpochs(statistics);
            PrintGroups(statistics);
        }

        PrintSegments("journal", segments);
        PrintSegments("audit", audit);
        if (statistics.Marked > 0)
        {
            Line($"sync lag: an event was {(double)statistics.LagSum / statistics.Marked:N1} events ahead of the disk on average, {statistics.LargestLag:N0} at most");
        }

        if (identity.Length > 0)
        {
            Console.WriteLine("sha256 of the events " + identity);
        }
    }

    private static void PrintInstruments(JournalStatistics statistics)
    {
        if (statistics.Instruments().Count == 0)
        {
            return;
        }

        Line($"instruments");
        foreach ((InstrumentId instrument, long count) in statistics.Instruments())
        {
            Line($"  {instrument.Value,-3} {Symbol(statistics, instrument),-16} {count,14:N0}");
        }

        if (statistics.Of(InstrumentId.None) > 0)
        {
            Line($"  {"-",-3} {"none",-16} {statistics.Of(InstrumentId.None),14:N0}");
        }
    }

    private static void PrintEpochs(JournalStatistics statistics)
    {
        Line($"runs");
        foreach (EpochSummary epoch in statistics.Epochs)
        {
            string end = epoch.Ended == EndReason.None ? "not ended" : "ended: " + epoch.Ended;
            Line($"  {epoch.Epoch,-3} {epoch.Events,14:N0} events, sequences {epoch.First} to {epoch.Last}, {EventFormatter.Time(epoch.Start)} to {EventFormatter.Time(epoch.End)}, {end}");
        }
    }

    private static void PrintGroups(JournalStatistics statistics)
    {
        Line($"group sizes (largest {statistics.LargestGroup:N0})");
        foreach ((long atMost, long count) in statistics.GroupSizes())
        {
            string range = atMost <= 2
                ? string.Create(CultureInfo.InvariantCulture, $"{atMost}")
                : string.Create(CultureInfo.InvariantCulture, $"{(atMost / 2) + 1} to {atMost}");
            Line($"  {range,-20} {count,14:N0}");
        }
    }

    private static void PrintSegments(string stream, IReadOnlyList<SegmentSummary> segments)
    {
        if (segments.Count == 0)
        {
            Console.WriteLine("no segment of the stream " + stream);
            return;
        }

        long bytes = 0;
        long disk = 0;
        Dictionary<SegmentCondition, int> conditions = [];
        foreach (SegmentSummary segment in segments)
        {
            bytes += segment.Bytes;
            disk += segment.DiskBytes;
            conditions[segment.Condition] = conditions.GetValueOrDefault(segment.Condition) + 1;
        }

        List<string> parts = [];
        foreach (SegmentCondition condition in Enum.GetValues<SegmentCondition>())
        {
            if (conditions.TryGetValue(condition, out int count))
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {condition}").ToLowerInvariant());
            }
        }

        string ratio = disk < bytes
            ? string.Create(CultureInfo.InvariantCulture, $" ({(double)bytes / disk:F1} times smaller than unpacked)")
            : string.Empty;
        Line($"{stream}: {segments.Count} segments ({string.Join(", ", parts)}), durability {segments[^1].Durability}, {disk:N0} bytes{ratio}");
    }

    private static string Json(
        JournalStatistics statistics,
        IReadOnlyList<SegmentSummary> segments,
        IReadOnlyList<SegmentSummary> audit,
        string identity)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("events", statistics.Events);
            json.WriteNumber("groups", statistics.Groups);
            json.WriteNumber("largestGroup", statistics.LargestGroup);
            if (statistics.Events > 0)
            {
                json.WriteNumber("first", statistics.First);
                json.WriteNumber("last", statistics.Last);
                json.WriteNumber("start", statistics.Start);
                json.WriteNumber("end", statistics.End);
                json.WriteString("sha256", identity);
            }

            json.WriteBoolean("synthetic", statistics.IsSynthetic);
            json.WriteStartObject("kinds");
            foreach ((EventKind kind, long count) in statistics.Kinds())
            {
                json.WriteNumber(kind.ToString(), count);
            }

            json.WriteEndObject();
            json.WriteStartArray("instruments");
            foreach ((InstrumentId instrument, long count) in statistics.Instruments())
            {
                json.WriteStartObject();
                json.WriteNumber("instrument", instrument.Value);
                json.WriteString("symbol", Symbol(statistics, instrument));
                json.WriteNumber("events", count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("runs");
            foreach (EpochSummary epoch in statistics.Epochs)
            {
                json.WriteStartObject();
                json.WriteNumber("epoch", epoch.Epoch);
                json.WriteNumber("events", epoch.Events);
                json.WriteNumber("first", epoch.First);
                json.WriteNumber("last", epoch.Last);
                json.WriteNumber("start", epoch.Start);
                json.WriteNumber("end", epoch.End);
                json.WriteString("ended", epoch.Ended.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("groupSizesAtMost");
            foreach ((long atMost, long count) in statistics.GroupSizes())
            {
                json.WriteNumber(atMost.ToString(CultureInfo.InvariantCulture), count);
            }

            json.WriteEndObject();
            if (statistics.Marked > 0)
            {
                json.WriteNumber("syncLagMean", (double)statistics.LagSum / statistics.Marked);
                json.WriteNumber("syncLagMax", statistics.LargestLag);
            }

            WriteSegments(json, "journalSegments", segments);
            WriteSegments(json, "auditSegments", audit);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteSegments(Utf8JsonWriter json, string name, IReadOnlyList<SegmentSummary> segments)
    {
        json.WriteStartArray(name);
        foreach (SegmentSummary segment in segments)
        {
            json.WriteStartObject();
            json.WriteString("name", segment.Name);
            json.WriteString("condition", segment.Condition.ToString());
            json.WriteNumber("first", segment.First);
            json.WriteNumber("records", segment.Records);
            json.WriteNumber("epoch", segment.Epoch);
            json.WriteString("durability", segment.Durability.ToString());
            json.WriteNumber("bytes", segment.Bytes);
            json.WriteNumber("diskBytes", segment.DiskBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Symbol(JournalStatistics statistics, InstrumentId instrument) =>
        statistics.Names.TryGet(instrument, out InstrumentDefined definition)
            ? definition.Symbol.ToString()
            : "(not defined)";

    private static double Seconds(long start, long end) => (end - start) / 1e9;

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
