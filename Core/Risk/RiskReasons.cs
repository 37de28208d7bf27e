using LowLatency.Core.Events;

namespace LowLatency.Core.Risk;

/// <summary>What the reasons of refusals have in common.</summary>
public static class RiskReasons
{
    /// <summary>True when time or other events may lift a refusal; the others need a new signal or an operator.</summary>
    /// <param name="reason">The check's reason.</param>
    /// <returns>Whether the lane is tried again by itself.</returns>
    public static bool Lifts(RiskReason reason) => reason
        is RiskReason.UnknownInstrument
        or RiskReason.NotTrading
        or RiskReason.NotReady
        or RiskReason.Stale
        or RiskReason.PriceCollar
        or RiskReason.Position
        or RiskReason.GrossNotional
        or RiskReason.WorkingOrders
        or RiskReason.OrderRate
        or RiskReason.RepeatIntent
        or RiskReason.Backoff
        or RiskReason.Funds
        or RiskReason.Concentration
        or RiskReason.NetNotional
        or RiskReason.GroupGross
        or RiskReason.GroupNet
        or RiskReason.SelfCross
        or RiskReason.TradeLoss
        or RiskReason.NoRule
        or RiskReason.BuyingPower
        or RiskReason.DayTrades
        or RiskReason.Unsettled
        or RiskReason.Correlation
        or RiskReason.NoStop
        or RiskReason.VisibleDepth
        or RiskReason.Impact
        or RiskReason.Rate
        or RiskReason.BaseGross
        or RiskReason.Unread
        or RiskReason.Unmatched
        or RiskReason.ReadOverdue
        or RiskReason.UnknownOutcome
        or RiskReason.VenueFunds
        or RiskReason.VenueMargin
        or RiskReason.VenueStop
        or RiskReason.CalendarUnread
        or RiskReason.CalendarDiffers;
}
