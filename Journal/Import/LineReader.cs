using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace LowLatency.Journal.Import;

/// <summary>
/// The lines of a plain, gzip or zip file, one at a time, in a buffer that never grows beyond <see cref="LineMax"/>.
/// What the container can prove (lengths, checksums) is proved when its end is reached.
/// </summary>
internal sealed class LineReader : IDisposable
{
    /// <summary>Bytes of one line. The largest real message, a snapshot of a full book, has about 100,000.</summary>
    internal const int LineMax = 8 << 20;

    private const int BufferInitial = 1 << 17;

    private readonly FileStream _file;
    private readonly ZipArchive? _archive;
    private readonly ZipArchiveEntry? _entry;
    private readonly Stream _text;
    private byte[] _buffer = new byte[BufferInitial];
    private int _start;
    private int _end;
    private bool _ended;
    private readonly uint _declaredCrc;
    private readonly long _declaredBytes;
    private uint _crc;
    private long _textBytes;

    internal LineReader(string path)
    {
        Path = path;
        try
        {
            _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImportException(path, 0, "file", e.Message, "a file that can be read", e);
        }

        try
        {
            BytesTotal = _file.Length;
            Container = ContainerOf(_file);
            if (Container == Container.Zip)
            {
                (_archive, _entry) = OnlyEntry();
                (_declaredCrc, _declaredBytes) = (_entry.Crc32, _entry.Length);
                _text = _entry.Open();
            }
            else if (Container == Container.Gzip)
            {
                (_declaredCrc, _declaredBytes) = GzipTrailer();
                _text = new GZipStream(_file, CompressionMode.Decompress);
            }
            else
            {
                _text = _file;
            }
        }
        catch (InvalidDataException e)
        {
            _file.Dispose();
            throw new ImportException(
                path, 0, "file", e.Message, $"an intact {Container.ToString().ToLowerInvariant()} file", e);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    internal string Path { get; }

    internal Container Container { get; }

    /// <summary>1-based number of the line read last.</summary>
    internal long Line { get; private set; }

    internal long BytesTotal { get; }

    internal long BytesRead => _ended ? BytesTotal : Math.Min(_file.CanRead ? _file.Position : BytesTotal, BytesTotal);

    /// <summary>True when the last line read ended with a line feed.</summary>
    internal bool Terminated { get; private set; }

    /// <summary>SHA-256 of a file as it lies on disk.</summary>
    internal static string Sha256(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Reads the next line.</summary>
    /// <param name="line">Without its end; valid until the next call.</param>
    /// <returns>False at the end.</returns>
    internal bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            ReadOnlySpan<byte> unread = _buffer.AsSpan(_start, _end - _start);
            int feed = unread[searched..].IndexOf((byte)'\n');
            if (feed >= 0)
            {
                line = unread[..(searched + feed)];
                _start += line.Length + 1;
                Terminated = true;
                return Ended(ref line);
            }

            searched = unread.Length;
            if (_ended)
            {
                line = unread;
                _start = _end;
                Terminated = false;
                return searched > 0 && Ended(ref line);
            }

            Fill();
        }
    }

    public void Dispose()
    {
        _text.Dispose();
        _archive?.Dispose();
        _file.Dispose();
    }

    private bool Ended(ref ReadOnlySpan<byte> line)
    {
        Line++;
        if (line.Length > 0 && line[^1] == (byte)'\r')
        {
            line = line[..^1];
        }

        if (line.Length == 0)
        {
            throw new ImportException(Path, Line, string.Empty, string.Empty, "no empty line");
        }

        return true;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= LineMax)
            {
                throw new ImportException(
                    Path,
                    Line + 1,
                    string.Empty,
                    Encoding.ASCII.GetString(_buffer, 0, 40),
                    $"a line of at most {LineMax} bytes");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read;
        try
        {
            read = _text.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new ImportException(Path, Line + 1, "file", e.Message, "an intact file", e);
        }

        if (Container != Container.Plain)
        {
            _crc = Crc32.Append(_crc, _buffer.AsSpan(_end, read));
        }

        _textBytes += read;
        _end += read;
        if (read == 0)
        {
            _ended = true;
            CheckEnd();
        }
    }

    private void CheckEnd()
    {
        // Gzip counts its bytes in 32 bits.
        long counted = Container == Container.Gzip ? (uint)_textBytes : _textBytes;
        if (Container != Container.Plain && (counted != _declaredBytes || _crc != _declaredCrc))
        {
            throw new ImportException(
                Path,
                Line + 1,
                "file",
                $"{counted} bytes with CRC {_crc:x8}",
                $"the {_declaredBytes} bytes with CRC {_declaredCrc:x8} that the file itself declares");
        }
    }

    /// <summary>
    /// CRC and length at the end of a gzip file. The runtime takes a file that lacks them for whole, so they are
    /// compared here; a file of several gzip members is refused by that.
    /// </summary>
    private (uint Crc, long Bytes) GzipTrailer()
    {
        const int smallest = 18;
        Span<byte> trailer = stackalloc byte[8];
        if (_file.Length < smallest)
        {
            throw new InvalidDataException($"{_file.Length} bytes");
        }

        _file.Position = _file.Length - trailer.Length;
        _file.ReadExactly(trailer);
        _file.Position = 0;
        return (
            BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]));
    }

    private (ZipArchive Archive, ZipArchiveEntry Entry) OnlyEntry()
    {
        ZipArchive archive = new(_file, ZipArchiveMode.Read, leaveOpen: true);
        ZipArchiveEntry? only = null;
        int files = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            // A folder has an entry without a name.
            if (entry.Name.Length > 0)
            {
                only = entry;
                files++;
            }
        }

        if (files != 1)
        {
            archive.Dispose();
            throw new ImportException(Path, 0, "file", $"zip archive of {files} files", "a zip archive of one file");
        }

        return (archive, only!);
    }

    private static Container ContainerOf(FileStream file)
    {
        Span<byte> magic = stackalloc byte[4];
        int length = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b ? Container.Gzip
            : length == 4 && magic[0] == (byte)'P' && magic[1] == (byte)'K' ? Container.Zip
            : Container.Plain;
    }
}

/// <summary>How a file wraps its text.</summary>
internal enum Container
{
    Plain,
    Gzip,
    Zip,
}
