using System;
using System.Collections.Immutable;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Journal.Snapshots;

/// <summary>A named part of a snapshot, with a version of its own.</summary>
/// <param name="Name">1 to <see cref="SnapshotEncoding.NameMax"/> characters of ASCII.</param>
/// <param name="Version">Version of the part's content, from 1.</param>
/// <param name="Data">The content.</param>
public sealed record SnapshotSection(string Name, int Version, ReadOnlyMemory<byte> Data);

/// <summary>
/// The whole decision state after one event of a journal, and what it is the state of. The header decides whether it may
/// be loaded; what the sections hold is their owners' business.
/// </summary>
public sealed record Snapshot
{
    /// <summary>The instance.</summary>
    public required ushort Instance { get; init; }

    /// <summary>The run in which it was taken.</summary>
    public required int Epoch { get; init; }

    /// <summary>The last event that it has in it.</summary>
    public required long Sequence { get; init; }

    /// <summary>CRC of that event's record: the position in the chain.</summary>
    public required uint Crc { get; init; }

    /// <summary>Identity of the code that decided.</summary>
    public required Hash32 BuildHash { get; init; }

    /// <summary>SHA-256 of what was configured.</summary>
    public required Hash32 ConfigurationHash { get; init; }

    /// <summary>Digest of the state of the decision pipeline.</summary>
    public required Digest State { get; init; }

    /// <summary>Rolling digest of all decisions up to here.</summary>
    public required Digest Decisions { get; init; }

    /// <summary>Number of the audit record that comes after the decisions that are in it.</summary>
    public required long NextAuditRecord { get; init; }

    /// <summary>The parts.</summary>
    public required ImmutableArray<SnapshotSection> Sections { get; init; }

    /// <summary>Finds a part.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">The version that the caller reads.</param>
    /// <returns>Its content, or null when it is not there or of another version.</returns>
    public ReadOnlyMemory<byte>? Find(string name, int version)
    {
        foreach (SnapshotSection section in Sections)
        {
            if (section.Version == version && string.Equals(section.Name, name, StringComparison.Ordinal))
            {
                return section.Data;
            }
        }

        return null;
    }
}
