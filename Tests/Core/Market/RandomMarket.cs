using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Market;

/// <summary>
/// A market of three instruments (and a fourth that nobody defined) from random steps: prints that are late, early,
/// undated or suspicious, quotes, books with holes, bars, interruptions, runs, new rules, and jumps in time.
/// </summary>
internal sealed class RandomMarket
{
    internal const long Grace = 7;
    internal const int Instruments = 3;

    private readonly List<Event> _events = [];
    private readonly long[] _updateIds = new long[Instruments + 2];
    private long _now = 1_000;

    /// <summary>Three timeframes; the grace is shorter than, equal to a part of, and longer than them.</summary>
    internal static long[] Timeframes { get; } = [10, 4, 100];

    internal static List<Event> Events(int[] steps)
    {
        RandomMarket market = new();
        for (int i = 1; i <= Instruments; i++)
        {
            market._events.Add(Make.Definition(i, market._now));
        }

        foreach (int step in steps)
        {
            market.Step(new Xoshiro256((ulong)step));
        }

        return market._events;
    }

    internal static int[] Dice(ulong seed, int steps)
    {
        Xoshiro256 dice = new(seed);
        int[] made = new int[steps];
        for (int i = 0; i < steps; i++)
        {
            made[i] = (int)dice.NextBelow(int.MaxValue);
        }

        return made;
    }

    private void Step(Xoshiro256 dice)
    {
        long pace = dice.NextBelow(40);
        _now += pace == 0 ? 500 + dice.NextBelow(300) : pace < 4 ? dice.NextBelow(40) : dice.NextBelow(3);
        int instrument = 1 + (int)dice.NextBelow(dice.NextBelow(20) == 0 ? Instruments + 1 : Instruments);
        long kind = dice.NextBelow(100);
        if (kind < 60)
        {
            AddTrade(instrument, ref dice);
        }
        else if (kind < 75)
        {
            AddBook(instrument, ref dice);
        }
        else if (kind < 83)
        {
            long bid = 90 + dice.NextBelow(12);
            long quantity = dice.NextBelow(4) - (dice.NextBelow(20) == 0 ? 1 : 0);
            _events.Add(Make.Quote(instrument, _now, bid, quantity, bid + dice.NextBelow(3), 2));
        }
        else if (kind < 88)
        {
            _events.Add(Make.Tick(_now));
        }
        else if (kind < 91)
        {
            int whom = dice.NextBelow(3) == 0 ? 0 : instrument;
            _events.Add(Make.Stream(whom, _now, (StreamState)(1 + dice.NextBelow(3))));
        }
        else if (kind < 94)
        {
            // A timeframe that is imported from now on, one of a series built here, one that nobody keeps.
            long timeframe = dice.NextBelow(3) == 0 ? 50 : Timeframes[dice.NextBelow(3)];
            long start = ((_now / timeframe) - dice.NextBelow(3)) * timeframe;
            _events.Add(Make.Bar(instrument == 1 ? 2 : instrument, _now, start, timeframe, 95 + dice.NextBelow(9)));
        }
        else if (kind < 96)
        {
            _events.Add(Make.Status(instrument, _now, (TradingStatus)dice.NextBelow(4)));
        }
        else if (kind < 98)
        {
            long what = dice.NextBelow(12);
            instrument = instrument > Instruments ? 2 : instrument;
            byte exponent = (byte)(instrument == 1 ? 2 : 2 + (what / 11));
            bool sound = instrument == 1 || what != 10;
            _events.Add(Make.Definition(instrument, _now, exponent, sound ? 1 : 0));
        }
        else if (kind == 98 && dice.NextBelow(4) == 0)
        {
            _events.Add(Make.Epoch(_now));
        }
    }

    private void AddTrade(int instrument, ref Xoshiro256 dice)
    {
        long venue = dice.NextBelow(10) switch
        {
            0 => 0,
            1 => _now - dice.NextBelow(60),
            2 => _now + dice.NextBelow(14),
            _ => _now - dice.NextBelow(6),
        };

        // The third instrument seldom trades, so that a source's bars come first.
        instrument = instrument == 3 && dice.NextBelow(20) != 0 ? 1 : instrument;
        TradeMarks marks = dice.NextBelow(12) == 0 ? TradeMarks.Suspicious : TradeMarks.None;
        long quantity = dice.NextBelow(30) == 0 ? 0 : 1 + dice.NextBelow(50);
        Event trade = Make.Trade(instrument, _now, 90 + dice.NextBelow(20), quantity, venue, marks);
        trade.Flags = dice.NextBelow(10) == 0 ? EventFlags.First : EventFlags.Whole;
        _events.Add(trade);
    }

    private void AddBook(int instrument, ref Xoshiro256 dice)
    {
        bool snapshot = dice.NextBelow(3) == 0;
        long previous = dice.NextBelow(15) == 0 ? 999 : _updateIds[instrument];
        long id = _updateIds[instrument] + 1;
        int parts = 1 + (int)dice.NextBelow(3);
        for (int part = 0; part < parts; part++)
        {
            EventFlags flags = (part == 0 ? EventFlags.First : 0) | (part == parts - 1 ? EventFlags.Last : 0);
            flags |= snapshot ? EventFlags.Snapshot : 0;
            if (dice.NextBelow(25) == 0)
            {
                continue;
            }

            _events.Add(Make.Levels(
                instrument,
                _now,
                flags,
                id,
                snapshot ? 0 : previous,
                (Side.Buy, 99 - dice.NextBelow(9), dice.NextBelow(5)),
                (Side.Sell, 100 + dice.NextBelow(9), dice.NextBelow(5)),
                (Side.Buy, 99 - dice.NextBelow(9), 1 + dice.NextBelow(5))));
        }

        _updateIds[instrument] = id;
    }
}
