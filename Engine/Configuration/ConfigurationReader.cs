using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats;
using LowLatency.Core.Signals.Rules;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration.Resources;

namespace LowLatency.Engine.Configuration;

/// <summary>
/// Reads JSON against the declared options. It goes on after a problem, with a placeholder that is marked invalid, so
/// that a person sees everything that is wrong at once.
/// </summary>
internal sealed class ConfigurationReader
{
    /// <summary>Problems that are listed; a file with more is not a configuration.</summary>
    internal const int ProblemsMax = 100;

    private const int ShownMax = 60;

    private readonly string _file;
    private readonly ResourceReader _resources;
    private byte[] _text = [];
    private readonly ImmutableArray<ConfigurationProblem>.Builder _problems =
        ImmutableArray.CreateBuilder<ConfigurationProblem>();

    /// <param name="file">Name for problems.</param>
    /// <param name="directory">The folder that named files start from; null where none may be named.</param>
    internal ConfigurationReader(string file, string? directory)
    {
        _file = file;
        _resources = new ResourceReader(directory);
    }

    internal ImmutableArray<ConfigurationProblem> Problems => _problems.ToImmutable();

    internal void Report(string path, string value, string allowed)
    {
        if (_problems.Count < ProblemsMax)
        {
            _problems.Add(new ConfigurationProblem(_file, path.Length == 0 ? "(file)" : path, value, allowed));
        }
    }

    /// <summary>Reads a whole file; null when it is not JSON at all.</summary>
    internal GroupSetting? ReadFile(GroupOption root, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Limits.BlobBytes)
        {
            Report(string.Empty, $"{utf8.Length} bytes", $"at most {Limits.BlobBytes} bytes");
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            Report(string.Empty, "bytes that are not UTF-8", "UTF-8 text");
            return null;
        }

