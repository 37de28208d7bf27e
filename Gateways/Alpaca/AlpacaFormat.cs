using System;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Alpaca;

/// <summary>What differs between the two formats of Alpaca's streams.</summary>
internal static class AlpacaFormat
{
    /// <summary>True when a message is MessagePack: its first byte is the head of an array or a map, which no text has.</summary>
    internal static bool IsMessagePack(ReadOnlySpan<byte> message) => message.Length > 0 && message[0] >= 0x80;

    /// <summary>Captures a message that is one object and nothing else.</summary>
    internal static bool CaptureWhole(
        ReadOnlySpan<byte> message, bool isMessagePack, ref WireFields fields, FieldNames names)
    {
        if (isMessagePack)
        {
            MessagePackReader reader = new(message);
            return fields.Capture(ref reader, names) && reader.AtEnd;
        }

        JsonCursor cursor = new(message);
        return cursor.Read() && fields.Capture(ref cursor, names) && !cursor.Read() && !cursor.IsFault;
    }

    /// <summary>True when an array holds a text.</summary>
    internal static bool HasText(ReadOnlySpan<byte> message, bool isMessagePack, in WireValue array, ReadOnlySpan<byte> text)
    {
        TextList list = new(message, isMessagePack, array);
        while (list.Next(out ReadOnlySpan<byte> entry))
        {
            if (entry.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Walks over the texts of an array; entries of another kind end the walk.</summary>
    internal ref struct TextList
    {
        private readonly bool _isMessagePack;
        private JsonCursor _cursor;
        private MessagePackReader _reader;
        private int _left;

        internal TextList(ReadOnlySpan<byte> message, bool isMessagePack, in WireValue array)
        {
            _isMessagePack = isMessagePack;
            if (array.Kind != WireKind.Array)
            {
                return;
            }

            if (isMessagePack)
            {
                _reader = new MessagePackReader(message[..(array.Start + array.Length)], array.Start);
                _ = _reader.TryReadArrayHeader(out _left);
            }
            else
            {
                _cursor = new JsonCursor(message, array.Start);
                _left = _cursor.Read() ? 1 : 0;
            }
        }

        internal bool Next(out ReadOnlySpan<byte> text)
        {
            text = default;
            if (_left == 0)
            {
                return false;
            }

            if (_isMessagePack)
            {
                _left--;
                return _reader.TryReadText(out text);
            }

            bool isText = _cursor.Read() && _cursor.Token == JsonToken.Text;
            text = isText ? _cursor.Bytes : default;
            return isText;
        }
    }
}
