using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using LowLatency.Journal.Format;
using Xunit;

namespace LowLatency.Tests.CommandLine;

/// <summary>How an engine process ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Error);

/// <summary>The engine as its users start it: a process with its own runtime settings.</summary>
internal sealed partial class EngineProcess : IDisposable
{
    internal const int Killed = 128 + 9;
    private const int Interrupt = 2;
    private const int User = 10;
    private const int Termination = 15;
    private const int Continue = 18;
    private const int Stop = 19;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(180);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private int _commandLines;

    private EngineProcess(
        IReadOnlyDictionary<string, string>? environment, string[] arguments, params ReadOnlySpan<string> under)
    {
        string[] words = [.. under, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "LowLatency.Engine.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            Append(_output, line.Data);
            if (line.Data?.StartsWith("command ", StringComparison.Ordinal) == true)
            {
                Interlocked.Increment(ref _commandLines);
            }
        };
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>Lines so far that say a command.</summary>
    internal int CommandLines => Volatile.Read(ref _commandLines);

    internal static EngineProcess Start(params string[] arguments) => new(null, arguments);

    internal static Finished Run(params string[] arguments) => Run(null, arguments);

    /// <summary>Runs the engine as the child of a tool.</summary>
    internal static Finished RunUnder(string[] tool, params string[] arguments)
    {
        using EngineProcess process = new(null, arguments, tool);
        return process.Wait();
    }

    internal static Finished Run(IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using EngineProcess process = new(environment, arguments);
        return process.Wait();
    }

    /// <summary>Waits for the end; a process that does not end fails the test.</summary>
    internal Finished Wait()
    {
        if (!_process.WaitForExit(_patience))
        {
            _process.Kill();
            Assert.Fail("the engine does not end; it said: " + Output);
        }

        // The second wait is for the last lines.
        _process.WaitForExit();
        lock (_output)
        {
            lock (_error)
            {
                return new Finished(_process.ExitCode, _output.ToString(), _error.ToString());
            }
        }
    }

    /// <summary>SIGKILL: no handler, no flush, no goodbye.</summary>
    internal Finished KillNow()
    {
        _process.Kill();
        return Wait();
    }

    /// <summary>SIGINT, as from the keyboard.</summary>
    internal void Ask() => Assert.Equal(0, Signal(_process.Id, IsInterruptIgnored() ? Termination : Interrupt));

    /// <summary>A process that a shell put into the background ignores SIGINT, and so does every process that it starts.</summary>
    private static bool IsInterruptIgnored()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("SigIgn:", StringComparison.Ordinal))
            {
                ulong ignored = ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                return (ignored & (1UL << (Interrupt - 1))) != 0;
            }
        }

        return false;
    }

    /// <summary>SIGUSR1.</summary>
    internal void SignalUser() => Assert.Equal(0, Signal(_process.Id, User));

    /// <summary>SIGSTOP: it does nothing any more, and does not know.</summary>
    internal void Freeze() => Assert.Equal(0, Signal(_process.Id, Stop));

    /// <summary>SIGCONT: it goes on where it was.</summary>
    internal void Thaw() => Assert.Equal(0, Signal(_process.Id, Continue));

    /// <summary>SIGTERM, as from a supervisor.</summary>
    internal void Terminate() => Assert.Equal(0, Signal(_process.Id, Termination));

    internal static EngineProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        new(environment, arguments);

    /// <summary>Waits until the journal of a running engine has a record of this number.</summary>
    internal void WaitForRecord(string journal, long number)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasRecord(journal, number))
        {
            Assert.False(_process.HasExited && !HasRecord(journal, number), "the engine ended early: " + Output + _error);
            Assert.True(Stopwatch.GetElapsedTime(start) < _patience, "the engine does not get to record " + number);
            Thread.Yield();
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>The last segment of a stream that holds a record, and the index of its last record that is not zero.</summary>
    internal static (string File, long Index) LastRecord(string directory, StreamKind kind)
    {
        string[] segments = Directory.GetFiles(directory, SegmentLayout.Name(kind, 0).Split('-')[0] + "-*.seg");
        Array.Sort(segments, StringComparer.Ordinal);
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            byte[] bytes = File.ReadAllBytes(segments[i]);
            if (bytes.Length <= 2 * SegmentLayout.PageSize)
            {
                continue;
            }

            int last = bytes.AsSpan(SegmentLayout.PageSize..^SegmentLayout.PageSize).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
            {
                return (segments[i], last / SegmentLayout.RecordSize);
            }
        }

        throw new InvalidOperationException("no record in " + directory);
    }

    private static bool HasRecord(string journal, long number)
    {
        if (!Directory.Exists(journal))
        {
            return false;
        }

        string[] segments = Directory.GetFiles(journal, "journal-*.seg");
        Array.Sort(segments, StringComparer.Ordinal);
        Span<byte> record = stackalloc byte[SegmentLayout.RecordSize];
        for (int i = segments.Length - 1; i >= 0; i--)
        {
            if (!SegmentLayout.TryParseName(StreamKind.Journal, Path.GetFileName(segments[i]), out long first)
                || first > number)
            {
                continue;
            }

            try
            {
                using FileStream file = new(segments[i], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                file.Position = SegmentLayout.RecordOffset(number - first);
                return file.Read(record) == record.Length && record.ContainsAnyExcept((byte)0);
            }
            catch (FileNotFoundException)
            {
                // The engine that is watched removed an unused segment between the listing and the look.
                return false;
            }
        }

        return false;
    }

    private static void Append(StringBuilder builder, string? line)
    {
        if (line is not null)
        {
            lock (builder)
            {
                builder.Append(line).Append('\n');
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);
}
