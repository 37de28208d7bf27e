using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

/// <summary>Each broken configuration is refused by exactly one message that names key, value and what is allowed.</summary>
public sealed class BrokenConfigurationTests
{
    [Theory]
    [InlineData("name", "\"Upper\"", "1 to 32 characters of [a-z0-9-]")]
    [InlineData("name", "\"\"", "1 to 32 characters")]
    [InlineData("name", "\"a123456789b123456789c123456789d12\"", "1 to 32 characters")]
    [InlineData("name", "5", "1 to 32 characters")]
    [InlineData("name", "null", "1 to 32 characters")]
    [InlineData("instance", "0", "a whole number from 1 to 65535")]
    [InlineData("instance", "65536", "a whole number from 1 to 65535")]
    [InlineData("instance", "\"1\"", "a whole number from 1 to 65535")]
    [InlineData("instance", "1.0", "a whole number from 1 to 65535")]
    [InlineData("instance", "1e2", "a whole number from 1 to 65535")]
    [InlineData("seed", "-1", "from 0 to 9223372036854775807")]
    [InlineData("seed", "-0", "from 0 to 9223372036854775807")]
    [InlineData("seed", "9223372036854775808", "from 0 to 9223372036854775807")]
    [InlineData("seed", "99999999999999999999999999", "from 0 to 9223372036854775807")]
    [InlineData("tickIntervalMs", "0", "from 1 to 60000")]
    [InlineData("tickIntervalMs", "60001", "from 1 to 60000")]
    [InlineData("cash", "[]", "an object of at most 8 entries")]
    [InlineData("cash.USDT", "\"-1\"", "from \"0\" to \"90000000000\" with at most 8 decimals")]
    [InlineData("cash.USDT", "1000", "decimal text")]
    [InlineData("cash.USDT", "\"0.123456789\"", "at most 8 decimals")]
    [InlineData("cash.usdt", "\"1\"", "1 to 8 characters of [A-Z0-9]")]
    [InlineData("strategies", "[]", "1 to 24 elements", "0 elements")]
    [InlineData("strategies", "{}", "1 to 24 elements")]
    [InlineData("strategies[1].name", "\"a\"", "no two with the same name")]
    [InlineData("strategies[0].type", "\"ema-corss\"", "did you mean \"ema-cross\"?")]
    [InlineData("strategies[0].type", "\"EMA-CROSS\"", "one of ema-cross, imbalance, market-maker")]
    [InlineData("strategies[0].instruments", "[]", "1 to 64 elements", "0 elements")]
    [InlineData("strategies[0].instruments[0]", "\"btc\"", "1 to 24 characters of [A-Z0-9._/-]")]
    [InlineData("strategies[0].instruments[0]", "\"ETHUSDT\"", "no two with the same value", "\"ETHUSDT\"", "strategies[0].instruments[1]")]
    [InlineData("strategies[0].priority", "0", "from 1 to 1000")]
    [InlineData("strategies[0].priority", "1001", "from 1 to 1000")]
    [InlineData("strategies[0].weight", "0.25", "decimal text")]
    [InlineData("strategies[0].weight", "\"-0.25\"", "decimal text from \"0\"")]
    [InlineData("strategies[0].weight", "\"1e-1\"", "decimal text")]
    [InlineData("strategies[0].weight", "\"NaN\"", "decimal text")]
    [InlineData("strategies[0].weight", "\"0.25 \"", "decimal text")]
    [InlineData("strategies[0].weight", "\"+0.25\"", "decimal text")]
    [InlineData("strategies[0].weight", "\".25\"", "decimal text")]
    [InlineData("strategies[0].weight", "\"0,25\"", "decimal text")]
    [InlineData("strategies[0].weight", "\"0.2500000001\"", "at most 9 decimals")]
    [InlineData("strategies[0].weight", "\"0.250000001\"", "exactly \"1\"", "sum \"1.000000001\"", "strategies[].weight")]
    [InlineData("strategies[0].weight", "\"0.24\"", "exactly \"1\"", "sum \"0.99\"", "strategies[].weight")]
    [InlineData("strategies[0].cooldownMs", "86400001", "from 0 to 86400000")]
    [InlineData("strategies[0].parameters", "[]", "an object of fastBars, slowBars")]
    [InlineData("strategies[0].parameters.fastBars", "0", "from 1 to 1000")]
    [InlineData("strategies[0].parameters.fastBars", "9", "must be less than slowBars, which is 9")]
    [InlineData("strategies[0].parameters.fastBar", "9", "did you mean \"fastBars\"?")]
    [InlineData("strategies[0].parameters.quantity", "1", "decimal text from \"0.000000001\"")]
    [InlineData("strategies[0].parameters.direction", "\"long\"", "one of long-short, long-only")]
    [InlineData("strategies[1].parameters.fastBars", "3", "unknown key")]
    [InlineData("arbitration.policy", "\"blnd\"", "did you mean \"blend\"?")]
    [InlineData("arbitration.policy", "true", "one of priority, net, blend")]
    [InlineData("arbitration.normaliseWeights", "\"true\"", "true or false")]
    [InlineData("arbitration.normaliseWeights", "1", "true or false")]
    [InlineData("venue.entryLatencyUs", "-1", "from 1 to 10000000")]
    [InlineData("venue.responseLatencyUs", "-500", "from 1 to 10000000")]
    [InlineData("venue.entryLatency", "{}", "exactly one of them", "0 of uniform, lognormal, recorded")]
    [InlineData("venue.entryLatency", "{ \"uniform\": { \"spreadUs\": 1 }, \"lognormal\": { \"medianUs\": 1, \"sigmaThousandths\": 0, \"mostUs\": 1 } }", "exactly one of them", "2 of uniform, lognormal, recorded")]
    [InlineData("venue.responseLatency", "{ \"lognormal\": { \"medianUs\": 9, \"sigmaThousandths\": 0, \"mostUs\": 8 } }", "at most mostUs, which is 8", "9", "venue.responseLatency.lognormal.medianUs")]
    [InlineData("venue.incidents", "[{ \"fromUnixMs\": 1000, \"forMs\": 1000, \"kind\": \"delay\" }, { \"fromUnixMs\": 1999, \"forMs\": 1, \"kind\": \"lost\" }]", "at least 2000, the end of the incident before it", "1999", "venue.incidents[1].fromUnixMs")]
    [InlineData("venue.matching", "{ \"queue\": \"logg\" }", "did you mean \"log\"?", "\"logg\"", "venue.matching.queue")]
    [InlineData("venue.matching", "{ \"fills\": \"lean\", \"impact\": \"linear\" }", "orders are filled whole", "\"linear\"", "venue.matching.impact")]
    [InlineData("venue.matching", "{ \"queueExponentThousandths\": 2000 }", "only the power families have an exponent", "2000", "venue.matching.queueExponentThousandths")]
    [InlineData("venue.matching", "{ \"queue\": \"log\", \"queueExponentThousandths\": 2999 }", "must be left out with queue log", "2999", "venue.matching.queueExponentThousandths")]
    [InlineData("risk.closeUnprotectedMs", "5", "must be 0 where requireStop is false")]
    [InlineData("risk.growth", "{ \"a\": { \"start\": \"10\", \"step\": \"1\", \"most\": \"9\", \"everyTrades\": 1 } }", "must be at least start, which is \"10\"", "\"9\"", "risk.growth.a.most")]
    [InlineData("risk.growth", "{ \"c\": { \"start\": \"1\", \"step\": \"1\", \"most\": \"9\", \"everyTrades\": 1 } }", "must be the name of a strategy", "unused", "risk.growth.c")]
    [InlineData("dataGuard", "{ \"moveConfirmations\": 3 }", "must be left out without a maxMoveBps", "3", "dataGuard.moveConfirmations")]
    [InlineData("dataGuard", "{ \"maxMoveBps\": 9, \"moveConfirmations\": 1 }", "from 2 to 1000", "1", "dataGuard.moveConfirmations")]
    [InlineData("dataGuard", "{ \"backwards\": \"hold\" }", "must be \"count\" without a maxAheadMs", "\"hold\"", "dataGuard.backwards")]
    [InlineData("dataGuard", "{ \"instruments\": { \"ETHUSDT\": { \"backwards\": \"hold\" } } }", "must be \"count\" without a maxAheadMs", "\"hold\"", "dataGuard.instruments.ETHUSDT.backwards")]
    [InlineData("dataGuard", "{ \"instruments\": { \"XRPUSDT\": {} } }", "must be an instrument of a strategy", "unused", "dataGuard.instruments.XRPUSDT")]
    [InlineData("venue.rateLimit", "{ \"commands\": 0 }", "from 1 to 10000", "0", "venue.rateLimit.commands")]
    [InlineData("risk", "null", "an object of maxOrderQuantity")]
    [InlineData("risk.maxOrderQuantity", "\"0\"", "decimal text from \"0.000000001\"")]
    [InlineData("risk.maxOrderQuantity", "\"9000000001\"", "to \"9000000000\"")]
    [InlineData("risk.maxOrderQuantity", "\"3\"", "must be at most risk.maxPosition, which is \"2\"")]
    [InlineData("risk.maxOrderNotional", "\"0\"", "decimal text from \"0.00000001\"")]
    [InlineData("risk.maxOrderNotional", "\"50000.01\"", "must be at most risk.maxGrossNotional, which is \"50000\"")]
    [InlineData("risk.maxPosition", "\"-2\"", "decimal text")]
    [InlineData("risk.maxGrossNotional", "\"99999999999999999999\"", "to \"90000000000\"")]
    [InlineData("risk.maxWorkingOrders", "0", "from 1 to 1024")]
    [InlineData("risk.maxWorkingOrders", "1025", "from 1 to 1024")]
    [InlineData("risk.maxWorkingOrder", "64", "did you mean \"maxWorkingOrders\"?")]
    [InlineData("risk.priceCollarBps", "0", "from 1 to 10000")]
    [InlineData("risk.priceCollarBps", "10001", "from 1 to 10000")]
    [InlineData("risk.maxOrdersPerWindow", "0", "from 1 to 1024")]
    [InlineData("risk.orderWindowMs", "0", "from 1 to 3600000")]
    [InlineData("risk.maxRepeats", "0", "from 1 to 255")]
    [InlineData("risk.repeatWindowMs", "3600001", "from 1 to 3600000")]
    [InlineData("risk.staleAfterMs", "0", "from 1 to 604800000")]
    [InlineData("risk.rejectBackoffMs", "-1", "from 0 to 3600000")]
    [InlineData("risk.initialState", "\"actve\"", "did you mean \"active\"?")]
    [InlineData("risk.instruments.ETHUSD", "{}", "must be an instrument of a strategy; did you mean \"ETHUSDT\"?", "unused")]
    [InlineData("risk.instruments.eth", "{}", "its key must be 1 to 24 characters")]
    [InlineData("risk.instruments.ETHUSDT.maxPosition", "\"1\"", "must be at most risk.instruments.ETHUSDT.maxPosition", "\"1.5\"", "risk.instruments.ETHUSDT.maxOrderQuantity")]
    [InlineData("risk.instruments.ETHUSDT.maxOrderNotional", "\"60000\"", "must be at most risk.maxGrossNotional")]
    [InlineData("risk.instruments.ETHUSDT.maxGrossNotional", "\"60000\"", "unknown key")]
    [InlineData("orders.marketableBandBps", "0", "from 1 to 1000")]
    [InlineData("orders.marketableBandBps", "1001", "from 1 to 1000")]
    [InlineData("bars.timeframesMs", "[1,2,3,4,5,6,7,8,9]", "0 to 8 elements", "9 elements")]
    [InlineData("bars.timeframesMs[0]", "99", "from 100 to 86400000")]
    [InlineData("bars.timeframesMs[0]", "60000", "no two with the same value", "60000", "bars.timeframesMs[1]")]
    [InlineData("bars.graceMs", "60001", "from 0 to 60000")]
    [InlineData("venue.entryLatencyUs", "0", "from 1 to 10000000")]
    [InlineData("venue.responseLatencyUs", "10000001", "from 1 to 10000000")]
    [InlineData("venue.makerFeePpm", "-1001", "from -1000 to 10000")]
    [InlineData("venue.takerFeePpm", "10001", "from -1000 to 10000")]
    [InlineData("generator.startUnixSeconds", "0", "from 1 to 4000000000")]
    [InlineData("generator.events", "-1", "from 0 to")]
    [InlineData("generator.durationSeconds", "1000000001", "from 0 to 1000000000")]
    [InlineData("generator.gapsPerMillion", "100001", "from 0 to 100000")]
    [InlineData("generator.instruments", "[]", "1 to 64 elements", "0 elements")]
    [InlineData("generator.instruments[0].startPrice", "\"60000.05\"", "must be a multiple of the tick \"0.1\"")]
    [InlineData("generator.instruments[0].startPrice", "\"20\"", "must be at least 256 ticks")]
    [InlineData("generator.instruments[0].startPrice", "\"8000000000\"", "must be at most 281474976710656 units", "\"8000000000\"", "generator.instruments[0].startPrice", "\"0.000001\"")]
    [InlineData("generator.instruments[0].typicalQuantity", "\"0.0015\"", "must be a multiple of the lot \"0.001\"")]
    [InlineData("generator.instruments[0].typicalQuantity", "\"9000000000\"", "must be at most 9223372036854 units", "\"9000000000\"", "generator.instruments[0].typicalQuantity", "", "\"0.0001\"")]
    [InlineData("generator.instruments[0].depthTicks", "9", "from 10 to 1000")]
    [InlineData("session.journal.durability", "\"fsync\"", "one of written, flushed, none")]
    [InlineData("session.journal.segmentMiB", "1025", "from 1 to 1024")]
    [InlineData("session.topology.mode", "\"lock-step\"", "did you mean \"lockstep\"?")]
    [InlineData("session.topology.wait", "\"spin\"", "one of busy-spin, yielding, parking")]
    [InlineData("session.topology.ringSize", "3000", "a power of two from 1024 to 65536")]
    [InlineData("session.topology.ringSize", "512", "a power of two from 1024 to 65536")]
    [InlineData("topology", "{}", "unknown key")]
    [InlineData("strategie", "[]", "did you mean \"strategies\"?")]
    [InlineData("apiKey", "\"secret\"", "unknown key; known here: name, instance")]
    public void One_wrong_value_is_refused_by_one_message(
        string path, string raw, string allowed, string? value = null, string? reportedPath = null, string tick = "", string lot = "")
    {
        string json = Set(Examples.Full, path, raw);
        json = tick.Length == 0 ? json : Set(json, "generator.instruments[0].tick", tick);
        json = lot.Length == 0 ? json : Set(json, "generator.instruments[0].lot", lot);
        ConfigurationReading reading = Examples.Read(json);

        Assert.Null(reading.Configuration);
        ConfigurationProblem problem = Assert.Single(reading.Problems);
        Assert.Equal(reportedPath ?? path, problem.Path);
        Assert.Equal(value ?? raw, problem.Value);
        Assert.Contains(allowed, problem.Allowed);
        Assert.Equal($"test.json: {problem.Path}: {problem.Value}: {problem.Allowed}", problem.ToString());
    }

