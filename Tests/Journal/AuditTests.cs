using System;
using System.Collections.Generic;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Inspection;
using LowLatency.Tests.Journal.Support;
using Xunit;

namespace LowLatency.Tests.Journal;

public sealed class AuditTests
{
    [Theory]
    [InlineData(Durability.Written)]
    [InlineData(Durability.Flushed)]
    public void Decisions_and_checkpoints_are_read_back_grouped_by_event(Durability durability)
    {
        FaultyStorage storage = new();
        List<(long Sequence, Decision Decision)> written = Write(storage, durability, events: 60, close: true);
        Assert.Null(JournalVerifier.Verify(storage, JournalFixture.Folder, StreamKind.Audit).Damage);
        using AuditReader reader = new(storage, JournalFixture.Folder);
        AuditGroup group = new();
        foreach ((long sequence, Decision expected) in written)
        {
            Assert.Equal(ReadResult.Event, reader.Read(group));
            Assert.Equal((sequence, true, false), (group.Sequence, group.IsComplete, group.IsCheckpoint));
            Decision copy = expected;
            Assert.Null(AuditComparer.FirstDifference(sequence, in group.Decision, in copy));
            if (sequence % 10 == 0)
            {
                Assert.Equal(ReadResult.Event, reader.Read(group));
                Assert.True(group.IsCheckpoint);
                AuditCheckpoint checkpoint = At(sequence);
                Assert.Null(AuditComparer.FirstDifference(sequence, group.Checkpoint, checkpoint));
            }
        }

        Assert.Equal(ReadResult.End, reader.Read(group));
    }

    [Fact]
    public void An_event_without_sections_leaves_no_record_and_one_that_only_waits_leaves_one()
    {
        FaultyStorage storage = new();
        AuditWriter writer = Create(storage, Durability.Written);
        Event e = JournalFixture.At(1);
        Decision nothing = default;
        writer.Append(in e, in nothing);
        Assert.Equal(0, writer.NextRecord);
        Decision waiting = default;
        waiting.Waiting = 3;
        writer.Append(in e, in waiting);
        Assert.Equal(1, writer.NextRecord);
        Assert.Throws<BrokenInvariantException>(() => writer.Append(in e, in waiting));
        Assert.Null(writer.Close());
        using AuditReader reader = new(storage, JournalFixture.Folder);
        AuditGroup group = new();
        Assert.Equal(ReadResult.Event, reader.Read(group));
        Assert.Equal((1L, (byte)3, true), (group.Sequence, group.Decision.Waiting, group.IsComplete));
    }

