using System;
using System.IO;
using System.Text;

namespace LowLatency.Engine.Reports;

/// <summary>One HTML file that needs nothing else: style, script and data are in it.</summary>
internal static class ReportPage
{
    private const string Name = "report.html";
    private const string DataMark = "{{data}}";

    /// <summary>The page of some data.</summary>
    /// <param name="json">Its data, as the default encoder of the JSON writer makes it: nothing in it can end a script.</param>
    internal static byte[] Of(ReadOnlySpan<byte> json)
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidDataException("the page of reports is not in the assembly");
        using StreamReader reader = new(stream, Encoding.UTF8);
        string page = reader.ReadToEnd();
        int mark = page.IndexOf(DataMark, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(string.Concat(
            page.AsSpan(0, mark), Encoding.UTF8.GetString(json), page.AsSpan(mark + DataMark.Length)));
    }
}
