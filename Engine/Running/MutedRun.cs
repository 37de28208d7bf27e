using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Pipeline;
using LowLatency.Engine.Configuration;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Running;

/// <summary>
/// Pipeline and simulated venue brought along by recorded events, with the gateway muted: what the venue says must be
/// what was recorded. Recovery and the follower of a run are both this. What a real venue said is repeated by nobody: a live
/// run has no venue here.
/// </summary>
internal sealed class MutedRun(DecisionPipeline pipeline, SimulatedVenue? venue, RunCounts counts) : IStateful
{
    private Decision _decision;

    internal DecisionPipeline Pipeline { get; } = pipeline;

    /// <summary>The simulated venue; null of a live run.</summary>
    internal SimulatedVenue? Venue { get; } = venue;

    internal RunCounts Counts { get; } = counts;

    internal RunFacts Facts { get; } = new();

    /// <summary>The sections of the last event.</summary>
    internal ref Decision Last => ref _decision;

    /// <summary>One that has seen nothing yet.</summary>
    internal static MutedRun Of(EngineConfiguration configuration, bool isLive = false) => new(
        PipelineFactory.Pipeline(configuration), isLive ? null : PipelineFactory.Venue(configuration), new RunCounts());

    /// <summary>Another one in the same state.</summary>
    internal MutedRun Copy(EngineConfiguration configuration)
    {
        MutedRun copy = Of(configuration, Venue is null);
        StateWriter writer = new(1 << 22);
        Visit(writer);
        StateReader reader = new(writer.Written.ToArray());
        copy.Visit(reader);
        Ensure.That(reader.AtEnd, "a copied run is longer than its walk");
        return copy;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        Pipeline.Visit(visitor);
        Venue?.Visit(visitor);
        Counts.Visit(visitor);
        Facts.Visit(visitor);
    }

    /// <summary>Takes one recorded event.</summary>
    /// <exception cref="BrokenInvariantException">The venue says otherwise.</exception>
    internal void Step(in Event e)
    {
        if (e.Source == EventSource.SimulatedVenue)
        {
            Expect(e);
        }

        Pipeline.OnEvent(e, ref _decision);
        Counts.Add(e, _decision);
        Facts.Add(e);
        Facts.Wait(_decision.Waiting);
        Venue?.OnEvent(e);
        for (int i = 0; i < _decision.CommandCount; i++)
        {
            Venue?.Submit(_decision.Commands[i], e.Sequence, e.ReceivedAt);
        }
    }

    /// <summary>The venue must say again what it said.</summary>
    private void Expect(in Event recorded)
    {
        Event again = default;
        bool said = false;
        while (!said && Venue is not null && Venue.NextDue <= recorded.ReceivedAt)
        {
            said = Venue.Poll(Venue.NextDue, ref again);
        }

        again.Sequence = recorded.Sequence;
        if (!said || !Bytes(again).SequenceEqual(Bytes(recorded)))
        {
            throw new BrokenInvariantException(
                $"event {recorded.Sequence}: the simulated venue does not repeat its report");
        }
    }

    private static ReadOnlySpan<byte> Bytes(in Event e) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e));
}
