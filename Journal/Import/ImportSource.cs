using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// Recorded files as one stream of events: the definitions of all instruments first, then everything by (ReceivedAt,
/// order of the files, order of the lines). Memory does not grow with the files.
/// </summary>
/// <remarks>
/// Files of the same venue, symbol and kind are one instrument. Where a capture of an instrument's book follows another
/// one, a gap is announced between them: what happened in between is not known. Two captures that overlap are refused, and so
/// are bars.
/// </remarks>
public sealed class ImportSource : IEventSource, IDisposable
{
    private readonly ImportPlan _plan;
    private readonly DeferredReader[] _readers;
    private readonly MergedSource _merged;
    private readonly InstrumentSummary[] _instruments;
    private readonly int[] _capture;
    private readonly bool[] _retired;
    private readonly BarOrder _bars = new();
    private Event _held;
    private bool _hasHeld;
    private int _defined;
    private long _events;

    private ImportSource(ImportPlan plan)
    {
        _plan = plan;
        _readers = new DeferredReader[plan.Files.Count];
        long[] notBefore = new long[_readers.Length];
        for (int i = 0; i < _readers.Length; i++)
        {
            _readers[i] = new DeferredReader(plan.Files[i]);
            notBefore[i] = plan.Files[i].NotBefore;
        }

        _merged = new MergedSource(_readers, notBefore);
        _instruments = new InstrumentSummary[plan.Instruments.Count];
        _capture = new int[_instruments.Length];
        Array.Fill(_capture, -1);
        _retired = new bool[_readers.Length];
        for (int i = 0; i < _instruments.Length; i++)
        {
            _instruments[i] = new InstrumentSummary(plan.IdOf(i), plan.Instruments[i].Definition);
        }
    }

    /// <summary>How far it is.</summary>
    public ImportProgress Progress
    {
        get
        {
            long read = 0;
            long total = 0;
            long lines = 0;
            foreach (DeferredReader reader in _readers)
            {
                read += reader.BytesRead;
                total += reader.File.Summary.Bytes;
                lines += reader.File.Summary.Lines;
            }

            return new ImportProgress(read, total, lines, _events);
        }
    }

    /// <summary>What has been done so far; complete at the end.</summary>
    public ImportSummary Summary
    {
        get
        {
            FileSummary[] files = new FileSummary[_readers.Length];
            for (int i = 0; i < files.Length; i++)
            {
                files[i] = _readers[i].File.Summary;
            }

            return new ImportSummary(files, _instruments);
        }
    }

    /// <summary>Looks at the beginning of every file and defines the instruments.</summary>
    /// <param name="files">At least one.</param>
    /// <param name="firstInstrument">Number of the first instrument.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ImportException">A file cannot be read or is not what it should be.</exception>
    public static ImportSource Open(IReadOnlyList<ImportFile> files, ushort firstInstrument = 1) =>
        new(ImportPlan.Make(files, firstInstrument));

    /// <inheritdoc/>
    /// <exception cref="ImportException">A line is not what it should be.</exception>
    public ReadResult Read(ref Event next)
    {
        if (!_hasHeld)
        {
            ReadResult result = _merged.Read(ref _held);
            if (result != ReadResult.Event)
            {
                return result;
            }

            _hasHeld = true;
        }

        if (_defined < _instruments.Length)
        {
            next = Definition(_defined++);
        }
        else if (IsNewCapture(out int instrument))
        {
            next = Marker(_held.ReceivedAt, _held.Instrument, _held.Source);
            next.Set(new StreamStateChanged { State = StreamState.Gap });
            _instruments[instrument].Count(next);
        }
        else
        {
            _bars.Require(_held, _plan.Files[_merged.LastSource].Summary);
            next = _held;
            _hasHeld = false;
            _instruments[_plan.IndexOf(next.Instrument)].Count(next);
        }

        _events++;
        return ReadResult.Event;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeferredReader reader in _readers)
        {
            reader.Dispose();
        }
    }

    private Event Definition(int index)
    {
        ImportPlan.PlannedInstrument instrument = _plan.Instruments[index];
        Event definition = Marker(_held.ReceivedAt, _plan.IdOf(index), instrument.Finding.Source);
        definition.Set(instrument.Definition);
        return definition;
    }

    private static Event Marker(long receivedAt, InstrumentId instrument, EventSource source) => new()
    {
        ReceivedAt = receivedAt,
        Instrument = instrument,
        Source = source,
        Flags = EventFlags.Whole,
    };

    /// <summary>Whether the held event is the first of a file that takes a book over from another file.</summary>
    private bool IsNewCapture(out int instrument)
    {
        instrument = _plan.IndexOf(_held.Instrument);
        int file = _merged.LastSource;
        ImportFormat format = _plan.Files[file].Format;
        bool carriesBook = format is ImportFormat.Binance or ImportFormat.Bybit || _held.Kind == EventKind.BookLevels;
        int current = _capture[instrument];
        if (!carriesBook || current == file)
        {
            return false;
        }

        if (_retired[file])
        {
            throw new ImportException(
                _plan.Files[file].Path,
                _plan.Files[file].Summary.Lines,
                "received-at",
                _held.ReceivedAt.ToString(System.Globalization.CultureInfo.InvariantCulture),
                $"books of one instrument one after the other; it overlaps {_plan.Files[current].Path}");
        }

        _capture[instrument] = file;
        if (current < 0)
        {
            return false;
        }

        _retired[current] = true;
        return true;
    }

    /// <summary>Opens its file when it is read first, and closes it at its end.</summary>
    private sealed class DeferredReader(ImportPlan.PlannedFile file) : IEventSource, IDisposable
    {
        private ImportReader? _reader;
        private bool _done;

        internal ImportPlan.PlannedFile File => file;

        internal long BytesRead => _done ? file.Summary.Bytes : _reader?.BytesRead ?? 0;

        public ReadResult Read(ref Event next)
        {
            if (_done)
            {
                return ReadResult.End;
            }

            _reader ??= file.Open();
            ReadResult result = _reader.Read(ref next);
            if (result == ReadResult.End)
            {
                _done = true;
                _reader.Dispose();
            }

            return result;
        }

        public void Dispose() => _reader?.Dispose();
    }
}
