using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim.Accounting;

namespace LowLatency.Gateways.Sim;

/// <summary>
/// Answers a read-back of the account: what it holds when the request arrives, told when the answer arrives. Its begin is told
/// at once; one that meets an outage, or more than the reports have room for, has failed.
/// </summary>
internal sealed class AccountReader(
    VenueMarket[] markets,
    OrderTable orders,
    VenueAccount account,
    MarginBook margin,
    Matcher matcher,
    Reporter reporter,
    Incidents incidents,
    LatencyModel entry)
{
    private const long NineToMoney = 10;

    private long _arrivesAt = VenueOrder.Never;

    /// <summary>When the request under way arrives, or <see cref="VenueOrder.Never"/>.</summary>
    internal long NextDue => _arrivesAt;

    /// <summary>The engine asks.</summary>
    /// <param name="now">The instant.</param>
    internal void Ask(long now)
    {
        if (_arrivesAt != VenueOrder.Never)
        {
            return;
        }

        bool isCut = incidents.TryAt(now, out VenueIncident incident)
            && incident.Kind is IncidentKind.Disconnect or IncidentKind.Unknown or IncidentKind.Lost;
        if (isCut || matcher.SpareReports < Reports)
        {
            reporter.ReadBack(now, ReadBackSubject.Orders, ReadBackStage.Failed);
            return;
        }

        for (ReadBackSubject subject = ReadBackSubject.Orders; subject <= ReadBackSubject.Balances; subject++)
        {
            reporter.ReadBack(now, subject, ReadBackStage.Begin);
        }

        _arrivesAt = incidents.VenueUp(now + entry.At(now));
    }

    /// <summary>The request arrives: the account as it is now is on its way back.</summary>
    internal void Answer()
    {
        long at = _arrivesAt;
        _arrivesAt = VenueOrder.Never;
        if (matcher.SpareReports < Reports)
        {
            reporter.ReadBackItem(InstrumentId.None, at, Stage(ReadBackSubject.Orders, ReadBackStage.Failed, 0, at), false);
            return;
        }

        int working = 0;
        for (int i = 0; i < orders.Places; i++)
        {
            if (orders.IsLive(i))
            {
                reporter.ReadBackItem(orders[i].Instrument, at, ReportOf(orders[i]), true);
                working++;
            }
        }

        End(ReadBackSubject.Orders, working, at);
        End(ReadBackSubject.Executions, reporter.ReadExecutions(at), at);
        Positions(at);
        Balances(at);
    }

    internal void Visit(StateVisitor visitor) => visitor.Visit(ref _arrivesAt);

    // Begins, ends, an item for each order, execution, instrument and currency.
    private int Reports => orders.Count + Reporter.RecentMax + markets.Length + PortfolioLedger.Currencies + 8;

    private static ReadBack Stage(ReadBackSubject subject, ReadBackStage stage, int items, long at) =>
        new() { Subject = subject, Stage = stage, Items = items, AsOf = at };

    private static OrderReport ReportOf(in VenueOrder order) => new()
    {
        Order = order.Id,
        VenueOrder = new VenueId(Reporter.VenueTag, order.VenueNumber),
        Price = order.Price,
        Quantity = order.Quantity,
        CumulativeQuantity = order.Filled,
        Status = OrderStatus.Accepted,
        Side = order.Side,
    };

    private void End(ReadBackSubject subject, int items, long at) =>
        reporter.ReadBackItem(InstrumentId.None, at, Stage(subject, ReadBackStage.End, items, at), false);

    private void Positions(long at)
    {
        int items = 0;
        for (ushort i = 1; i < markets.Length; i++)
        {
            InstrumentId id = new(i);
            if (markets[i].IsDefined)
            {
                ref readonly Position position = ref account[id];
                PositionReport report = new()
                {
                    Quantity = position.Quantity,
                    AveragePrice = AverageOf(markets[i].Rules, position),
                };
                reporter.ReadBackItem(id, at, report, true);
                items++;
            }
        }

        End(ReadBackSubject.Positions, items, at);
    }

    private void Balances(long at)
    {
        for (int c = 0; c < account.CurrencyCount; c++)
        {
            margin.Sum(c, at, out long equity, out long initial, out long maintenance);
            BalanceReport report = new()
            {
                Currency = account.Currency(c),
                Cash = account.Cash(c),
                Equity = equity,
                Available = Math.Max(0, Math.Min(account.Cash(c), equity) - initial - OpenBuys(c)),
                InitialMargin = initial,
                MaintenanceMargin = maintenance,
            };
            reporter.ReadBackItem(InstrumentId.None, at, report, true);
        }

        End(ReadBackSubject.Balances, account.CurrencyCount, at);
    }

    private long OpenBuys(int currency)
    {
        long sum = 0;
        for (int i = 0; i < orders.Places; i++)
        {
            if (orders.IsLive(i) && orders[i].Side == Side.Buy && account.CurrencyOf(orders[i].Instrument) == currency
                && markets[orders[i].Instrument.Value].Rules is { SettlesInCash: true } rules)
            {
                sum += rules.Notional(orders[i].Price, orders[i].Remaining);
            }
        }

        return sum;
    }

    // 10^-9 of the currency, further decimals cut off; of an inverse contract, whose cost is coins, none.
    private static long AverageOf(in Instrument rules, in Position position)
    {
        if (position.Quantity == 0 || rules.Kind == InstrumentKind.Inverse)
        {
            return 0;
        }

        Int128 units = (Int128)position.Quantity * rules.Multiplier;
        Int128 average = (Int128)position.Cost * NineToMoney * Instrument.PowerOf10(rules.QuantityExponent) / units;
        return average > 0 && average <= long.MaxValue ? (long)average : 0;
    }
}
