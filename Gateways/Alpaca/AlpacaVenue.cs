using System;
using System.Buffers.Binary;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>
/// An account at Alpaca: orders by request, reports over the stream of orders, everything else read by request. It starts
/// nothing and reads no clock.
/// </summary>
public sealed class AlpacaVenue : LiveVenue, IVenueWire, IAlpacaAccount
{
    /// <summary>Nanoseconds after the send window at which our side has given up on a request.</summary>
    public const long GivesUpAfter = 5_000_000_000;

    private const long Millisecond = 1_000_000;
    private const long Second = 1_000_000_000;
    private const long MinuteWindow = 66 * Second;
    private const int Unauthorised = 401;
    private const int Forbidden = 403;
    private const int NotFound = 404;
    private const int TooMany = 429;
    private const int IdsMax = 256;

    // The calendar is told for a week ahead, again after half a day, and soon again when it did not come.
    private const int CalendarDays = 7;
    private const long CalendarInterval = 43_200 * Second;

    // What a look-up asked for: the order as it was sent first, the order that replaced it, or the venue's own id.
    private const int ByClientId = 0;
    private const int ByReplacement = 1;
    private const int ByVenueId = 2;

    // The order is known, and how much of it was filled: now by what fills.
    private const int Fills = 3;

    // Fills that the venue lists late are asked for again: each counts once.
    private const long Overlap = 300 * Second;

    private readonly AlpacaSettings _settings;
    private readonly Credentials _credentials;
    private readonly AlpacaRequests _requests;
    private readonly AlpacaRestDecoder _rest;
    private readonly AlpacaOrderLink _orders;
    private readonly RateBudget _budget;
    private readonly RateBudget _reads = new(100, MinuteWindow);
    private readonly RulesDesk _rules;
    private readonly byte[] _body = new byte[4096];
    private readonly byte[] _path = new byte[AlpacaPaths.LengthMax];
    private readonly byte[] _headers = new byte[1024];
    private readonly byte[] _cursor = new byte[sizeof(long)];
    private readonly (OrderId Order, VenueId Id)[] _ids = new (OrderId, VenueId)[IdsMax];
    private readonly long _sendWindow;
    private readonly bool _hasShares;
    private long _askCalendarAt = long.MinValue;
    private long _idCount;
    private long _askAccountAt = long.MinValue;
    private OrderId _identifies;
    private int _refusedWith;
    private long _fillsFrom = long.MinValue;

    /// <summary>Creates the account; it connects with the first duty cycle.</summary>
    /// <param name="settings">How it is used.</param>
    /// <param name="credentials">The key.</param>
    /// <param name="instruments">Filled by what is published of this venue.</param>
    /// <param name="transport">Connections and requests.</param>
    /// <param name="kill">The kill switch.</param>
    public AlpacaVenue(
        AlpacaSettings settings, Credentials credentials, InstrumentTable instruments, ITransport transport, KillLatch kill)
        : base(transport.Rest(settings.Hosts.Rest), instruments, kill, settings.ReadBackInterval)
    {
        Ensure.That(settings.SendWindow is >= 500 and <= 5_000, "a send window is 500 to 5,000 milliseconds");
        Ensure.That(settings.RequestsPerMinute is >= 60 and <= 10_000, "requests of a minute are 60 to 10,000");
        _settings = settings;
        _credentials = credentials;
        _sendWindow = settings.SendWindow * Millisecond;
        _requests = new AlpacaRequests(instruments, settings.Instance);
        _rest = new AlpacaRestDecoder(instruments, settings.Instance);
        foreach (AlpacaInstrument instrument in settings.Instruments)
        {
            _rest.Want(instrument.Id, instrument.Symbol, version: 0);
            _hasShares |= instrument.Kind == InstrumentKind.Equity;
        }

        // Of 200: 20 for cancels alone, 80 for orders and the proofs of their fate, the rest for reads too.
        int requests = settings.RequestsPerMinute;
        _budget = new RateBudget(requests, MinuteWindow, requests * 4 / 10, requests / 10, limitMax: 10_000);
        _rules = new RulesDesk(instruments, Outbox, settings.Instruments.Count);
        _orders = new AlpacaOrderLink(
            transport.Connection(settings.Hosts.Orders),
            new ConnectPace(new RateBudget(AlpacaMarketData.ConnectsMax, AlpacaMarketData.ConnectsWindow), settings.Seed),
            credentials,
            new AlpacaTradeDecoder(instruments, settings.Instance),
            this);
    }

