using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Journal.Import;

/// <summary>
/// Funding rates of a perpetual: <c>YYYYMMDD HH:MM:SS,rate</c> in UTC, one row for each payment. A rate is published at the
/// instant at which it is paid: before that it was a forecast that may have changed.
/// </summary>
internal sealed class LeanFundingReader(LineReader lines, FileSummary summary, InstrumentId instrument)
    : ImportReader(lines, summary)
{
    internal const long Hour = 3_600L * 1_000_000_000;

    private const int TimeLength = 17;
    private const int RateExponent = 12;

    // Perpetuals pay once a day or more often.
    private const long IntervalMax = 24 * Hour;

    // All of the position's value: beyond that it is not a rate.
    private const long RateMax = 1_000_000_000_000;

    private long _last;

    private protected override bool IsCompanion => true;

    private protected override void OnLine(ReadOnlySpan<byte> line)
    {
        CommaFields fields = new(line);
        ReadOnlySpan<byte> timeText = fields.Next("time");
        ReadOnlySpan<byte> rateText = fields.Next("rate");
        fields.End();
        long time = Time(timeText);
        if (time == _last)
        {
            throw new FieldException("time", timeText, "one rate for a time");
        }

        if (!DecimalText.TryParse(rateText, RateExponent, out long rate) || rate is < -RateMax or > RateMax)
        {
            throw new FieldException("rate", rateText, "a decimal from -1 to 1 with at most 12 decimals");
        }

        Event header = Header(time, time, instrument, EventSource.Lean);
        long distance = time - _last;
        Put(header, new DerivativePrices
        {
            FundingRate = rate,
            NextFunding = time,
            FundingInterval = _last == 0 || distance > IntervalMax ? 0 : distance,
        });
        _last = time;
    }

    private static long Time(ReadOnlySpan<byte> text)
    {
        if (text.Length != TimeLength || text[8] != (byte)' ' || text[11] != (byte)':' || text[14] != (byte)':')
        {
            throw new FieldException("time", text, "YYYYMMDD HH:MM:SS");
        }

        DateOnly date = LeanSideFile.Date("time", text[..8]);
        long hour = Fields.Whole("time", text[9..11]);
        long minute = Fields.Whole("time", text[12..14]);
        long second = Fields.Whole("time", text[15..17]);
        if (hour > 23 || minute > 59 || second > 59)
        {
            throw new FieldException("time", text, "YYYYMMDD HH:MM:SS");
        }

        long days = date.DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        return ((((((days * 24) + hour) * 60) + minute) * 60) + second) * 1_000_000_000;
    }
}
