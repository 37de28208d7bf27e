using System;
using System.Numerics;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Check 31: the root of x' C x over the signed values of a currency's instruments. The order's own counts with its whole
/// side filled; each other one lies between all its sales and all its purchases filled, and each product takes the corner
/// that makes it largest: the sum is never less than the worst that open orders can come to, and exact when none are open.
/// Values count in hundredths of the currency, rounded outwards, and squares are compared, so nothing else is rounded. A
/// correlation is declared or estimated; an estimate that is not known, or too old, refuses what adds.
/// </summary>
internal sealed class CorrelationCheck(
    CorrelationLimit? declared,
    CorrelationEstimate? estimate,
    CorrelationEstimator? estimator,
    MarketView market,
    PortfolioLedger portfolio,
    Exposure exposure,
    Grants grants,
    int[] rowOf)
{
    private const int One = 1_000_000;
    private const long Hundredth = 1_000_000;

    private readonly long _limit = declared?.Limit ?? estimate!.Limit;
    private readonly int[] _rows = new int[Limits.Instruments];
    private readonly long[] _least = new long[Limits.Instruments];
    private readonly long[] _most = new long[Limits.Instruments];

    /// <summary>Checks an order; everything of its currency has a price.</summary>
    internal void Cap(in OrderCase order, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        int count = Collect(order, check.Left);
        if (estimator is not null && IsUnknown(count, out long age))
        {
            check.KeepIf(false, order.Reducing, RiskReason.Correlation, age, estimate!.MaxAge);
            return;
        }

        Int128 sum = 0;
        for (int i = 0; i < count; i++)
        {
            Int128 square = Int128.Max((Int128)_least[i] * _least[i], (Int128)_most[i] * _most[i]);
            sum += square * One;
            for (int j = 0; j < i; j++)
            {
                sum += 2 * Largest(i, j);
            }
        }

        Int128 most = _limit / Hundredth;
        if (sum > most * most * One)
        {
            long root = (long)Int128.Min(RootUp(sum / One), long.MaxValue / Hundredth) * Hundredth;
            check.KeepIf(false, order.Reducing, RiskReason.Correlation, root, _limit);
        }
    }

    /// <summary>True when the correlation of any two that count is not known.</summary>
    private bool IsUnknown(int count, out long age)
    {
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (_rows[i] >= 0 && _rows[j] >= 0 && !estimator!.TryPpm(_rows[i], _rows[j], market.Now, out _, out age))
                {
                    return true;
                }
            }
        }

        age = 0;
        return false;
    }

    private int PpmOf(int a, int b)
    {
        if (estimator is null)
        {
            return declared!.Ppm[(a * declared.Symbols.Length) + b];
        }

        estimator.TryPpm(a, b, market.Now, out int ppm, out _);
        return ppm;
    }

    /// <summary>The smallest whole number whose square is above a value.</summary>
    private static Int128 RootUp(Int128 value)
    {
        Int128 low = 0;
        Int128 high = (Int128)1 << 63;
        while (low < high)
        {
            Int128 middle = (low + high) / 2;
            if (middle * middle > value)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private int Collect(in OrderCase order, long left)
    {
        InstrumentId own = order.Market.Definition.Id;
        int currency = portfolio.CurrencyOf(own);
        int count = 0;
        ulong all = portfolio.Held | exposure.Active | grants.Active | (1UL << (own.Value - 1));
        for (; all != 0; all &= all - 1)
        {
            InstrumentId id = new((ushort)(BitOperations.TrailingZeroCount(all) + 1));
            if (portfolio.CurrencyOf(id) != currency)
            {
                continue;
            }

            ref readonly Instrument rules = ref market[id].Definition;
            _rows[count] = rowOf[id.Value];
            if (id == own)
            {
                long filled = order.Side.Sign() * (order.Directed + order.Others + Math.Max(order.Own, left));
                _least[count] = _most[count] = Outwards(rules.Notional(order.Worth, filled));
            }
            else
            {
                long position = portfolio.VenuePosition(id);
                market[id].TryReferencePrice(out long price);
                long sells = exposure.Open(id, Side.Sell) + grants.Of(id, Side.Sell);
                long buys = exposure.Open(id, Side.Buy) + grants.Of(id, Side.Buy);
                _least[count] = Outwards(rules.Notional(price, position - sells));
                _most[count] = Outwards(rules.Notional(price, position + buys));
            }

            count++;
        }

        return count;
    }

    private static long Outwards(long value) => (value / Hundredth) + Math.Sign(value % Hundredth);

    /// <summary>The largest product of two values, times their correlation.</summary>
    private Int128 Largest(int i, int j)
    {
        if (_rows[i] < 0 || _rows[j] < 0)
        {
            long one = Math.Max(Math.Abs(_least[i]), Math.Abs(_most[i]));
            return (Int128)one * Math.Max(Math.Abs(_least[j]), Math.Abs(_most[j])) * One;
        }

        int ppm = PpmOf(_rows[i], _rows[j]);
        Int128 a = (Int128)_least[i] * _least[j] * ppm;
        Int128 b = (Int128)_least[i] * _most[j] * ppm;
        Int128 c = (Int128)_most[i] * _least[j] * ppm;
        Int128 d = (Int128)_most[i] * _most[j] * ppm;
        return Int128.Max(Int128.Max(a, b), Int128.Max(c, d));
    }
}
