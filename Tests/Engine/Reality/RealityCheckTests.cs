using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Reality;
using LowLatency.Engine.Results;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Gateways;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Reality;

/// <summary>A journal beside the simulation of its commands: no gap where nothing differs, and elsewhere only its own.</summary>
public sealed class RealityCheckTests(PaperRun run) : IClassFixture<PaperRun>
{
    [Fact]
    public void A_paper_run_has_no_gap_to_its_own_configuration()
    {
        GeneratedRuns.AssertEnoughHappened(run.Result);
        RealityReport report = RealityCheck.Of(run.Journal, null);
        Assert.True(report.IsEqual);
        Assert.Equal((false, true), (report.IsLive, report.IsSynthetic));
        Assert.Equal(run.Result.NewOrders, report.Summary.Orders);
        Assert.Equal(GeneratedRuns.Count(run.Result, EventKind.Execution), report.Summary.FillsMatched);
        Assert.All(report.Profits, profit => Assert.Equal(default, profit.Gap));

        // The portfolio counts the same profit in another way: cash and positions at the reference price.
        RunReport told = RunReport.OfJournal(run.Journal, out _);
        Assert.Equal(
            told.Figures.Currencies.Single().Figures["profit_money"].Text,
            ResultTable.Amount(report.Profits.Single().Journaled));
        Assert.NotEqual(0, report.Profits.Single().Journaled);
    }

    [Fact]
    public void A_run_that_stopped_and_went_on_or_was_cut_has_no_gap_either()
    {
        // With lost streams, halts, sampled latency, incidents and a rate limit.
        EngineConfiguration configuration = GeneratedRuns.Configuration(16_000, root =>
        {
            long start = 1_767_225_600_000;
            root["venue"] = new JsonObject
            {
                ["entryLatency"] = new JsonObject
                {
                    ["lognormal"] = new JsonObject { ["medianUs"] = 800, ["sigmaThousandths"] = 900, ["mostUs"] = 40_000 },
                },
                ["rateLimit"] = new JsonObject { ["commands"] = 12, ["windowMs"] = 200 },
                ["incidents"] = new JsonArray(
                    new JsonObject { ["fromUnixMs"] = start + 10_000, ["forMs"] = 2_000, ["kind"] = "lost" },
                    new JsonObject { ["fromUnixMs"] = start + 20_000, ["forMs"] = 2_000, ["kind"] = "reject" }),
            };
        });
        using TemporaryFolder folder = new();
        string stopped = Path.Combine(folder.Path, "stopped");
        GeneratedRuns.Live(configuration, stopped, stopAfter: 9_000);
        GeneratedRuns.Live(configuration, stopped);
        RealityReport whole = RealityCheck.Of(stopped, null);
        Assert.True(whole.IsEqual && whole.Summary.FillsMatched > 50, whole.Summary.ToString());
        string cut = Path.Combine(folder.Path, "cut");
        GeneratedRuns.Die(configuration, Path.Combine(folder.Path, "run"), cut, 7_000);
        RealityReport part = RealityCheck.Of(cut, null);
        Assert.True(part.IsEqual && part.Summary.FillsMatched > 10, part.Summary.ToString());

        // Without its latency and disturbances there is a gap, and all of it is theirs.
        RealityReport plain = RealityCheck.Of(stopped, GeneratedRuns.Configuration(16_000));
        Assert.Equal(default, plain.Profits.Single().Gap with { Latency = 0 });
        Assert.False(plain.IsEqual);
    }

    [Theory]
    [InlineData("latency")]
    [InlineData("response")]
    [InlineData("fee")]
    public void Another_venue_has_its_gap_in_what_is_other_and_nowhere_else(string what)
    {
        RealityReport report = RealityCheck.Of(run.Journal, PaperRun.With(root => Change(root["venue"]!, what)));
        RealityProfit profit = Assert.Single(report.Profits);
        GapParts gap = profit.Gap;
        Assert.Equal(profit.Journaled - profit.Simulated, gap.Whole);
        Assert.Equal(gap.Whole, report.Rows.Sum(row => row.Gap.Whole));
        Assert.Equal((0, 0, 0), (gap.Queue, gap.MissedData, gap.Funding));
        Assert.Equal(what == "fee", gap.Fee != 0);
        Assert.Equal(what == "latency", gap.Latency != 0);
        Assert.False(report.IsEqual);
        Assert.Equal(what == "latency", report.Summary.FillsOnlyJournaled + report.Summary.FillsOnlySimulated != 0);
        if (what == "response")
        {
            // The market was met at the same moment; only the news comes later, by 4 ms and all of it.
            Assert.Equal(4_000_000, report.Summary.AnswerLater.Low);
            Assert.Equal(4_000_000, report.Summary.FillLater.High);
        }
    }

