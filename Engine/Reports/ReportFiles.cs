using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Engine.Results;

namespace LowLatency.Engine.Reports;

/// <summary>A file of a report.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record ReportFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>The files that a report is made of.</summary>
internal static class ReportFiles
{
    internal const string Page = "report.html";
    internal const string Result = "result.json";
    internal const string Configuration = "configuration.json";

    /// <summary>The page alone.</summary>
    internal static byte[] PageOf(RunReport report, Manifest manifest) => ReportPage.Of(ReportData.Write(report, manifest));

    /// <summary>The tables as comma separated text.</summary>
    internal static IReadOnlyList<ReportFile> Tables(RunReport report) =>
    [
        new("figures.csv", CsvTables.Figures(report)),
        new("equity.csv", CsvTables.Equity(report)),
        new("days.csv", CsvTables.Days(report)),
        new("trades.csv", CsvTables.Trades(report)),
        new("fills.csv", CsvTables.Fills(report)),
    ];

    /// <summary>Everything.</summary>
    internal static IReadOnlyList<ReportFile> All(RunReport report, Manifest manifest) =>
    [
        new(Page, PageOf(report, manifest)),
        new(Result, ResultJson.Write(report.Result, manifest, report)),
        new(Configuration, report.Configuration.ToCanonicalJson()),
        .. Tables(report),
    ];

    /// <summary>Writes files into a directory, over what has their names.</summary>
    internal static void Write(string directory, IReadOnlyList<ReportFile> files)
    {
        Directory.CreateDirectory(directory);
        foreach (ReportFile file in files)
        {
            File.WriteAllBytes(Path.Combine(directory, file.Name), file.Content.ToArray());
        }
    }
}
