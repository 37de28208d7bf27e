using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reports;
using LowLatency.Engine.Results;
using LowLatency.Engine.Strategies;

namespace LowLatency.Engine.Commands;

/// <summary>Options that several commands share, said once.</summary>
internal static class CommonOptions
{
    internal static Option<FileInfo?> Configuration() => new("--config", "-c")
    {
        Description = "Configuration file (JSON, see docs/configuration.md).",
    };

    internal static Option<DirectoryInfo?> Data() => new("--data", "-d")
    {
        Description = "Journal directory: an imported data set or a recorded run.",
    };

    internal static Option<DirectoryInfo?> Output(string help) => new("--out", "-o") { Description = help };

    internal static Option<FileInfo?> Json() => new("--json")
    {
        Description = "Write the result with its manifest to this file as JSON.",
    };

    internal static Option<DirectoryInfo?> Artifact() => new("--artifact")
    {
        Description = "Write result, tables, page and configuration with their hashes to this (new) directory.",
    };

    /// <summary>Refuses a directory for an artifact before anything is run for it.</summary>
    internal static void RefuseUsed(DirectoryInfo? artifact)
    {
        if (artifact is not null && Path.Exists(artifact.FullName))
        {
            throw new CommandFailure(
                ExitCode.Usage, $"--artifact {artifact.FullName}: there is something already; an artifact is never written over");
        }
    }

    /// <summary>Writes an artifact, if one is asked for.</summary>
    internal static void Keep(DirectoryInfo? artifact, RunReport report, Manifest manifest)
    {
        if (artifact is not null)
        {
            Reports.Artifact.Write(artifact.FullName, ReportFiles.All(report, manifest));
            Console.WriteLine("artifact " + artifact.FullName);
        }
    }

    /// <summary>Reads a configuration file; every problem is listed at once.</summary>
    internal static EngineConfiguration Load(FileInfo file)
    {
        if (!file.Exists)
        {
            throw new CommandFailure(ExitCode.Usage, $"--config {file.FullName}: there is no such file");
        }

        return Parse(File.ReadAllBytes(file.FullName), file.FullName, file.DirectoryName!);
    }

    /// <summary>Prints what a run is about to be: the resolved configuration on one line, and its hash.</summary>
    internal static void Print(EngineConfiguration configuration)
    {
        using JsonDocument resolved = JsonDocument.Parse(configuration.ToShownJson());
        Console.WriteLine("configuration " + JsonSerializer.Serialize(resolved.RootElement, CompactJson.Default.JsonElement));
        Console.WriteLine("decision hash " + Convert.ToHexStringLower(configuration.DecisionHash.AsSpan()));
    }

    /// <summary>Says which inputs of the barrier gate were one constant: a gate that sees nothing holds nothing back.</summary>
    internal static void WarnOfBlindGate(EngineConfiguration configuration, RunResult result)
    {
        foreach (int input in result.Arbitration.Barrier?.NeverVaried ?? [])
        {
            string name = configuration.Arbitration.Gates!.Barrier!.Models.FeatureNames[input];
            Console.Error.WriteLine($"warning: barrier gate: input has no variance: {name} had one value in every reading");
        }
    }

    /// <summary>Says which symbols of the configuration the market never defined: their strategies did nothing.</summary>
    internal static void WarnOfMissing(EngineConfiguration configuration, RunResult result)
    {
        HashSet<string> defined = new(StringComparer.Ordinal);
        foreach (InstrumentResult instrument in result.Instruments)
        {
            defined.Add(instrument.Symbol);
        }

        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            foreach (string symbol in strategy.Instruments)
            {
                if (!defined.Contains(symbol))
                {
                    Console.Error.WriteLine(
                        $"warning: strategy {strategy.Name}: the market has no {symbol}; it has {string.Join(", ", defined)}");
                }
            }
        }
    }

    /// <summary>Reads a configuration; the assemblies that it names lie beside it.</summary>
    internal static EngineConfiguration Parse(ReadOnlySpan<byte> utf8, string name, string folder)
    {
        ConfigurationReading reading = EngineConfiguration.FromJson(utf8, name, new FilesBeside(folder));
        return reading.TryGet(out EngineConfiguration? configuration)
            ? configuration
            : throw new CommandFailure(
                ExitCode.Usage,
                "the configuration is refused:" + Environment.NewLine + "  "
                + string.Join(Environment.NewLine + "  ", reading.Problems));
    }
}

/// <summary>Serialises JSON elements without reflection.</summary>
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class CompactJson : JsonSerializerContext;
