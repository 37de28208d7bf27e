using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Market;

public sealed class MarketViewTests
{
    private static readonly InstrumentId One = new(1);
    private readonly MarketView _view = new([100], 0);
    private long _now = 1_000;

    private InstrumentMarket Market => _view[One];

    [Fact]
    public void Nothing_is_known_of_an_instrument_until_it_is_defined()
    {
        _view.Apply(Make.Trade(1, 1, 10));
        _view.Apply(Make.Status(1, 1, TradingStatus.Halted));
        _view.Apply(Make.Trade(0, 1, 10));
        _view.Apply(Make.Trade(65, 1, 10));
        Assert.Equal(4, _view.UnknownInstrumentEvents);
        Assert.Equal((0, 1L), (_view.Count, _view.Now));
        Assert.False(_view.TryGet(One, out _));
        Assert.False(_view.TryGet(new InstrumentId(65), out _));
        Assert.Equal((false, TradingStatus.Unknown, 0L), (Market.IsReady, Market.Status, Market.LastMarketAt));
        Assert.Null(Market.Bars(100));
        Assert.False(Market.TryReferencePrice(out _));

        _view.Apply(Make.Definition(1, 2));
        Assert.True(_view.TryGet(One, out InstrumentMarket? market));
        Assert.Equal(("SYM1", "USD", 1, TradingStatus.Open), (
            market.Symbol.ToString(), market.Currency.ToString(), market.DefinitionVersion, market.Status));
        Assert.Equal((One, (byte)2), (market.Definition.Id, market.Definition.PriceExponent));
        Assert.NotNull(market.Bars(100));
        Assert.Null(market.Bars(99));
        Assert.Equal(1, _view.Count);
        Assert.False(market.IsReady);
    }

    [Fact]
    public void Status_follows_the_venue()
    {
        Defined();
        _view.Apply(Make.Status(1, Now(), TradingStatus.Halted));
        Assert.Equal(TradingStatus.Halted, Market.Status);
        _view.Apply(Make.Definition(1, Now(), tick: 5));
        Assert.Equal((TradingStatus.Halted, 5L), (Market.Status, Market.Definition.Tick));
    }

    [Fact]
    public void Without_a_book_feed_a_quote_with_both_sides_speaks_and_then_the_last_print()
    {
        Defined();
        _view.Apply(Make.Bar(1, Now(), 0, 100, 77));
        Assert.True(Market.IsReady);
        Assert.Equal(77, Reference());
        _view.Apply(Make.Trade(1, Now(), 80));
        Assert.Equal(80, Reference());
        _view.Apply(Make.Trade(1, Now(), 90, marks: TradeMarks.Suspicious));
        Assert.Equal((80L, 80L), (Reference(), Market.LastTrade.Price));
        _view.Apply(Make.Quote(1, Now(), 70, 1, 75, 2));
        Assert.Equal(72, Reference());
        Assert.True(Market.TryBest(out long bid, out long bidQuantity, out long ask, out long askQuantity));
        Assert.Equal((70L, 1L, 75L, 2L), (bid, bidQuantity, ask, askQuantity));
        _view.Apply(Make.Quote(1, Now(), 70, 1, 75, 0));
        Assert.Equal(80, Reference());
        _view.Apply(Make.Quote(1, Now(), 76, 1, 75, 1));
        Assert.False(Market.TryBest(out bid, out _, out ask, out _));
        Assert.Equal((0L, 0L), (bid, ask));
        _view.Apply(Make.Quote(1, Now(), 75, 1, 75, 1));
        Assert.Equal(75, Reference());
    }

    [Fact]
    public void The_mid_is_rounded_down_for_negative_prices_too()
    {
        Defined();
        _view.Apply(Make.Quote(1, Now(), -4, 1, -1, 2));
        Assert.Equal(-3, Reference());
    }

