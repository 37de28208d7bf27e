using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Journal.Audit;

namespace LowLatency.Journal;

/// <summary>Where a replay differs from what was recorded.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="Stage">signal, arbitration, risk, order, or checkpoint.</param>
/// <param name="Section">The section: Signals, Suppressions, Intents, Verdicts, Commands, Checkpoint.</param>
/// <param name="Entry">Which entry of the section, from 0; -1 for its count.</param>
/// <param name="Field">The field.</param>
/// <param name="Recorded">Its recorded value.</param>
/// <param name="Replayed">Its replayed value.</param>
public sealed record AuditDifference(
    long Sequence, string Stage, string Section, int Entry, string Field, string Recorded, string Replayed)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string entry = Entry < 0 ? string.Empty : "[" + Entry.ToString(CultureInfo.InvariantCulture) + "]";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"event {Sequence}, {Stage} stage: {Section}{entry}.{Field} was {Recorded}, is {Replayed}");
    }
}

/// <summary>
/// Compares a recorded decision with a replayed one, stage by stage in the order of the pipeline: the first difference is
/// the cause, what follows may be its consequence.
/// </summary>
public static class AuditComparer
{
    /// <summary>Names the first difference of two decisions.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="recorded">What was recorded.</param>
    /// <param name="replayed">What the replay made.</param>
    /// <returns>Null when every entry of every section is equal.</returns>
    public static AuditDifference? FirstDifference(
        long sequence, ref readonly Decision recorded, ref readonly Decision replayed)
    {
        return Section<Signal>(
                sequence,
                "signal",
                "Signals",
                recorded.Signals,
                recorded.SignalCount,
                replayed.Signals,
                replayed.SignalCount)
            ?? Section<Suppression>(
                sequence,
                "arbitration",
                "Suppressions",
                recorded.Suppressions,
                recorded.SuppressionCount,
                replayed.Suppressions,
                replayed.SuppressionCount)
            ?? Section<Intent>(
                sequence,
                "arbitration",
                "Intents",
                recorded.Intents,
                recorded.IntentCount,
                replayed.Intents,
                replayed.IntentCount)
            ?? Section<Verdict>(
                sequence,
                "risk",
                "Verdicts",
                recorded.Verdicts,
                recorded.VerdictCount,
                replayed.Verdicts,
                replayed.VerdictCount)
            ?? Section<Command>(
                sequence,
                "order",
                "Commands",
                recorded.Commands,
                recorded.CommandCount,
                replayed.Commands,
                replayed.CommandCount)
            ?? Number(sequence, "order", "Waiting", recorded.Waiting, replayed.Waiting);
    }

    /// <summary>Names the first difference of two checkpoints.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="recorded">What was recorded.</param>
    /// <param name="replayed">What the replay made.</param>
    /// <returns>Null when both digests are equal.</returns>
    public static AuditDifference? FirstDifference(
        long sequence, in AuditCheckpoint recorded, in AuditCheckpoint replayed) =>
        Entry(sequence, "checkpoint", "Checkpoint", 0, in recorded, in replayed);

    private static AuditDifference? Section<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        long sequence,
        string stage,
        string section,
        ReadOnlySpan<T> recorded,
        int recordedCount,
        ReadOnlySpan<T> replayed,
        int replayedCount)
        where T : unmanaged
    {
        int common = Math.Min(recordedCount, replayedCount);
        for (int i = 0; i < common; i++)
        {
            if (Entry(sequence, stage, section, i, in recorded[i], in replayed[i]) is { } difference)
            {
                return difference;
            }
        }

        return Number(sequence, stage, section, recordedCount, replayedCount);
    }

    private static AuditDifference? Entry<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        long sequence, string stage, string section, int index, ref readonly T recorded, ref readonly T replayed)
        where T : unmanaged
    {
        // Bytes first: equal entries, the rule by far, cost no boxing.
        if (MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in recorded))
            .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in replayed))))
        {
            return null;
        }

        FieldInfo? field = FieldTable<T>.FirstDifference(recorded, replayed);
        return new AuditDifference(
            sequence,
            stage,
            section,
            index,
            field?.Name ?? "(padding)",
            Text(field?.GetValue(recorded)),
            Text(field?.GetValue(replayed)));
    }

    private static AuditDifference? Number(long sequence, string stage, string what, int recorded, int replayed) =>
        recorded == replayed
            ? null
            : new AuditDifference(sequence, stage, what, -1, "Count", Text(recorded), Text(replayed));

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
}
