using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// What the venue does when a share is split, pays a dividend, or is delisted: whoever held it before that instant is meant.
/// Orders of old shares end, those on their way are refused; positions are multiplied and what is left of a share is paid;
/// dividends are owed from the ex-date on and paid at their pay date, by who is short; what is delisted is closed and trades no more.
/// </summary>
internal sealed class ShareActions(
    SimulatedVenueSettings settings,
    VenueMarket[] markets,
    VenueAccount account,
    ShareBook? shares,
    Matcher matcher,
    Arrivals arrivals,
    Reporter reporter)
{
    /// <summary>Dividends that are owed at one time; one more is paid at once.</summary>
    internal const int OwedMax = 256;

    private const long Day = 86_400_000_000_000;

    private readonly RulesBySymbol<DelistingRule> _delistings = new(settings.Money.Delistings);
    private readonly RulesBySymbol<DividendRule> _dividends = new(settings.Money.Dividends);

    // In the order in which they are paid.
    private readonly Owed[] _owed = new Owed[OwedMax];
    private int _owedCount;
    private long _bookedAt;
    private long _booked;

    /// <summary>When the next dividend is paid; <see cref="VenueOrder.Never"/> for none.</summary>
    internal long NextPayment => _owedCount == 0 ? VenueOrder.Never : _owed[0].At;

    /// <summary>Pays the dividend that is due first.</summary>
    internal void PayNext()
    {
        Owed owed = _owed[0];
        _owed.AsSpan(1, _owedCount - 1).CopyTo(_owed);
        _owed[--_owedCount] = default;
        Book(new InstrumentId((ushort)owed.Instrument), owed.At, owed.Amount, owed.Each, owed.Position, BookingReason.Dividend);
    }

    /// <summary>Does what an action says that acts.</summary>
    internal void Act(InstrumentId instrument, in CorporateAction action, long at)
    {
        VenueMarket market = markets[instrument.Value];
        if (action.Effect != CorporateActionEffect.InForce || !market.IsDefined)
        {
            return;
        }

        switch (action.Action)
        {
            case CorporateActionKind.Split:
                End(instrument, at);
                Split(instrument, market, action, at);
                break;
            case CorporateActionKind.Dividend:
                Pay(instrument, market, action, at);
                break;
            case CorporateActionKind.Delisted:
                End(instrument, at);
                Close(instrument, market, at);
                market.SetStatus(TradingStatus.Delisted);
                break;
        }
    }

    internal void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _bookedAt);
        visitor.Visit(ref _booked);
        visitor.Visit(ref _owedCount);
        visitor.Visit(_owed.AsSpan(0, _owedCount));
    }

    private void End(InstrumentId instrument, long at)
    {
        matcher.EndAll(instrument, at, ReportReason.CorporateAction);
        arrivals.Refuse(instrument, ReportReason.CorporateAction);
    }

    private void Split(InstrumentId instrument, VenueMarket market, in CorporateAction action, long at)
    {
        ShareRatio ratio = new(action.NewShares, action.OldShares);
        long before = account[instrument].Quantity;
        long after = ratio.Quantity(before);
        long price = action.ReferencePrice != 0 ? action.ReferencePrice : market.WorthE9;
        account.Split(instrument, after);
        shares?.Split(instrument, ratio);
        market.Split(ratio, at);
        long amount = ratio.CashFor(ratio.Rest(before, after), market.Rules.QuantityExponent, price);
        if (amount != 0)
        {
            Book(instrument, at, amount, price, before, BookingReason.CashInLieu);
        }
    }

    private void Pay(InstrumentId instrument, VenueMarket market, in CorporateAction action, long at)
    {
        long held = account[instrument].Quantity;
        if (held != 0)
        {
            // The value of the position at the dividend for its price, rounded down: never in our favour.
            long amount = Exact.Worth(market.Rules, action.CashPerShare, held);
            int days = action.PayAfterDays != 0 ? action.PayAfterDays : DaysOf(instrument, market.Symbol, at);
            if (days == 0 || _owedCount == OwedMax)
            {
                Book(instrument, at, amount, action.CashPerShare, held, BookingReason.Dividend);
            }
            else
            {
                Owe(new Owed
                {
                    At = at + (days * Day),
                    Instrument = instrument.Value,
                    Amount = amount,
                    Each = action.CashPerShare,
                    Position = held,
                });
            }
        }
    }

    private void Owe(in Owed owed)
    {
        int place = _owedCount++;
        while (place > 0 && _owed[place - 1].At > owed.At)
        {
            _owed[place] = _owed[place - 1];
            place--;
        }

        _owed[place] = owed;
    }

    private int DaysOf(InstrumentId instrument, Symbol24 symbol, long at)
    {
        int days = 0;
        foreach (DividendRule rule in _dividends.Of(instrument, symbol))
        {
            days = Exact.DayOfDate(rule.From) <= Exact.DayOf(at) ? rule.PayAfterDays : days;
        }

        return days;
    }

    private void Close(InstrumentId instrument, VenueMarket market, long at)
    {
        long held = account[instrument].Quantity;
        if (held == 0)
        {
            return;
        }

        long unit = Instrument.PowerOf10(Instrument.ExponentMax - market.Rules.PriceExponent);
        long value = TryDeclared(instrument, market.Symbol, at, out long declared) ? declared : market.WorthE9;
        long price = held > 0 ? value / unit : Exact.Ceiling(value, unit);
        account.Fill(market.Rules, -held, price, 0);
        shares?.OnFill(market.Rules, -held, price, 0, 0, at);
        reporter.Unasked(instrument, at, Sides.OfDelta(-held), price, Math.Abs(held));
    }

    private bool TryDeclared(InstrumentId instrument, Symbol24 symbol, long at, out long price)
    {
        price = 0;
        bool found = false;
        foreach (DelistingRule rule in _delistings.Of(instrument, symbol))
        {
            bool holds = Exact.DayOfDate(rule.From) <= Exact.DayOf(at);
            price = holds ? rule.Price : price;
            found |= holds;
        }

        return found;
    }

    // Several bookings of one instant are told apart by the nanoseconds of their ids.
    private void Book(InstrumentId instrument, long at, long amount, long price, long position, BookingReason reason)
    {
        _booked = _bookedAt == at ? _booked + 1 : 0;
        _bookedAt = at;
        account.Book(instrument, amount);
        reporter.Booked(instrument, at, new CashBooked
        {
            BookingId = Bookings.IdOf(instrument, reason, at + _booked),
            Amount = amount,
            AtPrice = price,
            Position = position,
            Reason = reason,
        });
    }

    /// <summary>A dividend that is owed (40 bytes).</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 8)]
    private struct Owed
    {
        public long At;

        public long Instrument;

        public long Amount;

        public long Each;

        public long Position;
    }
}
