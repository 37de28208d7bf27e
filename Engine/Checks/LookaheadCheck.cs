using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;

namespace LowLatency.Engine.Checks;

/// <summary>
/// Looks for knowledge of the future. The market is cut at random places; what was decided up to the cut must be what is
/// decided when more follows. And no bar may be told before it has ended.
/// </summary>
internal static class LookaheadCheck
{
    /// <summary>Most cuts.</summary>
    internal const int CutsMax = 1000;

    /// <summary>Checks a configuration on a market.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="market">Makes the market's first so many events; each call from the beginning.</param>
    /// <param name="cuts">Places to cut at.</param>
    /// <param name="seed">Chooses them.</param>
    internal static IReadOnlyList<CheckLine> Run(
        EngineConfiguration configuration, Func<long, IEventSource> market, int cuts, ulong seed)
    {
        List<CheckLine> lines = [];
        List<long> places = Places(market, cuts, new Xoshiro256(seed), out string? early, out long bars);
        lines.Add(new CheckLine(
            "bars are told after their end",
            early is null,
            early ?? string.Create(CultureInfo.InvariantCulture, $"{bars} imported bars, none before its end")));
        if (places.Count == 0)
        {
            lines.Add(new CheckLine("past decisions", false, "the market is too short to be cut: nothing is proven"));
            return lines;
        }

        DecisionTrail whole = new(places);
        Run(configuration, market(long.MaxValue), whole);
        if (whole.Signals == 0)
        {
            lines.Add(new CheckLine("past decisions", false, "no strategy stated anything on this market: nothing is proven"));
            return lines;
        }

        string? difference = null;
        foreach (long place in places)
        {
            DecisionTrail cut = new([place]);
            Run(configuration, market(place), cut);
            if (difference is null && cut.Kept.GetValueOrDefault(place) != whole.Kept.GetValueOrDefault(place))
            {
                (long equal, long differs) = whole.Parting(cut);
                difference = string.Create(
                    CultureInfo.InvariantCulture,
                    $"cut after market event {place}: decisions before the cut differ; equal up to event {equal}, different at the latest at event {differs}");
            }
        }

        lines.Add(new CheckLine(
            "past decisions",
            difference is null,
            difference ?? string.Create(
                CultureInfo.InvariantCulture,
                $"the same at {places.Count} cuts of a run with {whole.Signals} signals and {whole.Commands} commands")));
        return lines;
    }

    private static void Run(EngineConfiguration configuration, IEventSource market, DecisionTrail trail)
    {
        try
        {
            Simulation.Run(configuration, market, trail);
        }
        finally
        {
            (market as IDisposable)?.Dispose();
        }
    }

    /// <summary>Reads the market once: ends of messages to cut at, and bars that were told too early.</summary>
    private static List<long> Places(
        Func<long, IEventSource> market, int cuts, Xoshiro256 dice, out string? early, out long bars)
    {
        early = null;
        bars = 0;
        long count = 0;
        long tooEarly = 0;
        long lastEnd = 0;
        IEventSource events = market(long.MaxValue);
        List<long> ends = [];
        try
        {
            Event e = default;

            // A fair choice of so many ends among unknown many: each takes a place with the right odds.
            while (events.Read(ref e) == ReadResult.Event)
            {
                count++;
                if (e.Kind == EventKind.Bar)
                {
                    bars++;
                    if (e.ReceivedAt - e.Bar.Timeframe < e.Bar.StartTime && tooEarly++ == 0)
                    {
                        early = string.Create(
                            CultureInfo.InvariantCulture,
                            $"market event {count}: a bar of {e.Bar.Timeframe} ns that starts at {e.Bar.StartTime} was told at {e.ReceivedAt}, before its end");
                    }
                }

                if (!e.EndsGroup)
                {
                    continue;
                }

                lastEnd++;
                if (ends.Count < cuts)
                {
                    ends.Add(count);
                }
                else if (dice.NextBelow(lastEnd) is long place && place < cuts)
                {
                    ends[(int)place] = count;
                }
            }
        }
        finally
        {
            (events as IDisposable)?.Dispose();
        }

        // A cut at the very end leaves nothing out.
        ends.Remove(count);
        ends.Sort();
        if (tooEarly > 1)
        {
            early += string.Create(CultureInfo.InvariantCulture, $"; {tooEarly} of {bars} bars are like this");
        }

        return ends;
    }
}
