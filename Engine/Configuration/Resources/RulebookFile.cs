using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// The rules of an account with the dates from which they hold. Resolved it is one line for each rule, such as
/// <c>settlement 20240528 1</c>, in the order of topic and date.
/// </summary>
internal sealed class RulebookFile : ResourceKind
{
    private const int RulesMax = 64;
    private const string Settlement = "settlement";
    private const string Margin = "margin";
    private const string GoodFaith = "goodFaith";
    private const string From = "from";

    private static readonly GroupOption Schema = new(
        "rulebook",
        [
            Topic(Settlement, "How long a sale takes to become money.",
                new IntegerOption("days", 0, Rulebook.SettlementDaysMax, null, "days", "Business days.")),
            Topic(Margin, "What a margin account may hold.",
                Share("initialPpm", "Equity needed for what is kept overnight."),
                Share("maintenancePpm", "Equity needed during the day."),
                Amount("minimumEquity", "Equity below which nothing is lent."),
                new IntegerOption("dayTrades", 0, 100, 0, string.Empty, "Most day trades below dayTradeEquity; 0 where they are not counted."),
                new IntegerOption("dayTradeWindow", 0, Rulebook.WindowMax, 0, "days", "Business days in which they are counted."),
                Amount("dayTradeEquity", "Equity from which on they are free.")),
            Topic(GoodFaith, "When a cash account loses the use of unsettled money.",
                new IntegerOption("violations", 1, AccountBook.ViolationsMax, null, string.Empty, "Violations that restrict it."),
                new IntegerOption("withinDays", 1, 3660, null, "days", "Calendar days in which they are counted."),
                new IntegerOption("restrictedDays", 1, 3660, null, "days", "Calendar days of the restriction.")),
        ],
        "A rulebook.");

    /// <inheritdoc/>
    public override string Noun => "a rulebook file";

    /// <inheritdoc/>
    public override string? Problem(byte[] content) => Read(content, out string problem) is null ? problem : null;

    /// <inheritdoc/>
    public override ResourceReading Load(string path)
    {
        ConfigurationReader reader = new(Path.GetFileName(path), directory: null);
        GroupSetting? file = reader.ReadFile(Schema, File.ReadAllBytes(path));
        if (file is null || reader.Problems.Length > 0)
        {
            return ResourceReading.Refused(string.Join("; ", reader.Problems));
        }

        StringBuilder text = new();
        foreach (string topic in (string[])[Settlement, Margin, GoodFaith])
        {
            foreach (Setting setting in file.List(topic))
            {
                GroupSetting rule = (GroupSetting)setting;
                TextSetting from = rule.Get<TextSetting>(From);
                if (!DateOnly.TryParseExact(
                    from.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
                {
                    return ResourceReading.Refused($"{from.Path}: {from.Value}: must be a date such as 2024-05-28");
                }

                text.Append(topic).Append(date.ToString(" yyyyMMdd", CultureInfo.InvariantCulture));
                foreach ((string name, Setting _) in rule.Members)
                {
                    if (!string.Equals(name, From, StringComparison.Ordinal))
                    {
                        text.Append(CultureInfo.InvariantCulture, $" {rule.Number(name)}");
                    }
                }

                text.Append('\n');
            }
        }

        return new ResourceReading(Encoding.ASCII.GetBytes(text.ToString()), string.Empty);
    }

    /// <summary>Reads the resolved form.</summary>
    /// <returns>Null and a problem when it is none.</returns>
    internal static Rulebook? Read(ReadOnlySpan<byte> content, out string problem)
    {
        List<SettlementRule> settlement = [];
        List<MarginRule> margin = [];
        List<GoodFaithRule> goodFaith = [];
        string[] lines = Encoding.ASCII.GetString(content).Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            string[] words = lines[i].Split(' ');
            long[] n = new long[words.Length];
            bool whole = true;
            for (int w = 1; w < words.Length; w++)
            {
                whole &= long.TryParse(words[w], NumberStyles.None, CultureInfo.InvariantCulture, out n[w]);
            }

            int from = whole && n.Length > 1 && n[1] <= 9999_12_31 ? (int)n[1] : 0;
            bool known = whole && (words[0], n.Length) switch
            {
                (Settlement, 3) => Add(settlement, new SettlementRule(from, (int)n[2]), n[2] <= Rulebook.SettlementDaysMax),
                (Margin, 8) => Add(
                    margin,
                    new MarginRule(from, (int)n[2], (int)n[3], n[4], (int)n[5], (int)n[6], n[7]),
                    n[2] is >= 1 and <= 10_000_000 && n[3] is >= 1 and <= 10_000_000 && n[5] <= 100
                        && n[6] <= Rulebook.WindowMax && (n[5] == 0) == (n[6] == 0)),
                (GoodFaith, 5) => Add(
                    goodFaith,
                    new GoodFaithRule(from, (int)n[2], (int)n[3], (int)n[4]),
                    n[2] is >= 1 and <= AccountBook.ViolationsMax && n[3] is >= 1 and <= 3660 && n[4] is >= 1 and <= 3660),
                _ => false,
            };
            bool inOrder = known && from > 0 && IsAfter(settlement, r => r.From) && IsAfter(margin, r => r.From)
                && IsAfter(goodFaith, r => r.From);
            if (!inOrder)
            {
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"rule {i + 1} ({lines[i]}): must be in range, after the one before of its topic, and have dayTrades exactly where it has dayTradeWindow");
                return null;
            }
        }

        bool complete = settlement.Count > 0 && margin.Count > 0 && goodFaith.Count > 0 && lines[^1].Length == 0;
        problem = complete ? string.Empty : "it must have rules of settlement, margin and goodFaith";
        return complete ? new Rulebook([.. settlement], [.. margin], [.. goodFaith]) : null;
    }

    private static bool Add<T>(List<T> rules, T rule, bool inRange)
    {
        rules.Add(rule);
        return inRange;
    }

    private static bool IsAfter<T>(List<T> rules, Func<T, int> from) =>
        rules.Count < 2 || from(rules[^2]) < from(rules[^1]);

    private static ListOption Topic(string name, string help, params ReadOnlySpan<Option> members) => new(
        name,
        new GroupOption(
            "rule",
            [new TextOption(From, "0123456789-", "[0-9-]", 10, null, "First trading date."), .. members],
            "A rule."),
        1,
        RulesMax,
        From,
        help);

    private static IntegerOption Share(string name, string help) => new(name, 1, 10_000_000, null, "ppm", help);

    private static DecimalOption Amount(string name, string help) =>
        new(name, Money.Exponent, 0, 90 * EngineSchema.One9 * 100_000_000, 0, "currency", help);
}
