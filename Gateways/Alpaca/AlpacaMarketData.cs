using System;
using System.Collections.Generic;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>Alpaca's market data: a connection for stocks and one for crypto; prints, quotes, minute bars, statuses, bands.</summary>
public sealed class AlpacaMarketData : IMarketFeed
{
    /// <summary>Connections of ten minutes: the venue counts those that stand, and refuses a second one with 406.</summary>
    public const int ConnectsMax = 60;

    /// <summary>Nanoseconds in which they are counted.</summary>
    public const long ConnectsWindow = 600_000_000_000;

    private readonly EventOutbox _outbox = new();
    private readonly List<AlpacaDataLink> _links = [];

    /// <summary>Creates the feed; it connects with the first duty cycle.</summary>
    /// <param name="settings">Addresses and instruments.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="instruments">The rules of the instruments, as they are published.</param>
    /// <param name="transport">Connections.</param>
    public AlpacaMarketData(AlpacaSettings settings, Credentials credentials, InstrumentTable instruments, ITransport transport)
    {
        RateBudget connects = new(ConnectsMax, ConnectsWindow);
        AlpacaRequests requests = new(instruments, settings.Instance);
        ulong seed = settings.Seed + 2;
        foreach (InstrumentKind kind in (ReadOnlySpan<InstrumentKind>)[InstrumentKind.Equity, InstrumentKind.Spot])
        {
            List<InstrumentId> own = [];
            foreach (AlpacaInstrument instrument in settings.Instruments)
            {
                if (instrument.Kind == kind)
                {
                    own.Add(instrument.Id);
                }
            }

            if (own.Count > 0)
            {
                string url = kind == InstrumentKind.Equity ? settings.Hosts.Stocks : settings.Hosts.Crypto;
                _links.Add(new AlpacaDataLink(
                    transport.Connection(url),
                    new ConnectPace(connects, seed++),
                    credentials,
                    requests,
                    [.. own],
                    instruments,
                    _outbox));
            }
        }
    }

    /// <inheritdoc/>
    public bool IsLive => !_links.Exists(link => !link.IsLive);

    /// <inheritdoc/>
    public bool Poll(long now, ref Event e)
    {
        if (_outbox.TryTake(now, ref e))
        {
            return true;
        }

        foreach (AlpacaDataLink link in _links)
        {
            if (link.HasRules)
            {
                link.Poll(now, _outbox);
            }
        }

        return _outbox.TryTake(now, ref e);
    }
}

/// <summary>A data connection. Asking for the same subscription again is its question for a sign of life.</summary>
internal sealed class AlpacaDataLink : LiveLink
{
    // Outside of its hours a market says nothing, and each question is a whole subscription.
    private static readonly LinkTimes _times = new(10_000_000_000, 5_000_000_000, 10_000_000_000, 60_000_000_000);

    private readonly AlpacaDataDecoder _decoder;
    private readonly AlpacaRequests _requests;
    private readonly Credentials _credentials;
    private readonly EventOutbox _outbox;
    private readonly InstrumentId[] _own;
    private readonly InstrumentTable _instruments;
    private readonly StreamWatch _streams;

    internal AlpacaDataLink(
        IConnection connection,
        ConnectPace pace,
        Credentials credentials,
        AlpacaRequests requests,
        InstrumentId[] own,
        InstrumentTable instruments,
        EventOutbox outbox)
        : base(connection, pace, _times)
    {
        _credentials = credentials;
        _requests = requests;
        _own = own;
        _instruments = instruments;
        _outbox = outbox;
        _decoder = new AlpacaDataDecoder(instruments);
        _streams = new StreamWatch(outbox, EventSource.Alpaca, own);
    }

    /// <summary>True when the instruments are defined: a symbol is asked for by its name there.</summary>
    internal bool HasRules
    {
        get
        {
            foreach (InstrumentId id in _own)
            {
                if (!_instruments.TryFind(id, out _))
                {
                    return false;
                }
            }

            return true;
        }
    }

    protected override int WriteStep(int step, long now, Span<byte> destination) => step switch
    {
        0 => -1,
        1 => AlpacaRequests.WriteAuthentication(_credentials.Key, _credentials.Secret, destination),
        2 => _requests.WriteSubscription(_own, destination),
        _ => 0,
    };

    protected override int WriteProbe(long now, Span<byte> destination) => _requests.WriteSubscription(_own, destination);

    protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now)
    {
        switch (_decoder.Decode(frame, receivedAt).Result)
        {
            case WireResult.Events:
                foreach (ref readonly Event e in _decoder.Batch.Events)
                {
                    _streams.Hear(e.Instrument, receivedAt);
                    _outbox.Add(e);
                }

                return LinkAnswer.Other;
            case WireResult.Refused:
                // What is missing of which instrument is not known: nothing of this connection is believed any more.
                return LinkAnswer.Broken;
            case WireResult.Answer:
                return _decoder.Answer switch
                {
                    AlpacaAnswer.Connected when step == 0 => LinkAnswer.StepDone,
                    AlpacaAnswer.Authorized when step == 1 => LinkAnswer.StepDone,
                    AlpacaAnswer.Subscribed when step == 2 => LinkAnswer.StepDone,

                    // A wrong key, a second connection, a feed that is not paid for: trying at once changes nothing.
                    AlpacaAnswer.Error => LinkAnswer.Refused,
                    _ => LinkAnswer.Other,
                };
            default:
                return LinkAnswer.Other;
        }
    }

    protected override void OnLive(long now) => _streams.OnLive(now);

    protected override void OnLost(long now) => _streams.OnLost(now);
}