    /// <summary>What the venue says of the account; null until it has.</summary>
    public AlpacaAccount? Account { get; private set; }

    /// <inheritdoc/>
    public override AccountIdentity? Identity => _refusedWith != 0
        ? new AccountIdentity(
            "unknown",
            $"a key of this environment: the venue refuses this one (HTTP {_refusedWith})",
            string.Empty)
        : Account is not { } account ? null : new AccountIdentity(
            NameOf(account.Id),
            account.IsBlocked ? "an account that may trade: trading is blocked or suspended on this one"
                : !account.IsActive ? "an active account: the venue says that this one is not"
                : string.Empty,
            string.Empty);

    /// <inheritdoc/>
    public override LinkState AccountState => _orders.State;

    /// <summary>What the venue says of its hours; null until it has.</summary>
    public AlpacaClock? Hours { get; private set; }

    EventSource IVenueWire.Source => EventSource.Alpaca;

    long IVenueWire.TimeToLive => _sendWindow;

    // The venue takes a request however old it is; our side does not let it out later than its window, and gives up on it soon.
    long IVenueWire.ProofDelay => _sendWindow + GivesUpAfter;

    long IVenueWire.ReadsApart => 5 * Second;

    long IVenueWire.AbsenceHold => _settings.AbsenceHold;

    long IVenueWire.AccountLiveSince => _settings.NeedsStream ? _orders.LiveSince : long.MinValue;

    bool IVenueWire.KnowsInstruments => _rules.IsComplete;

    long IVenueWire.AccountHeardAt => _orders.HeardAt;

    private protected override IVenueWire Wire => this;

    void IVenueWire.ProbeAccount(long now)
    {
        if (_orders.IsLive)
        {
            _orders.Probe(now);
        }
    }

    WireSend IVenueWire.TrySend(ref CommandSlot slot, long now)
    {
        Command command = slot.Command;
        if (command.Verb != CommandVerb.New && !TryIdentify(ref command, now))
        {
            return WireSend.NoChannel;
        }

        bool isCancel = command.Verb == CommandVerb.Cancel;
        int length = isCancel ? 0 : _requests.Write(command, slot.Sequence, _body);
        int path = AlpacaRequests.WritePath(command, _path);
        if (path == 0 || (length == 0 && !isCancel))
        {
            return WireSend.Unsupported;
        }

        if (!Rest.Allows(RestPurpose.Command, now))
        {
            return WireSend.NoChannel;
        }

        if (!_budget.Allows(now, isCancel ? Urgency.Cancel : Urgency.Order))
        {
            return WireSend.NoBudget;
        }

        long asked = isCancel ? now : slot.AskedAt;
        RestRequest request = new()
        {
            Number = slot.Number,
            Method = command.Verb switch
            {
                CommandVerb.New => RestMethod.Post,
                CommandVerb.Amend => RestMethod.Patch,
                _ => RestMethod.Delete,
            },
            Path = _path.AsSpan(0, path),
            Headers = Authorised(),
            Body = _body.AsSpan(0, length),
            NeedsPermit = !isCancel,
            SendBefore = asked + _sendWindow,
            AnswerBefore = now + CommandDesk.AnswerWait,
        };
        if (!Rest.TrySend(request, RestPurpose.Command, slot.Number, (int)command.Verb, now))
        {
            return WireSend.NoChannel;
        }

        _budget.Take(now);
        slot.Channel = CommandChannel.Rest;
        slot.AskedAt = asked;
        slot.Command.VenueOrder = command.VenueOrder;
        return WireSend.InFlight;
    }

