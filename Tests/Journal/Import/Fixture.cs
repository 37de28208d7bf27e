using System;
using System.IO;
using System.IO.Compression;
using System.Text;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Journal.Import;

/// <summary>Writes small inputs as the sources would.</summary>
internal sealed class Fixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal string Path(string relative)
    {
        string path = System.IO.Path.Combine(_folder.Path, relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    internal string Plain(string relative, params string[] lines) => Bytes(relative, Text(lines));

    internal string Bytes(string relative, byte[] content)
    {
        string path = Path(relative);
        File.WriteAllBytes(path, content);
        return path;
    }

    internal string Gzip(string relative, params string[] lines)
    {
        using MemoryStream memory = new();
        using (GZipStream gzip = new(memory, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Text(lines));
        }

        return Bytes(relative, memory.ToArray());
    }

    internal string Zip(string relative, params string[] lines) => ZipOf(relative, ("data.csv", Text(lines)));

    internal string ZipOf(string relative, params (string Name, byte[] Content)[] entries)
    {
        using MemoryStream memory = new();
        using (ZipArchive archive = new(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return Bytes(relative, memory.ToArray());
    }

    internal static byte[] Text(params string[] lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");

    public void Dispose() => _folder.Dispose();
}
