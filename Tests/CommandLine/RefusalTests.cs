using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Engine.Running;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// What a user gets wrong ends with the code for it and one line that names the thing, its value and what is allowed;
/// nothing is left behind.
/// </summary>
public sealed class RefusalTests : IDisposable
{
    private const string Csv =
        """
        lowlatency-csv,1
        instrument,BTCUSDT,linear,USDT,2,3,0.10,0.001,0.001,1000,100,1
        trade,2024-08-08T23:54:15.3Z,,BTCUSDT,61800.40,0.125,buy,1
        trade,2024-08-08T23:54:15.4Z,,BTCUSDT,61800.50,0.250,sell,2

        """;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("", "Required command was not provided")]
    [InlineData("trade", "'trade'")]
    [InlineData("run --fast", "'--fast'")]
    [InlineData("run --speed quick", "'quick'")]
    [InlineData("replay", "Required argument 'journal' missing")]
    public void A_wrong_command_line_shows_what_is_wrong_and_the_usage(string line, string said)
    {
        Finished finished = EngineProcess.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(said, finished.Error, StringComparison.Ordinal);
        Assert.Contains("Usage:", finished.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run --out OUT", 2, "--config is missing")]
    [InlineData("run --config GOOD", 2, "--out is missing")]
    [InlineData("run --config GOOD --out OUT --speed -1", 2, "--speed -1: allowed are 0")]
    [InlineData("run --config GOOD --out OUT --speed NaN", 2, "--speed NaN: allowed are 0")]
    [InlineData("run --config ABSENT --out OUT", 2, "absent.json: there is no such file")]
    [InlineData("run --config EMPTY --out OUT", 2, "empty.json")]
    [InlineData("run --config UNKNOWN --out OUT", 2, "instanse")]
    [InlineData("run --config RANGE --out OUT", 2, "ringSize")]
    [InlineData("run --config NOGENERATOR --out OUT", 2, "no generator section")]
    [InlineData("run --config NOJOURNAL --out OUT", 2, "durability: none")]
    [InlineData("run --config GOOD --data ABSENT --out OUT", 3, "absent.json: there is no such directory")]
    [InlineData("run --config GOOD --data FOLDER --out OUT", 3, "there is no journal")]
    [InlineData("backtest --config GOOD", 2, "--data is missing")]
    [InlineData("backtest --config GOOD --data ABSENT --out OUT", 3, "there is no such directory")]
    [InlineData("replay ABSENT --verify", 3, "there is no such directory")]
    [InlineData("journal verify FOLDER", 3, "there is no journal")]
    [InlineData("journal inspect FOLDER --kind Trades", 2, "--kind Trades: allowed are")]
    [InlineData("journal inspect FOLDER --instrument 65", 2, "--instrument 65: allowed are 1 to 64")]
    [InlineData("config UNKNOWN", 2, "instanse")]
    [InlineData("demo --out FOLDER", 2, "exists already; nothing is overwritten")]
    [InlineData("demo --out OUT --events 10", 2, "1,000 to 1,000,000,000 events")]
    [InlineData("demo --out OUT --seed -4", 2, "a seed from 0")]
    [InlineData("run --config GOOD --out OUT --latency-interval 0", 2, "--latency-interval 0: allowed are 0.1 to 3600 seconds")]
    [InlineData("latency ABSENT", 2, "absent.json: there is no such file or folder")]
    [InlineData("latency FOLDER", 3, "a folder without a latency log")]
    [InlineData("latency EMPTY", 3, "empty.json: holds no interval of a histogram log")]
    [InlineData("latency GARBAGE", 3, "garbage.csv line 1: an interval has four fields")]
    [InlineData("self-test --events 0", 2, "allowed are numbers from 1")]
    [InlineData("import EMPTY --out OUT", 3, "empty.json")]
    [InlineData("import ABSENT --out OUT", 3, "absent.json")]
    [InlineData("import CSV --out OUT --format excel", 2, "--format excel: allowed are")]
    [InlineData("import CSV", 2, "--out is missing")]
    [InlineData("import CUT --out OUT", 3, "cut.csv.gz")]
    [InlineData("import GARBAGE --out OUT", 3, "garbage.csv", "line 4", "price")]
    [InlineData("import CSV --out OUT --instrument tick=0.1", 3, "good.csv", "field instrument", "the file itself defines them")]
    [InlineData("import CSV --out OUT --instrument speed=1", 2, "--instrument speed=1")]
    [InlineData("import GAPS --out OUT", 3, "BTCUSDT: data is known to be missing in 1 places", "allowed are 0", "--allow-gaps")]
    [InlineData("import CSV TWIN --out OUT", 3, "twin.csv: the same bytes as", "good.csv", "allowed is each file once")]
    [InlineData("import BARS LATERBARS --out OUT", 3, "later.csv", "field start", "one after the other; it overlaps", "bars.csv")]
    [InlineData("import DAY OTHERDAY --out OUT", 3, "other", "minute trade 20131007 of SPY", "one file of it; it overlaps")]
    [InlineData("backtest --config NEGATIVE --data DATA --out OUT", 2, "venue.entryLatencyUs", "-1", "from 1 to 10000000")]
    [InlineData("backtest --config FEE --data DATA --out OUT", 2, "venue.takerFeePpm", "10001", "from -1000 to 10000")]
    [InlineData("backtest --config REBATE --data DATA --out OUT", 2, "venue.makerFeePpm", "-1001", "from -1000 to 10000")]
    [InlineData("backtest --config MEASURED --data DATA --out OUT", 2, "latency.csv", "line 3", "negative")]
    [InlineData("backtest --config OTHER --data DATA --out OUT", 3, "trades ETHUSDT", "allowed are the instruments of the data: BTCUSDT")]
    [InlineData("sweep SWEEP --out OUT", 2, "sweep.json", "parameters", "must be a list of 1 to 8 parameters")]
    [InlineData("sweep GRID --out OUT", 2, "grid.json", "points", "must be left out of a grid")]
    [InlineData("sweep NOPLACE --out OUT", 2, "strategies[9].parameters.fastBars")]
    [InlineData("run --config GOOD --out OUT --stop-strategy nobody", 2, "--stop-strategy", "must be \"NAME: reason\"")]
    [InlineData("run --config GOOD --out OUT --stop-strategy nobody:why", 2, "--stop-strategy: there is no strategy nobody; known here:")]
    [InlineData("run --config GOOD --out OUT --stop-strategy nobody:", 2, "--stop-strategy: the reason is blank")]
    [InlineData("run --config FALLING --out OUT", 2, "falling.csv", "line 3: sentAt 999 is before 1000")]
    [InlineData("run --config BERG --out OUT", 2, "execution.styles.berg.parameters.display", "must be at least the lot of what is worked in it, \"0.001\"")]
    [InlineData("run --config TERMINAL --out OUT", 2, "\\u001b[31mred", "\\u202e", "unknown key")]
    [InlineData("compare", 2, "two artifact directories, or --live")]
    [InlineData("compare --live ABSENT", 3, "absent.json: there is no such directory")]
    [InlineData("compare --live DATA", 3, "this is a data set, not a run")]
    [InlineData("compare FOLDER --live FOLDER", 2, "not with folder")]
    [InlineData("compare FOLDER FOLDER --csv OUT", 2, "out: --config, --json and --csv go with --live")]
    public void Bad_input_is_refused_by_name_and_leaves_nothing(string line, int code, params string[] said)
    {
        Finished finished = EngineProcess.Run(Arguments(line));
        Assert.True(code == finished.ExitCode, $"{finished.ExitCode}: {finished.Error}{finished.Output}");
        foreach (string part in said)
        {
            Assert.Contains(part, finished.Error, StringComparison.Ordinal);
        }

        Assert.StartsWith("error: ", finished.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(finished.Error, letter => letter != '\n' && (char.IsControl(letter) || letter == '\u202e'));
        string[] lines = finished.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length == (finished.Error.Contains("refused:", StringComparison.Ordinal) ? 2 : 1), finished.Error);
        Assert.False(Directory.Exists(Name("OUT")), "something was left behind");
        Assert.Empty(Directory.GetFileSystemEntries(Name("FOLDER")));
    }

    [Fact]
    public void A_refused_import_leaves_the_journal_that_was_there()
    {
        string data = Path.Combine(_folder.Path, "data");
        Finished first = EngineProcess.Run("import", Name("CSV"), "--out", data);
        Assert.True(first.ExitCode == 0, first.Error);
        string before = JournalIdentityOf(data);
        Finished again = EngineProcess.Run("import", Name("CSV"), "--out", data);
        Assert.Equal(4, again.ExitCode);
        Assert.Contains("there is a journal already; choose another directory", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, JournalIdentityOf(data));
        Assert.Equal(0, EngineProcess.Run("journal", "verify", data).ExitCode);

        // Half an import into a folder that was there leaves the folder as it was.
        string folder = Name("FOLDER");
        Assert.Equal(3, EngineProcess.Run("import", Name("GARBAGE"), "--out", folder).ExitCode);
        Assert.Empty(Directory.GetFiles(folder, "*.seg"));
        Assert.Equal(0, EngineProcess.Run("import", Name("CSV"), "--out", folder).ExitCode);
        Assert.Equal(before, JournalIdentityOf(folder));
    }

    [Fact]
    public void A_run_does_not_write_into_a_data_set_or_another_configurations_journal()
    {
        string data = Path.Combine(_folder.Path, "data");
        Assert.Equal(0, EngineProcess.Run("import", Name("CSV"), "--out", data).ExitCode);
        string before = JournalIdentityOf(data);
        Finished finished = EngineProcess.Run("run", "--config", Name("GOOD"), "--out", data);
        Assert.Equal(4, finished.ExitCode);
        Assert.Contains("this is a data set", finished.Error, StringComparison.Ordinal);
        Assert.Equal(before, JournalIdentityOf(data));

        Finished replay = EngineProcess.Run("replay", data, "--verify");
        Assert.Equal(3, replay.ExitCode);
        Assert.Contains("this is a data set, not a run", replay.Error, StringComparison.Ordinal);

        // A run that did not end cleanly belongs to its own configuration.
        string run = Path.Combine(_folder.Path, "run");
        string died = Path.Combine(_folder.Path, "died");
        GeneratedRuns.Die(GeneratedRuns.Configuration(500), run, died, 300);
        before = JournalIdentityOf(died);
        Finished other = EngineProcess.Run("run", "--config", Name("GOOD"), "--out", died);
        Assert.Equal(4, other.ExitCode);
        Assert.Contains("the journal was written by build", other.Error, StringComparison.Ordinal);
        Assert.Contains("--adopt", other.Error, StringComparison.Ordinal);
        Assert.Equal(before, JournalIdentityOf(died));

        // What ended cleanly carries over to another configuration; a market that has nothing for it is the wrong input.
        string ended = Path.Combine(_folder.Path, "ended");
        GeneratedRuns.Direct(GeneratedRuns.Configuration(500), ended);
        before = JournalIdentityOf(ended);
        Finished market = EngineProcess.Run("run", "--config", Name("GOOD"), "--out", ended);
        Assert.Equal(3, market.ExitCode);
        Assert.Contains("the market holds no event after the 500", market.Error, StringComparison.Ordinal);
        Assert.Equal(before, JournalIdentityOf(ended));
    }

    [Fact]
    public void Every_command_explains_itself()
    {
        Finished root = EngineProcess.Run("--help");
        Assert.Equal(0, root.ExitCode);
        Assert.Contains("Exit codes: 0 yes", root.Output, StringComparison.Ordinal);
        Dictionary<string, string[]> options = new()
        {
            ["demo"] = ["--out", "--seed", "--events"],
            ["import"] = ["--format", "--instrument", "--allow-gaps", "--out", "<files>"],
            ["run"] = ["--config", "--data", "--out", "--speed", "--json", "--latency", "--latency-interval"],
            ["backtest"] = ["--config", "--data", "--out", "--json"],
            ["compare"] = ["--live", "--config", "--json", "--csv"],
            ["replay"] = ["--verify", "--config", "<journal>"],
            ["journal"] = ["inspect", "verify", "stat"],
            ["config"] = ["<file>"],
            ["latency"] = ["<file>", "--html"],
            ["self-test"] = ["--events", "--warm-up", "--latency"],
        };
        foreach ((string command, string[] named) in options)
        {
            Assert.Contains("  " + command, root.Output, StringComparison.Ordinal);
            Finished help = EngineProcess.Run(command, "--help");
            Assert.Equal(0, help.ExitCode);
            Assert.Empty(help.Error);
            foreach (string name in named)
            {
                Assert.Contains(name, help.Output, StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string JournalIdentityOf(string folder) => LowLatency.Engine.Results.JournalIdentity.Of(folder);

    private string[] Arguments(string line)
    {
        string[] arguments = line.Split(' ');
        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].AsSpan().ContainsAnyExceptInRange('A', 'Z'))
            {
                arguments[i] = Name(arguments[i]);
            }
        }

        Directory.CreateDirectory(Name("FOLDER"));
        return arguments;
    }

    /// <summary>The path that a name in a test's line stands for; the file is made when it is asked for.</summary>
    private string Name(string name)
    {
        string At(string file) => Path.Combine(_folder.Path, file);

        string Text(string file, string content)
        {
            File.WriteAllText(At(file), content);
            return At(file);
        }

        string Minutes(string folder, string bars)
        {
            string path = At(folder + "/equity/usa/minute/spy/20131007_trade.zip");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using ZipArchive archive = new(File.Create(path), ZipArchiveMode.Create);
            using StreamWriter text = new(archive.CreateEntry("20131007_spy_minute_trade.csv").Open());
            text.Write(bars);
            return path;
        }

        string Changed(string file, Action<JsonNode> change)
        {
            JsonNode root = JsonNode.Parse(DemoConfiguration.Json())!;
            root["generator"]!["events"] = 500;
            root["venue"] ??= new JsonObject();
            change(root);
            return Text(file, root.ToJsonString());
        }

        switch (name)
        {
            case "OUT":
                return At("out");
            case "FOLDER":
                return Directory.CreateDirectory(At("folder")).FullName;
            case "ABSENT":
                return At("absent.json");
            case "EMPTY":
                return Text("empty.json", string.Empty);
            case "GOOD":
                return Changed("good.json", _ => { });
            case "UNKNOWN":
                return Changed("unknown.json", root => root["instanse"] = 1);
            case "SWEEP":
                return Text("sweep.json", """{ "configuration": "good.json", "parameters": 7 }""");
            case "GRID":
                Name("GOOD");
                return Text(
                    "grid.json",
                    """{ "configuration": "good.json", "points": 3, "parameters": [ { "path": "seed", "values": [1, 2] } ] }""");
            case "NOPLACE":
                Name("GOOD");
                return Text(
                    "noplace.json",
                    """{ "configuration": "good.json", "parameters": [ { "path": "strategies[9].parameters.fastBars", "values": [1] } ] }""");
            case "FALLING":
                Text("falling.csv", "sentAt,arrivedAt,answeredAt\n1000,2000,3000\n999,1500,3000\n");
                return Changed("falling.json", root => root["venue"]!["entryLatency"] = new JsonObject
                {
                    ["recorded"] = new JsonObject { ["file"] = "falling.csv" },
                });
            case "BERG":
                return Changed("berg.json", root => root["execution"] = new JsonObject
                {
                    ["styles"] = new JsonObject
                    {
                        ["berg"] = new JsonObject
                        {
                            ["kind"] = "iceberg",
                            ["parameters"] = new JsonObject { ["display"] = "0.0001" },
                        },
                    },
                });
            case "TERMINAL":
                return Changed("terminal.json", root => root["\u001b[31mred\u202e"] = "\u001b]0;title\u0007");
            case "RANGE":
                return Changed("range.json", root => root["session"]!["topology"]!["ringSize"] = 1000);
            case "NOGENERATOR":
                return Changed("no-generator.json", root => root.AsObject().Remove("generator"));
            case "NOJOURNAL":
                return Changed("no-journal.json", root => root["session"]!["journal"]!["durability"] = "none");
            case "CSV":
                return Text("good.csv", Csv);
            case "GARBAGE":
                return Text("garbage.csv", Csv.Replace("61800.50", "6x800.50", StringComparison.Ordinal));
            case "TWIN":
                return Text("twin.csv", Csv);
            case "GAPS":
                return Text("gaps.csv", Csv + "gap,2024-08-08T23:54:15.5Z,,BTCUSDT\n");
            case "DATA":
                if (!Directory.Exists(At("data")))
                {
                    Finished imported = EngineProcess.Run("import", Name("CSV"), "--out", At("data"));
                    Assert.True(imported.ExitCode == 0, imported.Error);
                }

                return At("data");
            case "NEGATIVE":
                return Changed("negative.json", root => root["venue"]!["entryLatencyUs"] = -1);
            case "FEE":
                return Changed("fee.json", root => root["venue"]!["takerFeePpm"] = 10_001);
            case "REBATE":
                return Changed("rebate.json", root => root["venue"]!["makerFeePpm"] = -1_001);
            case "MEASURED":
                Text("latency.csv", "sentAt,arrivedAt,answeredAt\n1000,2000,3000\n2000,1500,3000\n");
                return Changed("measured.json", root => root["venue"]!["entryLatency"] = new JsonObject
                {
                    ["recorded"] = new JsonObject { ["file"] = "latency.csv" },
                });
            case "OTHER":
                return Changed("other.json", root =>
                {
                    foreach (JsonNode? strategy in root["strategies"]!.AsArray())
                    {
                        strategy!["instruments"] = new JsonArray("ETHUSDT");
                    }
                });
            case "BARS":
                return Text("bars.csv", Csv + "bar,2024-08-08T23:56:00Z,,BTCUSDT,2024-08-08T23:55:00Z,60,61800.20,61800.40,61790.00,61800.40,12.5,40\n");
            case "LATERBARS":
                return Text("later.csv", Csv + "bar,2024-08-08T23:56:30Z,,BTCUSDT,2024-08-08T23:55:30Z,60,61800.20,61800.40,61790.00,61800.40,12.5,40\n");
            case "DAY":
                return Minutes("one", "34200000,2,3,1,2,5\n34260000,2,3,1,2,5\n");
            case "OTHERDAY":
                return Minutes("other", "34230000,2,3,1,2,5\n34320000,2,3,1,2,5\n");
            case "CUT":
                using (MemoryStream packed = new())
                {
                    using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
                    {
                        gzip.Write(Encoding.UTF8.GetBytes(Csv));
                    }

                    File.WriteAllBytes(At("cut.csv.gz"), packed.ToArray()[..^12]);
                }

                return At("cut.csv.gz");
            default:
                return name;
        }
    }
}
