using System;
using System.Globalization;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>One input of an import.</summary>
/// <param name="Path">The file.</param>
/// <param name="Format">Its format; <see cref="ImportFormat.Detect"/> looks at its name and first bytes.</param>
/// <param name="Instrument">What the file does not say about its instrument; null for the defaults.</param>
/// <param name="AllowGaps">Whether funding rates may be missing within the market data.</param>
public sealed record ImportFile(
    string Path,
    ImportFormat Format = ImportFormat.Detect,
    InstrumentOptions? Instrument = null,
    bool AllowGaps = false);

/// <summary>
/// What a file does not say about its instrument. Decimal texts are in the instrument's own terms (<c>0.10</c> is ten
/// cents); what is left out has a default.
/// </summary>
public sealed record InstrumentOptions
{
    /// <summary>The venue's symbol; data of another one is refused. Default: the first symbol in the data.</summary>
    public string? Symbol { get; init; }

    /// <summary>What it is. Default: what the format shows.</summary>
    public InstrumentKind Kind { get; init; }

    /// <summary>Decimal places of the price unit. Default: the most decimals in the first lines.</summary>
    public int? PriceExponent { get; init; }

    /// <summary>Decimal places of the quantity unit. Default: the most decimals in the first lines.</summary>
    public int? QuantityExponent { get; init; }

    /// <summary>Step of an order price. Default: one price unit, unless the contract is known.</summary>
    public string? Tick { get; init; }

    /// <summary>Step of an order quantity. Default: one quantity unit.</summary>
    public string? Lot { get; init; }

    /// <summary>Smallest order quantity. Default: the lot.</summary>
    public string? MinQuantity { get; init; }

    /// <summary>Largest order quantity. Default: 1,000,000,000.</summary>
    public string? MaxQuantity { get; init; }

    /// <summary>Smallest order value in the currency. Default: none.</summary>
    public string? MinNotional { get; init; }

    /// <summary>Currency of prices. Default: the end of the symbol (crypto) or USD (equity).</summary>
    public string? Currency { get; init; }

    /// <summary>First date that is taken of a LEAN file of many days, by the file's own calendar. Default: all.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Last date that is taken of a LEAN file of many days. Default: all.</summary>
    public DateOnly? To { get; init; }

    /// <summary>
    /// LEAN shares: prices are multiplied by the factors of their factor file instead of left as they were traded.
    /// </summary>
    public bool IsAdjusted { get; init; }

    /// <summary>LEAN factor files: dividends are rounded to the cent, as LEAN pays them, instead of told as declared.</summary>
    public bool HasCentDividends { get; init; }

    /// <summary>True when an option is given that only LEAN files have.</summary>
    internal bool HasLeanOptions => From is not null || To is not null || IsAdjusted || HasCentDividends;

    /// <summary>Lines that are read ahead to find symbol and decimals; at least 1.</summary>
    public int ProbeLines { get; init; } = 4096;

    /// <summary>Reads <c>key=value,key=value</c>.</summary>
    /// <param name="text">
    /// Keys: symbol, kind (equity, spot, linear, inverse), price-exponent, quantity-exponent, tick, lot, min-quantity,
    /// max-quantity, min-notional, currency, probe-lines; of LEAN files from and to (YYYYMMDD), prices (raw, adjusted) and
    /// dividends (declared, cents).
    /// </param>
    /// <returns>The options.</returns>
    /// <exception cref="FormatException">An unknown key, a key twice, or a value that is not allowed.</exception>
    public static InstrumentOptions Parse(string text)
    {
        InstrumentOptions options = new();
        string seen = ",";
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? part : part[..equals];
            string value = equals < 0 ? string.Empty : part[(equals + 1)..];
            if (value.Length == 0 || seen.Contains("," + key + ",", StringComparison.Ordinal))
            {
                throw new FormatException($"instrument option '{part}': each key once, as key=value");
            }

            seen += key + ",";
            options = key switch
            {
                "symbol" => options with { Symbol = value },
                "kind" => options with { Kind = ParseKind(value) },
                "price-exponent" => options with { PriceExponent = Whole(key, value, 0, Instrument.ExponentMax) },
                "quantity-exponent" => options with { QuantityExponent = Whole(key, value, 0, Instrument.ExponentMax) },
                "tick" => options with { Tick = value },
                "lot" => options with { Lot = value },
                "min-quantity" => options with { MinQuantity = value },
                "max-quantity" => options with { MaxQuantity = value },
                "min-notional" => options with { MinNotional = value },
                "currency" => options with { Currency = value },
                "probe-lines" => options with { ProbeLines = Whole(key, value, 1, 1_000_000) },
                "from" => options with { From = Date(key, value) },
                "to" => options with { To = Date(key, value) },
                "prices" => options with { IsAdjusted = IsSecond(key, value, "raw", "adjusted") },
                "dividends" => options with { HasCentDividends = IsSecond(key, value, "declared", "cents") },
                _ => throw new FormatException(
                    $"instrument option '{key}' is not known; there are symbol, kind, price-exponent, "
                    + "quantity-exponent, tick, lot, min-quantity, max-quantity, min-notional, currency, probe-lines, from, to, "
                    + "prices, dividends"),
            };
        }

        return options.From > options.To
            ? throw new FormatException("instrument option from: must not be after to")
            : options;
    }

    internal static InstrumentKind ParseKind(string text) => text switch
    {
        "equity" => InstrumentKind.Equity,
        "spot" => InstrumentKind.Spot,
        "linear" => InstrumentKind.Linear,
        "inverse" => InstrumentKind.Inverse,
        _ => throw new FormatException($"instrument kind '{text}' is not known; there are equity, spot, linear, inverse"),
    };

    private static DateOnly Date(string key, string text) =>
        DateOnly.TryParseExact(text, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : throw new FormatException($"instrument option {key}: '{text}' (allowed: a date, YYYYMMDD)");

    private static bool IsSecond(string key, string text, string first, string second) =>
        text == first || text == second
            ? text == second
            : throw new FormatException($"instrument option {key}: '{text}' (allowed: {first}, {second})");

    private static int Whole(string key, string text, int low, int high) =>
        DecimalText.TryParse(text, 0, out long value) && value >= low && value <= high
            ? (int)value
            : throw new FormatException($"instrument option {key}: '{text}' (allowed: {low} to {high})");
}
