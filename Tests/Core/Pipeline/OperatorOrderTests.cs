using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Pipeline;
using LowLatency.Core.Ring;
using LowLatency.Core.Values;
using Xunit;

namespace LowLatency.Tests.Core.Pipeline;

/// <summary>
/// Operators on many threads speak into one ring: each command gets a sequence of its own, none is lost, and what holds in the
/// end is what the commands say in the one order in which they stand there.
/// </summary>
public sealed class OperatorOrderTests
{
    private const int Threads = 16;
    private const int Each = 1_000;

    private static readonly OperatorVerb[] Verbs =
    [
        OperatorVerb.Kill, OperatorVerb.ReleaseKill, OperatorVerb.Activate, OperatorVerb.Reduce, OperatorVerb.Halt,
        OperatorVerb.Hold, OperatorVerb.Accept, OperatorVerb.ResetBreakers, OperatorVerb.StopStrategy, OperatorVerb.StartStrategy,
    ];

    [Fact]
    public void Sixteen_thousand_commands_of_sixteen_threads_have_one_order_and_none_is_lost()
    {
        using RingBuffer<Event> ring = new(256, ProducerType.Multi, new YieldingWaitStrategy());
        Log log = new();
        Consumer<Event, Log> consumer = new Disruptor<Event>(ring) is var disruptor ? disruptor.NewConsumer("decide", log) : null!;
        disruptor.HandleEventsWith(consumer);
        disruptor.Start(limit: 64);
        Thread[] threads = new Thread[Threads];
        using Barrier together = new(Threads);
        for (int t = 0; t < Threads; t++)
        {
            int thread = t;
            threads[t] = new Thread(() =>
            {
                together.SignalAndWait();
                for (int i = 0; i < Each; i++)
                {
                    Say(ring, thread, i);
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(60_000));
        }

        Assert.True(SpinWait.SpinUntil(disruptor.IsDrained, 60_000));
        Assert.True(disruptor.Halt());
        Assert.Null(disruptor.Failure);
        Assert.Null(Complaint(log.Seen));

        // The state is that of a fold over the order that was recorded.
        DecisionPipeline again = new Rig().Begin().Pipeline;
        Decision decision = default;
        foreach (Event e in log.Seen)
        {
            again.OnEvent(e, ref decision);
        }

        Assert.Equal(DecisionPipelineTests.State(again), DecisionPipelineTests.State(log.Pipeline));
        Assert.Equal(Naive(log.Seen), (log.Pipeline.Risk.IsKilled, log.Pipeline.Risk.IsHeld, log.Pipeline.Risk.IsStopped(new StrategyId(1))));
    }

    [Fact]
    public void A_lost_a_doubled_and_a_swapped_command_are_found()
    {
        List<Event> seen = [];
        for (int i = 0; i < Threads * Each; i++)
        {
            Event e = Of(i % Threads, i / Threads);
            e.Sequence = i;
            seen.Add(e);
        }

        Assert.Null(Complaint(seen));
        Assert.NotNull(Complaint([.. seen.Take(500), .. seen.Skip(501)]));
        Assert.NotNull(Complaint([.. seen.Take(500), seen[499], .. seen.Skip(500)]));
        Assert.NotNull(Complaint([.. seen.Take(32), seen[48], .. seen.Skip(33).Take(15), seen[32], .. seen.Skip(49)]));
    }

    private static void Say(RingBuffer<Event> ring, int thread, int number)
    {
        long sequence = ring.Next();
        ref Event slot = ref ring[sequence];
        slot = Of(thread, number);
        slot.Sequence = sequence;
        ring.Publish(sequence);
    }

    /// <summary>Who said it and the how many-th it is stands in its venue time.</summary>
    private static Event Of(int thread, int number)
    {
        Event e = default;
        e.ReceivedAt = Rig.Start + Rig.Second;
        e.VenueTime = ((long)thread * Each) + number + 1;
        e.Source = EventSource.Engine;
        e.Flags = EventFlags.Whole;
        OperatorVerb verb = Verbs[(thread + number) % Verbs.Length];
        e.Set(new OperatorCommand
        {
            Verb = verb,
            Strategy = new StrategyId((ushort)(verb is OperatorVerb.StopStrategy or OperatorVerb.StartStrategy ? 1 : 0)),
        });
        return e;
    }

    private static string? Complaint(List<Event> seen)
    {
        int[] next = new int[Threads];
        for (int i = 0; i < seen.Count; i++)
        {
            long name = seen[i].VenueTime - 1;
            if (i > 0 && seen[i].Sequence != seen[i - 1].Sequence + 1)
            {
                return $"sequence {seen[i].Sequence} after {seen[i - 1].Sequence}";
            }

            if (name % Each != next[name / Each]++)
            {
                return $"command {name % Each} of thread {name / Each} is out of its turn";
            }
        }

        return next.All(count => count == Each) ? null : "a command is lost";
    }

    private static (bool Killed, bool Held, bool Stopped) Naive(List<Event> seen)
    {
        (bool killed, bool held, bool stopped) = (false, false, false);
        foreach (Event e in seen)
        {
            OperatorVerb verb = e.Operator.Verb;
            killed = verb == OperatorVerb.Kill || (killed && verb != OperatorVerb.ReleaseKill);
            held = verb == OperatorVerb.Hold || (held && verb != OperatorVerb.Accept);
            stopped = verb == OperatorVerb.StopStrategy || (stopped && verb != OperatorVerb.StartStrategy);
        }

        return (killed, held, stopped);
    }

    private sealed class Log : IEventHandler<Event>
    {
        private Decision _decision;

        internal DecisionPipeline Pipeline { get; } = new Rig().Begin().Pipeline;

        internal List<Event> Seen { get; } = [];

        public void OnEvent(ref Event e, long sequence, bool endOfBatch)
        {
            Seen.Add(e);
            Pipeline.OnEvent(e, ref _decision);
        }
    }
}
