using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Generator;

namespace LowLatency.Engine.Sweeps;

/// <summary>
/// Runs the points of a sweep on all processors. Which thread runs which point, and in what order, changes nothing: each
/// run is a backtest of its own, and the table is made of all of them in the order of the points.
/// </summary>
internal sealed class SweepRun
{
    /// <summary>Most walk-forward windows.</summary>
    internal const int WindowsMax = 10_000;

    /// <summary>The figures that are kept of each run, besides the objective.</summary>
    internal static IReadOnlyList<string> Kept { get; } =
    [
        "profit_money", "return_ppm", "max_drawdown_ppm", "sharpe_annualised_365d", "trades_closed_count", "hit_rate_ppm",
        "profit_factor_ratio", "fees_money", "turnover_money",
    ];

    private readonly EngineConfiguration _base;
    private readonly JsonNode _json;
    private readonly Action<int, int>? _progress;
    private readonly int _threads;

    /// <summary>Prepares a sweep.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="configuration">Its configuration.</param>
    /// <param name="threads">Runs at the same time.</param>
    /// <param name="progress">Told how many runs of how many are done; may be called by any thread, by one at a time.</param>
    /// <exception cref="InvalidDataException">A parameter is not in the configuration, or there is no market with an end.</exception>
    internal SweepRun(SweepPlan plan, EngineConfiguration configuration, int threads, Action<int, int>? progress = null)
    {
        Plan = plan;
        _base = configuration;
        _json = JsonNode.Parse(configuration.ToCanonicalJson())!;
        _threads = threads;
        _progress = progress;
        foreach (SweepAxis axis in plan.Axes)
        {
            if (!ConfigurationPath.TrySet(_json.DeepClone(), axis.Path, axis.Values[0]))
            {
                throw new InvalidDataException(
                    $"{axis.Path}: the configuration has no such value; \"config FILE\" prints all that it has");
            }
        }

        if (plan.Data is null && configuration.Generator is not ({ MaxEvents: not 0 } or { MaxDuration: not 0 }))
        {
            throw new InvalidDataException("data is missing, and the configuration has no generator section with an end");
        }
    }

    internal SweepPlan Plan { get; }

    /// <summary>Runs that were made now, not read from a log.</summary>
    internal int Executed { get; private set; }

    /// <summary>The walk-forward windows; one without bounds when there are none.</summary>
    internal IReadOnlyList<(long From, long Middle, long To)> Windows { get; private set; } = [];

