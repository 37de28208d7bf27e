using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>A rule of one instrument or of all, from a date on.</summary>
internal interface IDatedRule
{
    /// <summary>First date in UTC: year x 10,000 + month x 100 + day.</summary>
    int From { get; }

    /// <summary>The instrument; all zero for those that have no rule of their own.</summary>
    Symbol24 Symbol { get; }
}

/// <summary>What a fill costs, from a date and a traded volume on.</summary>
/// <param name="From">First date in UTC: year x 10,000 + month x 100 + day.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="Volume">Notional traded in the 30 days before today from which on it holds, money units of the currency.</param>
/// <param name="MakerPpm">Of a fill that rested, millionths of the notional; negative is a rebate.</param>
/// <param name="TakerPpm">Of a fill that crossed, millionths of the notional; negative is a rebate.</param>
/// <param name="MakerPerUnit">Of a fill that rested, money units for 1.0 of quantity; negative is a rebate.</param>
/// <param name="TakerPerUnit">Of a fill that crossed, money units for 1.0 of quantity; negative is a rebate.</param>
/// <param name="Minimum">Least that an order pays once it has a fill, money units; 0 for none.</param>
/// <param name="MaximumPpm">Most that an order pays, millionths of its notional, the minimum included; 0 for no bound.</param>
public readonly record struct FeeRule(
    int From,
    Symbol24 Symbol,
    long Volume,
    int MakerPpm,
    int TakerPpm,
    long MakerPerUnit,
    long TakerPerUnit,
    long Minimum,
    int MaximumPpm) : IDatedRule
{
    /// <summary>True when it looks at the whole order, not at each fill.</summary>
    public bool IsBounded => Minimum != 0 || MaximumPpm != 0;
}

/// <summary>Funding of a perpetual whose data does not tell it, from a date on.</summary>
/// <param name="From">First date in UTC.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="EveryMinutes">Minutes between two payments, a part of a day; the first is at midnight UTC.</param>
/// <param name="Rate">Part of the position's value, 10^-12; positive is paid by longs.</param>
public readonly record struct FundingRule(int From, Symbol24 Symbol, int EveryMinutes, long Rate) : IDatedRule;

/// <summary>What a derivative must be backed with, from a date and a notional on: each tier asks of its part of the notional.</summary>
/// <param name="From">First date in UTC.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="Above">Notional above which it holds, money units of the settlement currency.</param>
/// <param name="InitialPpm">What an order needs, millionths.</param>
/// <param name="MaintenancePpm">What a position needs lest it is liquidated, millionths.</param>
public readonly record struct MarginTier(int From, Symbol24 Symbol, long Above, int InitialPpm, int MaintenancePpm) : IDatedRule;

/// <summary>What a share is worth when it is delisted, from a date on; without a rule its last price.</summary>
/// <param name="From">First date in UTC.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="Price">10^-9 of the currency for a share, not negative.</param>
public readonly record struct DelistingRule(int From, Symbol24 Symbol, long Price) : IDatedRule;

/// <summary>When a dividend is paid whose data does not tell it, from a date on; without a rule when it is in force.</summary>
/// <param name="From">First date in UTC.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="PayAfterDays">Days of 24 hours after the dividend is in force, 0 to <see cref="MoneyRules.PayDaysMax"/>.</param>
public readonly record struct DividendRule(int From, Symbol24 Symbol, int PayAfterDays) : IDatedRule;

/// <summary>What shares that were sold short cost to borrow, from a date on.</summary>
/// <param name="From">First date in UTC.</param>
/// <param name="Symbol">The instrument; all zero for those that have no rule of their own.</param>
/// <param name="AnnualPpm">Part of their value for a year of 360 days, millionths, not negative; a day is paid at each midnight UTC.</param>
public readonly record struct BorrowRule(int From, Symbol24 Symbol, int AnnualPpm) : IDatedRule;

/// <summary>What backs the positions in derivatives.</summary>
public enum MarginMode
{
    /// <summary>Nothing is asked for.</summary>
    None = 0,

    /// <summary>All positions of a currency by all of its cash and by each other.</summary>
    Cross = 1,

