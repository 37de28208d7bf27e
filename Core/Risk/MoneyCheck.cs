using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>One order under check, as the money checks need it.</summary>
/// <param name="Market">Its instrument's market; priced.</param>
/// <param name="Side">Its side.</param>
/// <param name="Own">What its lane has working on its side, quantity units.</param>
/// <param name="Others">What everything else on its side may still trade, grants of this event included.</param>
/// <param name="Reducing">What of it only reduces the position.</param>
/// <param name="Worth">The larger of its own and the market's price, price units.</param>
internal readonly record struct OrderCase(
    InstrumentMarket Market, Side Side, long Own, long Others, long Reducing, long Worth);

/// <summary>
/// The checks that need every position of a currency: gross value, cash, margin. What is not known denies what adds risk.
/// </summary>
internal sealed class MoneyCheck(
    RiskSettings settings,
    MarketView market,
    PortfolioLedger portfolio,
    Exposure exposure,
    Grants grants,
    InstrumentLimits[] limits)
{
    /// <summary>Gross value. A position without a price anywhere in the currency denies what adds risk.</summary>
    internal void CapByGross(in OrderCase order, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        Instrument instrument = order.Market.Definition;
        if (!TryWorth(portfolio.CurrencyOf(instrument.Id), instrument.Id, out long gross, out _))
        {
            check.KeepIf(false, order.Reducing, RiskReason.NotReady, 0, 1);
            return;
        }

        long after = gross + instrument.Notional(order.Worth, WorstAfter(order, order.Own, check.Left));
        if (after <= settings.MaxGrossNotional)
        {
            return;
        }

        // The largest worst-case position that fits, and of it what this side has not used yet.
        long unit = instrument.Notional(order.Worth, check.Left);
        long directed = order.Side.Sign() * portfolio.VenuePosition(instrument.Id);
        long most = (long)((Int128)Math.Max(0, settings.MaxGrossNotional - gross) * check.Left / Math.Max(1, unit));
        long room = WorstAfter(order, 0, 0) > most ? 0 : Math.Max(0, most - directed - order.Others);
        check.Cap(
            Math.Max(order.Reducing, room), instrument, RiskReason.GrossNotional, after, settings.MaxGrossNotional);
    }

    /// <summary>Cash or margin.</summary>
    internal void CapByFunds(in OrderCase order, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        Instrument instrument = order.Market.Definition;
        int currency = portfolio.CurrencyOf(instrument.Id);
        if (!TryWorth(currency, instrument.Id, out long gross, out long openBuys)
            || !portfolio.TryEquity(currency, out long equity))
        {
            check.KeepIf(false, order.Reducing, RiskReason.NotReady, 0, 1);
            return;
        }

        if (instrument.SettlesInCash)
        {
            CapByCash(order, instrument, openBuys, portfolio.Cash(currency), ref check);
            return;
        }

        long after = gross + instrument.Notional(order.Worth, WorstAfter(order, order.Own, check.Left));
        long margin = (long)Int128.Clamp(
            (Int128)Math.Max(0, equity) * settings.MaxLeverageE9 / 1_000_000_000, 0, long.MaxValue);
        check.KeepIf(after <= margin, order.Reducing, RiskReason.Funds, after, margin);
    }

    private void CapByCash(in OrderCase order, in Instrument instrument, long openBuys, long cash, ref RiskCheck check)
    {
        if (order.Side == Side.Sell)
        {
            long held = Math.Max(0, portfolio.VenuePosition(instrument.Id) - order.Others);
            bool mayShort = settings.AllowShort && instrument.Kind == InstrumentKind.Equity;
            check.KeepIf(mayShort || check.Left <= held, order.Reducing, RiskReason.Funds, check.Left, held);
            return;
        }

        long needed = openBuys + instrument.Notional(order.Worth, Math.Max(0, check.Left - order.Own));
        check.KeepIf(needed <= cash, order.Reducing, RiskReason.Funds, needed, cash);
    }

    /// <summary>The largest position that an instrument could come to, in either direction, with an order more.</summary>
    private long WorstAfter(in OrderCase order, long own, long quantity)
    {
        InstrumentId id = order.Market.Definition.Id;
        long directed = order.Side.Sign() * portfolio.VenuePosition(id);
        Side opposite = order.Side.Opposite();
        long otherSide = exposure.Open(id, opposite) + grants.Of(id, opposite);
        return Math.Max(Math.Abs(directed + order.Others + Math.Max(own, quantity)), Math.Abs(directed - otherSide));
    }

    /// <summary>
    /// Worst-case gross value of all other instruments of a currency, and what all its open purchases for cash could cost.
    /// </summary>
    private bool TryWorth(int currency, InstrumentId except, out long gross, out long openBuys)
    {
        gross = 0;
        openBuys = 0;
        for (ushort i = 1; i <= market.Highest; i++)
        {
            InstrumentId id = new(i);
            long buys = exposure.Open(id, Side.Buy) + grants.Of(id, Side.Buy);
            long sells = exposure.Open(id, Side.Sell) + grants.Of(id, Side.Sell);
            long position = portfolio.VenuePosition(id);
            if ((buys | sells | position) == 0 || portfolio.CurrencyOf(id) != currency)
            {
                continue;
            }

            InstrumentMarket its = market[id];
            if (!its.TryReferencePrice(out long price) || price <= 0)
            {
                return false;
            }

            if (its.Definition.SettlesInCash)
            {
                long band = (long)((Int128)price * limits[i].PriceCollarBps / 10_000);
                openBuys += its.Definition.Notional(price + band, buys);
            }

            if (id != except)
            {
                long worst = Math.Max(Math.Abs(position + buys), Math.Abs(position - sells));
                gross += its.Definition.Notional(price, worst);
            }
        }

        return true;
    }
}
