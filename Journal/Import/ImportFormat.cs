using System;
using System.Text;

namespace LowLatency.Journal.Import;

/// <summary>What can be imported.</summary>
public enum ImportFormat
{
    /// <summary>Look at the file's name and first bytes; refuse when unsure.</summary>
    Detect = 0,

    /// <summary>Raw Binance messages, each after its local receive time in nanoseconds; plain or gzip.</summary>
    Binance = 1,

    /// <summary>Bybit's archive of order-book messages, JSON lines; zip, gzip or plain.</summary>
    Bybit = 2,

    /// <summary>
    /// A LEAN zip: equity or crypto bars or quotes of a minute or second, or equity ticks; or a factor, map or funding file.
    /// </summary>
    Lean = 3,

    /// <summary>Our own comma separated format (docs/data.md); plain or gzip.</summary>
    Csv = 4,

    /// <summary>A Tardis file of trades, quotes, book changes or book snapshots; gzip or plain.</summary>
    Tardis = 5,
}

/// <summary>Names and detection of formats.</summary>
public static class ImportFormats
{
    /// <summary>Every name, for messages and help.</summary>
    public const string Names = "binance, bybit, lean, csv, tardis";

    /// <summary>The format of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="format">The format.</param>
    /// <returns>False when there is none of that name.</returns>
    public static bool TryParse(string name, out ImportFormat format)
    {
        format = name switch
        {
            "binance" => ImportFormat.Binance,
            "bybit" => ImportFormat.Bybit,
            "lean" => ImportFormat.Lean,
            "csv" => ImportFormat.Csv,
            "tardis" => ImportFormat.Tardis,
            _ => ImportFormat.Detect,
        };
        return format != ImportFormat.Detect;
    }

    /// <summary>Tells a file's format from its name and its first line.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The format; never <see cref="ImportFormat.Detect"/>.</returns>
    /// <exception cref="ImportException">The file cannot be read, is empty, or is none of the formats.</exception>
    public static ImportFormat Detect(string path)
    {
        using LineReader lines = new(path);
        if (!lines.TryRead(out ReadOnlySpan<byte> line))
        {
            throw new ImportException(path, 0, "file", "no line", "a file with at least one line");
        }

        if (line.StartsWith("{\"topic\":\"orderbook."u8))
        {
            return ImportFormat.Bybit;
        }

        if (line.StartsWith(CsvReader.FirstLine))
        {
            return ImportFormat.Csv;
        }

        if (line.StartsWith(TardisHeader.Start))
        {
            return ImportFormat.Tardis;
        }

        if ((lines.Container == Container.Zip && LeanPath.TryParse(path, out _)) || LeanSidePath.TryParse(path, out _))
        {
            return ImportFormat.Lean;
        }

        int blank = line.IndexOf((byte)' ');
        if (blank > 0 && line[..blank].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && line.Length > blank + 1 && line[blank + 1] == (byte)'{')
        {
            return ImportFormat.Binance;
        }

        throw new ImportException(
            path,
            1,
            string.Empty,
            Encoding.ASCII.GetString(line[..Math.Min(line.Length, 80)]),
            $"the first line of one of the formats ({Names}); or name the format");
    }
}
