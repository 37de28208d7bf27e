using System;
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LowLatency.Sandbox.Web;

/// <summary>Writes JSON as the venues do: compact, without needless escapes.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using Utf8JsonWriter writer = new(buffer, Options);
        write(writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    internal static RestReply Reply(int status, Action<Utf8JsonWriter> write) => new() { Status = status, Body = Bytes(write) };

    /// <summary>A member that is text; null when it is missing or something else.</summary>
    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            }
            : null;

    /// <summary>A member that is true.</summary>
    internal static bool Flag(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value)
        && (value.ValueKind == JsonValueKind.True || (value.ValueKind == JsonValueKind.String && value.GetString() == "true"));

    /// <summary>A member that is a whole number, written as a number or as text.</summary>
    internal static bool TryWhole(JsonElement element, string name, out long number)
    {
        number = 0;
        return long.TryParse(Text(element, name), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
