using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>What an import did: every line of every file is accounted for.</summary>
/// <param name="Files">One entry for each input, in their order.</param>
/// <param name="Instruments">One entry for each instrument, by number from the first.</param>
public sealed record ImportSummary(IReadOnlyList<FileSummary> Files, IReadOnlyList<InstrumentSummary> Instruments);

/// <summary>What was done with one file.</summary>
public sealed class FileSummary
{
    /// <summary>Distinct names that are counted one by one; further ones are counted together as "other".</summary>
    public const int NamesMax = 64;

    private readonly SortedDictionary<string, long> _applied = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _ignored = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _discarded = new(StringComparer.Ordinal);

    internal FileSummary(string path, ImportFormat format, long bytes)
    {
        Path = path;
        Format = format;
        Bytes = bytes;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The format as which it was read.</summary>
    public ImportFormat Format { get; }

    /// <summary>SHA-256 of the file as it lies on disk, lower-case hexadecimal; empty until it is opened.</summary>
    public string Sha256 { get; internal set; } = string.Empty;

    /// <summary>Bytes of the file as it lies on disk.</summary>
    public long Bytes { get; }

    /// <summary>Lines of text.</summary>
    public long Lines { get; internal set; }

    /// <summary>Events made from it, definitions not counted.</summary>
    public long Events { get; private set; }

    /// <summary>Gaps in the book updates.</summary>
    public long Gaps { get; internal set; }

    /// <summary>ReceivedAt of its first event; 0 without one.</summary>
    public long FirstTime { get; private set; }

    /// <summary>ReceivedAt of its last event; 0 without one.</summary>
    public long LastTime { get; private set; }

    /// <summary>Messages that became events, by type.</summary>
    public IReadOnlyDictionary<string, long> Applied => _applied;

    /// <summary>Messages of types that are of no use here, by type.</summary>
    public IReadOnlyDictionary<string, long> Ignored => _ignored;

    /// <summary>Messages of a known type that became no events, by reason.</summary>
    public IReadOnlyDictionary<string, long> Discarded => _discarded;

    internal void Count(in Event next)
    {
        Events++;
        FirstTime = FirstTime == 0 ? next.ReceivedAt : FirstTime;
        LastTime = next.ReceivedAt;
    }

    internal void Apply(string name) => Count(_applied, name);

    internal void Ignore(string name) => Count(_ignored, name);

    internal void Discard(string reason) => Count(_discarded, reason);

    private static void Count(SortedDictionary<string, long> counts, string name)
    {
        if (counts.TryGetValue(name, out long count))
        {
            counts[name] = count + 1;
        }
        else if (counts.Count < NamesMax)
        {
            counts.Add(name, 1);
        }
        else
        {
            counts["other"] = counts.GetValueOrDefault("other") + 1;
        }
    }
}

/// <summary>What was imported for one instrument.</summary>
public sealed class InstrumentSummary
{
    internal InstrumentSummary(InstrumentId id, in InstrumentDefined definition)
    {
        Id = id;
        Definition = definition;
    }

    /// <summary>Its number.</summary>
    public InstrumentId Id { get; }

    /// <summary>Its definition.</summary>
    public InstrumentDefined Definition { get; }

    /// <summary>Prints.</summary>
    public long Trades { get; private set; }

    /// <summary>Best bids and asks.</summary>
    public long Quotes { get; private set; }

    /// <summary>Bars.</summary>
    public long Bars { get; private set; }

    /// <summary>Snapshots of the book.</summary>
    public long Snapshots { get; private set; }

    /// <summary>Differences of the book.</summary>
    public long Differences { get; private set; }

    /// <summary>Levels in snapshots and differences.</summary>
    public long Levels { get; private set; }

    /// <summary>Splits, dividends, renamings and delistings.</summary>
    public long CorporateActions { get; private set; }

    /// <summary>Funding rates.</summary>
    public long FundingRates { get; private set; }

    /// <summary>Gaps in the book updates, file changes included.</summary>
    public long Gaps { get; private set; }

    /// <summary>ReceivedAt of its first event; 0 without one.</summary>
    public long FirstTime { get; private set; }

    /// <summary>ReceivedAt of its last event; 0 without one.</summary>
    public long LastTime { get; private set; }

    internal void Count(in Event next)
    {
        FirstTime = FirstTime == 0 ? next.ReceivedAt : FirstTime;
        LastTime = next.ReceivedAt;
        switch (next.Kind)
        {
            case EventKind.Trade:
                Trades++;
                break;
            case EventKind.Quote:
                Quotes++;
                break;
            case EventKind.Bar:
                Bars++;
                break;
            case EventKind.CorporateAction:
                CorporateActions++;
                break;
            case EventKind.DerivativePrices:
                FundingRates++;
                break;
            case EventKind.StreamState:
                Gaps++;
                break;
            case EventKind.BookLevels:
                Levels += next.BookLevels.Count;
                if (next.EndsGroup)
                {
                    bool snapshot = (next.Flags & EventFlags.Snapshot) != 0;
                    Snapshots += snapshot ? 1 : 0;
                    Differences += snapshot ? 0 : 1;
                }

                break;
        }
    }
}
