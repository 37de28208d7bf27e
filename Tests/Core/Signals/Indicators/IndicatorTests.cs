using System;
using System.Linq;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Signals.Indicators;
using LowLatency.Tests.Core.Market;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>Every indicator of bars against its definition, and the promises that all of them share.</summary>
public sealed class IndicatorTests
{
    public static TheoryData<string> Cases => [.. IndicatorCase.All.Select(known => known.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void After_each_bar_of_a_walk_it_is_what_its_definition_says(string name)
    {
        IndicatorCase known = IndicatorCase.Named(name);
        for (ulong seed = 1; seed <= 3; seed++)
        {
            Assert.Null(known.Compare(BarPaths.Walk(seed, 200)));
            Assert.Null(known.Compare(BarPaths.Walk(seed, 120, 300, 40)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void On_any_small_path_it_is_what_its_definition_says(string name)
    {
        IndicatorCase known = IndicatorCase.Named(name);
        PropertyCheck.Holds(BarPaths.Small(), bars => known.Compare(bars) is null, 60);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Restored_at_any_bar_it_goes_on_the_same(string name)
    {
        IndicatorCase known = IndicatorCase.Named(name);
        PropertyCheck.Holds(
            BarPaths.Small(1), bars => known.Restore(bars, bars.Sum(bar => (int)bar.Close) % bars.Length) is null, 60);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_update_allocates_nothing_and_the_state_does_not_grow(string name)
    {
        BarIndicator indicator = IndicatorCase.Named(name).Make();
        Bar[] bars = BarPaths.Walk(7, 20_000);
        indicator.Update(bars[0]);
        int size = SavingVisitor.Save(indicator).Length;
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (ref readonly Bar bar in bars.AsSpan(1))
        {
            indicator.Update(bar);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(size, SavingVisitor.Save(indicator).Length);
    }

    [Theory]
    [InlineData("sma 5", 5)]
    [InlineData("wma 8", 8)]
    [InlineData("bollinger 6 2", 6)]
    [InlineData("donchian 7", 7)]
    [InlineData("stochastic 5 3 3", 9)]
    [InlineData("squeeze 6 2 1.5", 11)]
    [InlineData("realised-volatility 5", 6)]
    public void A_hundred_thousand_bars_leave_no_trace_beyond_the_window(string name, int window)
    {
        // Running sums in floating point would have drifted by now.
        BarIndicator old = IndicatorCase.Named(name).Make();
        BarIndicator fresh = IndicatorCase.Named(name).Make();
        Bar[] bars = BarPaths.Walk(11, 100_000, 1L << 40, 1_000_000_000);
        foreach (ref readonly Bar bar in bars.AsSpan())
        {
            old.Update(bar);
        }

        foreach (ref readonly Bar bar in bars.AsSpan(bars.Length - window))
        {
            fresh.Update(bar);
        }

        Assert.True(fresh.IsReady);
        for (int output = 0; output < fresh.Schema.Outputs.Length; output++)
        {
            Assert.Equal(fresh.Output(output), old.Output(output));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_not_ready_cannot_be_read(string name)
    {
        BarIndicator indicator = IndicatorCase.Named(name).Make();
        for (int output = 0; output < indicator.Schema.Outputs.Length; output++)
        {
            Assert.False(indicator.IsOutputReady(output));
            Assert.Throws<BrokenInvariantException>(() => indicator.Output(output));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_bar_that_cannot_be_right_clears_it(string name)
    {
        IndicatorCase known = IndicatorCase.Named(name);
        Bar[] bars = BarPaths.Walk(5, 90);
        Bar[] wrong =
        [
            BarPaths.Of(30, 10, 10, 0, 10), BarPaths.Of(30, 10, 9, 5, 8), BarPaths.Of(30, 10, 12, 11, 11),
            BarPaths.Of(30, 10, 12, 9, 10, -1), BarPaths.Of(30, 10, Indicator.PriceMax + 1, 9, 10),
            BarPaths.Of(30, -4, 12, -5, 10), BarPaths.Of(30, 10, 12, 9, 10, BarIndicator.VolumeMax + 1),
        ];
        foreach (Bar bad in wrong)
        {
            BarIndicator cleared = known.Make();
            BarIndicator fresh = known.Make();
            foreach (ref readonly Bar bar in bars.AsSpan(0, 60))
            {
                cleared.Update(bar);
            }

            cleared.Update(bad);
            Assert.Equal(1, cleared.Refused);
            Assert.False(cleared.IsOutputReady(0));
            foreach (ref readonly Bar bar in bars.AsSpan(60))
            {
                cleared.Update(bar);
                fresh.Update(bar);
            }

            for (int output = 0; output < fresh.Schema.Outputs.Length; output++)
            {
                Assert.Equal(fresh.IsOutputReady(output), cleared.IsOutputReady(output));
                Assert.Equal(
                    fresh.IsOutputReady(output) ? fresh.Output(output) : 0,
                    cleared.IsOutputReady(output) ? cleared.Output(output) : 0);
            }
        }
    }

    [Fact]
    public void The_largest_prices_and_windows_stay_exact_and_finite()
    {
        Bar[] bars = new Bar[3 * Indicator.PeriodMax];
        Xoshiro256 dice = new(3);
        for (int i = 0; i < bars.Length; i++)
        {
            long open = dice.NextBelow(2) == 0 ? 1 : Indicator.PriceMax;
            long close = dice.NextBelow(2) == 0 ? 1 : Indicator.PriceMax;
            bars[i] = BarPaths.Of(i, open, Math.Max(open, close), Math.Min(open, close), close, 1);
            bars[i].Turnover = close;
        }

        for (int type = 0; type < IndicatorCatalogue.Count; type++)
        {
            ParameterSchema schema = IndicatorCatalogue.SchemaAt(type).Parameters;
            long[] most = [.. schema.Parameters.ToArray().Select(parameter => parameter.Maximum)];
            foreach (ParameterOrder order in schema.Orders)
            {
                most[schema.IndexOf(order.Lesser)]--;
            }

            if (IndicatorCatalogue.Create(new StrategyParameters(schema, most)) is BarIndicator indicator)
            {
                foreach (ref readonly Bar bar in bars.AsSpan())
                {
                    indicator.Update(bar);
                }

                Assert.True(indicator.IsReady, schema.Type);
            }
        }
    }

    [Fact]
    public void Windows_without_range_volume_or_change_have_the_documented_values()
    {
        BarIndicator Still(BarIndicator indicator)
        {
            for (int i = 0; i < 40; i++)
            {
                indicator.Update(BarPaths.Of(i, 500, 500, 500, 500, 0));
            }

            return indicator;
        }

        Assert.Equal(50.0, Still(new Rsi(14)).Output(0));
        Assert.Equal(50.0, Still(new Stochastic(14, 3, 3)).Output(0));
        Assert.Equal(50.0, Still(new Stochastic(14, 3, 3)).Output(1));
        Assert.Equal(0.5, ((Bollinger)Still(new Bollinger(20, 2.0))).Place);
        Assert.Equal(0.0, ((Bollinger)Still(new Bollinger(20, 2.0))).Width);
        Assert.Equal(0.0, ((Adx)Still(new Adx(14))).Value);
        Assert.Equal(0.0, ((Adx)Still(new Adx(14))).Plus);
        Assert.Equal(0.0, ((Kama)Still(new Kama(10))).Efficiency);
        Assert.Equal(0.0, Still(new Fisher(10)).Output(0));
        Assert.Equal(0.0, Still(new RealisedVolatility(10)).Output(0));
        Assert.Equal(0.0, Still(new Atr(14)).Output(0));
        Assert.False(((Squeeze)Still(new Squeeze(10, 2.0, 1.5))).On);
        Assert.False(Still(new Vwap()).IsReady);
    }

    [Fact]
    public void A_session_without_its_turnover_has_no_average_by_turnover()
    {
        Vwap vwap = new(600_000, 0, VolumePrice.Turnover);
        Bar untold = BarPaths.Of(0, 10, 10, 10, 10, 5);
        untold.Turnover = 0;
        vwap.Update(untold);
        vwap.Update(BarPaths.Of(1, 10, 10, 10, 10, 5));
        Assert.False(vwap.IsReady);
        vwap.Update(BarPaths.Of(11, 20, 20, 20, 20, 5));
        Assert.Equal(20.0, vwap.Value);
    }

    [Fact]
    public void Named_outputs_are_the_numbered_ones()
    {
        Bar[] bars = BarPaths.Walk(9, 80);
        T Fed<T>(T indicator)
            where T : BarIndicator
        {
            foreach (ref readonly Bar bar in bars.AsSpan())
            {
                indicator.Update(bar);
            }

            return indicator;
        }

        void Same(BarIndicator indicator, params double[] named)
        {
            Assert.Equal(indicator.Schema.Outputs.Length, named.Length);
            for (int i = 0; i < named.Length; i++)
            {
                Assert.Equal(indicator.Output(i), named[i]);
            }
        }

        Sma sma = Fed(new Sma(5));
        Same(sma, sma.Value);
        ExponentialAverage ema = Fed(new ExponentialAverage(5));
        Same(ema, ema.Value);
        Wma wma = Fed(new Wma(5));
        Same(wma, wma.Value);
        Kama kama = Fed(new Kama(5));
        Same(kama, kama.Value, kama.Efficiency);
        Rsi rsi = Fed(new Rsi(5));
        Same(rsi, rsi.Value);
        Macd macd = Fed(new Macd(3, 7, 4));
        Same(macd, macd.Line, macd.Signal, macd.Histogram);
        Atr atr = Fed(new Atr(5));
        Same(atr, atr.Value);
        Bollinger bands = Fed(new Bollinger(5, 2.0));
        Same(bands, bands.Upper, bands.Middle, bands.Lower, bands.Width, bands.Place);
        Donchian channel = Fed(new Donchian(5));
        Same(channel, channel.Upper, channel.Middle, channel.Lower);
        Keltner keltner = Fed(new Keltner(5, 5, 2.0));
        Same(keltner, keltner.Upper, keltner.Middle, keltner.Lower);
        Adx adx = Fed(new Adx(5));
        Same(adx, adx.Value, adx.Plus, adx.Minus);
        Stochastic stochastic = Fed(new Stochastic(5, 3, 3));
        Same(stochastic, stochastic.K, stochastic.D);
        Fisher fisher = Fed(new Fisher(5));
        Same(fisher, fisher.Value, fisher.Trigger);
        Squeeze squeeze = Fed(new Squeeze(5, 2.0, 1.5));
        Same(squeeze, squeeze.On ? 1.0 : 0.0, squeeze.Momentum);
        Vwap vwap = Fed(new Vwap());
        Same(vwap, vwap.Value);
        RealisedVolatility volatility = Fed(new RealisedVolatility(5));
        Same(volatility, volatility.Value);
    }

    [Fact]
    public void Every_type_of_the_catalogue_makes_what_its_schema_says_and_each_parameter_has_an_effect()
    {
        Bar[] bars = BarPaths.Walk(21, 600);
        for (int type = 0; type < IndicatorCatalogue.Count; type++)
        {
            IndicatorSchema schema = IndicatorCatalogue.SchemaAt(type);
            StrategyParameters usual = StrategyParameters.Defaults(schema.Parameters);
            Indicator made = IndicatorCatalogue.Create(usual);
            Assert.Same(schema, made.Schema);
            if (made is not BarIndicator)
            {
                continue;
            }

            foreach (ParameterDefinition parameter in schema.Parameters.Parameters)
            {
                long other = parameter.Default < parameter.Maximum
                    ? parameter.Default + ((parameter.Maximum - parameter.Default + 999) / 1000)
                    : parameter.Minimum;
                if (parameter.Kind == ParameterKind.Choice)
                {
                    other = (parameter.Default + 1) % parameter.Choices.Length;
                }

                if (parameter.Name is "sessionMs" or "startMs")
                {
                    other = 3_600_000;
                }

                Assert.NotEqual(
                    Outputs(usual, bars), Outputs(usual.With(parameter.Name, other), bars));
            }
        }
    }

    [Fact]
    public void A_schema_of_elsewhere_makes_no_indicator() =>
        Assert.Throws<BrokenInvariantException>(() =>
            IndicatorCatalogue.Create(StrategyParameters.Defaults(new ParameterSchema("sma", "Another.", []))));

    private static string Outputs(StrategyParameters parameters, Bar[] bars)
    {
        BarIndicator indicator = (BarIndicator)IndicatorCatalogue.Create(parameters);
        System.Text.StringBuilder text = new();
        foreach (ref readonly Bar bar in bars.AsSpan())
        {
            indicator.Update(bar);
            for (int output = 0; output < indicator.Schema.Outputs.Length; output++)
            {
                text.Append(indicator.IsOutputReady(output) ? indicator.Output(output) : "-").Append(' ');
            }
        }

        return text.ToString();
    }
}
