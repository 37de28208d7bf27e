using System;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Check 26: what a position could lose between the price of an order and the protective stop of those whose it is. A
/// position is one trade, however many orders build it. The nearest stop of a strategy counts, of its rule or of its wish; one
/// without any is taken to lose the configured worst move.
/// </summary>
internal sealed class TradeLossCheck(ExitRule?[] exits, Brackets brackets, PortfolioLedger portfolio, Bounds[] bounds)
{
    private const int Bps = 10_000;

    /// <summary>Quantity units of the order that the check leaves.</summary>
    internal long Fits(in OrderCase order, long left) => Math.Min(left, Math.Max(order.Reducing, Room(order, left, out _)));

    /// <summary>Cuts the order to what may be lost.</summary>
    internal void Cap(in OrderCase order, ref RiskCheck check)
    {
        long room = Room(order, check.Left, out long loss);
        ref readonly Instrument instrument = ref order.Market.Definition;
        check.Cap(
            Math.Max(order.Reducing, room), instrument, RiskReason.TradeLoss, loss, bounds[instrument.Id.Value].TradeLoss);
    }

    /// <summary>Check 32: true when everybody who has a part in the order has a stop on the right side of its price.</summary>
    internal bool IsProtected(in OrderCase order)
    {
        for (uint strategies = order.Strategies; strategies != 0; strategies &= strategies - 1)
        {
            StrategyId strategy = new((ushort)BitOperations.TrailingZeroCount(strategies));
            if (RuleOf(strategy) is not { HasStop: true } && Nearest(strategy, order) == long.MaxValue)
            {
                return false;
            }
        }

        return true;
    }

    private ExitRule? RuleOf(StrategyId strategy) =>
        strategy.Value >= 1 && strategy.Value <= exits.Length ? exits[strategy.Value - 1] : null;

    private long Room(in OrderCase order, long left, out long loss)
    {
        ref readonly Instrument instrument = ref order.Market.Definition;
        long most = bounds[instrument.Id.Value].TradeLoss;
        long worst = order.Directed + order.Others + Math.Max(order.Own, left);
        loss = 0;
        if (most == 0 || worst <= 0)
        {
            return left;
        }

        // Rounded up: never less than what could be lost.
        long value = instrument.Notional(order.Worth, worst);
        int distance = Distance(order);
        loss = checked((long)((((Int128)value * distance) + Bps - 1) / Bps));
        return loss <= most ? left : Wide.MultiplyDivide(worst, most, loss) - order.Directed - order.Others;
    }

    /// <summary>The farthest stop of all who have a part in the order or in the position.</summary>
    private int Distance(in OrderCase order)
    {
        InstrumentId id = order.Market.Definition.Id;
        int worstMove = bounds[id.Value].WorstMoveBps;
        uint strategies = order.Strategies | portfolio.Trips.Open(id);
        int farthest = strategies == 0 || portfolio.VirtualPosition(StrategyId.House, id) != 0 ? worstMove : 0;
        for (; strategies != 0; strategies &= strategies - 1)
        {
            int strategy = BitOperations.TrailingZeroCount(strategies);
            long nearest = Nearest(new StrategyId((ushort)strategy), order);
            farthest = Math.Max(
                farthest, nearest == long.MaxValue ? worstMove : (int)Math.Min(nearest, int.MaxValue));
        }

        return farthest;
    }

    /// <summary>Way to the nearest stop of a strategy, basis points; the largest number without any.</summary>
    private long Nearest(StrategyId strategy, in OrderCase order)
    {
        ExitRule? rule = RuleOf(strategy);
        Bracket bracket = brackets.Of(strategy, order.Market.Definition.Id, order.Side.Sign());

        // A stop on the wrong side of the price protects nothing.
        // The entry is taken at its worst: a sale may fill as low as its bound, below the price that it is valued at.
        long entry = order.Side == Side.Sell && order.Price > 0 ? Math.Min(order.Price, order.Worth) : order.Worth;
        long away = bracket.StopPrice == 0 ? 0 : order.Side.Sign() * (entry - bracket.StopPrice);
        long byPrice = away <= 0 ? 0 : (long)((((Int128)away * Bps) + order.Worth - 1) / order.Worth);
        long nearest = long.MaxValue;
        foreach (long bps in (ReadOnlySpan<long>)[rule?.StopLossBps ?? 0, rule?.TrailingBps ?? 0, bracket.StopBps, byPrice])
        {
            nearest = bps == 0 ? nearest : Math.Min(nearest, bps);
        }

        return nearest;
    }
}
