using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;

namespace LowLatency.Journal.Writing;

/// <summary>Opens logs: new ones, and those left behind by an earlier run.</summary>
internal static class LogFactory
{
    public static StorageError? Create(
        IStorage storage, string directory, StreamKind kind, JournalOptions options, long first, out RecordLog? log)
    {
        options.Check();
        Ensure.That(first >= 0, "record numbers start at 0");
        log = null;
        if (options.Durability == Durability.None)
        {
            log = new NullLog(storage, directory, kind, options, first);
            return null;
        }

        if (storage.MakeDirectory(directory) is { } notMade)
        {
            return notMade;
        }

        if (storage.List(directory, out string[] names) is { } notListed)
        {
            return notListed;
        }

        foreach (string name in names)
        {
            if (SegmentLayout.IsSegment(kind, name) || name == StreamBase.FileName(kind))
            {
                return new StorageError("create journal", directory, Errno.EEXIST);
            }
        }

        return Open(storage, directory, kind, options, StreamPosition.Origin(first), out log);
    }

    public static RecoveryReport Resume(
        IStorage storage, string directory, StreamKind kind, JournalOptions options, long from, out RecordLog? log)
    {
        options.Check();
        Ensure.That(options.Durability != Durability.None, "a journal without a file cannot be resumed");
        log = null;
        RecoveryReport report = JournalRecovery.Repair(
            storage, directory, kind, options, from, out StreamPosition position);
        if (report.IsRefused)
        {
            return report;
        }

        Ensure.That(options.Epoch > report.Epoch, "a new run has a higher epoch than every run before it");
        if (Open(storage, directory, kind, options, position, out log) is { } error)
        {
            report.List.Add(new RecoveryFinding(
                RecoveryCase.StorageFailure, new JournalDamage(error.Path, 0, -1, error.ToString())));
        }

        return report;
    }

    private static StorageError? Open(
        IStorage storage,
        string directory,
        StreamKind kind,
        JournalOptions options,
        in StreamPosition position,
        out RecordLog? log) =>
        options.Durability == Durability.Flushed
            ? FlushedLog.Open(storage, directory, kind, options, position, out log)
            : MappedLog.Open(storage, directory, kind, options, position, out log);
}
