using System;
using System.Buffers.Binary;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Live;

/// <summary>Where a connection is in its life.</summary>
public enum LinkState : byte
{
    /// <summary>Not connected; the next attempt has its time.</summary>
    Down = 0,

    /// <summary>Being opened.</summary>
    Opening,

    /// <summary>Open; authenticates and subscribes.</summary>
    Greeting,

    /// <summary>In use.</summary>
    Live,
}

/// <summary>What a message was to the connection that it came on.</summary>
internal enum LinkAnswer : byte
{
    /// <summary>Something for the layer above, or nothing.</summary>
    Other = 0,

    /// <summary>The answer to the present step of the greeting.</summary>
    StepDone,

    /// <summary>The connection is of no use: connect anew.</summary>
    Broken,

    /// <summary>The venue has refused us: connecting anew at once would change nothing.</summary>
    Refused,
}

/// <summary>Deadlines of a connection, nanoseconds.</summary>
/// <param name="ProbeAfter">Silence after which it is asked for a sign of life.</param>
/// <param name="ProbeWait">Silence after the question at which it is lost.</param>
/// <param name="OpenWait">Time to open and greet.</param>
/// <param name="ProbeEvery">A probe is sent at least so often, whatever comes: the venue ends what never asks.</param>
public readonly record struct LinkTimes(long ProbeAfter, long ProbeWait, long OpenWait, long ProbeEvery)
{
    /// <summary>The order channel: lost at most two seconds after its last sign of life.</summary>
    public static LinkTimes OrderEntry => new(1_000_000_000, 1_000_000_000, 5_000_000_000, 15_000_000_000);

    /// <summary>A private stream: lost at most ten seconds after its last sign of life.</summary>
    public static LinkTimes Private => new(5_000_000_000, 5_000_000_000, 5_000_000_000, 15_000_000_000);

    /// <summary>A market-data stream: lost at most five seconds after its last sign of life.</summary>
    public static LinkTimes Market => new(2_500_000_000, 2_500_000_000, 5_000_000_000, 15_000_000_000);
}

/// <summary>
/// One connection to a venue: opens, authenticates, subscribes, probes when it is silent, and comes back by itself at the pace
/// that the venue allows. What a connection says vouches for that connection alone.
/// </summary>
internal abstract class LiveLink
{
    /// <summary>Bytes of a message of the greeting, and of a probe.</summary>
    internal const int MessageMax = 1 << 13;

    /// <summary>Nanoseconds without a duty cycle after which nothing that stands in a buffer is believed to be in time.</summary>
    internal const long SleepMax = 5_000_000_000;

    /// <summary>Nanoseconds in use after which the failures before are forgotten.</summary>
    internal const long SteadyAfter = 5_000_000_000;

    /// <summary>Nanoseconds to wait after the venue has refused us.</summary>
    internal const long RefusedWait = 60_000_000_000;

    private readonly IConnection _connection;
    private readonly ConnectPace _pace;
    private readonly LinkTimes _times;
    private readonly byte[] _message = new byte[MessageMax];
    private long _since;
    private long _polledAt = long.MinValue;
    private long _askedAt = long.MinValue;
    private bool _isAsked;
    private int _step;

    /// <summary>Creates the connection; it opens with the first duty cycle.</summary>
    protected LiveLink(IConnection connection, ConnectPace pace, LinkTimes times)
    {
        _connection = connection;
        _pace = pace;
        _times = times;
    }

    /// <summary>Where it is.</summary>
    internal LinkState State { get; private set; }

    /// <summary>True when it is in use.</summary>
    internal bool IsLive => State == LinkState.Live;

    /// <summary>Since when it is in use, nanoseconds since 1970 UTC.</summary>
    internal long LiveSince { get; private set; } = long.MaxValue;

    /// <summary>When its last message was read.</summary>
    internal long HeardAt { get; private set; } = long.MinValue;

    /// <summary>Failures since it was last in use for a while.</summary>
    internal int Failures => _pace.Failures;

    /// <summary>Times that it was lost while it was in use.</summary>
    internal long Losses { get; private set; }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="number">Its number when it is a new or changed order, else 0.</param>
    /// <returns>False when no byte of it leaves.</returns>
    internal bool TrySend(ReadOnlySpan<byte> message, long number = 0) => IsLive && _connection.TrySend(message, number);

