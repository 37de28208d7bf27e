using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>
/// Damage that no crash made: first one flipped bit in every byte of a sample, then random edits, deletions, copies,
/// renames, reorderings, truncations and foreign segments. Each must be refused, or reported by the verifier, or be
/// harmless; what the format says it cannot see is counted apart and must be exactly that.
/// </summary>
internal sealed class RotSuite(RotJudge? judge = null) : Suite
{
    private readonly RotJudge _judge = judge ?? RotVerdict.OfTheJournal;
    private readonly Lazy<RotSample[]> _samples = new(RotSample.All);

    public override string Name => "rot";

    public override string Unit => "damaged images";

    public override long LongCount => 1_000_000;

    public override long TestCount => Flips + 100_000;

    public override int BlockSize => 500;

    /// <summary>Images that flip a bit of each byte of the first sample; the rest are random edits of all.</summary>
    public long Flips => _samples.Value[0].Bytes;

    public override IEnumerable<string> MustReach
    {
        get
        {
            foreach (string edit in RotEdit.Names)
            {
                yield return "edit: " + edit;
            }

            foreach (char letter in "KLMNOPQRS")
            {
                yield return "refused: " + letter;
            }

            foreach (char letter in "DFJ")
            {
                yield return "reported by verify, cut or mended by recovery: " + letter;
            }

            yield return "flips of every byte";
            yield return "refused: epoch file";
            yield return "harmless";
            yield return "blind spot: the history ends earlier";
        }
    }

    public override void RunBlock(long first, long end, ulong seed, Tally tally)
    {
        for (long index = first; index < end; index++)
        {
            Xoshiro256 dice = new(Mix(seed, index));
            string what = "nothing";
            try
            {
                RotSample sample = _samples.Value[0];
                FaultyStorage disk;
                bool mayBeBlind = true;
                if (index < Flips)
                {
                    disk = Flip(index, ref dice, out sample, out what, out bool holdsNothing);
                    tally.Add("flips of every byte");

                    // A segment made ahead of time holds nothing yet: recovery removes it whatever its header says.
                    mayBeBlind = holdsNothing;
                }
                else
                {
                    sample = _samples.Value[dice.NextBelow(_samples.Value.Length)];
                    disk = sample.Disk();
                    RotEdit edit = RotEdit.Make(sample, disk, ref dice);
                    what = edit.ToString();
                    if (sample.IsUnchanged(disk))
                    {
                        tally.Add("edits that changed nothing");
                        continue;
                    }

                    tally.Add("edit: " + edit.Name);
                }

                RotVerdict verdict = _judge(disk, sample);
                verdict.Check(disk, sample, mayBeBlind, tally);
            }
            catch (Exception failure)
            {
                throw new SuiteFailure(this, index, seed, new BrokenPromiseException($"{what}: {failure.Message}", failure));
            }
        }
    }

    private FaultyStorage Flip(long index, ref Xoshiro256 dice, out RotSample sample, out string what, out bool holdsNothing)
    {
        sample = _samples.Value[0];
        foreach ((string path, byte[] content) in sample.Files)
        {
            if (index < content.Length)
            {
                FaultyStorage disk = sample.Disk();
                byte bit = (byte)(1 << (int)dice.NextBelow(8));
                disk.Content(path)[index] ^= bit;
                holdsNothing = path.EndsWith(".seg", StringComparison.Ordinal)
                    && !content.AsSpan(SegmentLayout.PageSize..).ContainsAnyExcept((byte)0);
                what = $"{sample.Name}: {Path.GetFileName(path)} byte {index} xor {bit}";
                return disk;
            }

            index -= content.Length;
        }

        throw new InvalidOperationException("no such byte");
    }
}

/// <summary>Looks at a damaged directory and says what it found.</summary>
/// <param name="disk">The directory.</param>
/// <param name="sample">What it was before.</param>
/// <returns>The verdict.</returns>
internal delegate RotVerdict RotJudge(FaultyStorage disk, RotSample sample);