    int IVenueWire.LookupSteps(CommandVerb verb) => verb == CommandVerb.Amend ? 3 : 2;

    bool IVenueWire.TryLookup(in CommandSlot slot, ReadOnlySpan<byte> cursor, long now)
    {
        ref readonly Command command = ref slot.Command;
        bool isLast = slot.Step == ((IVenueWire)this).LookupSteps(command.Verb) - 1;
        int what = isLast && slot.IsFound ? Fills
            : command.Verb == CommandVerb.Amend && slot.Step == 0 ? ByReplacement
            : command.Verb == CommandVerb.New || command.VenueOrder == VenueId.None ? ByClientId
            : ByVenueId;
        int length = what switch
        {
            Fills => AlpacaPaths.WriteFills(Math.Max(0, slot.AskedAt - Overlap), cursor, _path),
            ByReplacement => AlpacaPaths.WriteReplacementLookup(command.Order, _settings.Instance, slot.Sequence, _path),
            ByClientId => _requests.WriteLookup(command.Order, _path),
            _ => AlpacaRequests.WritePath(new Command { Verb = CommandVerb.Cancel, VenueOrder = command.VenueOrder }, _path),
        };
        return TryAsk(_path.AsSpan(0, length), RestPurpose.Lookup, slot.Number, what, Urgency.Order, now);
    }

    void IVenueWire.BeginPass(long now)
    {
        // What was filled before this process began is told by the look-ups of what it took over.
        _fillsFrom = _fillsFrom == long.MinValue ? now
            : ReadBacks.CompleteSince != long.MinValue ? ReadBacks.CompleteSince
            : _fillsFrom;
    }

    int IVenueWire.PartsOf(ReadBackSubject subject) => 1;

    bool IVenueWire.TryPage(long serial, ReadBackSubject subject, int part, ReadOnlySpan<byte> cursor, long now)
    {
        if (subject == ReadBackSubject.Executions)
        {
            int fills = AlpacaPaths.WriteFills(_fillsFrom - Overlap, cursor, _path);
            return TryAsk(_path.AsSpan(0, fills), RestPurpose.Page, serial, (int)subject, Urgency.Read, now);
        }

        if (subject != ReadBackSubject.Orders)
        {
            return TryAsk(
                subject == ReadBackSubject.Positions ? "/v2/positions"u8 : "/v2/account"u8,
                RestPurpose.Page,
                serial,
                (int)subject,
                Urgency.Read,
                now);
        }

        long after = cursor.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(cursor);
        int length = AlpacaPaths.WriteOrders(after, _path);
        return TryAsk(_path.AsSpan(0, length), RestPurpose.Page, serial, (int)subject, Urgency.Read, now);
    }

    void IAlpacaAccount.OnReports(AlpacaTradeDecoder decoder, long now)
    {
        Remember(decoder.Batch);
        Report(decoder.Batch, now);
    }

    void IAlpacaAccount.OnQuarantine(long now)
    {
        Quarantined++;
        Distrust(StreamState.Gap, now);
    }

    void IAlpacaAccount.OnAccountChanged(long now) =>
        Distrust(_orders.IsLive ? StreamState.Up : StreamState.Down, now);

    private protected override ReportReason Closed(long now) =>
        Account is { } account && (account.IsBlocked || !account.IsActive) ? ReportReason.NotAuthorised
        : Account is null || !_rules.IsComplete || !_orders.IsLive ? ReportReason.NotConnected
        : ReportReason.None;

    private protected override void PollLinks(long now) => _orders.Poll(now, Outbox);

    private protected override bool TryAskTime(long now) =>
        TryAsk("/v2/clock"u8, RestPurpose.Time, 0, 0, Urgency.Read, now);

