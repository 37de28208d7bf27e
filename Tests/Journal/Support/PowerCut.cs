using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using LowLatency.Core.Determinism;

namespace LowLatency.Tests.Journal.Support;

/// <summary>How a directory entry changed.</summary>
internal enum MetadataKind
{
    Create,
    Delete,
    Rename,
    MakeDirectory,
}

/// <summary>A change of a directory entry that no sync of the directory has made durable yet.</summary>
internal sealed record MetadataChange(MetadataKind Kind, string Path, string? Target, FaultyNode? Node)
{
    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    public void Apply(Dictionary<string, FaultyNode> files, HashSet<string>? directories)
    {
        switch (Kind)
        {
            case MetadataKind.Create:
                files[Path] = Node!;
                break;
            case MetadataKind.Delete:
                _ = files.Remove(Path);
                break;
            case MetadataKind.Rename:
                _ = files.Remove(Path);
                files[Target!] = Node!;
                break;
            case MetadataKind.MakeDirectory:
                _ = directories?.Add(Path);
                break;
        }
    }
}

/// <summary>How often each fate befell something unsynced: a generator that is too tame shows here.</summary>
internal sealed class PowerFates
{
    public long Dropped { get; set; }

    public long Kept { get; set; }

    public long TornSectors { get; set; }

    public long PageImages { get; set; }

    public long Reordered { get; set; }

    public long Zeroed { get; set; }

    public long OldBytes { get; set; }

    public long Intermediate { get; set; }

    public long LengthsLost { get; set; }

    public long EntriesKept { get; set; }

    public long EntriesDropped { get; set; }

    public long EntriesReordered { get; set; }

    public void AddTo(Action<string, long> count)
    {
        count("fate: dropped", Dropped);
        count("fate: kept", Kept);
        count("fate: torn inside 512 bytes", TornSectors);
        count("fate: images torn at 4096 bytes", PageImages);
        count("fate: later write kept, earlier lost", Reordered);
        count("fate: zeroed", Zeroed);
        count("fate: old bytes", OldBytes);
        count("fate: an older write of several", Intermediate);
        count("fate: length lost", LengthsLost);
        count("fate: entry kept", EntriesKept);
        count("fate: entry dropped", EntriesDropped);
        count("fate: later entry kept, earlier lost", EntriesReordered);
    }
}

/// <summary>
/// What a power cut leaves. Each directory entry, each file length and each 512-byte sector that is not behind a sync has
/// a fate of its own: as it was at the last sync, as it is, as it was after any of the writes between, or torn between two
/// of these. In some images a whole page of 4096 bytes shares one fate.
/// </summary>
/// <remarks>
/// The disk is taken to keep what a sync answered for: rewriting a part of a sector does not destroy the rest of it, and
/// a sector that was never written reads as zero or as it was, never as another file's bytes.
/// </remarks>
internal static class PowerCut
{
    private const int Page = 4096;

    /// <summary>An image by dice.</summary>
    public static FaultyStorage Random(FaultyStorage disk, ref Xoshiro256 dice, PowerFates fates)
    {
        Dictionary<string, FaultyNode> files = new(disk.Durable);
        HashSet<string> directories = Durable(disk);

        // Moods, so that everything lost, everything kept and every mixture all occur often.
        long mood = dice.NextBelow(4);
        bool lost = false;
        foreach (MetadataChange change in disk.Pending)
        {
            if (mood == 0 || (mood > 1 && dice.NextBelow(2) == 0))
            {
                fates.EntriesDropped++;
                lost = true;
                continue;
            }

            fates.EntriesKept++;
            fates.EntriesReordered += lost ? 1 : 0;
            change.Apply(files, directories);
        }

        Dictionary<string, FaultyNode> image = new(files.Count);
        foreach (string path in Ordered(files.Keys))
        {
            if (Exists(disk, directories, path))
            {
                FaultyNode node = files[path];
                image[path] = node.IsClean ? FaultyNode.Shared(node.Synced) : FaultyNode.Shared(Torn(node, ref dice, fates));
            }
        }

        return FaultyStorage.Of(image, directories);
    }

