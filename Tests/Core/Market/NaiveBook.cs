using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Market;

/// <summary>A defect built into the twin on purpose, to see that the comparison would notice it.</summary>
public enum BookDefect
{
    None,
    KeepsRemovedLevels,
    DropsTheBestWhenFull,
    AcceptsGaps,
    AcceptsUpdatesThatGoBack,
    ReadyInsideGroups,
    AcceptsLockedBooks,
    AcceptsCutGroups,
}

/// <summary>A book written for obviousness: whole groups are collected and applied to sorted dictionaries.</summary>
internal sealed class NaiveBook(int capacity, BookDefect defect)
{
    private string _state = "waiting";
    private bool _open;
    private long _openId;

    internal SortedDictionary<long, long> Bids { get; } = [];

    internal SortedDictionary<long, long> Asks { get; } = [];

    internal long LastUpdateId { get; private set; }

    internal long Gaps { get; private set; }

    internal long Cuts { get; private set; }

    internal long Crossed { get; private set; }

    internal long Malformed { get; private set; }

    internal long Dropped { get; private set; }

    internal long Ignored { get; private set; }

    internal bool IsReady => _state == "good" && (!_open || defect == BookDefect.ReadyInsideGroups);

    internal void Apply(in Event e)
    {
        bool first = e.Flags.HasFlag(EventFlags.First);
        bool snapshot = e.Flags.HasFlag(EventFlags.Snapshot);
        long id = e.BookLevels.UpdateId;
        long previous = e.BookLevels.PreviousUpdateId;
        if (first)
        {
            if (_open)
            {
                Cuts++;
                if (defect != BookDefect.AcceptsCutGroups)
                {
                    Fail();
                }
            }

            _open = true;
            _openId = id;
            bool gap = previous != 0 && previous != LastUpdateId && defect != BookDefect.AcceptsGaps;
            bool back = id != 0 && id < LastUpdateId && defect != BookDefect.AcceptsUpdatesThatGoBack;
            if (snapshot)
            {
                Fail();
                _state = "good";
            }
            else if (_state == "good" && (gap || back))
            {
                Gaps++;
                Fail();
            }
        }
        else if (_state == "good" && (!_open || (id != 0 && id != _openId)))
        {
            Cuts++;
            Fail();
        }

        if (_state == "good")
        {
            Change(e.BookLevels);
        }
        else
        {
            Ignored++;
        }

        if (e.Flags.HasFlag(EventFlags.Last))
        {
            _open = false;
            if (_state == "good")
            {
                LastUpdateId = id != 0 ? id : _openId;
                long distance = Bids.Count == 0 || Asks.Count == 0 ? 1 : Asks.Keys.Min() - Bids.Keys.Max();
                if (distance < 0 || (distance == 0 && defect != BookDefect.AcceptsLockedBooks))
                {
                    Crossed++;
                    Fail();
                }
            }
        }
    }

    internal void Fail()
    {
        _state = "waiting";
        Bids.Clear();
        Asks.Clear();
        LastUpdateId = 0;
    }

    private void Change(in BookLevels levels)
    {
        for (int i = 0; i < levels.Count; i++)
        {
            if (levels.QuantityAt(i) < 0)
            {
                Malformed++;
                Fail();
                return;
            }

            SortedDictionary<long, long> side = levels.SideAt(i) == Side.Buy ? Bids : Asks;
            if (levels.QuantityAt(i) > 0)
            {
                side[levels.PriceAt(i)] = levels.QuantityAt(i);
            }
            else if (defect != BookDefect.KeepsRemovedLevels)
            {
                side.Remove(levels.PriceAt(i));
            }

            if (side.Count > capacity)
            {
                bool lowest = side == Bids;
                lowest ^= defect == BookDefect.DropsTheBestWhenFull;
                side.Remove(lowest ? side.Keys.Min() : side.Keys.Max());
                Dropped++;
            }
        }
    }
}
