using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Tests.CommandLine;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>Six minutes of two futures, imported and merged once, and traded once; absent data stays absent.</summary>
public sealed class RecordedFutures : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private string? _data;
    private RunResult? _result;

    internal string Run => Path.Combine(_folder.Path, "run");

    internal string Data()
    {
        string btc = Repository.RecordedData("data/hftbacktest/examples/usdm/btcusdt_20240808.gz");
        string eth = Repository.RecordedData("data/hftbacktest/examples/usdm/ethusdt_20240808.gz");
        if (_data is null)
        {
            string data = Path.Combine(_folder.Path, "data");
            RecordedDataTests.Import(data, btc, eth);
            _data = data;
        }

        return _data;
    }

    internal RunResult Traded()
    {
        using JournalReader reader = RecordedRun.Open(Data());
        return _result ??= GeneratedRuns.Live(
            RecordedDataTests.Example("btc-eth.json"), new SessionInputs(reader, KeepInputs.MarketOnly), Run);
    }

    public void Dispose() => _folder.Dispose();
}

/// <summary>
/// Import, run, replay and backtest on recorded markets. The twins on generated markets are TopologyTests, ReplayTests and
/// BacktestIdentityTests, and never skip.
/// </summary>
public sealed class RecordedDataTests(RecordedFutures futures) : IClassFixture<RecordedFutures>
{
    [Theory]
    [InlineData("BTCUSDT", "btcusdt")]
    [InlineData("ETHUSDT", "ethusdt")]
    public void The_merged_import_rebuilds_each_golden_book(string symbol, string file)
    {
        JsonElement golden = Golden("binance_usdm", file);
        InstrumentMarket market = Final(futures.Data(), symbol);
        AssertBook(golden, market);
        Assert.Equal(golden.GetProperty("levels")[0].GetInt32(), market.Book.BidCount);
        Assert.Equal(golden.GetProperty("levels")[1].GetInt32(), market.Book.AskCount);
    }

