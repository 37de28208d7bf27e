using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Market;

/// <summary>The streams of an instrument whose stamps are followed each by itself.</summary>
internal enum DataStream
{
    /// <summary>Updates of the book.</summary>
    Book,

    /// <summary>Best bids and asks.</summary>
    Quotes,

    /// <summary>Prints.</summary>
    Trades,

    /// <summary>Bars of a source.</summary>
    Bars,
}

/// <summary>
/// What is not believed of one instrument's data: a price that moved further than it may until as many observations in a row
/// agree, and a stream whose stamps run backwards or lie too far from their receipt until one is right again.
/// </summary>
internal sealed class DataDoubt : IStateful
{
    private const int Streams = 4;

    // Newest stamp of each stream, and bit s: the last stamp of stream s was not believed.
    private readonly long[] _newest = new long[Streams];
    private int _wrongClocks;
    private long _accepted;
    private long _acceptedAt;
    private long _suspect;
    private int _agreed;
    private long _heldBack;
    private long _backwards;
    private long _offClock;

    /// <summary>The last price that was believed, price units; 0 before the first one.</summary>
    internal long Accepted => _accepted;

    /// <summary>ReceivedAt of <see cref="Accepted"/>.</summary>
    internal long AcceptedAt => _acceptedAt;

    /// <summary>True while the last observation moved too far and is not confirmed.</summary>
    internal bool IsSuspect => _agreed != 0;

    /// <summary>True while something is not believed.</summary>
    internal bool Exists => _agreed != 0 || _wrongClocks != 0;

    /// <summary>Events that were not believed.</summary>
    internal long HeldBack => _heldBack;

    /// <summary>Events whose stamp lies before the newest one of their stream.</summary>
    internal long Backwards => _backwards;

    /// <summary>Events whose stamp lies too far from their receipt.</summary>
    internal long OffClock => _offClock;

    /// <summary>Looks at the venue's stamp of an event; one without a stamp says nothing.</summary>
    /// <returns>False when it is not believed.</returns>
    internal bool SeeTime(GuardLimits limits, DataStream stream, in Event e)
    {
        if (e.VenueTime <= 0)
        {
            return true;
        }

        ref long newest = ref _newest[(int)stream];
        bool isBack = e.VenueTime < newest;
        bool isAhead = limits.MaxAhead != 0 && e.VenueTime - e.ReceivedAt > limits.MaxAhead;
        bool isOff = isAhead || (limits.MaxBehind != 0 && e.ReceivedAt - e.VenueTime > limits.MaxBehind);
        _backwards += isBack ? 1 : 0;
        _offClock += isOff ? 1 : 0;

        // A stamp from the future must not make every honest one after it run backwards.
        newest = isAhead ? newest : Math.Max(newest, e.VenueTime);
        bool isWrong = isOff || (isBack && limits.HoldsBackwards);
        _wrongClocks = isWrong ? _wrongClocks | (1 << (int)stream) : _wrongClocks & ~(1 << (int)stream);
        _heldBack += isWrong ? 1 : 0;
        return !isWrong;
    }

    /// <summary>Looks at a price.</summary>
    /// <returns>False when it is not believed yet.</returns>
    internal bool SeePrice(GuardLimits limits, long price, long now)
    {
        if (limits.MaxMoveBps == 0)
        {
            return true;
        }

        if (_accepted > 0 && !IsNear(_accepted, price, limits.MaxMoveBps))
        {
            _agreed = _agreed != 0 && IsNear(_suspect, price, limits.MaxMoveBps) ? _agreed + 1 : 1;
            _suspect = price;
            if (_agreed < limits.Confirmations)
            {
                _heldBack++;
                return false;
            }
        }

        _accepted = price;
        _acceptedAt = now;
        _suspect = 0;
        _agreed = 0;
        return true;
    }

    /// <summary>Data is missing: what was seen before confirms nothing, and stamps begin anew.</summary>
    internal void Interrupt()
    {
        Array.Clear(_newest);
        _wrongClocks = 0;
        _suspect = 0;
        _agreed = 0;
    }

    /// <summary>Old shares became new ones: the price that was believed is one of new shares.</summary>
    internal void Split(in ShareRatio ratio) => _accepted = ratio.PriceDown(_accepted);

    /// <summary>Forgets everything.</summary>
    internal void Reset()
    {
        Interrupt();
        _accepted = _acceptedAt = _heldBack = _backwards = _offClock = 0;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_newest);
        visitor.Visit(ref _wrongClocks);
        visitor.Visit(ref _accepted);
        visitor.Visit(ref _acceptedAt);
        visitor.Visit(ref _suspect);
        visitor.Visit(ref _agreed);
        visitor.Visit(ref _heldBack);
        visitor.Visit(ref _backwards);
        visitor.Visit(ref _offClock);
    }

    private static bool IsNear(long from, long price, int bps) =>
        Int128.Abs((Int128)price - from) * 10_000 <= Int128.Abs((Int128)from) * bps;
}
