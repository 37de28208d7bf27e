using System;
using System.Security.Cryptography;
using System.Runtime.InteropServices;
using LowLatency.Core.Events;
using LowLatency.Engine.Running;
using LowLatency.Journal;

namespace LowLatency.Engine.Results;

/// <summary>
/// The identity of what a journal says: SHA-256 over its events in order, whatever its segments, durability or sync
/// marks are.
/// </summary>
internal static class JournalIdentity
{
    internal static string Of(string directory)
    {
        using JournalReader reader = RecordedRun.Open(directory);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Event[] batch = new Event[1024];
        int count = 0;
        while (reader.Read(ref batch[count]) == ReadResult.Event)
        {
            if (++count == batch.Length)
            {
                hash.AppendData(MemoryMarshal.AsBytes(batch.AsSpan()));
                count = 0;
            }
        }

        hash.AppendData(MemoryMarshal.AsBytes(batch.AsSpan(0, count)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
