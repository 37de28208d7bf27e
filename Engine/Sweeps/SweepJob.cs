using System.Collections.Generic;
using System.Globalization;

namespace LowLatency.Engine.Sweeps;

/// <summary>A run of a sweep.</summary>
/// <param name="Point">Number of the point, from 0.</param>
/// <param name="Window">Number of the walk-forward window, from 0; -1 for the whole market.</param>
/// <param name="IsTest">True on the test stretch of the window.</param>
/// <param name="From">ReceivedAt of its begin.</param>
/// <param name="To">ReceivedAt of its end.</param>
internal sealed record SweepJob(int Point, int Window, bool IsTest, long From, long To)
{
    /// <summary>What it is called in files.</summary>
    internal string Name => Window < 0
        ? string.Create(CultureInfo.InvariantCulture, $"p{Point}")
        : string.Create(CultureInfo.InvariantCulture, $"w{Window}/{(IsTest ? "test" : "train")}/p{Point}");
}

/// <summary>What a run of a sweep came to.</summary>
/// <param name="Name">Its job.</param>
/// <param name="Refused">Why the configuration is refused with these values; null when it ran.</param>
/// <param name="Digest">Digest of its decisions; empty when refused.</param>
/// <param name="IsSynthetic">True on a generated market.</param>
/// <param name="Figures">Figures of the currency by name, as texts; null where there is none.</param>
internal sealed record SweepOutcome(
    string Name, string? Refused, string Digest, bool IsSynthetic, IReadOnlyDictionary<string, string?> Figures);
