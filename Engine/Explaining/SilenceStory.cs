using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Explaining;

/// <summary>Why a strategy did not get what it might have wanted.</summary>
internal enum Silence
{
    /// <summary>No event of the instrument reached the strategy.</summary>
    NoEvent,

    /// <summary>The strategy had not seen the bars that it asked for.</summary>
    NotReady,

    /// <summary>The strategy was called and stated nothing new.</summary>
    NothingStated,

    /// <summary>Arbitration held the wish back.</summary>
    Suppressed,

    /// <summary>The wish was over by its own horizon.</summary>
    Expired,

    /// <summary>Risk refused what the lane wanted.</summary>
    Refused,

    /// <summary>Risk allowed less than the lane wanted.</summary>
    Reduced,

    /// <summary>The lane is tried again later.</summary>
    Retry,

    /// <summary>The lane's order has a request that the venue has not answered.</summary>
    Busy,

    /// <summary>What became of the lane's order is not known.</summary>
    UnknownOutcome,

    /// <summary>The event had no room for the lane; it follows in a Continue event.</summary>
    NoRoom,

    /// <summary>Its style lets a part of the order wait.</summary>
    Styled,

    /// <summary>An order is working already.</summary>
    Working,

    /// <summary>Another strategy lacks the opposite: the two wait to be crossed.</summary>
    Offset,

    /// <summary>Another strategy handed it something inside the account.</summary>
    Crossed,

    /// <summary>The position is what is wanted.</summary>
    Satisfied,
}

/// <summary>One reason.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Sequence">The event that shows it; -1 for the absence of one.</param>
/// <param name="Text">For people: reason, values.</param>
internal sealed record Finding(Silence Kind, long Sequence, string Text)
{
    /// <summary>For <see cref="Silence.Suppressed"/>.</summary>
    internal SuppressionReason Suppression { get; init; }

    /// <summary>For <see cref="Silence.Refused"/> and <see cref="Silence.Reduced"/>.</summary>
    internal RiskReason Check { get; init; }

    /// <summary>What the check saw.</summary>
    internal long Observed { get; init; }

    /// <summary>The bound that it was held against.</summary>
    internal long Limit { get; init; }
}

/// <summary>
/// Follows one strategy on one instrument through a recorded run and says at any event why it did not trade. It needs the
/// journal and the audit log alone; only what a strategy thought while it said nothing is not in them.
/// </summary>
internal sealed class SilenceStory(StrategyId strategy, string symbol)
{
    private InstrumentId _instrument;
    private InstrumentDefined _definition;
    private long _marketEvents;
    private long _lastMarketEvent = -1;
    private StatedWish? _wish;
    private (long Sequence, Intent Intent, Verdict Verdict)? _house;
    private (long Sequence, Intent Intent, Verdict Verdict)? _own;
    private (long Sequence, InternalTrade Trade)? _crossed;

    /// <summary>The instrument; none until it is defined.</summary>
    internal InstrumentId Instrument => _instrument;

    /// <summary>What the strategy last stated; null when it never did.</summary>
    internal StatedWish? Wish => _wish;

    /// <summary>Takes an event.</summary>
    internal void See(EchoReplay echo, StatedWishes wishes)
    {
        ref readonly Event e = ref echo.Event;
        if (e.Kind == EventKind.InstrumentDefined && e.InstrumentDefined.Symbol.ToString() == symbol)
        {
            _instrument = e.Instrument;
            _definition = e.InstrumentDefined;
        }

        if (_instrument == InstrumentId.None)
        {
            return;
        }

        if (e.Instrument == _instrument && e.Kind is EventKind.Trade or EventKind.Quote or EventKind.BookLevels or EventKind.Bar)
        {
            _marketEvents++;
            _lastMarketEvent = e.Sequence;
        }

        ref readonly Decision decision = ref echo.Decision;
        _wish = wishes.Of(strategy, _instrument);
        foreach (ref readonly InternalTrade trade in echo.Pipeline.Portfolio.Crossed)
        {
            if (trade.Instrument == _instrument && trade.ChangeOf(strategy) != 0)
            {
                _crossed = (e.Sequence, trade);
            }
        }

        for (int i = 0; i < decision.IntentCount; i++)
        {
            ref readonly Intent intent = ref decision.Intents[i];
            if (intent.Instrument != _instrument)
            {
                continue;
            }

            if (intent.Owner == StrategyId.House)
            {
                _house = intent.HasPart(strategy) ? (e.Sequence, intent, decision.Verdicts[i]) : null;
            }
            else if (intent.Owner == strategy)
            {
                _own = (e.Sequence, intent, decision.Verdicts[i]);
            }
        }
    }

