using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// What a shared lane works in a style, until it has it or wants something else (144 bytes, no padding). Its quantity is
/// what was filled, what is open and what waits, after every change: a difference stops the engine.
/// </summary>
internal struct ParentOrder
{
    /// <summary>All that it was ever to trade, quantity units.</summary>
    internal long Quantity;

    /// <summary>Filled, counted from executions.</summary>
    internal long Filled;

    /// <summary>Filled beyond what an order asked for.</summary>
    internal long Excess;

    /// <summary>What is in no order; below zero while more is open than is still wanted.</summary>
    internal long Waiting;

    /// <summary>ReceivedAt of its beginning, or of the last time it grew: schedules and timeouts run from here.</summary>
    internal long StartedAt;

    /// <summary>What was filled when the schedule began.</summary>
    internal long FilledBefore;

    /// <summary>The touch of its side when it began, price units; 0 while there was none.</summary>
    internal long Anchor;

    /// <summary>Worst price that the wish allows, price units; 0 for any.</summary>
    internal long Limit;

    /// <summary>Printed since the schedule began, quantity units.</summary>
    internal long Printed;

    /// <summary>At most so much stands before its resting order at its price, quantity units.</summary>
    internal long Ahead;

    /// <summary>ReceivedAt at which it is to be looked at again; 0 for no such time.</summary>
    internal long Due;

    /// <summary>ReceivedAt before which the market does not stir it: its last order was refused or ended by itself.</summary>
    internal long QuietUntil;

    // What the lane's balance was when it was last looked at.
    internal long SeenAsked;
    internal long SeenReleased;
    internal long SeenExcess;

    /// <summary>Orders that it made.</summary>
    internal int Children;

    /// <summary>Times that its price was moved.</summary>
    internal int Moves;

    /// <summary>Must be zero.</summary>
    internal int Reserved;

    /// <summary>Its style; none for no parent.</summary>
    internal StyleId Style;

    /// <summary>Its side.</summary>
    internal Side Side;

    /// <summary>True once its time was over: what is left goes to the market.</summary>
    internal bool IsOver;

    /// <summary>True while only more printed volume lets it go on.</summary>
    internal bool IsCapped;

    /// <summary>Filled since the schedule began.</summary>
    internal readonly long FilledOfSchedule => Filled - FilledBefore;

    /// <summary>True when there is one.</summary>
    internal readonly bool Exists => Style != StyleId.None;

    /// <summary>Takes over what the lane's balance counted since it was last looked at.</summary>
    internal void Settle(in LaneBalance balance)
    {
        Waiting += balance.Released - SeenReleased - (balance.Asked - SeenAsked);
        Excess += balance.Excess - SeenExcess;
        See(balance);
    }

    /// <summary>What the balance counted so far is not this parent's.</summary>
    internal void See(in LaneBalance balance)
    {
        SeenAsked = balance.Asked;
        SeenReleased = balance.Released;
        SeenExcess = balance.Excess;
    }

    /// <summary>It is to be looked at again at this time, or earlier.</summary>
    internal void DueBy(long at) => Due = Due == 0 || at < Due ? at : Due;

    /// <summary>Wants more or less from now on.</summary>
    internal void Resize(long change)
    {
        Quantity += change;
        Waiting += change;
    }

    /// <summary>Stops the engine unless parent and orders add up.</summary>
    /// <param name="open">What could still trade of its orders.</param>
    internal readonly void Check(long open) => Ensure.That(
        Quantity + Excess == Filled + open + Waiting,
        "a parent order has lost count: quantity + excess is not filled + open + waiting");
}
