using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal.Inspection;

/// <summary>Where two journals, or two audit logs, differ first.</summary>
/// <param name="Sequence">The event.</param>
/// <param name="Kind">Its kind, or the section of the decision.</param>
/// <param name="Field">The field; "presence" when one side has nothing there.</param>
/// <param name="Left">Its value in the first.</param>
/// <param name="Right">Its value in the second.</param>
public sealed record JournalDifference(long Sequence, string Kind, string Field, string Left, string Right)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"event {Sequence}, {Kind}.{Field}: {Left} in A, {Right} in B");
}

/// <summary>How one kind of record compares.</summary>
public sealed class DiffCount
{
    /// <summary>In both, and different.</summary>
    public long Differ { get; internal set; }

    /// <summary>Only in the first.</summary>
    public long OnlyLeft { get; internal set; }

    /// <summary>Only in the second.</summary>
    public long OnlyRight { get; internal set; }
}

/// <summary>
/// Compares two journals event by event, or two audit logs decision by decision, by sequence. Segments, durability, sync
/// marks and CRCs do not count: it is about what was recorded, not how.
/// </summary>
public sealed class JournalDiff
{
    private readonly SortedDictionary<string, DiffCount> _kinds = new(StringComparer.Ordinal);

    private JournalDiff()
    {
    }

    /// <summary>The first difference; null when there is none.</summary>
    public JournalDifference? First { get; private set; }

    /// <summary>Records that are in both.</summary>
    public long Compared { get; private set; }

    /// <summary>Of these, how many differ.</summary>
    public long Differing { get; private set; }

    /// <summary>Records only in the first.</summary>
    public long OnlyLeft { get; private set; }

    /// <summary>Records only in the second.</summary>
    public long OnlyRight { get; private set; }

    /// <summary>The kinds that differ anywhere.</summary>
    public IReadOnlyDictionary<string, DiffCount> Kinds => _kinds;

    /// <summary>True when nothing differs.</summary>
    public bool IsEqual => First is null;

    /// <summary>Compares the events of two journals.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="left">The first directory.</param>
    /// <param name="right">The second.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="JournalDamagedException">One of them is damaged.</exception>
    public static JournalDiff Events(IStorage storage, string left, string right)
    {
        JournalDiff diff = new();
        using JournalReader a = new(storage, left, new ReadOptions { Follow = true });
        using JournalReader b = new(storage, right, new ReadOptions { Follow = true });
        InstrumentNames leftNames = new();
        InstrumentNames rightNames = new();
        Event x = default;
        Event y = default;
        bool hasX = Next(a, ref x, leftNames);
        bool hasY = Next(b, ref y, rightNames);
        while (hasX || hasY)
        {
            if (hasX && hasY && x.Sequence == y.Sequence)
            {
                diff.Compare(x, leftNames, y, rightNames);
                hasX = Next(a, ref x, leftNames);
                hasY = Next(b, ref y, rightNames);
            }
            else if (hasX && (!hasY || x.Sequence < y.Sequence))
            {
                diff.Only(x.Sequence, x.Kind.ToString(), inLeft: true);
                hasX = Next(a, ref x, leftNames);
            }
            else
            {
                diff.Only(y.Sequence, y.Kind.ToString(), inLeft: false);
                hasY = Next(b, ref y, rightNames);
            }
        }

        return diff;
    }