    /// <summary>SHA-256 of all that shapes the results.</summary>
    internal string Identity()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(Plan.Text));
        hash.AppendData(SHA256.HashData(_base.ToDecisionJson()));
        hash.AppendData(Encoding.ASCII.GetBytes(BuildIdentity.Text));
        hash.AppendData(Encoding.ASCII.GetBytes(Plan.Data is null ? "seed" : JournalIdentity.Of(Plan.Data)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Makes the runs that the log does not have.</summary>
    /// <returns>Every run, in order: for walk-forward all training runs of a window and its test, window by window.</returns>
    internal IReadOnlyList<(SweepJob Job, SweepOutcome Outcome)> Run(SweepLog log)
    {
        Windows = Plan.WalkForward is { } walk ? WindowsOf(walk) : [];
        List<SweepJob> jobs = [];
        if (Windows.Count == 0)
        {
            for (int point = 0; point < Plan.Points.Count; point++)
            {
                jobs.Add(new SweepJob(point, -1, false, long.MinValue, long.MaxValue));
            }

            Execute(log, jobs, jobs.Count);
        }
        else
        {
            int total = Windows.Count * (Plan.Points.Count + 1);
            for (int window = 0; window < Windows.Count; window++)
            {
                for (int point = 0; point < Plan.Points.Count; point++)
                {
                    jobs.Add(new SweepJob(point, window, false, Windows[window].From, Windows[window].Middle));
                }
            }

            Execute(log, jobs, total);
            List<SweepJob> tests = [];
            for (int window = 0; window < Windows.Count; window++)
            {
                if (Best(log, jobs, window) is { } best)
                {
                    tests.Add(new SweepJob(best.Point, window, true, Windows[window].Middle, Windows[window].To));
                }
            }

            Execute(log, tests, total);
            jobs.AddRange(tests);
        }

        List<(SweepJob, SweepOutcome)> all = [];
        foreach (SweepJob job in jobs)
        {
            all.Add((job, log.Finished[job.Name]));
        }

        return all;
    }

    /// <summary>The objective of a run as a number; null when it has none.</summary>
    internal double? ObjectiveOf(SweepOutcome outcome) =>
        outcome.Figures.GetValueOrDefault(Plan.Objective) is { } text
            ? double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The training run of a window with the highest objective; of equals the first.</summary>
    private SweepJob? Best(SweepLog log, List<SweepJob> jobs, int window)
    {
        SweepJob? best = null;
        double highest = double.NegativeInfinity;
        foreach (SweepJob job in jobs)
        {
            if (job.Window == window && ObjectiveOf(log.Finished[job.Name]) is { } value && value > highest)
            {
                highest = value;
                best = job;
            }
        }

        return best;
    }

    private void Execute(SweepLog log, List<SweepJob> jobs, int total)
    {
        Batch batch = new(log, jobs.FindAll(job => !log.Finished.ContainsKey(job.Name)), total);
        Thread[] workers = new Thread[Math.Min(_threads, batch.Left.Count)];
        for (int i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(() => Work(batch))
            {
                IsBackground = true,
                Name = "sweep " + i.ToString(CultureInfo.InvariantCulture),
            };
            workers[i].Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        Executed += batch.Done;
        if (batch.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>One thread: it takes what is next until nothing is left or somebody has failed.</summary>
    private void Work(Batch batch)
    {
        while (batch.TryTake(out SweepJob? job))
        {
            try
            {
                batch.Add(Simulate(job), _progress);
            }
#pragma warning disable CA1031 // Thrown again by the thread that waits for the workers.
            catch (Exception e)
#pragma warning restore CA1031
            {
                batch.Fail(e);
            }
        }
    }

    /// <summary>Runs that several threads share out among them.</summary>
    private sealed class Batch(SweepLog log, List<SweepJob> left, int total)
    {
        private readonly Lock _gate = new();
        private int _next;

        internal List<SweepJob> Left => left;

        internal int Done { get; private set; }

        internal Exception? Failure { get; private set; }

        internal bool TryTake([NotNullWhen(true)] out SweepJob? job)
        {
            lock (_gate)
            {
                job = Failure is null && _next < left.Count ? left[_next++] : null;
                return job is not null;
            }
        }

        internal void Add(SweepOutcome outcome, Action<int, int>? progress)
        {
            lock (_gate)
            {
                log.Add(outcome);
                Done++;
                progress?.Invoke(log.Finished.Count, total);
            }
        }

        internal void Fail(Exception failure)
        {
            lock (_gate)
            {
                Failure ??= failure;
            }
        }
    }

    private SweepOutcome Simulate(SweepJob job)
    {
        JsonNode json = _json.DeepClone();
        for (int axis = 0; axis < Plan.Axes.Count; axis++)
        {
            ConfigurationPath.TrySet(json, Plan.Axes[axis].Path, Plan.Axes[axis].Values[Plan.Points[job.Point][axis]]);
        }

        ConfigurationReading reading = EngineConfiguration.FromJson(
            Encoding.UTF8.GetBytes(json.ToJsonString()), job.Name, _base.Library);
        if (!reading.TryGet(out EngineConfiguration? configuration))
        {
            return new SweepOutcome(
                job.Name, string.Join("; ", reading.Problems), string.Empty, false, new Dictionary<string, string?>());
        }

        IEventSource market = Market(configuration);
        try
        {
            RunReport report = Simulation.Report(
                configuration, job.Window < 0 ? market : new WindowedMarket(market, job.From, job.To));
            if (Plan.Data is not null && !Plan.AllowsNoFunding && report.Unfunded.Count != 0)
            {
                string refused = string.Join(", ", report.Unfunded)
                    + " was held without anybody telling its funding; allowed with \"noFunding\": true";
                return new SweepOutcome(job.Name, refused, string.Empty, false, new Dictionary<string, string?>());
            }

            return new SweepOutcome(
                job.Name,
                null,
                report.Result.DecisionDigest.ToString(),
                report.Result.Counts.IsSynthetic,
                FiguresOf(report));
        }
        finally
        {
            (market as IDisposable)?.Dispose();
        }
    }

    private SortedDictionary<string, string?> FiguresOf(RunReport report)
    {
        SortedDictionary<string, string?> figures = new(StringComparer.Ordinal);
        CurrencyPerformance? of = null;
        foreach (CurrencyPerformance currency in report.Figures.Currencies)
        {
            of ??= Plan.Currency is null || currency.Currency == Plan.Currency ? currency : null;
        }

        figures[Plan.Objective] = of?.Figures[Plan.Objective].Text;
        foreach (string name in Kept)
        {
            figures[name] = of?.Figures[name].Text;
        }

        return figures;
    }

    private IEventSource Market(EngineConfiguration configuration) =>
        Plan.Data is null ? new MarketGenerator(configuration.Generator!) : new RecordedMarket(Plan.Data);

    /// <summary>Windows that fit whole into the market's time, each a test stretch further than the one before.</summary>
    private List<(long From, long Middle, long To)> WindowsOf(WalkForward walk)
    {
        long first = long.MaxValue;
        long last = 0;
        IEventSource market = Market(_base);
        try
        {
            Event e = default;
            while (market.Read(ref e) == ReadResult.Event)
            {
                first = Math.Min(first, e.ReceivedAt);
                last = e.ReceivedAt;
            }
        }
        finally
        {
            (market as IDisposable)?.Dispose();
        }

        List<(long, long, long)> windows = [];
        for (long from = first; first <= last && from + walk.Train + walk.Test - 1 <= last; from += walk.Test)
        {
            windows.Add((from, from + walk.Train, from + walk.Train + walk.Test));
            if (windows.Count > WindowsMax)
            {
                throw new InvalidDataException($"walkForward: more than {WindowsMax} windows");
            }
        }

        return windows.Count != 0
            ? windows
            : throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"walkForward: the market spans {(last - first) / 1e9:F0} s, less than one window of {(walk.Train + walk.Test) / 1e9:F0} s"));
    }
}
