using System;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Writing;

/// <summary>
/// Writes the watermark of a log, at most once an interval, and only ever what is behind an fdatasync. Pumping thread.
/// </summary>
internal sealed class WatermarkKeeper(IStorage storage, string path, JournalOptions options)
{
    /// <summary>Milliseconds between two writes at least: how much a rollback can hide.</summary>
    public const int Interval = 1000;

    private long _written = long.MinValue;
    private long _nextAt;

    /// <summary>Milliseconds until a write is due; -1 when nothing is to be written.</summary>
    /// <param name="durable">Last durable event.</param>
    public int DueIn(long durable) =>
        durable <= _written ? -1 : (int)Math.Clamp(_nextAt - options.Milliseconds(), 0, Interval);

    /// <summary>Writes it.</summary>
    /// <param name="durable">Last durable event.</param>
    /// <param name="crc">CRC of its record.</param>
    /// <returns>The error, or null.</returns>
    public StorageError? Write(long durable, uint crc)
    {
        _written = durable;
        _nextAt = options.Milliseconds() + Interval;
        return new Watermark(options.Instance, options.Epoch, durable, crc).Write(storage, path, options.Key);
    }
}
