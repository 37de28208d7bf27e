using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Generator;

/// <summary>The market of one generated instrument: what its venue says next, and when.</summary>
internal sealed class GeneratedMarket
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const int BurstRate = 20;

    private readonly MarketGeneratorOptions _options;
    private readonly GeneratedInstrument _instrument;
    private readonly InstrumentId _id;
    private readonly GeneratedBook _book;
    private readonly LevelPacker _packer;
    private readonly double _nanosBetweenMessages;
    private Dice _dice;
    private GeneratedPrice _price;
    private Phase _phase = Phase.Define;
    private long _burstUntil;
    private long _venueTime;
    private long _updateId;
    private long _tradeId;
    private Side _hitSide;
    private long _hitQuantity;

    internal GeneratedMarket(MarketGeneratorOptions options, int index, ulong seed, LevelPacker packer)
    {
        _options = options;
        _instrument = options.Instruments[index];
        _id = new InstrumentId((ushort)(index + 1));
        _book = new GeneratedBook(_instrument, packer);
        _packer = packer;
        _nanosBetweenMessages = 1e9 / _instrument.MessagesPerSecond;
        _dice = new Dice(seed);
        _price = new GeneratedPrice(_instrument, options.StartTime);
        NextAt = options.StartTime;
    }

    private enum Phase
    {
        Define,
        Open,
        Connect,
        Snapshot,
        Trading,
        AfterTrade,
        Reopen,
    }

    /// <summary>When the next message is received.</summary>
    internal long NextAt { get; private set; }

    /// <summary>
    /// Makes the message that is due: either fills the event and returns true, or completes a group in the packer.
    /// </summary>
    internal bool Make(ref Event next)
    {
        long now = NextAt;
        next = default;
        next.ReceivedAt = now;
        next.VenueTime = _venueTime = Math.Max(_venueTime, now - (300_000 + _dice.Below(700_000)));
        next.Instrument = _id;
        next.Source = EventSource.Generator;
        next.Flags = EventFlags.Whole | EventFlags.Synthetic;
        switch (_phase)
        {
            case Phase.Define:
                next.Set(_instrument.Rules);
                Then(Phase.Open, now + 1);
                return true;
            case Phase.Open:
                next.Set(new TradingStatusChanged { Status = TradingStatus.Open });
                Then(Phase.Connect, now + 1);
                return true;
            case Phase.Connect:
                next.Set(new StreamStateChanged { State = StreamState.Up });
                Then(Phase.Snapshot, now + Millisecond);
                return true;
            case Phase.Snapshot:
                Snapshot(in next, now);
                return false;
            case Phase.AfterTrade:
                _packer.Clear();
                _book.Reduce(_hitSide, _hitQuantity);
                Complete(in next);
                Then(Phase.Trading, AfterPause(now));
                return false;
            case Phase.Reopen:
                next.Set(new TradingStatusChanged { Status = TradingStatus.Open });
                Then(Phase.Trading, now + Millisecond);
                return true;
            case Phase.Trading:
                return Trading(ref next, now);
            default:
                Ensure.Break("a generated market is in no phase");
                return false;
        }
    }

    private bool Trading(ref Event next, long now)
    {
        if (_dice.Chance(_options.GapsPerMillion))
        {
            // What is lost is really lost: the update number jumps, and the snapshot shows a book that moved on.
            next.Set(new StreamStateChanged { State = StreamState.Gap });
            _updateId += 1 + _dice.Below(50);
            Then(Phase.Snapshot, now + (100 * Millisecond) + _dice.Below(400 * Millisecond));
            return true;
        }

        if (_dice.Chance(_options.HaltsPerMillion))
        {
            next.Set(new TradingStatusChanged { Status = TradingStatus.Halted });
            Then(Phase.Reopen, now + Second + _dice.Below(29 * Second));
            return true;
        }

        if (_dice.Chance(_options.BurstsPerMillion))
        {
            _burstUntil = now + (100 * Millisecond) + _dice.Below(Second);
        }

        _price.Advance(now, ref _dice);
        if (_dice.Chance(_options.JumpsPerMillion))
        {
            _price.Jump(ref _dice);
        }
        else if (_dice.Chance(_instrument.TradesPpm) && Trade(ref next, now))
        {
            return true;
        }

        Update(in next, now);
        return false;
    }

    private bool Trade(ref Event next, long now)
    {
        // Takers tend to push the visible price towards the hidden one.
        double middle = 0.5 * (_book.Bid + _book.Ask);
        bool buys = _dice.Chance(_price.Ticks > middle ? 650_000 : 350_000);
        Side hit = buys ? Side.Sell : Side.Buy;
        if (!_book.HasSecondLevel(hit))
        {
            return false;
        }

        _hitSide = hit;
        _hitQuantity = Math.Min(_book.TouchQuantity(hit), _book.Draw(ref _dice));
        next.Set(new Trade
        {
            Price = (buys ? _book.Ask : _book.Bid) * _instrument.Rules.Tick,
            Quantity = _hitQuantity,
            TradeId = ++_tradeId,
            Aggressor = hit.Opposite(),
        });
        Then(Phase.AfterTrade, now + 50_000 + _dice.Below(200_000));
        return true;
    }

    private void Update(in Event header, long now)
    {
        (long bid, long ask) = Touch();
        _packer.Clear();
        _book.MoveTo(bid, ask, ref _dice);
        long changes = 1 + _dice.Below(GeneratedBook.DisturbMax);
        for (long i = 0; i < changes; i++)
        {
            _book.Disturb(ref _dice);
        }

        Complete(in header);
        Then(Phase.Trading, AfterPause(now));
    }

    private void Snapshot(in Event header, long now)
    {
        _price.Advance(now, ref _dice);
        (long bid, long ask) = Touch();
        _packer.Clear();
        _book.Rebuild(bid, ask, ref _dice);
        _packer.Complete(in header, ++_updateId, 0, snapshot: true);
        Then(Phase.Trading, AfterPause(now));
    }

    private void Complete(in Event header)
    {
        _packer.Complete(in header, _updateId + 1, _updateId, snapshot: false);
        _updateId++;
    }

    /// <summary>Where the touch belongs for the hidden price: a spread of usually the usual size around it.</summary>
    private (long Bid, long Ask) Touch()
    {
        double stretch = Math.Min(0.5 + (0.5 * _dice.Exponential()), GeneratedBook.SpreadRange);
        long spread = Math.Max(1, (long)(_instrument.SpreadTicks * stretch));
        long bid = (long)(_price.Ticks - (0.5 * spread));
        return (bid, bid + spread);
    }

    private long AfterPause(long now)
    {
        double pause = _nanosBetweenMessages * _dice.Exponential();
        return now + Math.Max(1_000, (long)(now < _burstUntil ? pause / BurstRate : pause));
    }

    private void Then(Phase phase, long at)
    {
        _phase = phase;
        NextAt = at;
    }
}
