using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>What a reader reads.</summary>
public sealed record ReadOptions
{
    /// <summary>First sequence; an earlier one than the journal's first means from the start.</summary>
    public long From { get; init; }

    /// <summary>Last sequence.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>
    /// True to read a journal that is being written: at its end the answer is Idle, and an incomplete record there is no
    /// damage.
    /// </summary>
    public bool Follow { get; init; }
}

/// <summary>
/// Reads events in their order, as they were published: CRC and reserved field are zero again. Every record's CRC, chain
/// and sequence are checked; damage throws <see cref="JournalDamagedException"/>.
/// </summary>
public sealed class JournalReader : IEventSource, IDisposable
{
    private readonly RecordReader _reader;

    /// <summary>Opens the journal of a directory.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="options">What to read; null for all of it.</param>
    /// <exception cref="JournalDamagedException">It cannot be opened, or the range starts beyond its end.</exception>
    public JournalReader(IStorage storage, string directory, ReadOptions? options = null)
    {
        options ??= new ReadOptions();
        _reader = RecordReader.Open(
            storage, directory, StreamKind.Journal, options.From, options.To, options.Follow);
    }

    /// <summary>Sequence of the event that comes next.</summary>
    public long NextSequence => _reader.Next;

    /// <summary>Run number of the segment that is being read.</summary>
    public int Epoch => _reader.Header.Epoch;

    /// <summary>CRC of the record of the last event read: a position in the chain.</summary>
    public uint LastCrc => _reader.LastCrc;

    /// <inheritdoc/>
    public ReadResult Read(ref Event next)
    {
        ReadResult result = _reader.Read(out ReadOnlySpan<byte> record);
        if (result == ReadResult.Event)
        {
            next = Unsafe.As<byte, Event>(ref MemoryMarshal.GetReference(record));
            next.Reserved = 0;
            next.Crc = 0;
            if (!EventUpgrade.TryUpgrade(ref next))
            {
                throw new InvalidDataException(EventUpgrade.Describe(next));
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
