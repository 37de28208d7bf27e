using System;
using System.Collections.Generic;
using LowLatency.Core.Ring;

namespace LowLatency.Tests.Core.Ring;

/// <summary>Keeps what it saw, in order.</summary>
internal sealed class Recorder(Action<long>? observe = null) : IEventHandler<long>
{
    internal List<long> Values { get; } = [];

    internal List<long> Sequences { get; } = [];

    internal List<long> BatchEnds { get; } = [];

    public void OnEvent(ref long data, long sequence, bool endOfBatch)
    {
        observe?.Invoke(sequence);
        Values.Add(data);
        Sequences.Add(sequence);
        if (endOfBatch)
        {
            BatchEnds.Add(sequence);
        }
    }
}

/// <summary>Sums without a list: a struct handler.</summary>
internal struct Adder : IEventHandler<long>
{
    internal long Sum;

    public void OnEvent(ref long data, long sequence, bool endOfBatch) => Sum += data;
}

internal static class Publishing
{
    /// <summary>Publishes value 10 x sequence + 7 for each.</summary>
    internal static void PublishMany(this RingBuffer<long> ring, int count)
    {
        for (int i = 0; i < count; i++)
        {
            long sequence = ring.Next();
            ring[sequence] = ValueOf(sequence);
            ring.Publish(sequence);
        }
    }

    internal static long ValueOf(long sequence) => (10 * sequence) + 7;
}
