using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace LowLatency.Sandbox.Faults;

/// <summary>What a scenario file says: accounts and faults.</summary>
public sealed class Scenario
{
    private Scenario(ulong? seed, IReadOnlyList<SandboxAccount>? accounts, IReadOnlyList<FaultRule> faults)
    {
        Seed = seed;
        Accounts = accounts;
        Faults = faults;
    }

    /// <summary>The seed; null when the file has none.</summary>
    public ulong? Seed { get; }

    /// <summary>The accounts; null when the file has none.</summary>
    public IReadOnlyList<SandboxAccount>? Accounts { get; }

    /// <summary>The faults.</summary>
    public IReadOnlyList<FaultRule> Faults { get; }

    /// <summary>Reads a scenario. Everything that is not known is refused, so that no misspelt fault stays silent.</summary>
    /// <param name="utf8">JSON.</param>
    /// <returns>The scenario.</returns>
    /// <exception cref="FormatException">It is refused; the message names the place, the value and what is allowed.</exception>
    public static Scenario Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 8 });
            ulong? seed = null;
            List<SandboxAccount>? accounts = null;
            List<FaultRule> faults = [];
            foreach (JsonProperty property in Members(document.RootElement, "the scenario"))
            {
                switch (property.Name)
                {
                    case "seed":
                        seed = property.Value.TryGetUInt64(out ulong value) ? value : throw Wrong("seed", property.Value, "a whole number from 0");
                        break;
                    case "accounts":
                        accounts = [];
                        foreach (JsonElement item in Items(property.Value, "accounts"))
                        {
                            accounts.Add(AccountOf(item, $"accounts[{accounts.Count}]"));
                        }

                        break;
                    case "faults":
                        foreach (JsonElement item in Items(property.Value, "faults"))
                        {
                            faults.Add(FaultOf(item, $"faults[{faults.Count}]"));
                        }

                        break;
                    default:
                        throw new FormatException($"{property.Name}: not known; allowed are seed, accounts, faults");
                }
            }

            return faults.Count <= FaultPlan.RulesMax
                ? new Scenario(seed, accounts, faults)
                : throw new FormatException($"faults: {faults.Count} rules; allowed are {FaultPlan.RulesMax}");
        }
        catch (JsonException failure)
        {
            throw new FormatException("not JSON: " + failure.Message);
        }
    }

    internal static FaultRule FaultOf(JsonElement element, string place)
    {
        FaultKind? kind = null;
        SandboxChannel? channel = null;
        string match = string.Empty;
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        foreach (JsonProperty property in Members(element, place))
        {
            string at = place + "." + property.Name;
            switch (property.Name)
            {
                case "kind":
                    kind = FaultNames.TryKind(TextOf(property.Value, at), out FaultKind known) ? known : throw Wrong(at, property.Value, FaultNames.AllKinds);
                    break;
                case "channel":
                    channel = FaultNames.TryChannel(TextOf(property.Value, at), out SandboxChannel found) ? found : throw Wrong(at, property.Value, FaultNames.AllChannels);
                    break;
                case "match":
                    match = TextOf(property.Value, at);
                    break;
                case "nth" or "every" or "count" or "chancePpm" or "afterMs" or "untilMs" or "ms" or "bytes" or "status":
                    numbers[property.Name] = property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out int number)
                        ? number
                        : throw Wrong(at, property.Value, "a whole number");
                    break;
                default:
                    throw new FormatException(
                        $"{at}: not known; allowed are kind, channel, match, nth, every, count, chancePpm, afterMs, untilMs, ms, bytes, status");
            }
        }

        if (kind is null || channel is null)
        {
            throw new FormatException($"{place}: kind and channel are missing or one of them is; kinds: {FaultNames.AllKinds}; channels: {FaultNames.AllChannels}");
        }

        FaultRule usual = new() { Kind = kind.Value, Channel = channel.Value, Match = match };
        FaultRule rule = usual with
        {
            Nth = numbers.GetValueOrDefault("nth", usual.Nth),
            Every = numbers.GetValueOrDefault("every", usual.Every),
            Count = numbers.GetValueOrDefault("count", usual.Count),
            ChancePpm = numbers.GetValueOrDefault("chancePpm", usual.ChancePpm),
            AfterMs = numbers.GetValueOrDefault("afterMs", usual.AfterMs),
            UntilMs = numbers.GetValueOrDefault("untilMs", usual.UntilMs),
            Ms = numbers.GetValueOrDefault("ms", usual.Ms),
            Bytes = numbers.GetValueOrDefault("bytes", usual.Bytes),
            Status = numbers.GetValueOrDefault("status", usual.Status),
        };
        return rule.Problem() is { } problem ? throw new FormatException($"{place}: {problem}") : rule;
    }

    private static SandboxAccount AccountOf(JsonElement element, string place)
    {
        SandboxAccount account = new() { Key = string.Empty, Secret = string.Empty };
        foreach (JsonProperty property in Members(element, place))
        {
            string at = place + "." + property.Name;
            JsonElement value = property.Value;
            account = property.Name switch
            {
                "key" => account with { Key = TextOf(value, at) },
                "secret" => account with { Secret = TextOf(value, at) },
                "dollars" => account with { Dollars = NumberOf(value, at) },
                "coins" => account with { Coins = CoinsOf(value, at) },
                "readOnly" => account with { IsReadOnly = FlagOf(value, at) },
                "mayWithdraw" => account with { MayWithdraw = FlagOf(value, at) },
                "boundTo" => account with { BoundTo = TextsOf(value, at) },
                "expiresAt" => account with { ExpiresAt = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long ms) && ms >= 0 ? ms : throw Wrong(at, value, "milliseconds since 1970 UTC") },
                _ => throw new FormatException($"{at}: not known; allowed are key, secret, dollars, coins, readOnly, mayWithdraw, boundTo, expiresAt"),
            };
        }

        return account;
    }

    private static Dictionary<string, decimal> CoinsOf(JsonElement element, string place)
    {
        Dictionary<string, decimal> coins = new(StringComparer.Ordinal);
        foreach (JsonProperty property in Members(element, place))
        {
            coins[property.Name] = NumberOf(property.Value, place + "." + property.Name);
        }

        return coins;
    }

    private static List<string> TextsOf(JsonElement element, string place)
    {
        List<string> texts = [];
        foreach (JsonElement item in Items(element, place))
        {
            texts.Add(TextOf(item, place));
        }

        return texts;
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string place) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : throw Wrong(place, element, "an object");

    private static JsonElement.ArrayEnumerator Items(JsonElement element, string place) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw Wrong(place, element, "a list");

    private static string TextOf(JsonElement element, string place) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong(place, element, "text");

    private static bool FlagOf(JsonElement element, string place) =>
        element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean() : throw Wrong(place, element, "true or false");

    // Money may be written as a number or as text.
    private static decimal NumberOf(JsonElement element, string place) =>
        decimal.TryParse(
            element.ValueKind == JsonValueKind.String ? element.GetString() : element.GetRawText(),
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out decimal value)
            ? value
            : throw Wrong(place, element, "an amount that is not negative");

    private static FormatException Wrong(string place, JsonElement element, string allowed)
    {
        string text = element.GetRawText();
        return new FormatException($"{place}: {(text.Length > 40 ? text[..40] + "..." : text)}; allowed are {allowed}");
    }
}
