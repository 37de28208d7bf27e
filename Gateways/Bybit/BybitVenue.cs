using System;
using System.Collections.Generic;
using System.Globalization;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// An account at Bybit: orders over the order-entry connection, by request where there is none; reports over the private
/// stream; everything else read by request. It starts nothing and reads no clock.
/// </summary>
public sealed class BybitVenue : LiveVenue, IVenueWire, IBybitAccount
{
    /// <summary>Nanoseconds by which a request's stamp may lie ahead of the venue's clock.</summary>
    public const long StampAhead = 1_000_000_000;

    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const long Day = 86_400 * Second;
    private const long WindowMax = 7 * Day - Second;
    private const long Overlap = 300 * Second;
    private const int Forbidden = 403;
    private const int TooMany = 429;

    private readonly BybitSettings _settings;
    private readonly BybitSigner _signer;
    private readonly BybitRequests _requests;
    private readonly BybitBudgets _budgets = new();
    private readonly BybitRestDecoder _rest;
    private readonly BybitPrivateDecoder _answers;
    private readonly BybitAccountLink _account;
    private readonly BybitTradeLink? _trade;
    private readonly RulesDesk _rules;
    private readonly List<(InstrumentKind Kind, Currency8 Coin)> _lists = [];
    private readonly byte[] _body = new byte[BybitSigner.PayloadMax];
    private readonly byte[] _path = new byte[BybitPaths.LengthMax];
    private readonly byte[] _headers = new byte[1024];
    private readonly long _receiveWindow;
    private readonly bool _hasLinear;
    private readonly bool _hasSpot;
    private long _askKeyAt = long.MinValue;
    private long _executionsFrom;
    private long _executionsTo;
    private long _provenUntil = long.MinValue;

    /// <summary>Creates the account; it connects with the first duty cycle.</summary>
    /// <param name="settings">How it is used.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="instruments">Filled by what is published of this venue.</param>
    /// <param name="transport">Connections and requests.</param>
    /// <param name="kill">The kill switch.</param>
    public BybitVenue(
        BybitSettings settings, Credentials credentials, InstrumentTable instruments, ITransport transport, KillLatch kill)
        : base(transport.Rest(settings.Hosts.Rest), instruments, kill, settings.ReadBackInterval)
    {
        Ensure.That(settings.ReceiveWindow is >= 500 and <= 5_000, "a receive window is 500 to 5,000 milliseconds");
        _settings = settings;
        _receiveWindow = settings.ReceiveWindow * Millisecond;
        _signer = new BybitSigner(credentials);
        _requests = new BybitRequests(instruments, settings.Instance);
        _rest = new BybitRestDecoder(instruments, settings.Instance);
        _answers = new BybitPrivateDecoder(instruments, settings.Instance);
        _rules = new RulesDesk(instruments, Outbox, settings.Instruments.Count);
        foreach (BybitInstrument instrument in settings.Instruments)
        {
            _rest.Definitions.Want(instrument.Id, instrument.Symbol, instrument.Kind, version: 0);
            _hasLinear |= instrument.Kind == InstrumentKind.Linear;
            _hasSpot |= instrument.Kind == InstrumentKind.Spot;
        }

        RateBudget connects = new(BybitLink.ConnectsMax, BybitLink.ConnectsWindow);
        _account = new BybitAccountLink(
            transport.Connection(settings.Hosts.Private),
            new ConnectPace(connects, settings.Seed),
            _signer,
            new BybitPrivateDecoder(instruments, settings.Instance),
            this);
        _trade = settings.Hosts.Trade is null ? null : new BybitTradeLink(
            transport.Connection(settings.Hosts.Trade),
            new ConnectPace(connects, settings.Seed + 1),
            _signer,
            new BybitPrivateDecoder(instruments, settings.Instance),
            this);
    }

    /// <summary>What the venue says of the key; null until it has.</summary>
    public BybitKey? Key { get; private set; }

    /// <inheritdoc/>
    public override AccountIdentity? Identity => Key is not { } key ? null : new AccountIdentity(
        key.User.ToString(CultureInfo.InvariantCulture),
        key.IsRefused ? $"a key that may trade and may not withdraw: the venue says of this one {key.Faults}" : string.Empty,
        key.Faults == BybitKeyFaults.None ? string.Empty : key.Faults.ToString());

    /// <inheritdoc/>
    public override LinkState AccountState => _account.State;

