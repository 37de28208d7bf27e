using System;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Risk;

/// <summary>Every numbered check at its limit and one unit beyond it.</summary>
public sealed class RiskChecksTests
{
    private const long Worth = RiskBench.CentPiece;

    [Fact]
    public void Check_01_killed_refuses_everything()
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Stage.Obey(OperatorVerb.Kill);
        Refused(RiskReason.Killed, bench.Ask(10));
        Refused(RiskReason.Killed, bench.Ask(-50));
    }

    [Fact]
    public void Check_02_halted_refuses_everything()
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Stage.Obey(OperatorVerb.Halt);
        Refused(RiskReason.Halted, bench.Ask(10));
        Refused(RiskReason.Halted, bench.Ask(-50));
    }

    [Fact]
    public void Check_03_an_instrument_that_is_not_defined_is_refused()
    {
        RiskBench bench = new();
        Refused(RiskReason.UnknownInstrument, bench.Ask(10, instrument: 3));
        Refused(RiskReason.UnknownInstrument, bench.Rule(RiskBench.Quotes(1, 9_990, 10, 10_010, 10, instrument: 3))[0]);

        // A definition that cannot be right takes the instrument away.
        bench.Define(1, lot: 0);
        Refused(RiskReason.UnknownInstrument, bench.Ask(10));
    }

    [Theory]
    [InlineData(50, -50, -50, RiskReason.None)]
    [InlineData(50, -60, -50, RiskReason.Reducing)]
    [InlineData(50, 10, 0, RiskReason.Reducing)]
    [InlineData(-50, 50, 50, RiskReason.None)]
    [InlineData(-50, 60, 50, RiskReason.Reducing)]
    [InlineData(-50, -10, 0, RiskReason.Reducing)]
    [InlineData(0, 10, 0, RiskReason.Reducing)]
    [InlineData(57, -60, -50, RiskReason.Reducing)] // the remainder of 7 is no whole lot
    public void Check_04_reducing_lets_only_the_part_pass_that_reduces(
        long position, long delta, long approved, RiskReason reason)
    {
        RiskBench bench = new();
        bench.Hold(position == 0 ? 10 : position);
        if (position == 0)
        {
            bench.Hold(-10);
        }

        bench.Stage.Obey(OperatorVerb.Reduce);
        Is(approved, reason, bench.Ask(delta));
    }

    [Theory]
    [InlineData(TradingStatus.Open, RiskReason.None)]
    [InlineData(TradingStatus.Unknown, RiskReason.NotTrading)]
    [InlineData(TradingStatus.Halted, RiskReason.NotTrading)]
    [InlineData(TradingStatus.Closed, RiskReason.NotTrading)]
    [InlineData(TradingStatus.LimitUpDown, RiskReason.NotTrading)]
    [InlineData(TradingStatus.Auction, RiskReason.NotTrading)]
    public void Check_05_only_an_open_instrument_trades(TradingStatus status, RiskReason reason)
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Apply(Make.Status(1, bench.Now, status));
        Is(reason == RiskReason.None ? 10 : 0, reason, bench.Ask(10));
        Is(reason == RiskReason.None ? -50 : 0, reason, bench.Ask(-50));
    }

    [Fact]
    public void Check_06_data_that_is_not_ready_denies_adding_and_lets_reducing_pass()
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Apply(Make.Trade(1, bench.Now, 10_000));
        bench.Apply(Make.Stream(1, bench.Now, StreamState.Gap));
        Refused(RiskReason.NotReady, bench.Ask(10));
        Is(-50, RiskReason.None, bench.Ask(-50));
        Is(-50, RiskReason.NotReady, bench.Ask(-60));
        bench.Quote(1);
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_06_without_any_price_nothing_passes()
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Apply(Make.Stream(1, bench.Now, StreamState.Down));
        Refused(RiskReason.NotReady, bench.Ask(10));
        Refused(RiskReason.NotReady, bench.Ask(-50));
    }

    [Fact]
    public void Check_06_another_position_without_a_price_denies_adding_and_lets_reducing_pass()
    {
        RiskBench bench = new();
        bench.Hold(50);
        bench.Hold(10, instrument: 2);
        bench.Apply(Make.Stream(2, bench.Now, StreamState.Down));
        Refused(RiskReason.NotReady, bench.Ask(10));
        Is(-50, RiskReason.None, bench.Ask(-50));
    }

    [Fact]
    public void Check_07_data_may_be_as_old_as_the_limit_and_not_a_nanosecond_older()
    {
        RiskBench bench = new(With(limits => limits with { StaleAfter = 5 * Rig.Second }));
        bench.Hold(50);
        bench.Now += 5 * Rig.Second;
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Now++;
        Verdict verdict = bench.Ask(10);
        Refused(RiskReason.Stale, verdict);
        Assert.Equal(((5 * Rig.Second) + 1, 5 * Rig.Second), (verdict.Observed, verdict.Limit));
        Is(-50, RiskReason.None, bench.Ask(-50));
        Is(-50, RiskReason.Stale, bench.Ask(-60));
    }

    [Fact]
    public void Check_07_the_old_price_of_another_position_denies_adding_and_lets_reducing_pass()
    {
        RiskBench bench = new(With(limits => limits with { StaleAfter = 5 * Rig.Second }));
        bench.Hold(50);
        bench.Hold(10, instrument: 2);
        bench.Now += 5 * Rig.Second;
        bench.Quote(1);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Now++;
        Verdict verdict = bench.Ask(10);
        Refused(RiskReason.Stale, verdict);
        Assert.Equal(((5 * Rig.Second) + 1, 5 * Rig.Second), (verdict.Observed, verdict.Limit));
        Is(-50, RiskReason.None, bench.Ask(-50));

        // What is not held and cannot be held soon needs no price.
        bench.Hold(-10, instrument: 2);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Live(0, Side.Sell, 10, instrument: 2);
        Refused(RiskReason.Stale, bench.Ask(10));
    }

    [Fact]
    public void Check_07_the_age_is_that_of_the_stream_the_price_comes_from()
    {
        // Prints go on, the quote is silent: its price is as old as it is.
        RiskBench bench = new(With(limits => limits with { StaleAfter = 5 * Rig.Second }));
        bench.Now += (5 * Rig.Second) + 1;
        bench.Apply(Make.Trade(1, bench.Now, 10_000));
        Verdict verdict = bench.Ask(10);
        Refused(RiskReason.Stale, verdict);
        Assert.Equal(((5 * Rig.Second) + 1, 5 * Rig.Second), (verdict.Observed, verdict.Limit));
        bench.Quote(1);
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Theory]
    [InlineData("best")]
    [InlineData("trades")]
    [InlineData("bars")]
    public void Check_07_each_stream_has_an_age_of_its_own_and_no_other_vouches_for_it(string stream)
    {
        RiskBench bench = new(With(limits => stream switch
        {
            "best" => limits with { BestStaleAfter = 5 * Rig.Second },
            "trades" => limits with { TradesStaleAfter = 5 * Rig.Second },
            _ => limits with { BarsStaleAfter = 5 * Rig.Second },
        }));
        void Say(string of) => bench.Apply(of switch
        {
            "best" => Make.Quote(1, bench.Now, 9_995, 10, 10_005, 10),
            "trades" => Make.Trade(1, bench.Now, 10_000),
            _ => Make.Bar(1, bench.Now, bench.Now - Rig.Second, Rig.Second, 10_000),
        });
        if (stream != "best")
        {
            // Never heard of: of any age.
            Verdict never = bench.Ask(10);
            Refused(RiskReason.Stale, never);
            Assert.Equal((long.MaxValue, 5 * Rig.Second), (never.Observed, never.Limit));
        }

        Say(stream);
        bench.Hold(50);
        bench.Now += 5 * Rig.Second;
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Now++;
        foreach (string other in (string[])["best", "trades", "bars"])
        {
            if (other != stream)
            {
                Say(other);
            }
        }

        Verdict verdict = bench.Ask(10);
        Refused(RiskReason.Stale, verdict);
        Assert.Equal(((5 * Rig.Second) + 1, 5 * Rig.Second), (verdict.Observed, verdict.Limit));
        Is(-50, RiskReason.None, bench.Ask(-50));
        Is(-50, RiskReason.Stale, bench.Ask(-60));
        Say(stream);
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Theory]
    [InlineData(10_000, RiskReason.None)]
    [InlineData(10_001, RiskReason.PriceOffTick)]
    [InlineData(9_999, RiskReason.PriceOffTick)]
    [InlineData(-5, RiskReason.PriceOffTick)]
    public void Check_08_a_price_is_a_positive_multiple_of_the_tick(long price, RiskReason reason)
    {
        RiskBench bench = new();
        bench.Define(1, tick: 5);
        Is(reason == RiskReason.None ? 10 : 0, reason, bench.Ask(10, price));
    }

    [Fact]
    public void Check_09_a_quantity_is_a_multiple_of_the_lot()
    {
        RiskBench bench = new();
        Verdict[] verdicts = bench.Rule(RiskBench.Quotes(1, 9_990, 20, 10_010, 21));
        Assert.Equal((20, 0, RiskReason.QuantityOffLot), (verdicts[0].ApprovedBid, verdicts[0].ApprovedAsk, verdicts[0].Reason));
        Assert.Equal(Ruling.Reduced, verdicts[0].Ruling);
    }

    [Theory]
    [InlineData(10, 10_100, RiskReason.None)]
    [InlineData(10, 10_101, RiskReason.PriceCollar)]
    [InlineData(10, 9_900, RiskReason.None)]
    [InlineData(10, 9_899, RiskReason.PriceCollar)]
    [InlineData(-10, 9_900, RiskReason.None)]
    [InlineData(-10, 9_899, RiskReason.PriceCollar)]
    public void Check_10_a_price_lies_within_the_collar(long delta, long price, RiskReason reason)
    {
        RiskBench bench = new(With(limits => limits with { PriceCollarBps = 100 }));
        bench.Hold(50);
        Is(reason == RiskReason.None ? delta : 0, reason, bench.Ask(delta, price));
    }

    [Fact]
    public void Check_11_an_order_is_not_smaller_than_the_venue_takes()
    {
        RiskBench bench = new();
        bench.Define(1, min: 20);
        Is(20, RiskReason.None, bench.Ask(20));
        Refused(RiskReason.TooSmall, bench.Ask(10));
        bench.Define(1, minNotional: 20 * 10_000 * Worth);
        Is(20, RiskReason.None, bench.Ask(20));
        bench.Define(1, minNotional: (20 * 10_000 * Worth) + 1);
        Refused(RiskReason.TooSmall, bench.Ask(20));
    }

    [Fact]
    public void Check_12_an_order_is_cut_to_the_largest_quantity()
    {
        RiskBench bench = new(With(limits => limits with { MaxOrderQuantityE9 = 100 * Rig.Piece }));
        Is(100, RiskReason.None, bench.Ask(100));
        Is(100, RiskReason.OrderQuantity, bench.Ask(110));
        bench.Define(1, max: 60);
        Is(60, RiskReason.OrderQuantity, bench.Ask(70));
    }

    [Fact]
    public void Check_13_an_order_is_cut_to_the_largest_notional()
    {
        RiskBench bench = new(With(limits => limits with { MaxOrderNotional = 100 * 10_000 * Worth }));
        Is(100, RiskReason.None, bench.Ask(100));
        Is(100, RiskReason.OrderNotional, bench.Ask(110));
        RiskBench less = new(With(limits => limits with { MaxOrderNotional = (100 * 10_000 * Worth) - 1 }));
        Is(90, RiskReason.OrderNotional, less.Ask(100));
    }

    [Theory]
    [InlineData(50, 30, 0, 20, 20, RiskReason.None)]
    [InlineData(50, 30, 0, 30, 20, RiskReason.Position)]
    [InlineData(50, 50, 0, 10, 0, RiskReason.Position)]
    [InlineData(50, 30, 20, 20, 20, RiskReason.None)] // its own order is replaced, not added
    [InlineData(50, 0, 0, 60, 50, RiskReason.Position)]
    public void Check_14_the_worst_case_position_stays_within_its_limit(
        long position, long others, long own, long delta, long approved, RiskReason reason)
    {
        foreach (int sign in (ReadOnlySpan<int>)[1, -1])
        {
            RiskBench bench = new(With(limits => limits with { MaxPositionE9 = 100 * Rig.Piece }));
            Side side = sign > 0 ? Side.Buy : Side.Sell;
            bench.Hold(sign * position);
            bench.Live(2, side, others);
            bench.Live(0, side, own, price: 9_999);
            Is(sign * approved, reason, bench.Ask(sign * delta));
        }
    }

    [Fact]
    public void Check_14_lanes_of_one_event_do_not_pass_the_limit_together()
    {
        RiskBench bench = new(With(limits => limits with { MaxPositionE9 = 100 * Rig.Piece }));
        Verdict[] verdicts = bench.Rule(
            RiskBench.Target(0, 60, 10_000),
            RiskBench.Quotes(1, 9_990, 60, 10_010, 60),
            RiskBench.Quotes(2, 9_990, 60, 10_010, 60));
        Assert.Equal([60L, 40, 0], [verdicts[0].ApprovedDelta, verdicts[1].ApprovedBid, verdicts[2].ApprovedBid]);
        Assert.Equal([60L, 40], [verdicts[1].ApprovedAsk, verdicts[2].ApprovedAsk]);
    }

    [Fact]
    public void Check_15_the_worst_case_gross_value_stays_within_its_limit()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxGrossNotional = 100 * 10_000 * Worth });
        bench.Hold(-30, instrument: 2);
        bench.Live(1, Side.Sell, 10, instrument: 2);
        bench.Hold(20);
        Is(40, RiskReason.None, bench.Ask(40));
        Is(40, RiskReason.GrossNotional, bench.Ask(50));

        // Turning round: from 20 long to 60 short is what fits.
        Is(-80, RiskReason.None, bench.Ask(-80));
        Is(-80, RiskReason.GrossNotional, bench.Ask(-90));

        // The other side of the book is worse already: nothing may be added, and reducing still passes.
        bench.Live(1, Side.Buy, 50);
        Is(-20, RiskReason.GrossNotional, bench.Ask(-30));
    }

    [Fact]
    public void Check_16_no_more_orders_work_than_allowed()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxWorkingOrders = 3 });
        bench.Hold(50);
        bench.Live(1, Side.Buy, 10);
        bench.Live(1, Side.Sell, 10);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Live(2, Side.Buy, 10);
        Refused(RiskReason.WorkingOrders, bench.Ask(10));
        Is(-40, RiskReason.WorkingOrders, bench.Ask(-60));

        // One event may not open two where one is left.
        RiskBench two = new(RigSettings.Wide() with { MaxWorkingOrders = 1 });
        Verdict[] verdicts = two.Rule(RiskBench.Quotes(1, 9_990, 10, 10_010, 10));
        Assert.Equal((10, 0), (verdicts[0].ApprovedBid, verdicts[0].ApprovedAsk));
    }

    [Fact]
    public void Check_17_no_more_orders_leave_in_a_window_than_allowed()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxOrdersPerWindow = 2, OrderWindow = Rig.Second });
        bench.Hold(50);
        bench.Sent(Side.Buy, 10, 9_000);
        bench.Now += 1;
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Sent(Side.Buy, 10, 9_000);
        Refused(RiskReason.OrderRate, bench.Ask(10));
        Is(-50, RiskReason.None, bench.Ask(-50));
        bench.Now += Rig.Second - 2;
        Refused(RiskReason.OrderRate, bench.Ask(10));
        bench.Now += 1;
        bench.Quote(1);
        Is(10, RiskReason.None, bench.Ask(10));

        RiskBench two = new(RigSettings.Wide() with { MaxOrdersPerWindow = 1 });
        Verdict[] verdicts = two.Rule(RiskBench.Quotes(1, 9_990, 10, 10_010, 10));
        Assert.Equal((10, 0), (verdicts[0].ApprovedBid, verdicts[0].ApprovedAsk));
    }

    [Fact]
    public void Check_18_the_same_order_leaves_only_so_often_in_a_window()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxRepeats = 2, RepeatWindow = Rig.Second });
        bench.Sent(Side.Buy, 10, 10_000);
        Is(10, RiskReason.None, bench.Ask(10));
        bench.Sent(Side.Buy, 10, 10_000);
        Refused(RiskReason.RepeatIntent, bench.Ask(10));
        Is(20, RiskReason.None, bench.Ask(20));
        Is(-10, RiskReason.None, bench.Ask(-10));
        Is(10, RiskReason.None, bench.Ask(10, 9_999));
        Is(10, RiskReason.None, bench.Ask(10, instrument: 2));
        bench.Now += Rig.Second - 1;
        Refused(RiskReason.RepeatIntent, bench.Ask(10));
        bench.Now += 1;
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_19_a_lane_waits_after_a_rejection()
    {
        RiskBench bench = new(RigSettings.Wide() with { RejectBackoff = 2 * Rig.Second });
        bench.Stage.OnRejected(new InstrumentId(1), StrategyId.House, bench.Now);
        Refused(RiskReason.Backoff, bench.Ask(10));
        Is(10, RiskReason.None, bench.Ask(10, instrument: 2));
        bench.Now += (2 * Rig.Second) - 1;
        Refused(RiskReason.Backoff, bench.Ask(10));
        bench.Now += 1;
        Is(10, RiskReason.None, bench.Ask(10));
    }

    [Fact]
    public void Check_20_margin_covers_the_worst_case_gross_value()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxLeverageE9 = 2_000_000_000 });
        bench.Cash(-1_000_000_000_000_000 + (50 * 10_000 * Worth));
        Is(100, RiskReason.None, bench.Ask(100));
        Refused(RiskReason.Funds, bench.Ask(110));
        bench.Cash(-1);
        Refused(RiskReason.Funds, bench.Ask(100));
        bench.Cash(-1_000_000_000_000_000);
        bench.Hold(50);
        Is(-50, RiskReason.None, bench.Ask(-50));
    }

    [Theory]
    [InlineData(InstrumentKind.Spot)]
    [InlineData(InstrumentKind.Equity)]
    public void Check_20_cash_covers_purchases_open_ones_included(InstrumentKind kind)
    {
        RiskBench bench = new(kind: kind);
        bench.Cash(-1_000_000_000_000_000 + (100 * 10_000 * Worth));
        Is(100, RiskReason.None, bench.Ask(100));
        bench.Cash(-1);
        Refused(RiskReason.Funds, bench.Ask(100));

        // Open purchases are counted at the collar: 5 % above the market.
        bench.Live(1, Side.Buy, 20, instrument: 2);
        bench.Cash((20 * 500 * Worth) + 1);
        Is(80, RiskReason.None, bench.Ask(80));
        bench.Cash(-1);
        Refused(RiskReason.Funds, bench.Ask(80));
    }

    [Theory]
    [InlineData(InstrumentKind.Spot)]
    [InlineData(InstrumentKind.Linear)]
    public void Check_20_the_fees_of_what_is_open_and_of_the_order_are_part_of_the_need(InstrumentKind kind)
    {
        // 1 % of the value of 100 pieces, and of 20 open ones at the collar of 5 % (of a margined one at the market); a
        // fee that is not a whole unit costs the next one, so each is one unit more.
        RiskSettings settings = RigSettings.Wide() with { FeePpm = 10_000, MaxLeverageE9 = 1_000_000_000 };
        long open = kind == InstrumentKind.Spot ? 20 * 10_500 * Worth : 20 * 10_000 * Worth;
        long value = (100 * 10_000 * Worth) + open;
        long need = value + (value / 100) + 2;
        RiskBench bench = new(settings, kind);
        bench.Live(1, Side.Buy, 20, instrument: 2);
        bench.Cash(-1_000_000_000_000_000 + need);
        Is(100, RiskReason.None, bench.Ask(100));
        bench.Cash(-1);
        Refused(RiskReason.Funds, bench.Ask(100));
    }

    [Theory]
    [InlineData(InstrumentKind.Spot, true, false)]
    [InlineData(InstrumentKind.Spot, false, false)]
    [InlineData(InstrumentKind.Equity, false, false)]
    [InlineData(InstrumentKind.Equity, true, true)]
    public void Check_20_more_is_sold_than_held_only_where_that_is_allowed(InstrumentKind kind, bool allow, bool may)
    {
        RiskBench bench = new(RigSettings.Wide() with { AllowShort = allow }, kind);
        bench.Hold(50);
        Is(-50, RiskReason.None, bench.Ask(-50));
        Is(may ? -60 : -50, may ? RiskReason.None : RiskReason.Funds, bench.Ask(-60));

        // Two sales of the whole cannot both pass.
        bench.Live(1, Side.Sell, 50);
        Is(may ? -50 : 0, may ? RiskReason.None : RiskReason.Funds, bench.Ask(-50));
    }

    [Fact]
    public void Check_21_an_instrument_takes_at_most_its_share_of_equity()
    {
        // 1,000,000 of equity: 10 % is 1,000 pieces.
        RiskBench bench = new(RigSettings.Wide() with { MaxConcentrationPpm = 100_000 });
        bench.Cash(-1_000_000_000_000_000 + (1_000_000 * 100 * Worth));
        bench.Hold(400);
        bench.Live(1, Side.Buy, 100);
        Is(500, RiskReason.None, bench.Ask(500));
        Refused(RiskReason.Concentration, bench.Ask(510));
        Is(-1_400, RiskReason.None, bench.Ask(-1_400));
        Is(-400, RiskReason.Concentration, bench.Ask(-1_410));
    }

    [Fact]
    public void Check_22_the_net_value_stays_within_its_limit_on_its_worst_side()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxNetNotional = 100 * 10_000 * Worth });
        bench.Hold(-60, instrument: 2);
        bench.Live(1, Side.Buy, 20, instrument: 2);

        // The short of 60 counts as 40 while 20 may come back.
        Is(140, RiskReason.None, bench.Ask(140));
        Refused(RiskReason.NetNotional, bench.Ask(150));
        Is(-40, RiskReason.None, bench.Ask(-40));
        Refused(RiskReason.NetNotional, bench.Ask(-50));
    }

    [Theory]
    [InlineData("SYM1 SYM2", 70, 80)]
    [InlineData("", 70, 80)]
    [InlineData("SYM1", 100, 100)]
    public void Checks_23_and_24_a_group_has_limits_of_its_own(string members, long gross, long net)
    {
        // The other instrument holds 30: in the same group it takes 30 of the gross value, and as a short 30 of the net.
        Symbol24[] symbols = [.. members.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Symbol24.Of)];
        RiskBench bench = new(RigSettings.Wide() with { Groups = [new GroupLimit(symbols, 100 * 10_000 * Worth, long.MaxValue)] });
        bench.Hold(-30, instrument: 2);
        Is(gross, RiskReason.None, bench.Ask(gross));
        Refused(RiskReason.GroupGross, bench.Ask(gross + 10));

        RiskBench nets = new(RigSettings.Wide() with { Groups = [new GroupLimit(symbols, long.MaxValue, 100 * 10_000 * Worth)] });
        nets.Hold(20, instrument: 2);
        Is(net, RiskReason.None, nets.Ask(net));
        Refused(RiskReason.GroupNet, nets.Ask(net + 10));
    }

    [Theory]
    [InlineData(Side.Sell, 10_002, 10, 10_001, RiskReason.None)]
    [InlineData(Side.Sell, 10_002, 10, 10_002, RiskReason.SelfCross)]
    [InlineData(Side.Buy, 9_998, -10, 9_999, RiskReason.None)]
    [InlineData(Side.Buy, 9_998, -10, 9_998, RiskReason.SelfCross)]
    public void Check_25_a_limit_stops_short_of_an_order_of_ours(
        Side resting, long price, long delta, long limit, RiskReason reason)
    {
        RiskBench bench = new();
        bench.Live(1, resting, 10, price);
        bench.Live(2, resting, 10, resting == Side.Sell ? price + 5 : price - 5);
        Is(reason == RiskReason.None ? delta : 0, reason, bench.Ask(delta, limit));

        // Nor is there a way round for what only reduces, and an order of the lane's own is not in the way.
        bench.Hold(-delta);
        Is(reason == RiskReason.None ? delta : 0, reason, bench.Ask(delta, limit));
        bench.Live(1, resting, -10);
        bench.Live(0, resting, 10, price);
        Is(delta, RiskReason.None, bench.Ask(delta, limit));
    }

    [Fact]
    public void Check_25_two_lanes_of_one_event_do_not_meet()
    {
        RiskBench bench = new();
        Verdict[] verdicts = bench.Rule(
            RiskBench.Quotes(1, 9_990, 10, 10_001, 10), RiskBench.Quotes(2, 10_001, 10, 10_010, 10));
        Assert.Equal((10, 10), (verdicts[0].ApprovedBid, verdicts[0].ApprovedAsk));
        Assert.Equal((0, 10, RiskReason.SelfCross), (verdicts[1].ApprovedBid, verdicts[1].ApprovedAsk, verdicts[1].Reason));
    }

    [Fact]
    public void Check_25_an_order_at_the_market_stops_short_of_ours()
    {
        RiskBench bench = new();
        bench.Live(1, Side.Sell, 10, 10_006);
        Verdict verdict = bench.Ask(10, limit: 0);
        Assert.Equal((10, 10_005), (verdict.ApprovedDelta, verdict.ApprovedPrice));
        bench.Live(1, Side.Sell, -10);
        bench.Live(1, Side.Sell, 10, 10_005);
        Refused(RiskReason.SelfCross, bench.Ask(10, limit: 0));
    }

    [Fact]
    public void The_lowest_number_names_the_reason()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxOrdersPerWindow = 0, MaxLeverageE9 = 0, MaxWorkingOrders = 0 });
        Assert.Equal(RiskReason.WorkingOrders, bench.Ask(10).Reason);
        RiskBench rate = new(RigSettings.Wide() with { MaxOrdersPerWindow = 0, MaxLeverageE9 = 0 });
        Assert.Equal(RiskReason.OrderRate, rate.Ask(10).Reason);
        bench.Apply(Make.Status(1, bench.Now, TradingStatus.Halted));
        Assert.Equal(RiskReason.NotTrading, bench.Ask(10, 10_900).Reason);
        bench.Stage.Obey(OperatorVerb.Reduce);
        Assert.Equal(RiskReason.Reducing, bench.Ask(10, 10_900).Reason);
        bench.Stage.Obey(OperatorVerb.Halt);
        Assert.Equal(RiskReason.Halted, bench.Ask(10, 10_900).Reason);
        bench.Stage.Obey(OperatorVerb.Kill);
        Assert.Equal(RiskReason.Killed, bench.Ask(10, 10_900).Reason);
    }

    [Fact]
    public void What_stands_already_is_not_refused_by_rate_repeats_or_backoff()
    {
        RiskBench bench = new(RigSettings.Wide() with { MaxOrdersPerWindow = 1, MaxRepeats = 1 });
        bench.Live(0, Side.Buy, 10, price: 10_000);
        bench.Sent(Side.Buy, 10, 10_000);
        bench.Stage.OnRejected(new InstrumentId(1), StrategyId.House, bench.Now);
        Is(10, RiskReason.None, bench.Ask(10, 10_000));
        Refused(RiskReason.OrderRate, bench.Ask(10, 10_001));

        // And it uses nothing up.
        Verdict[] both = new RiskBench(RigSettings.Wide() with { MaxOrdersPerWindow = 1 }) is var fresh
            && Standing(fresh) ? fresh.Rule(RiskBench.Target(0, 10, 10_000), RiskBench.Target(0, 10, 10_000, 2)) : [];
        Assert.Equal([10L, 10], both.Select(v => v.ApprovedDelta));
    }

    [Fact]
    public void An_order_cut_to_size_and_then_refused_by_the_rate_comes_again()
    {
        RiskSettings settings = With(limits => limits with { MaxOrderQuantityE9 = 100 * Rig.Piece }) with { MaxOrdersPerWindow = 1 };
        RiskBench bench = new(settings);
        bench.Sent(Side.Buy, 10, 9_000);
        Refused(RiskReason.OrderQuantity, bench.Ask(110));
        bench.Lanes.Wake(bench.Now + settings.RetryInterval - 1);
        Assert.True(bench.Lanes.IsEmpty);
        bench.Lanes.Wake(bench.Now + settings.RetryInterval);
        Assert.False(bench.Lanes.IsEmpty);
    }

    [Fact]
    public void A_symbol_has_its_own_limits_and_keeps_them_through_a_restore()
    {
        RiskSettings settings = RigSettings.Wide() with
        {
            Overrides =
            [
                new InstrumentOverride(
                    Symbol24.Of("SYM2"), RigSettings.Wide().Default with { MaxOrderQuantityE9 = 20 * Rig.Piece }),
            ],
        };
        RiskBench bench = new(settings);
        Is(30, RiskReason.None, bench.Ask(30));
        Is(20, RiskReason.OrderQuantity, bench.Ask(30, instrument: 2));

        StateWriter writer = new();
        bench.Market.Visit(writer);
        bench.Stage.Visit(writer);
        RiskStage restored = bench.StageWith(settings);
        StateReader reader = new(writer.Written.ToArray());
        bench.Market.Visit(reader);
        restored.Visit(reader);
        Decision decision = default;
        decision.Intents[decision.IntentCount++] = RiskBench.Target(0, 30, 10_000, instrument: 2);
        restored.OnEvent(Make.Tick(bench.Now), ref decision);
        Assert.Equal(20, decision.Verdicts[0].ApprovedDelta);
    }

    private static bool Standing(RiskBench bench)
    {
        bench.Live(0, Side.Buy, 10, price: 10_000);
        return true;
    }

    private static RiskSettings With(Func<InstrumentLimits, InstrumentLimits> change)
    {
        RiskSettings wide = RigSettings.Wide();
        return wide with { Default = change(wide.Default) };
    }

    private static void Refused(RiskReason reason, in Verdict verdict) => Is(0, reason, verdict);

    private static void Is(long approved, RiskReason reason, in Verdict verdict)
    {
        Assert.Equal((approved, reason), (verdict.ApprovedDelta, verdict.Reason));
        Ruling ruling = reason == RiskReason.None ? Ruling.Approved : approved == 0 ? Ruling.Refused : Ruling.Reduced;
        Assert.Equal(ruling, verdict.Ruling);
    }
}
