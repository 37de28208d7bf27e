using System;
using System.Collections.Generic;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Reality;

/// <summary>An instrument as its orders are printed.</summary>
internal sealed record RealityInstrument(string Symbol, string Currency, byte PriceExponent, byte QuantityExponent);

/// <summary>An order with the parts of its gap.</summary>
internal sealed record RealityRow(RealityOrder Order, RealityInstrument Instrument, GapParts Gap);

/// <summary>A currency's profit on both sides, money units: fills at the journal's last prices, fees and bookings included.</summary>
internal sealed record RealityProfit(string Currency, long Journaled, long Simulated, GapParts Gap);

/// <summary>A distribution by nearest rank; null where there is nothing.</summary>
internal sealed record Spread(int Count, long? Low, long? P05, long? P50, long? P95, long? High)
{
    internal static Spread Of(List<long> values)
    {
        values.Sort();
        return new Spread(values.Count, At(values, 0), At(values, 5), At(values, 50), At(values, 95), At(values, 100));
    }

    private static long? At(List<long> sorted, int percent) => sorted.Count == 0
        ? null
        : sorted[Math.Max(0, (((sorted.Count * percent) + 99) / 100) - 1)];
}

/// <summary>The orders and fills in numbers. Differences are simulated minus journaled.</summary>
internal sealed record RealitySummary
{
    /// <summary>Orders on both sides together.</summary>
    internal required int Orders { get; init; }

    /// <summary>Of them: the same answer, fills, prices, fees and times.</summary>
    internal required int Alike { get; init; }

    /// <summary>The same answer, whenever it came.</summary>
    internal required int AnsweredAlike { get; init; }

    /// <summary>The same quantity filled.</summary>
    internal required int FilledAlike { get; init; }

    /// <summary>Orders with fills in the journal and no command.</summary>
    internal required int Foreign { get; init; }

    /// <summary>The n-th fill of an order on one side is compared with its n-th on the other.</summary>
    internal required int FillsMatched { get; init; }

    internal required int FillsOnlyJournaled { get; init; }

    internal required int FillsOnlySimulated { get; init; }

    internal required int FillsAtAnotherPrice { get; init; }

    /// <summary>Nanoseconds.</summary>
    internal required Spread AnswerLater { get; init; }

    /// <summary>Nanoseconds.</summary>
    internal required Spread FillLater { get; init; }

    /// <summary>Parts per million of the journaled price; positive is worse for us in the simulation.</summary>
    internal required Spread PriceWorse { get; init; }

    internal static RealitySummary Of(IReadOnlyList<RealityOrder> orders)
    {
        int alike = 0, answered = 0, filled = 0, foreign = 0, matched = 0, here = 0, there = 0, another = 0;
        List<long> answers = [];
        List<long> fills = [];
        List<long> prices = [];
        foreach (RealityOrder order in orders)
        {
            OrderWords journaled = order.Journaled;
            OrderWords simulated = order.Simulated;
            alike += order.IsAlike ? 1 : 0;
            foreign += order.IsForeign ? 1 : 0;
            answered += journaled.Answer == simulated.Answer && journaled.Reason == simulated.Reason ? 1 : 0;
            filled += journaled.Filled == simulated.Filled ? 1 : 0;
            if (journaled.Answer != OrderAnswer.None && simulated.Answer != OrderAnswer.None)
            {
                answers.Add(simulated.AnsweredAt - journaled.AnsweredAt);
            }

            int both = Math.Min(journaled.Fills.Count, simulated.Fills.Count);
            matched += both;
            here += journaled.Fills.Count - both;
            there += simulated.Fills.Count - both;
            for (int i = 0; i < both; i++)
            {
                RealityFill was = journaled.Fills[i];
                RealityFill made = simulated.Fills[i];
                another += was.Price == made.Price ? 0 : 1;
                fills.Add(made.At - was.At);
                if (was.Price != 0)
                {
                    prices.Add((long)((Int128)(was.Side.Sign() * (made.Price - was.Price)) * 1_000_000 / Math.Abs(was.Price)));
                }
            }
        }

        return new RealitySummary
        {
            Orders = orders.Count,
            Alike = alike,
            AnsweredAlike = answered,
            FilledAlike = filled,
            Foreign = foreign,
            FillsMatched = matched,
            FillsOnlyJournaled = here,
            FillsOnlySimulated = there,
            FillsAtAnotherPrice = another,
            AnswerLater = Spread.Of(answers),
            FillLater = Spread.Of(fills),
            PriceWorse = Spread.Of(prices),
        };
    }
}

/// <summary>A journal beside a simulation of its commands.</summary>
internal sealed record RealityReport
{
    /// <summary>True when the journal's reports are a real venue's.</summary>
    internal required bool IsLive { get; init; }

    internal required bool IsSynthetic { get; init; }

    /// <summary>Commands of a live journal whose latency was measured, and those for which the venue's clock was off.</summary>
    internal required (int Measured, int Halved) Latency { get; init; }

    internal required IReadOnlyList<RealityRow> Rows { get; init; }

    internal required IReadOnlyList<RealityProfit> Profits { get; init; }

    internal required RealitySummary Summary { get; init; }

    /// <summary>True when nothing differs: no answer, fill, price, time, fee or booking.</summary>
    internal bool IsEqual
    {
        get
        {
            bool equal = Summary.Alike == Summary.Orders;
            foreach (RealityProfit profit in Profits)
            {
                equal &= profit.Gap == default;
            }

            return equal;
        }
    }
}
