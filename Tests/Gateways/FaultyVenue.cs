using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways;

namespace LowLatency.Tests.Gateways;

/// <summary>What a venue can get wrong.</summary>
public enum VenueFault
{
    None,
    UsesLiquidityTwice,
    SkipsTheQueue,
    TradesThroughHalts,
    FillsTwice,
    FeesOneUnitLess,
    WorseThanTheLimit,
    AddsOnReduceOnly,
    TakesOnPostOnly,
    TalksAfterTheEnd,
    ForgetsLastCancel,
    SeesTheFuture,
    WakesAtOnce,
    WakesOnTheOtherSide,
    TrailsAtTwiceTheOffset,
    ForgetsTheLimitOfAStop,
    DaysNeverEnd,
    EverythingEndsWithTheDay,
    TakesPartOfFillOrKill,
    LetsImmediateOrdersRest,
    TradesAuctionsAtOnce,
    ClosesAtTheOpen,
    ForgetsExtendedHours,
    TakesMoneyForAQuantity,
    ForgetsNewTriggers,
    SaysUnknownIsSent,
}

/// <summary>A venue with one planted fault around a good one, to show that a proof notices.</summary>
internal sealed class FaultyVenue(IVenue good, VenueFault fault) : IVenue
{
    private readonly SortedDictionary<long, long> _bids = [];
    private readonly SortedDictionary<long, long> _asks = [];
    private Event _repeat;
    private bool _repeats;

    public long NextDue => _repeats ? _repeat.ReceivedAt : good.NextDue;

    public bool Poll(long now, ref Event report)
    {
        if (_repeats && _repeat.ReceivedAt <= now)
        {
            report = _repeat;
            _repeats = false;
            return true;
        }

        if (!good.Poll(now, ref report))
        {
            return false;
        }

        if (fault == VenueFault.SaysUnknownIsSent && report.Kind == EventKind.CommandOutcome)
        {
            report.CommandOutcome.Outcome = Outcome.Sent;
        }
        else if (report.Kind == EventKind.Execution)
        {
            Spoil(ref report);
        }
        else if (fault == VenueFault.TalksAfterTheEnd && report.Kind == EventKind.OrderReport
            && report.OrderReport.Status == OrderStatus.Cancelled)
        {
            _repeat = report;
            _repeat.OrderReport.Status = OrderStatus.Accepted;
            _repeats = true;
        }

        return true;
    }

    public void OnEvent(in Event published)
    {
        Event shown = published;
        switch (fault)
        {
            case VenueFault.TradesThroughHalts when published.Kind == EventKind.TradingStatus:
                return;
            case VenueFault.SkipsTheQueue when published.Kind == EventKind.Trade:
                shown.Trade.Price += published.Trade.Aggressor == Side.Sell ? -1 : 1;
                break;
            case VenueFault.UsesLiquidityTwice when published.Kind == EventKind.BookLevels:
                Remember(published);
                break;
            case VenueFault.SeesTheFuture when published.ReceivedAt > 40:
                shown.ReceivedAt -= 40;
                break;
        }

        good.OnEvent(shown);
    }

    public void Submit(in Command command, long sequence, long now)
    {
        Command sent = command;
        switch (fault)
        {
            case VenueFault.AddsOnReduceOnly:
                sent.Flags &= ~OrderFlags.ReduceOnly;
                break;
            case VenueFault.TakesOnPostOnly:
                sent.Flags &= ~OrderFlags.PostOnly;
                break;
            case VenueFault.ForgetsLastCancel when command.Verb == CommandVerb.Cancel:
                sent.Order = OrderId.Of(2, 1, 0);
                break;
            case VenueFault.UsesLiquidityTwice:
                ShowAgain(now);
                break;
            case VenueFault.ForgetsNewTriggers when command.Verb == CommandVerb.Amend:
                sent.TriggerPrice = 0;
                break;
            default:
                if (command.Verb == CommandVerb.New)
                {
                    Mistake(ref sent);
                }

                break;
        }

        good.Submit(sent, sequence, now);
    }