    /// <summary>The reasons after the last event, the most telling one first.</summary>
    internal List<Finding> Findings(EchoReplay echo)
    {
        List<Finding> findings = [];
        if (_instrument == InstrumentId.None || _marketEvents == 0)
        {
            findings.Add(new Finding(
                Silence.NoEvent,
                -1,
                _instrument == InstrumentId.None
                    ? $"{symbol} was not defined by then: nothing of it could reach the strategy"
                    : $"no trade, quote, book or bar of {symbol} had come by then"));
        }

        if (_wish is not { } wish)
        {
            return findings;
        }

        long now = echo.Event.ReceivedAt;
        Suppressed(findings, wish, now, echo);
        if (wish.Signal.Horizon != 0 && now >= wish.At + wish.Signal.Horizon)
        {
            findings.Add(new Finding(
                Silence.Expired, wish.Sequence, $"its wish of event {wish.Sequence} ended by its horizon of {wish.Signal.Horizon} ns"));
        }

        bool quotes = wish.Signal.Kind == SignalKind.Quotes;
        StrategyId owner = quotes ? strategy : StrategyId.House;
        Ruled(findings, quotes ? _own : _house);
        long retry = echo.Pipeline.RetryAt(_instrument, owner);
        if (retry > now)
        {
            findings.Add(new Finding(
                Silence.Retry, -1, $"the lane is tried again at {retry}, in {retry - now} ns"));
        }

        Offset(findings, echo);
        Styled(findings, owner, echo);
        Ordered(findings, owner, Side.Buy, echo);
        Ordered(findings, owner, Side.Sell, echo);
        if (echo.Decision.Waiting != 0)
        {
            findings.Add(new Finding(
                Silence.NoRoom, echo.Event.Sequence, $"{echo.Decision.Waiting} lanes wait for a Continue event"));
        }

        long position = echo.Pipeline.Portfolio.VirtualPosition(strategy, _instrument);
        if (!quotes && findings.Count == 0 && position == wish.Signal.Target)
        {
            findings.Add(new Finding(Silence.Satisfied, wish.Sequence, $"its position is {Quantity(position)}, which is what it wants"));
        }

        if (_crossed is { } crossed && crossed.Sequence >= wish.Sequence)
        {
            InternalTrade trade = crossed.Trade;
            findings.Add(new Finding(
                Silence.Crossed,
                crossed.Sequence,
                $"event {crossed.Sequence} handed {Quantity(trade.Quantity)} from {echo.NameOf(trade.Seller)} to "
                    + $"{echo.NameOf(trade.Buyer)} at {Price(trade.Price)}, without an order"));
        }

        return findings;
    }

    private void Suppressed(List<Finding> findings, StatedWish wish, long now, EchoReplay echo)
    {
        Suppression suppression = wish.Suppression;

        // A wish that was held acts by itself when the cooldown is over, or when the session opens.
        bool held = suppression.Reason is SuppressionReason.Cooldown or SuppressionReason.SessionClosed
            && suppression.Detail != 0;
        if (suppression.Reason == SuppressionReason.None || (held && now >= suppression.Detail))
        {
            return;
        }

        string why = suppression.Reason switch
        {
            SuppressionReason.Cooldown or SuppressionReason.SessionClosed when held =>
                $", until {suppression.Detail}, in {suppression.Detail - now} ns",
            SuppressionReason.Stale => $": its market data was {suppression.Detail} ns old",
            SuppressionReason.GateInput => $": input {suppression.Detail} of the gate's models is missing",
            SuppressionReason.BarrierGate => $": the probability was {suppression.Detail} parts per million",
            SuppressionReason.LowerPriority => $": {echo.NameOf(suppression.Winner)} holds the instrument",
            _ => string.Empty,
        };
        findings.Add(new Finding(
            Silence.Suppressed,
            wish.Sequence,
            $"arbitration suppressed its wish of event {wish.Sequence} ({Describe(wish.Signal)}): {suppression.Reason}{why}")
        {
            Suppression = suppression.Reason,
        });
    }

