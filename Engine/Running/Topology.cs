using System;
using System.IO;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Ring;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Latency;
using LowLatency.Gateways;

namespace LowLatency.Engine.Running;

/// <summary>What a topology is built from.</summary>
internal sealed record TopologyParts(
    DecisionPipeline Pipeline, IVenue Venue, Recorder Recorder, RunCounts Counts, LatencyMeter? Latency = null)
{
    /// <summary>Sees each event after its last stage, or null.</summary>
    internal IDecisionObserver? Observer { get; init; }
}

/// <summary>
/// The ring, the sections beside it and the consumers: this is the picture of the architecture as code.
/// </summary>
internal sealed class Topology : IDisposable
{
    private const int MostUnsettled = 256;

    // One thread settles every event at once: more slots would only be more memory to walk through.
    private const int UnthreadedSlots = 4;

    private readonly RingBuffer<Event> _ring;
    private readonly SideBuffer<Decision> _decisions;
    private readonly Disruptor<Event> _disruptor;
    private readonly Consumer _last;
    private readonly bool _threaded;
    private long _published;
    private readonly MeasuredLaps? _laps;

    /// <summary>Wires the consumers; where stages have threads, they run from now on.</summary>
    /// <param name="shape">Mode, wait strategy and ring size.</param>
    /// <param name="parts">What the consumers do.</param>
    /// <param name="firstSequence">0, or one after the last event of a recovered journal.</param>
    /// <param name="fill">Every byte of the fresh memory: not zero in tests that prove that nobody reads what nobody wrote.</param>
    internal Topology(TopologyConfiguration shape, TopologyParts parts, long firstSequence = 0, byte fill = 0)
    {
        TopologyMode mode = shape.Mode;
        _threaded = mode is TopologyMode.Staged or TopologyMode.Lockstep;
        int slots = _threaded ? shape.RingSize : Math.Min(shape.RingSize, UnthreadedSlots);
        _ring = new RingBuffer<Event>(
            slots, ProducerType.Single, WaitFor(shape.Wait, ThreadsOf(mode)), firstSequence, fill);
        _decisions = new SideBuffer<Decision>(slots, fill);
        _disruptor = new Disruptor<Event>(_ring);

        // The stages of one event are one causal step: a stage thread may not run ahead into the next event. On one thread an
        // event runs through while it is in the cache.
        SettleAfter = !_threaded || mode == TopologyMode.Lockstep ? 1 : Math.Min(MostUnsettled, shape.RingSize / 2);

        if (parts.Latency is { MeasuresHops: true } meter)
        {
            _laps = new MeasuredLaps(meter);
            _last = Wire(mode, parts, _laps.Value);
        }
        else
        {
            _last = Wire(mode, parts, default(NoLaps));
        }

        if (_threaded)
        {
            _disruptor.Start();
        }
    }

    /// <summary>Events that may be published before they are waited for.</summary>
    internal int SettleAfter { get; }

    /// <summary>The sections of the last published event; settled.</summary>
    internal ref readonly Decision Last => ref _decisions[_published];

    /// <summary>Sequence of the last published event, -1 before the first.</summary>
    internal long Cursor => _ring.Cursor;

    /// <summary>Gives the event its sequence and publishes it.</summary>
    internal void Publish(ref Event e)
    {
        _laps?.Start();
        long sequence = _ring.Next();
        ref Event slot = ref _ring[sequence];

        // Written after the copy: a wide load of what a narrow store has just changed waits for the store.
        slot = e;
        slot.Sequence = sequence;
        e.Sequence = sequence;
        _published = sequence;
        _ring.Publish(sequence);
        _laps?.Lap(Hop.Publish);
    }

    /// <summary>Reads an input as the publishing thread's own hop.</summary>
    internal ReadResult Receive(IEventSource inputs, ref Event e)
    {
        if (_laps is not { } laps)
        {
            return inputs.Read(ref e);
        }

        laps.Start();
        ReadResult result = inputs.Read(ref e);
        if (result == ReadResult.Event)
        {
            laps.Lap(Hop.Receive);
        }

        return result;
    }

