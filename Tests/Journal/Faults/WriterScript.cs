using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Journal;
using LowLatency.Journal.Audit;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;
using LowLatency.Journal.Recovery;
using LowLatency.Tests.Journal.Support;
using LowLatency.Tests.Suites;

namespace LowLatency.Tests.Journal.Faults;

/// <summary>One record that a script appended: enough to make its bytes again.</summary>
internal readonly record struct Appended(long Sequence, int Epoch, int Entry);

/// <summary>
/// What an engine does to its journal directory, on a storage with faults: lock, run number, journal and audit log, some
/// events with decisions, syncing in between, a clean stop or a death, and the next run on what is there. It keeps its own
/// list of what was appended and what was acknowledged.
/// </summary>
internal sealed class WriterScript
{
    public const ushort Instance = 7;

    /// <summary>Where the watermark lies: outside of the journal's directory.</summary>
    public const string Mark = "/elsewhere/mark";

    /// <summary>Where the key lies.</summary>
    public const string KeyFile = "/elsewhere/key";

    /// <summary>Milliseconds of the script's own clock from one pump to the next.</summary>
    private const long PumpMilliseconds = 150;

    /// <summary>Pumps after a retirement was asked for: mostly enough to come to it.</summary>
    private const int IdlePumps = 8;

    private readonly FaultyStorage _disk;
    private readonly IStorage _storage;
    private readonly ScriptPlan _plan;
    private InstanceLock? _lock;
    private JournalWriter? _journal;
    private AuditWriter? _audit;
    private long _milliseconds;
    private long _journalDurable = -1;
    private long _auditDurable = -1;
    private long _journalAcknowledged = -1;
    private long _auditAcknowledged = -1;

    /// <summary>Creates the script.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="plan">What to do on it.</param>
    /// <param name="access">How the journal reaches the disk: the disk itself, or a planted bug around it.</param>
    public WriterScript(FaultyStorage disk, ScriptPlan plan, IStorage? access = null)
    {
        _disk = disk;
        _storage = access ?? disk;
        _plan = plan;
        if (plan.IsKeyed)
        {
            disk.Put(KeyFile, [.. KeyBytes]);
        }
    }

    /// <summary>The secret of keyed scripts.</summary>
    public static ReadOnlySpan<byte> KeyBytes => "thirty-two bytes, and two for luck"u8;

    public ScriptPlan Plan => _plan;

    /// <summary>Every event that the journal was given, in this line of history.</summary>
    public List<Appended> Events { get; } = [];

    /// <summary>Every audit record, likewise.</summary>
    public List<Appended> Decisions { get; } = [];

    /// <summary>The last event behind a sync.</summary>
    public long JournalDurable => Math.Max(_journalDurable, Early(_journal?.DurableSequence));

    /// <summary>The last audit record behind a sync.</summary>
    public long AuditDurable => Math.Max(_auditDurable, Early(_audit?.DurableRecord));

    /// <summary>The last event for which the gate was open.</summary>
    public long JournalAcknowledged => Math.Max(_journalAcknowledged, _journal?.WrittenSequence ?? -1);

    /// <summary>The last audit record likewise.</summary>
    public long AuditAcknowledged => Math.Max(_auditAcknowledged, _audit?.WrittenRecord ?? -1);

    /// <summary>The last run number that was given out.</summary>
    public int EpochFloor { get; private set; }

    /// <summary>Why the script stopped early, in the journal's own words; null when it went through.</summary>
    public string? Stopped { get; private set; }

    /// <summary>What recovery refused a run with; null when it never did.</summary>
    public RecoveryFinding? Refusal { get; private set; }

    /// <summary>The first event that was never asked to be retired.</summary>
    public long EventsNeeded { get; private set; }

    /// <summary>The first audit record likewise.</summary>
    public long DecisionsNeeded { get; private set; }

    /// <summary>A failure that does not stop: no further segment could be prepared.</summary>
    public string? Warned { get; private set; }

    /// <summary>All runs, one after another; ends early at the first error that the journal reports.</summary>
    public void Run()
    {
        Xoshiro256 dice = new(_plan.Seed);
        for (int run = 0; run < _plan.Runs && Stopped is null; run++)
        {
            bool clean = dice.NextBelow(2) == 0;
            clean = run == _plan.Runs - 1 ? _plan.EndsClean ?? clean : clean;
            try
            {
                Stopped = Begin() ?? Trade(ref dice) ?? (clean ? Close() : null);
            }
            catch (BrokenInvariantException broken)
            {
                // An append after a failure breaks, and only then.
                StorageError? failure = _journal?.Failure ?? _audit?.Failure;
                Stopped = failure is null ? throw new InvalidOperationException("broke without a failure", broken)
                    : failure.ToString();
            }

            Die();
        }
    }

