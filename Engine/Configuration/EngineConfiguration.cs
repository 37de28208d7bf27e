using System;
using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// The whole configuration of one engine, resolved: every option has its value, given or default. Times are
/// nanoseconds, quantities and ratios are value x 10^9, money is value x 10^8.
/// </summary>
public sealed record EngineConfiguration
{
    private const string SessionKey = "session";

    private readonly GroupSetting _root;

    private EngineConfiguration(GroupSetting root, StrategyCatalogue catalogue)
    {
        _root = root;
        ConfigurationBuilder builder = new(root, catalogue);
        Name = root.Text("name");
        Instance = (ushort)root.Number("instance");
        Seed = (ulong)root.Number("seed");
        TickInterval = root.Number("tickIntervalMs") * ConfigurationBuilder.Millisecond;
        Cash = builder.Cash();
        Strategies = builder.Strategies();
        Arbitration = builder.Arbitration();
        Risk = new RiskBuilder(root).Build();
        Bars = builder.Bars();
        Venue = builder.Venue();
        Generator = builder.Generator();
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

    /// <summary>Limits.</summary>
    public RiskSettings Risk { get; }

    /// <summary>Bars to build beyond those that the strategies ask for.</summary>
    public BarsConfiguration Bars { get; }

    /// <summary>The simulated venue.</summary>
    public VenueConfiguration Venue { get; }

    /// <summary>The generated market, seed included; null when the file has none.</summary>
    public MarketGeneratorOptions? Generator { get; }

    /// <summary>What cannot change a decision: journal and threads.</summary>
    public SessionConfiguration Session { get; }

    /// <summary>SHA-256 of <see cref="ToDecisionJson"/>: equal hashes, equal decisions on equal events.</summary>
    public ImmutableArray<byte> DecisionHash { get; }

    /// <summary>Reads a configuration file.</summary>
    /// <param name="utf8">The bytes of the file.</param>
    /// <param name="nameForErrors">Name of the file in the problems.</param>
    /// <param name="catalogue">The strategy types that may be named.</param>
    /// <returns>The configuration, or everything that is wrong with it.</returns>
    public static ConfigurationReading FromJson(
        ReadOnlySpan<byte> utf8, string nameForErrors, StrategyCatalogue catalogue)
    {
        ConfigurationReader reader = new(nameForErrors);
        GroupSetting? root = reader.ReadFile(EngineSchema.Root(catalogue), utf8);
        if (root is not null)
        {
            new ConfigurationRules(reader, catalogue).Check(root);
        }

        return root is null || reader.Problems.Length > 0
            ? new ConfigurationReading(null, reader.Problems)
            : new ConfigurationReading(new EngineConfiguration(root, catalogue), []);
    }

    /// <summary>The resolved configuration: every option, in the declared order, in one spelling.</summary>
    /// <returns>
    /// UTF-8 JSON, two spaces of indentation, LF, a newline at the end. Reading it gives the same again.
    /// </returns>
    public byte[] ToCanonicalJson() => Json(without: null);

    /// <summary>The part of the resolved configuration that can influence a decision: all but the session.</summary>
    /// <returns>UTF-8 JSON in the same form.</returns>
    public byte[] ToDecisionJson() => Json(SessionKey);

    private byte[] Json(string? without)
    {
        ArrayBufferWriter<byte> buffer = new();
        JsonWriterOptions options = new() { Indented = true, IndentSize = 2, IndentCharacter = ' ', NewLine = "\n" };
        using (Utf8JsonWriter writer = new(buffer, options))
        {
            _root.Write(writer, without);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
