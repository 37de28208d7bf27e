using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Import;

namespace LowLatency.Engine.Commands;

/// <summary>What makes data that can be read unfit for use.</summary>
internal static class DataChecks
{
    /// <summary>Refuses data that counts twice, and data that is known to be missing unless a person allows it.</summary>
    /// <param name="summary">What was read.</param>
    /// <param name="allowGaps">True when gaps are accepted.</param>
    /// <exception cref="CommandFailure">One of them is there.</exception>
    internal static void Require(ImportSummary summary, bool allowGaps)
    {
        Dictionary<string, string> contents = new(StringComparer.Ordinal);
        foreach (FileSummary file in summary.Files)
        {
            // What has no event counts nothing twice: factor files of two shares without a split or dividend may be equal.
            if (file.Events != 0 && !contents.TryAdd(file.Sha256, file.Path))
            {
                throw new CommandFailure(
                    ExitCode.Input,
                    $"{file.Path}: the same bytes as {contents[file.Sha256]} (sha256 {file.Sha256}); allowed is each file once");
            }
        }

        foreach (InstrumentSummary instrument in summary.Instruments)
        {
            if (instrument.Gaps != 0 && !allowGaps)
            {
                throw new CommandFailure(
                    ExitCode.Input,
                    $"{instrument.Definition.Symbol}: data is known to be missing in {instrument.Gaps} places; allowed are 0, "
                    + "or any with --allow-gaps: books then wait for their next snapshot");
            }
        }
    }

    /// <summary>Refuses a result in which holding a perpetual cost nothing because nobody told what it costs.</summary>
    /// <param name="report">The result.</param>
    /// <param name="data">What it is of.</param>
    /// <param name="allowed">True when a person accepts it.</param>
    /// <exception cref="CommandFailure">There is such a perpetual.</exception>
    internal static void RequireFunding(RunReport report, string data, bool allowed)
    {
        if (report.Unfunded.Count != 0 && !allowed)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: {string.Join(", ", report.Unfunded)} was held at midnight, 8 or 16 o'clock UTC, and neither the data nor "
                + "venue.money.rules tell what perpetuals pay then; allowed are funding rates in the data, a rule funding (a rate of 0 "
                + "included), or --no-funding: the result then names it");
        }
    }

    /// <summary>Refuses a market that has nothing for a strategy, and one of several currencies without a common measure.</summary>
    /// <remarks>
    /// A strategy without any of its instruments would do nothing, and its result would say so in zeros. Definitions come
    /// first in what is imported, so a market that has them is read no further. Limits, breakers and equity are counted by currency:
    /// two currencies without a base currency would have each limit twice.
    /// </remarks>
    internal static void RequireInstruments(EngineConfiguration configuration, string data)
    {
        using JournalReader reader = RecordedRun.Open(data);
        List<StrategyConfiguration> without = [.. configuration.Strategies];
        SortedSet<string> defined = new(StringComparer.Ordinal);
        SortedDictionary<string, string> currencies = new(StringComparer.Ordinal);
        Event e = default;
        bool inFront = true;
        while ((without.Count != 0 || inFront) && reader.Read(ref e) == ReadResult.Event)
        {
            inFront = inFront && e.Kind is EventKind.InstrumentDefined or EventKind.EpochStarted or EventKind.BlobPart or EventKind.CashMoved;
            if (e.Kind == EventKind.InstrumentDefined)
            {
                string symbol = e.InstrumentDefined.Symbol.ToString();
                defined.Add(symbol);
                without.RemoveAll(strategy => strategy.Instruments.Contains(symbol));
                if (configuration.Strategies.Any(strategy => strategy.Instruments.Contains(symbol)))
                {
                    currencies.TryAdd(e.InstrumentDefined.Currency.ToString(), symbol);
                }
            }
        }

        if (without.Count != 0)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: strategy {without[0].Name} trades {string.Join(", ", without[0].Instruments)}; allowed are the "
                + $"instruments of the data: {string.Join(", ", defined)}");
        }

        if (currencies.Count > 1 && configuration.Risk.Base is null)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: the strategies trade in {string.Join(" and ", currencies.Select(of => $"{of.Key} ({of.Value})"))}; limits, breakers "
                + "and equity are counted by currency: allowed is one currency, or risk.base with a conversion for each other one");
        }
    }
}
