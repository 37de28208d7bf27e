using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// The orders of the recent past, for the rate and the repeat check. Bounded rings; the oldest falls out. No question
/// costs more when more was sent.
/// </summary>
public sealed class OrderHistory : IStateful
{
    private const int TimeMask = RiskSettings.WindowOrdersMax - 1;
    private const int RecentMask = RiskSettings.RecentOrders - 1;
    private const int Heads = RiskSettings.RecentOrders * 2;

    private readonly long[] _times = new long[RiskSettings.WindowOrdersMax];
    private readonly Recent[] _recent = new Recent[RiskSettings.RecentOrders];

    // The newest order of each hash; each order names the one before it of the same hash. A number that has left the ring
    // ends the chain, so nothing is ever removed from it.
    private readonly long[] _newest = new long[Heads];
    private long _count;

    /// <summary>Remembers an order that was sent.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="quantity">Quantity units.</param>
    /// <param name="price">Price units.</param>
    public void Add(long now, InstrumentId instrument, Side side, long quantity, long price)
    {
        _times[_count & TimeMask] = now;
        long signed = side.Sign() * quantity;
        ref long newest = ref _newest[HeadOf(instrument.Value, signed, price)];
        _recent[_count & RecentMask] = new Recent
        {
            At = now,
            Quantity = signed,
            Price = price,
            Instrument = instrument.Value,
            Before = newest,
        };
        newest = ++_count;
    }

    /// <summary>True when so many orders were sent after an instant.</summary>
    /// <param name="after">ReceivedAt; orders at it are not counted.</param>
    /// <param name="enough">At most <see cref="RiskSettings.WindowOrdersMax"/>; none or less is always there.</param>
    /// <returns>Whether there were that many.</returns>
    public bool HasSent(long after, int enough) =>
        enough <= 0 || (_count >= enough && _times[(_count - enough) & TimeMask] > after);

    /// <summary>Orders sent after an instant, at most <paramref name="enough"/>.</summary>
    /// <param name="after">ReceivedAt; orders at it are not counted.</param>
    /// <param name="enough">Where counting stops, at most <see cref="RiskSettings.WindowOrdersMax"/>.</param>
    /// <returns>The count.</returns>
    public int SentAfter(long after, int enough)
    {
        // Times never run backwards: the first one after the instant is found by halving.
        int low = 0;
        int high = (int)System.Math.Min(_count, System.Math.Min(enough, _times.Length));
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (HasSent(after, middle))
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>
    /// Equal orders sent after an instant, at most <paramref name="enough"/>; 0 when all orders together are fewer.
    /// </summary>
    /// <param name="after">ReceivedAt; orders at it are not counted.</param>
    /// <param name="enough">Where counting stops.</param>
    /// <param name="instrument">Instrument.</param>
    /// <param name="side">Side.</param>
    /// <param name="quantity">Quantity units.</param>
    /// <param name="price">Price units.</param>
    /// <returns>The count.</returns>
    public int EqualAfter(long after, int enough, InstrumentId instrument, Side side, long quantity, long price)
    {
        // Most often even all orders together are too few: then there is nothing to compare.
        if (!HasSent(after, enough))
        {
            return 0;
        }

        int found = 0;
        long signed = side.Sign() * quantity;
        long number = _newest[HeadOf(instrument.Value, signed, price)];
        while (number > 0 && number > _count - _recent.Length && found < enough)
        {
            ref readonly Recent recent = ref _recent[(number - 1) & RecentMask];
            if (recent.At <= after)
            {
                break;
            }

            if (recent.Instrument == instrument.Value && recent.Quantity == signed && recent.Price == price)
            {
                found++;
            }

            number = recent.Before;
        }

        return found;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_times);
        visitor.Visit<Recent>(_recent);
        visitor.Visit<long>(_newest);
        visitor.Visit(ref _count);
    }

    private static int HeadOf(long instrument, long quantity, long price)
    {
        unchecked
        {
            ulong mixed = ((ulong)instrument * 0x9E3779B97F4A7C15UL)
                ^ ((ulong)quantity * 0xC2B2AE3D27D4EB4FUL)
                ^ ((ulong)price * 0xD6E8FEB86659FD93UL);
            mixed ^= mixed >> 29;
            mixed *= 0xBF58476D1CE4E5B9UL;
            return (int)(mixed >> 40) & (Heads - 1);
        }
    }

    private struct Recent
    {
        public long At;
        public long Quantity;
        public long Price;
        public long Instrument;

        /// <summary>Number of the order before it of the same hash, counted from 1; 0 for none.</summary>
        public long Before;
    }
}
