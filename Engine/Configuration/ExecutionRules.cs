using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Formats;
using LowLatency.Core.Signals;

namespace LowLatency.Engine.Configuration;

/// <summary>Rules of the execution section: what it names is there, and its numbers fit each other.</summary>
internal sealed class ExecutionRules(ConfigurationReader reader)
{
    internal void Check(GroupSetting root)
    {
        if (root.Find("execution") is not GroupSetting execution
            || execution.Find("styles") is not GroupSetting { Valid: true } styles)
        {
            return;
        }

        SortedSet<string> known = new(ExecutionSchema.BuiltIn, StringComparer.Ordinal) { ExecutionSchema.AsWished };
        foreach ((string name, Setting style) in styles.Members)
        {
            if (!known.Add(name))
            {
                reader.Report(style.Path, "declared", "must have another name: this one is built in");
            }

            CheckNumbers((GroupSetting)style);
            CheckDisplay(root, execution, name, (GroupSetting)style);
        }

        CheckName(execution.Find("default"), known);
        CheckMap(execution.Find("strategies"), known, "the name of a strategy", Names(root));
        CheckMap(execution.Find("instruments"), known, "an instrument of a strategy", Symbols(root));
    }

    private static SortedSet<string> Names(GroupSetting root)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (Setting strategy in (root.Find("strategies") as ListSetting)?.Elements ?? [])
        {
            if ((strategy as GroupSetting)?.Find("name") is TextSetting { Valid: true } name)
            {
                names.Add(name.Value);
            }
        }

        return names;
    }

    private static SortedSet<string> Symbols(GroupSetting root)
    {
        SortedSet<string> symbols = new(StringComparer.Ordinal);
        foreach (Setting strategy in (root.Find("strategies") as ListSetting)?.Elements ?? [])
        {
            foreach (Setting symbol in ((strategy as GroupSetting)?.Find("instruments") as ListSetting)?.Elements ?? [])
            {
                symbols.Add(((TextSetting)symbol).Value);
            }
        }

        return symbols;
    }

    private void CheckMap(Setting? setting, SortedSet<string> styles, string what, SortedSet<string> keys)
    {
        foreach ((string key, Setting style) in (setting as GroupSetting)?.Members ?? [])
        {
            CheckName(style, styles);
            if (keys.Count > 0 && !keys.Contains(key))
            {
                reader.Report(style.Path, "unused", $"must be {what};{Meant(key, keys)} known here: {string.Join(", ", keys)}");
            }
        }
    }

    /// <summary>
    /// What is shown at one time is at least a lot, where the lot is known before the market begins: of the instruments that
    /// are worked in the style, or of the smallest of all.
    /// </summary>
    private void CheckDisplay(GroupSetting root, GroupSetting execution, string name, GroupSetting style)
    {
        if ((style.Find("parameters") as GroupSetting)?.Find("display") is not DecimalSetting { Valid: true } display
            || root.Find("generator") is not GroupSetting { Valid: true } generator)
        {
            return;
        }

        long most = 0;
        long least = long.MaxValue;
        foreach (Setting instrument in generator.List("instruments"))
        {
            GroupSetting its = (GroupSetting)instrument;
            bool isWorked = (execution.Find("instruments") as GroupSetting)?.Find(its.Text("symbol")) is TextSetting own
                && own.Value == name;
            most = isWorked ? Math.Max(most, its.Number("lot")) : most;
            least = Math.Min(least, its.Number("lot"));
        }

        most = Math.Max(most, least);
        if (display.Value < most)
        {
            reader.Report(
                display.Path,
                "\"" + FixedDecimal.Format(display.Value, display.Exponent) + "\"",
                "must be at least the lot of what is worked in it, \"" + FixedDecimal.Format(most, display.Exponent) + "\"");
        }
    }

    private void CheckName(Setting? style, SortedSet<string> known)
    {
        if (style is TextSetting { Valid: true } text && !known.Contains(text.Value))
        {
            reader.Report(
                text.Path,
                "\"" + text.Value + "\"",
                $"must be a style;{Meant(text.Value, known)} known here: {string.Join(", ", known)}");
        }
    }

    private static string Meant(string word, SortedSet<string> known) =>
        NearMiss.Of(word, known) is { } near ? $" did you mean \"{near}\"?" : string.Empty;

    private void CheckNumbers(GroupSetting style)
    {
        if (style.Find("parameters") is not GroupSetting { Valid: true } numbers)
        {
            return;
        }

        bool follows = numbers.Find("volatilityPpm") is IntegerSetting { Value: > 0 };
        if (numbers.Find("volatilityPpm") is IntegerSetting { Value: 0 })
        {
            Unused(numbers, "timeoutMinMs", 0);
            Unused(numbers, "timeoutMaxMs", ExecutionSchema.DayMs);
        }
        else if (numbers.Find("timeoutMs") is IntegerSetting { Value: > 0 })
        {
            AtMost(numbers, "timeoutMinMs", "timeoutMs");
            AtMost(numbers, "timeoutMs", "timeoutMaxMs");
        }
        else if (follows)
        {
            Report(
                numbers.Path + ".volatilityPpm",
                numbers.Number("volatilityPpm"),
                "must be 0 without a timeoutMs: nothing would use it");
        }

        if (numbers.Find("slices") is not null)
        {
            AtMost(numbers, "slices", "durationMs");
            if (numbers.List("curve").Length != 0 && numbers.Number("slices") > ExecutionStyle.CurvedSlicesMax)
            {
                Report(
                    numbers.Path + ".slices",
                    numbers.Number("slices"),
                    string.Create(CultureInfo.InvariantCulture, $"must be at most {ExecutionStyle.CurvedSlicesMax} along a curve"));
            }
        }
    }

    /// <summary>The bounds of a timeout that does not move bound nothing.</summary>
    private void Unused(GroupSetting numbers, string name, long usual)
    {
        if (numbers.Number(name) != usual)
        {
            Report(numbers.Path + "." + name, numbers.Number(name), "must be left out without a volatilityPpm: nothing would use it");
        }
    }

    private void AtMost(GroupSetting numbers, string name, string bound)
    {
        long most = numbers.Number(bound);
        if (numbers.Number(name) > most)
        {
            Report(
                numbers.Path + "." + name,
                numbers.Number(name),
                string.Create(CultureInfo.InvariantCulture, $"must be at most {bound}, which is {most}"));
        }
    }

    private void Report(string path, long value, string allowed) =>
        reader.Report(path, value.ToString(CultureInfo.InvariantCulture), allowed);
}