    /// <inheritdoc/>
    public override LinkState TradeState => _trade?.State ?? LinkState.Down;

    /// <summary>Times that the private stream was lost.</summary>
    public long AccountLosses => _account.Losses;

    EventSource IVenueWire.Source => EventSource.Bybit;

    long IVenueWire.TimeToLive => _receiveWindow;

    // The venue refuses a request whose stamp is older than its window.
    long IVenueWire.ProofDelay => _receiveWindow + StampAhead;

    long IVenueWire.ReadsApart => 2 * Second;

    long IVenueWire.AbsenceHold => 0;

    long IVenueWire.AccountLiveSince => _settings.NeedsStream ? _account.LiveSince : long.MinValue;

    bool IVenueWire.KnowsInstruments => _rules.IsComplete;

    long IVenueWire.AccountHeardAt => _account.HeardAt;

    private protected override IVenueWire Wire => this;

    void IVenueWire.ProbeAccount(long now)
    {
        if (_account.IsLive)
        {
            _account.Probe(now);
        }
    }

    WireSend IVenueWire.TrySend(ref CommandSlot slot, long now)
    {
        ref readonly Command command = ref slot.Command;
        if (!Instruments.TryFind(command.Instrument, out int place))
        {
            return WireSend.Unsupported;
        }

        bool isCancel = command.Verb == CommandVerb.Cancel;
        Urgency urgency = isCancel ? Urgency.Cancel : Urgency.Order;
        RateBudget budget = _budgets.Of(Instruments.RulesAt(place).InstrumentKind, command.Verb);
        if (!budget.Allows(now, urgency))
        {
            return WireSend.NoBudget;
        }

        // The stamp is the event's time: what has waited too long is refused by the venue, wherever it waited.
        long asked = isCancel ? now : slot.AskedAt;
        WireSend result = WireSend.NoChannel;
        if (_trade is { IsLive: true })
        {
            result = SendByStream(command, slot.Number, asked);
            slot.Channel = CommandChannel.Stream;
        }

        if (result == WireSend.NoChannel)
        {
            result = SendByRequest(command, slot.Number, asked, urgency, now);
            slot.Channel = CommandChannel.Rest;
        }

        if (result == WireSend.InFlight)
        {
            _budgets.Take(budget, slot.Number, now);
            slot.AskedAt = asked;
        }

        return result;
    }

    int IVenueWire.LookupSteps(CommandVerb verb) => 3;

    bool IVenueWire.TryLookup(in CommandSlot slot, ReadOnlySpan<byte> cursor, long now)
    {
        if (!Instruments.TryFind(slot.Command.Instrument, out int place) || !Rest.Allows(RestPurpose.Lookup, now)
            || !RateBudget.TryTake(_budgets.Reads, _budgets.Address, now, Urgency.Order))
        {
            return false;
        }

        int length = BybitPaths.WriteLookup(
            slot.Step, Instruments.RulesAt(place), slot.Command, _settings.Instance, cursor, _path);
        return Get(_path.AsSpan(0, length), RestPurpose.Lookup, slot.Number, slot.Step, now);
    }

    void IVenueWire.BeginPass(long now)
    {
        long earliest = _settings.ExecutionsFrom != 0 ? _settings.ExecutionsFrom : now - Day;
        _executionsFrom = Math.Max(earliest, _provenUntil - (_provenUntil == long.MinValue ? 0 : Overlap));
        _executionsTo = Math.Max(now, _executionsFrom + Second);
        _lists.Clear();
        for (int i = 0; i < Instruments.Count; i++)
        {
            ref readonly InstrumentDefined rules = ref Instruments.RulesAt(i);
            (InstrumentKind Kind, Currency8 Coin) list = (
                rules.InstrumentKind, rules.InstrumentKind == InstrumentKind.Spot ? default : rules.Currency);
            if (!Contains(list))
            {
                _lists.Add(list);
            }
        }
    }

    int IVenueWire.PartsOf(ReadBackSubject subject) => subject switch
    {
        ReadBackSubject.Orders => _lists.Count,
        ReadBackSubject.Positions => Count(InstrumentKind.Linear),
        ReadBackSubject.Executions => ((_hasLinear ? 1 : 0) + (_hasSpot ? 1 : 0)) * Windows,
        _ => 1,
    };

