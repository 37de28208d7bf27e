using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using LowLatency.Engine.Sweeps;
using LowLatency.Gateways.Generator;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Sweeps;

public sealed class SweepTests : IDisposable
{
    private const string Spread = "strategies[2].parameters.halfSpreadTicks";
    private const string Fast = "strategies[0].parameters.fastBars";

    private readonly TemporaryFolder _folder = new();
    private readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(4_000);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_grid_has_every_combination_once_in_order()
    {
        SweepPlan plan = Plan(Grid());
        Assert.Equal(["0,0", "0,1", "1,0", "1,1", "2,0", "2,1"], plan.Points.Select(point => string.Join(',', point)));
        Assert.Equal(["2", "5", "8"], plan.Axes[1 - 1].Values);
    }

    [Fact]
    public void Random_points_are_different_and_the_same_for_the_same_seed()
    {
        string[] Points(int seed)
        {
            JsonNode sweep = Grid();
            sweep["search"] = "random";
            sweep["points"] = 5;
            sweep["seed"] = seed;
            return [.. Plan(sweep).Points.Select(point => string.Join(',', point))];
        }

        Assert.Equal(Points(7), Points(7));
        Assert.NotEqual(Points(7), Points(8));
        Assert.Equal(5, Points(7).Distinct().Count());
    }

