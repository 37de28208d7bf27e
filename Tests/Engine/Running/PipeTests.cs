using System.IO;
using System.Threading;
using LowLatency.Core.Events;
using LowLatency.Core.Ring;
using LowLatency.Engine.Running;
using Xunit;

namespace LowLatency.Tests.Engine.Running;

/// <summary>The bounded pipe between the market's thread and the hot thread, and the thread that fills it.</summary>
public sealed class PipeTests
{
    [Fact]
    public void Everything_comes_out_once_in_order_however_small_the_pipe_is()
    {
        const int count = 10_000;
        Event?[] script = new Event?[count];
        for (int i = 0; i < count; i++)
        {
            script[i] = i % 97 == 5 ? null : ScriptedSource.Input(i);
        }

        using Pipe pipe = new(64, new YieldingWaitStrategy());
        using MarketThread thread = new(new ScriptedSource(script), pipe, speed: 0);
        thread.Start();
        Event e = default;
        long expected = 0;
        while (true)
        {
            ReadResult result = pipe.Read(ref e);
            if (result == ReadResult.End)
            {
                break;
            }

            if (result == ReadResult.Idle)
            {
                Thread.Yield();
                continue;
            }

            if (expected % 97 == 5)
            {
                expected++;
            }

            Assert.Equal(expected++, e.ReceivedAt);
        }

        Assert.Equal(count, expected);
        Assert.Equal(ReadResult.End, pipe.Read(ref e));
    }

    [Fact]
    public void What_was_written_before_the_end_is_read_before_the_end_is_believed()
    {
        using Pipe pipe = new(8, new YieldingWaitStrategy());
        Event e = ScriptedSource.Input(7);
        Assert.Equal(ReadResult.Idle, pipe.Read(ref e));
        Assert.True(pipe.Write(ScriptedSource.Input(7)));
        pipe.End(null);
        Assert.Equal(ReadResult.Event, pipe.Read(ref e));
        Assert.Equal(7, e.ReceivedAt);
        Assert.Equal(ReadResult.End, pipe.Read(ref e));
    }

    [Fact]
    public void A_failure_of_the_market_reaches_the_reader_as_it_was_after_all_that_came_before()
    {
        using Pipe pipe = new(64, new YieldingWaitStrategy());
        using MarketThread thread = new(
            new ScriptedSource(ScriptedSource.Input(1), ScriptedSource.Input(2))
            {
                FailAtEnd = new InvalidDataException("line 3 is broken"),
            },
            pipe,
            speed: 0);
        thread.Start();
        Event e = default;
        int read = 0;
        ReadResult result = ReadResult.Idle;
        InvalidDataException failure = Assert.Throws<InvalidDataException>(() =>
        {
            while (result != ReadResult.End)
            {
                result = pipe.Read(ref e);
                read += result == ReadResult.Event ? 1 : 0;
            }
        });
        Assert.Equal("line 3 is broken", failure.Message);
        Assert.Equal(2, read);
    }

    [Fact]
    public void A_writer_that_waits_for_room_is_let_go_when_the_reader_is_gone()
    {
        using Pipe pipe = new(4, new YieldingWaitStrategy());
        using ManualResetEventSlim full = new(false);
        bool? last = null;
        Thread writer = new(() =>
        {
            for (int i = 0; i < 4; i++)
            {
                pipe.Write(ScriptedSource.Input(i));
            }

            full.Set();
            last = pipe.Write(ScriptedSource.Input(4));
        });
        writer.Start();
        full.Wait(TestContext.Current.CancellationToken);
        pipe.Close();
        writer.Join();
        Assert.False(last);
    }

    [Fact]
    public void A_paced_market_waits_for_its_time_and_can_be_left_while_it_waits()
    {
        const long hour = 3_600_000_000_000;
        using Pipe pipe = new(64, new YieldingWaitStrategy());
        MarketThread thread = new(
            new ScriptedSource(ScriptedSource.Input(hour), ScriptedSource.Input(2 * hour), ScriptedSource.Input(3 * hour)),
            pipe,
            speed: 1);
        thread.Start();
        Event e = default;
        while (pipe.Read(ref e) != ReadResult.Event)
        {
            Thread.Yield();
        }

        // The first sets the clock; the second is an hour away, and nothing waits for it here.
        Assert.Equal(hour, e.ReceivedAt);
        Assert.Equal(ReadResult.Idle, pipe.Read(ref e));
        thread.Dispose();
        Assert.Equal(ReadResult.End, pipe.Read(ref e));
    }

    [Fact]
    public void A_paced_market_says_the_same_as_one_that_runs_flat_out()
    {
        using Pipe pipe = new(64, new YieldingWaitStrategy());
        using MarketThread thread = new(
            new ScriptedSource(ScriptedSource.Input(10), ScriptedSource.Input(3_000_010), ScriptedSource.Input(4_000_010)),
            pipe,
            speed: 2);
        thread.Start();
        Event e = default;
        string said = string.Empty;
        while (true)
        {
            ReadResult result = pipe.Read(ref e);
            if (result == ReadResult.End)
            {
                break;
            }

            said += result == ReadResult.Event ? e.ReceivedAt + " " : string.Empty;
        }

        Assert.Equal("10 3000010 4000010 ", said);
    }
}
