using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Core.Formats;

/// <summary>
/// Runs the scripts of <c>Tests/npm</c>, which hold our formats against other people's implementations. Where node or
/// its packages cannot be had the test is skipped and says why; committed fixtures cover the reading of theirs.
/// </summary>
internal static class NodeInterop
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Either a folder with scripts and packages, or the reason why there is none; found once for all tests.
    private static readonly Lazy<(string Folder, string? Reason)> Prepared = new(Prepare);

    private static string Source => Path.Combine(Repository.Root, "Tests", "npm");

    /// <summary>A committed fixture.</summary>
    /// <param name="name">File name.</param>
    /// <returns>The full path.</returns>
    internal static string Fixture(string name) => Path.Combine(Source, "fixtures", name);

    /// <summary>Runs a script; skips the test where that is not possible.</summary>
    /// <param name="script">File name.</param>
    /// <param name="mode">Its argument.</param>
    /// <param name="input">Its standard input.</param>
    /// <returns>Its standard output.</returns>
    internal static byte[] Run(string script, string mode, byte[] input)
    {
        if (Prepared.Value.Reason is { } reason)
        {
            Assert.Skip(reason);
        }

        (int code, byte[] output, string errors) = Start("node", [script, mode], Prepared.Value.Folder, input);
        Assert.True(code == 0, $"{script} {mode} ended with {code}: {errors}");
        return output;
    }

    private static (string Folder, string? Reason) Prepare()
    {
        try
        {
            (int found, _, string errors) = Start("node", ["--version"], Source, []);
            if (found != 0)
            {
                return (string.Empty, "node does not run: " + errors);
            }

            if (Directory.Exists(Path.Combine(Source, "node_modules")))
            {
                return (Source, null);
            }

            string copy = Directory.CreateTempSubdirectory("lowlatency-npm-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(copy, recursive: true);
            foreach (string file in Directory.GetFiles(Source))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            string[] install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
            (int installed, _, string why) = Start("npm", install, copy, []);
            return installed == 0 ? (copy, null) : (string.Empty, "npm ci failed in a copy of Tests/npm: " + why);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or TimeoutException)
        {
            return (string.Empty, "no node or npm here: " + e.Message);
        }
    }

    private static (int Code, byte[] Output, string Errors) Start(
        string program, string[] arguments, string folder, byte[] input)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using MemoryStream output = new();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        Task sent = Task.Run(() =>
        {
            try
            {
                process.StandardInput.BaseStream.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading everything: its exit code tells.
            }
        });
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {arguments[0]} took longer than {Patience.TotalSeconds} s");
        }

        Task.WaitAll([copied, errors, sent], CancellationToken.None);
        return (process.ExitCode, output.ToArray(), errors.Result);
    }
}