    [Theory]
    [InlineData("name")]
    [InlineData("strategies")]
    [InlineData("strategies[0].name")]
    [InlineData("strategies[0].type")]
    [InlineData("strategies[0].instruments")]
    [InlineData("risk.maxOrderQuantity")]
    [InlineData("risk.maxOrderNotional")]
    [InlineData("risk.maxPosition")]
    [InlineData("risk.maxGrossNotional")]
    [InlineData("generator.instruments")]
    [InlineData("generator.instruments[0].symbol")]
    [InlineData("generator.instruments[0].tick")]
    public void What_has_no_default_must_be_given(string path)
    {
        ConfigurationProblem problem = Assert.Single(Examples.Read(Set(Examples.Full, path, null)).Problems);

        Assert.Equal((path, "missing"), (problem.Path, problem.Value));
        Assert.StartsWith("must be ", problem.Allowed);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("{", "not JSON")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("{\"name\": \"a\", }", "not JSON")]
    [InlineData("{ // comment\n }", "not JSON")]
    [InlineData("{\"name\": 'a'}", "not JSON")]
    [InlineData("{\"instance\": 01}", "not JSON")]
    [InlineData("{\"instance\": NaN}", "not JSON")]
    [InlineData("[]", "[]")]
    [InlineData("\uFEFF{}", "not JSON")]
    public void What_is_not_a_strict_JSON_object_is_refused(string json, string value)
    {
        ConfigurationProblem problem = Assert.Single(Examples.Read(json).Problems);

        Assert.Equal(value, problem.Value);
    }

