using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Results;

/// <summary>A fill, with what the market was when it was reported.</summary>
internal sealed record FillRow
{
    internal required long Sequence { get; init; }

    internal required long At { get; init; }

    internal required InstrumentId Instrument { get; init; }

    internal required OrderId Order { get; init; }

    internal required Side Side { get; init; }

    internal required long Price { get; init; }

    internal required long Quantity { get; init; }

    /// <summary>Money units.</summary>
    internal required long Fee { get; init; }

    internal required Liquidity Liquidity { get; init; }

    /// <summary>Money units worse than the reference price when the order was decided; null when there was none.</summary>
    internal required long? Slippage { get; init; }

    /// <summary>Nanoseconds since the last market event of the instrument; null when there never was one.</summary>
    internal required long? MarketAge { get; init; }

    /// <summary>What the venue says of it beside.</summary>
    internal required ExecutionMarks Marks { get; init; }
}

/// <summary>What the fills of one currency cost. Money is in units of 10^-8.</summary>
internal sealed class FillTotals
{
    internal long Fills { get; set; }

    internal long Maker { get; set; }

    internal long Turnover { get; set; }

    internal long Fees { get; set; }

    /// <summary>Worse than the reference price at the decision; better is negative.</summary>
    internal long Slippage { get; set; }

    /// <summary>Worse than the reference price when the order's parent began; better is negative.</summary>
    internal long Arrival { get; set; }

    /// <summary>Worse than the volume-weighted price of the prints since its parent began; better is negative.</summary>
    internal long Vwap { get; set; }

    /// <summary>Fills of parents in a style, with prints since they began.</summary>
    internal long VwapFills { get; set; }

    /// <summary>Worse than the reference price at the fill; better is negative.</summary>
    internal long HalfSpread { get; set; }

    /// <summary>The part of it that is of fills as a taker: who takes pays half a spread.</summary>
    internal long TakerHalfSpread { get; set; }

    /// <summary>Fills of which one of the two could not be measured.</summary>
    internal long NotMeasured { get; set; }

    /// <summary>Value of the orders that have ended, at their prices.</summary>
    internal long Ordered { get; set; }

    /// <summary>Value of what was filled of them, at the orders' prices.</summary>
    internal long Filled { get; set; }
}

/// <summary>What became of the orders: answers, fills, prices, and the time that they took on the market's clock.</summary>
internal sealed class OrderFold
{
    /// <summary>Fills that are listed one by one; of more, one of two, of four and so on. The totals are of all.</summary>
    internal const int ListedMax = 20_000;

    /// <summary>Orders that are followed at once; what begins beyond it is counted, not followed.</summary>
    internal const int FollowedMax = 65_536;

    /// <summary>A fill that is reported so long after the last market event of its instrument is stale, nanoseconds.</summary>
    internal const long StaleAfter = 5_000_000_000;

    private const long Highest = 3_600_000_000_000;
    private const int Digits = 2;

    private readonly Dictionary<OrderId, Followed> _orders = [];
    private readonly ParentBenchmarks _benchmarks = new();
    private readonly FillTotals[] _totals = new FillTotals[PortfolioLedger.Currencies];

    internal OrderFold()
    {
        for (int i = 0; i < _totals.Length; i++)
        {
            _totals[i] = new FillTotals();
        }
    }

    /// <summary>From the decision of a new order to its acceptance.</summary>
    internal HdrHistogram Acknowledged { get; } = new(Highest, Digits);

    /// <summary>From the decision of a cancel to its confirmation.</summary>
    internal HdrHistogram CancelConfirmed { get; } = new(Highest, Digits);

    /// <summary>From the decision of a new order to its first fill.</summary>
    internal HdrHistogram FirstFill { get; } = new(Highest, Digits);

    internal long New { get; private set; }

    internal long Whole { get; private set; }

    internal long Part { get; private set; }

    internal long Unfilled { get; private set; }

    internal long Rejected { get; private set; }

    internal long NotSent { get; private set; }

    internal long NotFollowed { get; private set; }

    internal long Open => _orders.Count;

    /// <summary>Longest time between the last market event of an instrument and a fill of it.</summary>
    internal long OldestMarket { get; private set; }

