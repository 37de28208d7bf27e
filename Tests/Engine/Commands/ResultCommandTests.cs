using System;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Engine;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Sweeps;
using LowLatency.Tests.Engine.Results;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Commands;

/// <summary>The commands that tell, compare, check and sweep, as their users call them.</summary>
public sealed class ResultCommandTests(RecordedBacktest recorded) : IClassFixture<RecordedBacktest>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_is_reported_kept_and_compared()
    {
        string page = In("page.html");
        string one = In("one");
        Assert.Equal(ExitCode.Success, Run(
            "report", recorded.Journal, "-o", page, "--csv", In("csv"), "--json", In("r.json"), "--artifact", one));
        Assert.Contains("SYNTHETIC", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal(5, Directory.GetFiles(In("csv")).Length);
        Assert.Equal(ExitCode.Usage, Run("report", recorded.Journal, "-o", page, "--artifact", one));
        Assert.Equal(ExitCode.Success, Run("report", recorded.Journal, "-o", page, "--artifact", In("two")));
        Assert.Equal(ExitCode.Success, Run("compare", one, In("two")));

        // A backtest of the run came to the same, and is another command on other data.
        Assert.Equal(ExitCode.Success, Run("backtest", "-d", recorded.Journal, "--artifact", In("three")));
        Assert.Equal(ExitCode.Success, Run("compare", one, In("three")));
        Assert.Equal(ExitCode.Success, Run("check", "artifact", one));
        File.AppendAllText(Path.Combine(one, ReportFiles.Page), " ");
        Assert.Equal(ExitCode.Input, Run("check", "artifact", one));
        Assert.Equal(ExitCode.Input, Run("compare", one, In("two")));
        Assert.Equal(ExitCode.Input, Run("compare", In("nothing"), In("two")));
    }

    [Fact]
    public void Another_configuration_compares_as_different()
    {
        JsonNode root = JsonNode.Parse(recorded.Configuration.ToCanonicalJson())!;
        root["strategies"]![2]!["parameters"]!["halfSpreadTicks"] = 9;
        File.WriteAllText(In("c.json"), root.ToJsonString());
        Assert.Equal(ExitCode.Success, Run("backtest", "-d", recorded.Journal, "--artifact", In("one")));
        Assert.Equal(ExitCode.Success, Run("backtest", "-c", In("c.json"), "-d", recorded.Journal, "--artifact", In("two")));
        Assert.Equal(ExitCode.No, Run("compare", In("one"), In("two")));
    }

    [Fact]
    public void Checks_end_with_their_answer_and_refuse_what_cannot_be_meant()
    {
        Assert.Equal(ExitCode.Success, Run("check", "lookahead", "-d", recorded.Journal, "--cuts", "2"));
        Assert.Equal(ExitCode.Usage, Run("check", "lookahead", "-d", recorded.Journal, "--cuts", "0"));
        Assert.Equal(ExitCode.Usage, Run("check", "lookahead", "--cuts", "2"));
        Assert.Equal(ExitCode.Usage, Run("check", "warmup", "-d", recorded.Journal, "--skip", "76"));
        Assert.Equal(ExitCode.Input, Run("check", "lookahead", "-d", In("nothing")));
    }

    [Fact]
    public void A_sweep_leaves_its_table_and_goes_on_where_it_was()
    {
        JsonNode root = JsonNode.Parse(recorded.Configuration.ToCanonicalJson())!;
        root["generator"]!["events"] = 1_000;
        File.WriteAllText(In("c.json"), root.ToJsonString());
        File.WriteAllText(
            In("s.json"),
            """{ "configuration": "c.json", "parameters": [ { "path": "strategies[2].parameters.halfSpreadTicks", "values": [3, 6] } ] }""");
        Assert.Equal(ExitCode.Success, Run("sweep", In("s.json"), "-o", In("out")));
        Assert.Equal(3, File.ReadAllLines(Path.Combine(In("out"), "sweep.csv")).Length);
        string[] runs = File.ReadAllLines(Path.Combine(In("out"), SweepLog.Name));
        Assert.Equal(ExitCode.Success, Run("sweep", In("s.json"), "-o", In("out")));
        Assert.Equal(runs, File.ReadAllLines(Path.Combine(In("out"), SweepLog.Name)));
        Assert.Equal(2, runs.Distinct().Count());
        File.WriteAllText(In("e.json"), File.ReadAllText(In("s.json")).Replace("{ \"conf", "{ \"currency\": \"EUR\", \"conf", StringComparison.Ordinal));
        Assert.Equal(ExitCode.No, Run("sweep", In("e.json"), "-o", In("nothing-judged")));
        Assert.Equal(ExitCode.Usage, Run("sweep", In("s.json")));
        Assert.Equal(ExitCode.Usage, Run("sweep", In("s.json"), "-o", In("out"), "--threads", "0"));
        Assert.Equal(ExitCode.Usage, Run("sweep", In("none.json"), "-o", In("out")));
    }

    private string In(string name) => Path.Combine(_folder.Path, name);

    private static int Run(params string[] arguments) => Program.Build().Parse(arguments).Invoke();
}
