using System;
using System.Buffers;
using System.Collections.Generic;
using System.Net.Http;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Gateways.Bybit;
using LowLatency.Sandbox;
using Xunit;

namespace LowLatency.Tests.Sandbox;

/// <summary>An answer of the sandbox.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">Headers by name.</param>
internal sealed record Reply(int Status, byte[] Body, Dictionary<string, string> Headers)
{
    internal JsonElement Json { get; } = Body.Length == 0 || Body[0] is not ((byte)'{' or (byte)'[') ? default : Parse(Body);

    internal int Code => Json.GetProperty("retCode").GetInt32();

    internal JsonElement Result => Json.GetProperty("result");

    private static JsonElement Parse(byte[] body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }
}

/// <summary>Speaks to a sandbox as a client does, with our own signatures.</summary>
internal sealed class SandboxClient : IAsyncDisposable
{
    internal const string Key = "sandbox-key-1";
    internal const string Secret = "sandbox-secret-1";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BybitSigner _signer = new(Key, Secret);

    private SandboxClient(SandboxServer server)
    {
        Server = server;
        Http = new HttpClient { BaseAddress = server.Http, Timeout = Patience };
    }

    internal SandboxServer Server { get; }

    internal HttpClient Http { get; }

    /// <summary>Starts a sandbox and waits until its books are there.</summary>
    internal static async Task<SandboxClient> StartAsync(SandboxOptions? options = null)
    {
        SandboxClient client = new(await SandboxServer.StartAsync(options ?? new SandboxOptions { RateFactor = 0 }));
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            Reply status = await client.SendAsync(HttpMethod.Get, "/sandbox/status");
            bool ready = status.Json.GetProperty("instruments").GetArrayLength() > 0;
            foreach (JsonElement instrument in status.Json.GetProperty("instruments").EnumerateArray())
            {
                ready &= instrument.GetProperty("bid").GetString() != string.Empty;
            }

            if (ready)
            {
                return client;
            }

            await Task.Delay(10, patience.Token);
        }
    }

    internal static long NowMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>The best bid and ask of an instrument of Bybit.</summary>
    internal async Task<(decimal Bid, decimal Ask)> BestAsync(string category, string symbol)
    {
        JsonElement result = (await SendAsync(HttpMethod.Get, $"/v5/market/orderbook?category={category}&symbol={symbol}&limit=1")).Result;
        return (Number(result.GetProperty("b")[0][0]), Number(result.GetProperty("a")[0][0]));
    }

    internal static decimal Number(JsonElement element) =>
        decimal.Parse(element.GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    internal static string Text(decimal number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal async Task<Reply> SendAsync(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        change?.Invoke(request);
        using HttpResponseMessage response = await Http.SendAsync(request);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, IEnumerable<string>> header in response.Headers)
        {
            headers[header.Key] = string.Join(",", header.Value);
        }

        return new Reply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), headers);
    }

    /// <summary>A signed request of Bybit.</summary>
    internal Task<Reply> BybitAsync(HttpMethod method, string path, string payload, long? stamp = null)
    {
        long at = stamp ?? NowMs;
        string sign = Sign(at, payload);
        bool get = method == HttpMethod.Get;
        return SendAsync(method, get && payload.Length != 0 ? path + "?" + payload : path, get ? null : payload, request =>
        {
            request.Headers.Add("X-BAPI-API-KEY", Key);
            request.Headers.Add("X-BAPI-TIMESTAMP", at.ToString(System.Globalization.CultureInfo.InvariantCulture));
            request.Headers.Add("X-BAPI-RECV-WINDOW", "5000");
            request.Headers.Add("X-BAPI-SIGN", sign);
        });
    }

    internal Task<Reply> PostAsync(string path, string body) => BybitAsync(HttpMethod.Post, path, body);

    internal Task<Reply> GetAsync(string path, string query) => BybitAsync(HttpMethod.Get, path, query);

    /// <summary>A request of Alpaca.</summary>
    internal Task<Reply> AlpacaAsync(HttpMethod method, string path, string? body = null, string key = Key, string secret = Secret) =>
        SendAsync(method, path, body, request =>
        {
            request.Headers.Add("APCA-API-KEY-ID", key);
            request.Headers.Add("APCA-API-SECRET-KEY", secret);
        });

    internal Task<Reply> ArmAsync(string fault) => SendAsync(HttpMethod.Post, "/sandbox/faults", fault);

    internal string Sign(long stamp, string payload)
    {
        byte[] signature = new byte[BybitSigner.SignatureLength];
        Assert.True(_signer.TrySign(stamp, 5_000, Encoding.UTF8.GetBytes(payload), signature));
        return Encoding.ASCII.GetString(signature);
    }

    internal async Task<SandboxSocket> OpenAsync(string path, Action<ClientWebSocketOptions>? change = null)
    {
        ClientWebSocket socket = new();
        change?.Invoke(socket.Options);
        using CancellationTokenSource patience = new(Patience);
        await socket.ConnectAsync(new Uri(Server.WebSocket, path), patience.Token);
        return new SandboxSocket(socket);
    }

    /// <summary>
    /// A stream whose handshake asks for MessagePack. The framework's client leaves that header out, because a request
    /// without a body has no content: the handshake is made by hand.
    /// </summary>
    internal async Task<SandboxSocket> OpenPackedAsync(string path)
    {
        System.Net.Sockets.Socket connection = new(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await connection.ConnectAsync(Server.EndPoint);
        System.Net.Sockets.NetworkStream transport = new(connection, ownsSocket: true);
        string handshake = $"GET {path} HTTP/1.1\r\nHost: {Server.EndPoint}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nContent-Type: application/msgpack\r\n\r\n";
        await transport.WriteAsync(Encoding.ASCII.GetBytes(handshake));
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await transport.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }

        // The answer to this key stands in RFC 6455.
        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        Assert.Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head.ToString(), StringComparison.Ordinal);
        return new SandboxSocket(System.Net.WebSockets.WebSocket.CreateFromStream(transport, new WebSocketCreationOptions()));
    }

    /// <summary>A stream of Bybit that is authenticated by our own signer.</summary>
    internal async Task<SandboxSocket> OpenBybitAsync(string path)
    {
        SandboxSocket socket = await OpenAsync(path);
        byte[] message = new byte[512];
        int length = _signer.WriteAuthentication(NowMs + 5_000, 1, message);
        await socket.SendAsync(Encoding.UTF8.GetString(message, 0, length));
        _ = await socket.UntilAsync(text => text.Contains("\"op\":\"auth\"", StringComparison.Ordinal));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }
}

