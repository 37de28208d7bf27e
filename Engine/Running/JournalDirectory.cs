using System;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;

namespace LowLatency.Engine.Running;

/// <summary>
/// The journal and audit log of one instance, open for a run: locked, recovered, its epoch durable before the first
/// event.
/// </summary>
internal sealed class JournalDirectory : IDisposable
{
    private readonly InstanceLock _lock;
    private readonly SyncThread _sync;
    private readonly JournalKey? _key;
    private bool _closed;

    private JournalDirectory(
        string path,
        InstanceLock held,
        JournalWriter journal,
        AuditWriter audit,
        JournalOptions options,
        RecoveryReport? recovered)
    {
        Path = path;
        _lock = held;
        Journal = journal;
        Audit = audit;
        Epoch = options.Epoch;
        _key = options.Key;
        Recovered = recovered;
        _sync = new SyncThread(journal, audit);
    }

    /// <summary>Where it lies.</summary>
    internal string Path { get; }

    /// <summary>Events.</summary>
    internal JournalWriter Journal { get; }

    /// <summary>Decisions.</summary>
    internal AuditWriter Audit { get; }

    /// <summary>Number of this run.</summary>
    internal int Epoch { get; }

    /// <summary>The first storage error, or null. Final.</summary>
    internal StorageError? Failure => Journal.Failure ?? Audit.Failure;

    /// <summary>Sequence of this run's first event.</summary>
    internal long NextSequence => Journal.NextSequence;

    /// <summary>What was found in a journal that was there already, or null.</summary>
    internal RecoveryReport? Recovered { get; }

    /// <summary>What this run goes on from.</summary>
    internal JournalStanding Standing { get; private init; } = new();

    /// <summary>Opens a directory for a run: a new journal, or the next run of the one that is there.</summary>
    /// <param name="path">The directory; made when absent.</param>
    /// <param name="configuration">The run's configuration.</param>
    /// <param name="mayResume">False refuses a directory with a journal in it.</param>
    /// <param name="segmentBytes">Bytes of a segment; 0 for the configuration's.</param>
    /// <param name="adopt">True to take over what another build or configuration left.</param>
    /// <param name="venue">Whose orders the run has: paper and live do not share a journal.</param>
    /// <exception cref="IOException">Locked, damaged, foreign, or the storage failed; the message says which and where.</exception>
    internal static JournalDirectory Open(
        string path,
        EngineConfiguration configuration,
        bool mayResume,
        long segmentBytes = 0,
        bool adopt = false,
        VenueKind venue = VenueKind.Simulated)
    {
        if (configuration.Session.Journal.Durability == Durability.None)
        {
            throw new IOException(
                "session.journal.durability: none: whatever sends orders or is to be recovered keeps a journal (written or flushed)");
        }

        PosixStorage storage = new();
        MakeParent(path);
        if (InstanceLock.TryAcquire(storage, path, out InstanceLock? held) is { } locked)
        {
            throw new IOException(locked);
        }

        JournalKey? key = null;
        try
        {
            if (JournalFiles.IsBegun(storage, path, out bool exists) is { } notListed)
            {
                throw new IOException(notListed.ToString());
            }

            if (exists && !mayResume)
            {
                throw new IOException($"{path}: there is a journal already; choose another directory");
            }

            JournalStanding standing = exists
                ? JournalStanding.Of(storage, path, configuration, adopt, venue)
                : new JournalStanding();
            if (exists && !File.Exists(System.IO.Path.Combine(path, EpochFile.FileName)))
            {
                throw new IOException(
                    $"{path}: the journal's {EpochFile.FileName} file is missing; without it, order ids could repeat: restore it, "
                    + "or make a journal of what is there with journal repair --accept-loss");
            }

            if (StorageSelfTest.Run(storage, path) is { } unsafeDisk)
            {
                throw new IOException("the file system does not keep what a journal needs: " + unsafeDisk);
            }

            JournalOptions guarded = Guarded(storage, path, configuration, exists, out key);
            int above = guarded.Watermark?.Epoch ?? 0;
            if (EpochFile.Advance(storage, path, configuration.Instance, above, out int epoch) is { } noEpoch)
            {
                throw new IOException(noEpoch);
            }

            KeptWithJournal.Save(path, configuration.Library);
            return Open(
                storage,
                path,
                configuration,
                held!,
                guarded with { Epoch = epoch },
                exists ? standing : null,
                segmentBytes == 0 ? configuration.Session.Journal.SegmentBytes : segmentBytes);
        }
        catch
        {
            key?.Dispose();
            held!.Dispose();
            throw;
        }
    }

