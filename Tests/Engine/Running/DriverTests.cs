using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Engine.Running;

/// <summary>The one order of events on a virtual clock, with a scripted venue and scripted sources.</summary>
public sealed class DriverTests
{
    private const EventFlags Part = EventFlags.First;

    [Fact]
    public void At_one_instant_ticks_come_first_then_inputs_then_reports()
    {
        ScriptedVenue venue = new(100, 150, 200, 250);
        Assert.Equal(
            [
                "Trade 50", "Tick 100", "Trade 100", "Trade 100", "OrderReport 100", "OrderReport 150", "Tick 200",
                "Trade 200", "OrderReport 200", "OrderReport 250", "EpochEnded 250",
            ],
            Publish(venue, new TickRule(100), 50, 100, 100, 200));
    }

    [Fact]
    public void A_report_before_a_tick_or_an_input_is_published_before_it()
    {
        ScriptedVenue venue = new(99, 149);
        Assert.Equal(
            ["Trade 50", "OrderReport 99", "Tick 100", "OrderReport 149", "Trade 150", "EpochEnded 150"],
            Publish(venue, new TickRule(100), 50, 150));
    }

    [Fact]
    public void A_quiet_stretch_is_skipped_to_the_last_tick_before_the_next_input()
    {
        List<string> all = Publish(new ScriptedVenue(), new TickRule(10), 5, 6_004);
        Assert.Equal(1 + 600 + 1 + 1, all.Count);

        // One tick more than is made one by one: the last stands at the input, however far that is.
        List<string> skipped = Publish(new ScriptedVenue(), new TickRule(10), 5, 1_000_003, 1_000_017);
        Assert.Equal("Tick 6000", skipped[600]);
        Assert.Equal(["Tick 1000000", "Trade 1000003", "Tick 1000010", "Trade 1000017", "EpochEnded 1000017"], skipped[601..]);
    }

    [Fact]
    public void A_tick_carries_its_number_and_no_tick_is_made_where_the_input_has_its_own()
    {
        ScriptedVenue venue = new();
        Publish(venue, new TickRule(100), 50, 350);
        Assert.Equal(3, venue.Shown[3].Tick.Number);
        Assert.Equal(100, venue.Shown[3].Tick.Interval);
        Assert.Equal(EventSource.Clock, venue.Shown[3].Source);
        Assert.Equal(["Trade 50", "Trade 350", "EpochEnded 350"], Publish(new ScriptedVenue(), new TickRule(0), 50, 350));
    }

