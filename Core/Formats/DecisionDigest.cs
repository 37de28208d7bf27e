using System;
using System.Runtime.InteropServices;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;

namespace LowLatency.Core.Formats;

/// <summary>
/// What the rolling digest sees of an event: its sequence and what the four stages made of it. Events without any
/// decision add nothing, so their number does not matter to two runs that decide the same.
/// </summary>
public static class DecisionDigest
{
    // A tag is never reused: it keeps a signal's bytes from passing for an intent's.
    private const ulong SignalTag = 1UL << 32;
    private const ulong SuppressionTag = 2UL << 32;
    private const ulong IntentTag = 3UL << 32;
    private const ulong VerdictTag = 4UL << 32;
    private const ulong CommandTag = 5UL << 32;
    private const ulong WaitingTag = 6UL << 32;
    private const ulong TriggerTag = 7UL << 32;
    private const ulong BracketTag = 8UL << 32;

    // What a command was before it could have a trigger, and a signal before it could have a stop and a target. Recorded
    // digests hold exactly these bytes of them.
    private const int PlainCommandBytes = 56;
    private const int PlainSignalBytes = 72;

    /// <summary>Adds the sequence and the non-empty sections; nothing when all are empty.</summary>
    /// <param name="digest">The rolling digest.</param>
    /// <param name="e">The event.</param>
    /// <param name="d">Its sections; only entries below a count are read.</param>
    public static void Add(ref Digest128 digest, in Event e, in Decision d)
    {
        if (d.IsEmpty)
        {
            return;
        }

        digest.Add(unchecked((ulong)e.Sequence));
        AddGrown<Signal>(ref digest, SignalTag, BracketTag, PlainSignalBytes, d.Signals, d.SignalCount);
        AddSection<Suppression>(ref digest, SuppressionTag, d.Suppressions, d.SuppressionCount);
        AddSection<Intent>(ref digest, IntentTag, d.Intents, d.IntentCount);
        AddSection<Verdict>(ref digest, VerdictTag, d.Verdicts, d.VerdictCount);
        AddGrown<Command>(ref digest, CommandTag, TriggerTag, PlainCommandBytes, d.Commands, d.CommandCount);
        if (d.Waiting != 0)
        {
            digest.Add(WaitingTag | d.Waiting);
        }
    }

    // As a section of what an entry was before it grew, and after it what the entries have beyond that.
    private static void AddGrown<T>(
        ref Digest128 digest, ulong tag, ulong tailTag, int plainBytes, ReadOnlySpan<T> entries, int count)
        where T : unmanaged
    {
        if (count == 0)
        {
            return;
        }

        Ensure.That(count <= entries.Length, "a decision section counts more entries than it has room for");
        digest.Add(tag | (uint)count);
        digest.Add((ulong)(plainBytes * count));
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<T, ulong>(entries[..count]);
        int size = words.Length / count;
        for (int i = 0; i < count; i++)
        {
            foreach (ulong word in words.Slice(i * size, plainBytes / sizeof(ulong)))
            {
                digest.Add(word);
            }
        }

        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<ulong> tail = words.Slice(i * size, size)[(plainBytes / sizeof(ulong))..];
            if (tail.ContainsAnyExcept(0UL))
            {
                digest.Add(tailTag | (uint)i);
                digest.Add(MemoryMarshal.AsBytes(tail));
            }
        }
    }

    private static void AddSection<T>(ref Digest128 digest, ulong tag, ReadOnlySpan<T> entries, int count)
        where T : unmanaged
    {
        if (count == 0)
        {
            return;
        }

        Ensure.That(count <= entries.Length, "a decision section counts more entries than it has room for");
        digest.Add(tag | (uint)count);
        digest.Add(MemoryMarshal.AsBytes(entries[..count]));
    }
}