    bool IVenueWire.TryPage(long serial, ReadBackSubject subject, int part, ReadOnlySpan<byte> cursor, long now)
    {
        if (!Rest.Allows(RestPurpose.Page, now)
            || !RateBudget.TryTake(_budgets.Reads, _budgets.Address, now, Urgency.Read))
        {
            return false;
        }

        int length;
        if (subject == ReadBackSubject.Executions)
        {
            InstrumentKind kind = _hasLinear && part < Windows ? InstrumentKind.Linear : InstrumentKind.Spot;
            long from = _executionsFrom + (part % Windows * WindowMax);
            length = BybitPaths.WriteExecutions(kind, from, Math.Min(_executionsTo, from + WindowMax), cursor, _path);
        }
        else if (subject == ReadBackSubject.Balances)
        {
            ReadOnlySpan<byte> wallet = "/v5/account/wallet-balance?accountType=UNIFIED"u8;
            wallet.CopyTo(_path);
            length = wallet.Length;
        }
        else
        {
            (InstrumentKind kind, Currency8 coin) = ListAt(subject, part);
            ReadOnlySpan<byte> padded = coin;
            length = BybitPaths.WriteList(subject, kind, padded.TrimEnd((byte)0), cursor, _path);
        }

        return length > 0 && Get(_path.AsSpan(0, length), RestPurpose.Page, serial, (int)subject, now);
    }

    void IBybitAccount.OnReports(BybitPrivateDecoder decoder, long now) => Report(decoder.Batch, now);

    void IBybitAccount.OnQuarantine(long now)
    {
        Quarantined++;
        Distrust(StreamState.Gap, now);
    }

    void IBybitAccount.OnOrderAnswer(BybitAnswer answer, long now)
    {
        if (answer.RequestNumber != 0)
        {
            Answered(answer.RequestNumber, answer, default, now);
        }
    }

    void IBybitAccount.OnAccountChanged(long now) =>
        Distrust(_account.IsLive ? StreamState.Up : StreamState.Down, now);

    void IBybitAccount.OnTradeLost(long now) => Desk.OnStreamLost(now);

    void IBybitAccount.OnOrderHeld(long number) => Desk.OnNotSent(number);

    private protected override ReportReason Closed(long now) =>
        Key is { IsRefused: true } ? ReportReason.NotAuthorised
        : Key is null || !_rules.IsComplete || !_account.IsLive ? ReportReason.NotConnected
        : Breaker.IsBanned(now) ? ReportReason.RateLimited
        : ReportReason.None;

    private protected override void PollLinks(long now)
    {
        _account.Poll(now, Outbox);
        _trade?.Poll(now, Outbox);
    }

    private protected override bool TryAskTime(long now) => TryAsk("/v5/market/time"u8, RestPurpose.Time, 0, now);

    private protected override void Prepare(long now)
    {
        if (Key is null && now >= _askKeyAt && TryAsk("/v5/user/query-api"u8, RestPurpose.Key, 0, now))
        {
            _askKeyAt = now + RulesDesk.AskAgain;
        }

        int next = _rules.Next(now);
        if (next >= 0)
        {
            int length = BybitPaths.WriteInstrument(_settings.Instruments[next], _path);
            if (TryAsk(_path.AsSpan(0, length), RestPurpose.Instruments, next, now))
            {
                _rules.OnAsked(now);
            }
        }

        if (ReadBacks.CompleteSince != long.MinValue)
        {
            _provenUntil = Math.Max(_provenUntil, ReadBacks.CompleteSince);
        }
    }

