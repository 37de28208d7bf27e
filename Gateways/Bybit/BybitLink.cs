using System;
using LowLatency.Core.Determinism;
using LowLatency.Gateways.Live;

namespace LowLatency.Gateways.Bybit;

/// <summary>A connection to Bybit of any of the three kinds: authenticates where it has a key, then subscribes.</summary>
internal abstract class BybitLink : LiveLink
{
    /// <summary>Connections that the venue takes in five minutes are 500 for a domain; we make fewer.</summary>
    internal const int ConnectsMax = 100;

    /// <summary>Nanoseconds in which they are counted.</summary>
    internal const long ConnectsWindow = 300_000_000_000;

    private const long Millisecond = 1_000_000;
    private const long AuthenticationGoodFor = 10_000;

    private readonly BybitSigner? _signer;
    private readonly string[] _topics;
    private long _requests;

    protected BybitLink(IConnection connection, ConnectPace pace, LinkTimes times, BybitSigner? signer, string[] topics)
        : base(connection, pace, times)
    {
        _signer = signer;
        _topics = topics;
    }

    /// <summary>Subscribes to a topic anew: the venue answers with a snapshot.</summary>
    /// <param name="topic">The topic.</param>
    /// <returns>False when it cannot be sent.</returns>
    internal bool TryResubscribe(string topic)
    {
        Span<byte> message = stackalloc byte[256];
        int length = BybitRequests.WriteSubscription([topic], ++_requests, subscribe: false, message);
        if (length == 0 || !TrySend(message[..length]))
        {
            return false;
        }

        length = BybitRequests.WriteSubscription([topic], ++_requests, subscribe: true, message);
        return length != 0 && TrySend(message[..length]);
    }

    protected override int WriteStep(int step, long now, Span<byte> destination)
    {
        if (_signer is not null && step-- == 0)
        {
            return _signer.WriteAuthentication((now / Millisecond) + AuthenticationGoodFor, ++_requests, destination);
        }

        int first = step * BybitRequests.TopicsMax;
        if (first >= _topics.Length)
        {
            return 0;
        }

        int count = Math.Min(BybitRequests.TopicsMax, _topics.Length - first);
        int length = BybitRequests.WriteSubscription(_topics.AsSpan(first, count), ++_requests, subscribe: true, destination);
        Ensure.That(length > 0, "a subscription fits into its message");
        return length;
    }

    protected override int WriteProbe(long now, Span<byte> destination) =>
        BybitRequests.WritePing(++_requests, destination);

    /// <summary>What an answer is to the greeting.</summary>
    protected LinkAnswer Greeting(int step, BybitAnswer answer)
    {
        const int authenticatedAlready = 20001;
        const int restarting = 10019;
        if (answer.Code == restarting)
        {
            return LinkAnswer.Broken;
        }

        bool isAuthentication = _signer is not null && step == 0;
        BybitOp awaited = isAuthentication ? BybitOp.Auth : BybitOp.Subscribe;
        return IsLive || answer.Operation != awaited ? LinkAnswer.Other
            : answer.IsAccepted || (isAuthentication && answer.Code == authenticatedAlready) ? LinkAnswer.StepDone
            : LinkAnswer.Refused;
    }
}

/// <summary>Who hears what comes over the connections of an account.</summary>
internal interface IBybitAccount
{
    /// <summary>Reports of the private stream.</summary>
    void OnReports(BybitPrivateDecoder decoder, long now);

    /// <summary>A private message that is not understood.</summary>
    void OnQuarantine(long now);

    /// <summary>The answer to an order request.</summary>
    void OnOrderAnswer(BybitAnswer answer, long now);

    /// <summary>The private stream is in use, or is not any more.</summary>
    void OnAccountChanged(long now);

    /// <summary>The order-entry connection is lost.</summary>
    void OnTradeLost(long now);

    /// <summary>An order was held back at the last moment: it has not left.</summary>
    void OnOrderHeld(long number);
}

/// <summary>The private stream of an account.</summary>
internal sealed class BybitAccountLink : BybitLink
{
    private static readonly string[] _privateTopics = ["order", "execution", "position", "wallet"];

    private readonly IBybitAccount _account;
    private readonly BybitPrivateDecoder _decoder;

    internal BybitAccountLink(
        IConnection connection, ConnectPace pace, BybitSigner signer, BybitPrivateDecoder decoder, IBybitAccount account)
        : base(connection, pace, LinkTimes.Private, signer, _privateTopics)
    {
        _decoder = decoder;
        _account = account;
    }

    protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        switch (_decoder.Decode(frame, receivedAt).Result)
        {
            case Wire.WireResult.Events:
                _account.OnReports(_decoder, now);
                return LinkAnswer.Other;
            case Wire.WireResult.Answer:
                return Greeting(step, _decoder.Answer);
            case Wire.WireResult.Refused:
                _account.OnQuarantine(now);
                return LinkAnswer.Other;
            default:
                return LinkAnswer.Other;
        }
    }

    protected override void OnLive(long now) => _account.OnAccountChanged(now);

    protected override void OnLost(long now) => _account.OnAccountChanged(now);
}

/// <summary>The order-entry connection of an account.</summary>
internal sealed class BybitTradeLink : BybitLink
{
    private readonly IBybitAccount _account;
    private readonly BybitPrivateDecoder _decoder;

    internal BybitTradeLink(
        IConnection connection, ConnectPace pace, BybitSigner signer, BybitPrivateDecoder decoder, IBybitAccount account)
        : base(connection, pace, LinkTimes.OrderEntry, signer, [])
    {
        _decoder = decoder;
        _account = account;
    }

    protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        // What is not understood here answers nothing: its request comes into doubt when its time is over.
        if (_decoder.Decode(frame, receivedAt).Result != Wire.WireResult.Answer)
        {
            return LinkAnswer.Other;
        }

        if (_decoder.Answer.Operation == BybitOp.Order)
        {
            _account.OnOrderAnswer(_decoder.Answer, now);
        }

        return Greeting(step, _decoder.Answer);
    }

    protected override void OnLive(long now)
    {
    }

    protected override void OnLost(long now) => _account.OnTradeLost(now);

    protected override void OnHeld(long number) => _account.OnOrderHeld(number);
}
