using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>What must be true of a disk after a crash.</summary>
internal sealed record Promise
{
    /// <summary>What was appended, in order; a recovered stream is a prefix of it.</summary>
    public required IReadOnlyList<Appended> Events { get; init; }

    public required IReadOnlyList<Appended> Decisions { get; init; }

    /// <summary>The last record that must be there.</summary>
    public required long JournalFloor { get; init; }

    public required long AuditFloor { get; init; }

    /// <summary>The last run number that may have been used.</summary>
    public required int EpochFloor { get; init; }

    public required int Capacity { get; init; }

    /// <summary>By what it is guarded.</summary>
    public bool IsKeyed { get; init; }

    public bool IsMarked { get; init; }

    /// <summary>The first event that must be there, however much was retired.</summary>
    public long EventsNeeded { get; init; }

    public long DecisionsNeeded { get; init; }

    /// <summary>True when it may be refused instead: what was only written, after a power cut.</summary>
    public bool MayRefuse { get; init; }

    /// <summary>After a power cut: what was synced is there.</summary>
    public static Promise AfterPowerCut(WriterScript script) => new()
    {
        Events = script.Events,
        Decisions = script.Decisions,
        JournalFloor = script.JournalDurable,
        AuditFloor = script.AuditDurable,
        EpochFloor = script.EpochFloor,
        Capacity = script.Plan.Capacity,
        IsKeyed = script.Plan.IsKeyed,
        IsMarked = script.Plan.IsMarked,
        EventsNeeded = script.EventsNeeded,
        DecisionsNeeded = script.DecisionsNeeded,
        MayRefuse = script.Plan.Durability == Durability.Written,
    };

    /// <summary>After the death of the process: what was acknowledged is there.</summary>
    public static Promise AfterKill(WriterScript script) => AfterPowerCut(script) with
    {
        JournalFloor = script.JournalAcknowledged,
        AuditFloor = script.AuditAcknowledged,
        MayRefuse = false,
    };
}

/// <summary>
/// Starts an engine's journal on a disk that a crash left, and compares with the outside list: a prefix of what was
/// appended with everything that was synced; a second recovery finds nothing more; appending goes on; all of it verifies,
/// by the journal's own verifier and by a second implementation of the format.
/// </summary>
internal static class RecoveryCheck
{
    /// <summary>Refusals that a power cut may cause in a journal that is only <c>written</c>: never a silent gap.</summary>
    private const string WrittenRefusals = "KNORS";

    private const string FooterForged = "guard: recovery U, footers of another key";
    private const string BaseForged = "guard: recovery V, base of another key";
    private const string BaseRotten = "guard: recovery V, rotten base";
    private const string RolledBack = "guard: recovery W, the last segment is gone";

    /// <summary>Names of the counts that say which guard was tried on what was recovered.</summary>
    public static string[] Guards { get; } = [FooterForged, BaseForged, BaseRotten, RolledBack];

    /// <summary>Checks a disk.</summary>
    /// <param name="disk">The disk; it is changed.</param>
    /// <param name="promise">What must hold.</param>
    /// <param name="dice">Decides whether the power is cut again during recovery.</param>
    /// <param name="tally">What was found.</param>
    /// <param name="access">How the journal reaches the disk: the disk itself, or a planted bug around it.</param>
    /// <exception cref="BrokenPromiseException">Something does not hold.</exception>
    public static void Run(
        FaultyStorage disk,
        Promise promise,
        ref Xoshiro256 dice,
        Tally tally,
        Func<FaultyStorage, IStorage>? access = null)
    {
        access ??= static same => same;
        if (dice.NextBelow(4) == 0)
        {
            disk = CutAgain(disk, promise, ref dice, tally, access);
        }

        ScriptPlan plan = PlanOf(promise, dice.NextBelow(4) == 0 ? Durability.Written : Durability.Flushed);
        FaultyStorage before = disk.AfterKill();
        string? problem = WriterScript.Open(access(disk), plan, Stopped, out OpenedDirectory opened);
        Count(tally, opened.JournalReport);
        Count(tally, opened.AuditReport);
        if (problem is not null)
        {
            opened.Journal?.Dispose();
            Refused(promise, opened, problem + Files(before), tally);
            return;
        }

        long next = opened.Journal!.NextSequence;
        long record = opened.Audit!.NextRecord;
        Require(opened.Epoch > promise.EpochFloor, $"run number {opened.Epoch} is given again, {promise.EpochFloor} was used");
        Require(
            next > promise.JournalFloor && next <= promise.Events.Count,
            $"the journal ends before {next}; {promise.JournalFloor} was safe, {promise.Events.Count} were appended");
        Require(
            record > promise.AuditFloor && record <= promise.Decisions.Count,
            $"the audit log ends before {record}; {promise.AuditFloor} was safe, {promise.Decisions.Count} were appended");
        long first = opened.Journal.FirstSequence;
        long firstRecord = opened.Audit.FirstRecord;
        Require(
            first <= promise.EventsNeeded && firstRecord <= promise.DecisionsNeeded,
            $"retired up to {first} and {firstRecord}, needed are {promise.EventsNeeded} and {promise.DecisionsNeeded}");
        tally.Add(first > 0 ? "images of a journal with a retired front" : "images of a journal from its origin");
        bool ahead = record > 0 && promise.Decisions[(int)record - 1].Sequence >= next;
        Require(
            !ahead || promise.MayRefuse,
            $"the audit log knows event {(record > 0 ? promise.Decisions[(int)record - 1].Sequence : -1)}, the journal ends before {next}");
        tally.Add(ahead ? "images whose audit log is ahead: the engine halts" : "images recovered");

        if (ahead)
        {
            opened.Journal.Dispose();
            opened.Audit.Dispose();
            return;
        }

        // Recovery is complete: run again on what it left, it finds nothing.
        Require(opened.Journal.Close() is null && opened.Audit.Close() is null, "what was recovered cannot be closed");
        opened.Lock!.Dispose();
        Settled(access(disk), StreamKind.Journal, next);
        Settled(access(disk), StreamKind.Audit, record);

        List<Appended> events = [.. promise.Events.Take((int)next)];
        List<Appended> decisions = [.. promise.Decisions.Take((int)record)];
        GoOn(access(disk), plan, events, decisions);
        Same(disk, StreamKind.Journal, events, first, promise.IsKeyed);
        Same(disk, StreamKind.Audit, decisions, firstRecord, promise.IsKeyed);
        if (dice.NextBelow(8) == 0)
        {
            Guarded(disk, plan, tally);
        }
    }

