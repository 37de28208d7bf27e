using System;
using System.Text;
using LowLatency.Core.Events;
using LowLatency.Core.Values;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>
/// From the bytes that a connection hands over to the events, and from a command to the bytes that it takes, nothing is
/// allocated.
/// </summary>
public sealed class LiveAllocationTests
{
    private const int Rounds = 20;

    [Fact]
    public void A_live_account_allocates_nothing_between_its_connections_and_the_engine()
    {
        Quiet? transport = null;
        LiveBench bench = new(transport: (host, clock) => transport = new Quiet(new VirtualNet(clock, host)));
        bench.Ready();
        bench.Run(VirtualClock.Second);
        OrderId order = OrderId.Of(3, 1_000, 0);
        string link = LiveBench.LinkOf(order);
        transport!.Of("/trade").Begin("""{"retCode":0,"retMsg":"OK","op":"pong","data":["1"],"connId":"c"}""");
        transport.Of("/private").Begin(
            $$"""{"id":"a","topic":"order","creationTime":1786000001000,"data":[{"category":"linear","symbol":"BTCUSDT","orderId":"5cf98598-39a7-459e-97bf-76ca765ee020","orderLinkId":"{{link}}","price":"65000.10","qty":"0.500","side":"Buy","orderStatus":"New","cumExecQty":"0","createdTime":"1786000000990","updatedTime":"1786000000990","cancelType":"UNKNOWN","rejectReason":"EC_NoError"}]}""",
            $$"""{"id":"h","topic":"execution","creationTime":1786000002000,"data":[{"category":"linear","symbol":"BTCUSDT","execFee":"0.005061","execId":"7e2ae69c-4edf-5800-a352-893d52b446aa","execPrice":"65000.1","execQty":"0.1","execType":"Trade","isMaker":false,"leavesQty":"0.4","orderId":"f6e324ff-99c2-4e89-9739-3086e47f9381","orderLinkId":"{{link}}","orderQty":"0.5","side":"Buy","execTime":"1786000001443"}]}""");
        Command command = new()
        {
            Order = order,
            Instrument = LiveBench.Instrument,
            Verb = CommandVerb.New,
            Side = Side.Buy,
            Type = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Price = 6_500_000,
            Quantity = 500,
        };
        int events = 0;
        Work(bench, command, ref events);
        long sent = transport.Of("/trade").Bytes;
        int before = events;
        long start = GC.GetAllocatedBytesForCurrentThread();
        Work(bench, command, ref events);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - start);
        Assert.True(events - before >= 3 * Rounds, $"{events - before} events");
        Assert.True(transport.Of("/trade").Bytes - sent > 200 * Rounds, "the orders did not leave");
        Assert.True(bench.Account.IsReady);
    }

    [Fact]
    public void An_allocation_would_be_seen()
    {
        long start = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new byte[8]);
        Assert.NotEqual(0, GC.GetAllocatedBytesForCurrentThread() - start);
    }

    private static void Work(LiveBench bench, in Command command, ref int events)
    {
        Event e = default;
        for (int i = 0; i < Rounds; i++)
        {
            bench.Clock.Advance(150 * VirtualClock.Millisecond);
            bench.Account.Submit(command, 5_000 + i, bench.Clock.Now);

            // One duty cycle: the connections play their messages at each one.
            bool any = bench.Account.Poll(bench.Clock.Now, ref e);
            while (any)
            {
                events++;
                any = bench.Account.NextDue != long.MaxValue && bench.Account.Poll(bench.Clock.Now, ref e);
            }
        }
    }

    /// <summary>Connections that play the same messages at each duty cycle and swallow what is sent.</summary>
    private sealed class Quiet(VirtualNet net) : ITransport
    {
        private readonly System.Collections.Generic.List<Line> _lines = [];

        public IConnection Connection(string url)
        {
            _lines.Add(new Line(net.Connection(url), url));
            return _lines[^1];
        }

        public IRestClient Rest(string url) => net.Rest(url);

        public Line Of(string end) => _lines.Find(line => line.Url.EndsWith(end, StringComparison.Ordinal))!;
    }

    private sealed class Line(IConnection inner, string url) : IConnection
    {
        private byte[][]? _frames;
        private int _next;

        public string Url => url;

        public long Bytes { get; private set; }

        public void Begin(params string[] frames) => _frames = Array.ConvertAll(frames, Encoding.UTF8.GetBytes);

        public void Open() => inner.Open();

        public void Close() => inner.Close();

        public bool TrySend(ReadOnlySpan<byte> message, long number = 0)
        {
            Bytes += message.Length;
            return _frames is not null || inner.TrySend(message, number);
        }

        public ConnectionSignal Poll(out ReadOnlySpan<byte> frame, out long receivedAt)
        {
            if (_frames is null)
            {
                return inner.Poll(out frame, out receivedAt);
            }

            bool isDone = _next == _frames.Length;
            _next = isDone ? 0 : _next;
            frame = isDone ? default : _frames[_next++];
            receivedAt = long.MaxValue;
            return isDone ? ConnectionSignal.Nothing : ConnectionSignal.Frame;
        }
    }
}
