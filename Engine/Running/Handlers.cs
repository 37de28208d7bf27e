using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Ring;
using LowLatency.Engine.Latency;
using LowLatency.Gateways;

namespace LowLatency.Engine.Running;

/// <summary>Event to disk. Nothing to do when the run keeps no journal.</summary>
internal readonly struct JournalHandler<TLaps>(Recorder recorder, TLaps laps) : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        recorder.Append(data);
        laps.Lap(Hop.Journal);
    }
}

/// <summary>The whole causal step on one thread.</summary>
internal readonly struct DecideHandler<TLaps>(
    DecisionPipeline pipeline, SideBuffer<Decision> decisions, TLaps laps, IDecisionObserver? observer) : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        ref Decision decision = ref decisions[sequence];
        laps.Resume();
        pipeline.Fold(data, ref decision);
        laps.Lap(Hop.Fold);
        pipeline.Signal(data, ref decision);
        laps.Lap(Hop.Signal);
        pipeline.Arbitrate(data, ref decision);
        laps.Lap(Hop.Arbitration);
        pipeline.Rule(data, ref decision);
        laps.Lap(Hop.Risk);
        pipeline.Order(data, ref decision);
        laps.Lap(Hop.Order);
        observer?.OnDecided(data, decision, pipeline);
    }
}

/// <summary>Fold and first stage on a thread of their own.</summary>
internal readonly struct SignalHandler<TLaps>(DecisionPipeline pipeline, SideBuffer<Decision> decisions, TLaps laps)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        pipeline.Fold(data, ref decisions[sequence]);
        laps.Lap(Hop.Fold);
        pipeline.Signal(data, ref decisions[sequence]);
        laps.Lap(Hop.Signal);
    }
}

/// <summary>Second stage on a thread of its own.</summary>
internal readonly struct ArbitrationHandler<TLaps>(DecisionPipeline pipeline, SideBuffer<Decision> decisions, TLaps laps)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        pipeline.Arbitrate(data, ref decisions[sequence]);
        laps.Lap(Hop.Arbitration);
    }
}

/// <summary>Third stage on a thread of its own.</summary>
internal readonly struct RiskHandler<TLaps>(DecisionPipeline pipeline, SideBuffer<Decision> decisions, TLaps laps)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        pipeline.Rule(data, ref decisions[sequence]);
        laps.Lap(Hop.Risk);
    }
}

/// <summary>Fourth stage on a thread of its own.</summary>
internal readonly struct OrderHandler<TLaps>(
    DecisionPipeline pipeline, SideBuffer<Decision> decisions, TLaps laps, IDecisionObserver? observer) : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        pipeline.Order(data, ref decisions[sequence]);
        laps.Lap(Hop.Order);
        observer?.OnDecided(data, decisions[sequence], pipeline);
    }
}

/// <summary>Decisions to the audit log, to the rolling digest and to the counts of the result.</summary>
internal readonly struct AuditHandler<TLaps>(Recorder recorder, RunCounts counts, SideBuffer<Decision> decisions, TLaps laps)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        ref Decision decision = ref decisions[sequence];
        laps.Resume();
        counts.Add(data, decision);
        recorder.Audit(data, decision);
        laps.Lap(Hop.Audit);
    }
}

/// <summary>
/// The gate: shows the venue every event and hands it the commands, once their cause is journaled as the durability mode
/// asks.
/// </summary>
internal readonly struct GatewayHandler<TLaps>(IVenue venue, Recorder recorder, SideBuffer<Decision> decisions, TLaps laps)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        laps.Resume();
        venue.OnEvent(data);
        laps.Lap(Hop.Venue);
        ref Decision decision = ref decisions[sequence];
        if (decision.CommandCount == 0)
        {
            return;
        }

        SpinWait wait = default;
        while (!recorder.IsSafe(sequence))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        laps.Lap(Hop.Gate);
        for (int i = 0; i < decision.CommandCount; i++)
        {
            venue.Submit(decision.Commands[i], sequence, data.ReceivedAt);
            laps.Lap(Hop.Send);
        }
    }
}

/// <summary>All of it on one thread, in the order in which the consumers of several threads wait for one another.</summary>
internal readonly struct WholeHandler<TLaps>(
    JournalHandler<TLaps> journal, DecideHandler<TLaps> decide, AuditHandler<TLaps> audit, GatewayHandler<TLaps> gateway)
    : IEventHandler<Event>
    where TLaps : struct, ILaps<TLaps>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        journal.OnEvent(ref data, sequence, endOfBatch);
        decide.OnEvent(ref data, sequence, endOfBatch);
        audit.OnEvent(ref data, sequence, endOfBatch);
        gateway.OnEvent(ref data, sequence, endOfBatch);
    }
}
