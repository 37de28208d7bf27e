using System;
using System.Buffers;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// The whole configuration of one engine, resolved: every option has its value, given or default. Times are
/// nanoseconds, quantities and ratios are value x 10^9, money is value x 10^8.
/// </summary>
public sealed record EngineConfiguration
{
    private readonly GroupSetting _root;

    private EngineConfiguration(GroupSetting root, StrategyLibrary library)
    {
        _root = root;
        Library = library;
        ConfigurationBuilder builder = new(root, library.Catalogue);
        Name = root.Text("name");
        Instance = (ushort)root.Number("instance");
        Seed = (ulong)root.Number("seed");
        TickInterval = root.Number("tickIntervalMs") * ConfigurationBuilder.Millisecond;
        Cash = builder.Cash();
        Strategies = builder.Strategies();
        Arbitration = ArbitrationBuilder.Arbitration(root);
        Calendars = ArbitrationBuilder.Calendars(root);
        Risk = new RiskBuilder(root).Build();
        Growth = [.. new RiskBuilder(root).Growth()];
        RiskFiles = RiskBuilder.Files(root.Group("risk"));
        Execution = ExecutionBuilder.Build(root);
        Bars = builder.Bars();
        Guard = DataGuardSchema.Build(root);
        Venue = VenueBuilder.Venue(root);
        Generator = builder.Generator();
        Live = LiveSection.Build(root);
        Session = builder.Session();
        DecisionHash = [.. SHA256.HashData(ToDecisionJson())];
    }

    /// <summary>Name, for people and reports.</summary>
    public string Name { get; }

