using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Events;

/// <summary>One level of one venue message: what the book is to hold at a price.</summary>
/// <param name="Side">Buy for a bid, sell for an ask.</param>
/// <param name="Price">Price units.</param>
/// <param name="Quantity">Quantity units; 0 removes the level.</param>
public readonly record struct LevelChange(Side Side, long Price, long Quantity);

/// <summary>
/// Packs the levels of one venue message into the group of <see cref="BookLevels"/> events that carries it: seven
/// levels an event wherever prices lie near each other and quantities are below 2^32, three where they do not.
/// </summary>
/// <remarks>
/// Use: <see cref="Clear"/>, <see cref="TryAdd"/> for each level, <see cref="Complete"/>, then <see cref="TryTake"/>
/// until it says false. The order of the levels is kept. A message without levels is still one event: its update
/// number counts. Nothing is allocated after construction.
/// </remarks>
public sealed class LevelPacker
{
    private readonly LevelChange[] _levels;
    private int _count;
    private int _taken;
    private bool _first;
    private bool _pending;
    private Event _header;
    private long _updateId;
    private long _previousUpdateId;

    /// <summary>Creates the packer.</summary>
    /// <param name="levelsMax">Levels that one message may have; at least 1.</param>
    public LevelPacker(int levelsMax)
    {
        Ensure.That(levelsMax >= 1, "a level packer needs room for a level");
        _levels = new LevelChange[levelsMax];
    }

    /// <summary>Levels added since the last <see cref="Clear"/>.</summary>
    public ReadOnlySpan<LevelChange> Levels => _levels.AsSpan(0, _count);

    /// <summary>Forgets everything: the next message begins.</summary>
    public void Clear()
    {
        _count = 0;
        _taken = 0;
        _pending = false;
    }

    /// <summary>Adds a level of the message.</summary>
    /// <param name="side">Buy for a bid, sell for an ask.</param>
    /// <param name="price">Price units.</param>
    /// <param name="quantity">Quantity units; 0 removes the level.</param>
    /// <returns>False when the message has more levels than there is room for: refuse the message.</returns>
    public bool TryAdd(Side side, long price, long quantity)
    {
        Ensure.That(!_pending, "levels are added before the message is complete");
        Ensure.That(side is Side.Buy or Side.Sell, "a level is a bid or an ask");
        if (_count == _levels.Length)
        {
            return false;
        }

        _levels[_count++] = new LevelChange(side, price, quantity);
        return true;
    }

    /// <summary>Ends the message.</summary>
    /// <param name="header">ReceivedAt, VenueTime, Instrument, Source, further flags of each event.</param>
    /// <param name="updateId">The venue's number of the update; 0 for none.</param>
    /// <param name="previousUpdateId">The update that it must follow; 0 when the venue does not say.</param>
    /// <param name="snapshot">True when the levels replace the book.</param>
    public void Complete(in Event header, long updateId, long previousUpdateId, bool snapshot)
    {
        Ensure.That(!_pending, "a message is completed once");
        EventFlags flags = header.Flags & ~(EventFlags.First | EventFlags.Last | EventFlags.Snapshot);
        _header.ReceivedAt = header.ReceivedAt;
        _header.VenueTime = header.VenueTime;
        _header.Instrument = header.Instrument;
        _header.Source = header.Source;
        _header.Flags = snapshot ? flags | EventFlags.Snapshot : flags;

        _updateId = updateId;
        _previousUpdateId = previousUpdateId;
        _taken = 0;
        _first = true;
        _pending = true;
    }

    /// <summary>Takes the next event of the group.</summary>
    /// <param name="next">Filled when the result is true.</param>
    /// <returns>False when the group is complete.</returns>
    public bool TryTake(ref Event next)
    {
        if (!_pending)
        {
            return false;
        }

        // Written where it lies, field by field: a copy of what was just written would wait for it.
        next = default;
        next.ReceivedAt = _header.ReceivedAt;
        next.VenueTime = _header.VenueTime;
        next.Instrument = _header.Instrument;
        next.Source = _header.Source;
        next.Kind = BookLevels.Kind;
        next.Version = BookLevels.Version;
        ref BookLevels payload = ref next.BookLevels;
        payload.UpdateId = _updateId;
        payload.PreviousUpdateId = _previousUpdateId;
        Pack(ref payload);

        EventFlags flags = _header.Flags;
        if (_first)
        {
            flags |= EventFlags.First;
            _first = false;
        }

        if (_taken == _count)
        {
            flags |= EventFlags.Last;
            _pending = false;
        }

        next.Flags = flags;
        return true;
    }

    private void Pack(ref BookLevels payload)
    {
        int left = _count - _taken;
        int wide = Math.Min(BookLevels.WideCapacity, left);
        int narrow = NarrowRun(out long basePrice);
        if (narrow >= wide)
        {
            payload.BasePrice = basePrice;
            payload.SetNarrow(_levels.AsSpan(_taken, narrow));
            _taken += narrow;
            return;
        }

        payload.Layout = 1;
        for (int i = 0; i < wide; i++)
        {
            ref readonly LevelChange level = ref _levels[_taken++];
            Ensure.That(payload.TryAdd(level.Side, level.Price, level.Quantity), "a level did not fit its layout");
        }
    }

    /// <summary>How many of the next levels fit a narrow event, and the base price with which they do.</summary>
    private int NarrowRun(out long basePrice)
    {
        basePrice = 0;
        int limit = Math.Min(BookLevels.NarrowCapacity, _count - _taken);
        long low = 0;
        long high = 0;
        int run = 0;
        for (; run < limit; run++)
        {
            ref readonly LevelChange level = ref _levels[_taken + run];
            long lower = run == 0 ? level.Price : Math.Min(low, level.Price);
            long higher = run == 0 ? level.Price : Math.Max(high, level.Price);
            if (level.Quantity is < 0 or > uint.MaxValue || Span(lower, higher) > uint.MaxValue)
            {
                break;
            }

            low = lower;
            high = higher;
        }

        // Offsets are signed. A span that needs their negative half has its base 2^31 above its lowest price; such a
        // base cannot overflow, because the highest price of the span lies above it.
        basePrice = Span(low, high) <= int.MaxValue ? low : low - int.MinValue;
        return run;
    }

    // The distance of any two 64-bit numbers fits 64 bits without a sign.
    private static ulong Span(long low, long high) => unchecked((ulong)(high - low));
}
