using System;
using System.Collections.Generic;
using System.Text;
using LowLatency.Gateways.Live;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Time of a test: nothing else moves it.</summary>
internal sealed class VirtualClock
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;

    private readonly PriorityQueue<Action, (long At, long Order)> _due = new();
    private long _order;

    public long Now { get; private set; } = 1_786_000_000 * Second;

    /// <summary>Does something later.</summary>
    public void After(long nanoseconds, Action action) => _due.Enqueue(action, (Now + nanoseconds, _order++));

    /// <summary>Moves time on, doing what is due on the way in its order.</summary>
    public void Advance(long nanoseconds)
    {
        long end = Now + nanoseconds;
        while (_due.TryPeek(out Action? action, out (long At, long Order) due) && due.At <= end)
        {
            _due.Dequeue();
            Now = Math.Max(Now, due.At);
            action();
        }

        Now = end;
    }
}

/// <summary>What stands at the other end of a virtual network.</summary>
internal interface IVirtualHost
{
    /// <summary>A connection asks to be opened.</summary>
    void OnOpen(VirtualConnection connection);

    /// <summary>A message has arrived.</summary>
    void OnMessage(VirtualConnection connection, string text);

    /// <summary>A request has arrived.</summary>
    void OnRequest(VirtualRest client, VirtualRequest request);
}

/// <summary>A request as the host sees it.</summary>
internal sealed record VirtualRequest(long Number, RestMethod Method, string Path, string Headers, string Body);

/// <summary>Connections and requests in virtual time.</summary>
internal sealed class VirtualNet(VirtualClock clock, IVirtualHost host) : ITransport
{
    public List<VirtualConnection> Connections { get; } = [];

    public long Latency { get; set; } = 2 * VirtualClock.Millisecond;

    /// <summary>Nanoseconds for which an order waits between its being handed over and its first byte.</summary>
    public long Queue { get; set; }

    /// <summary>Asked when an order's first byte would leave.</summary>
    public ISendPermit? Permit { get; set; }

    public VirtualRest? Client { get; private set; }

    public IConnection Connection(string url)
    {
        VirtualConnection connection = new(clock, host, this, url);
        Connections.Add(connection);
        return connection;
    }

    public IRestClient Rest(string url) => Client = new VirtualRest(clock, host, this);

    public VirtualConnection Of(string end) => Connections.Find(connection => connection.Url.EndsWith(end, StringComparison.Ordinal))!;
}

/// <summary>A connection: messages arrive in order, after the latency, unless it is cut.</summary>
internal sealed class VirtualConnection(VirtualClock clock, IVirtualHost host, VirtualNet net, string url) : IConnection
{
    private readonly Queue<(ConnectionSignal Signal, byte[] Frame, long At)> _signals = new();
    private byte[] _current = [];
    private int _opening;
    private bool _isWanted;

    public string Url => url;

    public bool IsOpen { get; private set; }

    /// <summary>Attempts to open it, with their times.</summary>
    public List<long> Attempts { get; } = [];

    /// <summary>Messages that left, whether they arrive or not.</summary>
    public List<string> Sent { get; } = [];

    /// <summary>Drops everything that is sent without a sign: a half-open connection.</summary>
    public bool IsMute { get; set; }

    /// <summary>Drops everything that comes without a sign.</summary>
    public bool IsDeaf { get; set; }

    public void Open()
    {
        Attempts.Add(clock.Now);
        _isWanted = true;
        int opening = ++_opening;
        clock.After(net.Latency, () =>
        {
            if (opening == _opening)
            {
                host.OnOpen(this);
            }
        });
    }

    public void Close()
    {
        _opening++;
        IsOpen = false;
        _isWanted = false;
        _signals.Clear();
    }

    public bool TrySend(ReadOnlySpan<byte> message, long number = 0)
    {
        if (!IsOpen)
        {
            return false;
        }

        string text = Encoding.UTF8.GetString(message);
        if (number == 0 || net.Permit is not { } permit)
        {
            Leave(text);
            return true;
        }

        clock.After(net.Queue, () =>
        {
            if (permit.MaySend)
            {
                Leave(text);
            }
            else
            {
                _signals.Enqueue((ConnectionSignal.Held, BitConverter.GetBytes(number), clock.Now));
            }
        });
        return true;
    }

