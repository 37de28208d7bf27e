using System;
using System.Collections.Generic;
using System.Threading;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Recovery;

/// <summary>
/// Reads the records of many segments at once, each by itself: the seams between them are judged later, in order. What a
/// record's CRC is seeded with, and what a footer's hash continues, is stored in the segment itself.
/// </summary>
internal sealed class ScanAhead
{
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly IReadOnlyList<string> _names;
    private readonly Examination _task;
    private readonly Outcome?[] _outcomes;
    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private int _next = -1;
    private bool _stopped;

    public ScanAhead(IStorage storage, string directory, IReadOnlyList<string> names, in Examination task)
    {
        _storage = storage;
        _directory = directory;
        _names = names;
        _task = task;
        _outcomes = new Outcome?[names.Count];
        _threads = new Thread[Math.Min(task.Threads, names.Count)];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = "verify " + i };
            _threads[i].Start();
        }
    }

    /// <summary>Waits for the scan of a segment.</summary>
    /// <param name="index">Its index among the names.</param>
    /// <param name="scan">What was found.</param>
    /// <returns>The error, or null.</returns>
    public StorageError? Take(int index, out SegmentScan scan)
    {
        lock (_gate)
        {
            while (_outcomes[index] is null)
            {
                Monitor.Wait(_gate);
            }

            Outcome outcome = _outcomes[index]!;
            scan = outcome.Scan;
            return outcome.Error;
        }
    }

    /// <summary>Ends the reading; what is not read by then is not wanted.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopped, true);
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        while (!Volatile.Read(ref _stopped))
        {
            int index = Interlocked.Increment(ref _next);
            if (index >= _names.Count)
            {
                return;
            }

            Outcome outcome = Scan(_names[index]);
            lock (_gate)
            {
                _outcomes[index] = outcome;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private Outcome Scan(string name)
    {
        if (SegmentFile.Open(_storage, _directory, name, OpenMode.Read, out SegmentFile? segment) is { } error)
        {
            return new Outcome(error, default);
        }

        using (segment!)
        {
            // An unreadable header, or nothing to be read of it: the examiner does not ask for this scan.
            bool skipped = segment!.HeaderProblem is not null
                || (segment.IsSealed && segment.Header.First + segment.Footer.Count <= _task.From);
            SegmentScan scan = default;
            StorageError? failed = skipped
                ? null
                : SegmentScan.Run(
                    segment,
                    _task.Hashes && segment.IsSealed ? segment.Footer.PreviousHash : null,
                    out scan,
                    _task.Progress);
            return new Outcome(failed, scan);
        }
    }

    private sealed record Outcome(StorageError? Error, SegmentScan Scan);
}
