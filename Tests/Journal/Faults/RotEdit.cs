using System;
using System.Collections.Generic;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Tests.Journal.Support;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>One piece of damage.</summary>
internal sealed record RotEdit(string Name, string Detail)
{
    private static readonly (string Name, Maker Make)[] Makers =
    [
        ("bytes overwritten", Overwrite),
        ("range zeroed", Zero),
        ("range copied within a file", CopyRange),
        ("records swapped", SwapRecords),
        ("record duplicated over another", DuplicateRecord),
        ("record removed, the rest moved up", RemoveRecord),
        ("record inserted, the rest moved down", InsertRecord),
        ("file truncated", Truncate),
        ("file extended", Extend),
        ("file deleted", Delete),
        ("file renamed", Rename),
        ("file copied under another name", Duplicate),
        ("two files exchanged", Exchange),
        ("records exchanged between files", ExchangeRecords),
        ("foreign file", Foreign),
        ("file from an earlier state", Earlier),
        ("one bit flipped", Bit),
        ("several bits flipped", Bits),
        ("header or footer page wiped", Wipe),
        ("last files deleted", DeleteLast),
        ("tail zeroed", ZeroTail),
    ];

    private delegate string Maker(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice);

    public static IEnumerable<string> Names
    {
        get
        {
            foreach ((string name, _) in Makers)
            {
                yield return name;
            }
        }
    }

    public static RotEdit Make(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        (string name, Maker make) = Makers[dice.NextBelow(Makers.Length)];
        return new RotEdit(name, sample.Name + ": " + make(sample, disk, ref dice));
    }

    private static string Any(FaultyStorage disk, ref Xoshiro256 dice, bool segments = false)
    {
        List<string> paths = [];
        foreach (string path in disk.Paths)
        {
            if (!segments || path.EndsWith(".seg", StringComparison.Ordinal))
            {
                paths.Add(path);
            }
        }

        paths.Sort(StringComparer.Ordinal);
        return paths[(int)dice.NextBelow(paths.Count)];
    }

    private static (int From, int Length) Range(byte[] content, ref Xoshiro256 dice)
    {
        int from = (int)dice.NextBelow(content.Length);
        int longest = (int)(dice.NextBelow(3) switch { 0 => 8, 1 => 600, _ => content.Length });
        return (from, 1 + (int)dice.NextBelow(Math.Min(longest, content.Length - from)));
    }

    private static string Overwrite(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] content = disk.Content(path);
        (int from, int length) = Range(content, ref dice);
        for (int i = 0; i < length; i++)
        {
            content[from + i] = (byte)dice.Next();
        }

