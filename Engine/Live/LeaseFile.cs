using System;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace LowLatency.Engine.Live;

/// <summary>What a lease says of its run.</summary>
internal enum LeaseState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has ended as it was meant to: what works at the venue is meant to.</summary>
    Ended,

    /// <summary>It has ended, and it is not proven that nothing works.</summary>
    Unproven,
}

/// <summary>A lease as it was read.</summary>
/// <param name="Epoch">The run.</param>
/// <param name="Process">Its process.</param>
/// <param name="Beat">Rises with every sign of life.</param>
/// <param name="State">What it says.</param>
internal readonly record struct LeaseReading(int Epoch, int Process, long Beat, LeaseState State)
{
    /// <summary>The line that a file has.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch:D10} {Process:D10} {Beat:D19} {State,-8}\n");
}

/// <summary>
/// The file by which a run shows another process that it lives: one line of a fixed length that is written over again and again. Its
/// reader counts time by its own clock, from the last change that it saw.
/// </summary>
internal static class LeaseFile
{
    /// <summary>Name of the file in a run's directory.</summary>
    internal const string Name = "lease";

    private const int LengthMax = 128;

    /// <summary>Writes a lease.</summary>
    /// <param name="file">The file.</param>
    /// <param name="lease">What it says.</param>
    /// <exception cref="IOException">The storage failed.</exception>
    internal static void Write(SafeFileHandle file, in LeaseReading lease) =>
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(lease.ToString()), 0);

    /// <summary>Reads a lease. What is no lease, or cannot be read, is none.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The lease, or null.</returns>
    internal static LeaseReading? Read(string path)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            Span<byte> bytes = stackalloc byte[LengthMax];
            int length = RandomAccess.Read(file, bytes, 0);
            string[] words = Encoding.ASCII.GetString(bytes[..length]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length >= 4
                && int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
                && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long beat)
                && Enum.TryParse(words[3].TrimEnd('\n'), out LeaseState state)
                ? new LeaseReading(epoch, process, beat, state)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
