using System;
using System.Collections.Generic;

namespace LowLatency.Tests.Determinism.Lean;

/// <summary>What is traded in a case.</summary>
internal enum LeanTrade
{
    /// <summary>A part of the equity at the market, decided on the first bar of the regular session; quotes are there.</summary>
    TargetOnQuotes,

    /// <summary>A part of the equity, decided on the first daily bar.</summary>
    TargetOnDays,

    /// <summary>A stop to buy one share, two dollars below the close of the hour before noon of the first day.</summary>
    StopAtNoon,

    /// <summary>One share at the close of the second day.</summary>
    OnClose,
}

/// <summary>A purchase that is held to the end, and the LEAN files that it is of.</summary>
/// <param name="Trade">What is bought, and how.</param>
/// <param name="Root">Folder of the market, that holds <c>daily</c>, <c>hour</c>, <c>minute</c> and <c>factor_files</c>.</param>
/// <param name="Symbol">The share, in small letters.</param>
/// <param name="From">First date, YYYYMMDD.</param>
/// <param name="To">Last date.</param>
/// <param name="Target">Part of the equity.</param>
/// <param name="IsAdjusted">Whether prices are adjusted; raw ones come with their dividends.</param>
internal sealed record LeanCase(
    LeanTrade Trade, string Root, string Symbol, string From, string To, decimal Target = 1, bool IsAdjusted = true)
{
    internal const decimal Cash = 100_000;

    /// <summary>Dates that have a file of minutes.</summary>
    internal IReadOnlyList<string> Days { get; init; } = [];

    /// <summary>floor((0.9975 x equity x target - fee) / price), where the fee is that of the quantity.</summary>
    internal static long Shares(decimal target, decimal price)
    {
        decimal most = 0.9975m * Cash * target;
        long shares = (long)Math.Floor(most / price);
        while (shares > 0 && (long)Math.Floor((most - Fee(shares)) / price) < shares)
        {
            shares--;
        }

        return shares;
    }

    internal static decimal Fee(long shares) => Math.Max(1m, 0.005m * shares);
}

/// <summary>What a case came to.</summary>
/// <param name="Shares">Bought.</param>
/// <param name="Fill">Price paid.</param>
/// <param name="Fees">Fees paid.</param>
/// <param name="Equity">Cash and shares at the last price.</param>
internal readonly record struct LeanOutcome(long Shares, decimal Fill, decimal Fees, decimal Equity);