        try
        {
            _text = utf8.ToArray();
            using JsonDocument document = JsonDocument.Parse(_text);
            return ReadGroup(root, document.RootElement, string.Empty, inherited: null);
        }
        catch (JsonException problem)
        {
            string at = string.Create(
                CultureInfo.InvariantCulture,
                $"(line {problem.LineNumber + 1}, byte {problem.BytePositionInLine + 1})");
            Report(at, "not JSON", "strict JSON without comments and trailing commas; " + problem.Message);
            return null;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : path + "." + name;

    private static string Shown(JsonElement element)
    {
        string raw = element.GetRawText().ReplaceLineEndings(" ");
        return raw.Length <= ShownMax ? raw : raw[..ShownMax] + "...";
    }

    /// <summary>
    /// Text of a JSON string; null when the element is none, or its escapes are no text (half a surrogate pair).
    /// </summary>
    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private Setting Read(Option option, JsonElement? element, string path, GroupSetting? inherited) => option switch
    {
        IntegerOption integer => ReadInteger(integer, element, path),
        DecimalOption fixedPoint => ReadDecimal(fixedPoint, element, path),
        BooleanOption boolean => ReadBoolean(boolean, element, path),
        ChoiceOption choice => ReadChoice(choice, element, path),
        TextOption text => ReadText(text, element, path),
        RulesOption rules => ReadRules(rules, element, path),
        ListOption list => ReadList(list, element, path),
        GroupOption group => ReadGroup(group, element, path, inherited),
        MapOption map => ReadMap(map, element, path, inherited),
        ResourceOption resource => ReadResource(resource, element, path),
        _ => throw new InvalidOperationException("an option of an unknown type: " + option.GetType().Name),
    };

    private bool Refuse(string path, JsonElement? element, string allowed)
    {
        Report(path, element is { } given ? Shown(given) : "missing", "must be " + allowed);
        return false;
    }

    private IntegerSetting ReadInteger(IntegerOption option, JsonElement? element, string path)
    {
        if (element is null && option.Default is { } usual)
        {
            return new IntegerSetting(path, true, usual);
        }

        // The raw text is looked at: 1.0 and 1e3 are other spellings, and a second spelling is a second meaning
        // some day.
        if (element is { ValueKind: JsonValueKind.Number } number
            && long.TryParse(number.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out long value)
            && !number.GetRawText().StartsWith("-0", StringComparison.Ordinal)
            && value >= option.Minimum
            && value <= option.Maximum
            && (!option.PowerOfTwo || long.IsPow2(value)))
        {
            return new IntegerSetting(path, true, value);
        }

        return new IntegerSetting(path, Refuse(path, element, option.Allowed), option.Minimum);
    }

    private DecimalSetting ReadDecimal(DecimalOption option, JsonElement? element, string path)
    {
        if (element is null && option.Default is { } usual)
        {
            return new DecimalSetting(path, true, usual, option.Exponent);
        }

        if (element is { } given
            && TextOf(given) is { } text
            && DecimalText.TryParse(text, option.Exponent, out long value)
            && value >= option.Minimum
            && value <= option.Maximum)
        {
            return new DecimalSetting(path, true, value, option.Exponent);
        }

        return new DecimalSetting(path, Refuse(path, element, option.Allowed), option.Minimum, option.Exponent);
    }

    private BooleanSetting ReadBoolean(BooleanOption option, JsonElement? element, string path) =>
        element is null ? new BooleanSetting(path, true, option.Default)
        : element.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new BooleanSetting(path, true, element.Value.GetBoolean())
            : new BooleanSetting(path, Refuse(path, element, option.Allowed), option.Default);

    private TextSetting ReadChoice(ChoiceOption option, JsonElement? element, string path)
    {
        if (element is null && option.Default is { } usual)
        {
            return new TextSetting(path, true, usual);
        }

        string? text = element is { } given ? TextOf(given) : null;
        if (text is not null && option.Choices.Contains(text))
        {
            return new TextSetting(path, true, text);
        }

        string meant = text is not null && NearMiss.Of(text, option.Choices) is { } near
            ? $"; did you mean \"{near}\"?"
            : string.Empty;
        return new TextSetting(path, Refuse(path, element, option.Allowed + meant), string.Empty);
    }

    private TextSetting ReadText(TextOption option, JsonElement? element, string path)
    {
        if (element is null && option.Default is { } usual)
        {
            return new TextSetting(path, true, usual);
        }

        return element is { } given && TextOf(given) is { } text && option.Accepts(text)
            ? new TextSetting(path, true, text)
            : new TextSetting(path, Refuse(path, element, option.Allowed), string.Empty);
    }

    private ResourceSetting ReadResource(ResourceOption option, JsonElement? element, string path)
    {
        if (element is not { } given)
        {
            return new ResourceSetting(path, Refuse(path, element, option.Allowed), string.Empty, []);
        }

        ResourceReading reading = _resources.Read(option.Kind, given, out string file);
        return reading.Content is { } content
            ? new ResourceSetting(path, true, file, [.. content])
            : new ResourceSetting(path, Refuse(path, element, option.Allowed + ": " + reading.Problem), string.Empty, []);
    }

    /// <summary>Reads a rule program; its problems say line and column of the file.</summary>
    private RulesSetting ReadRules(RulesOption option, JsonElement? element, string path)
    {
        if (element is not { ValueKind: JsonValueKind.Object } given)
        {
            return new RulesSetting(path, Refuse(path, element, option.Allowed), default);
        }

        ReadOnlySpan<byte> before = JsonMarshal.GetRawUtf8Value(given);
        Ensure.That(_text.AsSpan().Overlaps(before, out int start), "a value lies in the text that it was read from");
        before = _text.AsSpan(0, start);
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        RuleReading reading = RuleProgram.Read(given.GetRawText(), line, column);
        foreach (RuleProblem problem in reading.Problems)
        {
            Report(
                path,
                string.Create(CultureInfo.InvariantCulture, $"line {problem.Line}, column {problem.Column}"),
                problem.Message);
        }

        return new RulesSetting(path, reading.Program is not null, given.Clone());
    }

    private ListSetting ReadList(ListOption option, JsonElement? element, string path)
    {
        if (element is null && (option.Minimum == 0 || option.Optional))
        {
            return new ListSetting(path, true, []);
        }

        if (element is not { ValueKind: JsonValueKind.Array } array
            || array.GetArrayLength() < option.Minimum
            || array.GetArrayLength() > option.Maximum)
        {
            string value = element is { ValueKind: JsonValueKind.Array } given
                ? string.Create(CultureInfo.InvariantCulture, $"{given.GetArrayLength()} elements")
                : element is { } other ? Shown(other) : "missing";
            Report(path, value, "must be a list of " + option.Allowed);
            return new ListSetting(path, false, []);
        }

        bool valid = true;
        ImmutableArray<Setting>.Builder elements = ImmutableArray.CreateBuilder<Setting>();
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonElement item in array.EnumerateArray())
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"{path}[{elements.Count}]");
            Setting setting = Read(option.Element, item, at, inherited: null);
            Setting? key = option.Unique is null ? null
                : option.Unique.Length == 0 ? setting
                : (setting as GroupSetting)?.Find(option.Unique);
            if (key is { Valid: true } && !seen.Add(TextOf(key)))
            {
                Report(key.Path, TextOf(key), "must be " + option.Allowed + " in " + path);
                valid = false;
            }

