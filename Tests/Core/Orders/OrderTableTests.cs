using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Orders;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Orders;

public sealed class OrderTableTests
{
    private static readonly InstrumentId X = new(1);
    private static readonly StrategyId House = StrategyId.House;

    [Fact]
    public void The_ring_is_reused_by_more_orders_than_it_holds_and_steps_over_a_live_one()
    {
        Exposure exposure = new();
        OrderTable table = new(exposure);
        table.Add(New(0, X, new StrategyId(3), Side.Buy, 7), 1);
        int laps = OrderTable.Capacity * 3;
        for (int i = 1; i <= laps; i++)
        {
            table.Add(New(i, X, House, Side.Sell, 1), 1);
            Assert.True(table.TryFind(IdOf(i), out int place));
            table.Apply(place, OrderInput.Rejected);
        }

        Assert.True(table.TryFind(IdOf(0), out int old));
        Assert.Equal(OrderState.PendingNew, table[old].State);
        Assert.Equal(7, exposure.Open(X, Side.Buy));
        Assert.Equal(0, exposure.Open(X, Side.Sell));
        Assert.Equal(1, exposure.LiveOrders);
        int kept = Enumerable.Range(1, laps).Count(i => table.TryFind(IdOf(i), out _));
        Assert.Equal(OrderTable.Capacity - 1, kept);
        Assert.True(table.TryFind(IdOf(laps), out _));
        Assert.False(table.TryFind(IdOf(1), out _));
    }

    [Fact]
    public void A_lane_has_one_live_order_on_each_side()
    {
        OrderTable table = new(new Exposure());
        table.Add(New(1, X, House, Side.Buy, 7), 1);
        table.Add(New(2, X, House, Side.Sell, 7), 1);
        Assert.Throws<BrokenInvariantException>(() => table.Add(New(3, X, House, Side.Buy, 7), 1));
    }

    [Fact]
    public void An_id_is_used_once()
    {
        OrderTable table = new(new Exposure());
        table.Add(New(1, X, House, Side.Buy, 7), 1);
        Assert.Throws<BrokenInvariantException>(() => table.Add(New(1, X, House, Side.Sell, 7), 1));
    }

    [Fact]
    public void Random_orders_and_inputs_agree_with_a_naive_model() =>
        PropertyCheck.Holds(PropertyCheck.Commands(Steps, 100, 900), steps => Agrees(steps, plant: false), runs: 60);

    [Fact]
    public void A_model_that_forgets_unknown_orders_is_caught() =>
        PropertyCheck.Finds(PropertyCheck.Commands(Steps, 100, 900), steps => Agrees(steps, plant: true), runs: 60);

    [Fact]
    public void An_amendment_stays_reserved_at_its_larger_version_until_it_is_answered()
    {
        foreach (OrderInput between in (ReadOnlySpan<OrderInput>)
            [OrderInput.Sent, OrderInput.OutcomeUnknown, OrderInput.AskCancel, OrderInput.EpochStarted, OrderInput.Accepted])
        {
            Exposure exposure = new();
            OrderTable table = Working(exposure, 10, out int place);
            table.AskAmend(place, 100, 15);
            Assert.Equal(15, exposure.Open(X, Side.Buy));
            table.Apply(place, between);
            Assert.Equal(15, exposure.Open(X, Side.Buy));

            // A part is filled: the venue may still have the larger version.
            table.Fill(place, 4);
            Assert.Equal(11, exposure.Open(X, Side.Buy));
        }
    }

