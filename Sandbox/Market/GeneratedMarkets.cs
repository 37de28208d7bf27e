using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Generator;

namespace LowLatency.Sandbox.Market;

/// <summary>The market that a sandbox generates when it is given none.</summary>
public static class GeneratedMarkets
{
    private const long OneShare = 1_000_000_000;

    /// <summary>Two perpetuals and a pair of Bybit, two shares and a pair of Alpaca; calm, without holes and halts.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="startTime">Nanoseconds since 1970 UTC.</param>
    /// <returns>The options of an endless market.</returns>
    public static MarketGeneratorOptions Of(ulong seed, long startTime) => new(
        Seed: seed,
        StartTime: startTime,
        MaxEvents: 0,
        MaxDuration: 0,
        JumpsPerMillion: 100,
        GapsPerMillion: 0,
        HaltsPerMillion: 0,
        BurstsPerMillion: 500,
        Instruments:
        [
            Make("BTCUSDT", "USDT", InstrumentKind.Linear, (1, 3), (1, 1, 1_000_000), 5, 600_000, 400, 500, 60),
            Make("ETHUSDT", "USDT", InstrumentKind.Linear, (2, 2), (1, 1, 2_000_000), 5, 300_000, 400, 5_000, 60),
            Make("BTCUSDT", "USDT", InstrumentKind.Spot, (1, 6), (1, 48, 100_000_000), 1, 600_000, 250, 300_000, 30),
            Make("AAPL", "USD", InstrumentKind.Equity, (2, 9), (OneShare, OneShare, 1_000_000 * OneShare), 0, 22_500, 60, 200 * OneShare, 20),
            Make("SPY", "USD", InstrumentKind.Equity, (2, 9), (OneShare, OneShare, 1_000_000 * OneShare), 0, 60_000, 60, 400 * OneShare, 20),
            Make("BTC/USD", "USD", InstrumentKind.Spot, (1, 9), (1, 10_000, 100 * OneShare), 1, 600_000, 60, OneShare / 2, 20),
        ]);

    private static GeneratedInstrument Make(
        string symbol,
        string currency,
        InstrumentKind kind,
        (byte Price, byte Quantity) exponents,
        (long Lot, long Least, long Most) quantity,
        long minNotional,
        long startPrice,
        int depth,
        long typical,
        int messagesPerSecond) => new(
            new InstrumentDefined
            {
                Symbol = Symbol24.Of(symbol),
                Currency = Currency8.Of(currency),
                Tick = 1,
                Lot = quantity.Lot,
                MinQuantity = quantity.Least,
                MaxQuantity = quantity.Most,
                MinNotional = minNotional * 100_000_000,
                Multiplier = 1,
                DefinitionVersion = 1,
                InstrumentKind = kind,
                PriceExponent = exponents.Price,
                QuantityExponent = exponents.Quantity,
            },
            StartPrice: startPrice,
            Depth: depth,
            SpreadTicks: 2,
            TypicalQuantity: typical,
            VolatilityPpm: 40,
            MessagesPerSecond: messagesPerSecond,
            TradesPpm: 200_000);
}
