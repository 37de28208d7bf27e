using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// A LEAN map file: each row is the last date of a ticker. Where the next row has another one the share is renamed; where
/// the last row is not open the share is delisted. Both are in force from the midnight that ends the date.
/// </summary>
internal sealed class LeanMapReader(LineReader lines, FileSummary summary, InstrumentId instrument)
    : ImportReader(lines, summary)
{
    private DateOnly _date;
    private string? _ticker;

    private protected override bool IsCompanion => true;

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        (DateOnly date, string ticker) = LeanTickers.Row(line);
        if (_ticker is not null && date <= _date)
        {
            throw new FieldException("date", line[..8], "a date after that of the row above");
        }

        if (_ticker is not null && ticker != _ticker)
        {
            Put(new CorporateAction { Action = CorporateActionKind.Renamed, NewSymbol = Symbol24.Of(ticker) });
        }

        (_date, _ticker) = (date, ticker);
    }

    private protected override void OnEnd()
    {
        if (_ticker is not null && _date.Year < LeanSideFile.YearOpen)
        {
            Put(new CorporateAction { Action = CorporateActionKind.Delisted });
        }
    }

    private void Put(CorporateAction action)
    {
        action.Effect = CorporateActionEffect.InForce;
        long time = LeanSideFile.EndOf(_date);
        Put(Header(time, time, instrument, EventSource.Lean), action);
    }
}
