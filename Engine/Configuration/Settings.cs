using System;
using System.Collections.Immutable;
using System.Text.Json;
using LowLatency.Core.Determinism;

namespace LowLatency.Engine.Configuration;

/// <summary>A resolved value: what an option turned out to be.</summary>
/// <param name="Path">The full key path, for messages.</param>
/// <param name="Valid">False when the text was refused: the value is then a placeholder that no rule looks at.</param>
internal abstract record Setting(string Path, bool Valid)
{
    /// <summary>Writes the value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="decisions">Only what can influence a decision.</param>
    internal abstract void Write(Utf8JsonWriter writer, bool decisions);
}

internal sealed record IntegerSetting(string Path, bool Valid, long Value) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions) => writer.WriteNumberValue(Value);
}

internal sealed record DecimalSetting(string Path, bool Valid, long Value, int Exponent) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions) =>
        writer.WriteStringValue(FixedDecimal.Format(Value, Exponent));
}

internal sealed record BooleanSetting(string Path, bool Valid, bool Value) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions) => writer.WriteBooleanValue(Value);
}

/// <summary>Text, or one of the words of a choice.</summary>
internal sealed record TextSetting(string Path, bool Valid, string Value) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions) => writer.WriteStringValue(Value);
}

/// <summary>A rule program, as it was written; only blanks between its parts are not kept.</summary>
internal sealed record RulesSetting(string Path, bool Valid, JsonElement Program) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions) => Program.WriteTo(writer);
}

internal sealed record ListSetting(string Path, bool Valid, ImmutableArray<Setting> Elements) : Setting(Path, Valid)
{
    internal override void Write(Utf8JsonWriter writer, bool decisions)
    {
        writer.WriteStartArray();
        foreach (Setting element in Elements)
        {
            element.Write(writer, decisions);
        }

        writer.WriteEndArray();
    }
}

/// <summary>
/// A group or a map: named settings in the canonical order (declared order, or keys by their code points).
/// </summary>
internal sealed record GroupSetting(string Path, bool Valid, ImmutableArray<(string Name, Setting Value)> Members)
    : Setting(Path, Valid)
{
    internal Setting? Find(string name)
    {
        foreach ((string member, Setting value) in Members)
        {
            if (string.Equals(member, name, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return null;
    }

    internal T Get<T>(string name)
        where T : Setting
    {
        T? found = Find(name) as T;
        Ensure.That(found is not null, "the configuration reads an option that is not declared so: " + name);
        return found;
    }

    internal long Number(string name) => Find(name) is DecimalSetting fixedPoint
        ? fixedPoint.Value
        : Get<IntegerSetting>(name).Value;

    internal string Text(string name) => Get<TextSetting>(name).Value;

    internal bool Flag(string name) => Get<BooleanSetting>(name).Value;

    internal GroupSetting Group(string name) => Get<GroupSetting>(name);

    internal ImmutableArray<Setting> List(string name) => Get<ListSetting>(name).Elements;

    /// <summary>A member that cannot influence a decision; null for none.</summary>
    internal string? NotDeciding { get; init; }

    internal override void Write(Utf8JsonWriter writer, bool decisions)
    {
        writer.WriteStartObject();
        foreach ((string name, Setting value) in Members)
        {
            if (!decisions || !string.Equals(name, NotDeciding, StringComparison.Ordinal))
            {
                writer.WritePropertyName(name);
                value.Write(writer, decisions);
            }
        }

        writer.WriteEndObject();
    }
}