    /// <summary>Things whose fate is open: entries, lengths and sectors.</summary>
    public static int Units(FaultyStorage disk)
    {
        int units = disk.Pending.Count;
        foreach (FaultyNode node in Reachable(disk))
        {
            units += node.Bytes.Length != node.Synced.Length ? 1 : 0;
            for (int at = 0; at < node.Bytes.Length; at += FaultyNode.Sector)
            {
                units += IsDirty(node, at) ? 1 : 0;
            }
        }

        return units;
    }

    /// <summary>The image in which exactly the units of a mask are kept, all others as at the last sync.</summary>
    public static FaultyStorage Subset(FaultyStorage disk, ulong kept)
    {
        int unit = 0;
        bool Keeps() => (kept >> unit++ & 1) != 0;
        Dictionary<string, FaultyNode> files = new(disk.Durable);
        HashSet<string> directories = Durable(disk);
        foreach (MetadataChange change in disk.Pending)
        {
            if (Keeps())
            {
                change.Apply(files, directories);
            }
        }

        Dictionary<FaultyNode, FaultyNode> copies = [];
        foreach (FaultyNode node in Reachable(disk))
        {
            bool grown = node.Bytes.Length != node.Synced.Length && Keeps();
            byte[] image = new byte[grown ? node.Bytes.Length : node.Synced.Length];
            node.Synced.AsSpan(0, Math.Min(image.Length, node.Synced.Length)).CopyTo(image);
            for (int at = 0; at < node.Bytes.Length; at += FaultyNode.Sector)
            {
                if (IsDirty(node, at) && Keeps() && at < image.Length)
                {
                    int length = Math.Min(FaultyNode.Sector, image.Length - at);
                    node.Bytes.AsSpan(at, length).CopyTo(image.AsSpan(at));
                }
            }

            copies[node] = FaultyNode.Shared(image);
        }

        Dictionary<string, FaultyNode> result = new(files.Count);
        foreach ((string path, FaultyNode node) in files)
        {
            if (Exists(disk, directories, path))
            {
                result[path] = copies.TryGetValue(node, out FaultyNode? copy) ? copy : FaultyNode.Shared(node.Synced);
            }
        }

        return FaultyStorage.Of(result, directories);
    }

    /// <summary>A directory that nobody made was there before.</summary>
    private static bool Exists(FaultyStorage disk, HashSet<string> directories, string path)
    {
        string directory = Path.GetDirectoryName(path)!;
        return directories.Contains(directory) || !disk.Directories.Contains(directory);
    }

    private static HashSet<string> Durable(FaultyStorage disk)
    {
        HashSet<string> directories = [.. disk.Directories];
        foreach (MetadataChange change in disk.Pending)
        {
            if (change.Kind == MetadataKind.MakeDirectory)
            {
                _ = directories.Remove(change.Path);
            }
        }

        return directories;
    }

    /// <summary>Files that an image can hold, in the order of their names.</summary>
    private static List<FaultyNode> Reachable(FaultyStorage disk)
    {
        SortedDictionary<string, FaultyNode> all = new(StringComparer.Ordinal);
        foreach ((string path, FaultyNode node) in disk.Durable)
        {
            all[path] = node;
        }

        foreach ((string path, FaultyNode node) in disk.Present)
        {
            all[path + "\0"] = node;
        }

        List<FaultyNode> nodes = [];
        foreach (FaultyNode node in all.Values)
        {
            if (!node.IsClean && !nodes.Contains(node))
            {
                nodes.Add(node);
            }
        }

        return nodes;
    }

    private static List<string> Ordered(IEnumerable<string> paths)
    {
        List<string> ordered = [.. paths];
        ordered.Sort(StringComparer.Ordinal);
        return ordered;
    }

