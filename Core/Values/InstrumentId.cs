namespace LowLatency.Core.Values;

/// <summary>Dense instrument number within one journal: 1 to <see cref="Limits.Instruments"/>; 0 means none.</summary>
/// <param name="Value">The number.</param>
public readonly record struct InstrumentId(ushort Value)
{
    /// <summary>No instrument.</summary>
    public static InstrumentId None => default;
}

/// <summary>Dense strategy number within one configuration: 1 to <see cref="Limits.Strategies"/>; 0 is the house.</summary>
/// <param name="Value">The number.</param>
public readonly record struct StrategyId(ushort Value)
{
    /// <summary>The shared lane: positions and orders that no single strategy owns.</summary>
    public static StrategyId House => default;
}

/// <summary>
/// Number of a way to work orders within one configuration: the built-in ones first, then the declared ones; 0 means none
/// was named.
/// </summary>
/// <param name="Value">The number.</param>
public readonly record struct StyleId(byte Value)
{
    /// <summary>None was named.</summary>
    public static StyleId None => default;
}

/// <summary>Named bounds. Each is part of the format: raising one is a format change, lowering one a breaking one.</summary>
public static class Limits
{
    /// <summary>Instruments of one session.</summary>
    public const int Instruments = 64;

    /// <summary>Strategies of one session, the house not counted.</summary>
    public const int Strategies = 24;

    /// <summary>Signals that one event may cause.</summary>
    public const int SignalsPerEvent = 8;

    /// <summary>Internal trades of one event; what is left to cross follows with later ones.</summary>
    public const int CrossingsPerEvent = 8;

    /// <summary>Suppressed signals recorded for one event: all of its signals, and the wishes that were crossed.</summary>
    public const int SuppressionsPerEvent = SignalsPerEvent + CrossingsPerEvent;

    /// <summary>Intents (and so verdicts) that one event may cause; lanes beyond it wait for a Continue event.</summary>
    public const int IntentsPerEvent = 8;

    /// <summary>Commands that one event may cause, cancels first; the rest waits for a Continue event.</summary>
    public const int CommandsPerEvent = 8;

    /// <summary>Orders that may be alive (not terminal) at one time.</summary>
    public const int LiveOrders = 1024;

    /// <summary>Price levels a book keeps on each side; deeper levels are dropped and counted.</summary>
    public const int BookLevels = 8192;

    /// <summary>Ways to work orders that one configuration may declare, the built-in ones not counted.</summary>
    public const int Styles = 16;

    /// <summary>Bytes of one blob, all its parts together.</summary>
    public const int BlobBytes = 1 << 20;
}