    [Fact]
    public void Three_strategies_trade_two_futures_and_run_replay_and_backtests_agree()
    {
        RunResult run = futures.Traded();
        GeneratedRuns.AssertEnoughHappened(run);
        Assert.True(run.Strategies.Count >= 3, "a strategy did not trade");
        Assert.False(run.Counts.IsSynthetic);
        ReplayReport replay = Replay.Run(futures.Run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.True(replay.Checkpoints > 2 && replay.StateCheckpoints == 1, $"{replay.Checkpoints} checkpoints");
        Assert.Equal(run.StateDigest, replay.State);
        Assert.Equal(run.DecisionDigest, replay.Rolling);

        using TemporaryFolder folder = new();
        string repeated = Path.Combine(folder.Path, "repeated");
        BacktestIdentityTests.AssertIdentity(futures.Run, run, repeated);

        // The data set itself gives the same again: the run added nothing to the market.
        RunResult direct = BacktestCommand.Simulate(Example("btc-eth.json"), futures.Data(), null, out _);
        Assert.Equal(run.DecisionDigest, direct.DecisionDigest);
        Assert.Equal(run.StateDigest, direct.StateDigest);
        GeneratedRuns.AssertSound(futures.Run);
    }

    [Fact]
    public void An_archive_of_bybit_books_is_imported_to_the_golden_book_and_backtested()
    {
        string archive = Repository.RecordedData("data/nautilus/tests/test_data/bybit/xrpusdt-ob500.data.zip");
        using TemporaryFolder folder = new();
        string data = Path.Combine(folder.Path, "data");
        Import(data, archive);
        using JsonDocument goldens = Goldens();
        AssertBook(goldens.RootElement.GetProperty("bybit_ob500"), Final(data, "XRPUSDT"));

        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "btc-eth.json")))!;
        JsonNode maker = root["strategies"]![2]!.DeepClone();
        maker["weight"] = "1";
        maker["instruments"] = new JsonArray("XRPUSDT");
        maker["parameters"]!["quantity"] = "10";
        maker["parameters"]!["maxInventory"] = "50";
        root["strategies"] = new JsonArray(maker);
        root["risk"]!["maxOrderQuantity"] = "100";
        root["risk"]!["maxPosition"] = "1000";
        root["risk"]!.AsObject().Remove("instruments");
        string journal = Path.Combine(folder.Path, "backtest");
        RunResult result = BacktestCommand.Simulate(GeneratedRuns.Read(Written(root)), data, journal, out _);
        Assert.True(GeneratedRuns.CommandsOf(result) > 0, "nothing was quoted");
        Assert.Null(Replay.Run(journal, null, verify: true).Difference);
        BacktestIdentityTests.AssertIdentity(journal, result, Path.Combine(folder.Path, "again"));
    }

    [Fact]
    public void A_week_of_share_minutes_trades_and_replays()
    {
        string[] days = new string[5];
        for (int i = 0; i < days.Length; i++)
        {
            days[i] = Repository.RecordedData($"data/lean/Data/equity/usa/minute/spy/201310{7 + i:00}_trade.zip");
        }

        using TemporaryFolder folder = new();
        string data = Path.Combine(folder.Path, "data");
        Import(data, days);
        AssertRunsAndRepeats(folder.Path, data);
    }

    [Fact]
    public void A_day_of_share_prints_is_kept_print_by_print_and_trades_and_replays()
    {
        string day = Repository.RecordedData("data/lean/Data/equity/usa/tick/spy/20131007_trade.zip");
        using TemporaryFolder folder = new();
        string data = Path.Combine(folder.Path, "data");
        Import(data, day);
        List<(long Price, long Size)> raw = Raw(day);
        int at = 0;
        foreach (Event e in BacktestIdentityTests.Events(data))
        {
            if (e.Kind == EventKind.Trade)
            {
                Assert.Equal(raw[at], (e.Trade.Price, e.Trade.Quantity));
                at++;
            }
        }

        Assert.Equal(raw.Count, at);
        AssertRunsAndRepeats(folder.Path, data);
    }

    internal static void Import(string data, params string[] files)
    {
        Finished finished = EngineProcess.Run(["import", .. files, "--out", data]);
        Assert.True(finished.ExitCode == 0, finished.Error);
    }

    /// <summary>An example, its journal written rather than flushed: what decides is the same, and the disk is not the test.</summary>
    internal static EngineConfiguration Example(string name) => GeneratedRuns.Read(
        Written(JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", name)))!));

    private static JsonNode Written(JsonNode root)
    {
        root["session"] = new JsonObject { ["journal"] = new JsonObject { ["durability"] = "written", ["segmentMiB"] = 16 } };
        return root;
    }

    private static void AssertRunsAndRepeats(string folder, string data)
    {
        EngineConfiguration configuration = Example("spy.json");
        string run = Path.Combine(folder, "run");
        RunResult result;
        using (JournalReader reader = RecordedRun.Open(data))
        {
            result = GeneratedRuns.Live(configuration, new SessionInputs(reader, KeepInputs.MarketOnly), run);
        }

        Assert.True(GeneratedRuns.CommandsOf(result) > 0, "nothing was traded");
        Assert.True(GeneratedRuns.Count(result, EventKind.Execution) > 0, "nothing was filled");
        ReplayReport replay = Replay.Run(run, null, verify: true);
        Assert.Null(replay.Difference);
        Assert.Equal(result.StateDigest, replay.State);
        BacktestIdentityTests.AssertIdentity(run, result, Path.Combine(folder, "again"));
    }

    private static InstrumentMarket Final(string data, string symbol)
    {
        MarketView view = new([], 0);
        foreach (Event e in BacktestIdentityTests.Events(data))
        {
            view.Apply(e);
        }

        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (view.TryGet(new InstrumentId(i), out InstrumentMarket? market) && market.Symbol.ToString() == symbol)
            {
                return market;
            }
        }

        throw new InvalidOperationException("no instrument " + symbol);
    }

    private static void AssertBook(JsonElement golden, InstrumentMarket market)
    {
        Book book = market.Book;
        Assert.True(book.IsReady);
        Assert.Equal(Units(golden, "final_bid", 0, market.Definition.PriceExponent), book.BestBidPrice);
        Assert.Equal(Units(golden, "final_bid", 1, market.Definition.QuantityExponent), book.BestBidQuantity);
        Assert.Equal(Units(golden, "final_ask", 0, market.Definition.PriceExponent), book.BestAskPrice);
        Assert.Equal(Units(golden, "final_ask", 1, market.Definition.QuantityExponent), book.BestAskQuantity);
    }

    private static long Units(JsonElement golden, string name, int index, int exponent) => (long)(
        decimal.Parse(golden.GetProperty(name)[index].GetString()!, System.Globalization.CultureInfo.InvariantCulture)
        * (decimal)Math.Pow(10, exponent));

    private static JsonDocument Goldens() =>
        JsonDocument.Parse(File.ReadAllBytes(Repository.RecordedData("data/goldens/books_give.json")));

    private static JsonElement Golden(string set, string file)
    {
        using JsonDocument goldens = Goldens();
        foreach (JsonElement element in goldens.RootElement.GetProperty(set).EnumerateArray())
        {
            if (element.GetProperty("file").GetString()!.Contains("usdm/" + file, StringComparison.Ordinal))
            {
                return element.Clone();
            }
        }

        throw new InvalidOperationException("no golden for " + file);
    }

    /// <summary>Price (1/10,000) and size of each print, straight from the archive.</summary>
    private static List<(long Price, long Size)> Raw(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        using StreamReader lines = new(archive.Entries[0].Open());
        List<(long, long)> raw = [];
        while (lines.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            raw.Add((
                long.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture),
                long.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture)));
        }

        return raw;
    }
}
