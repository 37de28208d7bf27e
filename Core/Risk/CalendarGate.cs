using System;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>The calendars that are compared with a venue's own before anything may add.</summary>
/// <param name="Venue">Whose calendar.</param>
/// <param name="Calendars">By instrument; one without a calendar is not asked about.</param>
public sealed record CalendarCheck(EventSource Venue, InstrumentCalendar[] Calendars);

/// <summary>
/// Whether the declared calendar of an instrument is the one that the venue told since the run began. It is shut until it has been
/// told, and while a day differs.
/// </summary>
internal sealed class CalendarGate : IStateful
{
    /// <summary>Days of one answer that are compared; more of them differ.</summary>
    internal const int DaysMax = 64;

    private readonly CalendarCheck _check;
    private readonly TradingSession[] _days = new TradingSession[DaysMax];

    // Index into the calendars, plus 1; 0 for none. First day that differs by instrument; 0 for none.
    private readonly int[] _calendar = new int[Limits.Instruments + 1];
    private readonly int[] _differs = new int[Limits.Instruments + 1];
    private int _count;

    // Events of the answer under way that came in their order.
    private int _told;
    private int _from;
    private int _until;
    private bool _isTooLong;
    private bool _isRead;

    internal CalendarGate(CalendarCheck check) => _check = check;

    /// <summary>Binds an instrument to its calendar.</summary>
    internal void Define(InstrumentId instrument, in Symbol24 symbol)
    {
        ReadOnlySpan<byte> name = symbol;
        _calendar[instrument.Value] = 0;
        for (int i = 0; i < _check.Calendars.Length; i++)
        {
            Symbol24 known = _check.Calendars[i].Symbol;
            if (name.SequenceEqual(known))
            {
                _calendar[instrument.Value] = i + 1;
            }
        }

        Compare(instrument);
    }

    /// <summary>Looks at an event. What the venue told in an earlier run does not count in this one.</summary>
    /// <returns>True when an answer was compared.</returns>
    internal bool See(in Event e)
    {
        if (e.Kind == EventKind.EpochStarted)
        {
            _isRead = false;
            return false;
        }

        if (e.Kind != EventKind.CalendarDay || e.Source != _check.Venue)
        {
            return false;
        }

        ref readonly CalendarDay day = ref e.CalendarDay;
        if (day.Place == 0)
        {
            _count = 0;
            _told = 0;
            _isTooLong = false;
            (_from, _until) = (day.From, day.Until);
        }

        _isTooLong |= day.Date != 0 && _count == DaysMax;
        if (day.Date != 0 && _count < DaysMax)
        {
            _days[_count++] = new TradingSession(day.Date, day.Open, day.Close);
        }

        _told = day.Place == _told ? _told + 1 : 0;
        if (_told != day.Days)
        {
            return false;
        }

        _isRead = true;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            Compare(new InstrumentId(i));
        }

        return true;
    }

    /// <summary>True when an order of an instrument may add.</summary>
    internal bool IsOpen(InstrumentId instrument, out RiskReason reason, out long observed)
    {
        bool isAsked = _calendar[instrument.Value] != 0;
        observed = isAsked && _isRead ? _differs[instrument.Value] : 0;
        reason = _isRead ? RiskReason.CalendarDiffers : RiskReason.CalendarUnread;
        return !isAsked || (_isRead && observed == 0);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<TradingSession>(_days);
        visitor.Visit<int>(_calendar);
        visitor.Visit<int>(_differs);
        visitor.Visit(ref _count);
        visitor.Visit(ref _told);
        visitor.Visit(ref _from);
        visitor.Visit(ref _until);
        visitor.Visit(ref _isTooLong);
        visitor.Visit(ref _isRead);
    }

    private void Compare(InstrumentId instrument)
    {
        ref int differs = ref _differs[instrument.Value];
        differs = 0;
        if (!_isRead || _calendar[instrument.Value] == 0)
        {
            return;
        }

        TradingCalendar ours = _check.Calendars[_calendar[instrument.Value] - 1].Calendar;
        bool found = CalendarComparison.TryFind(ours, _from, _until, _days.AsSpan(0, _count), out CalendarDifference first);
        differs = found ? first.Date : _isTooLong ? _until : 0;
    }
}
