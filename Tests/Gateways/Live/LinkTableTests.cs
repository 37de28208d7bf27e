using System;
using System.Collections.Generic;
using LowLatency.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Gateways.Live;

/// <summary>Every state of a connection meets everything that can happen to it: there is no cell without an answer.</summary>
public sealed class LinkTableTests
{
    private const long Second = 1_000_000_000;

    /// <summary>What can happen, and the state after it: by Opening, Greeting, Live.</summary>
    private static readonly (Happening What, LinkState?[] After)[] Expected =
    [
        (Happening.Nothing, [LinkState.Opening, LinkState.Greeting, LinkState.Live]),

        // A connection opens once: twice is a defect of what stands behind it, and stops the engine.
        (Happening.Opened, [LinkState.Greeting, null, null]),
        (Happening.StepDone, [LinkState.Opening, LinkState.Live, LinkState.Live]),
        (Happening.OtherMessage, [LinkState.Opening, LinkState.Greeting, LinkState.Live]),
        (Happening.Broken, [LinkState.Down, LinkState.Down, LinkState.Down]),
        (Happening.Refused, [LinkState.Down, LinkState.Down, LinkState.Down]),
        (Happening.Closed, [LinkState.Down, LinkState.Down, LinkState.Down]),
        (Happening.Silence, [LinkState.Down, LinkState.Down, LinkState.Down]),
        (Happening.Sleep, [LinkState.Down, LinkState.Down, LinkState.Down]),
        (Happening.Dropped, [LinkState.Down, LinkState.Down, LinkState.Down]),
    ];

    public enum Happening
    {
        Nothing,
        Opened,
        StepDone,
        OtherMessage,
        Broken,
        Refused,
        Closed,
        Silence,
        Sleep,
        Dropped,
    }

    public static TheoryData<Happening, LinkState> Cells
    {
        get
        {
            TheoryData<Happening, LinkState> cells = [];
            foreach (Happening what in Enum.GetValues<Happening>())
            {
                foreach (LinkState state in (ReadOnlySpan<LinkState>)[LinkState.Opening, LinkState.Greeting, LinkState.Live])
                {
                    cells.Add(what, state);
                }
            }

            return cells;
        }
    }

    [Fact]
    public void The_table_has_a_row_for_everything_that_can_happen() =>
        Assert.Equal(Enum.GetValues<Happening>(), Array.ConvertAll(Expected, row => row.What));

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_leads_where_the_table_says(Happening what, LinkState state)
    {
        LinkState? after = Expected[(int)what].After[(int)state - 1];
        Wire wire = new();
        Link link = wire.In(state);
        if (after is null)
        {
            Assert.ThrowsAny<Exception>(() => wire.Let(what));
            return;
        }

        wire.Let(what);
        Assert.Equal(after, link.State);

        // The layer above hears once of each life, and of its end.
        Assert.Equal(state == LinkState.Live || after == LinkState.Live ? 1 : 0, link.Lives);
        Assert.Equal(state == LinkState.Live && after == LinkState.Down ? 1 : 0, link.Ends);
        Assert.Equal(link.Ends, link.Losses);
    }

    /// <summary>From wherever it fell, it comes back by itself, and the venue's refusal is given its time.</summary>
    [Theory]
    [InlineData(Happening.Closed, 1)]
    [InlineData(Happening.Refused, 61)]
    public void Down_is_left_by_time_alone(Happening what, int seconds)
    {
        Wire wire = new();
        Link link = wire.In(LinkState.Live);
        wire.Let(what);
        Assert.False(link.TrySend("x"u8));
        int opened = wire.Opened;
        wire.Run(seconds == 1 ? 1 : (seconds - 2) * Second);
        Assert.Equal(opened, wire.Opened);
        wire.Run(2 * Second);
        Assert.Equal(opened + 1, wire.Opened);
        Assert.Equal(LinkState.Opening, link.State);
    }

    private sealed class Wire : IConnection
    {
        private readonly Queue<(ConnectionSignal Signal, byte Mark)> _signals = new();
        private readonly EventOutbox _outbox = new();
        private readonly Link _link;
        private readonly byte[] _frame = new byte[1];
        private long _now = 1_786_000_000 * Second;

        internal Wire() => _link = new Link(this);

        internal int Opened { get; private set; }

        public void Open() => Opened++;

        public void Close() => _signals.Clear();

        public bool TrySend(ReadOnlySpan<byte> message, long number = 0) => true;

        public ConnectionSignal Poll(out ReadOnlySpan<byte> frame, out long receivedAt)
        {
            frame = default;
            receivedAt = _now;
            if (!_signals.TryDequeue(out (ConnectionSignal Signal, byte Mark) next))
            {
                return ConnectionSignal.Nothing;
            }

            _frame[0] = next.Mark;
            frame = next.Signal == ConnectionSignal.Frame ? _frame : default;
            return next.Signal;
        }

        internal Link In(LinkState state)
        {
            Run(1);
            if (state != LinkState.Opening)
            {
                Let(Happening.Opened);
            }

            if (state == LinkState.Live)
            {
                Let(Happening.StepDone);
            }

            Assert.Equal(state, _link.State);
            return _link;
        }

        internal void Let(Happening what)
        {
            switch (what)
            {
                case Happening.Opened:
                    _signals.Enqueue((ConnectionSignal.Opened, 0));
                    break;
                case Happening.Closed:
                    _signals.Enqueue((ConnectionSignal.Closed, 0));
                    break;
                case Happening.StepDone:
                    _signals.Enqueue((ConnectionSignal.Frame, (byte)LinkAnswer.StepDone));
                    break;
                case Happening.OtherMessage:
                    _signals.Enqueue((ConnectionSignal.Frame, (byte)LinkAnswer.Other));
                    break;
                case Happening.Broken:
                    _signals.Enqueue((ConnectionSignal.Frame, (byte)LinkAnswer.Broken));
                    break;
                case Happening.Refused:
                    _signals.Enqueue((ConnectionSignal.Frame, (byte)LinkAnswer.Refused));
                    break;
                case Happening.Dropped:
                    _link.Drop(_now);
                    return;
                case Happening.Silence:
                    int opened = Opened;
                    for (int i = 0; _link.State != LinkState.Down && i < 120 && opened == Opened; i++)
                    {
                        Run(Second / 10);
                    }

                    return;
                case Happening.Sleep:
                    Step(2 * LiveLink.SleepMax);
                    return;
            }

            Run(1);
        }

        internal void Run(long nanoseconds)
        {
            for (long left = nanoseconds; left > 0; left -= Second / 10)
            {
                Step(Math.Min(left, Second / 10));
            }
        }

        private void Step(long nanoseconds)
        {
            _now += nanoseconds;
            _link.Poll(_now, _outbox);
        }
    }

    private sealed class Link(IConnection connection)
        : LiveLink(connection, new ConnectPace(new RateBudget(100, Second), 1), LinkTimes.OrderEntry)
    {
        internal int Lives { get; private set; }

        internal int Ends { get; private set; }

        protected override int WriteStep(int step, long now, Span<byte> destination)
        {
            destination[0] = (byte)'g';
            return step == 0 ? 1 : 0;
        }

        protected override int WriteProbe(long now, Span<byte> destination)
        {
            destination[0] = (byte)'p';
            return 1;
        }

        protected override LinkAnswer OnFrame(int step, ReadOnlySpan<byte> frame, long receivedAt, long now) => (LinkAnswer)frame[0];

        protected override void OnLive(long now) => Lives++;

        protected override void OnLost(long now) => Ends++;
    }
}