    /// <summary>Compares the decisions and checkpoints of two audit logs.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="left">The first directory.</param>
    /// <param name="right">The second.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="JournalDamagedException">One of them is damaged.</exception>
    public static JournalDiff Audits(IStorage storage, string left, string right)
    {
        JournalDiff diff = new();
        using AuditReader a = new(storage, left, follow: true);
        using AuditReader b = new(storage, right, follow: true);
        AuditGroup x = new();
        AuditGroup y = new();
        bool hasX = a.Read(x) == ReadResult.Event;
        bool hasY = b.Read(y) == ReadResult.Event;
        while (hasX || hasY)
        {
            int order = !hasX ? 1 : !hasY ? -1 : Order(x).CompareTo(Order(y));
            if (order == 0)
            {
                diff.Compared++;
                AuditDifference? found = x.IsCheckpoint
                    ? AuditComparer.FirstDifference(x.Sequence, x.Checkpoint, y.Checkpoint)
                    : AuditComparer.FirstDifference(x.Sequence, ref x.Decision, ref y.Decision);
                if (found is not null)
                {
                    string entry = found.Entry < 0
                        ? found.Section
                        : string.Create(CultureInfo.InvariantCulture, $"{found.Section}[{found.Entry}]");
                    diff.Differs(
                        found.Stage,
                        new JournalDifference(found.Sequence, entry, found.Field, found.Recorded, found.Replayed));
                }
            }
            else
            {
                AuditGroup only = order < 0 ? x : y;
                diff.Only(only.Sequence, only.IsCheckpoint ? "checkpoint" : "decision", order < 0);
            }

            hasX = order > 0 ? hasX : a.Read(x) == ReadResult.Event;
            hasY = order < 0 ? hasY : b.Read(y) == ReadResult.Event;
        }

        return diff;
    }

    private static (long Sequence, bool IsCheckpoint) Order(AuditGroup group) => (group.Sequence, group.IsCheckpoint);

    private static bool Next(JournalReader reader, ref Event e, InstrumentNames names)
    {
        if (reader.Read(ref e) != ReadResult.Event)
        {
            return false;
        }

        names.Observe(e);
        return true;
    }

    private void Compare(in Event x, InstrumentNames leftNames, in Event y, InstrumentNames rightNames)
    {
        Compared++;
        if (MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in x))
            .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<Event>(in y))))
        {
            return;
        }

        (string field, string left, string right) =
            x.Kind != y.Kind ? ("kind", x.Kind.ToString(), y.Kind.ToString())
            : x.ReceivedAt != y.ReceivedAt ? ("receivedAt", Text(x.ReceivedAt), Text(y.ReceivedAt))
            : x.VenueTime != y.VenueTime ? ("venueTime", Text(x.VenueTime), Text(y.VenueTime))
            : x.Instrument != y.Instrument ? ("instrument", Text(x.Instrument.Value), Text(y.Instrument.Value))
            : x.Version != y.Version ? ("version", Text(x.Version), Text(y.Version))
            : x.Source != y.Source ? ("source", x.Source.ToString(), y.Source.ToString())
            : x.Flags != y.Flags ? ("flags", x.Flags.ToString(), y.Flags.ToString())
            : Payload(PayloadFields.Of(x, leftNames), PayloadFields.Of(y, rightNames));
        Differs(x.Kind.ToString(), new JournalDifference(x.Sequence, x.Kind.ToString(), field, left, right));
    }

    private static (string Field, string Left, string Right) Payload(List<FieldText> x, List<FieldText> y)
    {
        for (int i = 0; i < Math.Min(x.Count, y.Count); i++)
        {
            if (x[i] != y[i])
            {
                return (x[i].Name, x[i].Text, y[i].Text);
            }
        }

        return ("reserved", "bytes that no field names", "other bytes");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private void Differs(string kind, JournalDifference difference)
    {
        Differing++;
        First ??= difference;
        Count(kind).Differ++;
    }

    private void Only(long sequence, string kind, bool inLeft)
    {
        First ??= new JournalDifference(
            sequence, kind, "presence", inLeft ? "there" : "nothing", inLeft ? "nothing" : "there");
        if (inLeft)
        {
            OnlyLeft++;
            Count(kind).OnlyLeft++;
        }
        else
        {
            OnlyRight++;
            Count(kind).OnlyRight++;
        }
    }

    private DiffCount Count(string kind)
    {
        if (!_kinds.TryGetValue(kind, out DiffCount? count))
        {
            count = new DiffCount();
            _kinds[kind] = count;
        }

        return count;
    }
}
