using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal;

namespace LowLatency.Engine.Strategies;

/// <summary>One answer of a check.</summary>
/// <param name="What">What was checked.</param>
/// <param name="Passed">Whether it holds.</param>
/// <param name="Detail">The evidence, or the first thing that does not hold.</param>
internal sealed record CheckLine(string What, bool Passed, string Detail);

/// <summary>
/// Proves on a generated market what an author of strategies has to keep: the same events give the same signals, a run that
/// is saved and restored in the middle goes on as if nothing had happened, and nothing is allocated for an event.
/// </summary>
internal sealed class StrategyCheck
{
    /// <summary>Times that a run is saved and restored.</summary>
    internal const int Restores = 24;

    private const int ShownFields = 8;

    private readonly EngineConfiguration _configuration;
    private readonly Event[] _tape;
    private readonly List<CheckLine> _lines = [];

    private StrategyCheck(EngineConfiguration configuration, Event[] tape)
    {
        _configuration = configuration;
        _tape = tape;
    }

    /// <summary>Checks the strategies of a configuration.</summary>
    /// <param name="configuration">The configuration; without a generator section a usual market is made for its symbols.</param>
    /// <param name="events">Events to check on.</param>
    /// <param name="seed">Seed of the market and of the places at which the run is restored.</param>
    internal static IReadOnlyList<CheckLine> Run(EngineConfiguration configuration, int events, ulong seed)
    {
        StrategyCheck check = new(configuration, EventTape.Of(configuration, events, seed));
        check.Scanned();
        check.Repeats();
        check.Restored(new Xoshiro256(seed));
        check.Allocates();
        return check._lines;
    }

    private void Add(string what, bool passed, string detail) => _lines.Add(new CheckLine(what, passed, detail));

    /// <summary>A configuration whose code was refused does not come here.</summary>
    private void Scanned()
    {
        foreach (StrategyAssembly assembly in _configuration.Library.Assemblies)
        {
            Add("banned members", true, $"none in {assembly.File}, sha256 {assembly.Sha256}");
        }
    }

    /// <summary>Twice the same, and something was said.</summary>
    private void Repeats()
    {
        DecisionPipeline first = PipelineFactory.Pipeline(_configuration);
        DecisionPipeline second = PipelineFactory.Pipeline(_configuration);
        long[] signals = new long[_configuration.Strategies.Length + 1];
        string? difference = Compare(first, () => second, (_, decision) =>
        {
            for (int i = 0; i < decision.SignalCount; i++)
            {
                signals[decision.Signals[i].Strategy.Value]++;
            }
        });
        Add(
            "determinism",
            difference is null && DigestOf(first) == DigestOf(second),
            difference ?? string.Create(
                CultureInfo.InvariantCulture, $"two runs over {_tape.Length} events decide alike, state {DigestOf(first)}"));
        for (int i = 0; i < _configuration.Strategies.Length; i++)
        {
            StrategyContext context = first.ContextOf(new StrategyId((ushort)(i + 1)));
            Add(
                "spoke: " + _configuration.Strategies[i].Name,
                signals[i + 1] != 0,
                signals[i + 1] != 0
                    ? string.Create(CultureInfo.InvariantCulture, $"{signals[i + 1]} signals")
                    : "it stated nothing on this market, so nothing is proven; try more --events or another generator section"
                        + Missing(context));
        }
    }

