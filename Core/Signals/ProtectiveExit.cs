using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>Which price a protective exit looks at.</summary>
public enum ExitPrice : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The middle of bid and ask; without both the last print or bar.</summary>
    Mid = 1,

    /// <summary>
    /// The last print, while it is young enough for risk; before the first one the last bar. Of one that is too old the middle,
    /// and without that nothing. What a venue's own stops look at.
    /// </summary>
    Last = 2,

    /// <summary>Where the position could be closed: the bid for a long one, the ask for a short one; else as Mid.</summary>
    Touch = 3,
}

/// <summary>Who waits for the price of a protective exit.</summary>
public enum ExitHolder : byte
{
    /// <summary>Nobody: there is no exit.</summary>
    None = 0,

    /// <summary>The engine, for one strategy: the first line. It needs a process that runs.</summary>
    Engine = 1,

    /// <summary>The venue, for the whole position: the second line. It outlives the process.</summary>
    Venue = 2,
}

/// <summary>
/// Where a position is left with a loss (32 bytes): one model for the exit that the engine holds for a strategy and for the
/// stop that rests at the venue for the whole position.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct ProtectiveExit
{
    /// <summary>Price units at which it is touched.</summary>
    public long Trigger;

    /// <summary>Price units beyond which it does not trade once it is touched; 0 for any price.</summary>
    public long Worst;

    /// <summary>The position that it takes out, quantity units, signed.</summary>
    public long Quantity;

    /// <summary>Who waits for the price.</summary>
    public ExitHolder Holder;

    /// <summary>The price that is waited for.</summary>
    public ExitPrice Source;

    /// <summary>Must be zero.</summary>
    public ushort Reserved0;

    /// <summary>Must be zero.</summary>
    public uint Reserved1;

    /// <summary>True when there is one.</summary>
    public readonly bool Exists => Holder != ExitHolder.None;

    /// <summary>The side of its order.</summary>
    public readonly Side Side => Sides.OfDelta(-Quantity);

    /// <summary>True when a price touches it.</summary>
    /// <param name="price">Price units.</param>
    /// <returns>Whether the position is to be left.</returns>
    public readonly bool IsTouched(long price) => Exists && (Quantity > 0 ? price <= Trigger : price >= Trigger);
}