    [Fact]
    public void An_instrument_with_a_book_feed_speaks_through_its_book_alone()
    {
        Defined();
        _view.Apply(Make.Quote(1, Now(), 50, 1, 52, 1));
        Assert.Equal(51, Reference());
        _view.Apply(Snapshot(99, 102));
        Assert.Equal(100, Reference());
        Assert.True(Market.IsReady);
        _view.Apply(Make.Levels(1, Now(), EventFlags.First, 2, 1, (Side.Buy, 98, 1)));
        Assert.False(Market.IsReady);
        _view.Apply(Make.Quote(1, Now(), 50, 1, 52, 1));
        Assert.False(Market.IsReady);
        Assert.False(Market.TryBest(out _, out _, out _, out _));
        _view.Apply(Make.Levels(1, Now(), EventFlags.Last, 2, 1, (Side.Buy, 97, 1)));
        Assert.True(Market.IsReady);
        _view.Apply(Make.Levels(1, Now(), EventFlags.Whole, 9, 8, (Side.Buy, 98, 1)));
        _view.Apply(Make.Quote(1, Now(), 50, 1, 52, 1));
        Assert.False(Market.IsReady);
    }

    [Fact]
    public void A_group_of_prints_is_not_acted_on_before_its_last()
    {
        Defined();
        Event print = Make.Trade(1, Now(), 10);
        print.Flags = EventFlags.First;
        _view.Apply(print);
        Assert.False(Market.IsReady);
        print.Flags = EventFlags.None;
        _view.Apply(print);
        Assert.False(Market.IsReady);
        print.Flags = EventFlags.Last;
        _view.Apply(print);
        Assert.True(Market.IsReady);
    }

    [Theory]
    [InlineData(1, StreamState.Down)]
    [InlineData(1, StreamState.Gap)]
    [InlineData(0, StreamState.Down)]
    [InlineData(0, StreamState.Gap)]
    public void After_an_interruption_only_fresh_data_is_ready(int whom, StreamState state)
    {
        Defined();
        _view.Apply(Make.Definition(2, Now()));
        _view.Apply(Make.Quote(1, Now(), 70, 1, 75, 1));
        _view.Apply(Make.Trade(1, Now(), 80));
        _view.Apply(Make.Trade(2, Now(), 80));
        _view.Apply(Make.Stream(whom, Now(), state));
        Assert.False(Market.IsReady);
        Assert.Equal((0L, 0L), (Market.Quote.BidPrice, Market.QuoteAt));
        Assert.Equal(80, Reference());
        Assert.Equal(whom == 1, _view[new InstrumentId(2)].IsReady);
        _view.Apply(Make.Stream(whom, Now(), StreamState.Up));
        Assert.False(Market.IsReady);
        _view.Apply(Make.Trade(1, Now(), 81));
        Assert.True(Market.IsReady);
        _view.Apply(Snapshot(99, 102));
        Assert.True(Market.IsReady);
        _view.Apply(Make.Stream(whom, Now(), state));
        _view.Apply(Make.Trade(1, Now(), 81));
        Assert.False(Market.IsReady);
        _view.Apply(Snapshot(99, 102));
        Assert.True(Market.IsReady);
    }

    [Fact]
    public void A_new_run_cuts_open_groups_and_waits_for_fresh_data()
    {
        Defined();
        _view.Apply(Snapshot(99, 102));
        _view.Apply(Make.Levels(1, Now(), EventFlags.First, 2, 1, (Side.Buy, 98, 1)));
        _view.Apply(Make.Epoch(Now()));
        Assert.Equal((1L, false), (Market.Book.Cuts, Market.Book.IsGroupOpen));
        _view.Apply(Make.Levels(1, Now(), EventFlags.Last, 2, 1, (Side.Buy, 97, 1)));
        _view.Apply(Make.Levels(1, Now(), EventFlags.Whole, 3, 2, (Side.Buy, 97, 1)));
        Assert.False(Market.IsReady);
        _view.Apply(Snapshot(99, 102));
        Assert.True(Market.IsReady);
        _view.Apply(Make.Epoch(Now()));
        Assert.False(Market.IsReady);
        Assert.True(Market.IsDefined);
    }

