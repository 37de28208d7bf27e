using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Market;

/// <summary>What the guard does not believe shapes nothing until it is confirmed, and is counted.</summary>
public sealed class MarketGuardTests
{
    private const long Second = 1_000_000_000;

    /// <summary>5 % of 10,000 is 500: at the bound it is believed, a unit beyond it is not.</summary>
    [Theory]
    [InlineData(10_500, true)]
    [InlineData(10_501, false)]
    [InlineData(9_500, true)]
    [InlineData(9_499, false)]
    public void A_print_is_believed_up_to_the_largest_move(long price, bool believed)
    {
        MarketView market = View(new GuardLimits { MaxMoveBps = 500 });
        market.Apply(Make.Trade(1, 10, 10_000));
        market.Apply(Make.Trade(1, 11, price));

        InstrumentMarket its = market[new InstrumentId(1)];
        Assert.Equal(believed, market.IsBelieved);
        Assert.Equal(believed, its.IsReady);
        Assert.Equal(believed ? price : 10_000, its.LastTrade.Price);
        Assert.True(its.TryReferencePrice(out long reference));
        Assert.Equal((believed ? price : 10_000, believed ? 11L : 10L), (reference, its.ReferenceAt));
        Assert.Equal(believed ? 0 : 1, its.HeldBack);
    }

    [Fact]
    public void A_larger_move_is_believed_when_as_many_in_a_row_agree()
    {
        MarketView market = View(new GuardLimits { MaxMoveBps = 500, Confirmations = 3 });
        market.Apply(Make.Trade(1, 10, 10_000));
        List<bool> believed = [];
        foreach (long price in (long[])[12_000, 12_100, 9_000, 12_000, 12_000, 12_300])
        {
            market.Apply(Make.Trade(1, 11, price));
            believed.Add(market.IsBelieved);
        }

        // 9,000 agrees with nobody: the count begins anew with the next one.
        Assert.Equal([false, false, false, false, false, true], believed);
        Assert.Equal(12_300, market[new InstrumentId(1)].LastTrade.Price);
        Assert.True(market[new InstrumentId(1)].IsReady);
    }

    [Fact]
    public void One_print_of_nonsense_is_over_with_the_next_honest_one_and_shapes_no_bar()
    {
        MarketView market = View(new GuardLimits { MaxMoveBps = 500 }, Second);
        market.Apply(Make.Quote(1, Second, 9_999, 5, 10_001, 5));
        market.Apply(Make.Trade(1, Second + 1, 10_000));
        market.Apply(Make.Trade(1, Second + 2, 1));
        InstrumentMarket its = market[new InstrumentId(1)];
        Assert.False(its.TryBest(out _, out _, out _, out _));
        market.Apply(Make.Trade(1, Second + 3, 10_020));
        Assert.True(its.TryBest(out long bid, out _, out _, out _));
        Assert.Equal(9_999, bid);
        market.Apply(Make.Tick(3 * Second));

        Bar bar = market.ClosedBars[0].Bar;
        Assert.Equal((10_000L, 10_020L, 10_000L, 10_020L, 2L), (bar.Open, bar.High, bar.Low, bar.Close, bar.TradeCount));
    }

    [Fact]
    public void A_quote_of_nonsense_is_not_taken_and_a_book_of_nonsense_is_not_acted_on()
    {
        MarketView quotes = View(new GuardLimits { MaxMoveBps = 500 });
        quotes.Apply(Make.Quote(1, 10, 9_999, 5, 10_001, 5));
        quotes.Apply(Make.Quote(1, 11, 1, 5, 3, 5));
        Assert.False(quotes.IsBelieved);
        Assert.Equal(9_999, quotes[new InstrumentId(1)].Quote.BidPrice);
        Assert.False(quotes[new InstrumentId(1)].IsReady);
        quotes.Apply(Make.Quote(1, 12, 10_001, 5, 10_003, 5));
        Assert.True(quotes[new InstrumentId(1)].IsReady);

        MarketView books = View(new GuardLimits { MaxMoveBps = 500 });
        books.Apply(Book(10, snapshot: true, (9_999, 10_001)));
        Assert.True(books[new InstrumentId(1)].IsReady);
        books.Apply(Book(11, snapshot: true, (5_999, 6_001)));
        Assert.False(books.IsBelieved);
        Assert.False(books[new InstrumentId(1)].IsReady);
        Assert.True(books[new InstrumentId(1)].TryReferencePrice(out long reference));
        Assert.Equal(10_000, reference);
        books.Apply(Book(12, snapshot: true, (6_001, 6_003)));
        Assert.True(books[new InstrumentId(1)].IsReady);
    }

