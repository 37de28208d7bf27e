using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal.Reports;
using LowLatency.Tests.Core.Formats;
using Xunit;

namespace LowLatency.Tests.Journal.Reports;

/// <summary>
/// Histogram logs, ours against hdr-histogram-js both ways. The cases are those of <c>Tests/npm/histogram.js</c>.
/// </summary>
public sealed class HistogramLogTests
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1000 * Millisecond;

    private static readonly double[] Percentiles = [0, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100];

    [Fact]
    public void A_log_of_theirs_is_read_and_holds_what_we_record()
    {
        List<HistogramInterval> theirs = ReadAll(File.ReadAllText(NodeInterop.Fixture("histograms.hlog")));
        List<(string Tag, HdrHistogram Histogram)> ours = Cases();
        Assert.Equal(ours.Count, theirs.Count);
        StringBuilder summary = new();
        for (int i = 0; i < ours.Count; i++)
        {
            Assert.Equal(ours[i].Tag, theirs[i].Tag);
            Assert.Equal(i * Second, theirs[i].Start);
            Assert.Equal(500 * Millisecond, theirs[i].Length);
            Assert.Equal(ours[i].Histogram.HighestTrackable, theirs[i].Histogram.HighestTrackable);
            Assert.Equal(ours[i].Histogram.SignificantDigits, theirs[i].Histogram.SignificantDigits);
            Assert.Equal(ours[i].Histogram.Counts.ToArray(), theirs[i].Histogram.Counts.ToArray());
            summary.Append(Summary(theirs[i].Tag!, theirs[i].Histogram));
        }

        // What theirs says of these histograms, committed beside the log.
        Assert.Equal(File.ReadAllText(NodeInterop.Fixture("histograms.txt")), summary.ToString());
        Assert.Equal(summary.ToString(), SummaryOfCases());
    }

    [Fact]
    public void One_value_more_is_seen_by_the_comparison()
    {
        // The negative control of the comparison above.
        List<HistogramInterval> theirs = ReadAll(File.ReadAllText(NodeInterop.Fixture("histograms.hlog")));
        (string tag, HdrHistogram histogram) = Cases()[2];
        histogram.RecordValue(77);
        Assert.NotEqual(histogram.Counts.ToArray(), theirs[2].Histogram.Counts.ToArray());
        Assert.NotEqual(Summary(tag, histogram), Summary(tag, theirs[2].Histogram));
    }

    [Fact]
    public void The_fixture_is_what_theirs_says_today()
    {
        string today = Encoding.UTF8.GetString(NodeInterop.Run("histogram.js", "summary", []));
        Assert.Equal(File.ReadAllText(NodeInterop.Fixture("histograms.txt")), today);
        string log = Encoding.UTF8.GetString(NodeInterop.Run("histogram.js", "write", []));
        Assert.Equal(SummaryOf(File.ReadAllText(NodeInterop.Fixture("histograms.hlog"))), SummaryOf(log));
    }

    [Fact]
    public void A_log_of_ours_is_read_by_theirs_and_says_the_same()
    {
        byte[] output = NodeInterop.Run("histogram.js", "read", Encoding.UTF8.GetBytes(WriteCases()));
        Assert.Equal(SummaryOfCases(), Encoding.UTF8.GetString(output));
    }

    [Fact]
    public void A_log_of_ours_is_read_back()
    {
        Assert.Equal(SummaryOfCases(), SummaryOf(WriteCases()));
    }

    [Fact]
    public void The_text_is_that_of_the_format()
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        HistogramLogWriter writer = new(text);
        HdrHistogram histogram = new(10_000_000, 3);
        histogram.RecordValue(2_345_678);
        writer.WriteVersion();
        writer.WriteStartTime((1_700_000_000L * Second) + (250 * Millisecond));
        writer.WriteBaseTime(1_700_000_000L * Second);
        writer.WriteLegend();
        writer.WriteInterval(histogram, 1500 * Millisecond, 3 * Second);
        writer.WriteInterval(histogram, 3 * Second, 4 * Second, "decide", 1);
        string[] lines = text.ToString().Split('\n');
        Assert.Equal("#[Histogram log format version 1.3]", lines[0]);
        Assert.Equal("#[StartTime: 1700000000.250 (seconds since epoch), 2023-11-14T22:13:20.250Z]", lines[1]);
        Assert.Equal("#[BaseTime: 1700000000.000 (seconds since epoch)]", lines[2]);
        Assert.Equal(
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"", lines[3]);

        // 2,345,678 lies in bucket 11: ranges of 2,048, this one from 2,344,960 to 2,347,007.
        Assert.StartsWith("1.500,1.500,2.347,HISTFAAAA", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("Tag=decide,3.000,1.000,2347007.000,HISTFAAAA", lines[5], StringComparison.Ordinal);
        Assert.Equal(string.Empty, lines[6]);
        Assert.Equal(7, lines.Length);

        List<HistogramInterval> read = ReadAll(text.ToString());
        Assert.Null(read[0].Tag);
        Assert.Equal((1_700_000_000L * Second) + (1500 * Millisecond), read[0].Start);
        Assert.Equal("decide", read[1].Tag);
        Assert.Equal(1, read[1].Histogram.TotalCount);
    }

    [Fact]
    public void Times_long_before_the_start_are_relative_to_it_and_others_are_not()
    {
        string line = IntervalLine();
        const string Start = "#[StartTime: 1700000000.000 x]";
        Assert.Equal(1_700_000_001L * Second, ReadAll(Start + "\n1.0" + line)[0].Start);
        Assert.Equal(1_700_000_005L * Second, ReadAll(Start + "\r\n1700000005.000" + line)[0].Start);
        Assert.Equal(1 * Second, ReadAll("1.0" + line)[0].Start);
    }

    [Fact]
    public void A_damaged_line_is_named_and_reading_goes_on_behind_it()
    {
        string sound = "1.000" + IntervalLine();
        string changed = sound[..60] + (sound[60] == 'A' ? 'B' : 'A') + sound[61..];
        foreach (string damaged in (string[])[
            changed, sound[..^5], sound[..^1] + "!", "1.000,1.000,1.000", "Tag=x", "x" + sound, "1e99" + sound[5..],
            "-1.0" + sound[5..], "#[StartTime: soon]", "#[BaseTime: ]", sound + ",1", "1.000,1.000,1.000,AAAA",
            "1.000,1.000,1.000,HISTFAAAAAB42g=="])
        {
            HistogramLogReader reader = new(new StringReader($"# a comment\n{damaged}\n\n{sound}\n"));
            Assert.False(reader.TryRead(out HistogramInterval? none), damaged);
            Assert.Null(none);
            Assert.NotNull(reader.Fault);
            Assert.Equal(2, reader.LineNumber);
            Assert.True(reader.TryRead(out HistogramInterval? interval), damaged);
            Assert.Equal(1, interval!.Histogram.TotalCount);
            Assert.Equal(4, reader.LineNumber);
            Assert.False(reader.TryRead(out _));
            Assert.Null(reader.Fault);
        }
    }

    [Fact]
    public void A_log_that_was_cut_inside_its_last_line_gives_all_the_others_and_says_so()
    {
        string log = WriteCases();
        int whole = Cases().Count;
        int last = log.TrimEnd('\n').LastIndexOf('\n') + 1;
        int refused = 0;
        for (int length = last + 1; length < log.Length; length++)
        {
            HistogramLogReader reader = new(new StringReader(log[..length]));
            int read = 0;
            while (reader.TryRead(out _))
            {
                read++;
            }

            // Without its line break, and only without that, the line is all there.
            Assert.Equal(length == log.Length - 1, read == whole);
            Assert.True(read >= whole - 1);
            Assert.True(reader.IsCut);
            refused += reader.Fault is null ? 0 : 1;
        }

        Assert.Equal(log.Length - last - 2, refused);
        HistogramLogReader sound = new(new StringReader(log));
        while (sound.TryRead(out _))
        {
            Assert.False(sound.IsCut);
        }
    }

    [Fact]
    public void Comments_that_are_not_of_the_format_are_handed_on()
    {
        List<string> comments = [];
        HistogramLogReader reader = new(
            new StringReader("#[Histogram log format version 1.3]\n#[StartTime: 5 x]\n# one\n#two\n1.0" + IntervalLine() + "\n"),
            comments.Add);
        Assert.True(reader.TryRead(out _));
        Assert.Equal([" one", "two"], comments);
    }

    [Fact]
    public void A_small_text_does_not_inflate_without_end()
    {
        // 80 MB of zeros in some 80 kB: refused by size, before anyone asks what they mean.
        using MemoryStream bomb = new();
        bomb.Write(Convert.FromHexString("1C84931400000000"));
        using (System.IO.Compression.ZLibStream zlib = new(bomb, System.IO.Compression.CompressionLevel.Fastest, true))
        {
            for (int i = 0; i < 80; i++)
            {
                zlib.Write(new byte[1 << 20]);
            }
        }

        byte[] bytes = bomb.ToArray();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), bytes.Length - 8);
        Assert.Contains("more than any", HistogramLog.Decompress(bytes, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_break_the_lines_is_a_broken_invariant()
    {
        HistogramLogWriter writer = new(TextWriter.Null);
        HdrHistogram histogram = new(1000, 3);
        Assert.Throws<BrokenInvariantException>(() => writer.WriteComment("a\nb"));
        foreach (string tag in (string[])["", "a,b", "a b", "a\n"])
        {
            Assert.Throws<BrokenInvariantException>(() => writer.WriteInterval(histogram, 0, 1, tag));
        }

        Assert.Throws<BrokenInvariantException>(() => writer.WriteInterval(histogram, 2, 1));
    }

    private static List<(string Tag, HdrHistogram Histogram)> Cases()
    {
        HdrHistogram empty = new(3_600_000_000_000, 3);
        HdrHistogram zeros = new(1000, 2);
        zeros.RecordValue(0, 3);
        HdrHistogram spread = new(3_600_000_000_000, 3);
        for (long i = 0; i < 5000; i++)
        {
            spread.RecordValue(i * i * 7919 % 1_000_000_007);
        }

        HdrHistogram coarse = new(1000, 1);
        for (int i = 0; i <= 1000; i++)
        {
            coarse.RecordValue(i);
        }

        HdrHistogram fine = new(1_000_000, 5);
        for (int i = 0; i < 3000; i++)
        {
            fine.RecordValue(i * 331 % 1_000_001);
        }

        HdrHistogram stall = new(10_000_000, 3);
        for (int i = 0; i < 100; i++)
        {
            stall.RecordValueWithExpectedInterval(i == 50 ? 1_234_567 : 900 + i, 1000);
        }

        HdrHistogram many = new(4096, 2);
        many.RecordValue(500, 1L << 40);
        many.RecordValue(4000, 3);
        HdrHistogram micros = new(3_600_000_000_000, 3, 1000);
        for (long i = 0; i < 4000; i++)
        {
            micros.RecordValue(i * i * 104_729 % 10_000_019);
        }

        HdrHistogram later = new(10_000_000, 3);
        for (int i = 0; i < 100; i++)
        {
            later.RecordValue(i == 50 ? 1_234_567 : 900 + i);
        }

        return
        [
            ("empty", empty), ("zeros", zeros), ("spread", spread), ("coarse", coarse), ("fine", fine),
            ("stall", stall), ("many", many), ("micros", micros), ("later", later.CopyCorrected(1000)),
        ];
    }

    private static string WriteCases()
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        HistogramLogWriter writer = new(text);
        writer.WriteVersion();
        writer.WriteLegend();
        long start = 0;
        foreach ((string tag, HdrHistogram histogram) in Cases())
        {
            writer.WriteInterval(histogram, start, start + (500 * Millisecond), tag);
            start += Second;
        }

        return text.ToString();
    }

    private static string SummaryOfCases()
    {
        StringBuilder text = new();
        foreach ((string tag, HdrHistogram histogram) in Cases())
        {
            text.Append(Summary(tag, histogram));
        }

        return text.ToString();
    }

    private static string SummaryOf(string log)
    {
        StringBuilder text = new();
        foreach (HistogramInterval interval in ReadAll(log))
        {
            text.Append(Summary(interval.Tag!, interval.Histogram));
        }

        return text.ToString();
    }

    private static string Summary(string tag, HdrHistogram histogram)
    {
        string values = string.Join(' ', Array.ConvertAll(Percentiles, histogram.ValueAtPercentile));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{tag} n={histogram.TotalCount} min={histogram.Minimum} max={histogram.Maximum} "
            + $"mean={histogram.Mean:F3} deviation={histogram.StandardDeviation:F3} p={values}\n");
    }

    private static List<HistogramInterval> ReadAll(string log)
    {
        HistogramLogReader reader = new(new StringReader(log));
        List<HistogramInterval> intervals = [];
        while (reader.TryRead(out HistogramInterval? interval))
        {
            intervals.Add(interval!);
        }

        Assert.Null(reader.Fault);
        return intervals;
    }

    // Everything of an interval's line behind its start.
    private static string IntervalLine()
    {
        StringWriter text = new(CultureInfo.InvariantCulture);
        HdrHistogram histogram = new(10_000_000, 3);
        histogram.RecordValue(2_345_678);
        new HistogramLogWriter(text).WriteInterval(histogram, 0, Second);
        return text.ToString().TrimEnd('\n')["0.000".Length..];
    }
}