    // What a venue makes of a new order that it misunderstands.
    private void Mistake(ref Command sent)
    {
        switch (fault)
        {
            case VenueFault.WakesAtOnce when sent.TriggerPrice != 0 && sent.TrailingOffset == 0:
                sent.TriggerPrice = 0;
                sent.Type = sent.Price == 0 ? OrderType.Market : OrderType.Limit;
                break;
            case VenueFault.WakesOnTheOtherSide:
                sent.Type = sent.Type switch
                {
                    OrderType.Stop => OrderType.MarketIfTouched,
                    OrderType.StopLimit => OrderType.LimitIfTouched,
                    OrderType.MarketIfTouched => OrderType.Stop,
                    OrderType.LimitIfTouched => OrderType.StopLimit,
                    _ => sent.Type,
                };
                break;
            case VenueFault.TrailsAtTwiceTheOffset:
                sent.TrailingOffset *= 2;
                break;
            case VenueFault.ForgetsTheLimitOfAStop when sent.Type is OrderType.StopLimit or OrderType.LimitIfTouched:
                sent.Type = sent.Type == OrderType.StopLimit ? OrderType.Stop : OrderType.MarketIfTouched;
                sent.Price = 0;
                break;
            case VenueFault.DaysNeverEnd when sent.TimeInForce == TimeInForce.Day:
                sent.TimeInForce = TimeInForce.GoodTillCancel;
                break;
            case VenueFault.EverythingEndsWithTheDay when sent.TimeInForce == TimeInForce.GoodTillCancel:
                sent.TimeInForce = TimeInForce.Day;
                break;
            case VenueFault.TakesPartOfFillOrKill when sent.TimeInForce == TimeInForce.FillOrKill:
                sent.TimeInForce = TimeInForce.ImmediateOrCancel;
                break;
            case VenueFault.LetsImmediateOrdersRest when sent.TimeInForce == TimeInForce.ImmediateOrCancel:
                sent.TimeInForce = TimeInForce.GoodTillCancel;
                break;
            case VenueFault.TradesAuctionsAtOnce when sent.Type >= OrderType.MarketOnOpen:
                sent.Type = OrderType.Market;
                break;
            case VenueFault.ClosesAtTheOpen when sent.Type == OrderType.MarketOnClose:
                sent.Type = OrderType.MarketOnOpen;
                break;
            case VenueFault.ForgetsExtendedHours:
                sent.Flags &= ~OrderFlags.ExtendedHours;
                break;
            case VenueFault.TakesMoneyForAQuantity when (sent.Flags & OrderFlags.Notional) != 0:
                sent.Flags &= ~OrderFlags.Notional;
                break;
        }
    }

    private void Spoil(ref Event report)
    {
        switch (fault)
        {
            case VenueFault.FillsTwice:
                _repeat = report;
                _repeat.Execution.ExecutionId = new VenueId(99, report.Execution.ExecutionId.Low);
                _repeat.Execution.CumulativeQuantity += report.Execution.Quantity;
                _repeats = true;
                break;
            case VenueFault.FeesOneUnitLess:
                report.Execution.Fee--;
                break;
            case VenueFault.WorseThanTheLimit:
                report.Execution.Price += report.Execution.Side == Side.Buy ? 5 : -5;
                break;
        }
    }

    private void Remember(in Event published)
    {
        if ((published.Flags & EventFlags.Snapshot) != 0 && (published.Flags & EventFlags.First) != 0)
        {
            _bids.Clear();
            _asks.Clear();
        }

        for (int i = 0; i < published.BookLevels.Count; i++)
        {
            SortedDictionary<long, long> side = published.BookLevels.SideAt(i) == Side.Buy ? _bids : _asks;
            side[published.BookLevels.PriceAt(i)] = published.BookLevels.QuantityAt(i);
        }
    }

    // The book is taken away and shown anew, so that the venue forgets what it had sold already.
    private void ShowAgain(long now)
    {
        List<Event> levels = [];
        foreach ((SortedDictionary<long, long> side, Side name) in ((SortedDictionary<long, long>, Side)[])[(_bids, Side.Buy), (_asks, Side.Sell)])
        {
            foreach ((long price, long quantity) in side)
            {
                levels.Add(MarketScript.Level(name, price, quantity, EventFlags.None));
            }
        }

        if (levels.Count == 0)
        {
            return;
        }

        Event empty = MarketScript.Level(Side.Buy, 1, 0, EventFlags.Whole | EventFlags.Snapshot);
        empty.ReceivedAt = now;
        good.OnEvent(empty);
        for (int i = 0; i < levels.Count; i++)
        {
            Event level = levels[i];
            level.ReceivedAt = now;
            level.Flags = (i == 0 ? EventFlags.First | EventFlags.Snapshot : EventFlags.None)
                | (i == levels.Count - 1 ? EventFlags.Last : EventFlags.None);
            good.OnEvent(level);
        }
    }
}
