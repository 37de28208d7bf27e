using System;
using System.Numerics;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Checks 35 and 36: an account of several currencies is valued in one. Who does not know what something is worth adds nothing to
/// it: the currencies of the order, of all positions and open orders, and of all cash need a rate.
/// </summary>
internal sealed class BaseCheck(
    BaseSettings settings, BaseValue values, MarketView market, PortfolioLedger portfolio, Exposure exposure, Grants grants)
{
    /// <summary>Checks an order.</summary>
    internal void Cap(in OrderCase order, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            if (portfolio.Cash(c) != 0 && !values.TryConvert(c, portfolio.Cash(c), up: false, out _, out InstrumentId missing))
            {
                Refuse(missing, order, ref check);
                return;
            }
        }

        InstrumentId own = order.Market.Definition.Id;
        ulong rest = portfolio.Held | exposure.Active | grants.Active | (1UL << (own.Value - 1));
        long gross = 0;
        for (; rest != 0; rest &= rest - 1)
        {
            InstrumentId id = new((ushort)(BitOperations.TrailingZeroCount(rest) + 1));
            long worst = id == own ? WorstOf(order, check.Left) : WorstOf(id);
            if (!values.TryConvert(portfolio.CurrencyOf(id), worst, up: true, out long value, out InstrumentId missing))
            {
                Refuse(missing, order, ref check);
                return;
            }

            gross = long.MaxValue - gross < value ? long.MaxValue : gross + value;
        }

        check.KeepIf(
            settings.MaxGrossNotional == 0 || gross <= settings.MaxGrossNotional,
            order.Reducing,
            RiskReason.BaseGross,
            gross,
            settings.MaxGrossNotional);
    }

    // What was seen is the number of the instrument whose price is wanted; 0 where there is none.
    private void Refuse(InstrumentId missing, in OrderCase order, ref RiskCheck check) =>
        check.KeepIf(false, order.Reducing, RiskReason.Rate, missing.Value, settings.StaleAfter);

    private long WorstOf(InstrumentId id)
    {
        InstrumentMarket its = market[id];
        its.TryReferencePrice(out long price);
        long position = portfolio.VenuePosition(id);
        long buys = exposure.Open(id, Side.Buy) + grants.Of(id, Side.Buy);
        long sells = exposure.Open(id, Side.Sell) + grants.Of(id, Side.Sell);

        // Nothing is known without a price: what holds it back is the check of that instrument's currency.
        return price <= 0 ? 0 : its.Definition.Notional(price, Math.Max(Math.Abs(position + buys), Math.Abs(position - sells)));
    }

    private long WorstOf(in OrderCase order, long left)
    {
        InstrumentId id = order.Market.Definition.Id;
        Side opposite = order.Side.Opposite();
        long otherSide = exposure.Open(id, opposite) + grants.Of(id, opposite);
        long most = Math.Max(
            Math.Abs(order.Directed + order.Others + Math.Max(order.Own, left)), Math.Abs(order.Directed - otherSide));
        return order.Market.Definition.Notional(order.Worth, most);
    }
}
