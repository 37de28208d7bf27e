using LowLatency.Journal.Format;

namespace LowLatency.Journal.Recovery;

/// <summary>What stands around the records: segments made ahead of time behind them, retired ones in front.</summary>
internal sealed partial class StreamExaminer
{
    /// <summary>Segments without records that can stand at the end: spares, one being made current, one being made.</summary>
    private const int TrailingMax = JournalOptions.SparesMax + 2;

    private long? _afterSpare;

    private bool IsWithoutRecords(string name)
    {
        bool without = false;
        With(name, segment =>
        {
            // A file that was being made is still blank in front, or has its full length already.
            bool halfMade = segment.HeaderProblem is SegmentHeader.NoHeader or SegmentHeader.TornHeader;
            bool prepared = segment is { HeaderProblem: null, Header.State: SegmentState.Prepared };
            bool cutShort = halfMade && !segment.HeaderIsBlank && segment.Length <= SegmentLayout.PageSize;
            if ((segment.HeaderProblem is not null && !halfMade) || cutShort)
            {
                Refuse(RecoveryCase.HeaderDamage, name, 0, segment.HeaderProblem!);
                return;
            }

            if (!halfMade && !prepared)
            {
                return;
            }

            // A recycled spare of durability written was zeroed in memory only; a power cut brings its old records back.
            bool recycled = prepared && segment.Header.Durability == Durability.Written;
            if ((recycled ? segment.HasRecords(out bool found) : segment.HasData(out found)) is { } error)
            {
                Refuse(error, name, SegmentLayout.PageSize);
                return;
            }

            without = !found;
            if (found)
            {
                string reason = segment.HeaderProblem ?? "data in a segment that was never made current";
                Refuse(RecoveryCase.HeaderDamage, name, 0, reason);
            }
        });
        return without;
    }

    private void Remove(SegmentFile segment)
    {
        _ = SegmentLayout.TryParseName(_kind, segment.Name, out long first);
        bool prepared = segment.HeaderProblem is null;
        if (prepared && !BelongsHere(segment, first))
        {
            return;
        }

        // Spares are made one after the other behind a full segment. One that ended early has none behind it, or one that
        // repeats its number.
        long? expected = _afterSpare ?? (_previous is { } last ? last.Header.First + last.Header.Capacity : null);
        bool follows = expected is null || first == expected || (_afterSpare is null && first == _report.Next);
        if (!follows)
        {
            Refuse(RecoveryCase.Missing, segment.Name, 0, "does not follow what is before it");
            return;
        }

        // Nothing is made behind one that is being made; behind one whose new header was torn, it may have been before.
        long capacity = (segment.Length - (2 * SegmentLayout.PageSize)) / SegmentLayout.RecordSize;
        _afterSpare = segment.HeaderIsBlank || capacity <= 0 ? -1 : first + capacity;
        Removals.Add(segment.Name);
        Note(
            prepared ? RecoveryCase.Prepared : RecoveryCase.HalfMade,
            new JournalDamage(segment.Name, 0, -1, prepared ? "made ahead of time" : "not completely made"));
    }

    private void Retired(in SegmentEntry entry)
    {
        if (entry.HasPlain)
        {
            Removals.Add(entry.Name);
        }

        if (entry.HasArchive)
        {
            Removals.Add(SegmentLayout.ArchiveName(_kind, entry.First));
        }

        Note(RecoveryCase.Retired, new JournalDamage(entry.Name, 0, -1, "retired: before record " + Base!.Value.First));
    }
}
