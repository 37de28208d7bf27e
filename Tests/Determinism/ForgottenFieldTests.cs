using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Determinism;

/// <summary>
/// The planted bug of the whole snapshot machinery: a component whose <c>Visit</c> leaves a field out, so that it is
/// neither saved nor restored nor in any digest. The comparison of a continuation with the run itself must see it wherever it
/// matters, and the comparison of every private field, which asks no component, wherever it is.
/// </summary>
public sealed class ForgottenFieldTests : IDisposable
{
    private const long At = 3_000;
    private const int Least = 8;
    private const int Step = 7;

    /// <summary>Fields that hold nothing a later decision can depend on, and why.</summary>
    private static readonly string[] _noState =
    [
        // Written anew by every event before it is read.
        "MutedRun._decision", "._closed", "._pending",

        // Looked up again when it does not fit, or at the next question.
        "._outlook",
        "._cachedStart", "._cachedSlot", "._rules._chosen[1]", "._rules._chosen[2]", "._rules._chosenFor",

        // Memory: what lies behind the count of a table, where a queue begins in its ring, whether room was set aside.
        "._bids._deep._entries", "._asks._deep._entries", "._consumedBids._prices", "._consumedAsks._prices",
        "._consumedBids._quantities", "._consumedAsks._quantities", "._reserved",
        "._queue._slots", "._queue._nodes", "._arrivals._ring", "._arrivals._head",

        // Says only that something changed since somebody last looked.
        "._positions._changes", "._combination.<Changes>k__BackingField", "._idle",

        // Made of the definition beside it, and compared by its bytes: those between its fields are nobody's.
        "._definition",
    ];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_component_that_leaves_a_field_out_of_its_walk_is_caught_wherever_the_field_matters()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(6_000);
        string run = System.IO.Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run);
        MutedRun whole = MutedRun.Of(configuration);
        List<Event> rest = [];
        foreach (Event e in BacktestIdentityTests.Events(run))
        {
            if (e.Sequence <= At)
            {
                whole.Step(e);
            }
            else
            {
                rest.Add(e);
            }
        }

        // What is as it was at the start is forgotten without loss.
        List<byte[]> fresh = Fields(MutedRun.Of(configuration));
        List<byte[]> then = Fields(whole);
        List<int> changed = [];
        for (int field = 0; field < then.Count; field++)
        {
            if (field >= fresh.Count || !fresh[field].AsSpan().SequenceEqual(then[field]))
            {
                changed.Add(field);
            }
        }

        Dictionary<int, byte[]> saved = [];
        // Two of each size: components of many alike fields, of which few matter later, must not make up the sample.
        Xoshiro256 dice = new(1);
        foreach (IGrouping<int, int> alike in changed.GroupBy(field => then[field].Length))
        {
            int[] fields = [.. alike];
            for (int i = 0; i < 2; i++)
            {
                int field = fields[dice.NextBelow(fields.Length)];
                saved.TryAdd(field, Saved(whole, field));
            }
        }

        byte[] nothingForgotten = Saved(whole, -1);
        Digest128 decisions = Continue(whole, rest);
        List<byte[]> end = Fields(whole);
        Assert.Null(Caught(configuration, nothingForgotten, -1, rest, whole, decisions));

        int caught = 0;
        List<string> missed = [];
        foreach ((int field, byte[] bytes) in saved)
        {
            if (Caught(configuration, bytes, field, rest, whole, decisions) is not null)
            {
                caught++;
                continue;
            }

            // Not seen is right only where nothing came of it: every decision and every other field is the run's own.
            MutedRun other = MutedRun.Of(configuration);
            other.Visit(new Forgetful(new StateReader(bytes), field));
            Digest128 theirs = Continue(other, rest);
            List<byte[]> last = Fields(other);
            bool harmless = theirs.Finish() == decisions.Finish()
                && last.Count == end.Count
                && Enumerable.Range(0, end.Count).All(i => i == field || end[i].AsSpan().SequenceEqual(last[i]));
            if (!harmless)
            {
                missed.Add($"field {field} of {then[field].Length} bytes");
            }
        }

        Assert.Empty(missed);
        Assert.True(caught >= Least, $"of {saved.Count} forgotten fields only {caught} are caught");
    }

    [Fact]
    public void A_restored_run_is_in_every_private_field_what_was_saved_and_each_forgotten_one_is_seen()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration(6_000);
        string run = System.IO.Path.Combine(_folder.Path, "run");
        GeneratedRuns.Live(configuration, run);
        MutedRun whole = MutedRun.Of(configuration);
        foreach (Event e in BacktestIdentityTests.Events(run))
        {
            if (e.Sequence <= At)
            {
                whole.Step(e);
            }
        }

        // The listed fields apart, which the tests of continuations vouch for, nothing at all is lost.
        List<string> lost = ObjectGraph.Differences(whole, Restored(configuration, whole, -1)!);
        lost.RemoveAll(path => Array.Exists(_noState, end => path.EndsWith(end, StringComparison.Ordinal)));
        Assert.True(lost.Count == 0, string.Join('\n', lost));

        // And the same comparison, without that list, sees each field that a component forgets.
        MutedRun sound = Restored(configuration, whole, -1)!;
        List<byte[]> walk = Fields(sound);
        List<int> notSeen = [];
        int planted = 0;
        for (int field = 0; field < walk.Count; field += Step)
        {
            if (Restored(configuration, whole, field) is not { } forgetful)
            {
                planted++;
                continue;
            }

            List<byte[]> theirs = Fields(forgetful);
            bool isLost = walk.Count != theirs.Count
                || !walk.Zip(theirs).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            planted += isLost ? 1 : 0;
            if (isLost && ObjectGraph.Differences(sound, forgetful).Count == 0)
            {
                notSeen.Add(field);
            }
        }

        Assert.True(planted >= 20, $"only {planted} fields are in use");
        Assert.Empty(notSeen);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>What the comparison says of a run that was restored without a field; null when it sees nothing.</summary>
    private static string? Caught(
        EngineConfiguration configuration, byte[] bytes, int field, List<Event> rest, MutedRun whole, Digest128 decisions)
    {
        MutedRun continued = MutedRun.Of(configuration);
        StateReader reader = new(bytes);
        Digest128 theirs = default;
        bool isWhole = false;
        Exception? broken = Xunit.Record.Exception(() =>
        {
            continued.Visit(new Forgetful(reader, field));
            isWhole = reader.AtEnd;
            theirs = isWhole ? Continue(continued, rest) : default;
        });
        if (broken is not null || !isWhole)
        {
            return broken?.Message ?? "the walk is shorter than what was saved";
        }

        return theirs.Finish() != decisions.Finish() ? "decisions differ"
            : Forgetting(continued, field) != Forgetting(whole, field) ? "state differs"
            : null;
    }

    /// <summary>A fresh run in a saved state, a field of which was forgotten on the way; null when it refuses that.</summary>
    private static MutedRun? Restored(EngineConfiguration configuration, MutedRun whole, int field)
    {
        MutedRun restored = MutedRun.Of(configuration);
        byte[] saved = Saved(whole, field);
        return Xunit.Record.Exception(() => restored.Visit(new Forgetful(new StateReader(saved), field))) is null
            ? restored
            : null;
    }

    private static Digest128 Continue(MutedRun run, List<Event> rest)
    {
        Digest128 rolling = default;
        foreach (Event e in rest)
        {
            run.Step(e);
            DecisionDigest.Add(ref rolling, e, run.Last);
        }

        return rolling;
    }

    private static byte[] Saved(MutedRun run, int field)
    {
        StateWriter writer = new(1 << 22);
        run.Visit(new Forgetful(writer, field));
        return writer.Written.ToArray();
    }

    private static Digest Forgetting(MutedRun run, int field)
    {
        DigestVisitor digest = new();
        run.Visit(new Forgetful(digest, field));
        return digest.Finish();
    }

    private static List<byte[]> Fields(MutedRun run)
    {
        FieldList fields = new();
        run.Visit(fields);
        return fields.Values;
    }

    /// <summary>A visitor as a component meets it that does not hand over one of its fields.</summary>
    private sealed class Forgetful(StateVisitor inner, int field) : StateVisitor
    {
        private int _next;

        public override void Bytes(Span<byte> bytes)
        {
            if (_next++ != field)
            {
                inner.Bytes(bytes);
            }
        }
    }

    /// <summary>The fields of a walk one by one.</summary>
    private sealed class FieldList : StateVisitor
    {
        internal List<byte[]> Values { get; } = [];

        public override void Bytes(Span<byte> bytes) => Values.Add(bytes.ToArray());
    }
}
