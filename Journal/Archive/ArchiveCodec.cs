using System;
using System.IO;
using System.IO.Compression;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Format;

namespace LowLatency.Journal.Archive;

/// <summary>
/// Packs a block of records. Records of one kind and instrument are alike, so they are laid together and byte by byte:
/// first all first bytes, then all second bytes. zlib then finds what repeats. Measured on a recorded book: 4.3 times
/// smaller without, 5.9 with; unpacking at 1.5 GB a second on one core. Brotli at its middle qualities gains 5 % more and
/// unpacks five times slower, and every command reads archives as they are.
/// </summary>
internal sealed class ArchiveCodec : IDisposable
{
    private const int Row = SegmentLayout.RecordSize;
    private const int Keys = 1 << 16;

    private readonly int _major;
    private readonly int _minor;
    private readonly byte[] _columns = new byte[ArchiveHeader.BlockBytes];
    private readonly int[] _starts = new int[Keys + 1];
    private readonly ushort[] _positions = new ushort[ArchiveHeader.BlockBytes / Row];
    private readonly MemoryStream _packed = new(ArchiveHeader.BlockBytes);

    /// <summary>Creates the codec of a stream.</summary>
    /// <param name="kind">The stream.</param>
    public ArchiveCodec(StreamKind kind) =>
        (_major, _minor) = kind == StreamKind.Audit ? (8, 9) : (26, 24);

    /// <summary>Packs a block.</summary>
    /// <param name="block">Whole records, at most <see cref="ArchiveHeader.BlockBytes"/>.</param>
    /// <returns>The packed bytes; valid until the next call.</returns>
    public ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> block)
    {
        int rows = Rows(block.Length);
        for (int row = 0; row < rows; row++)
        {
            // The two bytes that order the rows stay in the order of the rows: unpacking needs them first.
            _columns[(_major * rows) + row] = block[(row * Row) + _major];
            _columns[(_minor * rows) + row] = block[(row * Row) + _minor];
        }

        Order(rows);
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<byte> bytes = block.Slice(row * Row, Row);
            int at = _positions[row];
            for (int column = 0; column < Row; column++)
            {
                if (column != _major && column != _minor)
                {
                    _columns[(column * rows) + at] = bytes[column];
                }
            }
        }

        _packed.SetLength(0);
        using (ZLibStream zlib = new(_packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(_columns.AsSpan(0, block.Length));
        }

        return _packed.GetBuffer().AsSpan(0, (int)_packed.Length);
    }

    /// <summary>Unpacks a block.</summary>
    /// <param name="packed">What <see cref="Pack"/> gave.</param>
    /// <param name="block">As many bytes as the block had.</param>
    /// <returns>False when the bytes are not the packing of such a block.</returns>
    public bool TryUnpack(ReadOnlySpan<byte> packed, Span<byte> block)
    {
        int rows = Rows(block.Length);
        if (!TryInflate(packed, _columns.AsSpan(0, block.Length)))
        {
            return false;
        }

        Order(rows);
        for (int column = 0; column < Row; column++)
        {
            ReadOnlySpan<byte> plane = _columns.AsSpan(column * rows, rows);
            bool ordered = column != _major && column != _minor;
            int at = column;
            for (int row = 0; row < rows; row++, at += Row)
            {
                block[at] = plane[ordered ? _positions[row] : row];
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _packed.Dispose();

    private static int Rows(int length)
    {
        Ensure.That(length is > 0 and <= ArchiveHeader.BlockBytes && length % Row == 0, "a block is whole records");
        return length / Row;
    }

    private bool TryInflate(ReadOnlySpan<byte> packed, Span<byte> columns)
    {
        try
        {
            _packed.SetLength(0);
            _packed.Write(packed);
            _packed.Position = 0;
            using ZLibStream zlib = new(_packed, CompressionMode.Decompress, leaveOpen: true);
            return zlib.ReadAtLeast(columns, columns.Length, throwOnEndOfStream: false) == columns.Length
                && zlib.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Where each row goes: by its two ordering bytes, rows of equal ones in their order.</summary>
    private void Order(int rows)
    {
        Array.Clear(_starts);
        ReadOnlySpan<byte> major = _columns.AsSpan(_major * rows, rows);
        ReadOnlySpan<byte> minor = _columns.AsSpan(_minor * rows, rows);
        for (int row = 0; row < rows; row++)
        {
            _starts[((major[row] << 8) | minor[row]) + 1]++;
        }

        for (int key = 0; key < Keys; key++)
        {
            _starts[key + 1] += _starts[key];
        }

        for (int row = 0; row < rows; row++)
        {
            _positions[row] = (ushort)_starts[(major[row] << 8) | minor[row]]++;
        }
    }
}
