using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class RatiosTests
{
    private const long Unit = 100_000_000;

    // The numbers are those of ratios.py, which computes them with fractions and 40 decimals.
    [Fact]
    public void Ratios_are_those_of_exact_arithmetic()
    {
        EquityCurve curve = Days(1000, 10, -5, 20);
        double[] returns = Ratios.Returns(curve, out string reason);
        Assert.Equal(string.Empty, reason);
        Close(12.70028298094137010, Ratios.Sharpe(returns));
        Close(55.59141994367336158, Ratios.Sortino(returns));
        Close(0.239017007537981742, Ratios.Volatility(returns));
        Assert.Equal(4950, curve.MaxDrawdownPpm);
        Close(613.2492187858918561, Ratios.Calmar(returns, curve.MaxDrawdownPpm));

        curve = Days(1000, -10, -20, -5, 1);
        returns = Ratios.Returns(curve, out _);
        Close(-18.2779077531586052, Ratios.Sharpe(returns));
        Close(-14.1780608980826743, Ratios.Sortino(returns));
        Assert.Equal(35000, curve.MaxDrawdownPpm);
        Close(-89.4781595052680998, Ratios.Calmar(returns, curve.MaxDrawdownPpm));
    }

    [Fact]
    public void A_ratio_without_meaning_says_why_and_is_never_infinite()
    {
        Assert.Equal(Ratio.None(Ratios.NoVariance), Ratios.Sharpe([0.01, 0.01, 0.01]));
        Assert.Equal(Ratio.None(Ratios.NoVariance), Ratios.Sharpe([0.1, 0.1]));
        Assert.Equal(Ratio.None(Ratios.NoLoss), Ratios.Sortino([0.01, 0.02]));
        Assert.Null(Ratios.Calmar([0.01, 0.02], 0).Value);
        Assert.Null(Ratios.Calmar([0.01, 0.02], null).Value);
        Assert.Null(Ratio.Of(double.NaN).Value);
        Assert.Null(Ratio.Of(double.PositiveInfinity).Value);

        // One day is no sample; a day that began with nothing has no return; both sides of the bound.
        Assert.Empty(Ratios.Returns(Days(1000, 5), out string reason));
        Assert.Equal(Ratios.FewDays, reason);
        Assert.Equal(2, Ratios.Returns(Days(1000, 5, 1), out reason).Length);
        Assert.Empty(Ratios.Returns(Days(1000, -1000, 5), out reason));
        Assert.Equal(Ratios.NoEquity, reason);
    }

    [Theory]
    [InlineData(1, 3, 333_333)]
    [InlineData(2, 3, 666_667)]
    [InlineData(-1, 4, -250_000)]
    [InlineData(long.MaxValue, 1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue, 1_000_000)]
    public void Parts_per_million_are_rounded_and_never_overflow(long part, long whole, long ppm) =>
        Assert.Equal(ppm, Ratios.Ppm(part, whole));

    /// <summary>A curve of one mark at noon of each day.</summary>
    private static EquityCurve Days(long start, params long[] profits)
    {
        EquityCurve curve = new();
        curve.Pay(0, start * Unit);
        long equity = start;
        for (int i = 0; i < profits.Length; i++)
        {
            equity += profits[i];
            curve.Mark((i * EquityCurve.Day) + (EquityCurve.Day / 2), equity * Unit, 0, 0);
        }

        curve.Finish((profits.Length * EquityCurve.Day) - 1);
        return curve;
    }

    private static void Close(double expected, Ratio found) =>
        Assert.InRange(found.Value!.Value / expected, 1 - 1e-12, 1 + 1e-12);
}
