using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Properties;

/// <summary>
/// Stands outside the pipeline and sees what a stranger sees: events in, commands out. From them alone it keeps positions
/// and what every order could still do, and complains when the limits do not hold.
/// </summary>
internal sealed class RiskAuditor(RiskSettings limits)
{
    private readonly Dictionary<OrderId, Order> _orders = [];
    private readonly Dictionary<int, long> _positions = [];
    private readonly List<Order> _alive = [];
    private readonly HashSet<VenueId> _executions = [];
    private readonly List<long> _sent = [];
    private readonly List<long> _refused = [];
    private readonly Dictionary<int, (long Paid, long Fees)> _money = [];
    private readonly AccountAuditor _account = new(limits);
    private readonly Dictionary<int, (long Book, long Trade)> _heard = [];
    private readonly MarketView _market = new([], 0);
    private TradingState _state = limits.InitialState;
    private bool _killed;
    private bool _tripped;

    /// <summary>What was found wrong, in words; null as long as all holds.</summary>
    internal string? Complaint { get; private set; }

    internal int Adding { get; private set; }

    /// <summary>Money paid in.</summary>
    internal long Deposits { get; private set; }

    /// <summary>Position of an instrument, money units paid less received for it, and fees.</summary>
    internal (long Quantity, long Paid, long Fees) Books(int instrument) =>
        (Position(instrument), _money.GetValueOrDefault(instrument).Paid, _money.GetValueOrDefault(instrument).Fees);

    internal long Position(int instrument) => _positions.GetValueOrDefault(instrument);

    internal void See(in Event e, in Decision decision)
    {
        _market.Apply(e);
        _account.See(e);
        Fold(e);
        _account.Mark();
        _alive.RemoveAll(order => order.Dead);
        long since = e.ReceivedAt - limits.OrderWindow;
        _sent.RemoveAll(at => at <= since);
        // One after the other: an order that reduces may follow one that took the last place.
        for (int i = 0; i < decision.CommandCount; i++)
        {
            Obey(decision.Commands[i], e.ReceivedAt);
            if (decision.Commands[i].Verb != CommandVerb.Cancel)
            {
                Judge(decision.Commands[i], e.ReceivedAt);
            }
        }

        foreach (int instrument in _positions.Keys)
        {
            long most = limits.Default.MaxPositionE9 / Rig.Piece;
            long worst = Math.Max(Position(instrument) + Open(instrument, Side.Buy), Open(instrument, Side.Sell) - Position(instrument));
            Demand(worst <= most, $"worst-case position {worst} of instrument {instrument} above {most}");
        }
    }

    /// <summary>After a kill and its Continue events every live order has been asked to go.</summary>
    internal void AfterKill() =>
        Demand(
            _alive.TrueForAll(o => o.Dead || o.CancelAsked), "the kill switch left a live order without a cancel");

