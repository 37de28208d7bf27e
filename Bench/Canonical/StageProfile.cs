using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using LowLatency.Core.Events;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Ring;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Running;
using LowLatency.Gateways;
using LowLatency.Gateways.Sim;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// Where an event's time goes. A recorded stream of events is played through more and more of the engine; what a layer
/// adds is what it costs. The stages cannot be left out (each lives on the one before), so they are timed one by one, the
/// clock's own cost taken off.
/// </summary>
internal static class StageProfile
{
    /// <summary>A stage that took longer lost the processor meanwhile: that is no cost of it.</summary>
    private const long Interrupted = 10_000;

    private static readonly string[] _stages = ["fold", "signal", "arbitration", "risk", "order"];

    /// <summary>Measures.</summary>
    /// <param name="market">The market.</param>
    /// <param name="folder">An empty folder for journals.</param>
    /// <param name="events">Events to record and play.</param>
    internal static List<CostLine> Measure(LoopedMarket market, string folder, int events)
    {
        Event[] stream = Record(market.Again(), events);
        List<CostLine> all = [];
        Compose(stream, all);
        double copied = Layer(stream, () => new Copying());
        double decided = Layer(stream, () => new Deciding(1));
        double spread = Layer(stream, () => new Deciding(Rig.Configuration().Session.Topology.RingSize));
        double digested = Layer(stream, () => new Digesting());
        double matched = Layer(stream, () => new Matching());
        double sequenced = Layer(stream, () => new Sequencing());
        double driven = Driven(market.Again(), Recording.Off, folder, events, out _);
        double written = Driven(market.Again(), Recording.Written, folder, events, out double waited);
        all.Add(new CostLine("copy of the event", copied, "event"));
        all.Add(new CostLine("pipeline, one decision reused", decided - copied, "event"));
        all.Add(new CostLine(
            $"decisions spread over the ring ({Unsafe.SizeOf<Decision>()} bytes each)", spread - decided, "event"));
        all.Add(new CostLine("decision digest and counts", digested - spread, "event"));
        all.Add(new CostLine("simulated venue", matched - digested, "event"));
        all.Add(new CostLine("ring and consumer", sequenced - matched, "event"));
        all.Add(new CostLine("driver, ticks, market source", driven - sequenced, "event"));
        all.Add(new CostLine("journal and audit, written", written - driven, "event"));
        all.Add(new CostLine("**everything, processor time**", written, "event"));
        all.Add(new CostLine("off the processor meanwhile: waiting for segments, or preempted", waited, "event"));
        Stages(stream, all);
        Suspects(all);
        return all;
    }

    private static Event[] Record(LoopedMarket market, int events)
    {
        Event[] stream = new Event[events];
        Taping? tape = null;
        using Rig rig = new(market, Recording.Off, string.Empty, venue => tape = new Taping(venue, stream));
        rig.Begin();
        while (tape!.Count < events)
        {
            rig.Driver.Poll(64);
        }

        return stream;
    }

    private static void Compose(Event[] stream, List<CostLine> all)
    {
        long[] kinds = new long[256];
        int groups = 0;
        foreach (ref readonly Event e in stream.AsSpan())
        {
            kinds[(int)e.Kind]++;
            groups += e.EndsGroup ? 1 : 0;
        }

        all.Add(new CostLine("events of the stream in a message", (double)stream.Length / groups, "message, count"));
        for (int kind = 0; kind < kinds.Length; kind++)
        {
            if (kinds[kind] * 1000 > stream.Length)
            {
                all.Add(new CostLine($"share of {(EventKind)kind}", kinds[kind] * 100.0 / stream.Length, "100 events, count"));
            }
        }
    }

    /// <summary>Plays the stream through a layer, twice: the second time counts.</summary>
    /// <returns>Nanoseconds per event.</returns>
    private static double Layer<T>(Event[] stream, Func<T> make)
        where T : IPlayer
    {
        double best = double.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            using T player = make();
            HotThread.Run(() =>
            {
                long start = ThreadClock.Now;
                for (int i = 0; i < stream.Length; i++)
                {
                    player.Play(stream[i]);
                }

                best = Math.Min(best, (double)(ThreadClock.Now - start) / stream.Length);
            });
        }

