using System;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using LowLatency.Tests.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Reports;

public sealed partial class ReportPageTests(RecordedBacktest reference) : IClassFixture<RecordedBacktest>
{
    [Fact]
    public void The_page_asks_nobody_for_anything()
    {
        string page = Page(name: null);
        Assert.DoesNotMatch(@"(?i)\b(src|href|srcset|action)\s*=", page);
        Assert.DoesNotMatch(@"(?i)@import|fetch\(|XMLHttpRequest|WebSocket|import\(|url\((?!#)|<link|<iframe", page);

        // The one address is the name of the SVG language, which nobody opens.
        Assert.All(Address().Matches(page), match => Assert.Equal("http://www.w3.org/2000/svg", match.Value));

        // The same patterns find what would ask.
        Assert.Matches(@"(?i)\b(src|href|srcset|action)\s*=", "<script src=\"https://example.com/x.js\">");
    }

    [Fact]
    public void The_page_says_that_its_market_was_generated_and_in_what_it_can_be_believed()
    {
        JsonElement data = DataOf(Page(name: null));
        Assert.Equal("SYNTHETIC market", data.GetProperty("market").GetString());
        Assert.Equal("Books", data.GetProperty("fidelity").GetString());
        Assert.True(data.GetProperty("notes").GetArrayLength() > 0, "no note on a generated market");
    }

    [Fact]
    public void No_name_can_break_out_of_the_data()
    {
        const string Hostile = "</script><script>alert(1)</script><!-- {{data}}";
        string page = Page(Hostile);
        Assert.DoesNotContain("alert(1)</script>", page, StringComparison.Ordinal);
        Assert.Equal(Hostile, DataOf(page).GetProperty("title").GetString());
    }

    [Fact]
    public void Tables_have_units_in_their_columns_and_quote_what_needs_it()
    {
        RunReport report = RunReport.OfJournal(reference.Journal, out _);
        foreach (ReportFile file in ReportFiles.Tables(report))
        {
            string[] lines = Encoding.UTF8.GetString(file.Content.Span).Split('\n');
            int columns = lines[0].Split(',').Length;
            Assert.True(lines.Length > 2 && columns > 3, file.Name);
            Assert.All(lines[1..^1], line => Assert.Equal(columns, CsvCell().Count(line)));
            Assert.Empty(lines[^1]);
        }

        Assert.Equal("\"a \"\"b\"\", c\"", CsvTables.Quoted("a \"b\", c"));
        Assert.Equal("plain", CsvTables.Quoted("plain"));
    }

    private static JsonElement DataOf(string page)
    {
        const string Start = "<script type=\"application/json\" id=\"data\">";
        int from = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        using JsonDocument document = JsonDocument.Parse(page[from..page.IndexOf("</script>", from, StringComparison.Ordinal)]);
        return document.RootElement.Clone();
    }

    private string Page(string? name)
    {
        RunReport report = RunReport.OfJournal(reference.Journal, out _);
        Manifest manifest = Manifest.Of("report", report.Configuration, null, TimeSpan.Zero);
        return Encoding.UTF8.GetString(
            ReportFiles.PageOf(report, name is null ? manifest : manifest with { ConfigurationName = name }));
    }

    [GeneratedRegex("https?://[^\"' <]+")]
    private static partial Regex Address();

    [GeneratedRegex("(?:^|,)(?:\"(?:[^\"]|\"\")*\"|[^,]*)")]
    private static partial Regex CsvCell();
}
