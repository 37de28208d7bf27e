using System;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>
/// The steady state, in a process with the engine's own runtime settings: after warm-up the hot thread allocates
/// nothing, collects nothing, compiles nothing.
/// </summary>
public sealed class SelfTestTests
{
    [Fact]
    public void Ten_million_events_allocate_and_compile_nothing_on_the_hot_thread()
    {
        Finished finished = EngineProcess.Run("self-test", "--events", "10000000");
        Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        Assert.Contains("hot thread 0 bytes allocated, 0 collections, 0 methods compiled", finished.Output, StringComparison.Ordinal);
        Assert.EndsWith("clean\n", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_strategies_with_every_indicator_allocate_and_compile_nothing_on_the_hot_thread()
    {
        Finished finished = EngineProcess.Run(
            "self-test", "-c", EverythingTests.File, "--events", "1000000", "--warm-up", "1500000");
        Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        Assert.Contains("hot thread 0 bytes allocated, 0 collections, 0 methods compiled", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Measuring_every_hop_allocates_and_compiles_nothing_either()
    {
        Finished finished = EngineProcess.Run("self-test", "--events", "1000000", "--latency", "hops");
        Assert.True(finished.ExitCode == 0, finished.Output + finished.Error);
        Assert.EndsWith("clean\n", finished.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_array_in_a_million_events_fails_the_gate()
    {
        Finished finished = EngineProcess.Run("self-test", "--events", "1500000", "--warm-up", "200000", "--allocate");
        Assert.Equal(1, finished.ExitCode);
        Assert.DoesNotContain("hot thread 0 bytes", finished.Output, StringComparison.Ordinal);
        Assert.EndsWith("NOT CLEAN\n", finished.Output, StringComparison.Ordinal);
    }
}
