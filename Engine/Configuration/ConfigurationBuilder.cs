using System;
using System.Collections.Immutable;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Format;

namespace LowLatency.Engine.Configuration;

/// <summary>Turns a tree of valid settings into records, and their units into those of the core.</summary>
internal sealed class ConfigurationBuilder
{
    internal const long Microsecond = 1_000;
    internal const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const int LargestOrderInTypicalQuantities = 1000;

    private readonly GroupSetting _root;
    private readonly StrategyCatalogue _catalogue;

    internal ConfigurationBuilder(GroupSetting root, StrategyCatalogue catalogue)
    {
        _root = root;
        _catalogue = catalogue;
    }

    internal ImmutableArray<CashConfiguration> Cash()
    {
        ImmutableArray<CashConfiguration>.Builder cash = ImmutableArray.CreateBuilder<CashConfiguration>();
        GroupSetting group = _root.Group("cash");
        foreach ((string currency, Setting _) in group.Members)
        {
            cash.Add(new CashConfiguration(currency, group.Number(currency)));
        }

        return cash.ToImmutable();
    }

    internal ImmutableArray<StrategyConfiguration> Strategies()
    {
        ImmutableArray<StrategyConfiguration>.Builder strategies =
            ImmutableArray.CreateBuilder<StrategyConfiguration>();
        foreach (Setting setting in _root.List("strategies"))
        {
            GroupSetting group = (GroupSetting)setting;
            strategies.Add(new StrategyConfiguration(
                group.Text("name"),
                group.Text("type"),
                Symbols(group),
                (int)group.Number("priority"),
                group.Number("weight"),
                group.Number("cooldownMs") * Millisecond,
                Parameters(group),
                group.Find("assembly") is GroupSetting assembly
                    ? new AssemblyConfiguration(assembly.Text("file"), assembly.Text("sha256"))
                    : null));
        }

        return strategies.ToImmutable();
    }

    internal BarsConfiguration Bars()
    {
        GroupSetting group = _root.Group("bars");
        ImmutableArray<long>.Builder timeframes = ImmutableArray.CreateBuilder<long>();
        foreach (Setting timeframe in group.List("timeframesMs"))
        {
            timeframes.Add(((IntegerSetting)timeframe).Value * Millisecond);
        }

        return new BarsConfiguration(
            timeframes.ToImmutable(), group.Number("graceMs") * Millisecond, (int)group.Number("rewarmAfterMissedBars"));
    }

    private static string? PathOf(string text) => text == EngineSchema.NoFile ? null : text;

    internal SessionConfiguration Session()
    {
        GroupSetting journal = _root.Group("session").Group("journal");
        GroupSetting topology = _root.Group("session").Group("topology");
        return new SessionConfiguration(
            new JournalConfiguration(
                journal.Text("durability") switch
                {
                    "written" => Durability.Written,
                    "flushed" => Durability.Flushed,
                    "none" => Durability.None,
                    string other => throw Undeclared(other),
                },
                journal.Number("segmentMiB") << 20,
                journal.Number("snapshotEvery"),
                journal.Text("keep") == "everything")
            {
                Spares = (int)journal.Number("spares"),
                KeyFile = PathOf(journal.Text("keyFile")),
                Watermark = PathOf(journal.Text("watermark")),
            },
            new TopologyConfiguration(
                topology.Text("mode") switch
                {
                    "inline" => TopologyMode.Inline,
                    "run-to-completion" => TopologyMode.RunToCompletion,
                    "staged" => TopologyMode.Staged,
                    "lockstep" => TopologyMode.Lockstep,
                    string other => throw Undeclared(other),
                },
                topology.Text("wait") switch
                {
                    "busy-spin" => WaitMode.BusySpin,
                    "yielding" => WaitMode.Yielding,
                    "parking" => WaitMode.Parking,
                    string other => throw Undeclared(other),
                },
                (int)topology.Number("ringSize")));
    }

