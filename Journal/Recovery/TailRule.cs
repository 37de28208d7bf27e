using LowLatency.Journal.Format;

namespace LowLatency.Journal.Recovery;

/// <summary>
/// A bad record at the end of a stream: provably torn, or damage? Torn is only what no later record vouches for and what
/// can have been on its way when everything stopped.
/// </summary>
internal static class TailRule
{
    /// <summary>Judges a segment that is not sealed, is the last, and has a bad record.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="footerIsBlank">False when sealing had begun: then every record was there.</param>
    /// <param name="scan">What its records showed.</param>
    /// <returns>The case and why.</returns>
    public static (RecoveryCase Case, string Reason) Judge(
        in SegmentHeader header, bool footerIsBlank, in SegmentScan scan) =>
        !footerIsBlank
            ? (RecoveryCase.SealedDamage, scan.BadReason + ", though sealing had begun")
        : scan.DurableClaim >= header.First + scan.BadIndex
            ? (RecoveryCase.BelowSyncMark, scan.BadReason + ", though it was durable")
        : scan.ValidAfter > 0 && (scan.Unexplained || header.Durability != Durability.Flushed)
            ? (RecoveryCase.ValidAfterBad, scan.BadReason + ", and valid records follow")
        : scan.ValidAfter > 0
            ? (RecoveryCase.TornBatch, scan.BadReason + ", cut")
        : (RecoveryCase.TornTail, scan.BadReason + ", cut");
}
