using System;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>What a REST answer should hold.</summary>
public enum BybitRead : byte
{
    /// <summary>/v5/market/time.</summary>
    ServerTime,

    /// <summary>/v5/market/instruments-info.</summary>
    Instruments,

    /// <summary>/v5/order/realtime and /v5/order/history.</summary>
    Orders,

    /// <summary>/v5/execution/list.</summary>
    Executions,

    /// <summary>/v5/position/list.</summary>
    Positions,

    /// <summary>/v5/account/wallet-balance.</summary>
    Wallet,

    /// <summary>/v5/account/fee-rate.</summary>
    Fees,
}

/// <summary>What an account pays for fills of an instrument.</summary>
/// <param name="Instrument">The instrument.</param>
/// <param name="Maker">Part of the value, 10^-12; negative is a rebate.</param>
/// <param name="Taker">Part of the value, 10^-12.</param>
public readonly record struct FeeRate(InstrumentId Instrument, long Maker, long Taker);

/// <summary>
/// Decodes bodies of Bybit's REST answers, page by page. A page that is refused, or whose code is not 0, must not be taken for
/// an empty one: the read-back has failed.
/// </summary>
public sealed class BybitRestDecoder
{
    /// <summary>Bytes of a body; a longer one is refused. A page of 1,000 instruments has about 1,200,000.</summary>
    public const int MessageBytesMax = 1 << 22;

    /// <summary>Characters of a cursor.</summary>
    public const int CursorMax = 512;

    private static readonly FieldNames Envelope = new("retCode result time", "retMsg retExtInfo");
    private static readonly FieldNames ResultNames = new(
        "list nextPageCursor category timeSecond timeNano", "symbol updatedTime");

    private static readonly FieldNames FeeNames = new("symbol makerFeeRate takerFeeRate", "baseCoin");

    private readonly InstrumentTable _instruments;
    private readonly BybitReports _reports;
    private readonly FeeRate[] _fees = new FeeRate[Limits.Instruments];
    private readonly byte[] _cursor = new byte[CursorMax];
    private int _cursorLength;
    private int _feeCount;

    /// <summary>Creates the decoder.</summary>
    /// <param name="instruments">The session's instruments.</param>
    /// <param name="instance">The instance whose orders are ours.</param>
    public BybitRestDecoder(InstrumentTable instruments, ushort instance)
    {
        _instruments = instruments;
        _reports = new BybitReports(instruments, instance, Batch, Counters);
        Definitions = new BybitInstruments(Batch, Counters);
    }

    /// <summary>The events of the last page.</summary>
    public EventBatch Batch { get; } = new();

    /// <summary>What was seen.</summary>
    public WireCounters Counters { get; } = new();

    /// <summary>Which instruments are looked for in a page of instruments.</summary>
    public BybitInstruments Definitions { get; }

    /// <summary>The category that was asked for: some answers do not say it. None for whichever has the symbol.</summary>
    public InstrumentKind Category { get; set; }

    /// <summary>retCode of the last answer; 0 for success.</summary>
    public int Code { get; private set; }

    /// <summary>The venue's time of the last answer, nanoseconds since 1970 UTC; 0 when it gave none.</summary>
    public long VenueTime { get; private set; }

    /// <summary>Items of the last page, those without an event included.</summary>
    public int Items { get; private set; }

    /// <summary>What to ask for the next page with, exactly as the venue wrote it; empty after the last page.</summary>
    public ReadOnlySpan<byte> NextCursor => _cursor.AsSpan(0, _cursorLength);

    /// <summary>The fees of the last answer.</summary>
    public ReadOnlySpan<FeeRate> Fees => _fees.AsSpan(0, _feeCount);

    /// <summary>Decodes a body.</summary>
    /// <param name="read">What was asked for.</param>
    /// <param name="body">The whole body of an answer with HTTP status 200.</param>
    /// <param name="receivedAt">Nanoseconds since 1970 UTC.</param>
    /// <returns>
    /// Events; Nothing for a page without any; Answer when the venue refused, see <see cref="Code"/>; or Refused.
    /// </returns>
    public WireOutcome Decode(BybitRead read, ReadOnlySpan<byte> body, long receivedAt)
    {
        Batch.Clear();
        _cursorLength = 0;
        _feeCount = 0;
        Items = 0;
        Code = -1;
        VenueTime = 0;
        WireOutcome outcome = body.Length > MessageBytesMax
            ? WireOutcome.Refused(WireFault.TooLong)
            : Message(read, body, receivedAt);
        if (outcome.Result is WireResult.Refused or WireResult.Answer)
        {
            _cursorLength = 0;
        }

        return Counters.Add(outcome, Batch);
    }

