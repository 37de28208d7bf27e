using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Bybit;

/// <summary>What a row of the execution stream is.</summary>
internal enum BybitRow : byte
{
    /// <summary>It is not known: nothing may be concluded from it.</summary>
    Unknown = 0,

    /// <summary>A fill of an order of ours, or of the account's.</summary>
    Fill,

    /// <summary>A change of the position that no order of ours made.</summary>
    Foreign,

    /// <summary>Cash only.</summary>
    Funding,
}

/// <summary>Bybit's words.</summary>
internal static class BybitWords
{
    /// <summary>The kind of instrument of a category.</summary>
    /// <param name="category">linear, spot, inverse or option.</param>
    /// <returns>None for a category that is not traded here.</returns>
    internal static InstrumentKind KindOf(ReadOnlySpan<byte> category) =>
        category.SequenceEqual("linear"u8) ? InstrumentKind.Linear
        : category.SequenceEqual("spot"u8) ? InstrumentKind.Spot
        : InstrumentKind.None;

    /// <summary>What an order's status says.</summary>
    /// <param name="word">orderStatus.</param>
    /// <returns>None when it is not known. A filled order is accepted: its executions tell the rest.</returns>
    internal static OrderStatus StatusOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("New"u8) || word.SequenceEqual("PartiallyFilled"u8) || word.SequenceEqual("Filled"u8)
            || word.SequenceEqual("Untriggered"u8) || word.SequenceEqual("Triggered"u8) || word.SequenceEqual("Created"u8)
            ? OrderStatus.Accepted
        : word.SequenceEqual("Cancelled"u8) || word.SequenceEqual("PartiallyFilledCanceled"u8)
            || word.SequenceEqual("Deactivated"u8) ? OrderStatus.Cancelled
        : word.SequenceEqual("Rejected"u8) ? OrderStatus.Rejected
        : OrderStatus.None;

    /// <summary>What a row of executions is.</summary>
    /// <param name="word">execType; empty on the fast stream, which has fills only.</param>
    /// <returns>Its kind.</returns>
    internal static BybitRow RowOf(ReadOnlySpan<byte> word) =>
        word.IsEmpty || word.SequenceEqual("Trade"u8) ? BybitRow.Fill
        : word.SequenceEqual("Funding"u8) ? BybitRow.Funding
        : word.SequenceEqual("AdlTrade"u8) || word.SequenceEqual("BustTrade"u8) || word.SequenceEqual("Settle"u8)
            || word.SequenceEqual("Delivery"u8) || word.SequenceEqual("BlockTrade"u8) || word.SequenceEqual("MovePosition"u8)
            || word.SequenceEqual("FutureSpread"u8) ? BybitRow.Foreign
        : BybitRow.Unknown;

    /// <summary>Why an order ended.</summary>
    /// <param name="reject">rejectReason: the more telling one.</param>
    /// <param name="cancel">cancelType.</param>
    /// <returns>None when neither says anything; unlisted when what it says is not known.</returns>
    internal static ReportReason ReasonOf(ReadOnlySpan<byte> reject, ReadOnlySpan<byte> cancel)
    {
        ReportReason reason =
            reject.IsEmpty || reject.SequenceEqual("EC_NoError"u8) ? ReportReason.None
            : reject.SequenceEqual("EC_PostOnlyWillTakeLiquidity"u8) ? ReportReason.PostOnlyWouldTake
            : reject.SequenceEqual("EC_NoImmediateQtyToFill"u8) ? ReportReason.NoLiquidity
            : reject.SequenceEqual("EC_NoEnoughQtyToFill"u8) ? ReportReason.FillOrKillUnfilled
            : reject.SequenceEqual("EC_OrigClOrdIDDoesNotExist"u8) ? ReportReason.UnknownOrder
            : reject.SequenceEqual("EC_PerCancelRequest"u8) ? ReportReason.Requested
            : reject.SequenceEqual("EC_InvalidSymbolStatus"u8) ? ReportReason.NotTrading
            : ReportReason.Unlisted;
        return reason is not (ReportReason.None or ReportReason.Unlisted) ? reason
            : cancel.IsEmpty || cancel.SequenceEqual("UNKNOWN"u8) ? reason
            : cancel.SequenceEqual("CancelByUser"u8) ? ReportReason.Requested
            : cancel.SequenceEqual("CancelByReduceOnly"u8) ? ReportReason.ReduceOnlyWouldAdd
            : cancel.SequenceEqual("CancelBySmp"u8) ? ReportReason.SelfTrade
            : cancel.SequenceEqual("CancelByDCP"u8) ? ReportReason.DisconnectProtection
            : cancel.SequenceEqual("CancelByPrepareLiq"u8) || cancel.SequenceEqual("CancelAllBeforeLiq"u8)
                || cancel.SequenceEqual("CancelByPrepareAdl"u8) || cancel.SequenceEqual("CancelAllBeforeAdl"u8)
                ? ReportReason.Liquidation
            : cancel.SequenceEqual("CancelByAdmin"u8) || cancel.SequenceEqual("CancelBySettle"u8)
                || cancel.SequenceEqual("CancelByTpSlTsClear"u8) || cancel.SequenceEqual("CancelByRebalance"u8)
                || cancel.StartsWith("CancelByOCO"u8) ? ReportReason.VenueDecision
            : ReportReason.Unlisted;
    }
}
