using System;
using System.Collections.Generic;
using System.Text.Json;
using LowLatency.Sandbox.Web;

namespace LowLatency.Sandbox.Bybit;

/// <summary>What the WebSockets of Bybit have in common: requests, acknowledgements, pongs.</summary>
internal static class BybitStream
{
    /// <summary>A request of a client.</summary>
    /// <param name="Op">What it wants.</param>
    /// <param name="Id">Its number as it came, raw JSON; null for none.</param>
    /// <param name="Args">Its arguments.</param>
    /// <param name="Root">The whole request.</param>
    internal readonly record struct Request(string Op, string? Id, JsonElement Args, JsonElement Root);

    internal static bool TryRead(ReadOnlyMemory<byte> message, out Request request)
    {
        request = default;
        if (!BybitRest.TryParse(message, out JsonElement root))
        {
            return false;
        }

        _ = root.TryGetProperty("args", out JsonElement args);
        string? id = Json.Text(root, "req_id") ?? Json.Text(root, "reqId");
        request = new Request(Json.Text(root, "op") ?? string.Empty, id, args, root);
        return true;
    }

    internal static List<string> Topics(JsonElement args)
    {
        List<string> topics = [];
        if (args.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in args.EnumerateArray())
            {
                topics.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText());
            }
        }

        return topics;
    }

    /// <summary>Acknowledges a request of the public or private stream.</summary>
    internal static void Acknowledge(Session session, in Request request, string problem, long now)
    {
        Request asked = request;
        session.Send(
            Json.Bytes(writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("success", problem.Length == 0);
                writer.WriteString("ret_msg", problem);
                writer.WriteString("conn_id", session.Name);
                writer.WriteString("req_id", asked.Id ?? string.Empty);
                writer.WriteString("op", asked.Op);
                writer.WriteEndObject();
            }),
            now);
    }
}
