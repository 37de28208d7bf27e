using System;
using System.Collections.Generic;
using System.IO;

namespace LowLatency.Journal.Import;

/// <summary>
/// The factors by which prices of a share are adjusted: those of the first row of its factor file whose date is not before the
/// price's. Adjusted prices know later splits and dividends, so nothing may be booked for them beside.
/// </summary>
internal sealed class LeanFactors
{
    /// <summary>Decimals of an adjusted price: a cent times a factor of seven decimals is exact.</summary>
    internal const int PriceExponent = 9;

    /// <summary>Rows of a factor file; the longest real one has about a hundred.</summary>
    private const int RowsMax = 65_536;

    // A raw price of 10^-4 times two factors of 10^-10 each, to 10^-9.
    private static readonly Int128 Divisor = 1_000_000_000_000_000;

    private readonly List<(DateOnly Until, AdjustmentFactor Price, AdjustmentFactor Split)> _rows = [];
    private readonly string _path;
    private int _row;

    private LeanFactors(string path) => _path = path;

    /// <summary>Reads the factor file of a share.</summary>
    /// <param name="folder">Folder of its market.</param>
    /// <param name="symbol">Its symbol.</param>
    /// <returns>The factors.</returns>
    /// <exception cref="ImportException">There is none, or a line is not what it should be.</exception>
    internal static LeanFactors Open(string folder, string symbol)
    {
        LeanFactors factors = new(Path.Combine(folder, "factor_files", symbol.ToLowerInvariant() + ".csv"));
        if (!File.Exists(factors._path))
        {
            throw new ImportException(factors._path, 0, "prices", "adjusted", "raw, where there is no factor file");
        }

        using LineReader lines = new(factors._path);
        try
        {
            while (lines.TryRead(out ReadOnlySpan<byte> line))
            {
                factors.Add(line);
            }
        }
        catch (FieldException e)
        {
            throw e.At(factors._path, lines.Line);
        }

        return factors;
    }

    /// <summary>A price times its factors, rounded to the nearest 10^-9, half of it up.</summary>
    internal long Adjust(string field, ReadOnlySpan<byte> text, long raw, DateOnly date)
    {
        while (_row < _rows.Count && _rows[_row].Until < date)
        {
            _row++;
        }

        if (_row == _rows.Count)
        {
            throw new FieldException(field, text, $"a price of a date up to the last of {_path}");
        }

        // Factors are at most 10^6, prices of shares below 10^7 dollars: 10^11 x 10^16 x 10^10 fits.
        (DateOnly _, AdjustmentFactor price, AdjustmentFactor split) = _rows[_row];
        Int128 exact = (Int128)raw * price.Units * split.Units;
        Int128 units = (exact + (Divisor / 2)) / Divisor;
        return units > 0 && units <= long.MaxValue
            ? (long)units
            : throw new FieldException(field, text, "a price that times its factors is above 0 and fits 64 bits of 10^-9");
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        ReadOnlySpan<byte> dateText = fields.Next("date");
        DateOnly date = LeanSideFile.Date("date", dateText);
        if (_rows.Count == RowsMax || (_rows.Count > 0 && date <= _rows[^1].Until))
        {
            throw new FieldException("date", dateText, $"a date after that of the row above, of at most {RowsMax} rows");
        }

        _rows.Add((
            date,
            AdjustmentFactor.Parse("price factor", fields.Next("price factor")),
            AdjustmentFactor.Parse("split factor", fields.Next("split factor"))));
    }
}
