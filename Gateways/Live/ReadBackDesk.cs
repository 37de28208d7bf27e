using System;
using LowLatency.Core.Events;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Live;

/// <summary>
/// Reads the account back: orders, executions, positions, balances, of every list all pages or a failure. What was read of a
/// subject is published in one piece, and only when it is whole. A failed read is never an empty one.
/// </summary>
internal sealed class ReadBackDesk
{
    /// <summary>Pages of one list; a longer one has failed.</summary>
    internal const int PagesMax = 256;

    /// <summary>Times that a page is asked for.</summary>
    internal const int TriesMax = 3;

    /// <summary>Bytes of a cursor.</summary>
    internal const int CursorMax = 512;

    /// <summary>Nanoseconds of the first pause after a failed pass; doubles to <see cref="FailureWaitMax"/>.</summary>
    internal const long FailureWait = 1_000_000_000;

    /// <summary>Nanoseconds of the longest pause after failed passes.</summary>
    internal const long FailureWaitMax = 30_000_000_000;

    private const int IdsMax = 1024;

    private readonly IVenueWire _wire;
    private readonly EventOutbox _outbox;
    private readonly EventGroup _group = new();
    private readonly byte[] _cursor = new byte[CursorMax];
    private readonly ulong[] _seen = new ulong[PagesMax];
    private VenueId[] _border = new VenueId[IdsMax];
    private VenueId[] _page = new VenueId[IdsMax];
    private ReadBackSubject _subject;
    private long _passStartedAt;
    private long _askNext;
    private long _askNextPage;
    private long _serial;
    private long _asOf;
    private int _borderCount;
    private int _cursorLength;
    private int _failures;
    private int _items;
    private int _pages;
    private int _part;
    private int _tries;
    private int _unknown;
    private bool _isAsking;
    private bool _isCollecting;
    private bool _isWanted;
    private bool _isWhole;

    internal ReadBackDesk(IVenueWire wire, EventOutbox outbox)
    {
        _wire = wire;
        _outbox = outbox;
    }

    /// <summary>True while a pass is under way.</summary>
    internal bool IsRunning => _subject != ReadBackSubject.None;

    /// <summary>When the last complete pass began; <see cref="long.MinValue"/> when there was none, or doubt came since.</summary>
    internal long CompleteSince { get; private set; } = long.MinValue;

    /// <summary>Complete passes.</summary>
    internal long Passes { get; private set; }

    /// <summary>Failed passes.</summary>
    internal long Failed { get; private set; }

    /// <summary>
    /// What is known may be wrong from now on: a pass that is under way proves nothing any more, and a new one begins.
    /// </summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Doubt(long now)
    {
        CompleteSince = long.MinValue;
        if (IsRunning)
        {
            Abandon(0, now);
        }

        _failures = 0;
        _askNext = now;
    }

    /// <summary>Begins a pass as soon as possible; after the one that is under way.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void Request(long now)
    {
        if (IsRunning)
        {
            // What is under way began before it was asked for.
            _isWanted = true;
        }
        else if (_failures == 0)
        {
            _askNext = Math.Min(_askNext, now);
        }
    }

    /// <summary>One duty cycle.</summary>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    /// <param name="interval">Nanoseconds between passes.</param>
    internal void Poll(long now, long interval)
    {
        // A pass without the stream that tells of changes would be out of date at once; one without all rules would not be whole.
        if (!IsRunning && now >= _askNext && _wire.AccountLiveSince <= now && _wire.KnowsInstruments)
        {
            _passStartedAt = now;
            _askNext = now + interval;
            _wire.BeginPass(now);
            Begin(ReadBackSubject.Orders);
        }

        if (_isWhole)
        {
            HandOver(now);
        }

        if (IsRunning && !_isAsking && !_isWhole && now >= _askNextPage)
        {
            Ask(now);
        }
    }