    private static void Ruled(List<Finding> findings, (long Sequence, Intent Intent, Verdict Verdict)? last)
    {
        if (last is not { } ruled || ruled.Verdict.Ruling is not (Ruling.Refused or Ruling.Reduced))
        {
            return;
        }

        Verdict verdict = ruled.Verdict;
        findings.Add(new Finding(
            verdict.Ruling == Ruling.Refused ? Silence.Refused : Silence.Reduced,
            ruled.Sequence,
            string.Create(
                CultureInfo.InvariantCulture,
                $"risk {(verdict.Ruling == Ruling.Refused ? "refused" : "reduced")} the intent of event {ruled.Sequence}: check {(int)verdict.Reason} {verdict.Reason}, saw {verdict.Observed}, limit {verdict.Limit}"))
        {
            Check = verdict.Reason,
            Observed = verdict.Observed,
            Limit = verdict.Limit,
        });
    }

    /// <summary>What it may still get without an order.</summary>
    private void Offset(List<Finding> findings, EchoReplay echo)
    {
        if (echo.Pipeline.Crossing.Waits(strategy, _instrument))
        {
            findings.Add(new Finding(
                Silence.Offset,
                echo.Event.Sequence,
                "another strategy lacks the opposite: they are crossed at the next market event or tick with a fresh price within their "
                    + "limits, when no order of the lane is left over"));
        }
    }

    /// <summary>What the lane's parent order keeps back.</summary>
    private void Styled(List<Finding> findings, StrategyId owner, EchoReplay echo)
    {
        (long quantity, long filled, long waiting) = echo.Pipeline.Parents.Of(_instrument);
        if (owner == StrategyId.House && waiting > 0 && _house is { } house)
        {
            findings.Add(new Finding(
                Silence.Styled,
                house.Sequence,
                $"style {house.Intent.StyleKind} works {Quantity(quantity)}: {Quantity(filled)} filled, {Quantity(waiting)} wait in no order"));
        }
    }

    private void Ordered(List<Finding> findings, StrategyId owner, Side side, EchoReplay echo)
    {
        int place = echo.Pipeline.Orders.LiveInLane(_instrument, owner, side);
        if (place < 0)
        {
            return;
        }

        OrderRecord order = echo.Pipeline.Orders[place];
        string what = $"{side} order {OrderStory.TextOf(order.Id, echo.Started.Instance)} of {Quantity(order.Quantity)} at {Price(order.Price)}, "
            + $"{Quantity(order.Filled)} filled";
        findings.Add(order.State switch
        {
            OrderState.Unknown => new Finding(
                Silence.UnknownOutcome, order.Id.Sequence, $"the outcome of its {what} is not known; the lane waits for the venue"),
            OrderState.Working => new Finding(Silence.Working, order.Id.Sequence, $"its {what} works already"),
            _ => new Finding(
                Silence.Busy, order.Id.Sequence, $"its {what} is {order.State}: the lane waits for the venue's answer"),
        });
    }

    internal string Describe(in Signal signal) => signal.Kind switch
    {
        SignalKind.Target => "target " + Quantity(signal.Target),
        SignalKind.TargetWithLimit => $"target {Quantity(signal.Target)} at {Price(signal.LimitPrice)} or better",
        SignalKind.Quotes => $"quotes {Quantity(signal.BidQuantity)} at {Price(signal.BidPrice)} and "
            + $"{Quantity(signal.AskQuantity)} at {Price(signal.AskPrice)}",
        _ => "flat",
    };

    private string Quantity(long units) => DecimalText.ToText(units, _definition.QuantityExponent);

    private string Price(long units) => DecimalText.ToText(units, _definition.PriceExponent);
}
