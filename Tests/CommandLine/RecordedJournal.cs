using System;
using System.IO;
using LowLatency.Core.Events;
using LowLatency.Engine.Configuration;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.CommandLine;

/// <summary>One recorded run of several segments, for the tests that only look at it, and copies for those that do more.</summary>
public sealed class RecordedJournal : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _copies;

    /// <summary>Records the run.</summary>
    public RecordedJournal()
    {
        Configuration = GeneratedRuns.Configuration(20_000, root => root["session"]!["journal"]!["segmentMiB"] = 1);
        Run = Path.Combine(_folder.Path, "run");
        GeneratedRuns.Direct(Configuration, Run);
        using JournalReader reader = new(new LowLatency.Journal.Native.PosixStorage(), Run);
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            Events++;
        }
    }

    /// <summary>The run's directory; only to be looked at.</summary>
    public string Run { get; }

    /// <summary>Its events.</summary>
    public long Events { get; }

    internal EngineConfiguration Configuration { get; }

    /// <summary>A path that does not exist yet.</summary>
    /// <param name="name">Part of its name.</param>
    /// <returns>The path.</returns>
    public string New(string name) => Path.Combine(_folder.Path, name + ++_copies);

    /// <summary>A copy of the run to be changed.</summary>
    /// <returns>Its directory.</returns>
    public string Copy()
    {
        string copy = New("copy");
        GeneratedRuns.CopyFiles(Run, copy);
        return copy;
    }

    /// <summary>The run's configuration, changed or not, as a file.</summary>
    /// <param name="change">What to change.</param>
    /// <returns>The file.</returns>
    public string ConfigurationFile(Action<System.Text.Json.Nodes.JsonNode>? change = null)
    {
        string file = New("configuration") + ".json";
        System.Text.Json.Nodes.JsonNode root = System.Text.Json.Nodes.JsonNode.Parse(Configuration.ToCanonicalJson())!;
        change?.Invoke(root);
        File.WriteAllText(file, root.ToJsonString());
        return file;
    }

    /// <summary>Changes one byte.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="first">First record of the segment.</param>
    /// <param name="offset">Where in the file.</param>
    /// <param name="kind">The stream.</param>
    internal static void Flip(string directory, long first, long offset, StreamKind kind = StreamKind.Journal)
    {
        using FileStream file = new(
            Path.Combine(directory, SegmentLayout.Name(kind, first)), FileMode.Open, FileAccess.ReadWrite);
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 1));
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();
}
