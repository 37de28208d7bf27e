using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Strategies;

/// <summary>The events of a short run on a generated market, the simulated venue's answers among them.</summary>
internal static class EventTape
{
    // What a real market has once in hours happens often: a strategy is checked on it too.
    private const int RarePerMillion = 500;

    /// <summary>Makes the events.</summary>
    /// <param name="configuration">Who trades.</param>
    /// <param name="events">So many.</param>
    /// <param name="seed">Seed of the market.</param>
    internal static Event[] Of(EngineConfiguration configuration, int events, ulong seed)
    {
        MarketGenerator market = new(Market(configuration) with
        {
            Seed = seed,
            MaxEvents = 0,
            MaxDuration = 0,
            JumpsPerMillion = RarePerMillion,
            GapsPerMillion = RarePerMillion,
            HaltsPerMillion = RarePerMillion,
            BurstsPerMillion = RarePerMillion,
        });
        Taping venue = new(PipelineFactory.Venue(configuration), new Event[events]);
        using Topology topology = new(
            configuration.Session.Topology with { Mode = TopologyMode.Inline },
            new TopologyParts(PipelineFactory.Pipeline(configuration), venue, new Recorder(), new RunCounts()));
        Driver driver = new(market, venue, topology, new TickRule(configuration.TickInterval));
        if (driver.TryPeek(out long firstAt))
        {
            foreach (Event e in Preamble.Of(configuration, 1, firstAt, cashMoved: 0))
            {
                Event next = e;
                driver.Publish(ref next);
            }
        }

        while (venue.Count < events)
        {
            driver.Poll(64);
        }

        return venue.Tape;
    }

    /// <summary>The configuration's market, or a usual one with its symbols.</summary>
    private static MarketGeneratorOptions Market(EngineConfiguration configuration)
    {
        if (configuration.Generator is { } own)
        {
            return own;
        }

        MarketGeneratorOptions usual = DemoConfiguration.Load().Generator!;
        SortedSet<string> symbols = new(StringComparer.Ordinal);
        foreach (StrategyConfiguration strategy in configuration.Strategies)
        {
            symbols.UnionWith(strategy.Instruments);
        }

        List<GeneratedInstrument> instruments = [];
        foreach (string symbol in symbols)
        {
            GeneratedInstrument pattern = usual.Instruments[instruments.Count % usual.Instruments.Length];
            InstrumentDefined rules = pattern.Rules;
            rules.Symbol = Symbol24.Of(symbol);
            instruments.Add(pattern with { Rules = rules });
        }

        return usual with { Instruments = [.. instruments] };
    }

    private sealed class Taping(IVenue venue, Event[] tape) : IVenue
    {
        internal int Count { get; private set; }

        internal Event[] Tape => tape;

        public long NextDue => venue.NextDue;

        public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

        public void OnEvent(in Event published)
        {
            venue.OnEvent(published);
            if (Count < tape.Length)
            {
                tape[Count++] = published;
            }
        }

        public void Submit(in Command command, long sequence, long now) => venue.Submit(command, sequence, now);
    }
}
