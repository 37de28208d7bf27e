using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Risk;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>
/// Shares are split and delisted. One share at a price of p cents is worth p x 10^6; both strategies begin with what a case
/// says at 100.01.
/// </summary>
public sealed class CorporateActionTests
{
    private static readonly InstrumentId One = new(1);

    [Theory]
    // 3 for 2 of 101 and 50, together 151: 226 and a half. Along sums 101 is 151.5 and 151 is 226.5.
    [InlineData(3, 2, 101, 50, 151, 75)]
    // 1 for 10 of 25 and -6: 2.5, then 1.9.
    [InlineData(1, 10, 25, -6, 2, -1)]
    [InlineData(7, 1, 100, -40, 700, -280)]
    public void A_split_multiplies_the_position_and_its_parts_which_add_up_to_it(
        long fresh, long old, long first, long second, long firstAfter, long secondAfter)
    {
        Rig rig = Held(first, second);
        long cost = rig.Pipeline.Portfolio.Position(One).Cost;
        Split(rig, fresh, old);
        Assert.Equal((firstAfter, secondAfter), (rig.Virtual(1), rig.Virtual(2)));
        Assert.Equal(firstAfter + secondAfter, rig.Position());

        // What was paid is what was paid.
        Assert.Equal(cost, rig.Pipeline.Portfolio.Position(One).Cost);
        Assert.Equal(cost, rig.Pipeline.Portfolio.Trips.Of(new StrategyId(1), One).Cost
            + rig.Pipeline.Portfolio.Trips.Of(new StrategyId(2), One).Cost);
    }

    [Fact]
    public void Equity_is_the_same_before_and_after()
    {
        Rig rig = Held(100, 0);
        rig.Quote(1, 13_999, 14_001);
        Assert.True(rig.Pipeline.Portfolio.TryEquity(0, out long before));
        Split(rig, 7, 1);

        // 700 at 20.00 are what 100 at 140.00 were: the price is carried over until the market says another.
        Assert.True(rig.Pipeline.Portfolio.TryEquity(0, out long after));
        Assert.Equal(before, after);
        Assert.False(rig.Pipeline.Market[One].IsReady);
        Assert.False(rig.Pipeline.Market[One].TryBest(out _, out _, out _, out _));
        rig.Quote(1, 1_999, 2_001);
        Assert.True(rig.Pipeline.Portfolio.TryEquity(0, out long later));
        Assert.Equal(before, later);
    }

    [Fact]
    public void Who_has_what_he_wants_goes_on_having_it_and_says_less_by_saying_the_old_number()
    {
        Rig rig = Held(100, 0);
        Split(rig, 7, 1);
        Assert.Empty(rig.Commands);
        rig.Quote(1, 1_428, 1_430);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Commands);
        Assert.Equal(700, rig.Pipeline.ContextOf(new StrategyId(1)).Stated(One).Target);
        Assert.Equal(700, rig.Pipeline.Arbitration.Desired(new StrategyId(1), One));

