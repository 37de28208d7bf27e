using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LowLatency.Engine.Reports;

namespace LowLatency.Engine.Sweeps;

/// <summary>All runs of a sweep as one table: CSV, JSON, and the page with the heat map.</summary>
internal static class SweepTable
{
    /// <summary>Files of a sweep that is done.</summary>
    internal static IReadOnlyList<ReportFile> Files(
        SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all, string identity) =>
    [
        new("sweep.csv", Csv(run, all)),
        new("sweep.json", Json(run, all, identity)),
        new("sweep.html", ReportPage.Of(Page(run, all, identity))),
    ];

    /// <summary>What is to be kept in mind when one reads the table.</summary>
    internal static IReadOnlyList<string> Notes(
        SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        List<string> notes = [];
        if (run.Windows.Count == 0 && run.Plan.Points.Count > 1)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"The best of {run.Plan.Points.Count} points is best partly by chance: it was chosen on the data that it is shown on. Walk forward to see it on data that it was not."));
        }

        foreach ((_, SweepOutcome outcome) in all)
        {
            if (outcome.IsSynthetic)
            {
                notes.Add("SYNTHETIC market: it was generated, and profits on it say nothing about a real one.");
                break;
            }
        }

        return notes;
    }

    /// <summary>The runs from the highest objective to the lowest; those without one last, of equals the first point first.</summary>
    internal static List<(SweepJob Job, SweepOutcome Outcome)> Ranked(
        SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        List<(SweepJob Job, SweepOutcome Outcome)> ranked = [.. all];
        Dictionary<SweepJob, int> order = [];
        for (int i = 0; i < all.Count; i++)
        {
            order[all[i].Job] = i;
        }

        ranked.Sort((a, b) =>
        {
            int byValue = (run.ObjectiveOf(b.Outcome) ?? double.NegativeInfinity)
                .CompareTo(run.ObjectiveOf(a.Outcome) ?? double.NegativeInfinity);
            return byValue != 0 ? byValue : order[a.Job].CompareTo(order[b.Job]);
        });
        return ranked;
    }

    /// <summary>The value of a point on an axis, for people.</summary>
    internal static string ValueOf(SweepRun run, int point, int axis) =>
        run.Plan.Axes[axis].Values[run.Plan.Points[point][axis]].Trim('"');

    /// <summary>The figures of the table: the objective first.</summary>
    internal static IReadOnlyList<string> Columns(SweepRun run)
    {
        List<string> columns = [run.Plan.Objective];
        foreach (string name in SweepRun.Kept)
        {
            if (name != run.Plan.Objective)
            {
                columns.Add(name);
            }
        }

        return columns;
    }

    private static byte[] Csv(SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        StringBuilder text = new();
        List<string> cells = ["run", "point", "window", "stretch", "from_ns", "to_ns"];
        foreach (SweepAxis axis in run.Plan.Axes)
        {
            cells.Add(CsvTables.Quoted(axis.Path));
        }

        cells.AddRange(Columns(run));
        cells.AddRange(["decision_digest", "refused"]);
        CsvTables.Line(text, [.. cells]);
        foreach ((SweepJob job, SweepOutcome outcome) in all)
        {
            bool whole = job.Window < 0;
            cells =
            [
                job.Name,
                Number(job.Point),
                whole ? string.Empty : Number(job.Window),
                whole ? "whole" : job.IsTest ? "test" : "train",
                whole ? string.Empty : Number(job.From),
                whole ? string.Empty : Number(job.To),
            ];
            for (int axis = 0; axis < run.Plan.Axes.Count; axis++)
            {
                cells.Add(CsvTables.Quoted(ValueOf(run, job.Point, axis)));
            }

            foreach (string column in Columns(run))
            {
                cells.Add(outcome.Figures.GetValueOrDefault(column) ?? string.Empty);
            }

            cells.Add(outcome.Digest);
            cells.Add(CsvTables.Quoted(outcome.Refused ?? string.Empty));
            CsvTables.Line(text, [.. cells]);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Json(SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all, string identity)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", 1);
            writer.WriteString("identity", identity);
            writer.WriteString("objective", run.Plan.Objective);
            writer.WriteStartArray("runs");
            foreach ((SweepJob job, SweepOutcome outcome) in all)
            {
                writer.WriteStartObject();
                writer.WriteNumber("point", job.Point);
                writer.WriteStartObject("parameters");
                for (int axis = 0; axis < run.Plan.Axes.Count; axis++)
                {
                    writer.WritePropertyName(run.Plan.Axes[axis].Path);
                    writer.WriteRawValue(run.Plan.Axes[axis].Values[run.Plan.Points[job.Point][axis]]);
                }

                writer.WriteEndObject();
                writer.WritePropertyName("outcome");
                SweepLog.Write(writer, outcome);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Page(SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all, string identity)
    {
        bool walks = run.Windows.Count != 0;
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "sweep");
            writer.WriteString("title", "Sweep of " + System.IO.Path.GetFileNameWithoutExtension(run.Plan.Configuration));
            writer.WriteString("subtitle", string.Create(
                CultureInfo.InvariantCulture,
                $"{run.Plan.Points.Count} points, {(walks ? $"{run.Windows.Count} windows of training and testing" : "each on the whole market")}; objective {run.Plan.Objective}"));
            Texts(writer, "notes", Notes(run, all));
            writer.WriteString("objective", run.Plan.Objective);
            Texts(writer, "columns", Columns(run));
            writer.WriteStartArray("axes");
            foreach (SweepAxis axis in run.Plan.Axes)
            {
                writer.WriteStartObject();
                writer.WriteString("name", axis.Path[(axis.Path.LastIndexOf('.') + 1)..]);
                writer.WriteString("path", axis.Path);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            Windows(writer, run, all);
            writer.WriteStartArray("points");
            foreach ((SweepJob job, SweepOutcome outcome) in Ranked(run, all))
            {
                if (!job.IsTest)
                {
                    Point(writer, run, job, outcome);
                }
            }

            writer.WriteEndArray();
            writer.WriteStartArray("manifest");
            Texts(writer, null, ["identity", identity]);
            Texts(writer, null, ["configuration", run.Plan.Configuration]);
            Texts(writer, null, ["data", run.Plan.Data ?? "market generator"]);
            Texts(writer, null, ["build hash", Running.BuildIdentity.Text]);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Of each window what was chosen in training and what became of it in the test.</summary>
    private static void Windows(
        Utf8JsonWriter writer, SweepRun run, IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> all)
    {
        writer.WriteStartArray("windows");
        Dictionary<string, SweepOutcome> byName = new(StringComparer.Ordinal);
        foreach ((SweepJob job, SweepOutcome outcome) in all)
        {
            byName[job.Name] = outcome;
        }

        foreach ((SweepJob job, SweepOutcome outcome) in all)
        {
            if (!job.IsTest)
            {
                continue;
            }

            List<string> cells = [Number(job.Window + 1), Instant(job.From), Instant(job.To)];
            for (int axis = 0; axis < run.Plan.Axes.Count; axis++)
            {
                cells.Add(ValueOf(run, job.Point, axis));
            }

            SweepJob training = job with { IsTest = false };
            cells.Add(byName[training.Name].Figures.GetValueOrDefault(run.Plan.Objective) ?? "none");
            cells.Add(outcome.Figures.GetValueOrDefault(run.Plan.Objective) ?? "none");
            Texts(writer, null, cells);
        }

        writer.WriteEndArray();
    }

    private static void Point(Utf8JsonWriter writer, SweepRun run, SweepJob job, SweepOutcome outcome)
    {
        writer.WriteStartObject();
        writer.WriteString("label", job.Name);
        writer.WriteStartArray("at");
        for (int axis = 0; axis < run.Plan.Axes.Count; axis++)
        {
            writer.WriteStringValue(ValueOf(run, job.Point, axis));
        }

        writer.WriteEndArray();
        if (run.ObjectiveOf(outcome) is { } value)
        {
            writer.WriteNumber("value", value);
        }
        else
        {
            writer.WriteNull("value");
        }

        writer.WriteStartArray("cells");
        foreach (string column in Columns(run))
        {
            writer.WriteStringValue(outcome.Figures.GetValueOrDefault(column));
        }

        writer.WriteEndArray();
        writer.WriteString("refused", outcome.Refused);
        writer.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter writer, string? name, IReadOnlyList<string> texts)
    {
        if (name is null)
        {
            writer.WriteStartArray();
        }
        else
        {
            writer.WriteStartArray(name);
        }

        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string Instant(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
