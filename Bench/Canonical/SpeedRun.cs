using System;
using System.Globalization;
using System.IO;
using LowLatency.Engine.Results;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// What an event of a backtest costs once the code is compiled, in processor time of the one thread: the figure with which
/// two builds are compared in turns on a machine that others use too.
/// </summary>
internal static class SpeedRun
{
    internal const string Usage = "usage: speed [ROUNDS]";

    private const int MarketEvents = 131_072;
    private const long WarmUp = 1_500_000;
    private const long Measured = 1_000_000;
    private const int Portion = 4096;

    internal static int Run(ReadOnlySpan<string> arguments, TextWriter output, TextWriter errors)
    {
        int rounds = 7;
        if (arguments.Length > 1 || (arguments.Length == 1
            && (!int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out rounds) || rounds == 0)))
        {
            errors.WriteLine(Usage);
            return 2;
        }

        LoopedMarket market = LoopedMarket.Make(Rig.Configuration().Generator!, MarketEvents);
        Tell(output, "pipeline and venue", Best(market, rounds, null), market);
        Tell(output, "with the performance report", Best(market, rounds, new Performance()), market);
        return 0;
    }

    private static void Tell(TextWriter output, string what, double nanoseconds, LoopedMarket market)
    {
        double perSecond = 1e9 / nanoseconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {nanoseconds:F1} ns of processor time for an event, {perSecond / 1e6:F2} M events/s, "
            + $"{perSecond * market.MessagesPerRound / market.EventsPerRound / 1e6:F2} M messages/s, "
            + $"{perSecond * market.LevelsPerRound / market.EventsPerRound / 1e6:F2} M levels/s"));
    }

    // The quickest round lost least to others: interrupts and shared caches only ever add.
    private static double Best(LoopedMarket market, int rounds, Performance? observer)
    {
        double best = double.MaxValue;
        using Rig rig = new(market.Again(), Recording.Off, string.Empty, observer: observer);
        rig.Begin();
        HotThread.Run(() =>
        {
            Advance(rig, WarmUp);
            for (int round = 0; round < rounds; round++)
            {
                long events = rig.Counts.Total;
                long start = ThreadClock.Now;
                Advance(rig, Measured);
                best = Math.Min(best, (double)(ThreadClock.Now - start) / (rig.Counts.Total - events));
            }
        });
        rig.End();
        return best;
    }

    private static void Advance(Rig rig, long events)
    {
        for (long end = rig.Counts.Total + events; rig.Counts.Total < end;)
        {
            rig.Driver.Poll(Portion);
        }
    }
}
