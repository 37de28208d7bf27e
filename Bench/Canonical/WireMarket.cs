using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Wire;

namespace LowLatency.Bench.Canonical;

/// <summary>
/// The looped market as the venue sends it: Bybit's messages of books and prints, written before the measurement and read by
/// the engine's own decoder. What the venue does not send as messages (definitions, trading status) is handed out as events.
/// </summary>
/// <remarks>
/// A message arrives by being copied into the one buffer of the connection, with the times of this round in it, as a read
/// from a socket would leave it: warm, and never the same twice.
/// </remarks>
internal sealed class WireMarket : IMarket
{
    private const int Digits = 13;
    private const long Millisecond = 1_000_000;

    private readonly Event[] _events;
    private readonly int _roundStart;
    private readonly long _roundLength;
    private readonly Message[] _messages;
    private readonly byte[] _bytes;
    private readonly int[] _times;
    private readonly byte[] _buffer;
    private readonly BybitPublicDecoder _decoder;
    private readonly EventSource _source;
    private readonly InstrumentKind _kind;
    private long _shift;
    private int _next = -1;
    private int _taken;
    private int _count;
    private bool _arrived;

    /// <summary>Writes the messages.</summary>
    /// <param name="market">The market.</param>
    internal WireMarket(LoopedMarket market)
    {
        _events = market.Events;
        _roundStart = market.RoundStart;
        _roundLength = market.RoundLength;
        _source = _events[_roundStart].Source;
        foreach (ref readonly Event e in _events.AsSpan(0, _roundStart))
        {
            if (e.Kind == EventKind.InstrumentDefined)
            {
                Ensure.That(
                    _kind is InstrumentKind.None || _kind == e.InstrumentDefined.InstrumentKind, "one connection has one category");
                _kind = e.InstrumentDefined.InstrumentKind;
                Instruments.Define(e.Instrument, e.InstrumentDefined);
            }
        }

        _decoder = new BybitPublicDecoder(Instruments, _kind);
        (_messages, _bytes, _times) = new Writer(this).Write();
        int longest = 0;
        foreach (Message message in _messages)
        {
            longest = Math.Max(longest, message.Length);
        }

        _buffer = new byte[longest];

        // Before the first round: everything that is no message, one after the other.
        _count = _roundStart;
    }

    private WireMarket(WireMarket other)
    {
        _events = other._events;
        _roundStart = other._roundStart;
        _roundLength = other._roundLength;
        _messages = other._messages;
        _bytes = other._bytes;
        _times = other._times;
        _source = other._source;
        _kind = other._kind;
        _buffer = new byte[other._buffer.Length];
        _count = _roundStart;
        Instruments = other.Instruments;
        _decoder = new BybitPublicDecoder(Instruments, _kind);
    }

    /// <summary>The instruments by the venue's names.</summary>
    internal InstrumentTable Instruments { get; } = new();

    /// <summary>The same market at its start.</summary>
    internal WireMarket Again() => new(this);

    /// <inheritdoc/>
    public long Messages { get; private set; }

    /// <summary>Bytes of the messages of a round.</summary>
    internal long BytesPerRound => _bytes.Length;

    /// <inheritdoc/>
    public void Arrive()
    {
        if (_arrived || _taken < _count)
        {
            return;
        }

        if (++_next == _messages.Length)
        {
            _next = 0;
            _shift += _roundLength;
        }

        _arrived = true;
        ref readonly Message message = ref _messages[_next];
        if (message.Length == 0)
        {
            return;
        }

        _bytes.AsSpan(message.Start, message.Length).CopyTo(_buffer);
        Span<byte> digits = stackalloc byte[Digits];
        bool isTime = Utf8Formatter.TryFormat((message.VenueTime + _shift) / Millisecond, digits, out int written);
        Ensure.That(isTime && written == Digits, "a time of the market is not of thirteen digits");
        for (int i = 0; i < message.Times; i++)
        {
            digits.CopyTo(_buffer.AsSpan(_times[message.FirstTime + i]));
        }
    }

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        if (_taken == _count)
        {
            Arrive();
            _arrived = false;
            _taken = 0;
            ref readonly Message message = ref _messages[_next];
            if (message.Length == 0)
            {
                _count = message.Events;
            }
            else
            {
                WireOutcome outcome = _decoder.Decode(_buffer.AsSpan(0, message.Length), message.ReceivedAt + _shift);
                Ensure.That(outcome.Result == WireResult.Events, "a message of the canonical market was not understood");
                _count = _decoder.Batch.Events.Length;
            }
        }

