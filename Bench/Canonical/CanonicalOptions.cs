using System;
using LowLatency.Bench.Comparing;

namespace LowLatency.Bench.Canonical;

/// <summary>What of the canonical workload is run.</summary>
/// <param name="Quick">A smoke test of about ten seconds.</param>
/// <param name="Only">One part, or null for all but the profile.</param>
/// <param name="Output">Results folder, or null for perf/results/date-machine.</param>
internal sealed record CanonicalOptions(bool Quick, string? Only, string? Output)
{
    /// <summary>The parts, in the order of running.</summary>
    internal static readonly string[] Parts = ["noise", "wire", "ring", "throughput", "journal", "memory", "service", "open", "sustained", "profile"];

    internal const string Usage =
        "usage: Bench [--quick] [--only noise|wire|ring|throughput|journal|memory|service|open|sustained|profile] [--out DIR]\n"
        + "       Bench bdn [FILTER] [--quick] [--out DIR]\n"
        + CompareCommand.Usage
        + "       Bench gate\n"
        + StagesRun.Usage;

    /// <summary>Reads a command line.</summary>
    /// <returns>Null when it is wrong.</returns>
    internal static CanonicalOptions? Parse(ReadOnlySpan<string> arguments)
    {
        CanonicalOptions options = new(false, null, null);
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    options = options with { Quick = true };
                    break;
                case "--only" when i + 1 < arguments.Length && Array.IndexOf(Parts, arguments[i + 1]) >= 0:
                    options = options with { Only = arguments[++i] };
                    break;
                case "--out" when i + 1 < arguments.Length:
                    options = options with { Output = arguments[++i] };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    /// <summary>True when a part is wanted. The profile runs when it is asked for, or in a full run.</summary>
    internal bool Runs(string part) => Only is null ? part != "profile" || !Quick : Only == part;
}
