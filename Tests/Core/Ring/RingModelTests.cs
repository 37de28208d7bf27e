using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LowLatency.Core.Ring;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Ring;

/// <summary>Command sequences on a diamond of consumers, against lists and counters.</summary>
public sealed class RingModelTests
{
    private const int Capacity = 8;

    private enum Wiring
    {
        Right,
        ProducerNotGatedByRightArm,
        JoinIgnoresRightArm,
    }

    private static Arbitrary<Step[]> Steps => PropertyCheck.Commands(
        Gen.OneOf(
            Gen.Choose(1, Capacity).Select(count => new Step(-1, count)),
            from consumer in Gen.Choose(0, 2) from limit in Gen.Choose(1, Capacity + 2) select new Step(consumer, limit)),
        100,
        300);

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_ring_behaves_as_a_list_with_three_readers(ProducerType type) =>
        PropertyCheck.Holds(Steps, steps => Agrees(steps, type, Wiring.Right));

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_producer_that_can_overtake_is_found(ProducerType type) =>
        PropertyCheck.Finds(Steps, steps => Agrees(steps, type, Wiring.ProducerNotGatedByRightArm));

    [Theory]
    [InlineData(ProducerType.Single)]
    [InlineData(ProducerType.Multi)]
    public void A_join_that_runs_ahead_of_an_arm_is_found(ProducerType type) =>
        PropertyCheck.Finds(Steps, steps => Agrees(steps, type, Wiring.JoinIgnoresRightArm));

    private static bool Agrees(Step[] steps, ProducerType type, Wiring wiring)
    {
        using RingBuffer<long> ring = new(Capacity, type, fill: 0xCC);
        Recorder[] seen = [new(), new(), new()];
        Consumer<long, Recorder> left = new(ring, ring.NewBarrier(), "left", seen[0]);
        Consumer<long, Recorder> right = new(ring, ring.NewBarrier(), "right", seen[1]);
        SequenceBarrier both = wiring == Wiring.JoinIgnoresRightArm
            ? ring.NewBarrier(left.Sequence)
            : ring.NewBarrier(left.Sequence, right.Sequence);
        Consumer<long, Recorder> join = new(ring, both, "join", seen[2]);
        ring.AddGatingSequences(wiring == Wiring.ProducerNotGatedByRightArm ? left.Sequence : join.Sequence);
        Consumer[] consumers = [left, right, join];

        List<long> published = [];
        int[] read = new int[3];
        foreach (Step step in steps)
        {
            if (step.Consumer < 0)
            {
                bool room = published.Count + step.Count - read.Min() <= Capacity;
                if (ring.TryNext(step.Count, out long high) != room)
                {
                    return false;
                }

                if (room)
                {
                    for (long sequence = high - step.Count + 1; sequence <= high; sequence++)
                    {
                        ring[sequence] = 1_000 + published.Count;
                        published.Add(1_000 + published.Count);
                    }

                    ring.Publish(high - step.Count + 1, high);
                }
            }
            else
            {
                int end = step.Consumer == 2 ? Math.Min(read[0], read[1]) : published.Count;
                int expected = Math.Min(step.Count, end - read[step.Consumer]);
                if (consumers[step.Consumer].Poll(step.Count) != expected)
                {
                    return false;
                }

                read[step.Consumer] += expected;
            }

            if (ring.GetRemainingCapacity() != Capacity - (published.Count - read.Min()))
            {
                return false;
            }
        }

        return Enumerable.Range(0, 3).All(i => seen[i].Values.SequenceEqual(published.Take(read[i])));
    }

    /// <param name="Consumer">-1 publishes, 0 to 2 polls that consumer.</param>
    /// <param name="Count">Events to publish, or limit of the poll.</param>
    private readonly record struct Step(int Consumer, int Count);
}