    /// <summary>One duty cycle.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="room">Asked before each message: where its events go.</param>
    internal void Poll(long now, EventOutbox room)
    {
        // What was read before a long sleep is late, and what was sent before it may have been cut off unseen.
        bool slept = _polledAt != long.MinValue && now - _polledAt > SleepMax;
        _polledAt = now;
        if (slept && State != LinkState.Down)
        {
            Drop(now);
        }

        if (State == LinkState.Down && _pace.TryTake(now))
        {
            State = LinkState.Opening;
            _since = now;
            _connection.Open();
        }

        while (State != LinkState.Down && room.HasRoom)
        {
            ConnectionSignal signal = _connection.Poll(out ReadOnlySpan<byte> frame, out long receivedAt);
            if (signal == ConnectionSignal.Nothing)
            {
                break;
            }

            Take(signal, frame, Math.Min(now, receivedAt), now);
        }

        Time(now);
    }

    /// <summary>Gives the connection up and makes a new one.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="atLeast">Nanoseconds to wait in any case.</param>
    internal void Drop(long now, long atLeast = 0)
    {
        _connection.Close();
        Lose(now, atLeast);
    }

    /// <summary>Asks for a sign of life now, whatever came before.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Probe(long now)
    {
        int length = WriteProbe(now, _message);
        if (length > 0 && _connection.TrySend(_message.AsSpan(0, length)))
        {
            _isAsked = true;
            _askedAt = now;
        }
        else if (!_isAsked)
        {
            Drop(now);
        }
    }

    /// <summary>Writes the message of a step of the greeting.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when the greeting is done; -1 when the step only waits for what the venue says.</returns>
    protected abstract int WriteStep(int step, long now, Span<byte> destination);

    /// <summary>Writes the question for a sign of life.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written.</returns>
    protected abstract int WriteProbe(long now, Span<byte> destination);

    /// <summary>Takes a message.</summary>
    /// <param name="step">The present step of the greeting.</param>
    /// <param name="frame">The message.</param>
    /// <param name="receivedAt">When it was read.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <returns>What it was to the connection.</returns>
    protected abstract LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now);

    /// <summary>An order was held back at the last moment: it has not left.</summary>
    /// <param name="number">Its number.</param>
    protected virtual void OnHeld(long number) => Ensure.Break("an order on a connection that carries none");

    /// <summary>It is in use from now on.</summary>
    protected abstract void OnLive(long now);

    /// <summary>It was in use and is not any more.</summary>
    protected abstract void OnLost(long now);

    private void Take(ConnectionSignal signal, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        switch (signal)
        {
            case ConnectionSignal.Opened:
                Ensure.That(State == LinkState.Opening, "a connection opens once");
                State = LinkState.Greeting;
                HeardAt = now;
                _step = 0;
                Greet(now);
                break;
            case ConnectionSignal.Closed:
                Lose(now, 0);
                break;
            case ConnectionSignal.Held:
                OnHeld(BinaryPrimitives.ReadInt64LittleEndian(frame));
                break;
            default:
                HeardAt = Math.Max(HeardAt, receivedAt);
                _isAsked = false;
                Answer(OnFrame(_step, frame, receivedAt, now), now);
                break;
        }
    }

    private void Answer(LinkAnswer answer, long now)
    {
        if (answer == LinkAnswer.StepDone && State == LinkState.Greeting)
        {
            _step++;
            Greet(now);
        }
        else if (answer is LinkAnswer.Broken or LinkAnswer.Refused && State != LinkState.Down)
        {
            Drop(now, answer == LinkAnswer.Refused ? RefusedWait : 0);
        }
    }

    private void Greet(long now)
    {
        int length = WriteStep(_step, now, _message);
        if (length > 0)
        {
            bool sent = _connection.TrySend(_message.AsSpan(0, length));

            // A greeting may hold a secret.
            _message.AsSpan(0, length).Clear();
            if (!sent)
            {
                Drop(now);
            }
        }
        else if (length == 0)
        {
            State = LinkState.Live;
            LiveSince = now;
            _askedAt = now;
            _isAsked = false;
            OnLive(now);
        }
    }

    private void Time(long now)
    {
        // A connection that is lost again and again as soon as it stands is no success.
        if (IsLive && Failures > 0 && now - LiveSince >= SteadyAfter)
        {
            _pace.OnSteady();
        }

        switch (State)
        {
            case LinkState.Opening or LinkState.Greeting when now - _since > _times.OpenWait:
                Drop(now);
                break;
            case LinkState.Live when _isAsked && now - _askedAt > _times.ProbeWait:
                Drop(now);
                break;
            case LinkState.Live when !_isAsked
                && (now - HeardAt > _times.ProbeAfter || now - _askedAt > _times.ProbeEvery):
                Probe(now);
                break;
        }
    }

    private void Lose(long now, long atLeast)
    {
        bool wasLive = IsLive;
        State = LinkState.Down;
        LiveSince = long.MaxValue;
        _isAsked = false;
        _pace.OnLost(now, atLeast);
        if (wasLive)
        {
            Losses++;
            OnLost(now);
        }
    }
}
