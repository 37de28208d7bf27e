using System;
using System.Buffers.Binary;
using System.IO;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Network;

/// <summary>
/// A WebSocket connection. What stands behind it runs on the threads of the pool: one reads and stamps, one sends. The hot
/// thread sees two bounded pipes and nothing else.
/// </summary>
internal sealed class SocketConnection(Uri address, LiveClock clock, ISendPermit permit) : IConnection, IDisposable
{
    private Session? _session;

    /// <inheritdoc/>
    public void Open()
    {
        _session?.Dispose();
        _session = new Session(address, clock, permit);
    }

    /// <inheritdoc/>
    public void Close()
    {
        _session?.Dispose();
        _session = null;
    }

    /// <inheritdoc/>
    public bool TrySend(ReadOnlySpan<byte> message, long number = 0) => _session is not null && _session.TrySend(message, number);

    /// <inheritdoc/>
    public ConnectionSignal Poll(out ReadOnlySpan<byte> frame, out long receivedAt)
    {
        if (_session is null || !_session.Incoming.TryRead(out byte mark, out receivedAt, out ReadOnlyMemory<byte> message))
        {
            frame = default;
            receivedAt = 0;
            return ConnectionSignal.Nothing;
        }

        frame = message.Span;
        return (ConnectionSignal)mark;
    }

    public void Dispose() => Close();

    /// <summary>One opening, from the first byte to the last.</summary>
    private sealed class Session : IDisposable
    {
        // A frame takes at most a half: the longest that any decoder takes is 1 MiB.
        private const int IncomingSize = 1 << 22;
        private const int OutgoingSize = 1 << 18;
        private const int ReadSize = 1 << 16;
        private const int FrameMax = 1 << 20;
        private const int RoomWait = 1;

        private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(10);

        private readonly ClientWebSocket _socket = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly SemaphoreSlim _queued = new(0);
        private readonly FramePipe _outgoing = new(OutgoingSize);
        private readonly Uri _address;
        private readonly LiveClock _clock;
        private readonly ISendPermit _permit;
        private readonly byte[] _held = new byte[sizeof(long)];

        // The reader and the sender both tell something.
        private readonly SemaphoreSlim _telling = new(1, 1);

        internal Session(Uri address, LiveClock clock, ISendPermit permit)
        {
            _address = address;
            _clock = clock;
            _permit = permit;
            _socket.Options.Proxy = null;
            _socket.Options.KeepAliveInterval = _keepAlive;
            _socket.Options.KeepAliveTimeout = _keepAlive;
            _ = Task.Run(RunAsync);
        }

        internal FramePipe Incoming { get; } = new(IncomingSize);

        internal bool TrySend(ReadOnlySpan<byte> message, long number)
        {
            if (_stop.IsCancellationRequested || message.Length > _outgoing.MessageMax || !_outgoing.TryWrite(0, number, message))
            {
                return false;
            }

            _queued.Release();
            return true;
        }

        /// <summary>Ends it. What it holds is let go of by its reader, which may be in the middle of a message.</summary>
        public void Dispose()
        {
            _stop.Cancel();
            _socket.Abort();
        }

        private async Task RunAsync()
        {
            try
            {
                await _socket.ConnectAsync(_address, _stop.Token).ConfigureAwait(false);
                await WriteAsync(ConnectionSignal.Opened, default).ConfigureAwait(false);
                Task sending = SendAsync();
                await ReceiveAsync().ConfigureAwait(false);
                await _stop.CancelAsync().ConfigureAwait(false);
                await sending.ConfigureAwait(false);
            }
            catch (Exception lost) when (IsLoss(lost))
            {
                // Which way it was lost does not matter: what was under way may or may not have arrived.
            }
            finally
            {
                _socket.Abort();
                await WriteAsync(ConnectionSignal.Closed, default).ConfigureAwait(false);
                await _stop.CancelAsync().ConfigureAwait(false);
                _socket.Dispose();
            }
        }

        private static bool IsLoss(Exception exception) =>
            exception is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException
                or InvalidOperationException;

        private async Task ReceiveAsync()
        {
            byte[] buffer = new byte[ReadSize];
            int length = 0;
            long stamp = 0;
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(length), _stop.Token).ConfigureAwait(false);
                stamp = length == 0 ? _clock.Now : stamp;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    await WriteAsync(ConnectionSignal.Frame, buffer.AsMemory(0, length), stamp).ConfigureAwait(false);
                    length = 0;
                }
                else if (length == buffer.Length)
                {
                    if (buffer.Length >= FrameMax)
                    {
                        return;
                    }

                    Array.Resize(ref buffer, buffer.Length * 2);
                }
            }
        }

        private async Task SendAsync()
        {
            try
            {
                while (true)
                {
                    await _queued.WaitAsync(_stop.Token).ConfigureAwait(false);
                    if (_outgoing.TryRead(out _, out long number, out ReadOnlyMemory<byte> message))
                    {
                        if (number != 0 && !_permit.MaySend)
                        {
                            BinaryPrimitives.WriteInt64LittleEndian(_held, number);
                            await WriteAsync(ConnectionSignal.Held, _held).ConfigureAwait(false);
                            continue;
                        }

                        await _socket.SendAsync(message, WebSocketMessageType.Text, true, _stop.Token).ConfigureAwait(false);
                    }
                }
            }
            catch (Exception lost) when (IsLoss(lost))
            {
                _socket.Abort();
            }
        }

        // A full pipe makes the venue wait: its frames stay in the socket.
        private async Task WriteAsync(ConnectionSignal signal, ReadOnlyMemory<byte> message, long stamp = 0)
        {
            await _telling.WaitAsync().ConfigureAwait(false);
            try
            {
                while (!Incoming.TryWrite((byte)signal, stamp == 0 ? _clock.Now : stamp, message.Span))
                {
                    if (_stop.IsCancellationRequested)
                    {
                        return;
                    }

                    await Task.Delay(RoomWait).ConfigureAwait(false);
                }
            }
            finally
            {
                _telling.Release();
            }
        }
    }
}
