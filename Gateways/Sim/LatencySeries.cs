using System;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// Measured latencies by instant. Between two measurements the latency is interpolated along a line, before the first
/// and after the last it is that of the nearest.
/// </summary>
public sealed class LatencySeries
{
    /// <summary>Measurements of one series.</summary>
    public const int Capacity = 16_000;

    private readonly long[] _instants;
    private readonly long[] _latencies;

    /// <summary>Creates a series.</summary>
    /// <param name="instants">Nanoseconds since 1970 UTC, each later than the one before; at least one.</param>
    /// <param name="latencies">Nanoseconds, 0 to <see cref="SimulatedVenueSettings.LatencyMax"/>; as many.</param>
    public LatencySeries(long[] instants, long[] latencies)
    {
        Ensure.That(
            instants.Length is >= 1 and <= Capacity && instants.Length == latencies.Length,
            "a latency series has 1 to Capacity instants and as many latencies");
        for (int i = 0; i < instants.Length; i++)
        {
            Ensure.That(i == 0 || instants[i - 1] < instants[i], "the instants of a latency series must rise");
            Ensure.That(
                latencies[i] is >= 0 and <= SimulatedVenueSettings.LatencyMax, "a measured latency must be 0 to one hour");
        }

        _instants = [.. instants];
        _latencies = [.. latencies];
    }

    /// <summary>The latency at an instant, rounded towards zero.</summary>
    internal long At(long instant)
    {
        int found = _instants.AsSpan().BinarySearch(instant);
        if (found >= 0)
        {
            return _latencies[found];
        }

        int after = ~found;
        if (after == 0 || after == _instants.Length)
        {
            return _latencies[after == 0 ? 0 : after - 1];
        }

        long from = _latencies[after - 1];
        Int128 rise = _latencies[after] - from;
        Int128 part = rise * (instant - _instants[after - 1]) / (_instants[after] - _instants[after - 1]);
        return from + (long)part;
    }
}