    /// <summary>Opens a directory as the engine does.</summary>
    /// <param name="storage">The disk.</param>
    /// <param name="plan">How to write, and by what it is guarded; the epoch is taken from the disk.</param>
    /// <param name="clock">Milliseconds for the watermark's interval.</param>
    /// <param name="opened">Lock, journal, audit log and reports.</param>
    /// <returns>Null, or why not.</returns>
    public static string? Open(IStorage storage, ScriptPlan plan, Func<long> clock, out OpenedDirectory opened)
    {
        JournalOptions options = Options(plan) with { Milliseconds = clock };
        opened = new OpenedDirectory();
        if (InstanceLock.TryAcquire(storage, JournalFixture.Folder, out InstanceLock? held) is { } locked)
        {
            return locked;
        }

        opened.Lock = held;
        if (JournalFiles.IsBegun(storage, JournalFixture.Folder, out bool exists) is { } notListed)
        {
            return notListed.ToString();
        }

        if (storage.List(JournalFixture.Folder, out string[] names) is { } notRead)
        {
            return notRead.ToString();
        }

        if (exists && Array.IndexOf(names, EpochFile.FileName) < 0)
        {
            return "the journal's epoch file is missing";
        }

        if (plan.IsKeyed && JournalKey.Load(storage, KeyFile, out opened.Key) is { } noKey)
        {
            return noKey;
        }

        Watermark? mark = null;
        if (plan.IsMarked
            && Watermark.Admit(storage, Mark, JournalFixture.Folder, options.Instance, opened.Key, exists, out mark) is { } notAdmitted)
        {
            return notAdmitted;
        }

        if (EpochFile.Advance(storage, JournalFixture.Folder, options.Instance, mark?.Epoch ?? 0, out int epoch) is { } noEpoch)
        {
            return noEpoch;
        }

        opened.Epoch = epoch;
        options = options with { Epoch = epoch, Key = opened.Key, Watermark = mark };
        if (!exists)
        {
            StorageError? error = JournalWriter.Create(storage, JournalFixture.Folder, options, out opened.Journal)
                ?? AuditWriter.Create(storage, JournalFixture.Folder, options, out opened.Audit);
            return error?.ToString();
        }

        opened.JournalReport = JournalWriter.Resume(storage, JournalFixture.Folder, options, out opened.Journal);
        if (opened.JournalReport.IsRefused)
        {
            return opened.JournalReport.Refusal!.ToString();
        }

        opened.AuditReport = AuditWriter.Resume(storage, JournalFixture.Folder, options, out opened.Audit);
        return opened.AuditReport.Refusal?.ToString();
    }

