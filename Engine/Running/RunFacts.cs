using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Gateways.Sim;

namespace LowLatency.Engine.Running;

/// <summary>What the next run must know of the events that were, besides what pipeline and venue remember.</summary>
internal sealed class RunFacts : IStateful
{
    private Digest128 _market;
    private long _next;
    private long _marketEvents;
    private long _now = long.MinValue;
    private ulong _venueOrders;
    private ulong _venueExecutions;
    private int _cashMoved;
    private int _waiting;

    /// <summary>Sequence of the event that comes next.</summary>
    internal long Next => _next;

    /// <summary>Events of the market input: the next run leaves so many out.</summary>
    internal long MarketEvents => _marketEvents;

    /// <summary>What these were: the next run must leave out the same.</summary>
    internal Digest Market => _market.Finish();

    /// <summary>Entries of the opening cash that were paid in.</summary>
    internal int CashMoved => _cashMoved;

    /// <summary>ReceivedAt of the last event.</summary>
    internal long Now => _now;

    /// <summary>Lanes that wait for a Continue event.</summary>
    internal byte Waiting => (byte)_waiting;

    /// <summary>Highest number that the simulated venue gave to an order.</summary>
    internal ulong VenueOrders => _venueOrders;

    /// <summary>Highest number that the simulated venue gave to an execution.</summary>
    internal ulong VenueExecutions => _venueExecutions;

    /// <summary>Folds an event.</summary>
    internal void Add(in Event e)
    {
        _next = e.Sequence + 1;
        _now = e.ReceivedAt;
        if (SessionInputs.IsMarket(e))
        {
            _marketEvents++;
            MarketIdentity.Add(ref _market, e);
            return;
        }

        switch (e.Kind)
        {
            case EventKind.CashMoved:
                _cashMoved++;
                break;
            case EventKind.Execution when e.Execution.ExecutionId.High == SimulatedVenue.IdTag:
                _venueExecutions = Math.Max(_venueExecutions, e.Execution.ExecutionId.Low);
                break;
            case EventKind.OrderReport when e.OrderReport.VenueOrder.High == SimulatedVenue.IdTag:
                _venueOrders = Math.Max(_venueOrders, e.OrderReport.VenueOrder.Low);
                break;
        }
    }

    /// <summary>The order stage has said how many lanes wait.</summary>
    internal void Wait(byte waiting) => _waiting = waiting;

    /// <summary>Takes another's facts over.</summary>
    internal void Become(RunFacts other)
    {
        StateWriter writer = new(256);
        other.Visit(writer);
        Visit(new StateReader(writer.Written.ToArray()));
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        _market.Visit(visitor);
        visitor.Visit(ref _next);
        visitor.Visit(ref _marketEvents);
        visitor.Visit(ref _now);
        visitor.Visit(ref _venueOrders);
        visitor.Visit(ref _venueExecutions);
        visitor.Visit(ref _cashMoved);
        visitor.Visit(ref _waiting);
    }
}
