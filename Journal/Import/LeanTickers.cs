using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace LowLatency.Journal.Import;

/// <summary>The tickers that a share had, from its map file: the row with the first date on or after a day names it.</summary>
internal sealed class LeanTickers
{
    /// <summary>Rows of a map file; the longest real one has a dozen.</summary>
    private const int RowsMax = 4096;

    private readonly List<(DateOnly Until, string Ticker)> _rows = [];

    /// <summary>Reads a map file; a missing one names nothing.</summary>
    internal static LeanTickers Open(string folder, string symbol)
    {
        LeanTickers tickers = new();
        string path = Path.Combine(folder, "map_files", symbol.ToLowerInvariant() + ".csv");
        if (!File.Exists(path))
        {
            return tickers;
        }

        using LineReader lines = new(path);
        try
        {
            while (lines.TryRead(out ReadOnlySpan<byte> line))
            {
                (DateOnly date, string ticker) = Row(line);
                if (tickers._rows.Count == RowsMax)
                {
                    throw new FieldException("row", "another", $"at most {RowsMax} rows");
                }

                tickers._rows.Add((date, ticker));
            }
        }
        catch (FieldException e)
        {
            throw e.At(path, lines.Line);
        }

        return tickers;
    }

    /// <summary>A row: the last date of a ticker, the ticker, the exchange, which old files leave out.</summary>
    internal static (DateOnly Date, string Ticker) Row(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        DateOnly date = LeanSideFile.Date("date", fields.Next("date"));
        ReadOnlySpan<byte> ticker = fields.Next("ticker");
        if (ticker.Length is < 1 or > 24)
        {
            throw new FieldException("ticker", ticker, "1 to 24 of a-z, A-Z, 0-9, point and hyphen");
        }

        foreach (byte character in ticker)
        {
            if (!char.IsAsciiLetterOrDigit((char)character) && character is not ((byte)'.' or (byte)'-'))
            {
                throw new FieldException("ticker", ticker, "1 to 24 of a-z, A-Z, 0-9, point and hyphen");
            }
        }

        if (fields.HasMore)
        {
            ReadOnlySpan<byte> exchange = fields.Next("exchange");
            if (exchange.Length > 1 || (exchange.Length == 1 && !char.IsAsciiLetter((char)exchange[0])))
            {
                throw new FieldException("exchange", exchange, "one letter, or nothing");
            }
        }

        fields.End();
        return (date, Encoding.ASCII.GetString(ticker).ToUpperInvariant());
    }

    /// <summary>Whether the share ever had a ticker.</summary>
    internal bool Has(string ticker) => _rows.Exists(row => row.Ticker == ticker);

    /// <summary>Whether the share had a ticker on a day.</summary>
    internal bool Has(string ticker, DateOnly date)
    {
        if (_rows.Count == 0 || date < _rows[0].Until)
        {
            return false;
        }

        foreach ((DateOnly until, string name) in _rows)
        {
            if (date <= until)
            {
                return name == ticker;
            }
        }

        return false;
    }
}
