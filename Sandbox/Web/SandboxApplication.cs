using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Sandbox.Alpaca;
using LowLatency.Sandbox.Bybit;
using LowLatency.Sandbox.Faults;
using LowLatency.Sandbox.Trading;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LowLatency.Sandbox.Web;

/// <summary>Takes requests and WebSockets, applies faults, and hands the rest to the exchange's thread.</summary>
internal sealed class SandboxApplication : IHttpApplication<HttpContext>, IDisposable
{
    private const string HandshakeGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const long Millisecond = 1_000_000;

    private readonly Exchange _exchange;
    private readonly ExchangeThread _thread;
    private readonly FaultPlan _faults;
    private readonly BybitVenue _bybit;
    private readonly AlpacaVenue _alpaca;
    private readonly ControlApi _control;
    private readonly CancellationTokenSource _stop = new();

    // Owned by the exchange's thread.
    private readonly HashSet<Session> _sessions = [];
    private long _bybitDownUntil;
    private long _alpacaDownUntil;

    internal SandboxApplication(
        Exchange exchange, ExchangeThread thread, FaultPlan faults, BybitVenue bybit, AlpacaVenue alpaca)
    {
        _exchange = exchange;
        _thread = thread;
        _faults = faults;
        _bybit = bybit;
        _alpaca = alpaca;
        _control = new ControlApi(exchange, faults, Restart, () => _sessions);
    }

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            string path = context.Request.Path.Value ?? "/";
            if (path.StartsWith("/sandbox", StringComparison.Ordinal))
            {
                await ControlAsync(context, path).ConfigureAwait(false);
                return;
            }

