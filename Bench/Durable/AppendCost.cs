using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LowLatency.Bench.Canonical;
using LowLatency.Core.Events;
using LowLatency.Journal;
using LowLatency.Journal.Format;

namespace LowLatency.Bench.Durable;

/// <summary>What the appending thread pays for a record when there is room, over storing the same bytes and nothing else.</summary>
internal static unsafe class AppendCost
{
    private const int Rounds = 15;
    private const int Records = 1 << 16;

    /// <summary>Nanoseconds for a record: a plain store, the journal written, the journal flushed; and bytes allocated.</summary>
    internal static (double Plain, double Written, double Flushed, long Allocated) Measure(string folder)
    {
        double[] plain = new double[Rounds];
        double[] written = new double[Rounds];
        double[] flushed = new double[Rounds];
        long allocated = 0;
        int capacity = Records * 2;
        using JournalWriter mapped = Rigs.Journal(
            Path.Combine(folder, "append-written"), Rigs.Options(Durability.Written, capacity));
        using JournalWriter staged = Rigs.Journal(
            Path.Combine(folder, "append-flushed"), Rigs.Options(Durability.Flushed, capacity));
        nuint bytes = (nuint)capacity * Event.Size;
        byte* memory = (byte*)NativeMemory.AlignedAlloc(bytes, 4096);
        NativeMemory.Clear(memory, bytes);
        try
        {
            HotThread.Run(() =>
            {
                Event e = Rigs.Record();
                long at = 0;

                // Made once: in the rounds nothing but the appends could allocate.
                Action store = () => Store(memory + (at * Records * Event.Size), ref e);
                Action map = () => Rigs.Append(mapped, ref e, Records);
                Action stage = () => Rigs.Append(staged, ref e, Records);
                for (int round = -3; round < Rounds; round++)
                {
                    // Between the rounds everything that the sync thread would do is done by hand: what is measured has room.
                    Drain(mapped);
                    Drain(staged);
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    at = round & 1;
                    double a = Time(store);
                    double b = Time(map);
                    double c = Time(stage);
                    if (round >= 0)
                    {
                        (plain[round], written[round], flushed[round]) = (a, b, c);
                        allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                    }
                }
            });
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }

        return (Median(plain), Median(written), Median(flushed), allocated);
    }

    private static void Drain(JournalWriter writer)
    {
        while (writer.Pump() > 0)
        {
        }
    }

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Records;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(byte* memory, ref Event e)
    {
        for (int i = 0; i < Records; i++)
        {
            e.Sequence = i;
            Unsafe.AsRef<Event>(memory + ((long)i * Event.Size)) = e;
        }
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
