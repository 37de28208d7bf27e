using LowLatency.Bench.Canonical;
using Xunit;

namespace LowLatency.Tests.Bench.Canonical;

public sealed class SustainedRunTests
{
    [Theory]
    [InlineData(new long[] { 0, 100, 150, 250 }, 3.0, 50)]
    [InlineData(new long[] { 0, 100, 200, 203 }, 2.1, 100)]
    [InlineData(new long[] { 7, 9 }, 1.0, 2)]
    [InlineData(new long[] { 7, 9 }, 0.4, 0)]
    [InlineData(new long[] { 7 }, 0.0, 0)]
    public void The_slowest_second_is_a_whole_one(long[] counts, double elapsed, long slowest) =>
        Assert.Equal(slowest, SustainedRun.Slowest(counts, elapsed));
}