    /// <summary>Each position by the initial margin of what it cost.</summary>
    Isolated = 2,
}

/// <summary>The dated rules of a venue about money. Each list is in the order of dates; fees of one date in that of volumes.</summary>
public sealed record MoneyRules
{
    /// <summary>Rules of one kind.</summary>
    public const int RulesMax = 256;

    /// <summary>Minutes of a day.</summary>
    public const int DayMinutes = 1_440;

    /// <summary>Days of the year by which a fee for borrowed shares is divided.</summary>
    public const int BorrowYear = 360;

    /// <summary>Highest fee for borrowed shares: 1,000 % a year.</summary>
    public const int BorrowPpmMax = 10_000_000;

    /// <summary>Longest time between a dividend's ex-date and its payment, days.</summary>
    public const int PayDaysMax = 366;

    /// <summary>A funding rate of 100 %.</summary>
    public const long WholeRate = 1_000_000_000_000;

    /// <summary>Fees; where none holds, those of the settings do.</summary>
    public FeeRule[] Fees { get; init; } = [];

    /// <summary>Funding.</summary>
    public FundingRule[] Funding { get; init; } = [];

    /// <summary>Margin.</summary>
    public MarginTier[] Margin { get; init; } = [];

    /// <summary>What shares that were sold short cost.</summary>
    public BorrowRule[] Borrow { get; init; } = [];

    /// <summary>What delisted shares are worth.</summary>
    public DelistingRule[] Delistings { get; init; } = [];

    /// <summary>When dividends are paid.</summary>
    public DividendRule[] Dividends { get; init; } = [];

    /// <summary>The highest part of a notional that a fill may cost, millionths, not negative.</summary>
    public int DearestPpm
    {
        get
        {
            int dearest = 0;
            foreach (FeeRule rule in Fees)
            {
                dearest = Math.Max(dearest, rule.MaximumPpm != 0 ? rule.MaximumPpm : Math.Max(rule.MakerPpm, rule.TakerPpm));
            }

            return dearest;
        }
    }

    /// <summary>What is wrong with a fee rule after the rules before it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in FeeRule rule, ReadOnlySpan<FeeRule> before)
    {
        const int Most = SimulatedVenueSettings.PpmMax;
        bool inRange = rule.MakerPpm is >= -Most and <= Most && rule.TakerPpm is >= -Most and <= Most
            && rule.Volume >= 0 && rule.Minimum >= 0 && rule.MaximumPpm is >= 0 and <= Most;
        if (!inRange)
        {
            return "must have rates of at most 100 %, and a volume, minimum and maximum that are not negative";
        }

        if (rule.MakerPpm + (long)rule.TakerPpm < 0 || (Int128)rule.MakerPerUnit + rule.TakerPerUnit < 0)
        {
            return "must not pay out more to the maker than it takes from the taker, or the other way round";
        }

        if ((rule.MakerPerUnit > 0 || rule.TakerPerUnit > 0 || rule.Minimum != 0) && rule.MaximumPpm == 0)
        {
            return "must have a maximumPpm beside a fee for a unit or a minimum: what an order may cost is reserved before it is sent";
        }

        bool pays = rule.MakerPpm < 0 || rule.TakerPpm < 0 || rule.MakerPerUnit < 0 || rule.TakerPerUnit < 0;
        if (pays && rule.Minimum != 0)
        {
            return "must not have both a rebate and a minimum";
        }

        int last = LastOf(rule.Symbol, before);
        if (last >= 0 && before[last].From >= rule.From)
        {
            return before[last].From > rule.From ? "must not be earlier than the rule before it of the same instrument"
                : before[last].Volume < rule.Volume ? null : "must have more volume than the rule before it of the same date";
        }

        return rule.Volume == 0 ? null : "must have volume 0, as the first rule of its date";
    }

    /// <summary>What is wrong with a funding rule after the rules before it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in FundingRule rule, ReadOnlySpan<FundingRule> before)
    {
        if (rule.EveryMinutes is < 1 or > DayMinutes || DayMinutes % rule.EveryMinutes != 0)
        {
            return "must have everyMinutes that divide a day of 1,440 minutes";
        }

        if (rule.Rate is < -WholeRate or > WholeRate)
        {
            return "must have a rate of at most 100 %";
        }

        return NotLater(rule, before);
    }