        if (_next < 0 || _messages[_next].Length == 0)
        {
            next = _events[(_next < 0 ? 0 : _messages[_next].Start) + _taken];
            next.ReceivedAt += _shift;
            next.VenueTime += _shift;
        }
        else
        {
            next = _decoder.Batch.Events[_taken];
            next.Source = _source;
        }

        _taken++;
        Messages += _next >= 0 && next.EndsGroup ? 1 : 0;
        return ReadResult.Event;
    }

    /// <summary>A message of the round.</summary>
    private readonly record struct Message
    {
        /// <summary>Offset of its bytes, or of its first event when it has none.</summary>
        internal int Start { get; init; }

        /// <summary>Bytes; 0 when its events are handed out as they are.</summary>
        internal int Length { get; init; }

        /// <summary>Events that are handed out as they are.</summary>
        internal int Events { get; init; }

        /// <summary>The first of its times in the table of offsets.</summary>
        internal int FirstTime { get; init; }

        /// <summary>How many times it has.</summary>
        internal int Times { get; init; }

        internal long ReceivedAt { get; init; }

        internal long VenueTime { get; init; }
    }

    private sealed class Writer(WireMarket market)
    {
        private const string Time = "0000000000000";

        private readonly List<Message> _messages = [];
        private readonly List<int> _times = [];
        private readonly List<byte[]> _parts = [];
        private readonly long[] _updates = new long[Limits.Instruments + 1];
        private readonly StringBuilder _text = new();
        private int _length;
        private int _firstTime;

        internal (Message[] Messages, byte[] Bytes, int[] Times) Write()
        {
            ReadOnlySpan<Event> events = market._events;
            for (int i = market._roundStart; i < events.Length;)
            {
                int end = i;
                while (!events[end].EndsGroup)
                {
                    end++;
                }

                Add(events[i..(end + 1)], i);
                i = end + 1;
            }

            byte[] bytes = new byte[_length];
            int at = 0;
            foreach (byte[] part in _parts)
            {
                part.CopyTo(bytes, at);
                at += part.Length;
            }

            return ([.. _messages], bytes, [.. _times]);
        }

        private void Add(ReadOnlySpan<Event> group, int first)
        {
            ref readonly Event e = ref group[0];
            _text.Clear();
            _firstTime = _times.Count;
            if (e.Kind == EventKind.BookLevels)
            {
                Book(group);
            }
            else if (e.Kind == EventKind.Trade)
            {
                Prints(group);
            }
            else
            {
                _messages.Add(new Message { Start = first, Events = group.Length });
                return;
            }

            byte[] bytes = Encoding.ASCII.GetBytes(_text.ToString());
            _messages.Add(new Message
            {
                Start = _length,
                Length = bytes.Length,
                FirstTime = _firstTime,
                Times = _times.Count - _firstTime,
                ReceivedAt = e.ReceivedAt,
                VenueTime = e.VenueTime,
            });
            _parts.Add(bytes);
            _length += bytes.Length;
        }

        private void Book(ReadOnlySpan<Event> group)
        {
            ref readonly Event e = ref group[0];
            bool snapshot = (e.Flags & EventFlags.Snapshot) != 0;
            ref long update = ref _updates[e.Instrument.Value];

            // 1 would be a restart of the venue's service.
            update = snapshot ? 2 : update + 1;
            string symbol = Symbol(e);
            _text.Append(CultureInfo.InvariantCulture, $"{{\"topic\":\"orderbook.200.{symbol}\",\"type\":\"{(snapshot ? "snapshot" : "delta")}\",\"ts\":");
            NoteTime();
            _text.Append(CultureInfo.InvariantCulture, $",\"data\":{{\"s\":\"{symbol}\",\"b\":[");
            Levels(group, Side.Buy);
            _text.Append("],\"a\":[");
            Levels(group, Side.Sell);
            _text.Append(CultureInfo.InvariantCulture, $"],\"u\":{update},\"seq\":{update + 7_961_638_724}}},\"cts\":");
            NoteTime();
            _text.Append('}');
        }

        private void Levels(ReadOnlySpan<Event> group, Side side)
        {
            ref readonly InstrumentDefined rules = ref Rules(group[0]);
            bool first = true;
            foreach (ref readonly Event e in group)
            {
                for (int i = 0; i < e.BookLevels.Count; i++)
                {
                    if (e.BookLevels.SideAt(i) != side)
                    {
                        continue;
                    }

                    _text.Append(first ? "[\"" : ",[\"")
                        .Append(DecimalText.ToText(e.BookLevels.PriceAt(i), rules.PriceExponent)).Append("\",\"")
                        .Append(DecimalText.ToText(e.BookLevels.QuantityAt(i), rules.QuantityExponent)).Append("\"]");
                    first = false;
                }
            }
        }

        private void Prints(ReadOnlySpan<Event> group)
        {
            string symbol = Symbol(group[0]);
            _text.Append(CultureInfo.InvariantCulture, $"{{\"topic\":\"publicTrade.{symbol}\",\"type\":\"snapshot\",\"ts\":");
            NoteTime();
            _text.Append(",\"data\":[");
            for (int i = 0; i < group.Length; i++)
            {
                ref readonly Trade trade = ref group[i].Trade;
                ref readonly InstrumentDefined rules = ref Rules(group[i]);
                _text.Append(i == 0 ? "{\"T\":" : ",{\"T\":");
                NoteTime();
                _text.Append(CultureInfo.InvariantCulture, $",\"s\":\"{symbol}\",\"S\":\"{(trade.Aggressor == Side.Buy ? "Buy" : "Sell")}\"")
                    .Append(CultureInfo.InvariantCulture, $",\"v\":\"{DecimalText.ToText(trade.Quantity, rules.QuantityExponent)}\"")
                    .Append(CultureInfo.InvariantCulture, $",\"p\":\"{DecimalText.ToText(trade.Price, rules.PriceExponent)}\"")
                    .Append(CultureInfo.InvariantCulture, $",\"L\":\"PlusTick\",\"i\":\"20f43950-d8dd-5b31-9112-{trade.TradeId:x12}\"")
                    .Append(CultureInfo.InvariantCulture, $",\"BT\":false,\"RPI\":false,\"seq\":{trade.TradeId + 7_961_638_724}}}");
            }

            _text.Append("]}");
        }

        private void NoteTime()
        {
            _times.Add(_text.Length);
            _text.Append(Time);
        }

        private static string Symbol(in Event e, ReadOnlySpan<byte> name) => Encoding.ASCII.GetString(name) is { Length: > 0 } symbol
            ? symbol
            : throw new InvalidOperationException($"instrument {e.Instrument.Value} has no name");

        private string Symbol(in Event e)
        {
            ReadOnlySpan<byte> padded = Rules(e).Symbol;
            return Symbol(e, padded.TrimEnd((byte)0));
        }

        private ref readonly InstrumentDefined Rules(in Event e)
        {
            foreach (ref readonly Event defined in market._events.AsSpan(0, market._roundStart))
            {
                if (defined.Kind == EventKind.InstrumentDefined && defined.Instrument == e.Instrument)
                {
                    return ref defined.InstrumentDefined;
                }
            }

            throw new InvalidOperationException($"instrument {e.Instrument.Value} is not defined");
        }
    }
}
