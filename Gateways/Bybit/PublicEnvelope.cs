using System;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// The envelope of a public message: topic, type, times, and where the data lies. The order of its fields differs by topic and
/// category and is never relied on.
/// </summary>
internal ref struct PublicEnvelope(ReadOnlySpan<byte> message)
{
    internal const int TopicField = 0;
    internal const int Data = 3;
    internal const int Ts = 2;
    internal const int Cts = 4;
    private const int TypeField = 1;

    private long _ts;
    private long _cts;
    private int _dataAt = -1;
    private bool _wrongTs;
    private bool _wrongCts;

    internal ReadOnlySpan<byte> Message { get; } = message;

    /// <summary>The topic; empty when the message has none.</summary>
    internal ReadOnlySpan<byte> Topic { get; private set; }

    /// <summary>Snapshot or delta.</summary>
    internal ReadOnlySpan<byte> Type { get; private set; }

    /// <summary>True when the topic is an order book's.</summary>
    internal readonly bool IsBook => Topic.StartsWith("orderbook."u8);

    /// <summary>True when the topic is that of prints.</summary>
    internal readonly bool IsPrints => Topic.StartsWith("publicTrade."u8);

    /// <summary>True when the topic is an order book's or has not come yet.</summary>
    internal readonly bool MayBeBook => Topic.IsEmpty || IsBook;

    /// <summary>Takes a field.</summary>
    /// <param name="field">Its number in the list of names.</param>
    /// <param name="cursor">On its value; afterwards on the value's end.</param>
    /// <returns>False at a fault.</returns>
    internal bool Take(int field, ref JsonCursor cursor)
    {
        switch (field)
        {
            case TopicField when cursor.Token == JsonToken.Text && !cursor.IsEscaped:
                Topic = cursor.Bytes;
                return true;
            case TypeField when cursor.Token == JsonToken.Text && !cursor.IsEscaped:
                Type = cursor.Bytes;
                return true;
            case Ts:
                _wrongTs = !TryTime(ref cursor, out _ts);
                return !cursor.IsFault && cursor.Skip();
            case Cts:
                _wrongCts = !TryTime(ref cursor, out _cts);
                return !cursor.IsFault && cursor.Skip();
            case Data:
                _dataAt = cursor.Start;
                return cursor.Skip();
            default:
                return cursor.Skip();
        }
    }

    /// <summary>Notes where the data begins when somebody else reads it.</summary>
    /// <param name="start">Offset of its first byte.</param>
    internal void DataAt(int start) => _dataAt = start;

    /// <summary>A time of the envelope; absent is 0.</summary>
    /// <param name="field">Which.</param>
    /// <param name="time">Nanoseconds since 1970 UTC.</param>
    /// <returns>False when a time of the envelope was none.</returns>
    internal readonly bool TryTime(int field, out long time)
    {
        time = field == Ts ? _ts : _cts;
        return !_wrongTs && !_wrongCts;
    }

    /// <summary>A cursor on the first token of the data.</summary>
    /// <param name="cursor">Standing on it.</param>
    /// <returns>False when there is no data.</returns>
    internal readonly bool TryData(out JsonCursor cursor)
    {
        cursor = new JsonCursor(Message, Math.Max(0, _dataAt));
        return _dataAt >= 0 && cursor.Read();
    }

    private static bool TryTime(ref JsonCursor cursor, out long time)
    {
        time = 0;
        return cursor.Token is JsonToken.Number or JsonToken.Text
            && cursor.Length <= WireNumber.LengthMax
            && cursor.TryDecimal(0, out long milliseconds)
            && WireTime.TryFromMilliseconds(milliseconds, out time);
    }
}
