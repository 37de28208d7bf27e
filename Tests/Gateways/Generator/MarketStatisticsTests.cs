using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Gateways.Generator;
using Xunit;

namespace LowLatency.Tests.Gateways.Generator;

/// <summary>A generated market has the traits that make real ones dangerous.</summary>
public sealed class MarketStatisticsTests
{
    private const long SampleTime = 5_000_000_000;

    private static readonly GeneratedInstrument Instrument = GeneratedMarkets.Bitcoin with
    {
        Depth = 20,
        MessagesPerSecond = 20,
        StartPrice = 6_000_000,
    };

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(3UL)]
    [InlineData(4UL)]
    public void Returns_have_fat_tails_and_clustered_volatility(ulong seed)
    {
        double[] returns = SampledReturns(seed);

        Assert.True(ExcessKurtosis(returns) > 2.0, $"excess kurtosis {ExcessKurtosis(returns)}, seed {seed}");
        double clustering = AutocorrelationOfSquares(returns);
        Assert.True(clustering > 0.1, $"autocorrelation of squared returns {clustering}, seed {seed}");

        // Clustering makes the standard error of this one about sqrt(3.5 / 1600) = 0.05: four of them.
        Assert.True(Math.Abs(Autocorrelation(returns)) < 0.2, "returns themselves must not be predictable");
    }

    [Fact]
    public void A_plain_random_walk_has_neither()
    {
        // The planted bug: what the generator would be without stochastic volatility.
        Dice dice = new(5);
        double[] returns = new double[4000];
        for (int i = 0; i < returns.Length; i++)
        {
            returns[i] = dice.Normal();
        }

        Assert.InRange(ExcessKurtosis(returns), -0.5, 0.5);
        Assert.InRange(AutocorrelationOfSquares(returns), -0.1, 0.1);
    }

    [Fact]
    public void Jumps_stand_out_and_are_absent_where_none_are_asked_for()
    {
        // A jump is at least 6 times the usual move of a second; messages are a twentieth of a second apart.
        const double threshold = 5.0 * 90e-6;

        Assert.True(LargestStep(jumpsPerMillion: 100) > threshold);
        Assert.True(LargestStep(jumpsPerMillion: 0) < threshold);
    }

    [Fact]
    public void Draws_have_the_moments_of_their_distributions()
    {
        // Four standard errors of a mean over a million draws: 0.004 for unit variance.
        Dice dice = new(11);
        const int draws = 1_000_000;
        double sum = 0.0;
        double squares = 0.0;
        double waits = 0.0;
        for (int i = 0; i < draws; i++)
        {
            double normal = dice.Normal();
            sum += normal;
            squares += normal * normal;
            waits += dice.Exponential();
        }

        Assert.InRange(sum / draws, -0.004, 0.004);
        Assert.InRange(squares / draws, 1.0 - 0.006, 1.0 + 0.006);
        Assert.InRange(waits / draws, 1.0 - 0.004, 1.0 + 0.004);
    }

    private static double LargestStep(int jumpsPerMillion)
    {
        double largest = 0.0;
        double last = 0.0;
        foreach ((long _, double middle) in Middles(3, jumpsPerMillion, 4000, haltsPerMillion: 0))
        {
            largest = last == 0.0 ? 0.0 : Math.Max(largest, Math.Abs((middle / last) - 1.0));
            last = middle;
        }

        return largest;
    }

    private static double[] SampledReturns(ulong seed)
    {
        List<double> returns = [];
        long until = GeneratedMarkets.Start + SampleTime;
        double sampled = 0.0;
        double last = 0.0;
        foreach ((long time, double middle) in Middles(seed, 10, 8000, haltsPerMillion: 5))
        {
            while (time >= until && last != 0.0)
            {
                if (sampled != 0.0)
                {
                    returns.Add((last / sampled) - 1.0);
                }

                sampled = last;
                until += SampleTime;
            }

            last = middle;
        }

        return [.. returns];
    }

    private static IEnumerable<(long Time, double Middle)> Middles(
        ulong seed, int jumpsPerMillion, long seconds, int haltsPerMillion)
    {
        MarketGenerator generator = new(GeneratedMarkets.Options(seed, 0) with
        {
            MaxDuration = seconds * 1_000_000_000,
            JumpsPerMillion = jumpsPerMillion,
            GapsPerMillion = 0,
            HaltsPerMillion = haltsPerMillion,
            Instruments = [Instrument],
        });
        NaiveBook book = new();
        Event next = default;
        while (generator.Read(ref next) == ReadResult.Event)
        {
            if (next.Kind == EventKind.BookLevels && book.Apply(next) is null && next.EndsGroup)
            {
                yield return (next.ReceivedAt, 0.5 * (book.BestBid.Price + book.BestAsk.Price));
            }
        }
    }

    private static double ExcessKurtosis(double[] values)
    {
        double mean = Mean(values);
        double second = 0.0;
        double fourth = 0.0;
        foreach (double value in values)
        {
            double square = (value - mean) * (value - mean);
            second += square;
            fourth += square * square;
        }

        return (fourth * values.Length / (second * second)) - 3.0;
    }

    private static double AutocorrelationOfSquares(double[] values)
    {
        double[] squares = new double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            squares[i] = values[i] * values[i];
        }

        return Autocorrelation(squares);
    }

    private static double Autocorrelation(double[] values)
    {
        double mean = Mean(values);
        double variance = 0.0;
        double covariance = 0.0;
        for (int i = 0; i < values.Length; i++)
        {
            variance += (values[i] - mean) * (values[i] - mean);
            covariance += i == 0 ? 0.0 : (values[i] - mean) * (values[i - 1] - mean);
        }

        return covariance / variance;
    }

    private static double Mean(double[] values)
    {
        double sum = 0.0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }
}
