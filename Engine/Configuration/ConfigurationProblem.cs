using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace LowLatency.Engine.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Path">The full key path, or line and column where the text is not JSON.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Allowed">What may stand there.</param>
public sealed record ConfigurationProblem(string File, string Path, string Value, string Allowed)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Of($"{File}: {Path}: {Value}: {Allowed}");
}

/// <summary>A configuration, or everything that is wrong with it.</summary>
/// <param name="Configuration">The configuration; null when there are problems.</param>
/// <param name="Problems">All problems, in the order of the file's sections.</param>
public sealed record ConfigurationReading(
    EngineConfiguration? Configuration, ImmutableArray<ConfigurationProblem> Problems)
{
    /// <summary>True when the configuration can be used.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <returns>False when there are problems.</returns>
    public bool TryGet([NotNullWhen(true)] out EngineConfiguration? configuration)
    {
        configuration = Configuration;
        return configuration is not null;
    }
}
