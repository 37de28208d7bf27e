using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market.Calendars;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

public sealed class SimulatedVenuePropertyTests
{
    private static readonly (long Entry, long Response)[] Latencies = [(0, 1), (1, 0), (30, 0), (100, 50), (0, 90), (500, 900)];

    private static readonly Arbitrary<int[]> Steps =
        PropertyCheck.Commands(Gen.Choose(0, int.MaxValue), minimum: 100, maximum: 300);

    [Fact]
    public void No_market_and_no_commands_break_an_invariant() =>
        PropertyCheck.Holds(Steps, steps => VenueScenario.Play(Venue(steps), steps) is not null, runs: 150);

    [Theory]
    [InlineData(VenueFault.UsesLiquidityTwice)]
    [InlineData(VenueFault.TradesThroughHalts)]
    [InlineData(VenueFault.FillsTwice)]
    [InlineData(VenueFault.WorseThanTheLimit)]
    [InlineData(VenueFault.AddsOnReduceOnly)]
    [InlineData(VenueFault.TakesOnPostOnly)]
    [InlineData(VenueFault.TalksAfterTheEnd)]
    public void A_planted_fault_breaks_an_invariant(VenueFault fault) =>
        PropertyCheck.Finds(Steps, steps => VenueScenario.Play(new FaultyVenue(Venue(steps), fault), steps) is not null, runs: 20);

    [Fact]
    public void A_venue_saved_and_restored_anywhere_goes_on_as_if_nothing_had_happened() =>
        PropertyCheck.Holds(Steps, steps => IsEqualAfterRestore(steps, forget: false), runs: 40);

    [Fact]
    public void The_comparison_after_a_restore_notices_a_venue_that_was_not_restored() =>
        PropertyCheck.Finds(Steps, steps => IsEqualAfterRestore(steps, forget: true), runs: 20);

    [Fact]
    public void When_it_is_polled_changes_neither_a_report_nor_the_state() =>
        PropertyCheck.Holds(Steps, steps =>
        {
            SimulatedVenue plain = Venue(steps);
            SimulatedVenue curious = Venue(steps);
            Event[] expected = [.. VenueScenario.Play(plain, steps).Reports];
            Event[] actual = [.. VenueScenario.Play(new Curious(curious), steps).Reports];
            return Same(expected, actual)
                && SavingVisitor.Save(plain).AsSpan().SequenceEqual(SavingVisitor.Save(curious));
        }, runs: 40);

    [Fact]
    public void The_scenarios_reach_everything_that_a_venue_can_say()
    {
        Xoshiro256 dice = new(3);
        HashSet<string> said = [];
        for (int run = 0; run < 40; run++)
        {
            int[] steps = [.. Enumerable.Range(0, 300).Select(_ => (int)dice.NextBelow(int.MaxValue))];
            foreach (Event report in VenueScenario.Play(Venue(steps), steps).Reports)
            {
                said.Add(string.Concat(VenueHarness.Text(report).Where(c => c is not (>= '0' and <= '9')))
                    .Replace("@", "", StringComparison.Ordinal).Replace("()", "", StringComparison.Ordinal).Trim());
            }
        }

        string[] expected =
        [
            "Sent New", "Sent Amend", "Sent Cancel", "Accepted", "Amended", "Taker", "Maker",
            "Cancelled Requested", "Cancelled NoLiquidity", "Cancelled ReduceOnlyWouldAdd",
            "CancelRejected UnknownOrder", "AmendRejected UnknownOrder", "AmendRejected AmendBelowFilled",
            "AmendRejected PostOnlyWouldTake", "Rejected FillOrKillUnfilled", "Rejected PostOnlyWouldTake",
            "Rejected ReduceOnlyWouldAdd", "Rejected NotTrading", "Rejected NoMarket", "Rejected RateLimited",
            "Expired", "Cancelled SelfTrade", "Rejected NotConnected", "CancelRejected NotConnected",
            "AmendRejected RateLimited", "NotSent New NotConnected", "Unknown New", "Unknown Cancel",
        ];
        Assert.Empty(expected.Except(said));
    }

