using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// Which lanes have to be stated again. A lane is an instrument and an owner: the house for the combined target, a
/// strategy for its own quotes. The order stage and the fold of reports mark lanes, arbitration takes them: a handshake
/// within one causal step, so that every new order is ruled on by risk in the event that sends it.
/// </summary>
public sealed class LaneTable : IStateful
{
    private const int Owners = Limits.Strategies + 1;

    // Bit o of _dirty[i]: the lane (instrument i, owner o) is to be stated at the next decision.
    private readonly uint[] _dirty = new uint[Limits.Instruments + 1];
    private readonly long[] _retryAt = new long[(Limits.Instruments + 1) * Owners];
    private ulong _instruments;

    // Lanes with a time in _retryAt, in the shape of the marks: only they are walked.
    private readonly uint[] _timed = new uint[Limits.Instruments + 1];
    private ulong _timedInstruments;
    private long _nextRetry = long.MaxValue;

    /// <summary>True when no lane waits.</summary>
    public bool IsEmpty => _instruments == 0;

    /// <summary>Lanes that wait.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (uint owners in _dirty.AsSpan())
            {
                count += BitOperations.PopCount(owners);
            }

            return count;
        }
    }

    /// <summary>Marks a lane: state it at the next decision.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The house or a strategy.</param>
    public void Mark(InstrumentId instrument, StrategyId owner)
    {
        _dirty[instrument.Value] |= 1u << owner.Value;
        _instruments |= 1UL << (instrument.Value - 1);
        _retryAt[Index(instrument, owner)] = 0;
        _timed[instrument.Value] &= ~(1u << owner.Value);
    }

    /// <summary>Marks a lane later: what refused it may have passed by then.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The house or a strategy.</param>
    /// <param name="at">ReceivedAt from which on it is marked.</param>
    public void MarkAt(InstrumentId instrument, StrategyId owner, long at)
    {
        _retryAt[Index(instrument, owner)] = at;
        _timed[instrument.Value] |= 1u << owner.Value;
        _timedInstruments |= 1UL << (instrument.Value - 1);
        _nextRetry = Math.Min(_nextRetry, at);
    }

    /// <summary>Marks a lane later, unless it is marked by itself before that.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The house or a strategy.</param>
    /// <param name="at">ReceivedAt from which on it is marked at the latest.</param>
    public void MarkBy(InstrumentId instrument, StrategyId owner, long at)
    {
        long before = _retryAt[Index(instrument, owner)];
        if (before == 0 || at < before)
        {
            MarkAt(instrument, owner, at);
        }
    }

    /// <summary>When a lane is marked by itself.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="owner">The house or a strategy.</param>
    /// <returns>ReceivedAt; 0 when nothing is set.</returns>
    public long RetryAt(InstrumentId instrument, StrategyId owner) => _retryAt[Index(instrument, owner)];

    /// <summary>Marks what is due.</summary>
    /// <param name="now">ReceivedAt of the event.</param>
    public void Wake(long now)
    {
        if (now < _nextRetry)
        {
            return;
        }

        long next = long.MaxValue;
        for (ulong instruments = _timedInstruments; instruments != 0; instruments &= instruments - 1)
        {
            int i = BitOperations.TrailingZeroCount(instruments) + 1;
            for (uint owners = _timed[i]; owners != 0; owners &= owners - 1)
            {
                int o = BitOperations.TrailingZeroCount(owners);
                long at = _retryAt[(i * Owners) + o];
                if (at <= now)
                {
                    Mark(new InstrumentId((ushort)i), new StrategyId((ushort)o));
                }
                else
                {
                    next = Math.Min(next, at);
                }
            }

            if (_timed[i] == 0)
            {
                _timedInstruments &= ~(1UL << (i - 1));
            }
        }

        _nextRetry = next;
    }

    /// <summary>Takes the first marked lane in the order of instrument, then owner.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="owner">The owner.</param>
    /// <returns>False when no lane waits.</returns>
    public bool TryTake(out InstrumentId instrument, out StrategyId owner)
    {
        if (_instruments == 0)
        {
            instrument = InstrumentId.None;
            owner = StrategyId.House;
            return false;
        }

        int i = BitOperations.TrailingZeroCount(_instruments) + 1;
        int o = BitOperations.TrailingZeroCount(_dirty[i]);
        _dirty[i] &= _dirty[i] - 1;
        if (_dirty[i] == 0)
        {
            _instruments &= _instruments - 1;
        }

        instrument = new InstrumentId((ushort)i);
        owner = new StrategyId((ushort)o);
        return true;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<uint>(_dirty);
        visitor.Visit<long>(_retryAt);
        visitor.Visit(ref _instruments);
        visitor.Visit(ref _nextRetry);
        FindTimed();
    }

    /// <summary>Which lanes have a time is a function of the times: looked up after a restore.</summary>
    private void FindTimed()
    {
        _timedInstruments = 0;
        Array.Clear(_timed);
        for (int index = Owners; index < _retryAt.Length; index++)
        {
            if (_retryAt[index] != 0)
            {
                _timed[index / Owners] |= 1u << (index % Owners);
                _timedInstruments |= 1UL << ((index / Owners) - 1);
            }
        }
    }

    private static int Index(InstrumentId instrument, StrategyId owner) => (instrument.Value * Owners) + owner.Value;
}
