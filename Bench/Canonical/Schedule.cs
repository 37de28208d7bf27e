using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Bench.Canonical;

/// <summary>When each message is meant to arrive: fixed before the first one, whatever happens to the others.</summary>
/// <param name="Start">Nanoseconds of the clock at which message 0 arrives.</param>
/// <param name="Rate">Messages per second.</param>
internal readonly record struct Schedule(long Start, long Rate)
{
    /// <summary>Intended arrival of a message; computed from its number, so that rounding does not add up.</summary>
    /// <param name="message">Number, from 0.</param>
    internal long At(long message) => Start + (long)((System.Int128)message * 1_000_000_000 / Rate);
}

/// <summary>
/// Messages at their intended arrival and never before; late ones at once, without moving those that follow. A latency
/// counted from <see cref="Intended"/> therefore holds the wait of every message that a stall kept waiting.
/// </summary>
/// <typeparam name="TClock">The clock.</typeparam>
internal sealed class PacedSource<TClock> : IEventSource
    where TClock : struct, IClock
{
    private readonly IEventSource _messages;
    private readonly long _count;
    private readonly TClock _clock;
    private Schedule _schedule;

    /// <summary>Paces a source.</summary>
    /// <param name="messages">Groups of events; never idle.</param>
    /// <param name="count">Messages after which it ends.</param>
    /// <param name="clock">The clock.</param>
    internal PacedSource(IEventSource messages, long count, TClock clock)
    {
        _messages = messages;
        _count = count;
        _clock = clock;
    }

    /// <summary>Intended arrival of the message that was last handed out.</summary>
    internal long Intended { get; private set; }

    /// <summary>Messages handed out.</summary>
    internal long Delivered { get; private set; }

    /// <summary>How far behind its schedule the message was handed out that was last, nanoseconds.</summary>
    internal long Lag { get; private set; }

    /// <summary>Sets when the messages arrive. Before it everything is handed out at once: warm-up.</summary>
    internal void Begin(Schedule schedule)
    {
        Ensure.That(schedule.Rate > 0, "a schedule needs a rate");
        _schedule = schedule;
        Delivered = 0;
        Intended = schedule.Start;
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        // Nothing of a message is touched before it arrives: decoding it is part of what is measured.
        if (_schedule.Rate != 0 && LastEnded)
        {
            if (Delivered == _count)
            {
                return ReadResult.End;
            }

            long now = _clock.Now;
            long intended = _schedule.At(Delivered);
            if (now < intended)
            {
                return ReadResult.Idle;
            }

            Intended = intended;
            Lag = now - intended;
            Delivered++;
        }

        ReadResult result = _messages.Read(ref next);
        LastEnded = result != ReadResult.Event || next.EndsGroup;
        return result;
    }

    /// <summary>True when the event that was last handed out ended its message.</summary>
    internal bool LastEnded { get; private set; } = true;
}
