using System;
using System.Buffers;
using System.IO;
using System.Net.WebSockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Trading;

namespace LowLatency.Sandbox.Web;

/// <summary>Who speaks on WebSockets of a kind. Called by the exchange's thread only.</summary>
internal interface ISessionHandler
{
    /// <summary>A connection is open.</summary>
    void OnOpened(Session session);

    /// <summary>A whole message came.</summary>
    void OnMessage(Session session, ReadOnlyMemory<byte> message, bool isBinary);

    /// <summary>The connection has ended.</summary>
    void OnClosed(Session session);
}

/// <summary>A WebSocket connection: a bounded queue of messages out, faults applied, whole messages in.</summary>
#pragma warning disable CA1001 // Whoever ends it may come after its end; the source has no timer, and the socket ends the stream.
internal sealed class Session
#pragma warning restore CA1001
{
    /// <summary>Bytes of a message of a client; a longer one ends the connection.</summary>
    internal const int MessageMax = 1 << 17;

    /// <summary>Messages that wait to be sent; who reads slower is cut off.</summary>
    internal const int QueueMax = 8_192;

    // A message that is to come after the next one does not wait for it for ever.
    private static readonly TimeSpan ReorderPatience = TimeSpan.FromMilliseconds(250);

    private readonly Channel<Outgoing> _out = System.Threading.Channels.Channel.CreateBounded<Outgoing>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly FaultPlan _faults;
    private readonly ExchangeThread _thread;
    private readonly CancellationTokenSource _ended = new();
    private FaultStream? _stream;
    private Action _abort = () => { };

    internal Session(SandboxChannel channel, string path, string name, bool wantsMessagePack, FaultPlan faults, ExchangeThread thread)
    {
        Channel = channel;
        Path = path;
        Name = name;
        WantsMessagePack = wantsMessagePack;
        _faults = faults;
        _thread = thread;
    }

    internal SandboxChannel Channel { get; }

    /// <summary>The path that was asked for, with its query.</summary>
    internal string Path { get; }

    /// <summary>The venue's name of the connection.</summary>
    internal string Name { get; }

    /// <summary>True when the client asked for MessagePack.</summary>
    internal bool WantsMessagePack { get; }

    /// <summary>Where the client speaks from.</summary>
    internal System.Net.IPAddress? From { get; set; }

    /// <summary>The key that the handshake had; null for none.</summary>
    internal string? Key { get; set; }

    /// <summary>The secret that the handshake had; null for none.</summary>
    internal string? Secret { get; set; }

    /// <summary>What the handler knows of it.</summary>
    internal object? State { get; set; }

    /// <summary>Called when a fault asks for a restart of the venue.</summary>
    internal Action<int>? Restart { get; set; }

    /// <summary>Sends a message; by the exchange's thread only.</summary>
    internal void Send(ReadOnlySpan<byte> message, long now, bool isBinary = false)
    {
        FaultRule? fault = _faults.OfMessage(Channel, message, now);
        if (fault?.Kind == FaultKind.Restart)
        {
            Restart?.Invoke(fault.Ms);
            return;
        }

        byte[] bytes = fault?.Kind == FaultKind.Garble ? _faults.Garbled(message) : message.ToArray();
        if (fault?.Kind != FaultKind.Drop && !_out.Writer.TryWrite(new Outgoing(bytes, isBinary, fault)))
        {
            Abort();
        }
    }

    /// <summary>What becomes of a request on this connection; null for nothing.</summary>
    internal FaultRule? FaultOf(ReadOnlySpan<byte> request, long now) => _faults.OfRequest(Channel, request, now);

    /// <summary>Ends the connection after what waits was sent.</summary>
    internal void Close() => _out.Writer.TryComplete();

    /// <summary>Ends the connection at once.</summary>
    internal void Abort()
    {
        _abort();
        _ended.Cancel();
    }

    /// <summary>Speaks until either side ends it.</summary>
    internal async Task RunAsync(FaultStream transport, Action abort, ISessionHandler handler, CancellationToken stop)
    {
        _abort = abort;
        _stream = transport;
        using CancellationTokenRegistration stopping = stop.Register(_ended.Cancel);
        using WebSocket socket = WebSocket.CreateFromStream(
            _stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        if (!_thread.TryPost(() => handler.OnOpened(this)))
        {
            return;
        }

        Task sending = SendAllAsync(socket, _ended.Token);
        try
        {
            await ReceiveAllAsync(socket, handler, _ended.Token).ConfigureAwait(false);
        }
        finally
        {
            _ = _out.Writer.TryComplete();
            await _ended.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            _ = _thread.TryPost(() => handler.OnClosed(this));
        }
    }

    private async Task ReceiveAllAsync(WebSocket socket, ISessionHandler handler, CancellationToken ended)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MessageMax);
        try
        {
            int length = 0;
            while (socket.State == WebSocketState.Open)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(
                    buffer.AsMemory(length, MessageMax - length), ended).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ended).ConfigureAwait(false);
                    return;
                }

                length += part.Count;
                if (part.EndOfMessage)
                {
                    byte[] message = buffer.AsSpan(0, length).ToArray();
                    bool isBinary = part.MessageType == WebSocketMessageType.Binary;
                    length = 0;
                    if (!_thread.TryPost(() => handler.OnMessage(this, message, isBinary)))
                    {
                        return;
                    }
                }
                else if (length == MessageMax)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, null, ended).ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side, a fault or the end of the sandbox: a connection ends like that.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task SendAllAsync(WebSocket socket, CancellationToken ended)
    {
        try
        {
            Outgoing? held = null;
            while (true)
            {
                Outgoing? next = await NextAsync(held is not null, ended).ConfigureAwait(false);
                if (next is { Fault.Kind: FaultKind.Reorder } && held is null)
                {
                    held = next;
                    continue;
                }

                if (next is { } message)
                {
                    await SendOneAsync(socket, message, ended).ConfigureAwait(false);
                }

                if (held is { } late)
                {
                    await PutAsync(socket, late, ended).ConfigureAwait(false);
                    held = null;
                }
                else if (next is null)
                {
                    break;
                }
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ended).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            _abort();
        }
    }

    // Null when there will be nothing more, or when a held message has waited long enough.
    private async Task<Outgoing?> NextAsync(bool isHolding, CancellationToken ended)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(ended);
        if (isHolding)
        {
            patience.CancelAfter(ReorderPatience);
        }

        try
        {
            return await _out.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false) && _out.Reader.TryRead(out Outgoing next)
                ? next
                : null;
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task SendOneAsync(WebSocket socket, Outgoing message, CancellationToken ended)
    {
        switch (message.Fault?.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(message.Fault.Ms, ended).ConfigureAwait(false);
                break;
            case FaultKind.Duplicate:
                await PutAsync(socket, message, ended).ConfigureAwait(false);
                break;
            case FaultKind.HalfOpen:
                _stream!.Freeze();
                return;
            case FaultKind.Cut:
                // The bytes are those of the message; its frame has a head of 2, 4 or 10.
                int head = message.Bytes.Length < 126 ? 2 : message.Bytes.Length <= ushort.MaxValue ? 4 : 10;
                _stream!.CutNext(head + Math.Min(message.Fault.Bytes, message.Bytes.Length - 1));
                break;
        }

        await PutAsync(socket, message, ended).ConfigureAwait(false);
    }

    private static async Task PutAsync(WebSocket socket, Outgoing message, CancellationToken ended) =>
        await socket.SendAsync(
            message.Bytes,
            message.IsBinary ? WebSocketMessageType.Binary : WebSocketMessageType.Text,
            endOfMessage: true,
            ended).ConfigureAwait(false);

    private readonly record struct Outgoing(byte[] Bytes, bool IsBinary, FaultRule? Fault);
}