    /// <summary>A page came.</summary>
    /// <param name="serial">Which page was asked for.</param>
    /// <param name="batch">Its events.</param>
    /// <param name="items">Its items, those without an event included.</param>
    /// <param name="unknown">Items of instruments that are not defined.</param>
    /// <param name="nextCursor">Where it goes on; empty after the last page of a list.</param>
    /// <param name="venueTime">The venue's time of the answer.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnPage(
        long serial, EventBatch batch, int items, int unknown, ReadOnlySpan<byte> nextCursor, long venueTime, long now)
    {
        if (!_isAsking || serial != _serial)
        {
            return;
        }

        _isAsking = false;
        _tries = 0;
        _pages++;
        _items += items;
        _unknown += unknown;
        _asOf = venueTime;
        // Venues give a cursor with the last page too: only nothing more, or no cursor, ends a list.
        if (!Collect(batch) || !Follow(items == 0 ? default : nextCursor))
        {
            Abandon(0, now);
        }
    }

    /// <summary>A page did not come, or could not be believed.</summary>
    /// <param name="serial">Which page was asked for.</param>
    /// <param name="code">The venue's error number; 0 for none.</param>
    /// <param name="now">Nanoseconds since 1970 UTC.</param>
    internal void OnFailed(long serial, int code, long now)
    {
        if (!_isAsking || serial != _serial)
        {
            return;
        }

        _isAsking = false;
        if (++_tries >= TriesMax)
        {
            Abandon(code, now);
        }
        else
        {
            _askNextPage = now + (FailureWait >> 1);
        }
    }

    private void Begin(ReadBackSubject subject)
    {
        _subject = subject;
        _part = 0;
        _items = 0;
        _unknown = 0;
        _asOf = 0;
        _isWhole = false;
        _isAsking = false;
        _askNextPage = long.MinValue;
        BeginPart();
    }

    private void BeginPart()
    {
        _cursorLength = 0;
        _pages = 0;
        _tries = 0;
        _borderCount = 0;
    }

    private void Ask(long now)
    {
        if (!_isCollecting && !_outbox.TakesGroup)
        {
            return;
        }

        if (!_isCollecting)
        {
            _isCollecting = true;
            _outbox.Add(Mark(ReadBackStage.Begin, 0, now));
        }

        if (_part >= _wire.PartsOf(_subject))
        {
            _isWhole = true;
            HandOver(now);
            return;
        }

        _isAsking = _wire.TryPage(++_serial, _subject, _part, _cursor.AsSpan(0, _cursorLength), now);
    }

    /// <summary>Keeps the events of a page. An item that stood at the end of the page before comes again on some venues.</summary>
    private bool Collect(EventBatch batch)
    {
        int count = 0;
        foreach (ref readonly Event e in batch.Events)
        {
            VenueId id = e.Kind switch
            {
                EventKind.OrderReport => e.OrderReport.VenueOrder,
                EventKind.Execution => e.Execution.ExecutionId,
                EventKind.CashBooked => e.CashBooked.BookingId,
                _ => VenueId.None,
            };
            if (id != VenueId.None)
            {
                if (_border.AsSpan(0, _borderCount).Contains(id))
                {
                    _items -= e.Kind == EventKind.OrderReport && e.OrderReport.Status == OrderStatus.Amended ? 0 : 1;
                    continue;
                }

                if (count < IdsMax)
                {
                    _page[count++] = id;
                }
            }

            // An order is one item, whatever its decoder tells of it.
            if (e.Kind == EventKind.OrderReport && e.OrderReport.Status == OrderStatus.Amended)
            {
                continue;
            }

            if (!_group.TryAdd(e))
            {
                return false;
            }
        }

        (_border, _page) = (_page, _border);
        _borderCount = count;
        return true;
    }

    /// <summary>Goes on to the next page, or the next list. A cursor that came before would never end.</summary>
    private bool Follow(ReadOnlySpan<byte> nextCursor)
    {
        if (nextCursor.IsEmpty)
        {
            _part++;
            BeginPart();
            return true;
        }

        ulong hash = CursorTrail.HashOf(nextCursor);
        if (nextCursor.Length > CursorMax || _pages >= PagesMax || _seen.AsSpan(0, _pages - 1).Contains(hash))
        {
            return false;
        }

        _seen[_pages - 1] = hash;
        nextCursor.CopyTo(_cursor);
        _cursorLength = nextCursor.Length;
        return true;
    }

    private void HandOver(long now)
    {
        _group.Seal(now);
        if (!_group.TryAdd(Mark(ReadBackStage.End, 0, now)))
        {
            Abandon(0, now);
            return;
        }

        _isWhole = false;
        _isCollecting = false;
        _outbox.Add(_group);
        if (_subject == ReadBackSubject.Balances)
        {
            _subject = ReadBackSubject.None;
            CompleteSince = _passStartedAt;
            Passes++;
            _failures = 0;
            _askNext = _isWanted ? now : _askNext;
            _isWanted = false;
        }
        else
        {
            Begin(_subject + 1);
        }
    }

    /// <summary>Nothing of the subject is published but that it could not be read.</summary>
    private void Abandon(int code, long now)
    {
        _failures++;
        _askNext = now + Math.Min(FailureWaitMax, FailureWait << Math.Min(_failures - 1, 6));
        CompleteSince = long.MinValue;
        Failed++;
        Fail(code, now);
    }

    private void Fail(int code, long now)
    {
        if (!_isCollecting)
        {
            // Every end has its begin.
            _outbox.Add(Mark(ReadBackStage.Begin, 0, now));
        }
        else
        {
            _group.Clear();
        }

        _outbox.Add(Mark(ReadBackStage.Failed, code, now));
        _subject = ReadBackSubject.None;
        _isCollecting = false;
        _isAsking = false;
        _isWhole = false;
    }

    private Event Mark(ReadBackStage stage, int code, long now)
    {
        Event e = new()
        {
            ReceivedAt = now,
            VenueTime = stage == ReadBackStage.Begin ? 0 : _asOf,
            Source = _wire.Source,
            Flags = EventFlags.Whole,
        };
        e.Set(new ReadBack
        {
            AsOf = stage == ReadBackStage.Begin ? 0 : _asOf,
            Items = stage == ReadBackStage.Begin ? 0 : _items,
            Unknown = stage == ReadBackStage.Begin ? 0 : _unknown,
            Subject = _subject,
            Stage = stage,
            VenueCode = code,
        });
        return e;
    }
}
