using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// Keeps <c>docs/known-failures.md</c> honest: no row is lost, and a row claims a test only if that test exists and is
/// not skipped.
/// </summary>
public sealed class KnownFailuresTests
{
    /// <summary>Grows with each failure found. It never shrinks: a row may become n/a, it may not disappear.</summary>
    public const int RowCount = 304;

    private const string Sound = """
        Rows: 3. Tested: 1. Open: 1. Not applicable: 1.

        ## S0 An engine

        | id | failure | rule | test |
        |---|---|---|---|
        | S0-1 | It broke. | It cannot. | `KnownFailuresTests.A_sound_ledger_has_no_problems` |
        | S0-2 | It broke again. | It cannot either. | open |

        ## S1 Another engine

        | id | failure | rule | test |
        |---|---|---|---|
        | S1-1 | It looked odd. | It may. | n/a: a matter of taste |

        """;

    private static readonly HashSet<string> RunnableTests = TestsIn(typeof(KnownFailuresTests).Assembly);

    [Fact]
    public void The_ledger_is_complete_and_names_only_tests_that_run()
    {
        KnownFailuresLedger ledger = ReadLedger();

        AssertNone(ledger.Problems(RunnableTests.Contains));
        Assert.Equal(RowCount, ledger.Rows.Count);
    }

    [Fact]
    public void A_sound_ledger_has_no_problems() => AssertNone(ProblemsOf(Sound));

    // Each case breaks the sound ledger in one place; a check that cannot fail here would prove nothing above.
    [Theory]
    [InlineData("A_sound_ledger_has", "A_missing_test_has", "there is no test KnownFailuresTests.A_missing_test_has")]
    [InlineData("`KnownFailuresTests.", "`NoSuchTests.", "there is no test NoSuchTests.A_sound_ledger_has_no_problems")]
    [InlineData("_problems` |", "_problems` `NoSuchTests.At_all` |", "there is no test NoSuchTests.At_all")]
    [InlineData("_problems` |", "_problems`, |", "is neither open, nor n/a with a reason, nor names of tests")]
    [InlineData("| open |", "| Open |", "the test cell 'Open' is neither")]
    [InlineData("| open |", "| |", "the test cell '' is neither")]
    [InlineData("S0-2", "S0-1", "S0-1: the id occurs 2 times")]
    [InlineData("S0-2", "S1-2", "does not stand in the group")]
    [InlineData("## S1", "## About S1", "does not stand in the group")]
    [InlineData("It broke. ", "", "the failure is empty")]
    [InlineData("It cannot. ", "", "the rule is empty")]
    [InlineData("It cannot. |", "", "line 7: 3 cells, not 4")]
    [InlineData(" a matter of taste", "", "n/a has no reason")]
    [InlineData("Tested: 1. Open: 1.", "Tested: 2. Open: 0.", "there must be one count line")]
    [InlineData("Rows: 3.", "About three rows.", "there must be one count line")]
    [InlineData("| S0-2 | It broke again. | It cannot either. | open |", "", "'Rows: 2. Tested: 1. Open: 0.")]
    public void A_broken_ledger_is_reported(string sound, string broken, string problem)
    {
        string text = Sound.Replace(sound, broken, StringComparison.Ordinal);

        Assert.NotEqual(Sound, text);
        Assert.Contains(ProblemsOf(text), reported => reported.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_method_that_is_no_test_closes_no_row()
    {
        Assert.DoesNotContain($"{nameof(KnownFailuresTests)}.{nameof(ReadLedger)}", RunnableTests);
        Assert.DoesNotContain($"{nameof(KnownFailuresLedger)}.{nameof(KnownFailuresLedger.Parse)}", RunnableTests);
    }

    [Fact]
    public void A_test_that_may_not_run_closes_no_row()
    {
        Assert.True(AlwaysRuns(new FactAttribute()));
        Assert.True(AlwaysRuns(new TheoryAttribute()));
        Assert.False(AlwaysRuns(new FactAttribute { Skip = "later" }));
        Assert.False(AlwaysRuns(new TheoryAttribute { Explicit = true }));
    }

    // Assert.Empty cuts long sentences short, and the sentence is what tells how to repair the row.
    private static void AssertNone(IReadOnlyList<string> problems) =>
        Assert.True(problems.Count == 0, string.Join('\n', problems));

    private static IReadOnlyList<string> ProblemsOf(string text) =>
        KnownFailuresLedger.Parse(text).Problems(RunnableTests.Contains);

    private static KnownFailuresLedger ReadLedger() =>
        KnownFailuresLedger.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "known-failures.md")));

    // A test inherited from a contract suite counts under each class that runs it, not under the abstract one.
    private static HashSet<string> TestsIn(Assembly assembly) =>
        (from type in assembly.GetTypes()
         where type is { IsClass: true, IsAbstract: false }
         from method in type.GetMethods()
         where method.GetCustomAttributes<FactAttribute>().Any(AlwaysRuns)
         select $"{type.Name}.{method.Name}").ToHashSet();

    private static bool AlwaysRuns(FactAttribute fact) => fact.Skip is null && !fact.Explicit;
}