    /// <summary>What is wrong with a rule about delistings after the rules before it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in DelistingRule rule, ReadOnlySpan<DelistingRule> before)
    {
        if (rule.Price < 0)
        {
            return "must have a price that is not negative";
        }

        return NotLater(rule, before);
    }

    /// <summary>What is wrong with a rule about dividends after the rules before it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in DividendRule rule, ReadOnlySpan<DividendRule> before)
    {
        if (rule.PayAfterDays is < 0 or > PayDaysMax)
        {
            return "must have payAfterDays of 0 to 366";
        }

        return NotLater(rule, before);
    }

    /// <summary>What is wrong with a rule about borrowed shares after the rules before it.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in BorrowRule rule, ReadOnlySpan<BorrowRule> before)
    {
        if (rule.AnnualPpm is < 0 or > BorrowPpmMax)
        {
            return "must have annualPpm of 0 to 10,000,000";
        }

        return NotLater(rule, before);
    }

    /// <summary>What is wrong with a tier of margin after the tiers before it.</summary>
    /// <param name="tier">The tier.</param>
    /// <param name="before">Those before it.</param>
    /// <returns>Null when nothing is.</returns>
    public static string? Problem(in MarginTier tier, ReadOnlySpan<MarginTier> before)
    {
        if (tier.MaintenancePpm < 1 || tier.InitialPpm < tier.MaintenancePpm || tier.InitialPpm > SimulatedVenueSettings.PpmMax)
        {
            return "must ask for a maintenance margin above 0, at most the initial margin, which is at most 100 %";
        }

        Symbol24 own = tier.Symbol;
        for (int i = before.Length - 1; i >= 0; i--)
        {
            Symbol24 symbol = before[i].Symbol;
            if (Same(symbol, own) && before[i].From >= tier.From)
            {
                return before[i].From > tier.From ? "must not be earlier than the tier before it of the same instrument"
                    : before[i].Above < tier.Above ? null : "must begin above the tier before it of the same date";
            }
        }

        return tier.Above == 0 ? null : "must begin above 0, as the first tier of its date";
    }

    internal static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.SequenceEqual(other);

    /// <summary>Stops when a rule is out of range. Configuration is checked before it comes here.</summary>
    internal void Validate()
    {
        Ensure.That(Fees.Length <= RulesMax && Funding.Length <= RulesMax && Margin.Length <= RulesMax
            && Borrow.Length <= RulesMax && Delistings.Length <= RulesMax && Dividends.Length <= RulesMax, "more rules about money than RulesMax");
        Check<FeeRule>(Fees, Problem);
        Check<MarginTier>(Margin, Problem);
        Check<FundingRule>(Funding, Problem);
        Check<BorrowRule>(Borrow, Problem);
        Check<DelistingRule>(Delistings, Problem);
        Check<DividendRule>(Dividends, Problem);
    }

    private static void Check<T>(T[] rules, ProblemOf<T> problemOf)
    {
        for (int i = 0; i < rules.Length; i++)
        {
            string? problem = problemOf(rules[i], rules.AsSpan(0, i));
            Ensure.That(problem is null, problem ?? string.Empty);
        }
    }

    private static string? NotLater<T>(in T rule, ReadOnlySpan<T> before)
        where T : struct, IDatedRule
    {
        int last = LastOf(rule.Symbol, before);
        return last < 0 || before[last].From < rule.From ? null : "must be later than the rule before it of the same instrument";
    }

    /// <summary>Place of the last rule of an instrument; -1 when it has none.</summary>
    private static int LastOf<T>(Symbol24 own, ReadOnlySpan<T> rules)
        where T : struct, IDatedRule
    {
        int last = rules.Length - 1;
        while (last >= 0)
        {
            Symbol24 symbol = rules[last].Symbol;
            if (Same(symbol, own))
            {
                break;
            }

            last--;
        }

        return last;
    }

    private delegate string? ProblemOf<T>(in T rule, ReadOnlySpan<T> before);
}
