using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// The checks that a configuration asks for, read off its resolved text and not off what was built from it: a start at which
/// one of them is not active is refused.
/// </summary>
internal static class ConfiguredChecks
{
    /// <summary>The checks that a configuration asks for beyond those that are always there.</summary>
    internal static IReadOnlyList<RiskReason> Of(GroupSetting root)
    {
        GroupSetting risk = root.Group("risk");
        List<RiskReason> checks = [];
        Add(risk.Number("maxConcentrationPpm") != 0, RiskReason.Concentration);
        Add(risk.Number("maxNetNotional") != 0, RiskReason.NetNotional);
        Add(risk.Group("groups").Members.Length != 0, RiskReason.GroupGross, RiskReason.GroupNet);
        if (risk.Find("account") is GroupSetting account)
        {
            Add(true, RiskReason.NoRule);
            Add(account.Text("kind") == "margin", RiskReason.BuyingPower, RiskReason.DayTrades);
            Add(account.Text("kind") == "cash", RiskReason.Unsettled);
        }

        Add(risk.Find("correlation") is not null || risk.Find("correlationEstimate") is not null, RiskReason.Correlation);
        Add(risk.Find("venueStop") is not null, RiskReason.VenueStop);
        Add(risk.Find("calendarCheck") is not null, RiskReason.CalendarUnread, RiskReason.CalendarDiffers);
        AddLimits(risk);
        foreach ((string _, Setting own) in risk.Group("instruments").Members)
        {
            AddLimits((GroupSetting)own);
        }

        return checks;

        void AddLimits(GroupSetting limits)
        {
            Add(limits.Number("maxTradeLoss") != 0, RiskReason.TradeLoss);
            Add(limits.Flag("requireStop"), RiskReason.NoStop);
            Add(limits.Number("maxDepthPpm") != 0, RiskReason.VisibleDepth);
            Add(limits.Number("maxImpactBps") != 0, RiskReason.Impact);
        }

        void Add(bool isAsked, params ReadOnlySpan<RiskReason> asked)
        {
            foreach (RiskReason check in asked)
            {
                if (isAsked && !checks.Contains(check))
                {
                    checks.Add(check);
                }
            }
        }
    }

    /// <summary>Refuses to start where a check that was asked for is not active.</summary>
    /// <param name="asked">The checks of the configuration.</param>
    /// <param name="active">The checks that are active: bit n for check n.</param>
    internal static void Demand(IReadOnlyList<RiskReason> asked, ulong active)
    {
        List<string> lacking = [];
        foreach (RiskReason check in asked)
        {
            if ((active & (1UL << (int)check)) == 0)
            {
                lacking.Add(string.Create(CultureInfo.InvariantCulture, $"{(int)check} {check}"));
            }
        }

        Ensure.That(lacking.Count == 0, "checks that are configured are not active: " + string.Join(", ", lacking));
    }

    /// <summary>Names of active checks.</summary>
    /// <param name="active">Bit n for check n.</param>
    internal static List<string> Names(ulong active)
    {
        List<string> names = [];
        foreach (RiskReason check in Enum.GetValues<RiskReason>())
        {
            if (check != RiskReason.None && (active & (1UL << (int)check)) != 0)
            {
                names.Add(check.ToString());
            }
        }

        return names;
    }
}
