using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways.Sim;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Reality;

/// <summary>
/// Simulates the commands of a journal anew against its market, and says how its reports differ and what the difference is
/// made of.
/// </summary>
internal sealed class RealityCheck
{
    private readonly RealityOrders _orders = new();
    private readonly SideFold _journaled;
    private readonly SideFold _simulated;
    private readonly SideFold _onTime;
    private readonly MarketView _market = new([], 0);
    private readonly MarketHoles _holes = new();
    private readonly MeasuredLatency _latency = new();
    private readonly HashSet<(OrderId, long)> _notSent = [];
    private readonly SimulatedVenueSettings _venue;
    private bool _isLive;
    private bool _isSynthetic;
    private bool _hasOnTime;

    private RealityCheck(SimulatedVenueSettings venue)
    {
        _venue = venue;
        _journaled = new SideFold(_orders, RealitySide.Journaled, new FeeSchedule(venue));
        _simulated = new SideFold(_orders, RealitySide.Simulated);
        _onTime = new SideFold(_orders, RealitySide.OnTime);
    }

    /// <summary>Checks a journal directory.</summary>
    /// <param name="directory">A run's journal.</param>
    /// <param name="given">Whose venue to simulate; null for the journal's own.</param>
    /// <exception cref="InvalidDataException">It is no run, or its front is gone, or it is of more than one configuration.</exception>
    internal static RealityReport Of(string directory, EngineConfiguration? given)
    {
        RecordedRun run = RecordedRun.Of(directory);
        if (run.Configuration is not { } own)
        {
            throw new InvalidDataException($"{directory}: this is a data set, not a run; it has no commands to simulate anew");
        }

        if (Lineage.Of(new PosixStorage(), directory) is { Count: > 1 } lineages)
        {
            throw new InvalidDataException(
                $"{directory}: run {lineages[1].Started.Epoch} took over what another build or configuration had left; a check "
                + "simulates one configuration from its first order on");
        }

        return Of(() => new JournalTape(directory), own, given);
    }

    /// <summary>Checks what is on a tape.</summary>
    /// <param name="open">Opens the tape at its start; called twice at most.</param>
    /// <param name="own">The configuration of the run.</param>
    /// <param name="given">Whose venue to simulate; null for the run's own.</param>
    internal static RealityReport Of(Func<IRealityTape> open, EngineConfiguration own, EngineConfiguration? given)
    {
        SimulatedVenueSettings venue = VenueBuilder.Settings(given ?? own);
        RealityCheck check = new(venue);
        using (IRealityTape tape = open())
        {
            check.First(tape);
        }

        SimulatedVenueSettings onTime = check._isLive
            ? check._latency.In(venue)
            : given is null ? venue : InTheTimeOf(VenueBuilder.Settings(own), venue);
        check._hasOnTime = !ReferenceEquals(onTime, venue) || check._notSent.Count != 0;
        if (check._hasOnTime)
        {
            using IRealityTape tape = open();
            check.Second(tape, onTime);
        }

        return check.Finish();
    }

    /// <summary>A venue with the latency and the disturbances of another.</summary>
    private static SimulatedVenueSettings InTheTimeOf(SimulatedVenueSettings other, SimulatedVenueSettings venue) => venue with
    {
        EntryLatency = other.EntryLatency,
        ResponseLatency = other.ResponseLatency,
        EntryAddition = other.EntryAddition,
        ResponseAddition = other.ResponseAddition,
        Seed = other.Seed,
        Incidents = other.Incidents,
        RateLimit = other.RateLimit,
        RateWindow = other.RateWindow,
    };

    /// <summary>What was journaled, and the simulation as it is configured.</summary>
    private void First(IRealityTape tape)
    {
        RealityPass pass = new(new SimulatedVenue(_venue), _simulated);
        Event e = default;
        bool ended = false;
        while (tape.Read(ref e))
        {
            ended = e.Kind == EventKind.EpochEnded;
            _isSynthetic |= (e.Flags & EventFlags.Synthetic) != 0;
            if (e.Kind == EventKind.InstrumentDefined)
            {
                _journaled.Take(e);
            }
            else if (SideFold.IsWord(e))
            {
                _isLive |= e.Source != EventSource.SimulatedVenue;
                _journaled.Take(e);
                _latency.OnWord(e);
                NoteNotSent(e);
            }

            foreach (ref readonly Command command in tape.Commands)
            {
                _orders.OnCommand(e, command);
                _latency.OnCommand(e, command);
            }

            Watch(e);
            pass.Take(e, tape.Commands, isKept: null);
        }

        pass.Finish(ended);
    }

