using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Latency;
using LowLatency.Gateways;

namespace LowLatency.Engine.Running;

/// <summary>When a driver makes timer ticks.</summary>
/// <param name="Interval">Nanoseconds between ticks; 0 when the input has its own ticks.</param>
internal readonly record struct TickRule(long Interval)
{
    /// <summary>Ticks after which a quiet stretch is skipped to its last tick: a night is not 300,000 events.</summary>
    internal const int QuietTicksMax = 600;
}

/// <summary>
/// Puts inputs, timer ticks and the venue's reports into the one order, on a virtual clock: what is due earlier comes
/// first; at one instant ticks come first, then inputs, then reports. A Continue event follows at once where the order
/// stage has work left. The order depends on the events only, never on who waits for whom.
/// </summary>
/// <remarks>
/// A report due at T is published before the first input later than T, so the driver must know its next input before it
/// may publish a report: on a source that is idle, it waits. It never blocks: <see cref="Poll"/> returns.
/// </remarks>
internal sealed class Driver
{
    /// <summary>Nanoseconds after the last input for which the venue's late reports are still taken.</summary>
    internal const long DrainHorizon = 60_000_000_000;

    private readonly IEventSource _inputs;
    private readonly IVenue _venue;
    private readonly Topology _topology;
    private readonly TickRule _ticks;
    private readonly LatencyMeter? _latency;
    private readonly DecisionPipeline? _pipeline;

    // The next input; valid when _haveInput.
    private Event _input;
    private Event _report;
    private bool _haveInput;
    private bool _inputsEnded;
    private bool _mayFollow;
    private bool _insideGroup;
    private EndReason _endReason = EndReason.EndOfData;
    private long _nextTick = long.MaxValue;
    private int _quietTicks;
    private long _lastInputAt;
    private int _unsettled;
    private volatile bool _stopRequested;

    /// <summary>Creates the driver.</summary>
    /// <param name="inputs">The inputs, in the order of their ReceivedAt.</param>
    /// <param name="venue">Who reports.</param>
    /// <param name="topology">Who consumes.</param>
    /// <param name="ticks">The timer.</param>
    /// <param name="now">ReceivedAt of the last event of a recovered journal.</param>
    /// <param name="latency">Measures each message, or null.</param>
    /// <param name="pipeline">What it wants told is published right after what caused it; null where nothing is.</param>
    internal Driver(
        IEventSource inputs,
        IVenue venue,
        Topology topology,
        TickRule ticks,
        long now = long.MinValue,
        LatencyMeter? latency = null,
        DecisionPipeline? pipeline = null)
    {
        _pipeline = pipeline;
        Now = now;
        _latency = latency;
        _inputs = inputs;
        _venue = venue;
        _topology = topology;
        _ticks = ticks;
    }

    /// <summary>True when the last event of the run has been published and decided.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>ReceivedAt of the last published event.</summary>
    internal long Now { get; private set; }

    /// <summary>
    /// Ends the run before its next message: late reports are taken, then the last event. Any thread may ask.
    /// </summary>
    internal void RequestStop() => _stopRequested = true;

    /// <summary>Ends a run that was asked to stop before it published anything.</summary>
    /// <returns>False when nobody asked.</returns>
    internal bool TryAbandon()
    {
        IsDone = _stopRequested;
        return IsDone;
    }

    /// <summary>Publishes an event outside the inputs: the preamble of a run.</summary>
    /// <param name="e">The event; its ReceivedAt is set.</param>
    internal void Publish(ref Event e)
    {
        Ensure.That(e.ReceivedAt >= Now, "time must not run backwards");
        Ensure.That(e.ReceivedAt > 0 || e.Source == EventSource.Engine, "an event from outside must say when it was received");
        Now = e.ReceivedAt;
        if (_latency is not null && (e.Flags & EventFlags.First) != 0)
        {
            _latency.Begin();
        }

        _topology.Publish(ref e);
        _unsettled++;
        if (!e.EndsGroup && _unsettled < _topology.SettleAfter)
        {
            return;
        }

        Settle();
        if (_latency is not null && e.EndsGroup)
        {
            _latency.End(_topology.Last.CommandCount != 0);
        }

        byte waiting = _topology.Last.Waiting;
        if (waiting != 0)
        {
            Continue(waiting);
        }

        if (_pipeline is not null && e.EndsGroup)
        {
            FollowUp();
        }
    }

    /// <summary>Publishes what the pipeline wants told, until there is nothing left.</summary>
    internal void FollowUp()
    {
        Event next = default;
        while (_pipeline is not null && _pipeline.TryNext(ref next))
        {
            next.ReceivedAt = Now;
            next.Source = EventSource.Engine;
            next.Flags = EventFlags.Whole;
            _topology.Publish(ref next);
            Settle();
            Continue(_topology.Last.Waiting);
            next = default;
        }
    }

    /// <summary>Publishes Continue events until the order stage has no work left.</summary>
    /// <param name="waiting">Lanes that wait after the last event.</param>
    internal void Continue(byte waiting)
    {
        while (waiting != 0)
        {
            Event next = default;
            next.ReceivedAt = Now;
            next.Source = EventSource.Engine;
            next.Flags = EventFlags.Whole;
            next.Set(new Continue { Waiting = waiting });
            _topology.Publish(ref next);
            Settle();
            waiting = _topology.Last.Waiting;
        }
    }