    [Fact]
    public void Another_queue_has_its_gap_in_the_queue_by_arithmetic()
    {
        // 100 stand before us; the level grows to 140 and shrinks to 60. Power with n = 1 says that 40 / 140 of the 80 who left
        // stood behind us: 100 - 57.14 = 42.86, so 43 are left before us, and of a print of 60 we get 17. The risk-averse model
        // says that 40 of them did: 60 are left before us, and we get nothing. 17 bought at 10,000 are worth 10,002 at the end,
        // the middle rounded down: 17 x 2 x 1,000 = 34,000, less 100 ppm of 170,000,000.
        EngineConfiguration power = PaperRun.With(root => Queue(root["venue"]!, "power"));
        EngineConfiguration averse = PaperRun.With(root => Queue(root["venue"]!, "risk-averse"));
        List<(Event Event, Command[] Commands)> tape = PaperRun.Recorded(
            power,
            (1, MarketScript.Define(), null),
            (1, MarketScript.StandardBook()[0], null),
            (1, MarketScript.StandardBook()[1], null),
            (2, MarketScript.Trade(10_005, 10, Side.Buy), new Command
            {
                Order = OrderId.Of(1, 3, 0),
                Instrument = MarketScript.Instrument,
                Verb = CommandVerb.New,
                Side = Side.Buy,
                Type = OrderType.Limit,
                TimeInForce = TimeInForce.GoodTillCancel,
                Quantity = 20,
                Price = 10_000,
            }),
            (3, MarketScript.Level(Side.Buy, 10_000, 140), null),
            (4, MarketScript.Level(Side.Buy, 10_000, 60), null),
            (5, MarketScript.Trade(10_000, 60, Side.Sell), null),
            (6, MarketScript.Level(Side.Buy, 9_990, 310), null));
        RealityReport own = RealityCheck.Of(() => new PaperRun.ListTape(tape), power, null);
        Assert.True(own.IsEqual);
        Assert.Equal(17, own.Rows.Single().Order.Journaled.Filled);
        RealityReport other = RealityCheck.Of(() => new PaperRun.ListTape(tape), power, averse);
        Assert.Equal(new GapParts { Queue = 34_000 - 17_000 }, other.Profits.Single().Gap);
        Assert.Equal((1, 0), (other.Summary.FillsOnlyJournaled, other.Summary.FillsOnlySimulated));
    }

    [Fact]
    public void A_gap_of_fees_is_the_difference_of_the_rates()
    {
        RealityReport report = RealityCheck.Of(run.Journal, PaperRun.With(root => Change(root["venue"]!, "fee")));

        // Naive: each execution's fee at 100 ppm more for makers, rounded up, from the journal's own numbers.
        decimal more = 0;
        foreach ((Event e, _) in run.Tape.Where(item => item.Event.Kind == EventKind.Execution))
        {
            Instrument rules = Rules(e.Instrument);
            decimal value = (decimal)e.Execution.Price * e.Execution.Quantity * (decimal)Math.Pow(10, 8 - rules.PriceExponent - rules.QuantityExponent);
            bool isMaker = e.Execution.Liquidity == Liquidity.Maker;
            more += Math.Ceiling(value * (isMaker ? run.Configuration.Venue.MakerFeePpm + 100 : run.Configuration.Venue.TakerFeePpm) / 1_000_000m)
                - e.Execution.Fee;
        }

        Assert.Equal(more, report.Profits.Single().Gap.Fee);
        Assert.True(more > 0);
    }

