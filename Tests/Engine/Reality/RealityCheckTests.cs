using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine;
using LowLatency.Engine.Commands;
using LowLatency.Engine.Reality;
using LowLatency.Engine.Results;
using LowLatency.Gateways.Sim.Accounting;
using LowLatency.Tests.Determinism;
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

    [Theory]
    [InlineData("latency")]
    [InlineData("response")]
    [InlineData("queue")]
    [InlineData("fee")]
    public void Another_venue_has_its_gap_in_what_is_other_and_nowhere_else(string what)
    {
        RealityReport report = RealityCheck.Of(run.Journal, PaperRun.With(root => Change(root["venue"]!, what)));
        RealityProfit profit = Assert.Single(report.Profits);
        GapParts gap = profit.Gap;
        Assert.Equal(profit.Journaled - profit.Simulated, gap.Whole);
        Assert.Equal(gap.Whole, report.Rows.Sum(row => row.Gap.Whole));
        Assert.Equal((0, 0), (gap.MissedData, gap.Funding));
        Assert.Equal(what == "queue", gap.Queue != 0);
        Assert.Equal(what == "fee", gap.Fee != 0);
        Assert.Equal(what == "latency", gap.Latency != 0);
        Assert.False(report.IsEqual);
        Assert.Equal(what is "latency" or "queue", report.Summary.FillsOnlyJournaled + report.Summary.FillsOnlySimulated != 0);
        if (what == "response")
        {
            // The market was met at the same moment; only the news comes later, by 4 ms and all of it.
            Assert.Equal(4_000_000, report.Summary.AnswerLater.Low);
            Assert.Equal(4_000_000, report.Summary.FillLater.High);
        }
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
        File.WriteAllBytes(config, PaperRun.With(root => Change(root["venue"]!, "queue")).ToCanonicalJson());
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
            case "queue":
                venue["matching"] = new JsonObject { ["queue"] = "power-of-whole" };
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
