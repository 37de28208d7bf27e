using System;
using System.Numerics;
using LowLatency.Core.Determinism;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Arbitration;

/// <summary>
/// The stops that are to rest at the venue, one for each position, and what is known to rest. Risk says what is wanted,
/// arbitration states it, the order stage tells what rests.
/// </summary>
public sealed class Protections : IStateful
{
    private readonly ProtectiveExit[] _wanted = new ProtectiveExit[Limits.Instruments + 1];

    // The position that a stop which the venue has accepted takes out, signed; 0 while nothing is proven to rest.
    private readonly long[] _resting = new long[Limits.Instruments + 1];

    // ReceivedAt from which on it is stated again after a refusal, and until which it gives way to an exit; 0 for neither.
    private readonly long[] _retryAt = new long[Limits.Instruments + 1];
    private readonly long[] _yieldUntil = new long[Limits.Instruments + 1];
    private ulong _marked;
    private ulong _timed;

    // Bit i - 1: what rests for instrument i was told anew; risk takes it within the same event, so it is no state.
    private ulong _heard;

    /// <summary>Instruments that wait to be stated.</summary>
    public int Count => BitOperations.PopCount(_marked);

    /// <summary>What is to rest for a position.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>Read only; none while nothing is wanted.</returns>
    public ref readonly ProtectiveExit Wanted(InstrumentId instrument) => ref _wanted[instrument.Value];

    /// <summary>What the stop that the venue has accepted takes out.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <returns>A position, quantity units, signed; 0 for none.</returns>
    public long Resting(InstrumentId instrument) => _resting[instrument.Value];

    /// <summary>True while the stop gives way to an order that closes the same position.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="now">ReceivedAt.</param>
    /// <returns>Whether none may rest.</returns>
    public bool Yields(InstrumentId instrument, long now) => now < _yieldUntil[instrument.Value];

    /// <summary>Another stop is wanted, or none.</summary>
    /// <param name="instrument">A valid instrument.</param>
    /// <param name="exit">It.</param>
    internal void Want(InstrumentId instrument, in ProtectiveExit exit)
    {
        _wanted[instrument.Value] = exit;
        Mark(instrument);
    }

    /// <summary>What is wanted is stated at the next decision.</summary>
    internal void Mark(InstrumentId instrument)
    {
        _marked |= 1UL << (instrument.Value - 1);
        _retryAt[instrument.Value] = 0;
    }

    /// <summary>What is wanted is stated again later.</summary>
    internal void MarkAt(InstrumentId instrument, long at)
    {
        _retryAt[instrument.Value] = at;
        _timed |= 1UL << (instrument.Value - 1);
    }

    /// <summary>Another trading state could affect all of them.</summary>
    internal void MarkAll()
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            if (_wanted[i].Exists || _resting[i] != 0)
            {
                Mark(new InstrumentId(i));
            }
        }
    }

    /// <summary>What is proven to rest changed.</summary>
    internal void Rest(InstrumentId instrument, long position)
    {
        _resting[instrument.Value] = position;
        _heard |= 1UL << (instrument.Value - 1);
    }

    /// <summary>Takes the instruments of which it was told anew what rests.</summary>
    internal ulong TakeHeard()
    {
        ulong heard = _heard;
        _heard = 0;
        return heard;
    }

    /// <summary>An order that closes the same position goes first, where a venue cannot tell which of both only reduces.</summary>
    internal void Yield(InstrumentId instrument, long until)
    {
        _yieldUntil[instrument.Value] = Math.Max(_yieldUntil[instrument.Value], until);
        _timed |= 1UL << (instrument.Value - 1);
    }

    /// <summary>Marks what is due.</summary>
    internal void Wake(long now)
    {
        for (ulong timed = _timed; timed != 0; timed &= timed - 1)
        {
            int i = BitOperations.TrailingZeroCount(timed) + 1;
            bool isDue = (_retryAt[i] != 0 && _retryAt[i] <= now) || (_yieldUntil[i] != 0 && _yieldUntil[i] <= now);
            if (isDue)
            {
                _yieldUntil[i] = _yieldUntil[i] <= now ? 0 : _yieldUntil[i];
                Mark(new InstrumentId((ushort)i));
            }

            if ((_retryAt[i] | _yieldUntil[i]) == 0)
            {
                _timed &= ~(1UL << (i - 1));
            }
        }
    }

    /// <summary>Takes the next instrument that is to be stated.</summary>
    internal bool TryTake(out InstrumentId instrument)
    {
        instrument = new InstrumentId((ushort)(_marked == 0 ? 0 : BitOperations.TrailingZeroCount(_marked) + 1));
        _marked &= _marked - (_marked == 0 ? 0UL : 1UL);
        return instrument != InstrumentId.None;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<ProtectiveExit>(_wanted);
        visitor.Visit<long>(_resting);
        visitor.Visit<long>(_retryAt);
        visitor.Visit<long>(_yieldUntil);
        visitor.Visit(ref _marked);
        _timed = 0;
        for (int i = 1; i <= Limits.Instruments; i++)
        {
            _timed |= (_retryAt[i] | _yieldUntil[i]) != 0 ? 1UL << (i - 1) : 0;
        }
    }
}
