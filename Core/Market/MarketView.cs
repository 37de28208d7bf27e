using System;
using System.Diagnostics.CodeAnalysis;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Market;

/// <summary>
/// The whole market as a fold of events: what every strategy and every stage sees. <see cref="Apply"/> is called once
/// per event by the owner of the view; everybody else reads.
/// </summary>
/// <remarks>
/// Memory is taken when an instrument is defined (320 KiB of book and its bars); nothing is allocated by other events.
/// Events that the market does not know pass through it, and move <see cref="Now"/> and close bars like any other.
/// <list type="bullet">
/// <item>A stream that is down or has a gap (of one instrument, or of all): book and quote are emptied, forming bars
/// discarded, nothing ready until fresh data comes; a book waits for a snapshot. Last print, closed bars and status
/// stay.</item>
/// <item>A new run does the same to every instrument, and cuts groups that were open: what happened while nothing ran
/// was missed.</item>
/// <item>A split that acts empties book and quote and forgets all bars; the last price, in new shares, stays to value with.</item>
/// <item>A definition with other units (exponents or currency) clears everything that was measured in the old ones; any
/// other new definition only replaces the rules. One that cannot be right leaves the instrument undefined.</item>
/// </list>
/// </remarks>
public sealed class MarketView : IStateful
{
    /// <summary>Timeframes that can be kept for each instrument.</summary>
    public const int TimeframesMax = 8;

    private readonly long[] _timeframes;
    private readonly InstrumentMarket[] _instruments = new InstrumentMarket[Limits.Instruments];
    private readonly ClosedBar[] _closed;
    private int _closedCount;
    private int _count;
    private int _highest;
    private readonly long _barGrace;
    private long _now = long.MinValue;
    private long _nextClose = long.MaxValue;
    private long _unknownInstrumentEvents;
    private long _refusedDefinitions;

    private bool _believed = true;

    /// <summary>Creates a view of nothing.</summary>
    /// <param name="timeframes">Nanoseconds of each kind of bar; distinct, at most <see cref="TimeframesMax"/>.</param>
    /// <param name="barGrace">Nanoseconds after its end that a bar built here waits for trades; not negative.</param>
    /// <param name="barCapacity">Closed bars kept of each instrument and timeframe; at least 1.</param>
    /// <param name="guard">What is believed of the data; null for everything.</param>
    public MarketView(
        ReadOnlySpan<long> timeframes,
        long barGrace,
        int barCapacity = BarSeries.DefaultCapacity,
        MarketGuard? guard = null)
    {
        Ensure.That(timeframes.Length <= TimeframesMax, "more timeframes than the view keeps");
        Ensure.That(barCapacity >= 1, "a series needs room for a bar");
        _timeframes = timeframes.ToArray();
        _barGrace = barGrace;
        int closedMax = 1;
        for (int i = 0; i < _timeframes.Length; i++)
        {
            Ensure.That(_timeframes.AsSpan(0, i).IndexOf(_timeframes[i]) < 0, "a timeframe is named twice");
            BarBuilder.CheckTimes(_timeframes[i], barGrace);
            closedMax += Limits.Instruments * BarBuilder.FormingMax(_timeframes[i], barGrace);
        }

        _closed = new ClosedBar[closedMax];
        for (int i = 0; i < _instruments.Length; i++)
        {
            InstrumentId id = new((ushort)(i + 1));
            _instruments[i] = new InstrumentMarket(id, _timeframes, barGrace, barCapacity, guard ?? MarketGuard.None);
        }
    }

    /// <summary>Number of the highest instrument that was ever defined; 0 before the first. Loops end here.</summary>
    public int Highest => _highest;

    /// <summary>Instruments that are defined.</summary>
    public int Count => _count;

    /// <summary>ReceivedAt of the last event; <see cref="long.MinValue"/> before the first.</summary>
    public long Now => _now;

    /// <summary>
    /// Bars that became history with the last event, ordered by instrument, timeframe (as declared) and start. They are
    /// in their series already.
    /// </summary>
    public ReadOnlySpan<ClosedBar> ClosedBars => _closed.AsSpan(0, _closedCount);

    /// <summary>
    /// False when the guard does not believe the last event: it is a fact of the journal, but no price, no bar and no call of
    /// a strategy comes from it.
    /// </summary>
    public bool IsBelieved => _believed;

    /// <summary>Market events of an instrument that is not defined; ignored.</summary>
    public long UnknownInstrumentEvents => _unknownInstrumentEvents;

    /// <summary>Definitions that cannot be right; each left its instrument undefined.</summary>
    public long RefusedDefinitions => _refusedDefinitions;

    /// <summary>One instrument, defined or not.</summary>
    /// <param name="id">1 to <see cref="Limits.Instruments"/>.</param>
    /// <returns>Its market.</returns>
    public InstrumentMarket this[InstrumentId id]
    {
        get
        {
            Ensure.That(IsInRange(id), "no such instrument");
            return _instruments[id.Value - 1];
        }
    }

    /// <summary>One instrument, if it is defined.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="instrument">Its market when the result is true.</param>
    /// <returns>False when the instrument is not defined.</returns>
    public bool TryGet(InstrumentId id, [NotNullWhen(true)] out InstrumentMarket? instrument)
    {
        instrument = IsInRange(id) && _instruments[id.Value - 1].IsDefined ? _instruments[id.Value - 1] : null;
        return instrument is not null;
    }