    /// <summary>Publishes the reports that are due before an event outside the inputs.</summary>
    /// <param name="at">ReceivedAt of that event.</param>
    internal void PublishReportsBefore(long at)
    {
        while (_venue.NextDue < at)
        {
            TakeReport(_venue.NextDue);
        }
    }

    /// <summary>One duty cycle.</summary>
    /// <param name="limit">Most events to publish, Continue events not counted.</param>
    /// <returns>Events published; 0 when the source is idle or the run is done.</returns>
    internal int Poll(int limit)
    {
        int published = 0;
        while (published < limit && Step())
        {
            published++;
        }

        return published;
    }

    /// <summary>Makes sure the next input is known.</summary>
    /// <returns>False while the source is idle.</returns>
    internal bool TryPeek(out long receivedAt)
    {
        receivedAt = long.MaxValue;
        if (!_haveInput && !_inputsEnded)
        {
            if (_stopRequested && !_insideGroup)
            {
                _inputsEnded = true;
                _endReason = EndReason.Requested;
                return true;
            }

            switch (_topology.Receive(_inputs, ref _input))
            {
                case ReadResult.Idle:
                    return false;
                case ReadResult.End:
                    _inputsEnded = true;
                    break;
                default:
                    Take();
                    break;
            }
        }

        receivedAt = _haveInput ? _input.ReceivedAt : long.MaxValue;
        return true;
    }

    /// <summary>
    /// Looks at what was read. A recorded run's end is made again here, after the same late reports and for the same
    /// reason; a later run of the same journal may follow it.
    /// </summary>
    private void Take()
    {
        if (_input.Kind == EventKind.EpochEnded)
        {
            _inputsEnded = true;
            _mayFollow = true;
            _endReason = _input.EpochEnded.Reason;
        }
        else
        {
            _haveInput = true;
        }
    }

    private bool Step()
    {
        if (IsDone || !TryPeek(out long inputAt))
        {
            return false;
        }

        // After the last input there are no more ticks; the venue's late reports end the run.
        long tickAt = _inputsEnded ? long.MaxValue : NextTick(inputAt);
        long earliest = Math.Min(tickAt, inputAt);

        // While parts of a message are on their way through other threads, the venue is theirs; nothing can be due then.
        if (_unsettled != 0 && (!_haveInput || inputAt != Now))
        {
            Settle();
        }

        long reportAt = _unsettled == 0 ? _venue.NextDue : long.MaxValue;
        if (reportAt < earliest && (!_inputsEnded || reportAt <= _lastInputAt + DrainHorizon))
        {
            TakeReport(reportAt);
        }
        else if (tickAt <= inputAt && tickAt != long.MaxValue)
        {
            PublishTick(tickAt);
        }
        else if (_haveInput)
        {
            _haveInput = false;
            _insideGroup = !_input.EndsGroup;
            _lastInputAt = inputAt;
            _quietTicks = 0;
            if (_nextTick == long.MaxValue && _ticks.Interval != 0)
            {
                _nextTick = NextMultiple(inputAt);
            }

            Publish(ref _input);
        }
        else
        {
            PublishEnd();
        }

        return true;
    }

    /// <summary>Asks the venue; a due arrival need not make a report.</summary>
    private void TakeReport(long at)
    {
        if (_venue.Poll(at, ref _report))
        {
            Publish(ref _report);
        }
    }

    /// <summary>When the next tick is due; a quiet stretch is skipped to the last tick before the next input.</summary>
    private long NextTick(long inputAt)
    {
        if (_quietTicks >= TickRule.QuietTicksMax && inputAt != long.MaxValue)
        {
            long last = inputAt / _ticks.Interval * _ticks.Interval;
            _nextTick = Math.Max(_nextTick, last);
            _quietTicks = 0;
        }

        return _nextTick;
    }

    private void PublishTick(long at)
    {
        Event tick = default;
        tick.ReceivedAt = at;
        tick.Source = EventSource.Clock;
        tick.Flags = EventFlags.Whole;
        tick.Set(new Tick { Number = at / _ticks.Interval, Interval = _ticks.Interval });
        _nextTick = at + _ticks.Interval;
        _quietTicks++;
        Publish(ref tick);
    }

    private long NextMultiple(long after) => ((after / _ticks.Interval) + 1) * _ticks.Interval;

    private void PublishEnd()
    {
        Event end = default;
        end.ReceivedAt = Math.Max(Now, 0);
        end.Source = EventSource.Engine;
        end.Flags = EventFlags.Whole;
        end.Set(new EpochEnded { Reason = _endReason });
        Publish(ref end);
        _nextTick = long.MaxValue;
        if (_mayFollow && _inputs.Read(ref _input) == ReadResult.Event)
        {
            _inputsEnded = false;
            _mayFollow = false;
            Take();
            return;
        }

        IsDone = true;
    }

    private void Settle()
    {
        _topology.Settle();
        _unsettled = 0;
    }
}