    internal MarketGeneratorOptions? Generator()
    {
        if (_root.Find("generator") is not GroupSetting group)
        {
            return null;
        }

        ImmutableArray<Setting> list = group.List("instruments");
        GeneratedInstrument[] instruments = new GeneratedInstrument[list.Length];
        for (int i = 0; i < instruments.Length; i++)
        {
            instruments[i] = Instrument((GroupSetting)list[i]);
        }

        return new MarketGeneratorOptions(
            (ulong)_root.Number("seed"),
            group.Number("startUnixSeconds") * Second,
            group.Number("events"),
            group.Number("durationSeconds") * Second,
            (int)group.Number("jumpsPerMillion"),
            (int)group.Number("gapsPerMillion"),
            (int)group.Number("haltsPerMillion"),
            (int)group.Number("burstsPerMillion"),
            instruments);
    }

    /// <summary>A generated instrument: its units are the decimals of its tick and lot.</summary>
    internal static GeneratedInstrument Instrument(GroupSetting group)
    {
        int priceExponent = Decimals(group.Number("tick"));
        int quantityExponent = Decimals(group.Number("lot"));
        long lot = Units(group.Number("lot"), quantityExponent);
        long typical = Units(group.Number("typicalQuantity"), quantityExponent);
        return new GeneratedInstrument(
            new InstrumentDefined
            {
                Symbol = Symbol24.Of(group.Text("symbol")),
                Currency = Currency8.Of(group.Text("currency")),
                Tick = Units(group.Number("tick"), priceExponent),
                Lot = lot,
                MinQuantity = lot,
                MaxQuantity = typical > long.MaxValue / LargestOrderInTypicalQuantities
                    ? long.MaxValue / lot * lot
                    : typical * LargestOrderInTypicalQuantities,
                MinNotional = group.Number("minNotional"),
                Multiplier = 1,
                DefinitionVersion = 1,
                InstrumentKind = InstrumentKind.Linear,
                PriceExponent = (byte)priceExponent,
                QuantityExponent = (byte)quantityExponent,
            },
            Units(group.Number("startPrice"), priceExponent),
            (int)group.Number("depthTicks"),
            (int)group.Number("spreadTicks"),
            typical,
            (int)group.Number("volatilityPpm"),
            (int)group.Number("messagesPerSecond"),
            (int)group.Number("tradesPpm"));
    }

    /// <summary>Decimal places that a value x 10^9 needs.</summary>
    private static int Decimals(long value9)
    {
        int decimals = EngineSchema.ParameterExponent;
        while (decimals > 0 && value9 % 10 == 0)
        {
            value9 /= 10;
            decimals--;
        }

        return decimals;
    }

    private static long Units(long value9, int exponent) =>
        value9 / Core.Values.Instrument.PowerOf10(EngineSchema.ParameterExponent - exponent);

    private static ImmutableArray<string> Symbols(GroupSetting strategy)
    {
        ImmutableArray<string>.Builder symbols = ImmutableArray.CreateBuilder<string>();
        foreach (Setting symbol in strategy.List("instruments"))
        {
            symbols.Add(((TextSetting)symbol).Value);
        }

        return symbols.ToImmutable();
    }

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);

    private StrategyParameters Parameters(GroupSetting strategy)
    {
        ParameterSchema? schema = _catalogue.Find(strategy.Text("type"));
        Ensure.That(schema is not null, "a strategy type that was read is in the catalogue");
        GroupSetting group = strategy.Group("parameters");
        long[] values = new long[schema.Parameters.Length];
        for (int i = 0; i < values.Length; i++)
        {
            ParameterDefinition definition = schema.Parameters[i];
            values[i] = definition.Kind switch
            {
                ParameterKind.Choice => definition.Choices.IndexOf(group.Text(definition.Name)),
                ParameterKind.Rules => 0,
                _ => group.Number(definition.Name),
            };
        }

        return new StrategyParameters(
            schema,
            values,
            schema.RulesName.Length == 0 ? string.Empty : group.Get<RulesSetting>(schema.RulesName).Program.GetRawText());
    }
}
