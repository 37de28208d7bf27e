using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace LowLatency.Bench.Canonical;

/// <summary>What the figures were measured on. No host name, no path: a report may be published.</summary>
/// <param name="Cpu">Model and family, as the system tells.</param>
/// <param name="Cores">Processors that the process may use.</param>
/// <param name="Kernel">Name and version of the system.</param>
/// <param name="Runtime">The runtime's version.</param>
/// <param name="PinnedTo">Processor of the measuring thread, -1 for none.</param>
internal sealed record Machine(string Cpu, int Cores, string Kernel, string Runtime, int PinnedTo)
{
    /// <summary>A folder name: CPU and cores.</summary>
    internal string Slug
    {
        get
        {
            Span<char> text = stackalloc char[Math.Min(Cpu.Length, 40)];
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = char.IsAsciiLetterOrDigit(Cpu[i]) ? char.ToLowerInvariant(Cpu[i]) : '-';
            }

            return $"{text.Trim('-')}-{Cores}c";
        }
    }

    internal static Machine Read()
    {
        string model = CpuInfo("model name");
        string family = CpuInfo("cpu family");
        return new Machine(
            family.Length == 0 ? model : $"{model} family {family} model {CpuInfo("model")}",
            Environment.ProcessorCount,
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            HotThread.Cpu);
    }

    private static string CpuInfo(string key)
    {
        if (File.Exists("/proc/cpuinfo"))
        {
            foreach (string line in File.ReadLines("/proc/cpuinfo"))
            {
                string[] parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
                if (parts.Length == 2 && parts[0] == key)
                {
                    return parts[1];
                }
            }
        }

        return key == "model name" ? RuntimeInformation.ProcessArchitecture.ToString() : string.Empty;
    }
}

/// <summary>Processor time that others took while something was measured.</summary>
/// <param name="Others">Processors busy with other processes, on average; null where the system does not tell.</param>
/// <param name="Steal">Processors that the host took away, on average.</param>
internal sealed record Disturbance(double? Others, double? Steal);

/// <summary>Measures <see cref="Disturbance"/> from its creation on.</summary>
internal sealed class DisturbanceWatch
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly (double Busy, double Steal)? _before = Read();
    private readonly double _own = Own();

    internal Disturbance Stop()
    {
        double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        if (_before is not { } before || Read() is not { } after || seconds <= 0)
        {
            return new Disturbance(null, null);
        }

        double others = after.Busy - before.Busy - (Own() - _own);
        return new Disturbance(
            Math.Round(Math.Max(0, others / seconds), 3), Math.Round((after.Steal - before.Steal) / seconds, 4));
    }

    private static double Own()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>Seconds of all processors since boot: busy (steal not counted) and stolen.</summary>
    private static (double Busy, double Steal)? Read()
    {
        const double TicksPerSecond = 100;
        if (!File.Exists("/proc/stat"))
        {
            return null;
        }

        using StreamReader reader = new("/proc/stat");
        string[] words = (reader.ReadLine() ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // cpu user nice system idle iowait irq softirq steal ...
        return words.Length < 9 || words[0] != "cpu"
            ? null
            : ((Word(1) + Word(2) + Word(3) + Word(6) + Word(7)) / TicksPerSecond, Word(8) / TicksPerSecond);

        double Word(int index) => double.Parse(words[index], CultureInfo.InvariantCulture);
    }
}
