using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using LowLatency.Gateways.Live;

namespace LowLatency.Engine.Network;

/// <summary>Where keys come from: a file that nobody else may read, or two variables of the environment. Nowhere else.</summary>
internal static class CredentialSource
{
    private const int FileMax = 2 * Credentials.LengthMax + 8;

    /// <summary>Reads a key file: the key on its first line, the secret on its second.</summary>
    /// <param name="path">The file; its mode must be 0400.</param>
    /// <param name="credentials">The credentials.</param>
    /// <returns>What is wrong, without a word of what the file holds; null when nothing is.</returns>
    internal static string? TryFile(string path, out Credentials? credentials)
    {
        credentials = null;
        FileInfo file = new(path);
        if (!file.Exists)
        {
            return $"the key file {path} does not exist";
        }

        if (file.LinkTarget is not null)
        {
            return $"the key file {path} is a link; it must be a file";
        }

        if (!OperatingSystem.IsWindows() && file.UnixFileMode != UnixFileMode.UserRead)
        {
            return $"the key file {path} has mode {Convert.ToString((int)file.UnixFileMode, 8)}; it must be 400: chmod 400 {path}";
        }

        byte[] bytes = GC.AllocateArray<byte>(FileMax + 1, pinned: true);
        try
        {
            using FileStream stream = file.OpenRead();
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
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
}
