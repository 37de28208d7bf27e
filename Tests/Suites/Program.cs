using System;
using System.Threading.Tasks;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace LowLatency.Tests.Suites;

/// <summary>
/// The test program: <c>suite ...</c> runs a long suite, everything else is the test runner's, as in the entry point that
/// it would generate.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["suite", ..])
        {
            return SuiteCommand.Run(args[1..]);
        }

        bool byPlatform = Array.Exists(args, arg => arg is "--server" or "--internal-msbuild-node");
        return byPlatform
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