    private static SimulatedVenue Venue(int[] steps)
    {
        (long entry, long response) = Latencies[steps.Length == 0 ? 0 : steps[0] % Latencies.Length];
        return SimulatedVenueContractTests.Venue(new VenueTerms
        {
            EntryLatency = entry,
            ResponseLatency = response,
            MaxOpenOrders = 6,
            With = settings => steps.Length == 0 || steps[0] % 4 == 0 ? settings : Model(settings, new Xoshiro256((ulong)steps[0])),
        });
    }

    // Every model that a venue has, in some combination.
    private static SimulatedVenueSettings Model(SimulatedVenueSettings settings, Xoshiro256 dice) => settings with
    {
        Seed = dice.Next(),
        EntryAddition = Addition(ref dice),
        ResponseAddition = Addition(ref dice),
        Queue = (QueueModel)dice.NextBelow(6),
        QueueExponentThousandths = 1 + (int)dice.NextBelow(5_000),
        SelfTrade = (SelfTradePrevention)dice.NextBelow(4),
        Amend = (AmendRule)dice.NextBelow(2),
        Trigger = (TriggerPriceSource)dice.NextBelow(2),
        RateLimit = dice.NextBelow(2) == 0 ? 0 : 4,
        RateWindow = 300,
        Incidents =
        [
            new VenueIncident(2_000, 2_800, (IncidentKind)dice.NextBelow(5)),
            new VenueIncident(4_000, 4_900, (IncidentKind)dice.NextBelow(5)),
            new VenueIncident(4_900, 5_100, (IncidentKind)dice.NextBelow(5)),
            new VenueIncident(8_000, 9_000, (IncidentKind)dice.NextBelow(5)),
        ],
        Calendars = dice.NextBelow(3) != 0 ? [] :
        [
            new VenueCalendar(Symbol24.Of("TEST"), new TradingCalendar(
                [new TradingSession(20260102, 1_000, 7_000), new TradingSession(20260105, 7_500, 60_000)])),
        ],
    };

    private static LatencyAddition Addition(ref Xoshiro256 dice) => new()
    {
        Kind = (LatencyKind)dice.NextBelow(4) is LatencyKind kind and not LatencyKind.Recorded ? kind : LatencyKind.Constant,
        Spread = 300,
        Median = 80,
        SigmaThousandths = 900,
        Most = 2_000,
    };

    // The second run goes on, from a step in the middle, with another venue that got the first one's state.
    private static bool IsEqualAfterRestore(int[] steps, bool forget)
    {
        Event[] expected = [.. VenueScenario.Play(Venue(steps), steps).Reports];
        Switched venue = new(Venue(steps));
        int middle = steps.Length / 2;
        Event[] actual = [.. VenueScenario.Play(venue, steps, (step, _) =>
        {
            if (step == middle || step == middle + 7)
            {
                byte[] saved = SavingVisitor.Save(venue.Current);
                venue.Current = Venue(steps);
                if (!forget)
                {
                    RestoringVisitor.Restore(venue.Current, saved);
                }
            }
        }).Reports];
        return Same(expected, actual);
    }

    private static bool Same(Event[] left, Event[] right) =>
        MemoryMarshal.AsBytes<Event>(left).SequenceEqual(MemoryMarshal.AsBytes<Event>(right));

    private sealed class Switched(SimulatedVenue first) : IVenue
    {
        internal SimulatedVenue Current { get; set; } = first;

        public long NextDue => Current.NextDue;

        public bool Poll(long now, ref Event report) => Current.Poll(now, ref report);

        public void OnEvent(in Event published) => Current.OnEvent(published);

        public void Submit(in Command command, long sequence, long now) => Current.Submit(command, sequence, now);
    }

    // Asks for reports before every input and command, up to the instant before it.
    private sealed class Curious(SimulatedVenue venue) : IVenue
    {
        public long NextDue => venue.NextDue;

        public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

        public void OnEvent(in Event published)
        {
            Ask(published.ReceivedAt - 1);
            venue.OnEvent(published);
        }

        public void Submit(in Command command, long sequence, long now)
        {
            Ask(now - 1);
            venue.Submit(command, sequence, now);
        }

        private void Ask(long until)
        {
            Event none = default;
            Assert.False(venue.Poll(until, ref none), "a report was left behind");
        }
    }
}
