using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Formats.Histogram;

namespace LowLatency.Engine.Latency;

/// <summary>
/// Axes and curves of percentiles as SVG: to the right each step is ten times rarer, upwards each line ten times longer. All
/// charts of one page share their axes, so that the eye may compare them.
/// </summary>
internal readonly record struct PercentileChart
{
    private const double Left = 48;
    private const double Right = 12;
    private const double Top = 10;
    private const double Bottom = 26;
    private const double StepsPerDecade = 24;
    private const int DecadesMax = 7;

    /// <summary>Room that each name below the axis takes.</summary>
    private const double NameWidth = 44;

    private static readonly string[] _places = ["0", "90", "99", "99.9", "99.99", "99.999", "99.9999", "99.99999"];

    private readonly double _width;
    private readonly double _height;
    private readonly int _low;
    private readonly int _high;
    private readonly int _decades;

    private PercentileChart(double width, double height, int low, int high, int decades)
    {
        _width = width;
        _height = height;
        _low = low;
        _high = high;
        _decades = decades;
    }

    /// <summary>Axes that hold all of some histograms; empty ones are left out.</summary>
    internal static PercentileChart For(IReadOnlyList<HdrHistogram> histograms, double width, double height)
    {
        double lowest = double.MaxValue;
        double highest = 1;
        double most = 1;
        foreach (HdrHistogram histogram in histograms)
        {
            if (histogram.TotalCount != 0)
            {
                // Zero has no place on a logarithmic axis: it lies on the lowest line.
                lowest = Math.Min(lowest, histogram.MinimumNonZero);
                highest = Math.Max(highest, histogram.Maximum);
                most = Math.Max(most, histogram.TotalCount);
            }
        }

        int low = (int)Math.Floor(Math.Log10(Math.Min(lowest, highest)));
        int high = Math.Max((int)Math.Ceiling(Math.Log10(highest)), low + 1);
        return new PercentileChart(
            width, height, low, high, Math.Clamp((int)Math.Ceiling(Math.Log10(most)), 1, DecadesMax));
    }

    /// <summary>Draws lines and names of the axes.</summary>
    internal void Grid(StringBuilder svg)
    {
        bool isCrowded = (_width - Left - Right) / _decades < NameWidth * 1.5;
        for (int decade = 0; decade <= _decades; decade++)
        {
            double x = X(decade);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{x:F1} {Top}V{_height - Bottom}\"/>");

            // The last name ends at its line; where it is crowded it needs the room of the one before.
            bool isLast = decade == _decades;
            if (isLast || !isCrowded || decade < _decades - 1)
            {
                svg.Append(CultureInfo.InvariantCulture,
                    $"<text x=\"{x:F1}\" y=\"{_height - 8}\" text-anchor=\"{(isLast ? "end" : "middle")}\">{_places[decade]}</text>\n");
            }
        }

        for (int power = _low; power <= _high; power++)
        {
            double y = Y(Math.Pow(10, power));
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{Left} {y:F1}H{_width - Right}\"/>");
            svg.Append(CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{Power(power)}</text>\n");
        }
    }

    /// <summary>Draws a histogram that is not empty.</summary>
    /// <param name="svg">Gets the path.</param>
    /// <param name="number">Of the curve: its class is c and the number.</param>
    /// <param name="histogram">The values.</param>
    internal void Curve(StringBuilder svg, int number, HdrHistogram histogram)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"c{number}\" d=\"");

        // As far as there are values: that of a thousand ends at 99.9, with the longest.
        double all = Math.Log10(histogram.TotalCount);
        double end = Math.Min(all, _decades);
        for (int step = 0; ; step++)
        {
            double x = Math.Min(step / StepsPerDecade, end);
            long value = x >= all ? histogram.Maximum : histogram.ValueAtPercentile(100 * (1 - Math.Pow(10, -x)));
            svg.Append(CultureInfo.InvariantCulture, $"{(step == 0 ? 'M' : 'L')}{X(x):F1} {Y(value):F1}");
            if (x >= end)
            {
                // One value alone still makes a mark.
                svg.Append("h0.1\"/>\n");
                return;
            }
        }
    }

    private static string Power(int power) => LatencyTable.Time(Math.Pow(10, power))
        .Replace(".00", string.Empty, StringComparison.Ordinal)
        .Replace(".0", string.Empty, StringComparison.Ordinal);

    private double X(double decade) => Left + ((_width - Left - Right) * decade / _decades);

    private double Y(double nanoseconds)
    {
        double height = (Math.Log10(Math.Max(nanoseconds, 1)) - _low) / (_high - _low);
        return _height - Bottom - ((_height - Top - Bottom) * Math.Clamp(height, 0, 1));
    }
}