    [Fact]
    public void Time_that_runs_backwards_stops_the_engine()
    {
        BrokenInvariantException halt = Assert.Throws<BrokenInvariantException>(
            () => Publish(new ScriptedVenue(), new TickRule(0), 50, 49));
        Assert.Contains("time must not run backwards", halt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(EventSource.Bybit, 0, false)]
    [InlineData(EventSource.Bybit, -1, false)]
    [InlineData(EventSource.Bybit, 1, true)]
    [InlineData(EventSource.Engine, 0, true)]
    public void An_event_from_outside_without_its_time_of_receipt_is_not_published(EventSource source, long at, bool isPublished)
    {
        ScriptedVenue venue = new();
        Event e = ScriptedSource.Input(at);
        e.Source = source;
        using Topology topology = Make(venue, out _);
        Driver driver = new(new ScriptedSource(e), venue, topology, default);
        Exception? halt = Record.Exception(() => driver.Poll(1));
        Assert.Equal(isPublished, halt is null);
        Assert.Equal(isPublished ? 1 : 0, venue.Shown.Count);
        Assert.True(isPublished || halt!.Message.Contains("when it was received", StringComparison.Ordinal), halt?.Message);
    }

    [Fact]
    public void While_the_source_is_idle_a_later_report_waits_for_the_next_input()
    {
        ScriptedVenue venue = new(60);
        ScriptedSource source = new(ScriptedSource.Input(50), null, null, ScriptedSource.Input(60));
        using Topology topology = Make(venue, out _);
        Driver driver = new(source, venue, topology, default);
        Assert.Equal(1, driver.Poll(10));
        Assert.Equal(0, driver.Poll(10));
        Assert.Single(venue.Shown);

        // Now an input of the same instant is known: it goes first.
        driver.Poll(10);
        Assert.Equal(["Trade 50", "Trade 60", "OrderReport 60", "EpochEnded 60"], Texts(venue));
        Assert.True(driver.IsDone);
        Assert.Equal(0, driver.Poll(10));
    }

    [Fact]
    public void After_the_last_input_late_reports_are_taken_up_to_the_horizon()
    {
        ScriptedVenue venue = new(51, 50 + Driver.DrainHorizon, 51 + Driver.DrainHorizon);
        Assert.Equal(
            ["Trade 50", "OrderReport 51", "OrderReport 60000000050", "EpochEnded 60000000050"],
            Publish(venue, new TickRule(100), 50));
        Assert.Equal(EndReason.EndOfData, venue.Shown[^1].EpochEnded.Reason);
    }

    [Fact]
    public void A_stop_is_taken_between_messages_never_inside_one()
    {
        ScriptedVenue venue = new(60);
        ScriptedSource source = new(
            ScriptedSource.Input(50, Part),
            null,
            ScriptedSource.Input(50, EventFlags.Last),
            ScriptedSource.Input(70));
        using Topology topology = Make(venue, out _);
        Driver driver = new(source, venue, topology, default);
        driver.Poll(1);
        driver.RequestStop();
        while (!driver.IsDone)
        {
            driver.Poll(10);
        }

        Assert.Equal(["Trade 50", "Trade 50", "OrderReport 60", "EpochEnded 60"], Texts(venue));
        Assert.Equal(EndReason.Requested, venue.Shown[^1].EpochEnded.Reason);
        Assert.Equal(3, source.Reads);
    }

    [Fact]
    public void A_recorded_end_is_made_again_for_its_reason_after_the_same_late_reports_and_a_later_run_may_follow()
    {
        ScriptedVenue venue = new(60, 90);
        ScriptedSource source = new(
            ScriptedSource.Input(50),
            ScriptedSource.Ended(60, EndReason.Requested),
            ScriptedSource.Input(95),
            ScriptedSource.Ended(95, EndReason.EndOfData));
        using Topology topology = Make(venue, out _);
        Driver driver = new(source, venue, topology, default);
        driver.Poll(100);
        Assert.True(driver.IsDone);
        Assert.Equal(
            ["Trade 50", "OrderReport 60", "OrderReport 90", "EpochEnded 90", "Trade 95", "EpochEnded 95"], Texts(venue));
        Assert.Equal(EndReason.Requested, venue.Shown[3].EpochEnded.Reason);
        Assert.Equal(EndReason.EndOfData, venue.Shown[5].EpochEnded.Reason);
    }

    [Fact]
    public void Work_that_is_left_to_the_order_stage_is_continued_at_once_before_anything_else()
    {
        // Two quotes on each of eight instruments are sixteen commands: twice as many as an event may have.
        Rig rig = new(new RigSettings { Instruments = Limits.IntentsPerEvent });
        rig.Begin();
        rig.Strategies[0].Script.Enqueue(context =>
        {
            for (ushort i = 1; i <= Limits.IntentsPerEvent; i++)
            {
                context.SetQuotes(new InstrumentId(i), 9_990, 1, 10_010, 1);
            }
        });
        ScriptedVenue venue = new(rig.Now + 1_000);
        Event now = ScriptedSource.Input(rig.Now);
        using Topology topology = Make(venue, out RunCounts counts, rig.Pipeline, rig.Sequence);
        Driver driver = new(
            new ScriptedSource(now, ScriptedSource.Input(rig.Now + 1_000)), venue, topology, new TickRule(1_000));
        driver.Poll(100);
        Assert.True(driver.IsDone);
        string at = " " + (rig.Now + 1_000);
        Assert.Equal(
            ["Trade " + rig.Now, "Tick" + at, "Continue" + at, "Trade" + at, "OrderReport" + at, "EpochEnded" + at],
            Texts(venue));
        Assert.Equal(2 * Limits.IntentsPerEvent, venue.Commands.Count);
        Assert.Equal(Limits.CommandsPerEvent, venue.Commands.FindAll(c => c.Sequence == venue.Shown[1].Sequence).Count);
        Assert.Equal(Limits.CommandsPerEvent, venue.Commands.FindAll(c => c.Sequence == venue.Shown[2].Sequence).Count);
        Assert.Equal(1, counts.Events[(int)EventKind.Continue]);
        for (int i = 0; i < venue.Shown.Count; i++)
        {
            Assert.Equal(venue.Shown[0].Sequence + i, venue.Shown[i].Sequence);
        }
    }

    private static Topology Make(
        ScriptedVenue venue, out RunCounts counts, DecisionPipeline? pipeline = null, long first = 0)
    {
        counts = new RunCounts();
        return new Topology(
            new TopologyConfiguration(TopologyMode.Inline, WaitMode.Yielding, 1024),
            new TopologyParts(pipeline ?? new Rig().Pipeline, venue, new Recorder(), counts),
            first,
            fill: 0xCC);
    }

    private static List<string> Publish(ScriptedVenue venue, TickRule ticks, params long[] inputs)
    {
        Event?[] script = Array.ConvertAll(inputs, at => (Event?)ScriptedSource.Input(at));
        using Topology topology = Make(venue, out _);
        Driver driver = new(new ScriptedSource(script), venue, topology, ticks);
        while (!driver.IsDone)
        {
            driver.Poll(3);
        }

        return Texts(venue);
    }

    private static List<string> Texts(ScriptedVenue venue) =>
        venue.Shown.ConvertAll(e => e.Kind + " " + e.ReceivedAt);
}