        rig.Target(1, 700);
        Assert.Empty(rig.Signals);
        rig.Target(1, 100);
        Assert.Equal((Side.Sell, 600L), (Assert.Single(rig.Commands).Side, rig.Commands[0].Quantity));
        Assert.Equal(7, Assert.Single(rig.Strategies[0].Actions).NewShares);
    }

    [Fact]
    public void A_gap_that_was_open_is_open_in_new_shares()
    {
        Rig rig = Held(100, 0);

        // Wants 40 more at 95.00 or better, which nobody offers; the venue ends the order at the split.
        rig.Target(1, 140, limit: 9_500);
        OrderId order = rig.Live(Side.Buy);
        Split(rig, 2, 1);
        rig.Report(order, OrderStatus.Cancelled, 40, 9_500, ReportReason.CorporateAction);
        Assert.Equal((280L, 4_750L), (Stated(rig).Target, Stated(rig).LimitPrice));
        rig.Quote(1, 5_000, 5_001);
        rig.Tick(Rig.Second);
        Command again = Assert.Single(rig.Commands);
        Assert.Equal((80L, 4_750L, Side.Buy), (again.Quantity, again.Price, again.Side));
    }

    [Fact]
    public void Quotes_offer_nothing_until_the_strategy_quotes_again()
    {
        Rig rig = new Rig(Shares()).Begin();
        rig.Quotes(1, 9_990, 10, 10_010, 10);
        foreach (Command command in rig.Commands.ToArray())
        {
            rig.Report(command.Order, OrderStatus.Accepted, command.Quantity, command.Price);
        }

        OrderId bid = rig.Live(Side.Buy, owner: 1);
        OrderId ask = rig.Live(Side.Sell, owner: 1);
        Split(rig, 2, 1);
        rig.Report(bid, OrderStatus.Cancelled, 10, 9_990, ReportReason.CorporateAction);
        rig.Report(ask, OrderStatus.Cancelled, 10, 10_010, ReportReason.CorporateAction);
        rig.Quote(1, 4_999, 5_001);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Commands);
        rig.Quotes(1, 4_995, 20, 5_005, 20);
        Assert.Equal(2, rig.Commands.Count);
    }

    [Fact]
    public void Stops_are_of_new_shares()
    {
        // Stopped at 90.00, at 45.00 of new ones. Were the stop not divided, the first price would be below it.
        Rig rig = Held(100, 0, new Bracket(9_000, 12_001, 0, 0));
        Split(rig, 2, 1);
        rig.Quote(1, 4_999, 5_001);
        rig.Tick(Rig.Second);
        Assert.Empty(rig.Commands);

        // The target of 120.01 is 60.005: rounded down.
        Rig won = Held(100, 0, new Bracket(9_000, 12_001, 0, 0));
        Split(won, 2, 1);
        won.Quote(1, 6_000, 6_000);
        Assert.Equal((IntentCause.TakeProfit, -200L), (won.Intents[0].Cause, won.Intents[0].Target - won.Intents[0].LanePosition));

        rig.Quote(1, 4_500, 4_500);
        Assert.Equal((IntentCause.StopLoss, 0L), (rig.Intents[0].Cause, rig.Intents[0].Target));
    }

    [Fact]
    public void A_trailing_stop_follows_the_best_price_in_new_shares()
    {
        RigSettings settings = Shares();
        Rig rig = Held(100, 0, settings: settings with
        {
            Risk = settings.Risk with { Exits = [new ExitRule { TrailingBps = 1_000 }, null] },
        });
        rig.Quote(1, 12_000, 12_000);
        Split(rig, 2, 1);

        // The best was 120.00, now 60.00: ten per cent below it is 54.00.
        rig.Quote(1, 5_401, 5_401);
        Assert.Empty(rig.Commands);
        rig.Quote(1, 5_400, 5_400);
        Assert.Equal(IntentCause.TrailingStop, rig.Intents[0].Cause);
    }

    [Fact]
    public void A_fill_of_old_shares_that_is_told_late_counts_in_new_ones_to_the_unit()
    {
        Rig rig = Held(5, 0);
        rig.Target(1, 6);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, OrderStatus.Accepted, 1, 10_001);
        long cash = rig.Pipeline.Portfolio.Cash(0);
        Split(rig, 1, 2);
        Assert.Equal(2, rig.Position());

        // With it there were 6 old ones, so there are 3: the late one, half a share by itself, is a whole one here.
        rig.Fill(order, Side.Buy, 1, 10_000, 77);
        Assert.Equal((3L, 3L), (rig.Position(), rig.Virtual(1)));
        Assert.Equal(cash - (10_000 * Rig.MoneyPerCent), rig.Pipeline.Portfolio.Cash(0));
        Assert.Equal(((5 * 10_001) + 10_000) * Rig.MoneyPerCent, rig.Pipeline.Portfolio.Position(One).Cost);
        Assert.Equal(TradingState.Active, rig.Pipeline.Risk.State);
    }

    [Fact]
    public void A_split_survives_a_restart_with_all_that_is_still_to_be_thought_of()
    {
        Rig rig = Held(5, 0);
        rig.Target(1, 6);
        OrderId order = rig.Live(Side.Buy);
        rig.Report(order, OrderStatus.Accepted, 1, 10_001);
        Split(rig, 1, 2);
        Rig other = new(Shares());
        StateWriter saved = new();
        rig.Pipeline.Visit(saved);
        other.Pipeline.Visit(new StateReader(saved.Written.ToArray()));
        (other.Now, other.Sequence) = (rig.Now, rig.Sequence);
        other.Fill(order, Side.Buy, 1, 10_000, 77);
        Assert.Equal((3L, 3L), (other.Position(), other.Virtual(1)));
    }

    [Fact]
    public void Cash_in_lieu_goes_to_those_who_lost_a_part_of_a_share()
    {
        // 1 for 10 of 25, 5 and -6 by sums: 2, 3 and 2, so the parts are 2, 1 and -1. They lost 5, -5 and 4 tenths.
        Rig rig = Held(25, 5, third: -6);
        Split(rig, 1, 10);
        Assert.Equal((2L, 1L, -1L, 2L), (rig.Virtual(1), rig.Virtual(2), rig.Virtual(3), rig.Position()));
        long[] before = Flows(rig);
        rig.Publish(
            new CashBooked { BookingId = new VenueId(9, 9), Amount = 400, Reason = BookingReason.CashInLieu }, 1);
        long[] after = Flows(rig);

        // 400 for 4 tenths: 500, -500 and 400.
        Assert.Equal([0, 500, -500, 400], after.Zip(before, (a, b) => a - b).Take(4));
    }

    [Fact]
    public void An_action_of_a_journal_that_only_told_it_moves_nothing()
    {
        Rig rig = Held(100, 0);
        rig.Publish(new CorporateAction { Action = CorporateActionKind.Split, NewShares = 7, OldShares = 1 }, 1);
        rig.Publish(new CorporateAction { Action = CorporateActionKind.Delisted }, 1);
        Assert.Equal((100L, 100L), (rig.Position(), Stated(rig).Target));
        Assert.True(rig.Pipeline.Market[One].IsReady);
        Assert.Empty(rig.Strategies[0].Actions);

        // A record of version 1 is read as one.
        Event old = default;
        old.Set(new CorporateAction { Action = CorporateActionKind.Split, NewShares = 7, OldShares = 1 });
        old.Version = 1;
        Assert.True(EventUpgrade.TryUpgrade(ref old));
        Assert.Equal((2, CorporateActionEffect.Told), (old.Version, old.CorporateAction.Effect));
    }

    [Fact]
    public void A_delisting_closes_every_part_at_the_venues_price_and_nothing_is_ordered_any_more()
    {
        Rig rig = Held(100, -40);
        Act(rig, CorporateActionKind.Delisted);
        Assert.Empty(rig.Commands);
        Assert.Equal(TradingStatus.Delisted, rig.Pipeline.Market[One].Status);
        long[] before = Flows(rig);
        rig.Fill(OrderId.None, Side.Sell, 60, 7_500, 99);
        long[] after = Flows(rig);
        Assert.Equal((0L, 0L, 0L), (rig.Position(), rig.Virtual(1), rig.Virtual(2)));

        // 100 x 75.00 for the one, -40 x 75.00 for the other.
        Assert.Equal([0, 750_000 * Rig.MoneyPerCent, -300_000 * Rig.MoneyPerCent], after.Zip(before, (a, b) => a - b).Take(3));
        Assert.Equal(TradingState.Active, rig.Pipeline.Risk.State);
        Assert.Equal(0, rig.Pipeline.OrderStage.Foreign);

        // What comes later changes nothing: no order, and no status that opens it again.
        rig.Publish(new TradingStatusChanged { Status = TradingStatus.Open }, 1);
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 10);
        Assert.Empty(rig.Commands);
        Assert.Equal(RiskReason.NotTrading, Assert.Single(rig.Verdicts).Reason);
    }

    [Fact]
    public void An_execution_that_nobody_asked_for_is_still_a_reason_to_reduce_where_nothing_was_delisted()
    {
        Rig rig = Held(100, -40);
        rig.Fill(OrderId.None, Side.Sell, 60, 7_500, 99);
        Assert.Equal(TradingState.Reducing, rig.Pipeline.Risk.State);
    }

    [Fact]
    public void What_strategies_hold_against_each_other_of_a_delisted_share_they_settle_among_themselves()
    {
        Rig rig = Held(30, -30);
        rig.Quote(1, 8_000, 8_000);
        long[] before = Flows(rig);
        Act(rig, CorporateActionKind.Delisted);
        Assert.Equal((0L, 0L), (rig.Virtual(1), rig.Virtual(2)));
        Assert.Equal(
            [0, 240_000 * Rig.MoneyPerCent, -240_000 * Rig.MoneyPerCent], Flows(rig).Zip(before, (a, b) => a - b).Take(3));
    }

    [Fact]
    public void A_dividend_and_a_new_name_leave_position_wishes_and_market_as_they_are()
    {
        Rig rig = Held(100, 0);
        Act(rig, CorporateActionKind.Dividend);
        Act(rig, CorporateActionKind.Renamed);
        Assert.Equal((100L, 100L), (rig.Position(), Stated(rig).Target));
        Assert.True(rig.Pipeline.Market[One].IsReady);
        Assert.Empty(rig.Commands);
        Assert.Equal(
            [CorporateActionKind.Dividend, CorporateActionKind.Renamed], rig.Strategies[0].Actions.Select(a => a.Action));
    }

    [Fact]
    public void Bars_of_old_shares_are_no_history_of_new_ones()
    {
        Rig rig = new Rig(Shares() with { Timeframes = [Rig.Second] }).Begin();
        rig.Now += Rig.Second;
        Bar(rig, rig.Now - Rig.Second, 10_000);
        Assert.Equal(1, rig.Pipeline.Market[One].Bars(Rig.Second)!.Count);
        Split(rig, 2, 1);
        Assert.Equal(0, rig.Pipeline.Market[One].Bars(Rig.Second)!.Count);

        // One that ended before the split and comes after it is of old shares.
        Bar(rig, rig.Now - Rig.Second, 10_000);
        Assert.Equal((0, 1L), (rig.Pipeline.Market[One].Bars(Rig.Second)!.Count, rig.Pipeline.Market[One].Malformed));
        rig.Now += Rig.Second;
        Bar(rig, rig.Now - Rig.Second, 5_000);
        Assert.True(rig.Pipeline.Market[One].Bars(Rig.Second)!.TryBar(0, out Bar newest));
        Assert.Equal(5_000, newest.Close);
    }

    private static RigSettings Shares() => new()
    {
        Kind = InstrumentKind.Equity,
        Rules = [new(1, 0, 0), new(2, 0, 0), new(3, 0, 0)],
    };

    private static Rig Held(long first, long second, Bracket bracket = default, long third = 0, RigSettings? settings = null)
    {
        Rig rig = new Rig(settings ?? Shares()).Begin();
        ulong execution = 0;
        foreach ((int strategy, long target) in new[] { (1, first), (2, second), (3, third) })
        {
            if (target == 0)
            {
                continue;
            }

            rig.Target(strategy, target, bracket: bracket);

            // Where another wants the opposite, it hands over what it can; the rest is bought or sold.
            foreach (Command command in rig.Commands.Where(c => c.Verb == CommandVerb.New).ToArray())
            {
                rig.Report(command.Order, OrderStatus.Accepted, command.Quantity, command.Price);
                rig.Fill(command.Order, command.Side, command.Quantity, 10_001, ++execution);
            }
        }

        Assert.Equal((first, second, third), (rig.Virtual(1), rig.Virtual(2), rig.Virtual(3)));
        return rig;
    }

    private static void Split(Rig rig, long fresh, long old) => rig.Publish(
        new CorporateAction
        {
            Action = CorporateActionKind.Split,
            Effect = CorporateActionEffect.InForce,
            NewShares = fresh,
            OldShares = old,
        },
        1);

    private static void Act(Rig rig, CorporateActionKind kind) =>
        rig.Publish(new CorporateAction { Action = kind, Effect = CorporateActionEffect.InForce }, 1);

    private static void Bar(Rig rig, long start, long price) => rig.Publish(
        new Bar
        {
            StartTime = start,
            Timeframe = Rig.Second,
            Open = price,
            High = price,
            Low = price,
            Close = price,
            Volume = 1,
        },
        1);

    private static ref readonly Signal Stated(Rig rig) => ref rig.Pipeline.ContextOf(new StrategyId(1)).Stated(One);

    private static long[] Flows(Rig rig) =>
        [.. Enumerable.Range(0, 4).Select(s => rig.Pipeline.Portfolio.VirtualCashFlow(new StrategyId((ushort)s), One))];
}
