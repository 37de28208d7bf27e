using System;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Market;
using LowLatency.Core.Signals.Models;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Market;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Models;

public sealed class FeatureReaderTests
{
    private const long Second = 1_000_000_000;
    private const long Wide = 1_000_000_000;

    private readonly MarketView _market = new([Second], 0);

    public FeatureReaderTests() => _market.Apply(Make.Definition(1, 1));

    [Fact]
    public void Features_are_as_by_hand()
    {
        // Closes 100, 110, 99 with highs and lows one beside them, then a touch of 98 x 30 and 102 x 10: mid 100.
        Bars(100, 110, 99);
        Assert.Equal(-100_000.0, Value(FeatureKind.Return, 1), 1e-6); // 99 / 110 - 1
        Assert.Equal(-10_000.0, Value(FeatureKind.Return, 2), 1e-6); // 99 / 100 - 1
        Assert.Equal(100_000.0, Value(FeatureKind.Volatility, 2), 1e-6); // sqrt((0.1^2 + 0.1^2) / 2)
        Assert.Equal(110_000.0, Value(FeatureKind.High, 2), 1e-6); // 111 / 100 - 1
        Assert.Equal(20_000.0, Value(FeatureKind.Low, 2), 1e-6); // 1 - 98 / 100
        Assert.Equal(500_000.0, Value(FeatureKind.Imbalance, 0), 1e-6); // 20 / 40
        Assert.Equal(40_000.0, Value(FeatureKind.Spread, 0), 1e-6); // 4 / 100
    }

    [Theory]
    [InlineData(FeatureKind.Return, 3)]
    [InlineData(FeatureKind.Volatility, 3)]
    [InlineData(FeatureKind.High, 4)]
    [InlineData(FeatureKind.Low, 4)]
    public void What_the_history_does_not_reach_is_not_ready_and_no_zero(FeatureKind kind, int bars)
    {
        Bars(100, 110, 99);
        Assert.Equal(ReadingState.NotReady, Read(kind, bars).State);
    }

    [Fact]
    public void Before_any_data_nothing_is_ready()
    {
        Assert.Equal(ReadingState.NotReady, Read(FeatureKind.Imbalance, 0).State);
        Assert.Equal(ReadingState.NotReady, Read(FeatureKind.Return, 1).State);
        Assert.Equal(default, new Reading().State);
        Assert.NotEqual(ReadingState.Ready, default(Reading).State);
    }

    [Fact]
    public void Old_bars_and_an_old_touch_are_stale()
    {
        Bars(100, 110, 99);
        long now = _market.Now;
        Assert.Equal(ReadingState.Ready, Read(FeatureKind.Spread, 0, now + (5 * Second)).State);
        Assert.Equal(ReadingState.Stale, Read(FeatureKind.Spread, 0, now + (5 * Second) + 1).State);
        Assert.Equal(ReadingState.Stale, Read(FeatureKind.Return, 1, now + (6 * Second)).State);
    }

    [Fact]
    public void A_value_outside_the_range_of_the_model_is_told()
    {
        Bars(100, 110, 99);
        InstrumentMarket market = _market[new InstrumentId(1)];
        Reading outside = FeatureReader.Read(new(FeatureKind.Return, 1, -99_999, 99_999), market, Second, _market.Now, 5 * Second);
        Assert.Equal(ReadingState.OutOfRange, outside.State);
        Reading inside = FeatureReader.Read(new(FeatureKind.Return, 1, -100_001, 0), market, Second, _market.Now, 5 * Second);
        Assert.Equal(ReadingState.Ready, inside.State);
    }

    [Fact]
    public void A_gap_in_the_data_makes_every_feature_not_ready()
    {
        Bars(100, 110, 99);
        _market.Apply(Make.Of(1, _market.Now, new StreamStateChanged { State = StreamState.Gap }));
        Assert.Equal(ReadingState.NotReady, Read(FeatureKind.Return, 1).State);
        Assert.Equal(ReadingState.NotReady, Read(FeatureKind.Spread, 0).State);
    }

    [Fact]
    public void A_feature_without_sense_stops_the_engine()
    {
        Assert.Throws<BrokenInvariantException>(() => new Feature(FeatureKind.Return, 0, 0, 1));
        Assert.Throws<BrokenInvariantException>(() => new Feature(FeatureKind.Spread, 1, 0, 1));
        Assert.Throws<BrokenInvariantException>(() => new Feature(FeatureKind.Return, 501, 0, 1));
        Assert.Throws<BrokenInvariantException>(() => new Feature(FeatureKind.Spread, 0, 1, 1));
        Assert.Throws<BrokenInvariantException>(() => new Feature(FeatureKind.None, 0, 0, 1));
    }

    private void Bars(params ReadOnlySpan<long> closes)
    {
        long at = 100 * Second;
        foreach (long close in closes)
        {
            Bar bar = new()
            {
                StartTime = at,
                Timeframe = Second,
                Open = close,
                High = close + 1,
                Low = close - 1,
                Close = close,
                Volume = 1,
            };
            at += Second;
            _market.Apply(Make.Of(1, at, bar));
        }

        _market.Apply(Make.Quote(1, at, 98, 30, 102, 10));
    }

    private double Value(FeatureKind kind, int bars)
    {
        Reading reading = Read(kind, bars);
        Assert.Equal(ReadingState.Ready, reading.State);
        return reading.Value;
    }

    private Reading Read(FeatureKind kind, int bars, long? now = null) => FeatureReader.Read(
        new Feature(kind, bars, -Wide, Wide), _market[new InstrumentId(1)], Second, now ?? _market.Now, 5 * Second);
}
