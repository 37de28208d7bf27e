using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>One run in a journal.</summary>
/// <param name="epoch">Its number.</param>
public sealed class EpochSummary(int epoch)
{
    /// <summary>Its number.</summary>
    public int Epoch { get; } = epoch;

    /// <summary>Its events.</summary>
    public long Events { get; internal set; }

    /// <summary>Sequence of its first event.</summary>
    public long First { get; internal init; }

    /// <summary>Sequence of its last event.</summary>
    public long Last { get; internal set; }

    /// <summary>ReceivedAt of its first event.</summary>
    public long Start { get; internal init; }

    /// <summary>ReceivedAt of its last event.</summary>
    public long End { get; internal set; }

    /// <summary>Why it ended; none when it was cut off, still runs, or is a data set.</summary>
    public EndReason Ended { get; internal set; }
}

/// <summary>What a journal holds.</summary>
public sealed class JournalStatistics
{
    private readonly long[] _byKind = new long[256];
    private readonly long[] _byInstrument = new long[Limits.Instruments + 1];
    private readonly long[] _groupSizes = new long[65];
    private readonly List<EpochSummary> _epochs = [];
    private long _groupLength;

    /// <summary>Events.</summary>
    public long Events { get; private set; }

    /// <summary>Groups: venue messages and single events.</summary>
    public long Groups { get; private set; }

    /// <summary>Events of the largest group.</summary>
    public long LargestGroup { get; private set; }

    /// <summary>Sequence of the first event; -1 when there is none.</summary>
    public long First { get; private set; } = -1;

    /// <summary>Sequence of the last event; -1 when there is none.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>ReceivedAt of the first event.</summary>
    public long Start { get; private set; }

    /// <summary>ReceivedAt of the last event.</summary>
    public long End { get; private set; }

    /// <summary>Events that say how far the log was durable when they were appended: durability flushed.</summary>
    public long Marked { get; private set; }

    /// <summary>The farthest that one of these was ahead of the disk, in events.</summary>
    public long LargestLag { get; private set; }

    /// <summary>Sum of these distances, for their mean.</summary>
    public long LagSum { get; private set; }

    /// <summary>The runs, in order; a data set is one.</summary>
    public IReadOnlyList<EpochSummary> Epochs => _epochs;

    /// <summary>True when an event is synthetic: results must be labelled so.</summary>
    public bool IsSynthetic { get; private set; }

    /// <summary>The instruments.</summary>
    public InstrumentNames Names { get; } = new();

    /// <summary>Reads a journal to its end.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <returns>The statistics.</returns>
    /// <exception cref="JournalDamagedException">It is damaged.</exception>
    public static JournalStatistics Of(IStorage storage, string directory)
    {
        JournalStatistics statistics = new();
        using RecordReader reader = RecordReader.Open(
            storage, directory, StreamKind.Journal, 0, long.MaxValue, follow: true);
        while (reader.Read(out ReadOnlySpan<byte> record) == ReadResult.Event)
        {
            statistics.Take(
                in Unsafe.As<byte, Event>(ref MemoryMarshal.GetReference(record)),
                Record.Mark(record),
                reader.Header.Epoch);
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

    /// <summary>The instruments that occur, by number.</summary>
    /// <returns>Instrument and count.</returns>
    public IReadOnlyList<(InstrumentId Instrument, long Count)> Instruments()
    {
        List<(InstrumentId, long)> instruments = [];
        for (ushort i = 1; i < _byInstrument.Length; i++)
        {
            if (_byInstrument[i] > 0)
            {
                instruments.Add((new InstrumentId(i), _byInstrument[i]));
            }
        }

        return instruments;
    }

    /// <summary>How many groups have at most so many events, by powers of two, and more than half of that.</summary>
    /// <returns>Upper bound and count; only those that occur.</returns>
    public IReadOnlyList<(long AtMost, long Count)> GroupSizes()
    {
        List<(long, long)> sizes = [];
        for (int i = 0; i < _groupSizes.Length; i++)
        {
            if (_groupSizes[i] > 0)
            {
                sizes.Add((1L << i, _groupSizes[i]));
            }
        }

        return sizes;
    }

    private void Take(in Event e, uint mark, int epoch)
    {
        Names.Observe(e);
        First = First < 0 ? e.Sequence : First;
        Start = Events == 0 ? e.ReceivedAt : Start;
        Events++;
        Last = e.Sequence;
        End = e.ReceivedAt;
        IsSynthetic |= (e.Flags & EventFlags.Synthetic) != 0;
        _byKind[(int)e.Kind]++;
        _byInstrument[Math.Min((int)e.Instrument.Value, Limits.Instruments)]++;
        TakeGroup(e);
        if (mark != 0)
        {
            Marked++;
            LagSum += mark;
            LargestLag = Math.Max(LargestLag, mark);
        }

        if (_epochs.Count == 0 || _epochs[^1].Epoch != epoch)
        {
            _epochs.Add(new EpochSummary(epoch) { First = e.Sequence, Start = e.ReceivedAt });
        }

        EpochSummary current = _epochs[^1];
        current.Events++;
        current.Last = e.Sequence;
        current.End = e.ReceivedAt;
        current.Ended = e.Kind == EventKind.EpochEnded ? e.EpochEnded.Reason : EndReason.None;
    }

    private void TakeGroup(in Event e)
    {
        if ((e.Flags & EventFlags.First) != 0)
        {
            _groupLength = 0;
        }

        _groupLength++;
        if (e.EndsGroup)
        {
            Groups++;
            LargestGroup = Math.Max(LargestGroup, _groupLength);
            _groupSizes[64 - BitOperations.LeadingZeroCount((ulong)(_groupLength - 1))]++;
            _groupLength = 0;
        }
    }
}
