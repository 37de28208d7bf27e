using System;
using System.Security.Cryptography;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;

namespace LowLatency.Gateways.Bybit;

/// <summary>
/// Signs for Bybit with HMAC-SHA256 in lower-case hexadecimal. The key and the secret stay in their credentials, and nothing
/// prints them. Nothing is allocated after construction.
/// </summary>
public sealed class BybitSigner
{
    /// <summary>Characters of a signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>Bytes of a payload that can be signed: a full batch has about 8,000.</summary>
    public const int PayloadMax = 1 << 14;

    private readonly Credentials _credentials;
    private readonly byte[] _text = new byte[PayloadMax + Credentials.LengthMax + (2 * DecimalText.LengthMax)];

    /// <summary>Creates the signer.</summary>
    /// <param name="credentials">The API key and its secret.</param>
    public BybitSigner(Credentials credentials) => _credentials = credentials;

    /// <summary>Creates the signer of a key that is no secret: that of a test, or of an exchange of one's own.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="secret">Its secret.</param>
    public BybitSigner(ReadOnlySpan<char> key, ReadOnlySpan<char> secret)
        : this(Credentials.Of(key, secret))
    {
    }

    /// <summary>The API key, as it stands in a header.</summary>
    public ReadOnlySpan<byte> Key => _credentials.Key;

    /// <summary>Signs a REST request.</summary>
    /// <param name="timestamp">Milliseconds since 1970 UTC, as in the header.</param>
    /// <param name="window">Milliseconds for which the request is good, as in the header.</param>
    /// <param name="payload">The query string without its question mark, or the body: exactly what is sent.</param>
    /// <param name="signature">Gets <see cref="SignatureLength"/> characters.</param>
    /// <returns>False when the payload is too long to be signed.</returns>
    public bool TrySign(long timestamp, int window, ReadOnlySpan<byte> payload, Span<byte> signature)
    {
        BodyWriter text = new(_text);
        text.Number(timestamp);
        text.Raw(Key);
        text.Number(window);
        text.Raw(payload);
        return payload.Length <= PayloadMax && !text.IsFull && Sign(text.Written, signature);
    }

    /// <summary>Writes the authentication of a private or order-entry connection.</summary>
    /// <param name="expires">Milliseconds since 1970 UTC; in the future.</param>
    /// <param name="requestNumber">The request's number, from 1.</param>
    /// <param name="destination">Gets the message.</param>
    /// <returns>Bytes written; 0 when it did not fit.</returns>
    public int WriteAuthentication(long expires, long requestNumber, Span<byte> destination)
    {
        BodyWriter text = new(_text);
        text.Raw("GET/realtime"u8);
        text.Number(expires);
        Span<byte> signature = stackalloc byte[SignatureLength];
        Sign(text.Written, signature);
        BodyWriter body = new(destination);
        body.Raw("{"u8);
        BybitRequests.RequestId(ref body, "req_id"u8, requestNumber);
        body.Pair("op"u8, "auth"u8);
        body.Name("args"u8);
        body.Raw("["u8);
        body.Text(Key);
        body.Raw(","u8);
        body.Number(expires);
        body.Raw(","u8);
        body.Text(signature);
        body.Raw("]}"u8);
        return body.Length;
    }

    private bool Sign(ReadOnlySpan<byte> text, Span<byte> signature)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return HMACSHA256.TryHashData(_credentials.Secret, text, hash, out _)
            && Convert.TryToHexStringLower(hash, signature, out _);
    }
}
