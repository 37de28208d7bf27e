using System.Collections.Generic;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Reality;

/// <summary>
/// Why a journal's profit is not the simulated one, in money units: journaled minus simulated. The parts are the steps of
/// one substitution after another, so they sum to the whole.
/// </summary>
/// <remarks>
/// <code>
///   simulated ──latency──► with the journal's latency ──queue, missed data──► the journal's fills ──fee──► its fees
///                                                                          and ──funding──► its bookings
/// </code>
/// </remarks>
internal record struct GapParts
{
    /// <summary>The same venue, its latency (and disturbances) replaced by the journal's.</summary>
    internal long Latency { get; set; }

    /// <summary>Fills replaced by the journal's, of orders whose market was there all the time.</summary>
    internal long Queue { get; set; }

    /// <summary>Fills replaced by the journal's, of orders whose market was not there, or that nobody commanded.</summary>
    internal long MissedData { get; set; }

    /// <summary>Fees of the journal's fills replaced by those that were charged.</summary>
    internal long Fee { get; set; }

    /// <summary>Cash booked without a fill replaced by the journal's: funding, interest, dividends.</summary>
    internal long Funding { get; set; }

    internal readonly long Whole => Latency + Queue + MissedData + Fee + Funding;

    internal void Add(in GapParts other)
    {
        Latency += other.Latency;
        Queue += other.Queue;
        MissedData += other.MissedData;
        Fee += other.Fee;
        Funding += other.Funding;
    }

    /// <summary>The parts of one order; bookings are of no order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="rules">Its instrument.</param>
    /// <param name="final">Price units at which what it bought or sold is valued at the end, on all sides.</param>
    /// <param name="isMissed">True when the order's market was not there.</param>
    /// <param name="hasOnTime">False when the simulated venue has the journal's latency already.</param>
    internal static GapParts Of(
        RealityOrder order,
        in Instrument rules,
        long final,
        bool isMissed,
        bool hasOnTime)
    {
        OrderWords onTime = order[hasOnTime ? RealitySide.OnTime : RealitySide.Simulated];
        long simulated = Value(order.Simulated.Fills, rules, final) - order.Simulated.Fees;
        long timed = Value(onTime.Fills, rules, final) - onTime.Fees;
        long traded = Value(order.Journaled.Fills, rules, final);
        long charged = ScheduledFees(order.Journaled.Fills);
        long fills = traded - charged - timed;
        bool missed = isMissed || order.IsForeign;
        return new GapParts
        {
            Latency = timed - simulated,
            Queue = missed ? 0 : fills,
            MissedData = missed ? fills : 0,
            Fee = charged - order.Journaled.Fees,
        };
    }

    /// <summary>What fills are worth at a price, fees not counted.</summary>
    internal static long Value(IReadOnlyList<RealityFill> fills, in Instrument rules, long final)
    {
        long value = 0;
        foreach (RealityFill fill in fills)
        {
            value += fill.Side.Sign() * (rules.Value(final, fill.Quantity) - rules.Value(fill.Price, fill.Quantity));
        }

        return value;
    }

    private static long ScheduledFees(IReadOnlyList<RealityFill> fills)
    {
        long fees = 0;
        foreach (RealityFill fill in fills)
        {
            fees += fill.ScheduledFee;
        }

        return fees;
    }
}
