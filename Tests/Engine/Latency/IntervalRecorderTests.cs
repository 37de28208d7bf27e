using System;
using System.Threading;
using LowLatency.Core.Formats.Histogram;
using LowLatency.Engine.Latency;
using Xunit;

namespace LowLatency.Tests.Engine.Latency;

public sealed class IntervalRecorderTests
{
    private const long Values = 3_000_000;

    [Fact]
    public void Every_value_is_in_exactly_one_interval()
    {
        HdrHistogram expected = new(IntervalRecorder.Highest, 3);
        for (long i = 0; i < Values; i++)
        {
            expected.RecordValue(i % 1_000);
        }

        // On a busy machine the reader may hardly run while values come in: then it is tried again.
        int most = 0;
        for (int attempt = 0; attempt < 100 && most <= 2; attempt++)
        {
            IntervalRecorder recorder = new();
            (HdrHistogram sum, int intervals) = Drain(
                record: recorder.Record,
                take: add =>
                {
                    recorder.Ask();
                    if (recorder.TryTake(out HdrHistogram interval))
                    {
                        add(interval);
                        recorder.GiveBack();
                    }
                },
                rest: add =>
                {
                    if (recorder.TryTake(out HdrHistogram late))
                    {
                        add(late);
                        recorder.GiveBack();
                    }

                    add(recorder.Rest);
                });
            Assert.Equal(expected.Counts.ToArray(), sum.Counts.ToArray());
            most = Math.Max(most, intervals);
        }

        Assert.True(most > 2, "hardly an interval was taken while values came in");
    }

    [Fact]
    public void Taking_without_asking_the_writer_is_caught_by_the_same_count()
    {
        // The planted bug: the reader copies and empties the histogram that the writer is filling.
        HdrHistogram shared = new(IntervalRecorder.Highest, 3);
        for (int attempt = 0; attempt < 50; attempt++)
        {
            shared.Reset();
            (HdrHistogram sum, _) = Drain(
                record: value => shared.RecordValue(value),
                take: add =>
                {
                    add(shared);
                    shared.Reset();
                },
                rest: add => add(shared));
            if (sum.TotalCount != Values || Sum(sum) != Values)
            {
                return;
            }
        }

        Assert.Fail("fifty races, and not a single value was lost");
    }

    [Fact]
    public void An_idle_writer_keeps_its_interval_open_and_loses_nothing()
    {
        IntervalRecorder recorder = new();
        recorder.Record(5);
        recorder.Ask();
        Assert.False(recorder.TryTake(out _));
        recorder.Ask();
        recorder.Record(7);
        Assert.True(recorder.TryTake(out HdrHistogram interval));
        Assert.Equal(1, interval.TotalCount);
        Assert.Equal(1, interval.CountAtValue(5));

        // Asked again before it is given back: nothing changes hands.
        recorder.Ask();
        recorder.Record(8);
        Assert.True(recorder.TryTake(out HdrHistogram same));
        Assert.Same(interval, same);
        Assert.Equal(1, same.TotalCount);
        recorder.GiveBack();
        Assert.False(recorder.TryTake(out _));
        Assert.Equal(2, recorder.Rest.TotalCount);
    }

    [Fact]
    public void Values_out_of_range_are_counted_as_refused()
    {
        IntervalRecorder recorder = new();
        recorder.Record(IntervalRecorder.Highest);
        recorder.Record(IntervalRecorder.Highest + 1);
        recorder.Record(-1);
        Assert.Equal(1, recorder.Rest.TotalCount);
        Assert.Equal(2, recorder.Rest.RefusedCount);
    }

    [Fact]
    public void Recording_and_handing_over_allocate_nothing()
    {
        LatencyMeter meter = new(LatencyDetail.Hops);
        MeasuredLaps laps = new MeasuredLaps(meter).Of(ownThread: true);
        IntervalRecorder recorder = meter[Hop.Journal]!;
        Measure();
        Assert.Equal(0, Measure());

        // The negative control: the counter does see an allocation.
        long before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new byte[100]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before >= 100);

        long Measure()
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                meter.Begin();
                laps.Resume();
                laps.Lap(Hop.Journal);
                meter.End(commanded: i % 2 == 0);
                recorder.Ask();
                if (recorder.TryTake(out _))
                {
                    recorder.GiveBack();
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - start;
        }
    }

    private static (HdrHistogram Sum, int Intervals) Drain(
        Action<long> record, Action<Action<HdrHistogram>> take, Action<Action<HdrHistogram>> rest)
    {
        HdrHistogram sum = new(IntervalRecorder.Highest, 3);
        int intervals = 0;
        using ManualResetEventSlim written = new(false);
        Exception? failure = null;
        Thread writer = new(() =>
        {
            try
            {
                for (long i = 0; i < Values; i++)
                {
                    record(i % 1_000);
                }
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            written.Set();
        });
        writer.Start();
        while (!written.IsSet)
        {
            take(Add);
            Thread.Yield();
        }

        writer.Join();
        Assert.Null(failure);
        rest(Add);
        return (sum, intervals);

        void Add(HdrHistogram interval)
        {
            sum.TryAdd(interval);
            intervals += interval.TotalCount == 0 ? 0 : 1;
        }
    }

    private static long Sum(HdrHistogram histogram)
    {
        long sum = 0;
        foreach (long count in histogram.Counts)
        {
            sum += count;
        }

        return sum;
    }
}
