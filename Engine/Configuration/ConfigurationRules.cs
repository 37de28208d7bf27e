using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Formats;
using LowLatency.Core.Signals;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// Rules between options. Each looks only at settings that are valid by themselves, so that one mistake is reported
/// once.
/// </summary>
internal sealed class ConfigurationRules
{
    private readonly ConfigurationReader _reader;
    private readonly StrategyCatalogue _catalogue;

    internal ConfigurationRules(ConfigurationReader reader, StrategyCatalogue catalogue)
    {
        _reader = reader;
        _catalogue = catalogue;
    }

    internal void Check(GroupSetting root)
    {
        if (root.Find("strategies") is ListSetting strategies)
        {
            foreach (Setting strategy in strategies.Elements)
            {
                CheckParameters(strategy as GroupSetting);
            }

            CheckWeights(root.Find("arbitration") as GroupSetting, strategies);
            CheckOverrides(root.Find("risk") as GroupSetting, strategies);
            CheckOverrides(root.Find("dataGuard") as GroupSetting, strategies);
            CheckNames((root.Find("risk") as GroupSetting)?.Find("exits") as GroupSetting, strategies);
            CheckNames((root.Find("risk") as GroupSetting)?.Find("growth") as GroupSetting, strategies);
        }

        DataGuardSchema.Check(_reader, root);

        if ((root.Find("session") as GroupSetting)?.Find("journal") is GroupSetting journal)
        {
            CheckPath(journal.Find("keyFile"));
            CheckPath(journal.Find("watermark"));
        }

        CheckRisk(root.Find("risk") as GroupSetting);
        new VenueChecks(_reader).Check(root.Find("venue") as GroupSetting, root.Find("risk") as GroupSetting);
        if (root.Find("generator") is GroupSetting generator
            && generator.Find("instruments") is ListSetting instruments)
        {
            foreach (Setting instrument in instruments.Elements)
            {
                if (instrument is GroupSetting { Valid: true } group)
                {
                    CheckGenerated(group);
                }
            }
        }
    }

    private static bool AreValid(params ReadOnlySpan<Setting?> settings)
    {
        foreach (Setting? setting in settings)
        {
            if (setting is not { Valid: true })
            {
                return false;
            }
        }

        return true;
    }

    private static string Decimal(long value9) =>
        "\"" + FixedDecimal.Format(value9, EngineSchema.ParameterExponent) + "\"";

    private static string Text(Setting setting) => setting switch
    {
        IntegerSetting integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        DecimalSetting fixedPoint => "\"" + FixedDecimal.Format(fixedPoint.Value, fixedPoint.Exponent) + "\"",
        _ => throw new InvalidOperationException("only numbers are compared"),
    };

    private static long Value(Setting setting) =>
        setting is DecimalSetting fixedPoint ? fixedPoint.Value : ((IntegerSetting)setting).Value;

    private void CheckPath(Setting? setting)
    {
        if (setting is TextSetting { Valid: true } text
            && text.Value != EngineSchema.NoFile
            && !text.Value.StartsWith('/'))
        {
            _reader.Report(text.Path, "\"" + text.Value + "\"", "must be none or an absolute path");
        }
    }

    private void CheckParameters(GroupSetting? strategy)
    {
        if (strategy?.Find("type") is not TextSetting { Valid: true } type
            || strategy.Find("parameters") is not GroupSetting parameters)
        {
            return;
        }

        foreach (ParameterOrder order in _catalogue.Find(type.Value)!.Orders)
        {
            Setting? lesser = parameters.Find(order.Lesser);
            Setting? greater = parameters.Find(order.Greater);
            if (AreValid(lesser, greater) && Value(lesser!) >= Value(greater!))
            {
                _reader.Report(lesser!.Path, Text(lesser),
                    $"must be less than {order.Greater}, which is {Text(greater!)}");
            }
        }
    }

    private void CheckWeights(GroupSetting? arbitration, ListSetting strategies)
    {
        if (!AreValid(arbitration?.Find("policy"), arbitration?.Find("normaliseWeights")))
        {
            return;
        }

        bool blend = string.Equals(arbitration!.Text("policy"), "blend", StringComparison.Ordinal);
        bool normalise = arbitration.Flag("normaliseWeights");
        bool learns = arbitration.Find("learning") is not null;
        if (normalise && !blend && !learns)
        {
            _reader.Report("arbitration.normaliseWeights", "true", "must be false unless arbitration.policy is blend");
        }

        Int128 sum = 0;
        bool allKnown = strategies.Elements.Length > 0;
        foreach (Setting strategy in strategies.Elements)
        {
            if ((strategy as GroupSetting)?.Find("weight") is not DecimalSetting { Valid: true } weight)
            {
                allKnown = false;
                continue;
            }

            sum += weight.Value;
            if (!blend && !learns && weight.Value != EngineSchema.One9)
            {
                _reader.Report(weight.Path, Text(weight),
                    "must be \"1\" unless arbitration.policy is blend: nothing would use it");
            }
        }

        if (blend && !learns && allKnown && (normalise ? sum == 0 : sum != EngineSchema.One9))
        {
            // The sum of so many weights of at most 10^6 fits 64 bits.
            _reader.Report(
                "strategies[].weight",
                "sum " + Decimal((long)sum),
                normalise
                    ? "the sum must be above \"0\""
                    : "the sum must be exactly \"1\", or arbitration.normaliseWeights true");
        }
    }

