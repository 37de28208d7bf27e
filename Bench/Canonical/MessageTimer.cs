using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Gateways;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// A venue that looks at the clock: when a market message was decided and the venue has seen it, and when the first
/// command that follows from it is handed over. Reports, ticks and Continue events are no messages.
/// </summary>
/// <typeparam name="TClock">The clock.</typeparam>
/// <param name="venue">The venue behind it.</param>
/// <param name="clock">The clock.</param>
/// <param name="schedule">Says when each message was meant to arrive; null when <see cref="Start"/> is set by hand.</param>
internal sealed class MessageTimer<TClock>(IVenue venue, TClock clock, PacedSource<TClock>? schedule = null) : IVenue
    where TClock : struct, IClock
{
    private const long Highest = 60_000_000_000;
    private const int Digits = 3;

    private readonly TClock _clock = clock;
    private long _decided;
    private long _sequence = -1;

    /// <summary>Messages with a command, nanoseconds.</summary>
    internal HdrHistogram ToCommand { get; } = new(Highest, Digits);

    /// <summary>Messages without one, nanoseconds.</summary>
    internal HdrHistogram WithoutCommand { get; } = new(Highest, Digits);

    /// <summary>From when the message that is decided next is counted.</summary>
    internal long Start { get; set; }

    /// <summary>True once something else than a message went by, until it is reset.</summary>
    internal bool SawOther { get; set; }

    /// <summary>The message that is decided next is not counted.</summary>
    internal bool LeaveOut { get; set; }

    /// <inheritdoc/>
    public long NextDue => venue.NextDue;

    /// <summary>Forgets what was measured.</summary>
    internal void Reset()
    {
        Settle();
        ToCommand.Reset();
        WithoutCommand.Reset();
    }

    /// <summary>Counts the last message, which had no command so far, as one without.</summary>
    internal void Settle()
    {
        if (_sequence >= 0)
        {
            WithoutCommand.RecordValue(_decided - Start);
            _sequence = -1;
        }
    }

    /// <inheritdoc/>
    public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

    /// <inheritdoc/>
    public void OnEvent(in Event published)
    {
        venue.OnEvent(published);
        Settle();
        if (published.Source != EventSource.Generator)
        {
            SawOther = true;
        }
        else if (published.EndsGroup)
        {
            // The driver reads no further message before this one is settled, so the schedule still speaks of it.
            Start = schedule?.Intended ?? Start;
            _decided = _clock.Now;
            _sequence = LeaveOut ? -1 : published.Sequence;
        }
    }

    /// <inheritdoc/>
    public void Submit(in Command command, long sequence, long now)
    {
        if (sequence == _sequence)
        {
            ToCommand.RecordValue(_clock.Now - Start);
            _sequence = -1;
        }

        venue.Submit(command, sequence, now);
    }
}
