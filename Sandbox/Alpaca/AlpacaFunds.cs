using System;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>
/// What an account has and may still use: a margin account of twofold buying power, half of every position held as margin;
/// pairs are paid in cash. Open orders hold their part at once.
/// </summary>
internal sealed class AlpacaFunds(Exchange exchange)
{
    internal const int Multiplier = 2;

    // A short sale is valued a little above the market.
    private const decimal ShortMark = 1.03m;
    private const decimal InitialPart = 0.5m;
    private const decimal MaintenancePart = 0.3m;

    internal readonly record struct State(
        decimal Cash, decimal Long, decimal Short, decimal Held, decimal Equity, decimal Initial, decimal Maintenance)
    {
        internal decimal BuyingPower => Math.Max(0, (Math.Max(0, Equity - Initial) * Multiplier) - Held);
    }

    internal State Of(TradingAccount account, SandboxOrder? except = null)
    {
        decimal cash = account.Ledger.CashOf("USD");
        decimal longs = 0;
        decimal shorts = 0;
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.IsAlpaca)
            {
                decimal value = QuantityOf(account, instrument) * instrument.Mark;
                longs += Math.Max(0, value);
                shorts += Math.Min(0, value);
            }
        }

        decimal held = 0;
        foreach (SandboxOrder order in account.Open)
        {
            held += order == except || order.Replaces is { IsOpen: true } ? 0 : CostOf(account, order.Instrument, order.Side, order.IsLimit ? order.Price : 0, order.Leaves);
        }

        decimal gross = longs - shorts;
        return new State(cash, longs, shorts, held, cash + longs + shorts, gross * InitialPart, gross * MaintenancePart);
    }

    /// <summary>What is held of an instrument, signed; of a pair what the fees have left.</summary>
    internal static decimal QuantityOf(TradingAccount account, ListedInstrument instrument) =>
        instrument.Kind == InstrumentKind.Spot
            ? account.Ledger.CashOf(instrument.Base)
            : instrument.Quantity(account.Ledger.PositionOf(instrument).Quantity);

    /// <summary>What open sales hold of a long position.</summary>
    internal static decimal HeldForSale(TradingAccount account, ListedInstrument instrument, SandboxOrder? except = null)
    {
        decimal held = 0;
        foreach (SandboxOrder order in account.Open)
        {
            if (order.Instrument == instrument && order.Side == Side.Sell && order != except && order.Replaces is not { IsOpen: true })
            {
                held += instrument.Quantity(order.Leaves);
            }
        }

        return held;
    }

    /// <summary>What an order takes of the buying power; a sale of what is held takes nothing.</summary>
    internal static decimal CostOf(TradingAccount account, ListedInstrument instrument, Side side, long price, long quantity)
    {
        decimal at = price != 0 ? instrument.Price(price) : instrument.Mark;
        decimal held = QuantityOf(account, instrument);
        decimal wanted = instrument.Quantity(quantity);
        return side == Side.Buy
            ? Math.Max(0, wanted - Math.Max(0, -held)) * at
            : held > 0 ? 0 : wanted * Math.Max(at, instrument.Mark * ShortMark);
    }
}
