using System;
using System.Globalization;
using System.IO;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// What the place of a LEAN file says: a day, <c>security/market/resolution/symbol/YYYYMMDD_kind.zip</c>, for instance
/// <c>equity/usa/minute/spy/20131007_trade.zip</c>; or all days of a symbol, <c>security/market/resolution/symbol.zip</c> with
/// <c>_kind</c> after the symbol where it is not a share, for instance <c>equity/usa/daily/spy.zip</c>.
/// </summary>
internal sealed record LeanPath(
    string MarketFolder, string Security, string Market, string Resolution, string Symbol, DateOnly Date, string Kind)
{
    internal const string Form =
        "a path that ends in security/market/resolution/symbol/YYYYMMDD_kind.zip (tick, second, minute), or in "
        + "security/market/resolution/symbol.zip or symbol_kind.zip (hour, daily)";

    /// <summary>Whether it holds many days, each line with its date.</summary>
    internal bool IsSeries => Resolution is "hour" or "daily";

    /// <summary>What an instrument is: by the place of its file, or as the options say where that does not tell.</summary>
    internal static InstrumentKind KindOf(
        string path, string security, string market, string symbol, InstrumentKind wanted)
    {
        // These two settle their dollar contracts in the coin.
        bool isInverse = security == "cryptofuture" && market is ("bybit" or "binance")
            && symbol.EndsWith("USD", StringComparison.Ordinal);
        InstrumentKind natural = security switch
        {
            "equity" => InstrumentKind.Equity,
            "crypto" => InstrumentKind.Spot,
            _ => isInverse ? InstrumentKind.Inverse : InstrumentKind.Linear,
        };

        // They may be counted as if they were settled in dollars, where one wants that.
        return wanted == InstrumentKind.None || wanted == natural || (isInverse && wanted == InstrumentKind.Linear)
            ? wanted == InstrumentKind.None ? natural : wanted
            : throw new ImportException(path, 0, "kind", wanted.ToString(), natural.ToString());
    }

    internal static bool TryParse(string path, out LeanPath parsed)
    {
        parsed = null!;
        string full = Path.GetFullPath(path);
        string[] parts = full.Split(Path.DirectorySeparatorChar);
        if (parts.Length < 4 || !parts[^1].EndsWith(".zip", StringComparison.Ordinal))
        {
            return false;
        }

        string name = parts[^1][..^4];
        if (parts[^4] is "equity" or "crypto" or "cryptofuture" && parts[^2] is "hour" or "daily")
        {
            int end = parts[^4] == "equity" ? -1 : name.IndexOf('_', StringComparison.Ordinal);
            parsed = new LeanPath(
                Path.GetFullPath(Path.Combine(full, "..", "..")),
                parts[^4],
                parts[^3],
                parts[^2],
                (end < 0 ? name : name[..end]).ToUpperInvariant(),
                default,
                end < 0 ? "trade" : name[(end + 1)..]);
            return true;
        }

        int bar = name.IndexOf('_', StringComparison.Ordinal);
        if (bar < 0 || parts.Length < 5
            || parts[^5] is not ("equity" or "crypto" or "cryptofuture")
            || parts[^3] is not ("tick" or "second" or "minute")
            || !DateOnly.TryParseExact(
                name[..bar], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            return false;
        }

        string folder = Path.GetFullPath(Path.Combine(full, "..", "..", ".."));
        parsed = new LeanPath(
            folder, parts[^5], parts[^4], parts[^3], parts[^2].ToUpperInvariant(), date, name[(bar + 1)..]);
        return true;
    }
}
