using LowLatency.Core.Risk;
using LowLatency.Core.Signals;

namespace LowLatency.Core.Orders.Styles;

/// <summary>Everything at once, within the marketable band and the wish's limit. What is not filled comes again.</summary>
internal sealed class MarketMachine(ExecutionStyle style) : StyleMachine(style)
{
    /// <inheritdoc/>
    internal override Child Plan(in WorkCase work, ref ParentOrder parent) => work.Take(work.Left);
}
