using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Generator;

/// <summary>What one generated instrument is like. Prices and quantities are in its own units.</summary>
/// <param name="Rules">The definition that is published: symbol, currency, tick, lot, bounds.</param>
/// <param name="StartPrice">Price units, a multiple of the tick.</param>
/// <param name="Depth">
/// Ticks that the book covers on each side, <see cref="MinDepth"/> to <see cref="MaxDepth"/>.
/// </param>
/// <param name="SpreadTicks">Usual distance of best bid and ask in ticks, 1 to 1,000.</param>
/// <param name="TypicalQuantity">Usual quantity of a level, quantity units, at least one lot.</param>
/// <param name="VolatilityPpm">Usual standard deviation of a return over one second, in millionths, 1 to 5,000.</param>
/// <param name="MessagesPerSecond">Usual venue messages (trades and book updates) per second, 1 to 100,000.</param>
/// <param name="TradesPpm">Share of the messages that are trades, in millionths, 0 to 900,000.</param>
public sealed record GeneratedInstrument(
    InstrumentDefined Rules,
    long StartPrice,
    int Depth,
    int SpreadTicks,
    long TypicalQuantity,
    int VolatilityPpm,
    int MessagesPerSecond,
    int TradesPpm)
{
    /// <summary>Fewest ticks of a side.</summary>
    public const int MinDepth = 10;

    /// <summary>Most ticks of a side.</summary>
    public const int MaxDepth = 1000;

    /// <summary>
    /// The price stays within start / this and start x this, so that an endless market keeps its scale.
    /// </summary>
    public const int PriceRange = 4;

    /// <summary>Highest start price, in price units: at the top of its range a double still holds every unit.</summary>
    public const long StartPriceMax = (1L << 50) / PriceRange;

    /// <summary>Highest typical quantity, in quantity units.</summary>
    public const long TypicalQuantityMax = long.MaxValue / 1_000_000;

    internal void Check()
    {
        Ensure.That(
            Rules.Tick >= 1 && Rules.Lot >= 1 && Rules.MinQuantity >= Rules.Lot
                && Rules.MaxQuantity >= Rules.MinQuantity,
            "a generated instrument needs a tick, a lot and bounds in order");
        Ensure.That(Depth is >= MinDepth and <= MaxDepth, "depth of a generated book out of range");
        Ensure.That(SpreadTicks is >= 1 and <= 1000, "spread of a generated book out of range");
        Ensure.That(VolatilityPpm is >= 1 and <= 5000, "volatility of a generated market out of range");
        Ensure.That(MessagesPerSecond is >= 1 and <= 100_000, "message rate of a generated market out of range");
        Ensure.That(TradesPpm is >= 0 and <= 900_000, "share of trades of a generated market out of range");
        Ensure.That(
            TypicalQuantity >= Rules.Lot && TypicalQuantity <= TypicalQuantityMax,
            "typical quantity of a generated market out of range");
        Ensure.That(StartPrice % Rules.Tick == 0, "a generated market must start on the tick");

        // At the lowest price the whole bid side still has positive prices.
        Ensure.That(
            StartPrice / Rules.Tick / PriceRange >= LowestTicks(Depth, SpreadTicks),
            "a generated market's price must leave room for its bids");
        Ensure.That(StartPrice <= StartPriceMax, "a generated market's price out of range");
    }

    /// <summary>Ticks that the price must be above zero for a whole bid side to fit below it.</summary>
    /// <param name="depth">Ticks of a side.</param>
    /// <param name="spreadTicks">Usual spread.</param>
    /// <returns>Ticks.</returns>
    public static long LowestTicks(int depth, int spreadTicks) => depth + (4L * spreadTicks) + 2;
}

/// <summary>A generated market. The same options give the same events on every machine.</summary>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="StartTime">Nanoseconds since 1970 UTC of the first event, at least one second.</param>
/// <param name="MaxEvents">
/// No message begins once so many events were made (its group is still completed); 0: endless.
/// </param>
/// <param name="MaxDuration">Nanoseconds from the start after which no message begins; 0: endless.</param>
/// <param name="JumpsPerMillion">Jumps of the price in a million messages of an instrument, 0 to 100,000.</param>
/// <param name="GapsPerMillion">Holes in the stream in a million messages of an instrument, 0 to 100,000.</param>
/// <param name="HaltsPerMillion">Trading halts in a million messages of an instrument, 0 to 100,000.</param>
/// <param name="BurstsPerMillion">Bursts of activity in a million messages of an instrument, 0 to 100,000.</param>
/// <param name="Instruments">1 to <see cref="Limits.Instruments"/>; the first has number 1.</param>
public sealed record MarketGeneratorOptions(
    ulong Seed,
    long StartTime,
    long MaxEvents,
    long MaxDuration,
    int JumpsPerMillion,
    int GapsPerMillion,
    int HaltsPerMillion,
    int BurstsPerMillion,
    GeneratedInstrument[] Instruments)
{
    /// <summary>Largest share of each rare thing, in millionths.</summary>
    public const int RareMax = 100_000;

    internal void Check()
    {
        Ensure.That(StartTime >= 1_000_000_000, "a generated market starts at least one second after 1970");
        Ensure.That(MaxEvents >= 0 && MaxDuration >= 0, "bounds of a generated market must not be negative");
        Ensure.That(
            MaxDuration <= long.MaxValue - StartTime, "a generated market must end within the range of its clock");
        Ensure.That(
            IsRare(JumpsPerMillion) && IsRare(GapsPerMillion) && IsRare(HaltsPerMillion) && IsRare(BurstsPerMillion),
            "jumps, gaps, halts and bursts must be rare");
        Ensure.That(
            Instruments.Length is >= 1 and <= Limits.Instruments, "number of generated instruments out of range");
        foreach (GeneratedInstrument instrument in Instruments)
        {
            instrument.Check();
        }
    }

    private static bool IsRare(int perMillion) => perMillion is >= 0 and <= RareMax;
}
