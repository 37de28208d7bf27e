using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Live;

/// <summary>
/// The streams of single instruments: each has its own limit of silence, and what comes for one does not vouch for another. A
/// state is told when it changes.
/// </summary>
internal sealed class StreamWatch
{
    private readonly EventOutbox _outbox;
    private readonly EventSource _source;
    private readonly InstrumentId[] _instruments;
    private readonly StreamState[] _states;
    private readonly long[] _heardAt;
    private readonly bool[] _isAsked;

    internal StreamWatch(EventOutbox outbox, EventSource source, InstrumentId[] instruments)
    {
        _outbox = outbox;
        _source = source;
        _instruments = instruments;
        _states = new StreamState[instruments.Length];
        _heardAt = new long[instruments.Length];
        _isAsked = new bool[instruments.Length];
    }

    /// <summary>Instruments.</summary>
    internal int Count => _instruments.Length;

    /// <summary>The connection is in use: every stream has its time to begin.</summary>
    internal void OnLive(long now)
    {
        for (int i = 0; i < Count; i++)
        {
            _heardAt[i] = now;
            _isAsked[i] = false;
        }
    }

    /// <summary>The connection is lost, and every stream with it.</summary>
    internal void OnLost(long now)
    {
        for (int i = 0; i < Count; i++)
        {
            Change(i, StreamState.Down, now);
        }
    }

    /// <summary>Data of an instrument came.</summary>
    /// <returns>True when its stream was not up before: it is from here on.</returns>
    internal bool Hear(InstrumentId instrument, long receivedAt)
    {
        int index = IndexOf(instrument);
        if (index < 0)
        {
            return false;
        }

        _heardAt[index] = receivedAt;
        _isAsked[index] = false;
        return Change(index, StreamState.Up, receivedAt);
    }

    /// <summary>Data of an instrument is missing.</summary>
    internal void Miss(InstrumentId instrument)
    {
        int index = IndexOf(instrument);
        if (index >= 0)
        {
            _states[index] = StreamState.Gap;
        }
    }

    /// <summary>True when an instrument has been silent for too long and has not been asked for yet.</summary>
    internal bool IsSilent(int index, long now, long limit)
    {
        Ensure.That(index < Count, "an instrument of the feed");
        bool isSilent = !_isAsked[index] && now - _heardAt[index] > limit;
        if (isSilent)
        {
            _isAsked[index] = true;
            _heardAt[index] = now;
        }

        return isSilent;
    }

    /// <summary>True when an instrument was asked for and has not come since.</summary>
    internal bool IsLost(int index, long now, long wait) => _isAsked[index] && now - _heardAt[index] > wait;

    private int IndexOf(InstrumentId instrument)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_instruments[i] == instrument)
            {
                return i;
            }
        }

        return -1;
    }

    private bool Change(int index, StreamState state, long now)
    {
        if (_states[index] == state)
        {
            return false;
        }

        _states[index] = state;
        Event e = new()
        {
            ReceivedAt = now,
            Instrument = _instruments[index],
            Source = _source,
            Flags = EventFlags.Whole,
        };
        e.Set(new StreamStateChanged { State = state });
        _outbox.Add(e);
        return true;
    }
}
