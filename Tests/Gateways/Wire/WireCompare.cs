using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Gateways.Wire;

namespace LowLatency.Tests.Gateways.Wire;

/// <summary>Holds what a decoder made of a message against what the slow parser makes of it.</summary>
internal static class WireCompare
{
    /// <summary>The first difference.</summary>
    /// <returns>Null when there is none.</returns>
    internal static string? Difference(WireOutcome outcome, EventBatch batch, Func<List<string>> slow) =>
        Difference(outcome, WireShow.Lines(batch.Events), slow);

    internal static string? Difference(WireOutcome outcome, List<string> fast, Func<List<string>> slow)
    {
        List<string> expected;
        try
        {
            expected = slow();
        }
        catch (SlowRefusalException refusal)
        {
            return outcome.Result is not (WireResult.Refused or WireResult.Answer) ? $"{outcome} instead of a refusal: {refusal.Message}"
                : fast.Count != 0 ? "events of a refused message"
                : null;
        }

        if (outcome.Result == WireResult.Refused)
        {
            return $"refused ({outcome.Fault}) instead of [{string.Join(" | ", expected)}]";
        }

        if ((outcome.Result == WireResult.Events) != (expected.Count > 0))
        {
            return $"{outcome} with {expected.Count} events expected";
        }

        for (int i = 0; i < Math.Max(fast.Count, expected.Count); i++)
        {
            string? left = fast.ElementAtOrDefault(i);
            string? right = expected.ElementAtOrDefault(i);
            if (left != right)
            {
                return $"event {i}\n  is        {left}\n  should be {right}";
            }
        }

        return null;
    }
}
