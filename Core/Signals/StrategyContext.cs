using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>
/// What a strategy sees and how it speaks. Signals are changes: stating again what stands is not a signal. At most
/// <see cref="Limits.SignalsPerEvent"/> signals leave per event over all strategies; one that finds no room waits, is counted
/// in <see cref="Delayed"/>, and leaves with the next event that ends a group, unless a newer wish has replaced it.
/// </summary>
/// <remarks>
/// Until the strategy has seen the bars that its roles ask for on an instrument, its wishes on that instrument are not taken:
/// the call returns false and is counted. Being flat is the exception while it holds a position: what only reduces risk is
/// never held back.
/// </remarks>
public sealed class StrategyContext : IStateful
{
    /// <summary>Full confidence, in parts per million.</summary>
    public const int FullConfidence = 1_000_000;

    private readonly IPositions _positions;
    private readonly ExecutionStyles _styles;
    private readonly TimeframeRole[] _roles;
    private readonly long[] _timeframes;
    private readonly int _rewarmAfter;

    // What was last stated of each instrument, and what of it has not left yet: at most one wish for each.
    private readonly Signal[] _standing = new Signal[Limits.Instruments + 1];
    private readonly Signal[] _pending = new Signal[Limits.Instruments];

    // The newest bar of each instrument and timeframe, and whether data was missing since.
    private readonly long[] _lastStart;
    private readonly bool[] _broken;

    // Bars told of each instrument and timeframe, calls of each instrument (ticks under 0), wishes that were not taken.
    private readonly int[] _bars;
    private readonly long[] _calls = new long[Limits.Instruments + 1];
    private readonly long[] _refused = new long[Limits.Instruments + 1];
    private int _pendingCount;

    // How many of them have waited since an earlier event; between two events that is all of them.
    private int _waited;
    private ulong _subscribed;
    private ulong _warm;
    private long _delayed;

    internal StrategyContext(
        StrategyBinding binding, MarketView market, IPositions positions, ExecutionStyles styles, int rewarmAfter = 0)
    {
        _rewarmAfter = rewarmAfter;
        _styles = styles;
        Strategy = binding.Id;
        Market = market;
        _positions = positions;
        _roles = binding.Strategy.Roles.ToArray();
        _timeframes = binding.Strategy.Timeframes.ToArray();
        _bars = new int[_timeframes.Length * (Limits.Instruments + 1)];
        _lastStart = new long[_bars.Length];
        _broken = new bool[_bars.Length];
    }

    /// <summary>Who speaks.</summary>
    public StrategyId Strategy { get; }

    /// <summary>The market: books, quotes, bars of all instruments.</summary>
    public MarketView Market { get; }

    /// <summary>ReceivedAt of the current event: the only now.</summary>
    public long Now => Market.Now;

    /// <summary>Signals that found no room in their event and left with a later one.</summary>
    public long Delayed => _delayed;

    /// <summary>Signals that wait for room.</summary>
    internal int PendingCount => _pendingCount;

    /// <summary>True while nothing can be stated: a run begins or ends.</summary>
    internal bool Muted { get; set; }

    /// <summary>This strategy's own virtual position.</summary>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    public long Position(InstrumentId instrument) => _positions.VirtualPosition(Strategy, instrument);

    /// <summary>This strategy's own open trade: when and at what price it was entered, what it cost, how far it went.</summary>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>All zero when the strategy is flat.</returns>
    public OpenTrade Trade(InstrumentId instrument) => _positions.Trade(Strategy, instrument);

    /// <summary>True when the strategy listens to the instrument.</summary>
    /// <param name="instrument">Any instrument.</param>
    /// <returns>Whether it is subscribed and defined.</returns>
    public bool IsSubscribed(InstrumentId instrument) => (_subscribed & Bit(instrument)) != 0;

    /// <summary>
    /// True when the strategy has been told the bars that its roles ask for, and an interruption of the data has not put the
    /// window of one in question: its wishes count.
    /// </summary>
    /// <param name="instrument">Any instrument.</param>
    /// <returns>Whether it is subscribed, defined and warmed up.</returns>
    public bool IsReady(InstrumentId instrument) => (_warm & _subscribed & Bit(instrument)) != 0;

