using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>What was found in a damaged directory.</summary>
internal sealed record RotVerdict
{
    /// <summary>Why an engine would not start on it: a letter of recovery, or a word; null when it would.</summary>
    public string? Refusal { get; init; }

    /// <summary>The letter of the first damage that a verifier reports; null when it reports none.</summary>
    public string? Reported { get; init; }

    /// <summary>Events that recovery would go on with; meaningful unless refused.</summary>
    public long Events { get; init; }

    /// <summary>Audit records likewise.</summary>
    public long Decisions { get; init; }

    /// <summary>What the journal itself says.</summary>
    public static RotVerdict OfTheJournal(FaultyStorage disk, RotSample sample)
    {
        string? epoch = EpochFile.Read(disk, JournalFixture.Folder, WriterScript.Instance, out int run);
        RecoveryReport journal = Examine(disk, StreamKind.Journal);
        RecoveryReport audit = Examine(disk, StreamKind.Audit);
        string? refusal = epoch is not null ? "epoch file"
            : (journal.Refusal ?? audit.Refusal)?.Letter.ToString();
        if (refusal is not null)
        {
            return new RotVerdict { Refusal = refusal };
        }

        if (Array.IndexOf([.. disk.Paths], Path.Combine(JournalFixture.Folder, EpochFile.FileName)) < 0)
        {
            return new RotVerdict { Refusal = "no epoch file" };
        }

        // The engine compares the two streams: a decision about an event that is not there halts it.
        if (audit.Next > 0 && audit.Next <= sample.Decisions.Count && sample.Decisions[(int)audit.Next - 1].Sequence >= journal.Next)
        {
            return new RotVerdict { Refusal = "audit log ahead of the journal" };
        }

        // The last run number is below one that was used: only an older epoch file does that.
        bool older = run < Math.Max(journal.Epoch, audit.Epoch);
        RecoveryFinding? damage = JournalVerifier.Verify(disk, JournalFixture.Folder, StreamKind.Journal).Damage
            ?? JournalVerifier.Verify(disk, JournalFixture.Folder, StreamKind.Audit).Damage;
        return new RotVerdict
        {
            Refusal = older ? "an older epoch file" : null,
            Reported = damage?.Letter.ToString(),
            Events = journal.Next,
            Decisions = audit.Next,
        };
    }

    /// <summary>What a naive reader says that knows only some of the rules.</summary>
    public static RotJudge ByRules(NaiveRules rules) => (disk, sample) =>
    {
        long events = 0;
        long decisions = 0;
        string? wrong = NaiveLog.Read(disk, StreamKind.Journal, (_, _) => events++, rules)
            ?? NaiveLog.Read(disk, StreamKind.Audit, (_, _) => decisions++, rules)
            ?? EpochFile.Read(disk, JournalFixture.Folder, WriterScript.Instance, out int _);
        bool ahead = decisions > 0 && decisions <= sample.Decisions.Count
            && sample.Decisions[(int)decisions - 1].Sequence >= events;
        return new RotVerdict { Refusal = wrong ?? (ahead ? "ahead" : null), Events = events, Decisions = decisions };
    };

    /// <summary>Compares with the truth.</summary>
    /// <param name="disk">The damaged directory.</param>
    /// <param name="sample">What it was.</param>
    /// <param name="mayBeBlind">False when the damage is of a kind that is always seen.</param>
    /// <param name="tally">What was found.</param>
    /// <exception cref="BrokenPromiseException">Damage that nobody sees.</exception>
    public void Check(FaultyStorage disk, RotSample sample, bool mayBeBlind, Tally tally)
    {
        if (Refusal is not null)
        {
            tally.Add("refused: " + Refusal);
            return;
        }

        // What recovery goes on with must be a prefix in every case, reported or not.
        Prefix(disk, StreamKind.Journal, Events, sample.Events);
        Prefix(disk, StreamKind.Audit, Decisions, sample.Decisions);
        if (Reported is not null)
        {
            tally.Add("reported by verify, cut or mended by recovery: " + Reported);
            return;
        }

        if (!mayBeBlind)
        {
            throw new BrokenPromiseException("nobody sees it");
        }

        SameLengths(disk, sample);
        if (Events == sample.Events.Count && Decisions == sample.Decisions.Count)
        {
            tally.Add("harmless");
            return;
        }

        OnlyEndsEarlier(disk, sample, StreamKind.Journal, Events);
        OnlyEndsEarlier(disk, sample, StreamKind.Audit, Decisions);
        tally.Add("blind spot: the history ends earlier");
    }