    private static bool IsDirty(FaultyNode node, int at)
    {
        int length = Math.Min(FaultyNode.Sector, node.Bytes.Length - at);
        ReadOnlySpan<byte> present = node.Bytes.AsSpan(at, length);
        ReadOnlySpan<byte> old = FaultyNode.Old(node.Synced, at, length);
        return !present[..old.Length].SequenceEqual(old) || present[old.Length..].ContainsAnyExcept((byte)0);
    }

    private static byte[] Torn(FaultyNode node, ref Xoshiro256 dice, PowerFates fates)
    {
        int length = node.Bytes.Length;
        if (length > node.Synced.Length && dice.NextBelow(2) == 0)
        {
            // The length is metadata: an unsynced growth may be lost, wholly or from some block on.
            fates.LengthsLost++;
            int sectors = (length - node.Synced.Length) / FaultyNode.Sector;
            length = node.Synced.Length + (dice.NextBelow(2) == 0 ? 0 : (int)dice.NextBelow(sectors + 1) * FaultyNode.Sector);
        }

        byte[] image = new byte[length];
        node.Synced.AsSpan(0, Math.Min(node.Synced.Length, length)).CopyTo(image);
        int mood = (int)dice.NextBelow(5);
        int step = mood == 4 ? Page : FaultyNode.Sector;
        fates.PageImages += mood == 4 ? 1 : 0;
        bool lost = false;
        for (int at = 0; at < length; at += step)
        {
            long fate = mood switch { 0 => 0, 1 => 1, _ => dice.NextBelow(4) };
            for (int sector = at; sector < Math.Min(at + step, length); sector += FaultyNode.Sector)
            {
                if (!IsDirty(node, sector))
                {
                    continue;
                }

                Span<byte> old = image.AsSpan(sector, Math.Min(FaultyNode.Sector, length - sector));
                lost |= Decide(node, sector, old, mood == 4 ? fate & 1 : fate, ref dice, fates, lost);
            }
        }

        return image;
    }

    /// <returns>True when the sector's newest content is lost.</returns>
    private static bool Decide(
        FaultyNode node, int at, Span<byte> old, long fate, ref Xoshiro256 dice, PowerFates fates, bool lostBefore)
    {
        ReadOnlySpan<byte> fresh = node.Bytes.AsSpan(at, old.Length);
        switch (fate)
        {
            case 0:
                fates.Dropped++;
                bool never = at >= node.Synced.Length;
                fates.Zeroed += never || !old.ContainsAnyExcept((byte)0) ? 1 : 0;
                fates.OldBytes += old.ContainsAnyExcept((byte)0) ? 1 : 0;
                return true;
            case 1:
                fates.Kept++;
                fates.Reordered += lostBefore ? 1 : 0;
                fresh.CopyTo(old);
                return false;
            case 2:
                return ByWrites(node, at, old, ref dice, fates);
            default:
                fates.TornSectors++;
                int cut = (int)dice.NextBelow(old.Length + 1);
                if (dice.NextBelow(2) == 0)
                {
                    fresh[..cut].CopyTo(old);
                }
                else
                {
                    fresh[cut..].CopyTo(old[cut..]);
                }

                return true;
        }
    }

    /// <summary>The sector as it was after some of the writes to it, in their order; stores of a mapping count as last.</summary>
    private static bool ByWrites(FaultyNode node, int at, Span<byte> old, ref Xoshiro256 dice, PowerFates fates)
    {
        int touching = 0;
        foreach ((int offset, byte[] data) in node.Writes)
        {
            touching += offset < at + old.Length && offset + data.Length > at ? 1 : 0;
        }

        int done = (int)dice.NextBelow(touching + 1);
        fates.Intermediate += done > 0 && done < touching ? 1 : 0;
        foreach ((int offset, byte[] data) in node.Writes)
        {
            if (offset < at + old.Length && offset + data.Length > at && done-- > 0)
            {
                int from = Math.Max(offset, at);
                int to = Math.Min(offset + data.Length, at + old.Length);
                data.AsSpan(from - offset, to - from).CopyTo(old[(from - at)..]);
            }
        }

        return true;
    }
}
