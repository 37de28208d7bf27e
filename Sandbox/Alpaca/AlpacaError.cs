using System;
using System.Text.Json;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Alpaca;

/// <summary>A refusal: the status decides, the code tells more, some have fields of their own.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">The venue's number.</param>
/// <param name="Message">Words.</param>
/// <param name="More">Writes further fields; null for none.</param>
internal sealed record AlpacaError(int Status, int Code, string Message, Action<Utf8JsonWriter>? More = null)
{
    internal static readonly AlpacaError Unauthorized = new(401, 40110000, "request is not authorized");
    internal static readonly AlpacaError TooMany = new(429, 42910000, "rate limit exceeded");

    internal static AlpacaError Invalid(string what) => new(422, 40010001, what);

    internal static AlpacaError Unprocessable(string what) => new(422, 42210000, what);

    internal static AlpacaError NotSimulated(string what) => Unprocessable("the sandbox does not simulate " + what);

    internal static AlpacaError NotFound(string what) => new(404, 40410000, what);

    internal static AlpacaError Forbidden(string what, Action<Utf8JsonWriter>? more = null) => new(403, 40310000, what, more);

    internal RestReply Reply() => Json.Reply(Status, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", Code);
        writer.WriteString("message", Message);
        More?.Invoke(writer);
        writer.WriteEndObject();
    });
}
