using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Rules on the stops that rest at the venue. They only ever reduce, so the limits on what adds do not concern them; what is
/// asked is whether an order may be sent at all, and whether the venue would take it.
/// </summary>
internal sealed class ProtectionRuling(
    MarketView market, TradingSwitch trading, Exposure exposure, Protections protections, long retryInterval)
{
    /// <summary>Rules on one.</summary>
    internal void Rule(in Intent intent, ref Verdict verdict)
    {
        Side side = intent.BidQuantity != 0 ? Side.Buy : Side.Sell;
        long quantity = side == Side.Buy ? intent.BidQuantity : intent.AskQuantity;
        long trigger = side == Side.Buy ? intent.BidPrice : intent.AskPrice;
        RiskCheck check = new(quantity);
        if (trading.IsKilled)
        {
            check.Refuse(RiskReason.Killed, 1, 0);
        }
        else if (trading.State == TradingState.Halted)
        {
            check.Refuse(RiskReason.Halted, (long)TradingState.Halted, trading.Bound);
        }
        else if (!market.TryGet(intent.Instrument, out InstrumentMarket? its))
        {
            check.Refuse(RiskReason.UnknownInstrument, 0, 1);
        }
        else
        {
            ref readonly Instrument rules = ref its.Definition;
            bool fits = quantity >= rules.MinQuantity && rules.Notional(trigger, quantity) >= rules.MinNotional;
            check.KeepIf(quantity == 0 || fits, 0, RiskReason.TooSmall, quantity, rules.MinQuantity);
            check.Cap(rules.MaxQuantity, rules, RiskReason.OrderQuantity, quantity, rules.MaxQuantity);
            if (rules.Kind == InstrumentKind.Equity)
            {
                // Where nothing is marked as only reducing, the stop takes out what no other order on its side could.
                long open = exposure.Open(rules.Id, side) - exposure.Guarded(rules.Id, side);
                long most = protections.Yields(rules.Id, market.Now) ? 0 : Math.Max(0, quantity - open);
                check.Cap(most, rules, RiskReason.VenueStop, quantity, most);
            }

            check.KeepIf(
                exposure.LiveOrders < Limits.LiveOrders, 0, RiskReason.WorkingOrders, exposure.LiveOrders, Limits.LiveOrders);
        }

        verdict.ApprovedDelta = side.Sign() * check.Left;
        verdict.ApprovedPrice = check.Left == 0 ? 0 : trigger;
        verdict.Reason = check.Reason;
        verdict.Observed = check.Observed;
        verdict.Limit = check.Limit;
        verdict.Ruling = check.Left == quantity ? Ruling.Approved : check.Left == 0 ? Ruling.Refused : Ruling.Reduced;
        if (check.MayPass)
        {
            protections.MarkAt(intent.Instrument, market.Now + retryInterval);
        }
    }

    /// <summary>
    /// Check 43: an order of the shared lane beside a stop that could close the same position. Where the venue knows orders that
    /// only reduce, it may leave as one of those; where it does not, the stop gives way first.
    /// </summary>
    internal void Cap(in OrderCase order, ref RiskCheck check)
    {
        ref readonly Instrument rules = ref order.Market.Definition;
        if (order.Owner != StrategyId.House)
        {
            return;
        }

        bool gives = rules.Kind == InstrumentKind.Equity;
        bool rests = exposure.Guarded(rules.Id, order.Side) != 0;
        bool isWanted = protections.Wanted(rules.Id) is { Exists: true } wanted && wanted.Side == order.Side;
        if (gives && isWanted && order.Reducing > 0)
        {
            protections.Yield(rules.Id, market.Now + (2 * retryInterval));
            protections.Mark(rules.Id);
        }

        if (rests || isWanted)
        {
            long most = gives && rests ? 0 : order.Reducing;
            check.Cap(most, rules, RiskReason.VenueStop, check.Left, most);
        }
    }
}