    private static string Missing(StrategyContext context)
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            InstrumentId id = new(i);
            if (context.IsSubscribed(id) && !context.IsReady(id))
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $" (instrument {i} has not warmed up; {context.Refused(id)} wishes were not taken)");
            }
        }

        return string.Empty;
    }

    /// <summary>
    /// One run goes through, the other is taken apart and put together again at random events: their decisions and the
    /// fields of their strategies must stay equal.
    /// </summary>
    private void Restored(Xoshiro256 dice)
    {
        SortedSet<int> places = [];
        while (places.Count < Restores && places.Count < _tape.Length)
        {
            places.Add((int)dice.NextBelow(_tape.Length));
        }

        PipelineSettings whole = PipelineFactory.Settings(_configuration);
        PipelineSettings parts = PipelineFactory.Settings(_configuration);
        DecisionPipeline restored = new(parts);
        SortedSet<string> forgotten = new(StringComparer.Ordinal);
        string? difference = Compare(new DecisionPipeline(whole), () => restored, (index, _) =>
        {
            if (!places.Contains(index))
            {
                return;
            }

            StateWriter saved = new();
            restored.Visit(saved);
            parts = PipelineFactory.Settings(_configuration);
            restored = new DecisionPipeline(parts);
            StateReader reader = new(saved.Written.ToArray());
            restored.Visit(reader);
            Ensure.That(reader.AtEnd, "a strategy's Visit walks more when it saves than when it restores");
            for (int i = 0; i < whole.Strategies.Length; i++)
            {
                FieldComparer.Compare(
                    whole.Strategies[i].Strategy,
                    parts.Strategies[i].Strategy,
                    _configuration.Strategies[i].Name,
                    path => forgotten.Add(path));
            }
        });
        string fields = string.Join(", ", Shown(forgotten));
        Add(
            "save and restore",
            difference is null && forgotten.Count == 0,
            difference is not null
                ? difference + (forgotten.Count == 0 ? string.Empty : "; fields that Visit does not hand over: " + fields)
                : forgotten.Count != 0
                    ? "fields that change and that Visit does not hand over: " + fields
                    : string.Create(CultureInfo.InvariantCulture, $"{places.Count} times, the run goes on as if it had not been stopped"));
    }

    private static IEnumerable<string> Shown(SortedSet<string> paths)
    {
        int shown = 0;
        foreach (string path in paths)
        {
            if (shown++ == ShownFields)
            {
                yield return $"and {paths.Count - ShownFields} more";
                yield break;
            }

            yield return path;
        }
    }

    private void Allocates()
    {
        long bytes = Measure(PipelineFactory.Pipeline(_configuration), out long events);
        if (bytes == 0)
        {
            Add("allocation", true, string.Create(CultureInfo.InvariantCulture, $"0 bytes in {events} events"));
            return;
        }

        for (int i = 0; i < _configuration.Strategies.Length; i++)
        {
            // The others silenced: what is left is this one's.
            PipelineSettings settings = PipelineFactory.Settings(_configuration);
            for (int other = 0; other < settings.Strategies.Length; other++)
            {
                if (other != i)
                {
                    settings.Strategies[other] = settings.Strategies[other] with { Strategy = new SilentStrategy() };
                }
            }

            long own = Measure(new DecisionPipeline(settings), out events);
            Add(
                "allocation: " + _configuration.Strategies[i].Name,
                own == 0,
                string.Create(CultureInfo.InvariantCulture, $"{own} bytes in {events} events, {(double)own / events:0.###} for each"));
        }
    }

    /// <summary>Bytes that the second half of the tape allocates; the first half is the warm-up.</summary>
    private long Measure(DecisionPipeline pipeline, out long events)
    {
        Decision decision = default;
        int half = _tape.Length / 2;
        for (int i = 0; i < half; i++)
        {
            pipeline.OnEvent(_tape[i], ref decision);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = half; i < _tape.Length; i++)
        {
            pipeline.OnEvent(_tape[i], ref decision);
        }

        events = _tape.Length - half;
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Plays the tape to two pipelines.</summary>
    /// <returns>The first difference, or null.</returns>
    private string? Compare(DecisionPipeline first, Func<DecisionPipeline> second, Action<int, Decision> after)
    {
        Decision left = default;
        Decision right = default;
        for (int i = 0; i < _tape.Length; i++)
        {
            first.OnEvent(_tape[i], ref left);
            second().OnEvent(_tape[i], ref right);
            if (AuditComparer.FirstDifference(_tape[i].Sequence, ref left, ref right) is { } difference)
            {
                return difference + StrategyOf(left, right);
            }

            after(i, left);
        }

        return null;
    }

    /// <summary>Whose signals differ first.</summary>
    private string StrategyOf(in Decision left, in Decision right)
    {
        for (int i = 0; i < Math.Max(left.SignalCount, right.SignalCount); i++)
        {
            StrategyId a = i < left.SignalCount ? left.Signals[i].Strategy : default;
            StrategyId b = i < right.SignalCount ? right.Signals[i].Strategy : default;
            bool same = a == b && left.Signals[i].Equals(right.Signals[i]);
            StrategyId named = a.Value == 0 ? b : b.Value == 0 || a.Value < b.Value ? a : b;
            if (!same && named.Value != 0)
            {
                return " (strategy " + _configuration.Strategies[named.Value - 1].Name + ")";
            }
        }

        return string.Empty;
    }

    private static Digest DigestOf(DecisionPipeline pipeline)
    {
        DigestVisitor visitor = new();
        pipeline.Visit(visitor);
        return visitor.Finish();
    }
}
