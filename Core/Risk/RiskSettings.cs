using System;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>Limits of one instrument. Quantities are decimal values x 10^9, whatever unit the instrument has.</summary>
public sealed record InstrumentLimits
{
    /// <summary>Largest order, quantity x 10^9.</summary>
    public required long MaxOrderQuantityE9 { get; init; }

    /// <summary>Largest order, money units.</summary>
    public required long MaxOrderNotional { get; init; }

    /// <summary>Largest worst-case position in either direction, quantity x 10^9.</summary>
    public required long MaxPositionE9 { get; init; }

    /// <summary>Largest distance of an order price from the reference price, basis points.</summary>
    public required int PriceCollarBps { get; init; }

    /// <summary>
    /// Nanoseconds after which a price is too old to add risk on: its own stream's, whatever else is heard of the instrument.
    /// </summary>
    public required long StaleAfter { get; init; }

    /// <summary>Most that one trade may lose from its price to its protective stop, money units; 0 for any.</summary>
    public long MaxTradeLoss { get; init; }

    /// <summary>Worst move against a position that no stop protects, basis points.</summary>
    public int WorstMoveBps { get; init; } = 10_000;

    /// <summary>Nanoseconds of silence of book or quotes after which nothing may add; 0 for any.</summary>
    public long BestStaleAfter { get; init; }

    /// <summary>Nanoseconds of silence of the prints after which nothing may add; 0 for any.</summary>
    public long TradesStaleAfter { get; init; }

    /// <summary>Nanoseconds of silence of imported bars after which nothing may add; 0 for any.</summary>
    public long BarsStaleAfter { get; init; }

    /// <summary>True when nobody may add without a protective stop.</summary>
    public bool RequiresStop { get; init; }

    /// <summary>
    /// Nanoseconds that a position may be without the stop that it must have before its strategy is taken out; 0 for ever.
    /// </summary>
    public long CloseUnprotectedAfter { get; init; }

    /// <summary>Largest order that takes, millionths of what is shown up to its price; 0 for any.</summary>
    public int MaxDepthPpm { get; init; }

    /// <summary>
    /// Largest distance between the touch and the mean price that an order would pay by what is shown, basis points; 0 for any.
    /// </summary>
    public int MaxImpactBps { get; init; }
}

/// <summary>Limits of one symbol instead of the default ones.</summary>
/// <param name="Symbol">The symbol.</param>
/// <param name="Limits">Its limits.</param>
public sealed record InstrumentOverride(Symbol24 Symbol, InstrumentLimits Limits);

/// <summary>Limits of a group of instruments of one currency, on its worst case.</summary>
/// <param name="Symbols">Its instruments; none for the group of all that no other names.</param>
/// <param name="MaxGross">Largest value without regard to direction, money units.</param>
/// <param name="MaxNet">Largest value long less short, or short less long, money units.</param>
public sealed record GroupLimit(Symbol24[] Symbols, long MaxGross, long MaxNet);

/// <summary>A limit on the exposure of a currency, adjusted for how its instruments move together.</summary>
/// <param name="Symbols">The instruments of the matrix; any other counts as moving with all of them.</param>
/// <param name="Ppm">Row by row: the correlation of each with each, millionths; symmetric, 1,000,000 with itself.</param>
/// <param name="Limit">Largest root of x' C x, with the signed values x at their worst; money units.</param>
public sealed record CorrelationLimit(Symbol24[] Symbols, int[] Ppm, long Limit)
{
    /// <summary>The row of a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <returns>Its place among the symbols, or -1.</returns>
    public int RowOf(in Symbol24 symbol) => RowOf(Symbols, symbol);

    /// <summary>The row of a symbol among others.</summary>
    /// <param name="symbols">The symbols, row by row.</param>
    /// <param name="symbol">The symbol.</param>
    /// <returns>Its place among the symbols, or -1.</returns>
    internal static int RowOf(Symbol24[] symbols, in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        for (int row = 0; row < symbols.Length; row++)
        {
            if (name.SequenceEqual(symbols[row]))
            {
                return row;
            }
        }

        return -1;
    }
}

/// <summary>Settings of the risk stage.</summary>
public sealed record RiskSettings
{
    /// <summary>Orders that a rate window can count.</summary>
    public const int WindowOrdersMax = 1024;

    /// <summary>Recent orders among which repeats are looked for.</summary>
    public const int RecentOrders = 256;