    /// <summary>Closed bars that a role still has to see of an instrument before the strategy may speak.</summary>
    /// <param name="instrument">1 to <see cref="Limits.Instruments"/>.</param>
    /// <param name="role">One of the strategy's roles.</param>
    /// <returns>0 when the role has seen enough.</returns>
    public int MissingBars(InstrumentId instrument, TimeframeRole role) =>
        Math.Max(0, role.WarmUpBars - _bars[Place(instrument, role.Timeframe)]);

    /// <summary>True while the next bar of a role has to show how much an interruption of the data has cost.</summary>
    /// <param name="instrument">1 to <see cref="Limits.Instruments"/>.</param>
    /// <param name="role">One of the strategy's roles.</param>
    /// <returns>Whether wishes that need the role wait for it.</returns>
    public bool IsInterrupted(InstrumentId instrument, TimeframeRole role) =>
        role.WarmUpBars != 0 && _broken[Place(instrument, role.Timeframe)];

    /// <summary>The closed bars of a role.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="role">One of the strategy's roles.</param>
    /// <returns>The series, newest first.</returns>
    public BarSeries Bars(InstrumentId instrument, TimeframeRole role)
    {
        BarSeries? bars = Market[instrument].Bars(role.Timeframe);
        Ensure.That(bars is not null, "bars of an instrument that is not defined, or of a timeframe that is not kept");
        return bars;
    }

    /// <summary>What the strategy last stated of an instrument; kind None before the first time.</summary>
    /// <param name="instrument">1 to <see cref="Limits.Instruments"/>.</param>
    /// <returns>The wish, read only.</returns>
    public ref readonly Signal Stated(InstrumentId instrument) => ref _standing[instrument.Value];

    /// <summary>Calls that concerned an instrument.</summary>
    /// <param name="instrument">An instrument; none for timer ticks.</param>
    /// <returns>The count.</returns>
    public long Calls(InstrumentId instrument) => _calls[instrument.Value];

    /// <summary>Wishes that were not taken: the strategy had not warmed up, or the run was beginning or ending.</summary>
    /// <param name="instrument">1 to <see cref="Limits.Instruments"/>.</param>
    /// <returns>The count.</returns>
    public long Refused(InstrumentId instrument) => _refused[instrument.Value];

    /// <summary>Finds a way to work orders by the name that the configuration gives it. Ask once, when a run begins.</summary>
    /// <param name="name">The name: market, limit, post-only, or a declared one.</param>
    /// <param name="style">What to name in a wish.</param>
    /// <returns>False when there is none of that name; the style is then none.</returns>
    public bool TryFindStyle(string name, out StyleId style) => _styles.TryFind(name, out style);

    /// <summary>Wants a position, at the market's price within the marketable band unless a style says otherwise.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="target">Quantity units, signed.</param>
    /// <param name="confidence">Parts per million, 0 to 1,000,000.</param>
    /// <param name="horizon">Nanoseconds after which the wish is flat; 0 for never.</param>
    /// <param name="style">How to work it; none for the configured way.</param>
    /// <param name="bracket">Where the position is left again.</param>
    /// <returns>False when it is not taken: see <see cref="IsReady"/>.</returns>
    public bool SetTarget(
        InstrumentId instrument,
        long target,
        int confidence = FullConfidence,
        long horizon = 0,
        StyleId style = default,
        Bracket bracket = default) =>
        State(
            new Signal
            {
                Instrument = instrument,
                Kind = SignalKind.Target,
                Confidence = confidence,
                Horizon = horizon,
                Target = target,
                Style = style,
            },
            bracket);

    /// <summary>Wants a position, at a limit price or better.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="target">Quantity units, signed.</param>
    /// <param name="limitPrice">Price units, positive.</param>
    /// <param name="confidence">Parts per million, 0 to 1,000,000.</param>
    /// <param name="horizon">Nanoseconds after which the wish is flat; 0 for never.</param>
    /// <param name="style">How to work it, never beyond the limit; none for the configured way.</param>
    /// <param name="bracket">Where the position is left again.</param>
    /// <returns>False when it is not taken: see <see cref="IsReady"/>.</returns>
    public bool SetTargetWithLimit(
        InstrumentId instrument,
        long target,
        long limitPrice,
        int confidence = FullConfidence,
        long horizon = 0,
        StyleId style = default,
        Bracket bracket = default) =>
        State(
            new Signal
            {
                Instrument = instrument,
                Kind = SignalKind.TargetWithLimit,
                Confidence = confidence,
                Horizon = horizon,
                Target = target,
                LimitPrice = limitPrice,
                Style = style,
            },
            bracket);

