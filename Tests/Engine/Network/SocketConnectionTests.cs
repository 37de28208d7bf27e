using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Engine.Live;
using LowLatency.Engine.Network;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Network;

/// <summary>An order leaves a connection only while it may, at the moment at which its first byte would leave.</summary>
[Collection("LiveSockets")]
public sealed class SocketConnectionTests
{
    [Theory]
    [InlineData("killed", false)]
    [InlineData("lapsed", false)]
    [InlineData("allowed", true)]
    public async Task An_order_is_held_back_and_told_and_what_follows_it_leaves(string what, bool leaves)
    {
        using HttpListener listener = new();
        Uri address = Listen(listener);
        List<string> heard = [];
        Task serving = ServeAsync(listener, heard);
        KillLatch kill = new();
        LiveLease lease = new(kill);
        if (what != "lapsed")
        {
            lease.Beat();
        }

        // The lease lasts a second, which a slow machine may need: it is the kill switch's turn or nobody's.
        ISendPermit permit = what == "lapsed" ? lease : kill;
        using SocketConnection connection = new(address, new LiveClock(), permit);
        connection.Open();
        Assert.Equal(ConnectionSignal.Opened, Next(connection, out _));
        if (what == "killed")
        {
            kill.Set();
        }

        Assert.True(connection.TrySend("order"u8, 77));
        Assert.True(connection.TrySend("cancel"u8));
        if (!leaves)
        {
            Assert.Equal(ConnectionSignal.Held, Next(connection, out byte[] number));
            Assert.Equal(77, BinaryPrimitives.ReadInt64LittleEndian(number));
        }

        Assert.Equal(ConnectionSignal.Frame, Next(connection, out byte[] echo));
        Assert.Equal(leaves ? "order" : "cancel", Encoding.UTF8.GetString(echo));
        connection.Close();
        await serving;
        Assert.Equal(leaves, heard.Contains("order"));
    }

    private static ConnectionSignal Next(SocketConnection connection, out byte[] frame)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 60)
        {
            ConnectionSignal signal = connection.Poll(out ReadOnlySpan<byte> bytes, out _);
            if (signal != ConnectionSignal.Nothing)
            {
                frame = bytes.ToArray();
                return signal;
            }

            Thread.Yield();
        }

        throw new TimeoutException("the connection tells nothing");
    }

    private static async Task ServeAsync(HttpListener listener, List<string> heard)
    {
        HttpListenerContext context = await listener.GetContextAsync();
        WebSocket socket = (await context.AcceptWebSocketAsync(null)).WebSocket;
        byte[] buffer = new byte[1024];
        try
        {
            while (true)
            {
                WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, CancellationToken.None);
                heard.Add(Encoding.UTF8.GetString(buffer, 0, part.Count));
                await socket.SendAsync(buffer.AsMemory(0, part.Count), WebSocketMessageType.Text, true, CancellationToken.None);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or HttpListenerException or InvalidOperationException)
        {
            // The other end is done.
        }
    }

    private static Uri Listen(HttpListener listener)
    {
        for (int port = 50_000 + (Environment.ProcessId % 5_000); ; port++)
        {
            listener.Prefixes.Clear();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return new Uri($"ws://127.0.0.1:{port}/");
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                // Somebody else's port.
            }
        }
    }
}
