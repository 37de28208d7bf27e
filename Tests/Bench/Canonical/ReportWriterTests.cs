using System.IO;
using System.Text.Json;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal.Reports;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Bench.Canonical;

public sealed class ReportWriterTests
{
    [Fact]
    public void The_json_is_valid_and_holds_what_was_measured()
    {
        using JsonDocument document = JsonDocument.Parse(ReportWriter.Json(Full()));
        JsonElement root = document.RootElement;
        Assert.Equal("2026-01-02T03:04:05Z", root.GetProperty("date").GetString());
        Assert.Equal(2_000_000, root.GetProperty("throughput")[1].GetProperty("eventsPerSecond").GetDouble());
        Assert.Equal(300, root.GetProperty("openLoop")[0].GetProperty("toCommand").GetProperty("p50").GetInt64());
        Assert.Equal("yes", root.GetProperty("judgements")[0].GetProperty("reached").GetString());
    }

    [Fact]
    public void A_report_without_parts_is_valid_too()
    {
        Report empty = Empty();
        using JsonDocument document = JsonDocument.Parse(ReportWriter.Json(empty));
        Assert.False(document.RootElement.TryGetProperty("service", out _));
        Assert.StartsWith("# Canonical workload", ReportWriter.Markdown(empty), System.StringComparison.Ordinal);
        Assert.Equal(
            ReportWriter.HistoryHead.Split(',').Length, ReportWriter.HistoryLine(empty).Split(',').Length);
    }

    [Fact]
    public void A_history_line_has_the_columns_of_its_head()
    {
        string[] names = ReportWriter.HistoryHead.Split(',');
        string[] values = ReportWriter.HistoryLine(Full()).Split(',');
        Assert.Equal(names.Length, values.Length);
        Assert.Equal("2000000", values[System.Array.IndexOf(names, "events_per_s_written")]);
        Assert.Equal("300", values[System.Array.IndexOf(names, "open_100k_p50_ns")]);
        Assert.Equal("test-cpu-2c", values[System.Array.IndexOf(names, "machine")]);
    }

    [Fact]
    public void The_history_has_one_head_and_a_line_for_each_run()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "history.csv");
        ReportWriter.AppendHistory(Empty(), path);
        ReportWriter.AppendHistory(Full(), path);
        Assert.Equal(
            [ReportWriter.HistoryHead, ReportWriter.HistoryLine(Empty()), ReportWriter.HistoryLine(Full())],
            File.ReadAllLines(path));
    }

    [Fact]
    public void Every_row_of_a_table_has_as_many_cells_as_its_head()
    {
        int cells = 0;
        int rows = 0;
        foreach (string line in ReportWriter.Markdown(Full()).Split('\n'))
        {
            if (!line.StartsWith('|'))
            {
                cells = 0;
                continue;
            }

            int found = line.Split('|').Length;
            Assert.True(cells == 0 || cells == found, line);
            cells = found;
            rows++;
        }

        Assert.True(rows > 12);
    }

    [Fact]
    public void Levels_are_judged_on_the_right_side_of_their_bounds()
    {
        Report report = Full();
        Assert.Equal("yes", Rate(2_000_000));
        Assert.Equal("no", Rate(1_999_999));
        Assert.Equal("aim", Rate(5_000_000));
        Assert.Equal("aim", Median(250));
        Assert.Equal("yes", Median(500));
        Assert.Equal("no", Median(501));

        string Rate(double rate) =>
            Reached(report with { Throughput = [report.Throughput[0] with { MessagesPerSecond = rate }] }, "live path from JSON bytes, journal on");

        string Median(long nanoseconds) => Reached(
            report with { Service = report.Service! with { ToCommand = report.Service.ToCommand with { P50 = nanoseconds } } },
            "closed loop, bytes to order bytes, p50");

        static string Reached(Report judged, string name) =>
            Assert.Single(Targets.Judge(judged), judgement => judgement.Name == name).Reached;
    }

    [Fact]
    public void Each_figure_of_the_list_is_judged_and_what_was_not_measured_is_not()
    {
        Assert.Empty(Targets.Judge(Empty()));
        Report all = Full() with
        {
            Speeds = [new Speed("backtest", 1, 1, 1, string.Empty), new Speed("journal read and verify", 1, 1, 1, string.Empty)],
            Wire = [new Speed(WireSpeeds.Trade, 1, 1, 1, string.Empty), new Speed(WireSpeeds.Delta, 1, 1, 1, string.Empty)],
            Ring = new RingTrips(150, 100, 1.5),
            PrivateBytes = 100_000_000,
        };
        Assert.Equal(14, Targets.Judge(all).Count);
    }

    [Fact]
    public void The_histogram_log_is_read_back()
    {
        using TemporaryFolder folder = new();
        HdrHistogram histogram = new(1_000_000, 3);
        histogram.RecordValue(1_234);
        ReportWriter.Save(
            Full(), [new NamedHistogram("service-to-command", histogram, 5_000_000, 9_000_000)], folder.Path, 1_000_000_000);
        string line = File.ReadAllLines(Path.Combine(folder.Path, "latencies.hlog"))[^1];
        Assert.StartsWith("Tag=service-to-command,0.005,0.004,", line, System.StringComparison.Ordinal);
        Assert.Null(HistogramLog.Decompress(System.Convert.FromBase64String(line.Split(',')[^1]), out HdrHistogram? read));
        Assert.Equal(1, read!.CountAtValue(1_234));
        Assert.True(File.Exists(Path.Combine(folder.Path, "report.json")));
        Assert.True(File.Exists(Path.Combine(folder.Path, "report.md")));
    }

    private static Report Empty() => new()
    {
        Version = "1.2.3",
        Date = "2026-01-02T03:04:05Z",
        Quick = false,
        Machine = new Machine("Test CPU", 2, "Linux", ".NET", 0),
        Workload = "Workload: none.",
        Disturbance = new Disturbance(null, null),
        Seconds = 1,
    };

    private static Report Full()
    {
        Disturbance quiet = new(0.01, 0);
        Percentiles some = new(10, 350.5, 300, 400, 500, 600, 700, 800);
        Latency latency = new("open-100000", 100_000, 100_000, 5, true, some, some, quiet);
        Report report = Empty() with
        {
            Noise = new NoiseFloor(22, some, 0.01, 350, some),
            Throughput = [new Throughput("bytes", "written", 1_500_000, 2_000_000, 1_000, 500, 9, 0, 0, quiet), new Throughput("events", "written", 2_000_000, 1_000_000, 1_000, 500, 9, 0, 0, quiet)],
            Speeds = [new Speed("replay", 5_000_000, 200, 9, "remark")],
            Service = latency with { OfferedPerSecond = 0 },
            OpenLoop = [latency],
            Remarks = ["something"],
            Profile = [new CostLine("part", 1.5, "event")],
        };
        return report with { Judgements = Targets.Judge(report) };
    }
}
