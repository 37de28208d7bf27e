using System;
using System.Collections.Generic;
using LowLatency.Core.Orders;

namespace LowLatency.Tests.Core.Orders;

/// <summary>
/// What an order does, written a second time and by state: each row is a state, what it does on which inputs, and what it
/// does on all others. It is the expectation of the table and the model of the order table's tests.
/// </summary>
internal static class OrderRules
{
    private const string Rows = """
        None: otherwise halt

        PendingNew: Sent -> PendingNew; NewNotSent -> Rejected; OutcomeUnknown -> Unknown
        PendingNew: Accepted -> Working; Rejected -> Rejected; Cancelled -> Cancelled; Expired -> Expired
        PendingNew: Fill -> Working; FillAll -> Filled; AskCancel -> PendingCancel; AskAmend -> halt
        PendingNew: EpochStarted -> Unknown; otherwise ignored

        Working: Sent -> Working; OutcomeUnknown -> Unknown; GoneAtVenue -> Unknown; GoneUnamended -> Unknown; EpochStarted -> Unknown
        Working: Rejected -> Rejected; Cancelled -> Cancelled; Expired -> Expired; Amended -> Working
        Working: Fill -> Working; FillAll -> Filled; AskAmend -> PendingAmend; AskCancel -> PendingCancel
        Working: otherwise ignored

        PendingAmend: Sent -> PendingAmend; AmendNotSent -> Working; AmendRejected -> Working; Amended -> Working
        PendingAmend: OutcomeUnknown -> Unknown; GoneAtVenue -> Unknown; GoneUnamended -> Unknown; EpochStarted -> Unknown
        PendingAmend: Accepted -> PendingAmend; Rejected -> Rejected; Cancelled -> Cancelled; Expired -> Expired
        PendingAmend: Fill -> PendingAmend; FillAll -> Filled; AskCancel -> PendingCancel; AskAmend -> halt
        PendingAmend: otherwise ignored

        PendingCancel: Sent -> PendingCancel; NewNotSent -> Rejected; CancelNotSent -> Working; CancelRejected -> Working
        PendingCancel: OutcomeUnknown -> Unknown; GoneAtVenue -> Unknown; GoneUnamended -> Unknown; EpochStarted -> Unknown
        PendingCancel: Accepted -> PendingCancel; Amended -> PendingCancel; AmendRejected -> PendingCancel
        PendingCancel: Rejected -> Rejected; Cancelled -> Cancelled; Expired -> Expired
        PendingCancel: Fill -> PendingCancel; FillAll -> Filled; AskCancel -> PendingCancel; AskAmend -> halt
        PendingCancel: otherwise ignored

        Unknown: Sent -> Unknown; NewNotSent -> Unknown; AmendNotSent -> Unknown; CancelNotSent -> Unknown
        Unknown: OutcomeUnknown -> Unknown; GoneAtVenue -> Unknown; GoneUnamended -> Unknown; EpochStarted -> Unknown
        Unknown: Accepted -> Working; Amended -> Working; AmendRejected -> Working; CancelRejected -> Working; Fill -> Working
        Unknown: Rejected -> Rejected; Cancelled -> Cancelled; Expired -> Expired; FillAll -> Filled
        Unknown: AskCancel -> PendingCancel; AskAmend -> halt

        Filled: Sent -> Filled; EpochStarted -> Filled; AskAmend -> halt; AskCancel -> halt; otherwise ignored
        Cancelled: Sent -> Cancelled; EpochStarted -> Cancelled; AskAmend -> halt; AskCancel -> halt; otherwise ignored
        Rejected: Sent -> Rejected; EpochStarted -> Rejected; AskAmend -> halt; AskCancel -> halt; otherwise ignored
        Expired: Sent -> Expired; EpochStarted -> Expired; AskAmend -> halt; AskCancel -> halt; otherwise ignored
        """;

    /// <summary>Every cell: state, input, and "halt", "ignored" or the next state's name.</summary>
    internal static IEnumerable<(OrderState State, OrderInput Input, string Expected)> Cells()
    {
        foreach (OrderState state in Enum.GetValues<OrderState>())
        {
            foreach (OrderInput input in Enum.GetValues<OrderInput>())
            {
                yield return (state, input, Expected(state, input));
            }
        }
    }

    private static string Expected(OrderState state, OrderInput input)
    {
        string? otherwise = null;
        foreach (string line in Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line[..colon] != state.ToString())
            {
                continue;
            }

            foreach (string rule in line[(colon + 1)..].Split(';', StringSplitOptions.TrimEntries))
            {
                if (rule.StartsWith("otherwise ", StringComparison.Ordinal))
                {
                    otherwise = rule["otherwise ".Length..];
                }
                else if (rule.Split("->", StringSplitOptions.TrimEntries) is [var on, var next] && on == input.ToString())
                {
                    return next;
                }
            }
        }

        return otherwise ?? throw new InvalidOperationException($"no rule for {state} + {input}");
    }
}
