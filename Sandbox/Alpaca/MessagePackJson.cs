using System;
using System.Buffers;
using System.Text.Json;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Sandbox.Bybit;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>The same message in the two formats of Alpaca's streams.</summary>
internal static class MessagePackJson
{
    private const int DepthMax = 8;

    /// <summary>A JSON message as MessagePack: text stays text.</summary>
    internal static byte[] Of(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        MessagePackWriter writer = new(json.Length + 16);
        Write(writer, document.RootElement);
        return writer.Written.ToArray();
    }

    /// <summary>Reads an object in either format. False when it is neither.</summary>
    internal static bool TryRead(ReadOnlyMemory<byte> message, out JsonElement element)
    {
        element = default;
        if (message.Length == 0)
        {
            return false;
        }

        if (message.Span[0] < 0x80)
        {
            return BybitRest.TryParse(message, out element);
        }

        MessagePackReader reader = new(message.Span);
        ArrayBufferWriter<byte> buffer = new(message.Length + 16);
        using Utf8JsonWriter writer = new(buffer);
        if (!Copy(ref reader, writer, 0) || !reader.AtEnd)
        {
            return false;
        }

        writer.Flush();
        return BybitRest.TryParse(buffer.WrittenMemory, out element);
    }

    private static void Write(MessagePackWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteMapHeader(element.GetPropertyCount());
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    writer.WriteText(property.Name);
                    Write(writer, property.Value);
                }

                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(element.GetArrayLength());
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                break;
            case JsonValueKind.String:
                writer.WriteText(element.GetString());
                break;
            case JsonValueKind.Number when element.TryGetInt64(out long whole):
                writer.WriteInteger(whole);
                break;
            case JsonValueKind.Number:
                writer.WriteFloat(element.GetDouble());
                break;
            case JsonValueKind.True or JsonValueKind.False:
                writer.WriteBoolean(element.GetBoolean());
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    // What clients send: maps, lists, text, flags, numbers.
    private static bool Copy(ref MessagePackReader reader, Utf8JsonWriter writer, int depth)
    {
        if (depth > DepthMax)
        {
            return false;
        }

        switch (reader.Next)
        {
            case MessagePackKind.Map:
                return CopyMap(ref reader, writer, depth);
            case MessagePackKind.Array:
                if (!reader.TryReadArrayHeader(out int items))
                {
                    return false;
                }

                writer.WriteStartArray();
                for (; items > 0; items--)
                {
                    if (!Copy(ref reader, writer, depth + 1))
                    {
                        return false;
                    }
                }

                writer.WriteEndArray();
                return true;
            case MessagePackKind.Text:
                if (!reader.TryReadText(out ReadOnlySpan<byte> text))
                {
                    return false;
                }

                writer.WriteStringValue(text);
                return true;
            case MessagePackKind.Boolean:
                if (!reader.TryReadBoolean(out bool flag))
                {
                    return false;
                }

                writer.WriteBooleanValue(flag);
                return true;
            case MessagePackKind.WholeNumber:
                if (!reader.TryReadInteger(out long number))
                {
                    return false;
                }

                writer.WriteNumberValue(number);
                return true;
            default:
                return false;
        }
    }

    private static bool CopyMap(ref MessagePackReader reader, Utf8JsonWriter writer, int depth)
    {
        if (!reader.TryReadMapHeader(out int pairs))
        {
            return false;
        }

        writer.WriteStartObject();
        for (; pairs > 0; pairs--)
        {
            if (reader.Next != MessagePackKind.Text || !reader.TryReadText(out ReadOnlySpan<byte> name))
            {
                return false;
            }

            writer.WritePropertyName(name);
            if (!Copy(ref reader, writer, depth + 1))
            {
                return false;
            }
        }

        writer.WriteEndObject();
        return true;
    }
}