    private WireOutcome Message(BybitRead read, ReadOnlySpan<byte> body, long receivedAt)
    {
        WireFields fields = new(body);
        JsonCursor cursor = new(body);
        if (!cursor.Read() || !fields.Capture(ref cursor, Envelope) || cursor.Read() || cursor.IsFault)
        {
            return WireOutcome.Refused(WireFault.Malformed);
        }

        Counters.NewNames += fields.NewNames;
        if (!fields.TryWhole(0, out long code) || code is < int.MinValue or > int.MaxValue)
        {
            return WireOutcome.Refused(WireFault.Missing);
        }

        Code = (int)code;
        if (!fields.TryMilliseconds(2, out long now))
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        VenueTime = now;
        if (Code != BybitCodes.Ok)
        {
            return WireOutcome.Answer;
        }

        WireFields result = new(body);
        if (!fields.Open(1, ResultNames, ref result))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        Counters.NewNames += result.NewNames;
        if (read == BybitRead.ServerTime)
        {
            return Time(result);
        }

        if (!TryCursor(result) || !result.OpenArray(0, out JsonCursor list))
        {
            return WireOutcome.Refused(WireFault.Shape);
        }

        Event header = new()
        {
            ReceivedAt = receivedAt,
            VenueTime = now,
            Source = EventSource.Bybit,
            Flags = EventFlags.Whole,
        };
        int items = 0;
        WireFault fault = read switch
        {
            BybitRead.Instruments => Definitions.List(body, ref list, result.Text(2), header, out items),
            BybitRead.Fees => FeeList(body, ref list, out items),
            BybitRead.Orders => _reports.List(body, ref list, BybitList.Orders, result.Text(2), header, out items),
            BybitRead.Executions => _reports.List(body, ref list, BybitList.Executions, result.Text(2), header, out items),
            BybitRead.Positions => _reports.List(body, ref list, BybitList.Positions, result.Text(2), header, out items),
            _ => _reports.List(body, ref list, BybitList.Wallet, result.Text(2), header, out items),
        };
        Items = items;
        return fault != WireFault.None ? WireOutcome.Refused(fault)
            : Batch.Count == 0 ? WireOutcome.Nothing
            : WireOutcome.Events;
    }

    private WireOutcome Time(in WireFields result)
    {
        // timeNano is finer; timeSecond must agree with it.
        if (!result.TryWhole(4, out long nano) || nano <= 0 || !result.TryWhole(3, out long second)
            || second != nano / 1_000_000_000)
        {
            return WireOutcome.Refused(WireFault.Time);
        }

        VenueTime = nano;
        return WireOutcome.Nothing;
    }

    private bool TryCursor(in WireFields result)
    {
        if (result.IsAbsent(1))
        {
            return true;
        }

        // A cursor that cannot be kept would end the list too early, unnoticed.
        ReadOnlySpan<byte> next = result.Text(1);
        if (next.IsEmpty || next.Length > CursorMax)
        {
            return false;
        }

        next.CopyTo(_cursor);
        _cursorLength = next.Length;
        return true;
    }

    private WireFault FeeList(ReadOnlySpan<byte> body, ref JsonCursor list, out int items)
    {
        const int rate = 12;
        items = 0;
        while (list.Read() && list.Token == JsonToken.StartObject)
        {
            items++;
            WireFields item = new(body);
            if (!item.Capture(ref list, FeeNames))
            {
                return WireFault.Malformed;
            }

            if (!_instruments.TryFind(item.Text(0), Category, out int place))
            {
                Counters.UnknownInstruments++;
                continue;
            }

            if (!item.TryUnits(1, rate, out long maker) || !item.TryUnits(2, rate, out long taker))
            {
                return WireFault.Number;
            }

            if (_feeCount == _fees.Length)
            {
                return WireFault.TooMany;
            }

            _fees[_feeCount++] = new FeeRate(_instruments.IdAt(place), maker, taker);
        }

        return list.Token == JsonToken.EndArray ? WireFault.None : WireFault.Shape;
    }
}
