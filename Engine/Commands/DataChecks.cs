using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
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
            if (!contents.TryAdd(file.Sha256, file.Path))
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

    /// <summary>Refuses a market that has nothing for a strategy.</summary>
    /// <remarks>
    /// A strategy without any of its instruments would do nothing, and its result would say so in zeros. Definitions come
    /// first in what is imported, so a market that has them is read no further.
    /// </remarks>
    internal static void RequireInstruments(EngineConfiguration configuration, string data)
    {
        using JournalReader reader = RecordedRun.Open(data);
        List<StrategyConfiguration> without = [.. configuration.Strategies];
        SortedSet<string> defined = new(StringComparer.Ordinal);
        Event e = default;
        while (without.Count != 0 && reader.Read(ref e) == ReadResult.Event)
        {
            if (e.Kind == EventKind.InstrumentDefined)
            {
                string symbol = e.InstrumentDefined.Symbol.ToString();
                defined.Add(symbol);
                without.RemoveAll(strategy => strategy.Instruments.Contains(symbol));
            }
        }

        if (without.Count != 0)
        {
            throw new CommandFailure(
                ExitCode.Input,
                $"{data}: strategy {without[0].Name} trades {string.Join(", ", without[0].Instruments)}; allowed are the "
                + $"instruments of the data: {string.Join(", ", defined)}");
        }
    }
}
