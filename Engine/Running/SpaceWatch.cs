using System;
using System.IO;
using System.Threading;

namespace LowLatency.Engine.Running;

/// <summary>
/// Looks now and then whether the disk still has room for the segments to come: a journal that cannot grow stops a run,
/// and a run that may only reduce stops it with less at stake.
/// </summary>
internal sealed class SpaceWatch : IDisposable
{
    /// <summary>Segments that must have room, to start and to go on adding.</summary>
    internal const int SegmentsMin = 2;

    private const int LookEveryMilliseconds = 500;

    private readonly Func<long> _free;
    private readonly long _floor;
    private readonly string _path;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly Thread _thread;
    private volatile string? _low;

    /// <summary>Starts to watch.</summary>
    /// <param name="path">Where the journal lies.</param>
    /// <param name="segmentBytes">Size of a segment.</param>
    /// <param name="free">Says how many bytes are free; null asks the file system.</param>
    /// <exception cref="IOException">There is too little room already.</exception>
    internal SpaceWatch(string path, long segmentBytes, Func<long>? free = null)
    {
        _path = path;
        _floor = SegmentsMin * segmentBytes;
        _free = free ?? FreeOf(path);
        if (Look() is { } low)
        {
            throw new IOException(low);
        }

        _thread = new Thread(Run) { Name = "space", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What is wrong, or null. Once low it stays low: room that comes back does not undo an alarm. Any thread.</summary>
    internal string? Low => _low;

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private static Func<long> FreeOf(string path)
    {
        DriveInfo drive = new(path);
        return () => drive.AvailableFreeSpace;
    }

    private void Run()
    {
        while (_low is null && !_stop.Wait(LookEveryMilliseconds))
        {
            _low = Look();
        }
    }

    private string? Look()
    {
        long free;
        try
        {
            free = _free();
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            // An exception that leaves the thread would end a run that can still reduce.
            return $"{_path}: how much room the disk has cannot be found out: {unknown.Message}";
        }

        return free >= _floor
            ? null
            : $"{_path}: {free} bytes are free on the disk; the journal needs room for {SegmentsMin} segments, {_floor} bytes";
    }
}
