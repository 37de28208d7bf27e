using System.Runtime.InteropServices;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>Which protection of a position is told of.</summary>
public enum ProtectionKind : byte
{
    /// <summary>Never valid.</summary>
    None = 0,

    /// <summary>The stop that the engine holds for a strategy that must have one.</summary>
    EngineStop = 1,

    /// <summary>The stop that rests at the venue for the whole position.</summary>
    VenueStop = 2,
}

/// <summary>
/// A position is without a protection that it must have, or has it again (32 bytes). Published by the engine right after what
/// caused it, once for each change: alarms are a projection of it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Protection : IPayload
{
    /// <summary>The position of the instrument's account, quantity units, signed; of an engine's stop the strategy's.</summary>
    public long Position;

    /// <summary>The part of it that a stop which the venue has accepted takes out, quantity units, signed.</summary>
    public long Resting;

    /// <summary>ReceivedAt since when it is missing; 0 when it is there.</summary>
    public long Since;

    /// <summary>Whose position it is; the house for the whole one.</summary>
    public StrategyId Strategy;

    /// <summary>Which protection.</summary>
    public ProtectionKind Stop;

    /// <summary>1 while it is missing, else 0.</summary>
    public byte IsMissing;

    /// <summary>Must be zero.</summary>
    public uint Reserved0;

    /// <inheritdoc/>
    public static EventKind Kind => EventKind.Protection;

    /// <inheritdoc/>
    public static byte Version => 1;
}
