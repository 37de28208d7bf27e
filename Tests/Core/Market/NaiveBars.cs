using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Market;

/// <summary>A defect built into the second builder on purpose.</summary>
public enum BarDefect
{
    None,
    AppliesLateTrades,
    EmitsPartialBars,
    BucketsByReceipt,
    IgnoresGrace,
    KeepsBarsOverInterruptions,
    CountsSuspiciousTrades,
    BelievesEveryVenueClock,
}

/// <summary>
/// A second bar builder that works on the finished recording: it cuts it at the interruptions, groups the prints of
/// each piece by interval, and looks up by which event each bar was closed.
/// </summary>
internal sealed class NaiveBars(List<Event> events, BarDefect defect)
{
    internal long LateTrades { get; private set; }

    internal long FutureTrades { get; private set; }

    /// <summary>Bars of one instrument and timeframe with the index of the event that closed them.</summary>
    internal List<(int Index, Bar Bar)> Build(int instrument, long timeframe, long grace)
    {
        List<(int, Bar)> bars = [];
        int from = 0;
        while (from < events.Count)
        {
            int end = events.FindIndex(from, e => Interrupts(e, instrument));
            end = end < 0 ? events.Count : end;
            BuildPiece(instrument, timeframe, grace, from, end, bars);
            from = end + 1;
        }

        return bars.OrderBy(bar => bar.Item1).ThenBy(bar => bar.Item2.StartTime).ToList();
    }

    private static bool Interrupts(Event e, int instrument) =>
        e.Kind == EventKind.EpochStarted
        || (e.Kind == EventKind.StreamState
            && e.StreamState.State != StreamState.Up
            && (e.Instrument.Value == instrument || e.Instrument == InstrumentId.None));

    private static bool Observes(Event e, int instrument) => e.Kind switch
    {
        EventKind.StreamState => e.Instrument.Value == instrument || e.Instrument == InstrumentId.None,
        EventKind.Trade => e.Instrument.Value == instrument && e.Trade.Quantity > 0,
        EventKind.Quote => e.Instrument.Value == instrument && e.Quote.BidQuantity >= 0,
        EventKind.BookLevels => e.Instrument.Value == instrument,
        _ => false,
    };

    private void BuildPiece(int instrument, long timeframe, long grace, int from, int end, List<(int, Bar)> bars)
    {
        int seen = events.FindIndex(from, end - from, e => Observes(e, instrument));
        if (seen < 0)
        {
            return;
        }

        long observed = Math.Max(events[seen].ReceivedAt, events[seen].VenueTime);
        SortedDictionary<long, List<Trade>> intervals = [];
        for (int i = from; i < end; i++)
        {
            Event e = events[i];
            if (e.Kind != EventKind.Trade || e.Instrument.Value != instrument || e.Trade.Quantity <= 0
                || ((e.Trade.Marks & TradeMarks.Suspicious) != 0 && defect != BarDefect.CountsSuspiciousTrades))
            {
                continue;
            }

            long time = e.VenueTime == 0 || defect == BarDefect.BucketsByReceipt ? e.ReceivedAt : e.VenueTime;
            long start = time - (time % timeframe);
            if (time > e.ReceivedAt + timeframe && defect != BarDefect.BelievesEveryVenueClock)
            {
                FutureTrades++;
            }
            else if (e.ReceivedAt >= start + timeframe + grace && defect != BarDefect.AppliesLateTrades)
            {
                LateTrades++;
            }
            else if (start >= observed || defect == BarDefect.EmitsPartialBars)
            {
                intervals.TryAdd(start, []);
                intervals[start].Add(e.Trade);
            }
        }

        foreach ((long start, List<Trade> trades) in intervals)
        {
            long due = start + timeframe + (defect == BarDefect.IgnoresGrace ? 0 : grace);
            int closing = events.FindIndex(e => e.ReceivedAt >= due);
            if (closing >= 0 && (closing <= end || defect == BarDefect.KeepsBarsOverInterruptions))
            {
                bars.Add((closing, new Bar
                {
                    StartTime = start,
                    Timeframe = timeframe,
                    Open = trades[0].Price,
                    High = trades.Max(trade => trade.Price),
                    Low = trades.Min(trade => trade.Price),
                    Close = trades[^1].Price,
                    Volume = trades.Sum(trade => trade.Quantity),
                    Turnover = trades.Sum(trade => trade.Price * trade.Quantity),
                    TradeCount = trades.Count,
                }));
            }
        }
    }
}
