using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// One order with everything, resting at the wish's limit price; without one at the touch of its side where it was when the
/// parent began. Post-only stays a tick short of the other side.
/// </summary>
internal sealed class RestingMachine(ExecutionStyle style) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent)
    {
        long price = work.Limit != 0 ? work.Limit : parent.Anchor;
        return Style.Kind == StyleKind.PostOnly
            ? WorkCase.Rest(work.Left, work.ShortOfTouch(price), Manner.Post)
            : WorkCase.Rest(work.Left, price, Manner.Rest);
    }
}
