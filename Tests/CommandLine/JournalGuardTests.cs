using System;
using System.IO;
using System.Text.Json.Nodes;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;
using LowLatency.Journal.Format;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// What a user switches on to guard a journal or to bound it, with the engine as it is started: the key, the watermark,
/// retention by snapshots, archiving between two runs.
/// </summary>
public sealed class JournalGuardTests : IDisposable
{
    private const int No = 1;
    private const int Storage = 4;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_keyed_journal_verifies_by_its_key_alone_and_a_segment_forged_without_it_stops_the_start()
    {
        string key = Secret("key", 7);
        string other = Secret("other-key", 8);
        EngineConfiguration mine = Small(20_000, journal => journal["keyFile"] = key);
        string run = At("run");
        Good(Run(mine, run));
        Assert.Contains("signatures", Good(EngineProcess.Run("journal", "verify", run, "--key", key)).Output, StringComparison.Ordinal);
        Finished wrong = EngineProcess.Run("journal", "verify", run, "--key", other);
        Assert.Equal(No, wrong.ExitCode);
        Assert.Contains("HMAC", wrong.Output, StringComparison.Ordinal);

        // A forger has everything but the key: his segment is consistent in itself, signed by what he has.
        string theirs = At("theirs");
        Good(Run(Small(20_000, journal => journal["keyFile"] = other), theirs));
        string segment = SegmentLayout.Name(StreamKind.Journal, 0);
        File.Copy(Path.Combine(theirs, segment), Path.Combine(run, segment), overwrite: true);
        Finished unsigned = EngineProcess.Run("journal", "verify", run, "--key", key);
        Assert.Equal(No, unsigned.ExitCode);
        Assert.Contains(segment, unsigned.Output, StringComparison.Ordinal);
        Finished started = Run(Small(24_000, journal => journal["keyFile"] = key), run);
        Assert.Equal(Storage, started.ExitCode);
        Assert.Contains(segment, started.Error, StringComparison.Ordinal);
        Assert.Contains("HMAC", started.Error, StringComparison.Ordinal);

        // So does a start with a key on a journal that was begun without one.
        string bare = At("bare");
        Good(Run(Small(9_000), bare));
        Finished late = Run(Small(12_000, journal => journal["keyFile"] = key), bare);
        Assert.Equal(Storage, late.ExitCode);
        Assert.Contains("HMAC", late.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_was_rolled_back_is_refused_by_its_watermark_until_a_person_empties_it()
    {
        string mark = At("mark");
        EngineConfiguration configuration = Small(9_000, journal => journal["watermark"] = mark);
        string run = At("run");
        string older = At("older");
        GeneratedRuns.Live(configuration, run, stopAfter: 2_000);
        long early = Last(run);
        GeneratedRuns.CopyFiles(run, older);
        GeneratedRuns.Live(configuration, run, stopAfter: 5_000);
        long late = Last(run);

        Finished rolledBack = Run(configuration, older);
        Assert.Equal(Storage, rolledBack.ExitCode);
        Assert.Contains($"the watermark knows event {late} ", rolledBack.Error, StringComparison.Ordinal);
        Assert.Contains($"{early}", rolledBack.Error, StringComparison.Ordinal);
        Assert.Equal(early, Last(older));

        // The directory that was not rolled back has what the watermark knows.
        byte[] kept = File.ReadAllBytes(mark);
        File.Delete(mark);
        Finished missing = Run(configuration, run);
        Assert.Equal(Storage, missing.ExitCode);
        Assert.Contains("there is no watermark", missing.Error, StringComparison.Ordinal);
        Assert.Contains("make an empty", missing.Error, StringComparison.Ordinal);
        File.WriteAllBytes(mark, kept);
        Good(Run(configuration, run));

        // Accepted as it is: the loss was looked at by a person.
        File.WriteAllBytes(mark, []);
        Good(Run(configuration, older));
        Assert.NotEmpty(File.ReadAllBytes(mark));
        Assert.Equal("equal", LastLine(Good(EngineProcess.Run("replay", older, "--verify"))));
    }

    [Fact]
    public void A_journal_that_keeps_what_its_snapshots_need_goes_on_and_every_tool_says_what_is_left()
    {
        EngineConfiguration configuration = Small(40_000, Retention);
        string run = At("run");
        using (JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: false))
        using (Session session = new(new SessionPlan
        {
            Configuration = configuration,
            Inputs = new MarketGenerator(configuration.Generator!),
            Journal = journal,
            Topology = GeneratedRuns.Shape(TopologyMode.Inline),
            SnapshotEvery = configuration.Session.Journal.SnapshotEvery,
        }))
        {
            while (!session.IsDone)
            {
                // Not faster than it is followed, however slow the machine: only a snapshot lets segments go.
                if (session.Counts.Total < 3_000 * (session.Snapshots + 2) || session.Snapshots > 8)
                {
                    session.Poll(64);
                }
            }

            session.Finish();
        }

        string base0 = Path.Combine(run, "base-journal");
        Assert.True(File.Exists(base0), "nothing was retired: " + string.Join(' ', Directory.GetFiles(run)));
        Assert.False(File.Exists(Path.Combine(run, SegmentLayout.Name(StreamKind.Journal, 0))), "the front is there");
        long first = First(run);
        Assert.True(first > 0);

        Assert.Contains($"numbers {first} to ", Good(EngineProcess.Run("journal", "verify", run)).Output, StringComparison.Ordinal);
        Assert.Contains($"sequences {first} to ", Good(EngineProcess.Run("journal", "stat", run)).Output, StringComparison.Ordinal);
        Assert.StartsWith($"{first} ", Good(EngineProcess.Run("journal", "inspect", run, "--limit", "1")).Output.TrimStart(), StringComparison.Ordinal);
        AssertReplaysTrimmed(run, first);

        Finished backtest = EngineProcess.Run("backtest", "-d", run);
        Assert.Equal(3, backtest.ExitCode);
        Assert.Contains($"begins at event {first}", backtest.Error, StringComparison.Ordinal);
        Assert.Equal("equal", LastLine(Good(EngineProcess.Run("journal", "bisect", run))));

        // Archiving what is left, then the next run of it: a longer market, the same beginning.
        Good(EngineProcess.Run("journal", "archive", run));
        AssertReplaysTrimmed(run, first);
        long end = Last(run);
        Finished next = Good(Run(Small(44_000, Retention), run));
        Assert.True(Last(run) > end + 3_000, next.Output);
        Good(EngineProcess.Run("journal", "verify", run));
        Assert.Equal("equal", LastLine(Good(EngineProcess.Run("replay", run, "--verify"))));
    }

    [Fact]
    public void A_run_that_is_archived_while_it_is_stopped_goes_on_and_replays_equal()
    {
        EngineConfiguration configuration = Small(30_000);
        string run = At("run");
        using (EngineProcess process = EngineProcess.Start(Arguments(configuration, run, "--speed", "10")))
        {
            process.WaitForRecord(run, 10_000);
            process.Terminate();
            Good(process.Wait());
        }

        Assert.Contains("archived", Good(EngineProcess.Run("journal", "archive", run)).Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(run, "journal-*.arc"));
        Assert.Equal("equal", LastLine(Good(EngineProcess.Run("replay", run, "--verify"))));
        Good(Run(configuration, run));
        Good(EngineProcess.Run("journal", "verify", run));
        Assert.Equal("equal", LastLine(Good(EngineProcess.Run("replay", run, "--verify"))));
        Good(EngineProcess.Run("backtest", "-d", run, "-o", At("again")));
        Assert.StartsWith("equal", Good(EngineProcess.Run("journal", "diff", run, At("again"))).Output, StringComparison.Ordinal);

        // Without its snapshots too: then the archives themselves are what is recovered.
        foreach (string snapshot in Directory.GetFiles(run, "snapshot-*.snap"))
        {
            File.Delete(snapshot);
        }

        using JournalDirectory journal = JournalDirectory.Open(run, configuration, mayResume: true);
        Assert.False(journal.Recovered!.IsRefused);
        Assert.Equal(Last(run) + 1, journal.NextSequence);
    }

    public void Dispose() => _folder.Dispose();

    private static void Retention(JsonNode journal)
    {
        journal["keep"] = "snapshots";
        journal["snapshotEvery"] = 3_000;
    }

    private static void AssertReplaysTrimmed(string run, long first)
    {
        Finished replay = Good(EngineProcess.Run("replay", run, "--verify"));
        Assert.Contains($"note: the journal begins at event {first}: the replay starts from snapshot-", replay.Output, StringComparison.Ordinal);
        Assert.Equal("equal", LastLine(replay));
    }

    private static EngineConfiguration Small(int events, Action<JsonNode>? change = null) =>
        GeneratedRuns.Configuration(events, root =>
        {
            root["session"]!["journal"]!["segmentMiB"] = 1;
            change?.Invoke(root["session"]!["journal"]!);
        });

    private static Finished Good(Finished finished)
    {
        Assert.True(finished.ExitCode == 0, $"{finished.ExitCode}: {finished.Error}{finished.Output}");
        return finished;
    }

    private static string LastLine(Finished finished) => finished.Output.TrimEnd().Split('\n')[^1];

    private static long First(string run) => SegmentLayout.TryParseName(
        StreamKind.Journal, Path.GetFileName(Segments(run)[0]).Replace(".arc", ".seg", StringComparison.Ordinal), out long first)
        ? first
        : -1;

    private static long Last(string run)
    {
        (string file, long index) = EngineProcess.LastRecord(run, StreamKind.Journal);
        Assert.True(SegmentLayout.TryParseName(StreamKind.Journal, Path.GetFileName(file), out long first));
        return first + index;
    }

    private static string[] Segments(string run)
    {
        string[] segments = Directory.GetFiles(run, "journal-*.*");
        Array.Sort(segments, StringComparer.Ordinal);
        return segments;
    }

    private Finished Run(EngineConfiguration configuration, string run, params string[] more) =>
        EngineProcess.Run(Arguments(configuration, run, more));

    private string[] Arguments(EngineConfiguration configuration, string run, params string[] more)
    {
        string file = At("configuration.json");
        File.WriteAllBytes(file, configuration.ToCanonicalJson());
        return ["run", "-c", file, "-o", run, "--warm-up", "0", .. more];
    }

    private string Secret(string name, byte fill)
    {
        string file = At(name);
        byte[] secret = new byte[32];
        Array.Fill(secret, fill);
        File.WriteAllBytes(file, secret);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return file;
    }

    private string At(string name) => Path.Combine(_folder.Path, name);
}
