using System;
using System.Numerics;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Checks 27 to 30: the dated rules of the account that holds the shares. They are asked at the entry, because the venue
/// would refuse the exit; what only reduces passes.
/// </summary>
internal sealed class AccountCheck(
    AccountSettings settings,
    AccountBook book,
    MarketView market,
    PortfolioLedger portfolio,
    Exposure exposure,
    Grants grants,
    Valuer valuer)
{
    private const long Million = 1_000_000;

    /// <summary>Checks an order.</summary>
    internal void Cap(in OrderCase order, in Valuation value, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing || order.Market.Definition.Kind != InstrumentKind.Equity)
        {
            return;
        }

        bool settles = settings.Rules.TryAt(book.Date, out SettlementRule _);
        bool lends = settings.Rules.TryAt(book.Date, out MarginRule rule);
        check.KeepIf(
            book.Date != 0 && (settings.Kind == AccountKind.Cash ? settles : lends),
            order.Reducing,
            RiskReason.NoRule,
            book.Date,
            0);
        if (check.Left <= order.Reducing)
        {
            return;
        }

        if (settings.Kind == AccountKind.Cash)
        {
            CapBySettled(order, value, ref check);
        }
        else
        {
            CapByBuyingPower(order, value, rule, ref check);
            CapByDayTrades(order, rule, ref check);
        }
    }

    /// <summary>
    /// Check 28: the value of all shares at their worst against the equity that the rule of the day asks for it; with free
    /// day trades also what was opened today against the day's buying power, which is that of the morning: what is closed of
    /// the night adds none.
    /// </summary>
    private void CapByBuyingPower(in OrderCase order, in Valuation value, in MarginRule rule, ref RiskCheck check)
    {
        ref readonly Instrument instrument = ref order.Market.Definition;
        int currency = portfolio.CurrencyOf(instrument.Id);
        if (!book.TryStart(currency, out long startEquity, out long startGross))
        {
            check.KeepIf(false, order.Reducing, RiskReason.BuyingPower, 0, 0);
            return;
        }

        long added = instrument.Notional(order.Worth, Math.Max(0, check.Left - order.Own));
        long equity = Math.Max(0, value.Equity - value.OpenFees - valuer.Fee(added));
        bool isFree = !rule.CountsDayTrades || startEquity >= rule.DayTradeEquity;
        long most = equity < rule.MinimumEquity ? equity : Over(equity, isFree ? rule.MaintenancePpm : rule.InitialPpm);
        long up = order.Directed + order.Others + Math.Max(order.Own, check.Left);
        long down = order.Directed - OtherSide(order);
        long gross = value.ShareGross + instrument.Notional(order.Worth, Math.Max(Math.Abs(up), Math.Abs(down)));
        check.KeepIf(gross <= most, order.Reducing, RiskReason.BuyingPower, gross, most);
        if (rule.CountsDayTrades && isFree)
        {
            int sign = order.Side.Sign();
            long opened = Math.Max(
                book.OpenedToday(instrument.Id, sign * up), book.OpenedToday(instrument.Id, sign * down));
            long today = value.ShareOpened + instrument.Notional(order.Worth, opened);
            long excess = startEquity - Wide.MultiplyDivide(startGross, rule.MaintenancePpm, Million);
            long power = Over(Math.Max(0, excess), rule.MaintenancePpm);
            check.KeepIf(today <= power, order.Reducing, RiskReason.BuyingPower, today, power);
        }
    }

    /// <summary>
    /// Check 29: day trades of the window, one for everything that is open since today, one for every other order that could
    /// open, and one for this order. Orders are counted one by one because a close may come between their fills.
    /// </summary>
    private void CapByDayTrades(in OrderCase order, in MarginRule rule, ref RiskCheck check)
    {
        InstrumentId id = order.Market.Definition.Id;
        if (!rule.CountsDayTrades
            || !book.TryStart(portfolio.CurrencyOf(id), out long startEquity, out _)
            || startEquity >= rule.DayTradeEquity)
        {
            return;
        }

        int could = book.DayTradesIn(rule.Window) + BitOperations.PopCount(book.PendingDayTrades) + 1;
        for (ulong rest = exposure.Active | grants.Active; rest != 0; rest &= rest - 1)
        {
            InstrumentId other = new((ushort)(BitOperations.TrailingZeroCount(rest) + 1));
            if (market[other].Definition.Kind == InstrumentKind.Equity)
            {
                could += Opening(other, Side.Buy, order, check.Left) + Opening(other, Side.Sell, order, check.Left);
            }
        }

        check.KeepIf(could <= rule.DayTrades, order.Reducing, RiskReason.DayTrades, could, rule.DayTrades);
    }

    /// <summary>Check 30: purchases are paid with what has settled, unless the account may spend what has not.</summary>
    private void CapBySettled(in OrderCase order, in Valuation value, ref RiskCheck check)
    {
        if (order.Side != Side.Buy || book.MaySpendUnsettled(market.Now))
        {
            return;
        }

        ref readonly Instrument instrument = ref order.Market.Definition;
        long added = instrument.Notional(order.Worth, Math.Max(0, check.Left - order.Own));
        long needed = value.OpenBuys + added + value.OpenFees + valuer.Fee(added);
        long settled = book.Settled(portfolio.CurrencyOf(instrument.Id));
        check.KeepIf(needed <= settled, order.Reducing, RiskReason.Unsettled, needed, settled);
    }

    private static long Over(long equity, int ppm) =>
        (long)Int128.Min((Int128)equity * Million / ppm, long.MaxValue);

    private long OtherSide(in OrderCase order)
    {
        Side opposite = order.Side.Opposite();
        InstrumentId id = order.Market.Definition.Id;
        return exposure.Open(id, opposite) + grants.Of(id, opposite);
    }

    /// <summary>Orders of a side that could add to a position, the one that this order replaces left out.</summary>
    private int Opening(InstrumentId id, Side side, in OrderCase order, long left)
    {
        bool beside = id == order.Market.Definition.Id && side == order.Side;
        long open = exposure.Open(id, side) + grants.Of(id, side) + (beside ? Math.Max(0, left - order.Own) : 0);
        bool onlyCloses = open <= Math.Max(0, -side.Sign() * portfolio.VenuePosition(id));
        if (onlyCloses)
        {
            return 0;
        }

        return exposure.OrdersOf(id, side) + grants.NewOrdersOf(id, side) - (beside && order.Own != 0 ? 1 : 0);
    }
}
