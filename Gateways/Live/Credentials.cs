using System;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Core.Determinism;

namespace LowLatency.Gateways.Live;

/// <summary>
/// A key and its secret. It has no text: nothing prints, logs or journals it. Its bytes do not move in memory and are cleared
/// when it is disposed of.
/// </summary>
public sealed class Credentials : IDisposable
{
    /// <summary>Characters of a key or a secret.</summary>
    public const int LengthMax = 256;

    private readonly byte[] _key;
    private readonly byte[] _secret;

    /// <summary>Takes a key and its secret.</summary>
    /// <param name="key">Printable ASCII, 1 to 256 characters.</param>
    /// <param name="secret">Printable ASCII, 1 to 256 characters.</param>
    public Credentials(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret)
    {
        Ensure.That(IsValid(key) && IsValid(secret), "a key and its secret are 1 to 256 printable ASCII characters each");
        _key = Pinned(key);
        _secret = Pinned(secret);
    }

    /// <summary>The key's name, as requests carry it.</summary>
    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>The secret.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>Takes a key and its secret from text.</summary>
    /// <param name="key">The key.</param>
    /// <param name="secret">The secret.</param>
    /// <returns>The credentials.</returns>
    public static Credentials Of(ReadOnlySpan<char> key, ReadOnlySpan<char> secret)
    {
        Ensure.That(key.Length <= LengthMax && secret.Length <= LengthMax, "a key and its secret have at most 256 characters");
        Span<byte> bytes = stackalloc byte[2 * LengthMax];
        int one = Encoding.Latin1.GetBytes(key, bytes);
        int two = Encoding.Latin1.GetBytes(secret, bytes[one..]);
        Credentials credentials = new(bytes[..one], bytes.Slice(one, two));
        bytes.Clear();
        return credentials;
    }

    /// <summary>True for what can be a key or a secret.</summary>
    /// <param name="text">The bytes.</param>
    /// <returns>Whether they are printable ASCII of 1 to 256 characters.</returns>
    public static bool IsValid(ReadOnlySpan<byte> text) =>
        text.Length is >= 1 and <= LengthMax && !text.ContainsAnyExceptInRange((byte)'!', (byte)'~');

    /// <summary>True when a text holds the key or the secret, or eight characters in a row of the secret.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it must not be shown.</returns>
    public bool AppearsIn(ReadOnlySpan<byte> text)
    {
        const int part = 8;
        if (text.IndexOf(_key) >= 0 || text.IndexOf(_secret) >= 0)
        {
            return true;
        }

        for (int i = 0; i + part <= _secret.Length; i++)
        {
            if (text.IndexOf(_secret.AsSpan(i, part)) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => "credentials (hidden)";

    /// <summary>Clears both.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_secret);
    }

    private static byte[] Pinned(ReadOnlySpan<byte> text)
    {
        byte[] bytes = GC.AllocateArray<byte>(text.Length, pinned: true);
        text.CopyTo(bytes);
        return bytes;
    }
}
