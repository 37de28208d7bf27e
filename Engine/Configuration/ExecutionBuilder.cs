using System.Collections.Immutable;
using System.Linq;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Configuration;

/// <summary>How orders of targets are worked.</summary>
/// <param name="Styles">The declared styles, by the order of their names.</param>
/// <param name="General">Style of wishes that name none; empty to do as they say.</param>
/// <param name="OfStrategies">Styles by strategy, in the order of the strategies; empty for none of its own.</param>
/// <param name="OfInstruments">Styles by symbol.</param>
public sealed record ExecutionConfiguration(
    ImmutableArray<ExecutionStyle> Styles,
    string General,
    ImmutableArray<string> OfStrategies,
    ImmutableArray<(string Symbol, string Style)> OfInstruments)
{
    /// <summary>The table that the pipeline works with.</summary>
    /// <returns>A new table.</returns>
    public ExecutionStyles ToTable()
    {
        InstrumentStyle[] instruments = new InstrumentStyle[OfInstruments.Length];
        for (int i = 0; i < instruments.Length; i++)
        {
            instruments[i] = new InstrumentStyle(Symbol24.Of(OfInstruments[i].Symbol), OfInstruments[i].Style);
        }

        return new ExecutionStyles([.. Styles], General, [.. OfStrategies], instruments);
    }
}

/// <summary>Turns the execution section into records.</summary>
internal static class ExecutionBuilder
{
    internal static ExecutionConfiguration? Build(GroupSetting root)
    {
        if (root.Find("execution") is not GroupSetting execution)
        {
            return null;
        }

        ImmutableArray<ExecutionStyle>.Builder styles = ImmutableArray.CreateBuilder<ExecutionStyle>();
        foreach ((string name, Setting value) in execution.Group("styles").Members)
        {
            styles.Add(Style(name, (GroupSetting)value));
        }

        ImmutableArray<string>.Builder strategies = ImmutableArray.CreateBuilder<string>();
        foreach (Setting strategy in root.List("strategies"))
        {
            string own = (execution.Group("strategies").Find(((GroupSetting)strategy).Text("name")) as TextSetting)?.Value ?? string.Empty;
            strategies.Add(NameOf(own));
        }

        ImmutableArray<(string, string)>.Builder instruments = ImmutableArray.CreateBuilder<(string, string)>();
        foreach ((string symbol, Setting style) in execution.Group("instruments").Members)
        {
            instruments.Add((symbol, NameOf(((TextSetting)style).Value)));
        }

        return new ExecutionConfiguration(
            styles.ToImmutable(), NameOf(execution.Text("default")), strategies.ToImmutable(), instruments.ToImmutable());
    }

    private static string NameOf(string word) => word == ExecutionSchema.AsWished ? string.Empty : word;

    private static ExecutionStyle Style(string name, GroupSetting group)
    {
        GroupSetting numbers = group.Group("parameters");
        StyleKind kind = group.Text("kind") switch
        {
            "limit" => StyleKind.Limit,
            "post-only" => StyleKind.PostOnly,
            "peg" => StyleKind.Peg,
            "twap" => StyleKind.Twap,
            "participation" => StyleKind.Participation,
            "iceberg" => StyleKind.Iceberg,
            string other => throw new BrokenInvariantException("the configuration reads a word that is not declared: " + other),
        };
        ExecutionStyle style = new(name, kind);
        foreach ((string key, Setting setting) in numbers.Members)
        {
            if (setting is ListSetting list)
            {
                Ensure.That(key == "curve", "the configuration reads a list that is not declared: " + key);
                style = style with { Curve = [.. list.Elements.Select(volume => (int)((IntegerSetting)volume).Value)] };
                continue;
            }

            if (setting is BooleanSetting flag)
            {
                Ensure.That(key == "extendedHours", "the configuration reads a flag that is not declared: " + key);
                style = style with { ExtendedHours = flag.Value };
                continue;
            }

            long value = numbers.Number(key);
            style = key switch
            {
                "distanceTicks" => style with { DistanceTicks = (int)value },
                "repegs" => style with { Repegs = (int)value },
                "repegWindowMs" => style with { RepegWindow = value * ConfigurationBuilder.Millisecond },
                "slices" => style with { Slices = (int)value },
                "durationMs" => style with { Duration = value * ConfigurationBuilder.Millisecond },
                "maxRepegs" => style with { RepegsInAll = (int)value },
                "maxAwayTicks" => style with { AwayTicks = (int)value },
                "jitterPpm" => style with { JitterPpm = (int)value },
                "maxSharePpm" => style with { SharePpm = (int)value },
                "sharePpm" => style with { SharePpm = (int)value },
                "maxClip" => style with { ClipE9 = value },
                "display" => style with { DisplayE9 = value },
                "timeoutMs" => style with { Timeout = value * ConfigurationBuilder.Millisecond },
                "timeoutMinMs" => style with { TimeoutMin = value * ConfigurationBuilder.Millisecond },
                "timeoutMaxMs" => style with { TimeoutMax = value * ConfigurationBuilder.Millisecond },
                "maxQueueMs" => style with { QueueWait = value * ConfigurationBuilder.Millisecond },
                "volatilityPpm" => style with { VolatilityPpm = (int)value },
                _ => throw new BrokenInvariantException("the configuration reads a number that is not declared: " + key),
            };
        }

        return style;
    }
}
