using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>What a REST answer should hold.</summary>
public enum AlpacaRead : byte
{
    /// <summary>/v2/account.</summary>
    Account,

    /// <summary>/v2/positions.</summary>
    Positions,

    /// <summary>/v2/orders, one or a list.</summary>
    Orders,

    /// <summary>/v2/account/activities.</summary>
    Activities,

    /// <summary>/v2/assets, one or a list.</summary>
    Assets,

    /// <summary>/v2/clock.</summary>
    Clock,

    /// <summary>/v2/calendar.</summary>
    Calendar,
}

/// <summary>What an account may do. What the venue does not say any more is null: the day-trade fields ended on 2026-07-06.</summary>
/// <param name="Id">The account's id.</param>
/// <param name="IsActive">The status is ACTIVE.</param>
/// <param name="IsBlocked">Trading or the account is blocked, or suspended by its owner.</param>
/// <param name="MayShort">Short selling is enabled.</param>
/// <param name="Multiplier">Buying power for a unit of equity: 1, 2 or 4.</param>
/// <param name="DayTrades">Day trades counted by the old rule.</param>
/// <param name="IsPatternDayTrader">The mark of the old rule.</param>
public readonly record struct AlpacaAccount(
    VenueId Id, bool IsActive, bool IsBlocked, bool MayShort, int Multiplier, int? DayTrades, bool? IsPatternDayTrader);

/// <summary>The market's clock.</summary>
/// <param name="Now">Nanoseconds since 1970 UTC.</param>
/// <param name="IsOpen">The regular session runs.</param>
/// <param name="NextOpen">Nanoseconds since 1970 UTC.</param>
/// <param name="NextClose">Nanoseconds since 1970 UTC.</param>
public readonly record struct AlpacaClock(long Now, bool IsOpen, long NextOpen, long NextClose);

/// <summary>A day of the calendar. Minutes count from midnight in New York.</summary>
/// <param name="Day">Days since 1970-01-01.</param>
/// <param name="Open">Minute at which the regular session opens.</param>
/// <param name="Close">Minute at which it closes.</param>
/// <param name="SessionOpen">Minute at which the extended session opens.</param>
/// <param name="SessionClose">Minute at which it closes.</param>
public readonly record struct AlpacaDay(int Day, int Open, int Close, int SessionOpen, int SessionClose);

/// <summary>
/// Decodes bodies of Alpaca's REST answers. Numbers may be text or numbers, and what is absent may be missing, null or empty. A
/// body that is refused must not be taken for an empty list: the read-back has failed.
/// </summary>
public sealed class AlpacaRestDecoder
{
    /// <summary>Bytes of a body; a longer one is refused. The list of all assets has about 12,000,000.</summary>
    public const int MessageBytesMax = 1 << 24;

    /// <summary>Days of one answer: the calendar is asked for by the year.</summary>
    public const int DaysMax = 512;

    private static readonly FieldNames ErrorNames = new("code message", "existing_order_id reject_reason");
    private readonly AlpacaReports _orders;
    private readonly AlpacaLists _lists;

    /// <summary>Creates the decoder.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance whose orders are ours.</param>
    public AlpacaRestDecoder(InstrumentTable instruments, ushort instance)
    {
        _orders = new AlpacaReports(instruments, instance, Batch, Counters);
        _lists = new AlpacaLists(instruments, Names, Batch, Counters);
    }

    /// <summary>Orders of ours by the venue's ids: fills in lists of activities are of them.</summary>
    internal AlpacaOrderNames Names { get; } = new();

    /// <summary>The events of the last body.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>Items of the last body, those without an event included.</summary>
    public int Items { get; private set; }

    /// <summary>When the last order of the last body was submitted, nanoseconds since 1970 UTC: lists go on from there.</summary>
    public long LastSubmittedAt { get; private set; }

    /// <summary>The id of the last activity of the last body: lists go on from there; empty without one.</summary>
    internal ReadOnlySpan<byte> LastActivity => _lists.LastActivity;

    /// <summary>The last account.</summary>
    public AlpacaAccount Account => _lists.Account;

    /// <summary>The last clock.</summary>
    public AlpacaClock Clock => _lists.Clock;

    /// <summary>The last calendar.</summary>
    public ReadOnlySpan<AlpacaDay> Days => _lists.Days;

    /// <summary>Looks for an instrument in lists of assets from now on.</summary>
    /// <param name="id">The number that it has, or is to have.</param>
    /// <param name="symbol">The venue's name.</param>
    /// <param name="version">Definitions that it had before; 0 for none.</param>
    public void Want(InstrumentId id, string symbol, ushort version) => _lists.Want(id, symbol, version);