    /// <summary>Number of the engine, part of every client order id.</summary>
    public ushort Instance { get; }

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; }

    /// <summary>Nanoseconds between timer ticks.</summary>
    public long TickInterval { get; }

    /// <summary>Opening cash, by currency.</summary>
    public ImmutableArray<CashConfiguration> Cash { get; }

    /// <summary>The strategies in the order of the file; the first has number 1.</summary>
    public ImmutableArray<StrategyConfiguration> Strategies { get; }

    /// <summary>How conflicting wishes are reconciled.</summary>
    public ArbitrationConfiguration Arbitration { get; }

    /// <summary>When instruments trade.</summary>
    public ImmutableArray<CalendarConfiguration> Calendars { get; }

    /// <summary>Limits.</summary>
    public RiskSettings Risk { get; }

    /// <summary>Sizes that grow, in the order of the strategies; null for one that does not, empty when none does.</summary>
    public ImmutableArray<GrowthRule?> Growth { get; }

    /// <summary>The checks that the text asks for beyond those that are always there.</summary>
    internal IReadOnlyList<RiskReason> AskedChecks => ConfiguredChecks.Of(_root);

    /// <summary>The files that risk decides with.</summary>
    internal ImmutableArray<ResourceUse> RiskFiles { get; }

    /// <summary>How orders of targets are worked; null to do as the wishes say.</summary>
    public ExecutionConfiguration? Execution { get; }

    /// <summary>Bars to build beyond those that the strategies ask for.</summary>
    public BarsConfiguration Bars { get; }

    /// <summary>What is believed of market data.</summary>
    public MarketGuard Guard { get; }

    /// <summary>The simulated venue.</summary>
    public VenueConfiguration Venue { get; }

    /// <summary>The generated market, seed included; null when the file has none.</summary>
    public MarketGeneratorOptions? Generator { get; }

    /// <summary>A real venue; null when the file names none.</summary>
    public LiveConfiguration? Live { get; }

    /// <summary>What cannot change a decision: journal and threads.</summary>
    public SessionConfiguration Session { get; }

    /// <summary>SHA-256 of <see cref="ToDecisionJson"/>: equal hashes, equal decisions on equal events.</summary>
    public ImmutableArray<byte> DecisionHash { get; }

    /// <summary>Reads a configuration file.</summary>
    /// <param name="utf8">The bytes of the file.</param>
    /// <param name="nameForErrors">Name of the file in the problems.</param>
    /// <param name="catalogue">The strategy types that may be named.</param>
    /// <param name="directory">
    /// The folder that the files it names start from; null when it may hold resolved forms only, as in a journal.
    /// </param>
    /// <returns>The configuration, or everything that is wrong with it.</returns>
    public static ConfigurationReading FromJson(
        ReadOnlySpan<byte> utf8, string nameForErrors, StrategyCatalogue catalogue, string? directory = null) =>
        FromJson(utf8, nameForErrors, StrategyLibrary.BuiltIn(catalogue), [], directory);

    /// <summary>Reads a configuration file that may name assemblies of strategies; they are checked and loaded first.</summary>
    /// <param name="utf8">The bytes of the file.</param>
    /// <param name="nameForErrors">Name of the file in the problems.</param>
    /// <param name="source">Where the assemblies and other files lie.</param>
    /// <returns>The configuration, or everything that is wrong with it.</returns>
    internal static ConfigurationReading FromJson(ReadOnlySpan<byte> utf8, string nameForErrors, IStrategySource source)
    {
        StrategyLibrary library = StrategyLibrary.Of(utf8, nameForErrors, source, out ImmutableArray<ConfigurationProblem> refused);
        return FromJson(utf8, nameForErrors, library, refused, source.Folder);
    }

    /// <summary>Reads a configuration whose strategies are of a library that is there already.</summary>
    internal static ConfigurationReading FromJson(ReadOnlySpan<byte> utf8, string nameForErrors, StrategyLibrary library) =>
        FromJson(utf8, nameForErrors, library, [], directory: null);

    private static ConfigurationReading FromJson(
        ReadOnlySpan<byte> utf8,
        string nameForErrors,
        StrategyLibrary library,
        ImmutableArray<ConfigurationProblem> refused,
        string? directory)
    {
        ConfigurationReader reader = new(nameForErrors, directory);
        GroupSetting? root = reader.ReadFile(EngineSchema.Root(library.Catalogue), utf8);
        if (root is not null)
        {
            new ConfigurationRules(reader, library.Catalogue).Check(root);
            new ArbitrationRules(reader).Check(root);
            new RiskRules(reader).Check(root);
            new ExecutionRules(reader).Check(root);
            LiveSection.Check(reader, root);
            library.Check(reader, root);
        }

        // Code that was refused leaves its type unknown: that is then no second problem.
        ImmutableArray<ConfigurationProblem> problems = refused.IsEmpty ? reader.Problems : refused;
        if (root is null || problems.Length > 0)
        {
            return new ConfigurationReading(null, problems);
        }

        EngineConfiguration configuration = new(root, library);
        CheckTimeframes(reader, configuration);
        return reader.Problems.Length > 0
            ? new ConfigurationReading(null, reader.Problems)
            : new ConfigurationReading(configuration, []);
    }

    /// <summary>Only the strategies themselves know which bars they need.</summary>
    private static void CheckTimeframes(ConfigurationReader reader, EngineConfiguration configuration)
    {
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            if (!configuration.Library.CanCreate(strategy.Type))
            {
                return;
            }
        }

        long[] timeframes = PipelineFactory.Timeframes(configuration);
        if (timeframes.Length > MarketView.TimeframesMax)
        {
            string lengths = string.Join(", ", Array.ConvertAll(timeframes, length => length / ConfigurationBuilder.Millisecond));
            reader.Report(
                "bars.timeframesMs",
                string.Create(CultureInfo.InvariantCulture, $"{timeframes.Length} lengths of bars ({lengths} ms)"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"at most {MarketView.TimeframesMax} different lengths, those of the strategies and of the barrier gate included"));
        }
    }

    /// <summary>What makes the strategies.</summary>
    internal StrategyLibrary Library { get; }

    /// <summary>The resolved configuration: every option, in the declared order, in one spelling.</summary>
    /// <returns>
    /// UTF-8 JSON, two spaces of indentation, LF, a newline at the end. Reading it gives the same again.
    /// </returns>
    public byte[] ToCanonicalJson() => Json(decisions: false);

    /// <summary>The resolved configuration for a person: of files that decide only name and hash.</summary>
    /// <returns>UTF-8 JSON in the same form.</returns>
    public byte[] ToShownJson() => Json(decisions: false, shown: true);

    /// <summary>
    /// The part of the resolved configuration that can influence a decision: all but the session and the places of files that
    /// are named by their hashes.
    /// </summary>
    /// <returns>UTF-8 JSON in the same form.</returns>
    public byte[] ToDecisionJson() => Json(decisions: true);

    private byte[] Json(bool decisions, bool shown = false)
    {
        ArrayBufferWriter<byte> buffer = new();
        JsonWriterOptions options = new() { Indented = true, IndentSize = 2, IndentCharacter = ' ', NewLine = "\n" };
        using (Utf8JsonWriter writer = new(buffer, options))
        {
            (shown ? Shown(_root) : _root).Write(writer, decisions);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static GroupSetting Shown(GroupSetting group)
    {
        ImmutableArray<(string, Setting)>.Builder members = ImmutableArray.CreateBuilder<(string, Setting)>();
        foreach ((string name, Setting value) in group.Members)
        {
            members.Add((name, Shown(value)));
        }

        return group with { Members = members.ToImmutable() };
    }

    private static Setting Shown(Setting setting)
    {
        switch (setting)
        {
            case GroupSetting group:
                return Shown(group);
            case ListSetting list:
                ImmutableArray<Setting>.Builder elements = ImmutableArray.CreateBuilder<Setting>();
                foreach (Setting element in list.Elements)
                {
                    elements.Add(Shown(element));
                }

                return list with { Elements = elements.ToImmutable() };
            case ResourceSetting resource:
                return new TextSetting(resource.Path, resource.Valid, resource.File + " " + resource.Hash);
            default:
                return setting;
        }
    }
}
