using System;
using System.Collections.Generic;
using LowLatency.Core.Formats.MessagePack;

namespace LowLatency.Journal.Recovery;

/// <summary>A dropped part as the repaired journal remembers it.</summary>
/// <param name="Part">What was dropped.</param>
/// <param name="FileHash">SHA-256 of the whole file in the damaged directory, in hex; empty when it cannot be read.</param>
public sealed record NotedPart(DroppedPart Part, string FileHash);

/// <summary>
/// What a repair writes into the journal that it makes, as a blob: what was lost, why that was accepted, and where the
/// bytes still are.
/// </summary>
/// <param name="Reason">The operator's words.</param>
/// <param name="Directory">The damaged directory.</param>
/// <param name="RepairedAt">Nanoseconds since 1970 UTC.</param>
/// <param name="NextSequence">The event that the journal goes on with: everything from it on was dropped.</param>
/// <param name="KnownSequence">The highest sequence that is known to have existed.</param>
/// <param name="Parts">What was dropped.</param>
public sealed record RepairNote(
    string Reason,
    string Directory,
    long RepairedAt,
    long NextSequence,
    long KnownSequence,
    IReadOnlyList<NotedPart> Parts)
{
    private const int Version = 1;

    /// <summary>Parts that a note holds; of more, the first ones, and their number says so.</summary>
    private const int PartsMax = 1024;

    /// <summary>Most characters of a reason.</summary>
    public const int ReasonMax = 1000;

    /// <summary>The note's bytes.</summary>
    /// <returns>MessagePack.</returns>
    public byte[] Write()
    {
        MessagePackWriter writer = new(4096);
        writer.WriteArrayHeader(7);
        writer.WriteInteger(Version);
        writer.WriteText(Reason);
        writer.WriteText(Directory);
        writer.WriteInteger(RepairedAt);
        writer.WriteInteger(NextSequence);
        writer.WriteInteger(KnownSequence);
        int count = Math.Min(Parts.Count, PartsMax);
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            NotedPart noted = Parts[i];
            writer.WriteArrayHeader(5);
            writer.WriteText(noted.Part.File);
            writer.WriteInteger(noted.Part.Offset);
            writer.WriteInteger(noted.Part.Records);
            writer.WriteText(noted.Part.Reason);
            writer.WriteText(noted.FileHash);
        }

        return writer.Written.ToArray();
    }

    /// <summary>Reads a note.</summary>
    /// <param name="content">A blob's content.</param>
    /// <param name="note">The note.</param>
    /// <returns>False when it is none that this build knows.</returns>
    public static bool TryRead(ReadOnlySpan<byte> content, out RepairNote? note)
    {
        note = null;
        MessagePackReader reader = new(content);
        if (!reader.TryReadArrayHeader(out int fields) || fields != 7
            || !reader.TryReadInteger(out long version) || version != Version
            || !Text(ref reader, out string reason)
            || !Text(ref reader, out string directory)
            || !reader.TryReadInteger(out long repairedAt)
            || !reader.TryReadInteger(out long next)
            || !reader.TryReadInteger(out long known)
            || !reader.TryReadArrayHeader(out int count) || count > PartsMax)
        {
            return false;
        }

        List<NotedPart> parts = [];
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadArrayHeader(out int members) || members != 5
                || !Text(ref reader, out string file)
                || !reader.TryReadInteger(out long offset)
                || !reader.TryReadInteger(out long records)
                || !Text(ref reader, out string why)
                || !Text(ref reader, out string hash))
            {
                return false;
            }

            parts.Add(new NotedPart(new DroppedPart(file, offset, records, why), hash));
        }

        note = new RepairNote(reason, directory, repairedAt, next, known, parts);
        return reader.AtEnd;
    }

    private static bool Text(ref MessagePackReader reader, out string text)
    {
        bool read = reader.TryReadText(out ReadOnlySpan<byte> utf8);
        text = read ? System.Text.Encoding.UTF8.GetString(utf8) : string.Empty;
        return read;
    }
}
