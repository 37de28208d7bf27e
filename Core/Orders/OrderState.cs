using LowLatency.Core.Determinism;

namespace LowLatency.Core.Orders;

/// <summary>Where an order is in its life.</summary>
public enum OrderState : byte
{
    /// <summary>No order.</summary>
    None = 0,

    /// <summary>The command is made; nothing is known of it.</summary>
    PendingNew = 1,

    /// <summary>The venue has accepted it.</summary>
    Working = 2,

    /// <summary>A change is asked for.</summary>
    PendingAmend = 3,

    /// <summary>A cancel is asked for.</summary>
    PendingCancel = 4,

    /// <summary>Its fate is not known: reserved at its worst until the venue proves the outcome; never ended by time.</summary>
    Unknown = 5,

    /// <summary>All of it was filled.</summary>
    Filled = 6,

    /// <summary>It was cancelled.</summary>
    Cancelled = 7,

    /// <summary>It never worked.</summary>
    Rejected = 8,

    /// <summary>Its time in force ended it.</summary>
    Expired = 9,
}

/// <summary>What can happen to an order.</summary>
public enum OrderInput : byte
{
    /// <summary>A new-order, amend or cancel request left.</summary>
    Sent = 0,

    /// <summary>The new-order request did not leave.</summary>
    NewNotSent = 1,

    /// <summary>The amend request did not leave.</summary>
    AmendNotSent = 2,

    /// <summary>The cancel request did not leave.</summary>
    CancelNotSent = 3,

    /// <summary>A request may have left.</summary>
    OutcomeUnknown = 4,

    /// <summary>The venue accepted it.</summary>
    Accepted = 5,

    /// <summary>The venue rejected it.</summary>
    Rejected = 6,

    /// <summary>The venue changed it.</summary>
    Amended = 7,

    /// <summary>The venue refused to change it.</summary>
    AmendRejected = 8,

    /// <summary>The venue cancelled it.</summary>
    Cancelled = 9,

    /// <summary>The venue refused to cancel it; it works on.</summary>
    CancelRejected = 10,

    /// <summary>The venue refused a cancel because it does not know the order as working.</summary>
    GoneAtVenue = 11,

    /// <summary>Its time in force ended it.</summary>
    Expired = 12,

    /// <summary>A part was filled.</summary>
    Fill = 13,

    /// <summary>The rest was filled.</summary>
    FillAll = 14,

    /// <summary>We ask for a change.</summary>
    AskAmend = 15,

    /// <summary>We ask for a cancel.</summary>
    AskCancel = 16,

    /// <summary>A new run began: what was in flight is unknown.</summary>
    EpochStarted = 17,

    /// <summary>The venue refused a change because it does not know the order as working: the change is not made.</summary>
    GoneUnamended = 18,
}

/// <summary>
/// The total order state machine: every state and every input has a cell, and each cell is a next state, "ignore and
/// count", or "halt" (our own defect: we may only ask what the state allows).
/// </summary>
public static class OrderStateMachine
{
    /// <summary>Number of states.</summary>
    public const int States = 10;

    /// <summary>Number of inputs.</summary>
    public const int Inputs = 19;

    // One row for each input, one column for each state. A letter is the next state, '.' ignores and counts, '!' halts.
    //   N PendingNew  W Working  A PendingAmend  C PendingCancel  U Unknown  F Filled  X Cancelled  R Rejected  E Expired
    private static readonly string[] _table =
    [
        //  None PendingNew Working PendingAmend PendingCancel Unknown Filled Cancelled Rejected Expired
        "!NWACUFXRE", // Sent
        "!R..RU....", // NewNotSent
        "!..W.U....", // AmendNotSent
        "!...WU....", // CancelNotSent
        "!UUUUU....", // OutcomeUnknown
        "!W.ACW....", // Accepted
        "!RRRRR....", // Rejected
        "!.WWCW....", // Amended
        "!..WCW....", // AmendRejected
        "!XXXXX....", // Cancelled
        "!...WW....", // CancelRejected
        "!.UUUU....", // GoneAtVenue
        "!EEEEE....", // Expired
        "!WWACW....", // Fill
        "!FFFFF....", // FillAll
        "!!A!!!!!!!", // AskAmend
        "!CCCCC!!!!", // AskCancel
        "!UUUUUFXRE", // EpochStarted
        "!.UUUU....", // GoneUnamended
    ];

    /// <summary>Looks up what an input does in a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="input">The input.</param>
    /// <param name="next">The next state; unchanged when ignored.</param>
    /// <returns>False when the input is ignored and to be counted.</returns>
    public static bool TryNext(OrderState state, OrderInput input, out OrderState next)
    {
        char cell = _table[(int)input][(int)state];
        next = cell switch
        {
            'N' => OrderState.PendingNew,
            'W' => OrderState.Working,
            'A' => OrderState.PendingAmend,
            'C' => OrderState.PendingCancel,
            'U' => OrderState.Unknown,
            'F' => OrderState.Filled,
            'X' => OrderState.Cancelled,
            'R' => OrderState.Rejected,
            'E' => OrderState.Expired,
            _ => state,
        };
        if (cell == '!')
        {
            Ensure.Break("an order was asked for what its state does not allow");
        }

        return cell != '.';
    }

    /// <summary>True when nothing more is expected of an order; late executions still count.</summary>
    /// <param name="state">The state.</param>
    /// <returns>Whether it is filled, cancelled, rejected or expired.</returns>
    public static bool IsTerminal(OrderState state) => state >= OrderState.Filled;
}
