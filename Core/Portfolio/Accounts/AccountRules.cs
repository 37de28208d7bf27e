using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Market.Calendars;

namespace LowLatency.Core.Portfolio.Accounts;

/// <summary>What kind of account holds the shares.</summary>
public enum AccountKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>Everything is paid for; what a sale brings has to settle.</summary>
    Cash = 1,

    /// <summary>Shares may be bought with borrowed money and sold short.</summary>
    Margin = 2,
}

/// <summary>How long a sale takes to become money.</summary>
/// <param name="From">First trading date: year x 10,000 + month x 100 + day.</param>
/// <param name="Days">Business days, 0 to <see cref="Rulebook.SettlementDaysMax"/>.</param>
public readonly record struct SettlementRule(int From, int Days);

/// <summary>What a margin account may hold.</summary>
/// <param name="From">First trading date.</param>
/// <param name="InitialPpm">Equity needed for what is kept overnight, millionths of its value.</param>
/// <param name="MaintenancePpm">Equity needed during the day, millionths of its value.</param>
/// <param name="MinimumEquity">Equity below which nothing is lent, money units.</param>
/// <param name="DayTrades">
/// Most day trades of an account with less than <paramref name="DayTradeEquity"/>; 0 when the rule knows no day trades and
/// looks at the margin of the moment instead.
/// </param>
/// <param name="Window">Business days in which day trades are counted, today included.</param>
/// <param name="DayTradeEquity">Equity at the start of the day from which on day trades are free, money units.</param>
public readonly record struct MarginRule(
    int From, int InitialPpm, int MaintenancePpm, long MinimumEquity, int DayTrades, int Window, long DayTradeEquity)
{
    /// <summary>True when day trades are counted.</summary>
    public bool CountsDayTrades => DayTrades != 0;
}

/// <summary>When a cash account loses the use of unsettled money.</summary>
/// <param name="From">First trading date.</param>
/// <param name="Violations">Violations that restrict it.</param>
/// <param name="WithinDays">Calendar days in which they are counted.</param>
/// <param name="RestrictedDays">Calendar days of the restriction.</param>
public readonly record struct GoodFaithRule(int From, int Violations, int WithinDays, int RestrictedDays);

/// <summary>Rules with the dates from which they hold. The date of the event says which one, so a replay of any year is right.</summary>
public sealed class Rulebook
{
    /// <summary>Longest settlement, business days.</summary>
    public const int SettlementDaysMax = 5;

    /// <summary>Longest window of day trades, business days.</summary>
    public const int WindowMax = 8;

    private readonly SettlementRule[] _settlement;
    private readonly MarginRule[] _margin;
    private readonly GoodFaithRule[] _goodFaith;

    /// <summary>Creates a rulebook; each list in the order of its dates.</summary>
    /// <param name="settlement">Settlement.</param>
    /// <param name="margin">Margin and day trades.</param>
    /// <param name="goodFaith">Good faith.</param>
    public Rulebook(SettlementRule[] settlement, MarginRule[] margin, GoodFaithRule[] goodFaith)
    {
        Ensure.That(
            InOrder(settlement, rule => rule.From) && InOrder(margin, rule => rule.From) && InOrder(goodFaith, rule => rule.From),
            "the rules of a rulebook must be in the order of their dates");
        Ensure.That(
            Array.TrueForAll(settlement, rule => rule.Days is >= 0 and <= SettlementDaysMax),
            "a settlement takes more days than the limit");
        Ensure.That(
            Array.TrueForAll(
                margin,
                rule => rule.InitialPpm > 0 && rule.MaintenancePpm > 0 && rule.MinimumEquity >= 0
                    && rule.DayTrades >= 0 && rule.Window is >= 0 and <= WindowMax),
            "a margin rule is out of range");
        Ensure.That(
            Array.TrueForAll(
                goodFaith,
                rule => rule.Violations is >= 1 and <= AccountBook.ViolationsMax && rule.WithinDays >= 1 && rule.RestrictedDays >= 1),
            "a rule of good faith is out of range");
        _settlement = settlement;
        _margin = margin;
        _goodFaith = goodFaith;
    }

    /// <summary>The rule of a date.</summary>
    /// <param name="date">A trading date.</param>
    /// <param name="rule">The rule when the result is true.</param>
    /// <returns>False when none holds yet.</returns>
    public bool TryAt(int date, out SettlementRule rule)
    {
        rule = default;
        foreach (ref readonly SettlementRule entry in _settlement.AsSpan())
        {
            rule = entry.From <= date ? entry : rule;
        }

        return rule.From != 0;
    }

    /// <inheritdoc cref="TryAt(int, out SettlementRule)"/>
    public bool TryAt(int date, out MarginRule rule)
    {
        rule = default;
        foreach (ref readonly MarginRule entry in _margin.AsSpan())
        {
            rule = entry.From <= date ? entry : rule;
        }

        return rule.From != 0;
    }

    /// <inheritdoc cref="TryAt(int, out SettlementRule)"/>
    public bool TryAt(int date, out GoodFaithRule rule)
    {
        rule = default;
        foreach (ref readonly GoodFaithRule entry in _goodFaith.AsSpan())
        {
            rule = entry.From <= date ? entry : rule;
        }

        return rule.From != 0;
    }

    private static bool InOrder<T>(T[] rules, Func<T, int> from)
    {
        for (int i = 0; i < rules.Length; i++)
        {
            if (from(rules[i]) <= (i == 0 ? 0 : from(rules[i - 1])))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>The account that holds the shares.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Rules">The dated rules.</param>
/// <param name="Calendar">Its business days; one that never closes has none.</param>
/// <param name="UsesUnsettled">Cash account: purchases may be paid with what sales bring before that has settled.</param>
public sealed record AccountSettings(AccountKind Kind, Rulebook Rules, TradingCalendar Calendar, bool UsesUnsettled);
