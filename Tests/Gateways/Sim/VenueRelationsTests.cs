using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>
/// What must hold between the reports of two runs whose inputs differ in a known way: no right answer is needed, only that
/// both answers fit each other. Each rule runs over random markets with every type of order in them.
/// </summary>
public sealed class VenueRelationsTests
{
    private const int Seeds = 25;

    [Fact]
    public void A_shift_of_all_times_shifts_all_reports()
    {
        const long Later = 86_400_000_000_000;
        Compare(
            tape => tape.Select(i => i with { At = i.At + Later }),
            reports => reports.Select(r => Text(r, time: -Later)));
    }

    [Fact]
    public void A_shift_of_all_prices_shifts_all_fills() =>
        Compare(tape => Prices(tape, price => price + 5_000), reports => reports.Select(r => Text(r, price: p => p - 5_000)));

    [Fact]
    public void Buying_in_a_market_is_selling_in_its_mirror() => Compare(
        tape => Mirror(OneSide(tape)),
        reports => reports.Select(r => Text(r, price: p => 20_000 - p)),
        OneSide);

    [Fact]
    public void Twice_the_market_and_twice_the_orders_give_twice_the_fills() => Compare(
        tape => Quantities(tape, 2),
        reports => reports.Select(r => Text(r, share: 2)));

    [Fact]
    public void The_number_of_an_instrument_means_nothing() => Compare(tape => tape.Select(ToSecond), Texts);

    [Fact]
    public void Another_instrument_without_orders_changes_nothing() => Compare(
        tape => tape.Expand(i => i.IsCommand ? [i] : [i, ToSecond(i)]), Texts);

    [Fact]
    public void A_changed_future_leaves_the_past()
    {
        const long Until = 8_000;
        Compare(
            tape => Prices(tape.Where(i => i.At <= Until || i.At % 3 != 0), p => p, after: Until),
            reports => Texts(reports.Where(r => r.ReceivedAt <= Until)),
            result: reports => Texts(reports.Where(r => r.ReceivedAt <= Until)));
    }

    [Fact]
    public void An_end_of_the_tape_leaves_the_past()
    {
        const long Until = 9_000;
        Compare(
            tape => tape.Where(i => i.At <= Until),
            reports => Texts(reports.Where(r => r.ReceivedAt <= Until)),
            result: reports => Texts(reports.Where(r => r.ReceivedAt <= Until)));
    }

    [Fact]
    public void What_is_shown_twice_is_there_once() => Compare(
        tape => tape.Expand(i => !i.IsCommand && i.Input.Kind == EventKind.BookLevels && i.Input.Flags == EventFlags.Whole
            ? [i, i] : [i]),
        Texts,
        rules: s => s with { Trigger = TriggerPriceSource.Touch });

    [Fact]
    public void Suspicious_prints_change_nothing() => Compare(
        tape => tape.Expand(i => i.IsCommand ? [i] : [i, i with { Input = MarketScript.Trade(9_000, 900, Side.Sell, TradeMarks.Suspicious) }]),
        Texts);

    [Fact]
    public void Fees_change_no_fill() => Compare(
        tape => tape, Texts, changed: s => s with { MakerFeePpm = 1_000, TakerFeePpm = -1_000 });

