using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Engine.Checks;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Strategies;
using LowLatency.Tests.Determinism;
using Xunit;

namespace LowLatency.Tests.Engine.Checks;

public sealed class LookaheadCheckTests
{
    private const int Cuts = 6;
    private static readonly EngineConfiguration _configuration = GeneratedRuns.Configuration(8_000);
    private static readonly List<Event> _market = RecordedEvents.Of(_configuration);

    [Fact]
    public void A_market_that_says_what_was_has_no_lookahead() =>
        Assert.All(
            LookaheadCheck.Run(_configuration, First, Cuts, 1), line => Assert.True(line.Passed, line.What + ": " + line.Detail));

    /// <summary>A centred filter, as data is often smoothed with: each print tells the price of a later one.</summary>
    [Fact]
    public void Prints_that_tell_later_prices_are_caught()
    {
        CheckLine line = LookaheadCheck.Run(_configuration, count => Leaking(count, ahead: 200), Cuts, 1)[1];
        Assert.False(line.Passed, line.Detail);
        Assert.Contains("decisions before the cut differ", line.Detail, StringComparison.Ordinal);

        // The same filter that looks back instead is none.
        Assert.True(LookaheadCheck.Run(_configuration, count => Leaking(count, ahead: -200), Cuts, 1)[1].Passed);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    [InlineData(-1_000_000_000, false)]
    public void A_bar_that_is_told_before_its_end_is_caught(long late, bool passes)
    {
        const long Timeframe = 1_000_000_000;
        List<Event> events = [.. _market];
        Event bar = events[^1];
        bar.Flags = EventFlags.Whole;
        bar.Set(new Bar { StartTime = bar.ReceivedAt - Timeframe - late, Timeframe = Timeframe, Open = 1, High = 1, Low = 1, Close = 1 });
        events.Add(bar);
        CheckLine line = LookaheadCheck.Run(
            _configuration, count => new FirstEvents(new RecordedEvents(events), count), Cuts, 1)[0];
        Assert.Equal(passes, line.Passed);
    }

    [Fact]
    public void Silence_proves_nothing()
    {
        EngineConfiguration silent = GeneratedRuns.Configuration(
            8_000,
            root =>
            {
                root["strategies"] = new System.Text.Json.Nodes.JsonArray(root["strategies"]![1]!.DeepClone());
                root["strategies"]![0]!["parameters"]!["enterPpm"] = 999_999;
                root["strategies"]![0]!["parameters"]!["exitPpm"] = 1;
                root["risk"]!.AsObject().Remove("instruments");
            });
        CheckLine line = LookaheadCheck.Run(silent, First, Cuts, 1)[1];
        Assert.False(line.Passed);
        Assert.Contains("nothing is proven", line.Detail, StringComparison.Ordinal);
        Assert.False(LookaheadCheck.Run(silent, _ => new RecordedEvents([]), Cuts, 1)[1].Passed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7_999)]
    [InlineData(long.MaxValue)]
    public void The_first_events_are_those_and_no_more(long count) =>
        Assert.Equal(Math.Min(count, _market.Count), RecordedEvents.Of(First(count)).Count);

    private static FirstEvents First(long count) => new(new RecordedEvents(_market), count);

    /// <summary>A market made of the first so many events, whose prints have the price of another one of them.</summary>
    private static RecordedEvents Leaking(long count, int ahead)
    {
        List<Event> events = [.. _market.Take((int)Math.Min(count, _market.Count))];
        foreach (InstrumentId instrument in events.Select(e => e.Instrument).Distinct().ToArray())
        {
            int[] prints = [.. Enumerable.Range(0, events.Count)
                .Where(i => events[i].Kind == EventKind.Trade && events[i].Instrument == instrument)];
            long[] prices = [.. prints.Select(i => events[i].Trade.Price)];
            for (int k = 0; k < prints.Length; k++)
            {
                Event print = events[prints[k]];
                print.Trade.Price = prices[Math.Clamp(k + ahead, 0, prints.Length - 1)];
                events[prints[k]] = print;
            }
        }

        return new RecordedEvents(events);
    }
}
