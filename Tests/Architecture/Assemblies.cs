using System;
using System.Collections.Generic;

namespace LowLatency.Tests.Architecture;

/// <summary>The compiled assemblies beside the tests.</summary>
internal static class Assemblies
{
    /// <summary>The projects that ship, in the order of their references.</summary>
    internal static readonly string[] Shipped = ["Core", "Journal", "Gateways", "Sandbox", "Engine"];

    internal static string Core { get; } = Path("Core");

    internal static string Tests { get; } = Path("Tests");

    /// <summary>What Core mentions.</summary>
    internal static IReadOnlyList<Mention> CoreMentions { get; } = MetadataScan.Of(Core);

    /// <summary>What the tests mention, the samples that break every rule included.</summary>
    internal static IReadOnlyList<Mention> TestsMentions { get; } = MetadataScan.Of(Tests);

    internal static string Path(string project) =>
        System.IO.Path.Combine(AppContext.BaseDirectory, "LowLatency." + project + ".dll");
}
