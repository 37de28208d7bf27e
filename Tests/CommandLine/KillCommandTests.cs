using System;
using System.IO;
using System.Text;
using System.Threading;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Live;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>A kill says yes only when the run has proven it: every doubt is said, and ends with another code than zero.</summary>
public sealed class KillCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_no_run_answers_nothing_was_cancelled_and_the_answer_is_no()
    {
        Finished finished = EngineProcess.Run("kill", _folder.Path, "--reason", "a drill");
        Assert.Equal(1, finished.ExitCode);
        Assert.Contains("no run answers here", finished.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing was cancelled", finished.Output, StringComparison.Ordinal);
        Assert.True(new RunMemory(_folder.Path).IsKilled, "the next run would trade");
    }

    [Theory]
    [InlineData("""{"killProven":false}""", 1)]
    [InlineData("""{"phase":"Halted"}""", 1)]
    [InlineData("", 1)]
    [InlineData("""{"killProven":true}""", 0)]
    public void A_run_that_does_not_prove_it_in_time_is_not_believed(string status, int code)
    {
        KillLatch latch = new();
        RunMemory memory = new(_folder.Path);
        using LiveControl control = new(_folder.Path, memory, latch, () => Encoding.UTF8.GetBytes(status), _ => { });
        if (!OperatingSystem.IsWindows())
        {
            // Nobody else of this machine can ask or kill.
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LiveControl.PathOf(_folder.Path)));
        }

        Finished finished = EngineProcess.Run("kill", _folder.Path, "--reason", "a drill", "--wait", "2");
        Assert.True(code == finished.ExitCode, finished.Output + finished.Error);
        Assert.True(latch.IsSet && memory.IsKilled, "the switch is not set");
        Assert.Equal("a drill", control.Reason);
        Assert.Equal(code == 0, finished.Output.Contains("proven   the venue shows no order of ours", StringComparison.Ordinal));
        Assert.Equal(code != 0, finished.Error.Contains("it is not proven that nothing works at the venue: look there", StringComparison.Ordinal));
    }

    /// <summary>A run that proves it later than at once is waited for.</summary>
    [Fact]
    public void The_proof_is_waited_for()
    {
        int asked = 0;
        using LiveControl control = new(
            _folder.Path,
            new RunMemory(_folder.Path),
            new KillLatch(),
            () => Interlocked.Increment(ref asked) < 5 ? """{"killProven":false}"""u8.ToArray() : """{"killProven":true}"""u8.ToArray(),
            _ => { });
        Finished finished = EngineProcess.Run("kill", _folder.Path);
        Assert.Equal(0, finished.ExitCode);
        Assert.InRange(asked, 5, int.MaxValue);
    }

    [Theory]
    [InlineData("--wait", "0", "allowed are 1 to 3600 seconds")]
    [InlineData("--wait", "3601", "allowed are 1 to 3600 seconds")]
    [InlineData("--reason", " ", "1 to 400 characters")]
    public void What_cannot_be_meant_is_refused_and_kills_nothing(string option, string value, string said)
    {
        Finished finished = EngineProcess.Run("kill", _folder.Path, option, value);
        Assert.Equal(2, finished.ExitCode);
        Assert.Contains(said, finished.Error, StringComparison.Ordinal);
        Assert.False(new RunMemory(_folder.Path).IsKilled);
        Assert.Equal(2, EngineProcess.Run("kill", Path.Combine(_folder.Path, "absent")).ExitCode);
    }
}