    private protected override void OnRest(in RestAnswer answer, in RestPending pending, long now)
    {
        if (answer.Outcome == RestOutcome.Answered && answer.Status == Forbidden)
        {
            Breaker.OnBan(now + CircuitBreaker.BanLength);
        }
        else if (answer.Outcome == RestOutcome.Answered && answer.Status == TooMany)
        {
            _budgets.Address.Block(now + (5 * Second));
        }

        if (pending.Purpose == RestPurpose.Command)
        {
            OnCommandAnswer(answer, pending.Key, now);
            return;
        }

        WireOutcome outcome = WireOutcome.Refused(WireFault.Missing);
        long unknown = _rest.Counters.UnknownInstruments;
        BybitRead read = ReadOf(pending);
        bool isAnswer = answer.Outcome == RestOutcome.Answered && answer.Status == 200;
        if (isAnswer && pending.Purpose == RestPurpose.Key)
        {
            Key = BybitKey.TryRead(answer.Body, _hasLinear, _hasSpot, now, out BybitKey key) ? key : null;
            return;
        }

        if (isAnswer)
        {
            _rest.Category = InstrumentKind.None;
            outcome = _rest.Decode(read, answer.Body, answer.ReceivedAt);
        }

        bool isGood = outcome.Result is WireResult.Events or WireResult.Nothing;
        switch (pending.Purpose)
        {
            case RestPurpose.Time when isGood:
                Clock.Sample(pending.SentAt, answer.ReceivedAt, _rest.VenueTime);
                break;
            case RestPurpose.Instruments when isGood:
                _rules.OnRules((int)pending.Key, _rest.Batch, now);
                break;
            case RestPurpose.Lookup when isGood:
                PublishExecutions(now);
                Desk.Doubts.OnAnswer(
                    pending.Key, _rest.Batch, _rest.Items == 0 ? default : _rest.NextCursor, _rest.VenueTime, now);
                break;
            case RestPurpose.Lookup:
                Desk.Doubts.OnFailed(pending.Key, now);
                break;
            case RestPurpose.Page when isGood:
                ReadBacks.OnPage(
                    pending.Key,
                    _rest.Batch,
                    _rest.Items,
                    (int)(_rest.Counters.UnknownInstruments - unknown),
                    _rest.NextCursor,
                    _rest.VenueTime,
                    now);
                break;
            case RestPurpose.Page:
                ReadBacks.OnFailed(pending.Key, outcome.Result == WireResult.Answer ? _rest.Code : answer.Status, now);
                break;
        }
    }

    private int Windows => (int)((_executionsTo - _executionsFrom + WindowMax - 1) / WindowMax);

    private static BybitRead ReadOf(in RestPending pending) => pending.Purpose switch
    {
        RestPurpose.Time => BybitRead.ServerTime,
        RestPurpose.Instruments => BybitRead.Instruments,
        RestPurpose.Lookup => pending.Step < 2 ? BybitRead.Orders : BybitRead.Executions,
        _ => (ReadBackSubject)pending.Step switch
        {
            ReadBackSubject.Orders => BybitRead.Orders,
            ReadBackSubject.Executions => BybitRead.Executions,
            ReadBackSubject.Positions => BybitRead.Positions,
            _ => BybitRead.Wallet,
        },
    };

    private WireSend SendByStream(in Command command, long number, long asked)
    {
        int length = _requests.Write(
            BybitChannel.WebSocket, command, number, asked / Millisecond, _settings.ReceiveWindow, _body);
        return length == 0 ? WireSend.Unsupported
            : _trade!.TrySend(_body.AsSpan(0, length), command.Verb == CommandVerb.Cancel ? 0 : number) ? WireSend.InFlight
            : WireSend.NoChannel;
    }

    private WireSend SendByRequest(in Command command, long number, long asked, Urgency urgency, long now)
    {
        int length = _requests.Write(BybitChannel.Rest, command, 0, 0, 0, _body);
        if (length == 0)
        {
            return WireSend.Unsupported;
        }

        if (!Rest.Allows(RestPurpose.Command, now))
        {
            return WireSend.NoChannel;
        }

        if (!_budgets.Address.Allows(now, urgency))
        {
            return WireSend.NoBudget;
        }

        _budgets.Address.Take(now);
        RestRequest request = new()
        {
            Number = number,
            Method = RestMethod.Post,
            Path = BybitPaths.Of(command.Verb),
            Headers = Signed(asked, _body.AsSpan(0, length), isBody: true),
            Body = _body.AsSpan(0, length),
            NeedsPermit = command.Verb != CommandVerb.Cancel,
            SendBefore = asked + _receiveWindow,
            AnswerBefore = now + CommandDesk.AnswerWait,
        };
        return Rest.TrySend(request, RestPurpose.Command, number, 0, now) ? WireSend.InFlight : WireSend.NoChannel;
    }

    private bool TryAsk(ReadOnlySpan<byte> path, RestPurpose purpose, long key, long now) =>
        Rest.Allows(purpose, now)
        && RateBudget.TryTake(_budgets.Reads, _budgets.Address, now, Urgency.Read)
        && Get(path, purpose, key, 0, now);

