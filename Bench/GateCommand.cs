using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using LowLatency.Bench.Gates;

namespace LowLatency.Bench;

/// <summary>
/// Holds single-thread pieces to a budget in rounds of the reference loop. Takes some ten seconds and ends with 1 when one
/// is over its budget three times in a row.
/// </summary>
internal static class GateCommand
{
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _round = TimeSpan.FromMilliseconds(2);

    /// <summary>Runs.</summary>
    internal static int Run(TextWriter output)
    {
        ReferenceBenchmarks reference = new();
        Piece loop = new("reference loop", () => reference.Loop(), 1_000, 1);
        CodecBenchmarks codec = new();
        codec.Fill();
        using RingBenchmarks ring = new();
        ring.Build();
        PipelineBenchmarks pipeline = new();
        pipeline.Fill();
        bool holds = true;
        WarmUp(loop);

        // Two to three times what they took when the budgets were set: a gate for slips, not for progress.
        foreach (Piece piece in (List<Piece>)
        [
            new("histogram, one value", () => codec.HistogramRecord(), 1, 3),
            new("CRC-32C of a record", () => codec.CrcOfRecord(), 1, 10),
            new("digest of an event without a decision", codec.DigestOfNothing, 1, 3),
            new("MessagePack, a map of four", () => codec.MessagePackWrite(), 1, 30),
            new("ring, publish and poll", () => ring.SingleProducer(), 1, 10),
            new("fold of a book event", () => pipeline.Fold(), PipelineBenchmarks.Events, 120),
            new("three idle stages", () => pipeline.IdleStages(), PipelineBenchmarks.Events, 10),
        ])
        {
            WarmUp(piece);
            Verdict verdict = RatioGate.Judge(() => Time(loop), () => Time(piece), piece.Budget);
            holds &= verdict.Holds;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(verdict.Holds ? "holds" : "OVER ")}  {verdict.Ratio,6:F2} of {verdict.Budget,3:F0}  {piece.Name}{(verdict.Attempts > 1 ? $" (measured {verdict.Attempts} times)" : string.Empty)}"));
        }

        output.WriteLine(holds ? "all within their budgets, in rounds of the reference loop" : "OVER BUDGET");
        return holds ? 0 : 1;
    }

    private static void WarmUp(Piece piece)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < _warmUp)
        {
            Time(piece);
        }
    }

    /// <summary>A round; nanoseconds for an operation.</summary>
    private static double Time(Piece piece)
    {
        const int Calls = 64;
        long start = Stopwatch.GetTimestamp();
        long calls = 0;
        TimeSpan elapsed;
        do
        {
            int portion = piece.Operations > 1 ? 1 : Calls;
            for (int i = 0; i < portion; i++)
            {
                piece.Work();
            }

            calls += portion;
            elapsed = Stopwatch.GetElapsedTime(start);
        }
        while (elapsed < _round);
        return elapsed.TotalNanoseconds / calls / piece.Operations;
    }

    /// <param name="Name">For people.</param>
    /// <param name="Work">One call.</param>
    /// <param name="Operations">Operations of a call.</param>
    /// <param name="Budget">Rounds of the reference loop for an operation.</param>
    private sealed record Piece(string Name, Action Work, int Operations, double Budget);
}
