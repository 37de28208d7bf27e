using System;
using System.Threading;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;

namespace LowLatency.Journal;

/// <summary>What a verification found.</summary>
/// <param name="Segments">Segments with records.</param>
/// <param name="Records">Valid records.</param>
/// <param name="First">Number of the first record.</param>
/// <param name="Next">Number after the last valid record.</param>
/// <param name="IsSealed">True when the last segment is sealed: the stream was closed cleanly.</param>
/// <param name="Damage">The first damage; null when there is none.</param>
public sealed record VerificationResult(
    int Segments, long Records, long First, long Next, bool IsSealed, RecoveryFinding? Damage)
{
    /// <summary>True when the footers were compared with a key; otherwise nobody has checked who wrote them.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>True when nothing is damaged.</summary>
    public bool IsSound => Damage is null;
}

/// <summary>
/// Reads a whole stream: headers, footers with their SHA-256, chain, numbers, and that nothing but zeros lies where
/// nothing was written. The rules are those of recovery, but what recovery would cut or mend is damage here.
/// </summary>
public static class JournalVerifier
{
    private const int LooksAlike = 5;
    private const int LooksMax = 20;
    private const int LookAgainMilliseconds = 50;

    /// <summary>Verifies a stream.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="key">The key that footers must be signed by; null leaves that unchecked.</param>
    /// <param name="threads">Segments that are read at the same time; the storage must bear it.</param>
    /// <param name="progress">Told of what is read; or null.</param>
    /// <param name="hashes">False leaves SHA-256 out, the slowest part: the chain of CRCs is checked all the same.</param>
    /// <returns>Counts, and the first damage.</returns>
    public static VerificationResult Verify(
        IStorage storage,
        string directory,
        StreamKind kind = StreamKind.Journal,
        JournalKey? key = null,
        int threads = 1,
        ReadProgress? progress = null,
        bool hashes = true)
    {
        Examination task = new(null, 0, hashes, key, threads, progress);
        RecoveryReport report = StreamExaminer.Run(storage, directory, kind, task).Report;
        RecoveryFinding? damage = DamageIn(report);
        bool held = true;
        int same = 0;
        for (int look = 0; damage is not null && same < (held ? LooksAlike : 1) && look < LooksMax; look++)
        {
            // An engine that runs meanwhile appends, makes segments current and retires others: what only it made look
            // like damage is gone at the next look. Nothing before that place has to be read once more.
            held = InstanceLock.IsHeld(storage, directory);
            if (held)
            {
                _ = SpinWait.SpinUntil(() => !InstanceLock.IsHeld(storage, directory), LookAgainMilliseconds);
            }

            _ = SegmentLayout.TryParseName(kind, damage.Damage.Segment, out long from);
            RecoveryReport again = StreamExaminer.Run(storage, directory, kind, task with { From = from }).Report;
            again.Checked += Math.Max(0, from - again.First);
            RecoveryFinding? found = DamageIn(again);
            same = found == damage ? same + 1 : 0;
            damage = found;
            report = again;
        }

        if (held && damage is { Case: RecoveryCase.TornTail or RecoveryCase.TornBatch })
        {
            // The record that is just being appended.
            damage = null;
        }

        return new VerificationResult(
            report.Segments,
            report.Checked,
            report.First,
            report.Next,
            report.End == RecoveryCase.Sealed,
            damage)
        {
            IsAuthenticated = report.IsAuthenticated,
        };
    }

    private static RecoveryFinding? DamageIn(RecoveryReport report)
    {
        foreach (RecoveryFinding finding in report.Findings)
        {
            // A running writer leaves these behind it, and they hold no doubt.
            bool harmless = finding.Case is RecoveryCase.Prepared or RecoveryCase.HalfMade or RecoveryCase.FullUnsealed
                or RecoveryCase.Retired;
            if (!harmless)
            {
                return finding;
            }
        }

        return null;
    }
}
