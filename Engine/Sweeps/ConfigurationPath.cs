using System;
using System.Globalization;
using System.Text.Json.Nodes;

namespace LowLatency.Engine.Sweeps;

/// <summary>A place in a configuration, as in strategies[0].parameters.fastBars.</summary>
internal static class ConfigurationPath
{
    /// <summary>Sets a value that is there.</summary>
    /// <param name="root">The configuration.</param>
    /// <param name="path">The place.</param>
    /// <param name="value">The value, as JSON text.</param>
    /// <returns>False when there is no value at the place.</returns>
    internal static bool TrySet(JsonNode root, string path, string value)
    {
        JsonNode? at = root;
        string[] steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        for (int i = 0; i < steps.Length; i++)
        {
            if (!TryStep(at, steps[i], out JsonNode? next) || next is null)
            {
                return false;
            }

            if (i == steps.Length - 1 && next is JsonValue)
            {
                JsonNode? parsed = JsonNode.Parse(value);
                if (at is JsonArray list)
                {
                    list[IndexOf(steps[i])] = parsed;
                }
                else
                {
                    at![steps[i]] = parsed;
                }

                return true;
            }

            at = next;
        }

        return false;
    }

    private static bool TryStep(JsonNode? at, string step, out JsonNode? next)
    {
        next = null;
        if (at is JsonArray list)
        {
            int index = IndexOf(step);
            next = index >= 0 && index < list.Count ? list[index] : null;
        }
        else if (at is JsonObject group)
        {
            group.TryGetPropertyValue(step, out next);
        }

        return next is not null;
    }

    private static int IndexOf(string step) =>
        step.Length > 2
        && step[0] == '['
        && step[^1] == ']'
        && int.TryParse(step.AsSpan(1, step.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            ? index
            : -1;
}
