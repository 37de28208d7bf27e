using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Network;

/// <summary>
/// Requests to one host over one long-lived handler. Whether a byte of an order has left is known, not guessed: its body is
/// asked for right before the first byte leaves, and refuses when it is too late or not allowed any more. A request with a body is never sent again.
/// </summary>
internal sealed class HttpRestClient : IRestClient, IDisposable
{
    private const int PendingMax = 128;
    private const int BodyMax = 1 << 24;
    private const long Millisecond = 1_000_000;

    private static readonly HttpMethod[] _methods = [HttpMethod.Get, HttpMethod.Post, HttpMethod.Patch, HttpMethod.Delete];

    private readonly ConcurrentQueue<Ended> _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _client;
    private readonly LiveClock _clock;
    private readonly ISendPermit _permit;
    private int _pending;
    private Ended _last;

    /// <summary>Creates the client.</summary>
    /// <param name="host">Scheme and host.</param>
    /// <param name="clock">Stamps answers.</param>
    /// <param name="permit">Asked when the first byte of an order would leave.</param>
    internal HttpRestClient(Uri host, LiveClock clock, ISendPermit permit)
    {
        _clock = clock;
        _permit = permit;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(3),
            MaxConnectionsPerServer = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            UseCookies = false,
            UseProxy = false,
        };
        _client = new HttpClient(handler) { BaseAddress = host, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <inheritdoc/>
    public bool TrySend(in RestRequest request)
    {
        if (_stop.IsCancellationRequested || Volatile.Read(ref _pending) >= PendingMax)
        {
            return false;
        }

        Interlocked.Increment(ref _pending);
        HttpRequestMessage message = new(_methods[(int)request.Method], new Uri(Encoding.ASCII.GetString(request.Path), UriKind.Relative));
        OrderBody? body = null;
        if (request.Method != RestMethod.Get)
        {
            body = new OrderBody(request.Body.ToArray(), request.SendBefore, _clock, request.NeedsPermit ? _permit : null);
            message.Content = body;
        }

        AddHeaders(message, request.Headers);
        long number = request.Number;
        long wait = Math.Max(0, (request.AnswerBefore - _clock.Now) / Millisecond);
        _ = Task.Run(() => RunAsync(message, body, number, TimeSpan.FromMilliseconds(wait)));
        return true;
    }

    /// <inheritdoc/>
    public bool TryReceive(out RestAnswer answer)
    {
        answer = default;
        if (_last.Body is not null)
        {
            ArrayPool<byte>.Shared.Return(_last.Body);
            _last = default;
        }

        if (!_ended.TryDequeue(out _last))
        {
            return false;
        }

        Interlocked.Decrement(ref _pending);
        answer = new RestAnswer
        {
            Number = _last.Number,
            Outcome = _last.Outcome,
            Status = _last.Status,
            Headers = _last.Headers,
            Body = _last.Body.AsSpan(0, _last.Length),
            ReceivedAt = _last.At,
        };
        return true;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _client.Dispose();
    }

    private static void AddHeaders(HttpRequestMessage message, ReadOnlySpan<byte> headers)
    {
        foreach (string line in Encoding.ASCII.GetString(headers).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            string name = line[..colon];
            string value = line[(colon + 2)..];
            if (name == "Content-Type")
            {
                if (message.Content is not null)
                {
                    message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
                }
            }
            else
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }

    private async Task RunAsync(HttpRequestMessage message, OrderBody? body, long number, TimeSpan wait)
    {
        Ended ended = new() { Number = number, Outcome = RestOutcome.Unknown };
        byte[]? buffer = null;
        try
        {
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            deadline.CancelAfter(wait);
            using HttpResponseMessage response = await _client
                .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            using Stream stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            buffer = ArrayPool<byte>.Shared.Rent(1 << 14);
            int length = 0;
            while (true)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(length), deadline.Token).ConfigureAwait(false);
                length += read;
                if (read == 0)
                {
                    ended = new Ended
                    {
                        Number = number,
                        Outcome = RestOutcome.Answered,
                        Status = (int)response.StatusCode,
                        Headers = Encoding.ASCII.GetBytes(response.Headers.ToString()),
                        Body = buffer,
                        Length = length,
                    };
                    buffer = null;
                    break;
                }

                if (length == buffer.Length)
                {
                    if (length >= BodyMax)
                    {
                        break;
                    }

                    byte[] larger = ArrayPool<byte>.Shared.Rent(length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Whether anything has left is said by the body.
        }
        finally
        {
            if (ended.Outcome == RestOutcome.Unknown && body is { HasLeft: false })
            {
                ended.Outcome = RestOutcome.NotSent;
            }

            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            ended.At = _clock.Now;
            _ended.Enqueue(ended);
            message.Dispose();
        }
    }

    private struct Ended
    {
        internal long Number;
        internal RestOutcome Outcome;
        internal int Status;
        internal byte[]? Headers;
        internal byte[]? Body;
        internal int Length;
        internal long At;
    }

    /// <summary>
    /// The body of a request. It is asked for when the connection stands and the head lies in its buffer, before anything was
    /// flushed: until then nothing has left.
    /// </summary>
    private sealed class OrderBody(byte[] bytes, long sendBefore, LiveClock clock, ISendPermit? permit) : HttpContent
    {
        private int _left;

        internal bool HasLeft => Volatile.Read(ref _left) != 0;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(
            Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (clock.Now > sendBefore)
            {
                throw new IOException("too late to send");
            }

            if (permit is { MaySend: false })
            {
                throw new IOException("not allowed any more");
            }

            Volatile.Write(ref _left, 1);
            return stream.WriteAsync(bytes, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