    /// <summary>Wants a two-sided quote; a quantity of 0 means none on that side.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="bidPrice">Price units.</param>
    /// <param name="bidQuantity">Quantity units.</param>
    /// <param name="askPrice">Price units, above the bid when both sides are quoted.</param>
    /// <param name="askQuantity">Quantity units.</param>
    /// <returns>False when it is not taken: see <see cref="IsReady"/>.</returns>
    public bool SetQuotes(
        InstrumentId instrument, long bidPrice, long bidQuantity, long askPrice, long askQuantity) =>
        State(new Signal
        {
            Instrument = instrument,
            Kind = SignalKind.Quotes,
            Confidence = FullConfidence,
            BidPrice = bidPrice,
            BidQuantity = bidQuantity,
            AskPrice = askPrice,
            AskQuantity = askQuantity,
        });

    /// <summary>Wants no position and no quotes.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <returns>False when it is not taken: see <see cref="IsReady"/>.</returns>
    public bool SetFlat(InstrumentId instrument) =>
        State(new Signal { Instrument = instrument, Kind = SignalKind.Flat, Confidence = FullConfidence });

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _subscribed);
        visitor.Visit(ref _warm);
        visitor.Visit(ref _delayed);
        visitor.Visit(ref _pendingCount);
        Ensure.That(
            _pendingCount >= 0 && _pendingCount <= _pending.Length, "restored context has more wishes than there is room for");
        visitor.Visit(_pending.AsSpan(0, _pendingCount));
        _waited = _pendingCount;
        visitor.Visit<Signal>(_standing);
        visitor.Visit<int>(_bars);
        visitor.Visit<long>(_lastStart);
        visitor.Visit<bool>(_broken);
        visitor.Visit<long>(_calls);
        visitor.Visit<long>(_refused);
    }

    /// <summary>
    /// Old shares became new ones: what was stated means as much as before, and the bars that were told are of old shares.
    /// </summary>
    internal void Split(in Instrument rules, in ShareRatio ratio, long before, long after)
    {
        InstrumentId instrument = rules.Id;
        _standing[instrument.Value] = SplitWish.Of(_standing[instrument.Value], ratio, rules, before, after);
        for (int i = 0; i < _pendingCount; i++)
        {
            if (_pending[i].Instrument == instrument)
            {
                _pending[i] = _standing[instrument.Value];
            }
        }

        _bars.AsSpan(instrument.Value * _timeframes.Length, _timeframes.Length).Clear();
        _broken.AsSpan(instrument.Value * _timeframes.Length, _timeframes.Length).Clear();
        _warm &= ~Bit(instrument);
        WarmUp(instrument);
    }

    /// <summary>The share is gone: nothing is wanted of it any more.</summary>
    internal void Delist(InstrumentId instrument)
    {
        _standing[instrument.Value] = default;
        int kept = 0;
        for (int i = 0; i < _pendingCount; i++)
        {
            if (_pending[i].Instrument != instrument)
            {
                _pending[kept++] = _pending[i];
            }
        }

        _waited -= Math.Min(_waited, _pendingCount - kept);
        _pendingCount = kept;
    }

    internal void Subscribe(InstrumentId instrument)
    {
        _subscribed |= Bit(instrument);
        WarmUp(instrument);
    }

    /// <summary>Counts a call.</summary>
    internal void Count(InstrumentId instrument) => _calls[instrument.Value]++;

    /// <summary>
    /// Data of an instrument is missing. How many bars are missing shows with the next bar of each timeframe; until then
    /// nothing that needs bars counts.
    /// </summary>
    internal void Interrupt(InstrumentId instrument)
    {
        if (_rewarmAfter == 0)
        {
            return;
        }

        foreach (long timeframe in _timeframes)
        {
            int place = Place(instrument, timeframe);
            _broken[place] = _bars[place] != 0;
        }

        _warm &= ~Bit(instrument);
        WarmUp(instrument);
    }

    /// <summary>Counts a bar that the strategy is about to be told.</summary>
    internal void CountBar(InstrumentId instrument, in Bar bar)
    {
        int place = Place(instrument, bar.Timeframe);
        ref int bars = ref _bars[place];
        if (_broken[place])
        {
            // With too many bars missing the window has a hole: it is filled anew.
            _broken[place] = false;
            long missing = ((bar.StartTime - _lastStart[place]) / bar.Timeframe) - 1;
            bars = missing >= _rewarmAfter ? 0 : bars;
        }

        _lastStart[place] = bar.StartTime;
        if (bars != int.MaxValue)
        {
            bars++;
        }

        if ((_warm & Bit(instrument)) == 0)
        {
            WarmUp(instrument);
        }
    }

    /// <summary>Moves what was stated and finds room into the event's section; the rest stays, in its order.</summary>
    /// <returns>True when nothing is left.</returns>
    internal bool Drain(ref Decision decision)
    {
        int moved = 0;
        while (moved < _pendingCount && decision.SignalCount < Limits.SignalsPerEvent)
        {
            decision.Signals[decision.SignalCount++] = _pending[moved++];
        }

        _pendingCount -= moved;
        _pending.AsSpan(moved, _pendingCount).CopyTo(_pending);

        // Who waits stands in front: what is left beyond the ones that waited before was stated with this event.
        _delayed += _pendingCount - Math.Max(0, _waited - moved);
        _waited = _pendingCount;
        return _pendingCount == 0;
    }

    private static ulong Bit(InstrumentId instrument) =>
        instrument.Value is 0 or > Limits.Instruments ? 0 : 1UL << (instrument.Value - 1);

    private int Place(InstrumentId instrument, long timeframe)
    {
        int index = _timeframes.AsSpan().IndexOf(timeframe);
        Ensure.That(index >= 0, "a role that is none of the strategy's");
        return (instrument.Value * _timeframes.Length) + index;
    }

    private void WarmUp(InstrumentId instrument)
    {
        foreach (TimeframeRole role in _roles)
        {
            if (MissingBars(instrument, role) != 0 || IsInterrupted(instrument, role))
            {
                return;
            }
        }

        _warm |= Bit(instrument);
    }

    private bool State(Signal signal, in Bracket bracket = default)
    {
        bracket.CheckSound(signal.Target);
        signal.StopPrice = bracket.StopPrice;
        signal.TakePrice = bracket.TakePrice;
        signal.StopBps = bracket.StopBps;
        signal.TakeBps = bracket.TakeBps;
        Ensure.That(signal.Style.Value <= _styles.Count, "a strategy may only name a style that there is");
        Ensure.That(IsSubscribed(signal.Instrument), "a strategy may only signal instruments that it is subscribed to");
        Ensure.That(signal.Confidence is >= 0 and <= FullConfidence, "confidence out of range");
        Ensure.That(signal.Horizon >= 0, "horizon must not be negative");
        Ensure.That(signal.BidQuantity >= 0 && signal.AskQuantity >= 0, "quoted quantity must not be negative");
        Ensure.That(
            signal.Kind != SignalKind.TargetWithLimit || signal.LimitPrice > 0, "limit price must be positive");
        bool reduces = signal.Kind == SignalKind.Flat && Position(signal.Instrument) != 0;
        if (Muted || (!reduces && !IsReady(signal.Instrument)))
        {
            _refused[signal.Instrument.Value]++;
            return false;
        }

        signal.Strategy = Strategy;
        if (Same(signal, _standing[signal.Instrument.Value]))
        {
            return true;
        }

        // A later wish about the same instrument replaces one that has not left yet.
        _standing[signal.Instrument.Value] = signal;
        for (int i = 0; i < _pendingCount; i++)
        {
            if (_pending[i].Instrument == signal.Instrument)
            {
                _pending[i] = signal;
                return true;
            }
        }

        _pending[_pendingCount++] = signal;
        return true;
    }

    /// <summary>A wish with a horizon is always news: it starts its horizon again.</summary>
    private static bool Same(in Signal a, in Signal b) =>
        a.Kind == b.Kind
        && a.Target == b.Target
        && a.LimitPrice == b.LimitPrice
        && a.BidPrice == b.BidPrice
        && a.BidQuantity == b.BidQuantity
        && a.AskPrice == b.AskPrice
        && a.AskQuantity == b.AskQuantity
        && a.Confidence == b.Confidence
        && a.Style == b.Style
        && a.StopPrice == b.StopPrice
        && a.TakePrice == b.TakePrice
        && a.StopBps == b.StopBps
        && a.TakeBps == b.TakeBps
        && a.Horizon == b.Horizon
        && a.Horizon == 0;
}