    private void CheckOverrides(GroupSetting? section, ListSetting strategies)
    {
        if (section?.Find("instruments") is not GroupSetting overrides)
        {
            return;
        }

        SortedSet<string> used = new(StringComparer.Ordinal);
        foreach (Setting strategy in strategies.Elements)
        {
            if ((strategy as GroupSetting)?.Find("instruments") is not ListSetting { Valid: true } symbols)
            {
                return;
            }

            foreach (Setting symbol in symbols.Elements)
            {
                used.Add(((TextSetting)symbol).Value);
            }
        }

        foreach ((string symbol, Setting own) in overrides.Members)
        {
            if (used.Count > 0 && !used.Contains(symbol))
            {
                string meant = NearMiss.Of(symbol, used) is { } near ? $" did you mean \"{near}\"?" : string.Empty;
                _reader.Report(
                    own.Path,
                    "unused",
                    $"must be an instrument of a strategy;{meant} known here: {string.Join(", ", used)}");
            }
        }
    }

    /// <summary>The keys of a map are names of strategies.</summary>
    private void CheckNames(GroupSetting? map, ListSetting strategies)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (Setting strategy in strategies.Elements)
        {
            if ((strategy as GroupSetting)?.Find("name") is not TextSetting { Valid: true } name)
            {
                return;
            }

            names.Add(name.Value);
        }

        foreach ((string name, Setting own) in map?.Members ?? [])
        {
            if (names.Count > 0 && !names.Contains(name))
            {
                string meant = NearMiss.Of(name, names) is { } near ? $" did you mean \"{near}\"?" : string.Empty;
                _reader.Report(
                    own.Path, "unused", $"must be the name of a strategy;{meant} known here: {string.Join(", ", names)}");
            }
        }
    }

    /// <summary>A limit that a wider one makes meaningless is a mistake in one of the two.</summary>
    private void CheckRisk(GroupSetting? risk)
    {
        if (risk is null)
        {
            return;
        }

        AtMost(risk, "maxOrderQuantity", risk, "maxPosition");
        AtMost(risk, "maxOrderNotional", risk, "maxGrossNotional");
        if (risk.Find("instruments") is not GroupSetting overrides)
        {
            return;
        }

        foreach ((string _, Setting setting) in overrides.Members)
        {
            if (setting is GroupSetting own)
            {
                AtMost(own, "maxOrderQuantity", own, "maxPosition");
                AtMost(own, "maxOrderNotional", risk, "maxGrossNotional");
            }
        }
    }

    private void AtMost(GroupSetting group, string name, GroupSetting wider, string bound)
    {
        Setting? value = group.Find(name);
        Setting? most = wider.Find(bound);

        // An inherited value keeps the path of where it was written: two inherited ones were compared there.
        string own = group.Path + ".";
        if (AreValid(value, most)
            && (value!.Path.StartsWith(own, StringComparison.Ordinal)
                || most!.Path.StartsWith(own, StringComparison.Ordinal))
            && Value(value) > Value(most!))
        {
            _reader.Report(
                own + name, Text(value), $"must be at most {wider.Path}.{bound}, which is {Text(most!)}");
        }
    }

    private void CheckGenerated(GroupSetting group)
    {
        long tick = group.Number("tick");
        long lot = group.Number("lot");
        long price = group.Number("startPrice");
        long typical = group.Number("typicalQuantity");
        int depth = (int)group.Number("depthTicks");
        int spread = (int)group.Number("spreadTicks");
        bool whole = true;
        if (price % tick != 0)
        {
            _reader.Report(group.Path + ".startPrice", Decimal(price),
                $"must be a multiple of the tick {Decimal(tick)}");
            whole = false;
        }

        if (typical < lot || typical % lot != 0)
        {
            _reader.Report(group.Path + ".typicalQuantity", Decimal(typical),
                $"must be a multiple of the lot {Decimal(lot)}");
            whole = false;
        }

        long least = GeneratedInstrument.LowestTicks(depth, spread) * GeneratedInstrument.PriceRange;
        if (price / tick < least)
        {
            _reader.Report(
                group.Path + ".startPrice",
                Decimal(price),
                string.Create(CultureInfo.InvariantCulture,
                    $"must be at least {least} ticks, for a book of that depth and spread"));
            whole = false;
        }

        if (!whole)
        {
            return;
        }

        GeneratedInstrument built = ConfigurationBuilder.Instrument(group);
        if (built.StartPrice > GeneratedInstrument.StartPriceMax)
        {
            _reader.Report(
                group.Path + ".startPrice",
                Decimal(price),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"must be at most {GeneratedInstrument.StartPriceMax} units of the tick's last decimal"));
        }

        if (built.TypicalQuantity > GeneratedInstrument.TypicalQuantityMax)
        {
            _reader.Report(
                group.Path + ".typicalQuantity",
                Decimal(typical),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"must be at most {GeneratedInstrument.TypicalQuantityMax} units of the lot's last decimal"));
        }
    }
}
