using System;
using BenchmarkDotNet.Attributes;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Sim;

namespace LowLatency.Bench;

/// <summary>
/// The causal step. The book messages of a market are played on a pipeline that has seen it: through the fold alone, then
/// with the strategies; and the whole market through all stages, with whatever it makes the strategies wish.
/// </summary>
public class PipelineBenchmarks
{
    internal const int Events = 1 << 14;

    private readonly Event[] _quiet = new Event[Events];
    private DecisionPipeline _pipeline = null!;
    private SimulatedVenue _venue = null!;
    private LoopedMarket _market = null!;
    private Decision _decision;
    private Event _event;
    private Event _report;
    private long _now;

    [GlobalSetup]
    public void Fill()
    {
        _pipeline = PipelineFactory.Pipeline(Rig.Configuration());
        _venue = PipelineFactory.Venue(Rig.Configuration());
        _market = LoopedMarket.Make(Rig.Configuration().Generator!, Events * 4);
        int quiet = 0;
        while (quiet < Events)
        {
            Next();
            if (_event.Kind == EventKind.BookLevels)
            {
                _quiet[quiet++] = _event;
            }
        }

        // From the first snapshot on and in order, so that the books stay whole when they are played over and over.
        foreach (ref Event e in _quiet.AsSpan())
        {
            e.ReceivedAt = _event.ReceivedAt;
        }
    }

    /// <summary>Fold of a book event and nothing else.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Fold()
    {
        foreach (ref readonly Event e in _quiet.AsSpan())
        {
            _pipeline.Fold(e, ref _decision);
        }

        return _decision.SignalCount;
    }

    /// <summary>Fold and strategies.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long FoldAndSignal()
    {
        foreach (ref readonly Event e in _quiet.AsSpan())
        {
            _pipeline.Fold(e, ref _decision);
            _pipeline.Signal(e, ref _decision);
        }

        return _decision.SignalCount;
    }

    /// <summary>The last three stages when there is nothing to do for them: what every event pays.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long IdleStages()
    {
        _decision.Clear();
        foreach (ref readonly Event e in _quiet.AsSpan())
        {
            _pipeline.Arbitrate(e, ref _decision);
            _pipeline.Rule(e, ref _decision);
            _pipeline.Order(e, ref _decision);
        }

        return _decision.CommandCount;
    }

    /// <summary>The canonical market through the whole step, the venue's answers included.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public long Market()
    {
        long commands = 0;
        for (int i = 0; i < Events; i++)
        {
            Next();
            commands += _decision.CommandCount;
        }

        return commands;
    }

    private void Next()
    {
        _market.Read(ref _event);
        _event.ReceivedAt += 1;
        while (_venue.NextDue < _event.ReceivedAt)
        {
            if (_venue.Poll(_venue.NextDue, ref _report))
            {
                Step(ref _report);
            }
        }

        Step(ref _event);
    }

    private void Step(ref Event e)
    {
        e.Sequence = _now++;
        _pipeline.OnEvent(e, ref _decision);
        _venue.OnEvent(e);
        for (int i = 0; i < _decision.CommandCount; i++)
        {
            _venue.Submit(_decision.Commands[i], e.Sequence, e.ReceivedAt);
        }
    }
}
