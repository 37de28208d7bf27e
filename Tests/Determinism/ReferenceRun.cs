using System;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Engine.Results;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Determinism;

/// <summary>One run of the live topology that several tests hold others against.</summary>
public sealed class ReferenceRun : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReferenceRun()
    {
        Configuration = GeneratedRuns.Configuration();
        Journal = Path.Combine(_folder.Path, "run");
        Result = GeneratedRuns.Live(Configuration, Journal);
        Proof = GeneratedRuns.ProofOf(Result, Journal);
    }

    internal EngineConfiguration Configuration { get; }

    internal string Journal { get; }

    internal RunResult Result { get; }

    internal Proof Proof { get; }

    public void Dispose() => _folder.Dispose();
}