    [Fact]
    public void A_price_a_fee_a_booking_and_a_strange_fill_are_each_found_to_the_unit()
    {
        Event fill = run.Tape.First(item => item.Event.Kind == EventKind.Execution).Event;
        Instrument rules = Rules(fill.Instrument);
        long unit = fill.Execution.Side.Sign() * (rules.Notional(fill.Execution.Price, fill.Execution.Quantity)
            - rules.Notional(fill.Execution.Price + 1, fill.Execution.Quantity));
        Assert.Equal(new GapParts { Queue = unit - FeeStep(fill, rules), Fee = FeeStep(fill, rules) }, GapOf(run.Changed(e => Is(e, fill)
            ? With(e, (ref Execution x) => x.Price++)
            : e)));
        Assert.Equal(new GapParts { Fee = -1 }, GapOf(run.Changed(e => Is(e, fill) ? With(e, (ref Execution x) => x.Fee++) : e)));

        List<(Event Event, Command[] Commands)> booked = [.. run.Tape];
        Event booking = fill;
        booking.Set(new CashBooked { BookingId = new VenueId(1, 1), Amount = -7, Reason = BookingReason.Funding });
        booked.Insert(booked.FindIndex(item => Is(item.Event, fill)), (booking, []));
        booked.Insert(booked.FindIndex(item => Is(item.Event, fill)), (booking, []));
        Assert.Equal(new GapParts { Funding = -7 }, GapOf(booked));

        List<(Event Event, Command[] Commands)> strange = [.. run.Tape];
        Event foreign = With(fill, (ref Execution x) =>
        {
            x.ExecutionId = new VenueId(2, 2);
            x.Order = OrderId.Of(9, 9, 9);
        });
        strange.Insert(strange.FindIndex(item => Is(item.Event, fill)), (foreign, []));
        RealityReport report = run.Check(strange);
        Assert.Equal(1, report.Summary.Foreign);
        Assert.Equal(default, report.Profits.Single().Gap with { MissedData = 0 });
        Assert.NotEqual(0, report.Profits.Single().Gap.MissedData);

        // The same execution said again is no second fill.
        List<(Event Event, Command[] Commands)> twice = [.. run.Tape];
        twice.Insert(twice.FindIndex(item => Is(item.Event, fill)), (fill, []));
        Assert.True(run.Check(twice).IsEqual);
    }

    [Fact]
    public void Orders_without_a_market_are_a_gap_of_missed_data_only_where_the_journal_says_so()
    {
        long[] times = [.. run.Tape.Where(item => item.Event.Kind == EventKind.BookLevels).Select(item => item.Event.ReceivedAt)];
        long from = times[times.Length / 3];
        long to = times[times.Length * 2 / 3];
        GapParts silent = GapOf(run.Changed(e => IsLost(e, from, to) ? null : e));
        Assert.NotEqual(0, silent.Queue);
        Assert.Equal(0, silent.MissedData);

        List<(Event Event, Command[] Commands)> told = run.Changed(e => IsLost(e, from, to) ? null : e);
        Event gap = default;
        gap.Source = EventSource.Generator;
        gap.Flags = EventFlags.Whole;
        gap.ReceivedAt = from;
        gap.Set(new StreamStateChanged { State = StreamState.Gap });
        told.Insert(told.FindIndex(item => item.Event.ReceivedAt > from), (gap, []));
        GapParts known = GapOf(told);
        Assert.NotEqual(0, known.MissedData);
        Assert.Equal((0, 0, 0), (known.Latency, known.Fee, known.Funding));
    }

    [Fact]
    public void The_latency_of_a_live_run_is_measured()
    {
        List<(Event Event, Command[] Commands)> live = run.Changed(e => Live(e));
        RealityReport own = run.Check(live);
        Assert.True(own.IsLive);
        Assert.True(own.IsEqual);
        Assert.True(own.Latency.Measured > 500 && own.Latency.Halved == 0, own.Latency.ToString());

        // A simulation that is slower than the live run was: put right by what was measured, with nothing left over.
        RealityReport slow = run.Check(live, PaperRun.With(root => Change(root["venue"]!, "latency")));
        GapParts gap = slow.Profits.Single().Gap;
        Assert.NotEqual(0, gap.Latency);
        Assert.Equal(default, gap with { Latency = 0 });

        // A venue whose clock is an hour off cannot be believed; half of the way is then each direction's.
        RealityReport off = run.Check(run.Changed(e =>
        {
            e = Live(e);
            e.VenueTime += e.Source == EventSource.Bybit && e.VenueTime != 0 ? 3_600_000_000_000 : 0;
            return e;
        }));
        Assert.Equal(off.Latency.Measured, off.Latency.Halved);
        Assert.True(off.IsEqual, "500 us each way is half of 1 ms");
    }

    [Fact]
    public void What_never_left_a_live_engine_is_a_gap_of_latency()
    {
        OrderId lost = run.Tape.First(item => item.Event.Kind == EventKind.Execution).Event.Execution.Order;
        RealityReport report = run.Check(run.Changed(e => Live(e) is var said && OrderOf(said) != lost ? said
            : said.Kind != EventKind.CommandOutcome || said.CommandOutcome.Verb != CommandVerb.New ? null
            : NotSent(said)));
        GapParts gap = report.Rows.Single(row => row.Order.Id == lost).Gap;
        Assert.NotEqual(0, gap.Latency);
        Assert.Equal(default, gap with { Latency = 0 });
    }

