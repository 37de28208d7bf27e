using System;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;

namespace LowLatency.Core.Orders.Reconciling;

/// <summary>
/// Compares what one complete reading of an account said with what is here. What moved here since a subject's reading began is
/// not judged by it. It keeps nothing between readings.
/// </summary>
internal sealed class AccountCompare(
    AccountGate gate,
    OrderTable orders,
    PortfolioLedger portfolio,
    MarketView market,
    StrayOrders strays,
    Movements movements)
{
    /// <summary>A position that cannot be valued: nothing of it can be adopted.</summary>
    internal const long NoCost = long.MinValue;

    private readonly bool[] _there = new bool[OrderTable.Capacity];

    /// <summary>Orders: those that the reading named, and those here that it did not name.</summary>
    internal void Orders(int account, ReadBackFold read, Differences found)
    {
        Array.Clear(_there);
        long begin = read.BeganWith(ReadBackSubject.Orders);
        ReadOnlySpan<ReadOrder> named = read.Orders;
        for (int i = 0; i < named.Length; i++)
        {
            ref readonly ReadOrder order = ref named[i];
            if (order.Id.IsNone)
            {
                Foreign(order, begin, found);
            }
            else if (!orders.TryFind(order.Id, out int place))
            {
                Add(found, order, DifferenceKind.OrderMissingHere, 0, order.Leaves);
            }
            else if (IsSecond(named, i, orders[place].VenueOrder))
            {
                Add(found, order, DifferenceKind.DuplicateOrder, 0, order.Leaves);
            }
            else
            {
                _there[place] = true;
                if (movements.OfOrder(place).Sequence < begin)
                {
                    Known(order, orders[place], found);
                }
            }
        }

        for (int place = 0; place < OrderTable.Capacity; place++)
        {
            ref readonly OrderRecord record = ref orders[place];
            if (record.State != OrderState.None
                && !OrderStateMachine.IsTerminal(record.State)
                && !_there[place]
                && gate.AccountOf(record.Instrument) == account)
            {
                Unnamed(place, record, read, found);
            }
        }
    }

    /// <summary>Positions.</summary>
    /// <returns>Bit i - 1: instrument i moved while it was read, and was not judged.</returns>
    internal ulong Positions(int account, ReadBackFold read, Differences found)
    {
        ulong moved = 0;
        long begin = read.BeganWith(ReadBackSubject.Positions);
        long asOf = read.AsOf(ReadBackSubject.Positions);
        for (ushort i = 1; i <= market.Highest; i++)
        {
            InstrumentId id = new(i);
            if (gate.AccountOf(id) != account || !market.TryGet(id, out InstrumentMarket? its))
            {
                continue;
            }

            // A coin that was bought is a balance at some venues: without a position told there is nothing to compare.
            if (its.Definition.Kind == InstrumentKind.Spot && !read.Names(id))
            {
                continue;
            }

            if (movements.OfPosition(id).Sequence >= begin || (asOf != 0 && movements.OfPosition(id).At > asOf))
            {
                moved |= 1UL << (i - 1);
                continue;
            }

            Position(its, read, found);
        }

        return moved;
    }

    /// <summary>Balances of the currencies that are known here.</summary>
    /// <param name="read">The reading.</param>
    /// <param name="elsewhere">What the other accounts have, by currency.</param>
    /// <param name="found">Gets what differs.</param>
    internal void Balances(ReadBackFold read, ReadOnlySpan<long> elsewhere, Differences found)
    {
        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            Currency8 currency = portfolio.Currency(c);
            long theirs = read.Cash(currency) + elsewhere[c];
            long ours = portfolio.Cash(c);
            if (Math.Abs(ours - theirs) > gate.Settings.BalanceTolerance)
            {
                found.Add(new Found
                {
                    What = new Adjustment
                    {
                        Difference = DifferenceKind.Balance,
                        Currency = currency,
                        Ours = ours,
                        Theirs = theirs,
                    },
                });
            }
        }
    }

    private static void Add(Differences found, in ReadOrder order, DifferenceKind kind, long ours, long theirs) =>
        found.Add(new Found
        {
            Instrument = order.Instrument,
            What = new Adjustment
            {
                Difference = kind,
                Order = order.Id,
                VenueOrder = order.Venue,
                Ours = ours,
                Theirs = theirs,
                VenuePrice = order.Price,
                Leaves = order.Leaves,
                Side = order.Side,
            },
        });

    /// <summary>The venue has the id twice, and this is not the one that it told of when it accepted the order.</summary>
    private static bool IsSecond(ReadOnlySpan<ReadOrder> named, int at, VenueId known)
    {
        for (int i = 0; i < named.Length; i++)
        {
            if (i != at && named[i].Id == named[at].Id)
            {
                return known == VenueId.None ? i < at : named[at].Venue != known && (i < at || named[i].Venue == known);
            }
        }

        return false;
    }

    private void Foreign(in ReadOrder order, long begin, Differences found)
    {
        int place = strays.Find(order.Id, order.Venue);
        long ours = place < 0 ? 0 : strays[place].Leaves;
        bool isNewer = place >= 0 && strays[place].Told >= begin;
        bool isAgreed = place >= 0 && strays[place].IsAdopted != 0 && ours == order.Leaves
            && gate.Settings.Foreign == ForeignOrders.Adopt;
        if (!isNewer && !isAgreed)
        {
            Add(found, order, DifferenceKind.ForeignOrder, ours, order.Leaves);
        }
    }

    private static void Known(in ReadOrder order, in OrderRecord record, Differences found)
    {
        if (OrderStateMachine.IsTerminal(record.State))
        {
            Add(found, order, DifferenceKind.OrderState, (long)record.State, (long)OrderState.Working);
            return;
        }

        if (order.Side != Side.None && order.Side != record.Side)
        {
            Add(found, order, DifferenceKind.OrderSide, (long)record.Side, (long)order.Side);
            return;
        }

        // What is not known yet differs in nothing: its state is asked, not its terms.
        if (record.State is OrderState.Unknown or OrderState.PendingNew)
        {
            return;
        }

        bool pending = record.PendingQuantity != 0;
        if (order.Price != record.Price && !(pending && order.Price == record.PendingPrice))
        {
            Add(found, order, DifferenceKind.OrderPrice, record.Price, order.Price);
        }

        if (order.Quantity != 0 && order.Quantity != record.Quantity
            && !(pending && order.Quantity == record.PendingQuantity))
        {
            Add(found, order, DifferenceKind.OrderQuantity, record.Quantity, order.Quantity);
        }

        if (order.Filled != record.Filled)
        {
            Add(found, order, DifferenceKind.OrderFilled, record.Filled, order.Filled);
        }
    }

    /// <summary>
    /// An order that is alive here and was not named. Once it was accepted, a reading after the life of its last request proves
    /// that it works no more; one that never was can still arrive: only the venue's own word ends it.
    /// </summary>
    private void Unnamed(int place, in OrderRecord record, ReadBackFold read, Differences found)
    {
        Movement last = movements.OfOrder(place);
        if (record.VenueOrder == VenueId.None
            || last.Sequence >= read.BeganWith(ReadBackSubject.Orders)
            || read.BeganAt(ReadBackSubject.Orders) - last.At < gate.Settings.RequestLife)
        {
            return;
        }

        found.Add(new Found
        {
            Instrument = record.Instrument,
            What = new Adjustment
            {
                Difference = DifferenceKind.OrderMissingThere,
                Order = record.Id,
                VenueOrder = record.VenueOrder,
                Ours = record.Leaves,
                VenuePrice = record.Price,
                Side = record.Side,
            },
        });
    }

    private void Position(InstrumentMarket its, ReadBackFold read, Differences found)
    {
        ref readonly Instrument rules = ref its.Definition;
        Position held = portfolio.Position(rules.Id);
        long theirs = read.Position(rules.Id, out long average);
        long cost = CostOf(its, held, theirs, average);
        Found difference = new()
        {
            Instrument = rules.Id,
            What = new Adjustment { VenuePrice = cost, Strategy = gate.Settings.Strategy },
        };
        if (theirs != held.Quantity)
        {
            bool turned = Math.Sign(theirs) == -Math.Sign(held.Quantity) && theirs != 0;
            difference.What.Difference = turned ? DifferenceKind.PositionSide : DifferenceKind.PositionQuantity;
            difference.What.Ours = held.Quantity;
            difference.What.Theirs = theirs;
            found.Add(difference);
            return;
        }

        if (average != 0 && theirs != 0 && cost != NoCost
            && Int128.Abs((Int128)cost - held.Cost) > ToleranceOf(rules, theirs, cost))
        {
            difference.What.Difference = DifferenceKind.PositionPrice;
            difference.What.Ours = held.Cost;
            difference.What.Theirs = cost;
            found.Add(difference);
        }
    }

    /// <summary>What the declared part allows, and what the venue's average price leaves open by its last decimal.</summary>
    private Int128 ToleranceOf(in Instrument rules, long quantity, long cost)
    {
        const int million = 1_000_000;
        Int128 declared = Int128.Abs((Int128)cost) * gate.Settings.CostTolerancePpm / million;
        Int128 cut = rules.Kind == InstrumentKind.Inverse ? 0 : Int128.Abs(ValueOf(rules, quantity, 1));
        return declared + cut + 1;
    }

    /// <summary>
    /// What the venue's position cost: by its average price; where it tells none the part of our cost that is left, and what is
    /// more at the market's price.
    /// </summary>
    private static long CostOf(InstrumentMarket its, in Position held, long theirs, long average)
    {
        ref readonly Instrument rules = ref its.Definition;
        if (theirs == 0)
        {
            return 0;
        }

        if (average > 0)
        {
            return Fits(ValueOf(rules, theirs, average));
        }

        bool smaller = Math.Sign(theirs) == Math.Sign(held.Quantity) && Math.Abs(theirs) <= Math.Abs(held.Quantity);
        if (smaller)
        {
            return Wide.MultiplyDivide(held.Cost, theirs, held.Quantity);
        }

        if (!its.TryReferencePrice(out long price) || price <= 0)
        {
            return NoCost;
        }

        bool same = Math.Sign(theirs) == Math.Sign(held.Quantity);
        return same ? held.Cost + rules.Value(price, theirs - held.Quantity) : rules.Value(price, theirs);
    }

    /// <summary>The value of a quantity at a price of 10^-9 of the currency, money units, rounded towards zero.</summary>
    private static Int128 ValueOf(in Instrument rules, long quantity, long priceE9)
    {
        const int nine = 9;
        Int128 units = (Int128)quantity * rules.Multiplier;
        if (rules.Kind == InstrumentKind.Inverse)
        {
            return -(units * Instrument.PowerOf10(Money.Exponent) * Instrument.PowerOf10(nine)
                / Instrument.PowerOf10(rules.QuantityExponent) / priceE9);
        }

        return units * priceE9 / Instrument.PowerOf10(nine + rules.QuantityExponent - Money.Exponent);
    }

    private static long Fits(Int128 value) =>
        value > long.MaxValue || value <= long.MinValue ? NoCost : (long)value;
}
