using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Architecture;

/// <summary>The tables of <c>docs/events.md</c>.</summary>
internal sealed partial class EventsDocument
{
    private readonly Dictionary<string, string[][]> _tables = [];

    private EventsDocument(string text)
    {
        string section = string.Empty;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith('#'))
            {
                Match heading = Heading().Match(line);
                section = heading.Success ? heading.Groups[1].Value : line.TrimStart('#', ' ');
                if (heading.Success)
                {
                    Sizes.Add(section, heading.Groups[2].Value);
                }
            }
            else if (line.StartsWith('|') && char.IsAsciiDigit(line.TrimStart('|', ' ')[0]))
            {
                string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`'))];
                _tables[section] = [.. _tables.GetValueOrDefault(section, []), cells];
            }
        }
    }

    internal static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Root, "docs", "events.md"));

    /// <summary>What a heading says after the name: bytes of a struct, or the integer type of an enumeration.</summary>
    internal Dictionary<string, string> Sizes { get; } = [];

    internal IEnumerable<string> Structs => Sizes.Where(size => size.Value.EndsWith(" bytes", StringComparison.Ordinal))
        .Select(size => size.Key);

    internal IEnumerable<string> Enumerations => Sizes.Keys.Except(Structs);

    internal static EventsDocument Parse(string text) => new(text);

    internal string[][] Rows(string section) => _tables.GetValueOrDefault(section, []);

    internal IEnumerable<FieldLayout> Fields(string name) => Rows(name).Select(row => new FieldLayout(
        int.Parse(row[0], CultureInfo.InvariantCulture), int.Parse(row[1], CultureInfo.InvariantCulture), row[2], row[3]));

    [GeneratedRegex(@"^### `(\w+)`, (\d+ bytes|byte|ushort)$")]
    private static partial Regex Heading();
}