    [Fact]
    public void A_refused_cancel_leaves_an_unanswered_amendment_reserved()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        table.AskAmend(place, 100, 15);
        table.Apply(place, OrderInput.AskCancel);
        table.Apply(place, OrderInput.CancelRejected);
        Assert.Equal(OrderState.PendingAmend, table[place].State);
        Assert.Equal(15, exposure.Open(X, Side.Buy));
    }

    [Fact]
    public void An_amendment_that_loses_against_the_last_fill_leaves_a_filled_order_in_either_order_of_reports()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        table.AskAmend(place, 100, 15);
        table.Fill(place, 10);
        Assert.Equal(OrderState.PendingAmend, table[place].State);
        table.Apply(place, OrderInput.GoneUnamended);
        Assert.Equal(OrderState.Filled, table[place].State);

        table = Working(exposure = new Exposure(), 10, out place);
        table.AskAmend(place, 100, 15);
        table.Apply(place, OrderInput.GoneUnamended);
        Assert.Equal(OrderState.Unknown, table[place].State);
        table.Fill(place, 10);
        Assert.Equal(OrderState.Filled, table[place].State);
        Assert.Equal(0, exposure.Open(X, Side.Buy));
    }

    [Fact]
    public void An_amendment_of_unknown_outcome_is_refused_because_the_order_was_filled_and_nothing_stays_reserved()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        table.AskAmend(place, 100, 15);
        table.Fill(place, 10);
        table.Apply(place, OrderInput.OutcomeUnknown);
        Assert.Equal(5, exposure.Open(X, Side.Buy));
        table.Apply(place, OrderInput.GoneUnamended);
        Assert.Equal(OrderState.Filled, table[place].State);
        Assert.Equal(0, exposure.Open(X, Side.Buy));

        // A refused cancel answers no amendment: what may have been accepted may have been filled.
        table = Working(exposure = new Exposure(), 10, out place);
        table.AskAmend(place, 100, 15);
        table.Apply(place, OrderInput.AskCancel);
        table.Fill(place, 10);
        table.Apply(place, OrderInput.GoneAtVenue);
        Assert.Equal(OrderState.Unknown, table[place].State);
        Assert.Equal(5, exposure.Open(X, Side.Buy));
    }

    [Fact]
    public void An_amendment_down_to_what_is_filled_ends_the_order()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        table.Fill(place, 6);
        table.AskAmend(place, 100, 6);
        Assert.Equal(4, exposure.Open(X, Side.Buy));
        Report(table, place, OrderStatus.Amended, 6, OrderInput.Amended);
        Assert.Equal(OrderState.Filled, table[place].State);
        Assert.Equal(0, exposure.LiveOrders);
    }

    [Fact]
    public void An_unknown_amendment_is_settled_by_the_venues_word_on_what_the_order_now_is()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        table.AskAmend(place, 100, 15);
        table.Apply(place, OrderInput.OutcomeUnknown);
        Report(table, place, OrderStatus.Accepted, 15, OrderInput.Accepted);
        Assert.Equal(OrderState.Working, table[place].State);
        Assert.Equal(15, table[place].Quantity);
        Assert.Equal(15, exposure.Open(X, Side.Buy));
    }

    [Fact]
    public void The_price_that_stands_in_a_lane_follows_its_order()
    {
        Exposure exposure = new();
        OrderTable table = Working(exposure, 10, out int place);
        Assert.True(exposure.Stands(X, House, Side.Buy, 10, 100));
        Assert.False(exposure.Stands(X, House, Side.Buy, 10, 101));
        Assert.False(exposure.Stands(X, House, Side.Buy, 9, 100));
        table.AskAmend(place, 105, 10);
        Assert.True(exposure.Stands(X, House, Side.Buy, 10, 105));
        table.Apply(place, OrderInput.AmendRejected);
        Assert.True(exposure.Stands(X, House, Side.Buy, 10, 100));
        table.Apply(place, OrderInput.Cancelled);
        Assert.False(exposure.Stands(X, House, Side.Buy, 0, 100));
    }

    private static void Report(OrderTable table, int place, OrderStatus status, long quantity, OrderInput input)
    {
        table.Learn(place, new OrderReport { Status = status, Price = 100, Quantity = quantity });
        table.Apply(place, input);
    }

    private static OrderTable Working(Exposure exposure, long quantity, out int place)
    {
        OrderTable table = new(exposure);
        table.Add(New(1, X, House, Side.Buy, quantity), 1);
        Assert.True(table.TryFind(IdOf(1), out place));
        table.Apply(place, OrderInput.Accepted);
        return table;
    }

    private static OrderId IdOf(long number) => OrderId.Of(1, number / 8, (int)(number % 8));

    private static Command New(long number, InstrumentId instrument, StrategyId owner, Side side, long quantity) => new()
    {
        Order = IdOf(number),
        Instrument = instrument,
        Owner = owner,
        Side = side,
        Quantity = quantity,
        Price = 100,
        Verb = CommandVerb.New,
        Type = OrderType.Limit,
        TimeInForce = TimeInForce.GoodTillCancel,
    };

    private static Gen<int> Steps => Gen.Choose(0, int.MaxValue);

    /// <summary>
    /// Steps pick an order and an input. The model keeps orders in a dictionary and moves them by the written rules.
    /// </summary>
    private static bool Agrees(int[] steps, bool plant)
    {
        Exposure exposure = new();
        OrderTable table = new(exposure);
        Dictionary<OrderId, Naive> model = [];
        Dictionary<(OrderState, OrderInput), string> rules = OrderRules.Cells().ToDictionary(c => (c.State, c.Input), c => c.Expected);
        long number = 0;
        foreach (int step in steps)
        {
            int dice = step;
            int Draw(int bound)
            {
                int value = dice % bound;
                dice /= bound;
                return value;
            }

            InstrumentId instrument = new((ushort)(1 + Draw(3)));
            StrategyId owner = new((ushort)Draw(3));
            Side side = Draw(2) == 0 ? Side.Buy : Side.Sell;
            Naive? live = model.Values.SingleOrDefault(
                o => o.Alive && o.Instrument == instrument && o.Owner == owner && o.Side == side);
            if (live is null)
            {
                Command command = New(++number, instrument, owner, side, 1 + Draw(20));
                table.Add(command, 1);
                model.Add(command.Order, new Naive(instrument, owner, side, command.Quantity));
            }
            else
            {
                OrderId id = model.First(pair => ReferenceEquals(pair.Value, live)).Key;
                if (!table.TryFind(id, out int place))
                {
                    return false;
                }

                OrderInput input = (OrderInput)Draw(OrderStateMachine.Inputs);
                long quantity = 1 + Draw(25);
                if (rules[(live.State, input)] == "halt")
                {
                    continue;
                }

                switch (input)
                {
                    case OrderInput.Fill or OrderInput.FillAll:
                        table.Fill(place, quantity);
                        live.Fill(quantity, rules);
                        break;
                    case OrderInput.AskAmend:
                        table.AskAmend(place, 101, quantity);
                        live.Asked = quantity;
                        live.Move(input, rules);
                        break;
                    case OrderInput.Amended:
                        Report(table, place, OrderStatus.Amended, quantity, input);
                        if (live.State != OrderState.PendingNew)
                        {
                            live.Quantity = quantity;
                        }

                        live.Move(input, rules);
                        break;
                    default:
                        table.Apply(place, input);
                        live.Move(input, rules);
                        break;
                }
            }

            if (!SameOrders(table, model) || !SameExposure(exposure, model, plant))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameOrders(OrderTable table, Dictionary<OrderId, Naive> model) =>
        model.All(pair => table.TryFind(pair.Key, out int place)
            && table[place].State == pair.Value.State
            && table[place].Filled == pair.Value.Filled)
        && model.Values.Where(o => o.Alive).GroupBy(o => (o.Instrument, o.Owner, o.Side)).All(lane => lane.Count() == 1);

    private static bool SameExposure(Exposure exposure, Dictionary<OrderId, Naive> model, bool plant)
    {
        List<Naive> alive = [.. model.Values.Where(o => o.Alive && !(plant && o.State == OrderState.Unknown))];
        if (exposure.LiveOrders != alive.Count)
        {
            return false;
        }

        for (ushort i = 1; i <= 3; i++)
        {
            foreach (Side side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
            {
                List<Naive> open = [.. alive.Where(o => o.Instrument.Value == i && o.Side == side)];
                if (exposure.Open(new InstrumentId(i), side) != open.Sum(o => o.Worst))
                {
                    return false;
                }

                for (ushort o = 0; o < 3; o++)
                {
                    if (exposure.OpenInLane(new InstrumentId(i), new StrategyId(o), side)
                        != open.Where(n => n.Owner.Value == o).Sum(n => n.Worst))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    /// <summary>An order as a person would keep it: what it is, what was asked, what was filled.</summary>
    private sealed class Naive(InstrumentId instrument, StrategyId owner, Side side, long quantity)
    {
        internal InstrumentId Instrument => instrument;

        internal StrategyId Owner => owner;

        internal Side Side => side;

        internal long Quantity { get; set; } = quantity;

        /// <summary>Total quantity of an amendment that nobody has answered; null when there is none.</summary>
        internal long? Asked { get; set; }

        internal long Filled { get; private set; }

        internal OrderState State { get; private set; } = OrderState.PendingNew;

        internal bool Alive => State is not (OrderState.Filled or OrderState.Cancelled or OrderState.Rejected or OrderState.Expired);

        internal long Largest => Math.Max(Quantity, Asked ?? 0);

        internal long Worst => Math.Max(0, Largest - Filled);

        internal void Fill(long units, Dictionary<(OrderState, OrderInput), string> rules)
        {
            Filled += units;
            Move(Filled >= Largest ? OrderInput.FillAll : OrderInput.Fill, rules);
        }

        internal void Move(OrderInput input, Dictionary<(OrderState, OrderInput), string> rules)
        {
            string rule = rules[(State, input)];
            if (rule == "ignored")
            {
                return;
            }

            OrderState next = Enum.Parse<OrderState>(rule);
            bool answered = input is OrderInput.Amended or OrderInput.AmendRejected or OrderInput.AmendNotSent or OrderInput.GoneUnamended
                || (State == OrderState.Unknown && input == OrderInput.Accepted);
            if (answered)
            {
                Asked = null;
            }
            else if (Asked is not null && next == OrderState.Working)
            {
                next = State == OrderState.Unknown ? OrderState.Unknown : OrderState.PendingAmend;
            }

            bool nothingLeft = Filled >= Largest;
            bool settled = next == OrderState.Working || input is OrderInput.GoneAtVenue or OrderInput.GoneUnamended;
            State = nothingLeft && settled ? OrderState.Filled : next;
        }
    }
}