    /// <summary>The bytes of a journal record up to the sync mark.</summary>
    public static void EventBytes(in Appended at, Span<byte> destination)
    {
        Event e = EventOf(at.Sequence, at.Epoch);
        MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in e))[..SegmentLayout.MarkOffset].CopyTo(destination);
    }

    /// <summary>The bytes of an audit record up to the sync mark, put together field by field.</summary>
    public static void DecisionBytes(in Appended at, long number, Span<byte> destination)
    {
        Decision decision = default;
        Decide(at.Sequence, at.Epoch, ref decision);
        destination[..SegmentLayout.MarkOffset].Clear();
        BitConverter.TryWriteBytes(destination, at.Sequence);
        BitConverter.TryWriteBytes(destination[16..], number);
        bool signal = at.Entry < decision.SignalCount;
        destination[8] = (byte)(signal ? AuditKind.Signal : AuditKind.Command);
        destination[9] = (byte)(signal ? at.Entry : at.Entry - decision.SignalCount);
        destination[10] = decision.SignalCount;
        destination[14] = decision.CommandCount;
        if (signal)
        {
            MemoryMarshal.Write(destination[24..], decision.Signals[at.Entry]);
        }
        else
        {
            MemoryMarshal.Write(destination[24..], decision.Commands[at.Entry - decision.SignalCount]);
        }
    }

    /// <summary>Appends events with their decisions, and keeps the list.</summary>
    public static void Append(
        JournalWriter journal, AuditWriter audit, int epoch, int count, List<Appended> events, List<Appended> decisions)
    {
        Decision decision = default;
        for (int i = 0; i < count; i++)
        {
            long sequence = journal.NextSequence;
            Event e = EventOf(sequence, epoch);
            events.Add(new Appended(sequence, epoch, 0));
            journal.Append(in e);
            Decide(sequence, epoch, ref decision);
            for (int entry = 0; entry < decision.SignalCount + decision.CommandCount; entry++)
            {
                decisions.Add(new Appended(sequence, epoch, entry));
            }

            audit.Append(in e, in decision);
        }
    }

    private static Event EventOf(long sequence, int epoch)
    {
        Xoshiro256 dice = new(Suite.Mix((ulong)epoch, sequence));
        Event e = default;
        e.Set(new Trade
        {
            Price = 1 + dice.NextBelow(1_000_000),
            Quantity = 1 + dice.NextBelow(1_000),
            TradeId = sequence,
            Aggressor = Side.Buy,
        });
        e.Sequence = sequence;
        e.ReceivedAt = (1_000_000 * sequence) + epoch;
        e.Instrument = new InstrumentId((ushort)(1 + (sequence % 3)));
        e.Source = EventSource.Generator;
        e.Flags = EventFlags.Whole;
        return e;
    }

    private static void Decide(long sequence, int epoch, ref Decision decision)
    {
        Xoshiro256 dice = new(Suite.Mix((ulong)epoch + 1000, sequence));
        decision.SignalCount = (byte)dice.NextBelow(3);
        decision.CommandCount = (byte)dice.NextBelow(3);
        for (int i = 0; i < decision.SignalCount; i++)
        {
            decision.Signals[i] = new Signal { Kind = SignalKind.Target, Target = dice.NextBelow(1_000_000) - 500_000 };
        }

        for (int i = 0; i < decision.CommandCount; i++)
        {
            decision.Commands[i] = new Command
            {
                Order = OrderId.Of(epoch, sequence, i),
                Price = dice.NextBelow(1_000_000),
                Quantity = 1 + dice.NextBelow(100),
            };
        }
    }

    private long Early(long? durable) => (durable ?? -1) + (_plan.AcknowledgesEarly && durable is not null ? 4 : 0);

    private string? Begin()
    {
        string? problem = Open(_storage, _plan, () => _milliseconds, out OpenedDirectory opened);
        Refusal ??= opened.JournalReport?.Refusal ?? opened.AuditReport?.Refusal;
        _lock = opened.Lock;
        EpochFloor = Math.Max(EpochFloor, opened.Epoch);
        if (problem is not null)
        {
            opened.Journal?.Dispose();
            opened.Audit?.Dispose();
            return problem;
        }

        // What recovery accepted is sealed, hence durable; what it did not is gone from this line of history.
        Cut(Events, opened.Journal!.NextSequence, JournalAcknowledged);
        Cut(Decisions, opened.Audit!.NextRecord, AuditAcknowledged);
        _journalDurable = _journalAcknowledged = opened.Journal.NextSequence - 1;
        _auditDurable = _auditAcknowledged = opened.Audit.NextRecord - 1;
        _journal = opened.Journal;
        _audit = opened.Audit;
        if (!_plan.AuditRunsAhead)
        {
            _audit.StayBehind(_journal);
        }

        return null;
    }

    private static void Cut(List<Appended> list, long next, long acknowledged)
    {
        if (next <= acknowledged || next > list.Count)
        {
            throw new InvalidOperationException($"recovered up to {next}; acknowledged {acknowledged}, appended {list.Count}");
        }

        list.RemoveRange((int)next, list.Count - (int)next);
    }

    private string? Trade(ref Xoshiro256 dice)
    {
        for (int step = 0; step < _plan.Steps; step++)
        {
            Append(_journal!, _audit!, EpochFloor + _plan.Salt, 1 + (int)dice.NextBelow(10), Events, Decisions);
            _disk.BeforeCall?.Invoke("append");
            for (long pumps = dice.NextBelow(4); pumps > 0; pumps--)
            {
                _milliseconds += PumpMilliseconds;
                _ = _journal!.Pump();
                if (dice.NextBelow(2) == 0)
                {
                    // The hot thread goes on while the other one syncs.
                    Append(_journal!, _audit!, EpochFloor + _plan.Salt, (int)dice.NextBelow(4), Events, Decisions);
                    _disk.BeforeCall?.Invoke("append");
                }

                _ = _audit!.Pump();
            }

            Retire(ref dice);
            Warned ??= (_journal!.Warning ?? _audit!.Warning)?.ToString();
            if ((_journal!.Failure ?? _audit!.Failure) is { } failure)
            {
                return failure.ToString();
            }
        }

        return null;
    }

    /// <summary>As the engine does with what no snapshot needs: both streams up to the same event.</summary>
    private void Retire(ref Xoshiro256 dice)
    {
        if (!_plan.Retires || dice.NextBelow(3) != 0)
        {
            return;
        }

        long durable = JournalDurable + 1;
        long needed = dice.NextBelow(2) == 0 ? durable : dice.NextBelow(durable + 1);
        EventsNeeded = Math.Max(EventsNeeded, needed);
        _journal!.RetireBefore(needed);
        int record = Decisions.FindIndex(decision => decision.Sequence >= needed);
        if (record >= 0)
        {
            DecisionsNeeded = Math.Max(DecisionsNeeded, record);
            _audit!.RetireBefore(record);
        }

        // It is the sync thread's work when there is nothing else to do.
        for (int i = 0; i < IdlePumps; i++)
        {
            _milliseconds += PumpMilliseconds;
            _ = _journal!.Pump() + _audit!.Pump();
        }
    }

    private string? Close()
    {
        StorageError? journal = _journal!.Close();
        StorageError? audit = _audit!.Close();
        _lock?.Dispose();
        return (journal ?? audit)?.ToString();
    }

    /// <summary>The process ends, whatever it was doing.</summary>
    private void Die()
    {
        _journalDurable = JournalDurable;
        _auditDurable = AuditDurable;
        _journalAcknowledged = JournalAcknowledged;
        _auditAcknowledged = AuditAcknowledged;
        Warned ??= (_journal?.Warning ?? _audit?.Warning)?.ToString();
        _disk.KillProcess();

        // Frees their memory; a dead process reaches nothing.
        _disk.IsDown = true;
        _journal?.Dispose();
        _audit?.Dispose();
        _disk.IsDown = false;
        _journal = null;
        _audit = null;
    }

    /// <summary>How a plan writes.</summary>
    public static JournalOptions Options(ScriptPlan plan) => new()
    {
        Instance = plan.Instance,
        Epoch = 1,
        Durability = plan.Durability,
        SegmentCapacity = plan.Capacity,
        StagingCapacity = 16,
        BatchMax = 8,
        WatermarkPath = plan.IsMarked ? Mark : null,
    };
}

