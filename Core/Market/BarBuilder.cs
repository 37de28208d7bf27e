using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Market;

/// <summary>What became of a trade that was offered to a builder.</summary>
internal enum BarTrade
{
    /// <summary>It shapes a forming bar.</summary>
    Applied,

    /// <summary>Its bar started before the stream was observed and is never made.</summary>
    Partial,

    /// <summary>Its bar has closed.</summary>
    Late,

    /// <summary>
    /// Its time lies more than one timeframe ahead of its receipt: the venue's clock is not believed.
    /// </summary>
    Future,
}

/// <summary>
/// The bars of one timeframe that are still forming. Trades are bucketed by venue time and a bar closes by receipt time
/// (end + grace), so several can form at once: those that wait out their grace, the current one, and one ahead of it
/// when the venue's clock runs ahead of ours.
/// </summary>
internal sealed class BarBuilder
{
    /// <summary>Most timeframes that a grace may last; it bounds the bars that form at once.</summary>
    internal const int GraceTimeframesMax = 16;

    private readonly long _timeframe;
    private readonly long _grace;
    private readonly Forming[] _forming;
    private long _nextClose = long.MaxValue;

    // The interval of the last trade, to spare the division: derived from the arguments alone, so it is no state.
    private long _cachedStart = long.MaxValue;
    private int _cachedSlot;

    internal BarBuilder(long timeframe, long grace)
    {
        CheckTimes(timeframe, grace);
        _timeframe = timeframe;
        _grace = grace;
        _forming = new Forming[FormingMax(timeframe, grace)];
    }

    /// <summary>
    /// ReceivedAt from which on a bar has to close; <see cref="long.MaxValue"/> when none is forming.
    /// </summary>
    internal long NextClose => _nextClose;

    /// <summary>
    /// Bars that can form at once. Open intervals start in (now - grace - timeframe, now + timeframe]: so many
    /// multiples of the timeframe fit in there, and consecutive ones never share a slot.
    /// </summary>
    internal static int FormingMax(long timeframe, long grace) => (int)(((grace + timeframe - 1) / timeframe) + 2);

    internal static void CheckTimes(long timeframe, long grace)
    {
        Ensure.That(timeframe >= 1, "a bar lasts at least a nanosecond");
        Ensure.That(grace >= 0 && grace / timeframe < GraceTimeframesMax, "grace of a bar out of range");
    }

    internal BarTrade Add(in Trade trade, long time, long receivedAt, long observedFrom)
    {
        if (time - _timeframe > receivedAt)
        {
            return BarTrade.Future;
        }

        if (_cachedStart > time || time - _cachedStart >= _timeframe)
        {
            long interval = time / _timeframe;
            _cachedStart = interval * _timeframe;
            _cachedSlot = (int)(interval % _forming.Length);
        }

        long close = _cachedStart + _timeframe + _grace;
        if (close <= receivedAt)
        {
            return BarTrade.Late;
        }

        if (_cachedStart < observedFrom)
        {
            return BarTrade.Partial;
        }

        Add(ref _forming[_cachedSlot], trade);
        if (close < _nextClose)
        {
            _nextClose = close;
        }

        return BarTrade.Applied;
    }

    /// <summary>Takes out the earliest bar that is due; repeat until false.</summary>
    internal bool TryClose(long now, out Bar bar)
    {
        bar = default;
        if (now < _nextClose)
        {
            return false;
        }

        int earliest = -1;
        long following = long.MaxValue;
        for (int i = 0; i < _forming.Length; i++)
        {
            if (_forming[i].Bar.TradeCount == 0)
            {
                continue;
            }

            if (earliest < 0 || _forming[i].Bar.StartTime < _forming[earliest].Bar.StartTime)
            {
                following = earliest < 0 ? long.MaxValue : _forming[earliest].Bar.StartTime;
                earliest = i;
            }
            else if (_forming[i].Bar.StartTime < following)
            {
                following = _forming[i].Bar.StartTime;
            }
        }

        Ensure.That(earliest >= 0, "a bar is due but none is forming");
        bar = _forming[earliest].Bar;
        Int128 turnover = _forming[earliest].Turnover;
        bar.Turnover = turnover >= long.MinValue && turnover <= long.MaxValue ? (long)turnover : 0;
        _forming[earliest] = default;
        _nextClose = following == long.MaxValue ? long.MaxValue : following + _timeframe + _grace;
        return true;
    }

    /// <summary>Throws away what is forming: it was not observed whole.</summary>
    internal void Discard()
    {
        _forming.AsSpan().Clear();
        _nextClose = long.MaxValue;
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _nextClose);
        visitor.Visit(_forming.AsSpan());
    }

    private void Add(ref Forming forming, in Trade trade)
    {
        ref Bar bar = ref forming.Bar;
        if (bar.TradeCount == 0)
        {
            bar.StartTime = _cachedStart;
            bar.Timeframe = _timeframe;
            bar.Open = bar.High = bar.Low = trade.Price;
        }

        Ensure.That(bar.StartTime == _cachedStart, "two forming bars share a slot");
        bar.High = Math.Max(bar.High, trade.Price);
        bar.Low = Math.Min(bar.Low, trade.Price);
        bar.Close = trade.Price;
        bar.Volume += trade.Quantity;
        bar.TradeCount++;
        forming.Turnover += (Int128)trade.Price * trade.Quantity;
    }

    /// <summary>
    /// A bar with its turnover in full width (96 bytes, no padding); free while its trade count is 0.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Forming
    {
        public Int128 Turnover;
        public Bar Bar;
        public long Reserved;
    }
}
