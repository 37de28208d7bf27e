using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>
/// What live venues have in common. It is a venue like the simulated one; beneath it stand connections and requests. Nothing
/// that adds is sent before the account has been read back over a stream that has been in use without a break since.
/// </summary>
public abstract class LiveVenue : IVenue
{
    /// <summary>Nanoseconds between samples of the venue's clock.</summary>
    public const long TimeInterval = 10_000_000_000;

    private readonly long _readBackInterval;
    private long _askTimeAt = long.MinValue;
    private long _readBackSeen = long.MinValue;
    private long _workedAt = long.MinValue;
    private bool _isOpen;

    private protected LiveVenue(
        IRestClient rest, InstrumentTable instruments, KillLatch kill, long readBackInterval)
    {
        _readBackInterval = readBackInterval;
        Instruments = instruments;
        Rest = new RestDesk(rest, Breaker);
        Desk = new CommandDesk(Wire, Outbox, kill);
        ReadBacks = new ReadBackDesk(Wire, Outbox);
    }

    /// <inheritdoc/>
    public long NextDue => Outbox.NextDue;

    /// <summary>Which venue it is.</summary>
    public EventSource Source => Wire.Source;

    /// <summary>Nanoseconds after which a request that left can have no effect at the venue any more, as far as that is known.</summary>
    public long RequestLife => Wire.ProofDelay;

    /// <summary>Whose key it is; null until the venue has told it.</summary>
    public abstract AccountIdentity? Identity { get; }

    /// <summary>Where the stream that tells of the account is.</summary>
    public abstract LinkState AccountState { get; }

    /// <summary>Where the order-entry connection is; down where there is none.</summary>
    public virtual LinkState TradeState => LinkState.Down;

    /// <summary>True when orders are let out.</summary>
    public bool IsReady => _isOpen;

    /// <summary>Why orders are not let out; none when they are.</summary>
    public ReportReason Gate => Desk.Gate;

    /// <summary>How far the clocks are apart.</summary>
    public ClockGuard Clock { get; } = new();

    /// <summary>Stops requests to a host that fails or has banned us.</summary>
    public CircuitBreaker Breaker { get; } = new();

    /// <summary>Commands of whose outcome nothing is proven yet.</summary>
    public int Unresolved => Desk.Table.Count;

    /// <summary>Orders that appeared after they had been proven absent; they were cancelled.</summary>
    public long LateAcceptances => Desk.Doubts.LateAcceptances;

    /// <summary>Private messages that were not understood; each had the account read back.</summary>
    public long Quarantined { get; private protected set; }

    /// <summary>Passes in which the whole account was read back.</summary>
    public long ReadBackPasses => ReadBacks.Passes;

    /// <summary>
    /// When the last complete reading of the account began, nanoseconds since 1970 UTC; <see cref="long.MinValue"/> when there
    /// was none since the last doubt.
    /// </summary>
    public long ReadSince => ReadBacks.CompleteSince;

    /// <summary>Passes that failed.</summary>
    public long ReadBackFailures => ReadBacks.Failed;

    private protected abstract IVenueWire Wire { get; }

    private protected InstrumentTable Instruments { get; }

    private protected EventOutbox Outbox { get; } = new();

    private protected RestDesk Rest { get; }

    private protected CommandDesk Desk { get; }

    private protected ReadBackDesk ReadBacks { get; }

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report)
    {
        // A second look at the same instant only takes what the first one found.
        if (Outbox.TryTake(now, ref report))
        {
            return true;
        }

        Work(now);
        return Outbox.TryTake(now, ref report);
    }

    /// <inheritdoc/>
    public void OnEvent(in Event published)
    {
        if (published.Kind == EventKind.InstrumentDefined && published.Source == Wire.Source)
        {
            Instruments.Define(published.Instrument, published.InstrumentDefined);
        }
        else if (published.Kind == EventKind.ReadBack && published.ReadBack.Stage == ReadBackStage.Asked
            && published.ReadBack.Venue == Wire.Source)
        {
            ReadBacks.Request(published.ReceivedAt);
        }
    }

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now)
    {
        _workedAt = now > _workedAt ? now : _workedAt;
        Desk.Submit(command, sequence, now, _workedAt);
    }

    /// <summary>
    /// Takes over an order that an earlier process may have sent: what became of it is found out by evidence, and reported.
    /// </summary>
    /// <param name="order">The order.</param>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="askedAt">The latest time that a request about it may carry, nanoseconds since 1970 UTC.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when there is no room for it.</returns>
    public bool TryTakeOver(OrderId order, InstrumentId instrument, long askedAt, long now) =>
        Desk.TryTakeOver(order, instrument, askedAt, now);

    private protected abstract ReportReason Closed(long now);

    private protected abstract void PollLinks(long now);

    private protected abstract void OnRest(in RestAnswer answer, in RestPending pending, long now);

    private protected abstract bool TryAskTime(long now);

    private protected abstract void Prepare(long now);

    /// <summary>What the private stream or a look-up says: first it answers commands, then it is published.</summary>
    private protected void Report(EventBatch batch, long now)
    {
        foreach (ref readonly Event e in batch.Events)
        {
            if (e.Kind is EventKind.OrderReport or EventKind.Execution)
            {
                Desk.OnReport(e, now);
            }

            Outbox.Add(e);
        }
    }

    /// <summary>What is known of the account may be wrong: nothing that adds is sent until it has been read back.</summary>
    /// <param name="state">What became of the stream that tells of it.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    private protected void Distrust(StreamState state, long now)
    {
        Event e = new() { ReceivedAt = now, Source = Wire.Source, Flags = EventFlags.Whole };
        e.Set(new StreamStateChanged { State = state, Stream = StreamContent.Account });
        Outbox.Add(e);
        _readBackSeen = long.MinValue;
        ReadBacks.Doubt(now);
    }

    private void Work(long now)
    {
        _workedAt = now > _workedAt ? now : _workedAt;
        PollLinks(now);
        while (Outbox.HasRoom && Rest.TryReceive(out RestAnswer answer, out RestPending pending, now))
        {
            OnRest(answer, pending, now);
        }

        if (now >= _askTimeAt && TryAskTime(now))
        {
            _askTimeAt = now + (Clock.Samples == 0 ? TimeInterval / 10 : TimeInterval);
        }

        Prepare(now);
        ReadBacks.Poll(now, _readBackInterval);
        OpenOrClose(now);
        Desk.Poll(now);
    }

    private void OpenOrClose(long now)
    {
        // What was read back counts when the engine has been given all of it.
        if (Outbox.TakesGroup)
        {
            _readBackSeen = ReadBacks.CompleteSince;
        }

        bool isSynced = _readBackSeen != long.MinValue && _readBackSeen >= Wire.AccountLiveSince;
        ReportReason closed = Closed(now);
        Desk.Gate = closed != ReportReason.None ? closed
            : !Clock.IsGood ? ReportReason.ClockOff
            : !isSynced ? ReportReason.NotConnected
            : ReportReason.None;
        _isOpen = Desk.Gate == ReportReason.None;
    }
}