            valid &= setting.Valid;
            elements.Add(setting);
        }

        return new ListSetting(path, valid, elements.ToImmutable());
    }

    private static string TextOf(Setting setting) => setting switch
    {
        TextSetting text => "\"" + text.Value + "\"",
        IntegerSetting integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException("elements of a list are told apart by text or whole numbers"),
    };

    private GroupSetting ReadGroup(GroupOption option, JsonElement? element, string path, GroupSetting? inherited)
    {
        if (element is null && option.Optional)
        {
            return new GroupSetting(path, true, []);
        }

        bool valid = element is null or { ValueKind: JsonValueKind.Object };
        if (!valid)
        {
            Refuse(path, element, option.Allowed);
            return new GroupSetting(path, false, []);
        }

        List<string> known = [];
        foreach (Option member in option.Members)
        {
            known.Add(member.Name);
        }

        Dictionary<string, JsonElement> given = Properties(element, path, ref valid);
        ImmutableArray<(string, Setting)>.Builder members = ImmutableArray.CreateBuilder<(string, Setting)>();
        foreach (Option member in option.Members)
        {
            string at = Join(path, member.Name);
            JsonElement? value = given.Remove(member.Name, out JsonElement found) ? found : null;
            GroupSetting soFar = new(path, valid, members.ToImmutable());
            Setting? setting = value is null && inherited?.Find(member.Name) is { } beside
                ? beside
                : member is VariantOption variant
                    ? ReadVariant(variant, value, at, soFar)
                    : Read(member, value, at, member is MapOption { InheritsFromBeside: true } ? soFar : null);
            if (value is null && member is (GroupOption { Optional: true } or ListOption { Optional: true }))
            {
                continue;
            }

            valid &= setting.Valid;
            members.Add((member.Name, setting));
        }

        foreach ((string name, JsonElement value) in given)
        {
            string meant = NearMiss.Of(name, known) is { } near ? $" did you mean \"{near}\"?" : string.Empty;
            Report(Join(path, name), Shown(value), $"unknown key;{meant} known here: {string.Join(", ", known)}");
            valid = false;
        }

        return new GroupSetting(path, valid, members.ToImmutable()) { NotDeciding = option.NotDeciding };
    }

    private GroupSetting ReadVariant(VariantOption option, JsonElement? element, string path, GroupSetting beside)
    {
        // A wrong word was reported already; what its parameters would be is then unknown.
        string word = beside.Text(option.Discriminator);
        foreach (GroupOption variant in option.Cases)
        {
            if (string.Equals(variant.Name, word, StringComparison.Ordinal))
            {
                return ReadGroup(variant, element, path, inherited: null);
            }
        }

        return new GroupSetting(path, false, []);
    }

    private GroupSetting ReadMap(MapOption option, JsonElement? element, string path, GroupSetting? beside)
    {
        bool valid = element is null or { ValueKind: JsonValueKind.Object };
        if (!valid)
        {
            Refuse(path, element, option.Allowed);
            return new GroupSetting(path, false, []);
        }

        Dictionary<string, JsonElement> given = Properties(element, path, ref valid);
        if (given.Count > option.Maximum)
        {
            Report(path, string.Create(CultureInfo.InvariantCulture, $"{given.Count} entries"),
                "must be " + option.Allowed);
            return new GroupSetting(path, false, []);
        }

        List<string> keys = [.. given.Keys];
        keys.Sort(StringComparer.Ordinal);
        ImmutableArray<(string, Setting)>.Builder members = ImmutableArray.CreateBuilder<(string, Setting)>();
        foreach (string key in keys)
        {
            string at = Join(path, key);
            if (!option.Key.Accepts(key))
            {
                Report(at, Shown(given[key]), "its key must be " + option.Key.Allowed);
                valid = false;
                continue;
            }

            Setting setting = Read(option.Value, given[key], at, beside);
            valid &= setting.Valid;
            members.Add((key, setting));
        }

        return new GroupSetting(path, valid, members.ToImmutable());
    }

    /// <summary>
    /// The properties of an object; a name that stands there twice is a problem, whichever was meant.
    /// </summary>
    private Dictionary<string, JsonElement> Properties(JsonElement? element, string path, ref bool valid)
    {
        Dictionary<string, JsonElement> properties = new(StringComparer.Ordinal);
        if (element is not { } given)
        {
            return properties;
        }

        foreach (JsonProperty property in given.EnumerateObject())
        {
            if (NameOf(property) is not { } name)
            {
                Report(path, Shown(property.Value), "its key is not text");
                valid = false;
            }
            else if (!properties.TryAdd(name, property.Value))
            {
                Report(Join(path, name), Shown(property.Value), "duplicate key; each key may stand once");
                valid = false;
            }
        }

        return properties;
    }
}