    [Fact]
    public void Bytes_that_are_not_text_and_files_that_are_too_large_are_refused()
    {
        ImmutableArray<ConfigurationProblem> invalid =
            EngineConfiguration.FromJson([0x7B, 0xFF, 0x7D], "x", BuiltInStrategies.Catalogue).Problems;
        ImmutableArray<ConfigurationProblem> large =
            EngineConfiguration.FromJson(new byte[(1 << 20) + 1], "x", BuiltInStrategies.Catalogue).Problems;
        ImmutableArray<ConfigurationProblem> deep = Examples.Read(new string('[', 10_000)).Problems;

        Assert.Equal("UTF-8 text", Assert.Single(invalid).Allowed);
        Assert.Equal("at most 1048576 bytes", Assert.Single(large).Allowed);
        Assert.Equal("not JSON", Assert.Single(deep).Value);
    }

    [Fact]
    public void Half_a_character_is_refused_in_values_and_keys()
    {
        ConfigurationReading value = Examples.Read(Examples.Minimal.Replace("\"minimal\"", "\"\\ud800\"", StringComparison.Ordinal));
        ConfigurationReading key = Examples.Read(Examples.Minimal.Replace("\"name\": \"minimal\"", "\"name\": \"minimal\", \"\\ud800\": 1", StringComparison.Ordinal));

        Assert.Equal("name", Assert.Single(value.Problems).Path);
        Assert.Equal("its key is not text", Assert.Single(key.Problems).Allowed);
    }

