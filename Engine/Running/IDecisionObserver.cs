using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;

namespace LowLatency.Engine.Running;

/// <summary>
/// Sees each event once its four stages are done, on the thread that decided, before the next event is looked at. It may
/// read everything and change nothing: no digest knows whether one is there.
/// </summary>
internal interface IDecisionObserver
{
    /// <summary>An event is decided.</summary>
    /// <param name="e">The event.</param>
    /// <param name="decision">Its sections.</param>
    /// <param name="pipeline">The state after it.</param>
    void OnDecided(in Event e, in Decision decision, DecisionPipeline pipeline);
}
