using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;

namespace LowLatency.Engine.Sweeps;

/// <summary>
/// The finished runs of a sweep, one line each, written as they finish. A line that a kill has cut is cut off; what is
/// there is not run again.
/// </summary>
internal sealed class SweepLog : IDisposable
{
    internal const string Name = "runs.jsonl";
    internal const string IdentityName = "sweep.sha256";

    private readonly FileStream _file;

    private SweepLog(FileStream file, Dictionary<string, SweepOutcome> finished)
    {
        _file = file;
        Finished = finished;
    }

    /// <summary>The runs that have finished, by name.</summary>
    internal Dictionary<string, SweepOutcome> Finished { get; }

    /// <summary>Opens the log of a sweep, or begins it.</summary>
    /// <param name="directory">The sweep's directory.</param>
    /// <param name="identity">SHA-256 of all that shapes its results.</param>
    /// <exception cref="InvalidDataException">The directory is another sweep's, or not a sweep's.</exception>
    internal static SweepLog Open(string directory, string identity)
    {
        string marker = Path.Combine(directory, IdentityName);
        if (File.Exists(marker))
        {
            string found = File.ReadAllText(marker).TrimEnd('\n');
            if (found != identity)
            {
                throw new InvalidDataException(
                    $"{directory}: the sweep there is another one: sweep file, configuration, data or build has changed "
                    + $"(its identity was {found}, now it is {identity}); give a new directory");
            }
        }
        else if (Directory.Exists(directory) && Directory.GetFileSystemEntries(directory).Length != 0)
        {
            throw new InvalidDataException($"{directory}: there is something that is no sweep; give a new directory");
        }
        else
        {
            Directory.CreateDirectory(directory);
            string unfinished = marker + ".new";
            File.WriteAllText(unfinished, identity + "\n");
            File.Move(unfinished, marker);
        }

        string path = Path.Combine(directory, Name);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        Dictionary<string, SweepOutcome> finished = Read(path, bytes.AsSpan(0, whole));
        FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        file.SetLength(whole);
        file.Position = whole;
        return new SweepLog(file, finished);
    }

    /// <summary>Keeps a run that has finished.</summary>
    internal void Add(SweepOutcome outcome)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, outcome);
        }

        buffer.Write("\n"u8);
        _file.Write(buffer.WrittenSpan);
        _file.Flush();
        Finished.Add(outcome.Name, outcome);
    }

    /// <summary>Writes a run as a JSON object.</summary>
    internal static void Write(Utf8JsonWriter writer, SweepOutcome outcome)
    {
        writer.WriteStartObject();
        writer.WriteString("run", outcome.Name);
        if (outcome.Refused is not null)
        {
            writer.WriteString("refused", outcome.Refused);
        }

        writer.WriteString("decisionDigest", outcome.Digest);
        writer.WriteBoolean("synthetic", outcome.IsSynthetic);
        writer.WriteStartObject("figures");
        foreach ((string name, string? value) in outcome.Figures)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public void Dispose() => _file.Dispose();

    private static Dictionary<string, SweepOutcome> Read(string path, ReadOnlySpan<byte> lines)
    {
        Dictionary<string, SweepOutcome> finished = new(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            SweepOutcome outcome = Parse(path, line);
            if (!finished.TryAdd(outcome.Name, outcome))
            {
                throw new InvalidDataException($"{path}: {outcome.Name} is there twice");
            }
        }

        return finished;
    }

    private static SweepOutcome Parse(string file, string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            Dictionary<string, string?> figures = new(StringComparer.Ordinal);
            foreach (JsonProperty figure in root.GetProperty("figures").EnumerateObject())
            {
                figures.Add(figure.Name, figure.Value.GetString());
            }

            return new SweepOutcome(
                root.GetProperty("run").GetString()!,
                root.TryGetProperty("refused", out JsonElement refused) ? refused.GetString() : null,
                root.GetProperty("decisionDigest").GetString()!,
                root.GetProperty("synthetic").GetBoolean(),
                figures);
        }
        catch (JsonException e)
        {
            throw NoRun(file, e);
        }
        catch (KeyNotFoundException e)
        {
            throw NoRun(file, e);
        }
        catch (InvalidOperationException e)
        {
            throw NoRun(file, e);
        }
    }

    private static InvalidDataException NoRun(string file, Exception e) =>
        new($"{file}: a line is no run of a sweep: {e.Message}", e);
}