    [Fact]
    public void The_command_tells_writes_and_ends_with_its_answer()
    {
        using TemporaryFolder folder = new();
        string json = Path.Combine(folder.Path, "r.json");
        string csv = Path.Combine(folder.Path, "o.csv");
        string config = Path.Combine(folder.Path, "c.json");
        Assert.Equal(ExitCode.Success, Invoke("compare", "--live", run.Journal, "--json", json, "--csv", csv));
        Assert.True((bool)JsonNode.Parse(File.ReadAllText(json))!["equal"]!);
        File.WriteAllBytes(config, PaperRun.With(root => Change(root["venue"]!, "latency")).ToCanonicalJson());
        Assert.Equal(ExitCode.No, Invoke("compare", "--live", run.Journal, "-c", config, "--json", json, "--csv", csv));
        JsonNode told = JsonNode.Parse(File.ReadAllText(json))!;
        string[] lines = File.ReadAllLines(csv);
        Assert.Equal((int)told["summary"]!["orders_count"]!, lines.Length - 1);
        Assert.Equal(lines.Length - 1, told["orders"]!.AsArray().Count);

        // The lines sum to the whole.
        int column = Array.IndexOf(lines[0].Split(','), "gap_money");
        Assert.Equal(
            decimal.Parse((string)told["profits"]![0]!["gap_money"]!, System.Globalization.CultureInfo.InvariantCulture),
            lines.Skip(1).Sum(line => decimal.Parse(line.Split(',')[column], System.Globalization.CultureInfo.InvariantCulture)));
    }

    private static void Queue(JsonNode venue, string model)
    {
        venue["makerFeePpm"] = 100;
        venue["matching"] = new JsonObject { ["queue"] = model };
        if (model == "power")
        {
            venue["matching"]!["queueExponentThousandths"] = 1_000;
        }
    }

    private delegate void Changes(ref Execution execution);

    private static void Change(JsonNode venue, string what)
    {
        switch (what)
        {
            case "latency":
                venue["entryLatencyUs"] = 20_000;
                break;
            case "response":
                venue["responseLatencyUs"] = 4_500;
                break;
            case "fee":
                venue["makerFeePpm"] = 300;
                break;
        }
    }

    private GapParts GapOf(List<(Event Event, Command[] Commands)> tape)
    {
        RealityReport report = run.Check(tape);
        RealityProfit profit = Assert.Single(report.Profits);
        Assert.Equal(profit.Journaled - profit.Simulated, profit.Gap.Whole);
        Assert.False(report.IsEqual);
        return profit.Gap;
    }

    private Instrument Rules(InstrumentId id) => run.Tape
        .First(item => item.Event.Kind == EventKind.InstrumentDefined && item.Event.Instrument == id)
        .Event.InstrumentDefined.ToInstrument(id);

    // A higher price is a higher fee in the simulated schedule, while the charged one stays.
    private long FeeStep(in Event fill, in Instrument rules)
    {
        int ppm = fill.Execution.Liquidity == Liquidity.Maker
            ? run.Configuration.Venue.MakerFeePpm
            : run.Configuration.Venue.TakerFeePpm;
        return FeeBook.FeeOf(rules.Notional(fill.Execution.Price + 1, fill.Execution.Quantity), ppm) - fill.Execution.Fee;
    }

    // Prints fill what rests; without them the book stays what it is.
    private static bool IsLost(in Event e, long from, long to) =>
        e.ReceivedAt > from && e.ReceivedAt < to && e.Kind == EventKind.Trade;

    private static bool Is(in Event e, in Event fill) =>
        e.Kind == EventKind.Execution && e.Execution.ExecutionId == fill.Execution.ExecutionId;

    private static Event With(Event e, Changes change)
    {
        Execution execution = e.Execution;
        change(ref execution);
        e.Set(execution);
        return e;
    }

    private static Event NotSent(Event e)
    {
        CommandOutcome outcome = e.CommandOutcome;
        outcome.Outcome = Outcome.NotSent;
        outcome.Reason = ReportReason.Killed;
        e.Set(outcome);
        return e;
    }

    private static Event Live(Event e)
    {
        e.Source = e.Source == EventSource.SimulatedVenue ? EventSource.Bybit : e.Source;
        return e;
    }

    private static int Invoke(params string[] arguments) => Program.Build().Parse(arguments).Invoke();

    private static OrderId OrderOf(in Event e) => e.Kind switch
    {
        EventKind.CommandOutcome => e.CommandOutcome.Order,
        EventKind.OrderReport => e.OrderReport.Order,
        EventKind.Execution => e.Execution.Order,
        _ => OrderId.None,
    };
}
