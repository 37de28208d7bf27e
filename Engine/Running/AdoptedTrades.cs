using System;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// Hands open trades from one pipeline to another, so that what protected a position protects it from the first event on: what it
/// cost, since when it is open, the best price that it has seen, and the stop and target of the wish that it serves.
/// </summary>
internal static class AdoptedTrades
{
    /// <summary>Reads an open trade off a pipeline.</summary>
    internal static void Capture(
        DecisionPipeline pipeline, StrategyId strategy, InstrumentId instrument, string name, PortableState state)
    {
        RoundTrip trip = pipeline.Portfolio.Trips.Of(strategy, instrument);
        if (trip.Quantity == 0)
        {
            return;
        }

        Bracket bracket = pipeline.Arbitration.Brackets.Of(strategy, instrument, trip.Quantity);
        state.Trades.Add(new PortableTrade
        {
            Strategy = name,
            Instrument = instrument.Value,
            Quantity = trip.Quantity,
            Cost = trip.Cost,
            Flow = trip.Flow,
            OpenedAt = trip.OpenedAt,
            OpenedPrice = trip.OpenedPrice,
            OpenedSequence = trip.OpenedSequence,
            BestProfit = trip.Best,
            WorstProfit = trip.Worst,
            Best = pipeline.Risk.BestOf(strategy, instrument),
            StopPrice = bracket.StopPrice,
            TakePrice = bracket.TakePrice,
            StopBps = bracket.StopBps,
            TakeBps = bracket.TakeBps,
        });
    }

    /// <summary>Opens them in a fresh pipeline whose positions and parts were taken over already.</summary>
    /// <param name="state">The state; an older layout tells no trades: they are made of its parts at the position's average cost.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="idOf">The strategy of a name; the house for one that is not there.</param>
    internal static void Apply(PortableState state, DecisionPipeline pipeline, Func<string, StrategyId> idOf)
    {
        foreach (PortableTrade trade in state.Trades)
        {
            StrategyId strategy = idOf(trade.Strategy);
            InstrumentId instrument = new((ushort)trade.Instrument);
            if (strategy == StrategyId.House || pipeline.Portfolio.Part(strategy, instrument).Quantity != trade.Quantity)
            {
                continue;
            }

            pipeline.Portfolio.Trips.Adopt(strategy, instrument, new RoundTrip
            {
                Quantity = trade.Quantity,
                Cost = trade.Cost,
                Flow = trade.Flow,
                OpenedAt = trade.OpenedAt,
                OpenedPrice = trade.OpenedPrice,
                OpenedSequence = trade.OpenedSequence,
                Best = trade.BestProfit,
                Worst = trade.WorstProfit,
            });
            pipeline.Risk.Adopt(strategy, instrument, trade.Best);
            pipeline.Arbitration.Brackets.Adopt(strategy, instrument, Math.Sign(trade.Quantity), new Bracket(
                trade.StopPrice, trade.TakePrice, (ushort)trade.StopBps, (ushort)trade.TakeBps));
        }

        foreach (PortablePart part in state.Parts)
        {
            InstrumentId instrument = new((ushort)part.Instrument);
            StrategyId strategy = idOf(part.Strategy);
            if (strategy != StrategyId.House
                && pipeline.Portfolio.Part(strategy, instrument).Quantity != 0
                && pipeline.Portfolio.Trips.Of(strategy, instrument).Quantity == 0
                && TryMake(state, pipeline.Portfolio, strategy, instrument, out RoundTrip made))
            {
                pipeline.Portfolio.Trips.Adopt(strategy, instrument, made);
            }
        }
    }

    private static bool TryMake(
        PortableState state, PortfolioLedger portfolio, StrategyId strategy, InstrumentId instrument, out RoundTrip made)
    {
        made = default;
        Position whole = portfolio.Position(instrument);
        long part = portfolio.Part(strategy, instrument).Quantity;
        PortableInstrument? rules = state.Instruments.Find(i => i.Instrument == instrument.Value);
        if (whole.Quantity == 0 || rules is null || rules.Kind == (long)InstrumentKind.Inverse)
        {
            return false;
        }

        int shift = (int)(rules.PriceExponent + rules.QuantityExponent) - Money.Exponent;
        Int128 cost = (Int128)whole.Cost * part / whole.Quantity;
        Int128 price = shift >= 0
            ? cost * Instrument.PowerOf10(shift) / ((Int128)part * rules.Multiplier)
            : cost / ((Int128)part * rules.Multiplier * Instrument.PowerOf10(-shift));
        made = new RoundTrip
        {
            Quantity = part,
            Cost = (long)cost,
            Flow = -(long)cost,
            OpenedAt = state.Now,
            OpenedPrice = (long)price,
        };
        return price > 0;
    }
}
