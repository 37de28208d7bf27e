using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;

namespace LowLatency.Sandbox.Trading;

/// <summary>Where an order is in its life.</summary>
internal enum OrderPhase
{
    /// <summary>On its way to the matching engine.</summary>
    Sent,

    /// <summary>It works, or sleeps until its trigger.</summary>
    Working,

    /// <summary>Filled whole.</summary>
    Filled,

    /// <summary>Cancelled; a part may be filled.</summary>
    Cancelled,

    /// <summary>Ended by its time in force.</summary>
    Expired,

    /// <summary>It never worked.</summary>
    Rejected,

    /// <summary>Another order took its place.</summary>
    Replaced,
}

/// <summary>The matching engine's answer to a command.</summary>
/// <param name="IsDone">True when it did what was asked.</param>
/// <param name="Reason">Why not.</param>
internal readonly record struct CommandAnswer(bool IsDone, ReportReason Reason);

/// <summary>What was asked of the matching engine and is not answered.</summary>
/// <param name="Verb">What.</param>
/// <param name="Answered">Called once, with the answer; null when nobody waits.</param>
internal readonly record struct PendingCommand(CommandVerb Verb, System.Action<CommandAnswer>? Answered);

/// <summary>An order of an account.</summary>
internal sealed class SandboxOrder
{
    internal required OrderId Id { get; init; }

    /// <summary>The venue's id of it.</summary>
    internal required string VenueId { get; init; }

    /// <summary>The client's id of it; may be empty.</summary>
    internal required string ClientId { get; init; }

    internal required ListedInstrument Instrument { get; init; }

    internal required Side Side { get; init; }

    internal required OrderType Type { get; init; }

    internal required TimeInForce Force { get; init; }

    internal required OrderFlags Flags { get; init; }

    /// <summary>What the request said in the venue's own words.</summary>
    internal required object Terms { get; init; }

    /// <summary>Number in the order of arrival, from 1.</summary>
    internal required long Number { get; init; }

    internal required long CreatedAt { get; init; }

    internal long Price { get; set; }

    internal long Quantity { get; set; }

    internal long TriggerPrice { get; set; }

    internal long TrailingOffset { get; init; }

    internal long Filled { get; set; }

    internal decimal FilledValue { get; set; }

    internal decimal Fee { get; set; }

    internal string FeeCoin { get; set; } = string.Empty;

    internal OrderPhase Phase { get; set; }

    internal ReportReason Reason { get; set; }

    internal long UpdatedAt { get; set; }

    /// <summary>The first fill; 0 for none.</summary>
    internal long FilledAt { get; set; }

    /// <summary>True once the account of the venue has answered that it is there.</summary>
    internal bool WasAccepted { get; set; }

    /// <summary>The order that this one has replaced, or that has replaced it.</summary>
    internal SandboxOrder? Replaces { get; set; }

    internal SandboxOrder? ReplacedBy { get; set; }

    internal Queue<PendingCommand> Pending { get; init; } = new();

    internal long Leaves => Quantity - Filled;

    internal bool IsOpen => Phase is OrderPhase.Sent or OrderPhase.Working;

    internal bool IsConditional => Type is OrderType.Stop or OrderType.StopLimit or OrderType.MarketIfTouched
        or OrderType.LimitIfTouched or OrderType.TrailingStop;

    internal bool IsLimit => Type is OrderType.Limit or OrderType.StopLimit or OrderType.LimitIfTouched;

    internal decimal AveragePrice => Filled == 0 ? 0 : FilledValue / Instrument.Quantity(Filled);
}

/// <summary>What a row of executions is.</summary>
internal enum FillKind
{
    /// <summary>A fill of an order.</summary>
    Trade,

    /// <summary>The venue took a position over.</summary>
    Liquidation,

    /// <summary>Funding: cash only.</summary>
    Funding,
}

/// <summary>A row of executions of an account.</summary>
internal sealed class Fill
{
    internal required string Id { get; init; }

    internal required FillKind Kind { get; init; }

    /// <summary>Null for what no order did.</summary>
    internal SandboxOrder? Order { get; init; }

    internal required ListedInstrument Instrument { get; init; }

    internal required Side Side { get; init; }

    internal required long Price { get; init; }

    internal required long Quantity { get; init; }

    /// <summary>Paid when positive; whole coins.</summary>
    internal required decimal Fee { get; init; }

    internal required string FeeCoin { get; init; }

    internal required bool IsMaker { get; init; }

    internal required long At { get; init; }

    /// <summary>What was left of the order after it.</summary>
    internal long Leaves { get; init; }

    /// <summary>What of the order was filled with it.</summary>
    internal long Cumulative { get; init; }

    /// <summary>What of it closed a position.</summary>
    internal long Closed { get; init; }

    /// <summary>Profit that it realised.</summary>
    internal decimal Profit { get; init; }

    /// <summary>Number in the order of time, from 1.</summary>
    internal required long Number { get; init; }

    internal required long Sequence { get; init; }

    internal decimal Rate { get; init; }

    internal decimal Value => Instrument.Notional(Price, Quantity);
}
