using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;

namespace LowLatency.Core.Portfolio;

/// <content>What becomes of positions when shares are split or delisted.</content>
public sealed partial class PortfolioLedger
{
    /// <summary>True for the execution by which the venue ends the position in a delisted share: nobody asked for it, everybody knows it.</summary>
    /// <param name="id">The instrument.</param>
    /// <param name="execution">The execution.</param>
    /// <returns>Whether it closes the whole position of the account.</returns>
    public bool IsCloseOut(InstrumentId id, in Execution execution) =>
        execution.Order.IsNone
        && _market[id].Status == TradingStatus.Delisted
        && execution.Side.Sign() * execution.Quantity == -_positions[id.Value].Quantity;

    /// <summary>
    /// Ends what strategies hold of a share, each its own part at the price. Where the account holds none of it, they settle
    /// with one another.
    /// </summary>
    /// <param name="id">The instrument.</param>
    /// <param name="price">Price units, not negative.</param>
    public void CloseOut(InstrumentId id, long price)
    {
        Instrument instrument = _market[id].Definition;
        long held = 0;
        long given = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            long part = -_virtual[Index(strategy, id)].Quantity;
            if (part != 0)
            {
                // Along running sums, as in Share.
                held += part;
                long upTo = instrument.Value(price, held);
                Attribute(strategy, id, price, part, upTo - given, 0);
                given = upTo;
            }
        }

        _filled = true;
    }

    /// <summary>A dividend is in force: whoever holds the share now gets it, when it is paid.</summary>
    /// <param name="id">The instrument.</param>
    public void Entitle(InstrumentId id)
    {
        _entitled.Whole(id) = _positions[id.Value].Quantity;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            _entitled.Part(strategy, id) = _virtual[Index(strategy, id)].Quantity;
        }
    }

    /// <summary>
    /// Old shares become new ones: the position and, along running sums, every part of it, so that the parts add up to the
    /// whole. What was paid stays; what is left of a share is paid by the venue.
    /// </summary>
    /// <param name="id">The instrument.</param>
    /// <param name="ratio">New for old shares.</param>
    /// <param name="sequence">The event's: orders made before it are of old shares.</param>
    public void Split(InstrumentId id, in ShareRatio ratio, long sequence)
    {
        ref Position position = ref _positions[id.Value];
        _splits.Remember(id, ratio, position.Quantity, sequence);
        position.Split(ratio.Quantity(position.Quantity));
        FollowHeld(id);
        long held = 0;
        long given = 0;
        for (ushort s = 0; s < Owners; s++)
        {
            StrategyId strategy = new(s);
            ref VirtualPosition part = ref _virtual[Index(strategy, id)];
            held += part.Quantity;
            long upTo = ratio.Quantity(held);
            _splits.Rest(strategy, id) = ratio.Rest(part.Quantity, upTo - given);
            part.Quantity = upTo - given;
            given = upTo;
            Trips.Split(strategy, id, part.Quantity, ratio);
        }
    }

    /// <summary>A fill of an order of old shares: it is worth what it was, and counts in new shares.</summary>
    private bool ApplyOld(
        InstrumentId id,
        in Instrument instrument,
        in Execution execution,
        long signed,
        long value,
        StrategyId owner,
        ArbitrationStage arbitration)
    {
        Ensure.That(instrument.SettlesInCash, "only shares are split");
        long units = _splits.Convert(id, signed);
        _positions[id.Value].ApplyOld(units, value, execution.Fee);
        FollowHeld(id);
        _cash[_currencyOf[id.Value]] -= value + execution.Fee;
        _filled = true;
        if (owner != StrategyId.House || units == 0)
        {
            Attribute(owner, id, _splits.Price(id, execution.Price), units, value, execution.Fee);
        }
        else
        {
            Share(id, execution, units, value, arbitration, isOurs: true);
        }

        return true;
    }
}
