using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Gateways.Sim;
using LowLatency.Journal.Snapshots;

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

    /// <summary>Writes what outlives a build into a portable state.</summary>
    internal void Give(PortableState state)
    {
        Ulongs words = new();
        _market.Visit(words);
        state.Next = _next;
        state.Now = _now;
        state.MarketEvents = _marketEvents;
        state.Market.AddRange(words.Words);
        state.VenueOrders = _venueOrders;
        state.VenueExecutions = _venueExecutions;
    }

    /// <summary>Goes on from a portable state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="openingCash">Entries of opening cash that must not be paid in again.</param>
    internal void Take(PortableState state, int openingCash)
    {
        _market.Visit(new Ulongs(state.Market));
        _next = state.Next;
        _now = state.Now;
        _marketEvents = state.MarketEvents;
        _venueOrders = state.VenueOrders;
        _venueExecutions = state.VenueExecutions;
        _cashMoved = openingCash;
        _waiting = 0;
    }

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

    /// <summary>Collects the words of a digest, or hands them back.</summary>
    private sealed class Ulongs(IReadOnlyList<ulong>? restored = null) : StateVisitor
    {
        private int _taken;

        internal List<ulong> Words { get; } = [];

        public override void Bytes(Span<byte> bytes)
        {
            if (restored is null)
            {
                Words.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            }
            else
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, restored[_taken++]);
            }
        }
    }
}
