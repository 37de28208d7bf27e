using System;
using System.Collections.Immutable;
using System.Security.Cryptography;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Formats.MessagePack;

namespace LowLatency.Journal.Snapshots;

/// <summary>
/// A snapshot as bytes: a MessagePack map with the keys below in this order, and behind it 32 bytes (MessagePack binary)
/// of SHA-256 over everything before them.
/// </summary>
public static class SnapshotEncoding
{
    /// <summary>Version of the header and of the way in which sections lie in the file.</summary>
    public const int FormatVersion = 1;

    /// <summary>A larger file is refused before it is read: 512 MiB.</summary>
    public const int MaximumBytes = 1 << 29;

    /// <summary>Most sections.</summary>
    public const int SectionsMax = 16;

    /// <summary>Longest name of a section.</summary>
    public const int NameMax = 32;

    private const int HashBytes = 32;

    // Two bytes say "binary, 32 bytes".
    private const int TrailerBytes = 2 + HashBytes;

    private const int Keys = 11;

    /// <summary>Writes a snapshot.</summary>
    /// <param name="writer">Is emptied first; its room is kept between snapshots.</param>
    /// <param name="snapshot">What to write.</param>
    public static void Write(MessagePackWriter writer, Snapshot snapshot)
    {
        Hash32 build = snapshot.BuildHash;
        Hash32 configuration = snapshot.ConfigurationHash;
        writer.Reset();
        writer.WriteMapHeader(Keys);
        writer.WriteText("format"u8);
        writer.WriteInteger(FormatVersion);
        writer.WriteText("instance"u8);
        writer.WriteInteger(snapshot.Instance);
        writer.WriteText("epoch"u8);
        writer.WriteInteger(snapshot.Epoch);
        writer.WriteText("sequence"u8);
        writer.WriteInteger(snapshot.Sequence);
        writer.WriteText("crc"u8);
        writer.WriteUnsigned(snapshot.Crc);
        writer.WriteText("build"u8);
        writer.WriteBinary(build);
        writer.WriteText("configuration"u8);
        writer.WriteBinary(configuration);
        writer.WriteText("state"u8);
        Write(writer, snapshot.State);
        writer.WriteText("decisions"u8);
        Write(writer, snapshot.Decisions);
        writer.WriteText("nextAuditRecord"u8);
        writer.WriteInteger(snapshot.NextAuditRecord);
        writer.WriteText("sections"u8);
        Ensure.That(snapshot.Sections.Length <= SectionsMax, "a snapshot has more sections than the limit");
        writer.WriteMapHeader(snapshot.Sections.Length);
        foreach (SnapshotSection section in snapshot.Sections)
        {
            Ensure.That(section.Name.Length is >= 1 and <= NameMax, "a section's name is longer than the limit");
            writer.WriteText(section.Name);
            writer.WriteArrayHeader(2);
            writer.WriteInteger(section.Version);
            writer.WriteBinary(section.Data.Span);
        }

        Ensure.That(writer.Written.Length <= MaximumBytes - TrailerBytes, "a snapshot is larger than the limit");
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(writer.Written, hash);
        writer.WriteBinary(hash);
    }

    /// <summary>Reads a snapshot. No input makes it throw.</summary>
    /// <param name="file">The whole file; sections are slices of it.</param>
    /// <param name="snapshot">The snapshot on success.</param>
    /// <returns>Null, or why it is none.</returns>
    public static string? Read(ReadOnlyMemory<byte> file, out Snapshot? snapshot)
    {
        snapshot = null;
        if (file.Length <= TrailerBytes)
        {
            return "too short for a snapshot";
        }

        ReadOnlyMemory<byte> content = file[..^TrailerBytes];
        MessagePackReader trailer = new(file.Span[^TrailerBytes..]);
        if (!trailer.TryReadBinary(out ReadOnlySpan<byte> stored) || !trailer.AtEnd)
        {
            return "it does not end in a SHA-256";
        }

        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(content.Span, hash);
        return stored.SequenceEqual(hash) ? ReadContent(content, out snapshot) : "SHA-256 differs";
    }

