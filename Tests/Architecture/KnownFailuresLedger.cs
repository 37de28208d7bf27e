using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// The rows of <c>docs/known-failures.md</c> and what is wrong with them. It takes the text and a way to ask whether a
/// test exists, so that it can be tried on texts that are wrong on purpose.
/// </summary>
internal sealed class KnownFailuresLedger
{
    private const string NotApplicable = "n/a:";

    private static readonly string[] Header = ["id", "failure", "rule", "test"];
    private static readonly Regex Group = new(@"^## (?<id>S\d) \S");
    private static readonly Regex TestNames = new(@"^`\w+\.\w+`( `\w+\.\w+`)*$");

    private readonly List<Row> _rows = [];
    private readonly List<string> _malformed = [];
    private readonly List<string> _countLines = [];

    private KnownFailuresLedger()
    {
    }

    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>The only count line that would be true of these rows.</summary>
    public string CountLine
    {
        get
        {
            int open = _rows.Count(row => row.IsOpen);
            int notApplicable = _rows.Count(row => row.IsNotApplicable);
            int tested = _rows.Count - open - notApplicable;
            return $"Rows: {_rows.Count}. Tested: {tested}. Open: {open}. Not applicable: {notApplicable}.";
        }
    }

    public static KnownFailuresLedger Parse(string text)
    {
        var ledger = new KnownFailuresLedger();
        string group = "";
        int number = 0;
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (line.StartsWith('#'))
            {
                group = Group.Match(line).Groups["id"].Value;
            }
            else if (line.StartsWith("Rows:", StringComparison.Ordinal))
            {
                ledger._countLines.Add(line);
            }
            else if (line.StartsWith('|'))
            {
                ledger.AddTableLine(number, group, line);
            }
        }

        return ledger;
    }

    /// <summary>Everything that is wrong, one sentence each; empty when the ledger can be believed.</summary>
    public IReadOnlyList<string> Problems(Func<string, bool> testExists)
    {
        var problems = new List<string>(_malformed);
        foreach (IGrouping<string, Row> same in _rows.GroupBy(row => row.Id).Where(same => same.Count() > 1))
        {
            problems.Add($"{same.Key}: the id occurs {same.Count()} times");
        }

        foreach (Row row in _rows)
        {
            problems.AddRange(ProblemsOf(row, testExists).Select(problem => $"{row.Id} (line {row.Line}): {problem}"));
        }

        if (_countLines.Count != 1 || _countLines[0] != CountLine)
        {
            problems.Add($"there must be one count line, and it must read '{CountLine}'");
        }

        return problems;
    }

    // No cell holds a '|', so that a row needs no escapes and a missing cell cannot hide.
    private void AddTableLine(int number, string group, string line)
    {
        string[] cells = line.TrimEnd().Trim('|').Split('|', StringSplitOptions.TrimEntries);
        if (cells.SequenceEqual(Header) || cells.All(cell => cell.Length > 0 && cell.All(c => c == '-')))
        {
            return;
        }

        if (cells.Length != Header.Length)
        {
            _malformed.Add($"line {number}: {cells.Length} cells, not {Header.Length}");
            return;
        }

        _rows.Add(new Row(number, group, cells[0], cells[1], cells[2], cells[3]));
    }

    private static IEnumerable<string> ProblemsOf(Row row, Func<string, bool> testExists)
    {
        if (row.Group.Length == 0 || !row.Id.StartsWith(row.Group + "-", StringComparison.Ordinal))
        {
            yield return "the row does not stand in the group that its id names";
        }

        if (row.Failure.Length == 0)
        {
            yield return "the failure is empty";
        }

        if (row.Rule.Length == 0)
        {
            yield return "the rule is empty";
        }

        if (row.IsOpen)
        {
            yield break;
        }

        if (row.IsNotApplicable)
        {
            if (row.Test.Length == NotApplicable.Length)
            {
                yield return "n/a has no reason";
            }

            yield break;
        }

        if (!TestNames.IsMatch(row.Test))
        {
            yield return $"the test cell '{row.Test}' is neither open, nor n/a with a reason, nor names of tests";
            yield break;
        }

        foreach (string name in row.Test.Split(' ').Select(name => name.Trim('`')).Where(name => !testExists(name)))
        {
            yield return $"there is no test {name} that always runs";
        }
    }

    internal sealed record Row(int Line, string Group, string Id, string Failure, string Rule, string Test)
    {
        public bool IsOpen => Test == "open";

        public bool IsNotApplicable => Test.StartsWith(NotApplicable, StringComparison.Ordinal);
    }
}
