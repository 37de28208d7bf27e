using System.Diagnostics;

namespace LowLatency.Engine.Latency;

/// <summary>
/// Measures the hops that one thread makes. Generic struct, so that a run without measurements is compiled without them.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
internal interface ILaps<TSelf>
    where TSelf : struct, ILaps<TSelf>
{
    /// <summary>The laps of a consumer.</summary>
    /// <param name="ownThread">True when no other consumer runs on its thread.</param>
    TSelf Of(bool ownThread);

    /// <summary>The caller's work on an event begins; what went before it on the same thread is no part of it.</summary>
    void Start();

    /// <summary>A consumer's work on an event begins: right after what went before on the thread, unless that is its own.</summary>
    void Resume();

    /// <summary>A hop ends, and the next one on this thread begins.</summary>
    void Lap(Hop hop);
}

/// <summary>Nothing is measured.</summary>
internal readonly struct NoLaps : ILaps<NoLaps>
{
    public NoLaps Of(bool ownThread) => default;

    public void Start()
    {
    }

    public void Resume()
    {
    }

    public void Lap(Hop hop)
    {
    }
}

/// <summary>Every hop goes into its histogram; the clock is read once for each.</summary>
internal readonly struct MeasuredLaps : ILaps<MeasuredLaps>
{
    private readonly LatencyMeter _meter;
    private readonly Moment _last;
    private readonly bool _ownThread;

    /// <summary>The laps of the thread that publishes.</summary>
    /// <param name="meter">A meter of hops.</param>
    internal MeasuredLaps(LatencyMeter meter)
        : this(meter, new Moment(), ownThread: false)
    {
    }

    private MeasuredLaps(LatencyMeter meter, Moment last, bool ownThread)
    {
        _meter = meter;
        _last = last;
        _ownThread = ownThread;
    }

    public MeasuredLaps Of(bool ownThread) =>
        ownThread ? new MeasuredLaps(_meter, new Moment(), ownThread: true) : this;

    public void Start() => _last.Ticks = Stopwatch.GetTimestamp();

    public void Resume()
    {
        // A thread of its own has waited for this event: the wait is no work.
        if (_ownThread)
        {
            Start();
        }
    }

    public void Lap(Hop hop)
    {
        long now = Stopwatch.GetTimestamp();
        _meter[hop]!.Record(LatencyMeter.Nanoseconds(now - _last.Ticks));
        _last.Ticks = now;
    }

    private sealed class Moment
    {
        internal long Ticks;
    }
}
