using System;
using System.Collections.Generic;
using System.Linq;
using LowLatency.Core.Events;
using LowLatency.Core.Signals;
using LowLatency.Core.Values;
using LowLatency.Tests.Core.Pipeline;
using Xunit;

namespace LowLatency.Tests.Core.Orders.Styles;

/// <summary>
/// A twap along a curve of volume by the time of day: 24 hours, of which those from the first on have these volumes. The rig
/// begins a run at 00:16:40 UTC; the parent begins at a full hour.
/// </summary>
public sealed class VolumeCurveTests
{
    private const long Hour = 3_600 * Rig.Second;

    [Theory]
    [InlineData("", "20 20 20 20 20")]
    [InlineData("1 1 1 1 1", "20 20 20 20 20")]
    [InlineData("5 2 1 1 1", "50 20 10 10 10")]
    [InlineData("1 1 1 2 5", "10 10 10 20 50")]
    [InlineData("1 3 1 3 1", "11 33 11 33 12")]
    public void Slices_are_as_large_as_the_volume_that_is_usual_at_their_times(string curve, string expected)
    {
        Rig rig = New(curve);
        Assert.Equal(expected, string.Join(' ', Slices(rig)));
        Assert.Equal(100, rig.Position());
    }

    /// <summary>Held against a schedule that is worked out by hand in fractions: never more than a lot away from it.</summary>
    [Fact]
    public void The_schedule_is_the_curves_to_the_lot_whatever_the_curve()
    {
        Random dice = new(9);
        for (int round = 0; round < 50; round++)
        {
            int[] volumes = [.. Enumerable.Range(0, 5).Select(_ => 1 + dice.Next(1_000))];
            long[] slices = Slices(New(string.Join(' ', volumes)));
            double planned = 0;
            long sent = 0;
            for (int i = 0; i < 5; i++)
            {
                planned += 100.0 * volumes[i] / volumes.Sum();
                sent += slices[i];
                Assert.InRange(sent, planned - 1, planned + 1e-9);
            }

            Assert.Equal(100, sent);
        }
    }

    /// <summary>The curve is of the day: the same wish six hours later meets other volumes.</summary>
    [Fact]
    public void The_time_of_the_day_chooses_the_part_of_the_curve()
    {
        Rig rig = New("5 2 1 1 1");
        rig.Now += 6 * Hour;
        Assert.Equal("20 20 20 20 20", string.Join(' ', Slices(rig)));
    }

    private static Rig New(string curve)
    {
        int[] volumes = new int[24];
        Array.Fill(volumes, 7);
        int[] given = curve.Length == 0 ? [] : [.. curve.Split(' ').Select(int.Parse)];
        given.CopyTo(volumes, 1);
        return new Rig(new RigSettings
        {
            Execution = new ExecutionStyles(
                [
                    new ExecutionStyle("curved", StyleKind.Twap)
                    {
                        Slices = 5,
                        Duration = 4 * Hour,
                        Curve = given.Length == 0 ? [] : volumes,
                    },
                ],
                string.Empty,
                [],
                []),
        }).Begin();
    }

    /// <summary>Wants 100 at the next full hour and fills every slice.</summary>
    private static long[] Slices(Rig rig)
    {
        List<long> slices = [];
        rig.Now = ((rig.Now / Hour) + 1) * Hour;
        rig.Quote(1, 9_999, 10_001);
        rig.Target(1, 100, style: "curved");
        for (int i = 0; i < 5; i++)
        {
            if (i > 0)
            {
                rig.Now += Hour;
                rig.Quote(1, 9_999, 10_001);
                rig.Tick();
            }

            // A part of the day in which hardly anything trades has no whole piece.
            OrderId order = rig.Live(Side.Buy);
            if (!rig.Pipeline.Orders.TryFind(order, out int place))
            {
                slices.Add(0);
                continue;
            }

            long quantity = rig.Pipeline.Orders[place].Quantity;
            slices.Add(quantity);
            rig.Outcome(order, CommandVerb.New, Outcome.Sent);
            rig.Fill(order, Side.Buy, quantity, 10_001, (ulong)((rig.Now / Hour) + 1));
        }

        return [.. slices];
    }
}
