using System;
using LowLatency.Core.Events;

namespace LowLatency.Core.Market;

/// <summary>What is believed of an instrument's market data before anybody acts on it. A bound of 0 is off.</summary>
public sealed record GuardLimits
{
    /// <summary>Largest move of the price from one observation to the next, basis points.</summary>
    public int MaxMoveBps { get; init; }

    /// <summary>Observations in a row, the first one included, that have to agree before a larger move is believed; at least 2.</summary>
    public int Confirmations { get; init; } = 2;

    /// <summary>How far a venue's stamp may lie ahead of the receipt, nanoseconds.</summary>
    public long MaxAhead { get; init; }

    /// <summary>How far a venue's stamp may lie behind the receipt, nanoseconds.</summary>
    public long MaxBehind { get; init; }

    /// <summary>True when a stamp before the newest one of its stream is not believed; needs <see cref="MaxAhead"/>.</summary>
    public bool HoldsBackwards { get; init; }
}

/// <summary>What is believed of one symbol's data instead of the usual.</summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Limits">Its limits.</param>
public sealed record GuardOverride(Symbol24 Symbol, GuardLimits Limits);

/// <summary>What is believed of market data, by instrument.</summary>
public sealed record MarketGuard
{
    /// <summary>Everything is believed; stamps that run backwards are counted.</summary>
    public static MarketGuard None { get; } = new();

    /// <summary>For every instrument without an override.</summary>
    public GuardLimits Default { get; init; } = new();

    /// <summary>For single instruments.</summary>
    public GuardOverride[] Overrides { get; init; } = [];

    /// <summary>The limits of a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <returns>Its override, else the default.</returns>
    public GuardLimits LimitsOf(in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        foreach (GuardOverride entry in Overrides)
        {
            Symbol24 other = entry.Symbol;
            if (name.SequenceEqual(other))
            {
                return entry.Limits;
            }
        }

        return Default;
    }
}
