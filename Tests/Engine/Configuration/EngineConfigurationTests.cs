using System.IO;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text;
using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Format;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Configuration;

public sealed class EngineConfigurationTests
{
    private const string PinnedHash = "48b9d4d531a186c9e028158d14901300d192a7f4fe9b817d2e2cbba178c2e830";

    private static readonly StrategyCatalogue PinnedCatalogue = new(
        new ParameterSchema("fixed", "For the pin.", [new ParameterDefinition("bars", ParameterKind.Integer, 1, 9, 5,
            "Bars.")]));

    [Fact]
    public void Every_value_arrives_in_the_units_of_the_core()
    {
        EngineConfiguration read = Examples.Valid(Examples.Full);

        Assert.Equal("full", read.Name);
        Assert.Equal(7, read.Instance);
        Assert.Equal(99UL, read.Seed);
        Assert.Equal(200_000_000, read.TickInterval);
        Assert.Equal([new("USD", 300_000_000), new("USDT", 10_000_050_000_000)], read.Cash);

        StrategyConfiguration first = read.Strategies[0];
        Assert.Equal(("a", "ema-cross", 5, 250_000_000L), (first.Name, first.Type, first.Priority, first.Weight));
        Assert.Equal(["BTCUSDT", "ETHUSDT"], first.Instruments);
        Assert.Equal(10_000_000, first.Cooldown);
        Assert.Equal(3, first.Parameters.Integer("fastBars"));
        Assert.Equal(9, first.Parameters.Integer("slowBars"));
        Assert.Equal("imbalance", read.Strategies[1].Parameters.Schema.Type);

        Assert.Equal(new ArbitrationConfiguration(ArbitrationPolicy.Blend, false), read.Arbitration);
        InstrumentLimits general = new()
        {
            MaxOrderQuantityE9 = 1_500_000_000,
            MaxOrderNotional = 2_000_000_000_000,
            MaxPositionE9 = 2_000_000_000,
            PriceCollarBps = 100,
            StaleAfter = 3_000_000_000,
        };
        Assert.Equal(general, read.Risk.Default);
        Assert.Equal(32, read.Risk.MaxWorkingOrders);
        Assert.Equal((4_000_000_000L, true), (read.Risk.MaxLeverageE9, read.Risk.AllowShort));
        Assert.Equal(750_000_000, read.Risk.RetryInterval);
        Assert.Equal(5_000_000_000_000, read.Risk.MaxGrossNotional);
        Assert.Equal((40, 2_000_000_000L), (read.Risk.MaxOrdersPerWindow, read.Risk.OrderWindow));
        Assert.Equal((5, 3_000_000_000L), (read.Risk.MaxRepeats, read.Risk.RepeatWindow));
        Assert.Equal(500_000_000, read.Risk.RejectBackoff);
        Assert.Equal(TradingState.Reducing, read.Risk.InitialState);
        Assert.Equal(general with { MaxPositionE9 = 4_000_000_000, StaleAfter = 9_000_000_000 },
            read.Risk.LimitsOf(Symbol24.Of("ETHUSDT")));
        Assert.Equal(general, read.Risk.LimitsOf(Symbol24.Of("BTCUSDT")));

        Assert.Equal(600, read.Risk.FeePpm);
        Assert.Equal((400_000, 3_000_000_000_000L), (read.Risk.MaxConcentrationPpm, read.Risk.MaxNetNotional));
        Assert.Equal((2_000_000_000_000L, 1_000_000_000_000L), (read.Risk.Groups[0].MaxGross, read.Risk.Groups[0].MaxNet));
        Assert.Equal((1, 0), (read.Risk.GroupOf(Symbol24.Of("BTCUSDT")), read.Risk.GroupOf(Symbol24.Of("ETHUSDT"))));
        ExitRule exit = new()
        {
            StopLossBps = 50,
            TakeProfitBps = 100,
            TrailingBps = 80,
            MaxHolding = 60_000_000_000,
            MaxLoss = 2_500_000_000,
            Price = ExitPrice.Last,
            Reentry = 1_000_000_000,
        };
        Assert.Equal(2, read.Risk.Exits.Length);
        Assert.Equal(exit, read.Risk.Exits[0]);
        Assert.Null(read.Risk.Exits[1]);
        Assert.Equal(
            [
                new(BreakerKind.DailyLoss, 50_000_000_000, BreakerAction.Flatten),
                new(BreakerKind.Drawdown, 90_000_000_000, BreakerAction.Halt),
                new(BreakerKind.LosingTrades, 5, BreakerAction.Reduce),
                new(BreakerKind.Rejects, 10, BreakerAction.Halt, 30_000_000_000),
                new(BreakerKind.Orders, 100, BreakerAction.Halt, 30_000_000_000),
                new(BreakerKind.VenueErrors, 3, BreakerAction.Reduce, 30_000_000_000),
            ],
            read.Risk.Breakers);
        Assert.Equal(3_600_000_000_000, read.Risk.Day.StartsAt);

        Assert.Equal(15, read.Risk.MarketableBandBps);
        Assert.Equal([1_000_000_000L, 60_000_000_000], read.Bars.Timeframes);
        Assert.Equal(100_000_000, read.Bars.Grace);
        Assert.Equal(new VenueConfiguration(1_000_000, 2_000_000, -50, 600), read.Venue);
        Assert.Equal(new JournalConfiguration(Durability.Written, 32L << 20, 1_000_000, true), read.Session.Journal);
        Assert.Equal(new TopologyConfiguration(TopologyMode.Staged, WaitMode.Parking, 4096), read.Session.Topology);
    }

