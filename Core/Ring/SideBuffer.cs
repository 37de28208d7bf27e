using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Ring;

/// <summary>
/// Room beside each slot of a ring, same capacity and same mask: what the stages write about an event. It has no sequencing
/// of its own; who may write or read an entry follows from the ring's consumers.
/// </summary>
/// <typeparam name="T">A value without references.</typeparam>
/// <remarks>The memory lives until <see cref="Dispose"/>, as the ring's does.</remarks>
public sealed unsafe class SideBuffer<T> : IDisposable
    where T : unmanaged
{
    private readonly long _mask;
    private T* _entries;

    /// <summary>Allocates the entries.</summary>
    /// <param name="capacity">The ring's capacity: a power of two.</param>
    /// <param name="fill">Every byte of the fresh memory.</param>
    public SideBuffer(int capacity, byte fill = 0)
    {
        Ensure.That(capacity >= 1 && BitOperations.IsPow2(capacity), "capacity of a side buffer must be a power of two");
        Capacity = capacity;
        _mask = capacity - 1;
        nuint bytes = (nuint)capacity * (nuint)sizeof(T);
        _entries = (T*)NativeMemory.AlignedAlloc(bytes, Sequence.Padding);
        NativeMemory.Fill(_entries, bytes, fill);
    }

    /// <summary>Entries.</summary>
    public int Capacity { get; }

    /// <summary>The entry beside a slot.</summary>
    /// <param name="sequence">The position of the slot's event.</param>
    public ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _entries[sequence & _mask];
    }

    /// <summary>Frees the entries.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_entries);
        _entries = null;
    }
}
