using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Engine.Latency;
using LowLatency.Journal.Reports;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Latency;

/// <summary>Reading logs, their tables and their page.</summary>
public sealed class LatencyRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // The second implementation: all values in one list, sorted, the nearest rank taken.
    [Fact]
    public void The_table_says_what_the_sorted_values_of_all_intervals_say() =>
        PropertyCheck.Holds(
            ArbMap.Default.ArbFor<Tuple<NonEmptyArray<uint>, PositiveInt>>(),
            input =>
            {
                (NonEmptyArray<uint> raw, PositiveInt split) = input;
                List<long> sorted = [];
                List<(string, HdrHistogram)> intervals = [];
                foreach (uint value in raw.Get)
                {
                    // Below 2,048 three digits keep every value apart: the table is exact.
                    long kept = value % 2_000;
                    if (sorted.Count % (1 + (split.Get % 5)) == 0)
                    {
                        intervals.Add(("fold", new HdrHistogram(1_000_000, 3)));
                    }

                    intervals[^1].Item2.RecordValue(kept);
                    sorted.Add(kept);
                }

                sorted.Sort();
                LatencyRun run = LatencyRun.Load(Write("log.hlog", intervals));
                string[] row = LatencyTable.Row(Assert.Single(run.Hops));
                Assert.Equal("fold", row[0]);
                Assert.Equal(sorted.Count.ToString("N0", CultureInfo.InvariantCulture), row[1]);
                for (int i = 0; i < LatencyTable.Percentiles.Length; i++)
                {
                    // Per cent times a hundred is whole, so the rank is exact.
                    long share = (long)Math.Round(LatencyTable.Percentiles[i] * 100);
                    int rank = (int)Math.Max(((share * sorted.Count) + 9_999) / 10_000, 1);
                    Assert.Equal(LatencyTable.Time(sorted[rank - 1]), row[3 + i]);
                }

                Assert.Equal(LatencyTable.Time(sorted[^1]), row[^1]);

                return true;
            },
            runs: 100);

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999.4, "999 ns")]
    [InlineData(999.5, "1.00 us")]
    [InlineData(9_994, "9.99 us")]
    [InlineData(9_996, "10.0 us")]
    [InlineData(99_940, "99.9 us")]
    [InlineData(99_960, "100 us")]
    [InlineData(999_499, "999 us")]
    [InlineData(999_500, "1.00 ms")]
    [InlineData(1_500_000_000, "1.50 s")]
    [InlineData(60_000_000_000, "60.0 s")]
    public void A_time_has_three_digits_and_its_unit(double nanoseconds, string text) =>
        Assert.Equal(text, LatencyTable.Time(nanoseconds));

    [Fact]
    public void A_run_is_compared_hop_by_hop_and_accidents_are_left_open()
    {
        LatencyRun before = LatencyRun.Load(Write("a.hlog", [("fold", Steady(1_000, 100)), ("signal", Steady(1_000, 200))]));
        LatencyRun after = LatencyRun.Load(Write("b.hlog", [("fold", Steady(1_000, 150)), ("risk", Steady(1_000, 200))]));
        string[] row = Assert.Single(LatencyTable.Ratios(after, before));

        // 1,000 values leave 10 beyond p99 and 1 beyond p99.9.
        Assert.Equal(["fold", "1.50", "1.50", "1.50", "1.50", "-", "-", "1.50"], row);
        Assert.Equal(["risk"], LatencyTable.OnlyIn(after, before));
        Assert.Equal(["signal"], LatencyTable.OnlyIn(before, after));
        Assert.Equal("1.00", Assert.Single(LatencyTable.Ratios(before, before), r => r[0] == "fold")[2]);
    }

    [Fact]
    public void Hops_come_in_the_order_of_the_way_and_other_names_after_them()
    {
        List<(string, HdrHistogram)> intervals = [("zebra", Steady(1, 1)), ("apple", Steady(1, 1))];
        for (int i = Hops.Count - 1; i >= 0; i--)
        {
            intervals.Add((Hops.Tags[i], Steady(1, 1)));
        }

        LatencyRun run = LatencyRun.Load(Write("a.hlog", intervals));
        List<string> names = [];
        foreach (MeasuredHop hop in run.Hops)
        {
            names.Add(hop.Tag);
        }

        Assert.Equal([.. Hops.Tags, "apple", "zebra"], names);
    }

    [Fact]
    public void Intervals_of_other_layouts_are_put_together_without_losing_a_value()
    {
        HdrHistogram small = new(1_000, 2);
        small.RecordValue(900);
        HdrHistogram large = new(1_000_000_000, 4, 10);
        large.RecordValue(500_000_000);
        LatencyRun run = LatencyRun.Load(Write("a.hlog", [("x", small), ("x", large), ("x", small)]));
        HdrHistogram sum = Assert.Single(run.Hops).Histogram;
        Assert.Equal(3, sum.TotalCount);
        Assert.Equal(2, sum.CountAtValue(sum.LowestEquivalent(small.LowestEquivalent(900))));
        Assert.InRange(sum.Maximum, 500_000_000, 500_050_000);
    }

    [Fact]
    public void The_logs_of_a_folder_are_one_run_and_others_are_refused_with_the_place()
    {
        Write("latency-000001.hlog", [("fold", Steady(10, 5))]);
        Write("latency-000002.hlog", [("fold", Steady(20, 5))]);
        Assert.Equal(30, Assert.Single(LatencyRun.Load(_folder.Path).Hops).Histogram.TotalCount);

        Refused(Path.Combine(_folder.Path, "latency-000002.hlog"), "line 3: ", text => text.Insert(text.Length - 20, "!"));
        Refused(Write("empty.hlog", []), "holds no interval", text => text);
        List<(string, HdrHistogram)> many = [];
        for (int i = 0; i <= LatencyRun.TagsMax; i++)
        {
            many.Add(("t" + i, Steady(1, 1)));
        }

        Refused(Write("many.hlog", many), "line 67: more than 64 different tags", text => text);
        HdrHistogram huge = new(long.MaxValue, 5);
        many = [];
        for (int i = 0; i < 12; i++)
        {
            many.Add(("t" + i, huge));
        }

        Refused(Write("huge.hlog", many), "take more than 512 MB", text => text);
        HdrHistogram full = new(1_000, 1);
        full.RecordValue(1, long.MaxValue);
        Refused(Write("full.hlog", [("t", full), ("t", full)]), "more values than a histogram can count", text => text);
        string none = Directory.CreateDirectory(Path.Combine(_folder.Path, "none")).FullName;
        Assert.Contains(
            "without a latency log", Assert.Throws<InvalidDataException>(() => LatencyRun.Load(none)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_its_writer_could_not_finish_is_read_as_far_as_it_goes()
    {
        string path = Write("a.hlog", [("fold", Steady(10, 5)), ("fold", Steady(7, 5))]);
        string text = File.ReadAllText(path);
        File.WriteAllText(path, text[..^9]);
        LatencyRun run = LatencyRun.Load(path);
        Assert.Equal(10, Assert.Single(run.Hops).Histogram.TotalCount);
        Assert.Contains(run.Notes, note => note.Contains("ends inside line 4", StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_is_well_formed_and_shows_every_hop_of_every_run_and_nothing_as_markup()
    {
        LatencyRun first = LatencyRun.Load(Write("a.hlog", [("fold", Steady(100_000, 150)), ("gate", Steady(1, 9))]));
        LatencyRun second = LatencyRun.Load(Write("b.hlog", [("fold", Steady(3, 1_000_000)), ("<b>", Steady(5, 5))]));
        second = second with { Name = "<script>alert(1)</script>" };
        string html = LatencyPage.Html([first, second]);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        XDocument page = XDocument.Parse(html[html.IndexOf("<body>", StringComparison.Ordinal)..html.IndexOf("</html>", StringComparison.Ordinal)]);
        Dictionary<string, int> curves = [];
        foreach (XElement figure in page.Descendants("figure"))
        {
            int count = 0;
            foreach (XElement path in figure.Descendants("path"))
            {
                count += (string?)path.Attribute("class") == "grid" ? 0 : 1;
            }

            curves.Add(figure.Element("figcaption")!.Value, count);
        }

        Assert.Equal(new Dictionary<string, int> { ["fold"] = 2, ["gate"] = 1, ["<b>"] = 1 }, curves);
    }

    [Fact]
    public void A_curve_lies_where_the_percentiles_say()
    {
        HdrHistogram histogram = new(1_000_000, 3);
        histogram.RecordValue(100, 999);
        histogram.RecordValue(10_000, 1);
        string html = LatencyPage.Html([new LatencyRun("one", [new MeasuredHop("fold", histogram)], 1, [])]);

        // Across: 1,000 values are three decades of 24 steps from 48 to 348; up: three powers of ten from 204 to 10. The
        // longest is 10,007 ns with three digits, so the last point lies 194 x 2.0003 / 3 above the lowest line.
        Assert.Contains("<path class=\"c0\" d=\"M48.0 204.0L52.2 204.0L", html, StringComparison.Ordinal);
        Assert.Contains("L343.8 204.0L348.0 74.6h0.1\"/>", html, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static HdrHistogram Steady(long count, long value)
    {
        HdrHistogram histogram = new(IntervalRecorder.Highest, 3);
        histogram.RecordValue(value, count);
        return histogram;
    }

    private static void Refused(string path, string why, Func<string, string> damage)
    {
        File.WriteAllText(path, damage(File.ReadAllText(path)));
        string message = Assert.Throws<InvalidDataException>(() => LatencyRun.Load(path)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
    }

    private string Write(string name, List<(string Tag, HdrHistogram Histogram)> intervals)
    {
        string path = Path.Combine(_folder.Path, name);
        using StreamWriter text = new(path);
        HistogramLogWriter log = new(text);
        log.WriteVersion();
        log.WriteLegend();
        long start = 0;
        foreach ((string tag, HdrHistogram histogram) in intervals)
        {
            log.WriteInterval(histogram, start, start + 1_000_000_000, tag);
            start += 1_000_000_000;
        }

        return path;
    }
}