            bool isUpgrade = context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };
            SandboxChannel? channel = isUpgrade ? StreamOf(path) : RestOf(path);
            if (channel is not { } known)
            {
                await PutAsync(context, NotFound(path)).ConfigureAwait(false);
            }
            else if (await _thread.AskAsync(() => IsDown(known)).ConfigureAwait(false))
            {
                context.Abort();
            }
            else if (isUpgrade)
            {
                await SpeakAsync(context, known).ConfigureAwait(false);
            }
            else
            {
                await AnswerAsync(context, known).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client has gone, or the sandbox ends.
            context.Abort();
        }
    }

    internal void Stop() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private static SandboxChannel? RestOf(string path) =>
        path.StartsWith("/v5/", StringComparison.Ordinal) ? SandboxChannel.BybitRest
        : path.StartsWith("/v2/", StringComparison.Ordinal) ? SandboxChannel.AlpacaRest
        : null;

    private static SandboxChannel? StreamOf(string path) =>
        path.StartsWith("/v5/public/", StringComparison.Ordinal) ? SandboxChannel.BybitPublic
        : path == "/v5/private" ? SandboxChannel.BybitPrivate
        : path == "/v5/trade" ? SandboxChannel.BybitTrade
        : path == "/stream" ? SandboxChannel.AlpacaOrders
        : path.StartsWith("/v2/", StringComparison.Ordinal) || path.StartsWith("/v1beta3/crypto/", StringComparison.Ordinal)
            ? SandboxChannel.AlpacaData
        : null;

    private static bool IsBybit(SandboxChannel channel) => channel < SandboxChannel.AlpacaRest;

    private static RestReply NotFound(string path) => new()
    {
        Status = StatusCodes.Status404NotFound,
        Body = Encoding.UTF8.GetBytes("404 page not found: " + path + "\n"),
        ContentType = "text/plain; charset=utf-8",
    };

    private bool IsDown(SandboxChannel channel) =>
        _exchange.Now < (IsBybit(channel) ? _bybitDownUntil : _alpacaDownUntil);

    // By the exchange's thread.
    private void Restart(bool bybit, int ms)
    {
        long until = _exchange.Now + (ms * Millisecond);
        if (bybit)
        {
            _bybitDownUntil = until;
            _bybit.OnRestart();
        }
        else
        {
            _alpacaDownUntil = until;
        }

        foreach (Session session in _sessions)
        {
            if (IsBybit(session.Channel) == bybit)
            {
                session.Abort();
            }
        }
    }

    private async Task ControlAsync(HttpContext context, string path)
    {
        byte[]? body = await ReadAsync(context).ConfigureAwait(false);
        if (body is not null)
        {
            string method = context.Request.Method;
            string query = context.Request.QueryString.Value ?? string.Empty;
            RestRequest request = new()
            {
                Method = method,
                Path = path,
                Query = query.TrimStart('?'),
                Body = body,
                Header = _ => null,
            };
            await PutAsync(context, await _thread.AskAsync(() => _control.Handle(request)).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context, SandboxChannel channel)
    {
        byte[]? body = await ReadAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            return;
        }

        // As it was sent, before any decoding: that is what was signed.
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int mark = target.IndexOf('?', StringComparison.Ordinal);
        IHeaderDictionary headers = context.Request.Headers;
        RestRequest request = new()
        {
            Method = context.Request.Method,
            Path = mark < 0 ? target : target[..mark],
            Query = mark < 0 ? string.Empty : target[(mark + 1)..],
            Body = body,
            Header = name => headers.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues value) ? value.ToString() : null,
            From = context.Connection.RemoteIpAddress,
        };
        byte[] text = Encoding.UTF8.GetBytes(request.Method + " " + target + " " + Encoding.UTF8.GetString(body));
        FaultRule? fault = await _thread.AskAsync(() => _faults.OfRequest(channel, text, _exchange.Now)).ConfigureAwait(false);
        IRestVenue venue = IsBybit(channel) ? _bybit.Rest : _alpaca.Rest;
        switch (fault?.Kind)
        {
            case FaultKind.LoseRequest:
                context.Abort();
                return;
            case FaultKind.HalfOpen:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(false);
                return;
            case FaultKind.RateLimit:
                await PutAsync(context, await _thread.AskAsync(() => venue.RateLimited(request)).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            case FaultKind.Error:
                await PutAsync(context, venue.Broken(fault.Status)).ConfigureAwait(false);
                return;
        }

        RestReply reply = await CarryOutAsync(venue, request).ConfigureAwait(false);
        switch (fault?.Kind)
        {
            case FaultKind.Drop:
                context.Abort();
                return;
            case FaultKind.AcceptThenTimeout:
                await Task.Delay(fault.Ms == 0 ? Timeout.Infinite : fault.Ms, context.RequestAborted).ConfigureAwait(false);
                context.Abort();
                return;
            case FaultKind.Delay:
                await Task.Delay(fault.Ms, context.RequestAborted).ConfigureAwait(false);
                break;
            case FaultKind.Garble:
                byte[] garbled = await _thread.AskAsync(() => _faults.Garbled(reply.Body)).ConfigureAwait(false);
                reply = new RestReply { Status = reply.Status, Body = garbled, Headers = reply.Headers, ContentType = reply.ContentType };
                break;
            case FaultKind.Cut:
                await CutAsync(context, reply, fault.Bytes).ConfigureAwait(false);
                return;
            case FaultKind.Restart:
                _ = _thread.TryPost(() => Restart(IsBybit(channel), fault.Ms));
                context.Abort();
                return;
        }

        await PutAsync(context, reply).ConfigureAwait(false);
    }

    private async Task<RestReply> CarryOutAsync(IRestVenue venue, RestRequest request)
    {
        TaskCompletionSource<RestReply> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_thread.TryPost(() => venue.Handle(request, reply => answer.TrySetResult(reply))))
        {
            return venue.Broken(StatusCodes.Status503ServiceUnavailable);
        }

        await Task.WhenAny(answer.Task, _thread.Ended).ConfigureAwait(false);
        return answer.Task.IsCompleted
            ? await answer.Task.ConfigureAwait(false)
            : venue.Broken(StatusCodes.Status500InternalServerError);
    }

    private async Task SpeakAsync(HttpContext context, SandboxChannel channel)
    {
        string? key = context.Request.Headers.SecWebSocketKey;
        if (key is null || context.Request.Headers.SecWebSocketVersion != "13")
        {
            await PutAsync(context, new RestReply { Status = StatusCodes.Status400BadRequest, Body = "websocket version 13 only\n"u8.ToArray(), ContentType = "text/plain" })
                .ConfigureAwait(false);
            return;
        }

        bool wantsMessagePack = context.Request.ContentType == "application/msgpack";
        string path = context.Request.Path.Value + context.Request.QueryString.Value;
        Session session = await _thread.AskAsync(() => new Session(
            channel, path, _exchange.Ids.Connection(), wantsMessagePack, _faults, _thread)).ConfigureAwait(false);
        session.Restart = ms => Restart(IsBybit(channel), ms);
        session.From = context.Connection.RemoteIpAddress;
        session.Key = context.Request.Headers["APCA-API-KEY-ID"];
        session.Secret = context.Request.Headers["APCA-API-SECRET-KEY"];

        if (!_thread.TryPost(() => _sessions.Add(session)))
        {
            context.Abort();
            return;
        }

        try
        {
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketAccept = AcceptOf(key);
            Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false);
            ISessionHandler handler = channel switch
            {
                SandboxChannel.BybitPublic => _bybit.Public,
                SandboxChannel.BybitPrivate => _bybit.Private,
                SandboxChannel.BybitTrade => _bybit.Trade,
                SandboxChannel.AlpacaOrders => _alpaca.Orders,
                _ => _alpaca.Data,
            };
            await session.RunAsync(new FaultStream(stream, () => End(context)), context.Abort, handler, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _ = _thread.TryPost(() => _sessions.Remove(session));
        }
    }

#pragma warning disable CA5350 // The WebSocket protocol wants this hash; nothing is kept secret by it.
    private static string AcceptOf(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeGuid)));
#pragma warning restore CA5350

    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using MemoryStream body = new();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            return body.ToArray();
        }
        catch (BadHttpRequestException refused)
        {
            context.Response.StatusCode = refused.StatusCode;
            return null;
        }
    }

    private static async Task PutAsync(HttpContext context, RestReply reply)
    {
        Head(context, reply);
        if (reply.Body.Length != 0)
        {
            await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    // The head promises the whole body.
    private static async Task CutAsync(HttpContext context, RestReply reply, int bytes)
    {
        Head(context, reply);
        await context.Response.Body.WriteAsync(
            reply.Body.AsMemory(0, Math.Min(bytes, Math.Max(0, reply.Body.Length - 1))), context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        End(context);
    }

    // What was written is still sent, then the connection ends. Aborting it would throw away what is on its way.
    private static void End(HttpContext context) =>
        context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.Complete();

    private static void Head(HttpContext context, RestReply reply)
    {
        context.Response.StatusCode = reply.Status;
        foreach ((string name, string value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (reply.Status != StatusCodes.Status204NoContent)
        {
            context.Response.ContentType = reply.ContentType;
            context.Response.ContentLength = reply.Body.Length;
        }
    }
}
