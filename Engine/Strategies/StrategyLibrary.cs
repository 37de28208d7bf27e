using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;

namespace LowLatency.Engine.Strategies;

/// <summary>
/// The strategy types that one configuration may name, built in and loaded, and how they are made. Each assembly is read
/// once, and what was read is what is used.
/// </summary>
internal sealed class StrategyLibrary
{
    private readonly Dictionary<string, StrategyAssembly> _owners = new(StringComparer.Ordinal);

    private readonly bool _silent;

    private StrategyLibrary(StrategyCatalogue catalogue, ImmutableArray<StrategyAssembly> assemblies, bool silent = false)
    {
        _silent = silent;
        Catalogue = catalogue;
        Assemblies = assemblies;
        foreach (StrategyAssembly assembly in assemblies)
        {
            foreach (ParameterSchema schema in assembly.Schemas)
            {
                _owners.Add(schema.Type, assembly);
            }
        }
    }

    /// <summary>The types.</summary>
    internal StrategyCatalogue Catalogue { get; }

    /// <summary>The loaded assemblies, in the order in which the configuration names them first.</summary>
    internal ImmutableArray<StrategyAssembly> Assemblies { get; }

    /// <summary>Built-in types alone.</summary>
    internal static StrategyLibrary BuiltIn(StrategyCatalogue catalogue) => new(catalogue, []);

    /// <summary>One type that says nothing: what is recorded is explained without the code that said it.</summary>
    internal static StrategyLibrary Silent { get; } =
        new(new StrategyCatalogue(SilentStrategy.Schema), [], silent: true);

    /// <summary>Loads the assemblies that a configuration names.</summary>
    /// <param name="utf8">The configuration; what is wrong with its shape is not reported here.</param>
    /// <param name="file">Its name, for problems.</param>
    /// <param name="source">Where assemblies lie.</param>
    /// <param name="problems">Assemblies that were refused.</param>
    internal static StrategyLibrary Of(
        ReadOnlySpan<byte> utf8, string file, IStrategySource source, out ImmutableArray<ConfigurationProblem> problems)
    {
        List<StrategyAssembly> assemblies = [];
        List<ParameterSchema> schemas = [.. BuiltInStrategies.Catalogue.Schemas];
        HashSet<(string, string)> asked = [];
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        foreach (ParameterSchema schema in schemas)
        {
            owners.Add(schema.Type, "the engine itself");
        }

        ImmutableArray<ConfigurationProblem>.Builder refused = ImmutableArray.CreateBuilder<ConfigurationProblem>();
        foreach ((string at, string name, string sha256) in Named(utf8))
        {
            if (assemblies.Exists(known => known.Sha256 == sha256) || !asked.Add((name, sha256)))
            {
                continue;
            }

            try
            {
                StrategyAssembly assembly = StrategyAssembly.Load(source.PathOf(name, sha256), sha256);
                foreach (ParameterSchema schema in assembly.Schemas)
                {
                    if (!owners.TryAdd(schema.Type, assembly.File))
                    {
                        throw new StrategyRefusedException(
                            $"{assembly.File} names a strategy \"{schema.Type}\", which {owners[schema.Type]} has already");
                    }
                }

                assemblies.Add(assembly);
                schemas.AddRange(assembly.Schemas);
            }
            catch (StrategyRefusedException failed)
            {
                refused.Add(new ConfigurationProblem(file, at, "\"" + name + "\"", failed.Message));
            }
        }

        problems = refused.ToImmutable();
        return problems.IsEmpty
            ? new StrategyLibrary(new StrategyCatalogue([.. schemas]), [.. assemblies])
            : BuiltIn(BuiltInStrategies.Catalogue);
    }

    /// <summary>Reports strategies whose type and assembly do not belong together.</summary>
    internal void Check(ConfigurationReader reader, GroupSetting root)
    {
        if (root.Find("strategies") is not ListSetting strategies)
        {
            return;
        }

        foreach (Setting setting in strategies.Elements)
        {
            if (setting is not GroupSetting strategy || strategy.Find("type") is not TextSetting { Valid: true } type)
            {
                continue;
            }

            string? pinned = (strategy.Find("assembly") as GroupSetting)?.Find("sha256") is TextSetting sha256 ? sha256.Value : null;
            StrategyAssembly? owner = _owners.GetValueOrDefault(type.Value);
            if (pinned is not null && owner?.Sha256 != pinned)
            {
                reader.Report(
                    type.Path,
                    "\"" + type.Value + "\"",
                    owner is null ? "must be a type of its assembly; this one is built in" : $"must be a type of its assembly; this one is of {owner.File}");
            }
            else if (pinned is null && owner is not null)
            {
                reader.Report(
                    type.Path, "\"" + type.Value + "\"", $"is a type of {owner.File}: the strategy must name that assembly and its SHA-256");
            }
        }
    }

    /// <summary>True when strategies of a type can be made: a catalogue may declare more.</summary>
    internal bool CanCreate(string type) =>
        _silent || _owners.ContainsKey(type) || BuiltInStrategies.Catalogue.Find(type) is not null;

    /// <summary>Makes a strategy.</summary>
    internal Strategy Create(StrategyParameters parameters) =>
        _silent ? new SilentStrategy()
        : _owners.TryGetValue(parameters.Schema.Type, out StrategyAssembly? assembly)
            ? assembly.Create(parameters)
            : BuiltInStrategies.Create(parameters);

    /// <summary>The assemblies that a text names, wherever it is otherwise wrong.</summary>
    private static List<(string At, string File, string Sha256)> Named(ReadOnlySpan<byte> utf8)
    {
        List<(string, string, string)> named = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8.ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("strategies", out JsonElement strategies)
                || strategies.ValueKind != JsonValueKind.Array)
            {
                return named;
            }

            int index = 0;
            foreach (JsonElement strategy in strategies.EnumerateArray())
            {
                string at = string.Create(CultureInfo.InvariantCulture, $"strategies[{index++}].assembly");
                if (strategy.ValueKind == JsonValueKind.Object
                    && strategy.TryGetProperty("assembly", out JsonElement assembly)
                    && assembly.ValueKind == JsonValueKind.Object
                    && TextOf(assembly, "file") is { } file
                    && TextOf(assembly, "sha256") is { } sha256)
                {
                    named.Add((at, file, sha256));
                }
            }
        }
        catch (JsonException)
        {
            // The reader reports it, with its line.
        }

        return named;
    }

    private static string? TextOf(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text; the reader reports it.
            return null;
        }
    }
}
