using System.Collections.Generic;
using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Export;

/// <summary>How events are written out.</summary>
public enum ExportFormat
{
    /// <summary>A table for each kind, in a file of its name.</summary>
    Csv,

    /// <summary>One JSON object a line, all kinds in one file.</summary>
    Jsonl,

    /// <summary>Our own data format, which import reads; market data only.</summary>
    Data,
}

/// <summary>A file that an export made.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rows">Lines without a header.</param>
public sealed record ExportedFile(string Path, long Rows);

/// <summary>What an export came to.</summary>
/// <param name="Events">Events of the range that the filter took.</param>
/// <param name="Files">The files.</param>
/// <param name="LeftOut">What the format has no place for, and how often.</param>
public sealed record ExportResult(
    long Events, IReadOnlyList<ExportedFile> Files, IReadOnlyDictionary<string, long> LeftOut);

/// <summary>Writes a range of a journal as text. Nothing is overwritten.</summary>
public static class JournalExporter
{
    /// <summary>Exports.</summary>
    /// <param name="storage">The storage of the journal.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="filter">Which events.</param>
    /// <param name="format">How.</param>
    /// <param name="output">The folder for tables, made when absent; else the file.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="IOException">A file of that name exists already, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The data format cannot hold the range.</exception>
    public static ExportResult Run(
        IStorage storage, string directory, InspectionFilter filter, ExportFormat format, string output)
    {
        using JournalInspector inspector = new(storage, directory, filter);
        if (format == ExportFormat.Csv)
        {
            return Tables(inspector, output);
        }

        try
        {
            using StreamWriter writer = Create(output);
            return format == ExportFormat.Jsonl
                ? Lines(inspector, writer, output)
                : Data(storage, directory, filter, inspector, writer, output);
        }
        catch (InvalidDataException)
        {
            File.Delete(output);
            throw;
        }
    }

    private static ExportResult Lines(JournalInspector inspector, StreamWriter writer, string output)
    {
        Event e = default;
        long events = 0;
        while (inspector.Next(ref e))
        {
            writer.Write(inspector.Formatter.Json(e));
            writer.Write('\n');
            events++;
        }

        return new ExportResult(events, [new ExportedFile(output, events)], new Dictionary<string, long>());
    }

    private static ExportResult Data(
        IStorage storage,
        string directory,
        InspectionFilter filter,
        JournalInspector inspector,
        StreamWriter writer,
        string output)
    {
        DataRows rows = new(writer, inspector.Names, Definitions(storage, directory, filter));
        Event e = default;
        long events = 0;
        while (inspector.Next(ref e))
        {
            rows.Write(e);
            events++;
        }

        return new ExportResult(events, [new ExportedFile(output, rows.Rows)], rows.LeftOut);
    }

    /// <summary>The instruments that occur in the range, as they are first defined there or before it.</summary>
    private static List<(InstrumentId Id, InstrumentDefined Definition)> Definitions(
        IStorage storage, string directory, InspectionFilter filter)
    {
        using JournalInspector inspector = new(storage, directory, filter);
        List<(InstrumentId, InstrumentDefined)> found = [];
        bool[] seen = new bool[Limits.Instruments + 1];
        Event e = default;
        while (inspector.Next(ref e))
        {
            ushort number = e.Instrument.Value;
            if (number is >= 1 and <= Limits.Instruments && !seen[number])
            {
                seen[number] = true;
                if (!inspector.Names.TryGet(e.Instrument, out InstrumentDefined definition))
                {
                    throw new InvalidDataException(
                        $"event {e.Sequence}: instrument {number} is not defined before it; the data format needs its rules");
                }

                found.Add((e.Instrument, definition));
            }
        }

        return found;
    }

    private static ExportResult Tables(JournalInspector inspector, string output)
    {
        Dictionary<EventKind, (StreamWriter Writer, CsvColumns Table, string Path)> tables = [];
        try
        {
            _ = Directory.CreateDirectory(output);
            Event e = default;
            long events = 0;
            while (inspector.Next(ref e))
            {
                if (!tables.TryGetValue(e.Kind, out (StreamWriter Writer, CsvColumns Table, string Path) table))
                {
                    string path = Path.Combine(output, e.Kind + ".csv");
                    StreamWriter writer = Create(path);
                    table = (writer, new CsvColumns(writer, inspector.Names), path);
                    tables[e.Kind] = table;
                }

                table.Table.Write(e);
                events++;
            }

            List<ExportedFile> files = [];
            foreach ((StreamWriter _, CsvColumns table, string path) in tables.Values)
            {
                files.Add(new ExportedFile(path, table.Rows));
            }

            files.Sort(static (left, right) => string.CompareOrdinal(left.Path, right.Path));
            return new ExportResult(events, files, new Dictionary<string, long>());
        }
        finally
        {
            foreach ((StreamWriter writer, CsvColumns _, string _) in tables.Values)
            {
                writer.Dispose();
            }
        }
    }

    private static StreamWriter Create(string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"{path}: exists already; nothing is overwritten");
        }

        return new StreamWriter(
            new FileStream(path, FileMode.CreateNew, FileAccess.Write), new UTF8Encoding(false), 1 << 16);
    }
}
