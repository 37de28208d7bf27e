using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace LowLatency.Sandbox.Web;

/// <summary>A connection that can fall silent, or end in the middle of what is written next.</summary>
internal sealed class FaultStream(Stream inner, Action end) : Stream
{
    private volatile bool _isFrozen;
    private int _cutAfter = -1;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on nothing is read and nothing is written, and the connection stays open.</summary>
    internal void Freeze() => _isFrozen = true;

    /// <summary>The next write ends after so many bytes, and with it the connection.</summary>
    internal void CutNext(int bytes) => _cutAfter = bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = _isFrozen ? 0 : await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (_isFrozen)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        }

        return read;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isFrozen)
        {
            return;
        }

        int cut = _cutAfter;
        if (cut < 0)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        await inner.WriteAsync(buffer[..Math.Min(cut, buffer.Length)], cancellationToken).ConfigureAwait(false);
        await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        end();
        throw new IOException("the connection was cut");
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _isFrozen ? Task.CompletedTask : inner.FlushAsync(cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
