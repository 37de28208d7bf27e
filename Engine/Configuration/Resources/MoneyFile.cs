using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// The rules of a venue about money with the dates from which they hold. Resolved it is one line for each rule, such as
/// <c>funding 20240101 BTCUSDT 480 100000000</c>, in the order of the file.
/// </summary>
internal sealed class MoneyFile : ResourceKind
{
    private const string Fees = "fees";
    private const string Funding = "funding";
    private const string Margin = "margin";
    private const string Borrow = "borrow";
    private const string Delistings = "delistings";
    private const string Dividends = "dividends";
    private const string Everything = "*";

    private static readonly GroupOption Schema = new(
        "rules",
        [
            Topic(Fees, "What a fill costs.",
                Amount("volume", 0, 0, "Notional of the 30 days before, from which on it holds."),
                Part("makerPpm", "Of a fill that rested; negative is a rebate."),
                Part("takerPpm", "Of a fill that crossed."),
                Amount("makerPerUnit", -One9, 0, "Of a fill that rested, for 1.0 of quantity; negative is a rebate."),
                Amount("takerPerUnit", -One9, 0, "Of a fill that crossed, for 1.0 of quantity."),
                Amount("minimum", 0, 0, "Least that an order with a fill pays."),
                new IntegerOption("maximumPpm", 0, SimulatedVenueSettings.PpmMax, 0, "ppm", "Most that an order pays; 0 for no bound.")),
            Topic(Funding, "What a perpetual pays where the data does not say.",
                new IntegerOption("everyMinutes", 1, MoneyRules.DayMinutes, null, "min", "Time between two payments; one is at midnight UTC."),
                new DecimalOption("rate", 12, -MoneyRules.WholeRate, MoneyRules.WholeRate, null, string.Empty,
                    "Part of the position's value; positive is paid by longs.")),
            Topic(Margin, "What a derivative must be backed with.",
                Amount("above", 0, 0, "Notional above which the tier asks."),
                new IntegerOption("initialPpm", 1, SimulatedVenueSettings.PpmMax, null, "ppm", "What an order needs of its part in the tier."),
                new IntegerOption("maintenancePpm", 1, SimulatedVenueSettings.PpmMax, null, "ppm",
                    "What a position needs of its part in the tier lest it is liquidated.")),
            Topic(Borrow, "What shares that were sold short cost.",
                new IntegerOption("annualPpm", 0, MoneyRules.BorrowPpmMax, null, "ppm",
                    "Part of their value for a year of 360 days; a day is paid at each midnight UTC.")),
            Topic(Delistings, "What a delisted share is worth; without a rule its last price.",
                new DecimalOption("price", Instrument.ExponentMax, 0, 9_000_000 * One9, 0, "currency", "Of a share.")),
            Topic(Dividends, "When a dividend is paid whose data does not tell it; without a rule on its ex-date.",
                new IntegerOption("payAfterDays", 0, MoneyRules.PayDaysMax, null, "d", "Days from the ex-date.")),
        ],
        "Rules of a venue about money.");

    private const long One9 = EngineSchema.One9;

