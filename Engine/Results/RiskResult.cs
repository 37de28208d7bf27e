using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;

namespace LowLatency.Engine.Results;

/// <summary>What a person has to look at after a run: what did not add up, and what the account's rules counted.</summary>
/// <param name="Foreign">Reports and executions of orders that are not ours.</param>
/// <param name="Overfills">Executions beyond an order's quantity.</param>
/// <param name="MissingExecutions">Orders that ended with more filled than was told.</param>
/// <param name="StrayAmendments">Answers to amendments that were answered before.</param>
/// <param name="RepeatedExecutions">Executions that came again.</param>
/// <param name="GoodFaithViolations">Shares sold before the money that bought them had settled.</param>
/// <param name="DayTrades">Day trades of the last business days, of the widest window.</param>
/// <param name="Tripped">Breakers that wait for an operator.</param>
internal sealed record RiskResult(
    long Foreign,
    long Overfills,
    long MissingExecutions,
    long StrayAmendments,
    long RepeatedExecutions,
    long GoodFaithViolations,
    int DayTrades,
    IReadOnlyList<string> Tripped)
{
    internal static RiskResult Of(DecisionPipeline pipeline)
    {
        List<string> tripped = [];
        foreach (BreakerKind kind in Enum.GetValues<BreakerKind>())
        {
            if (kind != BreakerKind.None && pipeline.Risk.Breakers.IsTripped(kind))
            {
                tripped.Add(kind.ToString());
            }
        }

        return new RiskResult(
            pipeline.OrderStage.Foreign,
            pipeline.OrderStage.Overfills,
            pipeline.OrderStage.MissingExecutions,
            pipeline.OrderStage.StrayAmendments,
            pipeline.Portfolio.Repeated,
            pipeline.Risk.Account?.Violations ?? 0,
            pipeline.Risk.Account?.DayTradesIn(Core.Portfolio.Accounts.Rulebook.WindowMax) ?? 0,
            tripped);
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("risk");
        writer.WriteNumber("foreignReports", Foreign);
        writer.WriteNumber("overfills", Overfills);
        writer.WriteNumber("missingExecutions", MissingExecutions);
        writer.WriteNumber("strayAmendments", StrayAmendments);
        writer.WriteNumber("repeatedExecutions", RepeatedExecutions);
        writer.WriteNumber("goodFaithViolations", GoodFaithViolations);
        writer.WriteNumber("dayTrades", DayTrades);
        writer.WriteStartArray("trippedBreakers");
        foreach (string breaker in Tripped)
        {
            writer.WriteStringValue(breaker);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A line for each thing that a person has to look at; none after a clean run.</summary>
    internal IEnumerable<string> Warnings()
    {
        foreach ((long count, string what) in ((long, string)[])
        [
            (Foreign, "reports of orders that are not ours"),
            (Overfills, "executions beyond an order's quantity"),
            (MissingExecutions, "orders ended with more filled than their executions say: the position is not proven"),
            (StrayAmendments, "answers to amendments that were answered before"),
            (GoodFaithViolations, "violations of good faith: shares sold before the money that bought them had settled"),
        ])
        {
            if (count != 0)
            {
                yield return $"{count} {what}";
            }
        }

        if (Tripped.Count != 0)
        {
            yield return $"tripped: {string.Join(", ", Tripped)}; a run with --reset-breakers \"reason\" lets them measure anew";
        }
    }
}