    [Theory]
    [InlineData("\"seed\": 99", "\"seed\": 99, \"seed\": 99", "seed")]
    [InlineData("\"fastBars\": 3", "\"fastBars\": 3, \"fastBars\": 4", "strategies[0].parameters.fastBars")]
    [InlineData("\"USD\": \"3\"", "\"USD\": \"3\", \"USD\": \"4\"", "cash.USD")]
    [InlineData("\"maxPosition\": \"4\"", "\"maxPosition\": \"4\", \"max\\u0050osition\": \"5\"", "risk.instruments.ETHUSDT.maxPosition")]
    public void A_key_that_stands_twice_is_refused(string text, string twice, string path)
    {
        string json = Examples.Full.Replace(text, twice, StringComparison.Ordinal);
        ConfigurationProblem problem = Assert.Single(Examples.Read(json).Problems);

        Assert.Equal(path, problem.Path);
        Assert.StartsWith("duplicate key", problem.Allowed);
    }

    [Fact]
    public void A_weight_or_scaling_that_nothing_uses_is_refused()
    {
        string net = Set(Examples.Full, "arbitration.policy", "\"net\"");
        ImmutableArray<ConfigurationProblem> weights = Examples.Read(net).Problems;
        string scaled = Set(Set(Examples.Minimal, "arbitration", "{}"), "arbitration.normaliseWeights", "true");
        string none = Set(Set(Set(Examples.Full, "arbitration.normaliseWeights", "true"), "strategies[0].weight", "\"0\""), "strategies[1].weight", "\"0\"");

        Assert.Equal(["strategies[0].weight", "strategies[1].weight"], weights.ConvertAll(p => p.Path));
        Assert.Equal("arbitration.normaliseWeights", Assert.Single(Examples.Read(scaled).Problems).Path);
        Assert.Equal("the sum must be above \"0\"", Assert.Single(Examples.Read(none).Problems).Allowed);
    }

