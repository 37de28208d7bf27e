using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Gateways.Sim.Accounting;

/// <summary>
/// What the venue books without a fill. The id of a booking is its instrument, its reason and its instant: it is the same
/// whenever the venue is asked, and never that of another.
/// </summary>
internal sealed class Bookings(VenueMarket[] markets, VenueAccount account, FundingBook funding, Reporter reporter)
{
    /// <summary>The id of what is booked for an instrument for a reason at an instant.</summary>
    internal static VenueId IdOf(InstrumentId instrument, BookingReason reason, long at) =>
        new((Reporter.VenueTag << 32) | ((ulong)reason << 16) | instrument.Value, (ulong)at);

    /// <summary>
    /// Pays the funding of the first instrument that pays at an instant: position x mark price x rate, from longs to shorts
    /// when the rate is positive, or the fee for shares that are short; rounded down: never in our favour. Nothing is told of
    /// what is not held.
    /// </summary>
    /// <returns>The instrument.</returns>
    internal InstrumentId Fund(long at)
    {
        InstrumentId instrument = funding.First();
        VenueMarket market = markets[instrument.Value];
        bool borrow = funding.IsBorrow(instrument);
        BookingReason reason = borrow ? BookingReason.Borrow : BookingReason.Funding;
        long rate = funding.Take(instrument, market.Symbol);
        long position = account[instrument].Quantity;
        if (position == 0 || (borrow && position > 0))
        {
            return instrument;
        }

        long mark = funding.MarkOf(instrument);
        mark = mark != 0 ? mark : market.WorthE9;
        Ensure.That(mark > 0, "funding is due of a position that has no price");
        long amount = Exact.ValueTimes(market.Rules, mark, borrow ? position : -position, rate);
        account.Book(instrument, amount);
        reporter.Booked(instrument, at, new CashBooked
        {
            BookingId = IdOf(instrument, reason, at),
            Amount = amount,
            AtPrice = mark,
            Position = position,
            Rate = rate,
            Reason = reason,
        });
        return instrument;
    }
}
