using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration.Gates;

/// <summary>What an instrument's session allows.</summary>
internal enum SessionPhase : byte
{
    /// <summary>Everything.</summary>
    Open = 0,

    /// <summary>Only what reduces.</summary>
    Closed = 1,

    /// <summary>Nothing may be held: the close is near, or over and the next session has not begun.</summary>
    Flat = 2,

    /// <summary>Only what reduces, and what is worked in a style of extended hours.</summary>
    Extended = 3,
}

/// <summary>
/// Follows the calendars in event time. An instrument without a calendar is never open: whoever turns the gate on has to
/// say when it trades.
/// </summary>
internal sealed class SessionGate : IStateful
{
    private readonly SessionGateSettings? _settings;
    private readonly SessionPhase[] _phase = new SessionPhase[Limits.Instruments + 1];

    // Index into the calendars, plus 1; 0 for none.
    private readonly int[] _calendar = new int[Limits.Instruments + 1];
    private ulong _defined;
    private long _nextChange = long.MaxValue;

    internal SessionGate(SessionGateSettings? settings)
    {
        Ensure.That(settings is null || settings.FlatBeforeClose >= 0, "time before the close must not be negative");
        _settings = settings;
    }

    internal SessionPhase Phase(InstrumentId instrument) => _phase[instrument.Value];

    /// <summary>True when a phase may change at an instant.</summary>
    internal bool IsDue(long now) => _settings is not null && now >= _nextChange;

    /// <summary>Binds an instrument to its calendar.</summary>
    internal void Define(InstrumentId instrument, in Symbol24 symbol)
    {
        if (_settings is null || instrument.Value is 0 or > Limits.Instruments)
        {
            return;
        }

        _defined |= 1UL << (instrument.Value - 1);
        _calendar[instrument.Value] = 0;
        ReadOnlySpan<byte> name = symbol;
        for (int i = 0; i < _settings.Calendars.Length; i++)
        {
            Symbol24 symbolOf = _settings.Calendars[i].Symbol;
            ReadOnlySpan<byte> known = symbolOf;
            if (name.SequenceEqual(known))
            {
                _calendar[instrument.Value] = i + 1;
            }
        }

        _nextChange = long.MinValue;
    }

    /// <summary>Moves on to an instant.</summary>
    /// <returns>Bit i - 1 is set when the phase of instrument i changed.</returns>
    internal ulong Advance(long now)
    {
        if (now < _nextChange || _settings is null)
        {
            return 0;
        }

        ulong changed = 0;
        _nextChange = long.MaxValue;
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            ulong bit = 1UL << (i - 1);
            if ((_defined & bit) == 0)
            {
                continue;
            }

            SessionPhase phase = At(_settings, _calendar[i], now, out long change);
            changed |= phase == _phase[i] ? 0 : bit;
            _phase[i] = phase;
            _nextChange = Math.Min(_nextChange, change);
        }

        return changed;
    }

    /// <summary>When an instrument opens next; 0 when its calendar does not know.</summary>
    internal long NextOpen(InstrumentId instrument, long now) =>
        _settings is not null
        && _calendar[instrument.Value] != 0
        && _settings.Calendars[_calendar[instrument.Value] - 1].Calendar.TryNext(now, out TradingSession next)
            ? next.Open
            : 0;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<SessionPhase>(_phase);
        visitor.Visit<int>(_calendar);
        visitor.Visit(ref _defined);
        visitor.Visit(ref _nextChange);
    }

    private static SessionPhase At(SessionGateSettings settings, int calendar, long now, out long change)
    {
        change = long.MaxValue;
        SessionPhase shut = settings.FlatBeforeClose > 0 ? SessionPhase.Flat : SessionPhase.Closed;
        if (calendar == 0)
        {
            return shut;
        }

        TradingCalendar table = settings.Calendars[calendar - 1].Calendar;
        if (table.NeverCloses)
        {
            return SessionPhase.Open;
        }

        if (!table.TryAt(now, out TradingSession session))
        {
            return Outside(settings, table, now, shut, out change);
        }

        long last = session.Close - settings.FlatBeforeClose;
        change = now < last ? last : session.Close;
        return now < last ? SessionPhase.Open : SessionPhase.Flat;
    }

    /// <summary>Between two sessions: shut, but for the hours before the one and after the other.</summary>
    private static SessionPhase Outside(
        SessionGateSettings settings, TradingCalendar table, long now, SessionPhase shut, out long change)
    {
        bool hasNext = table.TryNext(now, out TradingSession next);
        bool hasLast = table.TryLast(now, out TradingSession last);
        change = hasNext ? next.Open : long.MaxValue;
        if (shut == SessionPhase.Flat)
        {
            return shut;
        }

        long until = hasLast ? last.Close + settings.ExtendedAfter : long.MinValue;
        long from = hasNext ? next.Open - settings.ExtendedBefore : long.MaxValue;
        if (now < until || now >= from)
        {
            change = now >= from ? change : Math.Min(change, until);
            return SessionPhase.Extended;
        }

        change = Math.Min(change, from);
        return shut;
    }
}
