using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>The orders of the recent past, for the rate and the repeat check. Bounded rings; the oldest falls out.</summary>
public sealed class OrderHistory : IStateful
{
    private readonly long[] _times = new long[RiskSettings.WindowOrdersMax];
    private readonly Recent[] _recent = new Recent[RiskSettings.RecentOrders];
    private long _count;

    /// <summary>Remembers an order that was sent.</summary>
    /// <param name="now">ReceivedAt.</param>
    /// <param name="instrument">Its instrument.</param>
    /// <param name="side">Its side.</param>
    /// <param name="quantity">Quantity units.</param>
    /// <param name="price">Price units.</param>
    public void Add(long now, InstrumentId instrument, Side side, long quantity, long price)
    {
        _times[_count % _times.Length] = now;
        _recent[_count % _recent.Length] = new Recent
        {
            At = now,
            Quantity = side.Sign() * quantity,
            Price = price,
            Instrument = instrument.Value,
        };
        _count++;
    }

    /// <summary>Orders sent after an instant, at most <paramref name="enough"/>.</summary>
    /// <param name="after">ReceivedAt; orders at it are not counted.</param>
    /// <param name="enough">Where counting stops, at most <see cref="RiskSettings.WindowOrdersMax"/>.</param>
    /// <returns>The count.</returns>
    public int SentAfter(long after, int enough)
    {
        // Times never run backwards: the first one after the instant is found by halving.
        long low = System.Math.Max(0, _count - System.Math.Min(enough, _times.Length));
        long high = _count;
        while (low < high)
        {
            long middle = (low + high) / 2;
            if (_times[middle % _times.Length] > after)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return (int)(_count - low);
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
        if (SentAfter(after, enough) < enough)
        {
            return 0;
        }

        int found = 0;
        long signed = side.Sign() * quantity;
        for (long i = _count - 1; i >= 0 && i >= _count - _recent.Length && found < enough; i--)
        {
            ref readonly Recent recent = ref _recent[i % _recent.Length];
            if (recent.At <= after)
            {
                break;
            }

            if (recent.Instrument == instrument.Value && recent.Quantity == signed && recent.Price == price)
            {
                found++;
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit<long>(_times);
        visitor.Visit<Recent>(_recent);
        visitor.Visit(ref _count);
    }

    private struct Recent
    {
        public long At;
        public long Quantity;
        public long Price;
        public long Instrument;
    }
}
