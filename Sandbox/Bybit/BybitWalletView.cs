using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Bybit;

/// <summary>Cash, margin and equity of an account as the venue shows them.</summary>
internal static class BybitWalletView
{
    /// <summary>Leverage that margin is counted with.</summary>
    internal const decimal Leverage = 10m;

    private const decimal Maintenance = 0.01m;
    private const decimal Unit = 0.00000001m;

    /// <summary>What open orders for pairs hold of a coin.</summary>
    internal static decimal Locked(TradingAccount account, string coin, SandboxOrder? except = null)
    {
        decimal locked = 0;
        foreach (SandboxOrder order in account.Open)
        {
            if (!order.IsOpen || order == except || order.Instrument.Kind != InstrumentKind.Spot || !order.IsLimit)
            {
                continue;
            }

            ListedInstrument instrument = order.Instrument;
            locked += order.Side == Side.Buy && instrument.Quote == coin ? instrument.Notional(order.Price, order.Leaves)
                : order.Side == Side.Sell && instrument.Base == coin ? instrument.Quantity(order.Leaves)
                : 0;
        }

        return locked;
    }

    /// <summary>Writes the account with its coins.</summary>
    /// <param name="writer">Gets an object.</param>
    /// <param name="exchange">The market.</param>
    /// <param name="account">The account.</param>
    /// <param name="only">One coin; null for all.</param>
    internal static void Write(Utf8JsonWriter writer, Exchange exchange, TradingAccount account, string? only)
    {
        SortedSet<string> names = new(account.Ledger.Cash.Keys, StringComparer.Ordinal);
        decimal equity = 0;
        decimal cash = 0;
        decimal profit = 0;
        decimal initial = 0;
        decimal maintenance = 0;
        Dictionary<string, Coin> coins = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Coin coin = CoinOf(exchange, account, name);
            coins[name] = coin;
            cash += account.Ledger.CashOf(name) * coin.Usd;
            profit += coin.Profit * coin.Usd;
            initial += (coin.OrderMargin + coin.PositionMargin) * coin.Usd;
            maintenance += coin.Maintenance * coin.Usd;
        }

        equity = cash + profit;
        writer.WriteStartObject();
        writer.WriteString("accountIMRate", Rate(initial, equity));
        writer.WriteString("accountMMRate", Rate(maintenance, equity));
        writer.WriteString("totalEquity", Units.Money(equity));
        writer.WriteString("totalWalletBalance", Units.Money(cash));
        writer.WriteString("totalMarginBalance", Units.Money(equity));
        writer.WriteString("totalAvailableBalance", Units.Money(Math.Max(0, equity - initial)));
        writer.WriteString("totalPerpUPL", Units.Money(profit));
        writer.WriteString("totalInitialMargin", Units.Money(initial));
        writer.WriteString("totalMaintenanceMargin", Units.Money(maintenance));
        writer.WriteStartArray("coin");
        foreach ((string name, Coin coin) in coins)
        {
            if (only is null || Array.IndexOf(only.Split(','), name) >= 0)
            {
                Write(writer, account, name, coin);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("accountLTV", "0");
        writer.WriteString("accountType", "UNIFIED");
        writer.WriteEndObject();
    }

    internal static decimal Unrealised(TradingAccount account, ListedInstrument instrument) =>
        (instrument.Mark * instrument.Quantity(account.Ledger.PositionOf(instrument).Quantity)) - (account.Ledger.PositionOf(instrument).Cost * Unit);

    private static string Rate(decimal part, decimal equity) => equity <= 0 ? "0" : Units.Text(decimal.Round(part / equity, 4));

    private static void Write(Utf8JsonWriter writer, TradingAccount account, string name, Coin coin)
    {
        decimal cash = account.Ledger.CashOf(name);
        decimal locked = Locked(account, name);
        writer.WriteStartObject();
        writer.WriteString("coin", name);
        writer.WriteString("equity", Units.Money(cash + coin.Profit));
        writer.WriteString("usdValue", Units.Money((cash + coin.Profit) * coin.Usd));
        writer.WriteString("walletBalance", Units.Money(cash));
        writer.WriteString("availableToWithdraw", Units.Money(Math.Max(0, cash - locked - coin.OrderMargin - coin.PositionMargin)));
        writer.WriteString("availableToBorrow", string.Empty);
        writer.WriteString("borrowAmount", "0");
        writer.WriteString("accruedInterest", "0");
        writer.WriteString("totalOrderIM", Units.Money(coin.OrderMargin));
        writer.WriteString("totalPositionIM", Units.Money(coin.PositionMargin));
        writer.WriteString("totalPositionMM", Units.Money(coin.Maintenance));
        writer.WriteString("unrealisedPnl", Units.Money(coin.Profit));
        writer.WriteString("cumRealisedPnl", Units.Money(account.Ledger.RealisedOf(name)));
        writer.WriteString("bonus", "0");
        writer.WriteBoolean("collateralSwitch", true);
        writer.WriteBoolean("marginCollateral", true);
        writer.WriteString("locked", Units.Money(locked));
        writer.WriteString("spotHedgingQty", "0");
        writer.WriteEndObject();
    }

    private static Coin CoinOf(Exchange exchange, TradingAccount account, string name)
    {
        Coin coin = new() { Usd = name is "USDT" or "USD" or "USDC" ? 1 : 0 };
        foreach (ListedInstrument instrument in exchange.Listing.All)
        {
            if (instrument.IsAlpaca)
            {
                continue;
            }

            if (coin.Usd == 0 && instrument.Base == name)
            {
                coin.Usd = instrument.Mark;
            }

            if (instrument.Kind == InstrumentKind.Linear && instrument.Quote == name)
            {
                decimal value = Math.Abs(instrument.Mark * instrument.Quantity(account.Ledger.PositionOf(instrument).Quantity));
                coin.Profit += Unrealised(account, instrument);
                coin.PositionMargin += value / Leverage;
                coin.Maintenance += value * Maintenance;
            }
        }

        foreach (SandboxOrder order in account.Open)
        {
            if (order.IsOpen && order.Instrument.Kind == InstrumentKind.Linear && order.Instrument.Quote == name
                && (order.Flags & OrderFlags.ReduceOnly) == 0)
            {
                coin.OrderMargin += order.Instrument.Notional(order.Price, order.Leaves) / Leverage;
            }
        }

        return coin;
    }

    private struct Coin
    {
        internal decimal Usd;
        internal decimal Profit;
        internal decimal OrderMargin;
        internal decimal PositionMargin;
        internal decimal Maintenance;
    }
}
