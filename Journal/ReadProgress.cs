using System.Threading;

namespace LowLatency.Journal;

/// <summary>How far a long reading has come. Any thread may look.</summary>
public sealed class ReadProgress
{
    private long _bytes;
    private long _total;

    /// <summary>Bytes read so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes that there are to read; 0 while that is not known.</summary>
    public long Total => Interlocked.Read(ref _total);

    internal void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);

    internal void Expect(long bytes) => Interlocked.Add(ref _total, bytes);
}
