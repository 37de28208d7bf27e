using System;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>A segment in memory: header and records. The footer is written by a call.</summary>
internal sealed unsafe class MappedSegment(IStorageFile file, IStorageMapping mapping)
{
    public IStorageFile File { get; } = file;

    public byte* Address => mapping.Address;

    public SegmentHeader Header { get; set; }

    public uint LastCrc { get; set; }

    /// <summary>Records that lie in it, complete.</summary>
    public ReadOnlySpan<byte> Records(long from, long count) => new(
        Address + SegmentLayout.RecordOffset(from), checked((int)(count * SegmentLayout.RecordSize)));

    /// <summary>
    /// Makes pages writable again that the kernel has written back since they were prepared: the first store into such a
    /// page would cost the appending thread a fault of some microseconds.
    /// </summary>
    public StorageError? Freshen(long offset, long length) =>
        mapping.Populate(offset, Math.Min(length, mapping.Length - offset));

    public void Unmap() => _ = mapping.Unmap();

    public void Release()
    {
        Unmap();
        File.Dispose();
    }
}
