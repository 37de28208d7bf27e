using System;
using System.Collections.Generic;

namespace LowLatency.Bench.Canonical;

/// <summary>How long a message takes, from its arrival to the moment when its first command is handed to the venue.</summary>
internal static class LatencyRun
{
    /// <summary>Behind its schedule by more than this at the end, an engine did not keep up.</summary>
    private const long LagMax = 1_000_000;

    /// <summary>So far behind, it will not catch up: the run ends.</summary>
    private const long LagHopeless = 1_000_000_000;

    /// <summary>
    /// Closed loop: the next message starts when the one before is done, so nothing ever waits. This is service time: it
    /// says what the code costs, not what a user sees under load.
    /// </summary>
    internal static Latency Service(
        WireMarket market, string folder, TimeSpan warmUp, TimeSpan duration, List<NamedHistogram> histograms)
    {
        WallClock clock = default;
        MessageTimer<WallClock>? timer = null;
        PacedSource<WallClock> source = new(market, long.MaxValue, clock);
        using Rig rig = new(
            source,
            Recording.Written,
            folder,
            venue => new EncodingVenue(timer = new MessageTimer<WallClock>(venue, clock), market.Instruments));
        rig.Begin();
        Rig.WarmUp(() => Closed(rig, market, source, timer!, 256), warmUp);
        long from = 0;
        long to = 0;
        Disturbance? disturbance = null;
        HotThread.Run(() =>
        {
            DisturbanceWatch watch = new();
            timer!.Reset();
            from = clock.Now;
            long end = from + (long)duration.TotalNanoseconds;
            while (clock.Now < end)
            {
                Closed(rig, market, source, timer, 256);
            }

            timer.Settle();
            to = clock.Now;
            disturbance = watch.Stop();
        });
        rig.End();
        return Result("service", 0, 0, (to - from) / 1e9, from, to, timer!, disturbance!, histograms);
    }

    /// <summary>
    /// Open loop: arrivals are fixed in advance and each latency is counted from its intended arrival, so a stall is felt
    /// by every message that it keeps waiting (no coordinated omission).
    /// </summary>
    internal static Latency OpenLoop(
        WireMarket market, string folder, long rate, TimeSpan warmUp, TimeSpan duration, List<NamedHistogram> histograms)
    {
        WallClock clock = default;
        MessageTimer<WallClock>? timer = null;
        PacedSource<WallClock> source = new(market, (long)(rate * duration.TotalSeconds), clock);
        using Rig rig = new(
            source,
            Recording.Written,
            folder,
            venue => new EncodingVenue(timer = new MessageTimer<WallClock>(venue, clock, source), market.Instruments));
        rig.Begin();
        Rig.WarmUp(() => rig.Driver.Poll(256), warmUp);
        long from = 0;
        long to = 0;
        Disturbance? disturbance = null;
        HotThread.Run(() =>
        {
            DisturbanceWatch watch = new();
            timer!.Reset();
            from = clock.Now + 1_000_000;
            source.Begin(new Schedule(from, rate));
            while (!rig.Driver.IsDone)
            {
                rig.Driver.Poll(256);
                if (source.Lag > LagHopeless)
                {
                    rig.Driver.RequestStop();
                }
            }

            timer.Settle();
            to = clock.Now;
            disturbance = watch.Stop();
        });
        rig.End();
        return Result(
            $"open-{rate}", rate, source.Lag, (to - from) / 1e9, from, to, timer!, disturbance!, histograms);
    }

    private static void Closed(
        Rig rig, WireMarket market, PacedSource<WallClock> source, MessageTimer<WallClock> timer, int steps)
    {
        WallClock clock = default;
        for (int i = 0; i < steps; i++)
        {
            // A step begins a message unless the source is inside one. When a report or a tick fell due before it, the
            // message was decoded before that was decided: it is not counted, since its time would be less than it took.
            if (timer.SawOther)
            {
                timer.SawOther = false;
                timer.LeaveOut = true;
            }
            else if (source.LastEnded)
            {
                timer.Settle();
                timer.LeaveOut = false;
                market.Arrive();
                timer.Start = clock.Now;
            }

            rig.Driver.Poll(1);
        }
    }

    private static Latency Result(
        string name,
        long rate,
        long lag,
        double seconds,
        long from,
        long to,
        MessageTimer<WallClock> timer,
        Disturbance disturbance,
        List<NamedHistogram> histograms)
    {
        histograms.Add(new NamedHistogram(name + "-to-command", timer.ToCommand, from, to));
        histograms.Add(new NamedHistogram(name + "-without-command", timer.WithoutCommand, from, to));
        long messages = timer.ToCommand.TotalCount + timer.WithoutCommand.TotalCount;
        return new Latency(
            name,
            rate,
            Math.Round(messages / seconds),
            lag,
            lag <= LagMax && (rate == 0 || messages / seconds >= rate * 0.995),
            Percentiles.Of(timer.ToCommand),
            Percentiles.Of(timer.WithoutCommand),
            disturbance);
    }
}
