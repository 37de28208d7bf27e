using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>What the LEAN files that accompany market data have in common: their instrument, their dates.</summary>
internal static class LeanSideFile
{
    internal const int YearMin = 1971;

    /// <summary>From this year on a date means "not yet".</summary>
    internal const int YearOpen = 2050;

    private const int DateLength = 8;

    internal static InstrumentFinding Find(string path, InstrumentOptions options, LeanSidePath place)
    {
        bool isFunding = place.Kind == LeanSideKind.Funding;
        InstrumentKind natural = LeanPath.KindOf(
            path, isFunding ? "cryptofuture" : "equity", place.Market, place.Symbol, options.Kind);
        if (options.IsAdjusted && place.Kind == LeanSideKind.Factors)
        {
            throw new ImportException(
                path, 0, "prices", "adjusted", "raw, where a factor file is imported: adjusted prices hold its actions already");
        }

        string symbol = place.Symbol;
        if (options.Symbol is { } wanted && wanted != symbol)
        {
            // The share may have had that name at some time; its map file says so.
            if (isFunding || !LeanTickers.Open(place.Folder, symbol).Has(wanted))
            {
                throw new ImportException(path, 0, "symbol", symbol, options.Symbol);
            }

            symbol = wanted;
        }

        // Decimals are those of the market data; alone a file has none.
        int price = isFunding ? options.PriceExponent ?? 0 : LeanReader.EquityPriceExponent;
        return new InstrumentFinding(EventSource.Lean, symbol, natural, price, options.QuantityExponent ?? 0, 0)
        {
            Market = place.Market,
        };
    }

    internal static ImportReader Open(
        LineReader lines, FileSummary summary, LeanSidePath place, InstrumentOptions options, InstrumentId instrument)
    {
        return place.Kind switch
        {
            LeanSideKind.Factors => new LeanFactorReader(lines, summary, options.HasCentDividends, instrument),
            LeanSideKind.Map => new LeanMapReader(lines, summary, instrument),
            LeanSideKind.Funding => new LeanFundingReader(lines, summary, instrument),
        };
    }

    internal static DateOnly Date(string field, ReadOnlySpan<byte> text)
    {
        const string allowed = "YYYYMMDD, 1971 to 2099";
        if (text.Length != DateLength || text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            throw new FieldException(field, text, allowed);
        }

        int number = (int)Fields.Whole(field, text);
        (int year, int month, int day) = (number / 10_000, number / 100 % 100, number % 100);
        return year is >= YearMin and <= NewYorkTime.YearMax && month is >= 1 and <= 12
            && day >= 1 && day <= DateTime.DaysInMonth(year, month)
                ? new DateOnly(year, month, day)
                : throw new FieldException(field, text, allowed);
    }

    /// <summary>The New York midnight that ends a date: from then on the next row of a file holds.</summary>
    internal static long EndOf(DateOnly date)
    {
        NewYorkTime.TryToUtc(date.AddDays(1), 0, out long utc);
        return Fields.FromMilliseconds("date", utc);
    }
}