    [Fact]
    public void The_generated_market_gets_the_units_of_its_tick_and_lot_and_the_seed()
    {
        MarketGeneratorOptions? generator = Examples.Valid(Examples.Full).Generator;

        Assert.NotNull(generator);
        Assert.Equal(99UL, generator.Seed);
        Assert.Equal(1_700_000_000_000_000_000, generator.StartTime);
        Assert.Equal((1000L, 60_000_000_000L), (generator.MaxEvents, generator.MaxDuration));
        GeneratedInstrument instrument = Assert.Single(generator.Instruments);
        Assert.Equal((byte)1, instrument.Rules.PriceExponent);
        Assert.Equal((byte)3, instrument.Rules.QuantityExponent);
        Assert.Equal((1L, 1L), (instrument.Rules.Tick, instrument.Rules.Lot));
        Assert.Equal((600_000L, 500L), (instrument.StartPrice, instrument.TypicalQuantity));
        Event first = default;
        Assert.Equal(ReadResult.Event, new MarketGenerator(generator).Read(ref first));
        Assert.Equal("BTCUSDT", first.InstrumentDefined.Symbol.ToString());
    }

    [Fact]
    public void What_is_silent_has_its_default()
    {
        EngineConfiguration read = Examples.Valid(Examples.Minimal);

        Assert.Equal((1, 1UL, 100_000_000L), (read.Instance, read.Seed, read.TickInterval));
        Assert.Empty(read.Cash);
        Assert.Equal((100, 1_000_000_000L, 0L), (read.Strategies[0].Priority, read.Strategies[0].Weight,
            read.Strategies[0].Cooldown));
        Assert.Equal(
            StrategyParameters.Defaults(EmaCross.Schema).Values.ToArray(),
            read.Strategies[0].Parameters.Values.ToArray());
        Assert.Equal(new ArbitrationConfiguration(ArbitrationPolicy.Net, false), read.Arbitration);
        Assert.Equal((64, 200, 5_000_000_000L), (read.Risk.MaxWorkingOrders, read.Risk.Default.PriceCollarBps,
            read.Risk.Default.StaleAfter));
        Assert.Equal((10_000_000_000L, false, 1_000_000_000L),
            (read.Risk.MaxLeverageE9, read.Risk.AllowShort, read.Risk.RetryInterval));
        Assert.Equal(TradingState.Active, read.Risk.InitialState);
        Assert.Equal((1, 0, 550), (read.Risk.Exits.Length, read.Risk.Breakers.Length, read.Risk.FeePpm));
        Assert.Null(read.Risk.Exits[0]);
        Assert.Equal(10, read.Risk.MarketableBandBps);
        Assert.Empty(read.Bars.Timeframes);
        Assert.Equal(new VenueConfiguration(500_000, 500_000, 200, 550), read.Venue);
        Assert.Null(read.Generator);
        Assert.Equal(new JournalConfiguration(Durability.Flushed, 64L << 20, 1_000_000, true), read.Session.Journal);
        Assert.Equal(new TopologyConfiguration(TopologyMode.RunToCompletion, WaitMode.Yielding, 16_384),
            read.Session.Topology);
    }

