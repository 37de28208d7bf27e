using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Text;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Engine.Latency;

/// <summary>
/// Percentile curves as one page: inline SVG, no script, nothing fetched. Both axes are logarithmic: to the right each
/// step is ten times rarer, so that the one in ten thousand takes as much room as the half.
/// </summary>
internal static class LatencyPage
{
    private const double Width = 360;
    private const double Height = 230;

    /// <summary>The page.</summary>
    /// <param name="runs">At least one, each under a name of its own.</param>
    internal static string Html(IReadOnlyList<LatencyRun> runs)
    {
        StringBuilder page = new();
        page.Append(Head);
        page.Append("<h1>Latency by hop</h1>\n<ul class=\"legend\">\n");
        for (int i = 0; i < runs.Count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li><svg viewBox=\"0 0 36 10\" aria-hidden=\"true\"><path class=\"c{i}\" d=\"M1 5H35\"/></svg>")
                .Append(Text(runs[i].Name)).Append("</li>\n");
        }

        page.Append("</ul>\n<p>A point says: this share of the values (%) took at most this long. Right and up is rare and slow.</p>\n");
        List<HdrHistogram> all = [];
        foreach (LatencyRun run in runs)
        {
            foreach (MeasuredHop hop in run.Hops)
            {
                all.Add(hop.Histogram);
            }
        }

        PercentileChart chart = PercentileChart.For(all, Width, Height);
        page.Append("<div class=\"charts\">\n");
        foreach (string tag in Tags(runs))
        {
            Chart(page, runs, tag, chart);
        }

        page.Append("</div>\n");
        foreach (LatencyRun run in runs)
        {
            page.Append("<h2>").Append(Text(run.Name)).Append("</h2>\n");
            foreach (string note in run.Notes)
            {
                page.Append("<p>").Append(Text(note)).Append("</p>\n");
            }

            List<string[]> rows = [];
            foreach (MeasuredHop hop in run.Hops)
            {
                rows.Add(LatencyTable.Row(hop));
            }

            WriteTable(page, LatencyTable.Head("hop"), rows);
        }

        for (int i = 1; i < runs.Count; i++)
        {
            page.Append("<h2>").Append(Text(runs[i].Name)).Append(" against ").Append(Text(runs[0].Name)).Append("</h2>\n");
            page.Append("<p>Above 1 is slower than ").Append(Text(runs[0].Name)).Append(CultureInfo.InvariantCulture,
                $"; {LatencyTable.Unknown} where fewer than {LatencyRun.Beyond} values lie beyond the percentile in one of them.</p>\n");
            WriteTable(page, LatencyTable.RatioHead("times"), LatencyTable.Ratios(runs[i], runs[0]));
        }

        return page.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static List<string> Tags(IReadOnlyList<LatencyRun> runs)
    {
        // Whole messages first: the hops explain them.
        List<string> tags = [];
        foreach (LatencyRun run in runs)
        {
            foreach (MeasuredHop hop in run.Hops)
            {
                if (hop.Histogram.TotalCount != 0 && !tags.Contains(hop.Tag))
                {
                    tags.Add(hop.Tag);
                }
            }
        }

        tags.Sort((a, b) => Rank(a).CompareTo(Rank(b)));
        return tags;

        static int Rank(string tag) => Hops.Place(tag) is >= (int)Hop.MessageWithCommand and < Hops.Count and int place
            ? place - Hops.Count
            : Hops.Place(tag);
    }

    private static void Chart(StringBuilder page, IReadOnlyList<LatencyRun> runs, string tag, PercentileChart chart)
    {
        StringBuilder label = new(tag);
        StringBuilder curves = new();
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Find(tag) is { TotalCount: > 0 } histogram)
            {
                chart.Curve(curves, i, histogram);
                label.Append(
                    $"; {runs[i].Name}: median {LatencyTable.Time(histogram.ValueAtPercentile(50))}, "
                    + $"99 % {LatencyTable.Time(histogram.ValueAtPercentile(99))}, longest {LatencyTable.Time(histogram.Maximum)}");
            }
        }

        page.Append("<figure>\n<figcaption>").Append(Text(tag)).Append("</figcaption>\n");
        page.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"");
        page.Append(Text(label.ToString())).Append("\">\n");
        chart.Grid(page);
        page.Append(curves).Append("</svg>\n</figure>\n");
    }

    private static void WriteTable(StringBuilder page, string[] head, List<string[]> rows)
    {
        page.Append("<div class=\"wide\"><table>\n<tr>");
        foreach (string cell in head)
        {
            page.Append("<th>").Append(Text(cell)).Append("</th>");
        }

        page.Append("</tr>\n");
        foreach (string[] row in rows)
        {
            page.Append("<tr><th>").Append(Text(row[0])).Append("</th>");
            foreach (string cell in row.AsSpan(1))
            {
                page.Append("<td>").Append(Text(cell)).Append("</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Latency by hop</title>
        <style>
        :root { color-scheme: light dark; --paper: #ffffff; --card: #f6f7f9; --ink: #1c2127; --soft: #5a6472; --line: #d5dae1;
          --c0: #0b62c4; --c1: #c2410c; --c2: #15803d; --c3: #7e22ce; --c4: #a16207; --c5: #be185d; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14171c; --card: #1d2229; --ink: #e7ebf0; --soft: #a3adba; --line: #3a424d;
            --c0: #6cb2ff; --c1: #ff9d5c; --c2: #6ee7a0; --c3: #d0a2ff; --c4: #f5cf5b; --c5: #ff8fc0; } }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        main { max-width: 1180px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 22px; margin: 8px 0; }
        h2 { font-size: 17px; margin: 28px 0 8px; overflow-wrap: anywhere; }
        p { color: var(--soft); margin: 6px 0; overflow-wrap: anywhere; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0; padding: 0; }
        .legend li { overflow-wrap: anywhere; }
        .legend svg { width: 36px; height: 10px; margin-right: 8px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 12px; margin-top: 12px; }
        figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px; }
        figcaption { font-weight: 600; overflow-wrap: anywhere; }
        figure svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
        svg path { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); stroke-dasharray: 7 4; } .c2 { stroke: var(--c2); stroke-dasharray: 2 4; }
        .c3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; } .c4 { stroke: var(--c4); stroke-dasharray: 14 4; }
        .c5 { stroke: var(--c5); stroke-dasharray: 5 2; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
        th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); font-weight: 600; }
        @media (max-width: 600px) { th:first-child { max-width: 104px; white-space: normal; } th, td { padding: 4px 7px; } }
        </style>
        </head>
        <body>
        <main>

        """;
}
