using System;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>The checks that need every position of a currency: gross value, cash, margin.</summary>
internal sealed class MoneyCheck(
    RiskSettings settings, PortfolioLedger portfolio, Exposure exposure, Grants grants, Valuer valuer)
{
    /// <summary>Check 15: the worst-case gross value.</summary>
    internal void CapByGross(in OrderCase order, in Valuation value, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        ref readonly Instrument instrument = ref order.Market.Definition;
        long after = value.Gross + instrument.Notional(order.Worth, WorstAfter(order, order.Own, check.Left));
        if (after <= settings.MaxGrossNotional)
        {
            return;
        }

        // The largest worst-case position that fits, and of it what this side has not used yet.
        long unit = instrument.Notional(order.Worth, check.Left);
        long most = Wide.MultiplyDivide(
            Math.Max(0, settings.MaxGrossNotional - value.Gross), check.Left, Math.Max(1, unit));
        long room = WorstAfter(order, 0, 0) > most ? 0 : Math.Max(0, most - order.Directed - order.Others);
        check.Cap(
            Math.Max(order.Reducing, room), instrument, RiskReason.GrossNotional, after, settings.MaxGrossNotional);
    }

    /// <summary>Check 20: cash or margin, fees included.</summary>
    internal void CapByFunds(in OrderCase order, in Valuation value, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        ref readonly Instrument instrument = ref order.Market.Definition;
        long added = instrument.Notional(order.Worth, Math.Max(0, check.Left - order.Own));
        long fees = value.OpenFees + valuer.Fee(added);
        if (!instrument.SettlesInCash)
        {
            long after = value.Gross + instrument.Notional(order.Worth, WorstAfter(order, order.Own, check.Left));
            long margin = (long)Int128.Min(
                (Int128)Math.Max(0, value.Equity - fees) * settings.MaxLeverageE9 / 1_000_000_000, long.MaxValue);
            check.KeepIf(after <= margin, order.Reducing, RiskReason.Funds, after, margin);
        }
        else if (order.Side == Side.Sell)
        {
            long held = Math.Max(0, order.Position - order.Others);
            bool mayShort = settings.AllowShort
                && instrument.Kind == InstrumentKind.Equity
                && settings.Account is not { Kind: AccountKind.Cash };
            check.KeepIf(mayShort || check.Left <= held, order.Reducing, RiskReason.Funds, check.Left, held);
        }
        else if (instrument.Kind != InstrumentKind.Equity || settings.Account is not { Kind: AccountKind.Margin })
        {
            long cash = portfolio.Cash(portfolio.CurrencyOf(instrument.Id));
            long needed = value.OpenBuys + added + fees;
            check.KeepIf(needed <= cash, order.Reducing, RiskReason.Funds, needed, cash);
        }
    }

    /// <summary>The largest position that an instrument could come to, in either direction, with an order more.</summary>
    private long WorstAfter(in OrderCase order, long own, long quantity)
    {
        InstrumentId id = order.Market.Definition.Id;
        Side opposite = order.Side.Opposite();
        long otherSide = exposure.Open(id, opposite) + grants.Of(id, opposite);
        return Math.Max(
            Math.Abs(order.Directed + order.Others + Math.Max(own, quantity)), Math.Abs(order.Directed - otherSide));
    }
}
