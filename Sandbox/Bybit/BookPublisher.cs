using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Core.Market;
using LowLatency.Core.Values;
using LowLatency.Sandbox.Market;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>
/// A book of one depth on the wire: who comes gets a snapshot of what the others hold, then everybody gets the same
/// differences, numbered without a hole. Levels that are pushed out of the depth are deleted.
/// </summary>
internal sealed class BookPublisher
{
    // A book of depth 1 says that it is alive when it has not changed for so long.
    private const long Repeat = 3_000_000_000;
    private const long Millisecond = 1_000_000;

    private readonly ListedInstrument _instrument;
    private readonly int _depth;
    private readonly long _interval;
    private readonly string _topic;
    private readonly HashSet<Session> _sessions = [];
    private readonly Dictionary<(Side Side, long Price), long> _shown = [];
    private readonly Dictionary<(Side Side, long Price), long> _now = [];
    private long _update;
    private long _nextAt;
    private long _sentAt;
    private bool _isStale = true;

    internal BookPublisher(ListedInstrument instrument, int depth)
    {
        _instrument = instrument;
        _depth = depth;
        _topic = $"orderbook.{depth}.{instrument.Symbol}";
        _interval = depth switch { 1 => 10, 50 => 20, 200 => 100, _ => 200 } * Millisecond;
    }

    internal bool IsIdle => _sessions.Count == 0;

    internal void Add(Session session, long now)
    {
        _sessions.Add(session);
        if (_update == 0)
        {
            _isStale = true;
            OnTime(now);
        }
        else
        {
            session.Send(Message("snapshot", _shown, now), now);
        }
    }

    internal void Remove(Session session) => _sessions.Remove(session);

    internal void OnChanged() => _isStale = true;

    /// <summary>The service restarts: the next message is update 1, which replaces every book.</summary>
    internal void OnRestart()
    {
        _update = 0;
        _shown.Clear();
        _isStale = true;
    }

    internal void OnTime(long now)
    {
        bool repeats = _depth == 1 && _update != 0 && now - _sentAt >= Repeat;
        if (IsIdle || now < _nextAt || !(_isStale || repeats) || !_instrument.IsReady)
        {
            return;
        }

        _nextAt = now + _interval;
        Look();
        bool first = _update == 0;
        List<(Side Side, long Price, long Quantity)> changes = Changes();
        if (changes.Count == 0 && !repeats && !first)
        {
            _isStale = false;
            return;
        }

        _isStale = false;
        _update += changes.Count != 0 || first ? 1 : 0;
        _sentAt = now;
        _shown.Clear();
        foreach (KeyValuePair<(Side, long), long> level in _now)
        {
            _shown[level.Key] = level.Value;
        }

        byte[] message = first || _depth == 1 ? Message("snapshot", _shown, now) : Message("delta", changes, now);
        foreach (Session session in _sessions)
        {
            session.Send(message, now);
        }
    }

    private void Look()
    {
        _now.Clear();
        foreach (Side side in new[] { Side.Buy, Side.Sell })
        {
            int count = Math.Min(_depth, side == Side.Buy ? _instrument.Book.BidCount : _instrument.Book.AskCount);
            for (int i = 0; i < count; i++)
            {
                BookLevel level = _instrument.Book.LevelAt(side, i);
                _now[(side, level.Price)] = level.Quantity;
            }
        }
    }

    private List<(Side Side, long Price, long Quantity)> Changes()
    {
        List<(Side, long, long)> changes = [];
        foreach (((Side side, long price), long _) in _shown)
        {
            if (!_now.ContainsKey((side, price)))
            {
                changes.Add((side, price, 0));
            }
        }

        foreach (((Side side, long price), long quantity) in _now)
        {
            if (!_shown.TryGetValue((side, price), out long shown) || shown != quantity)
            {
                changes.Add((side, price, quantity));
            }
        }

        return changes;
    }

    private byte[] Message(string type, Dictionary<(Side Side, long Price), long> levels, long now)
    {
        List<(Side Side, long Price, long Quantity)> list = [];
        foreach (((Side side, long price), long quantity) in levels)
        {
            list.Add((side, price, quantity));
        }

        list.Sort((a, b) => a.Side != b.Side ? a.Side.CompareTo(b.Side)
            : a.Side == Side.Buy ? b.Price.CompareTo(a.Price)
            : a.Price.CompareTo(b.Price));
        return Message(type, list, now);
    }

    private byte[] Message(string type, List<(Side Side, long Price, long Quantity)> levels, long now) => Json.Bytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("topic", _topic);

        // Pairs and the top of books name the time before the type.
        bool timeFirst = _depth == 1 || _instrument.Kind == InstrumentKind.Spot;
        if (timeFirst)
        {
            writer.WriteNumber("ts", now / Millisecond);
        }

        writer.WriteString("type", type);
        if (!timeFirst)
        {
            writer.WriteNumber("ts", now / Millisecond);
        }

        writer.WriteStartObject("data");
        writer.WriteString("s", _instrument.Symbol);
        Levels(writer, "b", Side.Buy, levels);
        Levels(writer, "a", Side.Sell, levels);
        writer.WriteNumber("u", _update);
        writer.WriteNumber("seq", _instrument.Changes);
        writer.WriteEndObject();
        writer.WriteNumber("cts", now / Millisecond);
        writer.WriteEndObject();
    });

    private void Levels(Utf8JsonWriter writer, string name, Side side, List<(Side Side, long Price, long Quantity)> levels)
    {
        writer.WriteStartArray(name);
        foreach ((Side of, long price, long quantity) in levels)
        {
            if (of == side)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(_instrument.PriceText(price));
                writer.WriteStringValue(quantity == 0 ? "0" : _instrument.QuantityText(quantity));
                writer.WriteEndArray();
            }
        }

        writer.WriteEndArray();
    }
}
