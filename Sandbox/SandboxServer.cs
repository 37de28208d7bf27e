using System;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Sandbox.Alpaca;
using LowLatency.Sandbox.Bybit;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Trading;
using LowLatency.Sandbox.Web;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LowLatency.Sandbox;

/// <summary>
/// A local exchange that speaks Bybit v5 and Alpaca over HTTP and WebSocket. Started by the command and by tests alike.
/// </summary>
/// <remarks>
/// <code>
///   HTTP and WebSocket threads ──► bounded queue ──► one thread: market, matching, accounts, faults ──► bounded queues
/// </code>
/// </remarks>
public sealed class SandboxServer : IAsyncDisposable
{
    /// <summary>What it calls itself to those who ask: no real money moves here.</summary>
    public const string Name = "lowlatency-sandbox";

    /// <summary>Connections at one time.</summary>
    public const int ConnectionsMax = 512;

    /// <summary>WebSockets at one time.</summary>
    public const int SessionsMax = 256;

    /// <summary>Bytes of the body of a request.</summary>
    public const int BodyMax = 1 << 18;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    private readonly KestrelServer _server;
    private readonly ExchangeThread _thread;
    private readonly SandboxApplication _application;

    private SandboxServer(SandboxOptions options)
    {
        ExchangeClock clock = new(options.Time);
        Exchange exchange = new(options, clock);
        FaultPlan faults = new(options.Seed);
        foreach (FaultRule rule in options.Faults)
        {
            _ = faults.TryArm(rule, exchange.Now);
        }

        _thread = new ExchangeThread(exchange, clock);
        BybitVenue bybit = new(exchange);
        AlpacaVenue alpaca = new(exchange);
        exchange.Open(bybit.Private, alpaca.Orders);
        exchange.Watch(bybit.Public);
        exchange.Watch(alpaca.Data);
        _application = new SandboxApplication(exchange, _thread, faults, bybit, alpaca);

        KestrelServerOptions kestrel = new() { AddServerHeader = false };
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxConcurrentUpgradedConnections = SessionsMax;
        kestrel.Limits.MaxRequestBodySize = BodyMax;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(
            Options.Create(kestrel),
            new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance),
            NullLoggerFactory.Instance);
    }

    /// <summary>Where it listens, with the port that was chosen.</summary>
    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Address of the REST interfaces: <c>http://127.0.0.1:PORT</c>.</summary>
    public Uri Http => new($"http://{EndPoint}");

    /// <summary>Address of the streams: <c>ws://127.0.0.1:PORT</c>.</summary>
    public Uri WebSocket => new($"ws://{EndPoint}");

    /// <summary>Ends when the sandbox ends; faulted when it broke.</summary>
    public Task Ended => _thread.Ended;

    /// <summary>Starts a sandbox.</summary>
    /// <param name="options">How.</param>
    /// <returns>It listens, and its market has begun.</returns>
    /// <exception cref="ArgumentException">The options are refused; the message says why.</exception>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<SandboxServer> StartAsync(SandboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        SandboxServer server = new(options);
        try
        {
            await server._server.StartAsync(server._application, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is System.Net.Sockets.SocketException or InvalidOperationException)
        {
            server._thread.Dispose();
            throw new IOException($"cannot listen on {options.Address}:{options.Port}: {failure.Message}", failure);
        }

        IServerAddressesFeature addresses = server._server.Features.Get<IServerAddressesFeature>()!;
        foreach (string address in addresses.Addresses)
        {
            server.EndPoint = new IPEndPoint(options.Address, new Uri(address).Port);
        }

        server._thread.Start();
        return server;
    }

    /// <summary>Ends all connections, then the exchange.</summary>
    public async ValueTask DisposeAsync()
    {
        _application.Stop();
        using CancellationTokenSource patience = new(StopPatience);
        await _server.StopAsync(patience.Token).ConfigureAwait(false);
        _server.Dispose();
        _thread.Dispose();
        _application.Dispose();
    }
}
