using System.Runtime.InteropServices;
using LowLatency.Core.Events;

namespace LowLatency.Core.Signals.Structures;

/// <summary>What became of a zone.</summary>
public enum ZoneState
{
    /// <summary>No zone.</summary>
    None = 0,

    /// <summary>No bar has closed beyond it.</summary>
    Active = 1,

    /// <summary>A bar closed beyond its far side.</summary>
    Broken = 2,
}

/// <summary>
/// A band of prices that the market may turn at. Its name is (source version, ordinal): the version that its source had
/// when the zone was made, and its number among the zones of that version.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ZoneBox
{
    /// <summary>Version of the source; at least 1.</summary>
    public long SourceVersion;

    /// <summary>Number among the zones of that version, from 0.</summary>
    public long Ordinal;

    /// <summary>Lower edge, price units.</summary>
    public double Lower;

    /// <summary>Upper edge, price units; above the lower one.</summary>
    public double Upper;

    /// <summary>End of the bar that made it: before this moment nobody could know of it.</summary>
    public long ConfirmedAt;

    /// <summary>End of the bar that closed beyond it; 0 while none has.</summary>
    public long BrokenAt;

    /// <summary>Times that the market came back to it from outside.</summary>
    public long Touches;

    /// <summary>1 for a support (the market is above), -1 for a resistance.</summary>
    public int Direction;

    /// <summary>1 when the last bar reached into it.</summary>
    public int Inside;

    /// <summary>What became of it.</summary>
    public readonly ZoneState State =>
        SourceVersion == 0 ? ZoneState.None : BrokenAt == 0 ? ZoneState.Active : ZoneState.Broken;

    /// <summary>True when the close lies in it.</summary>
    /// <param name="price">Price units.</param>
    /// <returns>Edges included.</returns>
    public readonly bool Contains(double price) => price >= Lower && price <= Upper;

    /// <summary>Tells an active zone of a bar after the one that made it.</summary>
    /// <param name="bar">The bar.</param>
    /// <returns>True when the bar broke it.</returns>
    internal bool OnBar(in Bar bar)
    {
        bool inside = bar.Low <= Upper && bar.High >= Lower;
        if (inside && Inside == 0)
        {
            Touches++;
        }

        Inside = inside ? 1 : 0;
        if (Direction > 0 ? bar.Close < Lower : bar.Close > Upper)
        {
            BrokenAt = bar.StartTime + bar.Timeframe;
            return true;
        }

        return false;
    }
}