    private protected override void Prepare(long now)
    {
        if (Account is null && now >= _askAccountAt && TryAsk("/v2/account"u8, RestPurpose.Key, 0, 0, Urgency.Read, now))
        {
            _askAccountAt = now + RulesDesk.AskAgain;
        }

        if (_hasShares && now >= _askCalendarAt)
        {
            int today = NewYork.DayOf(now);
            int length = AlpacaPaths.WriteCalendar(today, today + CalendarDays, _path);
            if (TryAsk(_path.AsSpan(0, length), RestPurpose.Calendar, today, 0, Urgency.Read, now))
            {
                _askCalendarAt = now + RulesDesk.AskAgain;
            }
        }

        int next = _rules.Next(now);
        if (next >= 0)
        {
            int length = AlpacaPaths.WriteAsset(_settings.Instruments[next].Symbol, _path);
            if (TryAsk(_path.AsSpan(0, length), RestPurpose.Instruments, next, 0, Urgency.Read, now))
            {
                _rules.OnAsked(now);
            }
        }
    }

    private protected override void OnRest(in RestAnswer answer, in RestPending pending, long now)
    {
        Observe(answer, now);
        bool isGood = answer.Outcome == RestOutcome.Answered && answer.Status == 200;
        switch (pending.Purpose)
        {
            case RestPurpose.Command:
                OnCommandAnswer(answer, pending, now);
                break;
            case RestPurpose.Lookup:
                OnLookup(answer, pending, now);
                break;
            case RestPurpose.Time when isGood && Decode(AlpacaRead.Clock, answer):
                Clock.Sample(pending.SentAt, answer.ReceivedAt, _rest.Clock.Now);
                Hours = _rest.Clock;
                break;
            case RestPurpose.Key when isGood && Decode(AlpacaRead.Account, answer):
                Account = _rest.Account;
                _refusedWith = 0;
                break;
            case RestPurpose.Key when answer.Outcome == RestOutcome.Answered && answer.Status is Unauthorised or Forbidden:
                _refusedWith = answer.Status;
                break;
            case RestPurpose.Instruments when isGood && Decode(AlpacaRead.Assets, answer):
                _rules.OnRules((int)pending.Key, _rest.Batch, now);
                break;
            case RestPurpose.Calendar when isGood && Decode(AlpacaRead.Calendar, answer):
                TellCalendar((int)pending.Key, answer.ReceivedAt);
                _askCalendarAt = now + CalendarInterval;
                break;
            case RestPurpose.Page:
                OnPage(answer, pending, now);
                break;
        }
    }

    /// <summary>Tells the trading days that were asked for; an answer without any is told by one event without a day.</summary>
    private void TellCalendar(int today, long receivedAt)
    {
        ReadOnlySpan<AlpacaDay> days = _rest.Days;
        int count = Math.Max(1, days.Length);
        for (int i = 0; i < count; i++)
        {
            CalendarDay day = new()
            {
                From = NewYork.Date(today),
                Until = NewYork.Date(today + CalendarDays),
                Place = (ushort)i,
                Days = (ushort)count,
            };
            if (!days.IsEmpty)
            {
                day.Date = NewYork.Date(days[i].Day);
                day.Open = NewYork.At(days[i].Day, days[i].Open);
                day.Close = NewYork.At(days[i].Day, days[i].Close);
            }

            Event e = new() { ReceivedAt = receivedAt, Source = EventSource.Alpaca, Flags = EventFlags.Whole };
            e.Set(day);
            Outbox.Add(e);
        }
    }

    private static string NameOf(VenueId account)
    {
        Span<byte> text = stackalloc byte[36];
        return Encoding.ASCII.GetString(text[..WireId.Format(account, text)]);
    }

    private bool Decode(AlpacaRead read, in RestAnswer answer) =>
        _rest.Decode(read, answer.Body, answer.ReceivedAt).Result is WireResult.Events or WireResult.Nothing;