    private static RecoveryReport Examine(FaultyStorage disk, StreamKind kind) =>
        JournalRecovery.Examine(disk, JournalFixture.Folder, kind, WriterScript.Instance);

    private static void Prefix(FaultyStorage disk, StreamKind kind, long count, IReadOnlyList<Appended> original)
    {
        if (count > original.Count)
        {
            throw new BrokenPromiseException($"{kind}: {count} records are accepted, {original.Count} were appended");
        }

        Span<byte> expected = stackalloc byte[SegmentLayout.RecordSize];
        long found = 0;
        foreach (string path in disk.Paths)
        {
            if (!SegmentLayout.TryParseName(kind, Path.GetFileName(path), out long first))
            {
                continue;
            }

            ReadOnlySpan<byte> bytes = disk.Peek(path);
            for (long number = first; number < count; number++)
            {
                long offset = SegmentLayout.RecordOffset(number - first);
                if (number - first >= RotSample.Capacity
                    || offset + SegmentLayout.RecordSize > bytes.Length
                    || !bytes.Slice((int)offset, SegmentLayout.RecordSize).ContainsAnyExcept((byte)0))
                {
                    break;
                }

                if (kind == StreamKind.Journal)
                {
                    WriterScript.EventBytes(original[(int)number], expected);
                }
                else
                {
                    WriterScript.DecisionBytes(original[(int)number], number, expected);
                }

                if (!bytes.Slice((int)offset, SegmentLayout.MarkOffset).SequenceEqual(expected[..SegmentLayout.MarkOffset]))
                {
                    throw new BrokenPromiseException($"{kind}: record {number} is accepted and is not what was appended");
                }

                found++;
            }
        }

        if (found < count)
        {
            throw new BrokenPromiseException($"{kind}: {count} records are accepted, {found} are there");
        }
    }

    /// <summary>
    /// A segment in use has the length that it was made with, or somebody says so; but for the footer page of one that has
    /// no footer yet, which is written whole when it gets one.
    /// </summary>
    private static void SameLengths(FaultyStorage disk, RotSample sample)
    {
        foreach ((string path, byte[] content) in sample.Files)
        {
            if (!path.EndsWith(".seg", StringComparison.Ordinal) || Array.IndexOf([.. disk.Paths], path) < 0)
            {
                continue;
            }

            ReadOnlySpan<byte> now = disk.Peek(path);
            bool inUse = now.Length > SegmentLayout.PageSize && content[11] == 2 && now[11] == 2;
            bool noFooter = now.Length >= SegmentLayout.FooterOffset(RotSample.Capacity)
                && now.Length < content.Length
                && !content.AsSpan(now.Length).ContainsAnyExcept((byte)0);
            if (inUse && now.Length != content.Length && !noFooter)
            {
                throw new BrokenPromiseException($"{path} has {now.Length} bytes instead of {content.Length}, and nobody sees it");
            }
        }
    }

    /// <summary>
    /// Nothing but absent files and zeros may lie where the lost records were. Where there was none, a segment that was
    /// made ahead of time with durability written may show what is no record of its place: an old one of a retired file.
    /// </summary>
    private static void OnlyEndsEarlier(FaultyStorage disk, RotSample sample, StreamKind kind, long next)
    {
        long end = kind == StreamKind.Journal ? sample.Events.Count : sample.Decisions.Count;
        foreach (string path in sample.Files.Keys)
        {
            if (!SegmentLayout.TryParseName(kind, Path.GetFileName(path), out long first)
                || Array.IndexOf([.. disk.Paths], path) < 0)
            {
                continue;
            }

            ReadOnlySpan<byte> now = disk.Peek(path);
            bool mayShowOld = now.Length > SegmentLayout.PageSize && now[11] == 1 && now[12] == (byte)Durability.Written;
            for (int i = (int)Math.Max(0, next - first); i < RotSample.Capacity; i++)
            {
                int from = (int)SegmentLayout.RecordOffset(i);
                int to = Math.Min(now.Length, from + SegmentLayout.RecordSize);
                if (from >= to || !now[from..to].ContainsAnyExcept((byte)0))
                {
                    continue;
                }

                bool isOld = mayShowOld && first + i >= end
                    && (to - from < SegmentLayout.RecordSize || Record.Number(now[from..to], kind) != first + i);
                if (!isOld)
                {
                    throw new BrokenPromiseException($"{kind}: records after {next} are there and are not accepted");
                }
            }
        }
    }
}
