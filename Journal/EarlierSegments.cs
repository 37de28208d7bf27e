using System;
using System.Collections.Generic;
using LowLatency.Journal.Format;
using LowLatency.Journal.Native;

namespace LowLatency.Journal;

/// <summary>
/// The sealed segments before the point from which a start reads records. Of them it has checked headers, footers and
/// seams; here the records themselves are compared with CRCs and SHA-256, beside a run that may retire them meanwhile.
/// </summary>
public static class EarlierSegments
{
    /// <summary>Checks them one after the other, oldest first.</summary>
    /// <param name="storage">The storage.</param>
    /// <param name="directory">The journal directory.</param>
    /// <param name="kind">The stream.</param>
    /// <param name="before">Segments whose records all lie before this number are checked.</param>
    /// <param name="goOn">Asked before each segment; false ends the check.</param>
    /// <param name="checkedRecords">Records found sound.</param>
    /// <returns>The first damage, or null.</returns>
    public static JournalDamage? Check(
        IStorage storage, string directory, StreamKind kind, long before, Func<bool> goOn, out long checkedRecords)
    {
        checkedRecords = 0;
        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> entries, out _) is { } notListed)
        {
            return new JournalDamage(directory, 0, -1, notListed.ToString());
        }

        foreach (SegmentEntry entry in entries)
        {
            if (entry.First >= before || !goOn())
            {
                return null;
            }

            JournalDamage? damage = Check(storage, directory, entry, before, out long records);

            // A segment that was retired while it was read is somebody else's file by now. Looked at twice before it is
            // asked whether it still is there, so what is said of it is said of this segment.
            damage = damage is null ? null : Check(storage, directory, entry, before, out records);
            if (damage is not null && IsKept(storage, directory, kind, entry.First))
            {
                return damage;
            }

            checkedRecords += damage is null ? records : 0;
        }

        return null;
    }

    private static JournalDamage? Check(
        IStorage storage, string directory, in SegmentEntry entry, long before, out long records)
    {
        records = 0;
        if (SegmentFile.Open(storage, directory, entry.Name, OpenMode.Read, out SegmentFile? segment) is { } notOpened)
        {
            return new JournalDamage(entry.Name, 0, -1, notOpened.ToString());
        }

        using (segment!)
        {
            if (segment!.HeaderProblem is { } problem)
            {
                return new JournalDamage(entry.Name, 0, -1, problem);
            }

            if (!segment.IsSealed)
            {
                return new JournalDamage(
                    entry.Name, SegmentLayout.FooterOffset(segment.Header.Capacity), -1, "its footer is gone");
            }

            SegmentFooter footer = segment.Footer;
            if (segment.Header.First + footer.Count > before)
            {
                return null;
            }

            if (SegmentScan.Run(segment, footer.PreviousHash, out SegmentScan scan) is { } notRead)
            {
                return new JournalDamage(entry.Name, 0, -1, notRead.ToString());
            }

            records = scan.Valid;
            bool same = scan.LastCrc == footer.LastCrc && scan.Hash == footer.Hash;
            return scan.BadReason is null && scan.Valid == footer.Count && same
                ? null
                : new JournalDamage(
                    entry.Name,
                    SegmentLayout.RecordOffset(scan.Valid),
                    segment.Header.First + scan.Valid,
                    scan.BadReason ?? "the footer does not match the records");
        }
    }

    private static bool IsKept(IStorage storage, string directory, StreamKind kind, long first)
    {
        if (StreamBase.Read(storage, directory, kind, null, out StreamBase? start, out _) is null && first < start?.First)
        {
            return false;
        }

        if (SegmentListing.Read(storage, directory, kind, out List<SegmentEntry> entries, out _) is not null)
        {
            return true;
        }

        foreach (SegmentEntry entry in entries)
        {
            if (entry.First == first)
            {
                return true;
            }
        }

        return false;
    }
}
