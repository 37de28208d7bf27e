using System;
using LowLatency.Tests.Suites;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>No two orders for one intent, one answer for each command, and no doubt that ends without evidence.</summary>
public sealed class FaultSuiteTests
{
    [Fact]
    public void Two_thousand_faulted_scripts_end_in_what_the_venue_knows()
    {
        FaultSuite suite = new();
        Tally tally = suite.Run(0, suite.TestCount, SuiteCommand.DefaultSeed, workers: 2);
        Assert.Empty(suite.Missing(tally));
    }

    [Theory]
    [InlineData(nameof(PlantedBug.TimeoutMeansRejected))]
    [InlineData(nameof(PlantedBug.TimeoutMeansNotSent))]
    [InlineData(nameof(PlantedBug.AnsweredTwice))]
    [InlineData(nameof(PlantedBug.NeverAnswered))]
    [InlineData(nameof(PlantedBug.UnknownEndsByTime))]
    [InlineData(nameof(PlantedBug.FillsForgotten))]
    [InlineData(nameof(PlantedBug.DoubtForgotten))]
    [InlineData(nameof(PlantedBug.AmendBelieved))]
    [InlineData(nameof(PlantedBug.ResendOnTimeout))]
    public void A_planted_bug_is_caught(string name)
    {
        PlantedBug bug = Enum.Parse<PlantedBug>(name);
        for (long index = 0; index < 200; index++)
        {
            try
            {
                FaultCase.Run(Suite.Mix(SuiteCommand.DefaultSeed, index), new Tally(), bug);
            }
            catch (InvalidOperationException)
            {
                return;
            }
        }

        Assert.Fail($"{bug} was not caught in 200 cases");
    }
}
