using System;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Journal.Blobs;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Running;

/// <summary>What a journal directory holds, known from its first events.</summary>
/// <param name="IsRun">True for a run of the engine, false for a data set of market events.</param>
/// <param name="Configuration">The run's configuration; null for a data set.</param>
/// <param name="Started">The run's first event; default for a data set.</param>
internal sealed record RecordedRun(bool IsRun, EngineConfiguration? Configuration, EpochStarted Started)
{
    /// <summary>Reads the head of a journal.</summary>
    /// <param name="directory">A journal directory.</param>
    /// <exception cref="InvalidDataException">There is no journal, it is empty, or its configuration cannot be read.</exception>
    internal static RecordedRun Of(string directory)
    {
        byte[]? json = ConfigurationOf(directory, out EpochStarted started);
        if (json is null)
        {
            return new RecordedRun(false, null, default);
        }

        ConfigurationReading reading = EngineConfiguration.FromJson(
            json, directory + " (journal)", new KeptWithJournal(directory));
        return reading.TryGet(out EngineConfiguration? configuration)
            ? new RecordedRun(true, configuration, started)
            : throw new InvalidDataException(string.Join(Environment.NewLine, reading.Problems));
    }

    /// <summary>The configuration of a run as JSON.</summary>
    /// <param name="directory">A journal directory.</param>
    /// <param name="started">The run's first event; default for a data set.</param>
    /// <returns>Null for a data set.</returns>
    /// <exception cref="InvalidDataException">There is no journal, it is empty, or its configuration cannot be read.</exception>
    internal static byte[]? ConfigurationOf(string directory, out EpochStarted started)
    {
        started = default;
        using JournalReader reader = Open(directory);
        Event e = default;
        if (reader.Read(ref e) != ReadResult.Event)
        {
            throw new InvalidDataException($"{directory}: the journal holds no event");
        }

        if (e.Sequence != 0)
        {
            throw new InvalidDataException(
                $"{directory}: the journal begins at event {e.Sequence}, what was before is gone: replay can start from a "
                + "snapshot of it; a backtest cannot");
        }

        if (e.Kind != EventKind.EpochStarted)
        {
            return null;
        }

        started = e.EpochStarted;
        BlobCollector blobs = new();

        // A run that was cut before its configuration was whole is followed by one that says it again.
        while (reader.Read(ref e) == ReadResult.Event && e.Kind is EventKind.BlobPart or EventKind.EpochStarted)
        {
            if (blobs.TryComplete(e, out BlobPurpose purpose, out ReadOnlyMemory<byte> content)
                && purpose == BlobPurpose.Configuration)
            {
                return ConfigurationBlob.ToJson(content.Span);
            }
        }

        throw new InvalidDataException($"{directory}: the journal's run has no readable configuration");
    }

    /// <summary>Opens a journal for reading, or says clearly why not.</summary>
    /// <param name="directory">A journal directory.</param>
    internal static JournalReader Open(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new InvalidDataException($"{directory}: there is no such directory");
        }

        PosixStorage storage = new();
        return JournalFiles.Any(storage, directory)
            ? new JournalReader(storage, directory)
            : throw new InvalidDataException($"{directory}: there is no journal (no journal-*.seg or .arc file)");
    }
}
