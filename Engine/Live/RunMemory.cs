using System;
using System.IO;
using System.Text;
using LowLatency.Core.Risk;
using LowLatency.Journal.Native;

namespace LowLatency.Engine.Live;

/// <summary>
/// What a live run must not forget when its process dies, beside the journal. Two files in its directory: the state to go back
/// to after a halt of its own, and the kill switch.
/// </summary>
/// <remarks>
/// A run halts itself while the account is read and while it stops; the journal cannot tell that from an operator's halt. The
/// file is written before such a halt is said and goes when it is over, so that a cut in between is never worse than a halt that
/// a person must lift.
/// </remarks>
internal sealed class RunMemory(string directory)
{
    /// <summary>Name of the file of the kill switch: whoever makes it kills.</summary>
    internal const string KillName = "KILL";

    private const string ResumeName = "resume";
    private const int LengthMax = 4096;

    private readonly PosixStorage _storage = new();

    /// <summary>True when the kill switch is set by file.</summary>
    internal bool IsKilled => File.Exists(Path.Combine(directory, KillName));

    /// <summary>The state to go back to; none when there is nothing to go back to.</summary>
    internal TradingState Resume
    {
        get
        {
            Span<byte> text = stackalloc byte[LengthMax];
            return DurableFile.Read(_storage, Path.Combine(directory, ResumeName), text, out int length) is not null
                || length > text.Length
                ? TradingState.None
                : Encoding.UTF8.GetString(text[..length]) switch
                {
                    "active\n" => TradingState.Active,
                    "reducing\n" => TradingState.Reducing,
                    _ => TradingState.None,
                };
        }
    }

    /// <summary>Notes the state to go back to; none forgets it.</summary>
    /// <exception cref="IOException">The storage failed.</exception>
    internal void Note(TradingState state)
    {
        string path = Path.Combine(directory, ResumeName);
        if (state == TradingState.None)
        {
            File.Delete(path);
        }
        else
        {
            Replace(path, state == TradingState.Active ? "active\n" : "reducing\n");
        }
    }

    /// <summary>Sets the kill switch durably.</summary>
    /// <param name="reason">Why.</param>
    /// <exception cref="IOException">The storage failed.</exception>
    internal void Kill(string reason)
    {
        if (!IsKilled)
        {
            Replace(Path.Combine(directory, KillName), reason + "\n");
        }
    }

    /// <summary>Releases it.</summary>
    internal void Release() => File.Delete(Path.Combine(directory, KillName));

    private void Replace(string path, string content)
    {
        if (DurableFile.Replace(_storage, path, Encoding.UTF8.GetBytes(content)) is { } error)
        {
            throw new IOException(error.ToString());
        }
    }
}
