using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Snapshots;

/// <summary>
/// The snapshots of a journal directory: files that appear whole or not at all, the newest two kept. One at a time writes.
/// </summary>
public static class SnapshotStore
{
    /// <summary>Snapshots kept: the older one is for the day when the newer one cannot be read.</summary>
    public const int Kept = 2;

    /// <summary>A snapshot while it is written.</summary>
    public const string TemporaryName = "snapshot.new";

    private const string Prefix = "snapshot-";
    private const string Suffix = ".snap";
    private const int Digits = 20;

    /// <summary>The file name of a snapshot.</summary>
    /// <param name="sequence">The last event that it has in it.</param>
    /// <returns>The name, without a directory.</returns>
    public static string Name(long sequence) =>
        Prefix + sequence.ToString("D" + Digits, CultureInfo.InvariantCulture) + Suffix;

    /// <summary>Reads a file name.</summary>
    /// <param name="name">A name without a directory.</param>
    /// <param name="sequence">The last event that the snapshot has in it.</param>
    /// <returns>False when it is no snapshot's name.</returns>
    public static bool TryParseName(string name, out long sequence)
    {
        sequence = -1;
        return name.Length == Prefix.Length + Digits + Suffix.Length
            && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(
                name.AsSpan(Prefix.Length, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out sequence);
    }

    /// <summary>Lists the snapshots of a directory, newest first.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="sequences">The last events that they have in them.</param>
    /// <returns>The error, or null.</returns>
    public static StorageError? List(IStorage storage, string directory, out List<long> sequences)
    {
        sequences = [];
        StorageError? error = storage.List(directory, out string[] names);
        if (error is null)
        {
            foreach (string name in names)
            {
                if (TryParseName(name, out long sequence))
                {
                    sequences.Add(sequence);
                }
            }

            sequences.Sort();
            sequences.Reverse();
        }

        return error;
    }

    /// <summary>Writes a snapshot durably, then deletes all but the newest <see cref="Kept"/>.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="sequence">The last event that it has in it.</param>
    /// <param name="content">What <see cref="SnapshotEncoding"/> made.</param>
    /// <returns>The error, or null. After an error the snapshots that were there are there.</returns>
    public static StorageError? Write(IStorage storage, string directory, long sequence, ReadOnlySpan<byte> content)
    {
        Ensure.That(sequence >= 0, "a snapshot has an event in it");
        return DurableFile.Replace(
                storage, Path.Combine(directory, Name(sequence)), Path.Combine(directory, TemporaryName), content)
            ?? Prune(storage, directory, sequence);
    }

    /// <summary>Reads a snapshot.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="sequence">Which one.</param>
    /// <param name="snapshot">The snapshot on success.</param>
    /// <returns>Null, or why it cannot be used.</returns>
    public static string? Read(IStorage storage, string directory, long sequence, out Snapshot? snapshot)
    {
        snapshot = null;
        string path = Path.Combine(directory, Name(sequence));
        if (storage.Open(path, OpenMode.Read, out IStorageFile? file) is { } notOpened)
        {
            return notOpened.ToString();
        }

        byte[] content;
        using (file)
        {
            if (file!.Length(out long length) is { } noLength)
            {
                return noLength.ToString();
            }

            if (length > SnapshotEncoding.MaximumBytes)
            {
                return $"{length} bytes; a snapshot has {SnapshotEncoding.MaximumBytes} at most";
            }

            content = GC.AllocateUninitializedArray<byte>((int)length);
            if (file!.ReadFully(0, content, out int read) is { } notRead)
            {
                return notRead.ToString();
            }

            if (read != content.Length)
            {
                return "it became shorter while it was read";
            }
        }

        if (SnapshotEncoding.Read(content, out Snapshot? decoded) is { } problem)
        {
            return problem;
        }

        if (decoded!.Sequence != sequence)
        {
            return $"its name says event {sequence}, its content event {decoded.Sequence}";
        }

        snapshot = decoded;
        return null;
    }

    /// <summary>
    /// What says that it is newer than the one just written is not of this history: it must not push out what is, and is
    /// left for whoever wants to know where it came from.
    /// </summary>
    private static StorageError? Prune(IStorage storage, string directory, long newest)
    {
        StorageError? error = List(storage, directory, out List<long> sequences);
        _ = sequences.RemoveAll(sequence => sequence > newest);
        for (int i = Kept; i < sequences.Count && error is null; i++)
        {
            error = storage.Delete(Path.Combine(directory, Name(sequences[i])));
        }

        return error;
    }
}
