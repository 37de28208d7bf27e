using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways;

/// <summary>
/// Cases 95 to 120 of the venue contract: our own orders meeting, rate limits, incidents, latencies that vary, queues
/// that move, and bars along their path.
/// </summary>
public abstract class VenueConditionCases : VenueTypeCases
{
    private const long Bar = 10_000;

    [Fact]
    public void VC95_self_trade_prevention_ends_the_order_that_comes_after_what_it_may_take_before_ours()
    {
        VenueHarness venue = Open(SelfTrade(SelfTradePrevention.CancelTaker));
        OrderId sells = venue.Limit(Start, Side.Sell, 50, 10_010);
        OrderId buys = venue.Limit(Start + 1_000, Side.Buy, 150, 10_015);
        Said(venue, sells, "Accepted");
        Said(venue, buys, "Accepted", "Taker 100 @ 10005 (100)", "Cancelled SelfTrade (100)");
    }

    [Fact]
    public void VC96_or_the_order_that_rests()
    {
        VenueHarness venue = Open(SelfTrade(SelfTradePrevention.CancelMaker));
        OrderId first = venue.Limit(Start, Side.Sell, 50, 10_010);
        OrderId second = venue.Limit(Start, Side.Sell, 50, 10_015);
        OrderId buys = venue.Market(Start + 1_000, Side.Buy, 150);
        Said(venue, first, "Accepted", "Cancelled SelfTrade");
        Said(venue, second, "Accepted");
        Said(venue, buys, "Accepted", "Taker 100 @ 10005 (100)", "Taker 50 @ 10010 (150)");
    }

    [Fact]
    public void VC97_or_both()
    {
        VenueHarness venue = Open(SelfTrade(SelfTradePrevention.CancelBoth));
        OrderId sells = venue.Limit(Start, Side.Sell, 50, 10_010);
        OrderId buys = venue.Limit(Start + 1_000, Side.Buy, 150, 10_015);
        Said(venue, sells, "Accepted", "Cancelled SelfTrade");
        Said(venue, buys, "Accepted", "Taker 100 @ 10005 (100)", "Cancelled SelfTrade (100)");
    }

    [Fact]
    public void VC98_an_order_that_may_not_meet_ours_is_not_filled_in_part_when_it_must_be_whole()
    {
        VenueHarness venue = Open(SelfTrade(SelfTradePrevention.CancelTaker));
        venue.Limit(Start, Side.Sell, 50, 10_010);
        OrderId part = venue.Limit(Start + 1_000, Side.Buy, 150, 10_015, TimeInForce.FillOrKill);
        OrderId whole = venue.Limit(Start + 2_000, Side.Buy, 100, 10_015, TimeInForce.FillOrKill);
        Said(venue, part, "Rejected FillOrKillUnfilled");
        Said(venue, whole, "Accepted", "Taker 100 @ 10005 (100)");
    }

