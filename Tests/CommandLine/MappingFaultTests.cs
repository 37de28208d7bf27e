using System;
using System.IO;
using LowLatency.Engine.Configuration;
using LowLatency.Journal.Format;
using LowLatency.Tests.Determinism;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>A disk that fails under a mapping ends the process as a crash does: nothing is answered from a page that is not there.</summary>
public sealed class MappingFaultTests : IDisposable
{
    private const int BusError = 128 + 7;
    private const int Abort = 128 + 6;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_into_a_page_that_the_disk_cannot_give_ends_the_process_and_a_restart_recovers()
    {
        EngineConfiguration configuration = GeneratedRuns.Configuration();
        Assert.Equal(Durability.Written, configuration.Session.Journal.Durability);
        string file = Path.Combine(_folder.Path, "configuration.json");
        File.WriteAllBytes(file, configuration.ToCanonicalJson());
        string run = Path.Combine(_folder.Path, "run");
        Finished ended;
        using (EngineProcess process = EngineProcess.Start("run", "-c", file, "-o", run, "--speed", "5"))
        {
            process.WaitForRecord(run, 200);

            // The pages ahead of the journal go away, as they do when the disk answers with an error.
            (string segment, long index) = EngineProcess.LastRecord(run, StreamKind.Journal);
            using FileStream stream = new(segment, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            long page = SegmentLayout.RecordOffset(index) / SegmentLayout.PageSize;
            stream.SetLength((page + 8) * SegmentLayout.PageSize);
            ended = process.Wait();
        }

        Assert.True(ended.ExitCode is BusError or Abort or 128 + 11, $"ended with {ended.ExitCode}: {ended.Error}");
        Finished again = EngineProcess.Run("run", "-c", file, "-o", run);
        Assert.True(again.ExitCode == 0, again.Output + again.Error);
        Assert.Contains("recovered ", again.Output, StringComparison.Ordinal);
        GeneratedRuns.AssertSound(run);
    }
}
