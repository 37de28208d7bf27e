namespace LowLatency.Core.Values;

/// <summary>The direction of an order, an execution or a resting level.</summary>
public enum Side : byte
{
    /// <summary>Not known or not applicable.</summary>
    None = 0,

    /// <summary>Buy order, or bid level.</summary>
    Buy = 1,

    /// <summary>Sell order, or ask level.</summary>
    Sell = 2,
}

/// <summary>Arithmetic on sides.</summary>
public static class Sides
{
    /// <summary>+1 for buy, -1 for sell, 0 for none.</summary>
    /// <param name="side">The side.</param>
    /// <returns>The sign that the side gives to a position.</returns>
    public static int Sign(this Side side) => side == Side.Buy ? 1 : side == Side.Sell ? -1 : 0;

    /// <summary>The other side; none stays none.</summary>
    /// <param name="side">The side.</param>
    /// <returns>The opposite.</returns>
    public static Side Opposite(this Side side) =>
        side == Side.Buy ? Side.Sell : side == Side.Sell ? Side.Buy : Side.None;

    /// <summary>The side that moves a position in the direction of <paramref name="delta"/>.</summary>
    /// <param name="delta">A signed quantity.</param>
    /// <returns>Buy for positive, sell for negative, none for zero.</returns>
    public static Side OfDelta(long delta) => delta > 0 ? Side.Buy : delta < 0 ? Side.Sell : Side.None;
}
