using System.IO;
using LowLatency.Core.Signals.Strategies;
using LowLatency.Engine.Configuration;

namespace LowLatency.Engine.Running;

/// <summary>The configuration of the demo: examples/generator.json, built in.</summary>
internal static class DemoConfiguration
{
    internal const string Name = "generator.json";

    /// <summary>The configuration.</summary>
    internal static EngineConfiguration Load() => Read(Json());

    /// <summary>Its JSON text.</summary>
    internal static byte[] Json()
    {
        using Stream stream = typeof(DemoConfiguration).Assembly.GetManifestResourceStream(Name)
            ?? throw new InvalidDataException("the demo's configuration is not in the assembly");
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static EngineConfiguration Read(byte[] json) =>
        EngineConfiguration.FromJson(json, Name, BuiltInStrategies.Catalogue).TryGet(out EngineConfiguration? read)
            ? read
            : throw new InvalidDataException("the demo's configuration is not valid");
}
