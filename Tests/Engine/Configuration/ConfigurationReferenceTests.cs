using System;
using System.IO;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>
/// The tables of docs/configuration.md are those of the declarations. LOWLATENCY_WRITE_DOCS=1 writes them anew.
/// </summary>
public sealed class ConfigurationReferenceTests
{
    private static readonly string DocumentPath = Path.Combine(Repository.Root, "docs", "configuration.md");

    [Fact]
    public void The_documented_options_are_the_declared_ones() =>
        AssertSection("options", ConfigurationReference.Options());

    [Fact]
    public void The_documented_strategy_types_are_those_of_the_catalogue() =>
        AssertSection("strategies", ConfigurationReference.Strategies(BuiltInStrategies.Catalogue).TrimEnd() + "\n");

    [Fact]
    public void The_documented_styles_are_the_declared_ones() =>
        AssertSection("styles", ConfigurationReference.Styles().TrimEnd() + "\n");

    [Fact]
    public void A_section_that_differs_by_one_character_is_found()
    {
        string changed = ConfigurationReference.Options().Replace("65535", "65536", StringComparison.Ordinal);

        Assert.NotEqual(changed, Section(File.ReadAllText(DocumentPath), "options").Text);
    }

    private static void AssertSection(string name, string expected)
    {
        string document = File.ReadAllText(DocumentPath);
        (int start, int end, string text) = Section(document, name);
        if (Environment.GetEnvironmentVariable("LOWLATENCY_WRITE_DOCS") == "1")
        {
            File.WriteAllText(DocumentPath, document[..start] + expected + document[end..]);
            return;
        }

        Assert.Equal(expected, text);
    }

    private static (int Start, int End, string Text) Section(string document, string name)
    {
        string open = $"<!-- {name} -->\n";
        int start = document.IndexOf(open, StringComparison.Ordinal) + open.Length;
        int end = document.IndexOf($"<!-- /{name} -->", StringComparison.Ordinal);
        Assert.True(start >= open.Length && end >= start, $"no section {name} in {DocumentPath}");
        return (start, end, document[start..end]);
    }
}
