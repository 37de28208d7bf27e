using System.Linq;
using LowLatency.Engine.Results;
using Xunit;

namespace LowLatency.Tests.Engine.Results;

public sealed class SamplingTests
{
    [Fact]
    public void A_series_is_the_same_as_a_grid_of_the_last_width_made_afterwards()
    {
        SampledSeries<PricePoint> series = new(8, 10);
        long[] times = [5, 7, 14, 31, 90, 91, 240, 700, 701, 1300];
        for (int i = 0; i < times.Length; i++)
        {
            long price = (i * 37) % 11;
            series.Add(times[i], new PricePoint { At = times[i], Low = price, High = price, Last = price });
        }

        // Naive: all samples again, grouped by the width that came out. 1295 / 8 needs 10 doubled five times.
        Assert.Equal(320, series.Width);
        var expected = times
            .Select((at, i) => (at, price: (long)((i * 37) % 11)))
            .GroupBy(sample => (sample.at - 5) / 320)
            .Select(g => (g.Last().at, g.Min(s => s.price), g.Max(s => s.price), g.Last().price))
            .ToArray();
        Assert.Equal(expected, series.Points.Select(p => (p.At, p.Low, p.High, p.Last)).ToArray());
        Assert.Equal(5 + (320 * 5), series.NextInterval(1300));
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 2)]
    [InlineData(9, 4)]
    [InlineData(1000, 256)]
    public void A_thinned_list_keeps_every_nth_from_the_first(int count, int stride)
    {
        ThinnedList<int> list = new(4);
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        Assert.Equal(stride, list.Stride);
        Assert.Equal(count, list.Count);
        Assert.Equal(Enumerable.Range(0, count).Where(i => i % stride == 0), list.Kept);
    }
}
