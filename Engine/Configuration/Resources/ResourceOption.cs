using System;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// A file that decides with: its resolved form holds what was made of it, so that a journal replays without the file.
/// </summary>
/// <param name="Name">The key.</param>
/// <param name="Kind">What is in the file.</param>
/// <param name="Help">One line.</param>
public sealed record ResourceOption(string Name, ResourceKind Kind, string Help)
    : Option(Name, Help)
{
    /// <inheritdoc/>
    public override string Allowed => "the name of " + Kind.Noun + ", from the folder of the configuration";
}

/// <summary>What a file became, or what is wrong with it.</summary>
/// <param name="Content">What decides; null when there is a problem.</param>
/// <param name="Problem">What is wrong; empty when nothing is.</param>
public sealed record ResourceReading(byte[]? Content, string Problem)
{
    internal static ResourceReading Refused(string problem) => new(null, problem);
}

/// <summary>A kind of file that a configuration may name.</summary>
public abstract class ResourceKind
{
    /// <summary>Bytes of what a file became.</summary>
    public const int ContentMax = 256 << 10;

    /// <summary>What it is, for a message.</summary>
    public abstract string Noun { get; }

    /// <summary>Reads a file, and those that it names.</summary>
    /// <param name="path">The file.</param>
    /// <returns>What decides, the same on every machine from then on.</returns>
    public abstract ResourceReading Load(string path);

    /// <summary>Looks at what a resolved configuration holds.</summary>
    /// <param name="content">What <see cref="Load"/> gave.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public abstract string? Problem(byte[] content);
}

/// <summary>A file as it was resolved.</summary>
internal sealed record ResourceSetting(string Path, bool Valid, string File, ImmutableArray<byte> Content)
    : Setting(Path, Valid)
{
    internal const string FileKey = "file";
    internal const string HashKey = "sha256";
    internal const string ContentKey = "content";

    /// <summary>SHA-256 of the content, in small hexadecimal digits.</summary>
    internal string Hash => Convert.ToHexStringLower(SHA256.HashData(Content.AsSpan()));

    internal override void Write(Utf8JsonWriter writer, bool decisions)
    {
        writer.WriteStartObject();
        if (!decisions)
        {
            writer.WriteString(FileKey, File);
        }

        writer.WriteString(HashKey, Hash);
        writer.WriteString(ContentKey, Base64Url.EncodeToString(Content.AsSpan()));
        writer.WriteEndObject();
    }
}

/// <summary>A file that decided, for the manifest.</summary>
/// <param name="Use">What for.</param>
/// <param name="File">Its name.</param>
/// <param name="Sha256">Of its resolved form.</param>
internal sealed record ResourceUse(string Use, string File, string Sha256);
