using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>Rules between the options of arbitration, calendars and strategies.</summary>
internal sealed class ArbitrationRules
{
    private const string One = "\"1\"";

    private readonly ConfigurationReader _reader;

    internal ArbitrationRules(ConfigurationReader reader) => _reader = reader;

    internal void Check(GroupSetting root)
    {
        GroupSetting? arbitration = root.Find("arbitration") as GroupSetting;
        ListSetting? strategies = root.Find("strategies") as ListSetting;
        ListSetting? calendars = root.Find("calendars") as ListSetting;
        if (arbitration?.Find("learning") is GroupSetting { Valid: true } learning && strategies is not null)
        {
            CheckLearning(arbitration, learning, strategies);
        }

        if (calendars is { Valid: true })
        {
            CheckCalendars(calendars);
        }

        if (arbitration?.Find("gates") is GroupSetting { Valid: true } gates && strategies is { Valid: true })
        {
            CheckGates(gates, strategies, calendars);
        }

        CheckSize(arbitration, calendars, root.Find("risk") as GroupSetting);
    }

    private void CheckLearning(GroupSetting arbitration, GroupSetting learning, ListSetting strategies)
    {
        if (arbitration.Find("policy") is TextSetting { Valid: true, Value: not "blend" } policy)
        {
            _reader.Report(
                "arbitration.learning", $"given with policy {policy.Value}", "must be absent unless arbitration.policy is blend");
        }

        if (arbitration.Find("normaliseWeights") is BooleanSetting { Valid: true, Value: true })
        {
            _reader.Report("arbitration.normaliseWeights", "true", "must be false: the weights are learned");
        }

        int count = strategies.Elements.Length;
        if ((Int128)learning.Number("floor") * count > EngineSchema.One9)
        {
            _reader.Report(
                "arbitration.learning.floor",
                "\"" + FixedDecimal.Format(learning.Number("floor"), EngineSchema.RatioExponent) + "\"",
                string.Create(CultureInfo.InvariantCulture, $"must be at most 1 / {count}, for {count} strategies"));
        }

        if (!string.Equals(learning.Text("schedule"), ArbitrationSchema.Fixed, StringComparison.Ordinal)
            && learning.Number("eta") != ArbitrationSchema.UsualEta)
        {
            _reader.Report(
                "arbitration.learning.eta",
                "\"" + FixedDecimal.Format(learning.Number("eta"), EngineSchema.RatioExponent) + "\"",
                "must be left out unless arbitration.learning.schedule is fixed: nothing would use it");
        }

        string? first = null;
        foreach (Setting setting in strategies.Elements)
        {
            GroupSetting? strategy = setting as GroupSetting;
            if (strategy?.Find("weight") is DecimalSetting { Valid: true } weight && weight.Value != EngineSchema.One9)
            {
                _reader.Report(
                    weight.Path,
                    "\"" + FixedDecimal.Format(weight.Value, weight.Exponent) + "\"",
                    $"must be {One}: the weights are learned");
            }

            if (!string.Equals(learning.Text("scope"), "instrument", StringComparison.Ordinal)
                || strategy?.Find("instruments") is not ListSetting { Valid: true } symbols)
            {
                continue;
            }

            string own = string.Join(", ", Sorted(symbols));
            first ??= own;
            if (!string.Equals(own, first, StringComparison.Ordinal))
            {
                _reader.Report(symbols.Path, own, $"must be {first}, as of the first strategy: with arbitration.learning.scope instrument all trade the same");
            }
        }
    }

    private void CheckCalendars(ListSetting calendars)
    {
        SortedSet<string> seen = new(StringComparer.Ordinal);
        foreach (Setting setting in calendars.Elements)
        {
            foreach (Setting symbol in ((GroupSetting)setting).List("instruments"))
            {
                if (!seen.Add(((TextSetting)symbol).Value))
                {
                    _reader.Report(
                        symbol.Path, "\"" + ((TextSetting)symbol).Value + "\"", "must have one calendar; another one names it too");
                }
            }
        }
    }

    private void CheckGates(GroupSetting gates, ListSetting strategies, ListSetting? calendars)
    {
        bool confined = string.Equals(gates.Text("sessions"), ArbitrationSchema.Entries, StringComparison.Ordinal);
        if (!confined && gates.Number("flatBeforeCloseMs") != 0)
        {
            _reader.Report(
                "arbitration.gates.flatBeforeCloseMs",
                gates.Number("flatBeforeCloseMs").ToString(CultureInfo.InvariantCulture),
                "must be 0 unless arbitration.gates.sessions is entries");
        }

        if (!confined || calendars is { Valid: false })
        {
            return;
        }

        SortedSet<string> known = new(StringComparer.Ordinal);
        foreach (Setting calendar in calendars?.Elements ?? [])
        {
            known.UnionWith(Sorted(((GroupSetting)calendar).Get<ListSetting>("instruments")));
        }

        foreach (Setting setting in strategies.Elements)
        {
            foreach (Setting symbol in ((GroupSetting)setting).List("instruments"))
            {
                if (known.Add(((TextSetting)symbol).Value))
                {
                    _reader.Report(
                        symbol.Path,
                        "\"" + ((TextSetting)symbol).Value + "\"",
                        "must have a calendar, because arbitration.gates.sessions is entries");
                }
            }
        }
    }

    /// <summary>The resolved configuration stands in the journal, in one blob.</summary>
    private void CheckSize(GroupSetting? arbitration, ListSetting? calendars, GroupSetting? risk)
    {
        const long Most = Limits.BlobBytes * 3L / 5;
        long bytes = 0;
        foreach (Setting calendar in calendars?.Elements ?? [])
        {
            bytes += ((calendar as GroupSetting)?.Find("source") as ResourceSetting)?.Content.Length ?? 0;
        }

        if (arbitration?.Find("gates") is GroupSetting gates && gates.Find("barrier") is GroupSetting barrier)
        {
            bytes += (barrier.Find("manifest") as ResourceSetting)?.Content.Length ?? 0;
        }

        bytes += ((risk?.Find("account") as GroupSetting)?.Find("rules") as ResourceSetting)?.Content.Length ?? 0;
        bytes += ((risk?.Find("correlation") as GroupSetting)?.Find("matrix") as ResourceSetting)?.Content.Length ?? 0;
        if (bytes > Most)
        {
            _reader.Report(
                string.Empty,
                string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of calendars, models, rules and matrices"),
                string.Create(CultureInfo.InvariantCulture, $"at most {Most} bytes: name fewer years or smaller models"));
        }
    }

    private static SortedSet<string> Sorted(ListSetting symbols)
    {
        SortedSet<string> sorted = new(StringComparer.Ordinal);
        foreach (Setting symbol in symbols.Elements)
        {
            sorted.Add(((TextSetting)symbol).Value);
        }

        return sorted;
    }
}
