using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Engine.Results;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;
using LowLatency.Tests.Determinism;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>The journal's tools as their users start them.</summary>
public sealed class JournalToolsTests(RecordedJournal journal) : IClassFixture<RecordedJournal>
{
    private const long SegmentRecords = (1 << 20) / 128;

    [Fact]
    public void Inspect_goes_to_a_range_of_sequences_or_times_and_names_what_was_defined_before_it()
    {
        List<Event> events = All();
        Event wanted = events[(int)SegmentRecords + 1234];
        string[] byNumber = Lines(Good("journal", "inspect", journal.Run, "--from", $"{wanted.Sequence}", "--limit", "3", "--json"));
        Assert.Equal([0L, 1L, 2L], byNumber.Select(line => Sequence(line) - wanted.Sequence));

        long from = wanted.ReceivedAt;
        long to = events[(int)wanted.Sequence + 500].ReceivedAt;
        IEnumerable<long> expected = events.Where(e => e.ReceivedAt >= from && e.ReceivedAt <= to).Select(e => e.Sequence);
        foreach ((string first, string last) in (ReadOnlySpan<(string, string)>)[
            (Text(from), Text(to)), (EventFormatter.Time(from), EventFormatter.Time(to))])
        {
            string[] byTime = Lines(Good(
                "journal", "inspect", journal.Run, "--from-time", first, "--to-time", last, "--json", "--limit", "100000"));
            Assert.Equal(expected, byTime.Select(Sequence));
        }

        // A trade in the middle is told in the decimals that were defined at the start.
        string trade = Lines(Good(
            "journal", "inspect", journal.Run, "--from", $"{SegmentRecords}", "--kind", "trade", "--limit", "1"))[0];
        Assert.Contains(" price=", trade, StringComparison.Ordinal);
        Assert.DoesNotContain("priceUnits", trade, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_misses_the_audit_log_of_a_run()
    {
        string copy = journal.Copy();
        foreach (string file in Directory.GetFiles(copy, "audit-*"))
        {
            File.Delete(file);
        }

        Finished finished = EngineProcess.Run("journal", "verify", copy);
        Assert.Equal(1, finished.ExitCode);
        Assert.Contains("audit    there is none, and a run keeps both: it was lost", finished.Output, StringComparison.Ordinal);
        Assert.EndsWith("DAMAGED\n", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_chooses_by_kind_source_and_instrument_by_number_or_symbol()
    {
        List<Event> events = All();
        string symbol = events.First(e => e.Kind == EventKind.InstrumentDefined).InstrumentDefined.Symbol.ToString();
        ushort number = events.First(e => e.Kind == EventKind.InstrumentDefined).Instrument.Value;
        foreach (string instrument in (ReadOnlySpan<string>)[symbol, Text(number)])
        {
            string[] lines = Lines(Good(
                "journal", "inspect", journal.Run, "--kind", "Execution", "--instrument", instrument, "--source",
                "SimulatedVenue", "--json", "--limit", "1000000"));
            Assert.Equal(
                events.Where(e => e.Kind == EventKind.Execution && e.Instrument.Value == number).Select(e => e.Sequence),
                lines.Select(Sequence));
        }
    }

    [Fact]
    public void Inspect_shows_the_decisions_of_an_event()
    {
        Finished all = Good("journal", "inspect", journal.Run, "--audit", "--json", "--limit", "1000000");
        JsonElement[] groups = [.. Lines(all).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(groups.Length > 1000, "only " + groups.Length);
        long[] numbers = [.. groups.Select(group => group.GetProperty("event").GetInt64())];
        Assert.Equal(numbers.Order(), numbers);
        JsonElement command = groups.First(group => group.GetProperty("entries").EnumerateArray().Any(
            entry => entry.GetProperty("section").GetString() == "command"));
        long sequence = command.GetProperty("event").GetInt64();
        string[] one = Lines(Good(
            "journal", "inspect", journal.Run, "--audit", "--from", $"{sequence}", "--to", $"{sequence}"));
        Assert.All(one, line => Assert.StartsWith(Text(sequence), line.TrimStart(), StringComparison.Ordinal));
        Assert.Contains(one, line => line.Contains(" command[0] order=", StringComparison.Ordinal));
        Assert.Contains(one, line => line.Contains(" verdict[0] ruling=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--from 9 --to 8", 2, "--from 9 is after --to 8")]
    [InlineData("--from -1", 2, "--from -1: allowed are numbers from 0")]
    [InlineData("--from-time yesterday", 2, "--from-time yesterday: allowed are nanoseconds")]
    [InlineData("--source 4", 2, "--source 4: allowed are Engine, Clock")]
    [InlineData("--instrument NOSUCH", 2, "--instrument NOSUCH: the journal has")]
    [InlineData("--limit 0", 2, "--limit 0: allowed are numbers from 1")]
    [InlineData("--audit --kind Trade", 2, "allowed are ranges and --instrument")]
    public void Inspect_refuses_what_makes_no_sense(string options, int code, string said)
    {
        Finished finished = EngineProcess.Run(["journal", "inspect", journal.Run, .. options.Split(' ')]);
        Assert.Equal(code, finished.ExitCode);
        Assert.Contains(said, finished.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_beyond_the_end_shows_nothing()
    {
        Assert.Empty(Good("journal", "inspect", journal.Run, "--from", "99999999").Output);
        Assert.Empty(Good("journal", "inspect", journal.Run, "--from-time", "2200-01-01T00:00:00Z").Output);
        Assert.Empty(Good("journal", "inspect", journal.Run, "--audit", "--from", "99999999").Output);
    }

    [Fact]
    public void Verify_tells_a_person_what_it_checked_and_where_the_damage_is()
    {
        foreach (string[] options in (string[][])[[], ["--quick"], ["--threads", "1"], ["--threads", "7"]])
        {
            Finished finished = Good(["journal", "verify", journal.Run, .. options]);
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"journal  {journal.Events:N0} records"),
                finished.Output,
                StringComparison.Ordinal);
            Assert.Contains("M records/s", finished.Output, StringComparison.Ordinal);
            Assert.EndsWith("sound\n", finished.Output, StringComparison.Ordinal);
            Assert.Empty(finished.Error);
        }

        string copy = journal.Copy();
        RecordedJournal.Flip(copy, SegmentRecords, SegmentLayout.RecordOffset(10) + 50);
        foreach (string threads in (ReadOnlySpan<string>)["1", "2"])
        {
            Finished damaged = EngineProcess.Run("journal", "verify", copy, "--threads", threads);
            Assert.Equal(1, damaged.ExitCode);
            Assert.Contains("a sealed segment is damaged", damaged.Output, StringComparison.Ordinal);
            Assert.Contains("at offset 5376, record 8202: record CRC differs", damaged.Output, StringComparison.Ordinal);
            Assert.EndsWith("DAMAGED\n", damaged.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Verify_compares_signatures_with_a_key()
    {
        string key = journal.New("key");
        File.WriteAllBytes(key, new byte[JournalKey.BytesMin]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead);
        }

        Finished unsigned = EngineProcess.Run("journal", "verify", journal.Run, "--key", key);
        Assert.Equal(1, unsigned.ExitCode);
        Assert.Contains("not signed by the key", unsigned.Output, StringComparison.Ordinal);
        Finished absent = EngineProcess.Run("journal", "verify", journal.Run, "--key", key + "x");
        Assert.Equal(2, absent.ExitCode);
        Assert.Contains("--key", absent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Stat_counts_kinds_instruments_runs_groups_and_segments()
    {
        List<Event> events = All();
        JsonElement stat = JsonDocument.Parse(Good("journal", "stat", journal.Run, "--json").Output).RootElement;
        Assert.Equal(events.Count, stat.GetProperty("events").GetInt64());
        foreach (IGrouping<EventKind, Event> kind in events.GroupBy(e => e.Kind))
        {
            Assert.Equal(kind.Count(), stat.GetProperty("kinds").GetProperty(kind.Key.ToString()).GetInt64());
        }

        Assert.Equal(
            events.GroupBy(e => e.Instrument.Value).Count(group => group.Key != 0),
            stat.GetProperty("instruments").GetArrayLength());
        Assert.Equal(events.Count(e => e.EndsGroup), stat.GetProperty("groupSizesAtMost").EnumerateObject().Sum(size => size.Value.GetInt64()));
        Assert.Equal(events.Count, stat.GetProperty("journalSegments").EnumerateArray().Sum(each => each.GetProperty("records").GetInt64()));
        Assert.Equal("EndOfData", stat.GetProperty("runs")[0].GetProperty("ended").GetString());
        Assert.Equal(JournalIdentity.Of(journal.Run), stat.GetProperty("sha256").GetString());
        string text = Good("journal", "stat", journal.Run).Output;
        Assert.Contains("SYNTHETIC", text, StringComparison.Ordinal);
        Assert.Contains("events/s of market time", text, StringComparison.Ordinal);
        Assert.Contains("durability", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_journal_is_a_journal()
    {
        // As a run leaves it that was killed before its first event.
        string open = journal.New("open");
        Assert.Null(JournalWriter.Create(
            new PosixStorage(),
            open,
            new JournalOptions { Instance = 1, Epoch = 1, SegmentCapacity = 1024 },
            out JournalWriter? writer));
        string empty = journal.New("empty");
        GeneratedRuns.CopyFiles(open, empty);
        Assert.Null(writer!.Close());
        Assert.StartsWith("no event yet\n", Good("journal", "stat", empty).Output, StringComparison.Ordinal);
        Assert.Equal(0, JsonDocument.Parse(Good("journal", "stat", empty, "--json").Output).RootElement.GetProperty("events").GetInt64());
        Assert.Empty(Good("journal", "inspect", empty).Output);
        Assert.Empty(Good("journal", "tail", empty).Output);
        Assert.EndsWith("sound\n", Good("journal", "verify", empty).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Diff_of_a_run_and_its_backtest_is_empty_and_of_another_run_names_the_first_difference()
    {
        string again = journal.New("again");
        GeneratedRuns.Again(journal.Run, again);
        Assert.StartsWith("equal: ", Good("journal", "diff", journal.Run, again).Output, StringComparison.Ordinal);
        Assert.StartsWith("equal: ", Good("journal", "diff", journal.Run, again, "--audit").Output, StringComparison.Ordinal);

        string other = journal.New("other");
        GeneratedRuns.Direct(
            GeneratedRuns.Configuration(3_000, root => root["risk"]!["maxOrdersPerWindow"] = 3), other);
        Finished events = EngineProcess.Run("journal", "diff", journal.Run, other);
        Assert.Equal(1, events.ExitCode);
        Assert.StartsWith("first difference: event 0, EpochStarted.configurationHash: ", events.Output, StringComparison.Ordinal);
        Assert.Contains("only in A", events.Output, StringComparison.Ordinal);
        Finished decisions = EngineProcess.Run("journal", "diff", journal.Run, other, "--audit");
        Assert.Equal(1, decisions.ExitCode);
        Assert.StartsWith("first difference: event ", decisions.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tail_shows_the_last_events()
    {
        string[] lines = Lines(Good("journal", "tail", journal.Run, "-n", "4", "--json"));
        Assert.Equal([4L, 3L, 2L, 1L], lines.Select(line => journal.Events - Sequence(line)));
        Finished wrong = EngineProcess.Run("journal", "tail", journal.Run, "--until-end");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("--until-end: allowed with -f only", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tail_follows_a_running_engine_across_segments_to_its_end_without_missing_or_misreading_an_event()
    {
        string run = journal.New("followed");
        using EngineProcess engine = EngineProcess.Start("run", "-c", journal.ConfigurationFile(), "-o", run, "--speed", "60");
        engine.WaitForRecord(run, 50);
        using EngineProcess tail = EngineProcess.Start("journal", "tail", run, "-n", "20", "-f", "--until-end", "--json");
        using EngineProcess other = EngineProcess.Start("journal", "tail", run, "-f");
        Assert.Equal(0, engine.Wait().ExitCode);
        Finished followed = tail.Wait();
        Assert.Equal(0, followed.ExitCode);
        long[] sequences = [.. Lines(followed).Select(Sequence)];
        Assert.Equal(Enumerable.Range(0, sequences.Length).Select(i => sequences[0] + i), sequences);
        Assert.True(sequences.Length > SegmentRecords, "only " + sequences.Length);
        Assert.Contains("\"kind\":\"EpochEnded\"", Lines(followed)[^1], StringComparison.Ordinal);
        Assert.False(other.HasExited);
        other.Ask();
        Assert.Equal(0, other.Wait().ExitCode);
    }

    [Fact]
    public void An_archived_run_is_read_by_every_command_as_it_was()
    {
        string copy = journal.Copy();
        string inspected = Good("journal", "inspect", copy, "--from", "9000", "--limit", "50").Output;
        Finished archived = Good("journal", "archive", copy);
        Assert.Contains(" times smaller; 0 were before", archived.Output, StringComparison.Ordinal);
        Assert.NotEmpty(Directory.GetFiles(copy, "journal-*.arc"));
        Assert.Single(Directory.GetFiles(copy, "journal-*.seg"));
        Assert.Contains("Journal: 0 segments archived", Good("journal", "archive", copy).Output, StringComparison.Ordinal);

        Assert.EndsWith("sound\n", Good("journal", "verify", copy).Output, StringComparison.Ordinal);
        Assert.EndsWith("equal\n", Good("replay", copy, "--verify").Output, StringComparison.Ordinal);
        Assert.Equal(inspected, Good("journal", "inspect", copy, "--from", "9000", "--limit", "50").Output);
        Assert.StartsWith("equal: ", Good("journal", "diff", journal.Run, copy).Output, StringComparison.Ordinal);
        Assert.Contains("times smaller than unpacked", Good("journal", "stat", copy).Output, StringComparison.Ordinal);
        string again = journal.New("again");
        Assert.Equal(0, EngineProcess.Run("backtest", "-d", copy, "-o", again).ExitCode);
        Assert.Equal(JournalIdentity.Of(journal.Run), JournalIdentity.Of(again));
    }

    [Fact]
    public void An_interrupted_run_whose_older_segments_are_archived_goes_on_to_the_same_end()
    {
        string run = journal.New("interrupted");
        string configuration = journal.ConfigurationFile();
        using (EngineProcess process = EngineProcess.Start("run", "-c", configuration, "-o", run, "--speed", "60"))
        {
            process.WaitForRecord(run, SegmentRecords + 2_000);
            process.Ask();
            Assert.Equal(0, process.Wait().ExitCode);
        }

        foreach (string snapshot in Directory.GetFiles(run, "*.snap"))
        {
            File.Delete(snapshot);
        }

        Assert.Contains("1 segments archived", Good("journal", "archive", run).Output, StringComparison.Ordinal);
        Finished second = EngineProcess.Run("run", "-c", configuration, "-o", run);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.EndsWith("equal\n", Good("replay", run, "--verify").Output, StringComparison.Ordinal);
        Assert.EndsWith("sound\n", Good("journal", "verify", run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Repair_shows_the_loss_first_and_makes_a_halted_journal_only_when_it_is_accepted()
    {
        string copy = journal.Copy();
        RecordedJournal.Flip(copy, SegmentRecords, SegmentLayout.RecordOffset(100) + 60);
        string repaired = journal.New("repaired");
        Finished shown = EngineProcess.Run("journal", "repair", copy);
        Assert.Equal(1, shown.ExitCode);
        Assert.Contains("recovery refuses: a sealed segment is damaged", shown.Output, StringComparison.Ordinal);
        Assert.Contains("kept: events up to 8291", shown.Output, StringComparison.Ordinal);
        Assert.Contains("nothing was written", shown.Error, StringComparison.Ordinal);
        Finished blank = EngineProcess.Run("journal", "repair", copy, "--accept-loss", "  ", "-o", repaired);
        Assert.Equal(2, blank.ExitCode);
        Assert.Contains("--accept-loss", blank.Error, StringComparison.Ordinal);
        Finished nowhere = EngineProcess.Run("journal", "repair", copy, "--accept-loss", "why");
        Assert.Equal(2, nowhere.ExitCode);
        Assert.False(Directory.Exists(repaired));

        Finished done = Good("journal", "repair", copy, "--accept-loss", "the disk lost a sector", "-o", repaired);
        Assert.Contains("trading is halted", done.Output, StringComparison.Ordinal);
        Assert.Equal(1, EngineProcess.Run("journal", "verify", copy).ExitCode);
        Assert.EndsWith("sound\n", Good("journal", "verify", repaired).Output, StringComparison.Ordinal);
        Assert.EndsWith("equal\n", Good("replay", repaired, "--verify").Output, StringComparison.Ordinal);
        string last = Lines(Good("journal", "tail", repaired, "-n", "1"))[0];
        Assert.Contains(" Operator ", last, StringComparison.Ordinal);
        Assert.Contains("verb=Hold", last, StringComparison.Ordinal);

        // A run goes on from it, but holds until somebody says that it is right.
        string configuration = journal.ConfigurationFile();
        Finished held = EngineProcess.Run("run", "-c", configuration, "-o", repaired);
        Assert.True(held.ExitCode == 0, held.Error);
        Assert.Contains("trading is HALTED until a run with --accept", held.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "\"kind\":\"Execution\"",
            Good("journal", "inspect", repaired, "--from", "8400", "--json", "--limit", "1000000").Output,
            StringComparison.Ordinal);
        string accepted = journal.New("repaired");
        Good("journal", "repair", copy, "--accept-loss", "the disk lost a sector", "-o", accepted);
        Finished free = EngineProcess.Run("run", "-c", configuration, "-o", accepted, "--accept", "compared with the venue");
        Assert.True(free.ExitCode == 0, free.Error);
        Assert.DoesNotContain("HALTED", free.Error, StringComparison.Ordinal);
        Assert.Contains(
            "\"kind\":\"Execution\"",
            Good("journal", "inspect", accepted, "--from", "8400", "--json", "--limit", "1000000").Output,
            StringComparison.Ordinal);
        Assert.EndsWith("equal\n", Good("replay", accepted, "--verify").Output, StringComparison.Ordinal);
        Finished overwritten = EngineProcess.Run("journal", "repair", copy, "--accept-loss", "again", "-o", repaired);
        Assert.Equal(2, overwritten.ExitCode);
        Assert.Contains("nothing is overwritten", overwritten.Error, StringComparison.Ordinal);
        Assert.Contains("there is nothing to repair", Good("journal", "repair", journal.Run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Repair_cuts_an_audit_log_that_is_ahead_of_its_journal()
    {
        string copy = journal.Copy();
        string last = Directory.GetFiles(copy, "journal-*.seg").Order(StringComparer.Ordinal).Last();
        File.Delete(last);
        foreach (string snapshot in Directory.GetFiles(copy, "*.snap"))
        {
            File.Delete(snapshot);
        }

        Finished refused = EngineProcess.Run("run", "-c", journal.ConfigurationFile(), "-o", copy);
        Assert.NotEqual(0, refused.ExitCode);
        string repaired = journal.New("repaired");
        Finished done = Good("journal", "repair", copy, "--accept-loss", "lost a segment", "-o", repaired);
        Assert.Contains("decisions on events that the journal does not hold", done.Output, StringComparison.Ordinal);
        Assert.EndsWith("sound\n", Good("journal", "verify", repaired).Output, StringComparison.Ordinal);
        Assert.EndsWith("equal\n", Good("replay", repaired, "--verify").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bisect_names_event_stage_field_and_values_of_the_first_difference()
    {
        Finished equal = Good("journal", "bisect", journal.Run);
        Assert.EndsWith("equal\n", equal.Output, StringComparison.Ordinal);
        string other = journal.ConfigurationFile(root => root["risk"]!["maxOrdersPerWindow"] = 3);
        Finished differs = EngineProcess.Run("journal", "bisect", journal.Run, "-c", other);
        Assert.Equal(1, differs.ExitCode);
        Assert.Contains("stage     risk", differs.Output, StringComparison.Ordinal);
        Assert.Contains("field     Verdicts[", differs.Output, StringComparison.Ordinal);
        Assert.Contains("first differing event  ", differs.Output, StringComparison.Ordinal);

        // The plain comparison of every entry finds the same place, and says it too.
        Finished replayed = EngineProcess.Run("replay", journal.Run, "--verify", "-c", other);
        Assert.Equal(1, replayed.ExitCode);
        string place = Lines(differs).First(line => line.StartsWith("first differing event", StringComparison.Ordinal));
        Assert.Contains(place, replayed.Output, StringComparison.Ordinal);
        string sequence = place["first differing event".Length..].Trim().Split(' ')[0];
        Assert.Contains("DIFFERS: event " + sequence + ", risk stage", replayed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_writes_tables_and_lines_and_never_over_a_file()
    {
        List<Event> events = All();
        string tables = journal.New("tables");
        Good("journal", "export", journal.Run, "-o", tables);
        foreach (IGrouping<EventKind, Event> kind in events.GroupBy(e => e.Kind))
        {
            string[] rows = File.ReadAllLines(Path.Combine(tables, kind.Key + ".csv"));
            Assert.StartsWith("sequence,received_at_ns,venue_time_ns,instrument,symbol,", rows[0], StringComparison.Ordinal);
            int expected = kind.Key == EventKind.BookLevels ? kind.Sum(e => e.BookLevels.Count) : kind.Count();
            Assert.Equal(expected, rows.Length - 1);
            Assert.Single(rows.Where(row => !row.Contains('"', StringComparison.Ordinal)).Select(row => row.Count(c => c == ',')).Distinct());
        }

        string lines = journal.New("lines");
        Good("journal", "export", journal.Run, "-f", "jsonl", "--kind", "Execution", "-o", lines);
        Assert.Equal(
            events.Where(e => e.Kind == EventKind.Execution).Select(e => e.Sequence), File.ReadLines(lines).Select(Sequence));
        foreach ((string format, string path) in (ReadOnlySpan<(string, string)>)[("csv", tables), ("jsonl", lines)])
        {
            Finished again = EngineProcess.Run("journal", "export", journal.Run, "-f", format, "-o", path);
            Assert.Equal(2, again.ExitCode);
            Assert.Contains("nothing is overwritten", again.Error, StringComparison.Ordinal);
        }

        Finished strange = EngineProcess.Run("journal", "export", journal.Run, "-f", "xml", "-o", tables + "x");
        Assert.Equal(2, strange.ExitCode);
        Assert.Contains("--format xml: allowed are csv, jsonl, data", strange.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_export_writes_as_data_import_reads_back()
    {
        string file = journal.New("data") + ".csv";
        Finished exported = Good("journal", "export", journal.Run, "-f", "data", "-o", file);
        Assert.Contains("left out, for the format has no place for it: Execution", exported.Output, StringComparison.Ordinal);
        string imported = journal.New("imported");
        Finished taken = EngineProcess.Run("import", file, "--allow-gaps", "-o", imported);
        Assert.True(taken.ExitCode == 0, taken.Error);
        string again = journal.New("data") + ".csv";
        Good("journal", "export", imported, "-f", "data", "-o", again);
        Assert.Equal(File.ReadAllText(file), File.ReadAllText(again));
        Assert.True(File.ReadLines(file).Count() > 10_000);
    }

    [Fact]
    public void Every_tool_explains_itself()
    {
        string root = Good("journal", "--help").Output;
        foreach (string tool in (ReadOnlySpan<string>)[
            "inspect", "tail", "stat", "verify", "diff", "export", "archive", "repair", "bisect"])
        {
            Assert.Contains("  " + tool + " ", root, StringComparison.Ordinal);
            Assert.Contains("Usage:", Good("journal", tool, "--help").Output, StringComparison.Ordinal);
        }
    }

    private static Finished Good(params string[] arguments)
    {
        Finished finished = EngineProcess.Run(arguments);
        Assert.True(finished.ExitCode == 0, string.Join(' ', arguments) + "\n" + finished.Output + finished.Error);
        return finished;
    }

    private static string[] Lines(Finished finished) =>
        finished.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static long Sequence(string json) => JsonDocument.Parse(json).RootElement.GetProperty("sequence").GetInt64();

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private List<Event> All()
    {
        using JournalReader reader = new(new PosixStorage(), journal.Run);
        List<Event> events = [];
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            events.Add(e);
        }

        return events;
    }
}
