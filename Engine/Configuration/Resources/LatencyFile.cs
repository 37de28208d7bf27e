using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>Which way a message goes.</summary>
public enum LatencyDirection
{
    /// <summary>From us to the venue.</summary>
    Entry = 0,

    /// <summary>From the venue to us.</summary>
    Response = 1,
}

/// <summary>
/// A file of measured latencies: the line <c>sentAt,arrivedAt,answeredAt</c>, then one line for each order, nanoseconds
/// since 1970 UTC. What decides is one line for each instant of one direction: the instant and the latency.
/// </summary>
internal sealed class LatencyFile(LatencyDirection direction) : ResourceKind
{
    internal const string Header = "sentAt,arrivedAt,answeredAt";

    /// <inheritdoc/>
    public override string Noun => "a file of measured latencies";

    /// <summary>Reads what decides.</summary>
    /// <returns>Null and a problem when it is none.</returns>
    internal static LatencySeries? Read(ReadOnlySpan<byte> content, out string problem)
    {
        problem = string.Empty;
        List<long> instants = [];
        List<long> latencies = [];
        string[] lines = Encoding.ASCII.GetString(content).Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            string[] words = lines[i].Split(' ');
            if (words.Length != 2 || !TryNumber(words[0], out long instant) || !TryNumber(words[1], out long latency)
                || latency > SimulatedVenueSettings.LatencyMax || (i > 0 && instant <= instants[^1]))
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"line {i + 1} of its series is no measurement after the one before");
                return null;
            }

            instants.Add(instant);
            latencies.Add(latency);
        }

        if (instants.Count is < 1 or > LatencySeries.Capacity || lines[^1].Length != 0)
        {
            problem = string.Create(
                CultureInfo.InvariantCulture, $"it has {instants.Count} measurements; allowed are 1 to {LatencySeries.Capacity}");
            return null;
        }

        return new LatencySeries([.. instants], [.. latencies]);
    }

    /// <inheritdoc/>
    public override string? Problem(byte[] content) => Read(content, out string problem) is null ? problem : null;

    /// <inheritdoc/>
    public override ResourceReading Load(string path)
    {
        // Of measurements of one instant the longest counts.
        SortedDictionary<long, long> series = [];
        int number = 0;
        long last = long.MinValue;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (number == 1)
            {
                if (!string.Equals(line, Header, StringComparison.Ordinal))
                {
                    return ResourceReading.Refused($"line 1 is \"{line}\"; it must be {Header}");
                }

                continue;
            }

            if (Problem(line, ref last, out long instant, out long latency) is { } problem)
            {
                return ResourceReading.Refused(string.Create(CultureInfo.InvariantCulture, $"line {number}: {problem}"));
            }

            series[instant] = Math.Max(latency, series.GetValueOrDefault(instant));
        }

        StringBuilder text = new();
        foreach ((long instant, long latency) in series)
        {
            text.Append(CultureInfo.InvariantCulture, $"{instant} {latency}\n");
        }

        return new ResourceReading(Encoding.ASCII.GetBytes(text.ToString()), string.Empty);
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private string? Problem(string line, ref long last, out long instant, out long latency)
    {
        instant = 0;
        latency = 0;
        string[] words = line.Split(',');
        if (words.Length != 3 || !TryNumber(words[0], out long sent) || !TryNumber(words[1], out long arrived)
            || !TryNumber(words[2], out long answered))
        {
            return $"\"{line}\" is not three whole numbers of nanoseconds";
        }

        if (sent < last)
        {
            return $"sentAt {sent} is before {last}, that of the line before: measurements stand in the order in which they were sent";
        }

        last = sent;
        if (arrived < sent || answered < arrived)
        {
            return arrived < sent
                ? $"arrivedAt {arrived} is before sentAt {sent}: a latency is never negative"
                : $"answeredAt {answered} is before arrivedAt {arrived}: a latency is never negative";
        }

        instant = direction == LatencyDirection.Entry ? sent : arrived;
        latency = direction == LatencyDirection.Entry ? arrived - sent : answered - arrived;
        return latency > SimulatedVenueSettings.LatencyMax
            ? $"a latency of {latency} ns; at most {SimulatedVenueSettings.LatencyMax} is allowed"
            : null;
    }
}
