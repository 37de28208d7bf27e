using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Network;

/// <summary>
/// Real connections and requests. Hosts prove who they are, always; without encryption only the own machine is spoken to. There
/// is no proxy, no redirect and no second attempt. New and changed orders leave only while the permit says so.
/// </summary>
internal sealed class SocketTransport(LiveClock clock, ISendPermit permit) : ITransport, IDisposable
{
    private readonly List<IDisposable> _opened = [];

    /// <inheritdoc/>
    public IConnection Connection(string url)
    {
        SocketConnection connection = new(Allowed(url, "wss", "ws"), clock, permit);
        _opened.Add(connection);
        return connection;
    }

    /// <inheritdoc/>
    public IRestClient Rest(string url)
    {
        HttpRestClient client = new(Allowed(url, "https", "http"), clock, permit);
        _opened.Add(client);
        return client;
    }

    public void Dispose() => _opened.ForEach(opened => opened.Dispose());

    private static Uri Allowed(string url, string encrypted, string plain)
    {
        Ensure.That(
            Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && (uri.Scheme == encrypted || (uri.Scheme == plain && uri.IsLoopback)),
            "the address '" + url + "' is not allowed: it is " + encrypted + "://..., or " + plain + "://127.0.0.1:... on this machine");
        return uri!;
    }
}
