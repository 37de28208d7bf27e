using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Engine.Strategies;

namespace LowLatency.Engine.Checks;

/// <summary>
/// What a strategy wants must not depend on how much it saw before its warm-up. The same end of a market is shown to it
/// after beginnings of different lengths, with trading halted so that no position differs; its standing wishes must agree.
/// </summary>
internal static class WarmUpCheck
{
    /// <summary>Moments in the common end at which the wishes are compared.</summary>
    internal const int Moments = 200;

    /// <summary>The common end: the last so many parts of a hundred of the market's time.</summary>
    internal const int EndPercent = 25;

    /// <summary>Checks a configuration on a market.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="market">Makes the market, each call from the beginning.</param>
    /// <param name="skips">Parts of a hundred of the market's time to leave out at the beginning.</param>
    internal static IReadOnlyList<CheckLine> Run(
        EngineConfiguration configuration, Func<IEventSource> market, IReadOnlyList<int> skips)
    {
        (long first, long last) = SpanOf(market);
        long window = first + ((last - first) / 100 * (100 - EndPercent));
        EngineConfiguration halted = Halted(configuration);
        Wishes whole = Of(halted, market(), window, last);
        List<CheckLine> lines = [];
        bool spoke = whole.Count != 0;
        lines.Add(new CheckLine(
            "spoke",
            spoke,
            spoke
                ? string.Create(CultureInfo.InvariantCulture, $"{whole.Count} standing wishes at {Moments} moments of the last {EndPercent} % of the market")
                : "no strategy wished anything there: nothing is proven"));
        foreach (int skip in skips)
        {
            long from = first + ((last - first) / 100 * skip);
            Wishes shorter = Of(halted, new WindowedMarket(market(), from, long.MaxValue), window, last);
            lines.Add(whole.Compare(shorter, skip, halted));
        }

        return lines;
    }

    /// <summary>The same strategies; risk lets nothing through, so that every position stays flat.</summary>
    private static EngineConfiguration Halted(EngineConfiguration configuration)
    {
        JsonNode root = JsonNode.Parse(configuration.ToCanonicalJson())!;
        root["risk"]!["initialState"] = "halted";
        ConfigurationReading reading = EngineConfiguration.FromJson(
            System.Text.Encoding.UTF8.GetBytes(root.ToJsonString()), configuration.Name, configuration.Library);
        return reading.TryGet(out EngineConfiguration? halted)
            ? halted
            : throw new Core.Determinism.BrokenInvariantException(string.Join(Environment.NewLine, reading.Problems));
    }

    private static (long First, long Last) SpanOf(Func<IEventSource> market)
    {
        long first = long.MaxValue;
        long last = 0;
        IEventSource events = market();
        try
        {
            Event e = default;
            while (events.Read(ref e) == ReadResult.Event)
            {
                first = Math.Min(first, e.ReceivedAt);
                last = e.ReceivedAt;
            }
        }
        finally
        {
            (events as IDisposable)?.Dispose();
        }

        return (Math.Min(first, last), last);
    }

    private static Wishes Of(EngineConfiguration configuration, IEventSource market, long window, long last)
    {
        Wishes wishes = new(configuration.Strategies.Length, window, Math.Max(1, (last - window) / Moments));
        try
        {
            Simulation.Run(configuration, market, wishes);
        }
        finally
        {
            (market as IDisposable)?.Dispose();
        }

        return wishes;
    }

    /// <summary>The standing wishes of all strategies at moments that are the same in every run.</summary>
    private sealed class Wishes(int strategies, long window, long step) : IDecisionObserver
    {
        private const string NoWish = "no wish";
        private const string NotReady = "not ready";

        private readonly Dictionary<(long Moment, ushort Strategy, string Symbol), string> _wishes = [];
        private long _moments;

        internal long Count => _wishes.Count;

        public void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline)
        {
            // A message that ends is the same event in every run; its time is what is compared.
            if (e.ReceivedAt < window + (_moments * step) || !SessionInputs.IsMarket(e) || !e.EndsGroup)
            {
                return;
            }

            for (ushort s = 1; s <= strategies; s++)
            {
                StrategyContext context = pipeline.ContextOf(new StrategyId(s));
                for (ushort i = 1; i <= pipeline.Market.Highest; i++)
                {
                    InstrumentId id = new(i);
                    if (!context.IsSubscribed(id) || !pipeline.Market.TryGet(id, out InstrumentMarket? market))
                    {
                        continue;
                    }

                    Signal wish = context.Stated(id);
                    string text = context.IsReady(id) ? Text(wish) : NotReady;
                    if (text.Length != 0)
                    {
                        _wishes[(e.ReceivedAt, s, market.Symbol.ToString())] = text;
                    }
                }
            }

            _moments = ((e.ReceivedAt - window) / step) + 1;
        }

        internal CheckLine Compare(Wishes other, int skip, EngineConfiguration configuration)
        {
            SortedSet<(long Moment, ushort Strategy, string Symbol)> keys = [.. _wishes.Keys, .. other._wishes.Keys];
            long different = 0;
            long same = 0;
            long early = 0;
            string? first = null;
            foreach ((long Moment, ushort Strategy, string Symbol) key in keys)
            {
                string left = _wishes.GetValueOrDefault(key, NoWish);
                string right = other._wishes.GetValueOrDefault(key, NoWish);
                if (left == NotReady || right == NotReady)
                {
                    early++;
                }
                else if (left == right)
                {
                    same++;
                }
                else
                {
                    different++;
                    first ??= string.Create(
                        CultureInfo.InvariantCulture,
                        $"at {key.Moment}: {configuration.Strategies[key.Strategy - 1].Name} in {key.Symbol}: {left} with all, {right} without");
                }
            }

            string warming = early == 0
                ? string.Empty
                : string.Create(CultureInfo.InvariantCulture, $"; {early} while it warmed up are not compared");
            return new CheckLine(
                string.Create(CultureInfo.InvariantCulture, $"without the first {skip} %"),
                different == 0 && same != 0,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{same} wishes are the same, {different} differ{(first is null ? string.Empty : ", first " + first)}{warming}"));
        }

        private static string Text(in Signal wish) => wish.Kind switch
        {
            SignalKind.None => string.Empty,
            SignalKind.Target => string.Create(CultureInfo.InvariantCulture, $"target {wish.Target}"),
            SignalKind.TargetWithLimit => string.Create(
                CultureInfo.InvariantCulture, $"target {wish.Target} at {wish.LimitPrice}"),
            SignalKind.Quotes => string.Create(
                CultureInfo.InvariantCulture,
                $"quotes {wish.BidQuantity} at {wish.BidPrice}, {wish.AskQuantity} at {wish.AskPrice}"),
            SignalKind.Flat => "flat",
        };
    }
}