    private void Leave(string text)
    {
        Sent.Add(text);
        if (!IsMute)
        {
            Deliver(text, net.Latency);
        }
    }

    public ConnectionSignal Poll(out ReadOnlySpan<byte> frame, out long receivedAt)
    {
        frame = default;
        receivedAt = clock.Now;
        if (!_signals.TryDequeue(out (ConnectionSignal Signal, byte[] Frame, long At) next))
        {
            return ConnectionSignal.Nothing;
        }

        _current = next.Frame;
        frame = _current;
        receivedAt = next.At;
        return next.Signal;
    }

    /// <summary>Brings a message to the host, once more if need be.</summary>
    public void Deliver(string text, long after)
    {
        int opening = _opening;
        clock.After(after, () =>
        {
            if (opening == _opening && IsOpen)
            {
                host.OnMessage(this, text);
            }
        });
    }

    /// <summary>Host: takes the connection.</summary>
    public void Accept()
    {
        IsOpen = true;
        IsMute = false;
        IsDeaf = false;
        _signals.Enqueue((ConnectionSignal.Opened, [], clock.Now));
    }

    /// <summary>Host, or a fault: ends the connection; the client hears of it.</summary>
    public void Cut()
    {
        if (_isWanted)
        {
            IsOpen = false;
            _isWanted = false;
            _opening++;
            _signals.Enqueue((ConnectionSignal.Closed, [], clock.Now));
        }
    }

    /// <summary>Host: sends a message.</summary>
    public void Push(string text, long extra = 0)
    {
        int opening = _opening;
        clock.After(net.Latency + extra, () =>
        {
            if (opening == _opening && IsOpen && !IsDeaf)
            {
                _signals.Enqueue((ConnectionSignal.Frame, Encoding.UTF8.GetBytes(text), clock.Now));
            }
        });
    }
}

/// <summary>Requests in virtual time; each ends exactly once.</summary>
internal sealed class VirtualRest(VirtualClock clock, IVirtualHost host, VirtualNet net) : IRestClient
{
    private readonly Queue<(long Number, RestOutcome Outcome, int Status, string Headers, byte[] Body, long At)> _answers = new();
    private readonly HashSet<long> _open = [];
    private byte[] _body = [];
    private byte[] _headers = [];

    /// <summary>Requests that left.</summary>
    public List<VirtualRequest> Sent { get; } = [];

    /// <summary>Takes no request.</summary>
    public bool IsFull { get; set; }

    public bool TrySend(in RestRequest request)
    {
        if (IsFull)
        {
            return false;
        }

        VirtualRequest sent = new(
            request.Number,
            request.Method,
            Encoding.UTF8.GetString(request.Path),
            Encoding.UTF8.GetString(request.Headers),
            Encoding.UTF8.GetString(request.Body));
        _open.Add(request.Number);
        long number = request.Number;
        ISendPermit? permit = request.NeedsPermit ? net.Permit : null;
        clock.After(permit is null ? 0 : net.Queue, () =>
        {
            if (permit is { MaySend: false })
            {
                End(number, RestOutcome.NotSent);
                return;
            }

            Sent.Add(sent);
            clock.After(net.Latency, () => host.OnRequest(this, sent));
        });
        clock.After(request.AnswerBefore - clock.Now, () => End(number, RestOutcome.Unknown));
        return true;
    }

    public bool TryReceive(out RestAnswer answer)
    {
        answer = default;
        if (!_answers.TryDequeue(out var next))
        {
            return false;
        }

        _body = next.Body;
        _headers = Encoding.UTF8.GetBytes(next.Headers);
        answer = new RestAnswer
        {
            Number = next.Number,
            Outcome = next.Outcome,
            Status = next.Status,
            Headers = _headers,
            Body = _body,
            ReceivedAt = next.At,
        };
        return true;
    }

    /// <summary>Host: answers.</summary>
    public void Answer(long number, int status, string body, string headers = "", long extra = 0) =>
        clock.After(net.Latency + extra, () => End(number, RestOutcome.Answered, status, body, headers));

    /// <summary>Ends a request.</summary>
    public void End(long number, RestOutcome outcome, int status = 0, string body = "", string headers = "")
    {
        if (_open.Remove(number))
        {
            _answers.Enqueue((number, outcome, status, headers, Encoding.UTF8.GetBytes(body), clock.Now));
        }
    }
}
