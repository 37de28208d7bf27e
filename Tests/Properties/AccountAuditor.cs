using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio.Accounts;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;

namespace LowLatency.Tests.Properties;

/// <summary>
/// A stranger's books of an account with shares: days, what was held in the morning, day trades, unsettled money. Kept in
/// lists and summed anew for each question, from events alone.
/// </summary>
internal sealed class AccountAuditor(RiskSettings limits)
{
    private readonly List<(int Day, int Instrument, long Change, long Paid)> _fills = [];
    private readonly Dictionary<int, long> _morning = [];
    private readonly MarketView _market = new([], 0);
    private long _deposits;
    private long _fees;
    private int _day = -1;
    private int _marked = -1;
    private long _morningEquity;
    private long _morningGross;
    private int _violations;
    private bool _restricted;
    private readonly HashSet<OrderId> _violating = [];
    private readonly Dictionary<int, (long Quantity, int Until)> _tainted = [];

    private AccountSettings Account => limits.Account!;

    /// <summary>The trading date, or 0.</summary>
    internal int Date => _day < 0 ? 0 : Account.Calendar.Sessions[_day].Date;

    internal void See(in Event e)
    {
        _market.Apply(e);
        if (e.Kind == EventKind.CashMoved)
        {
            _deposits += e.CashMoved.Amount;
            _morningEquity += _marked == _day ? e.CashMoved.Amount : 0;
        }

        if (limits.Account is null)
        {
            return;
        }

        int day = -1;
        for (int i = 0; i < Account.Calendar.Sessions.Length; i++)
        {
            day = Account.Calendar.Sessions[i].Open <= e.ReceivedAt ? i : day;
        }

        day = e.ReceivedAt >= Account.Calendar.Sessions[^1].Close ? -1 : day;
        if (day != _day)
        {
            _day = day;
            foreach (int instrument in (int[])[1, 2])
            {
                // The event of the new day is not in the books yet.
                _morning[instrument] = Position(instrument);
                if (_tainted.TryGetValue(instrument, out (long Quantity, int Until) tainted) && day >= tainted.Until)
                {
                    _tainted.Remove(instrument);
                }
            }
        }
    }

    internal void Mark()
    {
        if (limits.Account is not null && _day >= 0 && _marked != _day && Known())
        {
            _marked = _day;
            _morningEquity = Equity();
            _morningGross = Instruments().Sum(i => Math.Abs(_morning.GetValueOrDefault(i)) * Price(i)) * Rig.MoneyPerCent;
        }
    }

    internal void Fill(int instrument, long change, long price, long fee, OrderId order)
    {
        if (limits.Account is null)
        {
            return;
        }

        long paid = (change * price * Rig.MoneyPerCent) + fee;
        if (change < 0 && Account.Kind == AccountKind.Cash && _tainted.TryGetValue(instrument, out (long Quantity, int Until) tainted))
        {
            // A sale is one, in however many fills; a fill of nobody's order is a sale of its own.
            _violations += order.IsNone || _violating.Add(order) ? 1 : 0;
            _restricted |= _violations >= 2;
            _tainted[instrument] = (tainted.Quantity + change, tainted.Until);
            if (tainted.Quantity + change <= 0)
            {
                _tainted.Remove(instrument);
            }
        }

        _fills.Add((_day, instrument, change, paid));
        _fees += fee;
        if (change > 0 && Account.Kind == AccountKind.Cash && Settled() < 0)
        {
            int last = _fills.Where(f => f.Change < 0).Select(Due).Where(due => due > _day).DefaultIfEmpty(int.MaxValue).Max();
            _tainted[instrument] = (_tainted.GetValueOrDefault(instrument).Quantity + change, last);
        }
    }

    /// <summary>What a growing order breaks, or null.</summary>
    /// <param name="command">The order, taken into the open orders already.</param>
    /// <param name="open">What could still trade of an instrument and side.</param>
    /// <param name="orders">Live orders of an instrument and side.</param>
    internal string? Judge(in Command command, Func<int, Side, long> open, Func<int, Side, int> orders)
    {
        if (limits.Account is null)
        {
            return null;
        }

        if (Date == 0)
        {
            return "an order that adds on a day that is not known";
        }

        return Account.Kind == AccountKind.Cash ? JudgeCash(command, open) : JudgeMargin(command, open, orders);
    }

    private string? JudgeCash(in Command command, Func<int, Side, long> open)
    {
        foreach (int instrument in Instruments())
        {
            if (open(instrument, Side.Sell) > Math.Max(0, Position(instrument)))
            {
                return "a cash account sells what it does not have";
            }
        }

        long cash = Account.UsesUnsettled && !_restricted ? CashNow() : Settled();
        long need = 0;
        foreach (int instrument in Instruments())
        {
            long price = Price(instrument);
            need += open(instrument, Side.Buy) * (instrument == command.Instrument.Value ? Math.Max(price, command.Price) : price);
        }

        return command.Side == Side.Buy && need * Rig.MoneyPerCent > cash
            ? $"{need * Rig.MoneyPerCent} needed of {cash} settled" : null;
    }

