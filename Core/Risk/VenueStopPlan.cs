using System;
using System.Numerics;
using LowLatency.Core.Arbitration;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Portfolio;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;

namespace LowLatency.Core.Risk;

/// <summary>
/// Says which stop is to rest at the venue for each position: as large as the position from its first execution on, beyond the
/// farthest stop that the engine holds for anybody in it, so that nobody is taken out by the venue before his own exit. A pair
/// of coins has none: its venues know no order that only reduces.
/// </summary>
internal sealed class VenueStopPlan(
    VenueStopRule rule,
    MarketView market,
    PortfolioLedger portfolio,
    ProtectiveExits exits,
    Protections protections,
    ProtectionAlarms alarms) : IStateful
{
    private const int Bps = 10_000;

    // Since when a position is without its stop; 0 while it has one.
    private readonly long[] _bareSince = new long[Limits.Instruments + 1];

    // Bit i - 1: instrument i is held, or a stop is wanted for it.
    private ulong _active;

    /// <summary>Looks at what an event changed; the exits have looked before.</summary>
    internal void See(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.BookLevels or EventKind.Quote or EventKind.Trade or EventKind.Bar when e.EndsGroup:
                if ((_active & Bit(e.Instrument)) != 0)
                {
                    Follow(e.Instrument);
                }

                break;
            case EventKind.Execution or EventKind.Adjustment or EventKind.CorporateAction:
                Follow(e.Instrument);
                break;
            case EventKind.Tick:
                Follow(_active | portfolio.Held);
                break;
        }

        Follow(protections.TakeHeard());
    }

    /// <inheritdoc/>
    public void Visit(StateVisitor visitor)
    {
        protections.Visit(visitor);
        visitor.Visit<long>(_bareSince);
        visitor.Visit(ref _active);
    }

    private static ulong Bit(InstrumentId instrument) =>
        instrument.Value is 0 or > Limits.Instruments ? 0 : 1UL << (instrument.Value - 1);

    private void Follow(ulong instruments)
    {
        for (; instruments != 0; instruments &= instruments - 1)
        {
            Follow(new InstrumentId((ushort)(BitOperations.TrailingZeroCount(instruments) + 1)));
        }
    }

    private void Follow(InstrumentId instrument)
    {
        if (!market.TryGet(instrument, out InstrumentMarket? its) || its.Definition.Kind == InstrumentKind.Spot)
        {
            return;
        }

        long position = portfolio.VenuePosition(instrument);
        ref readonly ProtectiveExit wanted = ref protections.Wanted(instrument);
        if (position == 0)
        {
            _active &= ~Bit(instrument);
            if (wanted.Exists)
            {
                protections.Want(instrument, default);
            }

            Tell(instrument, isCovered: true);
            return;
        }

        _active |= Bit(instrument);
        ProtectiveExit next = Next(its, position, wanted);
        if (Differs(wanted, next) && !IsTooLate(its, wanted, next))
        {
            protections.Want(instrument, next);
        }

        long rests = protections.Resting(instrument);
        long least = its.Definition.RoundToLot(Math.Abs(position));
        Tell(instrument, (Math.Sign(rests) == Math.Sign(position) && Math.Abs(rests) >= least)
            || protections.Yields(instrument, market.Now));
    }

    /// <summary>The stop of a position; as it was, in the new size, when nobody in it has one any more.</summary>
    private ProtectiveExit Next(InstrumentMarket its, long position, in ProtectiveExit wanted)
    {
        int direction = Math.Sign(position);
        long farthest = 0;
        for (uint open = portfolio.Trips.Open(its.Definition.Id); open != 0; open &= open - 1)
        {
            StrategyId strategy = new((ushort)BitOperations.TrailingZeroCount(open));
            if (exits.TryStop(strategy, its, out ProtectiveExit held) && Math.Sign(held.Quantity) == direction)
            {
                farthest = farthest == 0 ? held.Trigger
                    : direction > 0 ? Math.Min(farthest, held.Trigger)
                    : Math.Max(farthest, held.Trigger);
            }
        }

        long quantity = its.Definition.RoundToLot(position);
        if (farthest == 0 || quantity == 0)
        {
            ProtectiveExit same = wanted;
            same.Quantity = quantity;
            return quantity != 0 && Math.Sign(wanted.Quantity) == direction ? same : default;
        }

        Side side = Sides.OfDelta(-position);
        long trigger = Beyond(its.Definition, farthest, rule.BeyondBps, side);
        return new ProtectiveExit
        {
            Trigger = trigger,
            Worst = rule.SlippageBps == 0 ? 0 : Beyond(its.Definition, trigger, rule.SlippageBps, side),
            Quantity = quantity,
            Holder = ExitHolder.Venue,
            Source = ExitPrice.Last,
        };
    }

    /// <summary>A price further on the side of the loss, on the tick, rounded away.</summary>
    private static long Beyond(in Instrument rules, long price, int bps, Side side)
    {
        long away = (long)((((Int128)price * bps) + Bps - 1) / Bps);
        return Math.Max(rules.RoundToTickAggressive(price + (side.Sign() * away), side), rules.Tick);
    }

    private bool Differs(in ProtectiveExit wanted, in ProtectiveExit next) =>
        wanted.Exists != next.Exists
        || wanted.Quantity != next.Quantity
        || (Int128)Math.Abs(next.Trigger - wanted.Trigger) * Bps > (Int128)wanted.Trigger * rule.StepBps;

    /// <summary>
    /// A stop that the market has passed already would trade at once: the exit that the engine holds is doing that.
    /// </summary>
    private static bool IsTooLate(InstrumentMarket its, in ProtectiveExit wanted, in ProtectiveExit next) =>
        !wanted.Exists && its.TryReferencePrice(out long price) && next.IsTouched(price);

    private void Tell(InstrumentId instrument, bool isCovered)
    {
        ref long since = ref _bareSince[instrument.Value];
        since = isCovered ? 0 : since == 0 ? market.Now : since;
        alarms.Set(instrument, StrategyId.House, since != 0 && market.Now - since >= rule.AlarmAfter ? since : 0);
    }
}
