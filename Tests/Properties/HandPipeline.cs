using System;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders;
using LowLatency.Core.Orders.Styles;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Properties;

/// <summary>What can be wrong with a pipeline on purpose.</summary>
internal enum Plant
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Risk does not see what is in flight and working.</summary>
    BlindToOrders,

    /// <summary>Risk is not told of orders that were sent.</summary>
    BlindToRate,

    /// <summary>Operators are not heard.</summary>
    DeafToOperators,

    /// <summary>An order of which nobody knows whether it left is taken for one that did not.</summary>
    UnknownTakenForDead,

    /// <summary>Breakers do not hear of refusals.</summary>
    DeafToRejects,

    /// <summary>Risk does not see at which prices our orders stand.</summary>
    BlindToPrices,

    /// <summary>Breakers that tripped forget it now and then, as at midnight.</summary>
    BreakersForget,
}

/// <summary>The stages put together by hand, so that a wire between them can be left out.</summary>
internal sealed class HandPipeline
{
    private readonly Plant _plant;
    private readonly Exposure _exposure;
    private readonly SignalStage _signal;
    private readonly ArbitrationStage _arbitration;
    private readonly InternalCrossing _crossing;
    private readonly OrderStage _order;

    internal HandPipeline(PipelineSettings settings, Plant plant, Func<ParentOrders, IChildPlanner>? planner = null)
    {
        _plant = plant;
        LaneTable lanes = new();
        Exposure exposure = new();
        _exposure = exposure;
        Market = new MarketView(settings.Timeframes, settings.BarGrace, guard: settings.Guard);
        Portfolio = new PortfolioLedger(Market);
        Orders = new OrderTable(exposure);
        Parents = new ParentOrders(settings.Execution, Market, exposure, Orders, lanes);
        _signal = new SignalStage(Market, Portfolio, settings.Strategies, settings.Execution, settings.RewarmAfter);
        _arbitration = new ArbitrationStage(settings.Arbitration, Market, Portfolio, lanes, settings.Execution);
        Risk = RiskWith(plant == Plant.BlindToOrders ? new Exposure() : exposure);
        RiskStage told = plant == Plant.BlindToRate ? RiskWith(exposure) : Risk;
        _crossing = new InternalCrossing(Market, Portfolio, _arbitration, Risk, exposure, lanes);
        _order = new OrderStage(Orders, Portfolio, _arbitration, told, lanes, Parents, Market, settings.Risk.RetryInterval);

        RiskStage RiskWith(Exposure seen) => new(
            settings.Risk, Market, Portfolio, seen, lanes, _arbitration.Muted, _arbitration.Brackets, planner?.Invoke(Parents) ?? Parents);
    }

    internal MarketView Market { get; }

    internal PortfolioLedger Portfolio { get; }

    internal OrderTable Orders { get; }

    internal ParentOrders Parents { get; }

    internal RiskStage Risk { get; }

    internal void OnEvent(in Event said, ref Decision decision)
    {
        Event e = said;
        if (_plant == Plant.UnknownTakenForDead
            && e.Kind == EventKind.CommandOutcome
            && e.CommandOutcome.Outcome == Outcome.Unknown)
        {
            e.CommandOutcome.Outcome = Outcome.NotSent;
        }

        decision.Clear();
        Portfolio.BeginEvent(e.Sequence);
        Market.Apply(e);
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                Portfolio.Define(e.Instrument, e.InstrumentDefined);
                Risk.Define(e.Instrument, e.InstrumentDefined.Symbol);
                break;
            case EventKind.CashMoved:
                Portfolio.Move(e.CashMoved);
                break;
            case EventKind.CashBooked:
                Portfolio.Book(e.Instrument, e.CashBooked);
                break;
            case EventKind.EpochStarted:
                _order.Begin(e.EpochStarted.Epoch);
                break;
            case EventKind.Operator when _plant != Plant.DeafToOperators:
                Risk.Obey(e.Operator.Verb, e.Operator.Strategy);
                break;
            case EventKind.CommandOutcome:
            case EventKind.OrderReport:
            case EventKind.Execution:
                _order.Fold(e);
                break;
        }

        Portfolio.Mark(e);
        if (_plant != Plant.DeafToRejects || e.Kind != EventKind.OrderReport)
        {
            Risk.Watch(e);
        }

        Parents.See(e);

        if (_plant == Plant.BreakersForget && e.Sequence % 7 == 0)
        {
            Risk.Obey(OperatorVerb.ResetBreakers);
        }

        if (_plant == Plant.BlindToPrices)
        {
            HidePrices();
        }

        _crossing.See(e);
        _signal.OnEvent(e, ref decision);
        _arbitration.OnEvent(e, ref decision);
        Risk.OnEvent(e, ref decision);
        _order.OnEvent(e, ref decision);
    }

    private void HidePrices()
    {
        for (ushort lane = 0; lane < 2 * 4; lane++)
        {
            InstrumentId instrument = new((ushort)(1 + (lane / 4)));
            StrategyId owner = new((ushort)(lane % 4));
            foreach (Side side in (Side[])[Side.Buy, Side.Sell])
            {
                int place = Orders.LiveInLane(instrument, owner, side);
                if (place >= 0)
                {
                    _exposure.SetPrice(instrument, owner, side, Orders[place].Price, side == Side.Buy ? 1 : long.MaxValue);
                }
            }
        }
    }
}
