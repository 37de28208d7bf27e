using System;
using System.Globalization;
using System.Security.Cryptography;
using LowLatency.Core.Events;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// A secret that makes tampering evident: footers carry an HMAC-SHA256 by it. A CRC, and a SHA-256 too, can be computed
/// again by whoever changes a file; this cannot. The bytes of the file are the key, all of them.
/// </summary>
public sealed class JournalKey : IDisposable
{
    /// <summary>Fewest bytes of a key.</summary>
    public const int BytesMin = 32;

    /// <summary>Most bytes of a key.</summary>
    public const int BytesMax = 1024;

    private const int ReadableByOwner = 0x100;
    private const int WritableByOwner = 0x80;

    private readonly byte[] _bytes;

    private JournalKey(byte[] bytes) => _bytes = bytes;

    /// <summary>Reads a key from a file that only its owner, the present user, can read.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="path">The file; mode 0400 or 0600, no symbolic link.</param>
    /// <param name="key">The key on success.</param>
    /// <returns>Null, or why the key is not used. The message never holds a byte of it.</returns>
    public static string? Load(IStorage storage, string path, out JournalKey? key)
    {
        key = null;
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return "journal key: " + notOpened;
        }

        // Pinned, so that the collector leaves no copy behind, and one byte longer to see a file that is too long.
        byte[] buffer = GC.AllocateArray<byte>(BytesMax + 1, pinned: true);
        try
        {
            using (file!)
            {
                if (file!.Protection(out FileProtection protection) is { } unknown)
                {
                    return "journal key: " + unknown;
                }

                if (Refusal(protection) is { } open)
                {
                    return $"journal key: {path} {open}";
                }

                if (file.ReadFully(0, buffer, out int read) is { } notRead)
                {
                    return "journal key: " + notRead;
                }

                if (read is < BytesMin or > BytesMax)
                {
                    string length = read > BytesMax ? "more than " + BytesMax : read.ToString(CultureInfo.InvariantCulture);
                    return $"journal key: {path} holds {length} bytes, allowed are {BytesMin} to {BytesMax}";
                }

                byte[] bytes = GC.AllocateArray<byte>(read, pinned: true);
                buffer.AsSpan(0, read).CopyTo(bytes);
                key = new JournalKey(bytes);
                return null;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    /// <summary>Overwrites the secret.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    internal Hash32 Sign(ReadOnlySpan<byte> content)
    {
        Hash32 mac = default;
        _ = HMACSHA256.HashData(_bytes, content, mac);
        return mac;
    }

    internal bool Matches(ReadOnlySpan<byte> content, in Hash32 mac)
    {
        Hash32 expected = Sign(content);
        return CryptographicOperations.FixedTimeEquals((ReadOnlySpan<byte>)expected, (ReadOnlySpan<byte>)mac);
    }

    private static string? Refusal(in FileProtection protection) =>
        !protection.IsRegular ? "is not a regular file"
        : !protection.IsOwn ? "belongs to another user"
        : (protection.Mode & ~WritableByOwner) != ReadableByOwner
            ? $"has mode 0{Convert.ToString(protection.Mode, 8).PadLeft(3, '0')}, allowed are 0400 and 0600"
        : null;
}