    [Theory]
    [InlineData("""{ "parametres": [] }""", "did you mean parameters")]
    [InlineData("""{ "configuration": "c.json", "parameters": [] }""", "parameters")]
    [InlineData("""{ "configuration": "c.json", "objective": "luck", "parameters": [ { "path": "seed", "values": [1] } ] }""", "luck")]
    [InlineData("""{ "configuration": "c.json", "parameters": [ { "path": "seed", "values": [1, 1] } ] }""", "twice")]
    [InlineData("""{ "configuration": "c.json", "parameters": [ { "path": "seed", "from": 3, "to": 1, "step": 1 } ] }""", "from 3 to 1")]
    [InlineData("""{ "configuration": "c.json", "parameters": [ { "path": "seed", "from": 0, "to": 9000000, "step": 1 } ] }""", "at most 100000")]
    [InlineData("""{ "configuration": "c.json", "search": "random", "points": 3, "parameters": [ { "path": "seed", "values": [1, 2] } ] }""", "points")]
    [InlineData("""{ "configuration": "c.json", "search": "luck", "parameters": [ { "path": "seed", "values": [1] } ] }""", "luck")]
    [InlineData("""{ "configuration": "c.json", "parameters": [ { "path": "seed", "values": [1] } ], "walkForward": { "trainSeconds": 0, "testSeconds": 5 } }""", "walkForward")]
    [InlineData("""{ "parameters": [ { "path": "seed", "values": [1] } ] }""", "configuration: is missing")]
    [InlineData("""{ "seed": 1, "seed": 2 }""", "JSON")]
    [InlineData("[]", "object")]
    public void A_sweep_file_that_cannot_be_meant_is_refused(string text, string says)
    {
        string path = Path.Combine(_folder.Path, "bad.json");
        File.WriteAllText(path, text);
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => SweepPlan.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_the_configuration_does_not_have_is_refused()
    {
        JsonNode sweep = Grid();
        sweep["parameters"]![0]!["path"] = "strategies[9].parameters.fastBars";
        Assert.Throws<InvalidDataException>(() => new SweepRun(Plan(sweep), _configuration, 1));
        sweep["parameters"]![0]!["path"] = "strategies";
        Assert.Throws<InvalidDataException>(() => new SweepRun(Plan(sweep), _configuration, 1));
    }

    [Fact]
    public void Threads_and_a_kill_in_the_middle_change_nothing()
    {
        (string[] one, int executed) = Run(Grid(), "one", threads: 1);
        Assert.Equal(6, executed);
        (string[] three, _) = Run(Grid(), "three", threads: 3);
        Assert.Equal(one, three);

        // What a kill leaves: some finished runs, in any order, and a line that is cut.
        string log = Path.Combine(_folder.Path, "three", SweepLog.Name);
        string[] lines = File.ReadAllLines(log);
        Assert.Equal(6, lines.Length);
        File.WriteAllText(log, lines[4] + "\n" + lines[1] + "\n" + lines[2][..(lines[2].Length / 2)]);
        (string[] again, executed) = Run(Grid(), "three", threads: 2);
        Assert.Equal(one, again);
        Assert.Equal(4, executed);
        (_, executed) = Run(Grid(), "three", threads: 2);
        Assert.Equal(0, executed);
    }

    [Fact]
    public void A_point_is_what_a_backtest_of_its_configuration_is()
    {
        Run(Grid(), "one", threads: 2);
        string[] header = Csv("one")[0].Split(',');
        string[] row = Csv("one")[1 + 3].Split(',');
        Assert.Equal("p3", row[0]);
        Assert.Equal(("5", "6"), (row[Array.IndexOf(header, Fast)], row[Array.IndexOf(header, Spread)]));
        EngineConfiguration direct = GeneratedRuns.Configuration(
            4_000,
            root =>
            {
                root["strategies"]![0]!["parameters"]!["fastBars"] = 5;
                root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 6;
            });
        RunReport report = Simulation.Report(direct, new MarketGenerator(direct.Generator!));
        Assert.Equal(report.Result.DecisionDigest.ToString(), row[Array.IndexOf(header, "decision_digest")]);
        Assert.Equal(report.Figures.Currencies[0].Figures["profit_money"].Text, row[Array.IndexOf(header, "profit_money")]);
        Assert.True(report.Result.NewOrders > 10, "nothing was traded");

        // Slow is 8: a fast average of 8 cannot be, and its points say so instead of ending the sweep.
        Assert.All(Csv("one")[5..7], refused => Assert.Contains("fastBars", refused, StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_of_another_sweep_or_of_something_else_is_refused()
    {
        Run(Grid(), "one", threads: 1);
        JsonNode other = Grid();
        other["parameters"]![1]!["values"] = new JsonArray(3, 7);
        Assert.Contains("another one", Assert.Throws<InvalidDataException>(() => Run(other, "one", 1)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "used"));
        File.WriteAllText(Path.Combine(_folder.Path, "used", "notes.txt"), "x");
        Assert.Throws<InvalidDataException>(() => Run(Grid(), "used", 1));
        string log = Path.Combine(_folder.Path, "one", SweepLog.Name);
        File.WriteAllText(log, "{}\n");
        Assert.Throws<InvalidDataException>(() => Run(Grid(), "one", 1));
    }

    [Fact]
    public void Walking_forward_tests_what_was_best_in_training_on_what_comes_after()
    {
        JsonNode sweep = Grid();
        sweep["walkForward"] = new JsonObject { ["trainSeconds"] = 6, ["testSeconds"] = 4 };
        Run(sweep, "walk", threads: 2);
        string[][] rows = [.. Csv("walk").Skip(1).Select(line => line.Split(','))];
        string[] header = Csv("walk")[0].Split(',');
        int objective = Array.IndexOf(header, "profit_money");
        List<LowLatency.Core.Events.Event> market = Checks.RecordedEvents.Of(_configuration);
        long first = market[0].ReceivedAt;
        long windows = ((market[^1].ReceivedAt - first + 1) / 1_000_000_000 - 6) / 4;
        Assert.True(windows >= 2, "too few windows to show anything");
        string[][] tests = [.. rows.Where(row => row[3] == "test")];
        Assert.Equal(windows, tests.Length);
        Assert.Equal(rows.Length, (windows * 6) + windows);
        for (int w = 0; w < windows; w++)
        {
            string[][] training = [.. rows.Where(row => row[3] == "train" && row[2] == w.ToString(CultureInfo.InvariantCulture) && row[objective].Length != 0)];
            string best = training.OrderByDescending(row => decimal.Parse(row[objective], CultureInfo.InvariantCulture))
                .ThenBy(row => int.Parse(row[1], CultureInfo.InvariantCulture)).First()[1];
            Assert.Equal(best, tests[w][1]);
            long from = first + (w * 4_000_000_000L);
            Assert.Equal((from + 6_000_000_000L).ToString(CultureInfo.InvariantCulture), tests[w][4]);
            Assert.Equal((from + 10_000_000_000L).ToString(CultureInfo.InvariantCulture), tests[w][5]);
            Assert.All(training, row => Assert.Equal(from.ToString(CultureInfo.InvariantCulture), row[4]));
        }
    }

    [Fact]
    public void A_market_that_is_shorter_than_a_window_is_refused()
    {
        JsonNode sweep = Grid();
        sweep["walkForward"] = new JsonObject { ["trainSeconds"] = 86_400, ["testSeconds"] = 4 };
        Assert.Contains("less than one window", Assert.Throws<InvalidDataException>(() => Run(sweep, "walk", 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_a_sweep_says_that_the_best_was_chosen_and_that_the_market_was_generated()
    {
        Run(Grid(), "one", threads: 1);
        string page = File.ReadAllText(Path.Combine(_folder.Path, "one", "sweep.html"));
        Assert.Contains("\"kind\":\"sweep\"", page, StringComparison.Ordinal);
        Assert.Contains("The best of 6 points", page, StringComparison.Ordinal);
        Assert.Contains("SYNTHETIC", page, StringComparison.Ordinal);

        // What the heat map is drawn of: a value for each pair of parameters.
        foreach (int fast in (int[])[2, 5, 8])
        {
            foreach (int spread in (int[])[3, 6])
            {
                Assert.Contains($"\"at\":[\"{fast}\",\"{spread}\"],\"value\":", page, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(0, 4, "sweep [........................................] 0 of 4 runs")]
    [InlineData(1, 4, "sweep [##########..............................] 1 of 4 runs")]
    [InlineData(4, 4, "sweep [########################################] 4 of 4 runs")]
    [InlineData(0, 0, "sweep [########################################] 0 of 0 runs")]
    public void The_bar_fills(int done, int total, string bar) => Assert.Equal(bar, SweepCommand.Bar(done, total));

    private static JsonObject Grid() => new()
    {
        ["configuration"] = "c.json",
        ["parameters"] = new JsonArray(
            new JsonObject { ["path"] = Fast, ["from"] = 2, ["to"] = 8, ["step"] = 3 },
            new JsonObject { ["path"] = Spread, ["values"] = new JsonArray(3, 6) }),
    };

    private SweepPlan Plan(JsonNode sweep)
    {
        string path = Path.Combine(_folder.Path, "sweep.json");
        File.WriteAllText(path, sweep.ToJsonString());
        return SweepPlan.Read(path);
    }

    private (string[] Files, int Executed) Run(JsonNode sweep, string name, int threads)
    {
        SweepRun run = new(Plan(sweep), _configuration, threads);
        string directory = Path.Combine(_folder.Path, name);
        string identity = run.Identity();
        using SweepLog log = SweepLog.Open(directory, identity);
        IReadOnlyList<ReportFile> files = SweepTable.Files(run, run.Run(log), identity);
        ReportFiles.Write(directory, files);
        return ([.. files.Select(file => Convert.ToHexString(file.Content.Span))], run.Executed);
    }

    private string[] Csv(string name) => File.ReadAllLines(Path.Combine(_folder.Path, name, "sweep.csv"));
}
