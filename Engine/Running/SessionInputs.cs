using LowLatency.Core.Events;

namespace LowLatency.Engine.Running;

/// <summary>What of a recorded run is input to the next one.</summary>
internal enum KeepInputs
{
    /// <summary>
    /// Everything but what is made again: reports of the simulated venue, Continue events, and what the reconciler wants told.
    /// </summary>
    WholeRun,

    /// <summary>The market alone: another configuration brings its own preamble, ticks and cash.</summary>
    MarketOnly,
}

/// <summary>The inputs among the events of a recorded run or a data set.</summary>
internal sealed class SessionInputs(IEventSource recorded, KeepInputs keep) : IEventSource
{
    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        while (true)
        {
            ReadResult result = recorded.Read(ref next);
            if (result != ReadResult.Event || IsKept(next))
            {
                return result;
            }
        }
    }

    /// <summary>True for market data: what a data set holds.</summary>
    /// <remarks>What the engine states again at the start of an epoch was market data before: it counts once.</remarks>
    internal static bool IsMarket(in Event e) => e.Source != EventSource.Engine
        && (e.Kind is EventKind.InstrumentDefined
            or EventKind.Trade
            or EventKind.Quote
            or EventKind.BookLevels
            or EventKind.Bar
            or EventKind.TradingStatus
            or EventKind.DerivativePrices
            or EventKind.CorporateAction
            || (e.Kind == EventKind.StreamState && e.StreamState.Stream == StreamContent.Market));

    private bool IsKept(in Event e) => keep == KeepInputs.MarketOnly
        ? IsMarket(e)
        : e.Source != EventSource.SimulatedVenue && e.Kind is not (EventKind.Continue or EventKind.Adjustment or EventKind.Protection)
            && (e.Kind != EventKind.ReadBack || e.ReadBack.Stage != ReadBackStage.Asked);
}
