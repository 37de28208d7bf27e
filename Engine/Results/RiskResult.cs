using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;

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
/// <param name="NotBelieved">Market events that the data guard did not believe.</param>
/// <param name="Backwards">Market events whose stamp lies before the newest one of their stream.</param>
/// <param name="OffClock">Market events whose stamp lies too far from their receipt.</param>
/// <param name="Unprotected">Times that a position was found without the stop that it must have.</param>
/// <param name="NowUnprotected">Who holds what without it.</param>
/// <param name="Stopped">Strategies that an operator stopped.</param>
/// <param name="ActiveChecks">Checks that could refuse something.</param>
internal sealed record RiskResult(
    long Foreign,
    long Overfills,
    long MissingExecutions,
    long StrayAmendments,
    long RepeatedExecutions,
    long GoodFaithViolations,
    int DayTrades,
    IReadOnlyList<string> Tripped,
    long NotBelieved,
    long Backwards,
    long OffClock,
    long Unprotected,
    IReadOnlyList<string> NowUnprotected,
    IReadOnlyList<string> Stopped,
    IReadOnlyList<string> ActiveChecks)
{
    internal static RiskResult Of(DecisionPipeline pipeline, IReadOnlyList<string> names)
    {
        (long held, long backwards, long offClock) = (0, 0, 0);
        List<string> unprotected = [];
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            InstrumentMarket market = pipeline.Market[new InstrumentId(i)];
            held += market.HeldBack;
            backwards += market.Backwards;
            offClock += market.OffClock;
            for (int s = 0; s < names.Count; s++)
            {
                if (pipeline.Risk.IsUnprotected(new StrategyId((ushort)(s + 1)), new InstrumentId(i)))
                {
                    unprotected.Add($"{names[s]} {market.Symbol}");
                }
            }
        }

        List<string> stopped = [];
        for (int s = 0; s < names.Count; s++)
        {
            if (pipeline.Risk.IsStopped(new StrategyId((ushort)(s + 1))))
            {
                stopped.Add(names[s]);
            }
        }

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
            tripped,
            held,
            backwards,
            offClock,
            pipeline.Risk.Unprotected,
            unprotected,
            stopped,
            ConfiguredChecks.Names(pipeline.Risk.ActiveChecks));
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
        writer.WriteNumber("marketEventsNotBelieved", NotBelieved);
        writer.WriteNumber("marketStampsBackwards", Backwards);
        writer.WriteNumber("marketStampsOffClock", OffClock);
        writer.WriteNumber("positionsFoundUnprotected", Unprotected);
        Write(writer, "unprotectedPositions", NowUnprotected);
        Write(writer, "stoppedStrategies", Stopped);
        Write(writer, "trippedBreakers", Tripped);
        Write(writer, "activeChecks", ActiveChecks);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<string> words)
    {
        writer.WriteStartArray(name);
        foreach (string word in words)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
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
            (NotBelieved, "market events that the data guard did not believe"),
            (OffClock, "market events whose venue's stamp lies too far from their receipt"),
            (Unprotected, "times a position was found without the stop that it must have"),
            (GoodFaithViolations, "violations of good faith: shares sold before the money that bought them had settled"),
        ])
        {
            if (count != 0)
            {
                yield return $"{count} {what}";
            }
        }

        if (NowUnprotected.Count != 0)
        {
            yield return $"without a stop at the end: {string.Join(", ", NowUnprotected)}";
        }

        if (Stopped.Count != 0)
        {
            yield return $"stopped: {string.Join(", ", Stopped)}; a run with --start-strategy \"NAME: reason\" lets one in again";
        }

        if (Tripped.Count != 0)
        {
            yield return $"tripped: {string.Join(", ", Tripped)}; a run with --reset-breakers \"reason\" lets them measure anew";
        }
    }
}
