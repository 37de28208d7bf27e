using System;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <summary>
/// A position as a fold of executions (40 bytes). It keeps cost, never an average price: what is left when it is flat is
/// exactly nothing.
/// </summary>
public struct Position
{
    /// <summary>Quantity units, signed.</summary>
    public long Quantity;

    /// <summary>
    /// Value of what is open at the prices at which it was opened, money units: what was paid (negative for a short: received).
    /// </summary>
    public long Cost;

    /// <summary>Money units won by closing, fees not counted.</summary>
    public long Realised;

    /// <summary>Money units of fees paid (negative: rebates received).</summary>
    public long Fees;

    /// <summary>Executions folded.</summary>
    public long Executions;

    /// <summary>Folds one execution.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="change">Quantity units: positive bought, negative sold.</param>
    /// <param name="price">Price units.</param>
    /// <param name="fee">Money units.</param>
    /// <returns>Money units realised by this execution.</returns>
    public long Apply(in Instrument instrument, long change, long price, long fee)
    {
        long value = instrument.Value(price, change);
        long closing = Closing(change);
        return Fold(change, value, closing, closing == 0 ? 0 : instrument.Value(price, Math.Sign(change) * closing), fee);
    }

    /// <summary>Folds an execution of before a split: it is worth what it was, and counts in new units.</summary>
    /// <param name="change">New quantity units; 0 when the split leaves none of it.</param>
    /// <param name="value">Money units of the execution.</param>
    /// <param name="fee">Money units.</param>
    public void ApplyOld(long change, long value, long fee)
    {
        long closing = Closing(change);
        long size = Math.Abs(change);
        Fold(change, value, closing, closing == size ? value : Wide.MultiplyDivide(value, closing, size), fee);
        Flatten();
    }

    /// <summary>Old shares become new ones. What was paid for them stays; where none is left it is lost.</summary>
    /// <param name="quantity">New quantity units.</param>
    public void Split(long quantity)
    {
        Quantity = quantity;
        Flatten();
    }

    private readonly long Closing(long change) =>
        Math.Sign(change) == -Math.Sign(Quantity) ? Math.Min(Math.Abs(change), Math.Abs(Quantity)) : 0;

    private void Flatten()
    {
        if (Quantity == 0)
        {
            Realised -= Cost;
            Cost = 0;
        }
    }

    private long Fold(long change, long value, long closing, long closingValue, long fee)
    {
        long held = Math.Abs(Quantity);
        long realised = 0;
        if (closing != 0)
        {
            // The closed part takes its share of the cost, rounded towards zero; the last part takes all that is left.
            long released = closing == held ? Cost : (long)((Int128)Cost * closing / held);
            realised = -closingValue - released;
        }

        // Realised - Cost stays equal to minus all that was ever paid: no rounding can make or lose money.
        Cost += value + realised;
        Quantity += change;
        Realised += realised;
        Fees += fee;
        Executions++;
        return realised;
    }

    /// <summary>Money units that the open part is worth more than it cost, at a price.</summary>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="price">Price units.</param>
    /// <returns>Unrealised profit.</returns>
    public readonly long Unrealised(in Instrument instrument, long price) =>
        instrument.Value(price, Quantity) - Cost;
}
