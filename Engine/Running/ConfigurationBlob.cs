using System;
using System.Buffers;
using System.IO;
using System.Text.Json;
using LowLatency.Core.Formats.MessagePack;

namespace LowLatency.Engine.Running;

/// <summary>
/// A configuration as MessagePack, the form in which it stands in a journal: the same maps, lists, texts, whole numbers
/// and booleans as the JSON file.
/// </summary>
internal static class ConfigurationBlob
{
    /// <summary>JSON to MessagePack.</summary>
    /// <param name="json">Valid JSON without fractions: the configuration writes those as text.</param>
    internal static byte[] Write(ReadOnlySpan<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        MessagePackWriter writer = new(json.Length);
        Write(writer, document.RootElement);
        return writer.Written.ToArray();
    }

    /// <summary>MessagePack to JSON.</summary>
    /// <param name="blob">What <see cref="Write(ReadOnlySpan{byte})"/> made.</param>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    internal static byte[] ToJson(ReadOnlySpan<byte> blob)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        MessagePackReader reader = new(blob);
        Read(ref reader, writer);
        if (!reader.AtEnd)
        {
            throw Strange(reader);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
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
            case JsonValueKind.Number:
                writer.WriteInteger(element.GetInt64());
                break;
            case JsonValueKind.True:
            case JsonValueKind.False:
                writer.WriteBoolean(element.GetBoolean());
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    private static void Read(ref MessagePackReader reader, Utf8JsonWriter writer)
    {
        switch (reader.Next)
        {
            case MessagePackKind.Map when reader.TryReadMapHeader(out int pairs):
                writer.WriteStartObject();
                for (int i = 0; i < pairs; i++)
                {
                    if (!reader.TryReadText(out ReadOnlySpan<byte> name))
                    {
                        throw Strange(reader);
                    }

                    writer.WritePropertyName(name);
                    Read(ref reader, writer);
                }

                writer.WriteEndObject();
                break;
            case MessagePackKind.Array when reader.TryReadArrayHeader(out int count):
                writer.WriteStartArray();
                for (int i = 0; i < count; i++)
                {
                    Read(ref reader, writer);
                }

                writer.WriteEndArray();
                break;
            case MessagePackKind.Text when reader.TryReadText(out ReadOnlySpan<byte> text):
                writer.WriteStringValue(text);
                break;
            case MessagePackKind.WholeNumber when reader.TryReadInteger(out long number):
                writer.WriteNumberValue(number);
                break;
            case MessagePackKind.Boolean when reader.TryReadBoolean(out bool flag):
                writer.WriteBooleanValue(flag);
                break;
            case MessagePackKind.Nil when reader.TryReadNil():
                writer.WriteNullValue();
                break;
            default:
                throw Strange(reader);
        }
    }

    private static InvalidDataException Strange(in MessagePackReader reader) =>
        new($"the configuration in the journal is damaged at byte {reader.Position}");
}
