using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>The section that says how the account is compared with the venue's: its declaration, its rules, its settings.</summary>
internal static class ReconcileSection
{
    private const long DayMs = 86_400_000;
    private const long MoneyMax = 90 * EngineSchema.One9 * 100_000_000;

    private static readonly ImmutableArray<(string Word, EventSource Source)> Venues =
    [
        ("simulated", EventSource.SimulatedVenue),
        ("bybit", EventSource.Bybit),
        ("alpaca", EventSource.Alpaca),
    ];

    /// <summary>The word for a venue.</summary>
    internal static string WordOf(EventSource source)
    {
        foreach ((string word, EventSource venue) in Venues)
        {
            if (venue == source)
            {
                return word;
            }
        }

        throw new BrokenInvariantException("the configuration has no word for " + source);
    }

    /// <summary>Its declaration.</summary>
    /// <param name="strategy">The name of a strategy, or none.</param>
    internal static GroupOption Declare(TextOption strategy) => new(
        "reconcile",
        [
            new ListOption(
                "venues",
                new ChoiceOption("venue", ["simulated", "bybit", "alpaca"], null, "A venue."),
                1,
                ReconcileSettings.VenuesMax,
                string.Empty,
                "Whose accounts are read."),
            new ChoiceOption("mode", ["strict", "warn", "auto_sync"], "strict",
                "What a difference leads to: HALTED, an alarm and nothing more on its instrument, or what the venue says."),
            new ChoiceOption("foreignOrders", ["adopt", "cancel", "alarm"], "alarm",
                "What becomes of orders that this instance did not make."),
            new IntegerOption("intervalMs", 100, DayMs, 30_000, "ms", "Time between two readings of an account that matches."),
            new IntegerOption("overdueMs", 101, DayMs, 100_000, "ms",
                "Time without a complete reading after which nothing may add; longer than intervalMs."),
            new IntegerOption("retryAfterMs", 100, DayMs, 2_000, "ms",
                "Time after which a reading that failed or found something is repeated."),
            new IntegerOption("requestLifeMs", 1, DayMs, 6_000, "ms",
                "Time for which a request can be under way: within it a reading proves nothing about its order."),
            new IntegerOption("unknownAfterMs", 1, DayMs, 10_000, "ms",
                "Time for which an order may be unknown before nothing may add."),
            new IntegerOption("confirmations", 0, ReconcileSettings.ConfirmationsMax, 1, "readings",
                "Further readings that must find the same difference before it counts."),
            Money("balanceTolerance", "Amount by which a balance may differ, in any currency."),
            new IntegerOption("costTolerancePpm", 0, 1_000_000, 10, "ppm",
                "Part of a position's cost by which it may differ, in millionths."),
            Money("maxAdjustment", "Largest value that auto_sync may move at once, in any currency; what is larger halts."),
            strategy,
            new IntegerOption("figuresMaxAgeMs", 0, DayMs, 0, "ms",
                "Age up to which the venue's available balance is used to cap orders; 0 when it is not; longer than intervalMs."),
            new IntegerOption("marginFloorPpm", 0, 1_000_000_000, 0, "ppm",
                "Equity that the venue must show, in millionths of its maintenance margin; 0 for any; needs figuresMaxAgeMs."),
        ],
        "How the account is compared with the venue's; absent: it is not.")
    {
        Optional = true,
    };

    /// <summary>Rules between its options and with the strategies.</summary>
    /// <param name="reader">Where problems are reported.</param>
    /// <param name="root">The whole configuration.</param>
    /// <param name="group">The section.</param>
    internal static void Check(ConfigurationReader reader, GroupSetting root, GroupSetting group)
    {
        if (group.Find("intervalMs") is not IntegerSetting { Valid: true } interval)
        {
            return;
        }

        if (group.Find("overdueMs") is IntegerSetting { Valid: true } overdue && overdue.Value <= interval.Value)
        {
            reader.Report(overdue.Path, overdue.Value.ToString(null, null), $"must be longer than intervalMs ({interval.Value})");
        }

        IntegerSetting? age = group.Find("figuresMaxAgeMs") as IntegerSetting;
        if (age is { Valid: true, Value: not 0 } && age.Value <= interval.Value)
        {
            reader.Report(age.Path, age.Value.ToString(null, null), $"must be 0 or longer than intervalMs ({interval.Value})");
        }

        if (age is { Valid: true, Value: 0 } && group.Find("marginFloorPpm") is IntegerSetting { Valid: true, Value: not 0 } floor)
        {
            reader.Report(floor.Path, floor.Value.ToString(null, null), "must be 0 unless figuresMaxAgeMs is set: nothing would use it");
        }

        if (group.Find("strategy") is TextSetting { Valid: true, Value: not EngineSchema.NoFile } name
            && IndexOf(root, name.Value) == 0)
        {
            reader.Report(name.Path, "\"" + name.Value + "\"", "must be the name of a strategy, or \"" + EngineSchema.NoFile + "\"");
        }
    }

    /// <summary>The settings that it stands for.</summary>
    internal static ReconcileSettings Build(GroupSetting root, GroupSetting group)
    {
        List<EventSource> venues = [];
        foreach (Setting venue in group.List("venues"))
        {
            foreach ((string word, EventSource source) in Venues)
            {
                if (((TextSetting)venue).Value == word)
                {
                    venues.Add(source);
                }
            }
        }

        return new ReconcileSettings
        {
            Venues = [.. venues],
            Mode = group.Text("mode") switch
            {
                "strict" => ReconcileMode.Strict,
                "warn" => ReconcileMode.Warn,
                "auto_sync" => ReconcileMode.AutoSync,
                string other => throw Undeclared(other),
            },
            Foreign = group.Text("foreignOrders") switch
            {
                "adopt" => ForeignOrders.Adopt,
                "cancel" => ForeignOrders.Cancel,
                "alarm" => ForeignOrders.Alarm,
                string other => throw Undeclared(other),
            },
            Interval = Nanoseconds(group, "intervalMs"),
            Overdue = Nanoseconds(group, "overdueMs"),
            RetryAfter = Nanoseconds(group, "retryAfterMs"),
            RequestLife = Nanoseconds(group, "requestLifeMs"),
            UnknownAfter = Nanoseconds(group, "unknownAfterMs"),
            Confirmations = (int)group.Number("confirmations"),
            BalanceTolerance = group.Number("balanceTolerance"),
            CostTolerancePpm = (int)group.Number("costTolerancePpm"),
            MaxAdjustment = group.Number("maxAdjustment"),
            Strategy = new StrategyId((ushort)IndexOf(root, group.Text("strategy"))),
            FiguresMaxAge = Nanoseconds(group, "figuresMaxAgeMs"),
            MarginFloorPpm = (int)group.Number("marginFloorPpm"),
        };
    }

    private static DecimalOption Money(string name, string help) =>
        new(name, Core.Values.Money.Exponent, 0, MoneyMax, 0, "currency", help);

    private static long Nanoseconds(GroupSetting group, string name) =>
        group.Number(name) * ConfigurationBuilder.Millisecond;

    /// <summary>A strategy's place among all, from 1; 0 for none.</summary>
    private static int IndexOf(GroupSetting root, string name)
    {
        ImmutableArray<Setting> strategies = (root.Find("strategies") as ListSetting)?.Elements ?? [];
        for (int i = 0; i < strategies.Length; i++)
        {
            if (strategies[i] is GroupSetting strategy && strategy.Find("name") is TextSetting own
                && string.Equals(own.Value, name, StringComparison.Ordinal))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);
}
