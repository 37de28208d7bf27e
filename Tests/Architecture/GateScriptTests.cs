using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Versioning;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// The gate that every change passes: it fails when a test fails, when tests were lost, when nothing was counted, when the demo
/// fails and when a piece is over its budget. The script runs here with a stand-in for the SDK that says what a case says.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class GateScriptTests : IDisposable
{
    private static readonly string Gate = Path.Combine(Repository.Root, ".ci");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0, 0, 0, 0, 0, true)]
    [InlineData(1, 0, 0, 0, 0, true)]
    [InlineData(-1, 0, 0, 0, 0, false)]
    [InlineData(0, 1, 1, 0, 0, false)]
    [InlineData(0, 0, 1, 0, 0, false)]
    [InlineData(0, 0, 0, 1, 0, false)]
    [InlineData(0, 0, 0, 0, 1, false)]
    public void It_is_green_only_when_everything_is(int beyondFloor, int failed, int testCode, int demoCode, int gateCode, bool isGreen)
    {
        int floor = int.Parse(File.ReadAllText(Path.Combine(Gate, "floor")), System.Globalization.CultureInfo.InvariantCulture);
        (int code, string output) = Run(
            $"Passed!  - Failed: {failed,5}, Passed: {floor + beyondFloor - failed,5}, Skipped:     0, Total: {floor + beyondFloor,5}, Duration: 1 s",
            testCode,
            demoCode,
            gateCode);
        Assert.True(isGreen == (code == 0), output);
        Assert.Equal(beyondFloor < 0, output.Contains("the committed floor is", StringComparison.Ordinal));
        Assert.Matches(@"\d+ passed, \d+ failed, 0 skipped\n$", output);
    }

    [Fact]
    public void Without_counts_it_is_not_green()
    {
        (int code, string output) = Run("the build was quiet", 0, 0, 0);
        Assert.NotEqual(0, code);
        Assert.Contains("gave no counts", output, StringComparison.Ordinal);
    }

    /// <summary>A floor far below what there is would let tests go unnoticed.</summary>
    [Fact]
    public void The_floor_is_not_far_below_what_there_is()
    {
        int floor = int.Parse(File.ReadAllText(Path.Combine(Gate, "floor")), System.Globalization.CultureInfo.InvariantCulture);
        int rows = 0;
        foreach (MethodInfo method in typeof(GateScriptTests).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false })
            .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttributes<FactAttribute>().Any()))
        {
            // A theory counts at least as many rows as it has data written beside it; what comes from members comes on top.
            rows += Math.Max(1, method.GetCustomAttributes<InlineDataAttribute>().Count());
        }

        Assert.InRange(floor, rows * 3 / 4, int.MaxValue);
    }

    private (int Code, string Output) Run(string counts, int testCode, int demoCode, int gateCode)
    {
        string sdk = Path.Combine(_folder.Path, "dotnet");
        File.WriteAllText(
            sdk,
            $"""
            #!/bin/sh
            case "$*" in
              test*) echo "{counts}"; exit {testCode};;
              *"--project Engine"*) exit {demoCode};;
              *"--project Bench"*) exit {gateCode};;
              restore*) exit 0;;
              *) echo "unexpected: $*" >&2; exit 99;;
            esac
            """);
        File.SetUnixFileMode(sdk, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProcessStartInfo start = new("/bin/bash", [Path.Combine(Gate, "run")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = _folder.Path + ":" + Environment.GetEnvironmentVariable("PATH");
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(120_000), "the gate does not end");
        return (process.ExitCode, error.GetAwaiter().GetResult() + output);
    }
}