    [Fact]
    public void All_problems_are_listed_at_once_and_their_number_is_bounded()
    {
        string json = Set(Set(Set(Examples.Full, "seed", "-1"), "risk.maxPositoin", "\"1\""), "venue.takerFeePpm", "99999");
        StringBuilder many = new("{");
        for (int i = 0; i < 500; i++)
        {
            many.Append(CultureInfo.InvariantCulture, $"\"k{i}\": 1,");
        }

        Assert.Equal(["seed", "risk.maxPositoin", "venue.takerFeePpm"], Examples.Read(json).Problems.ConvertAll(p => p.Path));
        Assert.Equal(100, Examples.Read(many + "\"end\": 1}").Problems.Length);
    }

    [Fact]
    public void The_unbroken_example_is_accepted()
    {
        // The control of this class: were the example itself refused, every test above would pass for nothing.
        Assert.Empty(Examples.Read(Examples.Full).Problems);
        Assert.Empty(Examples.Read(Set(Examples.Full, "seed", "98")).Problems);
    }

    /// <summary>The JSON with the value at a path replaced by raw text; null removes it.</summary>
    internal static string Set(string json, string path, string? raw)
    {
        const string mark = "\"@mark@\"";
        JsonNode root = JsonNode.Parse(json)!;
        JsonNode node = root;
        string[] steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        for (int i = 0; i < steps.Length - 1; i++)
        {
            node = steps[i][0] == '[' ? node[Index(steps[i])]! : node[steps[i]]!;
        }

        string last = steps[^1];
        if (raw is null)
        {
            Assert.True(node.AsObject().Remove(last));
        }
        else if (last[0] == '[')
        {
            node[Index(last)] = "@mark@";
        }
        else
        {
            node[last] = "@mark@";
        }

        return root.ToJsonString().Replace(mark, raw, StringComparison.Ordinal);
    }

    private static int Index(string step) => int.Parse(step[1..^1], CultureInfo.InvariantCulture);
}

/// <summary>The one thing that immutable arrays lack here.</summary>
file static class ImmutableArrays
{
    internal static string[] ConvertAll<T>(this ImmutableArray<T> items, Func<T, string> convert)
    {
        string[] converted = new string[items.Length];
        for (int i = 0; i < converted.Length; i++)
        {
            converted[i] = convert(items[i]);
        }

        return converted;
    }
}