    private static string? ReadContent(ReadOnlyMemory<byte> content, out Snapshot? snapshot)
    {
        snapshot = null;
        MessagePackReader reader = new(content.Span);
        if (!reader.TryReadMapHeader(out int keys) || !TryNumber(ref reader, "format"u8, 1, int.MaxValue, out long format))
        {
            return Damaged(reader);
        }

        if (format != FormatVersion)
        {
            return $"snapshot format {format}; this build reads {FormatVersion}";
        }

        if (keys != Keys
            || !TryNumber(ref reader, "instance"u8, 0, ushort.MaxValue, out long instance)
            || !TryNumber(ref reader, "epoch"u8, 1, int.MaxValue, out long epoch)
            || !TryNumber(ref reader, "sequence"u8, 0, long.MaxValue - 1, out long sequence)
            || !TryNumber(ref reader, "crc"u8, 0, uint.MaxValue, out long crc)
            || !TryHash(ref reader, "build"u8, out Hash32 build)
            || !TryHash(ref reader, "configuration"u8, out Hash32 configuration)
            || !TryDigest(ref reader, "state"u8, out Digest state)
            || !TryDigest(ref reader, "decisions"u8, out Digest decisions)
            || !TryNumber(ref reader, "nextAuditRecord"u8, 0, long.MaxValue, out long nextAuditRecord)
            || !TrySections(ref reader, content, out ImmutableArray<SnapshotSection> sections)
            || !reader.AtEnd)
        {
            return Damaged(reader);
        }

        snapshot = new Snapshot
        {
            Instance = (ushort)instance,
            Epoch = (int)epoch,
            Sequence = sequence,
            Crc = (uint)crc,
            BuildHash = build,
            ConfigurationHash = configuration,
            State = state,
            Decisions = decisions,
            NextAuditRecord = nextAuditRecord,
            Sections = sections,
        };
        return null;
    }

    private static void Write(MessagePackWriter writer, in Digest digest)
    {
        writer.WriteArrayHeader(2);
        writer.WriteUnsigned(digest.High);
        writer.WriteUnsigned(digest.Low);
    }

    private static bool TryKey(ref MessagePackReader reader, ReadOnlySpan<byte> key) =>
        reader.TryReadText(out ReadOnlySpan<byte> text) && text.SequenceEqual(key);

    private static bool TryNumber(
        ref MessagePackReader reader, ReadOnlySpan<byte> key, long minimum, long maximum, out long value)
    {
        value = 0;
        return TryKey(ref reader, key)
            && reader.TryReadInteger(out value)
            && value >= minimum
            && value <= maximum;
    }

    private static bool TryHash(ref MessagePackReader reader, ReadOnlySpan<byte> key, out Hash32 hash)
    {
        hash = default;
        if (!TryKey(ref reader, key) || !reader.TryReadBinary(out ReadOnlySpan<byte> bytes) || bytes.Length != HashBytes)
        {
            return false;
        }

        bytes.CopyTo(hash);
        return true;
    }

    private static bool TryDigest(ref MessagePackReader reader, ReadOnlySpan<byte> key, out Digest digest)
    {
        digest = default;
        if (!TryKey(ref reader, key)
            || !reader.TryReadArrayHeader(out int count)
            || count != 2
            || !reader.TryReadUnsigned(out ulong high)
            || !reader.TryReadUnsigned(out ulong low))
        {
            return false;
        }

        digest = new Digest(high, low);
        return true;
    }

    private static bool TrySections(
        ref MessagePackReader reader, ReadOnlyMemory<byte> content, out ImmutableArray<SnapshotSection> sections)
    {
        sections = [];
        if (!TryKey(ref reader, "sections"u8) || !reader.TryReadMapHeader(out int count) || count > SectionsMax)
        {
            return false;
        }

        ImmutableArray<SnapshotSection>.Builder found = ImmutableArray.CreateBuilder<SnapshotSection>(count);
        for (int i = 0; i < count; i++)
        {
            if (reader.Next != MessagePackKind.Text
                || !reader.TryReadText(out ReadOnlySpan<byte> name)
                || name.Length is 0 or > NameMax
                || !reader.TryReadArrayHeader(out int parts)
                || parts != 2
                || !reader.TryReadInteger(out long version)
                || version is < 1 or > int.MaxValue
                || !reader.TryReadBinary(out ReadOnlySpan<byte> data))
            {
                return false;
            }

            found.Add(new SnapshotSection(
                System.Text.Encoding.UTF8.GetString(name),
                (int)version,
                content.Slice(reader.Position - data.Length, data.Length)));
        }

        sections = found.MoveToImmutable();
        return true;
    }

    private static string Damaged(in MessagePackReader reader) => $"it is no snapshot: damaged at byte {reader.Position}";
}
