using System;
using System.Globalization;
using System.IO;

namespace LowLatency.Journal.Import;

/// <summary>
/// What the place of a LEAN file says: <c>security/market/resolution/symbol/YYYYMMDD_kind.zip</c>, for instance
/// <c>equity/usa/minute/spy/20131007_trade.zip</c>.
/// </summary>
internal sealed record LeanPath(
    string Security, string Market, string Resolution, string Symbol, DateOnly Date, string Kind)
{
    internal const string Form = "a path that ends in security/market/resolution/symbol/YYYYMMDD_kind.zip";

    internal static bool TryParse(string path, out LeanPath parsed)
    {
        parsed = null!;
        string[] parts = Path.GetFullPath(path).Split(Path.DirectorySeparatorChar);
        if (parts.Length < 5 || !parts[^1].EndsWith(".zip", StringComparison.Ordinal))
        {
            return false;
        }

        string name = parts[^1][..^4];
        int bar = name.IndexOf('_', StringComparison.Ordinal);
        if (bar < 0
            || parts[^5] is not ("equity" or "crypto" or "cryptofuture")
            || parts[^3] is not ("tick" or "second" or "minute")
            || !DateOnly.TryParseExact(
                name[..bar], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date))
        {
            return false;
        }

        parsed = new LeanPath(parts[^5], parts[^4], parts[^3], parts[^2].ToUpperInvariant(), date, name[(bar + 1)..]);
        return true;
    }
}