    [Fact]
    public void A_command_is_shown_with_its_trigger_and_an_amount_of_money_as_such()
    {
        FaultyStorage storage = new();
        AuditWriter writer = Create(storage, Durability.Written);
        Event e = JournalFixture.At(1);
        Decision decision = default;
        decision.CommandCount = 2;
        decision.Commands[0] = new Command { Type = OrderType.TrailingStop, Quantity = 7, TriggerPrice = 41, TrailingOffset = 3 };
        decision.Commands[1] = new Command { Quantity = 125, TimeInForce = TimeInForce.Day, Flags = OrderFlags.Notional };
        writer.Append(in e, in decision);
        Assert.Null(writer.Close());
        using AuditInspector inspector = new(storage, JournalFixture.Folder, new InspectionFilter());
        AuditGroup group = new();
        Assert.True(inspector.Next(group));
        string[] lines = [.. inspector.Human(group)];
        Assert.Contains(" type=TrailingStop ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" quantityUnits=7 ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(" triggerPriceUnits=41 trailingOffsetUnits=3", lines[0], StringComparison.Ordinal);
        Assert.Contains(" quantity=0.00000125 ", lines[1], StringComparison.Ordinal);
        Assert.Contains(" timeInForce=Day flags=Notional ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_cut_by_a_crash_is_known_to_be_incomplete_at_every_record()
    {
        FaultyStorage storage = new();
        List<(long Sequence, Decision Decision)> written = Write(storage, Durability.Written, events: 2, close: false, capacity: 128);
        AuditReader whole = new(storage, JournalFixture.Folder);
        int records = 0;
        AuditGroup group = new();
        while (whole.Read(group) == ReadResult.Event)
        {
            records++;
        }

        Assert.Equal(3, records);
        long first = Entries(written[0].Decision) + 1;
        long last = first + Entries(written[1].Decision);
        for (long cut = first + 1; cut < last; cut++)
        {
            FaultyStorage disk = storage.AfterKill();
            byte[] bytes = disk.Content(JournalFixture.Segment(0, StreamKind.Audit));
            Array.Clear(bytes, (int)SegmentLayout.RecordOffset(cut), (int)(last - cut) * SegmentLayout.RecordSize);
            using AuditReader reader = new(disk, JournalFixture.Folder);
            Assert.Equal(ReadResult.Event, reader.Read(group));
            Assert.True(group.IsComplete);
            Assert.Equal(ReadResult.Event, reader.Read(group));
            Assert.Equal(ReadResult.Event, reader.Read(group));
            Assert.Equal((1L, false), (group.Sequence, group.IsComplete));
            Assert.Equal(ReadResult.End, reader.Read(group));
        }
    }

    [Fact]
    public void Journal_and_audit_share_a_directory_a_sync_thread_and_a_recovery()
    {
        FaultyStorage storage = new();
        JournalWriter journal = JournalFixture.Create(storage, Durability.Flushed);
        AuditWriter audit = Create(storage, Durability.Flushed);
        using (SyncThread sync = new(journal, audit))
        {
            for (long sequence = 0; sequence < 100; sequence++)
            {
                journal.Append(1);
                Event e = JournalFixture.At(sequence);
                Decision decision = Random(sequence);
                audit.Append(in e, in decision);
            }

            System.Threading.SpinWait.SpinUntil(() => journal.WrittenSequence == 99);
            Assert.Null(sync.Defect);
        }

        FaultyStorage disk = storage.AfterKill();
        _ = JournalWriter.Resume(
            disk, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out JournalWriter? next);
        _ = AuditWriter.Resume(
            disk, JournalFixture.Folder, JournalFixture.Options(Durability.Flushed, epoch: 2), out AuditWriter? nextAudit);
        Assert.Equal(100, next!.NextSequence);
        Assert.Equal(audit.WrittenRecord + 1, nextAudit!.NextRecord);
        Assert.Null(next.Close());
        Assert.Null(nextAudit.Close());
    }

    [Fact]
    public void Appending_a_decision_allocates_nothing()
    {
        AuditWriter writer = Create(new FaultyStorage(), Durability.Written, capacity: 8192);
        Event e = JournalFixture.At(0);
        Decision decision = Random(3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 150; i++)
        {
            e.Sequence = i;
            writer.Append(in e, in decision);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_field_of_every_section_that_differs_is_named_with_stage_entry_and_values()
    {
        int flipped = Flip<Signal>("signal", "Signals", static (ref Decision d) => ref d.Signals[1])
            + Flip<Suppression>("arbitration", "Suppressions", static (ref Decision d) => ref d.Suppressions[1])
            + Flip<Intent>("arbitration", "Intents", static (ref Decision d) => ref d.Intents[1])
            + Flip<Verdict>("risk", "Verdicts", static (ref Decision d) => ref d.Verdicts[1])
            + Flip<Command>("order", "Commands", static (ref Decision d) => ref d.Commands[1]);
        Assert.Equal(
            Unsafe.SizeOf<Signal>() + Unsafe.SizeOf<Suppression>() + Unsafe.SizeOf<Intent>() + Unsafe.SizeOf<Verdict>()
                + Unsafe.SizeOf<Command>(),
            flipped);
    }

    [Fact]
    public void Counts_and_digests_that_differ_are_named()
    {
        Decision recorded = Full();
        for (int field = 0; field < 6; field++)
        {
            Decision replayed = recorded;
            Unsafe.Add(ref replayed.SignalCount, field)--;
            AuditDifference? difference = AuditComparer.FirstDifference(9, in recorded, in replayed);
            string[] sections = ["Signals", "Suppressions", "Intents", "Verdicts", "Commands", "Waiting"];
            Assert.Equal((9L, sections[field], -1, "Count"), Named(difference));
        }

        AuditCheckpoint changed = At(1) with { };
        changed.Rolling = new Digest(changed.Rolling.High, changed.Rolling.Low ^ 1);
        Assert.Equal("Rolling", AuditComparer.FirstDifference(9, At(1), changed)?.Field);
    }

    [Fact]
    public void The_earliest_stage_is_named_when_several_differ_and_garbage_beyond_the_counts_is_not_compared()
    {
        Decision recorded = Full();
        Decision replayed = recorded;
        replayed.Commands[0].Quantity++;
        replayed.Verdicts[0].Limit++;
        replayed.Signals[5].Target++;
        AuditDifference? difference = AuditComparer.FirstDifference(9, in recorded, in replayed);
        Assert.Equal(("risk", "Limit"), (difference?.Stage, difference?.Field));
    }

    private const string Padding = "(padding)";

    private delegate ref T Selector<T>(ref Decision decision);

    private static int Flip<T>(string stage, string section, Selector<T> select)
        where T : unmanaged
    {
        HashSet<string> named = [];
        int size = Unsafe.SizeOf<T>();
        for (int i = 0; i < size; i++)
        {
            Decision recorded = Full();
            Decision replayed = recorded;
            ref T entry = ref select(ref replayed);
            MemoryMarshal.AsBytes(new Span<T>(ref entry))[i] ^= 0x41;
            AuditDifference? difference = AuditComparer.FirstDifference(42, in recorded, in replayed);
            Assert.NotNull(difference);
            Assert.Equal((42L, section, 1, FieldAt<T>(i)), Named(difference));
            Assert.Equal(stage, difference.Stage);
            Assert.True(difference.Recorded != difference.Replayed || difference.Field == Padding);
            _ = named.Add(difference.Field);
        }

        foreach (FieldInfo field in typeof(T).GetFields())
        {
            Assert.Contains(field.Name, named);
        }

        return size;
    }

    /// <summary>Which field a byte belongs to: asked of the runtime, not of the comparer.</summary>
    private static string FieldAt<T>(int at)
        where T : unmanaged
    {
        string found = Padding;
        int nearest = -1;
        foreach (FieldInfo field in typeof(T).GetFields())
        {
            int offset = (int)Marshal.OffsetOf<T>(field.Name);
            Type type = field.FieldType.IsEnum ? Enum.GetUnderlyingType(field.FieldType) : field.FieldType;
            if (offset <= at && at < offset + Marshal.SizeOf(type) && offset > nearest)
            {
                (found, nearest) = (field.Name, offset);
            }
        }

        return found;
    }

    private static (long Sequence, string Section, int Entry, string Field) Named(AuditDifference? difference) =>
        (difference!.Sequence, difference.Section, difference.Entry, difference.Field);

    private static AuditWriter Create(FaultyStorage storage, Durability durability, int capacity = 32)
    {
        Assert.Null(AuditWriter.Create(
            storage, JournalFixture.Folder, JournalFixture.Options(durability, capacity), out AuditWriter? writer));
        return writer!;
    }

    private static List<(long Sequence, Decision Decision)> Write(
        FaultyStorage storage, Durability durability, int events, bool close, int capacity = 32)
    {
        AuditWriter writer = Create(storage, durability, capacity);
        List<(long, Decision)> written = [];
        for (long sequence = 0; sequence < events; sequence++)
        {
            Event e = JournalFixture.At(sequence);
            Decision decision = Random(sequence);
            writer.Append(in e, in decision);
            written.Add((sequence, decision));
            if (sequence % 10 == 0)
            {
                writer.AppendCheckpoint(sequence, At(sequence));
            }
        }

        Assert.True(!close || writer.Close() is null);
        return written;
    }

    private static AuditCheckpoint At(long sequence) => new()
    {
        State = new Digest((ulong)sequence, 2),
        Rolling = new Digest(3, (ulong)sequence),
    };

    private static int Entries(in Decision d) =>
        d.SignalCount + d.SuppressionCount + d.IntentCount + d.VerdictCount + d.CommandCount;

    /// <summary>A decision of random bytes with random counts, two commands at least.</summary>
    private static Decision Random(long seed)
    {
        Xoshiro256 dice = new((ulong)seed);
        Decision decision = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<Decision>(ref decision));
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)dice.Next();
        }

        decision.SignalCount = (byte)dice.NextBelow(Limits.SignalsPerEvent + 1);
        decision.SuppressionCount = (byte)dice.NextBelow(Limits.SuppressionsPerEvent + 1);
        decision.IntentCount = (byte)dice.NextBelow(Limits.IntentsPerEvent + 1);
        decision.VerdictCount = decision.IntentCount;
        decision.CommandCount = (byte)(2 + dice.NextBelow(Limits.CommandsPerEvent - 1));
        decision.Waiting = (byte)dice.NextBelow(3);
        return decision;
    }

    private static Decision Full()
    {
        Decision decision = Random(77);
        decision.SignalCount = decision.SuppressionCount = decision.IntentCount = 2;
        decision.VerdictCount = decision.CommandCount = decision.Waiting = 2;
        return decision;
    }
}
