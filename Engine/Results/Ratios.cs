using System;
using System.Collections.Generic;

namespace LowLatency.Engine.Results;

/// <summary>A ratio, or why there is none. A ratio that is there is finite.</summary>
/// <param name="Value">The ratio; null when it has no meaning.</param>
/// <param name="Reason">Why there is none; empty when there is one.</param>
internal readonly record struct Ratio(double? Value, string Reason)
{
    internal static Ratio Of(double value) =>
        double.IsFinite(value) ? new Ratio(value, string.Empty) : None("the value is not finite");

    internal static Ratio None(string reason) => new(null, reason);
}

/// <summary>
/// Ratios of returns by UTC day over the equity at the day's start, risk-free rate 0, annualised by 365 days: a year has
/// that many days on which money can be lost, whether a market was open or not.
/// </summary>
internal static class Ratios
{
    /// <summary>Days of a year.</summary>
    internal const int DaysOfYear = 365;

    /// <summary>Fewest daily returns of which a ratio is made.</summary>
    internal const int FewestDays = 2;

    internal const string FewDays = "fewer than 2 daily returns";
    internal const string NoVariance = "the returns have no variance";
    internal const string NoLoss = "no day lost money";
    internal const string NoEquity = "a day began without positive equity";
    internal const string TooManyDays = "the run has more days than are kept";

    /// <summary>Parts per million, rounded to the nearest, ties to even.</summary>
    /// <param name="part">The part.</param>
    /// <param name="whole">The whole; not 0.</param>
    /// <returns>At most what fits.</returns>
    internal static long Ppm(long part, long whole) =>
        (long)Math.Clamp(Math.Round((decimal)part * 1_000_000m / whole), long.MinValue, long.MaxValue);

    /// <summary>The returns of the days.</summary>
    /// <param name="curve">Whose.</param>
    /// <param name="reason">Why there are none; empty when there are.</param>
    /// <returns>Empty when they have no meaning.</returns>
    internal static double[] Returns(EquityCurve curve, out string reason)
    {
        reason = curve.HasLostDays ? TooManyDays : curve.Days.Count < FewestDays ? FewDays : string.Empty;
        double[] returns = new double[curve.Days.Count];
        for (int i = 0; i < returns.Length; i++)
        {
            if (curve.Days[i].Base <= 0)
            {
                reason = NoEquity;
                break;
            }

            returns[i] = (double)curve.Days[i].Profit / curve.Days[i].Base;
        }

        return reason.Length == 0 ? returns : [];
    }

    /// <summary>Mean return by its sample standard deviation, times the root of 365.</summary>
    internal static Ratio Sharpe(ReadOnlySpan<double> returns)
    {
        double deviation = Deviation(returns);
        return deviation == 0 ? Ratio.None(NoVariance) : Ratio.Of(Mean(returns) / deviation * Math.Sqrt(DaysOfYear));
    }

    /// <summary>Mean return by the root of the mean squared loss over all days, times the root of 365.</summary>
    internal static Ratio Sortino(ReadOnlySpan<double> returns)
    {
        double squares = 0;
        foreach (double r in returns)
        {
            squares += r < 0 ? r * r : 0;
        }

        return squares == 0
            ? Ratio.None(NoLoss)
            : Ratio.Of(Mean(returns) / Math.Sqrt(squares / returns.Length) * Math.Sqrt(DaysOfYear));
    }

    /// <summary>Mean return times 365 by the deepest drawdown as a part of the peak.</summary>
    internal static Ratio Calmar(ReadOnlySpan<double> returns, long? maxDrawdownPpm) => maxDrawdownPpm switch
    {
        null => Ratio.None("a peak had no positive equity"),
        0 => Ratio.None("there was no drawdown"),
        { } ppm => Ratio.Of(Mean(returns) * DaysOfYear / (ppm / 1e6)),
    };

    /// <summary>Sample standard deviation times the root of 365.</summary>
    internal static Ratio Volatility(ReadOnlySpan<double> returns) =>
        Ratio.Of(Deviation(returns) * Math.Sqrt(DaysOfYear));

    /// <summary>Compounded return of some days; null when one of them began without positive equity.</summary>
    internal static double? Compounded(IEnumerable<DayResult> days)
    {
        double product = 1;
        foreach (DayResult day in days)
        {
            if (day.Base <= 0)
            {
                return null;
            }

            product *= 1 + ((double)day.Profit / day.Base);
        }

        return double.IsFinite(product) ? product - 1 : null;
    }

    internal static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return values.Length == 0 ? 0 : sum / values.Length;
    }

    /// <summary>Sample standard deviation (n - 1); exactly 0 where all values are the same.</summary>
    internal static double Deviation(ReadOnlySpan<double> values)
    {
        if (values.Length < 2 || values.Trim(values[0]).IsEmpty)
        {
            return 0;
        }

        double mean = Mean(values);
        double squares = 0;
        foreach (double value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return Math.Sqrt(squares / (values.Length - 1));
    }
}
