using System;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Gateways.Live;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Network;

/// <summary>Where keys come from: a file that nobody else may read, or two variables of the environment. Nowhere else.</summary>
internal static class CredentialSource
{
    private const int ReadableByOwner = 0x100;

    private const int FileMax = 2 * Credentials.LengthMax + 8;

    /// <summary>Reads a key file: the key on its first line, the secret on its second.</summary>
    /// <param name="path">The file; its mode must be 0400, and it must be the present user's own.</param>
    /// <param name="credentials">The credentials.</param>
    /// <param name="storage">Where the file lies; the file system when not given.</param>
    /// <returns>What is wrong, without a word of what the file holds; null when nothing is.</returns>
    internal static string? TryFile(string path, out Credentials? credentials, IStorage? storage = null)
    {
        credentials = null;
        if ((storage ?? new PosixStorage()).Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return notOpened.Name switch
            {
                "ENOENT" => $"the key file {path} does not exist",
                "ELOOP" => $"the key file {path} is a link; it must be a file",
                _ => $"the key file {path} cannot be opened: {notOpened}",
            };
        }

        byte[] bytes = GC.AllocateArray<byte>(FileMax + 1, pinned: true);
        try
        {
            using (file!)
            {
                if (file!.Protection(out FileProtection protection) is { } unknown)
                {
                    return $"the key file {path} cannot be looked at: {unknown}";
                }

                if (Refusal(path, protection) is { } open)
                {
                    return open;
                }

                if (file.ReadFully(0, bytes, out int length) is { } notRead)
                {
                    return $"the key file {path} cannot be read: {notRead}";
                }

                ReadOnlySpan<byte> text = bytes.AsSpan(0, Math.Min(length, FileMax));
                int end = text.IndexOf((byte)'\n');
                ReadOnlySpan<byte> key = end < 0 ? default : text[..end].TrimEnd((byte)'\r');
                ReadOnlySpan<byte> secret = end < 0 ? default : text[(end + 1)..].TrimEnd("\r\n"u8);
                if (length > FileMax || !Credentials.IsValid(key) || !Credentials.IsValid(secret))
                {
                    return $"the key file {path} must hold two lines, the key and the secret, of 1 to {Credentials.LengthMax} printable characters each";
                }

                credentials = new Credentials(key, secret);
                return null;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Reads two variables of the environment.</summary>
    /// <param name="prefix">What their names begin with; KEY and SECRET follow.</param>
    /// <param name="credentials">The credentials.</param>
    /// <returns>What is wrong, without a word of what they hold; null when nothing is.</returns>
    internal static string? TryEnvironment(string prefix, out Credentials? credentials)
    {
        credentials = null;
        string? key = Environment.GetEnvironmentVariable(prefix + "KEY");
        string? secret = Environment.GetEnvironmentVariable(prefix + "SECRET");
        if (key is null || secret is null)
        {
            return $"the variables {prefix}KEY and {prefix}SECRET are not both set";
        }

        if (!Credentials.IsValid(Encoding.UTF8.GetBytes(key)) || !Credentials.IsValid(Encoding.UTF8.GetBytes(secret)))
        {
            return $"{prefix}KEY and {prefix}SECRET must have 1 to {Credentials.LengthMax} printable characters each";
        }

        credentials = Credentials.Of(key, secret);
        return null;
    }

    private static string? Refusal(string path, in FileProtection protection) =>
        !protection.IsRegular ? $"the key file {path} is not a regular file"
        : !protection.IsOwn ? $"the key file {path} belongs to another user"
        : protection.Mode != ReadableByOwner
            ? $"the key file {path} has mode {Convert.ToString(protection.Mode, 8)}; it must be 400: chmod 400 {path}"
        : null;
}
