using System;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using LowLatency.Core.Events;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>The slow parser did not like a message.</summary>
internal sealed class SlowRefusalException(string what) : Exception(what);

/// <summary>
/// Reading of messages as one would write it without thinking of speed: the framework's document, regular expressions, and
/// arithmetic on big integers. The second opinion on what the fast decoders make of the same bytes.
/// </summary>
internal static partial class SlowJson
{
    internal static JsonDocument Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            return JsonDocument.Parse(message, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException)
        {
            throw new SlowRefusalException("not JSON");
        }
    }

    internal static bool Has(JsonElement item, string name, out JsonElement value)
    {
        value = default;
        return item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out value);
    }

    internal static bool Absent(JsonElement item, string name) =>
        !Has(item, name, out JsonElement value) || value.ValueKind == JsonValueKind.Null
        || (value.ValueKind == JsonValueKind.String && value.GetRawText().Length == 2);

    /// <summary>Text, or nothing where there is something else.</summary>
    internal static string Text(JsonElement item, string name) =>
        Has(item, name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Raw(value) : string.Empty;

    /// <summary>The number of units, exact or cut; null when it is none.</summary>
    internal static long? Units(JsonElement item, string name, int exponent, bool cut = false)
    {
        if (!Has(item, name, out JsonElement value) || value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
        {
            return null;
        }

        return Units(value.ValueKind == JsonValueKind.String ? Raw(value) : value.GetRawText(), exponent, cut);
    }

    internal static long? Units(string text, int exponent, bool cut = false)
    {
        Match match = DecimalNumber().Match(text);
        if (!match.Success || text.Length > 64 || (cut && match.Groups["e"].Success))
        {
            return null;
        }

        BigInteger wide = match.Groups["e"].Success ? BigInteger.Parse(match.Groups["e"].Value, CultureInfo.InvariantCulture) : 0;
        int power = BigInteger.Abs(wide) > 400 ? int.MaxValue : (int)wide;
        if (power == int.MaxValue)
        {
            return null;
        }

        string fraction = match.Groups["f"].Value;
        BigInteger digits = BigInteger.Parse(match.Groups["w"].Value + fraction, CultureInfo.InvariantCulture);
        int shift = exponent + power - fraction.Length;
        BigInteger units = shift >= 0 ? digits * BigInteger.Pow(10, shift) : digits / BigInteger.Pow(10, -shift);
        if (!cut && shift < 0 && units * BigInteger.Pow(10, -shift) != digits)
        {
            return null;
        }

        units = match.Groups["s"].Success ? -units : units;
        return units < long.MinValue || units > long.MaxValue ? null : (long)units;
    }

    internal static long Need(long? units) => units ?? throw new SlowRefusalException("a number");

    internal static long NeedPositive(long? units) =>
        units > 0 ? units.Value : throw new SlowRefusalException("a positive number");

    internal static long OrNothing(JsonElement item, string name, int exponent, bool cut = false) =>
        Absent(item, name) ? 0 : Need(Units(item, name, exponent, cut));

    internal static long Milliseconds(JsonElement item, string name)
    {
        if (Absent(item, name))
        {
            return 0;
        }

        long value = Need(Units(item, name, 0));
        return value >= 0 && value <= long.MaxValue / 1_000_000 ? value * 1_000_000 : throw new SlowRefusalException("a time");
    }

    internal static long Rfc3339(JsonElement item, string name)
    {
        if (Absent(item, name))
        {
            return 0;
        }

        Match match = Instant().Match(Text(item, name));
        if (!match.Success || match.Value.Length > 40)
        {
            throw new SlowRefusalException("a time");
        }

        // The framework has no second 60 and no nanoseconds: both are added by hand.
        int Part(string group) => int.Parse("0" + match.Groups[group].Value, CultureInfo.InvariantCulture);
        if (Part("h") > 23 || Part("m") > 59 || Part("s") > 60 || Part("oh") > 23 || Part("om") > 59
            || Part("y") is < 1900 or > 2999
            || !DateTime.TryParseExact(
                match.Groups["date"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime day))
        {
            throw new SlowRefusalException("a time");
        }

        long seconds = (long)(day - DateTime.UnixEpoch).TotalSeconds + (Part("h") * 3600) + (Part("m") * 60) + Part("s");
        seconds -= ((Part("oh") * 3600) + (Part("om") * 60)) * (match.Groups["sign"].Value == "-" ? -1 : 1);
        long fraction = long.Parse(match.Groups["f"].Value.PadRight(9, '0'), CultureInfo.InvariantCulture);
        BigInteger exact = ((BigInteger)seconds * 1_000_000_000) + fraction;
        return seconds >= 0 && seconds < long.MaxValue / 1_000_000_000
            ? (long)exact
            : throw new SlowRefusalException("a time");
    }

    internal static string SideOf(JsonElement item, string name, bool needed)
    {
        string text = Text(item, name);
        return text is "Buy" or "buy" ? "Buy"
            : text is "Sell" or "sell" ? "Sell"
            : Absent(item, name) && !needed ? "None"
            : throw new SlowRefusalException("a side");
    }

    internal static string Id(string text, bool needed = true)
    {
        if (text.Length == 0)
        {
            return needed ? throw new SlowRefusalException("an id") : "0.0";
        }

        if (Uuid().IsMatch(text))
        {
            string hex = text.Replace("-", string.Empty, StringComparison.Ordinal);
            VenueId id = new(Hex(hex[..16]), Hex(hex[16..]));
            return id.Low >> 62 == 2 && id.High != 0 ? Show(id) : throw new SlowRefusalException("an id");
        }

        if (text[0] != '0' && Digits().IsMatch(text) && long.TryParse(text, CultureInfo.InvariantCulture, out long number))
        {
            return Show(new VenueId(0, (ulong)number));
        }

        byte[] bytes = new byte[16];
        if (text.Length > 16 || !Printable().IsMatch(text))
        {
            throw new SlowRefusalException("an id");
        }

        Encoding.ASCII.GetBytes(text).CopyTo(bytes, 0);
        return Show(new VenueId(Hex(Convert.ToHexString(bytes, 0, 8)), Hex(Convert.ToHexString(bytes, 8, 8))));
    }

    internal static string Show(VenueId id) => FormattableString.Invariant($"{id.High:x}.{id.Low:x}");

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    // Bytes as characters: what is not ASCII stays what it is and matches nothing.
    private static string Raw(JsonElement value) => value.GetRawText()[1..^1];

    [GeneratedRegex(@"\A(?<s>-)?(?<w>[0-9]+)(\.(?<f>[0-9]+))?([eE](?<e>[+-]?[0-9]+))?\z")]
    private static partial Regex DecimalNumber();

    [GeneratedRegex(@"\A(?<date>(?<y>[0-9]{4})-[0-9]{2}-[0-9]{2})[Tt](?<h>[0-9]{2}):(?<m>[0-9]{2}):(?<s>[0-9]{2})(\.(?<f>[0-9]{1,9}))?([Zz]|(?<sign>[+-])(?<oh>[0-9]{2}):(?<om>[0-9]{2}))\z")]
    private static partial Regex Instant();

    [GeneratedRegex(@"\A[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\z")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A[0-9]{1,19}\z")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\A[!-~]*\z")]
    private static partial Regex Printable();
}