    [Fact]
    public void VC99_where_bars_are_all_there_is_a_crossing_limit_is_caught_when_it_arrives()
    {
        VenueHarness venue = Bars(SelfTrade(SelfTradePrevention.CancelTaker));
        OrderId sells = venue.Limit(Bar, Side.Sell, 50, 10_050);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, 10_010, 9_990, 10_000, 500));
        OrderId buys = venue.Limit(2 * Bar, Side.Buy, 50, 10_060);
        Said(venue, sells, "Accepted");
        Said(venue, buys, "Accepted", "Cancelled SelfTrade");
    }

    [Fact]
    public void VC100_where_amendments_replace_even_less_quantity_queues_anew()
    {
        VenueHarness keeps = Open();
        VenueHarness loses = Open(new VenueTerms { With = s => s with { Amend = AmendRule.AlwaysQueuesAnew } });
        foreach (VenueHarness venue in (VenueHarness[])[keeps, loses])
        {
            OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
            venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 200));
            venue.Amend(Start + 2_000, order, 40, 10_000);
            venue.Show(Start + 3_000, MarketScript.Trade(10_000, 120, Side.Sell));
            string[] fill = venue == keeps ? ["Maker 20 @ 10000 (20)"] : [];
            Said(venue, order, ["Accepted", "Amended 40 @ 10000", .. fill]);
        }
    }

    [Fact]
    public void VC101_more_commands_than_the_rate_allows_are_refused_whatever_they_are()
    {
        VenueHarness venue = Open(new VenueTerms { With = s => s with { RateLimit = 2, RateWindow = 1_000 } });
        OrderId first = venue.Limit(Start, Side.Buy, 50, 9_995);
        OrderId second = venue.Limit(Start + 1, Side.Buy, 50, 9_995);
        venue.Cancel(Start + 2, first);
        venue.Amend(Start + 3, second, 60, 9_995);
        OrderId third = venue.Limit(Start + 999, Side.Buy, 50, 9_995);
        OrderId fourth = venue.Limit(Start + 1_000, Side.Buy, 50, 9_995);
        Said(venue, first, "Accepted", "CancelRejected RateLimited");
        Said(venue, second, "Accepted", "AmendRejected RateLimited");
        Said(venue, third, "Rejected RateLimited");
        Said(venue, fourth, "Accepted");
        Assert.Equal(2, venue.Reports.Single(
            r => r.Kind == EventKind.OrderReport && r.OrderReport.Order == third).OrderReport.VenueCode);
    }

    [Fact]
    public void VC102_while_the_venue_is_down_it_rejects_and_fills_nothing_and_meets_the_book_after()
    {
        VenueHarness venue = Open(Incident(IncidentKind.Reject));
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 10_000);
        OrderId refused = venue.Limit(Start + 950, Side.Buy, 50, 10_000);
        venue.Cancel(Start + 1_200, rests);
        venue.Show(Start + 1_500, MarketScript.Trade(9_990, 500, Side.Sell));
        venue.Show(Start + 2_500, MarketScript.Snapshot([(9_985, 10)], [(9_995, 30)]));
        Said(venue, rests, "Accepted", "CancelRejected NotConnected", "Maker 30 @ 10000 (30)");
        Said(venue, refused, "Rejected NotConnected");
        Assert.Equal(Start + 2_500, venue.FillsOf(rests).Single().VenueTime);
    }

    [Fact]
    public void VC103_or_lets_what_arrives_wait_for_its_end()
    {
        VenueHarness venue = Open(Incident(IncidentKind.Delay));
        OrderId order = venue.Market(Start + 1_100, Side.Buy, 50);
        venue.Show(Start + 1_900, MarketScript.Snapshot([(10_000, 100)], [(10_020, 70)]));
        Said(venue, order, "Accepted", "Taker 50 @ 10020 (50)");
        Assert.Equal((Start + 2_000, Start + 2_050), (venue.FillsOf(order)[0].VenueTime, venue.FillsOf(order)[0].ReceivedAt));
    }

    [Fact]
    public void VC104_while_the_line_is_down_nothing_is_sent_and_reports_wait_for_its_end()
    {
        VenueHarness venue = Open(Incident(IncidentKind.Disconnect));
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 10_000);
        OrderId refused = venue.Limit(Start + 1_200, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_500, MarketScript.Trade(9_990, 20, Side.Sell));
        Said(venue, rests, "Accepted", "Maker 20 @ 10000 (20)");
        Assert.Equal((Start + 1_500, Start + 2_000), (venue.FillsOf(rests)[0].VenueTime, venue.FillsOf(rests)[0].ReceivedAt));
        Assert.Equal(["NotSent New NotConnected"], venue.Of(refused));
    }

    [Fact]
    public void VC105_or_the_outcome_is_unknown_until_the_line_is_up_again()
    {
        VenueHarness venue = Open(Incident(IncidentKind.Unknown));
        OrderId order = venue.Limit(Start + 1_200, Side.Buy, 50, 9_995);
        venue.Finish();
        Assert.Equal(["Unknown New", "Accepted"], venue.Of(order));
        Assert.Equal([Start + 1_201, Start + 2_150], venue.Reports.Select(r => r.ReceivedAt));
    }

    [Fact]
    public void VC106_or_the_command_is_lost_and_the_venue_says_so_after_the_end()
    {
        VenueHarness venue = Open(Incident(IncidentKind.Lost));
        OrderId rests = venue.Limit(Start, Side.Buy, 50, 9_995);
        OrderId lost = venue.Limit(Start + 1_200, Side.Buy, 50, 9_995);
        venue.Cancel(Start + 1_300, rests);
        venue.Finish();
        Assert.Equal(["Unknown New", "Rejected NotConnected"], venue.Of(lost));
        Assert.Equal(["Sent New", "Accepted", "Unknown Cancel", "CancelRejected NotConnected"], venue.Of(rests));
    }

    [Theory]
    [InlineData(LatencyKind.Uniform)]
    [InlineData(LatencyKind.Lognormal)]
    public void VC107_sampled_latencies_keep_their_bounds_vary_and_let_no_message_overtake_another(LatencyKind kind)
    {
        LatencyAddition addition = new() { Kind = kind, Spread = 400, Median = 100, SigmaThousandths = 1_000, Most = 400 };
        VenueHarness venue = Open(new VenueTerms
        {
            With = s => s with { EntryAddition = addition, ResponseAddition = addition, Seed = 5, RateLimit = 0 },
        });
        for (int i = 0; i < 60; i++)
        {
            venue.Cancel(Start + (i * 37), OrderId.Of(1, 900 + i, 0));
        }

        venue.Finish();
        Event[] answers = [.. venue.Reports.Where(r => r.Kind == EventKind.OrderReport)];
        Assert.Equal(60, answers.Length);
        long last = 0;
        int clamped = 0;
        for (int i = 0; i < 60; i++)
        {
            long entry = answers[i].VenueTime - Start - (i * 37);
            long response = answers[i].ReceivedAt - answers[i].VenueTime;
            Assert.Equal(900 + i, answers[i].OrderReport.Order.Sequence);
            Assert.InRange(entry, 100, 500);
            Assert.InRange(response, 50, 450 + 60);
            Assert.True(answers[i].VenueTime >= last, "a command overtook another");
            clamped += answers[i].VenueTime == last ? 1 : 0;
            last = answers[i].VenueTime;
        }

        Assert.InRange(answers.Select(a => a.ReceivedAt - a.VenueTime).Distinct().Count(), 10, 60);
        Assert.True(clamped > 3, "the case is too tame: no command had to wait for the one before");
    }

    [Fact]
    public void VC108_recorded_latencies_are_interpolated_between_their_measurements()
    {
        // Floor 100; measured 200 at 10,000 and 400 at 20,000: 200 before, 300 in the middle, 400 after.
        LatencySeries series = new([10_000, 20_000], [200, 400]);
        foreach ((long sent, long entry) in ((long, long)[])[(5_000, 300), (10_000, 300), (15_000, 400), (17_777, 455), (30_000, 500)])
        {
            VenueHarness venue = Open(new VenueTerms
            {
                With = s => s with { EntryAddition = new() { Kind = LatencyKind.Recorded, Series = series } },
            });
            OrderId order = venue.Market(sent, Side.Buy, 50);
            Said(venue, order, "Accepted", "Taker 50 @ 10005 (50)");
            Assert.Equal(sent + entry, venue.FillsOf(order)[0].VenueTime);
        }
    }

    // 100 ahead, 60 join behind, 50 leave: by n = 1 the 60 behind are 37.5 % of the level, so 31.25 left ahead of us:
    // 68.75 remain, 69 as a whole. By n = 3: 60^3 / (60^3 + 100^3) = 0.17763, 41.12 left ahead, 58.88: 59.
    // Of the whole, n = 1: as the first. Of the front, n = 2: 1 - (100/160)^2 = 0.609375, 19.53 left, 80.47: 81.
    // ln 61 / (ln 61 + ln 101) = 0.47109, 26.45 left, 73.55: 74. ln 61 / ln 161 = 0.80902, 9.55 left, 90.45: 91.
    [Theory]
    [InlineData(QueueModel.RiskAverse, 1_000, 100)]
    [InlineData(QueueModel.Power, 1_000, 69)]
    [InlineData(QueueModel.Power, 3_000, 59)]
    [InlineData(QueueModel.PowerOfWhole, 1_000, 69)]
    [InlineData(QueueModel.PowerOfFront, 2_000, 81)]
    [InlineData(QueueModel.Log, 1_000, 74)]
    [InlineData(QueueModel.LogOfWhole, 1_000, 91)]
    public void VC109_who_left_a_shrinking_level_is_what_the_queue_model_says(QueueModel model, int exponent, int ahead)
    {
        VenueHarness venue = Open(new VenueTerms
        {
            With = s => s with { Queue = model, QueueExponentThousandths = exponent },
        });
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 160));
        venue.Show(Start + 1_100, MarketScript.Level(Side.Buy, 10_000, 110));
        venue.Show(Start + 1_200, MarketScript.Trade(10_000, ahead, Side.Sell));
        venue.Run(Start + 1_300);
        Assert.Equal(["Accepted"], venue.SaidOf(order));
        venue.Show(Start + 1_400, MarketScript.Trade(10_000, 7, Side.Sell));
        Said(venue, order, "Accepted", "Maker 7 @ 10000 (7)");
    }

    [Fact]
    public void VC110_a_level_that_shrinks_by_what_was_printed_moves_nobody_again()
    {
        // 100 ahead of us of 160; 40 are printed, and then the level shows 120: that was the print. 60 are ahead.
        VenueHarness venue = Open(new VenueTerms { With = s => s with { Queue = QueueModel.Power } });
        OrderId order = venue.Limit(Start, Side.Buy, 50, 10_000);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 160));
        venue.Show(Start + 1_100, MarketScript.Trade(10_000, 40, Side.Sell));
        venue.Show(Start + 1_200, MarketScript.Level(Side.Buy, 10_000, 120));
        venue.Show(Start + 1_300, MarketScript.Trade(10_000, 65, Side.Sell));
        Said(venue, order, "Accepted", "Maker 5 @ 10000 (5)");
    }

    [Fact]
    public void VC111_a_stop_that_a_bar_gaps_over_fills_at_its_open_and_one_inside_it_at_the_trigger()
    {
        VenueHarness venue = Bars();
        OrderId gapped = venue.Sleeper(Bar, Side.Sell, 50, OrderType.Stop, trigger: 9_950);
        OrderId inside = venue.Sleeper(Bar, Side.Sell, 50, OrderType.Stop, trigger: 9_850);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 9_900, 9_960, 9_800, 9_870, 500));
        Said(venue, gapped, "Accepted", "Taker 50 @ 9900 (50)");
        Said(venue, inside, "Accepted", "Taker 50 @ 9850 (50)");
    }

    [Fact]
    public void VC112_a_sleeping_order_does_not_wake_in_a_bar_that_began_before_it_was_sent()
    {
        VenueHarness venue = Bars();
        OrderId order = venue.Sleeper(Bar + 5_000, Side.Sell, 50, OrderType.Stop, trigger: 9_950);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, 10_010, 9_900, 9_960, 500));
        venue.Show(3 * Bar, MarketScript.Bar(2 * Bar, Bar, 9_970, 9_980, 9_940, 9_970, 500));
        Said(venue, order, "Accepted", "Taker 50 @ 9950 (50)");
        Assert.Equal(3 * Bar, venue.FillsOf(order)[0].VenueTime);
    }

    // The trailing stop wakes only when the high comes before the low: its trigger is 9,950 until then, 10,050 after.
    [Theory]
    [InlineData(BarPath.OpenHighLowClose, "Taker 50 @ 10050 (50)")]
    [InlineData(BarPath.OpenLowHighClose, null)]
    public void VC113_the_declared_path_of_a_bar_decides_what_comes_first(BarPath path, string? fill)
    {
        VenueHarness venue = Bars(new VenueTerms { With = s => s with { BarPath = path } });
        OrderId order = venue.Sleeper(Bar, Side.Sell, 50, OrderType.TrailingStop, trailing: 50, trigger: 9_900);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 9_990, 10_100, 9_960, 10_090, 500));
        Said(venue, order, fill is null ? ["Accepted"] : ["Accepted", fill]);
    }

    [Theory]
    [InlineData(10_010, 9_980, true)]
    [InlineData(10_020, 9_990, false)]
    [InlineData(10_010, 9_990, true)]
    public void VC114_the_adaptive_path_goes_to_the_nearer_extreme_first(long high, long low, bool highFirst)
    {
        // One unit of volume: whichever extreme comes first gets it.
        VenueHarness venue = Bars();
        OrderId buys = venue.Limit(Bar, Side.Buy, 50, low + 5);
        OrderId sells = venue.Limit(Bar, Side.Sell, 50, high - 5);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, high, low, 10_000, 50));
        Said(venue, highFirst ? sells : buys, "Accepted", highFirst
            ? $"Maker 50 @ {high - 5} (50)" : $"Maker 50 @ {low + 5} (50)");
        Said(venue, highFirst ? buys : sells, "Accepted");
    }

    [Theory]
    [InlineData(BarPath.OpenLowHighClose, true)]
    [InlineData(BarPath.OpenHighLowClose, false)]
    [InlineData(BarPath.StopFirst, true)]
    public void VC115_stops_and_targets_in_one_bar_fill_in_the_order_of_its_path(BarPath path, bool stopFirst)
    {
        VenueHarness venue = Bars(new VenueTerms { With = s => s with { BarPath = path } });
        OrderId target = venue.Limit(Bar, Side.Sell, 50, 10_050);
        OrderId stop = venue.Sleeper(Bar, Side.Sell, 50, OrderType.Stop, trigger: 9_950);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, 10_100, 9_900, 10_000, 500));
        Said(venue, stop, "Accepted", "Taker 50 @ 9950 (50)");
        Said(venue, target, "Accepted", "Maker 50 @ 10050 (50)");
        Assert.Equal(stopFirst, venue.FillsOf(stop)[0].Execution.ExecutionId.Low < venue.FillsOf(target)[0].Execution.ExecutionId.Low);
    }

    [Fact]
    public void VC116_a_stop_limit_that_wakes_out_of_its_limit_rests_and_fills_when_the_path_comes_back_through_it()
    {
        VenueHarness venue = Bars(new VenueTerms { With = s => s with { BarPath = BarPath.OpenLowHighClose } });
        OrderId order = venue.Sleeper(Bar, Side.Sell, 50, OrderType.StopLimit, trigger: 9_950, price: 9_970);
        OrderId touched = venue.Sleeper(Bar, Side.Buy, 50, OrderType.LimitIfTouched, trigger: 9_940, price: 9_945);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, 10_010, 9_900, 10_000, 500));
        Said(venue, order, "Accepted", "Maker 50 @ 9970 (50)");
        Said(venue, touched, "Accepted", "Taker 50 @ 9940 (50)");
    }

    [Fact]
    public void VC117_a_bar_has_one_volume_for_all_orders()
    {
        VenueHarness venue = Bars();
        OrderId first = venue.Sleeper(Bar, Side.Sell, 50, OrderType.Stop, trigger: 9_990);
        OrderId second = venue.Sleeper(Bar, Side.Sell, 50, OrderType.Stop, trigger: 9_980);
        venue.Show(2 * Bar, MarketScript.Bar(Bar, Bar, 10_000, 10_000, 9_900, 9_900, 70));
        Said(venue, first, "Accepted", "Taker 50 @ 9990 (50)");
        Said(venue, second, "Accepted", "Taker 20 @ 9980 (20)", "Cancelled NoLiquidity (20)");
    }

    [Fact]
    public void VC118_where_there_are_prints_alone_a_print_wakes_and_the_next_one_fills()
    {
        VenueHarness venue = new(Create(new VenueTerms()));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.Trade(10_000, 100, Side.None));
        OrderId order = venue.Sleeper(Start, Side.Buy, 50, OrderType.Stop, trigger: 10_010);
        venue.Show(Start + 1_000, MarketScript.Trade(10_010, 100, Side.None));
        venue.Show(Start + 2_000, MarketScript.Trade(10_020, 100, Side.None));
        Said(venue, order, "Accepted", "Taker 50 @ 10020 (50)");
    }

    [Fact]
    public void VC119_opening_and_closing_orders_trade_at_the_open_of_the_first_bar_and_the_close_of_the_last()
    {
        VenueHarness venue = new(Create(new VenueTerms { With = WithSessions }));
        venue.Show(Bar, MarketScript.Define(), MarketScript.Bar(0, Bar, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId opens = venue.Sleeper(20_000, Side.Buy, 50, OrderType.MarketOnOpen);
        venue.Show(40_000, MarketScript.Bar(30_000, Bar, 9_990, 10_100, 9_900, 10_010, 500));
        OrderId closes = venue.Sleeper(45_000, Side.Buy, 50, OrderType.MarketOnClose);
        venue.Show(50_000, MarketScript.Bar(40_000, Bar, 10_010, 10_100, 9_900, 10_030, 500));
        venue.Show(110_000, MarketScript.Bar(100_000, Bar, 10_200, 10_300, 10_100, 10_250, 500));
        Said(venue, closes, "Accepted", "Taker 50 @ 10030 (50)");
        Said(venue, opens, "Accepted", "Taker 50 @ 10200 (50)");
    }

    [Fact]
    public void VC120_bars_out_of_the_session_fill_only_orders_with_extended_hours()
    {
        VenueHarness venue = new(Create(new VenueTerms { With = WithSessions }));
        venue.Show(Bar, MarketScript.Define(), MarketScript.Bar(0, Bar, 10_000, 10_100, 9_900, 10_000, 500));
        OrderId regular = venue.Limit(49_000, Side.Buy, 50, 9_950);
        OrderId extended = venue.Limit(49_000, Side.Buy, 50, 9_950, TimeInForce.Day, OrderFlags.ExtendedHours);
        venue.Show(51_500, MarketScript.Bar(50_500, 1_000, 10_000, 10_000, 9_900, 10_000, 500));
        Said(venue, regular, "Accepted");
        Said(venue, extended, "Accepted", "Maker 50 @ 9950 (50)");
    }

    private static VenueTerms SelfTrade(SelfTradePrevention mode) => new() { With = s => s with { SelfTrade = mode } };

    // From 1,000 to 2,000 after the start.
    private static VenueTerms Incident(IncidentKind kind) => new()
    {
        With = s => s with { Incidents = [new VenueIncident(Start + 1_000, Start + 2_000, kind)] },
    };

    private VenueHarness Bars(VenueTerms? terms = null)
    {
        VenueHarness venue = new(Create(terms ?? new VenueTerms()));
        venue.Show(Bar, MarketScript.Define(), MarketScript.Bar(0, Bar, 10_000, 10_100, 9_900, 10_000, 500));
        return venue;
    }
}