    private void OnPage(in RestAnswer answer, in RestPending pending, long now)
    {
        ReadBackSubject subject = (ReadBackSubject)pending.Step;
        AlpacaRead read = subject switch
        {
            ReadBackSubject.Orders => AlpacaRead.Orders,
            ReadBackSubject.Executions => AlpacaRead.Activities,
            ReadBackSubject.Positions => AlpacaRead.Positions,
            _ => AlpacaRead.Account,
        };
        long unknown = _rest.Counters.UnknownInstruments;
        if (answer.Outcome != RestOutcome.Answered || answer.Status != 200 || !Decode(read, answer))
        {
            ReadBacks.OnFailed(pending.Key, answer.Status, now);
            return;
        }

        if (subject == ReadBackSubject.Balances)
        {
            Account = _rest.Account;
        }

        if (subject == ReadBackSubject.Executions)
        {
            // Of orders that are not known as ours, what moved shows in the positions.
            _rest.Batch.Keep(static (in Event e) => e.Kind == EventKind.Execution && !e.Execution.Order.IsNone);
            ReadBacks.OnPage(
                pending.Key,
                _rest.Batch,
                _rest.Items,
                (int)(_rest.Counters.UnknownInstruments - unknown),
                _rest.Items >= AlpacaPaths.FillsLimit ? _rest.LastActivity : default,
                answer.ReceivedAt,
                now);
            return;
        }

        if (subject == ReadBackSubject.Orders)
        {
            Remember(_rest.Batch);
        }

        // The list has no cursor: the next page begins with what was submitted in the same instant as its last order.
        bool more = subject == ReadBackSubject.Orders && _rest.Items >= AlpacaPaths.OrdersLimit;
        BinaryPrimitives.WriteInt64LittleEndian(_cursor, _rest.LastSubmittedAt - 1);
        ReadBacks.OnPage(
            pending.Key,
            _rest.Batch,
            _rest.Items,
            (int)(_rest.Counters.UnknownInstruments - unknown),
            more ? _cursor : default,
            answer.ReceivedAt,
            now);
    }

    private void OnLookup(in RestAnswer answer, in RestPending pending, long now)
    {
        if (pending.Key == 0)
        {
            // Only the venue's id was wanted.
            _identifies = OrderId.None;
            if (answer.Outcome == RestOutcome.Answered && answer.Status == 200 && Decode(AlpacaRead.Orders, answer))
            {
                Remember(_rest.Batch);
            }

            return;
        }

        if (pending.Step == Fills)
        {
            OnFills(answer, pending.Key, now);
            return;
        }

        bool isAbsent = answer.Outcome == RestOutcome.Answered && answer.Status == NotFound;
        bool isThere = answer.Outcome == RestOutcome.Answered && answer.Status == 200 && Decode(AlpacaRead.Orders, answer)
            && _rest.Batch.Count > 0;
        if (isAbsent)
        {
            _rest.Batch.Clear();
        }

        if (isAbsent || isThere)
        {
            Remember(_rest.Batch);
            Desk.Doubts.OnAnswer(pending.Key, _rest.Batch, nextCursor: default, answer.ReceivedAt, now);
        }
        else
        {
            // On its way to another state, or no answer that can be believed.
            Desk.Doubts.OnFailed(pending.Key, now);
        }
    }

    /// <summary>Fills of an order that was found: they come before the state that counts them.</summary>
    private void OnFills(in RestAnswer answer, long number, long now)
    {
        if (answer.Outcome != RestOutcome.Answered || answer.Status != 200 || !Decode(AlpacaRead.Activities, answer))
        {
            Desk.Doubts.OnFailed(number, now);
            return;
        }

        _rest.Batch.Keep(static (in Event e) => e.Kind == EventKind.Execution && !e.Execution.Order.IsNone);
        foreach (ref readonly Event e in _rest.Batch.Events)
        {
            Outbox.Add(e);
        }

        Desk.Doubts.OnAnswer(
            number,
            _rest.Batch,
            _rest.Items >= AlpacaPaths.FillsLimit ? _rest.LastActivity : default,
            answer.ReceivedAt,
            now);
    }