    /// <summary>The simulation at the journal's own time.</summary>
    private void Second(IRealityTape tape, SimulatedVenueSettings venue)
    {
        RealityPass pass = new(new SimulatedVenue(venue), _onTime);
        Event e = default;
        bool ended = false;
        while (tape.Read(ref e))
        {
            ended = e.Kind == EventKind.EpochEnded;
            pass.Take(e, tape.Commands, (command, sequence) => !_notSent.Contains((command.Order, sequence)));
        }

        pass.Finish(ended);
    }

    // What never left a live engine had the longest latency of all. The simulated venue says so by itself.
    private void NoteNotSent(in Event e)
    {
        if (e.Source != EventSource.SimulatedVenue
            && e is { Kind: EventKind.CommandOutcome, CommandOutcome.Outcome: Outcome.NotSent }
            && _notSent.Count < RealityOrders.OrdersMax)
        {
            _notSent.Add((e.CommandOutcome.Order, e.CommandOutcome.CommandSequence));
        }
    }

    private void Watch(in Event e)
    {
        if (e.Kind == EventKind.InstrumentDefined && _market.TryGet(e.Instrument, out InstrumentMarket? before))
        {
            Instrument old = before.Definition;
            Instrument now = e.InstrumentDefined.ToInstrument(e.Instrument);
            if (old.PriceExponent != now.PriceExponent || old.QuantityExponent != now.QuantityExponent
                || old.Multiplier != now.Multiplier)
            {
                throw new InvalidDataException(
                    $"event {e.Sequence}: {before.Symbol} is counted in other units from here on; a check values all fills "
                    + "of an instrument in one");
            }
        }

        if (e.Kind == EventKind.CorporateAction && e.CorporateAction.Splits
            && (_journaled.LastPrice[e.Instrument.Value] | _simulated.LastPrice[e.Instrument.Value]) != 0)
        {
            throw new InvalidDataException(
                $"event {e.Sequence}: {_market[e.Instrument].Symbol} is split after it was traded; a check values all fills of an "
                + "instrument in one unit");
        }

        _market.Apply(e);
        _holes.After(e, _market);
    }

    private RealityReport Finish()
    {
        List<RealityRow> rows = [];
        SortedDictionary<string, RealityProfit> profits = new(StringComparer.Ordinal);
        foreach (RealityOrder order in _orders.All)
        {
            if (!_market.TryGet(order.Instrument, out InstrumentMarket? market))
            {
                // An instrument that the journal never defines has no units: its orders were refused on all sides.
                continue;
            }

            RealityInstrument instrument = InstrumentOf(market);
            long final = FinalPrice(order.Instrument, market);
            Instrument rules = market.Definition;
            bool missed = _holes.Touch(order.Instrument, order.DecidedAt, order.Until);
            GapParts gap = GapParts.Of(order, rules, final, missed, _hasOnTime);
            rows.Add(new RealityRow(order, instrument, gap));
            Add(
                profits,
                instrument.Currency,
                GapParts.Value(order.Journaled.Fills, rules, final) - order.Journaled.Fees,
                GapParts.Value(order.Simulated.Fills, rules, final) - order.Simulated.Fees,
                gap);
        }

        SideFold onTime = _hasOnTime ? _onTime : _simulated;
        for (ushort i = 1; i <= _market.Highest; i++)
        {
            if (_market.TryGet(new InstrumentId(i), out InstrumentMarket? market))
            {
                GapParts booked = new()
                {
                    Latency = onTime.Booked[i] - _simulated.Booked[i],
                    Funding = _journaled.Booked[i] - onTime.Booked[i],
                };
                Add(profits, market.Currency.ToString(), _journaled.Booked[i], _simulated.Booked[i], booked);
            }
        }

        return new RealityReport
        {
            IsLive = _isLive,
            IsSynthetic = _isSynthetic,
            Latency = (_latency.Count, _latency.Halved),
            Rows = rows,
            Profits = [.. profits.Values],
            Summary = RealitySummary.Of(_orders.All),
        };
    }

    // All sides are valued alike, so where no price is known any will do.
    private long FinalPrice(InstrumentId id, InstrumentMarket market) =>
        market.TryReferencePrice(out long price) ? price
        : _journaled.LastPrice[id.Value] != 0 ? _journaled.LastPrice[id.Value]
        : _simulated.LastPrice[id.Value];

    private static void Add(
        SortedDictionary<string, RealityProfit> profits, string currency, long journaled, long simulated, in GapParts gap)
    {
        RealityProfit sum = profits.GetValueOrDefault(currency) ?? new RealityProfit(currency, 0, 0, default);
        GapParts parts = sum.Gap;
        parts.Add(gap);
        profits[currency] = new RealityProfit(currency, sum.Journaled + journaled, sum.Simulated + simulated, parts);
    }

    private static RealityInstrument InstrumentOf(InstrumentMarket market) => new(
        market.Symbol.ToString(),
        market.Currency.ToString(),
        market.Definition.PriceExponent,
        market.Definition.QuantityExponent);
}