/// <summary>A journal directory to be damaged, and others like it to take foreign segments from.</summary>
internal sealed class RotSample
{
    private RotSample(string name, FaultyStorage disk, WriterScript script)
    {
        Name = name;

        // What the dead process had appended and not written is no part of the history.
        Events = [.. script.Events.Take((int)Next(disk, StreamKind.Journal))];
        Decisions = [.. script.Decisions.Take((int)Next(disk, StreamKind.Audit))];
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (string path in disk.Paths)
        {
            if (disk.Peek(path).Length > 0)
            {
                files[path] = disk.Peek(path).ToArray();
                Bytes += files[path].Length;
            }
        }

        Files = files;
    }

    public const int Capacity = 32;

    public string Name { get; }

    /// <summary>The files with content; the lock has none.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    public IReadOnlyList<Appended> Events { get; private set; }

    public IReadOnlyList<Appended> Decisions { get; private set; }

    public long Bytes { get; }

    /// <summary>Directories from which a foreign segment may come: other instance, other history, an earlier state.</summary>
    public IReadOnlyList<RotSample> Strangers { get; private set; } = [];

    public static RotSample[] All() =>
    [
        Make("flushed, killed", Durability.Flushed, clean: false),
        Make("written, killed", Durability.Written, clean: false),
        Make("flushed, closed", Durability.Flushed, clean: true),
    ];

    /// <summary>A fresh disk with the sample's content.</summary>
    public FaultyStorage Disk()
    {
        Dictionary<string, FaultyNode> nodes = [];
        foreach ((string path, byte[] content) in Files)
        {
            nodes[path] = FaultyNode.Shared(content);
        }

        return FaultyStorage.Of(nodes, [JournalFixture.Folder]);
    }

    public bool IsUnchanged(FaultyStorage disk)
    {
        int files = 0;
        foreach (string path in disk.Paths)
        {
            if (!Files.TryGetValue(path, out byte[]? content) || !disk.Peek(path).SequenceEqual(content))
            {
                return false;
            }

            files++;
        }

        return files == Files.Count;
    }

    private static long Next(FaultyStorage disk, StreamKind kind) =>
        LowLatency.Journal.Recovery.JournalRecovery.Examine(disk.AfterKill(), JournalFixture.Folder, kind).Next;

    private static RotSample Make(string name, Durability durability, bool clean)
    {
        List<RotSample> strangers = [];
        RotSample sample = One(name, durability, clean, 1, WriterScript.Instance, strangers);
        strangers.Add(One("other history", durability, clean, 2, WriterScript.Instance, null));
        strangers.Add(One("other instance", durability, clean, 1, WriterScript.Instance + 1, null));
        sample.Strangers = strangers;
        return sample;
    }

    private static RotSample One(
        string name, Durability durability, bool clean, ulong salt, int instance, List<RotSample>? earlier)
    {
        for (ulong seed = salt * 1000; ; seed++)
        {
            FaultyStorage disk = new();
            WriterScript script = new(
                disk,
                new ScriptPlan
                {
                    Seed = seed,
                    Durability = durability,
                    Runs = 2,
                    Steps = 7,
                    Capacity = Capacity,
                    Instance = (ushort)instance,
                    EndsClean = clean,
                    Salt = (int)(salt - 1) * 1000,
                });
            List<RotSample> states = [];
            int call = 0;
            disk.BeforeCall = _ =>
            {
                if (earlier is not null && ++call % 97 == 0)
                {
                    states.Add(new RotSample("an earlier state", disk, script));
                }
            };
            script.Run();
            RotSample made = new(name, disk, script);

            // Small, yet with a seam in both streams and something in the last segment.
            if (script.Events.Count is > 70 and < 90 && script.Decisions.Count is > 100 and < 190 && made.Files.Count >= 6)
            {
                earlier?.AddRange(states.GetRange(states.Count / 2, states.Count - (states.Count / 2)));
                return made;
            }
        }
    }
}
