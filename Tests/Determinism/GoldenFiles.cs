using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using LowLatency.Tests.Support;

namespace LowLatency.Tests.Determinism;

/// <summary>The committed journals and snapshots of earlier formats.</summary>
internal static class GoldenFiles
{
    /// <summary>Unpacks one of them.</summary>
    internal static string Extract(string format, TemporaryFolder parent)
    {
        string folder = Path.Combine(parent.Path, format);
        Directory.CreateDirectory(folder);
        using FileStream file = File.OpenRead(Path.Combine(Repository.Root, "Tests", "Golden", format, "journal.tar.gz"));
        using GZipStream zip = new(file, CompressionMode.Decompress);
        TarFile.ExtractToDirectory(zip, folder, overwriteFiles: false);
        return folder;
    }

    /// <summary>A second implementation of the fold, over the raw bytes of the segments.</summary>
    internal static SortedDictionary<int, (long Quantity, long Fees)> NaivePositions(string journal)
    {
        SortedDictionary<int, (long Quantity, long Fees)> positions = [];
        foreach (string file in Directory.GetFiles(journal, "journal-*.seg"))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int at = 4096; at < bytes.Length - 4096; at += 128)
            {
                // An execution: kind 50 at 26, instrument at 24, quantity at 64, fee at 72, side at 88.
                if (bytes[at + 26] == 50)
                {
                    int instrument = BitConverter.ToUInt16(bytes, at + 24);
                    (long quantity, long fees) = positions.GetValueOrDefault(instrument);
                    long sign = bytes[at + 88] == 1 ? 1 : -1;
                    positions[instrument] = (
                        quantity + (sign * BitConverter.ToInt64(bytes, at + 64)), fees + BitConverter.ToInt64(bytes, at + 72));
                }
            }
        }

        return positions;
    }
}
