using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal.Reports;

namespace LowLatency.Engine.Latency;

/// <summary>What was measured of one hop.</summary>
/// <param name="Tag">The hop's name, or whatever another program called it.</param>
/// <param name="Histogram">Nanoseconds.</param>
internal sealed record MeasuredHop(string Tag, HdrHistogram Histogram);

/// <summary>A latency log, its intervals put together.</summary>
/// <param name="Name">What people know it by.</param>
/// <param name="Hops">In the order of the way; each name once.</param>
/// <param name="Intervals">How many there were.</param>
/// <param name="Notes">The log's own comments, and what is to be known of its reading.</param>
internal sealed record LatencyRun(string Name, IReadOnlyList<MeasuredHop> Hops, int Intervals, IReadOnlyList<string> Notes)
{
    /// <summary>Most different names in one log.</summary>
    internal const int TagsMax = 64;

    /// <summary>Most notes that are kept.</summary>
    internal const int NotesMax = 100;

    /// <summary>Most counts of all histograms together: 512 MB.</summary>
    internal const long CountsMax = 64L << 20;

    /// <summary>Values that must lie beyond a percentile for it to be more than an accident.</summary>
    internal const int Beyond = 10;

    private const string Untagged = "(no tag)";

    /// <summary>Reads a log file, or all logs of a run's folder as one.</summary>
    /// <exception cref="InvalidDataException">Something in it is not a histogram log; the message says where.</exception>
    internal static LatencyRun Load(string path)
    {
        Reading reading = new();
        if (Directory.Exists(path))
        {
            string[] files = Directory.GetFiles(path, "latency-*.hlog");
            Array.Sort(files, StringComparer.Ordinal);
            foreach (string file in files)
            {
                reading.Add(file);
            }

            if (files.Length == 0)
            {
                throw new InvalidDataException($"{path}: a folder without a latency log (latency-EPOCH.hlog)");
            }
        }
        else
        {
            reading.Add(path);
        }

        return reading.Intervals == 0
            ? throw new InvalidDataException($"{path}: holds no interval of a histogram log")
            : reading.Result(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)));
    }

    /// <summary>The histogram of a name, or null.</summary>
    internal HdrHistogram? Find(string tag)
    {
        foreach (MeasuredHop hop in Hops)
        {
            if (hop.Tag == tag)
            {
                return hop.Histogram;
            }
        }

        return null;
    }

    /// <summary>True when enough values lie beyond a percentile for it to say something.</summary>
    internal static bool IsKnown(HdrHistogram histogram, double percentile) =>
        histogram.TotalCount * (100 - percentile) / 100 >= Beyond;

    private sealed class Reading
    {
        private readonly Dictionary<string, HdrHistogram> _byTag = new(StringComparer.Ordinal);
        private readonly List<string> _notes = [];
        private long _counts;

        internal int Intervals { get; private set; }

        internal void Add(string file)
        {
            // The run may still be writing it.
            using StreamReader text = new(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            HistogramLogReader log = new(text, comment => Note(comment.Trim()));
            while (true)
            {
                if (log.TryRead(out HistogramInterval? interval))
                {
                    Add(interval!, file, log.LineNumber);
                }
                else if (log.Fault is null)
                {
                    return;
                }
                else if (log.IsCut)
                {
                    Note($"{Path.GetFileName(file)} ends inside line {log.LineNumber}: that interval is missing");
                    return;
                }
                else
                {
                    throw new InvalidDataException(At(file, log.LineNumber) + log.Fault);
                }
            }
        }

        internal LatencyRun Result(string name)
        {
            List<MeasuredHop> hops = [];
            foreach ((string tag, HdrHistogram histogram) in _byTag)
            {
                hops.Add(new MeasuredHop(tag, histogram));
            }

            hops.Sort((a, b) =>
            {
                int byPlace = Latency.Hops.Place(a.Tag).CompareTo(Latency.Hops.Place(b.Tag));
                return byPlace != 0 ? byPlace : string.CompareOrdinal(a.Tag, b.Tag);
            });
            return new LatencyRun(name, hops, Intervals, _notes);
        }

        private static string At(string file, int line) =>
            string.Create(CultureInfo.InvariantCulture, $"{file} line {line}: ");

        private void Add(HistogramInterval interval, string file, int line)
        {
            Intervals++;
            string tag = interval.Tag ?? Untagged;
            if (!_byTag.TryGetValue(tag, out HdrHistogram? sum))
            {
                if (_byTag.Count == TagsMax)
                {
                    throw new InvalidDataException($"{At(file, line)}more than {TagsMax} different tags");
                }

                Keep(tag, interval.Histogram, file, line);
            }
            else if (!sum.TryAdd(interval.Histogram))
            {
                HdrHistogram wider = new(
                    Math.Max(sum.HighestTrackable, interval.Histogram.HighestTrackable),
                    Math.Max(sum.SignificantDigits, interval.Histogram.SignificantDigits),
                    Math.Min(sum.LowestDiscernible, interval.Histogram.LowestDiscernible));
                if (!wider.TryAdd(sum) || !wider.TryAdd(interval.Histogram))
                {
                    throw new InvalidDataException($"{At(file, line)}more values than a histogram can count");
                }

                _counts -= sum.Counts.Length;
                Keep(tag, wider, file, line);
            }
        }

        private void Keep(string tag, HdrHistogram histogram, string file, int line)
        {
            _counts += histogram.Counts.Length;
            if (_counts > CountsMax)
            {
                throw new InvalidDataException(
                    $"{At(file, line)}the histograms together take more than {CountsMax * sizeof(long) >> 20} MB");
            }

            _byTag[tag] = histogram;
        }

        private void Note(string text)
        {
            if (_notes.Count < NotesMax && text.Length != 0)
            {
                _notes.Add(text);
            }
        }
    }
}
