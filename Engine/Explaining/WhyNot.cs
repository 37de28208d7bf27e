using System.Collections.Generic;
using System.Globalization;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Journal;
using LowLatency.Journal.Inspection;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Explaining;

/// <summary>The answer to "why did this strategy not trade this instrument then?".</summary>
/// <param name="Strategy">The strategy.</param>
/// <param name="Symbol">The instrument.</param>
/// <param name="Sequence">The last event up to the time.</param>
/// <param name="At">Its ReceivedAt.</param>
/// <param name="Wish">What the strategy last stated, and in which event; null when nothing.</param>
/// <param name="Findings">The reasons, the most telling one first; never empty.</param>
internal sealed record WhyNotAnswer(
    string Strategy, string Symbol, long Sequence, long At, string? Wish, IReadOnlyList<Finding> Findings);

/// <summary>Finds the answer in a recorded run.</summary>
internal static class WhyNot
{
    /// <summary>Answers.</summary>
    /// <param name="directory">A journal directory.</param>
    /// <param name="strategy">Name of a strategy.</param>
    /// <param name="symbol">One of its instruments.</param>
    /// <param name="at">Nanoseconds since 1970 UTC; null to ask by event.</param>
    /// <param name="sequence">The event, when <paramref name="at"/> is null.</param>
    /// <exception cref="InvalidDataException">No such strategy, instrument or time in this run.</exception>
    internal static WhyNotAnswer Of(string directory, string strategy, string symbol, long? at, long sequence)
    {
        using EchoReplay echo = new(directory);
        StrategyId id = Find(echo.Configuration, strategy, symbol, directory);
        long last = Last(directory, at, sequence);
        SilenceStory story = new(id, symbol);
        StatedWishes wishes = new();
        while (echo.Next())
        {
            wishes.See(echo);
            story.See(echo, wishes);
            if (echo.Event.Sequence == last)
            {
                break;
            }
        }

        List<Finding> findings = story.Findings(echo);
        if (findings.Count == 0)
        {
            findings.Add(WithCode(directory, id, story, last));
        }

        string? wish = story.Wish is { } stated
            ? string.Create(CultureInfo.InvariantCulture, $"{story.Describe(stated.Signal)}, stated at event {stated.Sequence}")
            : null;
        return new WhyNotAnswer(strategy, symbol, echo.Event.Sequence, echo.Event.ReceivedAt, wish, findings);
    }

    private static StrategyId Find(EngineConfiguration configuration, string strategy, string symbol, string directory)
    {
        List<string> names = [];
        for (int i = 0; i < configuration.Strategies.Length; i++)
        {
            StrategyConfiguration known = configuration.Strategies[i];
            names.Add(known.Name);
            if (known.Name != strategy)
            {
                continue;
            }

            return known.Instruments.Contains(symbol)
                ? new StrategyId((ushort)(i + 1))
                : throw new InvalidDataException(
                    $"--instrument {symbol}: strategy {strategy} of {directory} trades {string.Join(", ", known.Instruments)}");
        }

        throw new InvalidDataException($"--strategy {strategy}: the run of {directory} has {string.Join(", ", names)}");
    }

    /// <summary>The last event that counts.</summary>
    private static long Last(string directory, long? at, long sequence)
    {
        using JournalReader reader = RecordedRun.Open(directory);
        Event e = default;
        long firstAt = long.MinValue;
        long lastAt = 0;
        long last = -1;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            firstAt = firstAt == long.MinValue ? e.ReceivedAt : firstAt;
            lastAt = e.ReceivedAt;
            if (at is { } time ? e.ReceivedAt <= time : e.Sequence <= sequence)
            {
                last = e.Sequence;
            }
        }

        if (at is { } asked && (asked < firstAt || asked > lastAt))
        {
            throw new InvalidDataException(
                $"--at {EventFormatter.Time(asked)}: the journal {directory} covers {EventFormatter.Time(firstAt)} to {EventFormatter.Time(lastAt)}");
        }

        return at is not null || last == sequence
            ? last
            : throw new InvalidDataException($"--event {sequence}: the journal {directory} has events 0 to {last}");
    }

    /// <summary>
    /// What a strategy saw while it said nothing is in no record: the run is repeated with its code, which lies beside the
    /// journal or in this build.
    /// </summary>
    private static Finding WithCode(string directory, StrategyId strategy, SilenceStory story, long last)
    {
        PosixStorage storage = new();
        Lineage? lineage = null;
        foreach (Lineage known in Lineage.Of(storage, directory))
        {
            lineage = known.Sequence <= last && known.HasBegun ? known : lineage;
        }

        EngineConfiguration configuration;
        DecisionPipeline pipeline;
        try
        {
            configuration = lineage!.Configuration(directory);
            pipeline = ReplayStart.PipelineOf(directory, lineage, configuration);
        }
        catch (InvalidDataException missing)
        {
            return new Finding(
                Silence.NothingStated,
                -1,
                "it stated nothing new; whether it was not ready cannot be told without its code: " + missing.Message);
        }

        using JournalReader reader = new(storage, directory, new ReadOptions { From = lineage.Sequence });
        Event e = default;
        Decision decision = default;
        long lastCall = -1;
        long calls = 0;
        StrategyContext context = pipeline.ContextOf(strategy);
        while (reader.Read(ref e) == ReadResult.Event && e.Sequence <= last)
        {
            pipeline.OnEvent(e, ref decision);
            if (context.Calls(story.Instrument) != calls)
            {
                calls = context.Calls(story.Instrument);
                lastCall = e.Sequence;
            }
        }

        if (!context.IsReady(story.Instrument))
        {
            return new Finding(
                Silence.NotReady,
                -1,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it had not warmed up: {Missing(context, configuration, strategy, story.Instrument)}; {context.Refused(story.Instrument)} wishes were not taken"));
        }

        string told = string.Create(
            CultureInfo.InvariantCulture, $"it was called {calls} times for it, last at event {lastCall}");
        return calls == 0
            ? new Finding(Silence.NoEvent, -1, "no event of the instrument was one that the strategy is called for")
            : new Finding(
                Silence.NothingStated,
                lastCall,
                story.Wish is { } wish
                    ? string.Create(CultureInfo.InvariantCulture, $"it stated nothing new since event {wish.Sequence}; {told}")
                    : $"it stated nothing; {told}");
    }

    private static string Missing(
        StrategyContext context, EngineConfiguration configuration, StrategyId strategy, InstrumentId instrument)
    {
        List<string> missing = [];
        Strategy code = configuration.Library.Create(configuration.Strategies[strategy.Value - 1].Parameters);
        foreach (TimeframeRole role in code.Roles)
        {
            int bars = context.MissingBars(instrument, role);
            if (context.IsInterrupted(instrument, role))
            {
                missing.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"role {role.Name} waits for its next bar of {role.Timeframe / 1_000_000} ms: data was missing"));
            }
            else if (bars != 0)
            {
                missing.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"role {role.Name} has seen {role.WarmUpBars - bars} of {role.WarmUpBars} bars of {role.Timeframe / 1_000_000} ms"));
            }
        }

        return string.Join(", ", missing);
    }
}
