using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Configuration.Resources;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Results;

/// <summary>A file that the configuration decided with.</summary>
/// <param name="Use">What for.</param>
/// <param name="File">Its name.</param>
/// <param name="Sha256">
/// A model: SHA-256 of its bytes. A latency: of its series. A calendar, a rulebook, a matrix: of its resolved form.
/// </param>
internal sealed record ManifestFile(string Use, string File, string Sha256);

/// <summary>Where a result comes from: code, configuration, data, seed, machine. A number without it is an anecdote.</summary>
internal sealed record Manifest
{
    internal required string Command { get; init; }

    internal required string Version { get; init; }

    internal required string BuildHash { get; init; }

    internal required string ConfigurationName { get; init; }

    internal required string ConfigurationHash { get; init; }

    internal required ulong Seed { get; init; }

    internal required IReadOnlyList<ManifestFile> Files { get; init; }

    internal required string DataSource { get; init; }

    internal required string DataHash { get; init; }

    /// <summary>How the simulated venue filled orders.</summary>
    internal required string FillModel { get; init; }

    /// <summary>Perpetuals that were held without anybody telling their funding, because it was allowed.</summary>
    internal IReadOnlyList<string> WithoutFunding { get; init; } = [];

    internal required string Durability { get; init; }

    internal required string Topology { get; init; }

    /// <summary>The strategies: name, type, and the code that it is of.</summary>
    internal required IReadOnlyList<StrategyOrigin> Strategies { get; init; }

    internal required TimeSpan Elapsed { get; init; }

    /// <summary>The engine's version.</summary>
    internal static string EngineVersion { get; } =
        typeof(Manifest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Collects the manifest of a run.</summary>
    /// <param name="command">What was asked for.</param>
    /// <param name="configuration">The configuration.</param>
    /// <param name="data">The journal directory of the inputs; null for the generator.</param>
    /// <param name="elapsed">Wall time.</param>
    internal static Manifest Of(string command, EngineConfiguration configuration, string? data, TimeSpan elapsed) => new()
    {
        Command = command,
        Version = EngineVersion,
        BuildHash = BuildIdentity.Text,
        ConfigurationName = configuration.Name,
        ConfigurationHash = Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()),
        Seed = configuration.Seed,
        Files = FilesOf(configuration),
        DataSource = data is null ? "market generator" : Path.GetFullPath(data),
        DataHash = data is null ? "seed" : JournalIdentity.Of(data),
        FillModel = FillModelOf(configuration.Venue),
        Durability = configuration.Session.Journal.Durability.ToString(),
        Topology = configuration.Session.Topology.Mode.ToString(),
        Strategies = [.. configuration.Strategies.Select(Origin)],
        Elapsed = elapsed,
    };

    private static StrategyOrigin Origin(StrategyConfiguration strategy) => new(
        strategy.Name, strategy.Type, strategy.Assembly?.File ?? "built in", strategy.Assembly?.Sha256);

    private static List<ManifestFile> FilesOf(EngineConfiguration configuration)
    {
        List<ManifestFile> files = [];
        foreach (CalendarConfiguration calendar in configuration.Calendars)
        {
            files.Add(new ManifestFile("calendar " + calendar.Name, calendar.File, calendar.Sha256));
        }

        if (configuration.Arbitration.Gates?.Barrier is { } barrier)
        {
            foreach (ModelIdentity model in barrier.Models.Files)
            {
                files.Add(new ManifestFile("model " + model.Target, model.File, model.Sha256));
            }
        }

        AddLatency(files, "entry latency", configuration.Venue.Entry);
        AddLatency(files, "response latency", configuration.Venue.Response);
        if (configuration.Venue.MoneyFile is { } money)
        {
            files.Add(new ManifestFile(money.Use, money.File, money.Sha256));
        }

        foreach (ResourceUse use in configuration.RiskFiles)
        {
            files.Add(new ManifestFile(use.Use, use.File, use.Sha256));
        }

        return files;
    }

    private static string FillModelOf(VenueConfiguration venue) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(venue.Fills == FillRule.Lean ? "fills LEAN, " : string.Empty)}queue {venue.Queue}, bars {venue.BarPath}, entry {Text(venue.EntryLatency, venue.Entry)}, response {Text(venue.ResponseLatency, venue.Response)}, {venue.Incidents.Length} incidents");

    private static string Text(long floor, LatencyConfiguration latency) => string.Create(
        CultureInfo.InvariantCulture,
        $"{floor / 1_000} us{(latency.Addition.Kind == LatencyKind.Constant ? string.Empty : " + " + latency.Addition.Kind)}");

    private static void AddLatency(List<ManifestFile> files, string use, LatencyConfiguration latency)
    {
        if (latency.File.Length != 0)
        {
            files.Add(new ManifestFile(use, latency.File, latency.Sha256));
        }
    }
}

/// <summary>Where a strategy's code comes from.</summary>
/// <param name="Name">The strategy.</param>
/// <param name="Type">Its type.</param>
/// <param name="Source">The file, or "built in": then the build hash speaks for it.</param>
/// <param name="Sha256">The file's SHA-256; null when built in.</param>
internal sealed record StrategyOrigin(string Name, string Type, string Source, string? Sha256);

