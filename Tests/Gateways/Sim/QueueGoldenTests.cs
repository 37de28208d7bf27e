using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>
/// Places in a queue by hand. The order joins a level that shows 100, all of it ahead; the level grows to 150, so that 50 stand behind.
/// What is left of those ahead is rounded up; a print serves them first.
/// </summary>
public sealed class QueueGoldenTests
{
    private const long Start = 10_000;

    [Theory]
    // To 120, 30 left. Nobody ahead did, as long as the level is not shorter than the queue.
    [InlineData(QueueModel.RiskAverse, 3_000, 120, 100)]
    [InlineData(QueueModel.RiskAverse, 3_000, 90, 90)]
    // 50 / (50 + 100) = 1/3 behind: 100 - 2/3 x 30 = 80.
    [InlineData(QueueModel.Power, 1_000, 120, 80)]
    // 50^2 / (50^2 + 100^2) = 2,500 / 12,500 = 1/5: 100 - 4/5 x 30 = 76.
    [InlineData(QueueModel.Power, 2_000, 120, 76)]
    // 50^3 / (50^3 + 100^3) = 125,000 / 1,125,000 = 1/9: 100 - 8/9 x 30 = 73.33.
    [InlineData(QueueModel.Power, 3_000, 120, 74)]
    // 50^0.5 / (50^0.5 + 100^0.5) = 7.0711 / 17.0711 = 0.41421: 100 - 0.58579 x 30 = 82.43.
    [InlineData(QueueModel.Power, 500, 120, 83)]
    // To 20, 130 left: 1/3 of them behind, 100 - 2/3 x 130 = 13.33.
    [InlineData(QueueModel.Power, 1_000, 20, 14)]
    // (50 / 150)^2 = 1/9: 100 - 8/9 x 30 = 73.33; (1/3)^3 = 1/27: 100 - 26/27 x 30 = 71.11.
    [InlineData(QueueModel.PowerOfWhole, 2_000, 120, 74)]
    [InlineData(QueueModel.PowerOfWhole, 3_000, 120, 72)]
    // 1 - (100 / 150)^2 = 5/9: 100 - 4/9 x 30 = 86.67.
    [InlineData(QueueModel.PowerOfFront, 2_000, 120, 87)]
    // 5/9 of 130 would be 72.22 of the 50 behind: 22.22 of them were ahead too. 100 - 57.78 - 22.22 = 20.
    [InlineData(QueueModel.PowerOfFront, 2_000, 20, 20)]
    // ln 51 / (ln 51 + ln 101) = 3.93183 / 8.54695 = 0.46003: 100 - 0.53997 x 30 = 83.80.
    [InlineData(QueueModel.Log, 3_000, 120, 84)]
    // ln 51 / ln 151 = 3.93183 / 5.01728 = 0.78366: 100 - 0.21634 x 30 = 93.51.
    [InlineData(QueueModel.LogOfWhole, 3_000, 120, 94)]
    public void Who_left_was_ahead_or_behind_by_the_model(QueueModel model, int exponent, long shown, long ahead)
    {
        VenueHarness venue = Joined(model, exponent, out OrderId order);
        venue.Show(Start + 2_000, MarketScript.Level(Side.Buy, 10_000, shown));

        // Just those ahead are served; the next print is ours.
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, ahead, Side.Sell));
        venue.Show(Start + 4_000, MarketScript.Trade(10_000, 7, Side.Sell));
        venue.Finish();
        Assert.Equal("Maker 7 @ 10000 (7)", Assert.Single(venue.SaidOf(order), said => said != "Accepted"));
    }

    [Theory]
    // 40 are printed and the level shrinks by as much: nobody left, 60 are ahead. With n = 1 it is the same.
    [InlineData(QueueModel.RiskAverse, 110, 60)]
    [InlineData(QueueModel.Power, 110, 60)]
    // To 80: of the 70 that are gone 40 were printed, 30 left. Of the 150 shown 60 were ahead: 90 / 150 = 3/5 behind, 60 - 2/5 x 30 = 48.
    [InlineData(QueueModel.Power, 80, 48)]
    [InlineData(QueueModel.RiskAverse, 80, 60)]
    public void What_was_printed_did_not_leave(QueueModel model, long shown, long ahead)
    {
        VenueHarness venue = Joined(model, 1_000, out OrderId order);
        venue.Show(Start + 2_000, MarketScript.Trade(10_000, 40, Side.Sell));
        venue.Show(Start + 3_000, MarketScript.Level(Side.Buy, 10_000, shown));
        venue.Show(Start + 4_000, MarketScript.Trade(10_000, ahead + 7, Side.Sell));
        venue.Finish();
        Assert.Equal("Maker 7 @ 10000 (7)", Assert.Single(venue.SaidOf(order), said => said != "Accepted"));
    }

    [Fact]
    public void A_place_that_is_one_better_than_the_model_says_is_noticed()
    {
        VenueHarness venue = Joined(QueueModel.Power, 1_000, out OrderId order);
        venue.Show(Start + 2_000, MarketScript.Level(Side.Buy, 10_000, 120));
        venue.Show(Start + 3_000, MarketScript.Trade(10_000, 79, Side.Sell));
        venue.Show(Start + 4_000, MarketScript.Trade(10_000, 7, Side.Sell));
        venue.Finish();
        Assert.Equal("Maker 6 @ 10000 (6)", venue.SaidOf(order)[^1]);
    }

    private static VenueHarness Joined(QueueModel model, int exponent, out OrderId order)
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms
        {
            With = s => s with { Queue = model, QueueExponentThousandths = exponent },
        }));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        order = venue.Limit(Start, Side.Buy, 1_000, 10_000);
        venue.Show(Start + 1_000, MarketScript.Level(Side.Buy, 10_000, 150));
        return venue;
    }
}