    /// <summary>Returns when everything published is journaled, decided, audited and handed to the venue.</summary>
    internal void Settle()
    {
        long cursor = _ring.Cursor;
        SpinWait wait = default;
        while (_last.Sequence.Value < cursor)
        {
            if (!_threaded)
            {
                _last.Poll(int.MaxValue);
                continue;
            }

            if (_disruptor.Failure is { } failure)
            {
                throw failure is IOException
                    ? new IOException(failure.Message, failure)
                    : new BrokenInvariantException($"a consumer stopped: {failure.Message}", failure);
            }

            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>
    /// The wait strategy of a configuration. Spinning threads without a processor each would take turns by the
    /// scheduler's time slice, a thousand times slower: they yield instead.
    /// </summary>
    /// <param name="mode">What is asked for.</param>
    /// <param name="threads">Threads that will wait at the same time.</param>
    internal static IWaitStrategy WaitFor(WaitMode mode, int threads) => mode switch
    {
        WaitMode.BusySpin when threads > Environment.ProcessorCount => new YieldingWaitStrategy(),
        WaitMode.BusySpin => new BusySpinWaitStrategy(),
        WaitMode.Yielding => new YieldingWaitStrategy(),
        WaitMode.Parking => new ParkingWaitStrategy(),
    };

    /// <summary>Who waits for whom. On one thread nobody does: each event runs through while it is in the cache.</summary>
    /// <returns>The last one.</returns>
    private Consumer Wire<TLaps>(TopologyMode mode, TopologyParts parts, TLaps laps)
        where TLaps : struct, ILaps<TLaps>
    {
        DecisionPipeline pipeline = parts.Pipeline;
        if (!_threaded)
        {
            Consumer whole = _disruptor.NewConsumer("whole", new WholeHandler<TLaps>(
                new JournalHandler<TLaps>(parts.Recorder, Own()),
                new DecideHandler<TLaps>(pipeline, _decisions, Own(), parts.Observer),
                new AuditHandler<TLaps>(parts.Recorder, parts.Counts, _decisions, Own()),
                new GatewayHandler<TLaps>(parts.Venue, parts.Recorder, _decisions, Own())));
            _disruptor.HandleEventsWith(whole);
            return whole;
        }

        Consumer journal = _disruptor.NewConsumer("journal", new JournalHandler<TLaps>(parts.Recorder, Own()));
        Consumer audit = _disruptor.NewConsumer(
            "audit", new AuditHandler<TLaps>(parts.Recorder, parts.Counts, _decisions, Own()));
        Consumer gateway = _disruptor.NewConsumer(
            "gateway", new GatewayHandler<TLaps>(parts.Venue, parts.Recorder, _decisions, Own()));
        ConsumerGroup<Event> decided = mode == TopologyMode.Lockstep
            ? _disruptor.HandleEventsWith(
                    journal, _disruptor.NewConsumer("signal", new SignalHandler<TLaps>(pipeline, _decisions, Own())))
                .Then(_disruptor.NewConsumer("arbitration", new ArbitrationHandler<TLaps>(pipeline, _decisions, Own())))
                .Then(_disruptor.NewConsumer("risk", new RiskHandler<TLaps>(pipeline, _decisions, Own())))
                .Then(_disruptor.NewConsumer("order", new OrderHandler<TLaps>(pipeline, _decisions, Own(), parts.Observer)))
            : _disruptor.HandleEventsWith(
                journal, _disruptor.NewConsumer("decide", new DecideHandler<TLaps>(pipeline, _decisions, Own(), parts.Observer)));
        decided.Then(audit).Then(gateway);
        return gateway;

        TLaps Own() => laps.Of(_threaded);
    }

    /// <summary>Threads that a topology keeps waiting, the caller's included.</summary>
    private static int ThreadsOf(TopologyMode mode) => mode switch
    {
        TopologyMode.Inline or TopologyMode.RunToCompletion => 1,
        TopologyMode.Staged => 5,
        TopologyMode.Lockstep => 8,
    };

    public void Dispose()
    {
        if (_disruptor.Halt())
        {
            _decisions.Dispose();
            _ring.Dispose();
        }
    }
}
