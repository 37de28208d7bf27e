using System;
using System.Globalization;
using System.IO;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading;
using LowLatency.Sandbox;

namespace LowLatency.Engine.Live;

/// <summary>
/// Asks an address of this machine whether the sandbox is there. That it is of this machine proves nothing by itself: what
/// listens there may pass orders on to a venue.
/// </summary>
internal static class SandboxProof
{
    private const int AnswerMax = 4_096;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    /// <summary>Asks.</summary>
    /// <param name="address">An address of requests or of a stream.</param>
    /// <returns>True when the sandbox itself answers there, on this machine.</returns>
    internal static bool IsThere(Uri address)
    {
        if (!address.IsLoopback)
        {
            return false;
        }

        string nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        string scheme = address.Scheme is "https" or "wss" ? "https" : "http";
        Uri question = new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{address.Authority}/sandbox/identity?nonce={nonce}"));
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            MaxResponseContentBufferSize = AnswerMax,
        };
        using CancellationTokenSource deadline = new(_patience);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, question);
            using HttpResponseMessage answer = client.Send(request, deadline.Token);
            using Stream body = answer.Content.ReadAsStream(deadline.Token);
            using JsonDocument document = JsonDocument.Parse(body);
            return answer.IsSuccessStatusCode && Says(document, "exchange", SandboxServer.Name) && Says(document, "nonce", nonce);
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Says(JsonDocument document, string name, string text) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.String
        && value.ValueEquals(text);
}
