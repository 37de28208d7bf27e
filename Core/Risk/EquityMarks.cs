using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Portfolio;

namespace LowLatency.Core.Risk;

/// <summary>
/// Equity of each currency against two marks: its value when the trading day began, and its highest. Money paid in or out
/// moves both: it is neither profit nor loss. A value that is not known moves nothing.
/// </summary>
internal sealed class EquityMarks : IStateful
{
    private readonly long[] _dayStart = new long[PortfolioLedger.Currencies];
    private readonly long[] _highest = new long[PortfolioLedger.Currencies];
    private readonly long[] _day = new long[PortfolioLedger.Currencies];

    // Bit c: currency c has been valued.
    private int _known;

    /// <summary>The largest loss of a currency since its day began, as last valued.</summary>
    internal long DailyLoss { get; private set; }

    /// <summary>The largest loss of a currency since its highest, as last valued.</summary>
    internal long Drawdown { get; private set; }

    /// <summary>The day of the last valuation.</summary>
    internal long Day { get; private set; }

    /// <summary>Values every currency.</summary>
    internal void Mark(PortfolioLedger portfolio, long day)
    {
        DailyLoss = 0;
        Drawdown = 0;
        Day = day;
        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            if (!portfolio.TryEquity(c, out long equity))
            {
                continue;
            }

            bool known = (_known & (1 << c)) != 0;
            if (!known || _day[c] != day)
            {
                _day[c] = day;
                _dayStart[c] = equity;
            }

            _highest[c] = known ? Math.Max(_highest[c], equity) : equity;
            _known |= 1 << c;
            DailyLoss = Math.Max(DailyLoss, _dayStart[c] - equity);
            Drawdown = Math.Max(Drawdown, _highest[c] - equity);
        }
    }

    /// <summary>Money was paid in or out.</summary>
    internal void Move(int currency, long amount)
    {
        _dayStart[currency] += amount;
        _highest[currency] += amount;
    }

    /// <summary>What was lost is accepted: both marks are set anew at the next valuation.</summary>
    internal void Forget() => _known = 0;

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_dayStart);
        visitor.Visit<long>(_highest);
        visitor.Visit<long>(_day);
        visitor.Visit(ref _known);
        long day = Day;
        visitor.Visit(ref day);
        Day = day;
    }
}