/// <summary>What a script does.</summary>
internal sealed record ScriptPlan
{
    /// <summary>Steps more for a script that retires: it needs full segments first.</summary>
    private const int RetiringSteps = 4;

    public required ulong Seed { get; init; }

    public required Durability Durability { get; init; }

    public int Capacity { get; init; } = 32;

    public int Runs { get; init; } = 3;

    public int Steps { get; init; } = 5;

    public ushort Instance { get; init; } = WriterScript.Instance;

    /// <summary>Makes other contents of the same numbers.</summary>
    public int Salt { get; init; }

    /// <summary>Whether the last run stops cleanly; by dice when null.</summary>
    public bool? EndsClean { get; init; }

    /// <summary>True when the footers are signed.</summary>
    public bool IsKeyed { get; init; }

    /// <summary>True when a watermark is kept.</summary>
    public bool IsMarked { get; init; }

    /// <summary>True when segments are retired at the front.</summary>
    public bool Retires { get; init; }

    /// <summary>A planted bug: the gate opens before the sync.</summary>
    public bool AcknowledgesEarly { get; init; }

    /// <summary>A planted bug: decisions may be durable before their events.</summary>
    public bool AuditRunsAhead { get; init; }

    public static ScriptPlan Of(ulong seed)
    {
        Xoshiro256 dice = new(seed);
        ScriptPlan plan = new()
        {
            Seed = dice.Next(),
            Durability = dice.NextBelow(4) == 0 ? Durability.Written : Durability.Flushed,
            Capacity = dice.NextBelow(3) == 0 ? 64 : 32,
            Runs = 1 + (int)dice.NextBelow(3),
            Steps = 2 + (int)dice.NextBelow(8),
            IsKeyed = dice.NextBelow(2) == 0,
            IsMarked = dice.NextBelow(2) == 0,
            Retires = dice.NextBelow(2) == 0,
        };
        return plan.Retires ? plan with { Steps = plan.Steps + RetiringSteps } : plan;
    }
}

/// <summary>A journal directory open for a run.</summary>
internal sealed class OpenedDirectory
{
    public InstanceLock? Lock;
    public JournalWriter? Journal;
    public AuditWriter? Audit;
    public RecoveryReport? JournalReport;
    public RecoveryReport? AuditReport;
    public JournalKey? Key;
    public int Epoch;
}
