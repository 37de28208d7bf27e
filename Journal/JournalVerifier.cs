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
        (RecoveryReport report, _) = StreamExaminer.Run(
            storage, directory, kind, new Examination(null, 0, hashes, key, threads, progress));
        RecoveryFinding? damage = null;
        foreach (RecoveryFinding finding in report.Findings)
        {
            // A running writer leaves these behind it, and they hold no doubt.
            bool harmless = finding.Case is RecoveryCase.Prepared or RecoveryCase.HalfMade or RecoveryCase.FullUnsealed
                or RecoveryCase.Retired;
            damage ??= harmless ? null : finding;
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
}
