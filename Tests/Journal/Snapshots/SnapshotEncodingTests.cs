using System;
using System.IO;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Formats.MessagePack;
using LowLatency.Core.Values;
using LowLatency.Journal.Native;
using LowLatency.Journal.Snapshots;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Journal.Snapshots;

/// <summary>Snapshots and portable states as bytes: what is written is read, and no input harms the reader.</summary>
public sealed class SnapshotEncodingTests
{
    private const int Mutations = 100_000;

    [Fact]
    public void What_is_written_is_read()
    {
        Snapshot written = Sample();
        byte[] file = Write(written);
        Assert.Null(SnapshotEncoding.Read(file, out Snapshot? read));
        Assert.Equal(written.Sequence, read!.Sequence);
        Assert.Equal(written.Crc, read.Crc);
        Assert.Equal(written.State, read.State);
        Assert.Equal(written.Decisions, read.Decisions);
        Assert.Equal(written.NextAuditRecord, read.NextAuditRecord);
        Assert.Equal(2, read.Sections.Length);
        Assert.Equal("abc"u8, read.Find("one", 1)!.Value.Span);
        Assert.Null(read.Find("one", 2));
        Assert.Equal(300, read.Find("two", 7)!.Value.Length);
    }

    [Fact]
    public void A_flip_of_any_bit_and_any_truncation_is_noticed()
    {
        byte[] file = Write(Sample());
        for (int i = 0; i < file.Length; i++)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= (byte)(1 << (i % 8));
            Assert.NotNull(SnapshotEncoding.Read(damaged, out _));
            Assert.NotNull(SnapshotEncoding.Read(file.AsMemory(0, i), out _));
        }
    }

    [Fact]
    public void A_newer_format_is_refused_by_its_number()
    {
        // The first key is "format", its value the byte after the map's head and the text.
        byte[] content = Write(Sample())[..^34];
        content[8] = 9;
        Assert.Equal("snapshot format 9; this build reads 1", SnapshotEncoding.Read(Sealed(content), out _));
    }

    [Fact]
    public void Content_that_lies_under_a_right_hash_is_refused_or_harmless()
    {
        byte[] content = Write(Sample())[..^34];
        Xoshiro256 random = new(5);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] mutated = Mutate(content, ref random);
            refused += SnapshotEncoding.Read(Sealed(mutated), out Snapshot? read) is null ? 0 : 1;
            Assert.True(read is null || read.Sections.Length <= SnapshotEncoding.SectionsMax);
        }

        Assert.True(refused > Mutations / 2, $"only {refused} of {Mutations} were refused");
    }

    [Fact]
    public void A_portable_state_survives_writing_and_no_input_harms_its_reader()
    {
        byte[] bytes = Portable().Write();
        Assert.Null(PortableState.Read(bytes, out PortableState? read));
        Assert.Equal(bytes, read!.Write());
        Xoshiro256 random = new(6);
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] mutated = Mutate(bytes, ref random);
            if (PortableState.Read(mutated, out PortableState? other) is not null)
            {
                Assert.Null(other);
                refused++;
            }
        }

        Assert.True(refused > Mutations / 2, $"only {refused} of {Mutations} were refused");
    }

    [Fact]
    public void A_declared_count_beyond_the_limit_is_refused_before_anything_is_made()
    {
        MessagePackWriter writer = new();
        PortableState state = Portable();
        state.Orders.Clear();
        byte[] bytes = state.Write();
        int orders = bytes.AsSpan().IndexOf("orders"u8) + 6;
        Assert.Equal(0x90, bytes[orders]);

        // 1,025 empty maps where orders are expected: one more than there can be.
        writer.WriteArrayHeader(Limits.LiveOrders + 1);
        byte[] huge = [.. bytes[..orders], .. writer.Written, .. new byte[Limits.LiveOrders + 1], .. bytes[(orders + 1)..]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotNull(PortableState.Read(huge, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Two_snapshots_are_kept_and_a_file_appears_whole_or_not_at_all()
    {
        using TemporaryFolder folder = new();
        PosixStorage storage = new();
        File.WriteAllText(Path.Combine(folder.Path, SnapshotStore.TemporaryName), "half of one");
        for (long sequence = 100; sequence <= 500; sequence += 100)
        {
            Assert.Null(SnapshotStore.Write(storage, folder.Path, sequence, Write(Sample() with { Sequence = sequence })));
        }

        Assert.Null(SnapshotStore.List(storage, folder.Path, out System.Collections.Generic.List<long> left));
        Assert.Equal([500L, 400], left);
        Assert.False(File.Exists(Path.Combine(folder.Path, SnapshotStore.TemporaryName)));
        File.Move(
            Path.Combine(folder.Path, SnapshotStore.Name(400)), Path.Combine(folder.Path, SnapshotStore.Name(450)));
        Assert.Contains("its name says event 450", SnapshotStore.Read(storage, folder.Path, 450, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_calls_itself_newer_pushes_no_snapshot_out()
    {
        using TemporaryFolder folder = new();
        PosixStorage storage = new();
        File.WriteAllText(Path.Combine(folder.Path, SnapshotStore.Name(8_000)), "not of this journal");
        File.WriteAllText(Path.Combine(folder.Path, SnapshotStore.Name(9_000)), "not of this journal");
        for (long sequence = 100; sequence <= 300; sequence += 100)
        {
            Assert.Null(SnapshotStore.Write(storage, folder.Path, sequence, Write(Sample() with { Sequence = sequence })));
        }

        Assert.Null(SnapshotStore.List(storage, folder.Path, out System.Collections.Generic.List<long> left));
        Assert.Equal([9_000L, 8_000, 300, 200], left);
    }

    private static byte[] Mutate(byte[] sound, ref Xoshiro256 random)
    {
        byte[] bytes = [.. sound];
        int changes = 1 + (int)random.NextBelow(3);
        for (int i = 0; i < changes; i++)
        {
            int at = (int)random.NextBelow(bytes.Length);
            switch (random.NextBelow(4))
            {
                case 0:
                    bytes[at] = (byte)random.NextBelow(256);
                    break;
                case 1:
                    // Heads of containers, texts and binaries that declare more than there is.
                    bytes[at] = (byte)(0xC4 + random.NextBelow(28));
                    break;
                case 2:
                    bytes = bytes[..Math.Max(1, at)];
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + 1 + (int)random.NextBelow(9))..], 0];
                    break;
            }
        }

        return bytes;
    }

    private static byte[] Sealed(byte[] content) =>
        [.. content, 0xC4, 32, .. System.Security.Cryptography.SHA256.HashData(content)];

    private static byte[] Write(Snapshot snapshot)
    {
        MessagePackWriter writer = new();
        SnapshotEncoding.Write(writer, snapshot);
        return writer.Written.ToArray();
    }

    private static Snapshot Sample()
    {
        Hash32 build = default;
        build[3] = 7;
        return new Snapshot
        {
            Instance = 3,
            Epoch = 5,
            Sequence = 123_456_789_012,
            Crc = 0xFEDC_BA98,
            BuildHash = build,
            ConfigurationHash = default,
            State = new Digest(ulong.MaxValue, 1),
            Decisions = new Digest(2, 3),
            NextAuditRecord = 77,
            Sections = [new("one", 1, "abc"u8.ToArray()), new("two", 7, new byte[300])],
        };
    }

    private static PortableState Portable()
    {
        PortableState state = new() { Next = 10, Now = -5, MarketEvents = 7, State = 2, IsKilled = true, VenueOrders = 4 };
        state.Market.AddRange([1, ulong.MaxValue, 3]);
        state.Cash.Add(new PortableCash { Currency = "USDT", Amount = long.MinValue });
        state.Positions.Add(new PortablePosition { Instrument = 2, Quantity = -9, Cost = 1L << 60 });
        state.Parts.Add(new PortablePart { Strategy = "é maker", Instrument = 2, Quantity = -9, Fills = 1 });
        state.Orders.Add(new PortableOrder { Id = 99, Instrument = 2, Side = 1, Quantity = 5, Owner = "é maker" });
        state.Executions.AddRange([1, 2, 3, 4]);
        PortableInstrument instrument = new() { Instrument = 2, Symbol = "BTC-USDT", Currency = "USDT", Tick = 1, Lot = 1 };
        instrument.Book.AddRange([1, 100, 5, 2, 101, 6]);
        state.Instruments.Add(instrument);
        return state;
    }
}
