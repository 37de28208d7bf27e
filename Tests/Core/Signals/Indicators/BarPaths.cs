using System;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Tests.Core.Signals.Indicators;

/// <summary>Bars for tests: walks that stand still, jump and trade nothing now and then.</summary>
internal static class BarPaths
{
    internal const long Minute = 60_000_000_000;

    /// <summary>A walk around a price; every seventh stretch stands still.</summary>
    internal static Bar[] Walk(ulong seed, int length, long start = 100_000, int step = 60)
    {
        Xoshiro256 dice = new(seed);
        Bar[] bars = new Bar[length];
        long price = start;
        for (int i = 0; i < length; i++)
        {
            bool still = i / 9 % 7 == 6;
            long open = still ? price : Math.Max(50, price + dice.NextBelow(step) - (step / 2));
            long close = still ? open : Math.Max(50, open + dice.NextBelow((2 * step) + 1) - step);
            long high = Math.Max(open, close) + (still ? 0 : dice.NextBelow(step));
            long low = Math.Max(1, Math.Min(open, close) - (still ? 0 : dice.NextBelow(step)));
            bars[i] = Of(i, open, high, low, close, dice.NextBelow(5) == 0 ? 0 : dice.NextBelow(900));
            price = close;
        }

        return bars;
    }

    internal static Bar Of(int index, long open, long high, long low, long close, long volume = 10) => new()
    {
        StartTime = (index + 1) * Minute,
        Timeframe = Minute,
        Open = open,
        High = high,
        Low = low,
        Close = close,
        Volume = volume,
        Turnover = volume * ((high + low) / 2),
    };

    /// <summary>Bars from small numbers: ties, flat stretches and single ticks are common.</summary>
    internal static Arbitrary<Bar[]> Small(int minimum = 0, int maximum = 120)
    {
        Gen<(int Gap, int Move, int Up, int Down, int Volume)> step =
            from move in Gen.Frequency((3, Gen.Constant(0)), (5, Gen.Choose(-3, 3)), (1, Gen.Choose(-400, 400)))
            from gap in Gen.Frequency((3, Gen.Constant(0)), (2, Gen.Choose(-6, 6)))
            from up in Gen.Choose(0, 3)
            from down in Gen.Choose(0, 3)
            from volume in Gen.Frequency((1, Gen.Constant(0)), (4, Gen.Choose(1, 50)))
            select (gap, move, up, down, volume);
        return Support.PropertyCheck.Commands(step, minimum, maximum).Convert(FromSteps, ToSteps);
    }

    private static Arbitrary<Bar[]> Convert(
        this Arbitrary<(int Gap, int Move, int Up, int Down, int Volume)[]> steps,
        Func<(int Gap, int Move, int Up, int Down, int Volume)[], Bar[]> there,
        Func<Bar[], (int Gap, int Move, int Up, int Down, int Volume)[]> back) => Arb.Convert(steps, there, back);

    private static Bar[] FromSteps((int Gap, int Move, int Up, int Down, int Volume)[] steps)
    {
        Bar[] bars = new Bar[steps.Length];
        long price = 1_000;
        for (int i = 0; i < steps.Length; i++)
        {
            (int gap, int move, int up, int down, int volume) = steps[i];
            long open = Math.Max(10, price + gap);
            long close = Math.Max(10, open + move);
            bars[i] = Of(i, open, Math.Max(open, close) + up, Math.Min(open, close) - down, close, volume);
            price = close;
        }

        return bars;
    }

    private static (int Gap, int Move, int Up, int Down, int Volume)[] ToSteps(Bar[] bars)
    {
        var steps = new (int, int, int, int, int)[bars.Length];
        long price = 1_000;
        for (int i = 0; i < bars.Length; i++)
        {
            ref readonly Bar bar = ref bars[i];
            steps[i] = (
                (int)(bar.Open - price),
                (int)(bar.Close - bar.Open),
                (int)(bar.High - Math.Max(bar.Open, bar.Close)),
                (int)(Math.Min(bar.Open, bar.Close) - bar.Low),
                (int)bar.Volume);
            price = bar.Close;
        }

        return steps;
    }
}
