using System;
using System.Numerics;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>What everything in one currency is worth at its worst, one instrument left out. Money units.</summary>
internal struct Valuation
{
    /// <summary>Worst-case value of the other instruments without regard to direction.</summary>
    internal long Gross;

    /// <summary>What all open purchases for cash could cost, at the collar.</summary>
    internal long OpenBuys;

    /// <summary>Fees of everything open.</summary>
    internal long OpenFees;

    /// <summary>Value of the others, signed, should every purchase fill and no sale.</summary>
    internal long MostLong;

    /// <summary>Value of the others, short counted positive, should every sale fill and no purchase.</summary>
    internal long MostShort;

    /// <summary>As <see cref="Gross"/>, of the order's group alone.</summary>
    internal long GroupGross;

    /// <summary>As <see cref="MostLong"/>, of the order's group alone.</summary>
    internal long GroupLong;

    /// <summary>As <see cref="MostShort"/>, of the order's group alone.</summary>
    internal long GroupShort;

    /// <summary>Worst-case value of the other shares without regard to direction.</summary>
    internal long ShareGross;

    /// <summary>Of it, what was not held when the day began; only in a margin account.</summary>
    internal long ShareOpened;

    /// <summary>Cash and what all positions would bring.</summary>
    internal long Equity;
}

/// <summary>Values the instruments of a currency. A price that is missing or too old is no price: what adds risk is denied.</summary>
internal sealed class Valuer(
    RiskSettings settings,
    MarketView market,
    PortfolioLedger portfolio,
    Exposure exposure,
    Grants grants,
    Bounds[] bounds,
    int[] groupOf,
    AccountBook? account)
{
    private const long Million = 1_000_000;

    /// <summary>Values everything but the worst case of the order's own instrument.</summary>
    /// <param name="order">The order; its own price is known and fresh.</param>
    /// <param name="value">The values.</param>
    /// <param name="age">Nanoseconds since the price that is too old, or 0.</param>
    /// <param name="bound">The age allowed.</param>
    /// <returns>None, or why the value is not known: not ready or stale.</returns>
    internal RiskReason TryValue(in OrderCase order, out Valuation value, out long age, out long bound)
    {
        InstrumentId except = order.Market.Definition.Id;
        int currency = portfolio.CurrencyOf(except);
        value = default;
        value.Equity = portfolio.Cash(currency);
        age = bound = 0;
        for (ulong rest = portfolio.Held | exposure.Active | grants.Active; rest != 0; rest &= rest - 1)
        {
            InstrumentId id = new((ushort)(BitOperations.TrailingZeroCount(rest) + 1));
            if (portfolio.CurrencyOf(id) != currency)
            {
                continue;
            }

            InstrumentMarket its = market[id];
            if (!its.TryReferencePrice(out long price) || price <= 0)
            {
                return RiskReason.NotReady;
            }

            ref readonly Bounds allowed = ref bounds[id.Value];
            if (id != except && !allowed.IsFresh(its, market.Now, out age, out bound))
            {
                return RiskReason.Stale;
            }

            Add(its.Definition, price, allowed, id == except, groupOf[id.Value] == groupOf[except.Value], ref value);
        }

        return RiskReason.None;
    }

    /// <summary>The fee of a value; never too little.</summary>
    internal long Fee(long value) =>
        value == 0 || settings.FeePpm == 0 ? 0 : Wide.MultiplyDivide(value, settings.FeePpm, Million) + 1;

    private void Add(in Instrument rules, long price, in Bounds its, bool own, bool sameGroup, ref Valuation value)
    {
        long buys = exposure.Open(rules.Id, Side.Buy) + grants.Of(rules.Id, Side.Buy);
        long sells = exposure.Open(rules.Id, Side.Sell) + grants.Of(rules.Id, Side.Sell);
        long position = portfolio.VenuePosition(rules.Id);
        if (rules.SettlesInCash)
        {
            long cost = rules.Notional(price + its.Collar(price), buys);
            value.OpenBuys += cost;
            value.OpenFees += Fee(cost);
            value.Equity += rules.Notional(price, position);
        }
        else
        {
            value.OpenFees += Fee(rules.Notional(price, buys + sells));
            value.Equity += portfolio.Unrealised(rules, price);
        }

        if (own)
        {
            return;
        }

        long most = rules.Notional(price, position + buys);
        long least = rules.Notional(price, sells - position);
        long worst = Math.Max(Math.Abs(most), Math.Abs(least));
        value.Gross += worst;
        value.MostLong += most;
        value.MostShort += least;
        if (account is not null && rules.Kind == InstrumentKind.Equity)
        {
            long opened = Math.Max(
                account.OpenedToday(rules.Id, position + buys), account.OpenedToday(rules.Id, position - sells));
            value.ShareGross += worst;
            value.ShareOpened += rules.Notional(price, opened);
        }

        if (sameGroup)
        {
            value.GroupGross += worst;
            value.GroupLong += most;
            value.GroupShort += least;
        }
    }
}
