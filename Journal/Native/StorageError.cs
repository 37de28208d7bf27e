using System.Globalization;

namespace LowLatency.Journal.Native;

/// <summary>
/// What a system call answered when it failed. It is data, not an exception: for a file that is being written it is
/// final, and the owner of the file decides to halt.
/// </summary>
/// <param name="Call">The system call, for example <c>fdatasync</c>.</param>
/// <param name="Path">The file or directory.</param>
/// <param name="Errno">The error number.</param>
public sealed record StorageError(string Call, string Path, int Errno)
{
    /// <summary>The error's name, for example <c>EIO</c>.</summary>
    public string Name => Native.Errno.Name(Errno);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Call} {Path}: {Name} ({Errno})");
}
