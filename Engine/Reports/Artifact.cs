using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LowLatency.Engine.Reports;

/// <summary>
/// A folder with everything that a run came to, which is written once and never changed: its manifest has the SHA-256 of
/// each file, and a file beside it has the manifest's own.
/// </summary>
/// <param name="Directory">The folder.</param>
/// <param name="Result">The result with the manifest of the run.</param>
/// <param name="Configuration">The resolved configuration.</param>
internal sealed record Artifact(string Directory, JsonElement Result, JsonElement Configuration)
{
    /// <summary>Version of the manifest.</summary>
    internal const int Version = 1;

    internal const string ManifestName = "artifact.json";
    internal const string SealName = "artifact.json.sha256";

    private const int HashLength = 64;
    private static readonly SearchValues<char> _digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Writes a folder that is not there yet, and reads it back.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="files">What is in it.</param>
    /// <exception cref="IOException">It is there already, or it could not be written or does not read back as written.</exception>
    internal static void Write(string directory, IReadOnlyList<ReportFile> files)
    {
        string target = Path.GetFullPath(directory);
        if (Path.Exists(target))
        {
            throw new IOException($"{directory}: there is something already; an artifact is never written over");
        }

        string unfinished = target + ".unfinished-" + Guid.NewGuid().ToString("N");
        try
        {
            ReportFiles.Write(unfinished, files);
            byte[] manifest = ManifestOf(files);
            ReportFiles.Write(
                unfinished,
                [
                    new ReportFile(ManifestName, manifest),
                    new ReportFile(SealName, Encoding.ASCII.GetBytes(HashOf(manifest) + "\n")),
                ]);
            try
            {
                Read(unfinished);
            }
            catch (InvalidDataException e)
            {
                throw new IOException($"{directory}: the artifact does not read back as it was written: {e.Message}", e);
            }

            System.IO.Directory.Move(unfinished, target);
        }
        finally
        {
            if (System.IO.Directory.Exists(unfinished))
            {
                System.IO.Directory.Delete(unfinished, recursive: true);
            }
        }
    }

    /// <summary>Reads a folder, after each of its files was found to be what it was.</summary>
    /// <param name="directory">The folder.</param>
    /// <exception cref="InvalidDataException">
    /// It is no artifact; a hash is missing, malformed or wrong; a file is missing or is there that does not belong.
    /// </exception>
    internal static Artifact Read(string directory)
    {
        byte[] manifest = BytesOf(directory, ManifestName);
        string seal = Encoding.ASCII.GetString(BytesOf(directory, SealName)).TrimEnd('\n');
        Check(directory, ManifestName, seal, manifest);
        SortedSet<string> named = new(StringComparer.Ordinal) { ManifestName, SealName };
        using JsonDocument document = Parse(directory, ManifestName, manifest);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("version", out JsonElement version)
            || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number)
            || number != Version
            || !root.TryGetProperty("files", out JsonElement files)
            || files.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException($"{directory}/{ManifestName}: not a manifest of version {Version}");
        }

        foreach (JsonElement file in files.EnumerateArray())
        {
            string name = TextOf(directory, file, "name");
            if (Path.GetFileName(name) != name || !named.Add(name))
            {
                throw new InvalidDataException($"{directory}/{ManifestName}: \"{name}\" is no name of a file, or is there twice");
            }

            Check(directory, name, TextOf(directory, file, "sha256"), BytesOf(directory, name));
        }

        foreach (string path in System.IO.Directory.EnumerateFileSystemEntries(directory))
        {
            if (!named.Contains(Path.GetFileName(path)))
            {
                throw new InvalidDataException($"{path}: the manifest does not know this file");
            }
        }

        foreach (string needed in (string[])[ReportFiles.Result, ReportFiles.Configuration])
        {
            if (!named.Contains(needed))
            {
                throw new InvalidDataException($"{directory}/{ManifestName}: {needed} has no hash");
            }
        }

        return new Artifact(
            directory, Element(directory, ReportFiles.Result), Element(directory, ReportFiles.Configuration));
    }

    private static byte[] ManifestOf(IReadOnlyList<ReportFile> files)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteStartArray("files");
            foreach (ReportFile file in files)
            {
                writer.WriteStartObject();
                writer.WriteString("name", file.Name);
                writer.WriteNumber("bytes", file.Content.Length);
                writer.WriteString("sha256", HashOf(file.Content.Span));
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Check(string directory, string name, string hash, byte[] content)
    {
        if (!IsHash(hash))
        {
            throw new InvalidDataException(
                $"{directory}/{name}: its hash is \"{hash}\"; a SHA-256 of {HashLength} lower-case hexadecimal digits is needed");
        }

        string found = HashOf(content);
        if (found != hash)
        {
            throw new InvalidDataException($"{directory}/{name}: it has changed: its SHA-256 was {hash}, now it is {found}");
        }
    }

    /// <summary>True for the text of a SHA-256.</summary>
    internal static bool IsHash(string text) =>
        text.Length == HashLength && !text.AsSpan().ContainsAnyExcept(_digits);

    private static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] BytesOf(string directory, string name)
    {
        string path = Path.Combine(directory, name);
        return File.Exists(path)
            ? File.ReadAllBytes(path)
            : throw new InvalidDataException($"{path}: there is no such file: {directory} is no artifact, or not all of one");
    }

    private static JsonElement Element(string directory, string name)
    {
        using JsonDocument document = Parse(directory, name, BytesOf(directory, name));
        return document.RootElement.Clone();
    }

    private static JsonDocument Parse(string directory, string name, byte[] content)
    {
        try
        {
            return JsonDocument.Parse(content);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{directory}/{name}: not JSON: {e.Message}", e);
        }
    }

    private static string TextOf(string directory, JsonElement file, string name) =>
        file.ValueKind == JsonValueKind.Object
        && file.TryGetProperty(name, out JsonElement text)
        && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new InvalidDataException($"{directory}/{ManifestName}: a file has no {name}");
}
