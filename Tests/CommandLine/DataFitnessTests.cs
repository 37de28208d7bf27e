using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>Data on which a result would mean less than it seems is refused, or used because somebody said so.</summary>
public sealed class DataFitnessTests : IDisposable
{
    private const string Told = "derivative,2026-03-02T23:58:30Z,,PERP,,,0.0001,2026-03-03T00:00:00Z,28800,\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_perpetual_that_is_held_at_midnight_without_funding_is_refused_unless_that_is_said()
    {
        string data = Perpetual(string.Empty);
        string json = Path.Combine(_folder.Path, "result.json");
        Finished refused = EngineProcess.Run("backtest", "-c", Keeper(), "-d", data, "--json", json);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("PERP was held at midnight, 8 or 16 o'clock UTC", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--no-funding", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(json), "a refused result was written");

        Finished taken = EngineProcess.Run("backtest", "-c", Keeper(), "-d", data, "--json", json, "--no-funding");
        Assert.True(taken.ExitCode == 0, taken.Error);
        using JsonDocument result = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonElement manifest = result.RootElement.GetProperty("manifest");
        Assert.Equal("PERP", Assert.Single(manifest.GetProperty("withoutFunding").EnumerateArray()).GetString());
    }

    [Fact]
    public void What_the_data_tells_of_funding_is_enough_and_the_result_says_nothing_of_it()
    {
        string json = Path.Combine(_folder.Path, "result.json");
        Finished taken = EngineProcess.Run("backtest", "-c", Keeper(), "-d", Perpetual(Told), "--json", json);
        Assert.True(taken.ExitCode == 0, taken.Error);
        Assert.DoesNotContain("withoutFunding", File.ReadAllText(json), StringComparison.Ordinal);
        Assert.DoesNotContain("no_funding", File.ReadAllText(json), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_refuses_each_of_its_points_for_it()
    {
        string data = Perpetual(string.Empty);
        Keeper();
        foreach ((string more, string outcome) in ((string, string)[])[(string.Empty, "funding"), (", \"noFunding\": true", string.Empty)])
        {
            string sweep = Path.Combine(_folder.Path, "sweep.json");
            File.WriteAllText(
                sweep,
                $$"""
                { "configuration": "keeper.json", "data": "{{Path.GetFileName(data)}}", "search": "grid"{{more}},
                  "parameters": [ { "path": "risk.priceCollarBps", "values": [500, 400] } ] }
                """);
            string folder = Path.Combine(_folder.Path, "sweep" + outcome);
            Finished finished = EngineProcess.Run("sweep", sweep, "-o", folder, "--threads", "1");
            string table = finished.Output + finished.Error + string.Concat(Array.ConvertAll(Directory.GetFiles(folder, "*.csv"), File.ReadAllText));
            Assert.Equal(outcome.Length != 0, table.Contains("without anybody telling its funding", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Strategies_of_two_currencies_need_a_base_currency()
    {
        string file = Path.Combine(_folder.Path, "two.csv");
        File.WriteAllText(
            file,
            """
            lowlatency-csv,1
            instrument,PERP,linear,USD,2,0,0.01,1,1,1000,0,1
            instrument,STOXX,linear,EUR,2,0,0.01,1,1,1000,0,1
            instrument,EURUSD,spot,USD,4,0,0.0001,1,1,1000,0,1
            quote,2026-03-02T10:00:00Z,,EURUSD,1.2499,1000,1.2501,1000,
            quote,2026-03-02T10:00:01Z,,STOXX,99.99,100,100.00,100,
            quote,2026-03-02T10:00:01Z,,PERP,99.99,100,100.00,100,

            """);
        string data = Imported(file);
        Finished refused = EngineProcess.Run("backtest", "-c", Keeper("PERP", "STOXX"), "-d", data);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("the strategies trade in EUR (STOXX) and USD (PERP)", refused.Error, StringComparison.Ordinal);
        Assert.Contains("risk.base", refused.Error, StringComparison.Ordinal);

        // One of them alone, and both with a conversion.
        Assert.Equal(0, EngineProcess.Run("backtest", "-c", Keeper("STOXX"), "-d", data).ExitCode);
        string config = Keeper("PERP", "STOXX");
        JsonNode root = JsonNode.Parse(File.ReadAllText(config))!;
        root["risk"]!["base"] = JsonNode.Parse("""{ "currency": "USD", "conversions": { "EUR": "EURUSD" } }""");
        File.WriteAllText(config, root.ToJsonString());
        Finished taken = EngineProcess.Run("backtest", "-c", config, "-d", data);
        Assert.True(taken.ExitCode == 0, taken.Error);
    }

    [Fact]
    public void Results_of_a_generated_market_are_not_compared_with_those_of_a_recorded_one_unless_that_is_said()
    {
        string generated = Path.Combine(_folder.Path, "generated");
        GeneratedRuns.Live(GeneratedRuns.Configuration(3_000), generated);
        string one = Artifact("one", "-d", generated);
        string two = Artifact("two", "-c", Keeper(), "-d", Perpetual(Told));
        Finished refused = EngineProcess.Run("compare", one, two);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("--allow-synthetic", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("results:", refused.Output, StringComparison.Ordinal);
        Assert.Contains("results:", EngineProcess.Run("compare", one, two, "--allow-synthetic").Output, StringComparison.Ordinal);

        // Two of one kind need no permission, and the page of a generated market says what it is.
        Assert.Contains("results: equal", EngineProcess.Run("compare", one, one).Output, StringComparison.Ordinal);
        Assert.Contains("\"synthetic\"", File.ReadAllText(Path.Combine(one, "result.json")), StringComparison.Ordinal);
        Assert.Contains("synthetic_market", File.ReadAllText(Path.Combine(one, "result.json")), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Artifact(string name, params string[] arguments)
    {
        string folder = Path.Combine(_folder.Path, name);
        Finished finished = EngineProcess.Run(["backtest", .. arguments, "--artifact", folder]);
        Assert.True(finished.ExitCode == 0, finished.Error);
        return folder;
    }

    // Bought after the first bar, held over midnight.
    private string Perpetual(string told)
    {
        string file = Path.Combine(_folder.Path, "perpetual.csv");
        string bars = string.Empty;
        for (int minute = -5; minute < 5; minute++)
        {
            DateTime start = new DateTime(2026, 3, 3, 0, 0, 0, DateTimeKind.Utc).AddMinutes(minute);
            string from = start.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            string to = start.AddMinutes(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            bars += $"bar,{to},,PERP,{from},60,100.00,100.00,100.00,100.00,500,1\n" + (minute == -3 ? told : string.Empty);
        }

        File.WriteAllText(file, "lowlatency-csv,1\ninstrument,PERP,linear,USD,2,0,0.01,1,1,1000,0,1\n" + bars);
        return Imported(file);
    }

    private string Imported(string file)
    {
        string data = Path.Combine(_folder.Path, "data");
        Finished imported = EngineProcess.Run("import", file, "--out", data);
        Assert.True(imported.ExitCode == 0, imported.Error);
        return data;
    }

    private string Keeper(params string[] symbols)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "examples", "spy.json")))!;
        root["cash"] = JsonNode.Parse("""{ "USD": "10000", "EUR": "10000" }""");
        root["strategies"] = JsonNode.Parse(
            """
            [ { "name": "keeper", "type": "rules", "instruments": ["PERP"], "parameters": { "program": {
                "timeframeMs": 60000, "long": { "enter": "close > 0", "exit": "close < 0", "size": "5" } } } } ]
            """);
        if (symbols.Length != 0)
        {
            root["strategies"]![0]!["instruments"] = new JsonArray([.. Array.ConvertAll(symbols, symbol => JsonValue.Create(symbol))]);
        }

        string path = Path.Combine(_folder.Path, "keeper.json");
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }
}
