using System;
using System.Collections.Generic;

namespace LowLatency.Engine.Results;

/// <summary>An interval of the equity curve. Money is in units of 10^-8 of the currency.</summary>
internal struct EquityPoint : ISample<EquityPoint>
{
    /// <summary>ReceivedAt of the last mark of the interval.</summary>
    internal long At;

    /// <summary>Equity at the last mark.</summary>
    internal long Equity;

    /// <summary>Equity minus all that was paid in, at the last mark.</summary>
    internal long Profit;

    /// <summary>Deepest fall below the highest profit so far, in the interval; 0 or more.</summary>
    internal long Drawdown;

    /// <summary>Gross exposure at the last mark.</summary>
    internal long Gross;

    /// <inheritdoc/>
    public void Merge(in EquityPoint later)
    {
        long deepest = Math.Max(Drawdown, later.Drawdown);
        this = later;
        Drawdown = deepest;
    }
}

/// <summary>A UTC day of a run, in one currency.</summary>
/// <param name="Number">Days since 1970.</param>
/// <param name="Base">Equity at its start plus what was paid in during it.</param>
/// <param name="Profit">Won or lost in it.</param>
internal readonly record struct DayResult(long Number, long Base, long Profit);

/// <summary>
/// Equity in one currency, marked whenever cash, a position or the price of a position changes. Drawdown and exposure are
/// of every mark, not of the points that are kept for drawing.
/// </summary>
internal sealed class EquityCurve
{
    /// <summary>Points that are kept.</summary>
    internal const int Points = 2048;

    /// <summary>Days that are kept: a hundred years. A run that is longer has no daily figures.</summary>
    internal const int DaysMax = 36_600;

    /// <summary>Nanoseconds of a day.</summary>
    internal const long Day = 86_400_000_000_000;

    /// <summary>Width of the first grid, nanoseconds.</summary>
    internal const long FirstWidth = 1_000_000;

    private readonly List<DayResult> _days = [];
    private long _peak;
    private long _peakAt;
    private long _begunAt;
    private long _day;
    private long _nextDay;
    private long _dayBase;
    private long _dayStartProfit;
    private Int128 _grossTime;
    private Int128 _netTime;
    private long _gross;
    private long _net;
    private LargestPpm _deepest;
    private LargestPpm _leverage;
    private bool _isBelow;
    private bool _begun;

    // ReceivedAt of the last mark that said what the one before said, in the same interval; it counts when time goes on.
    private long _repeatedAt = long.MinValue;

    /// <summary>The points.</summary>
    internal SampledSeries<EquityPoint> Series { get; } = new(Points, FirstWidth);

    /// <summary>The days of the run; the first and the last may be parts of days.</summary>
    internal IReadOnlyList<DayResult> Days => _days;

    /// <summary>True when the run had more days than are kept.</summary>
    internal bool HasLostDays { get; private set; }

    /// <summary>True once there was a mark: before, there were payments at most.</summary>
    internal bool IsMarked { get; private set; }

    /// <summary>Equity at the last mark or payment.</summary>
    internal long Equity { get; private set; }

    /// <summary>Lowest equity of all marks.</summary>
    internal long LowestEquity { get; private set; } = long.MaxValue;

    /// <summary>Money paid in minus taken out.</summary>
    internal long PaidIn { get; private set; }

    /// <summary>Equity minus what was paid in.</summary>
    internal long Profit => Equity - PaidIn;

    /// <summary>Deepest fall of the profit below its highest so far; 0 or more.</summary>
    internal long MaxDrawdown { get; private set; }

    /// <summary>Deepest fall as parts per million of the equity at the peak; null when a peak had no positive equity.</summary>
    internal long? MaxDrawdownPpm => _deepest.Value;

    /// <summary>Longest time from a peak until it was reached again or the run ended, nanoseconds.</summary>
    internal long LongestDrawdown { get; private set; }

    /// <summary>Largest gross exposure.</summary>
    internal long MaxGross { get; private set; }

    /// <summary>Largest gross exposure as parts per million of the equity of that moment; null after a mark with exposure
    /// and no positive equity.</summary>
    internal long? MaxLeveragePpm => _leverage.Value;

    /// <summary>Nanoseconds with a position.</summary>
    internal long TimeInMarket { get; private set; }

