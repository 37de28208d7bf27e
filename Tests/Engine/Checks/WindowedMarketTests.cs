using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Configuration;
using LowLatency.Tests.Determinism;
using Xunit;

namespace LowLatency.Tests.Engine.Checks;

public sealed class WindowedMarketTests
{
    private static readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(12_000);
    private static readonly List<Event> _market = RecordedEvents.Of(_configuration);

    [Theory]
    [InlineData(0)]
    [InlineData(2_500)]
    [InlineData(7_777)]
    public void A_window_begins_with_the_market_as_it_stands_and_goes_on_with_what_comes(int at)
    {
        long from = _market[at].ReceivedAt;
        long to = _market[at + 3_000].ReceivedAt;
        List<Event> window = RecordedEvents.Of(new WindowedMarket(new RecordedEvents(_market), from, to));
        Assert.All(window, e => Assert.InRange(e.ReceivedAt, from, to - 1));

        // Naive: the whole market up to the end of the window, with all its books.
        MarketView whole = new([], 0);
        foreach (Event e in _market.TakeWhile(e => e.ReceivedAt < to))
        {
            whole.Apply(e);
        }

        MarketView part = new([], 0);
        foreach (Event e in window)
        {
            part.Apply(e);
        }

        Assert.Equal(whole.Count, part.Count);
        int levels = 0;
        for (ushort i = 1; i <= whole.Highest; i++)
        {
            InstrumentMarket expected = whole[new InstrumentId(i)];
            InstrumentMarket found = part[new InstrumentId(i)];
            Assert.Equal((expected.Symbol.ToString(), expected.Status, expected.Book.IsReady), (found.Symbol.ToString(), found.Status, found.Book.IsReady));
            if (!expected.Book.IsReady)
            {
                continue;
            }

            Assert.Equal((expected.Book.BidCount, expected.Book.AskCount), (found.Book.BidCount, found.Book.AskCount));
            foreach (Side side in (Side[])[Side.Buy, Side.Sell])
            {
                for (int depth = 0; depth < (side == Side.Buy ? expected.Book.BidCount : expected.Book.AskCount); depth++, levels++)
                {
                    Assert.Equal(expected.Book.LevelAt(side, depth), found.Book.LevelAt(side, depth));
                }
            }
        }

        Assert.True(levels > 100, "no book to compare");
    }

    [Fact]
    public void The_whole_window_is_the_market_itself() =>
        Assert.Equal(
            _market.Select(e => (e.ReceivedAt, e.Kind)),
            RecordedEvents.Of(new WindowedMarket(new RecordedEvents(_market), 0, long.MaxValue)).Select(e => (e.ReceivedAt, e.Kind)));

    [Fact]
    public void A_window_after_the_end_is_empty() =>
        Assert.Empty(RecordedEvents.Of(
            new WindowedMarket(new RecordedEvents(_market), _market[^1].ReceivedAt + 1, long.MaxValue)));
}