    /// <summary>What guards the journal beyond its checksums: the key and the watermark of the configuration.</summary>
    private static JournalOptions Guarded(
        PosixStorage storage, string path, EngineConfiguration configuration, bool exists, out JournalKey? key)
    {
        key = null;
        JournalConfiguration journal = configuration.Session.Journal;
        if (journal.KeyFile is { } keyFile && JournalKey.Load(storage, keyFile, out key) is { } noKey)
        {
            throw new IOException(noKey);
        }

        Watermark? mark = null;
        if (journal.Watermark is { } file
            && Watermark.Admit(storage, file, path, configuration.Instance, key, exists, out mark) is { } notAdmitted)
        {
            throw new IOException(notAdmitted);
        }

        return new JournalOptions
        {
            Instance = configuration.Instance,
            Epoch = 1,
            Durability = journal.Durability,
            Spares = journal.Spares,
            Key = key,
            WatermarkPath = journal.Watermark,
            Watermark = mark,
        };
    }

    /// <summary>The folders above a journal are nothing that a journal promises: made when absent.</summary>
    internal static void MakeParent(string path)
    {
        if (System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } parent)
        {
            Directory.CreateDirectory(parent);
        }
    }

    /// <summary>Why no further segment could be prepared, or null.</summary>
    internal StorageError? Warning => Journal.Warning ?? Audit.Warning;

    /// <summary>Makes everything durable and seals.</summary>
    /// <returns>The first storage error of the run, or null.</returns>
    internal StorageError? Close()
    {
        if (_closed)
        {
            return null;
        }

        _closed = true;
        _sync.Dispose();
        StorageError? journal = Journal.Close();
        return Audit.Close() is { } audit && journal is null ? audit : journal;
    }

    public void Dispose()
    {
        _ = Close();
        _key?.Dispose();
        _lock.Dispose();
    }

    private static JournalDirectory Open(
        PosixStorage storage,
        string path,
        EngineConfiguration configuration,
        InstanceLock held,
        JournalOptions options,
        JournalStanding? standing,
        long segmentBytes)
    {
        Hash32 hash = default;
        configuration.DecisionHash.AsSpan().CopyTo(hash);
        options = options with
        {
            ConfigurationHash = hash,
            SegmentCapacity = (int)(segmentBytes / Event.Size / SegmentLayout.CapacityStep)
                * SegmentLayout.CapacityStep,
        };
        if (standing is null)
        {
            if (JournalWriter.Create(storage, path, options, out JournalWriter? journal) is { } noJournal)
            {
                throw new IOException("the journal could not be made: " + noJournal);
            }

            if (AuditWriter.Create(storage, path, options, out AuditWriter? audit) is { } noAudit)
            {
                journal!.Dispose();
                throw new IOException("the audit log could not be made: " + noAudit);
            }

            return new JournalDirectory(path, held, journal!, audit!, options, null);
        }

        RecoveryReport report = JournalWriter.Resume(storage, path, options, out JournalWriter? resumed, standing.From);
        Refuse(report, path);
        RecoveryReport auditReport = AuditWriter.Resume(
            storage, path, options, out AuditWriter? resumedAudit, standing.FromRecord);
        Refuse(auditReport, path);
        if (resumed!.NextSequence == 0 && resumedAudit!.NextRecord != 0)
        {
            resumed.Dispose();
            resumedAudit.Dispose();
            throw new IOException($"{path}: the journal is empty and its audit log is not: events were lost");
        }

        return new JournalDirectory(path, held, resumed!, resumedAudit!, options, report) { Standing = standing };
    }

    private static void Refuse(RecoveryReport report, string path)
    {
        if (report.IsRefused)
        {
            throw new IOException($"{path}: the journal is damaged and is not touched: {report.Refusal}");
        }
    }
}
