using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Journal.Reports;

namespace LowLatency.Engine.Latency;

/// <summary>
/// Writes the histograms of a run to a log file, interval by interval, on a thread of its own. What cannot be written
/// costs the measurement, never the run.
/// </summary>
internal sealed class LatencyLog : IDisposable
{
    // A directory that was rolled back runs an epoch again: its logs are kept side by side.
    private const int SameEpochMax = 100;

    private static readonly TimeSpan _answer = TimeSpan.FromMilliseconds(2);

    private readonly LatencyMeter _meter;
    private readonly StreamWriter _file;
    private readonly HistogramLogWriter _log;
    private readonly TimeSpan _interval;
    private readonly Action<string> _alarm;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly HdrHistogram?[] _totals = new HdrHistogram?[Hops.Count];
    private readonly long[] _since = new long[Hops.Count];
    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _failed;

    private LatencyLog(Stream file, string path, LatencyMeter meter, TimeSpan interval, string about, Action<string> alarm)
    {
        Path = path;
        _meter = meter;
        _interval = interval;
        _alarm = alarm;
        for (int i = 0; i < Hops.Count; i++)
        {
            if (meter[(Hop)i] is not null)
            {
                _totals[i] = new HdrHistogram(IntervalRecorder.Highest, significantDigits: 3);
            }
        }

        _file = new StreamWriter(file, new UTF8Encoding(false));
        _log = new HistogramLogWriter(_file);
        long now = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        TryWrite(() =>
        {
            _log.WriteVersion();
            _log.WriteComment(" " + about);
            _log.WriteStartTime(now);
            _log.WriteBaseTime(now);
            _log.WriteLegend();
            _file.Flush();
        });
        _thread = new Thread(Run) { Name = "latency", IsBackground = true, Priority = ThreadPriority.BelowNormal };
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>Name of the log of an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="number">Of the log, 2 and more where the epoch has several.</param>
    internal static string FileName(int epoch, int number = 1) => string.Create(
        CultureInfo.InvariantCulture, $"latency-{epoch:D6}{(number == 1 ? string.Empty : $"-{number}")}.hlog");

    /// <summary>Creates the file and starts the thread.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="epoch">The run's epoch.</param>
    /// <param name="meter">What to write.</param>
    /// <param name="interval">Length of an interval.</param>
    /// <param name="about">What run it is, for people.</param>
    /// <param name="alarm">Told once when the file can no longer be written.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    internal static LatencyLog Start(
        string folder, int epoch, LatencyMeter meter, TimeSpan interval, string about, Action<string> alarm)
    {
        // A file of an earlier run is never written over.
        string path = System.IO.Path.Combine(folder, FileName(epoch));
        for (int i = 2; File.Exists(path) && i <= SameEpochMax; i++)
        {
            path = System.IO.Path.Combine(folder, FileName(epoch, i));
        }

        FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return Start(file, path, meter, interval, about, alarm);
    }

    /// <summary>The same into a stream, which is closed with the log.</summary>
    internal static LatencyLog Start(
        Stream file, string path, LatencyMeter meter, TimeSpan interval, string about, Action<string> alarm)
    {
        LatencyLog log = new(file, path, meter, interval, about, alarm);
        log._thread.Start();
        return log;
    }

    /// <summary>
    /// Writes what is left, once the threads that are measured have ended. Nothing is written after this.
    /// </summary>
    /// <returns>Everything of the whole run, by hop; null for hops that are not measured.</returns>
    internal HdrHistogram?[] Finish()
    {
        StopThread();
        long now = Now();
        for (int i = 0; i < Hops.Count; i++)
        {
            if (_meter[(Hop)i] is { } recorder)
            {
                if (recorder.TryTake(out HdrHistogram late))
                {
                    Write(i, late, now);
                    recorder.GiveBack();
                }

                Write(i, recorder.Rest, now);
                recorder.Rest.Reset();
            }
        }

        TryWrite(_file.Flush);
        return _totals;
    }

    public void Dispose()
    {
        StopThread();
        try
        {
            _file.Dispose();
        }
        catch (IOException failure)
        {
            Fail(failure);
        }

        _stop.Dispose();
    }

    private void StopThread()
    {
        if (_thread.IsAlive)
        {
            _stop.Set();
            _thread.Join();
        }
    }

    private void Run()
    {
        while (!_stop.Wait(_interval))
        {
            for (int i = 0; i < Hops.Count; i++)
            {
                _meter[(Hop)i]?.Ask();
            }

            // Who has something to record answers at once; the rest is found at the end of a later interval.
            _stop.Wait(_answer);
            long now = Now();
            for (int i = 0; i < Hops.Count; i++)
            {
                if (_meter[(Hop)i] is { } recorder && recorder.TryTake(out HdrHistogram interval))
                {
                    Write(i, interval, now);
                    recorder.GiveBack();
                }
            }

            TryWrite(_file.Flush);
        }
    }

    private void Write(int hop, HdrHistogram interval, long now)
    {
        _totals[hop]!.TryAdd(interval);
        string tag = Hops.Tag((Hop)hop);
        TryWrite(() =>
        {
            if (interval.TotalCount != 0)
            {
                _log.WriteInterval(interval, _since[hop], now, tag);
            }

            if (interval.RefusedCount != 0)
            {
                _log.WriteComment(string.Create(
                    CultureInfo.InvariantCulture,
                    $" {tag}: {interval.RefusedCount} values above {IntervalRecorder.Highest / 1_000_000_000} s are in no histogram"));
            }
        });
        _since[hop] = now;
    }

    private void TryWrite(Action write)
    {
        if (_failed)
        {
            return;
        }

        try
        {
            write();
        }
        catch (IOException failure)
        {
            Fail(failure);
        }
    }

    private void Fail(IOException failure)
    {
        if (!_failed)
        {
            _failed = true;
            _alarm($"the latency log can no longer be written, the run goes on without it: {Path}: {failure.Message}");
        }
    }

    private long Now() => LatencyMeter.Nanoseconds(Stopwatch.GetTimestamp() - _started);
}
