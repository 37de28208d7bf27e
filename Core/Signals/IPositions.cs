using System;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>
/// What signal and arbitration may know of the portfolio, which lies to their right: positions, read only. Strategies see
/// their own virtual position through it, arbitration the lanes' positions.
/// </summary>
public interface IPositions
{
    /// <summary>The position at the venue.</summary>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    long VenuePosition(InstrumentId instrument);

    /// <summary>The part of the venue position that is attributed to a strategy; all parts sum to the venue position.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    long VirtualPosition(StrategyId strategy, InstrumentId instrument);

    /// <summary>
    /// What the trades of a strategy brought in and cost, fees included: with the marked position it is the strategy's
    /// profit.
    /// </summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Money units, signed.</returns>
    long VirtualCashFlow(StrategyId strategy, InstrumentId instrument);

    /// <summary>What a strategy holds of an instrument since it was last flat.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>All zero when it is flat.</returns>
    OpenTrade Trade(StrategyId strategy, InstrumentId instrument);

    /// <summary>What the closed trades of a strategy came to, of all instruments.</summary>
    /// <param name="strategy">A strategy.</param>
    /// <returns>How many there were, and the sum of their profits after fees, money units of their own currencies.</returns>
    (long Closed, long Profit) Record(StrategyId strategy);

    /// <summary>What the current event's execution, or a crossing at it, added to a strategy's virtual position.</summary>
    /// <param name="strategy">A strategy or the house.</param>
    /// <returns>Quantity units, signed; 0 when nothing of it is the strategy's.</returns>
    long FilledNow(StrategyId strategy);

    /// <summary>What strategies handed to one another at the current event, at most <see cref="Limits.CrossingsPerEvent"/>.</summary>
    ReadOnlySpan<InternalTrade> Crossed { get; }
}
