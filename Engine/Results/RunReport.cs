using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Results;

/// <summary>What an instrument is called and counted in, for those who print its numbers.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Symbol">Its name.</param>
/// <param name="Currency">Index of its currency.</param>
/// <param name="PriceExponent">Decimals of a price unit.</param>
/// <param name="QuantityExponent">Decimals of a quantity unit.</param>
internal sealed record InstrumentFacts(
    InstrumentId Id, string Symbol, int Currency, byte PriceExponent, byte QuantityExponent);

/// <summary>A run as it is told to people and to other programs: result, performance, doubts.</summary>
internal sealed record RunReport
{
    internal required RunResult Result { get; init; }

    internal required Performance Performance { get; init; }

    internal required PerformanceFigures Figures { get; init; }

    internal required IReadOnlyList<SanityNote> Notes { get; init; }

    /// <summary>Names by strategy number; 0 is the house.</summary>
    internal required IReadOnlyList<string> StrategyNames { get; init; }

    internal required IReadOnlyList<InstrumentFacts> Instruments { get; init; }

    /// <summary>Perpetuals that were held when they usually pay, and of which neither data nor rules told what.</summary>
    internal required IReadOnlyList<string> Unfunded { get; init; }

    /// <summary>The configuration with which the run ended.</summary>
    internal required EngineConfiguration Configuration { get; init; }

    /// <summary>Reads the report off a pipeline that has settled.</summary>
    internal static RunReport Of(
        RunResult result, Performance performance, DecisionPipeline pipeline, EngineConfiguration configuration)
    {
        performance.Finish(pipeline);
        PerformanceFigures figures = PerformanceFigures.Of(performance, pipeline);
        List<(string, TradeTotals)> trades = [];
        List<(string, EquityCurve)> curves = [];
        List<(string, FillTotals)> fills = [];
        foreach (CurrencyPerformance currency in figures.Currencies)
        {
            trades.Add((currency.Currency, performance.Trades.Totals(currency.Index)));
            fills.Add((currency.Currency, performance.Orders.Totals(currency.Index)));
            curves.Add((currency.Currency, currency.Curve));
        }

        List<string> unfunded = UnfundedOf(performance, pipeline, configuration);
        return new RunReport
        {
            Unfunded = unfunded,
            Result = result,
            Performance = performance,
            Figures = figures,
            Notes = SanityNotes.Of(new SanityInput
            {
                Orders = performance.Orders,
                Trades = trades,
                Fills = fills,
                Curves = curves,
                Parameters = SanityNotes.ParametersOf(configuration),
                IsSynthetic = result.Counts.IsSynthetic,
                Fidelity = result.Fidelity,
                OpenTrades = performance.Trades.Open,
                Unpriced = performance.Unpriced,
                Unfunded = unfunded,
            }),
            StrategyNames = ["(house)", .. NamesOf(configuration)],
            Instruments = InstrumentsOf(pipeline),
            Configuration = configuration,
        };
    }

    private static List<string> UnfundedOf(
        Performance performance, DecisionPipeline pipeline, EngineConfiguration configuration)
    {
        List<string> unfunded = [];
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            if (performance.IsUnfunded(new InstrumentId(i)) && pipeline.Market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                string symbol = market.Symbol.ToString();
                bool declared = Array.Exists(
                    configuration.Venue.Money.Funding, rule => rule.Symbol.ToString() is { } name && (name.Length == 0 || name == symbol));
                if (!declared)
                {
                    unfunded.Add(symbol);
                }
            }
        }

        return unfunded;
    }

    /// <summary>
    /// The report of a recorded run: its events through a fresh pipeline, every one as it was, the gateway muted.
    /// </summary>
    /// <param name="directory">Its journal directory.</param>
    /// <param name="warning">What limits its meaning; null when nothing does.</param>
    /// <exception cref="InvalidDataException">The journal is no run, or its front is gone and nothing reaches the rest.</exception>
    internal static RunReport OfJournal(string directory, out string? warning)
    {
        RecordedRun.Open(directory).Dispose();
        PosixStorage storage = new();
        IReadOnlyList<Lineage> lineages = Lineage.Of(storage, directory);
        ReplayStart start = ReplayStart.Of(storage, directory, lineages, given: null);
        using JournalReader journal = new(storage, directory, new ReadOptions { From = start.From });
        if (lineages.Count == 0)
        {
            throw new InvalidDataException(
                $"{directory}: the first events of every run that is left are gone, and with them the configuration");
        }

        DecisionPipeline pipeline = start.Pipeline;
        EngineConfiguration configuration = lineages[0].Configuration(directory);
        Performance performance = new();
        RunCounts counts = new();
        Digest128 rolling = start.Rolling;
        Decision decision = default;
        Event e = default;
        warning = start.Note;
        if (start.From != 0)
        {
            performance.Adopt();
        }

        int next = 0;
        while (next < lineages.Count && lineages[next].Sequence <= start.From)
        {
            configuration = lineages[next++].Configuration(directory);
        }

        bool skips = false;
        while (journal.Read(ref e) == ReadResult.Event)
        {
            if (next < lineages.Count && e.Sequence == lineages[next].Sequence)
            {
                skips = !lineages[next].HasBegun;
                if (!skips)
                {
                    configuration = lineages[next].Configuration(directory);
                    pipeline = ReplayStart.PipelineOf(directory, lineages[next], given: null);
                    performance.Adopt();
                    rolling = default;
                }

                next++;
            }

            if (skips)
            {
                continue;
            }

            pipeline.OnEvent(e, ref decision);
            counts.Add(e, decision);
            DecisionDigest.Add(ref rolling, e, decision);
            performance.OnDecided(e, decision, pipeline);
        }

        RunResult result = RunResult.Of(
            pipeline, counts, rolling.Finish(), [.. NamesOf(configuration)], PipelineFactory.Timeframes(configuration));
        return Of(result, performance, pipeline, configuration);
    }

    private static IEnumerable<string> NamesOf(EngineConfiguration configuration)
    {
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            yield return strategy.Name;
        }
    }

    private static List<InstrumentFacts> InstrumentsOf(DecisionPipeline pipeline)
    {
        List<InstrumentFacts> facts = [];
        for (ushort i = 1; i <= pipeline.Market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (pipeline.Market.TryGet(id, out InstrumentMarket? market))
            {
                facts.Add(new InstrumentFacts(
                    id,
                    market.Symbol.ToString(),
                    pipeline.Portfolio.CurrencyOf(id),
                    market.Definition.PriceExponent,
                    market.Definition.QuantityExponent));
            }
        }

        return facts;
    }
}