    [Theory]
    [InlineData("btc-eth.json", 3)]
    [InlineData("spy.json", 3)]
    [InlineData("generator.json", 3)]
    [InlineData("arbitration.json", 3)]
    [InlineData("rules.json", 1)]
    [InlineData("guarded.json", 3)]
    [InlineData("everything.json", 20)]
    public void The_shipped_examples_are_valid(string name, int strategies)
    {
        EngineConfiguration read = Examples.Valid(Examples.Shipped(name));

        Assert.Equal(strategies, read.Strategies.Length);
        Assert.Equal(Path.GetFileNameWithoutExtension(name), read.Name);
    }

    [Theory]
    [InlineData(Examples.Minimal)]
    [InlineData(Examples.Full)]
    [InlineData(Examples.Gated)]
    [InlineData(Examples.Accounted)]
    public void Reading_the_resolved_form_gives_the_same_form_and_hash(string json)
    {
        EngineConfiguration first = Examples.Valid(json);
        string canonical = Encoding.UTF8.GetString(first.ToCanonicalJson());
        EngineConfiguration second = Examples.Valid(canonical);

        Assert.Equal(canonical, Encoding.UTF8.GetString(second.ToCanonicalJson()));
        Assert.Equal(first.DecisionHash, second.DecisionHash);
        Assert.EndsWith("}\n", canonical);
        Assert.DoesNotContain("\r", canonical);
    }

    [Fact]
    public void Order_of_keys_spacing_and_spelling_of_decimals_change_nothing()
    {
        string other = Examples.Minimal
            .Replace("\"maxOrderQuantity\": \"1\", ", "", StringComparison.Ordinal)
            .Replace("\"maxPosition\": \"2\",", "\"maxPosition\":\"2.000\",\n\n \"maxOrderQuantity\": \"1.0\",",
                StringComparison.Ordinal);

        Assert.NotEqual(Examples.Minimal, other);
        Assert.Equal(Examples.Canonical(Examples.Minimal), Examples.Canonical(other));
    }

    [Fact]
    public void The_decision_hash_is_the_sha256_of_the_resolved_form_without_the_session()
    {
        EngineConfiguration read = Examples.Valid(Examples.Full);
        JsonObject whole = JsonNode.Parse(read.ToCanonicalJson())!.AsObject();
        Assert.True(whole.Remove("session"));
        JsonSerializerOptions indented = new() { WriteIndented = true, NewLine = "\n" };
        string withoutSession = whole.ToJsonString(indented) + "\n";

        Assert.Equal(withoutSession, Encoding.UTF8.GetString(read.ToDecisionJson()));
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(withoutSession)), read.DecisionHash);
    }

    [Fact]
    public void The_resolved_form_and_hash_of_a_pinned_file_do_not_change()
    {
        string folder = Path.Combine(Repository.Root, "Tests", "Engine", "Configuration");
        byte[] json = Encoding.UTF8.GetBytes(Examples.Minimal.Replace("ema-cross", "fixed", StringComparison.Ordinal));
        Assert.True(EngineConfiguration.FromJson(json, "pin", PinnedCatalogue).TryGet(out EngineConfiguration? read));

        // Pinned.json was written by hand from docs/configuration.md; its hash is that of `sha256sum Pinned.json`.
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "Pinned.json")),
            Encoding.UTF8.GetString(read.ToDecisionJson()));
        Assert.Equal(PinnedHash, Convert.ToHexStringLower(read.DecisionHash.AsSpan()));
    }

    [Fact]
    public void Weights_arrive_as_they_were_given_and_arbitration_scales_them()
    {
        EngineConfiguration read = Examples.Valid(Examples.Full
            .Replace("\"weight\": \"0.25\"", "\"weight\": \"1\"", StringComparison.Ordinal)
            .Replace("\"weight\": \"0.75\"", "\"weight\": \"2\"", StringComparison.Ordinal)
            .Replace("\"normaliseWeights\": false", "\"normaliseWeights\": true", StringComparison.Ordinal));

        Assert.Equal((1_000_000_000, 2_000_000_000), (read.Strategies[0].Weight, read.Strategies[1].Weight));
        DecisionPipeline pipeline = PipelineFactory.Pipeline(read);

        // A third and two thirds of 10^9 units: the larger remainder gets the unit that rounding lost.
        Assert.Equal(333_333_333, pipeline.Arbitration.WeightE9(new StrategyId(1), new InstrumentId(1)));
        Assert.Equal(666_666_667, pipeline.Arbitration.WeightE9(new StrategyId(2), new InstrumentId(1)));
    }
}
