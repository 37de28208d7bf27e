using System.Collections.Generic;
using LowLatency.Bench.Canonical;

namespace LowLatency.Bench.Durable;

/// <summary>A figure beside its baseline of the same run.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Of both values.</param>
/// <param name="Value">The journal's.</param>
/// <param name="Baseline">The plain way to do the same.</param>
/// <param name="Compared">The difference or the ratio of the two, as the target counts it.</param>
/// <param name="Must">The target.</param>
/// <param name="Aim">What would be very good.</param>
/// <param name="Reached">yes, no, or aim.</param>
/// <param name="Remark">What the two are.</param>
internal sealed record Figure(
    string Name,
    string Unit,
    double Value,
    double Baseline,
    string Compared,
    string Must,
    string Aim,
    string Reached,
    string Remark);

/// <summary>One way to keep records, on the common workload.</summary>
/// <param name="Name">The program.</param>
/// <param name="Batch">Records that become durable together.</param>
/// <param name="RecordsPerSecond">Rate; 0 when it is absent.</param>
/// <param name="MicrosecondsPerCommit">Mean time of a batch.</param>
/// <param name="Promise">What a record survives then, and what is checked when it is read.</param>
internal sealed record Peer(
    string Name, int Batch, double RecordsPerSecond, double MicrosecondsPerCommit, string Promise);

/// <summary>What a run found.</summary>
internal sealed record DurableReport
{
    public required string Version { get; init; }

    public required string Date { get; init; }

    public required bool Quick { get; init; }

    public required Machine Machine { get; init; }

    public required string FileSystem { get; init; }

    public required NoiseFloor Noise { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    public required IReadOnlyList<Peer> Peers { get; init; }

    public required IReadOnlyList<string> Remarks { get; init; }

    public required Disturbance Disturbance { get; init; }
}
