using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>
/// Every call of a script fails once, and from then on for ever, with every error: the script goes through or stops with
/// the call and the errno named, and after the crash that follows nothing acknowledged is missing.
/// </summary>
internal sealed class IoErrorSuite(Func<FaultyStorage, IStorage>? access = null) : Suite
{
    /// <summary>0 is not an error: the read or the write is short.</summary>
    private static readonly int[] Errnos =
        [Errno.EIO, Errno.ENOSPC, Errno.EROFS, Errno.EDQUOT, Errno.EINVAL, 0, Errno.EINTR];

    /// <summary>Every call of <see cref="IStorage"/>, by the name that its errors carry.</summary>
    private static readonly string[] Calls =
    [
        "mkdir", "open", "readdir", "unlink", "rename", "fsync", "lseek", "fallocate", "pread", "pwrite", "mmap", "munmap",
        "fdatasync", "flock", "statx", "close",
    ];

    public override string Name => "io-errors";

    public override string Unit => "scripts";

    public override long LongCount => 100;

    public override long TestCount => 2;

    public override IEnumerable<string> MustReach
    {
        get
        {
            foreach (string call in Calls)
            {
                foreach (int errno in Errnos)
                {
                    if (errno != 0)
                    {
                        yield return $"{call} fails with {Errno.Name(errno)}";
                    }
                }
            }

            yield return "pread is short";
            yield return "pwrite is short";
            foreach (char letter in "ABCDGHITX")
            {
                yield return "recovery " + letter;
            }

            yield return "stopped with the error";
            yield return "went through";
            yield return "warned, then went on";
            yield return "images of a power cut";
            yield return "images of a kill";
        }
    }

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        Durability durability = first % 2 == 0 ? Durability.Flushed : Durability.Written;
        ScriptPlan plan = new()
        {
            Seed = Mix(seed, first),
            Durability = durability,
            Runs = 2,
            Steps = 6 + (int)(first % 5),
            IsKeyed = first % 4 < 2,
            IsMarked = first % 3 < 2,
            Retires = first % 4 < 2,
        };
        foreach (int errno in Errnos)
        {
            foreach (bool forever in (ReadOnlySpan<bool>)[false, true])
            {
                int at = 1;
                while (Fails(plan, at, errno, forever, tally))
                {
                    at++;
                }

                tally.Add("faulted runs", at - 1);
            }
        }
    }

    /// <returns>False when the script ends before the call.</returns>
    private bool Fails(ScriptPlan plan, int at, int errno, bool forever, Tally tally)
    {
        FaultyStorage disk = new() { FailAt = at, FailWith = errno, FailsForever = forever };
        string? failing = null;
        string? path = null;
        disk.Failing = (call, where) =>
        {
            failing ??= call;
            path ??= where;
        };
        WriterScript script = new(disk, plan, access?.Invoke(disk));
        Xoshiro256 dice = new(Mix(plan.Seed, at));
        try
        {
            script.Run();
            if (failing is null)
            {
                return false;
            }

            Judge(script, failing, errno, forever, tally);
            disk.Failing = null;
            disk.KillProcess();
            bool cut = dice.NextBelow(2) == 0;
            FaultyStorage image = cut ? disk.AfterPowerCut(ref dice) : disk.AfterKill();
            tally.Add(cut ? "images of a power cut" : "images of a kill");
            Promise promise = cut ? Promise.AfterPowerCut(script) : Promise.AfterKill(script);
            RecoveryCheck.Run(image, promise, ref dice, tally);
            return true;
        }
        catch (Exception failure)
        {
            string error = errno == 0 ? "short" : Errno.Name(errno);
            throw new BrokenPromiseException(
                $"call {at} ({failing} {path}) {error} {(forever ? "for ever" : "once")}: {failure.Message} ({plan})", failure);
        }
    }

    private static void Judge(WriterScript script, string failing, int errno, bool forever, Tally tally)
    {
        if (errno == 0 && failing is not ("pread" or "pwrite"))
        {
            // Nothing can be short about it: the call went through.
            tally.Add("calls that cannot be short");
        }
        else
        {
            tally.Add(errno == 0 ? failing + " is short" : $"{failing} fails with {Errno.Name(errno)}");
        }

        if (script.Refusal is { } refusal)
        {
            Require(refusal.Case == RecoveryCase.StorageFailure, "a failing call is taken for damage: " + refusal);
            tally.Add("recovery " + refusal.Letter);
        }

        string? said = script.Stopped ?? script.Warned;
        if (said is null)
        {
            // Short and interrupted calls go on; what is only let go can fail without harm to what was written.
            bool harmless = errno == 0
                || (errno == Errno.EINTR && !forever && failing is "pread" or "pwrite")
                || failing is "close" or "munmap";
            Require(harmless, "it went unseen");
            tally.Add("went through");
            return;
        }

        Require(errno != 0, "a short call stopped it: " + said);
        Require(said.Contains(Errno.Name(errno), StringComparison.Ordinal), "the errno is not named: " + said);
        Require(
            forever || said.Contains(failing, StringComparison.Ordinal), "the call is not named: " + said);
        tally.Add(script.Stopped is null ? "warned, then went on" : "stopped with the error");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(otherwise);
        }
    }
}
