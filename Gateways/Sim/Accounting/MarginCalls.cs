using System;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// Sells a margin account out whose equity has fallen below the maintenance margin of what it holds: its orders for shares end, and all
/// shares of the currency are closed at what the market pays, at the best price that is shown on the other side, else at the last one.
/// Nobody is sold out at a price that is not known, or while a share that is held does not trade.
/// </summary>
internal sealed class MarginCalls(
    SimulatedVenueSettings settings, VenueMarket[] markets, VenueAccount account, Matcher matcher, Reporter reporter)
{
    private const long Million = 1_000_000;

    /// <summary>Looks after an instrument's price, or the account, has changed.</summary>
    internal void Check(InstrumentId changed, long at)
    {
        if (settings.MarginCall == MarginCallRule.None || changed.Value >= markets.Length || !IsHeld(changed))
        {
            return;
        }

        int currency = account.CurrencyOf(changed);
        long equity = account.Cash(currency);
        long gross = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (!Counts(id, currency))
            {
                continue;
            }

            VenueMarket market = markets[i];
            long mark = market.Reference;
            if (mark <= 0 || PriceOf(id) <= 0 || !matcher.IsOpen(market, at) || !market.Hours.IsOpen(at, extended: false))
            {
                return;
            }

            equity += market.Rules.Notional(mark, account[id].Quantity);
            gross += market.Rules.Notional(mark, Math.Abs(account[id].Quantity));
        }

        AccountSettings rules = settings.Account!;
        if (rules.Calendar.TryDay(at, out _, out int date) && rules.Rules.TryAt(date, out MarginRule rule)
            && (Int128)equity * Million < (Int128)gross * rule.MaintenancePpm)
        {
            SellOut(currency, at);
        }
    }

    private void SellOut(int currency, long at)
    {
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (markets[i].IsDefined && markets[i].Rules.Kind == InstrumentKind.Equity && account.CurrencyOf(id) == currency)
            {
                matcher.EndAll(id, at, ReportReason.Liquidation);
            }
        }

        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (Counts(id, currency))
            {
                long held = account[id].Quantity;
                long price = PriceOf(id);
                account.Fill(markets[i].Rules, -held, price, 0);
                reporter.Unasked(id, at, Sides.OfDelta(-held), price, Math.Abs(held));
            }
        }
    }

    private long PriceOf(InstrumentId id) => markets[id.Value].PriceFor(Sides.OfDelta(-account[id].Quantity));

    private bool Counts(InstrumentId id, int currency) => IsHeld(id) && account.CurrencyOf(id) == currency;

    private bool IsHeld(InstrumentId id) =>
        markets[id.Value].IsDefined && markets[id.Value].Rules.Kind == InstrumentKind.Equity && account[id].Quantity != 0;
}