    [Theory]
    [InlineData((byte)3, "USD", true)]
    [InlineData((byte)2, "EUR", true)]
    [InlineData((byte)2, "USD", false)]
    public void Changed_units_clear_what_was_measured_in_the_old_ones(byte exponent, string currency, bool cleared)
    {
        Defined();
        _view.Apply(Make.Quote(1, Now(), 70, 1, 75, 1));
        _view.Apply(Make.Trade(1, 1_100, 80));
        _view.Apply(Make.Trade(1, 1_200, 80));
        _view.Apply(Snapshot(99, 102));
        Assert.Equal(1, Market.Bars(100)!.Count);
        _view.Apply(Make.Definition(1, Now(), exponent, tick: 10, currency));
        Assert.Equal(10, Market.Definition.Tick);
        Assert.Equal(!cleared, Market.IsReady);
        Assert.Equal(!cleared, Market.TryReferencePrice(out _));
        Assert.Equal(!cleared, Market.TryBest(out _, out _, out _, out _));
        Assert.Equal(cleared ? 0 : 1, Market.Bars(100)!.Count);
        Assert.Equal(1, _view.Count);
    }

    [Fact]
    public void A_definition_that_cannot_be_right_leaves_the_instrument_undefined()
    {
        Defined();
        _view.Apply(Make.Trade(1, Now(), 80));
        _view.Apply(Make.Definition(1, Now(), tick: 0));
        Assert.Equal((1L, 0), (_view.RefusedDefinitions, _view.Count));
        Assert.False(Market.IsDefined);
        Assert.False(Market.TryReferencePrice(out _));
        Assert.Equal(0, Market.Definition.Tick);
        _view.Apply(Make.Definition(1, Now(), priceExponent: 10));
        _view.Apply(Make.Definition(0, Now()));
        _view.Apply(Make.Definition(65, Now()));
        Assert.Equal((4L, 0), (_view.RefusedDefinitions, _view.Count));
        _view.Apply(Make.Definition(1, Now()));
        Assert.Equal(1, _view.Count);
        Assert.False(Market.IsReady);
    }

    [Fact]
    public void Nonsense_is_counted_and_changes_nothing()
    {
        Defined();
        _view.Apply(Make.Trade(1, Now(), 80, quantity: 0));
        _view.Apply(Make.Trade(1, Now(), 80, quantity: -1));
        _view.Apply(Make.Quote(1, Now(), 70, -1, 75, 1));
        _view.Apply(Make.Bar(1, Now(), 0, 0, 75));
        _view.Apply(Make.Bar(1, Now(), 0, -1, 75));
        Assert.Equal((5L, 0L), (Market.Malformed, Market.LastMarketAt));
        Assert.False(Market.IsReady);
    }

    [Fact]
    public void The_view_knows_when_an_instrument_last_spoke()
    {
        Defined();
        _view.Apply(Make.Trade(1, 2_000, 80));
        _view.Apply(Make.Quote(1, 2_001, 70, 1, 75, 1));
        _view.Apply(Make.Tick(2_005));
        _view.Apply(Make.Status(1, 2_006, TradingStatus.Open));
        Assert.Equal((2_001L, 2_006L), (Market.LastMarketAt, _view.Now));
        Assert.Equal((2_000L, 2_001L), (Market.LastTradeAt, Market.QuoteAt));
    }

    [Fact]
    public void Time_that_runs_backwards_stops_the_engine()
    {
        _view.Apply(Make.Tick(10));
        _view.Apply(Make.Tick(10));
        Assert.Throws<BrokenInvariantException>(() => _view.Apply(Make.Tick(9)));
        Assert.Throws<BrokenInvariantException>(() => _view[InstrumentId.None]);
        Assert.Throws<BrokenInvariantException>(() => _view[new InstrumentId(65)]);
        Assert.False(_view[new InstrumentId(64)].IsDefined);
    }

    private void Defined() => _view.Apply(Make.Definition(1, Now()));

    private long Now() => _now++;

    // Later than every fixed time in the tests above it.
    private Event Snapshot(long bid, long ask)
    {
        _now = System.Math.Max(_now, 1_200);
        return Make.Levels(
            1, Now(), EventFlags.Whole | EventFlags.Snapshot, 1, 0, (Side.Buy, bid, 1), (Side.Sell, ask, 1));
    }

    private long Reference()
    {
        Assert.True(Market.TryReferencePrice(out long price));
        return price;
    }
}
