using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Ring;
using LowLatency.Gateways;

namespace LowLatency.Engine.Running;

/// <summary>Event to disk. Nothing to do when the run keeps no journal.</summary>
internal readonly struct JournalHandler(Recorder recorder) : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch) => recorder.Append(data);
}

/// <summary>The whole causal step on one thread.</summary>
internal readonly struct DecideHandler(
    DecisionPipeline pipeline, SideBuffer<Decision> decisions, IDecisionObserver? observer) : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        pipeline.OnEvent(data, ref decisions[sequence]);
        observer?.OnDecided(data, decisions[sequence], pipeline);
    }
}

/// <summary>Fold and first stage on a thread of their own.</summary>
internal readonly struct SignalHandler(DecisionPipeline pipeline, SideBuffer<Decision> decisions) : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        pipeline.Fold(data, ref decisions[sequence]);
        pipeline.Signal(data, ref decisions[sequence]);
    }
}

/// <summary>Second stage on a thread of its own.</summary>
internal readonly struct ArbitrationHandler(DecisionPipeline pipeline, SideBuffer<Decision> decisions)
    : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch) =>
        pipeline.Arbitrate(data, ref decisions[sequence]);
}

/// <summary>Third stage on a thread of its own.</summary>
internal readonly struct RiskHandler(DecisionPipeline pipeline, SideBuffer<Decision> decisions) : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch) =>
        pipeline.Rule(data, ref decisions[sequence]);
}

/// <summary>Fourth stage on a thread of its own.</summary>
internal readonly struct OrderHandler(
    DecisionPipeline pipeline, SideBuffer<Decision> decisions, IDecisionObserver? observer) : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        pipeline.Order(data, ref decisions[sequence]);
        observer?.OnDecided(data, decisions[sequence], pipeline);
    }
}

/// <summary>Decisions to the audit log, to the rolling digest and to the counts of the result.</summary>
internal readonly struct AuditHandler(Recorder recorder, RunCounts counts, SideBuffer<Decision> decisions)
    : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        ref Decision decision = ref decisions[sequence];
        counts.Add(data, decision);
        recorder.Audit(data, decision);
    }
}

/// <summary>
/// The gate: shows the venue every event and hands it the commands, once their cause is journaled as the durability mode
/// asks.
/// </summary>
internal readonly struct GatewayHandler(IVenue venue, Recorder recorder, SideBuffer<Decision> decisions)
    : IEventHandler<Event>
{
    public void OnEvent(ref Event data, long sequence, bool endOfBatch)
    {
        venue.OnEvent(data);
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

        for (int i = 0; i < decision.CommandCount; i++)
        {
            venue.Submit(decision.Commands[i], sequence, data.ReceivedAt);
        }
    }
}