    private void OnCommandAnswer(in RestAnswer answer, in RestPending pending, long now)
    {
        if (answer.Outcome == RestOutcome.NotSent)
        {
            Desk.OnNotSent(pending.Key);
            return;
        }

        if (answer.Outcome == RestOutcome.Unknown)
        {
            Desk.OnUnknown(pending.Key, now);
            return;
        }

        CommandVerb verb = (CommandVerb)pending.Step;
        bool isTaken = answer.Status is >= 200 and < 300;
        int code = isTaken ? 0 : AlpacaRestDecoder.CodeOf(answer.Body);
        Desk.OnAnswer(
            pending.Key, AlpacaWords.RuleOf(verb, answer.Status, code), code != 0 ? code : answer.Status, 0, now);

        // The answer to a new order is the order; that to a replacement only says that it was asked for.
        if (isTaken && verb == CommandVerb.New && Decode(AlpacaRead.Orders, answer))
        {
            Remember(_rest.Batch);
            Report(_rest.Batch, now);
        }
    }

    /// <summary>The venue's id of an order that is to be changed or cancelled: told by the command, heard before, or asked for.</summary>
    private bool TryIdentify(ref Command command, long now)
    {
        long kept = Math.Min(_idCount, IdsMax);
        for (long i = _idCount - 1; i >= _idCount - kept; i--)
        {
            if (_ids[i % IdsMax].Order == command.Order)
            {
                // A replacement may have come since the command was made.
                command.VenueOrder = _ids[i % IdsMax].Id;
                return true;
            }
        }

        if (command.VenueOrder != VenueId.None)
        {
            return true;
        }

        if (_identifies.IsNone
            && TryAsk(
                _path.AsSpan(0, _requests.WriteLookup(command.Order, _path)), RestPurpose.Lookup, 0, ByClientId, Urgency.Order, now))
        {
            _identifies = command.Order;
        }

        return false;
    }

    private void Remember(EventBatch batch)
    {
        foreach (ref readonly Event e in batch.Events)
        {
            if (e.Kind == EventKind.OrderReport && e.OrderReport.Status is OrderStatus.Accepted or OrderStatus.Amended
                && !e.OrderReport.Order.IsNone)
            {
                _ids[_idCount++ % IdsMax] = (e.OrderReport.Order, e.OrderReport.VenueOrder);
            }

            if (e.Kind == EventKind.OrderReport && !e.OrderReport.Order.IsNone && e.OrderReport.VenueOrder != VenueId.None)
            {
                _rest.Names.Add(e.OrderReport.VenueOrder, e.OrderReport.Order);
            }
        }
    }

    private void Observe(in RestAnswer answer, long now)
    {
        if (answer.Outcome != RestOutcome.Answered)
        {
            return;
        }

        long limit = Headers.Number(answer.Headers, "x-ratelimit-limit"u8);
        long left = Headers.Number(answer.Headers, "x-ratelimit-remaining"u8);
        long reset = Headers.Number(answer.Headers, "x-ratelimit-reset"u8);
        long resetAt = reset is > 0 and < long.MaxValue / Second ? reset * Second : 0;
        _budget.Observe(Math.Max(0, limit), left, resetAt, now);
        if (answer.Status == TooMany)
        {
            _budget.Block(Math.Clamp(resetAt, now + Second, now + MinuteWindow));
        }
    }

    private bool TryAsk(ReadOnlySpan<byte> path, RestPurpose purpose, long key, int step, Urgency urgency, long now)
    {
        if (path.IsEmpty || !Rest.Allows(purpose, now)
            || (urgency == Urgency.Read && !_reads.Allows(now, urgency)) || !_budget.Allows(now, urgency))
        {
            return false;
        }

        _budget.Take(now);
        _reads.Take(now);
        RestRequest request = new()
        {
            Number = Desk.NextNumber(now),
            Method = RestMethod.Get,
            Path = path,
            Headers = Authorised(),
            SendBefore = now + _sendWindow,
            AnswerBefore = now + RestDesk.AnswerWait,
        };
        return Rest.TrySend(request, purpose, key, step, now);
    }

    private ReadOnlySpan<byte> Authorised()
    {
        BodyWriter headers = new(_headers);
        headers.Raw("APCA-API-KEY-ID: "u8);
        headers.Raw(_credentials.Key);
        headers.Raw("\nAPCA-API-SECRET-KEY: "u8);
        headers.Raw(_credentials.Secret);
        headers.Raw("\nContent-Type: application/json\n"u8);
        return headers.Written;
    }
}
