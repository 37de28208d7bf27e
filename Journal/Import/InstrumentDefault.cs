using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>What a look into the beginning of a file found out about its instrument.</summary>
/// <param name="Source">Whose data it is.</param>
/// <param name="Symbol">The venue's name of the instrument.</param>
/// <param name="Kind">What it is.</param>
/// <param name="PriceDecimals">The most decimals of a price.</param>
/// <param name="QuantityDecimals">The most decimals of a quantity.</param>
/// <param name="NotBefore">No event of the file is received before this time.</param>
internal sealed record InstrumentFinding(
    EventSource Source, string Symbol, InstrumentKind Kind, int PriceDecimals, int QuantityDecimals, long NotBefore)
{
    /// <summary>Where it trades, when the source has several places; else empty.</summary>
    internal string Market { get; init; } = string.Empty;

    internal bool IsSameInstrument(InstrumentFinding other) =>
        Source == other.Source && Kind == other.Kind && string.Equals(Symbol, other.Symbol, StringComparison.Ordinal);
}

/// <summary>Joins findings and options to a complete definition.</summary>
internal static class InstrumentDefault
{
    private const string MaxQuantity = "1000000000";

    // Longest first where one is the end of another.
    private static readonly string[] Currencies =
        ["FDUSD", "BUSD", "TUSD", "USDT", "USDC", "USD", "EUR", "GBP", "JPY", "BTC", "ETH", "BNB"];

    internal static InstrumentDefined Define(
        InstrumentFinding finding, InstrumentOptions options, string file)
    {
        int priceExponent = Exponent(file, "price-exponent", options.PriceExponent ?? finding.PriceDecimals);
        int quantityExponent = Exponent(
            file, "quantity-exponent", options.QuantityExponent ?? finding.QuantityDecimals);
        long lot = options.Lot is null ? 1 : Positive(file, "lot", options.Lot, quantityExponent);
        long minimum = options.MinQuantity is null
            ? lot
            : Positive(file, "min-quantity", options.MinQuantity, quantityExponent);
        long maximum = Positive(file, "max-quantity", options.MaxQuantity ?? MaxQuantity, quantityExponent);
        Require(minimum >= lot, file, "min-quantity", options.MinQuantity ?? string.Empty, "at least the lot");
        Require(maximum >= minimum, file, "max-quantity", options.MaxQuantity ?? MaxQuantity, "at least min-quantity");
        Require(IsCode(finding.Symbol, 24), file, "symbol", finding.Symbol, "1 to 24 printable ASCII characters");

        string currency = options.Currency ?? Currency(finding, file);
        Require(IsCode(currency, 8), file, "currency", currency, "1 to 8 printable ASCII characters");
        long minNotional = 0;
        Require(
            options.MinNotional is null
                || (DecimalText.TryParse(options.MinNotional, Money.Exponent, out minNotional) && minNotional >= 0),
            file,
            "min-notional",
            options.MinNotional ?? string.Empty,
            "a decimal that is not negative");

        return new InstrumentDefined
        {
            Symbol = Symbol24.Of(finding.Symbol),
            Currency = Currency8.Of(currency),
            Tick = Tick(finding, options, file, priceExponent),
            Lot = lot,
            MinQuantity = minimum,
            MaxQuantity = maximum,
            MinNotional = minNotional,
            Multiplier = Multiplier(finding),
            DefinitionVersion = 1,
            InstrumentKind = finding.Kind,
            PriceExponent = (byte)priceExponent,
            QuantityExponent = (byte)quantityExponent,
        };
    }

    private static long Tick(InstrumentFinding finding, InstrumentOptions options, string file, int priceExponent)
    {
        if (options.Tick is not null)
        {
            return Positive(file, "tick", options.Tick, priceExponent);
        }

        // Prices of this contract carry two decimals, its orders one. A cent is the rule for shares above a dollar.
        string? known = (finding.Source, finding.Kind, finding.Symbol) switch
        {
            (EventSource.Binance, InstrumentKind.Linear, "BTCUSDT") => "0.10",
            (EventSource.Lean, InstrumentKind.Equity, _) when priceExponent == LeanReader.EquityPriceExponent => "0.01",
            _ => null,
        };
        return known is not null && DecimalText.TryParse(known, priceExponent, out long tick) ? tick : 1;
    }

    // Contracts of this place that are settled in the coin are of 100 dollars of bitcoin or 10 of anything else.
    private static int Multiplier(InstrumentFinding finding) =>
        finding.Kind != InstrumentKind.Inverse || finding.Market is not ("binance" or "binance-delivery") ? 1
        : finding.Symbol.StartsWith("BTC", StringComparison.Ordinal) ? 100
        : 10;

    private static string Currency(InstrumentFinding finding, string file)
    {
        if (finding.Kind == InstrumentKind.Inverse)
        {
            int end = finding.Symbol.IndexOf("USD", StringComparison.Ordinal);
            return end > 0
                ? finding.Symbol[..end].TrimEnd('-', '_')
                : throw new ImportException(
                    file, 0, "currency", finding.Symbol, "a symbol that begins with its coin before USD, or the option currency=");
        }

        if (finding.Kind == InstrumentKind.Equity)
        {
            return "USD";
        }

        foreach (string currency in Currencies)
        {
            if (finding.Symbol.Length > currency.Length && finding.Symbol.EndsWith(currency, StringComparison.Ordinal))
            {
                return currency;
            }
        }

        throw new ImportException(
            file, 0, "currency", finding.Symbol, "a symbol that ends in a known currency, or the option currency=");
    }

    private static int Exponent(string file, string field, int exponent)
    {
        Require(
            exponent is >= 0 and <= Instrument.ExponentMax,
            file,
            field,
            exponent.ToString(System.Globalization.CultureInfo.InvariantCulture),
            "0 to 9 decimals; when the rest are zeros, give the option");
        return exponent;
    }

    private static long Positive(string file, string field, string text, int exponent)
    {
        Require(
            DecimalText.TryParse(text, exponent, out long units) && units > 0,
            file,
            field,
            text,
            $"a positive decimal with at most {exponent} decimals");
        return units;
    }

    private static bool IsCode(string text, int lengthMax)
    {
        foreach (char character in text)
        {
            if (character is <= ' ' or > '~')
            {
                return false;
            }
        }

        return text.Length >= 1 && text.Length <= lengthMax;
    }

    private static void Require(bool condition, string file, string field, string value, string allowed)
    {
        if (!condition)
        {
            throw new ImportException(file, 0, field, value, allowed);
        }
    }
}
