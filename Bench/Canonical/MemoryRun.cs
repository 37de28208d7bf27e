using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading;

namespace LowLatency.Bench.Canonical;

/// <summary>What a run of the shipped program holds in memory of its own, after a while of the canonical workload.</summary>
internal static class MemoryRun
{
    private const string Program = "LowLatency.Engine.dll";

    /// <summary>Runs the program as a user does and asks the system.</summary>
    /// <param name="folder">An empty folder for its configuration and journal.</param>
    /// <param name="duration">Wall time after which the memory is read.</param>
    /// <returns>Private bytes (anonymous pages), or null where the system does not tell.</returns>
    internal static long? Measure(string folder, TimeSpan duration)
    {
        if (!File.Exists("/proc/self/status"))
        {
            return null;
        }

        Directory.CreateDirectory(folder);
        string configuration = Path.Combine(folder, "canonical.json");
        File.WriteAllText(configuration, Rig.Text());
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, Program), "run", "-c", configuration, "-o", Path.Combine(folder, "run"),
            },
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("the program could not be started");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            Thread.Sleep(duration);
            return process.HasExited
                ? throw new InvalidOperationException($"the program ended by itself with code {process.ExitCode}")
                : Anonymous(process.Id);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
    }

    private static long Anonymous(int process)
    {
        const string name = "RssAnon:";
        foreach (string line in File.ReadLines($"/proc/{process}/status"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                string kilobytes = line[name.Length..].Trim().Split(' ')[0];
                return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
            }
        }

        throw new InvalidDataException("the system does not tell the memory of a process");
    }
}