/// <summary>A stream of the sandbox.</summary>
internal sealed class SandboxSocket(WebSocket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal WebSocket Socket { get; } = socket;

    /// <summary>The frame type of the last message.</summary>
    internal WebSocketMessageType LastType { get; private set; }

    internal Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    internal async Task SendAsync(byte[] message, WebSocketMessageType type)
    {
        using CancellationTokenSource patience = new(Patience);
        await Socket.SendAsync(message, type, endOfMessage: true, patience.Token);
    }

    /// <summary>The next message; null when the connection has ended.</summary>
    internal async Task<byte[]?> NextAsync(TimeSpan? wait = null)
    {
        using CancellationTokenSource patience = new(wait ?? Patience);
        ArrayBufferWriter<byte> message = new();
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await Socket.ReceiveAsync(message.GetMemory(1 << 16), patience.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return null;
                }

                LastType = part.MessageType;
                message.Advance(part.Count);
                if (part.EndOfMessage)
                {
                    return message.WrittenSpan.ToArray();
                }
            }
        }
        catch (WebSocketException)
        {
            return null;
        }
    }

    /// <summary>The next message that is wanted; those before it are let go.</summary>
    internal async Task<string> UntilAsync(Func<string, bool> isWanted)
    {
        while (true)
        {
            byte[]? message = await NextAsync();
            Assert.True(message is not null, "the connection ended before the message came");
            string text = Encoding.UTF8.GetString(message);
            if (isWanted(text))
            {
                return text;
            }
        }
    }

    public void Dispose() => Socket.Dispose();
}