    [Fact]
    public void Stamps_are_followed_by_stream_and_one_stream_does_not_vouch_for_another()
    {
        MarketView market = View(new GuardLimits { MaxAhead = 5, MaxBehind = 100, HoldsBackwards = true });
        InstrumentMarket its = market[new InstrumentId(1)];
        market.Apply(Make.Trade(1, 1_000, 10_000, venueTime: 1_000));
        Assert.True(its.IsReady);

        // A print from before the last one: counted, not taken, and not ready until an honest one comes.
        market.Apply(Make.Trade(1, 1_010, 10_100, venueTime: 999));
        Assert.Equal((1L, 0L, false, 10_000L), (its.Backwards, its.OffClock, its.IsReady, its.LastTrade.Price));
        market.Apply(Quote(1_011, venueTime: 1_011));
        Assert.False(its.IsReady);
        market.Apply(Make.Trade(1, 1_012, 10_001, venueTime: 1_012));
        Assert.True(its.IsReady);

        // Quotes have stamps of their own: an older one than that of the prints is none that runs backwards.
        market.Apply(Quote(1_013, venueTime: 1_011));
        Assert.Equal(1L, its.Backwards);
        Assert.True(its.IsReady);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(6, 1)]
    [InlineData(-100, 0)]
    [InlineData(-101, 1)]
    public void A_stamp_may_lie_so_far_from_its_receipt(long ahead, long offClock)
    {
        MarketView market = View(new GuardLimits { MaxAhead = 5, MaxBehind = 100, HoldsBackwards = true });
        InstrumentMarket its = market[new InstrumentId(1)];
        market.Apply(Make.Trade(1, 1_000, 10_000, venueTime: 1_000 + ahead));
        Assert.Equal((offClock, offClock == 0), (its.OffClock, its.IsReady));

        // One stamp from the future does not make every honest one after it run backwards.
        market.Apply(Make.Trade(1, 1_200, 10_000, venueTime: 1_200));
        Assert.True(its.IsReady);
        Assert.Equal(0, its.Backwards);
    }

    [Fact]
    public void Late_prints_are_counted_one_by_one_and_what_is_not_asked_for_holds_nothing()
    {
        MarketView market = View(new GuardLimits());
        Random dice = new(4);
        long newest = 0;
        long injected = 0;
        for (int i = 1; i <= 10_000; i++)
        {
            bool late = i > 1 && dice.Next(100) == 0;
            long stamp = late ? newest - 1 - dice.Next(50) : newest + dice.Next(3) + 1;
            injected += late ? 1 : 0;
            newest = Math.Max(newest, stamp);
            market.Apply(Make.Trade(1, i * 10, 10_000 + (late ? 9_000 : 0), venueTime: Math.Max(1, stamp)));
            Assert.True(market.IsBelieved);
        }

        Assert.True(injected > 50);
        Assert.Equal(injected, market[new InstrumentId(1)].Backwards);
    }

    [Fact]
    public void An_override_is_of_its_symbol_alone_and_an_interruption_confirms_nothing()
    {
        MarketView market = new(
            [],
            0,
            guard: new MarketGuard
            {
                Default = new GuardLimits { MaxMoveBps = 500 },
                Overrides = [new GuardOverride(Symbol24.Of("SYM2"), new GuardLimits { MaxMoveBps = 5_000 })],
            });
        foreach (int i in (int[])[1, 2])
        {
            market.Apply(Make.Definition(i, i));
            market.Apply(Make.Trade(i, i, 10_000));
            market.Apply(Make.Trade(i, i, 13_000));
            Assert.Equal(i == 2, market.IsBelieved);
        }

        // The first observation after an interruption has nobody before it to agree with.
        market.Apply(Make.Stream(1, 4, StreamState.Gap));
        market.Apply(Make.Trade(1, 5, 13_000));
        Assert.False(market.IsBelieved);
        market.Apply(Make.Trade(1, 6, 13_000));
        Assert.True(market.IsBelieved);
    }

