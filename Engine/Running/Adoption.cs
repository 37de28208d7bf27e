using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Orders;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Journal.Snapshots;

namespace LowLatency.Engine.Running;

/// <summary>
/// Hands positions, cash, orders and latches from one pipeline to another that may have been built otherwise. Strategies go
/// by their names: what belonged to one that is no longer there belongs to the house.
/// </summary>
internal static class Adoption
{
    /// <summary>Reads the portable state off a pipeline that has settled.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="facts">What is known of its events.</param>
    /// <param name="strategies">Names by strategy id, from 1.</param>
    internal static PortableState Capture(DecisionPipeline pipeline, RunFacts facts, IReadOnlyList<string> strategies)
    {
        PortableState state = new()
        {
            State = (long)pipeline.Risk.Standing,
            IsKilled = pipeline.Risk.IsKilled,
            IsHeld = pipeline.Risk.IsHeld,
        };
        facts.Give(state);
        for (int i = 0; i < strategies.Count; i++)
        {
            if (pipeline.Risk.IsStopped(new StrategyId((ushort)(i + 1))))
            {
                state.Stopped.Add(new PortableName { Name = strategies[i] });
            }
        }

        PortfolioLedger portfolio = pipeline.Portfolio;
        for (int i = 0; i < portfolio.CurrencyCount; i++)
        {
            state.Cash.Add(new PortableCash { Currency = portfolio.Currency(i).ToString(), Amount = portfolio.Cash(i) });
        }

        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            InstrumentId id = new(i);
            CapturePosition(portfolio, id, strategies, state);
            if (pipeline.Market.TryGet(id, out InstrumentMarket? market))
            {
                state.Instruments.Add(InstrumentOf(id, market));
            }
        }

