using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>A wallet: the account as a whole and its coins.</summary>
internal static class BybitWallet
{
    internal static readonly FieldNames Names = new(
        "coin totalEquity totalWalletBalance totalAvailableBalance totalInitialMargin totalMaintenanceMargin totalPerpUPL",
        "accountType accountLTV accountIMRate accountMMRate totalMarginBalance accountIMRateByMp accountMMRateByMp "
        + "totalInitialMarginByMp totalMaintenanceMarginByMp");

    private static readonly FieldNames CoinNames = new(
        "coin walletBalance equity availableToWithdraw borrowAmount totalOrderIM totalPositionIM totalPositionMM unrealisedPnl",
        "usdValue availableToBorrow accruedInterest cumRealisedPnl bonus collateralSwitch marginCollateral locked "
        + "spotHedgingQty spotBorrow free");

    /// <summary>Adds what a wallet says.</summary>
    /// <param name="message">The message.</param>
    /// <param name="item">The wallet's fields.</param>
    /// <param name="header">Everything but the payload.</param>
    /// <param name="batch">Gets a report of the account and one of each coin.</param>
    /// <param name="counters">Counts what is new.</param>
    /// <returns>What is wrong with it.</returns>
    internal static WireFault Read(
        ReadOnlySpan<byte> message, in WireFields item, in Event header, EventBatch batch, WireCounters counters)
    {
        const int money = Money.Exponent;
        BalanceReport whole = default;
        if (!item.TryCutUnits(1, money, out whole.Equity) || !item.TryCutUnits(2, money, out whole.Cash)
            || !item.TryCutUnits(3, money, out whole.Available) || !item.TryCutUnits(4, money, out whole.InitialMargin)
            || !item.TryCutUnits(5, money, out whole.MaintenanceMargin)
            || !item.TryCutUnits(6, money, out whole.UnrealisedProfit))
        {
            return WireFault.Number;
        }

        if (!batch.TryAdd(header, whole))
        {
            return WireFault.TooMany;
        }

        if (!item.OpenArray(0, out JsonCursor coins))
        {
            return WireFault.Missing;
        }

        while (coins.Read() && coins.Token == JsonToken.StartObject)
        {
            WireFields coin = new(message);
            if (!coin.Capture(ref coins, CoinNames))
            {
                return WireFault.Malformed;
            }

            counters.NewNames += coin.NewNames;
            BalanceReport report = default;
            ReadOnlySpan<byte> name = coin.Text(0);
            if (name.IsEmpty || name.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            {
                return WireFault.Word;
            }

            if (!coin.TryCutUnits(1, money, out report.Cash) || !coin.TryCutUnits(2, money, out report.Equity)
                || !coin.TryCutUnits(3, money, out report.Available) || !coin.TryCutUnits(4, money, out report.Borrowed)
                || !coin.TryCutUnits(5, money, out long orderMargin) || !coin.TryCutUnits(6, money, out long positionMargin)
                || !coin.TryCutUnits(7, money, out report.MaintenanceMargin)
                || !coin.TryCutUnits(8, money, out report.UnrealisedProfit)
                || (Int128)orderMargin + positionMargin is var margin && (margin > long.MaxValue || margin < long.MinValue))
            {
                return WireFault.Number;
            }

            // A coin whose name is too long for a currency cannot be one that an instrument here is settled in.
            Span<byte> padded = report.Currency;
            if (name.Length > padded.Length)
            {
                counters.NewWords++;
                continue;
            }

            name.CopyTo(padded);
            report.InitialMargin = orderMargin + positionMargin;
            if (!batch.TryAdd(header, report))
            {
                return WireFault.TooMany;
            }
        }

        return coins.Token == JsonToken.EndArray ? WireFault.None : WireFault.Shape;
    }
}
