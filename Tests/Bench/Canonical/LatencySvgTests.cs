using System;
using System.Collections.Generic;
using System.Xml.Linq;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Formats.Histogram;
using Xunit;

namespace LowLatency.Tests.Bench.Canonical;

public sealed class LatencySvgTests
{
    [Fact]
    public void The_picture_has_a_curve_and_a_name_for_each_histogram_with_values()
    {
        List<NamedHistogram> curves = [Named("hiccup", 0, 5_000), Named("empty"), Named("open <b>", 300, 4_000_000)];
        XElement svg = XDocument.Parse(LatencySvg.Draw(curves)).Root!;
        Assert.Equal(["c0", "c0", "c1", "c1"], Classes(svg));
        string text = svg.Value;
        Assert.Contains("hiccup", text, StringComparison.Ordinal);
        Assert.Contains("open <b>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("empty", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", svg.ToString(), StringComparison.Ordinal);

        // Zero lies on the lowest line, which is that of the smallest value above it: 300 ns is above 100 ns, not 1 ns.
        Assert.Contains("100 ns", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10 ns", text.Replace("100 ns", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void More_curves_than_can_be_told_apart_are_left_out_and_none_is_a_picture_too()
    {
        List<NamedHistogram> curves = [];
        for (int i = 0; i < LatencySvg.CurvesMax + 3; i++)
        {
            curves.Add(Named("c" + i, 100));
        }

        Assert.Equal(2 * LatencySvg.CurvesMax, Classes(XDocument.Parse(LatencySvg.Draw(curves)).Root!).Count);
        Assert.Empty(Classes(XDocument.Parse(LatencySvg.Draw([])).Root!));
    }

    private static NamedHistogram Named(string tag, params long[] values)
    {
        HdrHistogram histogram = new(60_000_000_000, 3);
        foreach (long value in values)
        {
            histogram.RecordValue(value);
        }

        return new NamedHistogram(tag, histogram, 0, 1);
    }

    private static List<string> Classes(XElement svg)
    {
        List<string> classes = [];
        foreach (XElement path in svg.Descendants())
        {
            if (path.Name.LocalName == "path" && (string?)path.Attribute("class") is { } name && name != "grid")
            {
                classes.Add(name);
            }
        }

        return classes;
    }
}