    /// <summary>Fills reported later than <see cref="StaleAfter"/> after the market's last word.</summary>
    internal long Stale { get; private set; }

    /// <summary>
    /// Fills as a taker at the best price of the decision or better, of more than was shown there then and now.
    /// </summary>
    internal long BeyondShown { get; private set; }

    /// <summary>Fills when no size was shown at all: on prints and bars.</summary>
    internal long NothingShown { get; private set; }

    /// <summary>Fills within a bar that came to orders of ours on both sides.</summary>
    internal long Ambiguous { get; private set; }

    /// <summary>Fills of orders that are not followed.</summary>
    internal long Foreign { get; private set; }

    /// <summary>True once there was a fill.</summary>
    internal bool HasFills => Listed.Count != 0;

    /// <summary>The fills, in order.</summary>
    internal ThinnedList<FillRow> Listed { get; } = new(ListedMax);

    internal FillTotals Totals(int currency) => _totals[currency];

    /// <summary>The order stage has spoken.</summary>
    internal void OnCommands(in Event e, in Decision decision, MarketView market)
    {
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Command command = decision.Commands[i];
            switch (command.Verb)
            {
                case CommandVerb.New:
                    Begin(e, command, decision, market[command.Instrument]);
                    break;
                case CommandVerb.Cancel when _orders.TryGetValue(command.Order, out Followed? cancelled):
                    cancelled.CancelledAt = e.ReceivedAt;
                    break;
            }
        }
    }

    /// <summary>A print that the engine believed.</summary>
    internal void OnPrint(in Event e) => _benchmarks.OnPrint(e.Instrument, e.Trade);

    /// <summary>A command left, or did not.</summary>
    internal void OnOutcome(in Event e)
    {
        if (e.CommandOutcome is { Verb: CommandVerb.New, Outcome: Outcome.NotSent }
            && _orders.Remove(e.CommandOutcome.Order))
        {
            NotSent++;
        }
    }

    /// <summary>The venue has spoken.</summary>
    internal void OnReport(in Event e, int currency, in Instrument instrument)
    {
        if (!_orders.TryGetValue(e.OrderReport.Order, out Followed? order))
        {
            return;
        }

        switch (e.OrderReport.Status)
        {
            case OrderStatus.Accepted when !order.IsAccepted:
                order.IsAccepted = true;
                Acknowledged.RecordValue(Math.Min(e.ReceivedAt - order.DecidedAt, Highest));
                break;
            case OrderStatus.Amended:
                order.Price = e.OrderReport.Price;
                order.Quantity = e.OrderReport.Quantity;
                break;
            case OrderStatus.Rejected:
                Rejected++;
                _orders.Remove(order.Id);
                break;
            case OrderStatus.Cancelled:
                if (order.CancelledAt != 0)
                {
                    CancelConfirmed.RecordValue(Math.Min(e.ReceivedAt - order.CancelledAt, Highest));
                }

                End(order, currency, instrument);
                break;
            case OrderStatus.Expired:
                End(order, currency, instrument);
                break;
        }
    }

    /// <summary>A fill that moved the position.</summary>
    internal void OnExecution(in Event e, int currency, InstrumentMarket market)
    {
        Execution fill = e.Execution;
        Instrument instrument = market.Definition;
        FillTotals totals = _totals[currency];
        long value = instrument.Notional(fill.Price, fill.Quantity);
        totals.Fills++;
        totals.Maker += fill.Liquidity == Liquidity.Maker ? 1 : 0;
        totals.Turnover += Math.Abs(value);
        totals.Fees += fill.Fee;
        long? slippage = null;
        bool shows = market.TryBest(out long bid, out long bidSize, out long ask, out long askSize);
        long shownNow = fill.Side == Side.Buy ? askSize : bidSize;
        NothingShown += shows ? 0 : 1;
        Ambiguous += (fill.Marks & ExecutionMarks.Ambiguous) != 0 ? 1 : 0;
        if (_orders.TryGetValue(fill.Order, out Followed? order))
        {
            slippage = order.Reference is { } then ? Worse(instrument, fill, then) : null;
            totals.Arrival += order.Benchmark.Arrival is { } arrival ? Worse(instrument, fill, arrival) : 0;
            if (order.Benchmark.Vwap is { } vwap)
            {
                totals.Vwap += Worse(instrument, fill, vwap);
                totals.VwapFills++;
            }

            order.Filled += fill.Quantity;
            if (order.Filled == fill.Quantity)
            {
                FirstFill.RecordValue(Math.Min(e.ReceivedAt - order.DecidedAt, Highest));
            }

            bool atBest = fill.Side == Side.Buy ? fill.Price <= order.OppositePrice : fill.Price >= order.OppositePrice;
            if (fill.Liquidity != Liquidity.Maker && order.OppositeSize > 0 && shows && atBest)
            {
                order.TakenAtBest += fill.Quantity;
                BeyondShown += order.TakenAtBest > order.OppositeSize && fill.Quantity > shownNow ? 1 : 0;
            }

            if (order.Filled >= order.Quantity)
            {
                End(order, currency, instrument);
            }
        }
        else
        {
            Foreign++;
        }

        long? now = market.TryReferencePrice(out long reference) ? Worse(instrument, fill, reference) : null;
        totals.Slippage += slippage ?? 0;
        totals.HalfSpread += now ?? 0;
        totals.TakerHalfSpread += fill.Liquidity == Liquidity.Maker ? 0 : now ?? 0;
        totals.NotMeasured += slippage is null || now is null ? 1 : 0;
        long? age = market.LastMarketAt == 0 ? null : e.ReceivedAt - market.LastMarketAt;
        OldestMarket = Math.Max(OldestMarket, age ?? 0);
        Stale += age is null or > StaleAfter ? 1 : 0;
        Listed.Add(new FillRow
        {
            Sequence = e.Sequence,
            At = e.ReceivedAt,
            Instrument = e.Instrument,
            Order = fill.Order,
            Side = fill.Side,
            Price = fill.Price,
            Quantity = fill.Quantity,
            Fee = fill.Fee,
            Liquidity = fill.Liquidity,
            Slippage = slippage,
            MarketAge = age,
            Marks = fill.Marks,
        });
    }

    private static long Worse(in Instrument instrument, in Execution fill, long reference) =>
        fill.Side.Sign() * (instrument.Value(fill.Price, fill.Quantity) - instrument.Value(reference, fill.Quantity));

    private void Begin(in Event e, in Command command, in Decision decision, InstrumentMarket market)
    {
        New++;
        if (_orders.Count == FollowedMax)
        {
            NotFollowed++;
            return;
        }

        market.TryBest(out long bid, out long bidSize, out long ask, out long askSize);
        bool buys = command.Side == Side.Buy;
        long? reference = market.TryReferencePrice(out long price) ? price : null;
        _orders[command.Order] = new Followed
        {
            Id = command.Order,
            DecidedAt = e.ReceivedAt,
            Reference = reference,
            Benchmark = _benchmarks.Of(command, decision, reference),
            OppositePrice = buys ? ask : bid,
            OppositeSize = buys ? askSize : bidSize,
            Price = command.Price,
            Quantity = command.Quantity,
        };
    }

    private void End(Followed order, int currency, in Instrument instrument)
    {
        _orders.Remove(order.Id);
        Whole += order.Filled >= order.Quantity ? 1 : 0;
        Part += order.Filled > 0 && order.Filled < order.Quantity ? 1 : 0;
        Unfilled += order.Filled == 0 ? 1 : 0;
        long price = order.Price != 0 ? order.Price : order.Reference ?? 0;
        _totals[currency].Ordered += Math.Abs(instrument.Notional(price, order.Quantity));
        _totals[currency].Filled += Math.Abs(instrument.Notional(price, Math.Min(order.Filled, order.Quantity)));
    }

    /// <summary>An order between its command and its end.</summary>
    private sealed class Followed
    {
        internal required OrderId Id { get; init; }

        internal required long DecidedAt { get; init; }

        internal required long? Reference { get; init; }

        internal required ParentBenchmark Benchmark { get; init; }

        internal required long OppositePrice { get; init; }

        internal required long OppositeSize { get; init; }

        internal required long Price { get; set; }

        internal required long Quantity { get; set; }

        internal long CancelledAt { get; set; }

        internal long Filled { get; set; }

        internal long TakenAtBest { get; set; }

        internal bool IsAccepted { get; set; }
    }
}
