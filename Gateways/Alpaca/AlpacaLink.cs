using System;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Who hears what comes over the stream of orders.</summary>
internal interface IAlpacaAccount
{
    /// <summary>Reports of the stream.</summary>
    void OnReports(AlpacaTradeDecoder decoder, long now);

    /// <summary>A message that is not understood.</summary>
    void OnQuarantine(long now);

    /// <summary>The stream is in use, or is not any more.</summary>
    void OnAccountChanged(long now);
}

/// <summary>
/// The stream of orders. The venue has no question for a sign of life on it, so the list of what is listened to is sent once
/// more: its answer proves that the stream would tell.
/// </summary>
internal sealed class AlpacaOrderLink : LiveLink
{
    private readonly IAlpacaAccount _account;
    private readonly AlpacaTradeDecoder _decoder;
    private readonly Credentials _credentials;

    internal AlpacaOrderLink(
        IConnection connection, ConnectPace pace, Credentials credentials, AlpacaTradeDecoder decoder, IAlpacaAccount account)
        : base(connection, pace, LinkTimes.Private)
    {
        _credentials = credentials;
        _decoder = decoder;
        _account = account;
    }

    protected override int WriteStep(int step, long now, Span<byte> destination) => step switch
    {
        0 => AlpacaRequests.WriteAuthentication(_credentials.Key, _credentials.Secret, destination),
        1 => AlpacaRequests.WriteListen(destination),
        _ => 0,
    };

    protected override int WriteProbe(long now, Span<byte> destination) => AlpacaRequests.WriteListen(destination);

    protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        switch (_decoder.Decode(frame, receivedAt).Result)
        {
            case WireResult.Events:
                _account.OnReports(_decoder, now);
                return LinkAnswer.Other;
            case WireResult.Refused:
                _account.OnQuarantine(now);
                return LinkAnswer.Other;
            case WireResult.Answer:
                return _decoder.Answer switch
                {
                    AlpacaAnswer.Authorized when step == 0 => LinkAnswer.StepDone,
                    AlpacaAnswer.ListensToOrders when step == 1 => LinkAnswer.StepDone,
                    AlpacaAnswer.Unauthorized => LinkAnswer.Refused,
                    AlpacaAnswer.ListensToNothing => LinkAnswer.Broken,
                    _ => LinkAnswer.Other,
                };
            default:
                return LinkAnswer.Other;
        }
    }

    protected override void OnLive(long now) => _account.OnAccountChanged(now);

    protected override void OnLost(long now) => _account.OnAccountChanged(now);
}
