using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>What is believed of market data: its options, the rules between them, and what the core takes.</summary>
internal static class DataGuardSchema
{
    private const int DayMs = 86_400_000;
    private const int UsualConfirmations = 2;

    internal static GroupOption Section(TextOption symbol)
    {
        ImmutableArray<Option> limits =
        [
            new IntegerOption("maxMoveBps", 0, 100_000, 0, "bp",
                "Largest move of the price from one print or best price to the next; a larger one waits for others that agree; 0 for any."),
            new IntegerOption("moveConfirmations", 2, 1_000, UsualConfirmations, string.Empty,
                "Observations in a row, the first one included, that have to agree before a larger move is believed."),
            new IntegerOption("maxAheadMs", 0, DayMs, 0, "ms",
                "How far a venue's stamp may lie ahead of the receipt; 0 for any."),
            new IntegerOption("maxBehindMs", 0, DayMs, 0, "ms",
                "How far a venue's stamp may lie behind the receipt; 0 for any."),
            new ChoiceOption("backwards", ["count", "hold"], "count",
                "What a stamp before the newest one of its stream means: it is counted, or it is not believed too."),
        ];
        return new GroupOption(
            "dataGuard",
            [
                .. limits,
                new MapOption("instruments", symbol,
                    new GroupOption("limits", limits, "Limits of one instrument; what is absent is as above."),
                    Limits.Instruments, "Limits that differ for one instrument.")
                {
                    InheritsFromBeside = true,
                },
            ],
            "What is believed of market data before anybody acts on it; absent: everything.")
        {
            Optional = true,
        };
    }

    internal static MarketGuard Build(GroupSetting root)
    {
        if (root.Find("dataGuard") is not GroupSetting group)
        {
            return MarketGuard.None;
        }

        List<GuardOverride> overrides = [];
        foreach ((string symbol, Setting own) in group.Group("instruments").Members)
        {
            overrides.Add(new GuardOverride(Symbol24.Of(symbol), LimitsOf((GroupSetting)own)));
        }

        return new MarketGuard { Default = LimitsOf(group), Overrides = [.. overrides] };
    }

    internal static void Check(ConfigurationReader reader, GroupSetting root)
    {
        if (root.Find("dataGuard") is not GroupSetting { Valid: true } group)
        {
            return;
        }

        CheckLimits(reader, group);
        foreach ((string _, Setting own) in group.Group("instruments").Members)
        {
            CheckLimits(reader, (GroupSetting)own);
        }
    }

    private static void CheckLimits(ConfigurationReader reader, GroupSetting limits)
    {
        if (limits.Number("maxMoveBps") == 0 && limits.Number("moveConfirmations") != UsualConfirmations)
        {
            reader.Report(
                limits.Path + ".moveConfirmations",
                limits.Number("moveConfirmations").ToString(CultureInfo.InvariantCulture),
                "must be left out without a maxMoveBps: nothing would use it");
        }

        if (limits.Text("backwards") == "hold" && limits.Number("maxAheadMs") == 0)
        {
            reader.Report(
                limits.Path + ".backwards",
                "\"hold\"",
                "must be \"count\" without a maxAheadMs: one stamp from the future would hold all that is honest after it");
        }
    }

    private static GuardLimits LimitsOf(GroupSetting group) => new()
    {
        MaxMoveBps = (int)group.Number("maxMoveBps"),
        Confirmations = (int)group.Number("moveConfirmations"),
        MaxAhead = group.Number("maxAheadMs") * ConfigurationBuilder.Millisecond,
        MaxBehind = group.Number("maxBehindMs") * ConfigurationBuilder.Millisecond,
        HoldsBackwards = group.Text("backwards") == "hold",
    };
}
