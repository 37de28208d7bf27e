using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using LowLatency.Engine.Running;
using LowLatency.Journal.Export;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using Command = System.CommandLine.Command;

namespace LowLatency.Engine.Commands;

/// <summary>Writes a range of a journal as text.</summary>
internal static class JournalExportCommand
{
    internal static Command Build()
    {
        JournalArguments arguments = new();
        Option<string> format = new("--format", "-f")
        {
            Description = "csv: a table for each kind; jsonl: one JSON object a line; data: our own format, which import reads.",
            DefaultValueFactory = _ => "csv",
        };
        Option<string?> output = new("--out", "-o")
        {
            Description = "Folder of the tables, or the file of jsonl and data. Nothing is overwritten.",
        };
        Command command = new("export", "Write events as CSV tables, JSON lines or our own data format.");
        arguments.AddTo(command, range: true);
        command.Add(format);
        command.Add(output);
        command.SetAction(parsed => CommandFailure.Guard(() => Run(
            arguments.Journal(parsed),
            arguments.Filter(parsed, range: true),
            parsed.GetValue(format)!,
            parsed.GetValue(output))));
        return command;
    }

    private static int Run(string journal, InspectionFilter filter, string formatName, string? output)
    {
        ExportFormat format = formatName switch
        {
            "csv" => ExportFormat.Csv,
            "jsonl" => ExportFormat.Jsonl,
            "data" => ExportFormat.Data,
            _ => throw new CommandFailure(ExitCode.Usage, $"--format {formatName}: allowed are csv, jsonl, data"),
        };
        if (output is null)
        {
            throw new CommandFailure(ExitCode.Usage, "--out is missing: the folder of the tables, or the file");
        }

        string path = Path.GetFullPath(output);
        if (File.Exists(path) || Directory.Exists(path))
        {
            throw new CommandFailure(ExitCode.Usage, $"--out {output}: exists already; nothing is overwritten");
        }

        JournalDirectory.MakeParent(path);
        ExportResult result = JournalExporter.Run(new PosixStorage(), journal, filter, format, path);
        foreach (ExportedFile file in result.Files)
        {
            Line($"{file.Path}  {file.Rows:N0} rows");
        }

        foreach ((string what, long count) in result.LeftOut)
        {
            Line($"left out, for the format has no place for it: {what}, {count:N0}");
        }

        Line($"{result.Events:N0} events exported");
        return ExitCode.Success;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
