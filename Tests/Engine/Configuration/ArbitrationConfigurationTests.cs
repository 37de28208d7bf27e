using System;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Arbitration.Weights;
using LowLatency.Core.Signals.Models;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

public sealed class ArbitrationConfigurationTests
{
    [Fact]
    public void Every_value_arrives_in_the_units_of_the_core()
    {
        EngineConfiguration read = Examples.Valid(Examples.Gated);
        Assert.Equal(
            new WeightLearning
            {
                Scope = LearningScope.Global,
                Interval = 60_000_000_000,
                RewardUnit = 100_000_000,
                FloorE9 = 10_000_000,
                Schedule = Exp3Schedule.Fixed,
                EtaE9 = 100_000_000,
                Seed = 1,
            },
            read.Arbitration.Learning);
        GatesConfiguration gates = read.Arbitration.Gates!;
        Assert.Equal((1_000_000_000L, 0L, true, 0L), (gates.AskAgain, gates.DataStaleAfter, gates.Sessions, gates.FlatBeforeClose));
        BarrierConfiguration barrier = gates.Barrier!;
        Assert.Equal(
            (600_000L, 700_000L, MissingInput.Hold, 60_000_000_000L),
            (barrier.PeakLimitPpm, barrier.ValleyLimitPpm, barrier.Missing, barrier.MaxAge));
        Assert.Equal(["return-5", "volatility-20", "imbalance", "spread"], barrier.Models.FeatureNames);
        Assert.Equal(new Feature(FeatureKind.Volatility, 20, 0, 10_000), barrier.Models.Features[1]);
        Assert.Equal("exchange", read.Calendars[0].Name);
        Assert.Equal(2_026_01_02, Array.Find(read.Calendars[0].Calendar.Sessions.ToArray(), s => s.Date > 2_026_00_00).Date);
        Assert.NotNull(PipelineFactory.Pipeline(read).Arbitration.Barrier);
        Assert.Contains(1_000_000_000L, PipelineFactory.Timeframes(read));
    }

    [Fact]
    public void The_example_models_answer_as_by_hand()
    {
        BarrierModels models = Examples.Valid(Examples.Gated).Arbitration.Gates!.Barrier!.Models;

        // Trees: -0.4 + 1.4 (return above 120, book not bid) + 0.35 (volatility above 90) = 1.35: 1 / (1 + e^-1.35) = 0.79412963
        Assert.Equal(794_130, models.Peak.ProbabilityPpm([121.0, 91.0, -150_000.0, 10.0]));

        // Logistic: -0.9 - 0.004 x 100 + 0.003 x 100 + 1.2e-6 x 500,000 + 0.002 x 50 = -0.3: 1 / (1 + e^0.3) = 0.42555748
        Assert.Equal(425_557, models.Valley.ProbabilityPpm([100.0, 100.0, 500_000.0, 50.0]));
    }

    [Fact]
    public void What_is_resolved_needs_no_file_and_means_the_same()
    {
        EngineConfiguration read = Examples.Valid(Examples.Gated);
        ConfigurationReading again = EngineConfiguration.FromJson(
            read.ToCanonicalJson(), "journal", BuiltInStrategies.Catalogue, directory: null);
        Assert.True(again.TryGet(out EngineConfiguration? journaled), string.Join('\n', again.Problems));
        Assert.Equal(read.DecisionHash, journaled.DecisionHash);
        Assert.Equal(read.Calendars[0].Calendar.Sessions.ToArray(), journaled.Calendars[0].Calendar.Sessions.ToArray());
        Assert.Equal(read.Arbitration.Gates!.Barrier!.Models.Files, journaled.Arbitration.Gates!.Barrier!.Models.Files);
    }

