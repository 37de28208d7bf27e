using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Text;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Engine.Latency;

namespace LowLatency.Bench.Canonical;

/// <summary>The latencies of a run in one picture, the machine's own noise among them: nothing can lie below it.</summary>
internal static class LatencySvg
{
    /// <summary>Most curves: as many as can be told apart.</summary>
    internal const int CurvesMax = 6;

    private const double Width = 720;
    private const double Height = 400;
    private const double LineHeight = 18;

    /// <summary>The picture.</summary>
    /// <param name="curves">Those without a value are left out, and those beyond <see cref="CurvesMax"/>.</param>
    internal static string Draw(IReadOnlyList<NamedHistogram> curves)
    {
        List<NamedHistogram> drawn = [];
        List<HdrHistogram> histograms = [];
        foreach (NamedHistogram curve in curves)
        {
            if (curve.Histogram.TotalCount != 0 && drawn.Count < CurvesMax)
            {
                drawn.Add(curve);
                histograms.Add(curve.Histogram);
            }
        }

        PercentileChart chart = PercentileChart.For(histograms, Width, Height);
        double height = Height + 8 + (drawn.Count * LineHeight);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Percentiles of latency\">\n");
        svg.Append(Style);
        svg.Append("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n");
        chart.Grid(svg);
        for (int i = 0; i < drawn.Count; i++)
        {
            chart.Curve(svg, i, drawn[i].Histogram);
            double y = Height + (LineHeight * (i + 0.5));
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"c{i}\" d=\"M48 {y}H84\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"94\" y=\"{y + 4}\">{WebUtility.HtmlEncode(drawn[i].Tag)}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private const string Style = """
        <style>
        .paper { fill: #ffffff; } text { fill: #5a6472; font: 11px system-ui, sans-serif; }
        path { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; } .grid { stroke: #d5dae1; stroke-width: 1; }
        .c0 { stroke: #0b62c4; } .c1 { stroke: #c2410c; stroke-dasharray: 7 4; } .c2 { stroke: #15803d; stroke-dasharray: 2 4; }
        .c3 { stroke: #7e22ce; stroke-dasharray: 9 3 2 3; } .c4 { stroke: #a16207; stroke-dasharray: 14 4; } .c5 { stroke: #be185d; stroke-dasharray: 5 2; }
        @media (prefers-color-scheme: dark) {
          .paper { fill: #14171c; } text { fill: #a3adba; } .grid { stroke: #3a424d; }
          .c0 { stroke: #6cb2ff; } .c1 { stroke: #ff9d5c; } .c2 { stroke: #6ee7a0; } .c3 { stroke: #d0a2ff; } .c4 { stroke: #f5cf5b; } .c5 { stroke: #ff8fc0; } }
        </style>

        """;
}
