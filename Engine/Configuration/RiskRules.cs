using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>Rules between the options of risk and those of calendars and strategies.</summary>
internal sealed class RiskRules(ConfigurationReader reader)
{
    internal void Check(GroupSetting root)
    {
        if (root.Find("risk") is not GroupSetting risk)
        {
            return;
        }

        CheckDay(root, risk);
        CheckUse(risk);
        CheckGrowth(risk.Find("growth") as GroupSetting);
        if (risk.Find("account") is GroupSetting account)
        {
            CheckCalendar(root, account.Find("calendar"));
            CheckUnsettled(account);
        }

        if (risk.Find("base") is GroupSetting { Valid: true } based && based.Group("conversions").Find(based.Text("currency")) is { } itself)
        {
            reader.Report(itself.Path, "\"" + based.Text("currency") + "\"", "must be another currency than the base currency");
        }

        if (risk.Find("correlation") is not null && risk.Find("correlationEstimate") is { } estimate)
        {
            reader.Report(estimate.Path, "given", "must be absent beside risk.correlation: correlations are declared or estimated");
        }

        if (risk.Find("correlation") is GroupSetting { Valid: true } correlation)
        {
            CheckMatrix(root, correlation);
        }

        if (risk.Find("calendarCheck") is { } compared && root.Find("calendars") is not ListSetting { Elements.Length: > 0 })
        {
            reader.Report(compared.Path, "given", "must be absent where calendars has none: nothing would be compared");
        }

        if (risk.Find("reconcile") is GroupSetting reconcile)
        {
            ReconcileSection.Check(reader, root, reconcile);
        }
    }

    /// <summary>What nothing would use is a mistake.</summary>
    private void CheckUse(GroupSetting risk)
    {
        CheckStop(risk, risk);
        foreach ((string _, Setting own) in (risk.Find("instruments") as GroupSetting)?.Members ?? [])
        {
            CheckStop(own as GroupSetting, risk);
        }

        if (risk.Find("allowShort") is BooleanSetting { Valid: true, Value: true } shorts
            && (risk.Find("account") as GroupSetting)?.Find("kind") is TextSetting { Valid: true, Value: "cash" })
        {
            reader.Report(shorts.Path, "true", "must be false: a cash account (risk.account.kind) never sells short");
        }
    }

    /// <summary>What an instrument inherits was looked at where it was written.</summary>
    private void CheckStop(GroupSetting? limits, GroupSetting risk)
    {
        if (limits?.Find("closeUnprotectedMs") is IntegerSetting { Valid: true, Value: not 0 } time
            && limits.Find("requireStop") is BooleanSetting { Valid: true, Value: false } required
            && (limits == risk || time != risk.Find("closeUnprotectedMs") || required != risk.Find("requireStop")))
        {
            reader.Report(
                time.Path,
                time.Value.ToString(CultureInfo.InvariantCulture),
                "must be 0 where requireStop is false: nothing would use it");
        }
    }

    private void CheckGrowth(GroupSetting? growth)
    {
        foreach ((string _, Setting setting) in growth?.Members ?? [])
        {
            if (setting is GroupSetting { Valid: true } rule && rule.Number("most") < rule.Number("start"))
            {
                reader.Report(
                    rule.Path + ".most",
                    Money(rule.Number("most")),
                    "must be at least start, which is " + Money(rule.Number("start")));
            }
        }
    }

    private static string Money(long units) => "\"" + FixedDecimal.Format(units, Core.Values.Money.Exponent) + "\"";

    private void CheckDay(GroupSetting root, GroupSetting risk)
    {
        if (risk.Find("breakers") is not GroupSetting breakers
            || breakers.Find("dayCalendar") is not TextSetting { Valid: true, Value: not EngineSchema.NoFile } name)
        {
            return;
        }

        CheckCalendar(root, name);
        if (breakers.Find("dayStartsAtMinute") is IntegerSetting { Valid: true, Value: not 0 } minute)
        {
            reader.Report(
                minute.Path, minute.Value.ToString(null, null), "must be 0 or left out: the day is that of dayCalendar");
        }
    }

    /// <summary>A calendar that gives business days.</summary>
    private void CheckCalendar(GroupSetting root, Setting? setting)
    {
        if (setting is not TextSetting { Valid: true } name || root.Find("calendars") is ListSetting { Valid: false })
        {
            return;
        }

        SortedSet<string> known = new(StringComparer.Ordinal);
        foreach (Setting element in (root.Find("calendars") as ListSetting)?.Elements ?? [])
        {
            GroupSetting calendar = (GroupSetting)element;
            known.Add(calendar.Text("name"));
            if (calendar.Text("name") == name.Value
                && CalendarTable.Read(calendar.Get<ResourceSetting>("source").Content.AsSpan(), out _) is { NeverCloses: true })
            {
                reader.Report(name.Path, "\"" + name.Value + "\"", "must be a calendar with sessions: one that never closes has no days");
            }
        }

        if (!known.Contains(name.Value))
        {
            reader.Report(
                name.Path,
                "\"" + name.Value + "\"",
                "must be the name of a calendar; known here: " + (known.Count == 0 ? "none" : string.Join(", ", known)));
        }
    }

    private void CheckUnsettled(GroupSetting account)
    {
        if (account.Find("kind") is TextSetting { Valid: true, Value: not "cash" }
            && account.Find("unsettledFunds") is TextSetting { Valid: true, Value: not "never" } unsettled)
        {
            reader.Report(unsettled.Path, "\"" + unsettled.Value + "\"", "must be \"never\" unless risk.account.kind is cash: nothing would use it");
        }
    }

    private void CheckMatrix(GroupSetting root, GroupSetting correlation)
    {
        ResourceSetting matrix = correlation.Get<ResourceSetting>("matrix");
        CorrelationFile.TryRead(matrix.Content.AsSpan(), out Symbol24[] symbols, out _, out _);
        SortedSet<string> named = new(StringComparer.Ordinal);
        foreach (Symbol24 symbol in symbols)
        {
            named.Add(symbol.ToString());
        }

        foreach (Setting strategy in (root.Find("strategies") as ListSetting)?.Elements ?? [])
        {
            if ((strategy as GroupSetting)?.Find("instruments") is not ListSetting { Valid: true } instruments)
            {
                continue;
            }

            foreach (Setting symbol in instruments.Elements)
            {
                if (named.Add(((TextSetting)symbol).Value))
                {
                    reader.Report(
                        matrix.Path,
                        "\"" + matrix.File + "\"",
                        $"must have a row for {((TextSetting)symbol).Value}, which a strategy trades");
                }
            }
        }
    }
}
