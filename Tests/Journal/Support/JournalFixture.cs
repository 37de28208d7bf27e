using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using Xunit;

namespace LowLatency.Tests.Journal.Support;

/// <summary>Small journals for tests.</summary>
internal static class JournalFixture
{
    public const string Folder = "/j";

    public static JournalOptions Options(Durability durability, int capacity = 32, int epoch = 1) => new()
    {
        Instance = 7,
        Epoch = epoch,
        Durability = durability,
        SegmentCapacity = capacity,
        StagingCapacity = 16,
        BatchMax = 8,
    };

    /// <summary>An event with every byte of it depending on the sequence.</summary>
    public static Event At(long sequence)
    {
        Xoshiro256 dice = new((ulong)sequence);
        Event e = default;
        e.Set(new Trade
        {
            Price = 1 + dice.NextBelow(1_000_000),
            Quantity = 1 + dice.NextBelow(1_000),
            TradeId = sequence,
            Aggressor = Side.Buy,
        });
        e.Sequence = sequence;
        e.ReceivedAt = 1_000_000 * sequence;
        e.Instrument = new InstrumentId((ushort)(1 + (sequence % 3)));
        e.Source = EventSource.Generator;
        e.Flags = EventFlags.Whole;
        return e;
    }

    public static JournalWriter Create(
        IStorage storage, Durability durability, int capacity = 32, string folder = Folder)
    {
        Assert.Null(JournalWriter.Create(storage, folder, Options(durability, capacity), out JournalWriter? writer));
        return writer!;
    }

    public static void Append(this JournalWriter writer, long count)
    {
        for (long i = 0; i < count; i++)
        {
            Event e = At(writer.NextSequence);
            writer.Append(in e);
        }
    }

    public static void PumpAll(this JournalWriter writer)
    {
        while (writer.Pump() > 0)
        {
        }
    }

    /// <summary>A closed journal of <paramref name="count"/> events.</summary>
    public static FaultyStorage Closed(long count, Durability durability = Durability.Flushed, int capacity = 32)
    {
        FaultyStorage storage = new();
        JournalWriter writer = Create(storage, durability, capacity);
        writer.Append(count);
        Assert.Null(writer.Close());
        return storage;
    }

    public static string Segment(long first, StreamKind kind = StreamKind.Journal) =>
        Path.Combine(Folder, SegmentLayout.Name(kind, first));

    /// <summary>Reads all events and checks that they are those of <see cref="At"/>.</summary>
    /// <returns>How many there are.</returns>
    public static long ReadAll(IStorage storage, string folder = Folder, ReadOptions? options = null)
    {
        using JournalReader reader = new(storage, folder, options);
        long expected = reader.NextSequence;
        long count = 0;
        Event e = default;
        while (reader.Read(ref e) == ReadResult.Event)
        {
            Event original = At(expected++);
            Assert.True(
                MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in original))
                    .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e))),
                "event differs at " + (expected - 1));
            count++;
        }

        return count;
    }

    public static List<string> Segments(FaultyStorage storage, StreamKind kind = StreamKind.Journal)
    {
        Assert.Null(storage.List(Folder, out string[] names));
        List<string> found = [];
        foreach (string name in names)
        {
            if (SegmentLayout.IsSegment(kind, name))
            {
                found.Add(name);
            }
        }

        return found;
    }
}