    /// <summary>Folds one event into the view: first bars close by its time, then it is applied.</summary>
    /// <param name="e">The event; its ReceivedAt is not before the last one's.</param>
    public void Apply(in Event e)
    {
        Ensure.That(e.ReceivedAt >= _now, "ReceivedAt runs backwards");
        _now = e.ReceivedAt;
        _closedCount = 0;
        _believed = true;
        if (_now >= _nextClose)
        {
            if (e.Kind == EventKind.Bar && TryGet(e.Instrument, out InstrumentMarket? claimed))
            {
                claimed.ClaimBar(e);
            }

            CloseBars();
        }

        switch (e.Kind)
        {
            case EventKind.BookLevels:
                if (TryKnown(e.Instrument, out InstrumentMarket? booked))
                {
                    _believed = booked.ApplyBook(e);
                }

                break;
            case EventKind.Quote:
                if (TryKnown(e.Instrument, out InstrumentMarket? quoted))
                {
                    _believed = quoted.ApplyQuote(e);
                }

                break;
            case EventKind.Trade:
                if (TryKnown(e.Instrument, out InstrumentMarket? traded))
                {
                    _believed = traded.ApplyTrade(e);
                    WatchCloses(traded);
                }

                break;
            case EventKind.Bar:
                if (TryKnown(e.Instrument, out InstrumentMarket? barred) && barred.ApplyBar(e))
                {
                    AddClosed(e.Instrument, e.Bar);
                }

                break;
            case EventKind.TradingStatus:
                if (TryKnown(e.Instrument, out InstrumentMarket? ruled))
                {
                    ruled.ApplyStatus(e.TradingStatus.Status);
                }

                break;
            case EventKind.CorporateAction:
                if (TryKnown(e.Instrument, out InstrumentMarket? changed))
                {
                    changed.Act(e.CorporateAction, e.ReceivedAt);
                }

                break;
            case EventKind.StreamState when e.StreamState.Stream == StreamContent.Market:
                ApplyStream(e);
                break;
            case EventKind.InstrumentDefined:
                Define(e);
                break;
            case EventKind.EpochStarted:
                for (int i = 0; i < _instruments.Length; i++)
                {
                    _instruments[i].StartEpoch();
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        int timeframes = _timeframes.Length;
        visitor.Visit(ref timeframes);
        Ensure.That(timeframes == _timeframes.Length, "restored view has other timeframes");
        for (int i = 0; i < _timeframes.Length; i++)
        {
            long timeframe = _timeframes[i];
            visitor.Visit(ref timeframe);
            Ensure.That(timeframe == _timeframes[i], "restored view has other timeframes");
        }

        long grace = _barGrace;
        visitor.Visit(ref grace);
        Ensure.That(grace == _barGrace, "restored view has another grace");
        visitor.Visit(ref _now);
        visitor.Visit(ref _nextClose);
        visitor.Visit(ref _unknownInstrumentEvents);
        visitor.Visit(ref _refusedDefinitions);
        visitor.Visit(ref _count);
        visitor.Visit(ref _highest);
        visitor.Visit(ref _believed);
        for (int i = 0; i < _instruments.Length; i++)
        {
            _instruments[i].Visit(visitor);
        }
    }

    private static bool IsInRange(InstrumentId id) => id.Value is >= 1 and <= Limits.Instruments;

    private bool TryKnown(InstrumentId id, [NotNullWhen(true)] out InstrumentMarket? instrument)
    {
        if (TryGet(id, out instrument))
        {
            return true;
        }

        _unknownInstrumentEvents++;
        return false;
    }

    private void ApplyStream(in Event e)
    {
        if (e.Instrument != InstrumentId.None)
        {
            if (TryKnown(e.Instrument, out InstrumentMarket? instrument))
            {
                instrument.ApplyStream(e.StreamState.State, e.ReceivedAt);
            }

            return;
        }

        for (int i = 0; i < _instruments.Length; i++)
        {
            if (_instruments[i].IsDefined)
            {
                _instruments[i].ApplyStream(e.StreamState.State, e.ReceivedAt);
            }
        }
    }

    private void Define(in Event e)
    {
        if (!IsInRange(e.Instrument))
        {
            _refusedDefinitions++;
            return;
        }

        InstrumentMarket instrument = _instruments[e.Instrument.Value - 1];
        _count -= instrument.IsDefined ? 1 : 0;
        if (instrument.Define(e.InstrumentDefined))
        {
            _count++;
            _highest = Math.Max(_highest, e.Instrument.Value);
        }
        else
        {
            _refusedDefinitions++;
        }
    }

    private void CloseBars()
    {
        _nextClose = long.MaxValue;
        for (int i = 0; i < _instruments.Length; i++)
        {
            ReadOnlySpan<BarSeries> series = _instruments[i].Series;
            for (int j = 0; j < series.Length; j++)
            {
                while (series[j].TryClose(_now, out Bar bar))
                {
                    AddClosed(new InstrumentId((ushort)(i + 1)), bar);
                }

                _nextClose = Math.Min(_nextClose, series[j].NextClose);
            }
        }
    }

    private void WatchCloses(InstrumentMarket instrument)
    {
        ReadOnlySpan<BarSeries> series = instrument.Series;
        for (int i = 0; i < series.Length; i++)
        {
            _nextClose = Math.Min(_nextClose, series[i].NextClose);
        }
    }

    private void AddClosed(InstrumentId instrument, in Bar bar) =>
        _closed[_closedCount++] = new ClosedBar { Instrument = instrument, Bar = bar };
}
