using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using LowLatency.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

/// <summary>Every figure says its unit and is documented. LOWLATENCY_WRITE_DOCS=1 writes the tables anew.</summary>
public sealed class FigureCatalogueTests
{
    private static readonly string _document = Path.Combine(Repository.Root, "docs", "results.md");

    public static TheoryData<string> Sections => ["currency", "run"];

    [Fact]
    public void Every_name_ends_with_its_unit_and_is_there_once()
    {
        FigureKind[] all = [.. FigureCatalogue.OfCurrency, .. FigureCatalogue.OfRun];
        Assert.Equal(all.Length, all.Select(kind => kind.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, kind => Assert.True(HasUnit(kind.Name), kind.Name));
        Assert.False(HasUnit("win_rate"), "a name without a unit passes");
        Assert.False(HasUnit("sharpe"), "a name without a unit passes");
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void The_documented_figures_are_those_of_the_catalogue(string section)
    {
        string expected = Table(section == "currency" ? FigureCatalogue.OfCurrency : FigureCatalogue.OfRun);
        string document = File.ReadAllText(_document);
        string open = $"<!-- {section} -->\n";
        int start = document.IndexOf(open, StringComparison.Ordinal) + open.Length;
        int end = document.IndexOf($"<!-- /{section} -->", StringComparison.Ordinal);
        Assert.True(start >= open.Length && end >= start, $"no section {section} in {_document}");
        if (Environment.GetEnvironmentVariable("LOWLATENCY_WRITE_DOCS") == "1")
        {
            File.WriteAllText(_document, document[..start] + expected + document[end..]);
            return;
        }

        Assert.Equal(expected, document[start..end]);
    }

    private static bool HasUnit(string name) =>
        FigureCatalogue.Units.Any(unit => name.EndsWith("_" + unit, StringComparison.Ordinal));

    private static string Table(IReadOnlyList<FigureKind> kinds)
    {
        StringBuilder text = new("| figure | is |\n|---|---|\n");
        foreach (FigureKind kind in kinds)
        {
            text.Append("| `").Append(kind.Name).Append("` | ").Append(kind.Meaning).Append(" |\n");
        }

        return text.ToString();
    }
}
