using System;
using System.IO;
using Xunit;

namespace LowLatency.Tests.Support;

/// <summary>Finds the checkout and the folder of recorded market data.</summary>
internal static class Repository
{
    /// <summary>The checkout's root folder: the nearest one above the test binaries that holds the solution.</summary>
    internal static string Root { get; } = FindRoot();

    /// <summary>The data folder: LOWLATENCY_DATA, or <c>../shared</c> beside the checkout.</summary>
    internal static string DataFolder { get; } =
        Environment.GetEnvironmentVariable("LOWLATENCY_DATA") is { Length: > 0 } folder
            ? folder
            : Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    /// <summary>A recorded file; the test is skipped, visibly, where it is absent.</summary>
    /// <param name="relative">Path inside the data folder.</param>
    /// <returns>The full path.</returns>
    internal static string RecordedData(string relative)
    {
        string path = Path.Combine(DataFolder, relative);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Skip($"recorded data is not here: {relative} (set LOWLATENCY_DATA)");
        }

        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LowLatency.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("no LowLatency.sln above " + AppContext.BaseDirectory);
    }
}

/// <summary>A folder for one test, deleted at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal TemporaryFolder()
    {
        Path = Directory.CreateTempSubdirectory("lowlatency-test-").FullName;
    }

    internal string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
