using System;
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

    /// <summary>Earliest ReceivedAt, nanoseconds since 1970 UTC.</summary>
    public long FromTime { get; init; } = long.MinValue;

    /// <summary>Latest ReceivedAt, nanoseconds since 1970 UTC.</summary>
    public long ToTime { get; init; } = long.MaxValue;

    /// <summary>One kind only; none for all.</summary>
    public EventKind Kind { get; init; }

    /// <summary>One instrument only; none for all.</summary>
    public InstrumentId Instrument { get; init; }

    /// <summary>One source only; none for all.</summary>
    public EventSource Source { get; init; }

    /// <summary>True when the event is wanted.</summary>
    /// <param name="e">The event.</param>
    /// <returns>Whether it is.</returns>
    public bool Takes(in Event e) =>
        e.Sequence >= From
        && e.Sequence <= To
        && e.ReceivedAt >= FromTime
        && e.ReceivedAt <= ToTime
        && (Kind == EventKind.None || e.Kind == Kind)
        && (Instrument == InstrumentId.None || e.Instrument == Instrument)
        && (Source == EventSource.None || e.Source == Source);

    /// <summary>The first sequence at which an event that is wanted can lie.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <returns>The sequence; beyond the end when there is none.</returns>
    public long Begin(IStorage storage, string directory) => FromTime == long.MinValue
        ? From
        : Math.Max(From, RecordSearch.EventAt(storage, directory, FromTime));
}

/// <summary>
/// Shows a journal, also one that is being written: it ends where the journal ends now. It goes straight to where the
/// range begins; definitions before that are looked for only when an event needs them.
/// </summary>
public sealed class JournalInspector : IDisposable
{
    private readonly JournalReader? _reader;
    private readonly InspectionFilter _filter;

    /// <summary>Opens the journal of a directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="filter">What to show.</param>
    /// <exception cref="Format.JournalDamagedException">It cannot be read.</exception>
    public JournalInspector(IStorage storage, string directory, InspectionFilter filter)
    {
        _filter = filter;
        long begin = filter.Begin(storage, directory);
        Names = new InstrumentNames(storage, directory, begin);
        Formatter = new EventFormatter(Names);

        // A range beyond the end shows nothing; it is no damage.
        long end = RecordSearch.End(storage, directory, Format.StreamKind.Journal);
        _reader = begin > end
            ? null
            : new JournalReader(
                storage, directory, new ReadOptions { From = begin, To = filter.To, Follow = true });
    }

    /// <summary>The instruments.</summary>
    public InstrumentNames Names { get; }

    /// <summary>Formats what <see cref="Next"/> gives.</summary>
    public EventFormatter Formatter { get; }

    /// <summary>The next event that the filter takes.</summary>
    /// <param name="e">The event.</param>
    /// <returns>False at the end; of a journal that is being written there may be more later.</returns>
    public bool Next(ref Event e)
    {
        while (_reader is not null && _reader.Read(ref e) == ReadResult.Event && e.ReceivedAt <= _filter.ToTime)
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
    public void Dispose() => _reader?.Dispose();
}