    [Fact]
    public void A_split_moves_what_is_believed_as_far_as_the_price()
    {
        MarketView market = View(new GuardLimits { MaxMoveBps = 500 });
        market.Apply(Make.Trade(1, 10, 10_000));
        market.Apply(Make.Of(1, 11, new CorporateAction
        {
            Action = CorporateActionKind.Split,
            Effect = CorporateActionEffect.InForce,
            NewShares = 2,
            OldShares = 1,
        }));
        market.Apply(Make.Trade(1, 12, 5_010));
        Assert.True(market.IsBelieved);
        market.Apply(Make.Trade(1, 13, 10_000));
        Assert.False(market.IsBelieved);
    }

    [Fact]
    public void Doubt_is_state()
    {
        GuardLimits limits = new() { MaxMoveBps = 500, Confirmations = 3 };
        MarketView market = View(limits);
        market.Apply(Make.Trade(1, 10, 10_000, venueTime: 10));
        market.Apply(Make.Trade(1, 11, 12_000, venueTime: 11));
        market.Apply(Make.Trade(1, 12, 12_000, venueTime: 5));
        MarketView restored = View(limits);
        RestoringVisitor.Restore(restored, SavingVisitor.Save(market));
        foreach (MarketView view in (MarketView[])[market, restored])
        {
            Assert.Equal((2L, 1L), (view[new InstrumentId(1)].HeldBack, view[new InstrumentId(1)].Backwards));
            view.Apply(Make.Trade(1, 13, 12_000, venueTime: 13));
            Assert.True(view.IsBelieved);
        }
    }

    /// <summary>What is not believed reaches no stage: no call, no exit, no order that adds; what is believed again does.</summary>
    [Fact]
    public void Nonsense_touches_no_exit_and_lets_nothing_in()
    {
        Rig rig = new Rig(new RigSettings
        {
            Guard = new MarketGuard { Default = new GuardLimits { MaxMoveBps = 500 } },
            Risk = RigSettings.Wide() with { Exits = [new() { StopLossBps = 100 }] },
        }).Begin();
        rig.Target(1, 10);
        OrderId order = rig.Commands[0].Order;
        rig.Outcome(order, CommandVerb.New, Outcome.Sent);
        rig.Fill(order, Side.Buy, 10, 10_001, 1);
        int prints = rig.Strategies[0].Trades;

        rig.Publish(new Trade { Price = 5_000, Quantity = 1, Aggressor = Side.Sell }, 1);
        Assert.Empty(rig.Intents);
        Assert.Equal(prints, rig.Strategies[0].Trades);
        rig.Target(2, 5);
        Assert.Equal(RiskReason.NotReady, rig.Verdicts[0].Reason);
        Assert.Empty(rig.Commands);

        // Confirmed: now it is the market, and the stop is touched.
        rig.Publish(new Trade { Price = 5_000, Quantity = 1, Aggressor = Side.Sell }, 1);
        rig.Quote(1, 4_999, 5_001);
        Assert.Equal(prints + 1, rig.Strategies[0].Trades);
        Assert.Contains(rig.Intents, intent => intent.Cause == IntentCause.StopLoss);
    }

    /// <summary>The same without a guard: one print of nonsense reaches the strategy.</summary>
    [Fact]
    public void Without_a_guard_everything_is_believed()
    {
        Rig rig = new Rig().Begin();
        rig.Publish(new Trade { Price = 5_000, Quantity = 1, Aggressor = Side.Sell }, 1);
        Assert.Equal(1, rig.Strategies[0].Trades);
        Assert.Equal(5_000, rig.Pipeline.Market[new InstrumentId(1)].LastTrade.Price);
    }

    private static MarketView View(GuardLimits limits, params long[] timeframes)
    {
        MarketView market = new(timeframes, 0, guard: new MarketGuard { Default = limits });
        market.Apply(Make.Definition(1, 1));
        return market;
    }

    private static Event Quote(long at, long venueTime) => Make.Of(
        1, at, new Quote { BidPrice = 9_999, BidQuantity = 5, AskPrice = 10_001, AskQuantity = 5 }, venueTime);

    private static Event Book(long at, bool snapshot, (long Bid, long Ask) best)
    {
        LevelPacker packer = new(4);
        packer.TryAdd(Side.Buy, best.Bid, 5);
        packer.TryAdd(Side.Sell, best.Ask, 5);
        packer.Complete(Make.Of(1, at, default(Tick)), 1, 0, snapshot);
        Event made = default;
        Assert.True(packer.TryTake(ref made));
        return made;
    }
}