    /// <summary>Limits of every instrument without an override.</summary>
    public required InstrumentLimits Default { get; init; }

    /// <summary>Limits of single instruments.</summary>
    public InstrumentOverride[] Overrides { get; init; } = [];

    /// <summary>Largest worst-case value of all positions of one currency without regard to direction, money units.</summary>
    public required long MaxGrossNotional { get; init; }

    /// <summary>Largest worst-case value of one instrument, millionths of equity; 0 for any.</summary>
    public int MaxConcentrationPpm { get; init; }

    /// <summary>Largest worst-case value of all positions of one currency, long less short or short less long; 0 for any.</summary>
    public long MaxNetNotional { get; init; }

    /// <summary>Limits of groups (sectors) of instruments. An instrument belongs to the first one that names it.</summary>
    public GroupLimit[] Groups { get; init; } = [];

    /// <summary>The limit on exposure adjusted for correlation; null for none.</summary>
    public CorrelationLimit? Correlation { get; init; }

    /// <summary>The same with correlations that are estimated; null for none. One of both at most.</summary>
    public CorrelationEstimate? Estimated { get; init; }

    /// <summary>The account that holds the shares; null when none of its rules hold and sales settle at once.</summary>
    public AccountSettings? Account { get; init; }

    /// <summary>The currency in which all are valued; null when each stands for itself.</summary>
    public BaseSettings? Base { get; init; }

    /// <summary>Gross value of margined positions per unit of equity, x 10^9.</summary>
    public required long MaxLeverageE9 { get; init; }

    /// <summary>The dearest fee of a fill, millionths of its notional; not negative.</summary>
    public required int FeePpm { get; init; }

    /// <summary>True when an instrument bought for cash may be sold short. Spot never may.</summary>
    public required bool AllowShort { get; init; }

    /// <summary>Most orders alive at one time; at most <see cref="Limits.LiveOrders"/>.</summary>
    public required int MaxWorkingOrders { get; init; }

    /// <summary>Most new and amended orders in a window; at most <see cref="WindowOrdersMax"/>.</summary>
    public required int MaxOrdersPerWindow { get; init; }

    /// <summary>Nanoseconds of the order window.</summary>
    public required long OrderWindow { get; init; }

    /// <summary>Most orders of the same instrument, side, quantity and price in a window.</summary>
    public required int MaxRepeats { get; init; }

    /// <summary>Nanoseconds of the repeat window.</summary>
    public required long RepeatWindow { get; init; }

    /// <summary>Nanoseconds that a lane waits after a rejection.</summary>
    public required long RejectBackoff { get; init; }

    /// <summary>Nanoseconds after which a lane that was refused is stated again.</summary>
    public required long RetryInterval { get; init; }

    /// <summary>How far through the touch a target without a limit may go, basis points.</summary>
    public required int MarketableBandBps { get; init; }

    /// <summary>Exits of each strategy, in the order of their ids; null for one without, and for all beyond the end.</summary>
    public ExitRule?[] Exits { get; init; } = [];

    /// <summary>The stop that rests at the venue for each position; null for none.</summary>
    public VenueStopRule? VenueStop { get; init; }

    /// <summary>The breakers, at most one of each kind.</summary>
    public BreakerRule[] Breakers { get; init; } = [];

    /// <summary>When the trading day of the daily loss begins.</summary>
    public TradingDay Day { get; init; } = new(0);

    /// <summary>How the account is compared with the venue's; null where nobody does.</summary>
    public ReconcileSettings? Reconcile { get; init; }

    /// <summary>Calendars that are compared with the venue's own; null where none is.</summary>
    public CalendarCheck? Calendars { get; init; }

    /// <summary>State at the start.</summary>
    public required TradingState InitialState { get; init; }

    /// <summary>The group of a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <returns>Its place among the groups, or -1 for none.</returns>
    public int GroupOf(in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        for (int group = 0; group < Groups.Length; group++)
        {
            foreach (ref readonly Symbol24 member in Groups[group].Symbols.AsSpan())
            {
                if (name.SequenceEqual(member))
                {
                    return group;
                }
            }
        }

        return Array.FindIndex(Groups, group => group.Symbols.Length == 0);
    }

    /// <summary>The limits of a symbol.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <returns>Its override, else the default.</returns>
    public InstrumentLimits LimitsOf(in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        foreach (InstrumentOverride entry in Overrides)
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
