using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Bybit;
using LowLatency.Sandbox;
using LowLatency.Tests.Engine.Network;
using LowLatency.Tests.Support;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>
/// What a live run opens it gives back: files, mappings, sockets, and the objects themselves. Only its own are counted, so that
/// what other tests do beside it does not matter.
/// </summary>
[Collection("LiveSockets")]
public sealed class LiveLeakTests : IDisposable
{
    private const int Cycles = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_that_start_and_stop_leave_no_descriptor_no_mapping_no_socket_and_no_object()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fd"), "what a process has open is read from /proc");
        List<WeakReference> runs = [];
        for (int i = 0; i < Cycles; i++)
        {
            runs.Add(Cycle());
            Assert.Equal(0, Open());
        }

        Until(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return runs.TrueForAll(run => !run.IsAlive);
        });
    }

    [Fact]
    public async Task Connections_that_are_made_and_ended_leave_no_socket()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self/fd"), "what a process has open is read from /proc");
        await using SandboxServer sandbox = await SandboxServer.StartAsync(new SandboxOptions { RateFactor = 10 });
        for (int i = 0; i < Cycles / 2; i++)
        {
            using (LiveRig<BybitVenue> rig = LiveRig.Bybit(sandbox))
            {
                rig.Until(() => rig.Account.IsReady && rig.BestBid > 0);

                // The meter sees them: the stream of the account, that of orders, that of the market, and requests.
                Assert.InRange(SocketsTo(sandbox.Http.Port), 4, 64);
            }

            Until(() => SocketsTo(sandbox.Http.Port) == 0);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Cycle()
    {
        using LiveRunBench bench = new LiveRunBench(_folder.Path).Trading();
        Assert.InRange(Open(), 4, 256);
        bench.IsStopAsked = true;
        bench.Until(() => bench.Life.Stopped is not null);
        bench.For(Gateways.Live.VirtualClock.Second);
        Assert.Equal(StopKind.Clean, bench.Life.Stopped!.Kind);
        bench.Finish();
        return new WeakReference(bench.Life);
    }

    /// <summary>Descriptors and mappings of the folder's files, and sockets bound there.</summary>
    private int Open()
    {
        int open = 0;
        foreach (string descriptor in Directory.GetFiles("/proc/self/fd"))
        {
            open += new FileInfo(descriptor).LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) == true ? 1 : 0;
        }

        open += File.ReadLines("/proc/self/maps").Count(line => line.Contains(_folder.Path, StringComparison.Ordinal));
        return open + File.ReadLines("/proc/net/unix").Count(line => line.Contains(_folder.Path, StringComparison.Ordinal));
    }

    /// <summary>This process's ends of connections to a port: those that are established, not those that the system lets expire.</summary>
    private static int SocketsTo(int port)
    {
        const int remote = 2;
        const int state = 3;
        const string established = "01";
        string end = ":" + port.ToString("X4", null);
        return File.ReadLines("/proc/net/tcp").Concat(File.Exists("/proc/net/tcp6") ? File.ReadLines("/proc/net/tcp6") : [])
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(words => words.Length > state && words[remote].EndsWith(end, StringComparison.Ordinal) && words[state] == established);
    }

    private static void Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "it is not given back");
            Thread.Yield();
        }
    }
}
