using System;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Engine.Results;

/// <summary>A run on the generated market that left a journal, on one thread.</summary>
public sealed class RecordedBacktest : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RecordedBacktest()
    {
        Configuration = GeneratedRuns.Configuration(20_000);
        Journal = Path.Combine(_folder.Path, "run");
        Result = GeneratedRuns.Direct(Configuration, Journal);
    }

    internal EngineConfiguration Configuration { get; }

    internal string Journal { get; }

    internal RunResult Result { get; }

    public void Dispose() => _folder.Dispose();
}
