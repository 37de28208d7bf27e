using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>What an answer answers.</summary>
public enum BybitOp : byte
{
    /// <summary>It does not say: the body of a REST answer.</summary>
    None = 0,

    /// <summary>Authentication.</summary>
    Auth,

    /// <summary>Subscription.</summary>
    Subscribe,

    /// <summary>End of a subscription.</summary>
    Unsubscribe,

    /// <summary>A ping.</summary>
    Pong,

    /// <summary>order.create, amend, cancel, one or a batch.</summary>
    Order,

    /// <summary>Something that is not known.</summary>
    Other,
}

/// <summary>
/// An answer of Bybit to a request: on a WebSocket of any of the three kinds, or the body of a REST answer to an order
/// request. The shapes differ by channel; what they say is the same. An accepted order is only acknowledged: what becomes of
/// it comes on the private stream.
/// </summary>
public sealed class BybitAnswer
{
    /// <summary>Orders of one batch request.</summary>
    public const int ItemsMax = 20;

    private const int Op = 0;
    private const int Success = 1;
    private const int RetMessage = 2;
    private const int RetCode = 3;
    private const int RequestId = 4;
    private const int RequestIdSnake = 5;
    private const int DataField = 6;
    private const int Result = 7;
    private const int Extra = 8;
    private const int Header = 9;
    private const int Type = 10;
    private const int TimeField = 11;

    private static readonly FieldNames Names = new(
        "op success ret_msg retCode reqId req_id data result retExtInfo header type time", "retMsg connId conn_id args");

    private static readonly FieldNames ListNames = new("list orderId orderLinkId", "success failTopics successTopics");
    private static readonly FieldNames ItemNames = new("orderId code", "category symbol orderLinkId createAt msg");
    private static readonly FieldNames HeaderNames = new(
        "X-Bapi-Limit-Status X-Bapi-Limit-Reset-Timestamp Timenow X-Bapi-Limit", "Traceid TraceId");

    // One place more than a batch has: what is beyond overwrites itself there.
    private readonly int[] _codes = new int[ItemsMax + 1];
    private readonly VenueId[] _orders = new VenueId[ItemsMax + 1];
    private int _codeCount;

    /// <summary>What it answers.</summary>
    public BybitOp Operation { get; private set; }

    /// <summary>True when the venue has taken the request as a whole.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>The venue's number; 0 for success, -1 where the channel only says that it failed.</summary>
    public int Code { get; private set; }

    /// <summary>The number that the request was given; 0 when it has none of ours.</summary>
    public long RequestNumber { get; private set; }

    /// <summary>The venue's time, nanoseconds since 1970 UTC; 0 when it gives none.</summary>
    public long VenueTime { get; private set; }

    /// <summary>Orders that the answer lists.</summary>
    public int Items { get; private set; }

    /// <summary>Requests of a window by the venue's count; 0 when it does not say.</summary>
    public long Limit { get; private set; }

    /// <summary>Requests that are left in the present window; -1 when it does not say.</summary>
    public long LimitLeft { get; private set; }

    /// <summary>When the window ends, nanoseconds since 1970 UTC; 0 when it does not say.</summary>
    public long LimitResetAt { get; private set; }

    /// <summary>The venue's id of an order of the answer.</summary>
    /// <param name="item">0 to <see cref="Items"/> - 1, below <see cref="ItemsMax"/>.</param>
    /// <returns>None when it was refused.</returns>
    public VenueId OrderAt(int item) => _orders[item];

    /// <summary>The venue's number for an order of the answer.</summary>
    /// <param name="item">0 to <see cref="Items"/> - 1, below <see cref="ItemsMax"/>.</param>
    /// <returns>0 for success; the outer number when the answer has no list.</returns>
    public int CodeAt(int item) => _codeCount > item ? _codes[item] : Code;

