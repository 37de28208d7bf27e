using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>
/// A small market and a capricious venue, both from one seed: books in groups, quotes, trades, ticks, halts, gaps, operators;
/// and for every command an outcome, acknowledgements, fills, rejections, repeats, silence, in any order.
/// </summary>
internal sealed class RandomMarket(ulong seed, int instruments)
{
    internal const long Start = 1_000_000_000_000;

    private readonly List<VenueOrder> _orders = [];
    private readonly List<(long Due, Event Event)> _pending = [];
    private readonly long[] _mid = new long[instruments + 1];
    private Xoshiro256 _dice = new(seed);
    private long _now = Start;
    private ulong _execution;
    private int _group;
    private int _groupInstrument;

    /// <summary>How often, in 1,000 events, an operator speaks; 0 for never.</summary>
    internal int OperatorRate { get; init; } = 20;

    /// <summary>
    /// True for a venue on which worst cases can be known: nobody else trades on the account, and no fill is reported after
    /// the order was reported dead.
    /// </summary>
    internal bool Honest { get; init; }

    /// <summary>What the instruments are.</summary>
    internal InstrumentKind Kind { get; init; } = InstrumentKind.Linear;

    /// <summary>Money paid in at the start, money units.</summary>
    internal long Cash { get; init; } = 500_000_000_000_000;

    /// <summary>Step of prices of the second instrument, and the smallest order of both in lots.</summary>
    internal (long Tick, long Lots) Odd { get; init; } = (1, 1);

    /// <summary>The first events of a run.</summary>
    internal IEnumerable<Event> Opening()
    {
        yield return Of(new EpochStarted { Epoch = 1, Instance = 1, Venue = VenueKind.Simulated });
        yield return Of(new CashMoved { Currency = Currency8.Of("USD"), Amount = Cash });
        for (int i = 1; i <= instruments; i++)
        {
            _mid[i] = 10_000;
            yield return Of(
                new InstrumentDefined
                {
                    Symbol = Symbol24.Of("SYM" + i),
                    Currency = Currency8.Of("USD"),
                    Tick = i == 2 ? Odd.Tick : 1,
                    Lot = i,
                    MinQuantity = i * Odd.Lots,
                    MaxQuantity = 100_000,
                    Multiplier = 1,
                    DefinitionVersion = 1,
                    InstrumentKind = Kind,
                    PriceExponent = 2,
                },
                i);
            yield return Book(i, snapshot: true);
        }
    }

    /// <summary>The next event; the venue's answers come among the market's events.</summary>
    internal Event Next()
    {
        if (_group > 0)
        {
            _group--;
            return Levels(_groupInstrument, _group == 0 ? EventFlags.Last : EventFlags.None);
        }

        _now += _dice.NextBelow(20_000_000);
        int due = _pending.FindIndex(p => p.Due <= _now);
        if (due >= 0 && Chance(600))
        {
            Event report = _pending[due].Event;
            // Now and then a report comes again. An old answer to an amendment cannot be told from the answer to the next one,
            // so a venue that can be believed repeats none of these.
            bool answer = report.Kind == EventKind.OrderReport
                && report.OrderReport.Status is OrderStatus.Amended or OrderStatus.AmendRejected or OrderStatus.Accepted;
            if ((Honest && answer) || !Chance(30))
            {
                _pending.RemoveAt(due);
            }

            report.ReceivedAt = _now;
            return report;
        }

        int instrument = 1 + (int)_dice.NextBelow(instruments);
        _mid[instrument] = Math.Clamp(_mid[instrument] + _dice.NextBelow(9) - 4, 9_000, 11_000);
        int kind = (int)_dice.NextBelow(1_000);
        if (kind < OperatorRate)
        {
            // Mostly the way back: a halted engine decides little.
            OperatorVerb verb = Chance(800)
                ? (Chance(500) ? OperatorVerb.Activate : OperatorVerb.ReleaseKill)
                : (OperatorVerb)(1 + _dice.NextBelow(3));
            return Of(new OperatorCommand { Verb = verb });
        }

        return kind switch
        {
            < 300 => Book(instrument, snapshot: false),
            < 400 => Grouped(instrument),
            < 700 => Of(
                new Trade { Price = _mid[instrument], Quantity = 1 + _dice.NextBelow(50), Aggressor = Side.Buy }, instrument),
            < 706 => Of(new StreamStateChanged { State = StreamState.Gap }, instrument),
            < 730 => Book(instrument, snapshot: true),
            < 734 => Of(new TradingStatusChanged { Status = TradingStatus.Halted }, instrument),
            < 750 => Of(new TradingStatusChanged { Status = TradingStatus.Open }, instrument),
            < 752 when !Honest => Foreign(instrument),
            _ => Of(new Tick { Number = _now, Interval = 1 }),
        };
    }

