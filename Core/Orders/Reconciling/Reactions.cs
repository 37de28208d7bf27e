using LowLatency.Core.Events;
using LowLatency.Core.Risk;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>What each kind of difference leads to in each mode: the table of docs/reconciliation.md.</summary>
public static class Reactions
{
    /// <summary>Kinds of differences.</summary>
    public const int Kinds = 14;

    // H halt, A alarm, S adopt what the venue says, C cancel at the venue.
    private static readonly string[] _table =
    [
        //  Strict Warn AutoSync
        "HAC", // OrderMissingHere: nobody here wants it
        "HAS", // OrderMissingThere
        "HAC", // OrderState
        "HAS", // OrderPrice
        "HAS", // OrderQuantity
        "HAC", // OrderFilled: fills come by executions alone; what is left of it is taken back
        "HHH", // OrderSide: no order changes its side
        "HAA", // ForeignOrder, where the policy is to alarm
        "HAC", // DuplicateOrder
        "HAS", // PositionQuantity
        "HAS", // PositionSide
        "HAS", // PositionPrice
        "HAS", // Balance
        "HAA", // Instrument: what is not defined has no value
    ];

    /// <summary>What a difference leads to.</summary>
    /// <param name="kind">The difference.</param>
    /// <param name="mode">The mode.</param>
    /// <param name="foreign">What becomes of foreign orders.</param>
    /// <returns>The action.</returns>
    public static AdjustmentAction Of(DifferenceKind kind, ReconcileMode mode, ForeignOrders foreign)
    {
        if (kind == DifferenceKind.ForeignOrder && foreign != ForeignOrders.Alarm)
        {
            return foreign == ForeignOrders.Adopt ? AdjustmentAction.Adopt : AdjustmentAction.Cancel;
        }

        return _table[(int)kind - 1][(int)mode - 1] switch
        {
            'H' => AdjustmentAction.Halt,
            'A' => AdjustmentAction.Alarm,
            'S' => AdjustmentAction.Adopt,
            _ => AdjustmentAction.Cancel,
        };
    }
}