    /// <summary>Nanoseconds from the first mark to the last.</summary>
    internal long Span { get; private set; }

    /// <summary>Mean gross exposure over time; 0 for a run without time.</summary>
    internal long MeanGross => Span == 0 ? 0 : (long)(_grossTime / Span);

    /// <summary>Mean net exposure over time; 0 for a run without time.</summary>
    internal long MeanNet => Span == 0 ? 0 : (long)(_netTime / Span);

    /// <summary>Money comes in or goes out: equity moves, profit does not.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="amount">Positive is paid in.</param>
    internal void Pay(long now, long amount)
    {
        CountRepeated();
        Advance(now);
        PaidIn += amount;
        Equity += amount;
        _dayBase += amount;
    }

    /// <summary>States what everything is worth.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="equity">Cash and positions.</param>
    /// <param name="gross">Sum of the absolute values of the positions.</param>
    /// <param name="net">Sum of the values of the positions.</param>
    internal void Mark(long now, long equity, long gross, long net)
    {
        CountRepeated();
        State(now, equity, gross, net);
    }

    /// <summary>True when a mark that says what the last one said would fall into its interval and its day.</summary>
    /// <param name="now">ReceivedAt.</param>
    internal bool CanRepeat(long now) => IsMarked && now < Series.Until && now < _nextDay;

    /// <summary>States again what the last mark said; nothing was paid since.</summary>
    /// <param name="now">ReceivedAt; <see cref="CanRepeat"/> says yes.</param>
    internal void Repeat(long now) => _repeatedAt = now;

    private void CountRepeated()
    {
        if (_repeatedAt != long.MinValue)
        {
            long at = _repeatedAt;
            _repeatedAt = long.MinValue;
            State(at, Equity, _gross, _net);
        }
    }

    private void State(long now, long equity, long gross, long net)
    {
        Advance(now);
        IsMarked = true;
        Equity = equity;
        LowestEquity = Math.Min(LowestEquity, equity);
        _gross = gross;
        _net = net;
        MaxGross = Math.Max(MaxGross, gross);
        if (gross != 0)
        {
            _leverage.Take(gross, equity);
        }

        long profit = Profit;
        if (profit >= _peak)
        {
            LongestDrawdown = Math.Max(LongestDrawdown, _isBelow ? now - _peakAt : 0);
            _peak = profit;
            _peakAt = now;
            _isBelow = false;
        }
        else
        {
            _isBelow = true;
            Fall(_peak - profit);
        }

        Series.Add(now, new EquityPoint
        {
            At = now,
            Equity = equity,
            Profit = profit,
            Drawdown = _peak - profit,
            Gross = gross,
        });
    }

    /// <summary>The run is over.</summary>
    /// <param name="now">ReceivedAt of its last event.</param>
    internal void Finish(long now)
    {
        if (!_begun)
        {
            return;
        }

        CountRepeated();
        Advance(now);
        LongestDrawdown = Math.Max(LongestDrawdown, _isBelow ? now - _peakAt : 0);
        Close();
    }

    private void Fall(long drawdown)
    {
        MaxDrawdown = Math.Max(MaxDrawdown, drawdown);
        _deepest.Take(drawdown, _peak + PaidIn);
    }

    /// <summary>Time passes with what was held; days that end are closed with the last known equity.</summary>
    private void Advance(long now)
    {
        if (!_begun)
        {
            _begun = true;
            _begunAt = _peakAt = now;
            _day = now / Day;
            _nextDay = (_day + 1) * Day;
            return;
        }

        long passed = now - _begunAt;
        Span += passed;
        _grossTime += (Int128)_gross * passed;
        _netTime += (Int128)_net * passed;
        TimeInMarket += _gross != 0 ? passed : 0;
        _begunAt = now;
        if (now < _nextDay)
        {
            return;
        }

        long today = now / Day;
        _nextDay = (today + 1) * Day;
        for (; _day < today && !HasLostDays; _day++)
        {
            Close();
        }
    }

    private void Close()
    {
        if (_days.Count == DaysMax)
        {
            HasLostDays = true;
            return;
        }

        _days.Add(new DayResult(_day, _dayBase, Profit - _dayStartProfit));
        _dayStartProfit = Profit;
        _dayBase = Equity;
    }
}
