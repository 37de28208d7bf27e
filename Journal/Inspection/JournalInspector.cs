using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>Which events an inspection shows.</summary>
public sealed record InspectionFilter
{
    /// <summary>First sequence.</summary>
    public long From { get; init; }

    /// <summary>Last sequence.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>One kind only; none for all.</summary>
    public EventKind Kind { get; init; }

    /// <summary>One instrument only; none for all.</summary>
    public InstrumentId Instrument { get; init; }

    /// <summary>True when the event is wanted.</summary>
    /// <param name="e">The event.</param>
    /// <returns>Whether it is.</returns>
    public bool Takes(in Event e) =>
        e.Sequence >= From
        && e.Sequence <= To
        && (Kind == EventKind.None || e.Kind == Kind)
        && (Instrument == InstrumentId.None || e.Instrument == Instrument);
}

/// <summary>
/// Shows a journal, also one that is being written: it ends where the journal ends now. It reads from the first event on,
/// because the instruments' definitions may lie before the range.
/// </summary>
public sealed class JournalInspector : IDisposable
{
    private readonly JournalReader _reader;
    private readonly InspectionFilter _filter;

    /// <summary>Opens the journal of a directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="filter">What to show.</param>
    public JournalInspector(IStorage storage, string directory, InspectionFilter filter)
    {
        _reader = new JournalReader(storage, directory, new ReadOptions { To = filter.To, Follow = true });
        _filter = filter;
        Formatter = new EventFormatter(Names);
    }

    /// <summary>The instruments defined so far.</summary>
    public InstrumentNames Names { get; } = new();

    /// <summary>Formats what <see cref="Next"/> gives.</summary>
    public EventFormatter Formatter { get; }

    /// <summary>The next event that the filter takes.</summary>
    /// <param name="e">The event.</param>
    /// <returns>False at the end.</returns>
    public bool Next(ref Event e)
    {
        while (_reader.Read(ref e) == ReadResult.Event)
        {
            Names.Observe(e);
            if (_filter.Takes(e))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}

/// <summary>What a journal holds.</summary>
public sealed class JournalStatistics
{
    private readonly long[] _byKind = new long[256];
    private readonly long[] _byInstrument = new long[Limits.Instruments + 1];

    /// <summary>Events.</summary>
    public long Events { get; private set; }

    /// <summary>Groups: venue messages and single events.</summary>
    public long Groups { get; private set; }

    /// <summary>Sequence of the first event.</summary>
    public long First { get; private set; } = -1;

    /// <summary>Sequence of the last event.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>ReceivedAt of the first event.</summary>
    public long Start { get; private set; }

    /// <summary>ReceivedAt of the last event.</summary>
    public long End { get; private set; }

    /// <summary>Runs.</summary>
    public int Epochs { get; private set; }

    /// <summary>True when an event is synthetic: results must be labelled so.</summary>
    public bool IsSynthetic { get; private set; }

    /// <summary>The instruments.</summary>
    public InstrumentNames Names { get; } = new();

    /// <summary>Reads a journal to its end.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <returns>The statistics.</returns>
    public static JournalStatistics Of(IStorage storage, string directory)
    {
        JournalStatistics statistics = new();
        using JournalReader reader = new(storage, directory, new ReadOptions { Follow = true });
        Event e = default;
        int epoch = 0;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            statistics.Epochs += reader.Epoch != epoch ? 1 : 0;
            epoch = reader.Epoch;
            statistics.Take(e);
        }

        return statistics;
    }

    /// <summary>Events of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>How many.</returns>
    public long Of(EventKind kind) => _byKind[(int)kind];

    /// <summary>Events of an instrument.</summary>
    /// <param name="instrument">The instrument; none for events without one.</param>
    /// <returns>How many.</returns>
    public long Of(InstrumentId instrument) => _byInstrument[instrument.Value];

    /// <summary>The kinds that occur, by number.</summary>
    /// <returns>Kind and count.</returns>
    public IReadOnlyList<(EventKind Kind, long Count)> Kinds()
    {
        List<(EventKind, long)> kinds = [];
        for (int i = 0; i < _byKind.Length; i++)
        {
            if (_byKind[i] > 0)
            {
                kinds.Add(((EventKind)i, _byKind[i]));
            }
        }

        return kinds;
    }

    private void Take(in Event e)
    {
        Names.Observe(e);
        First = First < 0 ? e.Sequence : First;
        Start = Events == 0 ? e.ReceivedAt : Start;
        Events++;
        Groups += e.EndsGroup ? 1 : 0;
        Last = e.Sequence;
        End = e.ReceivedAt;
        IsSynthetic |= (e.Flags & EventFlags.Synthetic) != 0;
        _byKind[(int)e.Kind]++;
        _byInstrument[Math.Min((int)e.Instrument.Value, Limits.Instruments)]++;
    }
}