    [Fact]
    public void A_person_is_shown_names_and_hashes_instead_of_contents()
    {
        EngineConfiguration read = Examples.Valid(Examples.Gated);
        string shown = Encoding.UTF8.GetString(read.ToShownJson());
        Assert.Contains("models/barrier.json ", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\"content\"", shown, StringComparison.Ordinal);
        Assert.True(shown.Length < 6_000, shown.Length.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("arbitration.policy", "\"net\"", "arbitration.learning", "must be absent unless arbitration.policy is blend")]
    [InlineData("arbitration.policy", "\"priority\"", "arbitration.learning", "must be absent unless arbitration.policy is blend")]
    [InlineData("arbitration.normaliseWeights", "true", "arbitration.normaliseWeights", "must be false: the weights are learned")]
    [InlineData("strategies[0].weight", "\"0.5\"", "strategies[0].weight", "must be \"1\": the weights are learned")]
    [InlineData("arbitration.learning.floor", "\"0.500000001\"", "arbitration.learning.floor", "must be at most 1 / 2")]
    [InlineData("arbitration.learning.rewardUnit", "\"0\"", "arbitration.learning.rewardUnit", "from \"0.00000001\"")]
    [InlineData("arbitration.learning.intervalMs", "0", "arbitration.learning.intervalMs", "from 1 to 86400000")]
    [InlineData("arbitration.learning", "{ \"rewardUnit\": \"1\", \"eta\": \"0.2\" }", "arbitration.learning.eta", "unless arbitration.learning.schedule is fixed")]
    [InlineData("arbitration.gates.sessions", "\"entry\"", "arbitration.gates.sessions", "one of off, entries")]
    [InlineData("arbitration.gates", "{ \"flatBeforeCloseMs\": 5 }", "arbitration.gates.flatBeforeCloseMs", "must be 0 unless arbitration.gates.sessions is entries")]
    [InlineData("arbitration.gates.barrier.peakLimitPpm", "1000001", "arbitration.gates.barrier.peakLimitPpm", "from 1 to 1000000")]
    [InlineData("arbitration.gates.barrier.manifest", "\"none.json\"", "arbitration.gates.barrier.manifest", "there is no file")]
    [InlineData("arbitration.gates.barrier.manifest", "5", "arbitration.gates.barrier.manifest", "neither a name nor a resolved form")]
    [InlineData("arbitration.gates.barrier.manifest", "{ \"file\": \"a\" }", "arbitration.gates.barrier.manifest", "a resolved form has file, sha256 and content")]
    [InlineData("arbitration.gates.barrier.manifest", "{ \"file\": \"a\", \"sha256\": \"00\", \"content\": \"YQ\" }", "arbitration.gates.barrier.manifest", "its content has the SHA-256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb, not 00")]
    [InlineData("calendars[0].instruments", "[\"ETHUSDT\"]", "strategies[0].instruments[0]", "must have a calendar")]
    [InlineData("calendars", "[]", "calendars", "1 to 8 elements")]
    [InlineData("calendars[0].source", "\"models/peak.json\"", "calendars[0].source", "unknown key")]
    public void What_cannot_be_meant_is_refused_by_name(string key, string raw, string path, string allowed)
    {
        ConfigurationReading reading = Examples.Read(BrokenConfigurationTests.Set(Examples.Gated, key, raw));
        Assert.Null(reading.Configuration);
        Assert.Contains(reading.Problems, p => p.Path == path && p.Allowed.Contains(allowed, StringComparison.Ordinal));
    }

    [Fact]
    public void An_instrument_has_one_calendar()
    {
        string json = BrokenConfigurationTests.Set(
            Examples.Gated,
            "calendars",
            """
            [{ "name": "a", "instruments": ["BTCUSDT"], "source": "calendars/always-open.json" },
             { "name": "b", "instruments": ["BTCUSDT"], "source": "calendars/us-equities.json" }]
            """);
        ConfigurationProblem problem = Assert.Single(Examples.Read(json).Problems);
        Assert.Equal("calendars[1].instruments[0]", problem.Path);
    }

    [Fact]
    public void With_weights_for_each_instrument_all_strategies_trade_the_same()
    {
        string json = BrokenConfigurationTests.Set(Examples.Gated, "arbitration.learning.scope", "\"instrument\"");
        json = BrokenConfigurationTests.Set(json, "arbitration.gates", "{}");
        json = BrokenConfigurationTests.Set(json, "strategies[1].instruments", "[\"ETHUSDT\"]");
        Assert.Equal("strategies[1].instruments", Assert.Single(Examples.Read(json).Problems).Path);
    }

    [Fact]
    public void A_configuration_without_a_folder_names_no_file()
    {
        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(Examples.Gated), "piped", BuiltInStrategies.Catalogue);
        Assert.Contains(reading.Problems, p => p.Allowed.Contains("a file can only be named in", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_without_its_hash_is_refused(bool isLeftOut)
    {
        using TemporaryFolder folder = Models();
        string path = Path.Combine(folder.Path, "barrier.json");
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(path))!;
        JsonObject model = manifest["models"]![0]!.AsObject();
        model.Remove("sha256");
        if (!isLeftOut)
        {
            model["sha256"] = string.Empty;
        }

        File.WriteAllText(path, manifest.ToJsonString());
        Assert.Contains("sha256", Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peak.json")]
    [InlineData("valley.json")]
    public void Any_flipped_byte_of_a_model_is_refused_with_both_hashes(string file)
    {
        using TemporaryFolder folder = Models();
        string path = Path.Combine(folder.Path, file);
        byte[] good = File.ReadAllBytes(path);
        string before = Convert.ToHexStringLower(SHA256.HashData(good));
        for (int i = 0; i < good.Length; i += 37)
        {
            byte[] bad = (byte[])good.Clone();
            bad[i] ^= 1;
            File.WriteAllBytes(path, bad);
            Assert.Contains(
                $"{file}: its SHA-256 is {Convert.ToHexStringLower(SHA256.HashData(bad))}, the manifest says {before}",
                Refusal(folder),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("peak.json", "\"return-5\", \"volatility-20\"", "\"volatility-20\", \"return-5\"", "features[0]: volatility-20: the manifest says return-5")]
    [InlineData("peak.json", ", \"spread\"]", "]", "features[3]: nothing: the manifest says spread")]
    [InlineData("peak.json", "\"target\": \"peak\"", "\"target\": \"valley\"", "target: valley: the manifest says peak")]
    [InlineData("peak.json", "boosted-trees", "forest", "type: forest: must be logistic or boosted-trees")]
    [InlineData("peak.json", "\"base\"", "\"bias\"", "bias: unknown key")]
    [InlineData("peak.json", "\"feature\": 2", "\"feature\": 4", "trees[0] asks at node 2 about feature 4")]
    [InlineData("peak.json", "\"left\": 3", "\"left\": 2", "trees[0] has children at node 2")]
    [InlineData("peak.json", "\"leaf\": 1.4", "\"leaf\": 1e999", "trees[0] has a number that is too large")]
    [InlineData("peak.json", "\"leaf\": 1.4", "\"leaf\": \"1.4\"", "not a model file as it is known")]
    [InlineData("valley.json", "[-0.004, ", "[", "weights: 3 for 4 features")]
    [InlineData("valley.json", "\"intercept\": -0.9,", "\"intercept\": -0.9, \"intercept\": 1,", "keys are missing or stand twice")]
    [InlineData("barrier.json", "return-5", "return-0", "return-0: must be imbalance, spread, or one of")]
    [InlineData("barrier.json", "\"unit\": \"ppm\", \"minimum\": -20000", "\"unit\": \"bp\", \"minimum\": -20000", "must be one of ppm")]
    [InlineData("barrier.json", "\"maximum\": 20000", "\"maximum\": -20000", "features[0].minimum: must be less than maximum")]
    [InlineData("barrier.json", "\"target\": \"valley\"", "\"target\": \"peak\"", "no two with the same target")]
    public void A_model_that_does_not_fit_its_manifest_is_refused_by_name(string file, string old, string changed, string problem)
    {
        using TemporaryFolder folder = Models();
        string path = Path.Combine(folder.Path, file);
        string before = File.ReadAllText(path);
        Assert.Contains(old, before, StringComparison.Ordinal);
        string hash = Hash(path);
        File.WriteAllText(path, Replaced(before, old, changed));

        // The manifest believes the changed file: what is wrong is what it says.
        string manifest = Path.Combine(folder.Path, "barrier.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(hash, Hash(path), StringComparison.Ordinal));
        Assert.Contains(problem, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_model_is_another_decision_hash()
    {
        using TemporaryFolder folder = Models();
        ImmutableHash first = new(Valid(folder));
        string path = Path.Combine(folder.Path, "valley.json");
        string hash = Hash(path);
        File.WriteAllText(path, File.ReadAllText(path).Replace("-0.9", "-0.8", StringComparison.Ordinal));
        string manifest = Path.Combine(folder.Path, "barrier.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace(hash, Hash(path), StringComparison.Ordinal));
        Assert.NotEqual(first, new ImmutableHash(Valid(folder)));
    }

    private readonly record struct ImmutableHash(string Text)
    {
        internal ImmutableHash(EngineConfiguration configuration)
            : this(Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()))
        {
        }
    }

    private static string Replaced(string text, string old, string changed)
    {
        int at = text.IndexOf(old, StringComparison.Ordinal);
        return text[..at] + changed + text[(at + old.Length)..];
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static TemporaryFolder Models()
    {
        TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(Path.Combine(Examples.Folder, "models")))
        {
            File.Copy(file, Path.Combine(folder.Path, Path.GetFileName(file)));
        }

        return folder;
    }

    private static ConfigurationReading Read(TemporaryFolder folder)
    {
        JsonNode root = JsonNode.Parse(Examples.Gated)!;
        root["arbitration"]!["gates"]!["barrier"]!["manifest"] = "barrier.json";
        root["calendars"]![0]!["source"] = Path.Combine(Examples.Folder, "calendars", "always-open.json");
        return EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(root.ToJsonString()), "test.json", BuiltInStrategies.Catalogue, folder.Path);
    }

    private static EngineConfiguration Valid(TemporaryFolder folder)
    {
        ConfigurationReading reading = Read(folder);
        Assert.True(reading.TryGet(out EngineConfiguration? configuration), string.Join('\n', reading.Problems));
        return configuration;
    }

    private static string Refusal(TemporaryFolder folder)
    {
        ConfigurationProblem problem = Assert.Single(Read(folder).Problems);
        Assert.Equal("arbitration.gates.barrier.manifest", problem.Path);
        return problem.Allowed;
    }
}
