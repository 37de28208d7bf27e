using System;
using System.Linq;
using LowLatency.Core.Values;
using LowLatency.Engine.Live;
using LowLatency.Gateways.Bybit;
using LowLatency.Gateways.Live;
using LowLatency.Gateways.Wire;
using LowLatency.Tests.Gateways.Live;
using Xunit;

namespace LowLatency.Tests.Engine.Live;

/// <summary>Orders are taken away without a run, and nothing is called gone that a reading could not have seen yet.</summary>
public sealed class AccountSweepTests
{
    private const long Second = VirtualClock.Second;

    private readonly VirtualClock _clock = new();
    private readonly FakeBybit _venue;
    private readonly VirtualNet _net;

    public AccountSweepTests()
    {
        _venue = new FakeBybit(_clock);
        _net = new VirtualNet(_clock, _venue);
    }

    [Theory]
    [InlineData("Ours", true)]
    [InlineData("All", false)]
    public void What_is_in_its_scope_is_taken_away_and_the_rest_works_on(string scope, bool othersWork)
    {
        AccountSweep sweep = Sweep(Enum.Parse<SweepScope>(scope));
        for (int i = 0; i < 30; i++)
        {
            _venue.Appear(Ours(i), 60_000 + i, 0.01m);
        }

        _venue.Appear("somebody-elses", 60_000, 0.01m);
        Run(sweep, 3 * Second);
        Assert.Equal(31, _venue.Orders.Values.Count(order => order.IsOpen));
        sweep.Begin(_clock.Now);
        Until(sweep);
        Assert.Equal(othersWork ? ["somebody-elses"] : [], _venue.Orders.Values.Where(order => order.IsOpen).Select(order => order.Link));
        Assert.Equal(0, sweep.Left);
        Assert.DoesNotContain(_venue.Arrivals.Keys, arrival => arrival.Verb is "create" or "amend");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void An_order_that_was_under_way_when_it_began_is_waited_for(bool isPlanted, bool isTakenAway)
    {
        // The planted bug: the first empty list is believed.
        AccountSweep sweep = isPlanted
            ? new AccountSweep(new LiveAccounts([Account()], [1]), SweepScope.Ours, settle: 0)
            : Sweep(SweepScope.Ours);
        Run(sweep, 3 * Second);
        sweep.Begin(_clock.Now);
        _clock.After(2 * Second, () => _venue.Appear(Ours(1), 60_000, 0.01m));
        Until(sweep);
        Run(sweep, 5 * Second);
        Assert.Equal(isTakenAway, !_venue.Orders.TryGetValue(Ours(1), out FakeOrder? late) || !late.IsOpen);
        Assert.Equal(isTakenAway ? 1 : 0, sweep.Cancels);
    }

    [Theory]
    [InlineData("cancels are refused")]
    [InlineData("cancels are lost")]
    [InlineData("lists cannot be read")]
    [InlineData("nothing can be read")]
    public void It_is_not_proven_while_the_venue_does_not_show_it(string how)
    {
        AccountSweep sweep = Sweep(SweepScope.Ours);
        Run(sweep, 3 * Second);
        _venue.Appear(Ours(1), 60_000, 0.01m);
        _venue.FaultOf = (verb, _) => verb != "cancel" ? Fault.None
            : how == "cancels are refused" ? Fault.Refused
            : how == "cancels are lost" ? Fault.RequestLost
            : Fault.None;
        _venue.ReadFails = path => how == "nothing can be read"
            || (how == "lists cannot be read" && path.StartsWith("/v5/order/realtime", StringComparison.Ordinal));
        sweep.Begin(_clock.Now);
        Run(sweep, 30 * Second);
        Assert.False(sweep.IsProven);
        Assert.True(_venue.Orders[Ours(1)].IsOpen);
        Assert.Equal(how.StartsWith("cancels", StringComparison.Ordinal), sweep.Cancels > 3);

        // It goes on until it is.
        _venue.FaultOf = (_, _) => Fault.None;
        _venue.ReadFails = _ => false;
        Until(sweep);
        Assert.False(_venue.Orders[Ours(1)].IsOpen);
    }

    /// <summary>Whoever knows no instrument knows no list to ask for, and no order by its name: that is no empty account.</summary>
    [Fact]
    public void Nothing_is_proven_before_every_instrument_is_known()
    {
        AccountSweep sweep = Sweep(SweepScope.Ours);
        _venue.Appear(Ours(1), 60_000, 0.01m);
        _venue.ReadFails = path => path.StartsWith("/v5/market/instruments-info", StringComparison.Ordinal);
        sweep.Begin(_clock.Now);
        Run(sweep, 30 * Second);
        Assert.False(sweep.IsProven);
        Assert.False(sweep.WasRead);
        Assert.True(_venue.Orders[Ours(1)].IsOpen);

        _venue.ReadFails = _ => false;
        Until(sweep);
        Assert.False(_venue.Orders[Ours(1)].IsOpen);
    }

    [Fact]
    public void No_stream_is_needed()
    {
        _venue.RefusesKey = true;
        AccountSweep sweep = Sweep(SweepScope.Ours);
        _venue.Appear(Ours(1), 60_000, 0.01m);
        Run(sweep, 3 * Second);
        sweep.Begin(_clock.Now);
        Until(sweep);
        Assert.False(_venue.Orders[Ours(1)].IsOpen);
    }

    private static string Ours(int number) => LiveRunBench.LinkOf(OrderId.Of(4, 100 + number, 0));

    private AccountSweep Sweep(SweepScope scope) =>
        LiveVenues.Sweep(LiveRunBench.Configure(), [Credentials.Of("key", "secret")], _net, scope, _clock.Now);

    private BybitVenue Account() => new(
        new BybitSettings
        {
            Hosts = new BybitHosts("http://host", "ws://host/public", "ws://host/private", null),
            Instance = LiveRunBench.Instance,
            Instruments = [new BybitInstrument(new InstrumentId(1), "BTCUSDT", InstrumentKind.Linear)],
            NeedsStream = false,
        },
        Credentials.Of("key", "secret"),
        new InstrumentTable(),
        _net,
        new KillLatch());

    private void Run(AccountSweep sweep, long nanoseconds)
    {
        for (long end = _clock.Now + nanoseconds; _clock.Now < end;)
        {
            _clock.Advance(10 * VirtualClock.Millisecond);
            sweep.Poll(_clock.Now);
        }
    }

    private void Until(AccountSweep sweep)
    {
        for (long end = _clock.Now + (60 * Second); !sweep.IsProven && _clock.Now < end;)
        {
            Run(sweep, 10 * VirtualClock.Millisecond);
        }

        Assert.True(sweep.IsProven, $"{sweep.Left} are left");
    }
}