    private bool Get(ReadOnlySpan<byte> path, RestPurpose purpose, long key, int step, long now)
    {
        int query = path.IndexOf((byte)'?');
        RestRequest request = new()
        {
            Number = Desk.NextNumber(now),
            Method = RestMethod.Get,
            Path = path,
            Headers = Signed(now, query < 0 ? default : path[(query + 1)..], isBody: false),
            SendBefore = now + _receiveWindow,
            AnswerBefore = now + RestDesk.AnswerWait,
        };
        return Rest.TrySend(request, purpose, key, step, now);
    }

    private ReadOnlySpan<byte> Signed(long at, ReadOnlySpan<byte> payload, bool isBody)
    {
        Span<byte> signature = stackalloc byte[BybitSigner.SignatureLength];
        Ensure.That(
            _signer.TrySign(at / Millisecond, _settings.ReceiveWindow, payload, signature), "a request fits into its signature");
        BodyWriter headers = new(_headers);
        headers.Raw("X-BAPI-API-KEY: "u8);
        headers.Raw(_signer.Key);
        headers.Raw("\nX-BAPI-TIMESTAMP: "u8);
        headers.Number(at / Millisecond);
        headers.Raw("\nX-BAPI-RECV-WINDOW: "u8);
        headers.Number(_settings.ReceiveWindow);
        headers.Raw("\nX-BAPI-SIGN: "u8);
        headers.Raw(signature);
        headers.Raw(isBody ? "\nContent-Type: application/json\n"u8 : "\n"u8);
        return headers.Written;
    }

    private void OnCommandAnswer(in RestAnswer answer, long number, long now)
    {
        if (answer.Outcome == RestOutcome.NotSent)
        {
            Desk.OnNotSent(number);
        }
        else if (answer.Outcome == RestOutcome.Unknown)
        {
            Desk.OnUnknown(number, now);
        }
        else if (answer.Status is Forbidden or TooMany)
        {
            // Refused at the venue's door, before anything looked at the order.
            Desk.OnAnswer(number, new AnswerRule(AnswerMeaning.Refused, ReportReason.RateLimited), answer.Status, 0, now);
        }
        else if (answer.Status == 200 && _answers.Decode(answer.Body, answer.ReceivedAt).Result == WireResult.Answer)
        {
            Answered(number, _answers.Answer, answer.Headers, now);
        }
        else
        {
            Desk.OnUnknown(number, now);
        }
    }

    private void Answered(long number, BybitAnswer answer, ReadOnlySpan<byte> headers, long now)
    {
        AnswerRule rule = BybitCodes.Of(answer.Code);
        if (_budgets.TryFind(number, out RateBudget budget))
        {
            budget.Observe(answer.Limit, answer.LimitLeft, answer.LimitResetAt, now);
            BybitBudgets.Observe(headers, budget, now);
            if (rule.Reason == ReportReason.RateLimited)
            {
                budget.Block(Math.Clamp(answer.LimitResetAt, now + (Second / 10), now + (5 * Second)));
            }
        }

        Desk.OnAnswer(number, rule, answer.Code, answer.VenueTime, now);
    }

    private void PublishExecutions(long now)
    {
        foreach (ref readonly Event e in _rest.Batch.Events)
        {
            if (e.Kind is EventKind.Execution or EventKind.CashBooked)
            {
                Outbox.Add(e);
            }
        }
    }

    private bool Contains((InstrumentKind Kind, Currency8 Coin) list)
    {
        foreach ((InstrumentKind Kind, Currency8 Coin) known in _lists)
        {
            if (known.Kind == list.Kind && ((ReadOnlySpan<byte>)known.Coin).SequenceEqual(list.Coin))
            {
                return true;
            }
        }

        return false;
    }

    private int Count(InstrumentKind kind)
    {
        int count = 0;
        foreach ((InstrumentKind Kind, Currency8 Coin) list in _lists)
        {
            count += list.Kind == kind ? 1 : 0;
        }

        return count;
    }

    private (InstrumentKind Kind, Currency8 Coin) ListAt(ReadBackSubject subject, int part)
    {
        foreach ((InstrumentKind Kind, Currency8 Coin) list in _lists)
        {
            if ((subject == ReadBackSubject.Orders || list.Kind == InstrumentKind.Linear) && part-- == 0)
            {
                return list;
            }
        }

        Ensure.Break("a list beyond those of the account");
        return default;
    }
}
