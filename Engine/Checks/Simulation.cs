using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Engine.Running;

namespace LowLatency.Engine.Checks;

/// <summary>A backtest that leaves nothing behind.</summary>
internal static class Simulation
{
    /// <summary>Runs a configuration on a market with somebody who watches.</summary>
    internal static void Run(EngineConfiguration configuration, IEventSource market, IDecisionObserver observer)
    {
        using Session session = Of(configuration, market, observer);
        session.RunToEnd();
    }

    /// <summary>Runs a configuration on a market and tells what it came to.</summary>
    internal static RunReport Report(EngineConfiguration configuration, IEventSource market)
    {
        Performance performance = new();
        using Session session = Of(configuration, market, performance);
        session.RunToEnd();
        return RunReport.Of(session.Finish(), performance, session.Pipeline, configuration);
    }

    private static Session Of(EngineConfiguration configuration, IEventSource market, IDecisionObserver observer) => new(
        new SessionPlan
        {
            Configuration = configuration,
            Inputs = market,
            Topology = configuration.Session.Topology with { Mode = TopologyMode.Inline },
            Observer = observer,
        });
}
