using System;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// A second pipeline on a thread of low priority that reads the journal as it grows, decides again, compares with the
/// audit log, and writes snapshots: the hot thread never copies its state. What it finds different is an alarm.
/// </summary>
internal sealed class Follower : IDisposable
{
    private const int LookEveryMilliseconds = 20;

    // What it may be in the middle of when it is told to end: a snapshot that is written and synced.
    private static readonly TimeSpan _lastPatience = TimeSpan.FromSeconds(10);

    private readonly JournalDirectory _directory;
    private readonly MutedRun _run;
    private readonly RunSnapshot _snapshots;
    private readonly PosixStorage _storage = new();
    private readonly ManualResetEventSlim _wake = new(false);
    private readonly Thread _thread;
    private readonly long _every;
    private readonly long _firstRecord;
    private readonly int _epoch;
    private readonly AuditGroup _group = new();
    private readonly bool _keepsEverything;
    private Digest128 _rolling;
    private SnapshotPlace _older;
    private long _last;
    private long _compared;
    private long _stopAt = long.MaxValue;
    private volatile bool _abandoned;
    private volatile string? _difference;
    private volatile StorageError? _notWritten;

    /// <summary>Starts to follow.</summary>
    /// <param name="directory">The journal, which the run has not yet appended to.</param>
    /// <param name="configuration">The run's configuration.</param>
    /// <param name="start">The state that the run starts with; copied here, before its first event.</param>
    /// <param name="rolling">Digest of the decisions before.</param>
    /// <param name="every">Events between two snapshots, positive.</param>
    internal Follower(
        JournalDirectory directory, EngineConfiguration configuration, MutedRun start, Digest128 rolling, long every)
    {
        _directory = directory;
        _run = start.Copy(configuration);
        _rolling = rolling;
        _every = every;
        _keepsEverything = configuration.Session.Journal.KeepsEverything;
        _epoch = directory.Epoch;
        _firstRecord = directory.Audit.NextRecord;
        _snapshots = new RunSnapshot(configuration);
        _last = _run.Facts.Next - 1;
        _compared = _last;
        _thread = new Thread(Run) { Name = "follower", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What differs between the run and its repetition; null while nothing does. Any thread.</summary>
    internal string? Difference => _difference;

    /// <summary>Why the last snapshot could not be written, or null. Any thread.</summary>
    internal StorageError? NotWritten => _notWritten;

    /// <summary>The last event that was compared. Any thread.</summary>
    internal long Compared => Volatile.Read(ref _compared);

    /// <summary>Snapshots written. Any thread.</summary>
    internal long Written { get; private set; }

    /// <summary>What is known of the events followed; to be asked after <see cref="TryCatchUp"/>.</summary>
    internal RunFacts Facts => _run.Facts;

    /// <summary>Follows to the end of a run whose journal is closed, compares the last checkpoint, and ends.</summary>
    /// <param name="last">Sequence of the last event.</param>
    /// <param name="patience">Longest time to wait.</param>
    /// <returns>False when it did not get there in time: nothing is said of the rest.</returns>
    internal bool TryCatchUp(long last, TimeSpan patience)
    {
        Volatile.Write(ref _stopAt, last);
        _wake.Set();
        if (patience > TimeSpan.Zero && _thread.Join(patience))
        {
            return true;
        }

        // Who gives up waiting writes the last snapshot: two at once would spoil it.
        _abandoned = true;
        _ = _thread.Join(_lastPatience);
        return false;
    }

    /// <summary>True when nothing of it runs any more: snapshots may be written by others.</summary>
    internal bool HasEnded => !_thread.IsAlive;

    public void Dispose()
    {
        _abandoned = true;
        _wake.Set();
        if (_thread.Join(_lastPatience))
        {
            _wake.Dispose();
        }
    }

    private void Run()
    {
        BackgroundThread.LowerPriority();
        try
        {
            Follow();
        }
#pragma warning disable CA1031 // Whatever ends the follower is an alarm for the run, never the end of the process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _difference = "the follower stopped: " + failure.Message;
        }
    }

    private void Follow()
    {
        // The record before the first one must be in the file before a reader can start behind it; and of a run that ends
        // before its first event the files are taken away again, so nobody opens them before there is one.
        while (_directory.Audit.WrittenRecord < _firstRecord - 1 || _directory.Journal.WrittenSequence < _run.Facts.Next)
        {
            if (!Wait())
            {
                return;
            }
        }

        using JournalReader journal = new(
            _storage, _directory.Path, new ReadOptions { From = _run.Facts.Next, Follow = true });
        using AuditReader audit = new(_storage, _directory.Path, _firstRecord, follow: true);
        long nextRecord = _firstRecord;
        Event e = default;
        while (_difference is null)
        {
            long stopAt = Volatile.Read(ref _stopAt);
            long end = Math.Min(_directory.Journal.WrittenSequence, stopAt);
            while (_run.Facts.Next <= end && _difference is null)
            {
                if (_abandoned)
                {
                    return;
                }

                if (journal.Read(ref e) != ReadResult.Event)
                {
                    break;
                }

                _run.Step(e);
                if (!TryCompare(audit, e, ref nextRecord))
                {
                    return;
                }

                Volatile.Write(ref _compared, e.Sequence);
                if (e.Sequence - _last >= _every && _run.Last.Waiting == 0 && e.EndsGroup && e.Sequence != stopAt)
                {
                    WriteSnapshot(new SnapshotPlace(_epoch, e.Sequence, journal.LastCrc, nextRecord));
                }
            }

            if (_run.Facts.Next > stopAt)
            {
                CompareEnd(audit);
                return;
            }

            if (!Wait())
            {
                return;
            }
        }
    }

    /// <summary>Compares one event's decision with the audit log, waiting for it.</summary>
    /// <returns>False when it was abandoned meanwhile.</returns>
    private bool TryCompare(AuditReader audit, in Event e, ref long nextRecord)
    {
        ref Decision made = ref _run.Last;
        DecisionDigest.Add(ref _rolling, e, made);
        if (!made.IsEmpty)
        {
            if (!TryNext(audit))
            {
                return false;
            }

            nextRecord += AuditWriter.RecordsOf(in made);
            if (_group.IsCheckpoint || _group.Sequence != e.Sequence)
            {
                _difference = $"event {e.Sequence}: the follower decides something, the audit log goes on with "
                    + (_group.IsCheckpoint ? "a checkpoint" : $"event {_group.Sequence}");
                return true;
            }

            _difference = AuditComparer.FirstDifference(e.Sequence, ref _group.Decision, ref made)?.ToString();
        }

        if ((e.Sequence + 1) % Recorder.CheckpointEvery == 0 && _difference is null)
        {
            if (!TryNext(audit))
            {
                return false;
            }

            nextRecord++;
            CompareCheckpoint(e.Sequence, default);
        }

        return true;
    }

    /// <summary>After the last event only its checkpoint may follow, and it must vouch for this very state.</summary>
    private void CompareEnd(AuditReader audit)
    {
        if (_difference is not null || audit.Read(_group) != ReadResult.Event)
        {
            return;
        }

        DigestVisitor digest = new();
        _run.Pipeline.Visit(digest);
        CompareCheckpoint(_run.Facts.Next - 1, digest.Finish());
    }

    private void CompareCheckpoint(long sequence, Digest state)
    {
        if (!_group.IsCheckpoint || _group.Sequence != sequence)
        {
            _difference = $"event {_group.Sequence}: the audit log has a decision that the follower does not make";
            return;
        }

        AuditCheckpoint made = new() { Rolling = _rolling.Finish(), State = state };
        _difference = AuditComparer.FirstDifference(sequence, _group.Checkpoint, made)?.ToString();
    }

    private bool TryNext(AuditReader audit)
    {
        while (audit.Read(_group) != ReadResult.Event)
        {
            if (!Wait())
            {
                return false;
            }
        }

        return true;
    }

    private void WriteSnapshot(in SnapshotPlace place)
    {
        // A snapshot must never know more than a journal that lost its power: what it has in it is made durable first.
        StorageError? error = null;
        if (_directory.Journal.DurableSequence < place.Sequence)
        {
            error = JournalPosition.Sync(
                _storage, _directory.Path, StreamKind.Journal, _directory.Journal.DurableSequence + 1, place.Sequence);
        }

        if (_directory.Audit.DurableRecord < place.NextAuditRecord - 1)
        {
            error ??= JournalPosition.Sync(
                _storage, _directory.Path, StreamKind.Audit, _directory.Audit.DurableRecord + 1, place.NextAuditRecord - 1);
        }

        error ??= SnapshotStore.Write(
            _storage, _directory.Path, place.Sequence, _snapshots.Take(place, _run, _rolling));
        _notWritten = error;
        _last = place.Sequence;
        if (error is not null)
        {
            return;
        }

        // Two are kept: what the older one has in it is needed by neither.
        if (!_keepsEverything && _older.Sequence > 0)
        {
            _directory.Journal.RetireBefore(_older.Sequence + 1);
            _directory.Audit.RetireBefore(_older.NextAuditRecord);
        }

        _older = place;
        Written++;
    }

    /// <summary>Sleeps for a moment.</summary>
    /// <returns>False when nobody needs the follower any more.</returns>
    private bool Wait()
    {
        if (Volatile.Read(ref _stopAt) == long.MaxValue)
        {
            _ = _wake.Wait(LookEveryMilliseconds);
        }
        else
        {
            Thread.Yield();
        }

        return !_abandoned;
    }
}
