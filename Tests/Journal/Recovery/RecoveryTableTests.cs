using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Recovery;

/// <summary>The table of recovery is total: each letter of the document is a case, and each case has a test of its letter.</summary>
public sealed class RecoveryTableTests
{
    [Fact]
    public void Every_letter_has_a_test_that_is_named_after_it()
    {
        char[] missing = [.. Letters().Except(Tested(typeof(RecoveryTableTests).Assembly.GetTypes()))];
        Assert.True(missing.Length == 0, "no test for " + string.Join(", ", missing));

        // The search itself: without the classes that hold them, all are missed.
        Assert.Empty(Tested([typeof(string), typeof(RepairTests)]));
    }

    [Fact]
    public void Document_and_cases_have_the_same_letters_and_the_same_refusals()
    {
        Dictionary<char, bool> refused = [];
        foreach (string line in File.ReadAllLines(Path.Combine(Repository.Root, "docs", "journal.md")))
        {
            string[] cells = line.Split('|');
            if (cells.Length == 5 && cells[1].Trim().Length == 1 && char.IsAsciiLetterUpper(cells[1].Trim()[0]))
            {
                refused.Add(cells[1].Trim()[0], cells[3].Contains("refused", StringComparison.Ordinal));
            }
        }

        Assert.Equal(Letters(), refused.Keys.Order());
        JournalDamage nowhere = new("x", 0, -1, "x");
        foreach (RecoveryCase each in Enum.GetValues<RecoveryCase>())
        {
            RecoveryFinding finding = new(each, nowhere);
            Assert.True(refused[finding.Letter] == finding.Refuses, finding.Letter + " differs");
            Assert.DoesNotContain(each.ToString(), finding.Describe(), StringComparison.Ordinal);
            Assert.EndsWith($"(case {finding.Letter})", finding.Describe(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void U_a_footer_that_the_key_did_not_sign_refuses()
    {
        using TemporaryFolder folder = new();
        using JournalKey key = Key(folder);
        FaultyStorage storage = JournalFixture.Closed(40);
        RecoveryReport report = JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal, key: key);
        Assert.Equal('U', report.Refusal?.Letter);
        Assert.False(JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal).IsRefused);
    }

    [Fact]
    public void V_a_damaged_base_refuses()
    {
        FaultyStorage storage = Retired();
        storage.Content(Path.Combine(JournalFixture.Folder, "base-journal"))[17] ^= 1;
        RecoveryReport report = JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.Equal('V', report.Refusal?.Letter);
    }

    [Fact]
    public void W_a_journal_that_ends_before_its_watermark_refuses()
    {
        FaultyStorage storage = JournalFixture.Closed(40);
        RecoveryReport report = JournalWriter.Resume(
            storage,
            JournalFixture.Folder,
            JournalFixture.Options(Durability.Flushed, epoch: 2) with { Watermark = new Watermark(7, 1, 41, 5) },
            out JournalWriter? writer);
        Assert.Null(writer);
        Assert.Equal('W', report.Refusal?.Letter);
    }

    [Fact]
    public void X_a_segment_before_the_base_is_removed()
    {
        FaultyStorage whole = JournalFixture.Closed(100);
        FaultyStorage storage = Retired();
        storage.Put(JournalFixture.Segment(0), whole.Content(JournalFixture.Segment(0)));
        RecoveryReport report = JournalRecovery.Examine(storage, JournalFixture.Folder, StreamKind.Journal);
        Assert.False(report.IsRefused, report.Refusal?.ToString());
        Assert.Contains(report.Findings, finding => finding.Letter == 'X');
    }

    private static FaultyStorage Retired()
    {
        FaultyStorage storage = new();
        JournalWriter writer = JournalFixture.Create(storage, Durability.Flushed);
        writer.Append(100);
        writer.PumpAll();
        writer.RetireBefore(40);
        writer.PumpAll();
        Assert.Null(writer.Close());
        return storage;
    }

    private static JournalKey Key(TemporaryFolder folder)
    {
        string path = Path.Combine(folder.Path, "key");
        File.WriteAllBytes(path, new byte[JournalKey.BytesMin]);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
        }

        Assert.Null(JournalKey.Load(new PosixStorage(), path, out JournalKey? key));
        return key!;
    }

    private static IEnumerable<char> Letters() =>
        Enum.GetValues<RecoveryCase>().Select(each => (char)('A' + (int)each));

    private static HashSet<char> Tested(IEnumerable<Type> types)
    {
        HashSet<char> letters = [];
        foreach (MethodInfo method in types.SelectMany(type => type.GetMethods()))
        {
            bool named = method.Name.Length > 2 && char.IsAsciiLetterUpper(method.Name[0]) && method.Name[1] == '_';
            bool recovers = method.DeclaringType?.Namespace == typeof(RecoveryTableTests).Namespace;

            // "A_" also begins sentences: what is about the letter A is in the table's own classes.
            bool table = method.DeclaringType == typeof(JournalRecoveryTests)
                || method.DeclaringType == typeof(RecoveryTableTests);
            if (named && recovers && table && method.GetCustomAttributes<FactAttribute>().Any())
            {
                _ = letters.Add(method.Name[0]);
            }
        }

        return letters;
    }
}