    private string? JudgeMargin(in Command command, Func<int, Side, long> open, Func<int, Side, int> orders)
    {
        Account.Rules.TryAt(Date, out MarginRule rule);
        bool free = rule.DayTrades == 0 || _morningEquity >= rule.DayTradeEquity;
        long gross = 0;
        long today = 0;
        foreach (int instrument in Instruments())
        {
            bool own = instrument == command.Instrument.Value;
            long price = own ? Math.Max(Price(instrument), command.Price) : Price(instrument);
            long up = Position(instrument) + open(instrument, Side.Buy);
            long down = Position(instrument) - open(instrument, Side.Sell);
            gross += Math.Max(Math.Abs(up), Math.Abs(down)) * price * Rig.MoneyPerCent;
            today += Math.Max(Opened(instrument, up), Opened(instrument, down)) * price * Rig.MoneyPerCent;
        }

        long equity = Equity();
        Int128 most = equity < rule.MinimumEquity ? equity : (Int128)equity * 1_000_000 / (free ? rule.MaintenancePpm : rule.InitialPpm);
        if (gross > most)
        {
            return $"{gross} of shares on {equity} of equity";
        }

        Int128 power = (Int128)(_morningEquity - (_morningGross * rule.MaintenancePpm / 1_000_000)) * 1_000_000 / rule.MaintenancePpm;
        if (rule.DayTrades != 0 && free && today > power)
        {
            return $"{today} opened today on a buying power of {power}";
        }

        if (rule.DayTrades == 0 || free)
        {
            return null;
        }

        int could = DayTrades(rule.Window);
        foreach (int instrument in Instruments())
        {
            could += IsPending(instrument) ? 1 : 0;
            foreach (Side side in (Side[])[Side.Buy, Side.Sell])
            {
                long closes = Math.Max(0, side == Side.Buy ? -Position(instrument) : Position(instrument));
                could += open(instrument, side) > closes ? orders(instrument, side) : 0;
            }
        }

        return could > rule.DayTrades
            ? $"{could} day trades are possible: {DayTrades(rule.Window)} made, positions {Position(1)} and {Position(2)}, "
                + $"buys {open(1, Side.Buy)} in {orders(1, Side.Buy)}, {open(2, Side.Buy)} in {orders(2, Side.Buy)}, "
                + $"sells {open(1, Side.Sell)} in {orders(1, Side.Sell)}, {open(2, Side.Sell)} in {orders(2, Side.Sell)}"
            : null;
    }

    private static int[] Instruments() => [1, 2];

    private long Position(int instrument) => _fills.Where(f => f.Instrument == instrument).Sum(f => f.Change);

    private long Opened(int instrument, long position)
    {
        long morning = _morning.GetValueOrDefault(instrument);
        return Math.Sign(position) == Math.Sign(morning) ? Math.Max(0, Math.Abs(position) - Math.Abs(morning)) : Math.Abs(position);
    }

    private bool Known() => Instruments().All(i => Position(i) == 0 || _market[new InstrumentId((ushort)i)].TryReferencePrice(out _));

    private long Price(int instrument)
    {
        _market[new InstrumentId((ushort)instrument)].TryReferencePrice(out long price);
        return price;
    }

    private long CashNow() => _deposits - _fills.Sum(f => f.Paid);

    private long Equity() => CashNow() + (Instruments().Sum(i => Position(i) * Price(i)) * Rig.MoneyPerCent);

    private long Settled() => CashNow() + _fills.Where(f => f.Change < 0 && Due(f) > _day).Sum(f => f.Paid);

    private int Due((int Day, int Instrument, long Change, long Paid) fill)
    {
        Account.Rules.TryAt(Account.Calendar.Sessions[fill.Day].Date, out SettlementRule rule);
        return fill.Day + rule.Days;
    }

    /// <summary>Changes of direction within each day, by walking through all fills.</summary>
    private int DayTrades(int window)
    {
        int count = 0;
        foreach (int instrument in Instruments())
        {
            Walk(instrument, (day, _) => count += day > _day - window && day <= _day ? 1 : 0);
        }

        return count;
    }

    private bool IsPending(int instrument) => Walk(instrument, (_, _) => { });

    private bool Walk(int instrument, Action<int, int> trade)
    {
        long position = 0;
        bool opened = false;
        int day = -1;
        foreach ((int Day, int Instrument, long Change, long Paid) fill in _fills.Where(f => f.Instrument == instrument))
        {
            opened &= fill.Day == day;
            day = fill.Day;
            bool closes = Math.Sign(fill.Change) == -Math.Sign(position);
            if (closes && opened)
            {
                trade(day, instrument);
                opened = false;
            }

            opened |= !closes || Math.Abs(fill.Change) > Math.Abs(position);
            position += fill.Change;
        }

        return opened && day == _day;
    }
}
