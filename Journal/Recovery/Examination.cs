using LowLatency.Core.Events;
using LowLatency.Journal.Format;

namespace LowLatency.Journal.Recovery;

/// <summary>What an examination is to do.</summary>
/// <param name="Instance">The instance that the segments must belong to; null takes that of the first segment.</param>
/// <param name="From">Records of sealed segments entirely before this number are not read; headers and footers are.</param>
/// <param name="Hashes">Also compares the SHA-256 of every sealed segment whose records are read.</param>
/// <param name="Key">Footers must carry the HMAC of this key; null leaves that unchecked.</param>
/// <param name="Threads">Segments that are read at the same time; the storage must bear it.</param>
/// <param name="Progress">Told of what is read; or null.</param>
internal readonly record struct Examination(
    ushort? Instance,
    long From,
    bool Hashes,
    JournalKey? Key = null,
    int Threads = 1,
    ReadProgress? Progress = null);

/// <summary>A segment as the examination found it.</summary>
internal sealed class ExaminedSegment(string name, SegmentHeader header)
{
    public string Name { get; } = name;

    public SegmentHeader Header { get; } = header;

    public bool IsSealed { get; set; }

    public long Count { get; set; }

    public uint LastCrc { get; set; }

    public Hash32 Hash { get; set; }

    public long NonZeroEnd { get; set; }

    public long Length { get; set; }
}