    /// <summary>What the guards make of a journal that somebody changed, who knows the format.</summary>
    private static void Guarded(FaultyStorage disk, ScriptPlan plan, Tally tally)
    {
        bool hasBase = disk.Paths.Contains(System.IO.Path.Combine(JournalFixture.Folder, "base-journal"));
        if (plan.IsKeyed)
        {
            FaultyStorage other = disk.AfterKill();
            other.Put(WriterScript.KeyFile, new byte[32]);
            Require(JournalKey.Load(other, WriterScript.KeyFile, out JournalKey? stranger) is null, "the key is not read");
            char found = Letter(other, stranger);
            stranger!.Dispose();
            Require(found == (hasBase ? 'V' : 'U'), $"footers and base of another key: {found}");
            tally.Add(hasBase ? BaseForged : FooterForged);
        }

        if (hasBase)
        {
            FaultyStorage rotten = disk.AfterKill();
            rotten.Content(System.IO.Path.Combine(JournalFixture.Folder, "base-journal"))[17] ^= 1;
            Require(Letter(rotten, null) == 'V', "a rotten base is not refused");
            tally.Add(BaseRotten);
        }

        List<string> segments = JournalFixture.Segments(disk, StreamKind.Journal);
        if (plan.IsMarked && segments.Count > 1)
        {
            FaultyStorage rolledBack = disk.AfterKill();
            rolledBack.Remove(System.IO.Path.Combine(JournalFixture.Folder, segments[^1]));
            string? problem = WriterScript.Open(rolledBack, plan, Stopped, out OpenedDirectory opened);
            char? found = opened.JournalReport?.Refusal?.Letter;
            opened.Journal?.Dispose();
            opened.Audit?.Dispose();
            Require(problem is not null && found == 'W', $"the last segment is gone: {found} {problem}");
            tally.Add(RolledBack);
        }
    }

    private static char Letter(FaultyStorage disk, JournalKey? key) =>
        JournalRecovery.Examine(disk, JournalFixture.Folder, StreamKind.Journal, WriterScript.Instance, key: key)
            .Refusal?.Letter ?? '-';

    private static ScriptPlan PlanOf(Promise promise, Durability durability) => new()
    {
        Seed = 0,
        Durability = durability,
        Capacity = promise.Capacity,
        IsKeyed = promise.IsKeyed,
        IsMarked = promise.IsMarked,
    };

    /// <summary>A clock that stands still: the watermark is written at the start and at the end.</summary>
    private static long Stopped() => 0;

    /// <summary>What lay there, for a person who wonders why it was refused.</summary>
    private static string Files(FaultyStorage disk)
    {
        System.Text.StringBuilder text = new();
        foreach (string path in disk.Paths.Order(StringComparer.Ordinal))
        {
            ReadOnlySpan<byte> bytes = disk.Peek(path);
            _ = text.Append("; ").Append(System.IO.Path.GetFileName(path)).Append(' ').Append(bytes.Length)
                .Append(" bytes, the last that is not zero at ").Append(bytes.LastIndexOfAnyExcept((byte)0));
        }

        return text.ToString();
    }