    /// <summary>
    /// Adds what the answer says of the commands of its request, by position. An item that is missing leaves its command
    /// unknown.
    /// </summary>
    /// <param name="keys">The commands of the request, in its order.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    /// <param name="batch">Gets the events.</param>
    /// <returns>False when the batch is full.</returns>
    public bool AddReports(ReadOnlySpan<CommandKey> keys, long receivedAt, EventBatch batch)
    {
        Event header = new() { ReceivedAt = receivedAt, VenueTime = VenueTime, Source = EventSource.Bybit };
        for (int i = 0; i < keys.Length; i++)
        {
            // A batch is taken as a whole even when every order of it failed: its list tells.
            bool isListed = keys.Length == 1 ? Items <= 1 : Items == keys.Length && _codeCount == keys.Length;
            AnswerRule rule = !IsAccepted ? BybitCodes.Of(Code)
                : isListed ? BybitCodes.Of(CodeAt(i))
                : new AnswerRule(AnswerMeaning.Unclear, ReportReason.None);
            if (!Answers.Add(rule, IsAccepted ? CodeAt(i) : Code, keys[i], header, batch))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="counters">Counts names that are not known.</param>
    /// <returns>False when it is no answer.</returns>
    internal bool Read(ReadOnlySpan<byte> message, WireCounters counters)
    {
        Clear();
        WireFields fields = new(message);
        JsonCursor cursor = new(message);
        if (!cursor.Read() || !fields.Capture(ref cursor, Names) || cursor.Read() || cursor.IsFault)
        {
            return false;
        }

        counters.NewNames += fields.NewNames;
        Operation = OperationOf(fields);
        if (!TryCode(fields))
        {
            return false;
        }

        // Numbers of ours are whole numbers; other clients of the same account have their own.
        ReadOnlySpan<byte> request = fields.IsAbsent(RequestId) ? fields.Text(RequestIdSnake) : fields.Text(RequestId);
        RequestNumber = request.Length <= 19 && DecimalText.TryParse(request, 0, out long number) && number > 0 ? number : 0;
        if (!fields.TryMilliseconds(TimeField, out long time))
        {
            return false;
        }

        VenueTime = time;
        return TryItems(message, fields) && TryHeader(message, fields);
    }

    private static BybitOp OperationOf(in WireFields fields)
    {
        ReadOnlySpan<byte> op = fields.Text(Op);
        return op.SequenceEqual("pong"u8) || (op.SequenceEqual("ping"u8) && fields.Says(RetMessage, "pong"u8)) ? BybitOp.Pong
            : op.SequenceEqual("auth"u8) ? BybitOp.Auth
            : op.SequenceEqual("subscribe"u8) || fields.Says(Type, "COMMAND_RESP"u8) ? BybitOp.Subscribe
            : op.SequenceEqual("unsubscribe"u8) ? BybitOp.Unsubscribe
            : op.StartsWith("order."u8) ? BybitOp.Order
            : op.IsEmpty ? BybitOp.None
            : BybitOp.Other;
    }

    private bool TryCode(in WireFields fields)
    {
        if (fields[RetCode].Kind == WireKind.Number)
        {
            bool whole = fields.TryWhole(RetCode, out long code) && code is > int.MinValue and <= int.MaxValue;
            Code = whole ? (int)code : -1;
            IsAccepted = whole && code == 0;
            return whole;
        }

        // A pong of the private and option channels says nothing else.
        IsAccepted = fields[Success].Kind == WireKind.True
            || (Operation == BybitOp.Pong && fields[Success].Kind == WireKind.Missing);
        Code = IsAccepted ? 0 : -1;
        return Operation == BybitOp.Pong || fields[Success].Kind is WireKind.True or WireKind.False;
    }

    private bool TryItems(ReadOnlySpan<byte> message, in WireFields fields)
    {
        int holder = fields[DataField].Kind == WireKind.Object ? DataField : Result;
        if (fields[holder].Kind != WireKind.Object)
        {
            return true;
        }

        WireFields data = new(message);
        if (!fields.Open(holder, ListNames, ref data))
        {
            return false;
        }

        if (data.OpenArray(0, out JsonCursor list))
        {
            return TryList(message, list, orders: true) && TryCodes(message, fields);
        }

        if (!data.IsAbsent(1))
        {
            Items = 1;
            return data.TryId(1, out _orders[0]);
        }

        return true;
    }

    private bool TryCodes(ReadOnlySpan<byte> message, in WireFields fields)
    {
        WireFields extra = new(message);
        return fields[Extra].Kind != WireKind.Object
            || (fields.Open(Extra, ListNames, ref extra)
                && (!extra.OpenArray(0, out JsonCursor list) || TryList(message, list, orders: false)));
    }

    private bool TryList(ReadOnlySpan<byte> message, JsonCursor list, bool orders)
    {
        int count = 0;
        while (list.Read() && list.Token == JsonToken.StartObject)
        {
            WireFields item = new(message);
            if (!item.Capture(ref list, ItemNames))
            {
                return false;
            }

            // Only the answer to "cancel all" has more than a batch; its orders are read back, not kept.
            int place = Math.Min(count++, ItemsMax);
            if (orders)
            {
                if (!item.IsAbsent(0) && !item.TryId(0, out _orders[place]))
                {
                    return false;
                }
            }
            else if (!item.TryWhole(1, out long code) || code is < int.MinValue or > int.MaxValue)
            {
                return false;
            }
            else
            {
                _codes[place] = (int)code;
            }
        }

        if (orders)
        {
            Items = count;
        }
        else
        {
            _codeCount = count;
        }

        return list.Token == JsonToken.EndArray;
    }

    private bool TryHeader(ReadOnlySpan<byte> message, in WireFields fields)
    {
        if (fields[Header].Kind != WireKind.Object)
        {
            return true;
        }

        WireFields header = new(message);
        if (!fields.Open(Header, HeaderNames, ref header) || !header.TryMilliseconds(1, out long reset)
            || !header.TryMilliseconds(2, out long now))
        {
            return false;
        }

        LimitResetAt = reset;
        VenueTime = now != 0 ? now : VenueTime;
        LimitLeft = header.TryWhole(0, out long left) && left >= 0 ? left : -1;
        Limit = header.TryWhole(3, out long limit) && limit > 0 ? limit : 0;
        return true;
    }

    private void Clear()
    {
        Array.Clear(_orders);
        _codeCount = 0;
        Items = 0;
        RequestNumber = 0;
        VenueTime = 0;
        Limit = 0;
        LimitLeft = -1;
        LimitResetAt = 0;
    }
}