    private void Fold(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.InstrumentDefined:
                _positions.TryAdd(e.Instrument.Value, 0);
                break;
            case EventKind.BookLevels:
                _heard[e.Instrument.Value] = (e.ReceivedAt, _heard.GetValueOrDefault(e.Instrument.Value).Trade);
                break;
            case EventKind.Trade:
                _heard[e.Instrument.Value] = (_heard.GetValueOrDefault(e.Instrument.Value).Book, e.ReceivedAt);
                break;
            case EventKind.CashMoved:
                Deposits += e.CashMoved.Amount;
                break;
            case EventKind.Operator:
                Hear(e.Operator.Verb);
                break;
            case EventKind.CommandOutcome when _orders.TryGetValue(e.CommandOutcome.Order, out Order? order)
                && e.CommandOutcome.Outcome == Outcome.NotSent:
                order.Dead |= e.CommandOutcome.Verb == CommandVerb.New;
                order.CancelAsked &= e.CommandOutcome.Verb != CommandVerb.Cancel;
                order.Asked = e.CommandOutcome.Verb == CommandVerb.Amend ? 0 : order.Asked;
                order.AskedPrice = e.CommandOutcome.Verb == CommandVerb.Amend ? order.Price : order.AskedPrice;
                order.Dead |= order.IsFilled;
                break;
            case EventKind.CommandOutcome when _orders.TryGetValue(e.CommandOutcome.Order, out Order? doubted)
                && e.CommandOutcome.Outcome == Outcome.Unknown:
                doubted.InDoubt = true;
                doubted.OfNew = e.CommandOutcome.Verb == CommandVerb.New;
                break;
            case EventKind.OrderReport when _orders.TryGetValue(e.OrderReport.Order, out Order? order):
                Fold(e.OrderReport, order);
                Count(e.OrderReport, e.ReceivedAt);
                break;
            case EventKind.Execution when _executions.Add(e.Execution.ExecutionId):
                int sign = e.Execution.Side == Side.Buy ? 1 : -1;
                _positions[e.Instrument.Value] += sign * e.Execution.Quantity;
                _account.Fill(
                    e.Instrument.Value, sign * e.Execution.Quantity, e.Execution.Price, e.Execution.Fee, e.Execution.Order);
                (long paid, long fees) = _money.GetValueOrDefault(e.Instrument.Value);
                paid += sign * e.Execution.Quantity * e.Execution.Price * Rig.MoneyPerCent;
                _money[e.Instrument.Value] = (paid, fees + e.Execution.Fee);
                if (_orders.TryGetValue(e.Execution.Order, out Order? filled))
                {
                    // What fills has arrived: a report that comes later answers nothing that was in doubt.
                    filled.InDoubt &= !filled.OfNew;
                    filled.Filled += e.Execution.Quantity;
                    filled.Dead |= filled.IsFilled;
                }

                break;
        }
    }

    private void Count(in OrderReport report, long now)
    {
        bool refused = report.Status is OrderStatus.Rejected or OrderStatus.AmendRejected or OrderStatus.CancelRejected
            && report.Reason is not (
                ReportReason.PostOnlyWouldTake or ReportReason.UnknownOrder or ReportReason.AmendBelowFilled);
        if (refused)
        {
            BreakerRule rule = limits.Breakers[0];
            _refused.Add(now);
            _tripped |= _refused.Count(at => at > now - rule.Window) >= rule.Limit;
        }
    }

    private static void Fold(in OrderReport report, Order order)
    {
        switch (report.Status)
        {
            case OrderStatus.Rejected or OrderStatus.Cancelled or OrderStatus.Expired:
                order.Dead = true;
                break;
            case OrderStatus.Accepted when order.InDoubt:
                // The venue was asked what became of it: this is what it now is.
                order.InDoubt = false;
                order.Price = report.Price;
                order.AskedPrice = report.Price;
                order.Quantity = report.Quantity;
                order.Asked = 0;
                break;
            case OrderStatus.Amended:
                order.Price = report.Price;
                order.AskedPrice = report.Price;
                order.Quantity = report.Quantity;
                order.Asked = 0;
                break;
            case OrderStatus.AmendRejected:
                order.AskedPrice = order.Price;
                order.Asked = 0;
                break;
            case OrderStatus.CancelRejected:
                order.CancelAsked = false;
                break;
        }

        order.Dead |= order.IsFilled;
    }

    private void Hear(OperatorVerb verb)
    {
        if (verb == OperatorVerb.ResetBreakers)
        {
            _refused.Clear();
            _tripped = false;
            return;
        }

        _killed = verb == OperatorVerb.Kill || (_killed && verb != OperatorVerb.ReleaseKill);
        if (_killed)
        {
            _state = TradingState.Halted;
        }
        else if (verb != OperatorVerb.ReleaseKill)
        {
            _state = verb switch
            {
                OperatorVerb.Halt => TradingState.Halted,
                OperatorVerb.Reduce => _state == TradingState.Halted ? TradingState.Halted : TradingState.Reducing,
                _ => TradingState.Active,
            };
        }
    }

    private void Obey(in Command command, long now)
    {
        if (command.Verb == CommandVerb.New)
        {
            Order made = new()
            {
                Instrument = command.Instrument.Value,
                Owner = command.Owner.Value,
                Side = command.Side,
                Quantity = command.Quantity,
                Price = command.Price,
                AskedPrice = command.Price,
            };
            bool fresh = _orders.TryAdd(command.Order, made);
            _alive.Add(made);
            Demand(fresh, "an order id was used twice");
            _sent.Add(now);
            return;
        }

        if (!_orders.TryGetValue(command.Order, out Order? order))
        {
            Demand(false, "a command for an order that was never made");
            return;
        }

        if (command.Verb == CommandVerb.Cancel)
        {
            // One too many does no harm: an amendment refused because the order is gone does not prove how it ended.
            order.CancelAsked = true;
            return;
        }

        Demand(!order.Dead, "an amendment of a dead order");

        order.Grows = command.Quantity > Math.Max(order.Quantity, order.Asked);
        order.Asked = command.Quantity;
        order.AskedPrice = command.Price;
        _sent.Add(now);
    }

    private void Judge(in Command command, long now)
    {
        Order order = _orders[command.Order];
        Adding++;
        long leaves = command.Quantity - order.Filled;
        Demand(!_killed && _state != TradingState.Halted, $"{command.Verb} while HALTED");
        Demand(leaves <= limits.Default.MaxOrderQuantityE9 / Rig.Piece, $"an order of {leaves}");
        Demand((Int128)leaves * command.Price * Rig.MoneyPerCent <= limits.Default.MaxOrderNotional, "an order's notional");
        Demand(
            _alive.Count(o => !o.Dead && o.Instrument == order.Instrument && o.Owner == order.Owner && o.Side == order.Side) == 1,
            "two live orders in a lane and side");

        Command sent = command;
        Demand(
            !_alive.Exists(o => !o.Dead && o.Instrument == order.Instrument && o.Owner != order.Owner
                && o.Side != order.Side && Meets(sent, o)),
            "an order that reaches one of our own");

        // An order that only brings the position nearer to zero, with all else on its side, is free of the rest.
        long directed = command.Side == Side.Buy ? Position(order.Instrument) : -Position(order.Instrument);
        long others = Open(order.Instrument, command.Side) - order.Worst;
        if (directed < 0 && others + leaves <= -directed)
        {
            return;
        }

        bool grows = command.Verb == CommandVerb.New || order.Grows;
        Demand(!grows || !_tripped, $"{command.Verb} that adds risk while a breaker is tripped");
        Demand(!grows || _state == TradingState.Active, $"{command.Verb} that adds risk while {_state}");
        if (command.Verb == CommandVerb.New)
        {
            int alive = _alive.Count(o => !o.Dead);
            Demand(alive <= limits.MaxWorkingOrders, $"{alive} orders alive");
        }

        if (grows)
        {
            JudgeWorth(command, order, now);
            string? broken = _account.Judge(command, Open, Orders);
            Demand(broken is null, broken ?? string.Empty);
        }

        int rate = _sent.Count(at => at > now - limits.OrderWindow);
        Demand(rate <= limits.MaxOrdersPerWindow, $"{rate} orders in the window");
    }

    /// <summary>Ages, and what it could lose and be worth with everything else at its worst.</summary>
    private void JudgeWorth(in Command command, Order order, long now)
    {
        InstrumentLimits own = limits.Default;
        (long book, long trade) = _heard[order.Instrument];
        Demand(now - book <= own.StaleAfter, $"an order that adds on a book of {now - book} ns");
        Demand(own.TradesStaleAfter == 0 || now - trade <= own.TradesStaleAfter, "an order that adds without prints");
        int sign = command.Side == Side.Buy ? 1 : -1;
        long worth = Math.Max(command.Price, Price(order.Instrument)) * Rig.MoneyPerCent;
        long mine = sign * ((sign * Position(order.Instrument)) + Open(order.Instrument, command.Side));
        long opposite = sign * ((sign * Position(order.Instrument)) - Open(order.Instrument, sign > 0 ? Side.Sell : Side.Buy));
        long gross = Math.Max(Math.Abs(mine), Math.Abs(opposite)) * worth;
        long net = sign * mine * worth;
        decimal squared = 0;
        foreach (int other in _positions.Keys)
        {
            if (other == order.Instrument)
            {
                continue;
            }

            long price = Price(other) * Rig.MoneyPerCent;
            long most = (Position(other) + Open(other, Side.Buy)) * price;
            long least = (Position(other) - Open(other, Side.Sell)) * price;
            gross += Math.Max(Math.Abs(most), Math.Abs(least));
            net += sign > 0 ? most : -least;
            foreach (long corner in (long[])[most, least])
            {
                squared = Math.Max(squared, Adjusted(mine * worth, corner));
            }
        }

        Demand(gross <= limits.MaxGrossNotional, $"{gross} gross");
        Demand(limits.MaxNetNotional == 0 || net <= limits.MaxNetNotional, $"{net} net");
        decimal root = (limits.Correlation?.Limit ?? long.MaxValue) / 1e8m;
        Demand(squared <= root * root, $"{squared} squared and correlated");
        Demand(
            limits.Groups.Length == 0 || order.Instrument != 1 || sign * mine * worth <= limits.Groups[0].MaxNet, "a group's net value");

        JudgeShown(command, order, own);

        // Nobody's stop is nearer than 10 basis points; the third strategy has none.
        int distance = order.Owner == 3 ? own.WorstMoveBps : 10;
        Demand(own.MaxTradeLoss == 0 || sign * mine * worth / 10_000 * distance <= own.MaxTradeLoss, "a trade that may lose too much");
        if (limits.Account is null)
        {
            long equity = Equity();
            Demand(gross <= (Int128)equity * limits.MaxLeverageE9 / 1_000_000_000, $"{gross} gross on {equity}");
            Demand(
                limits.MaxConcentrationPpm == 0
                    || sign * mine * worth <= (Int128)equity * limits.MaxConcentrationPpm / 1_000_000,
                "a position too large a part of equity");
        }
    }

    /// <summary>Unit by unit through what is shown: how much there is, and what it costs on the average.</summary>
    private void JudgeShown(in Command command, Order order, InstrumentLimits own)
    {
        Demand(!own.RequiresStop || order.Owner != 3, "an order that adds for who has no stop");
        InstrumentMarket market = _market[new InstrumentId((ushort)order.Instrument)];
        long leaves = command.Quantity - order.Filled;
        long directed = command.Side == Side.Buy ? Position(order.Instrument) : -Position(order.Instrument);
        long reducing = Math.Clamp(-directed - (Open(order.Instrument, command.Side) - order.Worst), 0, leaves);
        if ((own.MaxDepthPpm == 0 && own.MaxImpactBps == 0) || leaves <= reducing || !market.TryBest(out long bid, out _, out long ask, out _))
        {
            return;
        }

        long touch = command.Side == Side.Buy ? ask : bid;
        if (command.Side == Side.Buy ? command.Price < touch : command.Price > touch)
        {
            return;
        }

        Queue<long> shown = [];
        int levels = command.Side == Side.Buy ? market.Book.AskCount : market.Book.BidCount;
        for (int depth = 0; depth < levels; depth++)
        {
            BookLevel level = market.Book.LevelAt(command.Side.Opposite(), depth);
            bool within = command.Side == Side.Buy ? level.Price <= command.Price : level.Price >= command.Price;
            for (long unit = 0; within && unit < level.Quantity; unit++)
            {
                shown.Enqueue(level.Price);
            }
        }

        long most = own.MaxDepthPpm == 0 ? long.MaxValue : shown.Count * (long)own.MaxDepthPpm / 1_000_000;
        Demand(leaves <= Math.Max(reducing, most), $"an order of {leaves} where {shown.Count} are shown");
        decimal extra = 0;
        for (long unit = 0; unit < leaves; unit++)
        {
            extra += Math.Abs((shown.Count > 0 ? shown.Dequeue() : command.Price) - touch);
        }

        Demand(
            own.MaxImpactBps == 0 || extra / leaves / touch * 10_000 <= own.MaxImpactBps,
            $"an order of {leaves} that moves the price by {extra / leaves}");
    }

    private decimal Adjusted(long a, long b)
    {
        int ppm = limits.Correlation?.Ppm[1] ?? 0;
        return limits.Correlation is null ? 0 : (a / 1e8m * (a / 1e8m)) + (b / 1e8m * (b / 1e8m)) + (2 * (a / 1e8m) * (b / 1e8m) * ppm / 1e6m);
    }

    private long Equity() => Deposits + _positions.Keys.Sum(i =>
        (Position(i) * Price(i) * Rig.MoneyPerCent) - _money.GetValueOrDefault(i).Paid - _money.GetValueOrDefault(i).Fees);

    private long Price(int instrument)
    {
        _market[new InstrumentId((ushort)instrument)].TryReferencePrice(out long price);
        return price;
    }

    private int Orders(int instrument, Side side) => _alive.Count(o => !o.Dead && o.Instrument == instrument && o.Side == side && o.Worst > 0);

    private static bool Meets(in Command command, Order other) => command.Side == Side.Buy
        ? command.Price >= Math.Min(other.Price, other.AskedPrice)
        : command.Price <= Math.Max(other.Price, other.AskedPrice);

    private long Open(int instrument, Side side) => _alive
        .Where(o => !o.Dead && o.Instrument == instrument && o.Side == side)
        .Sum(o => o.Worst);

    private void Demand(bool holds, string complaint)
    {
        if (!holds)
        {
            Complaint ??= complaint;
        }
    }

    private sealed class Order
    {
        internal required int Instrument { get; init; }

        internal required int Owner { get; init; }

        internal required Side Side { get; init; }

        internal required long Quantity { get; set; }

        internal long Price { get; set; }

        internal long AskedPrice { get; set; }

        internal long Asked { get; set; }

        internal long Filled { get; set; }

        internal bool Grows { get; set; }

        internal bool CancelAsked { get; set; }

        internal bool InDoubt { get; set; }

        /// <summary>The doubt is whether it arrived at all.</summary>
        internal bool OfNew { get; set; }

        internal bool Dead { get; set; }

        internal long Worst => Math.Max(0, Math.Max(Quantity, Asked) - Filled);

        internal bool IsFilled => Filled >= Math.Max(Quantity, Asked);
    }
}