        return $"{path} {from}+{length}";
    }

    private static string Zero(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] content = disk.Content(path);
        (int from, int length) = Range(content, ref dice);
        content.AsSpan(from, length).Clear();
        return $"{path} {from}+{length}";
    }

    private static string CopyRange(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] content = disk.Content(path);
        (int from, int length) = Range(content, ref dice);
        int to = (int)dice.NextBelow(content.Length - length + 1);
        byte[] taken = content[from..(from + length)];
        taken.CopyTo(content, to);
        return $"{path} {from}+{length} to {to}";
    }

    private static Span<byte> Record(byte[] content, ref Xoshiro256 dice, out int index)
    {
        int records = (content.Length - (2 * SegmentLayout.PageSize)) / SegmentLayout.RecordSize;
        index = (int)dice.NextBelow(records);
        return content.AsSpan((int)SegmentLayout.RecordOffset(index), SegmentLayout.RecordSize);
    }

    private static string SwapRecords(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        Span<byte> one = Record(content, ref dice, out int first);
        Span<byte> two = Record(content, ref dice, out int second);
        byte[] kept = one.ToArray();
        two.CopyTo(one);
        kept.CopyTo(two);
        return $"{path} {first} and {second}";
    }

    private static string DuplicateRecord(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        Span<byte> one = Record(content, ref dice, out int first);
        Record(content, ref dice, out int second).CopyTo(one);
        return $"{path} {second} over {first}";
    }

    private static string RemoveRecord(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        _ = Record(content, ref dice, out int index);
        int at = (int)SegmentLayout.RecordOffset(index);
        int end = content.Length - SegmentLayout.PageSize;
        content.AsSpan((at + SegmentLayout.RecordSize)..end).CopyTo(content.AsSpan(at));
        content.AsSpan(end - SegmentLayout.RecordSize, SegmentLayout.RecordSize).Clear();
        return $"{path} {index}";
    }

    private static string InsertRecord(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        _ = Record(content, ref dice, out int index);
        int at = (int)SegmentLayout.RecordOffset(index);
        int end = content.Length - SegmentLayout.PageSize;
        byte[] moved = content[at..(end - SegmentLayout.RecordSize)];
        moved.CopyTo(content, at + SegmentLayout.RecordSize);
        return $"{path} {index}";
    }

    private static string Truncate(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        int length = (int)dice.NextBelow(disk.Peek(path).Length);
        disk.Put(path, disk.Peek(path)[..length].ToArray());
        return $"{path} to {length}";
    }

    private static string Extend(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] more = new byte[1 + dice.NextBelow(5000)];
        if (dice.NextBelow(2) == 0)
        {
            more[^1] = 1;
        }

        disk.Put(path, [.. disk.Peek(path), .. more]);
        return $"{path} by {more.Length}";
    }

    private static string Delete(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        disk.Remove(path);
        return path;
    }

    private static string OtherName(FaultyStorage disk, string path, ref Xoshiro256 dice)
    {
        string folder = JournalFixture.Folder;
        return dice.NextBelow(4) switch
        {
            0 => Any(disk, ref dice),
            1 => Path.Combine(folder, SegmentLayout.Name(StreamKind.Journal, dice.NextBelow(200))),
            2 => Path.Combine(folder, SegmentLayout.Name(StreamKind.Audit, dice.NextBelow(200))),
            _ => path + (dice.NextBelow(2) == 0 ? ".bak" : "0"),
        };
    }

    private static string Rename(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        string to = OtherName(disk, path, ref dice);
        byte[] content = disk.Peek(path).ToArray();
        disk.Remove(path);
        disk.Put(to, content);
        return $"{path} to {to}";
    }

    private static string Duplicate(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        string to = OtherName(disk, path, ref dice);
        disk.Put(to, disk.Peek(path).ToArray());
        return $"{path} to {to}";
    }

    private static string Exchange(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string one = Any(disk, ref dice);
        string two = Any(disk, ref dice);
        byte[] kept = disk.Peek(one).ToArray();
        disk.Put(one, disk.Peek(two).ToArray());
        disk.Put(two, kept);
        return $"{one} and {two}";
    }

    private static string ExchangeRecords(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string one = Any(disk, ref dice, segments: true);
        string two = Any(disk, ref dice, segments: true);
        Span<byte> left = Record(disk.Content(one), ref dice, out int first);
        Span<byte> right = Record(disk.Content(two), ref dice, out int second);
        byte[] kept = left.ToArray();
        right.CopyTo(left);
        kept.CopyTo(right);
        return $"{one} {first} and {two} {second}";
    }

    private static string Foreign(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        RotSample stranger = sample.Strangers[^(1 + (int)dice.NextBelow(2))];
        return Take(stranger, disk, ref dice);
    }

    private static string Earlier(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        RotSample stranger = sample.Strangers[(int)dice.NextBelow(sample.Strangers.Count - 2)];
        return Take(stranger, disk, ref dice);
    }

    private static string Take(RotSample stranger, FaultyStorage disk, ref Xoshiro256 dice)
    {
        List<string> names = [.. stranger.Files.Keys];
        string path = names[(int)dice.NextBelow(names.Count)];
        disk.Put(path, stranger.Files[path]);
        return $"{path} of {stranger.Name}";
    }

    private static string Bit(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] content = disk.Content(path);
        int at = (int)dice.NextBelow(content.Length);
        content[at] ^= (byte)(1 << (int)dice.NextBelow(8));
        return $"{path} byte {at}";
    }

    private static string Bits(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice);
        byte[] content = disk.Content(path);
        int count = 2 + (int)dice.NextBelow(6);
        for (int i = 0; i < count; i++)
        {
            content[dice.NextBelow(content.Length)] ^= (byte)(1 << (int)dice.NextBelow(8));
        }

        return $"{path}, {count} bits";
    }

    private static string Wipe(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        bool header = dice.NextBelow(2) == 0;
        Span<byte> page = header ? content.AsSpan(0, SegmentLayout.PageSize) : content.AsSpan(^SegmentLayout.PageSize..);
        page.Fill(dice.NextBelow(2) == 0 ? (byte)0 : (byte)0xFF);
        return $"{path} {(header ? "header" : "footer")}";
    }

    private static string DeleteLast(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        StreamKind kind = dice.NextBelow(2) == 0 ? StreamKind.Journal : StreamKind.Audit;
        long count = 1 + dice.NextBelow(3);
        for (long i = 0; i < count; i++)
        {
            List<string> names = JournalFixture.Segments(disk, kind);
            if (names.Count > 0)
            {
                disk.Remove(Path.Combine(JournalFixture.Folder, names[^1]));
            }
        }

        return $"{count} of {kind}";
    }

    private static string ZeroTail(RotSample sample, FaultyStorage disk, ref Xoshiro256 dice)
    {
        string path = Any(disk, ref dice, segments: true);
        byte[] content = disk.Content(path);
        _ = Record(content, ref dice, out int index);
        content.AsSpan((int)SegmentLayout.RecordOffset(index)..).Clear();
        return $"{path} from {index}";
    }
}
