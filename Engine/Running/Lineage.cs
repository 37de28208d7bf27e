using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Journal;
using LowLatency.Journal.Blobs;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// A stretch of a journal through which one pipeline lives: from the first event, or from an adopted run's, to the next
/// adopted run. Within it, build and configuration are constant.
/// </summary>
/// <param name="Sequence">The EpochStarted event that it begins with.</param>
/// <param name="FirstAuditRecord">Its first audit record.</param>
/// <param name="Started">That event.</param>
/// <param name="ConfigurationJson">The recorded configuration; null when a crash cut it.</param>
/// <param name="State">What an adopted run begins with; null at the journal's own start.</param>
/// <param name="HasBegun">False for an adopted run that a crash cut before its start state was whole.</param>
internal sealed record Lineage(
    long Sequence,
    long FirstAuditRecord,
    EpochStarted Started,
    byte[]? ConfigurationJson,
    PortableState? State,
    bool HasBegun)
{
    /// <summary>The names of the recorded strategies, in the order of their ids; read without knowing what they are.</summary>
    internal IReadOnlyList<string> StrategyNames => ConfigurationJson is null ? [] : NamesIn(ConfigurationJson);

    /// <summary>The recorded configuration.</summary>
    /// <exception cref="InvalidDataException">This build cannot read it.</exception>
    internal EngineConfiguration Configuration(string directory)
    {
        if (ConfigurationJson is null)
        {
            throw new InvalidDataException($"{directory}: run {Started.Epoch} has no readable configuration");
        }

        ConfigurationReading reading = EngineConfiguration.FromJson(
            ConfigurationJson, $"{directory} (run {Started.Epoch})", new KeptWithJournal(directory));
        return reading.TryGet(out EngineConfiguration? configuration)
            ? configuration
            : throw new InvalidDataException(string.Join(Environment.NewLine, reading.Problems));
    }

    /// <summary>All of a journal, in order; empty for a data set. The front of a trimmed journal is missing.</summary>
    /// <exception cref="JournalDamagedException">A run's first events cannot be read.</exception>
    internal static IReadOnlyList<Lineage> Of(IStorage storage, string directory)
    {
        List<Lineage> lineages = [];
        IReadOnlyList<(int Epoch, long First)> journal = EpochSegments.Of(storage, directory, StreamKind.Journal);
        IReadOnlyList<(int Epoch, long First)> audit = EpochSegments.Of(storage, directory, StreamKind.Audit);
        for (int i = 0; i < journal.Count; i++)
        {
            (int epoch, long first) = journal[i];
            long end = i + 1 < journal.Count ? journal[i + 1].First : long.MaxValue;

            // The first run's configuration may have been cut by a crash; a later run of the lineage says it again.
            bool isOrigin = lineages.Count == 0 && first == 0;
            Lineage? found = Read(storage, directory, epoch, first, isOrigin ? long.MaxValue : end, audit);
            if (found is not null && (isOrigin || found.Started.Begin == EpochBegin.Adopted))
            {
                lineages.Add(found);
            }
        }

        return lineages;
    }

    /// <summary>Names in a configuration that another build may have written.</summary>
    internal static IReadOnlyList<string> NamesIn(byte[] configuration)
    {
        List<string> names = [];
        using JsonDocument document = JsonDocument.Parse(configuration);
        if (document.RootElement.TryGetProperty("strategies", out JsonElement strategies)
            && strategies.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement strategy in strategies.EnumerateArray())
            {
                names.Add(strategy.GetProperty("name").GetString() ?? string.Empty);
            }
        }

        return names;
    }

    private static Lineage? Read(
        IStorage storage,
        string directory,
        int epoch,
        long first,
        long end,
        IReadOnlyList<(int Epoch, long First)> audit)
    {
        // Following: an unfinished record at the end is the recovery's business, not damage.
        using JournalReader reader = new(storage, directory, new ReadOptions { From = first, To = end - 1, Follow = true });
        BlobCollector blobs = new();
        Event e = default;
        EpochStarted? started = null;
        long sequence = 0;
        byte[]? json = null;
        PortableState? state = null;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            if (e.Sequence == 0 && e.Kind != EventKind.EpochStarted)
            {
                // A data set.
                return null;
            }

            if (e.Kind == EventKind.EpochStarted)
            {
                if (started is null)
                {
                    started = e.EpochStarted;
                    sequence = e.Sequence;
                }
                else if (started.Value.Begin == EpochBegin.Adopted || e.EpochStarted.Begin == EpochBegin.Adopted)
                {
                    break;
                }
            }

            if (blobs.TryComplete(e, out BlobPurpose purpose, out ReadOnlyMemory<byte> content))
            {
                json = purpose == BlobPurpose.Configuration ? ConfigurationBlob.ToJson(content.Span) : json;
                if (purpose == BlobPurpose.StartState
                    && PortableState.Read(content.ToArray(), out state) is { } problem)
                {
                    throw new InvalidDataException($"{directory}: the start state of run {epoch}: {problem}");
                }
            }

            bool isWhole = started is { } known && json is not null && (known.Begin != EpochBegin.Adopted || state is not null);
            bool isOver = started is { Begin: EpochBegin.Continued } && e.Kind is not (EventKind.BlobPart or EventKind.EpochStarted);
            if (isWhole || isOver)
            {
                break;
            }
        }

        if (started is null)
        {
            return null;
        }

        long record = 0;
        foreach ((int run, long begins) in audit)
        {
            if (run == epoch)
            {
                record = begins;
                break;
            }
        }

        bool hasBegun = started.Value.Begin != EpochBegin.Adopted || (json is not null && state is not null);
        return new Lineage(sequence, record, started.Value, json, state, hasBegun);
    }
}
