using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Checks 39 and 40: what the venue says may be used for new orders, and how near its margin call is. Figures that are too old,
/// or were never told, let nothing add.
/// </summary>
internal sealed class VenueFigures(
    ReconcileSettings settings, RiskSettings risk, AccountGate gate, MarketView market, PortfolioLedger portfolio) : IStateful
{
    private const long Million = 1_000_000;
    private const int Places = PortfolioLedger.Currencies + 1;

    // The last place of each account is the account as a whole, in the venue's unit of account: dollars.
    private readonly Figure[] _figures = new Figure[ReconcileSettings.VenuesMax * Places];

    /// <summary>Takes over what the venue says, by a stream or in a reading.</summary>
    internal void See(in Event e)
    {
        if (e.Kind != EventKind.BalanceReport || gate.IndexOf(e.Source) is not (>= 0 and int account))
        {
            return;
        }

        ref readonly BalanceReport report = ref e.BalanceReport;
        bool isWhole = ((ReadOnlySpan<byte>)report.Currency)[0] == 0;
        int place = isWhole ? PortfolioLedger.Currencies : Find(report.Currency);
        if (place < 0)
        {
            return;
        }

        // What was sent shortly before may not be in it yet: an order counts until the second report after it.
        ref Figure figure = ref _figures[(account * Places) + place];
        figure.SentBefore = figure.Sent;
        figure.Sent = 0;
        figure.At = e.ReceivedAt;
        figure.Available = report.Available == 0 && !isWhole && !IsDollars(report.Currency)
            ? Math.Max(0, Saturated((Int128)Math.Min(report.Cash, report.Equity) - report.InitialMargin))
            : report.Available;
        figure.Equity = report.Equity;
        figure.Maintenance = report.MaintenanceMargin;
    }

    /// <summary>An order was sent or changed: what it needs more than before is not available any more.</summary>
    /// <param name="command">New or amend.</param>
    /// <param name="leaves">What may still be filled of it, quantity units.</param>
    /// <param name="priceBefore">Its price until now; 0 for a new one.</param>
    /// <param name="leavesBefore">What could still be filled of it until now.</param>
    internal void OnSent(in Command command, long leaves, long priceBefore, long leavesBefore)
    {
        int account = gate.AccountOf(command.Instrument);
        if (account < 0)
        {
            return;
        }

        InstrumentMarket its = market[command.Instrument];
        ref readonly Instrument rules = ref its.Definition;
        long reference = its.TryReferencePrice(out long price) ? price : 0;
        long before = rules.Notional(Math.Max(priceBefore, reference), leavesBefore);
        long need = Need(rules, Math.Max(0, rules.Notional(Math.Max(command.Price, reference), leaves) - before));
        int currency = portfolio.CurrencyOf(command.Instrument);
        Send(ref _figures[(account * Places) + currency], need);
        if (IsDollars(portfolio.Currency(currency)))
        {
            Send(ref _figures[(account * Places) + PortfolioLedger.Currencies], need);
        }
    }

    /// <summary>Caps an order by what the venue has.</summary>
    internal void Cap(in OrderCase order, Valuer valuer, ref RiskCheck check)
    {
        if (check.Left <= order.Reducing)
        {
            return;
        }

        ref readonly Instrument rules = ref order.Market.Definition;
        int account = Math.Max(0, gate.AccountOf(rules.Id));
        int currency = portfolio.CurrencyOf(rules.Id);
        ref readonly Figure own = ref _figures[(account * Places) + currency];
        ref readonly Figure whole = ref _figures[(account * Places) + PortfolioLedger.Currencies];

        // What is told of the account as a whole says nothing of an amount in another unit than its own.
        bool isOfAccount = own.Available == 0 && whole.At != 0 && IsDollars(portfolio.Currency(currency));
        ref readonly Figure figure = ref (isOfAccount ? ref whole : ref own);
        long age = figure.At == 0 ? long.MaxValue : market.Now - figure.At;
        check.KeepIf(age <= settings.FiguresMaxAge, order.Reducing, RiskReason.VenueFunds, age, settings.FiguresMaxAge);
        long added = rules.Notional(order.Worth, Math.Max(0, check.Left - order.Own));
        long needed = (long)Int128.Min(
            (Int128)figure.Sent + figure.SentBefore + Need(rules, added) + valuer.Fee(added), long.MaxValue);
        check.KeepIf(
            needed <= figure.Available, order.Reducing, RiskReason.VenueFunds, needed, Math.Max(0, figure.Available));

        ref readonly Figure margin = ref (whole.Maintenance != 0 ? ref whole : ref own);
        long floor = (long)Int128.Min((Int128)margin.Maintenance * settings.MarginFloorPpm / Million, long.MaxValue);
        check.KeepIf(floor == 0 || margin.Equity >= floor, order.Reducing, RiskReason.VenueMargin, margin.Equity, floor);
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor) => visitor.Visit<Figure>(_figures);

    private static void Send(ref Figure figure, long need) => figure.Sent = Saturated((Int128)figure.Sent + need);

    private static long Saturated(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);

    private static bool IsDollars(in Currency8 currency) => ((ReadOnlySpan<byte>)currency).TrimEnd((byte)0).SequenceEqual("USD"u8);

    private long Need(in Instrument rules, long value) => rules.SettlesInCash
        ? value
        : (long)Int128.Min((Int128)value * 1_000_000_000 / Math.Max(1, risk.MaxLeverageE9), long.MaxValue);

    /// <summary>The place of a currency; one that nothing here is settled in has none.</summary>
    private int Find(in Currency8 currency)
    {
        ReadOnlySpan<byte> code = currency;
        for (int c = 0; c < portfolio.CurrencyCount; c++)
        {
            Currency8 other = portfolio.Currency(c);
            ReadOnlySpan<byte> known = other;
            if (known.SequenceEqual(code))
            {
                return c;
            }
        }

        return -1;
    }

    private struct Figure
    {
        internal long Available;
        internal long Equity;
        internal long Maintenance;
        internal long At;
        internal long Sent;
        internal long SentBefore;
    }
}
