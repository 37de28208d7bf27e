using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Styles;

/// <summary>
/// A way to cut a parent order into orders, one open at a time. It plans; it sends nothing and counts nothing: what became
/// of its orders is in the parent.
/// </summary>
internal abstract class StyleMachine(ExecutionStyle style)
{
    /// <summary>The numbers.</summary>
    protected ExecutionStyle Style { get; } = style;

    /// <summary>Makes the machine of a style.</summary>
    /// <param name="style">The style.</param>
    /// <param name="repegs">When pegs were moved.</param>
    internal static StyleMachine Of(ExecutionStyle style, RepegHistory repegs)
    {
        switch (style.Kind)
        {
            case StyleKind.Market:
                return new MarketMachine(style);
            case StyleKind.Limit or StyleKind.PostOnly:
                return new RestingMachine(style);
            case StyleKind.Peg:
                return new PegMachine(style, repegs);
            case StyleKind.Twap:
                return new TwapMachine(style);
            case StyleKind.Participation:
                return new ParticipationMachine(style);
            case StyleKind.Iceberg:
                return new IcebergMachine(style);
            default:
                Ensure.Break("a style without a machine");
                return null;
        }
    }

    /// <summary>Plans the order that is to be open now.</summary>
    /// <param name="work">What surrounds it.</param>
    /// <param name="parent">The parent; its due time may be set.</param>
    /// <returns>The order.</returns>
    internal abstract Child Plan(in WorkCase work, ref ParentOrder parent);

    /// <summary>When another order would be planned as the market now is.</summary>
    /// <param name="market">The market.</param>
    /// <param name="parent">The parent.</param>
    /// <param name="livePrice">Price of its working order; 0 when none works.</param>
    /// <returns>ReceivedAt, which may be over; never when the standing order would be planned again.</returns>
    internal virtual long StirredAt(InstrumentMarket market, in ParentOrder parent, long livePrice) => Never;

    /// <summary>No time.</summary>
    internal const long Never = long.MaxValue;

    /// <summary>Its price moved.</summary>
    /// <param name="instrument">Of which instrument.</param>
    /// <param name="now">ReceivedAt.</param>
    internal virtual void OnMoved(InstrumentId instrument, long now)
    {
    }
}