    /// <inheritdoc/>
    public override string Noun => "a file of rules about money";

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
        foreach (string topic in (string[])[Fees, Funding, Margin, Borrow, Delistings, Dividends])
        {
            foreach (Setting setting in file.List(topic))
            {
                GroupSetting rule = (GroupSetting)setting;
                TextSetting from = rule.Get<TextSetting>("from");
                if (!DateOnly.TryParseExact(
                    from.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
                    || date.Year < 1970)
                {
                    return ResourceReading.Refused($"{from.Path}: {from.Value}: must be a date such as 2024-05-28, from 1970 on");
                }

                text.Append(topic).Append(date.ToString(" yyyyMMdd ", CultureInfo.InvariantCulture)).Append(rule.Text("symbol"));
                foreach ((string name, Setting _) in rule.Members)
                {
                    if (name is not ("from" or "symbol"))
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
    internal static MoneyRules? Read(ReadOnlySpan<byte> content, out string problem)
    {
        List<FeeRule> fees = [];
        List<FundingRule> funding = [];
        List<MarginTier> margin = [];
        List<BorrowRule> borrow = [];
        List<DelistingRule> delistings = [];
        List<DividendRule> dividends = [];
        string[] lines = Encoding.ASCII.GetString(content).Split('\n');
        for (int i = 0; i < lines.Length - 1; i++)
        {
            string? wrong = Add(lines[i].Split(' '), fees, funding, margin, borrow, delistings, dividends);
            if (wrong is not null)
            {
                problem = string.Create(CultureInfo.InvariantCulture, $"rule {i + 1} ({lines[i]}): {wrong}");
                return null;
            }
        }

        bool complete = fees.Count + funding.Count + margin.Count + borrow.Count + delistings.Count + dividends.Count > 0 && lines[^1].Length == 0;
        problem = complete ? string.Empty : "it must have at least one rule";
        return !complete
            ? null
            : new MoneyRules
            {
                Fees = [.. fees],
                Funding = [.. funding],
                Margin = [.. margin],
                Borrow = [.. borrow],
                Delistings = [.. delistings],
                Dividends = [.. dividends],
            };
    }

    private static string? Add(
        string[] words,
        List<FeeRule> fees,
        List<FundingRule> funding,
        List<MarginTier> margin,
        List<BorrowRule> borrow,
        List<DelistingRule> delistings,
        List<DividendRule> dividends)
    {
        long[] n = new long[words.Length];
        bool whole = words.Length >= 4 && words[2].Length is >= 1 and <= 24;
        for (int w = 1; w < words.Length && whole; w++)
        {
            whole = w == 2
                || long.TryParse(words[w], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out n[w]);
        }

        whole = whole && DateOnly.TryParseExact(words[1], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        Symbol24 symbol = !whole || string.Equals(words[2], Everything, StringComparison.Ordinal) ? default : Symbol24.Of(words[2]);
        switch (whole ? words[0] : string.Empty, words.Length)
        {
            case (Fees, 10) when IsInt(n[4], n[5], n[9]):
                FeeRule fee = new((int)n[1], symbol, n[3], (int)n[4], (int)n[5], n[6], n[7], n[8], (int)n[9]);
                string? wrong = MoneyRules.Problem(fee, fees.ToArray());
                fees.Add(fee);
                return wrong;
            case (Funding, 5) when IsInt(n[3]):
                FundingRule paid = new((int)n[1], symbol, (int)n[3], n[4]);
                wrong = MoneyRules.Problem(paid, funding.ToArray());
                funding.Add(paid);
                return wrong;
            case (Margin, 6) when IsInt(n[4], n[5]):
                MarginTier tier = new((int)n[1], symbol, n[3], (int)n[4], (int)n[5]);
                wrong = MoneyRules.Problem(tier, margin.ToArray());
                margin.Add(tier);
                return wrong;
            case (Borrow, 4) when IsInt(n[3]):
                BorrowRule borrowed = new((int)n[1], symbol, (int)n[3]);
                wrong = MoneyRules.Problem(borrowed, borrow.ToArray());
                borrow.Add(borrowed);
                return wrong;
            case (Delistings, 4):
                DelistingRule delisted = new((int)n[1], symbol, n[3]);
                wrong = MoneyRules.Problem(delisted, delistings.ToArray());
                delistings.Add(delisted);
                return wrong;
            case (Dividends, 4) when IsInt(n[3]):
                DividendRule dividend = new((int)n[1], symbol, (int)n[3]);
                wrong = MoneyRules.Problem(dividend, dividends.ToArray());
                dividends.Add(dividend);
                return wrong;
            default:
                return "must be fees, funding, margin, borrow, delistings or dividends, a date, a symbol or *, and the numbers of its kind";
        }
    }

    private static bool IsInt(params ReadOnlySpan<long> numbers)
    {
        foreach (long number in numbers)
        {
            if (number is < int.MinValue or > int.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    private static ListOption Topic(string name, string help, params ReadOnlySpan<Option> members) => new(
        name,
        new GroupOption(
            "rule",
            [
                new TextOption("from", "0123456789-", "[0-9-]", 10, null, "First date, UTC."),
                new TextOption(
                    "symbol", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-*", "[A-Z0-9._/-], or *", 24, Everything,
                    "The instrument; * for all that have no rule of their own."),
                .. members,
            ],
            "A rule."),
        0,
        MoneyRules.RulesMax,
        null,
        help);

    private static IntegerOption Part(string name, string help) =>
        new(name, -SimulatedVenueSettings.PpmMax, SimulatedVenueSettings.PpmMax, 0, "ppm", help);

    private static DecimalOption Amount(string name, long minimum, long usual, string help) =>
        new(name, Money.Exponent, minimum, 9_000_000 * One9, usual, "currency", help);
}