        CaptureTrades(pipeline, strategies, state);
        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            ref readonly OrderRecord order = ref pipeline.Orders[place];
            if (order.State != OrderState.None && !OrderStateMachine.IsTerminal(order.State))
            {
                state.Orders.Add(OrderOf(order, strategies));
            }
        }

        state.Orders.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        for (int i = 0; i < portfolio.Seen.Count; i++)
        {
            state.Executions.Add(portfolio.Seen[i].High);
            state.Executions.Add(portfolio.Seen[i].Low);
        }

        return state;
    }

    /// <summary>Brings a fresh pipeline to a portable state; every order is unknown.</summary>
    /// <param name="state">The state.</param>
    /// <param name="pipeline">Fresh.</param>
    /// <param name="strategies">Names by strategy id, from 1.</param>
    internal static void Apply(PortableState state, DecisionPipeline pipeline, IReadOnlyList<string> strategies)
    {
        PortfolioLedger portfolio = pipeline.Portfolio;
        foreach (PortableCash cash in state.Cash)
        {
            portfolio.Move(new CashMoved { Currency = Currency8.Of(cash.Currency), Amount = cash.Amount });
        }

        foreach (PortablePosition position in state.Positions)
        {
            portfolio.Adopt(new InstrumentId((ushort)position.Instrument), new Position
            {
                Quantity = position.Quantity,
                Cost = position.Cost,
                Realised = position.Realised,
                Fees = position.Fees,
                Executions = position.Executions,
            });
        }

        foreach (PortablePart part in state.Parts)
        {
            portfolio.Adopt(IdOf(part.Strategy, strategies), new InstrumentId((ushort)part.Instrument), new VirtualPosition
            {
                Quantity = part.Quantity,
                CashFlow = part.CashFlow,
                Fees = part.Fees,
                Fills = part.Fills,
            });
        }

        AdoptedTrades.Apply(state, pipeline, name => IdOf(name, strategies));
        for (int i = 0; i < state.Executions.Count; i += 2)
        {
            Ensure.That(
                portfolio.Seen.TryAdd(new VenueId(state.Executions[i], state.Executions[i + 1])),
                "a portable state names an execution twice");
        }

        foreach (PortableOrder order in state.Orders)
        {
            pipeline.Orders.Adopt(new OrderRecord
            {
                Id = new OrderId(order.Id),
                VenueOrder = new VenueId(order.VenueHigh, order.VenueLow),
                Price = order.Price,
                Quantity = order.Quantity,
                Filled = order.Filled,
                PendingPrice = order.PendingPrice,
                PendingQuantity = order.PendingQuantity,
                CreatedAt = order.CreatedAt,
                Instrument = new InstrumentId((ushort)order.Instrument),
                Owner = IdOf(order.Owner, strategies),
                Side = (Side)order.Side,
                TimeInForce = (TimeInForce)order.TimeInForce,
                Flags = (OrderFlags)order.Flags,
            });
        }
    }

    /// <summary>Brings a fresh run to a portable state: pipeline, simulated venue, facts, and what the result starts from.</summary>
    internal static void Apply(PortableState state, MutedRun run, IReadOnlyList<string> strategies, int openingCash)
    {
        Apply(state, run.Pipeline, strategies);
        run.Venue?.Succeed(state.VenueOrders, state.VenueExecutions);
        foreach (PortablePosition position in state.Positions)
        {
            InstrumentId id = new((ushort)position.Instrument);
            run.Venue?.Succeed(id, run.Pipeline.Portfolio.Position(id));
        }

        foreach (PortableCash cash in state.Cash)
        {
            run.Counts.CashMoved[cash.Currency] = cash.Amount;
            run.Venue?.Succeed(new CashMoved { Currency = Currency8.Of(cash.Currency), Amount = cash.Amount });
        }

        run.Facts.Take(state, openingCash);
    }

    /// <summary>The latches, as events: what held before holds again.</summary>
    /// <param name="state">The state.</param>
    /// <param name="initial">The state in which the new configuration starts.</param>
    /// <param name="hold">True to wait for a person's acceptance.</param>
    internal static IEnumerable<OperatorVerb> Latches(PortableState state, TradingState initial, bool hold)
    {
        if (hold || state.IsHeld)
        {
            yield return OperatorVerb.Hold;
        }

        if (state.IsKilled)
        {
            yield return OperatorVerb.Kill;
        }
        else if (state.State > (long)initial)
        {
            yield return state.State == (long)TradingState.Halted ? OperatorVerb.Halt : OperatorVerb.Reduce;
        }
    }

    /// <summary>The strategies that were stopped and are there again: they stay stopped.</summary>
    /// <param name="state">The state.</param>
    /// <param name="strategies">Names by strategy id, from 1.</param>
    internal static IEnumerable<StrategyId> Stopped(PortableState state, IReadOnlyList<string> strategies)
    {
        foreach (PortableName name in state.Stopped)
        {
            StrategyId strategy = IdOf(name.Name, strategies);
            if (strategy != StrategyId.House)
            {
                yield return strategy;
            }
        }
    }

    /// <summary>
    /// What the venue of the new run says of the orders that another venue had: it does not know them, so they are at an
    /// end with what their executions filled.
    /// </summary>
    internal static IEnumerable<Event> Reconciled(PortableState state, long at)
    {
        foreach (PortableOrder order in state.Orders)
        {
            Event e = Of(at, new InstrumentId((ushort)order.Instrument));
            e.Set(new OrderReport
            {
                Order = new OrderId(order.Id),
                VenueOrder = new VenueId(order.VenueHigh, order.VenueLow),
                Price = order.Price,
                Quantity = order.Quantity,
                CumulativeQuantity = order.Filled,
                Status = OrderStatus.Cancelled,
                Reason = ReportReason.UnknownOrder,
            });
            yield return e;
        }
    }

    /// <summary>The market as it stood, stated again: definitions, status, and the book or the quote.</summary>
    /// <param name="state">The state.</param>
    /// <param name="at">ReceivedAt of the events.</param>
    /// <param name="isLive">True leaves prices out: a live market tells its own, and old ones are no prices.</param>
    internal static IEnumerable<Event> Restated(PortableState state, long at, bool isLive)
    {
        foreach (PortableInstrument instrument in state.Instruments)
        {
            InstrumentId id = new((ushort)instrument.Instrument);
            Event e = Of(at, id);
            e.Set(new InstrumentDefined
            {
                Symbol = Symbol24.Of(instrument.Symbol),
                Currency = Currency8.Of(instrument.Currency),
                Tick = instrument.Tick,
                Lot = instrument.Lot,
                MinQuantity = instrument.MinQuantity,
                MaxQuantity = instrument.MaxQuantity,
                MinNotional = instrument.MinNotional,
                Multiplier = (int)instrument.Multiplier,
                DefinitionVersion = (ushort)instrument.DefinitionVersion,
                InstrumentKind = (InstrumentKind)instrument.Kind,
                PriceExponent = (byte)instrument.PriceExponent,
                QuantityExponent = (byte)instrument.QuantityExponent,
            });
            yield return e;

            e.Set(new TradingStatusChanged { Status = (TradingStatus)instrument.Status });
            yield return e;
            if (isLive)
            {
                continue;
            }

            if (instrument.Quote.Count != 0)
            {
                e.Set(new Quote
                {
                    BidPrice = instrument.Quote[0],
                    BidQuantity = instrument.Quote[1],
                    AskPrice = instrument.Quote[2],
                    AskQuantity = instrument.Quote[3],
                });
                yield return e;
            }

            if (instrument.Book.Count != 0)
            {
                LevelPacker packer = new(2 * Limits.BookLevels);
                for (int i = 0; i < instrument.Book.Count; i += 3)
                {
                    packer.TryAdd((Side)instrument.Book[i], instrument.Book[i + 1], instrument.Book[i + 2]);
                }

                packer.Complete(Of(at, id), instrument.UpdateId, 0, snapshot: true);
                Event part = default;
                while (packer.TryTake(ref part))
                {
                    yield return part;
                }
            }
        }
    }

    private static void CapturePosition(
        PortfolioLedger portfolio, InstrumentId id, IReadOnlyList<string> strategies, PortableState state)
    {
        Position position = portfolio.Position(id);
        if (position.Executions != 0)
        {
            state.Positions.Add(new PortablePosition
            {
                Instrument = id.Value,
                Quantity = position.Quantity,
                Cost = position.Cost,
                Realised = position.Realised,
                Fees = position.Fees,
                Executions = position.Executions,
            });
        }

        for (ushort s = 0; s <= Limits.Strategies; s++)
        {
            VirtualPosition part = portfolio.Part(new StrategyId(s), id);
            if (part.Fills != 0)
            {
                state.Parts.Add(new PortablePart
                {
                    Strategy = NameOf(new StrategyId(s), strategies),
                    Instrument = id.Value,
                    Quantity = part.Quantity,
                    CashFlow = part.CashFlow,
                    Fees = part.Fees,
                    Fills = part.Fills,
                });
            }
        }
    }

    private static void CaptureTrades(DecisionPipeline pipeline, IReadOnlyList<string> strategies, PortableState state)
    {
        for (ushort i = 1; i <= Limits.Instruments; i++)
        {
            for (ushort s = 1; s <= strategies.Count; s++)
            {
                AdoptedTrades.Capture(pipeline, new StrategyId(s), new InstrumentId(i), strategies[s - 1], state);
            }
        }
    }

    private static PortableOrder OrderOf(in OrderRecord order, IReadOnlyList<string> strategies) => new()
    {
        Id = order.Id.Packed,
        VenueHigh = order.VenueOrder.High,
        VenueLow = order.VenueOrder.Low,
        Price = order.Price,
        Quantity = order.Quantity,
        Filled = order.Filled,
        PendingPrice = order.PendingPrice,
        PendingQuantity = order.PendingQuantity,
        CreatedAt = order.CreatedAt,
        Instrument = order.Instrument.Value,
        Owner = NameOf(order.Owner, strategies),
        Side = (long)order.Side,
        TimeInForce = (long)order.TimeInForce,
        Flags = (long)order.Flags,
    };

    private static PortableInstrument InstrumentOf(InstrumentId id, InstrumentMarket market)
    {
        Instrument definition = market.Definition;
        PortableInstrument instrument = new()
        {
            Instrument = id.Value,
            Symbol = market.Symbol.ToString(),
            Currency = market.Currency.ToString(),
            Tick = definition.Tick,
            Lot = definition.Lot,
            MinQuantity = definition.MinQuantity,
            MaxQuantity = definition.MaxQuantity,
            MinNotional = definition.MinNotional,
            Multiplier = definition.Multiplier,
            DefinitionVersion = market.DefinitionVersion,
            Kind = (long)definition.Kind,
            PriceExponent = definition.PriceExponent,
            QuantityExponent = definition.QuantityExponent,
            Status = (long)market.Status,
        };
        if (market.Book is { HasData: true, IsReady: true })
        {
            instrument.UpdateId = market.Book.LastUpdateId;
            AddLevels(market.Book, Side.Buy, market.Book.BidCount, instrument.Book);
            AddLevels(market.Book, Side.Sell, market.Book.AskCount, instrument.Book);
        }
        else if (!market.Book.HasData && market.Quote is { BidQuantity: > 0, AskQuantity: > 0 } quote)
        {
            instrument.Quote.AddRange([quote.BidPrice, quote.BidQuantity, quote.AskPrice, quote.AskQuantity]);
        }

        return instrument;
    }

    private static void AddLevels(Book book, Side side, int count, List<long> levels)
    {
        for (int depth = 0; depth < count; depth++)
        {
            BookLevel level = book.LevelAt(side, depth);
            levels.AddRange([(long)side, level.Price, level.Quantity]);
        }
    }

    private static string NameOf(StrategyId strategy, IReadOnlyList<string> strategies) =>
        strategy == StrategyId.House || strategy.Value > strategies.Count ? string.Empty : strategies[strategy.Value - 1];

    private static StrategyId IdOf(string name, IReadOnlyList<string> strategies)
    {
        for (int i = 0; i < strategies.Count && name.Length != 0; i++)
        {
            if (string.Equals(strategies[i], name, StringComparison.Ordinal))
            {
                return new StrategyId((ushort)(i + 1));
            }
        }

        return StrategyId.House;
    }

    private static Event Of(long at, InstrumentId instrument)
    {
        Event e = default;
        e.ReceivedAt = at;
        e.Instrument = instrument;
        e.Source = EventSource.Engine;
        e.Flags = EventFlags.Whole;
        return e;
    }
}
