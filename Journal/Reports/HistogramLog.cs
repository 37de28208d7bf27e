using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Journal.Reports;

/// <summary>The compressed form of a histogram: cookie, length, zlib; in log files as base 64.</summary>
public static class HistogramLog
{
    /// <summary>Bytes of the largest histogram there is, uncompressed, rounded up; more is not inflated.</summary>
    public const int MaximumInflatedBytes = 64 << 20;

    private const int HeadBytes = 8;

    /// <summary>Compresses a histogram: cookie, length and zlib stream.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="encoded">Memory to work in; made larger when it is too small.</param>
    /// <param name="output">Gets the bytes, from its start.</param>
    public static void Compress(HdrHistogram histogram, ref byte[] encoded, MemoryStream output)
    {
        int most = HistogramEncoding.MaximumBytes(histogram);
        if (encoded.Length < most)
        {
            encoded = new byte[most];
        }

        int length = HistogramEncoding.Encode(histogram, encoded);
        output.SetLength(0);
        output.Write(stackalloc byte[HeadBytes]);
        using (ZLibStream zlib = new(output, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(encoded, 0, length);
        }

        Span<byte> compressed = output.GetBuffer().AsSpan(0, (int)output.Length);
        BinaryPrimitives.WriteUInt32BigEndian(compressed, HistogramEncoding.CompressedCookie);
        BinaryPrimitives.WriteInt32BigEndian(compressed[4..], compressed.Length - HeadBytes);
    }

    /// <summary>Decompresses a histogram.</summary>
    /// <param name="compressed">What <see cref="Compress"/> or another implementation made.</param>
    /// <param name="histogram">The histogram, when it is one.</param>
    /// <returns>Null, or what is wrong with the bytes.</returns>
    public static string? Decompress(byte[] compressed, out HdrHistogram? histogram)
    {
        const uint WordSizeBits = 0xF0;
        histogram = null;
        if (compressed.Length < HeadBytes
            || (BinaryPrimitives.ReadUInt32BigEndian(compressed) | WordSizeBits)
                != (HistogramEncoding.CompressedCookie | WordSizeBits))
        {
            return "not a compressed histogram of version 2";
        }

        if (BinaryPrimitives.ReadInt32BigEndian(compressed.AsSpan(4)) != compressed.Length - HeadBytes)
        {
            return "the compressed length is not the number of bytes that follow";
        }

        using MemoryStream input = new(compressed, HeadBytes, compressed.Length - HeadBytes);
        using ZLibStream zlib = new(input, CompressionMode.Decompress);
        using MemoryStream inflated = new();
        try
        {
            byte[] block = new byte[16 << 10];
            for (int read = zlib.Read(block); read > 0; read = zlib.Read(block))
            {
                if (inflated.Length + read > MaximumInflatedBytes)
                {
                    return "inflates to more than any histogram";
                }

                inflated.Write(block, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return "the zlib stream is damaged";
        }

        Span<byte> encoded = inflated.GetBuffer().AsSpan(0, (int)inflated.Length);
        HistogramFault fault = HistogramEncoding.Decode(encoded, out histogram);
        return fault == HistogramFault.None ? null : $"the encoded histogram is refused: {fault}";
    }
}

/// <summary>Writes histogram logs, format 1.3: text lines that every HdrHistogram tool reads.</summary>
/// <param name="destination">Where to; not closed.</param>
[SuppressMessage("Design", "CA1001", Justification = "A memory stream holds nothing but memory.")]
public sealed class HistogramLogWriter(TextWriter destination)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    // Kept between intervals: a log that is written beside a running engine gives the collector next to nothing to do.
    private readonly MemoryStream _compressed = new();
    private byte[] _encoded = [];
    private char[] _text = [];

    /// <summary>Writes the line that names the format; the first of a file.</summary>
    public void WriteVersion() => WriteComment("[Histogram log format version 1.3]");

    /// <summary>Writes the column names.</summary>
    public void WriteLegend() =>
        destination.Write(
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n");

    /// <summary>Writes when the run began.</summary>
    /// <param name="time">Nanoseconds since 1970 UTC.</param>
    public void WriteStartTime(long time)
    {
        string text = DateTimeOffset.FromUnixTimeMilliseconds(time / NanosecondsPerMillisecond)
            .ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        WriteComment($"[StartTime: {Seconds(time)} (seconds since epoch), {text}]");
    }

    /// <summary>Writes what readers add to the times of all intervals that follow.</summary>
    /// <param name="time">Nanoseconds since 1970 UTC.</param>
    public void WriteBaseTime(long time) => WriteComment($"[BaseTime: {Seconds(time)} (seconds since epoch)]");

    /// <summary>Writes a comment.</summary>
    /// <param name="text">One line.</param>
    public void WriteComment(string text)
    {
        Ensure.That(!text.AsSpan().ContainsAny('\r', '\n'), "a comment of a histogram log is one line");
        destination.Write($"#{text}\n");
    }

    /// <summary>Writes an interval's histogram. The format keeps times to the millisecond.</summary>
    /// <param name="histogram">The interval's values.</param>
    /// <param name="start">Nanoseconds, since the base time when one was written.</param>
    /// <param name="end">Nanoseconds, not before the start.</param>
    /// <param name="tag">Name of what was measured: no comma, no white space; null for none.</param>
    /// <param name="maximumUnit">Values per unit of the maximum that people read in the line: 1,000,000 shows
    /// nanoseconds as milliseconds.</param>
    public void WriteInterval(
        HdrHistogram histogram, long start, long end, string? tag = null, long maximumUnit = NanosecondsPerMillisecond)
    {
        Ensure.That(start >= 0 && end >= start, "an interval of a histogram log must not end before it starts");
        Ensure.That(maximumUnit >= 1, "unit of an interval's maximum must be at least 1");
        if (tag is not null)
        {
            Ensure.That(tag.Length > 0 && !tag.AsSpan().ContainsAny(", \t\r\n"), "a tag is one word without commas");
            destination.Write($"Tag={tag},");
        }

        string maximum = ((decimal)histogram.Maximum / maximumUnit).ToString("F3", CultureInfo.InvariantCulture);
        HistogramLog.Compress(histogram, ref _encoded, _compressed);
        int characters = ((int)_compressed.Length + 2) / 3 * 4;
        if (_text.Length < characters)
        {
            _text = new char[characters];
        }

        Convert.TryToBase64Chars(_compressed.GetBuffer().AsSpan(0, (int)_compressed.Length), _text, out int written);
        destination.Write($"{Seconds(start)},{Seconds(end - start)},{maximum},");
        destination.Write(_text.AsSpan(0, written));
        destination.Write('\n');
    }

    private static string Seconds(long nanoseconds) =>
        (nanoseconds / 1_000_000_000m).ToString("F3", CultureInfo.InvariantCulture);
}

/// <summary>One interval of a histogram log.</summary>
/// <param name="Tag">Name of what was measured, or null.</param>
/// <param name="Start">Nanoseconds; since 1970 UTC when the log says where its times begin.</param>
/// <param name="Length">Nanoseconds.</param>
/// <param name="Histogram">The values.</param>
public sealed record HistogramInterval(string? Tag, long Start, long Length, HdrHistogram Histogram);

/// <summary>Reads histogram logs. A damaged line is reported with its number; reading can go on behind it.</summary>
/// <param name="source">Where from; not closed.</param>
/// <param name="onComment">Gets each comment that is not of the format itself; null when nobody cares.</param>
public sealed class HistogramLogReader(TextReader source, Action<string>? onComment = null)
{
    /// <summary>Characters of a line that are kept; a longer line is damaged.</summary>
    public const int MaximumLineLength = 64 << 20;

    private const string StartTimeMark = "#[StartTime:";
    private const string BaseTimeMark = "#[BaseTime:";
    private const string TagMark = "Tag=";
    private const string FormatMark = "#[Histogram log format";
    private const decimal MaximumSeconds = 4_600_000_000m;
    private const long YearNanoseconds = 365L * 24 * 3600 * 1_000_000_000;

    private readonly StringBuilder _line = new();
    private long _startTime;
    private long? _baseTime;

    /// <summary>Number of the line read last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>What is wrong with that line; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>True when the log ends inside the line read last: its writer was cut off, or is still at work.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads up to the next interval.</summary>
    /// <param name="interval">The interval; null at the end of the log and on a damaged line.</param>
    /// <returns>True for an interval; else <see cref="Fault"/> tells a damaged line from the end.</returns>
    public bool TryRead(out HistogramInterval? interval)
    {
        interval = null;
        Fault = null;
        while (NextLine() is { } line)
        {
            if (line.StartsWith(StartTimeMark, StringComparison.Ordinal))
            {
                Fault = ParseTime(line[StartTimeMark.Length..], out _startTime);
            }
            else if (line.StartsWith(BaseTimeMark, StringComparison.Ordinal))
            {
                Fault = ParseTime(line[BaseTimeMark.Length..], out long baseTime);
                _baseTime = baseTime;
            }
            else if (line.StartsWith('#'))
            {
                if (!line.StartsWith(FormatMark, StringComparison.Ordinal))
                {
                    onComment?.Invoke(line[1..]);
                }
            }
            else if (line.Length > 0 && line[0] != '"')
            {
                Fault = ParseInterval(line, out interval);
                return Fault is null;
            }

            if (Fault is not null)
            {
                return false;
            }
        }

        return false;
    }

    private static string? ParseTime(string text, out long nanoseconds)
    {
        string word = text.TrimStart().Split(' ')[0];
        return TrySeconds(word, out nanoseconds) ? null : "a time is not a number of seconds";
    }

    private static bool TrySeconds(string text, out long nanoseconds)
    {
        // The year 2115. Twice as many nanoseconds, a base and a time, still fit 64 bits.
        bool read = decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds)
            && seconds is >= 0 and <= MaximumSeconds;
        nanoseconds = read ? (long)(seconds * 1_000_000_000m) : 0;
        return read;
    }

    private string? ParseInterval(string line, out HistogramInterval? interval)
    {
        interval = null;
        string? tag = null;
        if (line.StartsWith(TagMark, StringComparison.Ordinal))
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0)
            {
                return "nothing follows the tag";
            }

            tag = line[TagMark.Length..comma];
            line = line[(comma + 1)..];
        }

        string[] fields = line.Split(',');
        if (fields.Length != 4)
        {
            return "an interval has four fields";
        }

        if (!TrySeconds(fields[0], out long start) || !TrySeconds(fields[1], out long length))
        {
            return "start or length of an interval is not a number of seconds";
        }

        byte[] compressed = new byte[fields[3].Length];
        if (!Convert.TryFromBase64String(fields[3].Trim(), compressed, out int written))
        {
            return "the histogram is not base 64";
        }

        Array.Resize(ref compressed, written);
        if (HistogramLog.Decompress(compressed, out HdrHistogram? histogram) is { } fault)
        {
            return fault;
        }

        // The format's own rule: times more than a year before the log's start are relative to it.
        long offset = _baseTime ?? (start < _startTime - YearNanoseconds ? _startTime : 0);
        interval = new HistogramInterval(tag, start + offset, length, histogram!);
        return null;
    }

    private string? NextLine()
    {
        _line.Clear();
        int next = source.Read();
        if (next < 0)
        {
            return null;
        }

        LineNumber++;
        for (; next >= 0 && next != '\n'; next = source.Read())
        {
            if (_line.Length < MaximumLineLength)
            {
                _line.Append((char)next);
            }
            else
            {
                Fault = "the line is longer than any histogram's";
            }
        }

        IsCut = next < 0;
        return Fault is null ? _line.ToString().TrimEnd('\r') : null;
    }
}
