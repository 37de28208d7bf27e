using System;
using System.Globalization;
using LowLatency.Core.Events;

namespace LowLatency.Journal.Import;

/// <summary>
/// Files that accompany market data: corporate actions and funding rates. They often span decades; only what lies between
/// the first and the last market event of an import is taken. Funding rates that are missing there are refused: a position
/// would pay nothing where it has to pay.
/// </summary>
internal sealed class CompanionFiles
{
    /// <summary>Between two payments, where the file does not show it yet: what most perpetuals have.</summary>
    private const long UsualInterval = 8 * LeanFundingReader.Hour;

    private readonly ImportPlan _plan;
    private readonly long[] _first;
    private readonly long[] _last;
    private readonly long[] _rate;
    private readonly long[] _interval;
    private readonly bool _hasMarket;
    private bool _began;

    internal CompanionFiles(ImportPlan plan)
    {
        _plan = plan;
        _first = new long[plan.Instruments.Count];
        _last = new long[plan.Instruments.Count];
        _rate = new long[plan.Files.Count];
        _interval = new long[plan.Files.Count];
        Array.Fill(_interval, UsualInterval);
        _hasMarket = plan.Files.Exists(file => file.Side is null);
    }

    /// <summary>Takes note of an event of market data.</summary>
    internal void OnMarket(in Event next)
    {
        int instrument = _plan.IndexOf(next.Instrument);
        _began = true;
        _first[instrument] = _first[instrument] == 0 ? next.ReceivedAt : _first[instrument];
        _last[instrument] = next.ReceivedAt;
    }

    /// <summary>Whether an event that accompanies market data is part of the import; counts it.</summary>
    /// <param name="next">The event.</param>
    /// <param name="index">Its file.</param>
    /// <param name="marketIsOver">Whether no market data is left.</param>
    /// <returns>False when it lies outside of the market data.</returns>
    /// <exception cref="ImportException">Funding rates before it are missing.</exception>
    internal bool Take(in Event next, int index, bool marketIsOver)
    {
        ImportPlan.PlannedFile file = _plan.Files[index];
        if (file.Side == LeanSideKind.Funding)
        {
            if (!marketIsOver)
            {
                CheckRates(file, index, next.ReceivedAt - 1, Text(next.ReceivedAt));
            }

            long distance = next.DerivativePrices.FundingInterval;
            _interval[index] = distance > 0 ? distance : UsualInterval;
            _rate[index] = next.ReceivedAt;
        }

        if (_hasMarket && (!_began || marketIsOver))
        {
            file.Summary.Discard(_began ? "after the market data" : "before the market data");
            return false;
        }

        file.Summary.Count(next);
        file.Summary.Apply(NameOf(next));
        return true;
    }

    /// <summary>All files have ended.</summary>
    /// <exception cref="ImportException">Funding rates end before the market data.</exception>
    internal void OnEnd()
    {
        for (int i = 0; i < _plan.Files.Count; i++)
        {
            ImportPlan.PlannedFile file = _plan.Files[i];
            if (file.Side == LeanSideKind.Funding)
            {
                CheckRates(file, i, _last[file.Instrument] - 1, "the end of the file");
            }
        }
    }

    /// <summary>Whether a rate was due within the market data that has been read, up to a time, and did not come.</summary>
    private void CheckRates(ImportPlan.PlannedFile file, int index, long until, string found)
    {
        long begin = _first[file.Instrument];
        if (begin == 0 || file.AllowGaps)
        {
            return;
        }

        long due = _rate[index] == 0 ? begin : _rate[index];
        long missed = due < begin ? (begin - due) / _interval[index] : 0;
        due += (missed + 1) * _interval[index];
        if (due <= until && _last[file.Instrument] > due)
        {
            throw new ImportException(
                file.Path,
                file.Summary.Lines,
                "time",
                found,
                $"a funding rate at {Text(due)} or before, because there is market data later; or gaps allowed");
        }
    }

    private static string Text(long nanoseconds) => DateTime.UnixEpoch.AddTicks(nanoseconds / 100)
        .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string NameOf(in Event next) => next.Kind == EventKind.DerivativePrices ? "funding rate"
        : next.CorporateAction.Action switch
        {
            CorporateActionKind.Split => "split",
            CorporateActionKind.Dividend => "dividend",
            CorporateActionKind.Renamed => "renaming",
            _ => "delisting",
        };
}
