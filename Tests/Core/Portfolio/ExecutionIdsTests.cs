using System.Collections.Generic;
using FsCheck.Fluent;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Portfolio;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Portfolio;

public sealed class ExecutionIdsTests
{
    [Fact]
    public void An_id_counts_once()
    {
        ExecutionIds ids = new();
        Assert.True(ids.TryAdd(new VenueId(1, 2)));
        Assert.False(ids.TryAdd(new VenueId(1, 2)));
        Assert.True(ids.TryAdd(new VenueId(2, 1)));
        Assert.Equal(0, ids.Forgotten);
    }

    [Fact]
    public void The_oldest_is_forgotten_first_and_counted()
    {
        ExecutionIds ids = new();
        for (int i = 0; i < ExecutionIds.Capacity + 10; i++)
        {
            Assert.True(ids.TryAdd(Id(i)));
        }

        Assert.Equal(10, ids.Forgotten);
        Assert.False(ids.TryAdd(Id(10)));
        Assert.False(ids.TryAdd(Id(ExecutionIds.Capacity + 9)));
        Assert.True(ids.TryAdd(Id(0)));
        Assert.True(ids.TryAdd(Id(10)));
    }

    [Fact]
    public void Any_sequence_agrees_with_a_set_and_a_queue() =>
        PropertyCheck.Holds(PropertyCheck.Commands(Gen.Choose(0, 1_000_000), 100, 400), steps => Agrees(steps, plant: 0), runs: 25);

    [Fact]
    public void A_queue_that_forgets_one_too_early_is_caught() =>
        PropertyCheck.Finds(PropertyCheck.Commands(Gen.Choose(0, 1_000_000), 100, 400), steps => Agrees(steps, plant: 1), runs: 25);

    [Fact]
    public void A_restored_memory_goes_on_as_the_saved_one()
    {
        ExecutionIds saved = new();
        for (int i = 0; i < ExecutionIds.Capacity + 500; i++)
        {
            saved.TryAdd(Id(i));
        }

        StateWriter writer = new();
        saved.Visit(writer);
        ExecutionIds restored = new();
        restored.Visit(new StateReader(writer.Written.ToArray()));
        for (int i = 0; i < 2_000; i++)
        {
            Assert.Equal(saved.TryAdd(Id(i)), restored.TryAdd(Id(i)));
        }
    }

    private static VenueId Id(int number) => new((ulong)number % 7, (ulong)number / 7);

    // Each step is a run of ids from a small range, so that the memory fills, wraps, and ids come again.
    private static bool Agrees(int[] steps, int plant)
    {
        ExecutionIds ids = new();
        HashSet<VenueId> set = [];
        Queue<VenueId> queue = new();
        VenueId? forgotten = null;
        foreach (int step in steps)
        {
            // The one that was forgotten last is the edge of the memory: it must count as new.
            if (forgotten is { } edge && step % 3 == 0)
            {
                forgotten = null;
                if (!Offer(edge))
                {
                    return false;
                }
            }

            int start = step % 60_000;
            int run = 1 + (step % 613);
            for (int i = 0; i < run; i++)
            {
                if (!Offer(Id(start + i)))
                {
                    return false;
                }
            }
        }

        return true;

        bool Offer(VenueId id)
        {
            bool expected = set.Add(id);
            if (expected)
            {
                queue.Enqueue(id);
                if (queue.Count > ExecutionIds.Capacity - plant)
                {
                    forgotten = queue.Dequeue();
                    set.Remove(forgotten.Value);
                }
            }

            return ids.TryAdd(id) == expected;
        }
    }
}
