using System;
using System.Collections.Generic;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Engine.Network;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>A pipe between two threads gives back what was put in, in order, and never more than it holds.</summary>
public sealed class FramePipeTests
{
    [Fact]
    public void What_is_put_in_comes_out_whatever_the_sizes()
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            Xoshiro256 dice = new(seed);
            FramePipe pipe = new(256 << (int)dice.NextBelow(4));
            Queue<(byte Mark, long Stamp, byte[] Bytes)> model = new();
            for (int i = 0; i < 500; i++)
            {
                if (dice.NextBelow(2) == 0)
                {
                    byte[] bytes = new byte[dice.NextBelow(pipe.MessageMax + 1)];
                    Array.Fill(bytes, (byte)i);
                    if (pipe.TryWrite((byte)i, i, bytes))
                    {
                        model.Enqueue(((byte)i, i, bytes));
                    }
                    else if (model.Count == 0)
                    {
                        // What was read last is still held; then there is room for the longest message.
                        Assert.False(pipe.TryRead(out _, out _, out _));
                        Assert.True(pipe.TryWrite((byte)i, i, bytes));
                        model.Enqueue(((byte)i, i, bytes));
                    }
                }
                else if (model.TryDequeue(out (byte Mark, long Stamp, byte[] Bytes) expected))
                {
                    Assert.True(pipe.TryRead(out byte mark, out long stamp, out ReadOnlyMemory<byte> message));
                    Assert.Equal((expected.Mark, expected.Stamp), (mark, stamp));
                    Assert.True(message.Span.SequenceEqual(expected.Bytes), $"seed {seed}");
                }
                else
                {
                    Assert.False(pipe.TryRead(out _, out _, out _));
                }
            }
        }
    }

    [Fact]
    public void A_full_pipe_refuses_and_takes_again_when_a_message_was_given_back()
    {
        FramePipe pipe = new(256);
        int taken = 0;
        while (pipe.TryWrite(1, 1, new byte[32]))
        {
            taken++;
        }

        Assert.Equal(5, taken);
        Assert.True(pipe.TryRead(out _, out _, out ReadOnlyMemory<byte> held));
        Assert.False(pipe.TryWrite(1, 1, new byte[32]), "what is being read was overwritten");
        Assert.Equal(32, held.Length);
        Assert.True(pipe.TryRead(out _, out _, out _));
        Assert.True(pipe.TryWrite(1, 1, new byte[32]));
    }

    [Fact]
    public void Two_threads_see_the_same_messages_in_the_same_order()
    {
        const int count = 200_000;
        FramePipe pipe = new(1 << 12);
        Thread writer = new(() =>
        {
            byte[] bytes = new byte[200];
            for (int i = 0; i < count;)
            {
                int length = i % 200;
                Array.Fill(bytes, (byte)i, 0, length);
                if (pipe.TryWrite((byte)i, i, bytes.AsSpan(0, length)))
                {
                    i++;
                }
                else
                {
                    Thread.Yield();
                }
            }
        });
        writer.Start();
        for (int i = 0; i < count;)
        {
            if (!pipe.TryRead(out byte mark, out long stamp, out ReadOnlyMemory<byte> message))
            {
                Thread.Yield();
                continue;
            }

            Assert.True(mark == (byte)i && stamp == i && message.Length == i % 200);
            Assert.False(message.Span.ContainsAnyExcept((byte)i));
            i++;
        }

        writer.Join();
    }
}
