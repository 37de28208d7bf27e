using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>
/// The one order of events: a fixed number of slots that producers fill and consumers read in sequence. A slot is written
/// by the producer that claimed its position, until it publishes it; afterwards nobody writes it until every gating
/// consumer has passed.
/// </summary>
/// <typeparam name="T">The event: a value without references.</typeparam>
/// <remarks>
/// The memory is outside the managed heap, 128-byte aligned, and lives until <see cref="Dispose"/>. Only the owner disposes,
/// after the last consumer and producer has stopped; a slot reference held beyond that points nowhere.
/// </remarks>
public sealed unsafe class RingBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Most slots of a ring.</summary>
    public const int CapacityMax = 1 << 26;

    private readonly Sequencer _sequencer;
    private readonly long _mask;
    private T* _slots;

    /// <summary>Allocates the slots.</summary>
    /// <param name="capacity">A power of two, 1 to <see cref="CapacityMax"/>.</param>
    /// <param name="producerType">Whether one thread publishes or several.</param>
    /// <param name="waitStrategy">How consumers' threads wait; yielding when not given.</param>
    /// <param name="firstSequence">The first position: 0, or one after the last event of a recovered journal.</param>
    /// <param name="fill">Every byte of the fresh memory. Not zero in tests that prove that nobody reads what nobody wrote.</param>
    /// <param name="checkProducerThread">Stop when a second thread publishes on a single-producer ring.</param>
    public RingBuffer(
        int capacity,
        ProducerType producerType = ProducerType.Single,
        IWaitStrategy? waitStrategy = null,
        long firstSequence = 0,
        byte fill = 0,
        bool checkProducerThread = false)
    {
        Ensure.That(
            capacity is >= 1 and <= CapacityMax && BitOperations.IsPow2(capacity),
            "capacity of a ring must be a power of two");
        Ensure.That(firstSequence >= 0, "first sequence of a ring must not be negative");
        waitStrategy ??= new YieldingWaitStrategy();
        _sequencer = producerType == ProducerType.Single
            ? new SingleProducerSequencer(capacity, waitStrategy, firstSequence, checkProducerThread)
            : new MultiProducerSequencer(capacity, waitStrategy, firstSequence);
        _mask = capacity - 1;
        nuint bytes = (nuint)capacity * (nuint)sizeof(T);
        _slots = (T*)NativeMemory.AlignedAlloc(bytes, Sequence.Padding);
        NativeMemory.Fill(_slots, bytes, fill);
    }

    /// <summary>Slots.</summary>
    public int Capacity => _sequencer.Capacity;

    /// <summary>The first position of this ring.</summary>
    public long FirstSequence => _sequencer.FirstSequence;

    /// <summary>
    /// The highest published position; one before the first when there is none. With several producers the highest
    /// claimed one.
    /// </summary>
    public long Cursor => _sequencer.Cursor.Value;

    /// <summary>True after a consumer failed: a producer that finds no room then stops instead of waiting for ever.</summary>
    public bool IsHalted => _sequencer.IsHalted;

    internal Sequencer Sequencer => _sequencer;

    /// <summary>The slot of a position. The caller has claimed it, or its barrier said that it is available.</summary>
    /// <param name="sequence">The position.</param>
    public ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _slots[sequence & _mask];
    }

    /// <summary>Claims the next position; waits while the ring is full.</summary>
    /// <returns>The position.</returns>
    /// <remarks>Never on the thread that also drives the consumers: it would wait for itself. Use TryNext there.</remarks>
    public long Next() => _sequencer.Next(1);

    /// <summary>Claims several positions; waits while there is no room for all.</summary>
    /// <param name="count">1 to the capacity.</param>
    /// <returns>The highest of them.</returns>
    public long Next(int count) => _sequencer.Next(count);

    /// <summary>Claims the next position if there is room.</summary>
    /// <param name="sequence">The position.</param>
    /// <returns>False when the ring is full.</returns>
    public bool TryNext(out long sequence) => _sequencer.TryNext(1, out sequence);

    /// <summary>Claims several positions if there is room for all.</summary>
    /// <param name="count">1 to the capacity.</param>
    /// <param name="sequence">The highest of them.</param>
    /// <returns>False when there is no room.</returns>
    public bool TryNext(int count, out long sequence) => _sequencer.TryNext(count, out sequence);

    /// <summary>Makes a claimed position visible. One producer publishes in the order of its claims.</summary>
    /// <param name="sequence">The position.</param>
    public void Publish(long sequence) => _sequencer.Publish(sequence, sequence);

    /// <summary>Makes a claimed run visible.</summary>
    /// <param name="low">Its first position.</param>
    /// <param name="high">Its last position.</param>
    public void Publish(long low, long high) => _sequencer.Publish(low, high);

    /// <summary>Adds consumers that producers must not overtake.</summary>
    /// <param name="sequences">Their positions.</param>
    public void AddGatingSequences(params ReadOnlySpan<Sequence> sequences) => _sequencer.AddGatingSequences(sequences);

    /// <summary>Slots that can be claimed before the slowest gating consumer is in the way.</summary>
    /// <returns>0 to the capacity.</returns>
    public long GetRemainingCapacity() => _sequencer.GetRemainingCapacity();

    /// <summary>Makes a barrier that waits for the ring, or for consumers of it.</summary>
    /// <param name="dependents">Positions of consumers that go first; none to wait for the producers only.</param>
    /// <returns>The barrier.</returns>
    public SequenceBarrier NewBarrier(params ReadOnlySpan<Sequence> dependents) => new(_sequencer, dependents.ToArray());

    /// <summary>Stops producers that wait for room, for good.</summary>
    public void Halt() => _sequencer.Halt();

    /// <summary>Frees the slots.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_slots);
        _slots = null;
    }
}
