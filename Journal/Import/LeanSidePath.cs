using System;
using System.IO;

namespace LowLatency.Journal.Import;

/// <summary>What a LEAN file beside the market data holds.</summary>
internal enum LeanSideKind
{
    /// <summary>Price and split factors: dividends and splits.</summary>
    Factors,

    /// <summary>Which ticker a share had until when: renamings and the delisting.</summary>
    Map,

    /// <summary>Funding rates of a perpetual.</summary>
    Funding,
}

/// <summary>
/// What the place of a LEAN file says that accompanies market data, for instance <c>equity/usa/factor_files/spy.csv</c>.
/// </summary>
internal sealed record LeanSidePath(string Folder, string Market, string Symbol, LeanSideKind Kind)
{
    internal const string Form =
        "equity/MARKET/factor_files/SYMBOL.csv, equity/MARKET/map_files/SYMBOL.csv or "
        + "cryptofuture/MARKET/margin_interest/SYMBOL.csv";

    private const string Extension = ".csv";

    internal static bool TryParse(string path, out LeanSidePath parsed)
    {
        parsed = null!;
        string full = Path.GetFullPath(path);
        string[] parts = full.Split(Path.DirectorySeparatorChar);
        if (parts.Length < 4 || !parts[^1].EndsWith(Extension, StringComparison.Ordinal)
            || parts[^1].Length == Extension.Length)
        {
            return false;
        }

        LeanSideKind? kind = (parts[^4], parts[^2]) switch
        {
            ("equity", "factor_files") => LeanSideKind.Factors,
            ("equity", "map_files") => LeanSideKind.Map,
            ("cryptofuture", "margin_interest") => LeanSideKind.Funding,
            _ => null,
        };
        if (kind is not { } found)
        {
            return false;
        }

        string folder = Path.GetFullPath(Path.Combine(full, "..", ".."));
        parsed = new LeanSidePath(folder, parts[^3], parts[^1][..^Extension.Length].ToUpperInvariant(), found);
        return true;
    }
}