    private static FaultyStorage CutAgain(
        FaultyStorage disk, Promise promise, ref Xoshiro256 dice, Tally tally, Func<FaultyStorage, IStorage> access)
    {
        long at = 1 + dice.NextBelow(60);
        Xoshiro256 own = new(dice.Next());
        FaultyStorage? image = null;
        disk.BeforeCall = _ =>
        {
            if (--at == 0)
            {
                image = disk.AfterPowerCut(ref own);
            }
        };
        ScriptPlan plan = PlanOf(promise, Durability.Flushed);
        _ = WriterScript.Open(access(disk), plan, Stopped, out OpenedDirectory opened);
        disk.BeforeCall = null;
        disk.KillProcess();
        image ??= disk.AfterPowerCut(ref own);
        disk.IsDown = true;
        opened.Journal?.Dispose();
        opened.Audit?.Dispose();
        tally.Add("images cut again during recovery");
        return image;
    }

    private static void Refused(Promise promise, OpenedDirectory opened, string problem, Tally tally)
    {
        RecoveryFinding? refusal = opened.AuditReport?.Refusal ?? opened.JournalReport?.Refusal;
        bool allowed = promise.MayRefuse
            && refusal is not null
            && WrittenRefusals.Contains(refusal.Letter, StringComparison.Ordinal);
        Require(allowed, "refused: " + problem);
        tally.Add($"images refused (written): {refusal!.Letter}");
    }

    private static void Settled(IStorage storage, StreamKind kind, long next)
    {
        RecoveryReport report = JournalRecovery.Examine(storage, JournalFixture.Folder, kind, WriterScript.Instance);
        Require(report.Findings.Count == 0, $"a second recovery of {kind} finds {(report.Findings.Count > 0 ? report.Findings[0] : null)}");
        Require(
            report.Next == next || (report.Segments == 0 && next == 0), $"a second recovery of {kind} ends at {report.Next}, not at {next}");
    }

    private static void GoOn(IStorage storage, ScriptPlan plan, List<Appended> events, List<Appended> decisions)
    {
        string? problem = WriterScript.Open(storage, plan, Stopped, out OpenedDirectory opened);
        Require(problem is null, "it cannot be continued: " + problem);
        WriterScript.Append(opened.Journal!, opened.Audit!, opened.Epoch, 20, events, decisions);
        Require(opened.Journal!.Close() is null && opened.Audit!.Close() is null, "what was continued cannot be closed");
        opened.Lock!.Dispose();
        foreach (StreamKind kind in (ReadOnlySpan<StreamKind>)[StreamKind.Journal, StreamKind.Audit])
        {
            VerificationResult verified = JournalVerifier.Verify(storage, JournalFixture.Folder, kind, key: opened.Key);
            Require(verified.IsSound, $"{kind} does not verify: {verified.Damage}");
        }
    }

    /// <summary>By the second implementation: exactly these records, byte for byte.</summary>
    private static void Same(FaultyStorage disk, StreamKind kind, List<Appended> expected, long first, bool isKeyed)
    {
        long count = first;
        string? difference = null;
        string? wrong = NaiveLog.Read(disk, kind, (number, record) =>
        {
            Span<byte> bytes = stackalloc byte[SegmentLayout.RecordSize];
            if (number != count || number >= expected.Count)
            {
                difference ??= $"record {number} instead of {count}, {expected.Count} were appended";
                return;
            }

            Appended appended = expected[(int)number];
            if (kind == StreamKind.Journal)
            {
                WriterScript.EventBytes(appended, bytes);
            }
            else
            {
                WriterScript.DecisionBytes(appended, number, bytes);
            }

            bool same = bytes[..SegmentLayout.MarkOffset].SequenceEqual(record[..SegmentLayout.MarkOffset]);
            difference ??= same ? null : $"record {number} is not what was appended";
            count++;
        }, key: isKeyed ? WriterScript.KeyBytes : default);
        Require(wrong is null, $"{kind}: {wrong}");
        Require(difference is null, $"{kind}: {difference}");
        Require(count == expected.Count, $"{kind} has {count} records, not {expected.Count}");
    }

    private static void Count(Tally tally, RecoveryReport? report)
    {
        if (report is null)
        {
            return;
        }

        foreach (RecoveryFinding finding in report.Findings)
        {
            tally.Add("recovery " + finding.Letter);
        }

        if (!report.IsRefused && report.End <= RecoveryCase.Unsealed)
        {
            tally.Add("recovery " + (char)('A' + (int)report.End));
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(otherwise);
        }
    }
}

/// <summary>A crash broke what the journal promises.</summary>
internal sealed class BrokenPromiseException(string message, Exception? cause = null) : Exception(message, cause);