    [Fact]
    public void Fees_are_proportional_to_their_rate_but_for_the_rounding()
    {
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            VenueTape tape = VenueTape.Record(seed, Venue(Rules(seed)));
            Event[] once = Fills(tape.Play(Venue(Rules(seed) with { MakerFeePpm = 100, TakerFeePpm = 500 })));
            Event[] twice = Fills(tape.Play(Venue(Rules(seed) with { MakerFeePpm = 200, TakerFeePpm = 1_000 })));
            Assert.Equal(once.Length, twice.Length);
            Assert.All(once.Zip(twice), pair => Assert.InRange((2 * pair.First.Execution.Fee) - pair.Second.Execution.Fee, 0, 1));
        }
    }

    [Fact]
    public void The_names_of_orders_mean_nothing() => Compare(
        tape => tape.Select(i => i.IsCommand ? i with { Command = Renamed(i.Command) } : i), Texts);

    [Fact]
    public void Orders_that_are_refused_change_nothing_for_the_others() => Compare(
        tape => tape.Expand(i => i.IsCommand && i.Command.Verb == CommandVerb.New
            ? [i with { Command = OffTick(i.Command) }, i] : [i]),
        reports => Texts(reports.Where(r => VenueHarness.OrderOf(r).Epoch == 1)),
        rules: s => s with { RateLimit = 0 });

    [Fact]
    public void A_longer_way_back_delays_reports_and_changes_no_fill() => Compare(
        tape => tape,
        reports => reports.Select(r => Text(r, time: r.Kind == EventKind.CommandOutcome ? 0 : -777)).Order(StringComparer.Ordinal),
        result: reports => Texts(reports).Order(StringComparer.Ordinal),
        rules: s => s with { Incidents = [] },
        changed: s => s with { ResponseLatency = s.ResponseLatency + 777 });

    [Fact]
    public void An_incident_after_the_last_report_changes_nothing() => Compare(
        tape => tape, Texts, changed: s => s with { Incidents = [.. s.Incidents, new VenueIncident(1_000_000, 2_000_000, IncidentKind.Reject)] });

    [Fact]
    public void A_rate_limit_that_is_never_reached_changes_nothing() => Compare(
        tape => tape, Texts, rules: s => s with { RateLimit = 0 }, changed: s => s with { RateLimit = 10_000 });

    [Fact]
    public void A_kinder_queue_model_never_fills_a_resting_order_later()
    {
        int kinder = 0;
        for (ulong seed = 1; seed <= 300; seed++)
        {
            // One resting order alone: with several the prints that one gets are another's loss.
            VenueTape tape = VenueTape.Record(seed, Venue(Rules(seed)));
            VenueTape one = Alone(tape, seed);
            SimulatedVenueSettings plain = SimulatedVenueContractTests.Settings(new VenueTerms());
            long averse = Filled(one.Play(Venue(plain)));
            long probable = Filled(one.Play(Venue(plain with { Queue = QueueModel.Power, QueueExponentThousandths = 2_000 })));
            Assert.True(averse <= probable, $"seed {seed}: risk-averse {averse}, power {probable}");
            kinder += averse < probable ? 1 : 0;
        }

        Assert.True(kinder > 0, "the models never differed");
    }

    // Each rule must be able to fail: a rule that compared nothing would pass this one too.
    [Fact]
    public void A_relation_that_does_not_hold_is_noticed()
    {
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compare(tape => tape.Select(i => i with { At = i.At + 1 }), Texts));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compare(tape => Quantities(tape, 2), Texts));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compare(tape => Mirror(tape), Texts));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => Compare(tape => tape, Texts, changed: s => s with { EntryLatency = s.EntryLatency + 40 }));
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(
            () => Compare(tape => tape, Texts, changed: s => s with { Incidents = [new VenueIncident(3_000, 9_000, IncidentKind.Reject)] }));
    }

    // Plays a tape and its change, and holds the reports against each other.
    private static void Compare(
        Func<VenueTape, VenueTape> change,
        Func<IEnumerable<Event>, IEnumerable<string>> back,
        Func<VenueTape, VenueTape>? first = null,
        Func<IEnumerable<Event>, IEnumerable<string>>? result = null,
        Func<SimulatedVenueSettings, SimulatedVenueSettings>? rules = null,
        Func<SimulatedVenueSettings, SimulatedVenueSettings>? changed = null)
    {
        int fills = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            SimulatedVenueSettings settings = rules is null ? Rules(seed) : rules(Rules(seed));
            VenueTape tape = VenueTape.Record(seed, Venue(settings));
            tape = first is null ? tape : first(tape);
            IReadOnlyList<Event> plain = tape.Play(Venue(settings));
            IReadOnlyList<Event> other = change(tape).Play(Venue(changed is null ? settings : changed(settings)));
            Assert.Equal([.. (result ?? Texts)(plain)], [.. back(other)]);
            fills += Fills(plain).Length;
        }

        Assert.True(fills > Seeds * 3, $"only {fills} fills");
    }

    private static SimulatedVenueSettings Rules(ulong seed) => SimulatedVenueContractTests.Settings(new VenueTerms
    {
        With = s => s with
        {
            SelfTrade = (SelfTradePrevention)(seed % 4),
            Amend = (AmendRule)(seed % 2),
            Trigger = (TriggerPriceSource)(seed / 2 % 2),
            RateLimit = seed % 3 == 0 ? 5 : 0,
            RateWindow = 400,
        },
    });

    private static SimulatedVenue Venue(SimulatedVenueSettings settings) => new(settings);

    private static IEnumerable<string> Texts(IEnumerable<Event> reports) => reports.Select(r => Text(r));

    // A report without names: when, what, how much.
    private static string Text(Event r, long time = 0, Func<long, long>? price = null, long share = 1)
    {
        string when = r.ReceivedAt + time + " ";
        switch (r.Kind)
        {
            case EventKind.CommandOutcome:
                return when + VenueHarness.Text(r);
            case EventKind.OrderReport:
                OrderReport word = r.OrderReport;
                return $"{when}{word.Status} {word.Reason} {word.CumulativeQuantity / share}";
            default:
                Execution fill = r.Execution;
                return $"{when}{fill.Liquidity} {fill.Quantity / share} @ {(price is null ? fill.Price : price(fill.Price))}";
        }
    }

    private static Event[] Fills(IEnumerable<Event> reports) => [.. reports.Where(r => r.Kind == EventKind.Execution)];

    private static long Filled(IEnumerable<Event> reports) => Fills(reports).Sum(f => f.Execution.Quantity);

    private static TapeItem ToSecond(TapeItem item)
    {
        Event input = item.Input;
        input.Instrument = new InstrumentId(2);
        Command command = item.Command;
        command.Instrument = new InstrumentId(2);
        return item with { Input = input, Command = command };
    }

    private static Command Renamed(Command command)
    {
        command.Order = OrderId.Of(7, command.Order.Sequence + 1_000, 3);
        return command;
    }

    private static Command OffTick(Command command)
    {
        command.Order = OrderId.Of(9, command.Order.Sequence, 0);
        command.Type = OrderType.Limit;
        command.Price = 10_001;
        command.TriggerPrice = 0;
        command.TrailingOffset = 0;
        command.TimeInForce = TimeInForce.GoodTillCancel;
        return command;
    }

    // What every price becomes; after an instant each becomes another one.
    private static VenueTape Prices(VenueTape tape, Func<long, long> price, long after = long.MaxValue) => tape.Select(i =>
    {
        long Move(long p) => p == 0 ? 0 : price(p) + (i.At > after ? 50 : 0);
        Event input = i.Input;
        Command command = i.Command;
        if (i.IsCommand)
        {
            command.Price = Move(command.Price);
            command.TriggerPrice = Move(command.TriggerPrice);
        }
        else if (input.Kind == EventKind.Trade)
        {
            input.Trade.Price = Move(input.Trade.Price);
        }
        else if (input.Kind == EventKind.BookLevels)
        {
            input.BookLevels = Levels(input.BookLevels, (side, p, q) => (side, Move(p), q));
        }

        return i with { Input = input, Command = command };
    });

    private static VenueTape Quantities(VenueTape tape, long times) => tape.Select(i =>
    {
        Event input = i.Input;
        Command command = i.Command;
        command.Quantity *= times;
        if (input.Kind == EventKind.Trade)
        {
            input.Trade.Quantity *= times;
        }
        else if (input.Kind == EventKind.BookLevels)
        {
            input.BookLevels = Levels(input.BookLevels, (side, p, q) => (side, p, q * times));
        }
        else if (input.Kind == EventKind.InstrumentDefined)
        {
            input.InstrumentDefined.MinNotional *= times;
        }

        return i with { Input = input, Command = command };
    });

    private static VenueTape Mirror(VenueTape tape) => tape.Select(i =>
    {
        Event input = i.Input;
        Command command = i.Command;
        command.Side = Opposite(command.Side);
        command.Price = command.Price == 0 ? 0 : 20_000 - command.Price;
        command.TriggerPrice = command.TriggerPrice == 0 ? 0 : 20_000 - command.TriggerPrice;
        if (input.Kind == EventKind.Trade)
        {
            input.Trade.Price = 20_000 - input.Trade.Price;
            input.Trade.Aggressor = Opposite(input.Trade.Aggressor);
        }
        else if (input.Kind == EventKind.BookLevels)
        {
            input.BookLevels = Levels(input.BookLevels, (side, p, q) => (Opposite(side), 20_000 - p, q));
        }

        return i with { Input = input, Command = command };
    });

    // Only our buys: where both our sides could have a print, the bid has it, and that has no mirror.
    private static VenueTape OneSide(VenueTape tape)
    {
        HashSet<OrderId> buys = [.. tape.Items.Where(i => i.IsCommand && i.Command.Verb == CommandVerb.New
            && i.Command.Side == Side.Buy && (i.Command.Flags & OrderFlags.ReduceOnly) == 0).Select(i => i.Command.Order)];
        return tape.Where(i => !i.IsCommand || buys.Contains(i.Command.Order));
    }

    // The market, and one limit order at the best bid.
    private static VenueTape Alone(VenueTape tape, ulong seed)
    {
        VenueTape market = tape.Where(i => !i.IsCommand);
        Command command = new()
        {
            Order = OrderId.Of(1, 1, 0),
            Instrument = MarketScript.Instrument,
            Verb = CommandVerb.New,
            Side = Side.Buy,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Price = 9_960 + (5 * (long)(seed % 8)),
            Quantity = 1_000,
        };
        return new VenueTape([.. market.Items.Take(4), new TapeItem(market.Items[3].At, default, command, true), .. market.Items.Skip(4)]);
    }

    private static Side Opposite(Side side) => side == Side.None ? Side.None : side == Side.Buy ? Side.Sell : Side.Buy;

    private static BookLevels Levels(BookLevels levels, Func<Side, long, long, (Side, long, long)> change)
    {
        BookLevels changed = new() { Layout = 1 };
        for (int i = 0; i < levels.Count; i++)
        {
            (Side side, long price, long quantity) = change(levels.SideAt(i), levels.PriceAt(i), levels.QuantityAt(i));
            Assert.True(changed.TryAdd(side, price, quantity));
        }

        return changed;
    }
}
