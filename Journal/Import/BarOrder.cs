using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// Bars of one length follow one another: two files that tell the same minute would let everything trade in it twice.
/// </summary>
internal sealed class BarOrder
{
    private readonly Dictionary<(InstrumentId Instrument, long Timeframe), (long End, string File)> _last = [];

    /// <summary>Looks at an event.</summary>
    /// <param name="e">The event; bars come in the order of their ends.</param>
    /// <param name="file">Of which file it is.</param>
    /// <exception cref="ImportException">It is a bar that another file's bar overlaps.</exception>
    internal void Require(in Event e, FileSummary file)
    {
        if (e.Kind != EventKind.Bar)
        {
            return;
        }

        Bar bar = e.Bar;
        (InstrumentId, long) key = (e.Instrument, bar.Timeframe);
        if (_last.TryGetValue(key, out (long End, string File) last) && bar.StartTime < last.End && last.File != file.Path)
        {
            throw new ImportException(
                file.Path,
                file.Lines,
                "start",
                bar.StartTime.ToString(CultureInfo.InvariantCulture),
                $"bars of one instrument and length one after the other; it overlaps {last.File}");
        }

        _last[key] = (bar.StartTime + bar.Timeframe, file.Path);
    }
}
