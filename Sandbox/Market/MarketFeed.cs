using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Sandbox.Market;

/// <summary>Hands out the events of a market when their time has come; the first is due at once, whatever its own time says.</summary>
internal sealed class MarketFeed
{
    private readonly IEventSource _source;
    private readonly long _startAt;
    private Event _next;
    private bool _has;
    private bool _shifted;
    private long _shift;

    internal MarketFeed(IEventSource source, long startAt)
    {
        _source = source;
        _startAt = startAt;
    }

    /// <summary>When the next event is due; <see cref="long.MaxValue"/> when there is none now.</summary>
    internal long NextDue => _has || Fetch() ? _next.ReceivedAt : long.MaxValue;

    /// <summary>
    /// What happens no earlier than this: a market that is late happens now, because what was matched meanwhile stays matched.
    /// </summary>
    internal long Floor { get; set; }

    /// <summary>True when the market will bring nothing more.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Takes the next event.</summary>
    internal void Take(out Event next)
    {
        next = _next;
        next.ReceivedAt = Math.Max(next.ReceivedAt, Floor);
        _has = false;
    }

    private bool Fetch()
    {
        if (IsOver)
        {
            return false;
        }

        do
        {
            ReadResult result = _source.Read(ref _next);
            IsOver = result == ReadResult.End;
            if (result != ReadResult.Event)
            {
                return false;
            }
        }
        while (_next.Kind is < EventKind.InstrumentDefined or > EventKind.DerivativePrices
            || _next.Instrument == InstrumentId.None);

        if (!_shifted)
        {
            _shift = _startAt - _next.ReceivedAt;
            _shifted = true;
        }

        _next.ReceivedAt += _shift;
        _next.VenueTime = _next.VenueTime == 0 ? _next.ReceivedAt : _next.VenueTime + _shift;
        Fit(ref _next);
        return _has = true;
    }

    // The lot of a share says how the market trades it; orders may be for fractions.
    private static void Fit(ref Event next)
    {
        if (next.Kind == EventKind.InstrumentDefined && next.InstrumentDefined.InstrumentKind == InstrumentKind.Equity)
        {
            next.InstrumentDefined.Lot = 1;
            next.InstrumentDefined.MinQuantity = 1;
        }
    }
}