    /// <summary>An operator speaks now.</summary>
    internal Event Say(OperatorVerb verb) => Of(new OperatorCommand { Verb = verb });

    /// <summary>The driver's answer to lanes that wait.</summary>
    internal Event Continue(int waiting) => Of(new Continue { Waiting = waiting });

    /// <summary>The venue takes the commands of an event.</summary>
    internal void Take(in Decision decision)
    {
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Take(decision.Commands[i]);
        }
    }

    private void Take(in Command command)
    {
        int luck = (int)_dice.NextBelow(100);
        Outcome outcome = luck < 4 ? Outcome.NotSent : luck < 8 ? Outcome.Unknown : Outcome.Sent;
        Later(
            new CommandOutcome
            {
                Order = command.Order,
                Verb = command.Verb,
                Outcome = outcome,
                Reason = outcome == Outcome.NotSent ? ReportReason.RateLimited : ReportReason.None,
            },
            command.Instrument);
        if (outcome == Outcome.NotSent)
        {
            return;
        }

        // What may have left has left, half the time.
        if (outcome == Outcome.Unknown && Chance(500))
        {
            // The venue is asked later what became of it.
            VenueOrder? order = Find(command.Order);
            Report(command, order is null ? OrderStatus.Rejected : Standing(order), ReportReason.NotConnected, order);
            return;
        }

        switch (command.Verb)
        {
            case CommandVerb.New:
                New(command);
                break;
            case CommandVerb.Amend:
                Amend(command);
                break;
            case CommandVerb.Cancel:
                Cancel(command);
                break;
        }
    }

    private static OrderStatus Standing(VenueOrder order) => order.Dead ? OrderStatus.Cancelled : OrderStatus.Accepted;

    private void New(in Command command)
    {
        if (Chance(60))
        {
            Report(command, OrderStatus.Rejected, ReportReason.PostOnlyWouldTake);
            return;
        }

        VenueOrder order = new() { Command = command, Quantity = command.Quantity };
        _orders.Add(order);
        bool late = Chance(200);
        if (!late)
        {
            Report(command, OrderStatus.Accepted, ReportReason.None, order);
        }

        Fills(order);
        if (late)
        {
            Report(command, OrderStatus.Accepted, ReportReason.None, order);
        }

        if (order.Leaves > 0 && command.TimeInForce == TimeInForce.ImmediateOrCancel)
        {
            order.Dead = true;
            Report(command, OrderStatus.Expired, ReportReason.NoLiquidity, order);
        }
    }

    private void Amend(in Command command)
    {
        VenueOrder? order = Find(command.Order);
        if (order is null || order.Dead || order.Leaves == 0)
        {
            Report(command, OrderStatus.AmendRejected, ReportReason.UnknownOrder, order);
            Report(command, order is null ? OrderStatus.Rejected : Standing(order), ReportReason.None, order);
        }
        else if (command.Quantity <= order.Filled || Chance(100))
        {
            Report(command, OrderStatus.AmendRejected, ReportReason.AmendBelowFilled, order);
        }
        else
        {
            order.Quantity = command.Quantity;
            bool late = Chance(300);
            if (late)
            {
                Fills(order);
            }

            Report(command, OrderStatus.Amended, ReportReason.None, order);
            if (!late)
            {
                Fills(order);
            }
        }
    }

    private void Cancel(in Command command)
    {
        VenueOrder? order = Find(command.Order);
        if (order is null || order.Dead || order.Leaves == 0)
        {
            Report(command, OrderStatus.CancelRejected, ReportReason.UnknownOrder, order);
            Report(command, order is null ? OrderStatus.Rejected : Standing(order), ReportReason.None, order);
        }
        else if (Chance(80))
        {
            Report(command, OrderStatus.CancelRejected, ReportReason.RateLimited, order);
        }
        else
        {
            // Fills that crossed the cancel may be reported after it.
            bool crossed = !Honest && Chance(300);
            if (crossed)
            {
                order.Dead = true;
                Report(command, OrderStatus.Cancelled, ReportReason.Requested, order);
                Fills(order);
            }
            else
            {
                order.Dead = true;
                Report(command, OrderStatus.Cancelled, ReportReason.Requested, order);
            }
        }
    }

    private void Fills(VenueOrder order)
    {
        while (order.Leaves > 0 && Chance(400))
        {
            long quantity = 1 + _dice.NextBelow(order.Leaves);
            order.Filled += quantity;
            Later(
                new Execution
                {
                    Order = order.Command.Order,
                    ExecutionId = new VenueId(3, ++_execution),
                    Price = order.Command.Price,
                    Quantity = quantity,
                    Fee = _dice.NextBelow(9) - 2,
                    Side = order.Command.Side,
                    Liquidity = Liquidity.Maker,
                },
                order.Command.Instrument);
        }
    }

    private Event Foreign(int instrument) => Of(
        new Execution
        {
            Order = OrderId.Of(99, 1, 1),
            ExecutionId = new VenueId(4, ++_execution),
            Price = _mid[instrument],
            Quantity = 1 + _dice.NextBelow(3),
            Side = Chance(500) ? Side.Buy : Side.Sell,
        },
        instrument);

    private VenueOrder? Find(OrderId id) => _orders.Find(o => o.Command.Order == id);

    private void Report(in Command command, OrderStatus status, ReportReason reason, VenueOrder? order = null) => Later(
        new OrderReport
        {
            Order = command.Order,
            Status = status,
            Reason = reason,
            Price = command.Price,
            Quantity = order?.Quantity ?? command.Quantity,
        },
        command.Instrument);

    private void Later<T>(in T payload, InstrumentId instrument)
        where T : unmanaged, IPayload
    {
        // A venue that can be believed reports in the order of what happened.
        long due = _now + _dice.NextBelow(60_000_000);
        _pending.Add((Honest && _pending.Count > 0 ? System.Math.Max(due, _pending[^1].Due) : due, Of(payload, instrument.Value)));
    }

    private bool Chance(int perThousand) => _dice.NextBelow(1_000) < perThousand;

    private Event Grouped(int instrument)
    {
        _group = 1 + (int)_dice.NextBelow(3);
        _groupInstrument = instrument;
        return Levels(instrument, EventFlags.First);
    }

    private Event Levels(int instrument, EventFlags flags)
    {
        BookLevels levels = new() { BasePrice = 10_000 };
        levels.TryAdd(Side.Buy, _mid[instrument] - 3 - _dice.NextBelow(5), 1 + _dice.NextBelow(40));
        levels.TryAdd(Side.Sell, _mid[instrument] + 3 + _dice.NextBelow(5), 1 + _dice.NextBelow(40));
        return Of(levels, instrument, flags);
    }

    private Event Book(int instrument, bool snapshot)
    {
        if (!snapshot)
        {
            return Levels(instrument, EventFlags.Whole);
        }

        BookLevels levels = new() { BasePrice = 10_000 };
        for (int i = 1; i <= 3; i++)
        {
            levels.TryAdd(Side.Buy, _mid[instrument] - i, 1 + _dice.NextBelow(40));
            levels.TryAdd(Side.Sell, _mid[instrument] + i, 1 + _dice.NextBelow(40));
        }

        return Of(levels, instrument, EventFlags.Whole | EventFlags.Snapshot);
    }

    private Event Of<T>(in T payload, int instrument = 0, EventFlags flags = EventFlags.Whole)
        where T : unmanaged, IPayload
    {
        Event made = default;
        made.ReceivedAt = _now;
        made.Instrument = new InstrumentId((ushort)instrument);
        made.Source = EventSource.Generator;
        made.Flags = flags;
        made.Set(payload);
        return made;
    }

    private sealed class VenueOrder
    {
        internal required Command Command { get; init; }

        internal long Quantity { get; set; }

        internal long Filled { get; set; }

        internal bool Dead { get; set; }

        internal long Leaves => Quantity - Filled;
    }
}
