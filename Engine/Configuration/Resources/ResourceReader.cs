using System;
using System.Buffers.Text;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text.Json;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>Reads what a configuration says of a file: its name, or the resolved form.</summary>
internal sealed class ResourceReader
{
    private readonly string? _directory;

    /// <param name="directory">The folder that names start from; null where only resolved forms may stand.</param>
    internal ResourceReader(string? directory) => _directory = directory;

    /// <summary>Reads the value of an option.</summary>
    /// <param name="kind">What the file holds.</param>
    /// <param name="element">The value.</param>
    /// <param name="file">The file's name as it was given.</param>
    internal ResourceReading Read(ResourceKind kind, JsonElement element, out string file)
    {
        file = string.Empty;
        ResourceReading reading = element.ValueKind switch
        {
            JsonValueKind.String when Text(element) is { Length: > 0 } name => Named(kind, file = name),
            JsonValueKind.Object => Resolved(kind, element, out file),
            _ => ResourceReading.Refused("neither a name nor a resolved form"),
        };
        return reading.Content is { Length: > ResourceKind.ContentMax } content
            ? ResourceReading.Refused(string.Create(
                CultureInfo.InvariantCulture,
                $"it became {content.Length} bytes; at most {ResourceKind.ContentMax} are allowed"))
            : reading;
    }

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }
    }

    private static ResourceReading Resolved(ResourceKind kind, JsonElement element, out string file)
    {
        file = Member(element, ResourceSetting.FileKey) ?? string.Empty;
        string? hash = Member(element, ResourceSetting.HashKey);
        string? content = Member(element, ResourceSetting.ContentKey);
        if (file.Length == 0 || hash is null || content is null || element.GetPropertyCount() != 3
            || !Base64Url.IsValid(content, out int length))
        {
            return ResourceReading.Refused("a resolved form has file, sha256 and content, and nothing else");
        }

        byte[] bytes = new byte[length];
        Base64Url.DecodeFromChars(content, bytes);
        string found = Convert.ToHexStringLower(SHA256.HashData(bytes));
        if (!string.Equals(found, hash, StringComparison.Ordinal))
        {
            return ResourceReading.Refused($"its content has the SHA-256 {found}, not {hash}");
        }

        return kind.Problem(bytes) is { } problem
            ? ResourceReading.Refused(problem)
            : new ResourceReading(bytes, string.Empty);
    }

    private static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? Text(value) : null;

    private ResourceReading Named(ResourceKind kind, string name)
    {
        if (_directory is null)
        {
            return ResourceReading.Refused("a file can only be named in a configuration that is a file itself");
        }

        string path = Path.Combine(_directory, name);
        if (!File.Exists(path))
        {
            return ResourceReading.Refused($"there is no file {path}");
        }

        ResourceReading reading = kind.Load(path);
        return reading.Content is not null && kind.Problem(reading.Content) is { } problem
            ? ResourceReading.Refused(problem)
            : reading;
    }
}