    /// <summary>Decodes a body.</summary>
    /// <param name="read">What was asked for.</param>
    /// <param name="body">The whole body of an answer with HTTP status 200.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    /// <returns>What it turned out to be; the events are in <see cref="Batch"/>.</returns>
    public WireOutcome Decode(AlpacaRead read, ReadOnlySpan<byte> body, long receivedAt)
    {
        Batch.Clear();
        Items = 0;
        LastSubmittedAt = 0;
        WireFault fault = body.Length > MessageBytesMax ? WireFault.TooLong : Body(read, body, receivedAt);
        WireOutcome outcome = fault != WireFault.None ? WireOutcome.Refused(fault)
            : Batch.Count == 0 ? WireOutcome.Nothing
            : WireOutcome.Events;
        return Counters.Add(outcome, Batch);
    }

    /// <summary>The code of an error's body.</summary>
    /// <param name="body">The whole body of an answer whose HTTP status is not 2xx.</param>
    /// <returns>0 when it has none, or is no JSON: a gateway's page in HTML, for one.</returns>
    public static int CodeOf(ReadOnlySpan<byte> body)
    {
        WireFields fields = new(body);
        return body.Length <= MessageBytesMax && AlpacaFormat.CaptureWhole(body, isMessagePack: false, ref fields, ErrorNames)
            && fields.TryWhole(0, out long code) && code is >= 0 and <= int.MaxValue
            ? (int)code
            : 0;
    }

    /// <summary>Adds what an answer to a command says.</summary>
    /// <param name="key">The command.</param>
    /// <param name="status">HTTP status; 0 when there was no answer.</param>
    /// <param name="body">Its body.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    /// <param name="batch">Gets the event; an acknowledgement has none.</param>
    /// <returns>False when the batch is full.</returns>
    public static bool AddReport(in CommandKey key, int status, ReadOnlySpan<byte> body, long receivedAt, EventBatch batch)
    {
        int code = status is >= 200 and < 300 ? 0 : CodeOf(body);
        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Alpaca };
        return Answers.Add(AlpacaWords.RuleOf(key.Verb, status, code), code != 0 ? code : status, key, header, batch);
    }

    private WireFault Body(AlpacaRead read, ReadOnlySpan<byte> body, long receivedAt)
    {
        JsonCursor cursor = new(body);
        if (!cursor.Read())
        {
            return WireFault.Malformed;
        }

        bool isList = cursor.Token == JsonToken.StartArray;
        if ((isList && read is AlpacaRead.Account or AlpacaRead.Clock)
            || (!isList && read is AlpacaRead.Positions or AlpacaRead.Activities or AlpacaRead.Calendar)
            || (!isList && cursor.Token != JsonToken.StartObject))
        {
            return WireFault.Shape;
        }

        Event header = new() { ReceivedAt = receivedAt, Source = EventSource.Alpaca, Flags = EventFlags.Whole };
        _lists.Begin(read);
        FieldNames names = read == AlpacaRead.Orders ? AlpacaReports.OrderNames : AlpacaLists.NamesOf(read);
        while (!isList || (cursor.Read() && cursor.Token == JsonToken.StartObject))
        {
            Items++;
            WireFields item = new(body);
            if (!item.Capture(ref cursor, names))
            {
                return WireFault.Malformed;
            }

            Counters.NewNames += item.NewNames;
            WireFault fault = read == AlpacaRead.Orders ? Order(item, header) : _lists.Item(read, item, header);
            if (fault != WireFault.None)
            {
                return fault;
            }

            if (!isList)
            {
                break;
            }
        }

        if (isList && cursor.Token != JsonToken.EndArray)
        {
            return cursor.IsFault ? WireFault.Malformed : WireFault.Shape;
        }

        return cursor.Read() || cursor.IsFault ? WireFault.Malformed : WireFault.None;
    }

    private WireFault Order(in WireFields item, Event header)
    {
        // Of an order of an instrument that is not traded here too.
        const int submittedAt = 10;
        if (!item.TryTime(submittedAt, out long at))
        {
            return WireFault.Time;
        }

        LastSubmittedAt = at;
        WireFault fault = _orders.Read(item, out AlpacaReports.Known order, ref header, out bool isKnown);
        return fault != WireFault.None || !isKnown ? fault : _orders.Add(order, header);
    }
}
