using System;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// What derivatives must be backed with, by tiers: a rate is asked of the part of the notional that lies in its tier, rounded up.
/// Whoever cannot back an order does not get it; whoever does not keep the maintenance margin is liquidated.
/// </summary>
internal sealed class MarginBook(
    SimulatedVenueSettings settings,
    VenueMarket[] markets,
    OrderTable orders,
    VenueAccount account,
    FundingBook funding,
    Matcher matcher,
    Reporter reporter)
{
    private readonly RulesBySymbol<MarginTier> _tiers = new(settings.Money.Margin);

    /// <summary>True when the account can back an order, or when it can only make the position smaller.</summary>
    /// <param name="order">The order.</param>
    /// <param name="place">Where it lies already, or -1.</param>
    /// <param name="at">The instant.</param>
    internal bool Covers(in VenueOrder order, int place, long at)
    {
        VenueMarket market = markets[order.Instrument.Value];
        if (settings.Margin == MarginMode.None || market.Rules.SettlesInCash || order.IsReduceOnly)
        {
            return true;
        }

        long before = Worst(order.Instrument, -1, Side.None, 0);
        long after = Worst(order.Instrument, place, order.Side, order.Remaining);
        if (after <= before || after <= Math.Abs(account[order.Instrument].Quantity))
        {
            return true;
        }

        int currency = account.CurrencyOf(order.Instrument);
        long left = account.Cash(currency);
        long asked = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            long worst = id == order.Instrument ? after : Counts(id, currency) ? Worst(id, -1, Side.None, 0) : 0;
            if (worst == 0)
            {
                continue;
            }

            long mark = MarkOf(id);
            if (mark <= 0 || !TryAsk(id, Exact.Size(markets[i].Rules, mark, worst), at, out long initial, out _))
            {
                return false;
            }

            asked += initial;
            left += settings.Margin == MarginMode.Cross ? Unrealised(id, mark) : 0;
        }

        return asked <= left;
    }

    /// <summary>What the account has in a currency, and what its positions and orders ask for.</summary>
    internal void Sum(int currency, long at, out long equity, out long initial, out long maintenance)
    {
        equity = account.Cash(currency);
        initial = 0;
        maintenance = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            long mark = Counts(id, currency) ? MarkOf(id) : 0;
            if (mark <= 0)
            {
                continue;
            }

            equity += Unrealised(id, mark);
            long worst = Exact.Size(markets[i].Rules, mark, Worst(id, -1, Side.None, 0));
            long held = Exact.Size(markets[i].Rules, mark, Math.Abs(account[id].Quantity));
            initial += settings.Margin != MarginMode.None && TryAsk(id, worst, at, out long asked, out _) ? asked : 0;
            maintenance += settings.Margin != MarginMode.None && TryAsk(id, held, at, out _, out long kept) ? kept : 0;
        }
    }

    /// <summary>Liquidates what is no longer backed after an instrument's price, or the account, has changed.</summary>
    internal void Check(InstrumentId changed, long at)
    {
        if (settings.Margin == MarginMode.None || changed.Value >= markets.Length || account[changed].Quantity == 0 || markets[changed.Value].Rules.SettlesInCash)
        {
            return;
        }

        if (settings.Margin == MarginMode.Isolated)
        {
            CheckAlone(changed, at);
        }
        else
        {
            CheckAll(account.CurrencyOf(changed), at);
        }
    }

    // A position is backed by the initial margin of what it cost, and by nothing else.
    private void CheckAlone(InstrumentId id, long at)
    {
        long mark = MarkOf(id);
        ref readonly Position position = ref account[id];
        ref readonly Instrument rules = ref markets[id.Value].Rules;
        if (mark > 0
            && TryAsk(id, Math.Abs(position.Cost), at, out long backing, out _)
            && TryAsk(id, Exact.Size(rules, mark, Math.Abs(position.Quantity)), at, out _, out long maintenance)
            && backing + Unrealised(id, mark) <= maintenance)
        {
            matcher.EndAll(id, at, ReportReason.Liquidation);
            Close(id, position.Cost - backing, at);
        }
    }

    // All positions of a currency are backed by all of its cash and by each other's profit.
    private void CheckAll(int currency, long at)
    {
        long equity = account.Cash(currency);
        long maintenance = 0;
        long whole = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (!Counts(id, currency) || account[id].Quantity == 0)
            {
                continue;
            }

            long mark = MarkOf(id);
            if (mark <= 0)
            {
                // Nobody is liquidated at a price that is not known.
                return;
            }

            long size = Exact.Size(markets[i].Rules, mark, Math.Abs(account[id].Quantity));
            maintenance += TryAsk(id, size, at, out _, out long asked) ? asked : 0;
            equity += Unrealised(id, mark);
            whole += size;
        }

        if (equity > maintenance)
        {
            return;
        }

        for (ushort i = 1; i < markets.Length; i++)
        {
            if (Counts(new InstrumentId(i), currency))
            {
                matcher.EndAll(new InstrumentId(i), at, ReportReason.Liquidation);
            }
        }

        // Each position loses its share of what is left, by size, along running sums: together all of it.
        long seen = 0;
        long taken = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (Counts(id, currency) && account[id].Quantity != 0)
            {
                long mark = MarkOf(id);
                seen += Exact.Size(markets[i].Rules, mark, Math.Abs(account[id].Quantity));
                long upTo = whole == 0 ? equity : Exact.Floor((Int128)equity * seen, whole);
                Close(id, Exact.Worth(markets[i].Rules, mark, account[id].Quantity) - (upTo - taken), at);
                taken = upTo;
            }
        }
    }

    /// <summary>
    /// Takes a position over at the price at which it is worth so much, the bankruptcy price: what it was backed with is gone,
    /// whatever the market pays. Rounded to the price unit so that no more than that is lost.
    /// </summary>
    private void Close(InstrumentId id, long worth, long at)
    {
        ref readonly Instrument rules = ref markets[id.Value].Rules;
        long held = account[id].Quantity;
        long price = Exact.PriceOfWorth(rules, worth, held);
        account.Fill(rules, -held, price, 0);
        reporter.Unasked(id, at, Sides.OfDelta(-held), price, Math.Abs(held));
    }

    private bool Counts(InstrumentId id, int currency) =>
        markets[id.Value].IsDefined && !markets[id.Value].Rules.SettlesInCash && account.CurrencyOf(id) == currency;

    private long MarkOf(InstrumentId id) => funding.MarkOf(id) is > 0 and long told ? told : markets[id.Value].WorthE9;

    private long Unrealised(InstrumentId id, long mark) =>
        account[id].Quantity == 0 ? 0 : Exact.Worth(markets[id.Value].Rules, mark, account[id].Quantity) - account[id].Cost;

    /// <summary>The largest position that the live orders can lead to, one more counted in and one left out.</summary>
    private long Worst(InstrumentId id, int except, Side side, long more)
    {
        long buys = side == Side.Buy ? more : 0;
        long sells = side == Side.Sell ? more : 0;
        for (int i = orders.First(id, Side.Buy); i >= 0; i = orders[i].Next)
        {
            buys += i == except || orders[i].IsReduceOnly ? 0 : orders[i].Remaining;
        }

        for (int i = orders.First(id, Side.Sell); i >= 0; i = orders[i].Next)
        {
            sells += i == except || orders[i].IsReduceOnly ? 0 : orders[i].Remaining;
        }

        for (int i = orders.FirstSleeper(id); i >= 0; i = orders[i].Next)
        {
            long open = i == except || orders[i].IsReduceOnly ? 0 : orders[i].Remaining;
            buys += orders[i].Side == Side.Buy ? open : 0;
            sells += orders[i].Side == Side.Sell ? open : 0;
        }

        long held = account[id].Quantity;
        return Math.Max(Math.Max(0, held + buys), Math.Max(0, sells - held));
    }

    /// <summary>What a notional asks for.</summary>
    /// <returns>False where no rule holds.</returns>
    private bool TryAsk(InstrumentId id, long notional, long at, out long initial, out long maintenance)
    {
        MarginTier[] tiers = _tiers.Of(id, markets[id.Value].Symbol);
        long day = Exact.DayOf(at);
        int from = 0;
        foreach (MarginTier tier in tiers)
        {
            from = Exact.DayOfDate(tier.From) <= day ? tier.From : from;
        }

        initial = maintenance = 0;
        for (int i = 0; i < tiers.Length; i++)
        {
            if (tiers[i].From != from || notional <= tiers[i].Above)
            {
                continue;
            }

            bool isLast = i + 1 == tiers.Length || tiers[i + 1].From != from;
            long part = (isLast ? notional : Math.Min(notional, tiers[i + 1].Above)) - tiers[i].Above;
            initial += FeeBook.FeeOf(part, tiers[i].InitialPpm);
            maintenance += FeeBook.FeeOf(part, tiers[i].MaintenancePpm);
        }

        return from != 0;
    }
}
