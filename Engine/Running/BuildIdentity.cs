using System;
using System.Security.Cryptography;
using LowLatency.Core.Events;
using LowLatency.Gateways;
using LowLatency.Journal;

namespace LowLatency.Engine.Running;

/// <summary>
/// Which code decides: SHA-256 over the module version ids of the assemblies that can influence a decision. Builds are
/// deterministic, so the same sources and compiler give the same identity anywhere.
/// </summary>
internal static class BuildIdentity
{
    internal static Hash32 Hash { get; } = Compute();

    internal static string Text
    {
        get
        {
            Hash32 hash = Hash;
            return Convert.ToHexStringLower(hash);
        }
    }

    private static Hash32 Compute()
    {
        Span<byte> ids = stackalloc byte[64];
        Type[] markers = [typeof(Event), typeof(JournalWriter), typeof(IVenue), typeof(BuildIdentity)];
        for (int i = 0; i < markers.Length; i++)
        {
            markers[i].Module.ModuleVersionId.TryWriteBytes(ids[(i * 16)..]);
        }

        Hash32 hash = default;
        SHA256.HashData(ids, hash);
        return hash;
    }
}
