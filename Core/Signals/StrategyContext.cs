using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Core.Signals;

/// <summary>
/// What a strategy sees and how it speaks. Signals are changes: stating again what stands is not a signal. At most
/// <see cref="Limits.SignalsPerEvent"/> signals leave per event over all strategies; one that finds no room is counted in
/// <see cref="Dropped"/>, is not remembered as stated, and may be stated again at the next event.
/// </summary>
public sealed class StrategyContext : IStateful
{
    /// <summary>Full confidence, in parts per million.</summary>
    public const int FullConfidence = 1_000_000;

    private readonly IPositions _positions;
    private readonly Signal[] _standing = new Signal[Limits.Instruments + 1];
    private readonly Signal[] _pending = new Signal[Limits.SignalsPerEvent];
    private int _pendingCount;
    private ulong _subscribed;
    private long _dropped;

    internal StrategyContext(StrategyId strategy, MarketView market, IPositions positions)
    {
        Strategy = strategy;
        Market = market;
        _positions = positions;
    }

    /// <summary>Who speaks.</summary>
    public StrategyId Strategy { get; }

    /// <summary>The market: books, quotes, bars of all instruments.</summary>
    public MarketView Market { get; }

    /// <summary>ReceivedAt of the current event: the only now.</summary>
    public long Now => Market.Now;

    /// <summary>Signals that found no room.</summary>
    public long Dropped => _dropped;

    internal int PendingCount => _pendingCount;

    /// <summary>This strategy's own virtual position.</summary>
    /// <param name="instrument">A defined instrument.</param>
    /// <returns>Quantity units, signed.</returns>
    public long Position(InstrumentId instrument) => _positions.VirtualPosition(Strategy, instrument);

    /// <summary>True when the strategy listens to the instrument.</summary>
    /// <param name="instrument">Any instrument.</param>
    /// <returns>Whether it is subscribed and defined.</returns>
    public bool IsSubscribed(InstrumentId instrument) => (_subscribed & Bit(instrument)) != 0;

    /// <summary>Wants a position, at the market's price within the marketable band.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="target">Quantity units, signed.</param>
    /// <param name="confidence">Parts per million, 0 to 1,000,000.</param>
    /// <param name="horizon">Nanoseconds after which the wish is flat; 0 for never.</param>
    public void SetTarget(InstrumentId instrument, long target, int confidence = FullConfidence, long horizon = 0) =>
        State(new Signal
        {
            Instrument = instrument,
            Kind = SignalKind.Target,
            Confidence = confidence,
            Horizon = horizon,
            Target = target,
        });

    /// <summary>Wants a position, at a limit price or better.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="target">Quantity units, signed.</param>
    /// <param name="limitPrice">Price units, positive.</param>
    /// <param name="confidence">Parts per million, 0 to 1,000,000.</param>
    /// <param name="horizon">Nanoseconds after which the wish is flat; 0 for never.</param>
    public void SetTargetWithLimit(
        InstrumentId instrument, long target, long limitPrice, int confidence = FullConfidence, long horizon = 0) =>
        State(new Signal
        {
            Instrument = instrument,
            Kind = SignalKind.TargetWithLimit,
            Confidence = confidence,
            Horizon = horizon,
            Target = target,
            LimitPrice = limitPrice,
        });

    /// <summary>Wants a two-sided quote; a quantity of 0 means none on that side.</summary>
    /// <param name="instrument">A subscribed instrument.</param>
    /// <param name="bidPrice">Price units.</param>
    /// <param name="bidQuantity">Quantity units.</param>
    /// <param name="askPrice">Price units, above the bid when both sides are quoted.</param>
    /// <param name="askQuantity">Quantity units.</param>
    public void SetQuotes(
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
    public void SetFlat(InstrumentId instrument) =>
        State(new Signal { Instrument = instrument, Kind = SignalKind.Flat, Confidence = FullConfidence });

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _subscribed);
        visitor.Visit(ref _dropped);
        visitor.Visit<Signal>(_standing);
    }

    internal void Subscribe(InstrumentId instrument) => _subscribed |= Bit(instrument);

    /// <summary>Moves what was stated during a call into the event's section; what finds no room is told.</summary>
    internal void Drain(ref Decision decision, Signal[] noRoom, ref int noRoomCount)
    {
        for (int i = 0; i < _pendingCount; i++)
        {
            if (decision.SignalCount == Limits.SignalsPerEvent)
            {
                _standing[_pending[i].Instrument.Value] = default;
                _dropped++;
                if (noRoomCount < noRoom.Length)
                {
                    noRoom[noRoomCount++] = _pending[i];
                }

                continue;
            }

            decision.Signals[decision.SignalCount++] = _pending[i];
        }

        _pendingCount = 0;
    }

    private static ulong Bit(InstrumentId instrument) =>
        instrument.Value is 0 or > Limits.Instruments ? 0 : 1UL << (instrument.Value - 1);

    private void State(Signal signal)
    {
        Ensure.That(IsSubscribed(signal.Instrument), "a strategy may only signal instruments that it is subscribed to");
        Ensure.That(signal.Confidence is >= 0 and <= FullConfidence, "confidence out of range");
        Ensure.That(signal.Horizon >= 0, "horizon must not be negative");
        Ensure.That(signal.BidQuantity >= 0 && signal.AskQuantity >= 0, "quoted quantity must not be negative");
        Ensure.That(
            signal.Kind != SignalKind.TargetWithLimit || signal.LimitPrice > 0, "limit price must be positive");
        signal.Strategy = Strategy;
        if (Same(signal, _standing[signal.Instrument.Value]))
        {
            return;
        }

        // A later wish of the same event about the same instrument replaces the earlier one.
        for (int i = 0; i < _pendingCount; i++)
        {
            if (_pending[i].Instrument == signal.Instrument)
            {
                _pending[i] = signal;
                _standing[signal.Instrument.Value] = signal;
                return;
            }
        }

        if (_pendingCount == _pending.Length)
        {
            _dropped++;
            return;
        }

        _pending[_pendingCount++] = signal;
        _standing[signal.Instrument.Value] = signal;
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
        && a.Horizon == b.Horizon
        && a.Horizon == 0;
}
