using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>
/// Power cuts. A block of images comes from one script: it is run once to count the places where the power can go, then
/// again with a cut at each image's place. Where few things are unsynced, every subset of them is an image of its own.
/// </summary>
internal sealed class PowerSuite(
    Func<FaultyStorage, IStorage>? access = null,
    Func<ScriptPlan, ScriptPlan>? change = null,
    Func<FaultyStorage, IStorage>? recovers = null) : Suite
{
    /// <summary>Most unsynced things of which all subsets are tried.</summary>
    private const int SubsetUnitsMax = 12;

    /// <summary>One image in so many is replaced by all subsets of its place.</summary>
    private const int SubsetsEvery = 50;

    /// <summary>One image in so many is that of a killed process, with the power on.</summary>
    private const int KillsEvery = 10;

    public override string Name => "power";

    public override string Unit => "images";

    public override long LongCount => 1_000_000;

    public override long TestCount => 20_000;

    public override int BlockSize => 200;

    public override IEnumerable<string> MustReach
    {
        get
        {
            foreach (char letter in "ABCDEGHIJX")
            {
                yield return "recovery " + letter;
            }

            foreach (string fate in (string[])[
                "dropped", "kept", "torn inside 512 bytes", "images torn at 4096 bytes", "later write kept, earlier lost",
                "zeroed", "old bytes", "length lost", "entry kept", "entry dropped",
                "later entry kept, earlier lost"])
            {
                yield return "fate: " + fate;
            }

            foreach (string call in (string[])[
                "append", "open", "fallocate", "pwrite", "fdatasync", "fsync", "rename", "unlink", "mkdir", "mmap", "munmap",
                "close", "flock", "pread", "lseek", "readdir"])
            {
                yield return "cut before " + call;
            }

            foreach (string guard in RecoveryCheck.Guards)
            {
                yield return guard;
            }

            yield return "images by subset";
            yield return "images of a kill";
            yield return "images cut again during recovery";
            yield return "images of written";
            yield return "images of flushed";
        }
    }

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        ulong blockSeed = Mix(seed, first / BlockSize);
        ScriptPlan plan = ScriptPlan.Of(blockSeed);
        plan = change?.Invoke(plan) ?? plan;
        long places = 0;
        Run(plan, (_, _, _) => places++);
        List<(long Place, long Index)> cuts = [];
        for (long index = first; index < end; index++)
        {
            Xoshiro256 dice = new(Mix(seed ^ 0xC0FFEE, index));
            cuts.Add((dice.NextBelow(places), index));
        }

        cuts.Sort();
        int at = 0;
        long place = 0;
        Run(plan, (script, disk, call) =>
        {
            for (; at < cuts.Count && cuts[at].Place == place; at++)
            {
                try
                {
                    Cut(script, disk, plan, cuts[at].Index, seed, call, tally);
                }
                catch (Exception failure) when (failure is not SuiteFailure)
                {
                    throw new SuiteFailure(
                        this, cuts[at].Index, seed, new BrokenPromiseException($"{failure.Message} (before {call}, {plan})", failure));
                }
            }

            place++;
        });
        tally.Add("scripts");
    }

    private void Cut(
        WriterScript script, FaultyStorage disk, ScriptPlan plan, long index, ulong seed, string call, Tally tally)
    {
        Xoshiro256 dice = new(Mix(seed ^ 0xBEEF, index));
        Promise promise = Promise.AfterPowerCut(script);
        tally.Add("cut before " + call);
        tally.Add(plan.Durability == Durability.Flushed ? "images of flushed" : "images of written");
        if (index % KillsEvery == 1)
        {
            RecoveryCheck.Run(disk.AfterKill(), Promise.AfterKill(script), ref dice, tally, recovers);
            tally.Add("images of a kill");
            return;
        }

        int units = PowerCut.Units(disk);
        if (index % SubsetsEvery == 0 && units is > 0 and <= SubsetUnitsMax)
        {
            for (ulong kept = 0; kept < 1UL << units; kept++)
            {
                RecoveryCheck.Run(PowerCut.Subset(disk, kept), promise, ref dice, tally, recovers);
                tally.Add("images by subset");
            }

            return;
        }

        PowerFates fates = new();
        RecoveryCheck.Run(disk.AfterPowerCut(ref dice, fates), promise, ref dice, tally, recovers);
        fates.AddTo(tally.Add);
        tally.Add("images by dice");
    }

    private void Run(ScriptPlan plan, Action<WriterScript, FaultyStorage, string> atPlace)
    {
        FaultyStorage disk = new();
        WriterScript script = new(disk, plan, access?.Invoke(disk));
        disk.BeforeCall = call => atPlace(script, disk, call);
        script.Run();
        disk.BeforeCall = null;
        if (script.Stopped is not null)
        {
            throw new InvalidOperationException("the script stopped without a fault: " + script.Stopped);
        }
    }
}
