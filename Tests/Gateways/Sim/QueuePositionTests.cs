using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Sim;
using Xunit;

namespace LowLatency.Tests.Gateways.Sim;

/// <summary>A formula of the naive queue that is broken, to show that the comparison notices.</summary>
public enum QueueBug
{
    None,
    CountsPrintsTwice,
    ForgetsTheExponent,
    SwapsFrontAndBack,
    LetsLevelsGrowBehindNobody,
    NeverCutsAtTheLevel,
    RoundsDown,
    UsesAnotherFamily,
    ForgetsThoseWhoCannotAllBeBehind,
}

/// <summary>
/// Queue positions of one resting order on a random level, against the published formulae written down a second time with
/// the platform's own power and logarithm.
/// </summary>
public sealed class QueuePositionTests
{
    private const long Start = 10_000;

    [Theory]
    [InlineData(QueueModel.RiskAverse)]
    [InlineData(QueueModel.Power)]
    [InlineData(QueueModel.PowerOfWhole)]
    [InlineData(QueueModel.PowerOfFront)]
    [InlineData(QueueModel.Log)]
    [InlineData(QueueModel.LogOfWhole)]
    public void The_first_fill_comes_when_the_formula_says(QueueModel model)
    {
        int fills = 0;
        for (ulong seed = 1; seed <= 150; seed++)
        {
            Assert.Equal(Naive(model, QueueBug.None, seed), Venue(model, seed));
            fills += Venue(model, seed) >= 0 ? 1 : 0;
        }

        Assert.InRange(fills, 50, 150);
    }

    [Theory]
    [InlineData(QueueBug.CountsPrintsTwice)]
    [InlineData(QueueBug.ForgetsTheExponent)]
    [InlineData(QueueBug.SwapsFrontAndBack)]
    [InlineData(QueueBug.LetsLevelsGrowBehindNobody)]
    [InlineData(QueueBug.NeverCutsAtTheLevel)]
    [InlineData(QueueBug.RoundsDown)]
    [InlineData(QueueBug.UsesAnotherFamily)]
    [InlineData(QueueBug.ForgetsThoseWhoCannotAllBeBehind)]
    public void A_formula_that_differs_is_noticed(QueueBug bug)
    {
        for (ulong seed = 1; seed <= 2_000; seed++)
        {
            foreach (QueueModel model in (QueueModel[])[QueueModel.Power, QueueModel.LogOfWhole])
            {
                if (Naive(model, bug, seed) != Venue(model, seed))
                {
                    return;
                }
            }
        }

        Assert.Fail($"{bug} made no difference");
    }

    // What happens at our level: what it shows from now on, or what is printed there.
    private static List<(bool IsPrint, long Quantity)> Steps(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        List<(bool, long)> steps = [];
        for (int i = 0; i < 30; i++)
        {
            steps.Add(dice.NextBelow(3) == 0 ? (true, 1 + dice.NextBelow(40)) : (false, 10 + dice.NextBelow(300)));
        }

        return steps;
    }

    private static int ExponentOf(ulong seed) => 500 + (int)(seed % 7 * 500);

    // Index of the print that first reached us, or -1; what it left for us stands in the thousands.
    private static long Venue(QueueModel model, ulong seed)
    {
        VenueHarness venue = new(SimulatedVenueContractTests.Venue(new VenueTerms
        {
            With = s => s with { Queue = model, QueueExponentThousandths = ExponentOf(seed) },
        }));
        venue.Show(1_000, MarketScript.Define());
        venue.Show(1_000, MarketScript.StandardBook());
        OrderId order = venue.Limit(Start, Side.Buy, 10_000, 10_000);
        List<(bool IsPrint, long Quantity)> steps = Steps(seed);
        for (int i = 0; i < steps.Count; i++)
        {
            venue.Show(Start + (1_000 * (i + 1)), steps[i].IsPrint
                ? MarketScript.Trade(10_000, steps[i].Quantity, Side.Sell)
                : MarketScript.Level(Side.Buy, 10_000, steps[i].Quantity));
        }

        venue.Finish();
        Event[] fills = venue.FillsOf(order);
        return fills.Length == 0 ? -1 : ((fills[0].VenueTime - Start) / 1_000) - 1 + (fills[0].Execution.Quantity * 1_000);
    }

    private static long Naive(QueueModel model, QueueBug bug, ulong seed)
    {
        double n = bug == QueueBug.ForgetsTheExponent ? 1.0 : ExponentOf(seed) / 1_000.0;
        long front = 100;
        long shown = 100;
        long printed = 0;
        List<(bool IsPrint, long Quantity)> steps = Steps(seed);
        for (int i = 0; i < steps.Count; i++)
        {
            long quantity = steps[i].Quantity;
            if (steps[i].IsPrint)
            {
                if (quantity > front)
                {
                    return i + ((quantity - front) * 1_000);
                }

                front -= quantity;
                printed += bug == QueueBug.CountsPrintsTwice ? 0 : quantity;
                continue;
            }

            double change = shown - quantity - printed;
            if (change > 0 && model != QueueModel.RiskAverse)
            {
                double back = shown - front;
                double behind = bug == QueueBug.SwapsFrontAndBack
                    ? Probability(model, n, back, front)
                    : Probability(bug == QueueBug.UsesAnotherFamily ? QueueModel.Log : model, n, front, back);
                double rest = bug == QueueBug.ForgetsThoseWhoCannotAllBeBehind ? 0 : Math.Min(back - (behind * change), 0);
                double estimate = front - ((1 - behind) * change) + rest;

                // Nobody's libm is exact to the last bit: a whole number may come out a hair above itself.
                double whole = Math.Round(estimate);
                double up = Math.Abs(estimate - whole) < 1e-9 ? whole
                    : bug == QueueBug.RoundsDown ? Math.Floor(estimate) : Math.Ceiling(estimate);
                front = Math.Max(0, (long)up);
            }
            else if (change < 0 && bug == QueueBug.LetsLevelsGrowBehindNobody)
            {
                front += (long)-change;
            }

            front = bug == QueueBug.NeverCutsAtTheLevel ? front : Math.Min(front, quantity);
            shown = quantity;
            printed = 0;
        }

        return -1;
    }

    private static double Probability(QueueModel model, double n, double front, double back)
    {
        if (back <= 0)
        {
            return 0;
        }

        return model switch
        {
            QueueModel.Power => Math.Pow(back, n) / (Math.Pow(back, n) + Math.Pow(front, n)),
            QueueModel.PowerOfWhole => Math.Pow(back, n) / Math.Pow(back + front, n),
            QueueModel.PowerOfFront => 1 - Math.Pow(front / (front + back), n),
            QueueModel.Log => Math.Log(1 + back) / (Math.Log(1 + back) + Math.Log(1 + front)),
            QueueModel.LogOfWhole => Math.Log(1 + back) / Math.Log(1 + back + front),
            _ => 1,
        };
    }
}
