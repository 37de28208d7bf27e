using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Checks;

/// <summary>
/// A market from one moment to another. What stands when it begins is said anew at its begin: definitions, statuses, the
/// books whole, the last quotes. What came before is as if it had not been.
/// </summary>
internal sealed class WindowedMarket : IEventSource, IDisposable
{
    private readonly IEventSource _market;
    private readonly long _from;
    private readonly long _to;
    private readonly MarketView _before = new([], 0);
    private readonly Event[] _definitions = new Event[Limits.Instruments + 1];
    private readonly Event[] _quotes = new Event[Limits.Instruments + 1];
    private readonly Queue<Event> _said = new();
    private bool _begun;
    private bool _insideGroup;

    /// <summary>Cuts a market.</summary>
    /// <param name="market">The market; disposed with this.</param>
    /// <param name="from">ReceivedAt of the begin.</param>
    /// <param name="to">ReceivedAt of the end; what is received then is not in it.</param>
    internal WindowedMarket(IEventSource market, long from, long to)
    {
        _market = market;
        _from = from;
        _to = to;
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        while (true)
        {
            if (_said.TryDequeue(out next))
            {
                return ReadResult.Event;
            }

            ReadResult result = _market.Read(ref next);
            if (result != ReadResult.Event)
            {
                return result;
            }

            // A message is in the window or not, as a whole.
            bool startsGroup = !_insideGroup;
            _insideGroup = !next.EndsGroup;
            if (!_begun && startsGroup && next.ReceivedAt >= _from)
            {
                if (next.ReceivedAt >= _to)
                {
                    return ReadResult.End;
                }

                _begun = true;
                SayAnew();
                _said.Enqueue(next);
                continue;
            }

            if (!_begun)
            {
                Keep(next);
                continue;
            }

            return startsGroup && next.ReceivedAt >= _to ? ReadResult.End : ReadResult.Event;
        }
    }

    public void Dispose() => (_market as IDisposable)?.Dispose();

    private void Keep(in Event e)
    {
        _before.Apply(e);
        if (e.Instrument.Value is >= 1 and <= Limits.Instruments)
        {
            switch (e.Kind)
            {
                case EventKind.InstrumentDefined:
                    _definitions[e.Instrument.Value] = e;
                    break;
                case EventKind.Quote:
                    _quotes[e.Instrument.Value] = e;
                    break;
            }
        }
    }

    private void SayAnew()
    {
        for (ushort i = 1; i <= _before.Highest; i++)
        {
            if (!_before.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                continue;
            }

            Event defined = Again(_definitions[i]);
            _said.Enqueue(defined);
            if (market.Status != TradingStatus.Open)
            {
                Event status = defined;
                status.Set(new TradingStatusChanged { Status = market.Status });
                _said.Enqueue(status);
            }

            if (market.QuoteAt != 0)
            {
                _said.Enqueue(Again(_quotes[i]));
            }

            SayBook(defined, market.Book);
        }
    }

    private Event Again(Event e)
    {
        e.ReceivedAt = _from;
        e.VenueTime = 0;
        e.Flags |= EventFlags.Whole;
        return e;
    }

    private void SayBook(in Event header, Book book)
    {
        if (!book.HasData || !book.IsReady)
        {
            return;
        }

        LevelPacker packer = new(Math.Max(1, book.BidCount + book.AskCount));
        packer.Clear();
        foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            int count = side == Side.Buy ? book.BidCount : book.AskCount;
            for (int depth = 0; depth < count; depth++)
            {
                BookLevel level = book.LevelAt(side, depth);
                packer.TryAdd(side, level.Price, level.Quantity);
            }
        }

        packer.Complete(header, book.LastUpdateId, 0, snapshot: true);
        Event part = default;
        while (packer.TryTake(ref part))
        {
            _said.Enqueue(part);
        }
    }
}
