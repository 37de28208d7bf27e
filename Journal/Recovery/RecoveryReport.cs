using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;

namespace LowLatency.Journal.Recovery;

/// <summary>
/// The cases of recovery, one letter each; the table with reasons is in <c>docs/journal.md</c>. A to J and X go on, the
/// rest refuses to start.
/// </summary>
public enum RecoveryCase
{
    /// <summary>A: no segment; a new stream.</summary>
    Empty,

    /// <summary>B: the last segment is sealed and everything is valid.</summary>
    Sealed,

    /// <summary>C: the last segment is not sealed; after its last valid record there are only zeros.</summary>
    Unsealed,

    /// <summary>D: the last segment ends in a torn record: nothing valid after it. It is cut.</summary>
    TornTail,

    /// <summary>E: valid records follow a torn one, and their sync marks prove that all were on their way together. Cut.</summary>
    TornBatch,

    /// <summary>F: the last segment is shorter than its header says, and what is missing counts as never written.</summary>
    Shortened,

    /// <summary>G: a segment made ahead of time holds no record. It is removed.</summary>
    Prepared,

    /// <summary>H: a segment whose making was cut off holds no record. It is removed.</summary>
    HalfMade,

    /// <summary>I: a full segment was not sealed before the next one took records. It is sealed.</summary>
    FullUnsealed,

    /// <summary>J: the last segment's footer is torn, and all its records are valid. It is sealed again.</summary>
    TornFooter,

    /// <summary>K: a valid record follows a bad one, and nothing proves that both were on their way.</summary>
    ValidAfterBad,

    /// <summary>L: a bad record that a later sync mark says was durable.</summary>
    BelowSyncMark,

    /// <summary>M: damage in a sealed segment.</summary>
    SealedDamage,

    /// <summary>N: a segment with records, or one before the last, has no readable header.</summary>
    HeaderDamage,

    /// <summary>O: a segment is missing, or two overlap.</summary>
    Missing,

    /// <summary>P: a segment's name and header differ: renamed or copied.</summary>
    Renamed,

    /// <summary>Q: a segment of another instance, stream or older run stands among these.</summary>
    Foreign,

    /// <summary>R: a segment does not continue the CRC or the hash of the one before.</summary>
    BrokenChain,

    /// <summary>S: a segment before the last is neither sealed nor full.</summary>
    OpenInside,

    /// <summary>T: the storage cannot be read or changed.</summary>
    StorageFailure,

    /// <summary>U: a footer was not written by someone who has the key.</summary>
    ForgedFooter,

    /// <summary>V: the base file, which says where a stream with retired segments begins, cannot be relied on.</summary>
    BaseDamage,

    /// <summary>W: the watermark knows an event that the journal does not hold, or holds otherwise.</summary>
    BelowWatermark,

    /// <summary>X: a segment before the base, whose retirement was cut off. It is removed.</summary>
    Retired,
}

/// <summary>What was found in one place, and what it means.</summary>
/// <param name="Case">The case.</param>
/// <param name="Damage">Where.</param>
public sealed record RecoveryFinding(RecoveryCase Case, JournalDamage Damage)
{
    /// <summary>The case's letter.</summary>
    public char Letter => (char)('A' + (int)Case);

    /// <summary>True when the engine must not start on it.</summary>
    public bool Refuses => Case is >= RecoveryCase.ValidAfterBad and not RecoveryCase.Retired;

    /// <inheritdoc/>
    public override string ToString() => $"[{Letter}] {Damage}";

    /// <summary>The finding in words, for a person who does not know the letters.</summary>
    /// <returns>What the case is, where, and its letter in <c>docs/journal.md</c>.</returns>
    public string Describe() => $"{Meaning}: {Damage} (case {Letter})";

    private string Meaning => Case switch
    {
        RecoveryCase.Empty => "there is no segment",
        RecoveryCase.Sealed => "the stream was closed cleanly",
        RecoveryCase.Unsealed => "the last segment is not sealed",
        RecoveryCase.TornTail => "the last record is torn, as a crash leaves it",
        RecoveryCase.TornBatch => "the last batch is torn, as a power cut leaves it",
        RecoveryCase.Shortened => "the last segment is shorter than it was made",
        RecoveryCase.Prepared => "a segment was made ahead of time",
        RecoveryCase.HalfMade => "a segment was not completely made",
        RecoveryCase.FullUnsealed => "a full segment was not sealed in time",
        RecoveryCase.TornFooter => "the last footer is torn, as a crash leaves it",
        RecoveryCase.ValidAfterBad => "valid records follow a bad one",
        RecoveryCase.BelowSyncMark => "a record that was safe on the disk is damaged",
        RecoveryCase.SealedDamage => "a sealed segment is damaged",
        RecoveryCase.HeaderDamage => "a segment's header is damaged, or of another version",
        RecoveryCase.Missing => "a segment is missing, or two overlap",
        RecoveryCase.Renamed => "a file was renamed or copied",
        RecoveryCase.Foreign => "a segment of another journal stands here",
        RecoveryCase.BrokenChain => "a segment does not continue the one before it: history was replaced",
        RecoveryCase.OpenInside => "a segment in the middle was never finished",
        RecoveryCase.StorageFailure => "the storage failed",
        RecoveryCase.Retired => "a retired segment is still there",
        RecoveryCase.BaseDamage => "the file that says where the stream begins is damaged",
        RecoveryCase.BelowWatermark => "the watermark knows of later events: some were lost, or the directory was rolled back",
        RecoveryCase.ForgedFooter => "a footer is not signed by the key",
    };
}

/// <summary>The decision on a stream.</summary>
public sealed class RecoveryReport
{
    internal RecoveryReport(StreamKind kind) => Kind = kind;

    /// <summary>The stream.</summary>
    public StreamKind Kind { get; }

    /// <summary>What was found that is not plain, in order; the last one refuses when <see cref="IsRefused"/>.</summary>
    public IReadOnlyList<RecoveryFinding> Findings => List;

    /// <summary>True when the stream must not be used.</summary>
    public bool IsRefused => Refusal is not null;

    /// <summary>Why the stream must not be used, or null.</summary>
    public RecoveryFinding? Refusal => List.Count > 0 && List[^1].Refuses ? List[^1] : null;

    /// <summary>True when the footers were compared with a key; without one nobody has checked who wrote them.</summary>
    public bool IsAuthenticated { get; internal init; }

    /// <summary>How the stream ends: one of the cases A to F, or J.</summary>
    public RecoveryCase End { get; internal set; } = RecoveryCase.Empty;

    /// <summary>Segments with records.</summary>
    public int Segments { get; internal set; }

    /// <summary>Number of the first record; 0 when there is none.</summary>
    public long First { get; internal set; }

    /// <summary>Number of the record that comes next.</summary>
    public long Next { get; internal set; }

    /// <summary>Records that were examined.</summary>
    public long Checked { get; internal set; }

    /// <summary>Records' worth of space that is cut: torn ones and what lies after them.</summary>
    public long Cut { get; internal set; }

    /// <summary>The highest run number among the segments; 0 when there is none.</summary>
    public int Epoch { get; internal set; }

    /// <summary>Configuration of the last segment with records.</summary>
    public Hash32 ConfigurationHash { get; internal set; }

    /// <summary>CRC of the last record.</summary>
    public uint LastCrc { get; internal set; }

    internal List<RecoveryFinding> List { get; } = [];
}