        return best;
    }

    private static double Driven(
        LoopedMarket market, Recording recording, string folder, int events, out double waited)
    {
        double best = double.MaxValue;
        double wall = double.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            using Rig rig = new(market.Again(), recording, $"{folder}-{recording}-{round}");
            rig.Begin();
            HotThread.Run(() =>
            {
                WallClock clock = default;
                long wallStart = clock.Now;
                long start = ThreadClock.Now;
                while (rig.Counts.Total < events)
                {
                    rig.Driver.Poll(256);
                }

                best = Math.Min(best, (double)(ThreadClock.Now - start) / rig.Counts.Total);
                wall = Math.Min(wall, (double)(clock.Now - wallStart) / rig.Counts.Total);
            });
            rig.End();
        }

        waited = wall - best;
        return best;
    }

    private static void Stages(Event[] stream, List<CostLine> all)
    {
        HdrHistogram[] times = [Empty(), Empty(), Empty(), Empty(), Empty()];
        long[] sums = new long[5];
        long[] acted = new long[5];
        long[] actedSums = new long[5];
        long[] foldSums = new long[256];
        long[] foldCounts = new long[256];
        double clockCost = 0;
        for (int round = 0; round < 3; round++)
        {
            Array.Clear(sums);
            Array.Clear(acted);
            Array.Clear(actedSums);
            Array.Clear(foldSums);
            Array.Clear(foldCounts);
            foreach (HdrHistogram time in times)
            {
                time.Reset();
            }

            HotThread.Run(() =>
            {
                clockCost = WallClock.Cost();
                Timed(stream, times, sums, acted, actedSums, foldSums, foldCounts);
            });
        }

        for (int i = 0; i < _stages.Length; i++)
        {
            all.Add(new CostLine($"{_stages[i]}, timed", ((double)sums[i] / stream.Length) - clockCost, "event"));
            if (acted[i] != 0)
            {
                all.Add(new CostLine(
                    $"{_stages[i]}, timed, when it wrote something",
                    ((double)actedSums[i] / acted[i]) - clockCost,
                    $"such event ({acted[i] * 100.0 / stream.Length:F1} % of all)"));
            }

            all.Add(new CostLine($"{_stages[i]}, timed, p99", times[i].ValueAtPercentile(99) - clockCost, "event"));
            all.Add(new CostLine($"{_stages[i]}, timed, p99.9", times[i].ValueAtPercentile(99.9) - clockCost, "event"));
        }

        for (int kind = 0; kind < foldCounts.Length; kind++)
        {
            if (foldCounts[kind] * 1000 > stream.Length)
            {
                all.Add(new CostLine(
                    $"fold of {(EventKind)kind}, timed", ((double)foldSums[kind] / foldCounts[kind]) - clockCost, "such event"));
            }
        }

        static HdrHistogram Empty() => new(1_000_000_000, 3);
    }

    private static void Timed(
        Event[] stream, HdrHistogram[] times, long[] sums, long[] acted, long[] actedSums, long[] foldSums, long[] foldCounts)
    {
        WallClock clock = default;
        DecisionPipeline pipeline = PipelineFactory.Pipeline(Rig.Configuration());
        Decision decision = default;
        for (int i = 0; i < stream.Length; i++)
        {
            ref readonly Event e = ref stream[i];
            long t0 = clock.Now;
            pipeline.Fold(e, ref decision);
            long t1 = clock.Now;
            pipeline.Signal(e, ref decision);
            long t2 = clock.Now;
            pipeline.Arbitrate(e, ref decision);
            long t3 = clock.Now;
            pipeline.Rule(e, ref decision);
            long t4 = clock.Now;
            pipeline.Order(e, ref decision);
            long t5 = clock.Now;
            if (t1 - t0 <= Interrupted)
            {
                foldSums[(int)e.Kind] += t1 - t0;
                foldCounts[(int)e.Kind]++;
            }

            Note(0, t1 - t0, false);
            Note(1, t2 - t1, decision.SignalCount != 0);
            Note(2, t3 - t2, (decision.IntentCount | decision.SuppressionCount) != 0);
            Note(3, t4 - t3, decision.VerdictCount != 0);
            Note(4, t5 - t4, decision.CommandCount != 0);
        }

        void Note(int stage, long time, bool wrote)
        {
            if (time > Interrupted)
            {
                return;
            }

            sums[stage] += time;
            times[stage].RecordValue(time);
            if (wrote)
            {
                acted[stage]++;
                actedSums[stage] += time;
            }
        }
    }

    /// <summary>Small work that many rulings do, measured alone.</summary>
    private static void Suspects(List<CostLine> all)
    {
        long found = 0;
        foreach (int window in (ReadOnlySpan<int>)[50, 200, 1000])
        {
            OrderHistory history = new();
            for (int i = 0; i < window; i++)
            {
                history.Add(i + 1, new InstrumentId(1), Side.Buy, 1, 1);
            }

            all.Add(new CostLine(
                $"counting {window} orders of the rate window (risk)",
                Repeat(() => found += history.SentAfter(0, window)),
                "ruling of one order"));
            all.Add(new CostLine(
                $"counting equal orders among {window} (risk)",
                Repeat(() => found += history.EqualAfter(0, window, new InstrumentId(1), Side.Sell, 1, 1)),
                "ruling of one order"));
        }

        Instrument rules = Rig.Configuration().Generator!.Instruments[0].Rules
            .ToInstrument(new InstrumentId(1));
        all.Add(new CostLine(
            "one notional (Int128 and powers of ten)", Repeat(() => found += rules.Notional(600_000, 123)), "call"));
        all.Add(new CostLine(
            "one limit in the instrument's units", Repeat(() => found += rules.FromE9(5_000_000_000)), "call"));
        GC.KeepAlive(found);
    }

    private static double Repeat(Action work)
    {
        WallClock clock = default;
        double best = double.MaxValue;
        for (int round = 0; round < 40; round++)
        {
            long start = clock.Now;
            for (int i = 0; i < 2_000; i++)
            {
                work();
            }

            best = Math.Min(best, (clock.Now - start) / 2_000.0);
        }

        return best;
    }

    private interface IPlayer : IDisposable
    {
        void Play(in Event e);
    }

    private sealed class Copying : IPlayer
    {
        private readonly Event[] _slots = new Event[1024];

        public void Play(in Event e) => _slots[e.Sequence & 1023] = e;

        public void Dispose()
        {
        }
    }

    private sealed class Deciding(int decisions) : IPlayer
    {
        private readonly DecisionPipeline _pipeline = PipelineFactory.Pipeline(Rig.Configuration());
        private readonly SideBuffer<Decision> _decisions = new(decisions);
        private readonly Event[] _slots = new Event[1024];

        public void Play(in Event e)
        {
            ref Event slot = ref _slots[e.Sequence & 1023];
            slot = e;
            _pipeline.OnEvent(slot, ref _decisions[e.Sequence]);
        }

        public void Dispose() => _decisions.Dispose();
    }

    private class Digesting : IPlayer
    {
        private readonly DecisionPipeline _pipeline = PipelineFactory.Pipeline(Rig.Configuration());
        private readonly SideBuffer<Decision> _decisions = new(Rig.Configuration().Session.Topology.RingSize);
        private readonly Event[] _slots = new Event[1024];
        private readonly Recorder _recorder = new();
        private readonly RunCounts _counts = new();

        public virtual void Play(in Event e) => Decide(e);

        public void Dispose() => _decisions.Dispose();

        protected ref Decision Decide(in Event e)
        {
            ref Event slot = ref _slots[e.Sequence & 1023];
            slot = e;
            ref Decision decision = ref _decisions[e.Sequence];
            _pipeline.OnEvent(slot, ref decision);
            _counts.Add(slot, decision);
            _recorder.Audit(slot, decision);
            return ref decision;
        }
    }

    private sealed class Matching : Digesting
    {
        private readonly SimulatedVenue _venue = PipelineFactory.Venue(Rig.Configuration());
        private Event _report;

        public override void Play(in Event e)
        {
            Answer(_venue, e, ref _report);
            ref Decision decision = ref Decide(e);
            _venue.OnEvent(e);
            for (int i = 0; i < decision.CommandCount; i++)
            {
                _venue.Submit(decision.Commands[i], e.Sequence, e.ReceivedAt);
            }
        }
    }

    /// <summary>Ring and consumers as the engine wires them, published into without the driver.</summary>
    private sealed class Sequencing : IPlayer
    {
        private readonly SimulatedVenue _venue = PipelineFactory.Venue(Rig.Configuration());
        private readonly Topology _topology;
        private Event _report;
        private Event _next;

        internal Sequencing()
        {
            EngineConfiguration configuration = Rig.Configuration();
            _topology = new Topology(
                configuration.Session.Topology with { Mode = TopologyMode.Inline },
                new TopologyParts(PipelineFactory.Pipeline(configuration), _venue, new Recorder(), new RunCounts()));
        }

        public void Play(in Event e)
        {
            Answer(_venue, e, ref _report);
            _next = e;
            _topology.Publish(ref _next);
            if (e.EndsGroup)
            {
                _topology.Settle();
            }
        }

        public void Dispose() => _topology.Dispose();
    }

    /// <summary>The venue says again what it said in the recording.</summary>
    private static void Answer(SimulatedVenue venue, in Event e, ref Event report)
    {
        if (e.Source != EventSource.SimulatedVenue)
        {
            return;
        }

        while (venue.NextDue <= e.ReceivedAt)
        {
            if (venue.Poll(venue.NextDue, ref report))
            {
                return;
            }
        }
    }

    private sealed class Taping(IVenue venue, Event[] tape) : IVenue
    {
        internal int Count { get; private set; }

        public long NextDue => venue.NextDue;

        public bool Poll(long now, ref Event report) => venue.Poll(now, ref report);

        public void OnEvent(in Event published)
        {
            venue.OnEvent(published);
            if (Count < tape.Length)
            {
                tape[Count++] = published;
            }
        }

        public void Submit(in Command command, long sequence, long now) => venue.Submit(command, sequence, now);
    }
}
